//! One row of our feed, each value judged by its column's rule as it is put in.

use super::{
    columns::{self, Column},
    quality::TitleFlaws,
    rules::{self, Violation},
};

/// The columns that we fill, in the guide's order.
pub const FEED_COLUMNS: [&str; 22] = [
    "id",
    "title",
    "price_pc",
    "price_mobile",
    "normal_price",
    "link",
    "mobile_link",
    "image_link",
    "add_image_link",
    "category_name1",
    "category_name2",
    "category_name3",
    "category_name4",
    "condition",
    "manufacture_define_number",
    "brand",
    "maker",
    "installation_costs",
    "review_count",
    "shipping",
    "delivery_grade",
    "delivery_detail",
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

/// A value that breaks its column's rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The column, or `product` where it is not about one value.
    pub column: &'static str,
    /// The promise that it breaks.
    pub violation: Violation,
    /// The value.
    pub value: String,
}

impl Broken {
    /// The name that it is counted under: `price_pc: not_whole`.
    pub fn rule(&self) -> String {
        format!("{}: {}", self.column, self.violation)
    }
}

/// Takes the values of one row after another, in the order of the table.
pub struct RowWriter {
    columns: [&'static Column; FEED_COLUMNS.len()],
}

impl Default for RowWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl RowWriter {
    /// Looks the columns up once.
    pub fn new() -> Self {
        Self {
            columns: FEED_COLUMNS.map(|name| columns::known(name).expect("each feed column is in the table")),
        }
    }

    /// Puts `value` into the next column, which must be `name`.
    pub fn put(&self, record: &mut csv::StringRecord, name: &'static str, value: &str) -> Result<(), Broken> {
        let column = self.columns[record.len()];
        assert_eq!(column.name, name, "values are put in the order of FEED_COLUMNS");
        match rules::check(column, value) {
            Ok(()) => {
                record.push_field(value);
                Ok(())
            }
            Err(violation) => Err(Broken { column: name, violation, value: value.to_owned() }),
        }
    }
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
