use proptest::prelude::*;

use super::*;
use crate::{
    ep::row::{FEED_COLUMNS, unchecked},
    web::Reach,
};

/// Sees a row of these columns, all others empty.
fn see(watch: &mut Watch, id: &str, link: &str, image: &str, category: &str) {
    let value = |column: Column| match column {
        Column::Id => id,
        Column::Link => link,
        Column::ImageLink => image,
        Column::CategoryName1 => category,
        _ => "",
    };
    let mut text = String::new();
    let row = unchecked(&mut text, FEED_COLUMNS.map(value), 1);
    watch.see(&row.of(&text));
}

#[test]
fn a_build_is_known_by_what_its_rows_have() {
    let mut watch = Watch::of(&FEED_COLUMNS);
    for (n, host) in [(0, "a.example"), (1, "a.example:8080"), (2, "b.example"), (3, "a.example")] {
        let (link, image) = (format!("https://{host}/p?x=1"), format!("http://{host}?y"));
        see(&mut watch, &n.to_string(), &link, if n == 2 { "" } else { &image }, "가구");
    }
    let (profile, addresses) = watch.end();
    let counts = |counts: &[(&str, u64)]| -> Counts {
        counts.iter().map(|(name, rows)| ((*name).to_owned(), *rows)).collect()
    };
    let hosts = counts(&[("a.example", 2), ("a.example:8080", 1), ("b.example", 1)]);
    let expected = Profile {
        rows: 4,
        fill: counts(&[("category_name1", 4), ("id", 4), ("image_link", 3), ("link", 4)]),
        images: counts(&[("a.example", 2), ("a.example:8080", 1)]),
        links: hosts,
        categories: counts(&[("가구", 4)]),
    };
    assert_eq!(profile, expected);
    assert_eq!(addresses.links.len(), 3);
}

#[test]
fn a_profile_is_small_whatever_the_rows_say() {
    let mut watch = Watch::of(&FEED_COLUMNS);
    for n in 0..20_000 {
        let link = format!("https://h{n}.example/");
        see(&mut watch, "1", &link, &link, &format!("{n}{}", "가".repeat(40)));
    }
    let (profile, addresses) = watch.end();
    let written = serde_json::to_string(&profile).unwrap();
    assert!(written.len() < 10_000, "{}", written.len());
    assert!(addresses.links.len() <= 64);
}

#[test]
fn prices_are_far_off_beyond_four_fifths_and_one_and_a_half() {
    for (old, new, far, unit) in [
        (1000, 800, false, false),
        (1000, 799, true, false),
        (1000, 1500, false, false),
        (1000, 1501, true, false),
        (12_900, 129_000, true, true),
        (12_900, 1_290, true, true),
        (12_900, 13, true, true),
        (12_900, 12_900_000, true, true),
        (12_900, 1_291, true, true),
        (12_900, 1_400, true, false),
        (12_900, 6_450, true, false),
        (12_900, 1_290_000, true, true),
        (12_900, 129, true, true),
        (12_900, 645_000, true, false),
        (12_900, 0, true, false),
    ] {
        assert_eq!(
            (is_far(old, new), is_far(old, new) && is_another_unit(old, new)),
            (far, unit),
            "{old} {new}"
        );
    }
}

/// Answers nobody.
struct Nowhere;

#[async_trait::async_trait]
impl crate::web::Web for Nowhere {
    async fn send(&self, _: crate::web::Request) -> Result<crate::web::Response, crate::web::WebError> {
        Err(crate::web::WebError { detail: "refused".into(), plain: "refused".into(), permanent: false })
    }
}

#[tokio::test(start_paused = true)]
async fn five_addresses_of_a_host_that_moved_are_opened_and_none_of_one_that_did_not() {
    let made = |host: &str, of: u64| {
        let mut watch = Watch::of(&FEED_COLUMNS);
        for n in 0..100 {
            let host = if n < of { host } else { "old.example" };
            see(&mut watch, &n.to_string(), "https://shop.example/p", &format!("https://{host}/{n}.png"), "");
        }
        watch.end()
    };
    let (before, _) = made("", 0);
    for (of, moved) in [(0, None), (9, None), (60, Some(60)), (100, Some(100))] {
        let (now, addresses) = made("new.example", of);
        let found = hosts_moved(&Nowhere, Reach::Public, (&before, &now), &addresses).await;
        let told: Vec<_> =
            found.iter().map(|one| (one.host.as_str(), one.now.as_hundredths() / 100)).collect();
        assert_eq!(told, moved.map(|share| ("new.example", share)).into_iter().collect::<Vec<_>>());
        assert!(found.iter().all(|one| (one.asked, one.opened) == (5, 0)), "{found:?}");
    }
}

proptest! {
    #[test]
    fn a_factor_is_a_unit_both_ways(price in 100_u64..10_000_000, unit in prop::sample::select(vec![10, 100, 1000])) {
        prop_assert!(is_another_unit(price, price * unit) && is_another_unit(price * unit, price));
        prop_assert!(!is_another_unit(price, price * 2) && !is_another_unit(price * 50, price));
    }
}
