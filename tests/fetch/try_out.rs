//! `check-config --try`: the command itself, with the settings file of the shop.

use std::process::{Command, Output};

use crate::support::{
    ListingDouble,
    listing::{Kind, Order, Shop, Trouble},
};

/// Runs the command on env.yaml with the catalogue elsewhere, and no other setting.
async fn check(listing: &ListingDouble, more: &[(&str, &str)]) -> (Output, String) {
    let file = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/env.yaml")).unwrap();
    let base = listing.url("");
    let set = more.iter().copied().chain([("CATALOG_URL", &*base)]);
    let lines =
        file.lines().map(|line| match set.clone().find(|(name, _)| line.starts_with(&format!("{name}: "))) {
            Some((name, value)) if value.starts_with('{') => format!("{name}: '{value}'"),
            Some((name, value)) => format!("{name}: \"{value}\""),
            None => line.to_owned(),
        });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("env.yaml");
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_auto-ep"));
    command.env_clear().current_dir(folder.path()).args(["check-config", "env.yaml", "--try"]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "it leaves nothing behind");
    let told = String::from_utf8(output.stdout.clone()).unwrap();
    (output, told)
}

fn shop() -> Shop {
    Shop::of(&[("st001", 120), ("li001", 60), ("pt001", 9)])
}

#[tokio::test(flavor = "multi_thread")]
async fn it_shows_departments_totals_and_products_field_by_field() {
    let listing = ListingDouble::start(shop()).await;
    listing.order(Order::always(Trouble::Content(20)));
    let (output, told) = check(&listing, &[("CATALOG_PAGE_SIZE", "50")]).await;
    assert!(output.status.success(), "{output:?}");
    let line = |begins: &str| {
        let found = told.lines().find(|line| line.trim_start().starts_with(begins));
        found
            .unwrap_or_else(|| panic!("no {begins} in\n{told}"))
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(line("Departments:"), "Departments: 3 by the shop's own list");
    assert!(line("st001").starts_with("st001 st001 부서 120 48 "), "{told}");
    assert!(line("st001").ends_with(" and 2 that are no products (CONTENT)"), "{told}");
    assert!(line("pt001").starts_with("pt001 pt001 부서 9 9 "), "{told}");
    assert!(line("together").starts_with("together 189 105 "), "{told}");
    // All counts add up to what came.
    let of: u64 = line("Of ").split(' ').nth(1).unwrap().parse().unwrap();
    let counts = told.lines().skip_while(|line| !line.starts_with("Of ")).skip(1);
    let counts = counts.take_while(|line| line.starts_with("  "));
    let counts: Vec<(u64, &str)> = counts
        .filter_map(|line| line.trim().split_once("  "))
        .map(|(count, what)| (count.parse().unwrap(), what))
        .collect();
    let ids =
        |(_, what): &&(u64, &str)| !what.starts_with("prices that") && !what.starts_with("elements that");
    assert_eq!(counts.iter().filter(ids).map(|(count, _)| count).sum::<u64>(), of, "{told}");
    assert!(counts.iter().any(|(n, what)| *n > 0 && *what == "would be kept"), "{told}");
    assert!(counts.contains(&(4, "elements that are no products")), "{told}");
    assert!(
        counts.iter().any(|(n, what)| *n > 0 && what.starts_with("prices that are not everybody's")),
        "{told}"
    );
    for part in
        ["  id = ", "  price_pc = ", "<- /salesPrice/numeral\n", "<- /salesPrice/previous", "A variant:"]
    {
        assert!(told.contains(part), "no {part} in\n{told}");
    }
    assert_eq!(listing.count(Kind::More), 3, "the first page of each department and no more");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_with_1_where_the_source_cannot_be_read_or_nothing_would_be_kept() {
    for (trouble, kind, told_of) in [
        (Trouble::Status(404), Kind::More, "li001    li001 부서"),
        (Trouble::Status(404), Kind::List, "by the preset, because the shop's own list could not be read"),
        (Trouble::Content(2), Kind::More, "no products (CONTENT)"),
    ] {
        let listing = ListingDouble::start(shop()).await;
        let is_fatal = kind == Kind::More && trouble != Trouble::Content(2);
        listing.order(Order::always(trouble.clone()).on(kind));
        let (output, told) = check(&listing, &[]).await;
        assert!(told.contains(told_of), "{told}");
        assert_eq!(output.status.code(), Some(i32::from(is_fatal)), "{trouble:?}: {output:?}");
        assert_eq!(told.contains("cannot be read: http"), is_fatal, "{told}");
    }
    // Everything is read, and nothing of it is worth a row.
    let listing = ListingDouble::start(shop()).await;
    let (output, told) = check(&listing, &[("FILTER_MIN_PRICE", "99999999")]).await;
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("skipped: price_too_low"), "{told}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("would not be published"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fits_nothing_is_told_with_what_comes_nearest() {
    let listing = ListingDouble::start(shop()).await;
    let map = r#"{"product": {"price": "/money/numeral", "images": ["/mainPicture"], "gtin": "/ean"}}"#;
    let (output, told) = check(&listing, &[("CATALOG_MAP", map)]).await;
    assert_eq!(output.status.code(), Some(1), "{told}");
    let unmet = told.split("and what comes nearest:\n").nth(1).unwrap();
    let line = |field: &str| unmet.lines().find(|line| line.starts_with(&format!("  {field} "))).unwrap();
    assert!(
        line("price").starts_with("  price (line 1 column 23)  /money/numeral  ~ /salesPrice/numeral = "),
        "{told}"
    );
    assert!(
        line("images").starts_with("  images (line 1 column 51)  /mainPicture  ~ /mainImageUrl = https://"),
        "{told}"
    );
    assert!(line("gtin").starts_with("  gtin (line 1 column 77)  /ean  ~ "), "{told}");
    assert!(!unmet.lines().any(|line| line.starts_with("  id  ")), "{told}");

    // The products stand elsewhere.
    let (output, told) = check(&listing, &[("CATALOG_ITEMS", "/moreProducts/window")]).await;
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("arrays of objects stand at \"/moreProducts/productWindow\""), "{told}");
}
