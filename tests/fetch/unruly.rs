//! A small shop that misbehaves at random, in every way at once: what was there all the time arrives, or it is said, or
//! the build is held, or the run fails and says so.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use auto_ep::{
    config::gate::GateConfig,
    fetch::{Batch, FetchError, Fetcher, Known, Policy, Summary},
    gate::{Base, Figures, Gate, Judgement},
    report::{Funnel, Quality},
};
use proptest::prelude::*;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::{
    shop::settings,
    unruly_shop::{Mischief, State, Unruly, mischief, shop},
};

async fn read(web: Arc<Unruly>, known: &Known) -> (BTreeSet<String>, Result<Summary, FetchError>) {
    let config = settings(&[("CATALOG_PAGE_SIZE", "10")]);
    let (sender, mut receiver) = mpsc::channel::<Batch>(1);
    let collect = tokio::spawn(async move {
        let mut ids = BTreeSet::new();
        while let Some(batch) = receiver.recv().await {
            for item in batch.items() {
                let product: Value = serde_json::from_slice(item).unwrap();
                ids.insert(product["itemNo"].as_str().unwrap().to_owned());
            }
        }
        ids
    });
    let summary = Fetcher::new(web, Policy::default()).read(&config, known, sender).await;
    (collect.await.unwrap(), summary)
}

fn judge(summary: &Summary, known: &Known) -> Judgement {
    let base = Base { departments: known.published.clone(), ..Base::default() };
    let (funnel, rows) = (Funnel::default(), summary.source.gave.max(1));
    let figures = Figures {
        rows,
        funnel: &funnel,
        median_price: None,
        source: &summary.source,
        quality: &Quality::default(),
        takeover: None,
        profile: None,
        drift: None,
        corrections: None,
    };
    Gate::new(GateConfig::default(), 1_000_000).judge(&figures, &base)
}

/// What came of one export after a sound one.
#[derive(Debug)]
struct Ended {
    lost: BTreeSet<String>,
    judgement: Option<Judgement>,
    says: u64,
    calls: usize,
}

fn export(mischief: Vec<Mischief>, dice: u64) -> Ended {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let before = shop();
        let state = State { departments: before.clone(), mischief: Vec::new(), calls: 0, dice };
        let web = Arc::new(Unruly(Mutex::new(state)));
        let (ids, summary) = read(web.clone(), &Known::default()).await;
        let summary = summary.unwrap();
        assert_eq!((ids.len(), judge(&summary, &Known::default())), (131, Judgement::default()));
        let known = Known { published: summary.source.departments.clone(), last: summary.source.departments };

        {
            let mut state = web.0.lock().unwrap();
            state.calls = 0;
            state.mischief = mischief;
        }
        let (arrived, summary) = read(web.clone(), &known).await;
        let state = web.0.lock().unwrap();
        let after: BTreeSet<_> = state.departments.iter().flatten().cloned().collect();
        let there_all_the_time: BTreeSet<_> =
            before.into_iter().flatten().filter(|id| after.contains(id)).collect();
        let judgement = summary.as_ref().ok().map(|summary| judge(summary, &known));
        let says = summary.ok().and_then(|summary| summary.source.says).unwrap_or_default();
        let lost = there_all_the_time.difference(&arrived).cloned().collect();
        Ended { lost, judgement, says, calls: state.calls }
    })
}

/// One product that comes stands in every count for one that is missed: because another goes and moves all behind it,
/// or because a window that claims to be good leaves it out.
fn is_hidden(mischief: &[Mischief]) -> bool {
    let departments = |pick: fn(&Mischief) -> Option<usize>| -> BTreeSet<usize> {
        mischief.iter().filter_map(pick).collect()
    };
    let comes = departments(|one| match one {
        Mischief::Add { department, .. } => Some(*department),
        _ => None,
    });
    let goes = departments(|one| match one {
        Mischief::Delist { department, .. } | Mischief::Shrink { department, .. } => Some(*department),
        _ => None,
    });
    let is_left_out = mischief.iter().any(|one| {
        matches!(one, Mischief::Empty { .. } | Mischief::Elsewhere { .. } | Mischief::Shuffle { .. })
    });
    comes.intersection(&goes).next().is_some() || !comes.is_empty() && is_left_out
}

proptest! {
    // PROPTEST_CASES asks for more.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(600),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    #[test]
    fn whatever_the_source_does_every_product_arrives_or_it_is_said_or_held(
        mischief in prop::collection::vec(mischief(), 0..5),
        dice in any::<u64>(),
    ) {
        prop_assume!(!is_hidden(&mischief));
        let ended = export(mischief.clone(), dice);
        prop_assert!(ended.calls < 400, "{} calls", ended.calls);
        // A run that fails says so and leaves the published feed alone.
        let Some(judgement) = &ended.judgement else { return Ok(()) };
        let said = !judgement.holds.is_empty() || !judgement.warnings.is_empty();
        prop_assert!(ended.lost.is_empty() || said, "{:?} are lost without a word", ended.lost);
        // What is lost of departments that can be counted is held from one percent on.
        let blind = mischief.iter().any(|one| matches!(one, Mischief::NoCounts | Mischief::Hollow { .. } | Mischief::NotFound { .. }));
        let much = ended.lost.len() as u64 * 100 >= ended.says.max(1);
        prop_assert!(ended.lost.is_empty() || blind || !much || !judgement.holds.is_empty(), "{ended:?}");
    }
}

#[test]
fn a_source_that_behaves_well_or_mends_itself_is_not_complained_of() {
    for mischief in [
        vec![],
        vec![Mischief::Clamp { to: 3, from: 0, calls: 900 }],
        vec![Mischief::Empty { from: 9, calls: 2 }],
        vec![Mischief::Fail { from: 3, calls: 3, status: 503 }, Mischief::Cut { from: 12, calls: 3 }],
        vec![Mischief::Delist { after: 8, department: 0, place: 2 }],
        vec![Mischief::Shrink { after: 8, department: 3, by: 25 }],
        vec![Mischief::Shuffle { from: 7, calls: 2 }],
        vec![Mischief::Unlisted { department: 3 }],
    ] {
        let ended = export(mischief.clone(), 7);
        assert_eq!(ended.judgement, Some(Judgement::default()), "{mischief:?}");
        assert_eq!(ended.lost, BTreeSet::new(), "{mischief:?}");
    }
}
