//! A new build against the published one: the published file as a stream, the new one's rows as their index.
//!
//! It never decides anything and never fails a run: what cannot be compared is said to be unknown. It takes as much
//! memory for any file: one row (1 MiB at most) and a few examples.

use std::time::Duration;

use tokio::time::timeout;

use super::{
    drift::Pass,
    index::RowIndex,
    rows::{self, Columns, EXAMPLES, Fields, keep},
    sum::RowSum,
};
use crate::{
    ep::read::RawRow,
    feed_store::{FeedError, FeedStore},
    report::{BuildId, BuildInfo, Changes, Diff, DiffUnknown, Drift, PriceMove, RowName},
};

/// Price moves told.
const MOVES: usize = 5;
/// How long the new build is read again for examples of what was added.
const MOST_TIME_FOR_EXAMPLES: Duration = Duration::from_secs(30);

/// What the build `new`, whose rows are in `index`, changes against the published one; `None` where nothing is
/// published. Builds of the same content are not read. Rows are compared by id, then by price, then as a whole; if
/// the published build has other columns than `FEED_COLUMNS`, no row of it is the same. The rows of `index` that
/// both builds have are marked as met. After `most_time` the run goes on without a diff; a million rows take some
/// seconds. Examples of added rows come from the stored build, and are missing where it is not stored; those of changed
/// ones then show what they were.
pub(super) async fn against(
    store: &dyn FeedStore,
    index: &mut RowIndex,
    new: &BuildInfo,
    published: Option<&BuildInfo>,
    most_time: Duration,
    pass: &mut Pass,
) -> Option<Diff> {
    let old = published?;
    if old.file.sha256 == new.file.sha256 {
        return Some(Diff::Compared(Changes::none(old.build.clone(), new.rows)));
    }
    let compared = match timeout(most_time, compared(store, index, old, pass)).await {
        Ok(compared) => compared,
        Err(_) => {
            Err(Unreadable { reason: DiffUnknown::TooSlow, detail: format!("not read in {most_time:?}") })
        }
    };
    let mut changes = match compared {
        Ok(changes) => changes,
        Err(Unreadable { reason, detail }) => {
            // What was seen of it says nothing of the rest.
            pass.drift = Drift::default();
            tracing::warn!(build = %old.build, "the published build cannot be compared: {detail}");
            return Some(Diff::Unknown { against: old.build.clone(), reason });
        }
    };
    let old_names = changes.moves.iter_mut().map(|moved| &mut moved.row).chain(&mut changes.changed_examples);
    let old_names = old_names.chain(pass.old_names());
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
    pass: &mut Pass,
) -> Result<Changes, Unreadable> {
    let other = |detail| Err(Unreadable { reason: DiffUnknown::OtherFile, detail });
    let mut changes = Changes::none(old.build.clone(), 0);
    let read = rows::read(store, &old.build, |columns, row| {
        count(columns, &row, index, &mut changes, pass);
        columns.has_ids()
    })
    .await?;
    if read.columns.is_some_and(|columns| !columns.has_ids()) {
        return other("it has no column `id`".to_owned());
    }
    if read.bytes != old.file.bytes {
        return other(format!("it holds {} bytes, {} were published", read.bytes, old.file.bytes));
    }
    // Each row was met once at most.
    changes.added = index.rows() - changes.in_both();
    pass.end(changes.in_both());
    Ok(changes)
}

/// Puts one row of the old build into exactly one count.
fn count(columns: &Columns, row: &RawRow<'_>, index: &mut RowIndex, changes: &mut Changes, pass: &mut Pass) {
    let fields = columns.fields(row.bytes);
    // An id that comes a second time has no row left that it could be.
    let Some((sum, price)) = index.meet(fields.id) else {
        changes.removed += 1;
        pass.gone(columns, row.bytes);
        keep(&mut changes.removed_examples, || fields.name());
        return;
    };
    match fields.price() {
        Some(old) if old != price => {
            *(if old < price { &mut changes.price_up } else { &mut changes.price_down }) += 1;
            keep_move(&mut changes.moves, &fields, old.into(), price.into());
            pass.changed(columns, row.bytes, &fields, sum.sketch, price);
        }
        _ if columns.are_ours && !row.is_cut() && RowSum::of_bytes(row.bytes) == sum => {
            changes.unchanged += 1;
        }
        _ => {
            changes.changed += 1;
            pass.changed(columns, row.bytes, &fields, sum.sketch, price);
            keep(&mut changes.changed_examples, || fields.name());
        }
    }
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
    let reading = rows::read(store, new, |columns, row| {
        let fields = columns.fields(row.bytes);
        if found.len() < wanted && index.is_unmet(fields.id) {
            found.push(fields.name());
        }
        // One product may be an example of several things.
        old.retain_mut(|name| {
            let is_it = name.id.as_bytes() == fields.id;
            if is_it {
                **name = fields.name();
            }
            !is_it
        });
        found.len() < wanted || !old.is_empty()
    });
    match timeout(MOST_TIME_FOR_EXAMPLES, reading).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::debug!(%error, "what was added or changed cannot be named"),
        Err(_) => tracing::debug!("what was added or changed cannot be named in time"),
    }
    found
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

#[cfg(test)]
mod tests;
