//! What becomes of the products of a batch, and how that is handed on: in parts of a bounded size, without secrets and
//! no longer than anybody reads.
//!
//! It never decides what becomes of a product.

use serde_json::value::RawValue;

use super::{
    asked::{Asked, Caught},
    shape::Shapes,
};
use crate::{
    buffers::{Buffer, Buffers},
    ep::{broken::Broken, row::Written, rules::Violation},
    fetch::{Batch, Origin},
    filter::Left,
    json::{Stops, members, unescaped},
    product::{Member, Product},
    web::Discretion,
};

/// What is quoted of a product that cannot be read.
pub(super) const QUOTED_BYTES: usize = 200;
/// Characters kept of what is told of a product that is left out.
const TOLD: usize = 1000;
/// Bytes of outcomes, their own size included, that are handed on at once.
pub(super) const PART: usize = 128 * 1024;
/// Keys named of an element.
const KEYS: usize = 24;
/// Characters of a key.
const KEY_CHARS: usize = 40;

/// What becomes of one product, before repeated ids and the cap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// A row that keeps every rule, in the text of its part.
    Row(Written),
    Left {
        who: Who,
        left: Left,
    },
}

/// A product that is left out, as far as it can be named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Who {
    /// Empty where it has none.
    pub(super) id: String,
    /// Empty where it has none.
    pub(super) name: String,
    /// The place of the element that it was found in, within its part of the batch, from 0.
    pub(super) element: usize,
}

/// A batch that was judged, or a part of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Judged {
    /// What became of each product, in the batch's order, variants after their product.
    pub(super) outcomes: Vec<Outcome>,
    /// The rows, one behind the other.
    pub(super) text: Buffer<String>,
    /// Whether the batch is over with it.
    pub(super) is_last: bool,
    /// Elements that end in it.
    pub(super) elements: usize,
    /// Elements with bytes that are no UTF-8.
    pub(super) not_utf8: u64,
    /// Rows whose id is a number in the source, so that zeros before it may be lost, and the first one's id.
    pub(super) number_ids: Option<(u64, String)>,
    /// The keys of the first element, where nothing became of it: what is there in place of what was looked for.
    pub(super) keys: Vec<String>,
    /// What each product of the listing lacks of what a row needs.
    pub(super) shapes: Shapes,
    /// Of the products that somebody asked for, where somebody did.
    pub(super) caught: Option<Box<Caught>>,
}

/// A batch on its way through the judge.
pub(super) struct Judging<'j> {
    pub(super) judged: Judged,
    /// Room for products that are read, and what reads them.
    pub(super) spare: Vec<Product<'static>>,
    pub(super) stops: Stops,
    /// How much of the batch may be told.
    discretion: &'j Discretion,
    /// Where it came from.
    pub(super) origin: &'j Origin,
    /// The products that somebody asked for, if somebody did.
    pub(super) asked: Option<&'j Asked>,
    /// Room for the rows of each part.
    texts: &'j Buffers,
    /// Of its outcomes but for the rows.
    bytes: usize,
    /// Whether something of the element became a row.
    kept: bool,
    /// Gives back whether it wants more.
    take: &'j mut dyn FnMut(Judged) -> bool,
    /// Whether nobody wants more.
    pub(super) over: bool,
}

impl<'j> Judging<'j> {
    pub(super) fn new(
        batch: &'j Batch,
        texts: &'j Buffers,
        asked: Option<&'j Asked>,
        take: &'j mut dyn FnMut(Judged) -> bool,
    ) -> Self {
        Self {
            judged: Judged::within(texts),
            spare: Vec::new(),
            stops: Stops::default(),
            discretion: &batch.discretion,
            origin: &batch.origin,
            asked,
            texts,
            bytes: 0,
            kept: false,
            take,
            over: false,
        }
    }

    /// Notes what a product of the listing is like.
    pub(super) fn note(&mut self, member: &Member<'_, '_>, raw: &[u8]) {
        self.judged.shapes.note(member, raw, self.discretion);
    }

    /// A row that was written to the part's text.
    pub(super) fn keep(&mut self, row: Written) {
        self.kept = true;
        self.push(Outcome::Row(row));
    }

    /// What is told of a product that is left out is short, and no secret of the address that it came from.
    pub(super) fn leave(&mut self, id: String, name: String, left: Left) {
        let told = |text: String| self.told(text, TOLD);
        let left = Left { value: told(left.value), ..left };
        let who = Who { id: short(id, TOLD), name: told(name), element: self.judged.elements };
        self.push(Outcome::Left { who, left });
    }

    /// A text no longer than so many characters, and no secret of the address that it came from.
    pub(super) fn told(&self, text: String, most: usize) -> String {
        short(self.discretion.struck(text), most)
    }

    pub(super) fn unreadable(&mut self, raw: &[u8]) {
        self.leave(String::new(), String::new(), unreadable(raw));
    }

    /// The element `raw` is over.
    pub(super) fn end_element(&mut self, raw: &[u8]) {
        let kept = std::mem::take(&mut self.kept);
        if self.judged.elements == 0 && !kept && self.judged.keys.is_empty() {
            self.judged.keys = self.discretion.names(keys(raw));
        }
        self.judged.elements += 1;
    }

    /// The batch is over.
    pub(super) fn end(mut self) {
        self.judged.is_last = true;
        (self.take)(self.judged);
    }

    fn hand_on(&mut self) {
        self.bytes = 0;
        let judged = std::mem::replace(&mut self.judged, Judged::within(self.texts));
        self.over |= !(self.take)(judged);
    }

    fn push(&mut self, outcome: Outcome) {
        self.bytes += size_of::<Outcome>() + outcome.bytes();
        self.judged.outcomes.push(outcome);
        if self.bytes + self.judged.text.len() >= PART {
            self.hand_on();
        }
    }
}

/// Room for the rows of parts: so much each that the system gives it and gets it back, and no hole is left between what
/// stays.
pub(super) fn texts() -> Buffers {
    Buffers::of(PART)
}

impl Judged {
    /// Nothing yet.
    fn within(texts: &Buffers) -> Self {
        Self { text: texts.take(), ..Self::default() }
    }

    /// How many products it says something of.
    pub(super) fn products(&self) -> usize {
        self.outcomes.len()
    }

    /// The same with what comes behind it.
    #[cfg(test)]
    pub(super) fn and(&mut self, text: &str, outcomes: impl IntoIterator<Item = Outcome>) {
        let before = self.text.len();
        self.text.push_str(text);
        self.outcomes.extend(outcomes.into_iter().map(|outcome| match outcome {
            Outcome::Row(row) => Outcome::Row(row.behind(before)),
            left => left,
        }));
    }
}

impl Outcome {
    /// The memory behind it, its part's text aside.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Row(_) => 0,
            Self::Left { who, left } => who.id.len() + who.name.len() + left.value.len(),
        }
    }
}

pub(super) fn short(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
        text.shrink_to_fit();
    }
    text
}

/// The first bytes of a product that cannot be read.
pub(super) fn quoted(raw: &[u8]) -> String {
    String::from_utf8_lossy(&raw[..raw.len().min(QUOTED_BYTES)]).into_owned()
}

/// A product of which not everything could be read.
pub(super) fn unreadable(raw: &[u8]) -> Left {
    Broken::product(Violation::Unreadable, quoted(raw)).into()
}

/// The first keys of an object that is sound JSON.
fn keys(raw: &[u8]) -> Vec<String> {
    let is_sound = serde_json::from_slice::<&RawValue>(raw).is_ok();
    let keys = members(raw).take(if is_sound { KEYS } else { 0 });
    keys.map(|(key, _)| unescaped(key).chars().take(KEY_CHARS).collect()).collect()
}
