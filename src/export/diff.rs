//! A new build against the published one: the published file as a stream, the new one's rows as their index.
//!
//! It never decides anything and never fails a run: what cannot be compared is said to be unknown. It takes as much
//! memory for any file: one row (1 MiB at most) and a few examples.

use std::time::Duration;

use tokio::time::timeout;

use super::index::{Known, RowIndex, RowSum, saturated};
use crate::{
    ep::{
        read::{RawRow, RowReader},
        row::FEED_COLUMNS,
    },
    feed_store::{FeedError, FeedKey, FeedStore},
    report::{BuildId, BuildInfo, Changes, Diff, DiffUnknown, PriceMove, RowName},
};

/// Price moves told.
const MOVES: usize = 5;
/// Examples told of each other kind.
pub(super) const EXAMPLES: usize = 3;
/// Characters kept of an id or a title. Ours are shorter; an old file may hold anything.
const NAME_CHARS: usize = 100;
/// How long the new build is read again for examples of what was added.
const MOST_TIME_FOR_EXAMPLES: Duration = Duration::from_secs(30);

/// What the build `new`, whose rows are in `index`, changes against the published one; `None` where nothing is
/// published. Builds of the same content are not read. Rows are compared by id, then by price, then as a whole; if
/// the published build has other columns than [`FEED_COLUMNS`], no row of it is the same. The rows of `index` that
/// both builds have are marked as met. After `most_time` the run goes on without a diff; a million rows take some
/// seconds. Examples of added rows come from the stored build, and are missing where it is not stored; those of changed
/// ones then show what they were.
pub async fn against(
    store: &dyn FeedStore,
    index: &mut RowIndex,
    new: &BuildInfo,
    published: Option<&BuildInfo>,
    most_time: Duration,
) -> Option<Diff> {
    let old = published?;
    if old.file.sha256 == new.file.sha256 {
        return Some(Diff::Compared(Changes::none(old.build.clone(), new.rows)));
    }
    let compared = match timeout(most_time, compared(store, index, old)).await {
        Ok(compared) => compared,
        Err(_) => {
            Err(Unreadable { reason: DiffUnknown::TooSlow, detail: format!("not read in {most_time:?}") })
        }
    };
    let mut changes = match compared {
        Ok(changes) => changes,
        Err(Unreadable { reason, detail }) => {
            tracing::warn!(build = %old.build, "the published build cannot be compared: {detail}");
            return Some(Diff::Unknown { against: old.build.clone(), reason });
        }
    };
    let old_names = changes.moves.iter_mut().map(|moved| &mut moved.row).chain(&mut changes.changed_examples);
    changes.added_examples = names(store, index, &new.build, changes.added, old_names.collect()).await;
    Some(Diff::Compared(changes))
}

/// Why a build cannot be compared.
struct Unreadable {
    reason: DiffUnknown,
    /// For the log.
    detail: String,
}

impl From<FeedError> for Unreadable {
    fn from(error: FeedError) -> Self {
        let reason = match error {
            FeedError::NotFound { .. } => DiffUnknown::Gone,
            _ => DiffUnknown::Unreadable,
        };
        Self { reason, detail: error.to_string() }
    }
}

/// Reads the old build once, from its first byte to its last.
async fn compared(
    store: &dyn FeedStore,
    index: &mut RowIndex,
    old: &BuildInfo,
) -> Result<Changes, Unreadable> {
    let other = |detail| Unreadable { reason: DiffUnknown::OtherFile, detail };
    let mut file = store.read(&FeedKey::Build(old.build.clone())).await?;
    let mut comparison = Comparison::new(index, old.build.clone());
    let (mut rows, mut bytes) = (RowReader::default(), 0);
    while let Some(chunk) = file.recv().await {
        let chunk = chunk?;
        bytes += chunk.len() as u64;
        rows.push(&chunk, |row| comparison.take(row));
        if comparison.columns.as_ref().is_some_and(|columns| !columns.has_ids()) {
            return Err(other("it has no column `id`".to_owned()));
        }
    }
    rows.finish(|row| comparison.take(row));
    if bytes != old.file.bytes {
        return Err(other(format!("it holds {bytes} bytes, {} were published", old.file.bytes)));
    }
    Ok(comparison.end())
}

/// Names some of the `added` rows that were not met, and puts the titles of the new build in place of `old` ones: what
/// readers get from now on is what people have to see. It reads no further than it must.
pub(super) async fn names(
    store: &dyn FeedStore,
    index: &RowIndex,
    new: &BuildId,
    added: u64,
    mut old: Vec<&mut RowName>,
) -> Vec<RowName> {
    let wanted = usize::try_from(added).unwrap_or(EXAMPLES).min(EXAMPLES);
    let mut found = Vec::with_capacity(wanted);
    if wanted == 0 && old.is_empty() {
        return found;
    }
    let reading = async {
        let mut file = store.read(&FeedKey::Build(new.clone())).await?;
        let (mut rows, mut columns) = (RowReader::default(), None);
        while (found.len() < wanted || !old.is_empty())
            && let Some(chunk) = file.recv().await
        {
            // The last row ends with a line end, as every row of ours does.
            rows.push(&chunk?, |row| match &columns {
                None => columns = Some(Columns::of(row.bytes)),
                Some(columns) => {
                    let fields = columns.fields(row.bytes);
                    if found.len() < wanted && index.is_unmet(fields.id) {
                        found.push(fields.name());
                    }
                    if let Some(at) = old.iter().position(|name| name.id.as_bytes() == fields.id) {
                        *old.swap_remove(at) = fields.name();
                    }
                }
            });
        }
        Ok::<_, FeedError>(())
    };
    match timeout(MOST_TIME_FOR_EXAMPLES, reading).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "what was added or changed cannot be named"),
        Err(_) => tracing::debug!("what was added or changed cannot be named in time"),
    }
    found
}

/// The comparison on its way through the old build.
struct Comparison<'a> {
    index: &'a mut RowIndex,
    /// Known from the first row on.
    columns: Option<Columns>,
    changes: Changes,
}

impl<'a> Comparison<'a> {
    fn new(index: &'a mut RowIndex, against: BuildId) -> Self {
        Self { index, columns: None, changes: Changes::none(against, 0) }
    }

    /// Puts one row of the old build into exactly one count.
    fn take(&mut self, row: RawRow<'_>) {
        let Some(columns) = &self.columns else {
            self.columns = Some(Columns::of(row.bytes));
            return;
        };
        let fields = columns.fields(row.bytes);
        let changes = &mut self.changes;
        // An id that comes a second time has no row left that it could be.
        let Some(Known { sum, price }) = self.index.meet(fields.id) else {
            changes.removed += 1;
            keep(&mut changes.removed_examples, &fields);
            return;
        };
        match fields.price() {
            Some(old) if old != price => {
                *(if old < price { &mut changes.price_up } else { &mut changes.price_down }) += 1;
                keep_move(&mut changes.moves, &fields, old.into(), price.into());
            }
            _ if columns.are_ours && !row.is_cut() && RowSum::of_bytes(row.bytes) == sum => {
                changes.unchanged += 1;
            }
            _ => {
                changes.changed += 1;
                keep(&mut changes.changed_examples, &fields);
            }
        }
    }

    fn end(mut self) -> Changes {
        // Each row was met once at most.
        self.changes.added = self.index.rows() - self.changes.in_both();
        self.changes
    }
}

fn keep(examples: &mut Vec<RowName>, fields: &Fields<'_>) {
    if examples.len() < EXAMPLES {
        examples.push(fields.name());
    }
}

/// Keeps the largest moves, the largest first; of equal ones those that came first.
fn keep_move(moves: &mut Vec<PriceMove>, fields: &Fields<'_>, old: u64, new: u64) {
    let mut moved = PriceMove { row: RowName { id: String::new(), title: String::new() }, old, new };
    let share = moved.share();
    let at = moves.partition_point(|other| other.share() >= share);
    if at < MOVES {
        moved.row = fields.name();
        moves.truncate(MOVES - 1);
        moves.insert(at, moved);
    }
}

/// Where a file has the values that are compared by name.
pub(super) struct Columns {
    id: Option<usize>,
    title: Option<usize>,
    price: Option<usize>,
    /// The last one of them.
    last: usize,
    /// Whether they are what we write today, so that whole rows can be compared.
    are_ours: bool,
}

impl Columns {
    /// By the header of a file.
    pub(super) fn of(header: &[u8]) -> Self {
        let names = || header.split(|byte| *byte == b'\t');
        let place = |name: &str| names().position(|found| found == name.as_bytes());
        let (id, title, price) = (place("id"), place("title"), place("price_pc"));
        let last = [id, title, price].into_iter().flatten().max().unwrap_or_default();
        Self { id, title, price, last, are_ours: names().eq(FEED_COLUMNS.iter().map(|name| name.as_bytes())) }
    }

    /// Whether there is a column `id`.
    pub(super) fn has_ids(&self) -> bool {
        self.id.is_some()
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
                fields.price = value;
            }
        }
        fields
    }
}

/// The values of one row that are compared by name.
#[derive(Default)]
pub(super) struct Fields<'a> {
    pub(super) id: &'a [u8],
    title: &'a [u8],
    pub(super) price: &'a [u8],
}

impl Fields<'_> {
    fn price(&self) -> Option<u32> {
        std::str::from_utf8(self.price).ok()?.parse().ok().map(saturated)
    }

    /// The row by its id and title.
    pub(super) fn name(&self) -> RowName {
        RowName { id: readable(self.id), title: readable(self.title) }
    }
}

/// The first characters of a foreign value, of which only so many bytes are looked at.
fn readable(value: &[u8]) -> String {
    let most = value.len().min(NAME_CHARS * 4);
    String::from_utf8_lossy(&value[..most]).chars().take(NAME_CHARS).collect()
}

#[cfg(test)]
mod tests;
