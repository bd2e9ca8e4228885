//! What products only name by its id, as variations, asked for and put in its place: in the text of each product the
//! element that named it becomes what was answered.
//!
//! It never looks for anything else in a product. What the source does not give stays as it was named; whoever judges it
//! says that it has no price.

use std::{collections::HashMap, ops::Range};

use super::{
    Batch, FetchError, Fetcher,
    batch::{Batcher, LARGEST_ITEM},
    room::Room,
    whole::{MOST_LIST, Whole},
};
use crate::{
    json::{Path, Scalar},
    preset::{Join, Window},
    web::Discretion,
};

/// What one product may name; no real one comes near.
const MOST_NAMED: usize = 2_000;
/// Elements of an answer that are looked at.
const MOST_ANSWERED: usize = 20_000;
/// Characters of an id.
const ID_CHARS: usize = 100;

/// A batch whose products are being made whole.
pub(super) struct Joining<'a> {
    fetcher: &'a Fetcher,
    join: &'a Join,
    batch: Batch,
    /// Products of it that were taken.
    taken: usize,
    batcher: Batcher,
    /// How much of the answers may be told, too.
    discretion: Discretion,
}

/// What a product names: where in its text, and by which id.
type Named = (Range<usize>, String);

impl<'a> Joining<'a> {
    pub fn new(fetcher: &'a Fetcher, join: &'a Join, batch: Batch) -> Self {
        let discretion = batch.discretion.clone();
        Self { fetcher, join, batch, taken: 0, batcher: Batcher::default(), discretion }
    }

    /// The next batches of products that are whole; none at the end.
    pub async fn next(&mut self, room: &mut Room) -> Result<Vec<Batch>, FetchError> {
        let mut full = Vec::new();
        while full.is_empty() && self.taken < self.batch.len() {
            let (products, ids) = self.together();
            let found = self.ask(&ids, room).await?;
            for (text, named) in self.batch.items().skip(self.taken).zip(&products) {
                self.batcher.begin();
                let mut from = 0;
                for (place, id) in named {
                    let stub = || self.join.stub(&text[place.clone()]);
                    let Some(answer) = found.get(id).cloned().or_else(stub) else { continue };
                    self.batcher.append(&text[from..place.start]);
                    self.batcher.append(&answer);
                    from = place.end;
                }
                self.batcher.append(&text[from..]);
                let length = self.batcher.current().len();
                self.batcher.end(0..length, &mut full);
            }
            self.taken += products.len();
        }
        if full.is_empty() {
            self.batcher.flush(&mut full);
        }
        for batch in &mut full {
            batch.discretion = self.discretion.clone();
        }
        Ok(full)
    }

    /// The next products that can be asked for together: what each names, and the ids of all. At least one product.
    fn together(&self) -> (Vec<Vec<Named>>, Vec<String>) {
        let size = self.join.size.get() as usize;
        let (mut products, mut ids) = (Vec::new(), Vec::new());
        for text in self.batch.items().skip(self.taken) {
            let named = named(self.join, text);
            if !products.is_empty() && ids.len() + named.len() > size {
                break;
            }
            ids.extend(named.iter().map(|(_, id)| id.clone()));
            products.push(named);
        }
        (products, ids)
    }

    /// What is answered for these ids, by id: of one product's only so much as a product may hold.
    async fn ask(&mut self, ids: &[String], room: &mut Room) -> Result<HashMap<String, Vec<u8>>, FetchError> {
        let Join { call, each, id, size, .. } = self.join;
        let mut found = HashMap::new();
        let mut bytes = 0;
        let mut left: Vec<&String> = ids.iter().collect();
        while !left.is_empty() && bytes <= LARGEST_ITEM {
            let before = left.len();
            let mut missing = Vec::new();
            for some in left.chunks(size.get() as usize) {
                room.hold(self.batcher.held() + bytes + MOST_LIST / 8).await;
                let ids = some.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(",");
                let window = Window { end: some.len() as u64, ids: &ids, ..Window::default() };
                let answer = Whole::read(self.fetcher, call.fill(window), MOST_LIST).await?;
                self.discretion.add(answer.discretion());
                for text in answer.values(each, MOST_ANSWERED)? {
                    if let Some(id) = scalar(id, text).filter(|id| some.contains(&id)) {
                        found.entry(id).or_insert_with(|| {
                            bytes += text.len();
                            text.to_vec()
                        });
                    }
                }
                missing.extend(some.iter().copied().filter(|id| !found.contains_key(*id)));
            }
            // A server may give fewer at once than it is asked for; what it never gives is not asked for for ever.
            let is_over = missing.len() == before;
            left = if is_over { Vec::new() } else { missing };
        }
        Ok(found)
    }
}

/// What a product's text names.
fn named(join: &Join, text: &[u8]) -> Vec<Named> {
    let begin = text.as_ptr().addr();
    let elements = join.at.up_to(MOST_NAMED, text).unwrap_or_default();
    let mut named: Vec<_> = elements
        .into_iter()
        .filter_map(|element| {
            let from = element.as_ptr().addr() - begin;
            // It may be named by its id alone.
            let id =
                if element.first() == Some(&b'{') { scalar(&join.id, element) } else { text_of(element) };
            Some((from..from + element.len(), id?))
        })
        .collect();
    named.sort_by_key(|(place, _)| place.start);
    named
}

fn scalar(path: &Path, text: &[u8]) -> Option<String> {
    text_of(path.up_to(1, text).ok()?.pop()?)
}

fn text_of(scalar: &[u8]) -> Option<String> {
    let id = Scalar::of(scalar)?.as_str().trim().to_owned();
    (!id.is_empty() && id.chars().count() <= ID_CHARS).then_some(id)
}
