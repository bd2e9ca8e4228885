//! How much of it is worth a look, and how much is too much: the same for a build that is made and a file that is read.

use crate::report::Percent;

/// From this share of destroyed titles on they are told: one in a thousand is no accident of one product.
pub const DESTROYED_TOLD: Percent = Percent::hundredths(10);
/// From this share on something destroys texts as such.
pub const DESTROYED_TOO_MANY: Percent = Percent::whole(1);
/// Fewer products that share a title or an image are two that are sold twice.
const LEAST_SHARED: u64 = 3;
/// From this share on it is no exception: shops sell some things twice, and some sets look like their parts.
const SHARED: Percent = Percent::whole(1);

/// Whether so many of `rows` products share a title, or an image, with another that it is worth a look.
pub fn is_much_shared(products: u64, rows: u64) -> bool {
    products >= LEAST_SHARED && SHARED.is_reached_by(products, rows)
}
