//! The product inside an element of the array of products, cut out of the raw text.
//!
//! It never looks into the product itself, and what it does not understand it leaves as it is.

use std::ops::Range;

use crate::{
    json::{KEYS_NAMED, NAMES, Scalar, Skim, fits, member, members, unescaped},
    preset::Element,
};

/// Kinds of elements without a product that are named.
const KINDS_NAMED: usize = 5;
/// Characters of such a name.
const KIND_CHARS: usize = 40;
/// Where products stand one level deeper than they are looked for, they mostly stand here.
const DEEPER: &str = "product";

/// Elements without a product.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Others {
    /// How many.
    pub elements: u64,
    /// Their first few kinds, such as `CONTENT`.
    pub kinds: Vec<String>,
}

impl Others {
    /// One more.
    pub(super) fn count(&mut self, kind: String) {
        self.elements += 1;
        self.name(kind);
    }

    /// These, too.
    pub(super) fn add(&mut self, others: Others) {
        self.elements += others.elements;
        others.kinds.into_iter().for_each(|kind| self.name(kind));
    }

    fn name(&mut self, kind: String) {
        if self.kinds.len() < KINDS_NAMED && !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }
}

/// Finds the product in elements, by the settings.
#[derive(Debug)]
pub(super) struct Holder {
    element: Element,
    /// Whether the keys of what kind an element is and of its product can be looked out for, and only escapes of ASCII may
    /// stand for part of them.
    are_plain: [bool; NAMES],
}

impl Holder {
    /// With these settings.
    pub(super) fn new(element: &Element) -> Self {
        let is_plain = |key: &str| {
            fits(key) && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        };
        let are_plain = keys(element).map(|key| key.is_none_or(is_plain));
        Self { element: element.clone(), are_plain }
    }

    /// Whether the elements are to be the products themselves.
    pub(super) fn is_whole(&self) -> bool {
        self.element.product.tokens().is_empty()
    }

    /// The part of an element's text that is a product; an error where it holds none, because it is of another kind: which.
    /// What [`skim`] gives went through it.
    pub(super) fn held(&self, text: &[u8], skim: &Skim) -> Result<Range<usize>, String> {
        let element = &self.element;
        let whole = Ok(0..text.len());
        if *element == Element::default() || text.first() != Some(&b'{') {
            return whole;
        }
        let (met, is_escaped) = (skim.met(), skim.has_ascii_escapes());
        let [may_say_kind, may_hold] = [0, 1].map(|nth| met[nth] || is_escaped || !self.are_plain[nth]);
        if let Some((key, product)) = &element.kind
            && may_say_kind
            && let Some(Scalar::Text(kind)) = member(text, key).and_then(Scalar::of)
            && kind != *product
        {
            return Err(kind.chars().take(KIND_CHARS).collect());
        }
        if self.is_whole() || !may_hold {
            return whole;
        }
        let inside = element.product.tokens().iter().try_fold(text, |text, key| member(text, key));
        match inside.filter(|inside| inside.first() == Some(&b'{')) {
            Some(inside) => {
                let begin = inside.as_ptr().addr() - text.as_ptr().addr();
                Ok(begin..begin + inside.len())
            }
            None => whole,
        }
    }
}

/// What goes through elements and says of most that they have no member under the keys that matter, where a walk through all
/// members would cost as much as all the rest of cutting.
pub(super) fn skim(element: &Element) -> Skim {
    Skim::watching(keys(element))
}

/// The keys in an element of what kind it is, and of its product.
fn keys(element: &Element) -> [Option<&str>; NAMES] {
    let kind = element.kind.as_ref().map(|(key, _)| key.as_str());
    [kind, element.product.tokens().first().map(String::as_str)]
}

/// How an element has to be taken apart that holds its product one level deeper: its keys, and what is to follow the
/// array in `CATALOG_ITEMS`. `None` for what may be a product itself.
pub(super) fn deeper(text: &[u8]) -> Option<(Vec<String>, String)> {
    let inside = member(text, DEEPER).filter(|inside| inside.first() == Some(&b'{'));
    if text.first() != Some(&b'{') || inside.is_none() || member(text, "name").is_some() {
        return None;
    }
    let keys = members(text).map(|(key, _)| unescaped(key).into_owned()).take(KEYS_NAMED).collect();
    let kind = member(text, "type").and_then(Scalar::of);
    let condition = match &kind {
        // What a path cannot say is left out of the advice.
        Some(Scalar::Text(kind))
            if !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') =>
        {
            format!("[type={kind}]")
        }
        _ => String::new(),
    };
    Some((keys, format!("/*{condition}/{DEEPER}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preset::Items;

    fn element(path: &str) -> Element {
        match Items::parse(path).unwrap() {
            Items::Array(_, element) => element,
            Items::Ndjson | Items::Table(_) => panic!("no array"),
        }
    }

    fn found(path: &str, text: &str) -> String {
        let (element, text) = (element(path), text.as_bytes());
        let mut skim = skim(&element);
        assert!(skim.start(text[0], usize::MAX) && skim.run(text).is_ok());
        match Holder::new(&element).held(text, &skim) {
            Ok(range) => String::from_utf8_lossy(&text[range]).into_owned(),
            Err(kind) => format!("nothing but {kind}"),
        }
    }

    #[test]
    fn a_product_is_cut_out_and_what_is_odd_stays_as_it_is() {
        let typed = "/*[type=PRODUCT]/product";
        for (path, text, product) in [
            ("/a", r#"{"product": {"a": 1}}"#, r#"{"product": {"a": 1}}"#),
            (
                typed,
                r#"{"type":"PRODUCT", "metadata": "", "product" : {"a": "}\"{", "n": NaN} }"#,
                r#"{"a": "}\"{", "n": NaN}"#,
            ),
            (typed, r#"{"product":{"a":"\ud800"},"type":"PRODUCT"}"#, r#"{"a":"\ud800"}"#),
            (typed, r#"{"product":{"a":1}}"#, r#"{"a":1}"#),
            (typed, r#"{"itemNo": "1", "name": "x"}"#, r#"{"itemNo": "1", "name": "x"}"#),
            (typed, r#"{"type":"PRODUCT","product":null}"#, r#"{"type":"PRODUCT","product":null}"#),
            (typed, r#"{"type":"CONTENT","product":{"a":1}}"#, "nothing but CONTENT"),
            (typed, r#"{"t\u0079pe":"PLANNER"}"#, "nothing but PLANNER"),
            (typed, r#"{"a":"\\","t\u0079pe":"PLANNER"}"#, "nothing but PLANNER"),
            (typed, r#"{"\u00e5":"\\u0079","type":"PLANNER"}"#, "nothing but PLANNER"),
            ("/*[종류=PRODUCT]/product", r#"{"\uc885\ub958":"PLANNER"}"#, "nothing but PLANNER"),
            ("/*[a~1b=PRODUCT]/product", r#"{"a\/b":"PLANNER"}"#, "nothing but PLANNER"),
            (typed, r#"{"type":7,"product":{"a":1}}"#, r#"{"a":1}"#),
            (typed, r#"{"type":null}"#, r#"{"type":null}"#),
            (typed, "null", "null"),
            (typed, r#"["type"]"#, r#"["type"]"#),
            ("/*/in/product", r#"{"in":{"product":{}}}"#, "{}"),
            ("/*/in/product", r#"{"in":{}}"#, r#"{"in":{}}"#),
            ("/*[type=PRODUCT]", r#"{"type":"PRODUCT","a":1}"#, r#"{"type":"PRODUCT","a":1}"#),
            ("/*[type=PRODUCT]", r#"{"type":"CONTENT","a":1}"#, "nothing but CONTENT"),
        ] {
            assert_eq!(found(path, text), product, "{text} by {path}");
        }
    }

    #[test]
    fn products_one_level_deeper_are_recognised() {
        for (text, advice) in [
            (r#"{"type":"PRODUCT","product":{}}"#, Some("/*[type=PRODUCT]/product")),
            (r#"{"type":"a/b","product":{}}"#, Some("/*/product")),
            (r#"{"product":{"a":1},"x":2}"#, Some("/*/product")),
            (r#"{"name":"x","product":{"a":1}}"#, None),
            (r#"{"product":"x"}"#, None),
            (r#"{"itemNo":"1"}"#, None),
            (r#"[{"product":{}}]"#, None),
            ("null", None),
        ] {
            assert_eq!(deeper(text.as_bytes()).map(|(_, advice)| advice).as_deref(), advice, "{text}");
        }
    }

    #[test]
    fn others_are_counted_and_their_kinds_named_once() {
        let mut others = Others::default();
        for kind in ["A", "B", "A", "C", "D", "E", "F"] {
            others.count(kind.into());
        }
        others.add(Others { elements: 2, kinds: vec!["A".into(), "G".into()] });
        assert_eq!((others.elements, others.kinds.concat()), (9, "ABCDE".to_owned()));
    }
}
