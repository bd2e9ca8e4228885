//! Every kind of defect that a catalogue can have, and dirt that must not lose a product: what stands where, and what
//! becomes of it.
//!
//! One product never has two defects, so that what becomes of it is known beforehand.

use super::{harmless::Harmless, planted::Fate};
use crate::report::SkipReason;

/// What is wrong with a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dirt {
    NotAnObject,
    /// An element of another kind, which holds no product.
    Content,
    BrokenJson,
    NoId,
    NoName,
    /// Its name holds nothing that can be shown.
    EmptyName,
    IdCharacters,
    IdTooLong,
    /// A key that decides stands twice, with two values.
    TwoValues,
    PriceNotWhole,
    PriceTooLong,
    /// Something stands in the price's place that is no amount.
    PriceUnreadable,
    LinkNotHttp,
    LinkTooLong,
    /// None of its images can be one.
    ImageNotHttp,
    NoCategory,
    NotSellable,
    /// Whether it can be ordered is said in other words than yes and no.
    SellableUnclear,
    /// Its price is for members or stores only, and no regular one is told.
    Restricted,
    NoPrice,
    PriceTooLow,
    NoImage,
    /// The product before it once more, from another department.
    Duplicate,
    /// The one before that once more, from a third one.
    Again,
    /// A variant is the product before it once more.
    RepeatedVariant,
    /// A variant that has no price of its own, and stands nowhere else.
    VariantWithoutPrice,
    /// Something is wrong with it, and nothing with its variant.
    UnsoundParent,
    /// It has the id of the product after it, and is not sellable.
    SkippedTwin,
    /// It has the id of the product after it, and no link.
    BrokenTwin,
    /// Nothing that matters.
    Harmless(Harmless),
}

/// Products after which the defects begin again, each in another variation.
pub(super) const CYCLE: u64 = 400;
/// Every fifth product is a dirty one, so that those beside it are clean.
const STEP: u64 = 5;

/// What is planted in a cycle, and the variation that each begins with. Where one kind stands several times, a single
/// cycle holds as many of its variations.
const PLAN: [(Dirt, u64); 79] = {
    use Dirt::{
        BrokenJson, BrokenTwin, Content, Duplicate, EmptyName, Harmless as H, IdCharacters, IdTooLong,
        ImageNotHttp, LinkNotHttp, LinkTooLong, NoCategory, NoId, NoImage, NoName, NoPrice, NotAnObject,
        NotSellable, PriceNotWhole, PriceTooLong, PriceTooLow, PriceUnreadable, RepeatedVariant, Restricted,
        SellableUnclear, SkippedTwin, TwoValues, UnsoundParent, VariantWithoutPrice,
    };
    use Harmless::*;
    [
        (NotSellable, 0),
        (H(Markup), 0),
        (SellableUnclear, 0),
        (H(Marks), 0),
        (NotAnObject, 0),
        (H(ControlCharacters), 0),
        (SellableUnclear, 1),
        (H(Marks), 1),
        (NoPrice, 0),
        (H(Emoji), 0),
        (SellableUnclear, 2),
        (H(Marks), 2),
        (BrokenJson, 0),
        (H(LongName), 0),
        (SellableUnclear, 3),
        (H(Marks), 3),
        (NoImage, 0),
        (H(RatingCount), 0),
        (NoId, 0),
        (H(Marks), 4),
        (Duplicate, 0),
        (H(NoType), 0),
        (NoName, 0),
        (H(Marks), 5),
        (PriceTooLow, 0),
        (H(DesignOfAnotherType), 0),
        (EmptyName, 0),
        (H(Marks), 6),
        (IdCharacters, 0),
        (H(UnknownFields), 0),
        (RepeatedVariant, 0),
        (H(PriceAsText), 0),
        (IdTooLong, 0),
        (H(NoImageList), 0),
        (SkippedTwin, 0),
        (H(PriceAsText), 1),
        (TwoValues, 0),
        (H(DeepBrackets), 0),
        (BrokenTwin, 0),
        (H(IdInOtherWords), 0),
        (TwoValues, 1),
        (H(Surrogates), 0),
        (PriceNotWhole, 0),
        (H(Surrogates), 1),
        (Restricted, 0),
        (H(NotANumber), 0),
        (PriceTooLong, 0),
        (H(NotANumber), 1),
        (Restricted, 2),
        (H(HugeNumber), 0),
        (PriceUnreadable, 0),
        (H(RawControl), 0),
        (VariantWithoutPrice, 0),
        (H(OtherBytes), 0),
        (PriceUnreadable, 1),
        (H(SmallImage), 0),
        (UnsoundParent, 0),
        (H(NextBestImage), 0),
        (LinkNotHttp, 0),
        (H(NextBestImage), 1),
        (UnsoundParent, 3),
        (H(NextBestImage), 2),
        (LinkTooLong, 0),
        (H(NextBestImage), 3),
        (ImageNotHttp, 0),
        (H(ImageInList), 0),
        (NoCategory, 0),
        (H(LinkInHangul), 0),
        (H(UnusedDrift), 0),
        (H(NoVariants), 0),
        (H(SellableInWords), 0),
        (H(NothingSaidOfSelling), 0),
        (H(NoPrevious), 0),
        (H(Invisible), 0),
        (H(Destroyed), 0),
        (Content, 0),
        (H(Wrapped), 0),
        (Content, 1),
        (H(BareWord), 0),
    ]
};

/// What a place in a dirty catalogue is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// What is wrong with it, in which variation.
    Dirty(Dirt, u64),
    /// Beside a dirty one: clean and without variants or a family price.
    Plain,
    /// Clean, with everything that a catalogue has.
    Free,
}

/// What the product at `index` is.
pub(super) fn place(index: u64) -> Place {
    let slot = index % CYCLE;
    let planned = usize::try_from(slot / STEP).ok().and_then(|nth| PLAN.get(nth)).copied();
    match (slot % STEP, planned) {
        (3, Some((dirt, first))) => Place::Dirty(dirt, first + index / CYCLE),
        (4, Some((Dirt::Duplicate, _))) => Place::Dirty(Dirt::Again, index / CYCLE),
        (2 | 4, Some(_)) => Place::Plain,
        _ => Place::Free,
    }
}

/// What becomes of a product with this defect in this variation; of its variants elsewhere.
pub(super) fn fate(dirt: Dirt, turn: u64) -> Fate {
    match dirt {
        Dirt::NotAnObject | Dirt::BrokenJson => Fate::Broken("product: unreadable"),
        Dirt::Content => Fate::NoProduct,
        Dirt::NoId => Fate::Broken("product: no_id"),
        Dirt::NoName => Fate::Broken("product: no_name"),
        Dirt::EmptyName => Fate::Broken("product: empty_name"),
        Dirt::IdCharacters => Fate::Broken("id: characters"),
        Dirt::IdTooLong => Fate::Broken("id: too_long"),
        Dirt::TwoValues => match turn % 5 {
            1 => Fate::Broken("id: two_values"),
            4 => Fate::Broken("product: two_values"),
            _ => Fate::Broken("price_pc: two_values"),
        },
        Dirt::PriceNotWhole => Fate::Broken("price_pc: not_whole"),
        Dirt::PriceTooLong => Fate::Broken("price_pc: too_long"),
        Dirt::PriceUnreadable => Fate::Broken("price_pc: not_an_amount"),
        Dirt::LinkNotHttp => Fate::Broken("link: not_http"),
        Dirt::LinkTooLong => Fate::Broken("link: too_long"),
        Dirt::ImageNotHttp => Fate::Broken("image_link: not_http"),
        Dirt::NoCategory => Fate::Broken("category_name1: required"),
        Dirt::NotSellable => Fate::Skipped(SkipReason::NotSellable),
        Dirt::SellableUnclear => Fate::Skipped(SkipReason::SellableUnclear),
        Dirt::Restricted => Fate::Skipped(SkipReason::RestrictedPrice),
        Dirt::NoPrice => Fate::Skipped(SkipReason::NoPrice),
        Dirt::PriceTooLow => Fate::Skipped(SkipReason::PriceTooLow),
        Dirt::NoImage => Fate::Skipped(SkipReason::NoImage),
        Dirt::UnsoundParent => match turn % 4 {
            0 => Fate::Skipped(SkipReason::NotSellable),
            1 => Fate::Skipped(SkipReason::NoPrice),
            2 => Fate::Broken("product: no_id"),
            _ => Fate::Broken("product: unreadable"),
        },
        // The id is kept before or after.
        Dirt::Duplicate | Dirt::Again | Dirt::SkippedTwin | Dirt::BrokenTwin => Fate::Duplicate,
        Dirt::RepeatedVariant | Dirt::VariantWithoutPrice | Dirt::Harmless(_) => Fate::Kept,
    }
}
