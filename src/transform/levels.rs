//! The levels of a product's category that its row names.

use std::borrow::Cow;

use crate::{
    ep::{columns::Column, text::Clean},
    product::Member,
};

/// The levels of categories that a row names.
pub(super) const CATEGORIES: [Column; 4] =
    [Column::CategoryName1, Column::CategoryName2, Column::CategoryName3, Column::CategoryName4];

/// The category's levels, outermost first: the product's own, or those that it inherits where it has none. Of more than
/// four the department and the most specific ones.
pub(super) fn categories<'p>(member: &Member<'p, '_>) -> Levels<'p> {
    let levels = member.lineage().map(|member| levels(&member)).find(|levels| levels.many > 0);
    levels.unwrap_or_default()
}

/// The names of a product's levels, as many as there are columns for.
#[derive(Default)]
pub(super) struct Levels<'p> {
    pub(super) names: [Clean<'p>; CATEGORIES.len()],
    pub(super) many: usize,
}

impl<'p> Levels<'p> {
    fn push(&mut self, name: Clean<'p>) {
        if self.many == self.names.len() {
            // The department stays.
            self.names[1..].rotate_left(1);
            self.many -= 1;
        }
        self.names[self.many] = name;
        self.many += 1;
    }
}

/// The names of a product's own levels.
pub(super) fn levels<'p>(member: &Member<'p, '_>) -> Levels<'p> {
    let skipped = &member.map.categories.skip;
    let is_category = |key: &Cow<'_, str>| !skipped.iter().any(|skipped| **skipped == **key);
    let mut levels = Levels::default();
    member.each_category(|level| {
        if let Some(name) = level.name.filter(|_| level.key.as_ref().is_none_or(is_category)) {
            let name = Clean::of(name);
            if !name.text.is_empty() {
                levels.push(name);
            }
        }
    });
    levels
}
