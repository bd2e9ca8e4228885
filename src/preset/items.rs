//! Where the products stand in an answer.

use std::fmt;

use serde::Deserialize;

use super::TableForm;
use crate::json::{JsonPointer, Path, Step};

/// Where the products stand in a document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Items {
    /// They are, or stand in, the elements of the array at this pointer; the empty one is the document itself.
    Array(JsonPointer, Element),
    /// One product a line.
    Ndjson,
    /// A table: its first row names the columns, each further one is a product.
    Table(TableForm),
}

/// How an element of the array holds its product. An element that is of another make than this says is taken for a
/// product as it stands: whoever judges it says what is wrong with it, and nothing is lost without a word.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// The key that says what an element is, and what it says of a product. Where it says anything else, the element
    /// holds no product.
    pub(crate) kind: Option<(String, String)>,
    /// Where the product stands inside; empty where the element is the product.
    pub(crate) product: JsonPointer,
}

impl TryFrom<String> for Items {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl Items {
    /// The elements of the array at `pointer` are the products.
    pub(crate) fn at(pointer: JsonPointer) -> Self {
        Self::Array(pointer, Element::default())
    }

    /// Parses a path to the array, perhaps with what follows for each element: `/items`, `/items/*/product`,
    /// `/items/*[type=PRODUCT]/product`; or one of the words `ndjson`, `csv` and `tsv`, the
    /// last two perhaps with what is said of the table's form.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "ndjson" {
            return Ok(Self::Ndjson);
        }
        if let Some(form) = TableForm::parse(text) {
            return form.map(Self::Table);
        }
        let path = Path::parse(text).map_err(|e| format!("{e}; or one of the words ndjson, csv and tsv"))?;
        let is_key = |step: &Step| matches!(step, Step::Key(_));
        let array = path.steps().iter().take_while(|step| is_key(step)).count();
        let (array, rest) = path.steps().split_at(array);
        let (kind, inside) = match rest {
            [] => (None, rest),
            [Step::Where { key, value }, inside @ ..] => (Some((key.clone(), value.clone())), inside),
            [_, inside @ ..] => (None, inside),
        };
        let pointers = Path::pointer(array).zip(Path::pointer(inside));
        let (array, product) = pointers
            .ok_or_else(|| format!("expected one * at most, for the array's elements, found {text:?}"))?;
        Ok(Self::Array(array, Element { kind, product }))
    }
}

impl fmt::Display for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ndjson => f.write_str("ndjson"),
            Self::Table(form) => form.fmt(f),
            Self::Array(array, element) if *element == Element::default() => array.fmt(f),
            Self::Array(array, Element { kind: None, product }) => write!(f, "{array}/*{product}"),
            Self::Array(array, Element { kind: Some((key, value)), product }) => {
                write!(f, "{array}/*[{key}={value}]{product}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_array_and_its_elements_are_told_apart() {
        for (text, array, kind, product) in [
            ("", "", None, ""),
            ("/a/b", "/a/b", None, ""),
            ("/a/*/product", "/a", None, "/product"),
            ("/*[type=PRODUCT]/in/product", "", Some(("type", "PRODUCT")), "/in/product"),
            ("/a/*[type=PRODUCT]", "/a", Some(("type", "PRODUCT")), ""),
        ] {
            let kind = kind.map(|(key, value): (&str, &str)| (key.to_owned(), value.to_owned()));
            let element = Element { kind, product: JsonPointer::parse(product).unwrap() };
            let items = Items::parse(text).unwrap();
            assert_eq!(items, Items::Array(JsonPointer::parse(array).unwrap(), element), "{text}");
            assert_eq!(items.to_string(), text);
        }
        for word in ["ndjson", "csv", "tsv", "csv delimiter=; quotes=none"] {
            assert_eq!(Items::parse(word).map(|items| items.to_string()).as_deref(), Ok(word));
        }
        assert_eq!(
            Items::parse("/a/*").map(|items| items.to_string()),
            Ok("/a".into()),
            "the elements themselves"
        );
        for text in ["products", "/a/*/b/*", "/a/*[b]"] {
            assert!(Items::parse(text).is_err(), "{text}");
        }
    }
}
