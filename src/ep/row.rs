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

/// A row that keeps every rule; its values are in the order of its feed's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The values.
    pub record: csv::StringRecord,
    /// The value of `price_pc`.
    pub price: u64,
    /// What its title is like.
    pub flaws: TitleFlaws,
}

impl Row {
    /// The value of `id`.
    pub fn id(&self) -> &str {
        &self.record[0]
    }

    /// The value of `title`.
    pub fn title(&self) -> &str {
        &self.record[1]
    }

    /// The value of `image_link`.
    pub fn image(&self) -> &str {
        &self.record[7]
    }
}

/// Puts the value of `column` into a row of a feed with these columns, in their order. What the feed has no column for is
/// passed over.
pub fn put(
    record: &mut csv::StringRecord,
    columns: &[Column],
    column: Column,
    value: &str,
) -> Result<(), Broken> {
    if columns.get(record.len()) != Some(&column) {
        assert!(!columns.contains(&column), "values are put in the order of the columns");
        return Ok(());
    }
    column.check(value).map_err(|violation| Broken::of(column, violation, value))?;
    record.push_field(value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rows_own_names_are_those_of_its_columns() {
        let record = FEED_COLUMNS.iter().collect();
        let row = Row { record, price: 1, flaws: TitleFlaws::default() };
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
