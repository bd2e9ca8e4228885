//! How much of it is worth a look, and how much is too much: the same for a build that is made and a file that is read.

use crate::report::{Percent, Shared};

/// From this share of destroyed titles on they are told: one in a thousand is no accident of one product.
pub const DESTROYED_TOLD: Percent = Percent::hundredths(10);
/// From this share on something destroys texts as such.
pub const DESTROYED_TOO_MANY: Percent = Percent::whole(1);
/// Fewer products that share a value are chance, unless they are half of a small feed.
const LEAST: u64 = 10;
/// Of a small feed, fewer are two that are sold twice.
const LEAST_OF_FEW: u64 = 3;
/// What is for half of the products is for all of them.
const HALF: Percent = Percent::whole(50);
/// A group of this share is no accident of one product, however large the shop.
const LARGE_GROUP: Percent = Percent::hundredths(10);

/// What sound shops have of a value that products share.
pub struct Usual {
    /// The share of products that have it in common with another.
    share: Percent,
    /// The products of one group.
    group: u64,
}

/// Variants that differ in what no title says come in pairs and threes.
pub const TITLES: Usual = Usual { share: Percent::whole(2), group: 20 };
/// Sizes of one product are often shown in one picture; one for ten products stands for pictures that are missing.
pub const IMAGES: Usual = Usual { share: Percent::whole(20), group: 10 };

/// Whether a value that so many of `rows` products have stands for all of them.
pub fn is_one_for_all(products: u64, rows: u64) -> bool {
    products >= LEAST_OF_FEW && HALF.is_reached_by(products, rows)
}

impl Usual {
    /// Whether so many of `rows` products share their value with another that it is worth a look.
    pub fn is_exceeded_by(&self, shared: &Shared, rows: u64) -> bool {
        let (products, largest) = (shared.products, shared.largest());
        is_one_for_all(products, rows)
            || (products >= LEAST && self.share.is_reached_by(products, rows))
            || (largest >= self.group && LARGE_GROUP.is_reached_by(largest, rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::SharedGroup;

    #[test]
    fn a_sound_shop_is_quiet_and_a_large_group_or_share_is_not() {
        for (what, products, largest, rows, titles, images) in [
            ("nothing", 0, 0, 10_000, false, false),
            ("an empty feed", 0, 0, 0, false, false),
            ("pairs here and there", 90, 3, 10_000, false, false),
            ("a pair in a tiny feed", 2, 2, 4, false, false),
            ("half of a tiny feed", 3, 3, 6, true, true),
            ("one in fifty", 200, 2, 10_000, true, false),
            ("one in fifty-one", 196, 2, 10_000, false, false),
            ("a fifth", 2_000, 4, 10_000, true, true),
            ("one for what has none", 10, 10, 10_000, false, true),
            ("the same in a large feed", 10, 10, 100_000, false, false),
            ("one for hundreds", 300, 300, 100_000, true, true),
        ] {
            let group = SharedGroup { value: String::new(), products: largest, ids: Vec::new() };
            let shared = Shared { products, groups: vec![group], ..Shared::default() };
            let found = (TITLES.is_exceeded_by(&shared, rows), IMAGES.is_exceeded_by(&shared, rows));
            assert_eq!(found, (titles, images), "{what}");
        }
    }
}
