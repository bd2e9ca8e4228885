//! Makes a finished build public if the gate lets it, in the order of the runs' times, and invalidates the cache in
//! front of it.
//!
//! `published.json` decides: the gate judges against it, and from the very version that it judged by it goes to
//! `publishing` by compare-and-set before the copy, and to `published` after. A held build changes nothing but the
//! history in it, and what a run announced is never judged again: it may be public.

mod notes;

use sha2::{Digest, Sha256};

use self::notes::ROUNDS;
use super::{Publisher, trend::Trend};
use crate::{
    gate::Judgement,
    ledger::{ExportVerdict, PUBLISHED, Published, PublishedRecord, Versioned},
    report::{
        BuildId, BuildInfo, Built, Failure, FailureKind, GateWarning, MapChange, Publication, RunInfo, hex,
    },
};

/// What became of a build that was to be published.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    /// Of a run that publishes never `DryRun`.
    pub(super) publication: Publication,
    /// What was public before; `None` where the build was superseded.
    pub(super) before: Option<BuildInfo>,
    /// Where that one was made by another description of the source.
    pub(super) map_changed: Option<MapChange>,
    /// What the gate thinks worth a look.
    pub(super) warnings: Vec<GateWarning>,
}

/// A build on its way to readers.
pub(super) struct Publishing<'a> {
    publisher: &'a Publisher,
    run: &'a RunInfo,
    built: &'a Built,
    /// Once a copy was tried, nobody can say that the feed is as it was.
    copied: bool,
    /// What the build is shown beside.
    pub(super) trend: Trend,
}

impl<'a> Publishing<'a> {
    pub(super) fn new(publisher: &'a Publisher, run: &'a RunInfo, built: &'a Built) -> Self {
        Self { publisher, run, built, copied: false, trend: Trend::default() }
    }

    /// Makes the build the public one, unless the gate holds it or a newer run's is out.
    pub(super) async fn verdict(&mut self) -> Result<Verdict, Failure> {
        for _ in 0..ROUNDS {
            if let Some(verdict) = self.round().await? {
                return Ok(verdict);
            }
        }
        Err(Failure {
            failure: if self.copied { FailureKind::Publication } else { FailureKind::State },
            detail: format!(
                "{PUBLISHED} kept changing while build {} was published; several exports are running at once",
                self.built.info.build
            ),
            retryable: true,
        })
    }

    /// One look at the record, and what follows from it; `None` where the record moved on meanwhile.
    async fn round(&mut self) -> Result<Option<Verdict>, Failure> {
        let (record, over) = match self.read().await? {
            Some(Versioned { value, generation }) => (value, Some(generation)),
            None => Default::default(),
        };
        let Self { publisher: Publisher { timezone, .. }, run, built, .. } = self;
        self.trend = Trend::of(&record, &built.info, built.median_price, run.at, timezone);
        if let Some(by) = newer_than(&record, self.run) {
            return self.superseded(&record, by).await.map(Some);
        }
        if self.is_published(&record) {
            return Ok(Some(self.published_before(&record).await));
        }
        let before = before(record.published.as_ref(), self.built);
        let map_changed = map_changed(&record, record.published.as_ref(), self.built);
        let Judgement { holds, warnings } = self.judgement(&record);
        if !holds.is_empty() {
            let mut held = record;
            held.add(self.export(self.now(), &warnings, ExportVerdict::Held { holds: holds.clone() }));
            let written = self.write(held, over).await?;
            let publication = Publication::Held { reasons: holds };
            return Ok(written.map(|_| Verdict { publication, before, map_changed, warnings }));
        }
        let announced = record.with_publishing(self.publication(self.now()), &warnings);
        let Some(announced) = self.write(announced, over).await? else { return Ok(None) };
        self.copy().await?;
        if self.note_published(announced, &warnings).await? {
            return Ok(Some(Verdict { map_changed, ..self.published(before, warnings).await }));
        }
        // Another run announced its build while ours was copied. Ours may have landed over its copy, so the next
        // round puts out whichever the record then names.
        self.settle().await?;
        Ok(None)
    }

    /// A newer run's build is out, or about to be.
    async fn superseded(&mut self, record: &PublishedRecord, by: BuildId) -> Result<Verdict, Failure> {
        // The newer one may be announced only, by a run that died before it copied it; and a copy of an earlier attempt
        // of ours may have landed late, over the newer build.
        if self.run.attempt > 1 || record.publishing.is_some() && !self.copied {
            self.settle().await?;
        }
        let publication = Publication::Superseded { by };
        Ok(Verdict { publication, before: None, map_changed: None, warnings: Vec::new() })
    }

    /// An earlier attempt of the run got as far as the record.
    async fn published_before(&self, record: &PublishedRecord) -> Verdict {
        // A build that somebody asked for is not judged, whatever it was warned of when it was made.
        let judged = record.export_of(&self.built.info.build).filter(|_| self.built.republished.is_none());
        let warnings = judged.map(|export| export.warnings.clone()).unwrap_or_default();
        let before_it = record.earlier.first();
        let map_changed = map_changed(record, before_it, self.built);
        Verdict { map_changed, ..self.published(before(before_it, self.built), warnings).await }
    }

    /// The build is public, and the record says so.
    async fn published(&self, before: Option<BuildInfo>, warnings: Vec<GateWarning>) -> Verdict {
        let Self { publisher, run, built, .. } = self;
        // The same for every try of one publication, another for each publication: a key may come again later, a
        // build's id never does.
        let reference = format!("{}\n{}\n{}", run.step, run.key, built.info.build);
        let invalidation = publisher.store.invalidate(&hex(&Sha256::digest(reference))).await;
        Verdict { publication: Publication::Published { invalidation }, before, map_changed: None, warnings }
    }

    /// What the gate says. Where an attempt of the run let the build pass and may have copied it, what it said then:
    /// whatever it would say now (its settings may have changed, or what it was held against), "not published" could be
    /// untrue, so that publication is finished.
    fn judgement(&self, record: &PublishedRecord) -> Judgement {
        let now = || self.publisher.ask_the_gate(record, self.run.at, self.built);
        if !record.publishing.as_ref().is_some_and(|announced| self.is_ours(announced)) {
            return now();
        }
        let warnings = record.publishing_warnings.clone().unwrap_or_else(|| now().warnings);
        Judgement { holds: Vec::new(), warnings }
    }

    /// Copies the build to the public key, unless an earlier attempt of the run did, by what the public file says of
    /// itself.
    async fn copy(&mut self) -> Result<(), Failure> {
        self.copied = true;
        let (store, info) = (&self.publisher.store, &self.built.info);
        if self.run.attempt > 1 && matches!(store.published().await, Ok(Some(public)) if public == *info) {
            return Ok(());
        }
        store.publish(info).await.map_err(|error| unfinished(&error, info))?;
        tracing::info!(build = %info.build, rows = info.rows, "the build stands at the public key");
        Ok(())
    }

    /// Copies the build that the record names as public, until the record stays as it is meanwhile. Ours may have been
    /// public for a while, so a failure says that nobody knows.
    async fn settle(&mut self) -> Result<(), Failure> {
        self.copied = true;
        for _ in 0..ROUNDS {
            let Some(Versioned { value, generation }) = self.read().await? else { return Ok(()) };
            let Some(public) = value.publishing.or(value.published) else { return Ok(()) };
            let copied = self.publisher.store.publish(&public.info).await;
            copied.map_err(|error| unfinished(&error, &public.info))?;
            if self.read().await?.is_some_and(|again| again.generation == generation) {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// From the copy on, nobody can say that the feed is as it was.
fn unfinished(cause: &dyn std::error::Error, info: &BuildInfo) -> Failure {
    Failure {
        failure: FailureKind::Publication,
        detail: format!("build {} may be public: {cause}", info.build),
        retryable: true,
    }
}

/// The build of a run newer than `run` that is public or about to be.
fn newer_than(record: &PublishedRecord, run: &RunInfo) -> Option<BuildId> {
    [&record.publishing, &record.published]
        .into_iter()
        .flatten()
        .find(|other| other.run_at > run.at)
        .map(|other| other.info.build.clone())
}

/// What was public before the build: what is recorded, or what was found where nothing is.
pub(super) fn before(recorded: Option<&Published>, built: &Built) -> Option<BuildInfo> {
    let found = || built.unrecorded.as_ref().map(|unrecorded| unrecorded.public.clone());
    recorded.map(|before| before.info.clone()).or_else(found)
}

/// Whether the description of the source is another one than that of the build that was public before, where both are
/// known. Of a build that somebody asked for nobody compares the figures.
pub(super) fn map_changed(
    record: &PublishedRecord,
    before: Option<&Published>,
    built: &Built,
) -> Option<MapChange> {
    let now = built.map.clone().filter(|_| built.republished.is_none())?;
    let before = record.export_of(&before?.info.build)?.map.clone()?;
    (before != now).then_some(MapChange { before, now })
}

#[cfg(test)]
mod tests;
