//! How many rows have each of a few values, in memory that does not grow with the rows.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::report::Counts;

/// Counts by value. Rows of one kind come in a row, so the last value is tried first.
pub(super) struct Tallied {
    most: usize,
    last: usize,
    values: Vec<(String, u64)>,
    places: HashMap<String, usize, RandomState>,
}

impl Tallied {
    /// Of so many values at most; those that come after are not counted.
    pub(super) fn of_most(most: usize) -> Self {
        Self { most, last: 0, values: Vec::new(), places: HashMap::default() }
    }

    /// Counts one; gives its place, and how many there are of it by now.
    pub(super) fn see(&mut self, value: &str) -> Option<(usize, u64)> {
        if self.values.get(self.last).is_none_or(|(last, _)| last != value) {
            self.last = match self.places.get(value) {
                Some(place) => *place,
                None if self.values.len() == self.most => return None,
                None => {
                    self.places.insert(value.to_owned(), self.values.len());
                    self.values.push((value.to_owned(), 0));
                    self.values.len() - 1
                }
            };
        }
        let (_, rows) = &mut self.values[self.last];
        *rows += 1;
        Some((self.last, *rows))
    }

    /// The value in a place.
    pub(super) fn value(&self, place: usize) -> &str {
        &self.values[place].0
    }

    /// The largest ones.
    pub(super) fn largest(mut self, most: usize) -> Counts {
        self.values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        self.values.into_iter().filter(|(value, _)| !value.is_empty()).take(most).collect()
    }
}
