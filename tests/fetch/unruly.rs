//! A small shop that misbehaves at random, in every way at once: what was there all the time arrives, or it is said, or
//! the build is held, or the run fails and says so.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use auto_ep::{
    config::gate::GateConfig,
    fetch::{Batch, FetchError, Fetcher, Known, Policy, Summary},
    gate::{Base, Figures, Gate, Judgement},
    report::{Funnel, Quality, Source},
    web::{Request, Response, Web, WebError},
};
use bytes::Bytes;
use proptest::prelude::*;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::shop::settings;

/// How the shop misbehaves. Calls are counted from the beginning of the export, whatever they are for.
#[derive(Debug, Clone)]
enum Mischief {
    /// Windows hold no more than this, in so many calls from one on.
    Clamp { to: usize, from: usize, calls: usize },
    /// A window is empty, and so are others after it.
    Empty { from: usize, calls: usize },
    /// An error status.
    Fail { from: usize, calls: usize, status: u16 },
    /// The body breaks off.
    Cut { from: usize, calls: usize },
    /// A window of another place.
    Elsewhere { from: usize, calls: usize, back: usize },
    /// Any order, in spite of the one that was asked for.
    Shuffle { from: usize, calls: usize },
    /// So many products of a department are gone after a call.
    Shrink { after: usize, department: usize, by: usize },
    /// One product is gone after a call.
    Delist { after: usize, department: usize, place: usize },
    /// One product is new after a call.
    Add { after: usize, department: usize, place: usize },
    /// The list does not name a department.
    Unlisted { department: usize },
    /// A department answers as if there were nothing in it.
    Hollow { department: usize },
    /// A department is not found.
    NotFound { department: usize },
    /// It says more than it has.
    Overcount { department: usize, by: u64 },
    /// Answers without counts.
    NoCounts,
    /// The list cannot be read.
    NoList,
}

fn mischief() -> impl Strategy<Value = Mischief> {
    use Mischief::*;
    let calls = || (0..40_usize, 1..4_usize);
    let place = || (0..40_usize, 0..4_usize, 0..60_usize);
    prop_oneof![
        (1..12_usize, 0..30_usize, 1..60_usize).prop_map(|(to, from, calls)| Clamp { to, from, calls }),
        calls().prop_map(|(from, calls)| Empty { from, calls }),
        (calls(), prop_oneof![Just(429), Just(500), Just(503)]).prop_map(|((from, calls), status)| Fail {
            from,
            calls,
            status
        }),
        calls().prop_map(|(from, calls)| Cut { from, calls }),
        (calls(), 1..15_usize).prop_map(|((from, calls), back)| Elsewhere { from, calls, back }),
        (0..40_usize, 1..60_usize).prop_map(|(from, calls)| Shuffle { from, calls }),
        place().prop_map(|(after, department, by)| Shrink { after, department, by: by % 30 }),
        place().prop_map(|(after, department, place)| Delist { after, department, place }),
        place().prop_map(|(after, department, place)| Delist { after, department, place }),
        place().prop_map(|(after, department, place)| Add { after, department, place }),
        (0..4_usize).prop_map(|department| Unlisted { department }),
        (0..4_usize).prop_map(|department| Hollow { department }),
        (0..4_usize).prop_map(|department| NotFound { department }),
        (0..4_usize, 1..9_u64).prop_map(|(department, by)| Overcount { department, by }),
        Just(NoCounts),
        Just(NoList),
    ]
}

/// The departments and how many products each has.
const SIZES: [(&str, usize); 4] = [("a", 43), ("b", 20), ("c", 7), ("d", 61)];

struct Unruly(Mutex<State>);

struct State {
    departments: Vec<Vec<String>>,
    mischief: Vec<Mischief>,
    calls: usize,
    dice: u64,
}

impl State {
    fn roll(&mut self, below: usize) -> usize {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) as usize % below.max(1)
    }

    fn answer(&mut self, request: &Request) -> (u16, Value, bool) {
        let call = self.calls;
        self.calls += 1;
        let query = |name: &str| {
            let found = request.url.query_pairs().find(|(key, _)| key == name);
            found.map(|(_, value)| value.into_owned()).unwrap_or_default()
        };
        let id = query("category");
        let department = SIZES.iter().position(|(known, _)| *known == id);
        let mischief = self.mischief.clone();
        let now = |from: &usize, calls: &usize| (*from..from + calls).contains(&call);
        let is = |wanted: &usize| department == Some(*wanted);
        let path = request.url.path().rsplit('/').next().unwrap_or_default().to_owned();
        let (mut status, mut cut) = (200, false);
        for one in &mischief {
            match one {
                Mischief::Fail { from, calls, status: failed } if now(from, calls) => status = *failed,
                Mischief::Cut { from, calls } if now(from, calls) => cut = true,
                Mischief::NotFound { department } if is(department) => status = 404,
                Mischief::NoList if path == "search-result-page" => status = 404,
                _ => {}
            }
        }
        let body = match (&*path, department) {
            ("search-result-page", _) => self.list(&mischief),
            (_, None) => {
                status = 404;
                json!({"title": "Category not found"})
            }
            ("more-products", Some(department)) => {
                let (start, end) = (query("start").parse().unwrap(), query("end").parse().unwrap());
                let sorted = !query("sort").is_empty();
                self.window(&mischief, call, department, start, end, sorted)
            }
            (_, Some(department)) => {
                json!({"productListPage": {"productCount": self.count(&mischief, department)}})
            }
        };
        self.change(&mischief, call);
        (status, body, cut)
    }

    fn count(&self, mischief: &[Mischief], department: usize) -> Value {
        let mut count = self.departments[department].len() as u64;
        for one in mischief {
            match one {
                Mischief::NoCounts => return Value::Null,
                Mischief::Hollow { department: hollow } if *hollow == department => return 0.into(),
                Mischief::Overcount { department: over, by } if *over == department => count += by,
                _ => {}
            }
        }
        count.into()
    }

    fn list(&self, mischief: &[Mischief]) -> Value {
        let unlisted = |n: usize| {
            mischief.iter().any(|one| matches!(one, Mischief::Unlisted { department } if *department == n))
        };
        let values: Vec<_> = (0..SIZES.len())
            .rev()
            .filter(|n| !unlisted(*n))
            .map(|n| json!({"id": SIZES[n].0, "count": self.count(mischief, n)}))
            .collect();
        json!({"searchResultPage": {"products": {"filters": [{"id": "CATEGORIES", "values": values}]}}})
    }

    fn window(
        &mut self,
        mischief: &[Mischief],
        call: usize,
        department: usize,
        mut start: usize,
        mut end: usize,
        sorted: bool,
    ) -> Value {
        let now = |from: &usize, calls: &usize| (*from..from + calls).contains(&call);
        let mut shelf = self.departments[department].clone();
        let mut shuffled = !sorted;
        for one in mischief {
            match one {
                Mischief::Clamp { to, from, calls } if now(from, calls) => end = end.min(start + to),
                Mischief::Empty { from, calls } if now(from, calls) => end = start,
                Mischief::Elsewhere { from, calls, back } if now(from, calls) => {
                    let by = (*back).min(start);
                    (start, end) = (start - by, end - by);
                }
                Mischief::Shuffle { from, calls } if now(from, calls) => shuffled = true,
                Mischief::Hollow { department: hollow } if *hollow == department => shelf.clear(),
                _ => {}
            }
        }
        if shuffled {
            for n in (1..shelf.len()).rev() {
                let other = self.roll(n + 1);
                shelf.swap(n, other);
            }
        }
        let window: Vec<_> = shelf.iter().take(end).skip(start).map(|id| json!({"itemNo": id})).collect();
        json!({"moreProducts": {"productWindow": window}})
    }

    fn change(&mut self, mischief: &[Mischief], call: usize) {
        for one in mischief {
            match one {
                Mischief::Shrink { after, department, by } if *after == call => {
                    let shelf = &mut self.departments[*department];
                    shelf.drain(..(*by).min(shelf.len()));
                }
                Mischief::Delist { after, department, place } if *after == call => {
                    let shelf = &mut self.departments[*department];
                    if *place < shelf.len() {
                        shelf.remove(*place);
                    }
                }
                Mischief::Add { after, department, place } if *after == call => {
                    let shelf = &mut self.departments[*department];
                    shelf.insert((*place).min(shelf.len()), format!("new-{call}-{place}"));
                }
                _ => {}
            }
        }
    }
}

#[async_trait]
impl Web for Unruly {
    async fn send(&self, request: Request) -> Result<Response, WebError> {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        let (status, body, cut) = self.0.lock().unwrap().answer(&request);
        let body = Bytes::from(body.to_string());
        let mut chunks = vec![Ok(body.clone())];
        if cut {
            let broken = WebError { detail: "broken off".into(), permanent: false };
            chunks = vec![Ok(body.slice(..body.len() / 2)), Err(broken)];
        }
        let body = Box::pin(futures_util::stream::iter(chunks));
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Response { status, url: request.url, headers: Default::default(), body })
    }
}

fn shop() -> Vec<Vec<String>> {
    SIZES.map(|(id, size)| (0..size).map(|n| format!("{id}-{n:02}")).collect()).into()
}

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
    let source = Source {
        says: summary.source_total,
        gave: summary.gave,
        short: summary.short,
        departments: summary.departments.clone(),
        list: summary.list,
        list_error: summary.list_error.clone(),
        uncounted: summary.uncounted,
        ..Source::default()
    };
    let base = Base { departments: known.published.clone(), ..Base::default() };
    let (funnel, rows) = (Funnel::default(), summary.gave.max(1));
    let figures = Figures {
        rows,
        funnel: &funnel,
        median_price: None,
        source: &source,
        quality: &Quality::default(),
        takeover: None,
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
        let known = Known { published: summary.departments.clone(), last: summary.departments };

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
        let says = summary.ok().and_then(|summary| summary.source_total).unwrap_or_default();
        let lost = there_all_the_time.difference(&arrived).cloned().collect();
        Ended { lost, judgement, says, calls: state.calls }
    })
}

/// One product that comes while another goes hides it from every count.
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
    comes.intersection(&goes).next().is_some()
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
