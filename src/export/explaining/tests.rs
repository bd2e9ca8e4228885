use std::collections::{BTreeMap, BTreeSet};

use strum::IntoEnumIterator;

use super::*;
use crate::{
    config::{Config, chat::Locale},
    ep::row::feed_columns,
    explain,
    export::{
        Judge, cap::Cap, collect::Collected, judge::tests::product_with, outcome::texts, standing::Standings,
    },
    fetch::batches_of,
    report::{BuildId, Explanation, WhyStep},
    slack::wording::Words,
};

/// A sound product with these members besides, or in place of its own.
fn product(id: &str, members: &str) -> String {
    let others: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&format!("{{{members}}}")).unwrap();
    product_with(id, members, |key| others.contains_key(key))
}

const SETTINGS: [(&str, &str); 4] = [
    ("FILTER_EXCLUDE_CATEGORIES", "st009"),
    ("FILTER_EXCLUDE_WORDS", "전시"),
    ("FILTER_LAST_CHANCE", "drop"),
    ("FILTER_MIN_PRICE", "1000"),
];

fn no_feed() -> Standings {
    Standings::NoFeed
}

/// What is told of these ids, of a catalogue of these elements, which has room for so many rows.
fn whys(ids: &[&str], elements: &[String], cap: Cap, standings: Standings) -> Vec<Why> {
    let settings = BTreeMap::from(SETTINGS);
    let config = Config::from_lookup(&|name| settings.get(name).map(|value| (*value).to_owned())).unwrap();
    let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let (judge, asked) = (Judge::of(&config), Asked::of(&ids).unwrap());
    let mut collected = Collected::new(cap, feed_columns(false));
    collected.explaining = Some(Explaining::of(&asked));
    for batch in batches_of(elements.iter().map(String::as_bytes)) {
        judge.batch(&batch, &texts(), Some(&asked), &mut |judged| {
            collected.take(judged);
            true
        });
    }
    collected.close();
    collected.finish().0.explaining.unwrap().whys(&asked, standings)
}

fn why(id: &str, elements: &[String]) -> Why {
    whys(&[id], elements, Cap::of(100, 0), no_feed()).remove(0)
}

fn told(locale: Locale, why: &Why) -> String {
    explain::lines(Words::of(locale), &Explanation { products: vec![why.clone()], ..Explanation::default() })
}

/// The step that left it out, and by what.
fn left_out(why: &Why) -> (WhyStep, &str, &str) {
    let mut steps = why.found[0].steps.iter().filter(|taken| taken.decision == Decision::LeftOut);
    let taken = steps.next().unwrap_or_else(|| panic!("nothing left it out: {why:?}"));
    assert!(steps.next().is_none(), "one step decides: {why:?}");
    let (before, behind): (Vec<_>, Vec<_>) = why.found[0]
        .steps
        .iter()
        .filter(|other| other.step != taken.step)
        .partition(|other| other.step < taken.step);
    assert!(behind.iter().all(|other| other.decision == Decision::NotReached), "{why:?}");
    assert!(before.iter().all(|other| other.decision != Decision::LeftOut), "{why:?}");
    (taken.step, &taken.by, &taken.value)
}

#[test]
fn each_way_out_of_the_funnel_names_its_step_what_decided_it_and_the_value_in_both_languages() {
    use SkipReason::*;
    type Case =
        (&'static str, Result<SkipReason, &'static str>, WhyStep, [&'static str; 2], [&'static str; 2]);
    #[rustfmt::skip]
    let cases: Vec<Case> = vec![
        (r#""onlineSellable": false"#, Ok(NotSellable), WhyStep::Sellable, ["/onlineSellable", "onlineSellable false"],
            ["제외: 온라인 미판매", "Left out: not sold online"]),
        (r#""onlineSellable": "soon""#, Ok(SellableUnclear), WhyStep::Sellable, ["/onlineSellable", "soon"],
            ["제외: 판매 여부 불명", "Left out: unclear whether sold online"]),
        (r#""salesPrice": {"numeral": 5000, "currencyCode": "KRW"}, "badge": "FAMILY""#, Ok(RestrictedPrice),
            WhyStep::Price, ["/salesPrice/numeral", "5000 KRW FAMILY"],
            ["제외: 회원·매장 가격", "Left out: price for members or stores only: 5000 KRW FAMILY"]),
        (r#""salesPrice": null"#, Ok(NoPrice), WhyStep::Price, ["/salesPrice/numeral", ""],
            ["제외: 가격 없음", "Left out: no price"]),
        (r#""salesPrice": {"numeral": 999}"#, Ok(PriceTooLow), WhyStep::LowestPrice, ["FILTER_MIN_PRICE=1000", "999"],
            ["제외: 0원 또는 최저 가격 미만: 999", "Left out: price zero or too low: 999"]),
        (r#""mainImageUrl": " ""#, Ok(NoImage), WhyStep::Image, ["/mainImageUrl", ""],
            ["제외: 이미지 없음", "Left out: no image"]),
        (r#""categoryPath": [{"name": "수납", "key": "st009"}]"#, Ok(ExcludedCategory), WhyStep::Category,
            ["FILTER_EXCLUDE_CATEGORIES=st009", "st009"], ["제외: 제외 카테고리: st009", "Left out: excluded category: st009"]),
        (r#""name": "전시 상품""#, Ok(ExcludedWord), WhyStep::Word, ["FILTER_EXCLUDE_WORDS=전시", "전시"],
            ["제외: 제외 단어 포함: 전시", "Left out: excluded word: 전시"]),
        (r#""lastChance": true"#, Ok(LastChance), WhyStep::LastChance, ["FILTER_LAST_CHANCE=drop", "lastChance true"],
            ["제외: 단종 예정", "Left out: last chance"]),
        (r#""salesPrice": {"numeral": "sale!"}"#, Err("price_pc: not_an_amount"), WhyStep::Price,
            ["/salesPrice/numeral", "sale!"],
            ["규칙 위반: price_pc 읽을 수 없는 금액: sale!", "It breaks a rule: price_pc not an amount: sale!"]),
        (r#""salesPrice": {"numeral": 1999.5}"#, Err("price_pc: not_whole"), WhyStep::Rules,
            ["price_pc: not_whole", "1999.5"],
            ["규칙 위반: price_pc 소수점이 있는 금액: 1999.5", "It breaks a rule: price_pc not a whole amount: 1999.5"]),
        (r#""salesPrice": {"numeral": 5000, "currencyCode": "USD"}"#, Err("price_pc: currency"), WhyStep::Rules,
            ["EP_CURRENCY=KRW", "USD"],
            ["규칙 위반: price_pc 다른 통화: USD", "It breaks a rule: price_pc another currency: USD"]),
        (r#""pipUrl": "javascript:alert(1)""#, Err("link: not_http"), WhyStep::Rules, ["link: not_http", "javascript:alert(1)"],
            ["규칙 위반: link 올바르지 않은 웹 주소", "It breaks a rule: link not an http(s) address"]),
        (r#""name": null"#, Err("product: no_name"), WhyStep::Name, ["/name", ""],
            ["규칙 위반: 상품 이름 없음", "It breaks a rule: product without a name"]),
        (r#""name": "<b></b>""#, Err("product: empty_name"), WhyStep::Name, ["/name", "u{3c}"],
            ["규칙 위반: 표시할 글자가 없는 이름", "It breaks a rule: name with nothing to show"]),
        (r#""salesPrice": {"numeral": 5000}, "salesPrice": {"numeral": 6000}"#, Err("price_pc: two_values"), WhyStep::Read,
            ["", "5000"], ["규칙 위반: price_pc 서로 다른 값이 두 번", "It breaks a rule: price_pc two different values"]),
    ];
    let mut met: BTreeSet<SkipReason> = [OverCap].into();
    for (members, expected, step, [by, value], [korean, english]) in cases {
        let why = why("1", &[product("0", ""), product("1", members)]);
        assert_eq!((why.standing, why.times, why.found[0].element), (Standing::LeftOut, 1, 2), "{members}");
        let (found, found_by, found_value) = left_out(&why);
        assert_eq!(found, step, "{members}: {why:?}");
        assert!(found_by.contains(by) && found_value.contains(value), "{members}: {found_by} {found_value}");
        match (&why.found[0].fate, expected) {
            (Fate::Skipped { reason, .. }, Ok(expected)) => {
                assert_eq!(*reason, expected);
                met.insert(expected);
            }
            (Fate::Broken { rule, .. }, Err(expected)) => assert_eq!(rule.to_string(), expected),
            (fate, expected) => panic!("{members}: {fate:?} for {expected:?}"),
        }
        let [ko, en] = [Locale::Ko, Locale::En].map(|locale| told(locale, &why));
        assert!(ko.contains("1: 소스에 있지만 피드에 들어가지 않습니다\n") && ko.contains(korean), "{ko}");
        assert!(en.contains("\n1 is in the source and not in the feed\n") && en.contains(english), "{en}");
        assert!(why.found[0].row.is_empty());
    }
    // What a merchant's own table excludes has a test of its own, in tests/app.
    let all: BTreeSet<_> = SkipReason::iter().filter(|reason| *reason != SkipReason::Corrected).collect();
    assert_eq!(met, all, "each reason has its line here, and no room has a test of its own");
}

#[test]
fn one_that_finds_no_room_says_so_by_the_cap() {
    let all = [product("1", ""), product("2", "")];
    let why = whys(&["2"], &all, Cap::of(1, 0), no_feed()).remove(0);
    assert_eq!(left_out(&why).0, WhyStep::Cap);
    assert_eq!(why.found[0].fate, Fate::Skipped { reason: SkipReason::OverCap, value: "1".into() });
    assert!(
        told(Locale::En, &why).contains("Left out: beyond the row cap: 1\n"),
        "{}",
        told(Locale::En, &why)
    );
    assert!(told(Locale::Ko, &why).contains("제외: 상품 수 한도 초과: 1\n"));
}

#[test]
fn one_that_waits_for_room_and_gets_it_is_kept() {
    let mut cap = Cap::of(2, 1);
    cap.expect(1);
    let all = [product("1", ""), product("2", ""), product("3", "")];
    let found = whys(&["2", "3"], &all, cap, no_feed());
    let standings: Vec<_> = found.iter().map(|why| why.standing).collect();
    assert_eq!(standings, [Standing::InFeed, Standing::LeftOut]);
    assert!(found[0].found[0].steps.iter().all(|taken| taken.decision == Decision::Passed));
}

#[test]
fn the_first_sound_copy_counts_and_the_others_are_repeats() {
    let bad = r#""onlineSellable": false"#;
    let all = [product("1", bad), product("1", ""), product(" 1 ", ""), product("1", bad)];
    let why = why("1", &all);
    assert_eq!((why.standing, why.times), (Standing::InFeed, 4));
    let fates: Vec<_> = why.found.iter().map(|found| &found.fate).collect();
    assert!(matches!(fates[0], Fate::Skipped { reason: SkipReason::NotSellable, .. }));
    assert_eq!(fates[1..], [&Fate::Kept, &Fate::Repeat, &Fate::Repeat]);
    let repeat = &why.found[2].steps;
    let decisions = [WhyStep::Repeat, WhyStep::Cap]
        .map(|step| repeat.iter().find(|taken| taken.step == step).unwrap().decision);
    assert_eq!(decisions, [Decision::LeftOut, Decision::NotReached]);
    let [ko, en] = [Locale::Ko, Locale::En].map(|locale| told(locale, &why));
    assert!(ko.contains("소스에 4번 있습니다") && ko.contains("번호가 같은 앞의 상품을 따릅니다"), "{ko}");
    assert!(
        en.contains("The source has it 4 times")
            && en.contains("An earlier product with the same id decides")
    );
}

#[test]
fn of_many_copies_a_few_are_told_and_the_one_that_counts() {
    let mut all: Vec<_> = (0..3_000).map(|_| product("1", r#""onlineSellable": false"#)).collect();
    all.push(product("1", ""));
    all.extend((0..3_000).map(|_| product("1", "")));
    let why = why("1", &all);
    assert_eq!((why.times, why.found.len(), why.standing), (6_001, COPIES, Standing::InFeed));
    assert_eq!((&why.found[COPIES - 1].fate, why.found[COPIES - 1].element), (&Fate::Kept, 3_001));
}

#[test]
fn a_row_says_where_each_value_came_from_and_a_variant_whose_it_is() {
    let marked =
        r#""salesPrice": {"numeral": 5000, "currencyCode": "KRW", "previous": "￦6,000"}, "badge": "FAMILY""#;
    let variant = r#""gprDescription": {"variants": [{"itemNo": "11", "name": "NOVAR", "pipUrl": "https://shop.example/11",
        "imageUrl": "https://images.example/11.jpg", "salesPrice": {"numeral": 4000, "currencyCode": "KRW"}}]}"#;
    let found = whys(&["1", "11"], &[product("1", marked), product("10", variant)], Cap::of(9, 0), no_feed());
    let [regular, variant] = [&found[0].found[0], &found[1].found[0]];
    let price = regular.steps.iter().find(|taken| taken.step == WhyStep::Price).unwrap();
    assert_eq!((price.decision, &*price.value), (Decision::RegularInstead, "5000 KRW FAMILY"));
    let cell = |found: &Found, column: &str| {
        let cell = found.row.iter().find(|cell| cell.column == column).unwrap();
        format!("{} <- {}", cell.value, cell.from)
    };
    assert!(cell(regular, "price_pc").starts_with("6000 <- /salesPrice/previous"));
    assert_eq!(cell(regular, "id"), "1 <- /itemNo");
    let said = |field: &str| regular.fields.iter().find(|said| said.field == field).unwrap();
    assert_eq!((said("name").value.as_deref(), &*said("name").place), (Some("NOVAR"), "/name"));
    assert_eq!(said("marks").value.as_deref(), Some("5000 KRW FAMILY"));
    assert_eq!(variant.variant_of.as_deref(), Some("10"));
    assert!(told(Locale::En, &found[1]).contains("a variant of 10"));
    assert!(told(Locale::Ko, &found[1]).contains("10의 옵션 상품"));
}

#[test]
fn what_is_published_is_told_with_the_columns_that_change() {
    let build = BuildId::parse("20261006-000503-k3x9").unwrap();
    let cell = |(column, value): (&str, &str)| Cell {
        column: column.into(),
        value: value.into(),
        from: String::new(),
    };
    let row = |pairs: &[(&str, &str)]| Some(pairs.iter().copied().map(cell).collect::<Vec<_>>());
    let rows = vec![
        row(&[("id", "1"), ("title", "OLD"), ("price_pc", "79900"), ("maker", "Moa")]),
        None,
        row(&[("id", "3"), ("title", "GONE")]),
        None,
    ];
    let standings = Standings::Feed { build: Some(build), rows };
    let all = [product("1", ""), product("2", ""), product("3", r#""onlineSellable": false"#)];
    let found = whys(&["1", "2", "3", "4"], &all, Cap::of(9, 0), standings);
    let change = |column: &str| found[0].changes.iter().find(|change| change.column == column);
    assert_eq!(
        change("title").map(|change| (&*change.published, &*change.now)),
        Some(("OLD", "이케아 NOVAR"))
    );
    assert_eq!(change("price_pc"), None);
    assert!(found[1..].iter().all(|why| why.changes.is_empty()));
    for (at, korean, english) in [
        (0, "title: OLD → 이케아 NOVAR", "What it changes of the published row:"),
        (
            1,
            "공개된 파일에는 아직 없고 (20261006-000503-k3x9), 다음 생성이 보류되지 않으면 들어갑니다",
            "does not have it yet",
        ),
        (2, "다음 생성이 보류되지 않으면 빠집니다", "the next export takes it out unless it is held"),
        (3, "4: 소스에 없습니다\n", "4 is not in the source\n"),
    ] {
        let [ko, en] = [Locale::Ko, Locale::En].map(|locale| told(locale, &found[at]));
        assert!(ko.contains(korean), "{ko}");
        assert!(en.contains(english), "{en}");
    }
    assert_eq!(found[3].nearest, ["1", "2", "3"]);
    assert!(told(Locale::Ko, &found[3]).contains("소스에서 비슷한 번호: 1, 2, 3"));
}

#[test]
fn hostile_values_are_bounded_and_shown() {
    let name = format!("{}<!channel> \u{202e}gnp\u{200b} {}", "🛋".repeat(300), "x".repeat(100_000));
    let url = format!("javascript:{}", "y".repeat(100_000));
    let hostile = product("1", &format!(r#""name": "{name}", "pipUrl": "{url}""#));
    let sound = product("2", &format!(r#""name": "A\u202e <!channel> {}""#, "📦".repeat(300)));
    let found = whys(&["1", "2"], &[hostile, sound], Cap::of(9, 0), no_feed());
    assert_eq!(found[0].standing, Standing::LeftOut);
    assert_eq!(found[1].standing, Standing::InFeed);
    for why in &found {
        let json = serde_json::to_string(why).unwrap();
        assert!(json.len() < 12_000, "{}", json.len());
        for locale in [Locale::Ko, Locale::En] {
            let text = told(locale, why);
            assert!(text.len() < 12_000, "{}", text.len());
            assert!(!text.contains(['\u{202e}', '\u{200b}', '\u{1b}']), "{text}");
            assert!(text.lines().all(|line| line.chars().count() < 500), "{text}");
        }
    }
}

#[test]
fn each_step_has_a_place_and_a_name_in_both_languages() {
    let why = why("1", &[product("1", "")]);
    let steps: Vec<_> = why.found[0].steps.iter().map(|taken| taken.step).collect();
    // That of a merchant's corrections is told where there are any, in tests/app.
    assert_eq!(steps, WhyStep::iter().filter(|step| *step != WhyStep::Corrections).collect::<Vec<_>>());
    let names: BTreeSet<_> = [Locale::Ko, Locale::En]
        .iter()
        .flat_map(|l| WhyStep::iter().map(|step| Words::of(*l).why_step(step)))
        .collect();
    assert_eq!(names.len(), 2 * WhyStep::iter().len());
}
