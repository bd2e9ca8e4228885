//! The rows of a stored build, by the columns of its own header.
//!
//! It takes as much memory for any file: one row of 1 MiB at most. It never judges a row.

use super::index::saturated;
use crate::{
    ep::{
        read::{RawRow, RowReader},
        row::feed_columns,
    },
    feed_store::{FeedError, FeedKey, FeedStore},
    report::{BuildId, RowName},
};

/// Examples told of each kind.
pub(super) const EXAMPLES: usize = 3;
/// Characters kept of an id or a title. Ours are shorter; an old file may hold anything.
pub(super) const NAME_CHARS: usize = 100;

/// Columns that are named. The guide has fewer; an old file may hold anything.
const COLUMNS: usize = 100;

/// A stored build that was read as far as somebody wanted.
pub(super) struct Read {
    /// `None` of an empty file.
    pub(super) columns: Option<Columns>,
    pub(super) bytes: u64,
}

/// Hands each row behind the header to `take`, until that wants no more and the piece of the file at hand is over.
pub(super) async fn read(
    store: &dyn FeedStore,
    build: &BuildId,
    mut take: impl FnMut(&Columns, RawRow<'_>) -> bool,
) -> Result<Read, FeedError> {
    let mut file = store.read(&FeedKey::Build(build.clone())).await?;
    let (mut rows, mut bytes, mut wants_more) = (Rows::default(), 0, true);
    while wants_more && let Some(chunk) = file.recv().await {
        let chunk = chunk?;
        bytes += chunk.len() as u64;
        rows.push(&chunk, |columns, row| wants_more &= take(columns, row));
    }
    let columns = match wants_more {
        true => rows.finish(|columns, row| {
            take(columns, row);
        }),
        false => rows.columns,
    };
    Ok(Read { columns, bytes })
}

/// The rows of a file as it comes: the first one is its header.
#[derive(Default)]
pub(super) struct Rows {
    reader: RowReader,
    /// `None` before the header came.
    columns: Option<Columns>,
}

impl Rows {
    /// Hands the rows that end in this piece to `take`.
    pub(super) fn push(&mut self, chunk: &[u8], mut take: impl FnMut(&Columns, RawRow<'_>)) {
        self.reader.push(chunk, |row| hand_on(&mut self.columns, row, &mut take));
    }

    /// The file is over: hands a last row on that has no end. Gives the header; `None` of an empty file.
    pub(super) fn finish(mut self, mut take: impl FnMut(&Columns, RawRow<'_>)) -> Option<Columns> {
        self.reader.finish(|row| hand_on(&mut self.columns, row, &mut take));
        self.columns
    }
}

fn hand_on(header: &mut Option<Columns>, row: RawRow<'_>, take: &mut impl FnMut(&Columns, RawRow<'_>)) {
    match header {
        Some(columns) => take(columns, row),
        None => *header = Some(Columns::of(row.bytes)),
    }
}

/// Keeps the first few examples.
pub(super) fn keep<T>(examples: &mut Vec<T>, one: impl FnOnce() -> T) {
    if examples.len() < EXAMPLES {
        examples.push(one());
    }
}

/// Where a file has the values that are compared by name.
pub(super) struct Columns {
    id: Option<usize>,
    title: Option<usize>,
    price: Option<usize>,
    normal_price: Option<usize>,
    category: Option<usize>,
    brand: Option<usize>,
    /// The last one of them.
    last: usize,
    /// Whether they are what we write today, so that whole rows can be compared.
    pub(super) are_ours: bool,
    /// The first names, for people.
    pub(super) names: Vec<String>,
}

impl Columns {
    /// By the header of a file.
    pub(super) fn of(header: &[u8]) -> Self {
        let names = || header.split(|byte| *byte == b'\t');
        let place = |name: &str| names().position(|found| found == name.as_bytes());
        let (id, title, price) = (place("id"), place("title"), place("price_pc"));
        let last = [id, title, price].into_iter().flatten().max().unwrap_or_default();
        Self {
            id,
            title,
            price,
            normal_price: place("normal_price"),
            category: place("category_name1"),
            brand: place("brand"),
            last,
            names: names().take(COLUMNS).map(readable).collect(),
            are_ours: [false, true].into_iter().any(|barcode| {
                names().eq(feed_columns(barcode).iter().map(|column| column.name().as_bytes()))
            }),
        }
    }

    pub(super) fn has_ids(&self) -> bool {
        self.id.is_some()
    }

    /// The value of `category_name1`; empty where the row has none.
    pub(super) fn category<'a>(&self, row: &'a [u8]) -> &'a [u8] {
        value(row, self.category)
    }

    /// The value of `brand`; empty where the row has none.
    pub(super) fn brand<'a>(&self, row: &'a [u8]) -> &'a [u8] {
        value(row, self.brand)
    }

    /// The value of `normal_price`, where it is a number.
    pub(super) fn normal_price(&self, row: &[u8]) -> Option<u64> {
        std::str::from_utf8(value(row, self.normal_price)).ok()?.parse().ok()
    }

    /// The values of a row; empty ones where it has none.
    pub(super) fn fields<'a>(&self, row: &'a [u8]) -> Fields<'a> {
        let mut fields = Fields::default();
        for (at, value) in row.split(|byte| *byte == b'\t').enumerate().take(self.last + 1) {
            if Some(at) == self.id {
                fields.id = value;
            } else if Some(at) == self.title {
                fields.title = value;
            } else if Some(at) == self.price {
                fields.price_text = value;
            }
        }
        fields
    }
}

fn value(row: &[u8], at: Option<usize>) -> &[u8] {
    at.and_then(|at| row.split(|byte| *byte == b'\t').nth(at)).unwrap_or_default()
}

/// The values of one row that are compared by name.
#[derive(Default)]
pub(super) struct Fields<'a> {
    pub(super) id: &'a [u8],
    pub(super) title: &'a [u8],
    pub(super) price_text: &'a [u8],
}

impl Fields<'_> {
    /// As the index holds it.
    pub(super) fn price(&self) -> Option<u32> {
        std::str::from_utf8(self.price_text).ok()?.parse().ok().map(saturated)
    }

    /// The row by its id and title.
    pub(super) fn name(&self) -> RowName {
        RowName { id: readable(self.id), title: readable(self.title) }
    }
}

/// The first characters of a foreign value, of which only so many bytes are looked at.
pub(super) fn readable(value: &[u8]) -> String {
    let most = value.len().min(NAME_CHARS * 4);
    String::from_utf8_lossy(&value[..most]).chars().take(NAME_CHARS).collect()
}
