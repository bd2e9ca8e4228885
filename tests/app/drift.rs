//! What neither a count nor a median sees never reaches readers, and a shop's ordinary days do.

pub mod range;

use std::sync::Arc;

use axum::{
    Router,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde_json::Value;

use self::range::{Range, Slot};
use crate::house::{Answer, FEED_BUCKET, House, PUBLIC_KEY};

/// Products of the range that the disasters are planted in, of ordinary days after the first build, and of those of a shop
/// that has been here for a week.
const PRODUCTS: usize = 1_000;
const FIFTH: usize = 1_800;
const WHOLE: usize = 9_000;

/// A host of pages and images, by its address: `/fine/…` opens, `/gone/…` does not, `/html/…` is a page wherever it is asked
/// for, `/home/…` leads to the front page.
async fn host() -> String {
    let answer = |path: String| -> Response {
        match path.split('/').next() {
            Some("fine") if path.ends_with(".png") => {
                let size = 500_u32.to_be_bytes();
                let png =
                    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &size[..], &size[..], b"\x08\x02\0\0\0"].concat();
                ([(header::CONTENT_TYPE, "image/png")], png).into_response()
            }
            Some("fine" | "html") => "<!doctype html><title>A page</title>".into_response(),
            Some("home") => Redirect::permanent("/").into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    };
    let app = Router::new()
        .route("/", axum::routing::get(|| async { "<!doctype html>" }))
        .route("/{*path}", axum::routing::get(move |Path(path): Path<String>| async move { answer(path) }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    host
}

/// What is found wrong, held or warned of, by the names of rules.
fn found(answer: &Answer) -> (Vec<String>, Vec<String>) {
    let report = &answer.body["report"];
    let names = |all: &Value, tag: &str| -> Vec<String> {
        let name = |one: &Value| one["rule"].as_str().or(one[tag].as_str()).unwrap_or_default().to_owned();
        all.as_array().map_or(Vec::new(), |all| all.iter().map(name).collect())
    };
    (names(&report["publication"]["reasons"], "reason"), names(&report["warnings"], "warning"))
}

/// What one change of a range comes to.
type Case = (&'static str, Box<dyn Fn(&mut Range)>, &'static [&'static str], &'static [&'static str]);

fn case(
    what: &'static str,
    holds: &'static [&'static str],
    warns: &'static [&'static str],
    change: impl Fn(&mut Range) + 'static,
) -> Case {
    (what, Box::new(change), holds, warns)
}

fn times(range: &mut Range, share: usize, factor: f64) {
    range.some(share, |slot| slot.price = (slot.price as f64 * factor).round() as u64);
}

fn titled(range: &mut Range, from: impl Fn(usize, usize) -> usize, which: impl Fn(usize) -> bool) {
    let (titles, all) = (range.0.clone(), range.0.len());
    for (n, slot) in range.0.iter_mut().enumerate().filter(|(n, _)| which(*n)) {
        let other = &titles[from(n, all)];
        (slot.name, slot.kind, slot.design) = (other.name.clone(), other.kind.clone(), other.design.clone());
    }
}

/// Forty and more ways in which a valid feed is wrong, with what each is held for and what it is warned of.
fn disasters(live: &str) -> Vec<Case> {
    let at = |place: &str| format!("{live}/{place}");
    let (dead, gone, html, home) = ("127.0.0.1:1/x".to_owned(), at("gone"), at("html"), at("home"));
    let (unit, moved) = (&["median_price", "price_unit"], &["prices_moved"]);
    let images =
        |to: String, share| move |range: &mut Range| range.some(share, |slot| slot.image_host = to.clone());
    let links =
        |to: String, share| move |range: &mut Range| range.some(share, |slot| slot.link_host = to.clone());
    vec![
        case("prices times ten", unit, &[], |range| times(range, 100, 10.0)),
        case("a tenth of the prices", unit, &[], |range| times(range, 100, 0.1)),
        case("prices times a thousand", unit, &[], |range| times(range, 100, 1000.0)),
        case("a thousandth of the prices", unit, &[], |range| times(range, 100, 0.001)),
        case("2 % times ten", &["price_unit"], &[], |range| times(range, 2, 10.0)),
        case("a tenth of 2 %", &["price_unit"], &[], |range| times(range, 2, 0.1)),
        case("2 % times a thousand", &["price_unit"], &[], |range| times(range, 2, 1000.0)),
        case("a thousandth of 2 %", &["price_unit"], &[], |range| times(range, 2, 0.001)),
        case("2 % times ten, list prices too", &["price_unit"], &[], |range| {
            range.some(2, |slot| (slot.regular, slot.price) = (slot.price * 15, slot.price * 10));
        }),
        case("3 % times ten", &["price_unit"], &[], |range| times(range, 3, 10.0)),
        case("prices times a hundred", unit, &[], |range| times(range, 100, 100.0)),
        case("a hundredth of 9 %", &["price_unit"], &[], |range| times(range, 9, 0.01)),
        case("each product has another id", &["ids_replaced"], &[], |range| {
            range.0.iter_mut().for_each(|slot| slot.number += 1_000_000);
        }),
        case("half up and half down", moved, &[], |range| {
            let mut up = false;
            range.some(100, |slot| {
                up = !up;
                slot.price = slot.price * if up { 16 } else { 6 } / 10;
            });
        }),
        case("a third at half the price", moved, &[], |range| times(range, 35, 0.5)),
        case("a third twice as dear", moved, &[], |range| times(range, 35, 2.0)),
        case("each product has the next one's price", moved, &[], |range| {
            let prices: Vec<u64> = range.0.iter().map(|slot| slot.price).collect();
            for (n, slot) in range.0.iter_mut().enumerate() {
                slot.price = prices[(n + 7) % prices.len()];
            }
        }),
        case("one price for all", &["median_price", "prices_moved"], &[], |range| {
            range.some(100, |slot| slot.price = 9_900);
        }),
        case("a sale from a list price that never was", moved, &[], |range| {
            range.some(35, |slot| (slot.regular, slot.price) = (slot.price * 7 / 10, slot.price / 2));
        }),
        case("an eighth at half the price", &[], &["prices_moved"], |range| times(range, 12, 0.5)),
        case("neighbours' titles swapped", &["titles_changed"], &[], |range| {
            titled(range, |n, _| n ^ 1, |_| true);
        }),
        case("titles in reverse", &["titles_swapped"], &[], |range| {
            titled(range, |n, all| all - 1 - n, |_| true)
        }),
        case("titles a shelf further", &["titles_swapped"], &[], |range| {
            titled(range, |n, all| (n + 103) % all, |_| true);
        }),
        case("a title for all", &["titles_swapped"], &["same_title"], |range| {
            range.some(100, |slot| {
                (slot.name, slot.kind, slot.design) = ("NONAME".into(), "상품".into(), "기타".into())
            });
        }),
        case("titles in another language", &["titles_swapped"], &["same_title"], |range| {
            range.some(100, |slot| {
                (slot.name, slot.kind, slot.design) = ("Untitled".into(), "Thing".into(), "Plain".into());
            });
        }),
        case("titles of a fourteenth swapped", &["titles_swapped"], &[], |range| {
            titled(range, |n, all| (n + 103) % all, |n| n % 14 == 0);
        }),
        case("titles of a hundredth swapped", &[], &["titles_swapped"], |range| {
            titled(range, |n, all| (n + 103) % all, |n| n % 100 == 0);
        }),
        case("a word more in most titles", &["titles_changed"], &[], |range| {
            range.some(70, |slot| slot.kind.push_str(" 개정판"));
        }),
        case("a word more in a quarter", &[], &["titles_changed"], |range| {
            range.some(25, |slot| slot.kind.push_str(" 개정판"));
        }),
        case("titles without names", &["titles_changed"], &[], |range| {
            range.some(100, |slot| slot.name = slot.kind.clone());
        }),
        case("an image host that is nobody", &["image_host"], &[], images(dead.clone(), 100)),
        case("for most products", &["image_host"], &[], images(dead.clone(), 60)),
        case("an image host without images", &["image_host"], &[], images(gone.clone(), 100)),
        case("pages for images", &["image_host"], &[], images(html, 100)),
        case("a link host that is nobody", &["link_host"], &[], links(dead.clone(), 100)),
        case("links that are gone", &["link_host"], &[], links(gone, 60)),
        case("links to the front page", &["link_host"], &[], links(home, 100)),
        case("both hosts gone", &["link_host", "image_host"], &[], move |range| {
            range.some(100, |slot| (slot.link_host, slot.image_host) = (dead.clone(), dead.clone()));
        }),
        case("a category of a tenth gone", &["category_lost"], &["shrink"], |range| {
            range.0.retain(|slot| slot.category != 1)
        }),
        case("a category of a twentieth gone", &["category_lost"], &["shrink"], |range| {
            range.0.retain(|slot| slot.category != 8);
        }),
        case("three fifths of a large category gone", &["category_lost"], &["shrink"], |range| {
            let mut n = 0;
            range.0.retain(|slot| {
                n += 1;
                slot.category != 0 || n % 5 < 2
            });
        }),
        case("a category gone and others for it", &["category_lost"], &[], |range| {
            range.0.retain(|slot| slot.category != 1);
            range.grow(100, |slot| slot.category = 2);
        }),
        case("a category of a fiftieth gone", &[], &["category_lost"], |range| {
            range.0.retain(|slot| slot.category != 9)
        }),
        case("no further images", &[], &["values_lost"], |range| range.some(100, |slot| slot.images = 1)),
        case("a third without further images", &[], &["values_lost"], |range| {
            range.some(33, |slot| slot.images = 1)
        }),
        case("half without a second category", &[], &["values_lost"], |range| {
            range.some(50, |slot| slot.levels = 1)
        }),
        case("no ratings", &[], &["values_lost"], |range| range.some(100, |slot| slot.ratings = 0)),
        case("a third more", &[], &["growth"], |range| range.grow(PRODUCTS / 3, |_| {})),
        case("a fifth of it", &["shrink"], &[], |range| range.0.retain(|slot| slot.number / 7 % 5 == 0)),
    ]
}

async fn house_of(range: &Range) -> House {
    let house = House::with(&[("GATE_LIMITS", "")]).await;
    house.catalogue.serve(200, range.document());
    let first = house.call("export-products").await;
    assert_eq!(found(&first), (vec![], vec![]), "the first build");
    assert_eq!(first.body["status"], "ok", "{:#}", first.body);
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn what_neither_a_count_nor_a_median_sees_is_held_and_the_public_file_stays() {
    let (live, range) = (host().await, Range::of(PRODUCTS));
    let all = disasters(&live);
    assert!(all.len() >= 40, "{}", all.len());
    let (mut house, mut wrong) = (house_of(&range).await, Vec::new());
    for (what, change, holds, warns) in all {
        let mut changed = range.clone();
        change(&mut changed);
        let before = house.s3.object(FEED_BUCKET, PUBLIC_KEY).await.unwrap();
        house.catalogue.serve(200, changed.document());
        let answer = house.call("export-products").await;
        if found(&answer)
            != (
                holds.iter().map(|rule| (*rule).to_owned()).collect(),
                warns.iter().map(|rule| (*rule).to_owned()).collect(),
            )
        {
            wrong.push(format!("{what}: {:?}", found(&answer)));
        }
        let stays = house.s3.object(FEED_BUCKET, PUBLIC_KEY).await.unwrap() == before;
        assert_eq!(stays, !found(&answer).0.is_empty(), "{what}: {:#}", answer.body);
        if !stays {
            // It is the new normal: the next one meets the range as it was.
            house = house_of(&range).await;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A day of a shop: how it was, how it is, and what is warned of.
type Day = (&'static str, Arc<dyn Fn(&mut Range)>, Box<dyn Fn(&mut Range)>, &'static [&'static str]);

fn day(
    what: &'static str,
    warns: &'static [&'static str],
    before: impl Fn(&mut Range) + 'static,
    now: impl Fn(&mut Range) + 'static,
) -> Day {
    (what, Arc::new(before), Box::new(now), warns)
}

fn on_sale(range: &mut Range, share: usize) {
    range.some(share, |slot| (slot.regular, slot.price) = (slot.price, slot.price * 7 / 10));
}

/// Of a shop of so many products.
fn days(live: &str, products: usize) -> Vec<Day> {
    let of = move |n: usize| n * products / WHOLE;
    let fine = format!("{live}/fine");
    let as_ever = |_: &mut Range| {};
    vec![
        day("a sale of 30 % on 30 %", &[], as_ever, |range| on_sale(range, 30)),
        day("its end", &[], |range| on_sale(range, 30), as_ever),
        day("400 new ones of 9,000", &[], as_ever, move |range| range.grow(of(400), |_| {})),
        day("300 of 9,000 that leave", &[], as_ever, |range| range.0.retain(|slot| slot.number % 30 != 0)),
        day("a renamed series of 80 of 9,000", &[], as_ever, move |range| {
            range.0.iter_mut().take(of(80)).for_each(|slot| slot.name = "NYSERIE".into());
        }),
        day("all 5 % dearer", &[], as_ever, |range| times(range, 100, 1.05)),
        day("another image size", &[], as_ever, |range| range.some(100, |slot| slot.size = "_s4")),
        day("a category renamed", &[], as_ever, |range| {
            range.0.iter_mut().filter(|slot| slot.category == 1).for_each(|slot| slot.category = 20);
        }),
        day("a new season", &[], as_ever, move |range| {
            range.0.retain(|slot| slot.number % 4 != 0);
            range.grow(products / 4, |_| {});
        }),
        day("an image host that works", &["image_host"], as_ever, move |range| {
            range.some(100, |slot| slot.image_host = fine.clone());
        }),
        day("a sale without list prices on 15 %", &["prices_moved"], as_ever, |range| times(range, 15, 0.7)),
        day("12 % fewer", &["shrink"], as_ever, |range| range.0.retain(|slot| slot.number % 25 > 2)),
        day("links with a parameter more", &[], as_ever, |range| {
            range.some(100, |slot| slot.query = "?from=ep")
        }),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shops_ordinary_days_are_published() {
    let live = host().await;
    for (what, before, now, warns) in days(&live, FIFTH) {
        let (mut then, mut today) = (Range::of(FIFTH), Range::of(FIFTH));
        before(&mut then);
        now(&mut today);
        let house = house_of(&then).await;
        house.catalogue.serve(200, today.document());
        let answer = house.call("export-products").await;
        let expected: Vec<String> = warns.iter().map(|rule| (*rule).to_owned()).collect();
        assert_eq!(found(&answer), (vec![], expected), "{what}");
        assert_eq!(answer.body["report"]["publication"]["state"], "published", "{what}");
    }
    five_prices_of_ninety().await;
}

/// Half of the products cost one price, the other half another.
fn clustered(range: &mut Range) {
    range
        .0
        .iter_mut()
        .enumerate()
        .for_each(|(n, slot)| slot.price = if n % 100 < 51 { 19_900 } else { 29_900 });
}

#[tokio::test(flavor = "multi_thread")]
async fn where_many_cost_the_same_a_few_that_come_or_go_are_no_other_prices() {
    let of = |n: usize| n * FIFTH / WHOLE;
    type Change<'c> = dyn Fn(&mut Range) + 'c;
    let days: [(&str, &Change<'_>); 3] = [
        ("400 new ones of 9,000", &|range| range.grow(of(400), |slot| slot.price = 29_900)),
        ("300 of 9,000 that leave", &|range| {
            let mut leave = (0..of(300)).map(|_| ());
            range.0.retain(|slot| slot.price != 19_900 || leave.next().is_none());
        }),
        ("a sale of 30 % on 30 %", &|range| {
            let cheap = range.0.iter_mut().filter(|slot| slot.price == 19_900);
            cheap.take(of(2_700)).for_each(|slot| (slot.regular, slot.price) = (19_900, 13_900));
        }),
    ];
    for (what, change) in days {
        let mut range = Range::of(FIFTH);
        clustered(&mut range);
        let house = house_of(&range).await;
        change(&mut range);
        house.catalogue.serve(200, range.document());
        assert_eq!(found(&house.call("export-products").await), (vec![], vec![]), "{what}");
    }
    // Where each of them costs more it is another matter.
    let mut range = Range::of(FIFTH);
    clustered(&mut range);
    let mut dearer = range.clone();
    times(&mut dearer, 100, 1.4);
    let house = house_of(&range).await;
    house.catalogue.serve(200, dearer.document());
    assert_eq!(found(&house.call("export-products").await).0, ["median_price"]);
}

/// What a dry run at night finds.
async fn would_find(house: &House, range: &Range) -> (Vec<String>, Vec<String>) {
    house.catalogue.serve(200, range.document());
    let answer = house.call("export-products?dry_run=true").await;
    let found = found(&answer);
    let is_good = found == (vec![], vec![]);
    assert_eq!(is_good, answer.body["status"] == "ok", "{:#}", answer.body);
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn ordinary_days_of_9_000_products_are_ordinary_after_a_week_of_equal_ones_too() {
    let live = host().await;
    let range = Range::of(WHOLE);
    let house = House::with(&[("GATE_LIMITS", "")]).await;
    house.catalogue.serve(200, range.document());
    for day in 1..=7 {
        let answer = house.tick("export-products", &format!("2026-10-{day:02}T15:05:00Z")).await;
        assert_eq!(answer.body["status"], "ok", "{:#}", answer.body);
    }
    house.clock.set("2026-10-08T15:05:01Z");
    let mut wrong = Vec::new();
    for (what, before, now, warns) in days(&live, WHOLE) {
        let (mut then, mut today) = (range.clone(), range.clone());
        before(&mut then);
        now(&mut today);
        if then.document() != range.document() {
            house.catalogue.serve(200, then.document());
            house.tick("export-products", "2026-10-08T06:00:00Z").await;
            house.clock.set("2026-10-08T15:05:01Z");
        }
        let found = would_find(&house, &today).await;
        // After a week a change of more than a twentieth is far from what is usual, too.
        let more = if what == "12 % fewer" { &["unusual_rows"][..] } else { &[] };
        let expected: Vec<String> = warns.iter().chain(more).map(|rule| (*rule).to_owned()).collect();
        if found != (vec![], expected) {
            wrong.push(format!("{what}: {found:?}"));
        }
        if then.document() != range.document() {
            house.catalogue.serve(200, range.document());
            house.tick("export-products", "2026-10-08T07:00:00Z").await;
            house.clock.set("2026-10-08T15:05:01Z");
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// In a small shop somebody mends five prices by hand.
async fn five_prices_of_ninety() {
    let mut small = Range::of(90);
    let house = house_of(&small).await;
    small.0.iter_mut().take(5).for_each(|slot| slot.price *= 10);
    house.catalogue.serve(200, small.document());
    let answer = house.call("export-products").await;
    assert_eq!(found(&answer), (vec![], vec![]), "{:#}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_drifted_is_told_with_examples_and_the_record_keeps_what_it_is_held_against() {
    let range = Range::of(200);
    let house = house_of(&range).await;
    let mut dearer = range.clone();
    times(&mut dearer, 100, 10.0);
    house.catalogue.serve(200, dearer.document());
    let answer = house.call("export-products").await;
    assert_eq!(answer.body["status"], "held", "{:#}", answer.body);
    let told = house.reports().pop().unwrap().text;
    let Slot { number, price, .. } = &range.0[0];
    let (before, now) = (auto_ep::report::number(*price), auto_ep::report::number(price * 10));
    assert!(told.contains("10배") && told.contains(&format!("`{number}` `{before}` → `{now}`")), "{told}");
    let record = house.record("published.json").unwrap();
    let profile = &record["published"]["profile"];
    assert_eq!((&profile["rows"], &profile["fill"]["link"]), (&200.into(), &200.into()), "{profile:#}");
    assert_eq!(profile["images"]["images.example.kr"], 200, "{profile:#}");
    assert_eq!(record["history"][0]["drift"]["prices"], 100.0, "{record:#}");
    assert!(record["history"][1].get("drift").is_none(), "nothing was public before the first: {record:#}");
}
