//! A batch of raw products → what becomes of each. Pure, so batches are judged on every core at once.
//!
//! It never counts and knows no other batch: repeated ids and the cap are decided where the order is known.

use serde::{Deserialize, Deserializer, de::MapAccess, de::Visitor};

use crate::{
    config::ep::{EpConfig, FilterConfig},
    ep::{
        row::{Broken, Row},
        rules::Violation,
        text::clean,
    },
    fetch::Batch,
    filter::{self, Left, Skip, SkipReason},
    price::{self, Price, Restrictions},
    product::{Member, Product, Scalar, mend},
    report::number,
    transform::{Explained, Transform},
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
    /// The place of the element that it was found in, within its batch, from 0.
    pub element: usize,
}

/// A batch that was judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// What became of each product, in the batch's order, variants after their product.
    pub outcomes: Vec<Outcome>,
    /// Elements of the batch.
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
/// Keys named of an element.
const KEYS: usize = 24;
/// Characters of a key.
const KEY_CHARS: usize = 40;

/// Objects in one product that are read: a real one with its variants, images and categories has a few hundred.
const MOST_OBJECTS: usize = 4_096;
/// A text that is shorter holds no more than that takes.
const FEW_BYTES: usize = 16 * 1024;

/// How many objects a product's text holds, where they are too many: each takes a thousand times the bytes that it has in
/// the text. Empty ones are not collected and do not count.
fn too_many_objects(raw: &[u8]) -> Option<u64> {
    if raw.len() < FEW_BYTES {
        return None;
    }
    let is_empty = |at: usize| raw[at + 1..].trim_ascii_start().first() == Some(&b'}');
    let objects = memchr::memchr_iter(b'{', raw).filter(|at| !is_empty(*at)).count();
    (objects > MOST_OBJECTS).then_some(objects as u64)
}

impl Judge {
    /// With these settings.
    pub fn new(filter: FilterConfig, restrictions: Restrictions, ep: EpConfig) -> Self {
        Self { filter, restrictions, transform: Transform::new(ep) }
    }

    /// What becomes of every product of a batch.
    pub fn batch(&self, batch: &Batch) -> Judged {
        let mut judged = Judged { outcomes: Vec::with_capacity(batch.len()), ..Judged::default() };
        for raw in batch.items() {
            self.element(raw, &mut judged);
            judged.elements += 1;
        }
        judged
    }

    /// The row of a product, explained, and whether it states another price than the source's, because that is not
    /// everybody's; `None` where the product is left out.
    pub fn explained(&self, member: &Member<'_, '_>) -> Option<(Vec<Explained>, bool)> {
        let offer = filter::judge(member, &self.filter, &self.restrictions).ok()?;
        let other = price::stated(member).is_some_and(|stated| stated != offer.price);
        self.transform.explained(member, &offer).ok().map(|explained| (explained, other))
    }

    fn element(&self, raw: &[u8], judged: &mut Judged) {
        let first = judged.outcomes.len();
        if let Some(objects) = too_many_objects(raw) {
            let who = Who { element: judged.elements, ..Who::default() };
            let value = format!("{} objects: {}", number(objects), quoted(raw));
            let left = broken("product", Violation::TooManyObjects, value);
            judged.outcomes.push(Outcome::Left { who, left });
            return;
        }
        let mut next = self.object(raw, judged);
        let mut rest = raw;
        for _ in 0..MOST_IN_A_LINE {
            let Some(at) = next else { break };
            rest = &rest[at..];
            next = self.object(rest, judged);
        }
        if let Some(at) = next {
            unreadable(&rest[at..], judged);
        }
        let is_left = |outcome: &Outcome| matches!(outcome, Outcome::Left { .. });
        if judged.elements == 0 && judged.outcomes[first..].iter().all(is_left) {
            judged.keys = serde_json::from_slice::<Keys>(raw).map(|keys| keys.0).unwrap_or_default();
        }
    }

    /// Judges the object that `raw` begins with; gives where another one begins behind it.
    fn object(&self, raw: &[u8], judged: &mut Judged) -> Option<usize> {
        match serde_json::from_slice::<Product<'_>>(raw) {
            Ok(product) => self.family(&Member::listed(&product), raw, judged),
            Err(_) if raw.first() == Some(&b'{') => {
                let mended = mend(raw);
                judged.not_utf8 += u64::from(mended.not_utf8);
                match serde_json::from_slice::<Product<'_>>(&mended.text) {
                    Ok(product) => self.family(&Member::listed(&product), raw, judged),
                    // Brackets too deep inside each other.
                    Err(_) => unreadable(raw, judged),
                }
                return mended.next;
            }
            Err(_) => {
                judged.not_utf8 += u64::from(std::str::from_utf8(raw).is_err());
                unreadable(raw, judged);
            }
        }
        None
    }

    fn family(&self, member: &Member<'_, '_>, raw: &[u8], judged: &mut Judged) {
        let outcome = match self.one(member, raw) {
            Ok(row) => {
                if let Some(Scalar::Whole(_) | Scalar::Number(_)) = member.product.item_no {
                    judged.number_ids.get_or_insert_with(|| (0, row.id().to_owned())).0 += 1;
                }
                Outcome::Row(row)
            }
            Err(left) => {
                let named = |text: Option<std::borrow::Cow<'_, str>>| text.unwrap_or_default().into_owned();
                let who = Who {
                    id: clean(&named(member.id())).into_owned(),
                    name: named(member.name()),
                    element: judged.elements,
                };
                Outcome::Left { who, left }
            }
        };
        judged.outcomes.push(outcome);
        let group = member.product.gpr_description.as_ref().and_then(|group| group.here());
        if group.is_some_and(|group| group.damaged) {
            // A variant may have been lost with what could not be read.
            unreadable(raw, judged);
        }
        for variant in member.variants() {
            self.family(&member.variant(variant), raw, judged);
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

fn unreadable(raw: &[u8], judged: &mut Judged) {
    let who = Who { element: judged.elements, ..Who::default() };
    let left = broken("product", Violation::Unreadable, quoted(raw));
    judged.outcomes.push(Outcome::Left { who, left });
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
