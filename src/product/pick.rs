//! Reads a product's text by a plan where it is plain JSON, in one pass that makes nothing but what the plan keeps.
//!
//! It says the same as `read`, or that it is not sure: of keys with escapes or that stand twice, and of what is no JSON.
//! Then `read` decides. What it passes is checked as strictly as what it keeps.

use serde::Deserialize;

use super::{Product, marks::Marks, read::Reading, scalar::Scalar};
use crate::{
    json::{Quoted, Scan, Stops},
    map::{Node, Plan},
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
    let mut scan = Scan::new(text, stops)?;
    if scan.peek() != b'{' {
        return None;
    }
    object(Reading { plan, node: plan.root(), place: 0, into }, &mut scan)?;
    scan.is_over().then_some(())
}

/// A value of any kind.
fn value<'a>(mut reading: Reading<'_, '_, 'a>, scan: &mut Scan<'a, '_>) -> Option<()> {
    let node = reading.node;
    if node.is_text {
        return reading.text(scan.skip()?).ok();
    }
    if let Some(slot) = node.marks {
        reading.marks(slot, marks(scan)?);
        return Some(());
    }
    match scan.peek() {
        b'{' => object(reading, scan),
        b'[' => array(reading, scan),
        _ => {
            reading.keep(scalar(scan)?);
            Some(())
        }
    }
}

fn object<'a>(mut reading: Reading<'_, '_, 'a>, scan: &mut Scan<'a, '_>) -> Option<()> {
    let node = reading.node;
    let (mut seen, mut place, mut expected) = (0_u128, 0, 0);
    let mut more = scan.open(b'}')?;
    while more {
        let key = scan.key()?;
        if let Some(at) = node.find(key, expected) {
            let bit = 1 << at.min(127);
            if seen & bit != 0 {
                return None;
            }
            seen |= bit;
            expected = at + 1;
            let inside = reading.plan.node(node.keys[at].1);
            value(reading.inside(inside, reading.place), scan)?;
        } else if let Some(all) = node.all {
            // What stands in a list's place holds elements only where they are objects.
            match scan.peek() {
                b'{' => object(reading.inside(reading.plan.node(all), place), scan)?,
                _ => scan.pass()?,
            }
            place += 1;
        } else {
            scan.pass()?;
        }
        more = scan.more(b'}')?;
    }
    if node.keys.is_empty() && node.all.is_none() {
        reading.keep(Scalar::Object);
    }
    Some(())
}

fn array<'a>(mut reading: Reading<'_, '_, 'a>, scan: &mut Scan<'a, '_>) -> Option<()> {
    let node = reading.node;
    let mut place = 0;
    let mut more = scan.open(b']')?;
    while more {
        match element(node, place) {
            Some(inside) => {
                let at = if node.all.is_some() { place } else { reading.place };
                value(reading.inside(reading.plan.node(inside), at), scan)?;
            }
            None => scan.pass()?,
        }
        place += 1;
        more = scan.more(b']')?;
    }
    if node.all.is_none() {
        reading.keep(Scalar::Array);
    }
    Some(())
}

/// The node that an element leads to.
pub(super) fn element(node: &Node, place: usize) -> Option<usize> {
    let by_number = node.keys.iter().find(|(key, _)| key.parse() == Ok(place)).map(|(_, node)| *node);
    by_number.or(node.all)
}

fn scalar<'a>(scan: &mut Scan<'a, '_>) -> Option<Scalar<'a>> {
    match scan.peek() {
        b'"' => match scan.string()? {
            Quoted { text, has_escapes: false } => Some(Scalar::borrowed(text)),
            quoted => quoted.said().map(Scalar::owned),
        },
        b't' => scan.word("true").map(|()| Scalar::Flag(true)),
        b'f' => scan.word("false").map(|()| Scalar::Flag(false)),
        b'n' => scan.word("null").map(|()| Scalar::Absent),
        _ => {
            let number = scan.number()?;
            whole(number).map(Scalar::Whole).or_else(|| Scalar::deserialize(&mut parser(number)).ok())
        }
    }
}

/// A whole number of few enough digits to be one whatever they are; 0 may have a sign, which is not for us to lose.
fn whole(number: &str) -> Option<i128> {
    let is_short = number.len() <= 18 && number.bytes().all(|byte| byte.is_ascii_digit());
    is_short.then(|| number.bytes().fold(0, |sum: u64, digit| sum * 10 + u64::from(digit - b'0')).into())
}

fn marks(scan: &mut Scan<'_, '_>) -> Option<Marks> {
    match scan.skip()? {
        "null" | "[]" | "{}" => Some(Marks::default()),
        text => Marks::deserialize(&mut parser(text)).ok(),
    }
}

fn parser(text: &str) -> serde_json::Deserializer<serde_json::de::StrRead<'_>> {
    serde_json::Deserializer::from_str(text)
}

#[cfg(test)]
mod tests;
