//! One row as four bytes, by which it is known again.

/// A sum over a row's bytes as they stand in the file, without the line end: CRC-32C, which never misses a change of
/// up to four bytes in one place.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowSum(u32);

impl RowSum {
    /// Of a row without its line's end.
    pub(super) fn of_bytes(row: &[u8]) -> Self {
        Self(crc32c::crc32c(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_row_has_another_sum() {
        let of = |row: &str| RowSum::of_bytes(row.as_bytes());
        assert_eq!(of("1\t책장\t\t9900"), of("1\t책장\t\t9900"));
        assert_ne!(of("1\t책장\t\t9900"), of("1\t책장\t9900\t"));
    }
}
