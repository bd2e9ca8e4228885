//! What a merchant corrects by a table of their own, and what becomes of a table that cannot be read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    drift::range::Range,
    explain::command,
    house::{Answer, Catalogue, FEED_BUCKET, House, STATE_BUCKET},
};

const TABLE: &str = "id,action,column,value,until,note\n\
    50000000,set,title,A better title,,\n\
    50000000,set,price_pc,12900,,\n\
    50000001,exclude,,,,recalled\n\
    50000002,include,,,,\n\
    50000003,set,price_pc,1000,,below the regular price\n\
    50000003,set,brand,Moa,,\n\
    50000004,exclude,,,2020-01-01,over\n\
    99999999,exclude,,,,nobody\n\
    50000005,set,link,nowhere,,\n";

/// Ten products, of which the third is a table that is filtered out, and the fourth has a members' price.
fn catalogue() -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(&Range::of(10).document()).unwrap();
    let product = &mut document["moreProducts"]["productWindow"][3]["product"];
    product["salesPrice"] = json!({
        "numeral": 50_000, "currencyCode": "KRW", "tag": "FAMILY_PRICE", "previous": {"wholeNumber": "70,000"},
    });
    serde_json::to_vec(&document).unwrap()
}

/// With the table at this address.
async fn house(url: &str) -> House {
    // Medians of so few products move a lot.
    let settings = [
        ("CORRECTIONS_URL", url),
        ("FILTER_EXCLUDE_WORDS", "테이블"),
        ("GATE_LIMITS", "hold_median=100%, warn_shrink=50%"),
    ];
    let house = House::with(&settings).await;
    house.catalogue.serve(200, catalogue());
    house
}

async fn rows(house: &House) -> BTreeMap<String, Vec<String>> {
    let public = String::from_utf8(house.public().await.unwrap()).unwrap();
    let row = |line: &str| line.split('\t').map(str::to_owned).collect::<Vec<_>>();
    public.lines().skip(1).map(row).map(|row| (row[0].clone(), row)).collect()
}

fn told(answer: &Answer) -> Value {
    let remarks = answer.body["report"]["remarks"].as_array().unwrap();
    remarks.iter().find(|remark| remark["remark"] == "corrections").cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_changes_rows_and_its_wrong_lines_are_told_by_their_numbers() {
    let table = Catalogue::of(TABLE.into());
    let house = house(&table.start().await).await;
    let answer = house.call("export-products").await;
    assert_eq!(answer.body["status"], "ok", "{:#}", answer.body);
    let rows = rows(&house).await;
    let first = &rows["50000000"];
    assert_eq!(first[1..5], ["A better title", "12900", "12900", ""], "{first:?}");
    assert!(!rows.contains_key("50000001"), "it is excluded");
    assert!(rows.contains_key("50000002"), "no filter leaves it out");
    let members = &rows["50000003"];
    assert_eq!((&*members[2], members.contains(&"Moa".to_owned())), ("70000", true), "{members:?}");
    assert!(rows.contains_key("50000004") && rows["50000005"][5].starts_with("https://shop.example.kr/"));
    assert_eq!(answer.body["report"]["funnel"]["skipped"], json!({"corrected": 1}));
    let one = |line: u64| json!({"count": 1, "first": [line]});
    let expected = json!({
        "remark": "corrections", "lines": 7, "expired": one(8), "unmatched": one(9),
        "refused": [["breaks_rule", one(10)], ["below_regular", one(6)]],
    });
    assert_eq!(told(&answer), expected);
    let message = house.reports().pop().unwrap().text;
    assert!(message.starts_with('✅') || message.contains("CORRECTIONS_URL"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_good_copy_stands_in_for_a_week_and_then_the_export_warns_and_goes_on_without() {
    let table = Catalogue::of(TABLE.into());
    let house = house(&table.start().await).await;
    house.tick("export-products", "2026-10-05T15:05:00Z").await;
    assert!(house.record("corrections.json").unwrap()["text"].as_str().unwrap().contains("recalled"));
    for (time, age, status, body) in [
        ("2026-10-06T06:00:00Z", "14시간 55분", 503, "busy"),
        ("2026-10-08T15:05:00Z", "72시간", 200, "<!doctype html><title>Sign in</title>"),
        ("2026-10-12T06:00:00Z", "158시간 55분", 404, ""),
    ] {
        table.serve(status, body);
        let answer = house.tick("export-products", time).await;
        assert_eq!(answer.body["report"]["warnings"], json!([]), "{time}");
        let unread = &told(&answer)["unread"];
        assert!(unread["copy_of"].as_str().unwrap().starts_with("2026-10-05T15:05:0"), "{time}: {unread}");
        let blocks: Vec<_> = house.slack.messages().into_iter().map(|message| message.blocks).collect();
        let text = serde_json::to_string(&blocks).unwrap();
        assert!(text.contains(&format!("읽지 못해 {age} 전의 사본을 썼습니다")), "{text}");
        assert!(!rows(&house).await.contains_key("50000001"), "{time}: the copy holds");
    }
    let answer = house.tick("export-products", "2026-10-13T06:00:00Z").await;
    let warning = &answer.body["report"]["warnings"][0];
    assert_eq!((&warning["warning"], &warning["reason"]), (&json!("corrections_lost"), &json!("status 404")));
    assert!(rows(&house).await.contains_key("50000001"), "nothing is corrected any more");
    table.serve(200, TABLE);
    let answer = house.tick("export-products", "2026-10-13T15:05:00Z").await;
    assert_eq!(answer.body["report"]["warnings"], json!([]), "{:#}", answer.body);
    assert!(!rows(&house).await.contains_key("50000001"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_read_from_buckets_and_files_too() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("table.csv");
    std::fs::write(&file, TABLE).unwrap();
    let gcs = format!("gs://{STATE_BUCKET}/tables/table.csv");
    let s3 = format!("s3://{FEED_BUCKET}/tables/table.csv");
    for url in [format!("file:{}", file.display()), gcs, s3] {
        let house = house(&url).await;
        house.gcs.put(STATE_BUCKET, "tables/table.csv", TABLE.as_bytes());
        house.s3.put(FEED_BUCKET, "tables/table.csv", TABLE.as_bytes()).await;
        let answer = house.call("export-products").await;
        assert_eq!(answer.body["report"]["warnings"], json!([]), "{url}");
        let rows = rows(&house).await;
        assert_eq!(
            (rows["50000000"][1].as_str(), rows.contains_key("50000001")),
            ("A better title", false),
            "{url}"
        );
        // A dry run keeps no copy.
        let dry = house.call("export-products?dry_run=true").await;
        assert_eq!(told(&dry)["lines"], 7, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_set_stands_in_where_the_source_is_broken_and_is_explained_by_its_line() {
    let table = Catalogue::of(
        "id,action,column,value\n\
         50000005,set,link,https://shop.example.kr/p/five\n\
         50000005,set,image_link,https://images.example.kr/five.jpg\n\
         50000002,include\n\
         50000003,set,price_mobile,1000\n\
         50000006,exclude\n\
         50000006,include\n\
         50000005,set,title,\n\
         50000005,set,brand,First\n\
         50000005,set,brand,Last\n\
         50000007,set,title,What the source has no name for\n"
            .into(),
    );
    let house = house(&table.start().await).await;
    let mut document: Value = serde_json::from_slice(&catalogue()).unwrap();
    let broken = &mut document["moreProducts"]["productWindow"][5]["product"];
    (broken["pipUrl"], broken["mainImageUrl"]) = (json!("javascript:void(0)"), json!("no address"));
    document["moreProducts"]["productWindow"][7]["product"]["name"] = Value::Null;
    house.catalogue.serve(200, serde_json::to_vec(&document).unwrap());
    let asked = "50000005,50000002,50000003,50000006,50000007";
    let answer = house.call(&format!("export-products?dry_run=true&explain={asked}")).await;
    let found = |place: usize| answer.body["report"]["explained"][place]["found"][0].clone();
    let cell = |place: usize, column: &str| {
        let row = found(place)["row"].as_array().unwrap().clone();
        let cell = row.into_iter().find(|cell| cell["column"] == column).unwrap_or_default();
        (cell["value"].as_str().unwrap_or_default().to_owned(), cell["from"].as_str().unwrap().to_owned())
    };
    let by = |line: u64| format!("CORRECTIONS_URL, line {line}");
    let link = "https://shop.example.kr/p/five".to_owned();
    assert_eq!((cell(0, "link"), cell(0, "mobile_link")), ((link.clone(), by(2)), (link, by(2))));
    assert_eq!(cell(0, "image_link"), ("https://images.example.kr/five.jpg".to_owned(), by(3)));
    assert!(!cell(0, "title").1.contains("CORRECTIONS_URL"));
    let step = |place: usize, name: &str| {
        let steps = found(place)["steps"].as_array().unwrap().clone();
        steps.into_iter().find(|step| step["step"] == name).unwrap()
    };
    assert_eq!((&step(1, "word")["decision"], &step(1, "word")["by"]), (&json!("passed"), &json!(by(4))));
    assert!(!cell(1, "id").0.is_empty(), "it has a row though a filter would leave it out");
    assert_eq!((cell(2, "price_mobile").0, cell(2, "price_pc").0), ("70000".to_owned(), "70000".to_owned()));
    let refused = json!([
        ["breaks_rule", {"count": 1, "first": [8]}],
        ["below_regular", {"count": 1, "first": [5]}],
        ["overruled", {"count": 2, "first": [7, 9]}],
    ]);
    assert_eq!(told(&answer)["refused"], refused);
    assert_eq!(cell(0, "brand"), ("Last".to_owned(), by(10)));
    let became = |place: usize| -> Vec<String> {
        let text = |line: &Value, member: &str| line[member].as_str().unwrap_or_default().to_owned();
        let lines = found(place)["corrections"].as_array().unwrap().clone();
        let told = |line: &Value| {
            format!(
                "{} {} {} {}",
                line["line"],
                text(line, "says"),
                text(line, "became"),
                text(line, "fault")
            )
        };
        lines.iter().map(|line| told(line).trim_end().to_owned()).collect()
    };
    assert_eq!(found(0)["corrections"][0]["value"], "https://shop.example.kr/p/five");
    let about_five = [
        "2 set link holds",
        "3 set image_link holds",
        "8 set title refused breaks_rule",
        "9 set brand refused overruled",
        "10 set brand holds",
    ];
    assert_eq!(became(0), about_five);
    assert_eq!(became(2), ["5 set price_mobile refused below_regular"]);
    assert_eq!(became(3), ["6 exclude holds", "7 include refused overruled"]);
    let excluded =
        json!({"step": "corrections", "decision": "left_out", "by": "CORRECTIONS_URL", "value": "6"});
    assert_eq!(step(3, "corrections"), excluded);
    for (locale, parts) in [
        (
            "ko",
            [
                "보정표(CORRECTIONS_URL): 값이 규칙에 맞지 않는 줄 8 · ",
                "      8번째 줄, set title: 값이 규칙에 맞지 않는 줄\n",
                "      10번째 줄, set brand Last: 적용\n",
                "    제외: 보정표로 제외: 6번째 줄\n",
                "      x 보정표: 여기서 제외: 6번째 줄  <- CORRECTIONS_URL\n",
            ],
        ),
        (
            "en",
            [
                "Corrections (CORRECTIONS_URL): lines whose value breaks its column's rule: 8 · ",
                "      line 8, set title: lines whose value breaks its column's rule\n",
                "      line 10, set brand Last: holds\n",
                "    Left out: excluded by the corrections: line 6\n",
                "      x corrections: left out here: line 6  <- CORRECTIONS_URL\n",
            ],
        ),
    ] {
        let told = command(&house, locale, &["50000005,50000006"]).await;
        for part in parts {
            assert!(told.contains(part), "{part:?} in {told}");
        }
    }
    let lines = [
        encoding_rs::EUC_KR.encode("id,action,note\n50000001,exclude,회수\n").0.into_owned(),
        vec![0xff; 20],
    ];
    for (bytes, said) in lines.into_iter().zip([None, Some("it is neither in UTF-8 nor in CP949")]) {
        table.serve(200, bytes);
        let told = command(&house, "en", &["50000001"]).await;
        assert_eq!(told.contains("excluded by the corrections: line 2"), said.is_none(), "{told}");
        assert!(said.is_none_or(|said| told.contains(said)), "{told}");
    }
    assert_eq!((&found(3)["fate"]["reason"], &found(3)["fate"]["value"]), (&json!("corrected"), &json!("6")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_was_emptied_is_told_once() {
    let table = Catalogue::of("id,action\n50000001,exclude\n".into());
    let house = house(&table.start().await).await;
    house.tick("export-products", "2026-10-05T15:05:00Z").await;
    table.serve(200, "id,action\n");
    let answer = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!(told(&answer), json!({"remark": "corrections", "lines": 0, "emptied": true}));
    assert!(house.reports().pop().unwrap().text.contains("이전 보정이 모두 풀렸습니다"));
    let answer = house.tick("export-products", "2026-10-06T15:05:00Z").await;
    assert_eq!(told(&answer), Value::Null);
}
