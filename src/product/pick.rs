//! Reads a product's text by a plan where it is plain JSON, in one pass that makes nothing but what the plan keeps.
//!
//! It says the same as `read`, or that it is not sure: of keys with escapes or that stand twice, and of what is no JSON.
//! Then `read` decides. What it passes is checked as strictly as what it keeps.

use serde::Deserialize;

use super::{
    Product,
    habit::{Habit, Known, Met},
    held::{self, Held},
    marks::Marks,
    read::Reading,
    scalar::Scalar,
};
use crate::{
    json::{OVER, Quoted, Scan, Stops},
    map::{Node, Plan, Take},
};

/// The product whose text this is, into one that was read before, of which nothing is left; `None` where it is not sure,
/// and nothing of it counts.
pub(super) fn product<'a>(
    plan: &Plan,
    text: &'a [u8],
    stops: &mut Stops,
    into: &mut Product<'a>,
) -> Option<()> {
    into.clear(plan.slots().len());
    into.room.fit(plan);
    let scan = Scan::new(text, stops)?;
    let (at, first) = scan.peek(0);
    if first != b'{' {
        return None;
    }
    let end = Pick { scan, plan, into }.object(plan.root(), 0, at, 0)?;
    scan.is_over(end).then_some(())
}

/// A product on its way. Each step takes a node of the plan, the place of the innermost element around it, from 0, where
/// in the text it begins, and in how many brackets; it gives where it ends.
struct Pick<'p, 'm, 'a, 's> {
    scan: Scan<'a, 's>,
    plan: &'m Plan,
    into: &'p mut Product<'a>,
}

impl<'m, 'a> Pick<'_, 'm, 'a, '_> {
    /// A value of any kind, which begins with this byte.
    #[inline(always)]
    fn value(&mut self, node: &'m Node, place: usize, at: usize, byte: u8, depth: usize) -> Option<usize> {
        match (node.take, byte) {
            (Take::One(slot), b'"') => {
                let (scalar, end) = self.text(at)?;
                held::put(&mut self.into.held[slot], Held::One(scalar));
                Some(end)
            }
            (Take::Listed(slot), b'"') => {
                let (scalar, end) = self.text(at)?;
                self.reading(node, place).put(slot, scalar);
                Some(end)
            }
            (Take::Whole, _) => self.whole(node, place, at, byte, depth),
            (_, b'{') => self.object(node, place, at, depth),
            (_, b'[') => self.array(node, place, at, depth),
            _ => self.scalar(node, place, at, byte),
        }
    }

    fn reading(&mut self, node: &'m Node, place: usize) -> Reading<'_, 'm, 'a> {
        Reading { plan: self.plan, node, place, into: self.into }
    }

    /// A value whose text is looked at as a whole.
    #[inline(never)]
    fn whole(&mut self, node: &'m Node, place: usize, at: usize, byte: u8, depth: usize) -> Option<usize> {
        let (text, end) = self.scan.skip(at, byte, depth)?;
        match node.marks {
            Some(slot) if !node.is_text => self.reading(node, place).marks(slot, marks(text)?),
            _ => self.reading(node, place).text(text).ok()?,
        }
        Some(end)
    }

    fn object(&mut self, node: &'m Node, place: usize, at: usize, depth: usize) -> Option<usize> {
        let (at, first) = self.scan.open(at, depth, b'}')?;
        let mut habit = self.into.room.habit(node.number);
        let end = if first == OVER { Some(at) } else { self.members(node, &mut habit, place, at, depth + 1) };
        self.into.room.keep(node.number, habit);
        if node.keys.is_empty() && node.all.is_none() {
            self.reading(node, place).keep(Scalar::Object);
        }
        end
    }

    /// The members of an object, of which there are some.
    #[inline(always)]
    fn members(
        &mut self,
        node: &'m Node,
        habit: &mut Habit,
        place: usize,
        mut at: usize,
        depth: usize,
    ) -> Option<usize> {
        let (mut more, mut seen, mut nth) = (true, 0, 0);
        while more {
            let Met { known, value } = match habit.meet(self.scan.bytes(), at) {
                Some(met) => met,
                None => self.key(node, habit, at)?,
            };
            let (value, first) = self.scan.peek(value);
            let end = if let Some(known) = known {
                if seen & known.bit != 0 {
                    return None;
                }
                seen |= known.bit;
                self.value(self.plan.node(known.node), place, value, first, depth)?
            } else if let Some(all) = node.all {
                nth += 1;
                // What stands in a list's place holds elements only where they are objects. The parser reads the others, too.
                match first {
                    b'{' => self.object(self.plan.node(all), nth - 1, value, depth)?,
                    b'[' => self.scan.pass(value, first, depth)?,
                    _ => self.one(value, first)?.1,
                }
            } else {
                self.scan.pass(value, first, depth)?
            };
            (at, more) = self.scan.parted(end, b'}')?;
        }
        Some(at)
    }

    /// A member that was not expected.
    #[inline(never)]
    fn key(&mut self, node: &Node, habit: &mut Habit, at: usize) -> Option<Met> {
        let (at, byte) = self.scan.peek(at);
        let (key, value, _) = self.scan.key(at, byte)?;
        let (bytes, end) = (self.scan.bytes(), key.end);
        let known = node.find(bytes, key);
        let known = known.map(|nth| Known { bit: 1 << nth.min(63), node: node.keys[nth].1 });
        // Blanks may be of any number.
        if value == end + 2 {
            self.into.room.learn(habit, &bytes[at..value], known);
        }
        Some(Met { known, value })
    }

    fn array(&mut self, node: &'m Node, place: usize, at: usize, depth: usize) -> Option<usize> {
        let (mut at, mut byte) = self.scan.open(at, depth, b']')?;
        let (depth, mut nth) = (depth + 1, 0);
        while byte != OVER {
            let end = match node.element(nth) {
                Some(inside) => {
                    let place = if node.all.is_some() { nth } else { place };
                    self.value(self.plan.node(inside), place, at, byte, depth)?
                }
                None => self.scan.pass(at, byte, depth)?,
            };
            nth += 1;
            (at, byte) = self.scan.more(end, b']')?;
        }
        if node.all.is_none() {
            self.reading(node, place).keep(Scalar::Array);
        }
        Some(at)
    }

    /// The string that begins here.
    #[inline(always)]
    fn text(&self, at: usize) -> Option<(Scalar<'a>, usize)> {
        let quoted = self.scan.string(at)?;
        let scalar = match quoted {
            Quoted { has_escapes: false, .. } => Scalar::borrowed(self.scan.raw(quoted)),
            quoted => Scalar::owned(self.scan.said(quoted)?),
        };
        Some((scalar, quoted.end + 1))
    }

    /// A scalar, which begins with this byte.
    #[inline(never)]
    fn scalar(&mut self, node: &'m Node, place: usize, at: usize, byte: u8) -> Option<usize> {
        let (scalar, end) = self.one(at, byte)?;
        self.reading(node, place).keep(scalar);
        Some(end)
    }

    /// The scalar that begins here with this byte, and where it ends.
    #[inline]
    fn one(&self, at: usize, byte: u8) -> Option<(Scalar<'a>, usize)> {
        let word = |word, scalar| self.scan.word(at, word).map(|end| (scalar, end));
        match byte {
            b'"' => self.text(at),
            b't' => word("true", Scalar::Flag(true)),
            b'f' => word("false", Scalar::Flag(false)),
            b'n' => word("null", Scalar::Absent),
            _ => {
                let (text, end) = self.scan.number(at)?;
                let number = match short(text) {
                    Some(number) => number,
                    None => Scalar::deserialize(&mut parser(text)).ok()?,
                };
                Some((number, end))
            }
        }
    }
}

/// Bytes of a short number: its digits are fewer than an `f64` tells apart.
const SHORT: usize = 15;

/// A number of so few digits that it is what they say, however it is made of them; 0 may have a sign, which is not for us
/// to lose.
fn short(number: &str) -> Option<Scalar<'static>> {
    let (mut sum, mut power, mut has_point) = (0_u64, 1_u64, false);
    for byte in number.bytes().take(SHORT + 1) {
        match byte {
            b'0'..=b'9' => {
                sum = sum * 10 + u64::from(byte - b'0');
                power = if has_point { power * 10 } else { power };
            }
            b'.' => has_point = true,
            _ => return None,
        }
    }
    let number = match (number.len() <= SHORT, has_point) {
        (false, _) => return None,
        (true, false) => Scalar::Whole(sum.into()),
        // Both are exact, so that what comes of them is the nearest there is.
        (true, true) => Scalar::Number(sum as f64 / power as f64),
    };
    Some(number)
}

fn marks(text: &str) -> Option<Marks> {
    match text {
        "null" | "[]" | "{}" | "\"NONE\"" | "\"\"" => Some(Marks::default()),
        text => Marks::deserialize(&mut parser(text)).ok(),
    }
}

fn parser(text: &str) -> serde_json::Deserializer<serde_json::de::StrRead<'_>> {
    serde_json::Deserializer::from_str(text)
}

#[cfg(test)]
mod tests;
