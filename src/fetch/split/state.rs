//! The places between values where the document parser can be.
//!
//! They are only named here; what leads from one to the next is `document`'s business.

/// Where the parser of a document stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Before the root value.
    Lead,
    /// A value must begin: after a colon, or after a comma of an array on the way.
    Value,
    /// After `{`: a key or `}`.
    FirstKey,
    /// After a comma of an object: a key.
    NextKey,
    Key,
    KeyEscape,
    Colon,
    /// After `[` of an array on the way: a value or `]`.
    FirstElement,
    /// After a value on the way: a comma or the end of what holds it.
    After,
    /// Inside a value that is not on the way.
    Skip,
    /// After `[` of the products: a product or `]`.
    FirstItem,
    /// After a comma of the products.
    NextItem,
    Item,
    AfterItem,
    /// After the root value.
    End,
}

impl State {
    /// What may stand here, for messages.
    pub fn expected(self) -> &'static str {
        match self {
            Self::FirstKey => "a key or }",
            Self::NextKey => "a key",
            Self::Colon => "a colon",
            Self::AfterItem => ", or ] after a product",
            _ => ", or the closing bracket",
        }
    }
}
