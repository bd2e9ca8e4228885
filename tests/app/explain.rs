//! Why a product is in the feed or not, asked by a dry run.

use serde_json::{Value, json};

use crate::house::{FEED_BUCKET, House, sample};

const LISTING: &str = "/moreProducts/productWindow";

/// The products of the listing, to be changed.
fn document(change: impl FnOnce(&mut Vec<Value>)) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(&sample(40)).unwrap();
    change(document.pointer_mut(LISTING).unwrap().as_array_mut().unwrap());
    serde_json::to_vec(&document).unwrap()
}

fn ids(bytes: &[u8]) -> Vec<String> {
    let document: Value = serde_json::from_slice(bytes).unwrap();
    let all = document.pointer(LISTING).unwrap().as_array().unwrap().clone();
    all.iter().filter_map(|element| Some(element.pointer("/itemNo")?.as_str()?.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_a_changed_a_lost_a_new_and_an_unknown_product_are_explained() {
    let house = House::start().await;
    let all = ids(&sample(40));
    let [same, changed, lost] = [&all[0], &all[1], &all[2]];
    let published = house.call("export-products").await;
    let build = published.body["report"]["build"].clone();
    let public = house.public().await;
    house.catalogue.serve(
        200,
        document(|elements| {
            elements[1]["salesPrice"]["numeral"] = json!(12_345);
            elements[2]["onlineSellable"] = json!(false);
            let mut new = elements[0].clone();
            new["itemNo"] = json!("77777777");
            elements.push(new);
        }),
    );
    let state = house.gcs.names(crate::house::STATE_BUCKET);
    let files = house.s3.keys(FEED_BUCKET);
    let unknown = format!("{}9", &same[..same.len() - 1]);
    let route =
        format!("export-products?dry_run=true&explain=%20{same}%20,{changed},{lost},77777777,{unknown}");
    let answer = house.call(&route).await;
    assert_eq!(answer.status, 200, "{:#}", answer.body);
    let explained = answer.body["report"]["explained"].as_array().unwrap();
    let standings: Vec<_> = explained.iter().map(|why| why["standing"].as_str().unwrap()).collect();
    assert_eq!(standings, ["in_feed", "in_feed", "left_out", "in_feed", "not_in_source"]);
    assert_eq!(explained[0]["id"], json!(same));
    assert_eq!(explained[0]["changes"], json!([]), "{:#}", explained[0]);
    assert_eq!(explained[0]["published"]["build"], build);
    assert_eq!(explained[0]["published"]["row"][0], json!({"column": "id", "value": same}));
    assert_eq!(explained[0]["found"][0]["element"], 1);
    let moved = explained[1]["changes"].as_array().unwrap();
    assert!(
        moved.iter().any(|change| change["column"] == "price_pc" && change["now"] == "12345"),
        "{moved:?}"
    );
    assert_eq!(explained[2]["published"]["state"], "row", "it is published as yet");
    assert_eq!(explained[2]["found"][0]["fate"]["reason"], "not_sellable");
    assert_eq!(explained[3]["published"]["state"], "absent");
    assert_eq!(explained[4]["nearest"][0], json!(same), "{:#}", explained[4]);
    assert_eq!(house.public().await, public);
    assert_eq!(house.s3.keys(FEED_BUCKET), files, "a dry run leaves nothing");
    assert_eq!(house.gcs.names(crate::house::STATE_BUCKET), state);
    let plain = house.call("export-products?dry_run=true").await;
    assert_eq!(plain.body["report"].get("explained"), None, "who asks nothing is told nothing");
}

/// What `auto-ep explain` says with the settings of the house.
pub async fn command(house: &House, locale: &str, arguments: &[&str]) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_auto-ep"));
    command.env_clear().envs(&house.environment).env("LOCALE", locale).arg("explain").args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_of_a_build_that_would_be_held_is_said_to_stay_as_it_is_published() {
    let house = House::start().await;
    let all = ids(&sample(40));
    let [changed, lost] = [&all[0], &all[1]];
    house.call("export-products").await;
    let sound = command(&house, "en", &[changed]).await;
    assert!(sound.starts_with("A build of now would be published\n"), "{sound}");
    house.catalogue.serve(
        200,
        document(|elements| {
            elements[0]["salesPrice"]["numeral"] = json!(12_345);
            let mut new = elements[0].clone();
            new["itemNo"] = json!("77777777");
            elements.truncate(20);
            elements.push(new);
            elements.remove(1);
        }),
    );
    let ids = format!("{changed},{lost},77777777");
    let answer = house.call(&format!("export-products?dry_run=true&explain={ids}")).await;
    let report = &answer.body["report"];
    assert_eq!(
        (&report["publication"]["state"], report["explained"].as_array().unwrap().len()),
        (&json!("held"), 3)
    );
    let told: Value = serde_json::from_str(&command(&house, "en", &["--json", &ids]).await).unwrap();
    assert_eq!(told["publication"], report["publication"], "the command says what the route does");
    assert_eq!(told["explained"], report["explained"]);
    for (locale, parts) in [
        (
            "en",
            [
                "A build of now would be held, and nothing of what is published changes:\n  Fewer products than in the published feed: ",
                &format!("{changed} is a row of a build that would be held\n"),
                "What it would change of the published row, were it not held:\n    price_pc: ",
                "; it stays there as long as builds are held\n",
                "; it does not come as long as builds are held\n",
            ],
        ),
        (
            "ko",
            [
                "지금 생성하면 보류되어, 공개된 것은 바뀌지 않습니다:\n  공개된 피드보다 상품이 줄었습니다: ",
                &format!("{changed}: 피드에 들어갈 상품이지만, 지금 생성하면 보류됩니다\n"),
                "공개된 행과 다르지만, 보류되는 동안 바뀌지 않는 값:\n    price_pc: ",
                ", 보류되는 동안 그대로 남습니다\n",
                ", 보류되는 동안 들어가지 않습니다\n",
            ],
        ),
    ] {
        let told = command(&house, locale, &[&ids]).await;
        for part in parts {
            assert!(told.contains(part), "{part:?} in {told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_state_says_what_is_public_the_public_url_does() {
    let house = House::start().await;
    let id = ids(&sample(40)).remove(0);
    let route = format!("export-products?dry_run=true&explain={id}");
    let first = house.call(&route).await;
    assert_eq!(first.body["report"]["explained"][0]["published"], json!({"state": "no_feed"}));
    let build = house.call("export-products").await.body["report"]["build"].clone();
    let prefix = format!("ep/builds/{}.tsv", build.as_str().unwrap());
    house.s3.delete(FEED_BUCKET, &prefix);
    let again = house.call(&route).await;
    let published = &again.body["report"]["explained"][0]["published"];
    assert_eq!((&published["state"], &published["build"]), (&json!("row"), &build), "{published:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_explained_is_refused_with_what_to_do() {
    let house = House::start().await;
    let many = (0..21).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    for (route, part) in [
        ("export-products?explain=1", "option \"explain\" needs \"dry_run\""),
        ("export-products?dry_run=true&explain=1&build=b-1", "goes without \"build\""),
        ("export-products?dry_run=true&explain=", "found an empty id"),
        ("export-products?dry_run=true&explain=1,,2", "found an empty id"),
        (
            &format!("export-products?dry_run=true&explain={many}"),
            "at most 20 ids are explained at once, found 21",
        ),
        ("verify-ep?dry_run=true&explain=1", "for export-products alone"),
    ] {
        let answer = house.call(route).await;
        assert_eq!(answer.status, 400, "{:#}", answer.body);
        assert!(answer.body["detail"].as_str().unwrap().contains(part), "{:#}", answer.body);
    }
    let listed = house.request("export-products").body(r#"{"dry_run": true, "explain": ["1"]}"#);
    let answer = house.send(listed).await;
    assert!(answer.body["detail"].as_str().unwrap().contains("parted by commas, found an array"));
}
