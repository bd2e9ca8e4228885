//! `auto-ep demo` as somebody who has just cloned the repository runs it.
#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn demo_plays_a_day_that_ends_well_and_leaves_the_feed() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_auto-ep"))
        .args(["demo", "--shop", "ikea"])
        .current_dir(folder.path())
        // A proxy that does not answer: the demo must reach its own loopback past it.
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env_remove("LOCALE")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));

    let thread: Vec<_> = text.lines().skip_while(|line| !line.starts_with("🟢")).collect();
    assert!(!thread.is_empty(), "the parent shows a day without problems:\n{text}");
    assert_eq!(thread[1].matches('✅').count(), 6, "each slot of the board: {}", thread[1]);
    assert_eq!(thread.iter().filter(|line| line.starts_with("   ├ ")).count(), 7, "seven replies:\n{text}");

    let sum = text.lines().find(|line| line.starts_with("The funnel adds up: ")).unwrap();
    let numbers: Vec<u64> = sum.split(' ').filter_map(|word| word.parse().ok()).collect();
    assert_eq!(numbers[0], numbers[1..].iter().sum::<u64>(), "{sum}");
    let feed = std::fs::read_to_string(folder.path().join(".auto-ep/demo/feed/ikea_ep.tsv")).unwrap();
    assert_eq!(feed.lines().count() as u64, numbers[1] + 1);
}

#[test]
fn another_kind_of_shop_is_read_by_its_settings_alone_and_bears_no_other_shops_name() {
    for (shop, kept, first) in [
        ("shopify", 414, "7000002\tLamp No. 0 Moss\t9000\t9000\t"),
        ("woocommerce", 311, "7000001\tLamp No. 0\t9000\t9000\t"),
        ("merchant", 276, "MO-0\tLamp No. 0 Moss\t9000\t9000\t"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_auto-ep"))
            .args(["demo", "--shop", shop])
            .current_dir(folder.path())
            .env_remove("LOCALE")
            .output()
            .unwrap();
        let text =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{text}");
        let feed = std::fs::read_to_string(folder.path().join(".auto-ep/demo/feed/ep.tsv")).unwrap();
        let rows: Vec<_> = feed.lines().skip(1).collect();
        assert_eq!((rows.len(), rows[0].starts_with(first)), (kept, true), "{text}\n{}", rows[0]);
        assert!(
            rows.iter().all(|row| row.contains("\tMoa Atelier\tMoa Atelier\t")),
            "the brand is the source's"
        );
        if shop == "woocommerce" {
            let sand = "7005020\tBlanket No. 9 Colour: Sand\t10600\t10600\t";
            assert!(feed.contains(sand), "a variation at its own price, not at the lowest of its product");
            assert!(!feed.contains("\n7000010\t"), "what stands for its variations is no row");
        }
        if shop == "merchant" {
            assert!(
                feed.starts_with("id\ttitle")
                    && feed.contains("\tcondition\tbarcode\tmanufacture_define_number\t")
            );
            let barcodes: Vec<_> = rows.iter().map(|row| row.split('\t').nth(14).unwrap()).collect();
            assert_eq!(barcodes[..3], ["", "2900070000024", "2900070000031"], "none, and two that are sound");
            assert_eq!(barcodes[6], "", "the seventh is damaged, which loses no row");
        }
        for name in ["ikea", "이케아"] {
            assert!(!format!("{text}{feed}").to_lowercase().contains(name), "{name} in {text}");
        }
    }
}
