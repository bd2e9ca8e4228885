//! The language that says where a value stands: a JSON Pointer in which `*` stands for every element of an array, and
//! `*[key=value]` for those elements whose `key` is `value`.

use std::{
    fmt,
    ops::ControlFlow::{self, Break, Continue},
};

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
#[derive(Debug, Clone, PartialEq, Eq, Default)]
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

impl Path {
    /// Parses the text form.
    pub fn parse(text: &str) -> Result<Self, String> {
        tokens(text)?.map(Step::parse).collect::<Result<_, _>>().map(Self)
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

    /// Calls `each` with the text of every value that the path leads to, in their order, until it breaks. Elements that
    /// the rest of the path does not fit are passed over, if it fits any. Nothing is wrong with an empty array.
    pub fn each<'t>(
        &self,
        text: &'t [u8],
        each: &mut dyn FnMut(&'t [u8]) -> ControlFlow<()>,
    ) -> Result<(), Miss> {
        self.follow(0, trimmed(text), each).map(drop)
    }

    /// All values that it leads to. Whoever reads foreign text of any length uses [`Self::each`].
    pub fn all<'t>(&self, text: &'t [u8]) -> Result<Vec<&'t [u8]>, Miss> {
        let mut all = Vec::new();
        self.each(text, &mut |value| {
            all.push(value);
            Continue(())
        })?;
        Ok(all)
    }

    /// The first value that it leads to; `None` where it leads into an empty array.
    pub fn first<'t>(&self, text: &'t [u8]) -> Result<Option<&'t [u8]>, Miss> {
        let mut first = None;
        self.each(text, &mut |value| {
            first = Some(value);
            Break(())
        })?;
        Ok(first)
    }

    fn follow<'t>(
        &self,
        depth: usize,
        text: &'t [u8],
        each: &mut dyn FnMut(&'t [u8]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Miss> {
        match self.0.get(depth) {
            None => Ok(each(text)),
            Some(Step::Key(key)) => match member(text, key) {
                Some(value) => self.follow(depth + 1, value, each),
                None => Err(self.no_key(depth, key, text)),
            },
            Some(_) if text.first() != Some(&b'[') => {
                Err(Miss { expected: format!("an array {}", self.place(depth)), found: what_stands(text) })
            }
            Some(Step::All) => self.every(depth, elements(text), each),
            Some(Step::Where { key, value }) => {
                let says = |element: &'t [u8]| {
                    member(element, key).and_then(Scalar::of).map(|says| says.as_str().to_owned())
                };
                let mut fit =
                    elements(text).filter(|element| says(element).as_deref() == Some(value)).peekable();
                if fit.peek().is_none() {
                    let mut found = elements(text).filter_map(says).peekable();
                    return Err(Miss {
                        expected: format!(
                            "an element {} whose {key:?} is {value:?}",
                            self.place(depth).replacen("at ", "of ", 1)
                        ),
                        found: match found.peek() {
                            None => Foreign::ours(format!("{} elements without it", elements(text).count())),
                            Some(_) => {
                                let listed = listed(found).replacen("there are ", "", 1);
                                Foreign::new(listed, "others, which are not named")
                            }
                        },
                    });
                }
                self.every(depth, fit, each)
            }
        }
    }

    /// Follows the rest of the path into elements; an error where it fits none of them.
    fn every<'t>(
        &self,
        depth: usize,
        elements: impl Iterator<Item = &'t [u8]>,
        each: &mut dyn FnMut(&'t [u8]) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Miss> {
        let (mut fits, mut missed) = (false, None);
        for element in elements {
            match self.follow(depth + 1, element, each) {
                Ok(Break(())) => return Ok(Break(())),
                Ok(Continue(())) => fits = true,
                Err(miss) => {
                    missed.get_or_insert(miss);
                }
            }
        }
        match missed {
            Some(miss) if !fits => Err(miss),
            _ => Ok(Continue(())),
        }
    }

    fn no_key(&self, depth: usize, key: &str, text: &[u8]) -> Miss {
        Miss { expected: format!("{key:?} {}", self.place(depth)), found: what_stands(text) }
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
