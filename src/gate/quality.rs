//! From where on a build's titles and images are worth a look, or too bad to publish.
//!
//! Texts that were destroyed are our source's fault or ours, and readers see each of them. The rest are what Naver
//! sanctions a mall for; whether it is so bad is for people to say, so it holds nothing up.

use super::{
    Finding,
    limits::{DESTROYED_TOLD, DESTROYED_TOO_MANY, IMAGES, TITLES},
};
use crate::report::{DestroyedText, Flawed, GateWarning, HoldReason, Percent, Quality};

/// What is too bad about `rows` rows.
pub(super) fn hold(quality: &Quality, rows: u64) -> Option<Finding> {
    destroyed(quality, rows, DESTROYED_TOO_MANY).map(|text| Finding::Hold(HoldReason::DestroyedText(text)))
}

/// What is worth a look about `rows` rows.
pub(super) fn warnings(quality: &Quality, rows: u64) -> impl Iterator<Item = GateWarning> {
    let Quality { phone_numbers, promotions, same_title, same_image, .. } = quality;
    let told = destroyed(quality, rows, DESTROYED_TOLD).filter(|_| hold(quality, rows).is_none());
    [
        told.map(GateWarning::DestroyedText),
        (phone_numbers.products > 0).then(|| GateWarning::PhoneNumbers(phone_numbers.clone())),
        (promotions.products > 0).then(|| GateWarning::Promotions(promotions.clone())),
        TITLES.is_exceeded_by(same_title, rows).then(|| GateWarning::SameTitle(same_title.clone())),
        IMAGES.is_exceeded_by(same_image, rows).then(|| GateWarning::SameImage(same_image.clone())),
    ]
    .into_iter()
    .flatten()
}

fn destroyed(quality: &Quality, rows: u64, limit: Percent) -> Option<DestroyedText> {
    let Flawed { products: titles, examples } = quality.destroyed.clone();
    let measured = Percent::of(titles, rows);
    let is_too_much = titles > 0 && limit.is_reached_by(titles, rows);
    is_too_much.then_some(DestroyedText { measured, limit, titles, of: rows, examples })
}
