//! A shop of many departments, as its listing API was recorded: everything arrives, or it is said what did not.

use std::{collections::BTreeMap, time::Duration};

use auto_ep::report::DepartmentsBy;

use crate::{
    shop::{House, Read},
    support::listing::{Kind, Order, Shop, Trouble, mischief},
};

/// Three small departments; nothing stands in two of them.
fn small() -> Shop {
    Shop::of(&[("b", 100), ("a", 250), ("c", 7)])
}

/// In windows of 50.
pub fn windows() -> House {
    House::of(small(), &[("CATALOG_PAGE_SIZE", "50")])
}

#[track_caller]
fn assert_whole(read: &Read, house: &House) {
    assert_eq!(read.ids(), house.products());
    assert_eq!((read.summary.source.short, read.summary.source.uncounted), (0, 0), "{:#?}", read.summary);
}

#[tokio::test(start_paused = true)]
async fn the_recorded_shop_arrives_whole_by_its_own_list_ordered_by_id() {
    let house = House::of(Shop::recorded(), &[]);
    let read = house.read().await.unwrap();
    let sizes: BTreeMap<_, _> = house
        .listing()
        .shop
        .departments
        .iter()
        .map(|department| (department.id.as_str(), department.size))
        .collect();
    assert_eq!(read.gave(), sizes);
    let summary = &read.summary;
    assert_eq!((summary.items, summary.source.gave, summary.source.says), (13_900, 13_900, Some(13_900)));
    assert_eq!(
        (summary.source.short, summary.source.uncounted, summary.source.list),
        (0, 0, Some(DepartmentsBy::Shop))
    );
    let ids: Vec<_> = summary.source.departments.iter().map(|department| &*department.id).collect();
    assert!(ids.is_sorted() && ids[0] == "700640", "{ids:?}");
    let storage = summary.source.departments.iter().find(|department| department.id == "st001").unwrap();
    assert_eq!(
        (storage.name.as_deref(), storage.says, storage.listed),
        (Some("수납/정리"), Some(2000), true)
    );
    // One list, a count a department, 26 windows that hold something and an empty one behind each department.
    assert_eq!(
        (house.count(Kind::List), house.count(Kind::Count), house.count(Kind::More)),
        (1, 23, 26 + 23)
    );
    assert!(
        house
            .listing()
            .calls()
            .iter()
            .filter(|call| call.contains("more"))
            .all(|call| call.contains("&sort="))
    );
}

#[tokio::test(start_paused = true)]
async fn the_order_is_the_same_each_time_whatever_comes_first() {
    let house = windows();
    let read = house.read().await.unwrap();
    house.listing().take(Duration::from_millis(100));
    house.listing().order(Order::always(Trouble::Slow(Duration::from_millis(900))).of("a"));
    let again = house.read().await.unwrap();
    assert!(again.elements == read.elements);
    assert_eq!(house.web.most_at_once(), 4);
}

#[tokio::test(start_paused = true)]
async fn windows_that_are_clamped_lose_nothing() {
    for clamp in [1, 7, 24, 49] {
        let house = windows();
        house.listing().order(Order::always(Trouble::Clamp(clamp)));
        let read = house.read().await.unwrap();
        assert_whole(&read, &house);
        // Once it shows how much comes at once, what is asked for ahead fits.
        let needed = 357_u64.div_ceil(clamp) as usize + 6;
        assert!(house.count(Kind::More) <= needed + needed / 4 + 8, "{clamp}: {}", house.count(Kind::More));
    }
    let house = House::of(Shop::of(&[("a", 1000)]), &[]);
    house.listing().order(Order::always(Trouble::Clamp(480)));
    assert_whole(&house.read().await.unwrap(), &house);
    // Clamped now and then, at odd places.
    let house = windows();
    for n in 0..20 {
        house.listing().order(Order::once(Trouble::Clamp(1 + n * 7 % 23)).after(n));
    }
    assert_whole(&house.read().await.unwrap(), &house);
}

#[tokio::test(start_paused = true)]
async fn an_empty_or_repeated_window_in_the_middle_is_asked_for_again() {
    for trouble in [Trouble::EmptyWindow, Trouble::RepeatWindow] {
        let house = windows();
        house.listing().order(Order::once(trouble.clone()).of("a").at(120).times(2));
        assert_whole(&house.read().await.unwrap(), &house);
        assert_eq!(house.count(Kind::Count), 3, "{trouble:?}: no shortfall, no second look");
    }
}

#[tokio::test(start_paused = true)]
async fn what_moves_while_it_is_read_is_read_once_more() {
    for trouble in [Trouble::Delist(3), Trouble::Shrink(20), Trouble::Shrink(120)] {
        let house = windows();
        // After the first window of a; what is behind moves up, and the next window would skip it.
        house.listing().order(Order::once(trouble.clone()).of("a").on(Kind::More));
        let read = house.read().await.unwrap();
        assert!(read.ids().is_superset(&house.products()), "{trouble:?}");
        assert_eq!(read.summary.source.short, 0, "{trouble:?}");
        assert_eq!(house.count(Kind::Count), 4, "the count of a once more");
        let ids = read.ids().len();
        assert_eq!(read.elements.len(), ids, "{trouble:?}: what was handed on stays so, and comes once");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_changes_from_call_to_call_is_noticed() {
    let house = windows();
    house.listing().order(Order::always(Trouble::Shuffle).of("a"));
    let read = house.read().await.unwrap();
    let lost = house.products().len() - read.ids().len();
    assert!(
        lost > 0 && read.summary.source.short >= lost as u64,
        "{lost} lost, {} told",
        read.summary.source.short
    );
    let of_a = read.summary.source.departments.iter().find(|department| department.id == "a").unwrap();
    assert_eq!((of_a.short, of_a.says), (read.summary.source.short, Some(250)));
    // With the order that is asked for, there is none of that.
    let house = windows();
    assert_whole(&house.read().await.unwrap(), &house);
}

#[tokio::test(start_paused = true)]
async fn what_never_arrives_is_told_once_it_was_asked_for_twice() {
    let house = windows();
    house.listing().order(Order::always(Trouble::EmptyWindow).of("a").at(220));
    let read = house.read().await.unwrap();
    assert_eq!(
        (read.summary.source.short, read.summary.source.gave, read.summary.source.says),
        (50, 307, Some(357))
    );
    assert_eq!(read.elements.len(), 307, "what came twice was handed on once");
    assert_eq!(read.gave()["a"], 200);
}

#[tokio::test(start_paused = true)]
async fn counts_that_cannot_be_had_are_told_and_the_lists_stand_in() {
    let house = windows();
    house.listing().order(Order::always(Trouble::Status(404)).on(Kind::Count));
    let read = house.read().await.unwrap();
    assert_whole(&read, &house);
    assert_eq!(read.summary.source.says, Some(357), "the list has counts of its own");

    let shop = Shop::of(&[
        ("a", 5),
        ("b", 5),
        ("c", 55),
        ("d", 5),
        ("e", 5),
        ("f", 5),
        ("g", 5),
        ("h", 5),
        ("x", 5),
    ]);
    let house = House::of(shop, &[("CATALOG_CATEGORIES", "h,g,f,e,d,c,b,a"), ("CATALOG_PAGE_SIZE", "10")]);
    house.listing().order(Order::always(Trouble::NoCount));
    let read = house.read().await.unwrap();
    assert_eq!((read.summary.source.uncounted, read.summary.source.says), (8, None));
    assert_eq!(read.summary.source.gave, 90, "everything was read all the same");
    let ids: Vec<_> = read.summary.source.departments.iter().map(|d| d.id.as_str()).collect();
    assert_eq!(ids, ["h", "g", "f", "e", "d", "c", "b", "a"], "in the order of the settings");
    assert_eq!((read.summary.source.list, house.count(Kind::List)), (Some(DepartmentsBy::Settings), 0));
    assert!(house.count(Kind::Count) < 3 + 4, "nobody asks for ever: {}", house.count(Kind::Count));
}

#[tokio::test(start_paused = true)]
async fn elements_without_a_product_are_counted_and_products_are_taken_out_of_theirs() {
    for wrapped in [false, true] {
        let house = windows();
        house.listing().order(Order::always(Trouble::Content(10)));
        if wrapped {
            house.listing().order(Order::always(Trouble::Wrapped));
        }
        let read = house.read().await.unwrap();
        house.listing().behave();
        assert_whole(&read, &house);
        let others = &read.summary.others;
        // One in ten elements: 27 of 277, 11 of 111, none of 7.
        assert_eq!((others.elements, read.summary.source.gave), (38, 357), "{wrapped}");
        assert_eq!(others.kinds, [if wrapped { "PLANNER" } else { "CONTENT" }]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_gzipped_twice_is_read_and_other_codings_are_named() {
    let house = windows();
    house.listing().order(Order::always(Trouble::Gzip { twice: true }));
    let read = house.read().await.unwrap();
    house.listing().behave();
    assert_whole(&read, &house);
    house.listing().order(Order::always(Trouble::Claims("br")));
    assert_whole(&house.read().await.unwrap(), &house);
}

/// The website's own search, asked for with a body.
#[tokio::test(start_paused = true)]
async fn a_source_that_is_asked_with_a_body_is_read_as_well() {
    use auto_ep::{
        config::catalogue::{CatalogueSource, Departments, Paged},
        preset::Preset,
    };
    let description = r#"{"base": "https://listing.example/kr/ko/",
        "windows": {"call": {"url": "search?c=listaf&v=20250507", "body": {
                        "searchParameters": {"input": "{category}", "type": "CATEGORY"}, "sort": "RELEVANCE",
                        "window": {"offset": "{start}", "size": "{size}"}}},
                    "items": "/results/0/items/*[type=PRODUCT]/product", "size": 48},
        "count": {"call": {"url": "product-list-page?category={category}&size=0"}, "at": "/productListPage/productCount"},
        "product": {"id": "/id", "name": "/name", "title": ["/name"], "price": "/price",
                    "link": "/link", "images": ["/image"], "categories": {"names": ["/category"]}}}"#;
    let preset = Preset::described(description).unwrap();
    let mut house = windows();
    house.config.items = preset.windows.as_ref().unwrap().items.clone();
    house.config.page_size = preset.windows.as_ref().unwrap().size;
    house.config.source = CatalogueSource::Paged(Box::new(Paged {
        windows: preset.windows.as_ref().unwrap().call.clone(),
        departments: Departments::Given(["a", "b", "c"].map(str::to_owned).into()),
        count: preset.count.clone(),
        next: None,
        join: None,
    }));
    house.listing().order(Order::always(Trouble::Content(9)).of("b"));
    let read = house.read().await.unwrap();
    assert_whole(&read, &house);
    assert!(
        house.count(Kind::Search) >= 8 && house.count(Kind::More) == 3,
        "the windows were asked for by POST"
    );
    assert!(read.summary.others.elements > 0);
}

#[tokio::test(start_paused = true)]
async fn whatever_goes_wrong_with_the_recorded_api_nothing_is_lost_without_a_word() {
    for seed in 0..24 {
        let mut house = windows();
        house.publish().await;
        let orders = mischief(seed, &house.listing().shop);
        orders.iter().for_each(|order| house.listing().order(order.clone()));
        let Ok(read) = house.read().await else { continue };
        let summary = &read.summary;
        let said = summary.source.short + summary.source.uncounted > 0
            || summary.source.list != Some(DepartmentsBy::Shop)
            || summary.source.departments.iter().any(|department| department.gave == 0);
        let lost: Vec<_> = house.products().difference(&read.ids()).cloned().collect();
        assert!(lost.is_empty() || said, "{seed}: {lost:?} of {orders:?}");
    }
}
