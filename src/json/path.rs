//! The language that says where a value stands: a JSON Pointer in which `*` stands for every element of an array, and
//! `*[key=value]` for those elements whose `key` is `value`.

use std::fmt;

use serde::Deserialize;

use super::{
    JsonPointer, Scalar, elements, kind, listed, members,
    pointer::{masked, tokens, unmasked},
    unescaped, unlisted,
};
use crate::web::{Discretion, Foreign};

/// A way to values: `/filters/*[id=CATEGORIES]/values/*`. Empty for the value itself.
///
/// A key that is `*`, or begins with `*[`, cannot be named; every other one is masked as in a JSON Pointer (`~1` is `/`,
/// `~0` is `~`). A number names an element where an array stands.
///
/// ```
/// use auto_ep::json::Path;
///
/// let path = Path::parse("/filters/*[id=CATEGORIES]/values/*/id").unwrap();
/// let text = br#"{"filters": [{"id": "OFFERS"}, {"id": "CATEGORIES", "values": [{"id": 1}, {"id": "b"}]}]}"#;
/// assert_eq!(path.all(text).unwrap(), [&b"1"[..], b"\"b\""]);
/// assert_eq!(
///     path.all(br#"{"filters": [{"id": "OFFERS"}]}"#).unwrap_err().told(&Default::default()),
///     r#"expected an element of /filters whose "id" is "CATEGORIES", found "OFFERS""#
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(try_from = "String")]
pub struct Path(Vec<Step>);

/// One step on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into an object's member, or an array's element by its number.
    Key(String),
    /// Into every element of an array.
    All,
    /// Into those elements of an array that hold this value under this key.
    Where { key: String, value: String },
}

/// Why a path leads nowhere in a text, in words that say what is there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    expected: String,
    found: Foreign,
}

impl Miss {
    /// In a sentence, with as many words of the text as may be told.
    pub fn told(&self, discretion: &Discretion) -> String {
        format!("expected {}, found {}", self.expected, discretion.tell(&self.found))
    }
}

impl TryFrom<String> for Path {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl Path {
    /// Parses the text form.
    pub fn parse(text: &str) -> Result<Self, String> {
        tokens(text)?.map(Step::parse).collect::<Result<_, _>>().map(Self)
    }

    /// Of these steps, outermost first.
    pub(crate) fn of(steps: Vec<Step>) -> Self {
        Self(steps)
    }

    /// The steps, outermost first.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The same as a JSON Pointer; `None` where it leads to several values.
    pub(crate) fn pointer(steps: &[Step]) -> Option<JsonPointer> {
        let key = |step: &Step| match step {
            Step::Key(key) => Some(key.clone()),
            Step::All | Step::Where { .. } => None,
        };
        steps.iter().map(key).collect::<Option<_>>().map(JsonPointer::of)
    }

    /// All values that it leads to, in their order. Elements that the rest of the path does not fit are passed over, if it
    /// fits any. Nothing is wrong with an empty array.
    pub fn all<'t>(&self, text: &'t [u8]) -> Result<Vec<&'t [u8]>, Miss> {
        self.up_to(usize::MAX, text)
    }

    /// The first of them, `most` at most: for foreign text, which may hold any number.
    pub(crate) fn up_to<'t>(&self, most: usize, text: &'t [u8]) -> Result<Vec<&'t [u8]>, Miss> {
        let mut found = Vec::new();
        self.follow(0, trimmed(text), most, &mut found)?;
        Ok(found)
    }

    fn follow<'t>(
        &self,
        depth: usize,
        text: &'t [u8],
        most: usize,
        found: &mut Vec<&'t [u8]>,
    ) -> Result<(), Miss> {
        let condition = match self.0.get(depth) {
            None => {
                found.push(text);
                return Ok(());
            }
            Some(Step::Key(key)) => {
                let expected = || format!("{key:?} {}", self.place(depth));
                let value = member(text, key)
                    .ok_or_else(|| Miss { expected: expected(), found: what_stands(text) })?;
                return self.follow(depth + 1, value, most, found);
            }
            Some(_) if text.first() != Some(&b'[') => {
                let expected = format!("an array {}", self.place(depth));
                return Err(Miss { expected, found: what_stands(text) });
            }
            Some(Step::All) => None,
            Some(Step::Where { key, value }) => Some((key, value)),
        };
        let fits = |element: &&[u8]| {
            condition.is_none_or(|(key, value)| says(element, key).is_some_and(|says| says == *value))
        };
        let mut fit = elements(text).filter(fits).peekable();
        if let Some((key, value)) = condition
            && fit.peek().is_none()
        {
            return Err(self.none_is(depth, text, key, value));
        }
        let (mut leads, mut missed) = (false, None);
        for element in fit {
            if found.len() >= most {
                return Ok(());
            }
            match self.follow(depth + 1, element, most, found) {
                Ok(()) => leads = true,
                Err(miss) => missed = missed.or(Some(miss)),
            }
        }
        missed.filter(|_| !leads).map_or(Ok(()), Err)
    }

    /// No element of an array says what it should.
    fn none_is(&self, depth: usize, text: &[u8], key: &str, value: &str) -> Miss {
        let mut others = elements(text).filter_map(|element| says(element, key)).peekable();
        let found = match others.peek() {
            None => Foreign::ours(format!("{} elements without it", elements(text).count())),
            Some(_) => {
                Foreign::new(listed(others).replacen("there are ", "", 1), "others, which are not named")
            }
        };
        let place = self.place(depth).replacen("at ", "of ", 1);
        Miss { expected: format!("an element {place} whose {key:?} is {value:?}"), found }
    }

    /// Where the value stands that the first `depth` steps lead to.
    fn place(&self, depth: usize) -> String {
        if depth == 0 { "at the top".to_owned() } else { format!("at {}", Self(self.0[..depth].to_vec())) }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| match step {
            Step::Key(key) => write!(f, "/{}", masked(key)),
            Step::All => f.write_str("/*"),
            Step::Where { key, value } => write!(f, "/*[{}={}]", masked(key), masked(value)),
        })
    }
}

impl Step {
    fn parse(token: &str) -> Result<Self, String> {
        if token == "*" {
            return Ok(Self::All);
        }
        let Some(condition) = token.strip_prefix("*[") else { return Ok(Self::Key(unmasked(token))) };
        let parts = condition.strip_suffix(']').and_then(|condition| condition.split_once('='));
        match parts {
            Some((key, value)) if !key.is_empty() => {
                Ok(Self::Where { key: unmasked(key), value: unmasked(value) })
            }
            _ => Err(format!("expected a condition such as *[id=CATEGORIES], found {token:?}")),
        }
    }
}

/// A member of an object, the first of several alike, or an element of an array by its number.
pub(crate) fn member<'t>(text: &'t [u8], key: &str) -> Option<&'t [u8]> {
    match text.first()? {
        b'{' => members(text).find(|(raw, _)| is_key(raw, key)).map(|(_, value)| value),
        b'[' => elements(text).nth(key.parse().ok()?),
        _ => None,
    }
}

/// What an object's member says.
fn says(text: &[u8], key: &str) -> Option<String> {
    Scalar::of(member(text, key)?).map(|says| says.as_str().to_owned())
}

/// Whether a key as it stands between its quotes is this one.
fn is_key(raw: &[u8], key: &str) -> bool {
    if raw.contains(&b'\\') { unescaped(raw) == key } else { raw == key.as_bytes() }
}

fn what_stands(text: &[u8]) -> Foreign {
    match text.first() {
        None => Foreign::ours("nothing".to_owned()),
        Some(b'{') => {
            let keys = || members(text).map(|(key, _)| unescaped(key));
            let instead = format!("an object ({})", unlisted(keys().count()));
            Foreign::new(format!("an object ({})", listed(keys())), instead)
        }
        Some(first) => Foreign::ours(kind(*first).to_owned()),
    }
}

fn trimmed(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii()
}

#[cfg(test)]
mod tests;
