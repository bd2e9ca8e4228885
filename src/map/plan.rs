//! The plan of a map: one way through a product's text that meets every place that the map names.
//!
//! It never holds a value, so that one plan serves every product and every core.

use super::Place;
use crate::{ep::columns::Column, json::Step};

/// What a place is looked up for: what a second and different value for it would decide, and how many are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Id,
    Price,
    /// The price before, or the currency.
    Regular,
    Sellable,
    Plain,
    Image,
    /// Of a category path.
    Level,
    Marks,
    Variants,
}

/// Values kept of a list.
pub(crate) const MOST_VALUES: usize = 100;
/// Levels kept of a category path; what has more is no path.
const MOST_LEVELS: usize = 64;

/// What becomes of a value that stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    role: Role,
    /// Whether there may be several.
    pub(crate) is_list: bool,
}

impl Slot {
    /// The column of the feed that it decides, or the product as such: two different values are a conflict then.
    pub(crate) fn decides(&self) -> Option<Option<Column>> {
        match self.role {
            Role::Id => Some(Some(Column::Id)),
            Role::Price | Role::Regular | Role::Marks => Some(Some(Column::PricePc)),
            Role::Sellable => Some(None),
            Role::Plain | Role::Image | Role::Level | Role::Variants => None,
        }
    }

    /// How many of its values are kept.
    pub(crate) fn most(&self) -> usize {
        if self.is_path() { MOST_LEVELS } else { MOST_VALUES }
    }

    /// Whether it is a category path: what is too long for one was not read to its end.
    pub(crate) fn is_path(&self) -> bool {
        self.role == Role::Level
    }

    /// Whether it is the price: what stands in its place is no price, and is shown.
    pub(crate) fn is_price(&self) -> bool {
        self.role == Role::Price
    }

    /// Whether the objects around it must be whole, or the product cannot be relied on.
    fn is_vital(&self) -> bool {
        matches!(self.role, Role::Id | Role::Price | Role::Marks)
    }
}

/// A value on the way: what is kept of it, and which values inside lead on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Node {
    /// The members that lead on, or elements of an array by their number.
    pub(crate) keys: Vec<(String, usize)>,
    /// Every element leads on.
    pub(crate) all: Option<usize>,
    /// Where the value itself is kept.
    pub(crate) slot: Option<usize>,
    /// Where its text is kept, to be looked through later.
    pub(crate) raw: Option<usize>,
    /// Where every text in it is kept.
    pub(crate) marks: Option<usize>,
    /// Whether it is a list of variants.
    pub(crate) variants: bool,
    /// The slots of this value and of all inside.
    pub(crate) below: Vec<usize>,
    /// Whether it must be whole.
    pub(crate) is_vital: bool,
    /// Whether the variants stand in it.
    pub(crate) leads_to_variants: bool,
    /// Whether its text is read first, for whoever wants it.
    pub(crate) is_text: bool,
    /// A bit for each length that a key has, the last one for all that are longer.
    lengths: u64,
    /// A bit for each last byte of a key, as far as that tells letters apart.
    ends: u64,
}

impl Node {
    /// Whether the value is kept, or values inside are.
    pub(crate) fn leads_on(&self) -> bool {
        self.slot.is_some() || self.all.is_some() || !self.keys.is_empty()
    }

    /// Which of the keys this is. A product mostly says one after the other what the last one said: so the one that is
    /// expected is looked at first.
    #[inline]
    pub(crate) fn find(&self, key: &[u8], expected: usize) -> Option<usize> {
        if self.keys.get(expected).is_some_and(|(known, _)| known.as_bytes() == key) {
            return Some(expected);
        }
        let may_be = self.lengths & length(key) != 0 && self.ends & end(key) != 0;
        may_be.then(|| self.keys.iter().position(|(known, _)| known.as_bytes() == key)).flatten()
    }

    /// Whether its text is wanted, or several want the value, each in its own way.
    fn wants_text(&self) -> bool {
        self.raw.is_some() || self.variants || self.marks.is_some() && self.leads_on()
    }
}

/// The plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    nodes: Vec<Node>,
    slots: Vec<Slot>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { nodes: vec![Node::default()], slots: Vec::new() }
    }
}

impl Plan {
    /// The product itself.
    pub(crate) fn root(&self) -> &Node {
        &self.nodes[0]
    }

    /// A node by its number.
    pub(crate) fn node(&self, number: usize) -> &Node {
        &self.nodes[number]
    }

    /// What values are kept.
    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// Makes room for what stands at a place. A place that is known keeps its room, and what it decides first.
    pub(super) fn add(&mut self, place: &mut Place, role: Role) {
        let mut way = place.way();
        if role == Role::Variants && way.last() == Some(&Step::All) {
            way.pop();
        }
        let is_list = way.contains(&Step::All);
        let at = way.iter().fold(0, |at, step| self.step(at, step));
        let (next, node) = (self.slots.len(), &mut self.nodes[at]);
        let room = match role {
            Role::Variants => {
                node.variants = true;
                return;
            }
            Role::Marks => &mut node.marks,
            _ if place.inside.is_some() => &mut node.raw,
            _ => &mut node.slot,
        };
        place.slot = *room.get_or_insert(next);
        if place.slot == next {
            self.slots.push(Slot { role, is_list });
        }
    }

    fn step(&mut self, at: usize, step: &Step) -> usize {
        let next = self.nodes.len();
        let node = &mut self.nodes[at];
        let found = match step {
            Step::Key(key) => match node.keys.iter().find(|(known, _)| known == key) {
                Some((_, number)) => *number,
                None => {
                    node.keys.push((key.clone(), next));
                    next
                }
            },
            Step::All => *node.all.get_or_insert(next),
            Step::Where { .. } => unreachable!("a place's way ends before the first condition"),
        };
        if found == next {
            self.nodes.push(Node::default());
        }
        found
    }

    /// The same with what each node knows of those below it. A node's number is higher than that of the one above.
    pub(super) fn finished(mut self) -> Self {
        for at in (0..self.nodes.len()).rev() {
            let node = &self.nodes[at];
            let own = [node.slot, node.raw, node.marks];
            let inside: Vec<usize> = node.keys.iter().map(|(_, number)| *number).chain(node.all).collect();
            let mut below: Vec<usize> = own.into_iter().flatten().collect();
            let (mut leads, is_text) = (node.variants, node.wants_text());
            let bits =
                |bit: fn(&[u8]) -> u64| node.keys.iter().fold(0, |all, (key, _)| all | bit(key.as_bytes()));
            let (lengths, ends) = (bits(length), bits(end));
            let mut is_vital = node.keys.iter().any(|(_, number)| {
                let child = &self.nodes[*number];
                child.slot.into_iter().chain(child.marks).any(|slot| self.slots[slot].is_vital())
            });
            for number in inside {
                let child = &self.nodes[number];
                below.extend(&child.below);
                leads |= child.leads_to_variants;
                is_vital |= child.is_vital;
            }
            let node = &mut self.nodes[at];
            *node = Node {
                below,
                leads_to_variants: leads,
                is_vital,
                is_text,
                lengths,
                ends,
                ..std::mem::take(node)
            };
        }
        self
    }
}

/// The bit of a key's last byte.
fn end(key: &[u8]) -> u64 {
    1 << (key.last().copied().unwrap_or_default() & 63)
}

/// The bit of a key's length.
fn length(key: &[u8]) -> u64 {
    1 << key.len().min(63)
}
