//! One row of our feed, each value judged by its column's rule as it is put in.

use super::{broken::Broken, columns::Column, quality::TitleFlaws};

/// The columns that we fill, in the guide's order.
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

/// A row that keeps every rule; its values are in the order of [`FEED_COLUMNS`].
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

/// Puts the value of `column` into a row, in the order of [`FEED_COLUMNS`].
pub fn put(record: &mut csv::StringRecord, column: Column, value: &str) -> Result<(), Broken> {
    assert_eq!(FEED_COLUMNS.get(record.len()), Some(&column), "values are put in the order of FEED_COLUMNS");
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
}
