//! `auto-ep explain`: the command itself, against a shop, in both languages.

use std::{
    collections::BTreeSet,
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::support::{
    ListingDouble,
    listing::{Fate, Shop},
};

fn shop() -> Shop {
    Shop::of(&[("st001", 120), ("li001", 60)])
}

/// Runs the command in an empty folder with these settings.
async fn explain(listing: &ListingDouble, locale: &str, arguments: &[&str]) -> (Output, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_auto-ep"));
    command
        .env_clear()
        .current_dir(folder.path())
        .env("CATALOG_URL", listing.url(""))
        .env("CATALOG_PRESET", "ikea:kr/ko")
        .env("CATALOG_PAGE_SIZE", "50")
        .env("LOCALE", locale)
        // Nothing listens there.
        .env("FEED_URL", "http://127.0.0.1:9/ep.tsv")
        .arg("explain")
        .args(arguments);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "it leaves nothing behind");
    let told = String::from_utf8(output.stdout.clone()).unwrap();
    (output, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_where_a_product_is_in_the_source_and_what_became_of_it_in_both_languages() {
    let listing = ListingDouble::start(shop()).await;
    let (output, told) = explain(&listing, "en", &["--json", "x0"]).await;
    assert!(output.status.success(), "{output:?}");
    let unknown: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(unknown["explained"][0]["standing"], "not_in_source");
    assert_eq!(unknown["explained"][0]["published"]["state"], "no_feed", "{told}");
    let truth = shop().truth();
    let (kept, left): (Vec<_>, Vec<_>) =
        truth.values().partition(|truth| matches!(truth.fate, Fate::Kept { .. }));
    let asked: Vec<_> = kept.into_iter().take(10).chain(left.into_iter().take(10)).collect();
    let ids = asked.iter().map(|truth| format!(" {} ", truth.id)).collect::<Vec<_>>().join(",");
    let (output, told) = explain(&listing, "en", &["--json", &ids]).await;
    let known: Value =
        serde_json::from_str(&told).unwrap_or_else(|error| panic!("{error}: {:?}", output.stderr));
    let known = known["explained"].as_array().unwrap().clone();
    let mut standings = BTreeSet::new();
    for (why, truth) in known.iter().zip(asked) {
        let found = &why["found"][0];
        let expected = if matches!(truth.fate, Fate::Kept { .. }) { "in_feed" } else { "left_out" };
        assert_eq!((&why["id"], &why["standing"]), (&json!(truth.id), &json!(expected)), "{why:#}");
        assert!(["st001", "li001"].map(Value::from).contains(&found["department"]), "{why:#}");
        assert!(found["window"].is_u64() && found["element"].as_u64().unwrap() > 0, "{why:#}");
        standings.insert(expected);
    }
    assert_eq!(standings.len(), 2, "both are among them");
    let id = truth.keys().next().unwrap();
    for (locale, parts) in [
        ("en", ["The steps:", "department ", "No feed is published", "is not in the source"]),
        ("ko", ["단계:", "부서 ", "공개된 파일이 없습니다", "소스에 없습니다"]),
    ] {
        let (output, told) = explain(&listing, locale, &[id, "x0"]).await;
        assert!(output.status.success(), "{output:?}");
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    }
}

#[test]
fn who_reads_no_further_gets_no_complaint() {
    let shell = |command: &str| {
        let mut sh = Command::new("sh");
        sh.args(["-c", command]).env("AUTO_EP", env!("CARGO_BIN_EXE_auto-ep"));
        let output = sh.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, told) = shell("{ \"$AUTO_EP\" preview; echo $? >&2; } | true");
    assert_eq!((code, told.trim()), (Some(0), "0"));
    let (code, told) = shell("\"$AUTO_EP\" preview >/dev/full");
    assert!(code == Some(1) && told.contains("standard output cannot be written to"), "{code:?} {told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_explained_ends_with_1_and_says_why() {
    let listing = ListingDouble::start(Shop::of(&[("st001", 3)])).await;
    let many: Vec<String> = (0..21).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (arguments, said) in [(&[" "][..], "found an empty id"), (&many, "at most 20 ids")] {
        let (output, told) = explain(&listing, "en", arguments).await;
        assert_eq!((output.status.code(), &*told), (Some(1), ""));
        assert!(String::from_utf8_lossy(&output.stderr).contains(said), "{output:?}");
    }
}
