//! A disaster in the catalogue never reaches readers.

use serde_json::{Value, json};

use crate::{
    house::{Answer, FEED_BUCKET, House, PUBLIC_KEY, STATE_BUCKET, sample},
    support::Fault,
};

const NIGHT: &str = "2026-10-05T15:05:00Z";

/// The sample's products, changed one by one; the number tells them apart.
fn changed(mut change: impl FnMut(usize, &mut Value)) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(&sample(40)).unwrap();
    let products = document["moreProducts"]["productWindow"].as_array_mut().unwrap();
    for (n, product) in products.iter_mut().enumerate() {
        change(n, product);
        // Some products hold their variants, which are products too.
        if let Some(variants) = product["gprDescription"]["variants"].as_array_mut() {
            variants.iter_mut().for_each(|variant| change(n, variant));
        }
    }
    serde_json::to_vec(&document).unwrap()
}

fn priced(factor: f64) -> Vec<u8> {
    changed(|_, product| {
        let price = &mut product["salesPrice"];
        if let Some(numeral) = price["numeral"].as_f64() {
            price["numeral"] = json!((numeral * factor).round());
            price["previous"] = Value::Null;
        }
    })
}

fn without_images() -> Vec<u8> {
    changed(|_, product| {
        for field in ["mainImageUrl", "contextualImageUrl"] {
            product[field] = json!("");
        }
        product["allProductImage"] = json!([]);
    })
}

fn with_total(total: u64) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(&sample(40)).unwrap();
    document["total"] = json!(total);
    serde_json::to_vec(&document).unwrap()
}

/// What is planted, and what must be found: on a first build, and against a published one.
type Disaster = (&'static str, Vec<u8>, &'static [&'static str], &'static [&'static str]);

fn disasters() -> Vec<Disaster> {
    let empty = br#"{"moreProducts": {"productWindow": []}}"#.to_vec();
    let emptied = changed(|_, product| product["categoryPath"] = json!([]));
    let some_broken = changed(|n, product| {
        if n % 7 == 0 {
            product["pipUrl"] = json!("somewhere");
        }
    });
    let foreign = changed(|_, product| product["salesPrice"]["currencyCode"] = json!("SEK"));
    let reshaped = changed(|n, product| {
        if n >= 15
            && let Some(price) = product["salesPrice"].as_object_mut()
            && let Some(amount) = price.remove("numeral")
        {
            price.insert("amount".to_owned(), amount);
        }
    });
    // UTF-8 that somebody read as Latin-1, and what is left of letters that an encoding does not have.
    let misread = |text: &str| text.bytes().map(char::from).collect::<String>();
    let questions = |text: &str| text.chars().map(|c| if c.is_ascii() { c } else { '?' }).collect::<String>();
    let retold = |tell: &dyn Fn(&str) -> String| {
        changed(|_, product| {
            for field in ["name", "typeName", "validDesignText"] {
                if let Some(text) = product[field].as_str() {
                    product[field] = json!(tell(text));
                }
            }
        })
    };
    vec![
        ("an empty catalogue", empty, &["no_rows"], &["no_rows"]),
        ("half of it", sample(20), &[], &["shrink"]),
        ("prices times zero", priced(0.0), &["no_rows"], &["no_rows"]),
        ("prices times ten", priced(10.0), &[], &["median_price", "price_unit"]),
        ("a tenth of the prices", priced(0.1), &[], &["median_price", "price_unit"]),
        ("a column emptied", emptied, &["no_rows", "broken"], &["no_rows", "broken"]),
        ("all images gone", without_images(), &["no_rows"], &["no_rows"]),
        ("a seventh broken", some_broken, &["broken"], &["broken"]),
        (
            "titles read as Latin-1",
            retold(&misread),
            &["destroyed_text"],
            &["destroyed_text", "titles_swapped"],
        ),
        (
            "titles of question marks",
            retold(&questions),
            &["destroyed_text"],
            &["destroyed_text", "titles_changed"],
        ),
        ("another shape from the middle on", reshaped, &["shape_changed"], &["shape_changed", "shrink"]),
        ("less than it says", with_total(41), &["source_incomplete"], &["source_incomplete"]),
        (
            "another currency",
            foreign,
            &["no_rows", "foreign_currency", "broken"],
            &["no_rows", "foreign_currency", "broken"],
        ),
    ]
}

pub fn reasons(answer: &Answer) -> Vec<&str> {
    let reasons = answer.body["report"]["publication"]["reasons"].as_array();
    reasons.map_or(Vec::new(), |all| {
        all.iter().map(|one| one["rule"].as_str().or(one["reason"].as_str()).unwrap()).collect()
    })
}

pub fn build(answer: &Answer) -> String {
    answer.body["report"]["build"].as_str().unwrap_or_else(|| panic!("{:#}", answer.body)).to_owned()
}

pub async fn stored(house: &House, build: &str) -> Vec<u8> {
    house.s3.object(FEED_BUCKET, &format!("ep/builds/{build}.tsv")).await.unwrap().bytes.to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_disaster_reaches_readers() {
    let house = House::with(&[("CATALOG_TOTAL", "/total")]).await;
    house.catalogue.serve(200, with_total(40));
    assert_eq!(house.tick("export-products", NIGHT).await.body["status"], "ok");
    let before = house.s3.object(FEED_BUCKET, PUBLIC_KEY).await.unwrap();
    let mut known = std::collections::BTreeSet::new();
    for (n, (what, catalogue, _, expected)) in disasters().into_iter().enumerate() {
        // Only one of them has a total of its own; without one the pointer would be a mistake.
        let mut document: Value = serde_json::from_slice(&catalogue).unwrap();
        if document.get("total").is_none() {
            document["total"] = json!(0);
        }
        house.catalogue.serve(200, serde_json::to_vec(&document).unwrap());
        let answer = house.tick("export-products", &format!("2026-10-06T06:{n:02}:00Z")).await;
        assert_eq!(
            (answer.status, &answer.body["status"]),
            (200, &json!("held")),
            "{what}: {:#}",
            answer.body
        );
        assert_eq!(reasons(&answer), expected, "{what}");
        assert_eq!(house.s3.object(FEED_BUCKET, PUBLIC_KEY).await.unwrap(), before, "{what}");
        let told = house.reports().pop().unwrap();
        let command = format!("export-products?build={}&amp;force=true", build(&answer));
        assert!(told.text.starts_with('⛔') && told.text.contains(&command), "{}", told.text);
        // The first one calls, and each whose reasons were not all told today.
        let new = expected.iter().filter(|reason| known.insert((*reason).to_owned())).count();
        assert_eq!(told.broadcast, new > 0, "{what}: {}", told.text);
        assert_eq!(told.text.contains("*계속*"), new == 0, "{what}: {}", told.text);
        assert!(!stored(&house, &build(&answer)).await.is_empty(), "{what}: it is kept to look at");
    }
    let record = house.record("published.json").unwrap();
    let verdicts: Vec<_> =
        record["history"].as_array().unwrap().iter().map(|e| e["verdict"].clone()).collect();
    assert_eq!(verdicts.len(), 14);
    assert_eq!((&verdicts[0], &verdicts[13]), (&json!("held"), &json!("published")));

    // None of them is the base of a comparison: the sound catalogue is calm again.
    house.catalogue.serve(200, with_total(40));
    let answer = house.tick("export-products", "2026-10-06T15:05:00Z").await;
    assert_eq!(answer.body["status"], "ok", "{:#}", answer.body);
    assert_eq!(answer.body["report"]["warnings"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_build_is_judged_by_itself() {
    for (what, catalogue, expected, _) in disasters() {
        let total = if what == "less than it says" { "/total" } else { "" };
        let house = House::with(&[("CATALOG_TOTAL", total)]).await;
        house.catalogue.serve(200, catalogue);
        let answer = house.tick("export-products", NIGHT).await;
        assert_eq!(reasons(&answer), expected, "{what}: {:#}", answer.body);
        assert_eq!(house.public().await.is_some(), expected.is_empty(), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dominates_is_named_with_what_was_measured() {
    let house = House::start().await;
    house.catalogue.serve(
        200,
        changed(|n, product| {
            if n % 4 == 0 {
                product["categoryPath"] = json!([]);
            }
        }),
    );
    let answer = house.tick("export-products", NIGHT).await;
    let found = &answer.body["report"]["publication"]["reasons"][0];
    assert_eq!((&found["reason"], &found["mostly"]), (&json!("broken"), &json!("category_name1: required")));
    assert!(found["measured"].as_f64().unwrap() > 20.0 && found["limit"] == json!(10.0), "{found}");
    let told = house.reports().pop().unwrap().text;
    assert!(told.contains("`category_name1` 필수 값 없음") && told.contains("허용 기준 10%"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shape_that_changes_in_the_middle_is_held_with_the_keys_that_changed() {
    let house = House::start().await;
    let reshaped = changed(|n, product| {
        if n >= 15
            && let Some(price) = product["salesPrice"].as_object_mut()
            && let Some(amount) = price.remove("numeral")
        {
            price.insert("amount".to_owned(), amount);
        }
    });
    house.catalogue.serve(200, reshaped);
    let answer = house.tick("export-products", NIGHT).await;
    let found = &answer.body["report"]["publication"]["reasons"][0];
    assert_eq!((&found["reason"], &found["field"]), (&json!("shape_changed"), &json!("price")), "{found}");
    assert_eq!((&found["first"], &found["products"], &found["of"]), (&json!(16), &json!(25), &json!(40)));
    assert!(found["gone"].as_array().unwrap().contains(&json!("/salesPrice/numeral")), "{found}");
    // The address of the catalogue holds what may be secret, so no word of an answer is told.
    assert_eq!(found["new"], json!(["***"]), "{found}");
    assert!(house.public().await.is_none(), "a first build of half a catalogue is not published");
    let told = house.reports().pop().unwrap().text;
    assert!(told.contains("16번째 상품부터 25개") && told.contains("`/salesPrice/numeral`"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_little_less_is_published_with_a_warning() {
    let house = House::start().await;
    house.tick("export-products", NIGHT).await;
    house.catalogue.serve(200, sample(37));
    let answer = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("warn")), "{:#}", answer.body);
    assert_eq!(answer.body["report"]["warnings"][0]["warning"], "shrink");
    let public = house.public().await.unwrap();
    assert_eq!(public, stored(&house, &build(&answer)).await);
    let told = house.reports().pop().unwrap().text;
    assert!(told.starts_with("⚠️") && told.contains("줄었습니다"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn thresholds_are_settings() {
    let house = House::with(&[("GATE_LIMITS", "hold_shrink=90%, warn_shrink=80%")]).await;
    house.tick("export-products", NIGHT).await;
    house.catalogue.serve(200, sample(20));
    let answer = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!(answer.body["report"]["publication"]["state"], "published", "{:#}", answer.body);
    assert!(!warnings(&answer).contains(&"shrink"), "{:#}", answer.body);
}

/// Somebody else's feed with these ids.
fn foreign_feed(ids: &[String]) -> Vec<u8> {
    let rows: String = ids.iter().map(|id| format!("{id}\tsomebody's product\t1000\n")).collect();
    format!("id\ttitle\tprice_pc\n{rows}").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_somebody_else_made_is_replaced_only_where_its_ids_go_on() {
    let first = House::start().await;
    first.tick("export-products", NIGHT).await;
    let ours = String::from_utf8(first.public().await.unwrap()).unwrap();
    let ours: Vec<String> =
        ours.lines().skip(1).map(|row| row.split('\t').next().unwrap().to_owned()).collect();
    let theirs: Vec<String> = (0..40).map(|n| format!("SKU-{n}")).collect();
    for (what, ids, held) in [
        ("the same numbering", ours[..40].to_vec(), false),
        ("a tenth of it is gone", [&ours[..36], &theirs[..4]].concat(), false),
        ("a quarter of it is gone", [&ours[..30], &theirs[..10]].concat(), true),
        ("another numbering", theirs.clone(), true),
    ] {
        let house = House::start().await;
        let foreign = foreign_feed(&ids);
        house.cdn.serve(&foreign, "text/plain");
        let answer = house.tick("export-products", NIGHT).await;
        let expected: &[&str] = if held { &["takeover"] } else { &[] };
        assert_eq!(reasons(&answer), expected, "{what}: {:#}", answer.body);
        if held {
            let told = house.reports().pop().unwrap().text;
            let new = ours.iter().find(|id| !ids.contains(id)).unwrap();
            assert!(told.contains("`SKU-0`") && told.contains(&format!("`{new}`")), "{what}: {told}");
            assert!(told.contains("force=true"), "{told}");
            let path = format!("export-products?build={}&force=true&reason=agreed", build(&answer));
            let forced = house.call(&path).await;
            assert!(["ok", "warn"].contains(&forced.body["status"].as_str().unwrap()), "{:#}", forced.body);
            // From now on the feed is ours.
            let again = house.tick("export-products", "2026-10-06T06:00:00Z").await;
            assert_eq!(reasons(&again), [""; 0], "{:#}", again.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_there_is_somebody_elses_feed_is_asked_once_and_said_where_nobody_answers() {
    let house = House::start().await;
    house.cdn.fail_next(1, Fault::Status(503));
    let answer = house.tick("export-products", NIGHT).await;
    assert_eq!(answer.body["report"]["warnings"][0]["warning"], "takeover_unknown", "{:#}", answer.body);
    let again = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!(again.body["report"]["warnings"], json!([]));
}

/// Every record is gone, as after a bucket that was emptied.
fn lose_state(house: &House) {
    for name in house.gcs.names(STATE_BUCKET) {
        house.gcs.delete(STATE_BUCKET, &name);
    }
}

fn warnings(answer: &Answer) -> Vec<&str> {
    let warnings = answer.body["report"]["warnings"].as_array();
    warnings.map_or(Vec::new(), |all| all.iter().map(|one| one["warning"].as_str().unwrap()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_state_opens_no_gate() {
    let house = House::start().await;
    house.catalogue.serve(200, sample(320));
    let first = build(&house.tick("export-products", NIGHT).await);
    let before = house.public().await.unwrap();
    let rows = before.iter().filter(|byte| **byte == b'\n').count() - 1;
    assert!(rows >= 300, "{rows}");
    let dearer = |document: Vec<u8>| {
        let mut document: Value = serde_json::from_slice(&document).unwrap();
        for product in document["moreProducts"]["productWindow"].as_array_mut().unwrap() {
            let price = &mut product["salesPrice"];
            if let Some(numeral) = price["numeral"].as_f64() {
                price["numeral"] = json!((numeral * 10.0).round());
                price["previous"] = Value::Null;
            }
        }
        serde_json::to_vec(&document).unwrap()
    };
    for (n, (what, catalogue, held)) in [
        ("five products", sample(5), &["shrink"][..]),
        ("prices times ten", dearer(sample(320)), &["median_price", "price_unit"]),
    ]
    .into_iter()
    .enumerate()
    {
        lose_state(&house);
        house.catalogue.serve(200, catalogue);
        let dry = house.call("export-products?dry_run=true").await;
        assert_eq!(
            (reasons(&dry), warnings(&dry)),
            (held.to_vec(), vec!["state_lost"]),
            "{what}: {:#}",
            dry.body
        );
        // Held, the record names nothing as published: the next run knows no more.
        for time in [format!("2026-10-06T06:0{n}:00Z"), format!("2026-10-06T06:1{n}:00Z")] {
            let answer = house.tick("export-products", &time).await;
            assert_eq!(reasons(&answer), held, "{what}: {:#}", answer.body);
            assert_eq!(warnings(&answer)[0], "state_lost", "{what}: {:#}", answer.body);
            assert_eq!(answer.body["report"]["build_before"], json!(first));
            assert_eq!(house.public().await.unwrap(), before, "{what}");
        }
        let verified = house.call("verify-ep").await.body.to_string();
        assert!(verified.contains("unrecorded") && !verified.contains("never_published"), "{verified}");
        let parents = house.slack.parents();
        let told = house.slack.replies(&parents.last().unwrap().ts);
        let held = told.iter().rfind(|reply| reply.text.starts_with('⛔')).unwrap();
        assert!(
            held.text.contains("공개 기록이 사라졌습니다") && held.text.contains(&first),
            "{}",
            held.text
        );
    }

    lose_state(&house);
    house.catalogue.serve(200, sample(320));
    let answer = house.tick("export-products", "2026-10-06T07:00:00Z").await;
    assert_eq!((answer.status, &answer.body["status"]), (200, &json!("warn")), "{:#}", answer.body);
    assert_eq!((reasons(&answer), warnings(&answer)[0]), (vec![], "state_lost"));
    let parents = house.slack.parents();
    let told = house.slack.replies(&parents.last().unwrap().ts).pop().unwrap().text;
    assert!(told.contains("공개 기록이 사라졌습니다") && told.contains(&first), "{told}");
    let again = house.tick("export-products", "2026-10-06T08:00:00Z").await;
    assert_eq!(again.body["status"], "ok", "it is recorded from now on: {:#}", again.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_state_was_lost_and_the_public_build_cannot_be_read_its_rows_still_count() {
    let house = House::start().await;
    let first = build(&house.tick("export-products", NIGHT).await);
    lose_state(&house);
    house.s3.delete(FEED_BUCKET, &format!("ep/builds/{first}.tsv"));
    house.catalogue.serve(200, sample(5));
    let answer = house.tick("export-products", "2026-10-06T06:00:00Z").await;
    assert_eq!((reasons(&answer), warnings(&answer)[0]), (vec!["shrink"], "state_lost"), "{:#}", answer.body);
    assert!(answer.body["report"]["warnings"][0]["unread"].is_string(), "{:#}", answer.body);
}
