//! How windows are asked for, and what has to be asked for beside them.

use std::num::NonZeroU32;

use serde::Deserialize;

use super::{CallTemplate, Items, Said};
use crate::json::{Path, Step};

/// How windows are asked for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Windows {
    /// With this. Where each says where the next one is, only the first, which `CATALOG_URL` may be as well.
    #[serde(default)]
    pub call: CallTemplate,
    /// Where their products stand.
    pub items: Items,
    /// How many elements are asked for at once.
    #[serde(default = "usual_size")]
    pub size: NonZeroU32,
    /// Where each says how many there are in all.
    #[serde(default)]
    pub(crate) total: Option<Said>,
    /// Where each says at which address the next one is: a link in its text, or `header:Link`.
    #[serde(default)]
    pub(crate) next: Option<Said>,
    /// What its products only name, and has to be asked for.
    #[serde(default)]
    pub(crate) join: Option<Join>,
}

/// Elements of a window where nothing else is said.
pub(crate) fn usual_size() -> NonZeroU32 {
    NonZeroU32::new(1000).expect("not zero")
}

/// Parts of a product that a window only names by their ids, as variations: where they are had, to stand in their place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// From a product to what is only named.
    pub(crate) at: Path,
    /// The call that answers with some of them, by their ids.
    pub(crate) call: CallTemplate,
    /// To each in the answer.
    pub(crate) each: Path,
    /// From what is named, and from each in the answer, to its id.
    pub(crate) id: Path,
    /// How many are asked for at once.
    pub(crate) size: NonZeroU32,
}

impl Join {
    /// What stands for something that is named by its id alone and was not answered: an object with that id, so that it is
    /// counted. `None` where it is one already.
    pub(crate) fn stub(&self, named: &[u8]) -> Option<Vec<u8>> {
        let [Step::Key(key)] = self.id.steps() else { return None };
        let key = serde_json::Value::from(key.as_str()).to_string();
        (named.first() != Some(&b'{')).then(|| [b"{", key.as_bytes(), b":", named, b"}"].concat())
    }
}
