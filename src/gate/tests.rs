use super::*;
use crate::report::{BrokenRule, Flawed, ForeignPrices, Shared, SharedGroup, SkipReason};

fn gate() -> Gate {
    Gate::new(GateConfig::default(), 100_000)
}

fn funnel(kept: u64, broken: &[(&str, u64)], over_cap: u64) -> Funnel {
    let broken: std::collections::BTreeMap<_, _> =
        broken.iter().map(|(rule, n)| (BrokenRule::from(*rule), *n)).collect();
    let skipped = if over_cap > 0 { [(SkipReason::OverCap, over_cap)].into() } else { [].into() };
    let fetched = kept + broken.values().sum::<u64>() + over_cap;
    Funnel { fetched, kept, skipped, broken, duplicates: 0 }
}

/// Judges `rows` sound rows with this median price.
fn judge(rows: u64, median_price: u64, base: &Base) -> Judgement {
    compared(rows, median_price, None, base)
}

/// The same of a build that was compared with the published one.
fn compared(rows: u64, median_price: u64, drift: Option<&Drift>, base: &Base) -> Judgement {
    let (funnel, source) = (funnel(rows, &[], 0), Source::default());
    let median_price = (rows > 0).then_some(median_price);
    gate().judge(
        &Figures {
            rows,
            funnel: &funnel,
            median_price,
            source: &source,
            quality: &Quality::default(),
            takeover: None,
            profile: None,
            drift,
            corrections: None,
        },
        base,
    )
}

fn names(judgement: &Judgement) -> Vec<&str> {
    let warnings = judgement.warnings.iter().map(|warning| match warning {
        GateWarning::Shrink { .. } => "warn shrink",
        GateWarning::UnusualRows { .. } => "warn unusual",
        GateWarning::NearCap { .. } => "warn cap",
        GateWarning::TakeoverUnknown { .. } => "warn takeover",
        GateWarning::StateLost { .. } => "warn lost",
        GateWarning::DestroyedText { .. } => "warn destroyed",
        GateWarning::PhoneNumbers(_) => "warn phone",
        GateWarning::Promotions(_) => "warn promotion",
        GateWarning::SameTitle(_) => "warn title",
        GateWarning::SameImage(_) => "warn image",
        GateWarning::SourceIncomplete { .. } => "warn incomplete",
        GateWarning::DepartmentsEmpty { .. } => "warn departments",
        GateWarning::DepartmentsNotRead { .. } => "warn list",
        GateWarning::CountUnknown { .. } => "warn count",
        GateWarning::ShapeChanged { .. } => "warn shape",
        GateWarning::Drift(drifted) => drifted.rule.name(),
        GateWarning::CorrectionsLost { .. } => "warn corrections",
        GateWarning::Later(later) => later.name("warning"),
    });
    judgement.holds.iter().map(HoldReason::name).chain(warnings).collect()
}

#[test]
fn a_build_is_held_against_the_published_one_exactly_at_the_limits() {
    let base =
        Base { rows: Some(10_000), median_price: Some(50_000), same_hour: Vec::new(), ..Base::default() };
    for (what, rows, median, expected) in [
        ("the same again", 10_000, 50_000, vec![]),
        ("far more", 40_000, 50_000, vec!["growth"]),
        ("a fifth more", 12_000, 50_000, vec!["growth"]),
        ("not quite a fifth more", 11_999, 50_000, vec![]),
        ("a little less", 9_501, 50_000, vec![]),
        ("5 % fewer", 9_500, 50_000, vec!["warn shrink"]),
        ("not quite 20 % fewer", 8_001, 50_000, vec!["warn shrink"]),
        ("20 % fewer", 8_000, 50_000, vec!["shrink"]),
        ("nothing left", 0, 50_000, vec!["no_rows"]),
        ("dearer, not quite 30 %", 10_000, 64_999, vec![]),
        ("dearer by 30 %", 10_000, 65_000, vec!["median_price"]),
        ("cheaper, not quite 30 %", 10_000, 35_001, vec![]),
        ("cheaper by 30 %", 10_000, 35_000, vec!["median_price"]),
        ("ten times dearer", 10_000, 500_000, vec!["median_price"]),
        ("a tenth of the price and half the rows", 5_000, 5_000, vec!["shrink", "median_price"]),
    ] {
        assert_eq!(names(&judge(rows, median, &base)), expected, "{what}");
    }
}

#[test]
fn a_first_build_is_judged_by_itself() {
    for (what, kept, broken, source, expected) in [
        ("sound", 10, vec![], Source::default(), vec![]),
        ("nothing", 0, vec![], Source::default(), vec!["no_rows"]),
        ("10 % broken", 90, vec![("link: not_http", 10)], Source::default(), vec![]),
        (
            "more than 10 % broken",
            89_999,
            vec![("link: not_http", 10_001)],
            Source::default(),
            vec!["broken"],
        ),
        (
            "all broken",
            0,
            vec![("category_name1: required", 5)],
            Source::default(),
            vec!["no_rows", "broken"],
        ),
        ("all there", 10, vec![], Source { says: Some(10), gave: 10, ..Source::default() }, vec![]),
        (
            "one missing",
            10,
            vec![],
            Source { says: Some(11), gave: 10, ..Source::default() },
            vec!["source_incomplete"],
        ),
        (
            "foreign",
            10,
            vec![],
            Source {
                foreign: Some(ForeignPrices { expected: "KRW".into(), products: 1, found: "SEK".into() }),
                ..Source::default()
            },
            vec!["foreign_currency"],
        ),
    ] {
        let funnel = funnel(kept, &broken, 0);
        let figures = Figures {
            rows: kept,
            funnel: &funnel,
            median_price: Some(1),
            source: &source,
            quality: &Quality::default(),
            takeover: None,
            profile: None,
            drift: None,
            corrections: None,
        };
        assert_eq!(names(&gate().judge(&figures, &Base::default())), expected, "{what}");
    }
}

#[test]
fn too_many_broken_rows_name_the_rule_that_most_of_them_broke() {
    let funnel = funnel(80, &[("id: characters", 3), ("title: required", 15), ("link: too_long", 2)], 0);
    let figures = Figures {
        rows: 80,
        funnel: &funnel,
        median_price: None,
        source: &Source::default(),
        quality: &Quality::default(),
        takeover: None,
        profile: None,
        drift: None,
        corrections: None,
    };
    let judgement = gate().judge(&figures, &Base::default());
    let expected = HoldReason::Broken {
        measured: Percent::whole(20),
        limit: Percent::whole(10),
        broken: 20,
        of: 100,
        mostly: "title: required".into(),
        times: 15,
    };
    assert_eq!(judgement.holds, [expected]);
}

#[test]
fn an_unusual_row_count_takes_seven_exports_a_twentieth_and_three_deviations() {
    let sample =
        |rows: &[u64]| Base { rows: None, median_price: None, same_hour: rows.to_vec(), ..Base::default() };
    // Mean 1000, sample deviation 20.
    let spread = [980, 1020, 980, 1020, 980, 1020, 1000, 1000, 980, 1020, 980, 1020, 978, 1022];
    let mut long = spread.to_vec();
    long.extend([5; 20]);
    for (what, same_hour, rows, unusual) in [
        ("six exports are too few", &[1000; 6][..], 2000, false),
        ("seven are enough", &[1000; 7], 1050, true),
        ("not a twentieth off", &[1000; 7], 1049, false),
        ("fewer counts too", &[1000; 7], 950, true),
        ("the same", &[1000; 14], 1000, false),
        ("within three deviations", &spread, 1055, false),
        ("beyond them", &spread, 1065, true),
        ("only the newest fourteen count", &long, 1055, false),
        ("nothing was ever there", &[0; 7], 10, false),
    ] {
        let judgement = judge(rows, 1, &sample(same_hour));
        let found = names(&judgement);
        assert_eq!(found == ["warn unusual"], unusual, "{what}: {found:?}");
    }
    // The floor: 0.1 % of the mean, so that fifty rows of a thousand are fifty deviations.
    let warning = judge(1050, 1, &sample(&[1000; 7])).warnings.remove(0);
    let expected =
        GateWarning::UnusualRows { measured: 50.0, limit: 3.0, usual: 1000, now: 1050, exports: 7 };
    assert_eq!(warning, expected);
    // Exactly as many deviations as are allowed are not beyond them.
    let strict = Gate::new(GateConfig { warn_sigma: 50.0, ..GateConfig::default() }, 100_000);
    let funnel = funnel(1050, &[], 0);
    let figures = Figures {
        rows: 1050,
        funnel: &funnel,
        median_price: None,
        source: &Source::default(),
        quality: &Quality::default(),
        takeover: None,
        profile: None,
        drift: None,
        corrections: None,
    };
    assert_eq!(names(&strict.judge(&figures, &sample(&[1000; 7]))), Vec::<&str>::new());
}

#[test]
fn the_cap_is_told_before_it_is_reached() {
    for (rows, left_out, expected) in
        [(97_999, 0, vec![]), (98_000, 0, vec!["warn cap"]), (100_000, 7, vec!["warn cap"])]
    {
        let funnel = funnel(rows, &[], left_out);
        let figures = Figures {
            rows,
            funnel: &funnel,
            median_price: None,
            source: &Source::default(),
            quality: &Quality::default(),
            takeover: None,
            profile: None,
            drift: None,
            corrections: None,
        };
        assert_eq!(names(&gate().judge(&figures, &Base::default())), expected, "{rows} {left_out}");
    }
}

#[test]
fn thresholds_are_settings() {
    let config = GateConfig {
        hold_shrink: Percent::whole(50),
        hold_broken: Percent::whole(100),
        hold_median: Percent::whole(1000),
        warn_shrink: Percent::whole(40),
        warn_sigma: 100.0,
        ..GateConfig::default()
    };
    let base = Base { rows: Some(100), median_price: Some(100), same_hour: vec![100; 14], ..Base::default() };
    let funnel = funnel(61, &[("title: required", 1000)], 0);
    let figures = Figures {
        rows: 61,
        funnel: &funnel,
        median_price: Some(1099),
        source: &Source::default(),
        quality: &Quality::default(),
        takeover: None,
        profile: None,
        drift: None,
        corrections: None,
    };
    let judgement = Gate::new(config, 1000).judge(&figures, &base);
    assert_eq!(names(&judgement), ["warn unusual"], "39 % fewer are 390 deviations of 0.1 %");
}

#[test]
fn somebody_elses_feed_is_taken_over_only_where_most_of_its_ids_go_on() {
    let funnel = funnel(9, &[], 0);
    let source = Source::default();
    let diff = |kept, of| Takeover::Compared(TakeoverDiff { kept, of, rows: 9, gone: vec![], new: vec![] });
    for (what, rows, takeover, expected) in [
        ("all of them", 9, diff(9, 9), vec![]),
        ("four in five", 9, diff(8, 10), vec![]),
        ("fewer", 9, diff(79, 100), vec!["takeover"]),
        ("none", 9, diff(0, 3), vec!["takeover"]),
        ("no rows say it all", 0, diff(0, 3), vec!["no_rows"]),
        ("nobody knows", 9, Takeover::Unknown { reason: "status 503".into() }, vec!["warn takeover"]),
    ] {
        let figures = Figures {
            rows,
            funnel: &funnel,
            median_price: None,
            source: &source,
            quality: &Quality::default(),
            takeover: Some(&takeover),
            profile: None,
            drift: None,
            corrections: None,
        };
        let judgement = gate().judge(&figures, &Base::default());
        assert_eq!(names(&judgement), expected, "{what}");
    }
}

#[test]
fn destroyed_titles_hold_a_build_and_what_naver_sanctions_is_told() {
    let (funnel, source) = (funnel(1000, &[], 0), Source::default());
    let flawed = |products| Flawed { products, examples: vec![] };
    let shared = |products| Shared { values: 1, products, ..Shared::default() };
    let one_for = |products| {
        let group = SharedGroup { value: "https://images.example/none.jpg".into(), products, ids: vec![] };
        Shared { groups: vec![group], ..shared(products) }
    };
    let sound = Quality::default();
    for (quality, expected) in [
        (sound.clone(), vec![]),
        (Quality { destroyed: flawed(1), ..sound.clone() }, vec!["warn destroyed"]),
        (Quality { destroyed: flawed(9), ..sound.clone() }, vec!["warn destroyed"]),
        (Quality { destroyed: flawed(10), ..sound.clone() }, vec!["destroyed_text"]),
        (Quality { phone_numbers: flawed(1), ..sound.clone() }, vec!["warn phone"]),
        (Quality { promotions: flawed(1), ..sound.clone() }, vec!["warn promotion"]),
        (Quality { same_title: shared(19), same_image: shared(199), ..sound.clone() }, vec![]),
        (Quality { same_title: shared(20), ..sound.clone() }, vec!["warn title"]),
        (Quality { same_image: shared(200), ..sound.clone() }, vec!["warn image"]),
        (Quality { same_image: one_for(9), ..sound.clone() }, vec![]),
        (Quality { same_image: one_for(10), ..sound.clone() }, vec!["warn image"]),
    ] {
        let figures = Figures {
            rows: 1000,
            funnel: &funnel,
            median_price: None,
            source: &source,
            quality: &quality,
            takeover: None,
            profile: None,
            drift: None,
            corrections: None,
        };
        let judgement = gate().judge(&figures, &Base::default());
        assert_eq!(names(&judgement), expected, "{quality:?}");
    }
    let few = Quality { same_title: shared(2), same_image: shared(2), destroyed: flawed(0), ..sound };
    let figures = Figures {
        rows: 2,
        funnel: &funnel,
        median_price: None,
        source: &source,
        quality: &few,
        takeover: None,
        profile: None,
        drift: None,
        corrections: None,
    };
    assert_eq!(names(&gate().judge(&figures, &Base::default())), [""; 0], "two that are sold twice");
}

#[test]
fn a_median_that_others_moved_is_none_where_the_comparison_knows_it() {
    let base = Base { rows: Some(1_000), median_price: Some(50_000), ..Base::default() };
    let holds = |common: u64, repriced: Option<u64>| {
        let drift = Drift { common, repriced, ..Drift::default() };
        names(&compared(1_000, 65_000, Some(&drift), &base)).contains(&"median_price")
    };
    assert!(!holds(900, Some(0)) && !holds(900, Some(296)) && !holds(500, Some(0)));
    assert!(holds(900, Some(297)), "a third of them has another price");
    assert!(holds(499, Some(0)), "too few are the same");
    assert!(holds(900, None), "nobody knows what a sale explains");
}
