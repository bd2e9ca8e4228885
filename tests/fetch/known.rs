//! What earlier exports found: it stands in for a list that cannot be read, and misses what is gone.

use auto_ep::report::DepartmentsBy;

use crate::{
    departments::windows,
    shop::House,
    support::listing::{Kind, Order, Shop, Trouble},
};

#[tokio::test(start_paused = true)]
async fn without_the_shops_list_the_last_one_that_was_read_stands_in() {
    for trouble in [Trouble::Status(404), Trouble::Html, Trouble::Status(503)] {
        let mut house = House::of(Shop::of(&[("st001", 100), ("new01", 20), ("pt001", 7)]), &[]);
        house.listing().order(Order::always(trouble.clone()).on(Kind::List));
        let read = house.read().await.unwrap();
        assert_eq!(read.summary.source.list, Some(DepartmentsBy::Preset), "{trouble:?}");
        assert!(
            read.summary.source.list_error.as_ref().unwrap().contains("search-result-page"),
            "{:?}",
            read.summary
        );
        assert_eq!(
            (read.summary.source.gave, read.summary.source.short, read.summary.source.uncounted),
            (107, 0, 0)
        );
        let listed = read.summary.source.departments.iter().filter(|department| department.listed).count();
        assert_eq!(
            (listed, read.summary.source.departments.len()),
            (2, 23),
            "those that it only guessed are none"
        );

        house.listing().behave();
        house.publish().await;
        house.listing().order(Order::always(trouble).on(Kind::List));
        let read = house.read().await.unwrap();
        assert_eq!((read.summary.source.list, read.summary.source.gave), (Some(DepartmentsBy::Last), 127));
        assert_eq!(read.summary.source.short, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_department_that_the_list_lost_is_asked_for_all_the_same() {
    let mut house = windows();
    house.publish().await;
    house.listing().order(Order::always(Trouble::Unlisted).of("a"));
    let read = house.publish().await;
    assert_eq!(
        (read.summary.source.gave, read.summary.source.short, read.summary.source.uncounted),
        (357, 0, 0)
    );
    let listed: Vec<_> = read.summary.source.departments.iter().map(|d| (d.id.as_str(), d.listed)).collect();
    assert_eq!(listed, [("a", false), ("b", true), ("c", true)]);
    // And once it is really gone, it is one that had something and has nothing now.
    house.listing().order(Order::always(Trouble::Status(404)).of("a"));
    let read = house.publish().await;
    assert_eq!((read.gave()["a"], read.summary.source.uncounted), (0, 0));
    // After that nobody asks for it any more.
    let calls = house.calls();
    let read = house.publish().await;
    assert!(!read.gave().contains_key("a"));
    assert!(house.listing().calls()[calls..].iter().all(|call| !call.contains("category=a")));
}

#[tokio::test(start_paused = true)]
async fn a_department_that_had_products_and_gives_none_is_asked_again() {
    let mut house = windows();
    house.publish().await;
    // Count and window say that nothing is there, once.
    house.listing().order(Order::once(Trouble::EmptyWindow).of("c"));
    house.listing().order(Order::always(Trouble::NoCount).of("c"));
    house.listing().order(Order::always(Trouble::NoCount).on(Kind::List));
    let read = house.read().await.unwrap();
    assert_eq!((read.gave()["c"], read.summary.source.gave, read.summary.source.uncounted), (7, 357, 1));
    // And where it stays so, it is told.
    house.listing().order(Order::always(Trouble::EmptyWindow).of("c"));
    let read = house.read().await.unwrap();
    assert_eq!((read.gave()["c"], read.summary.source.short), (0, 0));
}
