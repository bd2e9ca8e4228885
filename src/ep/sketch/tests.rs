use super::*;

const WITHOUT: [&str; 2] = ["이케아", "IKEA"];

fn of(title: &str) -> Sketch {
    Sketch::of(title, &WITHOUT, 1000, "")
}

#[test]
fn a_title_is_known_again_whatever_the_shop_calls_itself() {
    for (now, before, retitled) in [
        ("이케아 BILLY 책장 화이트", "이케아 BILLY 책장 화이트", false),
        ("이케아 BILLY 책장 화이트", "BILLY 책장 화이트", false),
        ("BILLY 책장 화이트", "이케아 BILLY 책장 화이트", false),
        ("이케아 BILLY 책장 화이트", "이게아 BILLY 책장 화이트", false),
        ("이케아 IKEA BILLY 책장", "이케아 BILLY 책장", false),
        ("이케아 BILLY 책장 화이트", "이케아 BILLY 책장 블랙", true),
        ("이케아아 책장", "책장", true),
        ("이케아 책장", "아 책장 책장", true),
        ("", "이케아", false),
    ] {
        assert_eq!(of(now).is_retitled(before, &WITHOUT), retitled, "{now} / {before}");
    }
}

#[test]
fn a_title_that_shares_no_telling_word_is_a_stranger() {
    for (now, before, strange) in [
        ("이케아 BILLY 책장 화이트 80x28x202 cm", "이케아 BILLY 책장 화이트 80x28x202 cm", false),
        ("이케아 GNEDBY 책장 화이트 80x28x202 cm", "이케아 BILLY 책장 화이트 80x28x202 cm", false),
        ("이케아 BILLY 책장, 화이트", "이케아 책장 블랙", false),
        ("이케아 LACK 테이블 블랙 55x55 cm", "이케아 BILLY 책장 화이트 80x28x202 cm", true),
        ("이케아 의자", "이케아 책장", true),
        ("이케아 123 cm", "이케아 123 cm", false),
        ("이케아", "이케아 책장", false),
    ] {
        assert_eq!(of(now).is_strange_to(before, &WITHOUT), strange, "{now} / {before}");
    }
}

#[test]
fn words_look_alike_seldom_and_a_long_title_is_known_by_some_of_its_words() {
    let title = |from: u32| {
        let word =
            |n: u32| (0..5).map(|at| char::from(b'a' + (n >> (4 * at) & 15) as u8)).collect::<String>();
        (from..from + 8).map(word).collect::<Vec<_>>().join(" ")
    };
    let strangers =
        (0..1000).filter(|n| of(&title(n * 100)).is_strange_to(&title(n * 100 + 50), &[])).count();
    assert!(strangers > 940, "{strangers} of 1000");
    let kin = (0..1000).filter(|n| of(&title(n * 100)).is_strange_to(&title(n * 100 + 3), &[])).count();
    assert!(kin < 30, "{kin} of 1000 that share 5 of 8 words");
}

#[test]
fn a_sale_explains_a_price_that_changed_and_a_wrong_unit_does_not() {
    for (what, before, regular_before, now, normal, explained) in [
        ("a sale begins", 100_000, None, 70_000, "100000", true),
        ("a deep one", 100_000, None, 10_000, "100000", true),
        ("it goes on, deeper", 90_000, Some(100_000), 40_000, "100000", true),
        ("it ends", 50_000, Some(100_000), 100_000, "", true),
        ("it ends, and the price rose", 50_000, Some(100_000), 105_000, "", true),
        ("nothing says so", 100_000, None, 70_000, "", false),
        ("the regular price is not what it was", 100_000, None, 7_000, "10000", false),
        ("ten times dearer with a sale", 7_000, Some(10_000), 70_000, "100000", false),
        ("a tenth", 100_000, None, 10_000, "", false),
        ("dearer than it ever was", 50_000, Some(60_000), 600_000, "", false),
    ] {
        let sketch = Sketch::of("책장", &[], now, normal);
        assert_eq!(sketch.explains(Repriced { before, regular_before, now }), explained, "{what}");
    }
}

#[test]
fn it_takes_eight_bytes() {
    assert_eq!(size_of::<Sketch>(), 8);
}
