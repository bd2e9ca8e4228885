//! A row of our feed in the making, each value judged by its column's rule as it is put in.
//!
//! What whoever writes a value knows of it already is not looked at again; debug builds do.

use super::{
    broken::Broken,
    columns::Column,
    plain::Glance,
    quality::TitleFlaws,
    row::{NAMED, Written, short},
    sketch::Sketch,
    text::{Clean, cut},
};

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

    /// Puts a value that nobody checks.
    #[cfg(test)]
    pub(super) fn put_unchecked(&mut self, value: &str) {
        self.open();
        self.text.push_str(value);
        self.close();
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
