//! One row as four bytes, by which it is known again.

/// A sum over a row's bytes as they stand in the file, without the line end: CRC-32C, which never misses a change of
/// up to four bytes in one place.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct RowSum(u32);

impl RowSum {
    /// Of a row as it was read.
    pub(super) fn of_bytes(row: &[u8]) -> Self {
        Self(crc32c::crc32c(row))
    }

    /// Of a row that is about to be written: the same as of its bytes in the file.
    pub(super) fn of_record(record: &csv::StringRecord) -> Self {
        let sum = record.iter().enumerate().fold(0, |sum, (i, field)| {
            let sum = if i > 0 { crc32c::crc32c_append(sum, b"\t") } else { sum };
            crc32c::crc32c_append(sum, field.as_bytes())
        });
        Self(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_a_record_is_that_of_its_bytes_in_the_file() {
        let record: csv::StringRecord = ["1", "책장", "", "9900"].into_iter().collect();
        assert_eq!(RowSum::of_record(&record), RowSum::of_bytes("1\t책장\t\t9900".as_bytes()));
        assert_ne!(RowSum::of_record(&record), RowSum::of_bytes("1\t책장\t9900\t".as_bytes()));
    }
}
