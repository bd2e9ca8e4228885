use super::*;
use crate::{
    config::chat::Locale,
    report::{Cell, Fate, FieldSaid, LineBecame, LineTaken, Standing, WhyStep},
};

/// Text that breaks out of a line, turns it, calls people, or does not end.
fn hostile() -> String {
    format!("\u{202e}\u{1b}[31m<!channel>\n\t`{}", "🛋".repeat(100_000))
}

fn whole() -> Why {
    let cell = || Cell { column: hostile(), value: hostile(), from: hostile() };
    let taken =
        StepTaken { step: WhyStep::Price, decision: Decision::LeftOut, by: hostile(), value: hostile() };
    let found = Found {
        department: Some(hostile()),
        window: Some(7),
        element: 12_345,
        variant_of: Some(hostile()),
        fields: vec![FieldSaid { field: "name".into(), place: hostile(), value: Some(hostile()) }],
        corrections: vec![LineTaken {
            line: 7,
            says: hostile(),
            value: hostile(),
            became: LineBecame::Holds,
        }],
        steps: vec![taken],
        row: Vec::new(),
        fate: Fate::Broken { rule: "link: rule_of_tomorrow".into(), value: hostile() },
    };
    Why {
        id: hostile(),
        standing: Standing::LeftOut,
        times: 2,
        found: vec![found],
        published: OfPublished::Row { build: None, row: vec![cell()] },
        changes: Vec::new(),
        nearest: Vec::new(),
    }
}

fn of(why: Why) -> Explanation {
    Explanation { products: vec![why], ..Explanation::default() }
}

#[test]
fn nothing_foreign_breaks_out_of_its_line() {
    for locale in [Locale::Ko, Locale::En] {
        let text = lines(Words::of(locale), &of(whole()));
        assert!(!text.contains(['\u{202e}', '\u{1b}', '\t']), "{text}");
        assert!(text.contains("⟨U+202E⟩␛[31m<!channel>␊␉"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() < 600), "{text}");
        assert_eq!(text.lines().count(), 14, "{text}");
    }
}

#[test]
fn an_id_that_nothing_comes_near_is_told_plainly() {
    let why = Why { times: 0, standing: Standing::NotInSource, found: Vec::new(), id: "7".into(), ..whole() };
    for (locale, said) in
        [(Locale::Ko, "비슷한 번호도 없습니다"), (Locale::En, "No id of the source comes near it")]
    {
        let why = Why { published: OfPublished::Unknown { reason: "status 500".into() }, ..why.clone() };
        let text = lines(Words::of(locale), &of(why));
        assert!(text.contains(said) && text.contains("status 500"), "{text}");
    }
}
