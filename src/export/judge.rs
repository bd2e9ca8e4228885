//! A batch of raw products → what becomes of each. Pure, so batches are judged on every core at once.
//!
//! It never counts and knows no other batch: repeated ids and the cap are decided where the order is known.

use serde::{Deserialize, Deserializer, de::MapAccess, de::Visitor};

use crate::{
    config::{Config, ep::FilterConfig},
    ep::{
        row::{Broken, Row},
        rules::Violation,
        text::clean,
    },
    fetch::Batch,
    filter::{self, Left, Skip},
    price::{self, Price, Restrictions},
    product::{Member, Product, Scalar, mend},
    report::SkipReason,
    transform::{Explained, Transform},
    web::Discretion,
};

/// What becomes of one product, before repeated ids and the cap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A row that keeps every rule.
    Row(Row),
    /// It is left out.
    Left {
        /// Which product.
        who: Who,
        /// Why.
        left: Left,
    },
}

/// A product that is left out, as far as it can be named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Who {
    /// Its id, empty where it has none.
    pub id: String,
    /// Its name, empty where it has none.
    pub name: String,
    /// The place of the element that it was found in, within its part of the batch, from 0.
    pub element: usize,
}

/// A batch that was judged, or a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// What became of each product, in the batch's order, variants after their product.
    pub outcomes: Vec<Outcome>,
    /// Elements that end in it.
    pub elements: usize,
    /// Elements with bytes that are no UTF-8.
    pub not_utf8: u64,
    /// Rows whose id is a number in the source, so that zeros before it may be lost, and the first one's id.
    pub number_ids: Option<(u64, String)>,
    /// The keys of the first element, where nothing became of it: what is there in place of what was looked for.
    pub keys: Vec<String>,
}

/// Judges products by the settings.
pub struct Judge {
    filter: FilterConfig,
    restrictions: Restrictions,
    transform: Transform,
}

/// What is quoted of a product that cannot be read.
const QUOTED_BYTES: usize = 200;
/// Products that may stand behind another in one line, where line ends are missing; what follows is one that is lost.
const MOST_IN_A_LINE: usize = 1000;
/// Variants within variants that are followed.
const DEEPEST: usize = 16;
/// Characters kept of what is told of a product that is left out.
const TOLD: usize = 1000;
/// Bytes of outcomes, their own size included, that are handed on at once.
const PART: usize = 64 * 1024;
/// Keys named of an element.
const KEYS: usize = 24;
/// Characters of a key.
const KEY_CHARS: usize = 40;

impl Judge {
    pub(crate) fn of(config: &Config) -> Self {
        Self {
            filter: config.filter.clone(),
            restrictions: Restrictions::of(&config.catalogue.restricted_marks),
            transform: Transform::new(config.ep.clone()),
        }
    }

    /// What becomes of every product of a batch, in parts of a bounded size, however many products a text holds; `take`
    /// gives back whether it wants more.
    pub fn batch(&self, batch: &Batch, take: &mut dyn FnMut(Judged) -> bool) {
        let (judged, discretion) = (Judged::default(), &batch.discretion);
        let mut judging = Judging { judged, discretion, bytes: 0, kept: false, take, over: false };
        for raw in batch.items() {
            judging.kept = false;
            self.element(raw, &mut judging);
            judging.judged.elements += 1;
            if judging.over {
                return;
            }
        }
        judging.hand_on();
    }

    /// The row of a product, explained, and whether it states another price than the source's, because that is not
    /// everybody's; `None` where the product is left out.
    pub fn explained(&self, member: &Member<'_, '_>) -> Option<(Vec<Explained>, bool)> {
        let offer = filter::judge(member, &self.filter, &self.restrictions).ok()?;
        let other = price::stated(member).is_some_and(|stated| stated != offer.price);
        self.transform.explained(member, &offer).ok().map(|explained| (explained, other))
    }

    fn element(&self, raw: &[u8], judging: &mut Judging<'_>) {
        let mut next = self.object(raw, judging);
        let mut rest = raw;
        for _ in 0..MOST_IN_A_LINE {
            let Some(at) = next.filter(|_| !judging.over) else { break };
            rest = &rest[at..];
            next = self.object(rest, judging);
        }
        if let Some(at) = next {
            judging.unreadable(&rest[at..]);
        }
        if judging.judged.elements == 0 && !judging.kept && judging.judged.keys.is_empty() {
            let keys = serde_json::from_slice::<Keys>(raw).map(|keys| keys.0).unwrap_or_default();
            judging.judged.keys = judging.discretion.names(keys);
        }
    }

    /// Judges the object that `raw` begins with; gives where another one begins behind it.
    fn object(&self, raw: &[u8], judging: &mut Judging<'_>) -> Option<usize> {
        match serde_json::from_slice::<Product<'_>>(raw) {
            Ok(product) => self.family(&Member::listed(&product), raw, 0, judging),
            Err(_) if raw.first() == Some(&b'{') => {
                return self.mended(raw, judging, |product, judging| {
                    self.family(&Member::listed(product), raw, 0, judging);
                });
            }
            Err(_) => {
                judging.judged.not_utf8 += u64::from(std::str::from_utf8(raw).is_err());
                judging.unreadable(raw);
            }
        }
        None
    }

    /// Mends a text that is no JSON, and judges what it says then.
    fn mended<'j>(
        &self,
        raw: &[u8],
        judging: &mut Judging<'j>,
        judge: impl FnOnce(&Product<'_>, &mut Judging<'j>),
    ) -> Option<usize> {
        let mended = mend(raw);
        judging.judged.not_utf8 += u64::from(mended.not_utf8);
        match serde_json::from_slice::<Product<'_>>(&mended.text) {
            Ok(product) => judge(&product, judging),
            // Brackets too deep inside each other, or too long to be mended.
            Err(_) => judging.unreadable(raw),
        }
        mended.next
    }

    /// A product and its variants, `depth` products inside each other.
    fn family(&self, member: &Member<'_, '_>, raw: &[u8], depth: usize, judging: &mut Judging<'_>) {
        match self.one(member, raw) {
            Ok(row) => {
                judging.kept = true;
                if let Some(Scalar::Whole(_) | Scalar::Number(_)) = member.product.item_no {
                    judging.judged.number_ids.get_or_insert_with(|| (0, row.id().to_owned())).0 += 1;
                }
                judging.push(Outcome::Row(row));
            }
            Err(left) => {
                let named = |text: Option<std::borrow::Cow<'_, str>>| text.unwrap_or_default().into_owned();
                let who = Who {
                    id: told(clean(&named(member.id())).into_owned()),
                    name: named(member.name()),
                    element: judging.judged.elements,
                };
                judging.leave(who, left);
            }
        }
        let group = member.product.gpr_description.as_ref().and_then(|group| group.here());
        if group.is_some_and(|group| group.damaged) {
            // A variant may have been lost with what could not be read.
            judging.unreadable(raw);
        }
        for variant in member.variants() {
            if judging.over {
                return;
            }
            self.variant(member, variant, depth + 1, judging);
        }
    }

    fn variant(&self, parent: &Member<'_, '_>, raw: &[u8], depth: usize, judging: &mut Judging<'_>) {
        if depth > DEEPEST {
            return judging.unreadable(raw);
        }
        let judge = |product: &Product<'_>, judging: &mut Judging<'_>| {
            if product.says_something() {
                self.family(&parent.variant(product), raw, depth, judging);
            }
        };
        match serde_json::from_slice::<Product<'_>>(raw) {
            Ok(product) => judge(&product, judging),
            Err(_) => {
                self.mended(raw, judging, judge);
            }
        }
    }

    fn one(&self, member: &Member<'_, '_>, raw: &[u8]) -> Result<Row, Left> {
        self.whole(member, raw)?;
        if member.id().is_none_or(|id| clean(&id).is_empty()) {
            let id = member.product.item_no.as_ref().map(Scalar::to_string).unwrap_or_default();
            // What has no name either is told by its first bytes.
            let value = if id.is_empty() && member.name().is_none() { quoted(raw) } else { id };
            return Err(broken("product", Violation::NoId, value));
        }
        // A variant without a price is little more than a link to another product.
        if member.is_variant() && price::of(member, &self.restrictions) == Price::Missing {
            return Err(Left::Skip(Skip { reason: SkipReason::NoPrice, value: String::new() }));
        }
        let name = member.name();
        let name = name.as_deref().ok_or_else(|| broken("product", Violation::NoName, String::new()))?;
        if clean(name).is_empty() {
            let shown = name.escape_unicode().take(QUOTED_BYTES).collect();
            return Err(broken("product", Violation::EmptyName, shown));
        }
        let offer = filter::judge(member, &self.filter, &self.restrictions)?;
        self.transform.row(member, &offer).map_err(Left::Broken)
    }

    /// Whether what it says can be relied on: all of it was read, and nothing that decides stands there twice with two
    /// values.
    fn whole(&self, member: &Member<'_, '_>, raw: &[u8]) -> Result<(), Left> {
        let price = member.price();
        if member.product.damaged || price.is_some_and(|price| price.damaged) {
            return Err(broken("product", Violation::Unreadable, quoted(raw)));
        }
        let previous = price.and_then(|price| price.previous.as_ref()?.here());
        let conflict = [
            member.product.conflict.as_ref(),
            price.and_then(|price| price.conflict.as_ref()),
            previous.and_then(|previous| previous.conflict.as_ref()),
        ];
        let conflict = conflict.into_iter().flatten().next();
        match conflict {
            Some(conflict) => Err(broken(conflict.column, Violation::TwoValues, conflict.value.clone())),
            None => Ok(()),
        }
    }
}

/// A batch on its way through the judge.
struct Judging<'j> {
    judged: Judged,
    /// How much of the batch may be told.
    discretion: &'j Discretion,
    /// Of its outcomes.
    bytes: usize,
    /// Whether something of the element became a row.
    kept: bool,
    take: &'j mut dyn FnMut(Judged) -> bool,
    /// Whether nobody wants more.
    over: bool,
}

impl Judging<'_> {
    fn push(&mut self, outcome: Outcome) {
        self.bytes += size_of::<Outcome>() + outcome.bytes();
        self.judged.outcomes.push(outcome);
        if self.bytes >= PART {
            self.hand_on();
        }
    }

    /// What is told of a product that is left out is short, and no secret of the address that it came from.
    fn leave(&mut self, who: Who, left: Left) {
        let told = |text: String| self.discretion.struck(told(text));
        let left = match left {
            Left::Skip(skip) => Left::Skip(Skip { value: told(skip.value), ..skip }),
            Left::Broken(broken) => Left::Broken(Broken { value: told(broken.value), ..broken }),
        };
        let who = Who { name: told(who.name), ..who };
        self.push(Outcome::Left { who, left });
    }

    fn hand_on(&mut self) {
        self.bytes = 0;
        self.over |= !(self.take)(std::mem::take(&mut self.judged));
    }

    fn unreadable(&mut self, raw: &[u8]) {
        let who = Who { element: self.judged.elements, ..Who::default() };
        self.leave(who, broken("product", Violation::Unreadable, quoted(raw)));
    }
}

impl Outcome {
    /// The memory behind it.
    fn bytes(&self) -> usize {
        match self {
            // A record is made with this much room.
            Self::Row(row) => row.record.as_slice().len().max(1024) + size_of::<usize>() * row.record.len(),
            Self::Left { who, left } => {
                let value = match left {
                    Left::Skip(skip) => &skip.value,
                    Left::Broken(broken) => &broken.value,
                };
                who.id.len() + who.name.len() + value.len()
            }
        }
    }
}

/// What is told of a product that is left out is not longer than anybody reads.
fn told(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(TOLD) {
        text.truncate(end);
        text.push('…');
        text.shrink_to_fit();
    }
    text
}

fn quoted(raw: &[u8]) -> String {
    String::from_utf8_lossy(&raw[..raw.len().min(QUOTED_BYTES)]).into_owned()
}

fn broken(column: &'static str, violation: Violation, value: String) -> Left {
    Left::Broken(Broken { column, violation, value })
}

/// The first keys of an object.
struct Keys(Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeysVisitor;
        impl<'de> Visitor<'de> for KeysVisitor {
            type Value = Keys;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut keys = Vec::new();
                while let Some((key, _)) = map.next_entry::<String, serde::de::IgnoredAny>()? {
                    if keys.len() < KEYS {
                        keys.push(key.chars().take(KEY_CHARS).collect());
                    }
                }
                Ok(Keys(keys))
            }
        }
        deserializer.deserialize_map(KeysVisitor)
    }
}

#[cfg(test)]
mod tests;
