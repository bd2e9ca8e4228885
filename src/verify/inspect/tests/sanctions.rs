//! What shows in many rows together: sound shops are quiet, others hear which products.

use super::*;
use crate::report::Problem;

/// A feed of so many rows, with what each says as its title, its link and its image.
fn feed(
    rows: u32,
    title: impl Fn(u32) -> String,
    link: impl Fn(u32) -> u32,
    image: impl Fn(u32) -> u32,
) -> Vec<u8> {
    let row = |i: u32| {
        let (title, link, image) = (title(i), link(i), image(i));
        format!(
            "p{i}\t{title}\t9900\thttps://shop.example/{link}\thttps://images.example/{image}.jpg\t수납\t0"
        )
    };
    let rows: Vec<String> = std::iter::once(HEADER.to_owned()).chain((0..rows).map(row)).collect();
    file(&rows.iter().map(String::as_str).collect::<Vec<_>>())
}

fn titled(rows: u32, title: impl Fn(u32) -> String) -> Vec<u8> {
    feed(rows, title, |i| i, |i| i)
}

fn problems(bytes: &[u8], check: CheckId) -> (CheckStatus, Vec<Problem>) {
    let mut inspector = Inspector::default();
    inspector.push(bytes);
    inspector.finish(true).findings.of_check(check)
}

fn named(i: u32) -> String {
    format!("이케아 TESTA 책장 {i} cm")
}

#[test]
fn a_sound_shop_is_quiet() {
    // Pairs of variants that differ in what no title says, and three sizes in one picture here and there.
    let variants = |i: u32| named(if i % 200 == 1 { i - 1 } else { i });
    let sizes = |i: u32| if i % 30 < 3 { i - i % 30 } else { i };
    assert_eq!(found(&feed(5_000, variants, |i| i, sizes)), []);
    assert_eq!(found(&titled(5_000, |i| if i == 7 { "책\u{fffd}장 7".into() } else { named(i) })), []);
}

#[test]
fn destroyed_titles_warn_from_a_thousandth_and_fail_from_a_hundredth() {
    for (every, status, kind) in [
        (1001, CheckStatus::Pass, None),
        (1000, CheckStatus::Warn, Some(ProblemKind::SomeDestroyed)),
        (101, CheckStatus::Warn, Some(ProblemKind::SomeDestroyed)),
        (100, CheckStatus::Fail, Some(ProblemKind::ManyDestroyed)),
        (1, CheckStatus::Fail, Some(ProblemKind::ManyDestroyed)),
    ] {
        let title = |i: u32| if i % every == every - 1 { format!("TESTA ì±ì¥ {i}") } else { named(i) };
        let (found, problems) = problems(&titled(every.max(1000), title), CheckId::Encoding);
        assert_eq!((found, problems.first().map(|p| p.kind)), (status, kind), "one in {every}");
        if let Some(example) = problems.first().map(|problem| &problem.examples[0]) {
            let value = example.value.as_deref().unwrap();
            assert!(value.starts_with("TESTA ì±ì¥") && example.rule.is_some() && example.row.is_some());
        }
    }
}

#[test]
fn shared_titles_images_and_links_are_told_in_groups() {
    let shared = feed(
        1_000,
        |i| if i < 30 { "이케아 책장".into() } else { named(i) },
        |_| 1,
        |i| if i < 12 { 0 } else { i },
    );
    let (status, problems) = problems(&shared, CheckId::Sanctions);
    assert_eq!(status, CheckStatus::Warn);
    let kinds: Vec<_> = problems.iter().map(|p| (p.kind, p.count, p.examples.len())).collect();
    let expected = [
        (ProblemKind::OneLink, 1_000, 1),
        (ProblemKind::RepeatedTitle, 30, 1),
        (ProblemKind::RepeatedImage, 12, 1),
    ];
    assert_eq!(kinds, expected);
    let example = &problems[1].examples[0];
    assert_eq!((example.value.as_deref(), example.times), (Some("이케아 책장"), Some(30)));
    assert_eq!((example.id.as_deref(), example.row), (Some("p1, p2, p3"), None));
    assert_eq!(problems[0].examples[0].id.as_deref(), Some("p0"));
}

#[test]
fn links_that_begin_alike_are_not_one() {
    let path = "very-long-path-of-a-friendly-shop/".repeat(4);
    let rows: Vec<_> = (0..9).map(|i| ROW.replacen('1', &i.to_string(), 1)).collect();
    let rows: Vec<_> = rows
        .iter()
        .enumerate()
        .map(|(i, row)| row.replace("example/1", &format!("example/{path}{i}")))
        .collect();
    let rows: Vec<_> = std::iter::once(HEADER).chain(rows.iter().map(String::as_str)).collect();
    let (_, problems) = problems(&file(&rows), CheckId::Sanctions);
    assert!(problems.iter().all(|problem| problem.kind != ProblemKind::OneLink), "{problems:?}");
}

#[test]
fn phone_numbers_and_promotions_are_told_with_the_most_frequent_phrases() {
    let title = |i: u32| match i {
        5 => format!("책장 문의 010-1234-5678 {i}"),
        10..20 => format!("[무료배송] 책장 {i}"),
        30..33 => format!("책장 특가 {i}"),
        40 => format!("책장 쿠폰 {i}"),
        50 => format!("책장 사은품 {i}"),
        _ => named(i),
    };
    let (status, problems) = problems(&titled(1_000, title), CheckId::Sanctions);
    assert_eq!(status, CheckStatus::Warn);
    let [promotion, phone] = &problems[..] else { panic!("{problems:?}") };
    assert_eq!((promotion.kind, promotion.count), (ProblemKind::Promotion, 15));
    let told: Vec<_> = promotion.examples.iter().map(|e| (e.rule.clone().unwrap(), e.times)).collect();
    assert_eq!(told[..2], [(sign("무료 배송"), Some(10)), (sign("특가"), Some(3))]);
    assert_eq!((promotion.examples.len(), promotion.examples[0].row), (3, Some(12)));
    assert_eq!((phone.kind, phone.count), (ProblemKind::PhoneNumber, 1));
    assert_eq!(phone.examples[0].rule, Some(sign("010-1234-5678")));
}
