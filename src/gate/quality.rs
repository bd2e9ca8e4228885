//! From where on a build's titles and images are worth a look, or too bad to publish.
//!
//! Texts that were destroyed are our source's fault or ours, and readers see each of them. The rest are what Naver
//! sanctions a mall for; whether it is so bad is for people to say, so it holds nothing up.

use crate::{
    ep::quality::limits::{DESTROYED_TOLD, DESTROYED_TOO_MANY, are_images_shared, are_titles_shared},
    report::{GateWarning, HoldReason, Percent, Quality, Shared},
};

/// What is too bad about `rows` rows.
pub(super) fn hold(quality: &Quality, rows: u64) -> Option<HoldReason> {
    let destroyed = &quality.destroyed;
    (destroyed.products > 0 && DESTROYED_TOO_MANY.is_reached_by(destroyed.products, rows)).then(|| {
        HoldReason::DestroyedText {
            measured: Percent::of(destroyed.products, rows),
            limit: DESTROYED_TOO_MANY,
            titles: destroyed.products,
            of: rows,
            examples: destroyed.examples.clone(),
        }
    })
}

/// What is worth a look about `rows` rows.
pub(super) fn warnings(quality: &Quality, rows: u64) -> Vec<GateWarning> {
    let Quality { destroyed, phone_numbers, promotions, same_title, same_image } = quality;
    let mut warnings = Vec::new();
    if destroyed.products > 0
        && DESTROYED_TOLD.is_reached_by(destroyed.products, rows)
        && !DESTROYED_TOO_MANY.is_reached_by(destroyed.products, rows)
    {
        warnings.push(GateWarning::DestroyedText {
            measured: Percent::of(destroyed.products, rows),
            limit: DESTROYED_TOLD,
            titles: destroyed.products,
            of: rows,
            examples: destroyed.examples.clone(),
        });
    }
    if phone_numbers.products > 0 {
        warnings.push(GateWarning::PhoneNumbers(phone_numbers.clone()));
    }
    if promotions.products > 0 {
        warnings.push(GateWarning::Promotions(promotions.clone()));
    }
    let largest = |shared: &Shared| shared.groups.first().map_or(0, |group| group.products);
    if are_titles_shared(same_title.products, largest(same_title), rows) {
        warnings.push(GateWarning::SameTitle(same_title.clone()));
    }
    if are_images_shared(same_image.products, largest(same_image), rows) {
        warnings.push(GateWarning::SameImage(same_image.clone()));
    }
    warnings
}
