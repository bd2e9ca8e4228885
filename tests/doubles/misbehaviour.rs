//! The listing double goes wrong as it is told to, and in no other way.

use std::{
    io::Read,
    sync::Arc,
    time::{Duration, Instant},
};

use auto_ep::web::{Reach, Request, Web};
use flate2::read::GzDecoder;
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::{
    listing::{get, id, window},
    support::{
        Fault, Listing, ListingDouble, ListingWeb,
        listing::{Ending, Kind, Order, Shop, Trouble, mischief},
    },
};

const SORT: &str = "&sort=NEWEST";

fn shop() -> Listing {
    Listing::new(Shop::of(&[("a", 100), ("b", 10)]))
}

fn ids(elements: &[Value]) -> Vec<String> {
    elements.iter().map(id).collect()
}

fn count(listing: &Listing, department: &str) -> Value {
    let (_, page) = get(listing, &format!("product-list-page?category={department}&size=0"));
    page["productListPage"]["productCount"].clone()
}

#[test]
fn windows_are_clamped_emptied_repeated_and_shuffled() {
    let listing = shop();
    let whole = ids(&window(&listing, "a", 0, 100, SORT));
    let part = |start: usize, end: usize| ids(&window(&listing, "a", start as u64, end as u64, SORT));
    listing.order(Order::always(Trouble::Clamp(7)).of("a"));
    assert_eq!(part(0, 50), whole[..7]);
    assert_eq!(window(&listing, "b", 0, 10, SORT).len(), 10, "only where it was ordered");
    listing.behave();
    listing.order(Order::once(Trouble::EmptyWindow).after(1));
    assert_eq!((part(0, 10).len(), part(10, 20).len(), part(20, 30).len()), (10, 0, 10));
    listing.order(Order::once(Trouble::EmptyWindow).at(45));
    assert_eq!((part(30, 40).len(), part(40, 50).len(), part(40, 50).len()), (10, 0, 10));
    listing.order(Order::once(Trouble::RepeatWindow));
    assert_eq!(part(0, 10), whole[..10], "there is none before the first");
    assert_eq!((part(10, 20), part(10, 20)), (whole[..10].to_vec(), whole[10..20].to_vec()));
    listing.order(Order::once(Trouble::Shuffle));
    let mut shuffled = part(0, 100);
    assert_ne!(shuffled, whole);
    shuffled.sort();
    let mut sorted = whole.clone();
    sorted.sort();
    assert_eq!(shuffled, sorted);
}

#[test]
fn what_is_gone_moves_up_what_follows_and_lowers_the_count() {
    let listing = shop();
    let whole = ids(&window(&listing, "a", 0, 100, SORT));
    listing.order(Order::once(Trouble::Delist(3)).of("a").on(Kind::More));
    assert_eq!(ids(&window(&listing, "a", 0, 50, SORT)), whole[..50], "only afterwards");
    let left = ids(&window(&listing, "a", 0, 100, SORT));
    let gone: Vec<&String> = whole.iter().filter(|id| !left.contains(id)).collect();
    assert_eq!((left.len(), gone.len(), count(&listing, "a")), (99, 1, json!(99)));
    assert_eq!(left, whole.iter().filter(|id| *id != gone[0]).cloned().collect::<Vec<_>>());
    listing.order(Order::once(Trouble::Shrink(40)).of("a").on(Kind::Count));
    assert_eq!(
        (count(&listing, "a"), count(&listing, "a"), count(&listing, "b")),
        (json!(99), json!(59), json!(10))
    );
    assert_eq!((window(&listing, "a", 0, 100, SORT).len(), listing.products_in("a")), (59, 59));
}

#[test]
fn a_product_that_is_delisted_is_gone_from_each_of_its_departments() {
    let listing = Listing::new(Shop::recorded());
    let product = (0..).find(|n| listing.shop.places_of(*n).len() == 3).unwrap();
    let places = listing.shop.places_of(product);
    let name = |department: usize| listing.shop.departments[department].id.clone();
    let before: Vec<u64> = places.iter().map(|p| listing.products_in(&name(p.0))).collect();
    listing.order(Order::once(Trouble::Delist(places[0].1)).of(&name(places[0].0)));
    count(&listing, &name(places[0].0));
    let after: Vec<u64> = places.iter().map(|p| listing.products_in(&name(p.0)) + 1).collect();
    assert_eq!(before, after);
}

#[test]
fn lists_counts_and_elements_are_not_what_they_should_be() {
    let listing = shop();
    let values = |listing: &Listing| {
        get(listing, "search-result-page?types=PRODUCT&size=1").1["searchResultPage"]["products"]["filters"]
            [2]["values"]
            .clone()
    };
    listing.order(Order::once(Trouble::Unlisted).of("a"));
    assert_eq!(
        (values(&listing).as_array().unwrap().len(), values(&listing).as_array().unwrap().len()),
        (1, 2)
    );
    listing.order(Order::always(Trouble::NoCount));
    assert_eq!((values(&listing)[0].get("count"), count(&listing, "a")), (None, Value::Null));
    listing.behave();
    listing.order(Order::always(Trouble::Content(5)).of("a"));
    let elements = window(&listing, "a", 0, 1_000, SORT);
    let content = elements.iter().filter(|element| element["type"] == "CONTENT").count();
    assert_eq!((elements.len(), content, count(&listing, "a")), (125, 25, json!(100)));
    let parts: Vec<Value> = [(0, 7), (7, 60), (60, 200)]
        .into_iter()
        .flat_map(|(start, end)| window(&listing, "a", start, end, SORT))
        .collect();
    assert_eq!(parts, elements, "windows count every element");
    listing.order(Order::always(Trouble::Wrapped).of("b"));
    let wrapped = window(&listing, "b", 0, 1, SORT);
    assert_eq!((&wrapped[0]["type"], wrapped[0]["product"]["itemNo"].is_string()), (&json!("PRODUCT"), true));
}

#[test]
fn bodies_are_pages_cut_off_or_gzipped_twice() {
    let listing = shop();
    let ask = || listing.answer("GET", "/kr/ko/product-list-page?category=a&size=3&sort=NEWEST", &[]);
    let sound = ask();
    let order = |trouble| listing.order(Order::once(trouble));
    let with = |trouble| {
        order(trouble);
        ask()
    };
    let problem: Value = serde_json::from_slice(&with(Trouble::Status(503)).body).unwrap();
    assert_eq!((&problem["status"], &problem["title"]), (&json!(503), &json!("Service Unavailable")));
    let limited = with(Trouble::Limited(9));
    assert_eq!((limited.status, limited.headers[1].clone()), (429, ("retry-after", "9".to_owned())));
    let html = with(Trouble::Html);
    assert!(html.status == 200 && html.body.starts_with(b"<!doctype html>"));
    let cut = with(Trouble::CutOff);
    assert_eq!((cut.ending, cut.arriving().len()), (Ending::CutOff, sound.body.len() / 2));
    assert!(with(Trouble::NoAnswer).arriving().is_empty());
    assert_eq!(with(Trouble::Slow(Duration::from_secs(3))).after, Duration::from_secs(3));
    let twice = with(Trouble::Gzip { twice: true });
    let mut body = Vec::new();
    GzDecoder::new(GzDecoder::new(&twice.body[..])).read_to_end(&mut body).unwrap();
    assert_eq!((body, twice.headers[1].1.as_str()), (sound.body.to_vec(), "gzip"));
    assert_eq!(with(Trouble::Claims("br")).headers[1].1, "br");
}

#[test]
fn mischief_depends_on_its_seed_alone() {
    let shop = Shop::sized(400);
    let all: Vec<Order> = (0..300).flat_map(|seed| mischief(seed, &shop)).collect();
    assert_eq!(mischief(7, &shop), mischief(7, &shop));
    let kinds: std::collections::HashSet<_> =
        all.iter().map(|order| std::mem::discriminant(&order.trouble)).collect();
    assert_eq!(kinds.len(), 15);
}

#[tokio::test]
async fn over_http_it_answers_the_same_and_breaks_off_for_real() {
    let double = ListingDouble::start(Shop::of(&[("a", 100)])).await;
    let url = double.url("product-list-page/more-products?category=a&start=0&end=50&sort=NEWEST");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let page: Value = client.get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(page["moreProducts"]["productWindow"], json!(window(&double, "a", 0, 50, SORT)));
    double.order(Order::once(Trouble::CutOff));
    let cut = client.get(&url).send().await.unwrap();
    assert_eq!(cut.status(), 200);
    assert!(cut.bytes().await.is_err());
    double.order(Order::once(Trouble::NoAnswer));
    let nothing = client.get(&url).send().await;
    assert!(match nothing {
        Ok(response) => response.bytes().await.is_err(),
        Err(_) => true,
    });
    double.fail_next(Kind::More, 1, Fault::RateLimited(3));
    assert_eq!(client.get(&url).send().await.unwrap().status(), 429);
    assert_eq!((double.server.count("more-products"), double.count(Kind::More)), (4, 4));
}

#[tokio::test(start_paused = true)]
async fn behind_the_port_it_takes_virtual_time() {
    let web = ListingWeb::new(Arc::new(shop()));
    web.listing.take(Duration::from_secs(300));
    let request = |rest: &str| Request {
        method: reqwest::Method::GET,
        url: format!("https://listing.example/kr/ko/{rest}").parse().unwrap(),
        headers: Default::default(),
        body: None,
        reach: Reach::Anywhere,
    };
    let (real, began) = (Instant::now(), tokio::time::Instant::now());
    let (one, two) = tokio::join!(
        web.send(request("product-list-page?category=a&size=0")),
        web.send(request("product-list-page?category=b&size=0"))
    );
    assert_eq!((one.unwrap().status.as_u16(), two.unwrap().status.as_u16()), (200, 200));
    assert_eq!((began.elapsed().as_secs(), web.most_at_once()), (300, 2));
    assert!(real.elapsed() < Duration::from_secs(60));
    web.listing.order(Order::once(Trouble::CutOff));
    let cut = web.send(request("product-list-page?category=a&size=9")).await.unwrap();
    let chunks: Vec<_> = cut.body.collect().await;
    assert_eq!((chunks.len(), chunks[1].is_err()), (2, true));
    web.listing.order(Order::once(Trouble::NoAnswer));
    assert!(web.send(request("product-list-page?category=a&size=9")).await.is_err());
    assert_eq!(web.listing.calls().len(), 4);
}
