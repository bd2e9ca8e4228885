//! One row of our feed, each value judged by its column's rule as it is put in.

use super::{broken::Broken, columns::Column, quality::TitleFlaws};

/// The columns that every feed has, in the guide's order.
pub const FEED_COLUMNS: [Column; 22] = [
    Column::Id,
    Column::Title,
    Column::PricePc,
    Column::PriceMobile,
    Column::NormalPrice,
    Column::Link,
    Column::MobileLink,
    Column::ImageLink,
    Column::AddImageLink,
    Column::CategoryName1,
    Column::CategoryName2,
    Column::CategoryName3,
    Column::CategoryName4,
    Column::Condition,
    Column::ManufactureDefineNumber,
    Column::Brand,
    Column::Maker,
    Column::InstallationCosts,
    Column::ReviewCount,
    Column::Shipping,
    Column::DeliveryGrade,
    Column::DeliveryDetail,
];

/// The same with `barcode`, for a source that says it.
const WITH_BARCODE: [Column; FEED_COLUMNS.len() + 1] = {
    let (mut all, mut at) = ([Column::Barcode; FEED_COLUMNS.len() + 1], 0);
    while at < FEED_COLUMNS.len() {
        let column = FEED_COLUMNS[at];
        // The guide's order is that of the columns' table.
        let behind = column as usize > Column::Barcode as usize;
        all[at + behind as usize] = column;
        at += 1;
    }
    all
};

/// The columns of a feed, in the guide's order.
pub fn feed_columns(barcode: bool) -> &'static [Column] {
    if barcode { &WITH_BARCODE } else { &FEED_COLUMNS }
}

/// Values of a row, from the first on, whose ends are kept: as far as to the last one that is asked for by name.
const NAMED: usize = 8;

/// A row that keeps every rule, as it stands in the file; its values are in the order of its feed's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    line: Line,
    /// The value of `price_pc`.
    pub price: u64,
    /// What its title is like.
    pub flaws: TitleFlaws,
}

impl Row {
    /// Of these values, which nobody checks.
    #[cfg(test)]
    pub(crate) fn of<'v>(values: impl IntoIterator<Item = &'v str>, price: u64) -> Self {
        let mut line = Line::new();
        values.into_iter().for_each(|value| line.push(value));
        line.row(price)
    }

    /// It, without the line's end.
    pub fn line(&self) -> &str {
        &self.line.text
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> usize {
        self.line.text.capacity()
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.line().split('\t')
    }

    /// The value of `id`.
    pub fn id(&self) -> &str {
        self.line.named(0)
    }

    /// The value of `title`.
    pub fn title(&self) -> &str {
        self.line.named(1)
    }

    /// The value of `image_link`.
    pub fn image(&self) -> &str {
        self.line.named(NAMED - 1)
    }
}

/// A row in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    text: String,
    values: usize,
    /// Where the first values end.
    ends: [u32; NAMED],
}

impl Line {
    /// With room for a usual row, of which most of its bytes are addresses.
    pub fn new() -> Self {
        Self { text: String::with_capacity(640), values: 0, ends: [0; NAMED] }
    }

    /// Puts the value of `column` into a row of a feed with these columns, in their order. What the feed has no column for
    /// is passed over.
    pub fn put(&mut self, columns: &[Column], column: Column, value: &str) -> Result<(), Broken> {
        if columns.get(self.values) != Some(&column) {
            assert!(!columns.contains(&column), "values are put in the order of the columns");
            return Ok(());
        }
        column.check(value).map_err(|violation| Broken::of(column, violation, value))?;
        self.push(value);
        Ok(())
    }

    fn push(&mut self, value: &str) {
        if self.values > 0 {
            self.text.push('\t');
        }
        self.text.push_str(value);
        if let Some(end) = self.ends.get_mut(self.values) {
            *end = u32::try_from(self.text.len()).expect("each column has a most of characters");
        }
        self.values += 1;
    }

    /// The row, of this price.
    pub fn row(self, price: u64) -> Row {
        let flaws = TitleFlaws::of(self.named(1));
        Row { line: self, price, flaws }
    }

    fn named(&self, at: usize) -> &str {
        let from = if at == 0 { 0 } else { self.ends[at - 1] as usize + 1 };
        &self.text[from..self.ends[at] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rows_own_names_are_those_of_its_columns() {
        let row = Row::of(FEED_COLUMNS.map(Column::name), 1);
        assert_eq!(row.values().collect::<Vec<_>>(), FEED_COLUMNS.map(Column::name));
        assert_eq!((row.id(), row.title(), row.image()), ("id", "title", "image_link"));
    }

    #[test]
    fn the_columns_stand_in_the_guides_order() {
        for columns in [feed_columns(false), feed_columns(true)] {
            assert!(columns.is_sorted_by(|a, b| (*a as usize) < *b as usize), "{columns:?}");
        }
        assert_eq!(feed_columns(true)[14..16], [Column::Barcode, Column::ManufactureDefineNumber]);
    }
}
