//! One row as twelve bytes: by which it is known again, and by which what changed in it is told.

use crate::ep::{row::Row, sketch::Sketch};

/// A sum over a row's bytes as they stand in the file, without the line end: CRC-32C, which never misses a change of
/// up to four bytes in one place. Beside it the row's sketch, which says nothing of whether two rows are the same.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct RowSum {
    pub(super) sum: u32,
    /// None where nothing is known of it.
    pub(super) sketch: Option<Sketch>,
}

impl RowSum {
    /// Of a row of ours.
    pub(super) fn of(row: Row<'_>) -> Self {
        Self { sketch: Some(row.sketch()), ..Self::of_bytes(row.line().as_bytes()) }
    }

    /// Of a row without its line's end, of which nothing else is known.
    pub(super) fn of_bytes(row: &[u8]) -> Self {
        Self { sum: crc32c::crc32c(row), sketch: None }
    }
}

impl PartialEq for RowSum {
    fn eq(&self, other: &Self) -> bool {
        self.sum == other.sum
    }
}

impl Eq for RowSum {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ep::row::unchecked;

    #[test]
    fn another_row_has_another_sum() {
        let of = |row: &str| RowSum::of_bytes(row.as_bytes());
        assert_eq!(of("1\t책장\t\t9900"), of("1\t책장\t\t9900"));
        assert_ne!(of("1\t책장\t\t9900"), of("1\t책장\t9900\t"));
        let mut text = String::new();
        let row = unchecked(&mut text, ["1", "책장", "", "9900", "", ""], 9900).of(&text);
        assert_eq!(RowSum::of(row), RowSum::of_bytes(row.line().as_bytes()));
    }
}
