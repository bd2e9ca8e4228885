//! A few rows of the file, each as likely as any other, other ones in each run.

/// The longest URL that is opened; the guide allows 255 characters.
const MOST_URL: usize = 2048;

/// What a row says about where its page and its image are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampledRow {
    /// Row number, the header is 1.
    pub row: u64,
    /// The row's id.
    pub id: String,
    /// `link`, where it may be one.
    pub link: Option<String>,
    /// `image_link`, where it may be one.
    pub image: Option<String>,
    /// `price_pc`, where it is a price.
    pub price: Option<u64>,
}

/// Keeps at most so many rows of any number.
#[derive(Default)]
pub struct Reservoir {
    most: usize,
    seen: u64,
    rows: Vec<SampledRow>,
}

impl Reservoir {
    /// Keeps at most `most` rows.
    pub fn of(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    /// Offers the next row; `row` is called only for one that is kept for now.
    pub fn offer(&mut self, row: impl FnOnce() -> SampledRow) {
        self.seen += 1;
        if self.rows.len() < self.most {
            return self.rows.push(row());
        }
        if self.most == 0 {
            return;
        }
        // The n-th row takes the place of another with a chance of most in n.
        let place = rand::random_range(0..self.seen);
        if let Some(kept) = usize::try_from(place).ok().and_then(|place| self.rows.get_mut(place)) {
            *kept = row();
        }
    }

    /// The rows that were kept, in the file's order.
    pub fn rows(mut self) -> Vec<SampledRow> {
        self.rows.sort_by_key(|row| row.row);
        self.rows
    }
}

/// A value as a URL to open, where it is short enough to be one.
pub fn url(value: &str) -> Option<String> {
    (!value.is_empty() && value.len() <= MOST_URL).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(most: usize, of: u64) -> Vec<u64> {
        let mut reservoir = Reservoir::of(most);
        for row in 0..of {
            reservoir.offer(|| SampledRow { row, id: String::new(), link: None, image: None, price: None });
        }
        reservoir.rows().into_iter().map(|row| row.row).collect()
    }

    #[test]
    fn a_sample_holds_different_rows_as_many_as_asked_for() {
        assert!(sample(20, 0).is_empty());
        assert!(sample(0, 100).is_empty());
        assert_eq!(sample(20, 3), [0, 1, 2]);
        let mut rows = sample(20, 10_000);
        rows.dedup();
        assert_eq!(rows.len(), 20);
        assert_ne!(sample(20, 10_000), rows, "once in 10^60 runs it is the same");
    }

    #[test]
    fn each_row_is_as_likely_as_any_other() {
        let mut chosen = [0u32; 10];
        for _ in 0..10_000 {
            for row in sample(3, 10) {
                chosen[row as usize] += 1;
            }
        }
        // 3000 each, 46 standard deviation; ten of them.
        assert!(chosen.iter().all(|times| (2600..3400).contains(times)), "{chosen:?}");
    }
}
