//! A small shop that misbehaves as it is told.

use std::sync::Mutex;

use async_trait::async_trait;
use auto_ep::web::{Request, Response, Web, WebError};
use bytes::Bytes;
use proptest::prelude::*;
use reqwest::StatusCode;
use serde_json::{Value, json};

/// How the shop misbehaves. Calls are counted from the beginning of the export, whatever they are for.
#[derive(Debug, Clone)]
pub enum Mischief {
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

pub fn mischief() -> impl Strategy<Value = Mischief> {
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
pub const SIZES: [(&str, usize); 4] = [("a", 43), ("b", 20), ("c", 7), ("d", 61)];

pub struct Unruly(pub Mutex<State>);

pub struct State {
    pub departments: Vec<Vec<String>>,
    pub mischief: Vec<Mischief>,
    pub calls: usize,
    pub dice: u64,
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
            let broken =
                WebError { detail: "broken off".into(), plain: "no answer".into(), permanent: false };
            chunks = vec![Ok(body.slice(..body.len() / 2)), Err(broken)];
        }
        let body = Box::pin(futures_util::stream::iter(chunks));
        let status = StatusCode::from_u16(status).unwrap();
        Ok(Response { status, url: request.url, headers: Default::default(), body })
    }
}

pub fn shop() -> Vec<Vec<String>> {
    SIZES.map(|(id, size)| (0..size).map(|n| format!("{id}-{n:02}")).collect()).into()
}
