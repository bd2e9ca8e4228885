//! Dirt that must not lose a product: markup and control characters, values of other types, images that are none, marks
//! in many places, scalars that no parser takes.
//!
//! It never touches what decides whether a product is kept.

mod images;
mod prices;
mod texts;
mod types;

use super::listing::Fields;
pub(super) use prices::mark;
pub(super) use texts::DESTROYED;
pub(super) use types::id_as_number;

/// What is dirty about a product that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Harmless {
    /// Tags and entities in its name.
    Markup,
    /// Control characters as escapes.
    ControlCharacters,
    /// Control characters as they are, which JSON forbids.
    RawControl,
    Emoji,
    LongName,
    /// Halves of surrogate pairs.
    Surrogates,
    /// Bytes that are no UTF-8, and escapes that are none.
    OtherBytes,
    /// Characters that show nothing.
    Invisible,
    /// Text that was read in a wrong encoding before it came here.
    Destroyed,
    RatingCount,
    NoType,
    DesignOfAnotherType,
    UnknownFields,
    NoImageList,
    DeepBrackets,
    /// `NaN` in fields that nobody uses or needs.
    NotANumber,
    /// Numbers that no type holds.
    HugeNumber,
    /// A flag that is a bare word.
    BareWord,
    /// Its id is a number, or has spaces around it.
    IdInOtherWords,
    /// It stands one level deeper, inside an element that says what it is.
    Wrapped,
    UnusedDrift,
    NoVariants,
    /// That it can be ordered is said in other ways.
    SellableInWords,
    NothingSaidOfSelling,
    SmallImage,
    /// The main image is none, and another one is.
    NextBestImage,
    ImageInList,
    LinkInHangul,
    /// Its price is for some only, and the regular one is told.
    Marks,
    PriceAsText,
    NoPrevious,
}

/// Soils the fields with one kind of harmless dirt.
pub(super) fn soil(fields: &mut Fields, kind: Harmless, turn: u64) {
    match kind {
        Harmless::Markup
        | Harmless::ControlCharacters
        | Harmless::RawControl
        | Harmless::Emoji
        | Harmless::LongName
        | Harmless::Surrogates
        | Harmless::OtherBytes
        | Harmless::Invisible
        | Harmless::Destroyed => texts::soil(fields, kind, turn),
        Harmless::SmallImage
        | Harmless::NextBestImage
        | Harmless::ImageInList
        | Harmless::NoImageList
        | Harmless::LinkInHangul => images::soil(fields, kind, turn),
        Harmless::Marks | Harmless::PriceAsText | Harmless::NoPrevious => prices::soil(fields, kind, turn),
        Harmless::Wrapped => {}
        _ => types::soil(fields, kind, turn),
    }
}
