//! JSON as text: where its values begin and end, and the small language that says where one stands.
//!
//! It never builds a tree and never copies what it passes, so it takes no memory whatever the text holds; and it is no
//! judge of what stands between brackets and quotes.

mod block;
mod count;
mod escapes;
mod names;
mod path;
mod places;
mod pointer;
mod scan;
mod skim;
mod stops;
mod value;

#[cfg(test)]
mod random;

pub(crate) use count::values;
pub(crate) use names::{NAMES, fits};
pub use path::Path;
pub(crate) use path::{Step, member};
pub(crate) use places::{arrays, scalars};
pub(crate) use pointer::JsonPointer;
pub(crate) use scan::{OVER, Quoted, Scan};
pub(crate) use skim::{Skim, SkimError};
pub(crate) use stops::Stops;
pub use value::members;
pub(crate) use value::{KEYS_NAMED, Scalar, elements, kind, listed, unescaped, unlisted, whole_number};
