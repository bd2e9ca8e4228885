//! One row of our feed, each value judged by its column's rule as it is put in.

use super::{
    broken::Broken,
    columns::Column,
    plain::Glance,
    quality::TitleFlaws,
    sketch::Sketch,
    text::{Clean, cut},
};

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
const NAMED: usize = 10;

/// Where a row that keeps every rule stands in the text of many, and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    begin: u32,
    /// Where the first values end, and the row, from its beginning on.
    ends: [u32; NAMED],
    length: u32,
    /// A bit for each column that has a value.
    filled: u32,
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

    fn named(&self, at: usize) -> &'t str {
        let ends = &self.written.ends;
        let from = if at == 0 { 0 } else { ends[at - 1] as usize + 1 };
        self.line.get(from..ends[at] as usize).unwrap_or_default()
    }
}

/// How much of its column's rule a value is known to keep, by whoever wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// All of it.
    Whole,
    /// What it holds, but not whether it is too long.
    Content,
    /// Nothing is known.
    No,
}

/// A value that stands in row after row, judged once.
pub struct Sound {
    column: Column,
    text: String,
    /// Else each row with it tells what is wrong.
    is_sound: bool,
}

impl Sound {
    /// Of this column.
    pub fn of(column: Column, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { column, is_sound: column.check(&text).is_ok(), text }
    }
}

/// What stands in a column in place of its own value, if anything does.
pub type Set<'w> = &'w dyn Fn(Column) -> Option<&'w str>;

/// A row in the making, at the end of the text of many.
pub struct Line<'w> {
    text: &'w mut String,
    columns: &'static [Column],
    begin: usize,
    values: usize,
    /// A bit for each value that is none of the empty ones.
    filled: u32,
    /// Where the first values end.
    ends: [u32; NAMED],
    /// Where the last value begins, in the text.
    last: usize,
    /// The title, at a glance, once it is there.
    title: Option<Glance>,
    /// What stands in place of a column's own value.
    set: Option<Set<'w>>,
    is_whole: bool,
}

impl<'w> Line<'w> {
    /// Of a feed with these columns. What of it does not become a row is taken away again.
    pub fn new(text: &'w mut String, columns: &'static [Column]) -> Self {
        let begin = text.len();
        let (ends, title, set) = Default::default();
        Self { text, columns, begin, values: 0, filled: 0, ends, last: begin, title, set, is_whole: false }
    }

    /// With what `set` says in place of a column's own value.
    #[must_use]
    pub fn setting(mut self, set: Set<'w>) -> Self {
        self.set = Some(set);
        self
    }

    /// Puts the value of `column`, in the order of the feed's columns. What the feed has no column for is passed over.
    #[inline]
    pub fn put(&mut self, column: Column, value: &str) -> Result<(), Broken> {
        self.put_with(column, |text| text.push_str(value))
    }

    /// The same of a value that `write` writes behind what is there.
    #[inline]
    pub fn put_with(&mut self, column: Column, write: impl FnOnce(&mut String)) -> Result<(), Broken> {
        self.put_seen(column, |text| {
            write(text);
            Seen::No
        })
    }

    /// The same of a clean text, cut to `most` characters.
    #[inline]
    pub fn put_clean(&mut self, column: Column, value: &Clean<'_>, most: usize) -> Result<(), Broken> {
        self.put_seen(column, |text| {
            text.push_str(cut(&value.text, most));
            if value.is_plain { Seen::Content } else { Seen::No }
        })
    }

    /// The same of the title, of which `write` gives what it saw at a glance.
    #[inline]
    pub fn put_title(&mut self, write: impl FnOnce(&mut String) -> Glance) -> Result<(), Broken> {
        let (mut glance, is_set) = (None, self.set.is_some());
        let write = |text: &mut String| {
            let seen = write(text);
            glance = Some(seen).filter(|_| !is_set);
            if seen.is_text() { Seen::Content } else { Seen::No }
        };
        self.put_seen(Column::Title, write)?;
        debug_assert!(glance.is_none_or(|seen| seen.covers(Glance::of(self.value()))));
        self.title = glance;
        Ok(())
    }

    /// The same of a value that was judged before.
    #[inline]
    pub fn put_sound(&mut self, value: &Sound) -> Result<(), Broken> {
        self.put_seen(value.column, |text| {
            text.push_str(&value.text);
            if value.is_sound { Seen::Whole } else { Seen::No }
        })
    }

    /// The value before once more, in a column of the same rule; where something is set, what `write` writes.
    #[inline]
    pub fn put_again(&mut self, column: Column, write: impl FnOnce(&mut String)) -> Result<(), Broken> {
        if self.set.is_some() || self.value().is_empty() {
            return self.put_with(column, write);
        }
        let before = self.last..self.text.len();
        self.put_seen(column, |text| {
            text.extend_from_within(before);
            Seen::Whole
        })
    }

    /// Puts a value of which `write` says how much of its column's rule is known to be kept.
    #[inline]
    pub fn put_seen(
        &mut self,
        column: Column,
        write: impl FnOnce(&mut String) -> Seen,
    ) -> Result<(), Broken> {
        if self.columns.get(self.values) != Some(&column) {
            assert!(!self.columns.contains(&column), "values are put in the order of the columns");
            return Ok(());
        }
        self.open();
        let seen = match self.set.and_then(|set| set(column)) {
            Some(value) => {
                self.text.push_str(value);
                Seen::No
            }
            None => write(self.text),
        };
        let is_kept = match seen {
            Seen::Whole => true,
            Seen::Content => column.has_room_for(self.value()),
            Seen::No => column.is_plain(self.value()),
        };
        if !is_kept {
            column.judge(self.value()).map_err(|violation| Broken::of(column, violation, self.value()))?;
        }
        debug_assert_eq!(column.judge(self.value()), Ok(()));
        self.close();
        Ok(())
    }

    /// The last value.
    fn value(&self) -> &str {
        &self.text[self.last..]
    }

    /// Begins a value.
    fn open(&mut self) {
        if self.values > 0 {
            self.text.push('\t');
        }
        self.last = self.text.len();
    }

    /// Ends the last value.
    fn close(&mut self) {
        self.filled |= u32::from(self.text.len() > self.last) << self.values;
        if let Some(end) = self.ends.get_mut(self.values) {
            *end = short(self.text.len() - self.begin);
        }
        self.values += 1;
    }

    /// The row, of this price; `common` words of titles say nothing of a product.
    pub fn row(mut self, price: u64, common: &[&str]) -> Written {
        self.is_whole = true;
        let (begin, length) = (short(self.begin), short(self.text.len() - self.begin));
        let (flaws, sketch) = Default::default();
        let mut written =
            Written { begin, ends: self.ends, length, filled: self.filled, price, flaws, sketch };
        let row = written.of(self.text);
        let title = row.title();
        let flaws = TitleFlaws::of(title, self.title.unwrap_or_else(|| Glance::of(title)));
        (written.flaws, written.sketch) = (flaws, Sketch::of(title, common, price, row.named(4)));
        written
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if !self.is_whole {
            self.text.truncate(self.begin);
        }
    }
}

/// A place in a text that is handed on long before it is that long.
fn short(place: usize) -> u32 {
    u32::try_from(place).expect("each column has a most of characters, and a part of a batch a most of bytes")
}

/// A row of these values, which nobody checks, behind what is there.
#[cfg(test)]
pub(crate) fn unchecked<'v>(
    text: &mut String,
    values: impl IntoIterator<Item = &'v str>,
    price: u64,
) -> Written {
    let mut line = Line::new(text, &FEED_COLUMNS);
    for value in values {
        line.open();
        line.text.push_str(value);
        line.close();
    }
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
