//! One row of our feed that keeps every rule, as it was written by `ep::line`.

use super::{columns::Column, quality::TitleFlaws, sketch::Sketch};

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
pub(super) const NAMED: usize = 10;

/// Where a row that keeps every rule stands in the text of many, and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    pub(super) begin: u32,
    /// Where the first values end, and the row, from its beginning on.
    pub(super) ends: [u32; NAMED],
    pub(super) length: u32,
    /// A bit for each column that has a value.
    pub(super) filled: u32,
    /// The value of `price_pc`.
    pub price: u64,
    /// What its title is like.
    pub flaws: TitleFlaws,
    /// By what a later row of the product is compared with it.
    pub sketch: Sketch,
}

impl Written {
    /// The row itself, in the text that it was written to.
    pub fn of(self, text: &str) -> Row<'_> {
        let begin = self.begin as usize;
        Row { line: &text[begin..begin + self.length as usize], written: self }
    }

    /// The same where its text came behind so many bytes.
    #[cfg(test)]
    pub(crate) fn behind(self, bytes: usize) -> Self {
        Self { begin: short(self.begin as usize + bytes), ..self }
    }
}

/// A row that keeps every rule, as it stands in the file; its values are in the order of its feed's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row<'t> {
    line: &'t str,
    written: Written,
}

impl<'t> Row<'t> {
    /// It, without the line's end.
    pub fn line(&self) -> &'t str {
        self.line
    }

    /// The value of `price_pc`.
    pub fn price(&self) -> u64 {
        self.written.price
    }

    /// What its title is like.
    pub fn flaws(&self) -> TitleFlaws {
        self.written.flaws
    }

    /// All values.
    pub fn values(&self) -> impl Iterator<Item = &'t str> + use<'t> {
        self.line.split('\t')
    }

    /// The value of `id`.
    pub fn id(&self) -> &'t str {
        self.named(0)
    }

    /// The value of `title`.
    pub fn title(&self) -> &'t str {
        self.named(1)
    }

    /// The value of `image_link`.
    pub fn image(&self) -> &'t str {
        self.named(7)
    }

    /// The value of `link`.
    pub fn link(&self) -> &'t str {
        self.named(5)
    }

    /// The value of `category_name1`.
    pub fn category(&self) -> &'t str {
        self.named(9)
    }

    /// A bit for each column that has a value, the first column's the lowest.
    pub fn filled(&self) -> u32 {
        self.written.filled
    }

    /// By what a later row of the product is compared with it.
    pub fn sketch(&self) -> Sketch {
        self.written.sketch
    }

    /// It, in a text of its own.
    pub fn alone(self) -> (String, Written) {
        (self.line.to_owned(), Written { begin: 0, ..self.written })
    }

    pub(super) fn named(&self, at: usize) -> &'t str {
        let ends = &self.written.ends;
        let from = if at == 0 { 0 } else { ends[at - 1] as usize + 1 };
        self.line.get(from..ends[at] as usize).unwrap_or_default()
    }
}

/// A place in a text that is handed on long before it is that long.
pub(super) fn short(place: usize) -> u32 {
    u32::try_from(place).expect("each column has a most of characters, and a part of a batch a most of bytes")
}

/// A row of these values, which nobody checks, behind what is there.
#[cfg(test)]
pub(crate) fn unchecked<'v>(
    text: &mut String,
    values: impl IntoIterator<Item = &'v str>,
    price: u64,
) -> Written {
    let mut line = super::line::Line::new(text, &FEED_COLUMNS);
    values.into_iter().for_each(|value| line.put_unchecked(value));
    line.row(price, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rows_own_names_are_those_of_its_columns() {
        let mut text = "before".to_owned();
        let written = unchecked(&mut text, FEED_COLUMNS.map(Column::name), 1);
        let row = written.of(&text);
        assert_eq!(row.values().collect::<Vec<_>>(), FEED_COLUMNS.map(Column::name));
        assert_eq!((row.id(), row.title(), row.image()), ("id", "title", "image_link"));
        assert_eq!((row.link(), row.category(), row.filled()), ("link", "category_name1", (1 << 22) - 1));
        let mut text = String::new();
        let sketched = unchecked(&mut text, ["1", "a lamp", "70", "70", "100", ""], 70).of(&text);
        assert_eq!((sketched.sketch(), sketched.filled()), (Sketch::of("a lamp", &[], 70, "100"), 0b1_1111));
    }

    #[test]
    fn the_columns_stand_in_the_guides_order() {
        for columns in [feed_columns(false), feed_columns(true)] {
            assert!(columns.is_sorted_by(|a, b| (*a as usize) < *b as usize), "{columns:?}");
        }
        assert_eq!(feed_columns(true)[14..16], [Column::Barcode, Column::ManufactureDefineNumber]);
    }
}
