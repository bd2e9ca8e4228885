//! Makes a finished build public if the gate lets it, in the order of the runs' times, and invalidates the cache in
//! front of it.
//!
//! `published.json` decides: the gate judges against it, and from the very version that it judged by it goes to
//! `publishing` by compare-and-set before the copy, and to `published` after. A held build changes nothing but the
//! history in it, and what a run announced is never judged again: it may be public.

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use sha2::{Digest, Sha256};

use crate::{
    clock::Clock,
    export::Built,
    feed_store::FeedStore,
    gate::{Base, Figures, Gate, Judgement},
    ledger::{
        ExportRecord, ExportVerdict, Ledger, LedgerError, PUBLISHED, Published, PublishedRecord, Versioned,
    },
    report::{BuildId, BuildInfo, Failure, FailureKind, GateWarning, Publication, Republished, RunInfo, hex},
    state::Generation,
};

/// How often a record that keeps moving is read again before the run gives up for this attempt.
const ROUNDS: usize = 20;

/// Publishes builds.
pub struct Publisher {
    store: Arc<dyn FeedStore>,
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    gate: Gate,
    timezone: TimeZone,
}

/// What became of a build that was to be published.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What; of a run that publishes never `DryRun`.
    pub publication: Publication,
    /// What was public before; `None` where the build was superseded.
    pub before: Option<BuildInfo>,
    /// What the gate thinks worth a look.
    pub warnings: Vec<GateWarning>,
}

impl Publisher {
    /// On top of these ports, with this gate; the hours that it compares are those of `timezone`.
    pub fn new(
        store: Arc<dyn FeedStore>,
        ledger: Ledger,
        clock: Arc<dyn Clock>,
        gate: Gate,
        timezone: TimeZone,
    ) -> Self {
        Self { store, ledger, clock, gate, timezone }
    }

    /// The record of what is public.
    pub async fn record(&self) -> Result<PublishedRecord, Failure> {
        Ok(self.read().await?.map(|versioned| versioned.value).unwrap_or_default())
    }

    /// What the gate says of a build of `run` as things are. A build that somebody asked for is not judged again.
    pub fn judge(&self, record: &PublishedRecord, run: &RunInfo, built: &Built) -> Judgement {
        if built.republished.is_some() {
            return Judgement::default();
        }
        let figures = Figures {
            rows: built.info.rows,
            funnel: &built.funnel,
            median_price: built.median_price,
            source: &built.source,
            quality: &built.quality,
            takeover: built.takeover.as_ref(),
        };
        let base = Base::of(record, built.unrecorded.as_ref(), run.at, &self.timezone);
        self.gate.judge(&figures, &base)
    }

    /// Makes the build the public one on behalf of `run`, unless the gate holds it or a newer run's is out.
    pub async fn publish(&self, run: &RunInfo, built: &Built) -> Result<Verdict, Failure> {
        let info = &built.info;
        // Once the copy was tried, nobody can say that the feed is as it was.
        let mut copied = false;
        for _ in 0..ROUNDS {
            let failed = |error: LedgerError| if copied { unfinished(&error, info) } else { error.into() };
            let read = self.read().await.map_err(failed)?;
            let generation = read.as_ref().map(|versioned| versioned.generation);
            let record = read.map(|versioned| versioned.value).unwrap_or_default();
            if let Some(by) = newer_than(&record, run) {
                // The newer one may be announced only, by a run that died before it copied it; and a copy of an earlier
                // attempt of ours may have landed late, over the newer build.
                if run.attempt > 1 || record.publishing.is_some() && !copied {
                    self.settle(info).await?;
                }
                let publication = Publication::Superseded { by };
                return Ok(Verdict { publication, before: None, warnings: Vec::new() });
            }
            if is_published_by(&record, run, info) {
                let before = before(record.earlier.first(), built);
                // A build that somebody asked for is not judged, whatever it was warned of when it was made.
                let judged = record.export_of(&info.build).filter(|_| built.republished.is_none());
                let warnings = judged.map(|export| export.warnings.clone());
                let invalidation = self.store.invalidate(&reference(run, info)).await;
                let publication = Publication::Published { invalidation };
                return Ok(Verdict { publication, before, warnings: warnings.unwrap_or_default() });
            }
            let Judgement { holds, warnings } = match is_announced_by(&record, run, info) {
                // An attempt of the run let it pass and may have copied it. Whatever the gate would say now (its settings
                // may have changed, or what it was held against), "not published" could be untrue: it is finished.
                true => self.announced(&record, run, built),
                false => self.judge(&record, run, built),
            };
            let before = before(record.published.as_ref(), built);
            if !holds.is_empty() {
                let mut held = record;
                let verdict = ExportVerdict::Held { holds: holds.clone() };
                held.add(export(run, built, self.clock.now(), &warnings, verdict));
                match self.ledger.write(PUBLISHED, &held, generation).await {
                    Ok(_) => {
                        let publication = Publication::Held { reasons: holds };
                        return Ok(Verdict { publication, before, warnings });
                    }
                    Err(LedgerError::Moved(_)) => continue,
                    Err(other) => return Err(failed(other)),
                }
            }
            let ours = Published {
                info: info.clone(),
                run_at: run.at,
                run: run.key.clone(),
                at: self.clock.now(),
                median_price: built.median_price,
            };
            let announced = record.with_publishing(ours.clone(), &warnings);
            let generation = match self.ledger.write(PUBLISHED, &announced, generation).await {
                Ok(generation) => generation,
                Err(LedgerError::Moved(_)) => continue,
                Err(other) => return Err(failed(other)),
            };
            copied = true;
            if !self.is_public(run, info).await {
                self.store.publish(info).await.map_err(|error| unfinished(&error, info))?;
            }
            if self.finish(announced, generation, run, built, &warnings, ours).await? {
                let invalidation = self.store.invalidate(&reference(run, info)).await;
                let publication = Publication::Published { invalidation };
                return Ok(Verdict { publication, before, warnings });
            }
            // Another run announced its build while ours was copied. Ours may have landed over its copy, so the next
            // round puts out whichever the record then names.
            self.settle(info).await?;
        }
        Err(Failure {
            failure: if copied { FailureKind::Publication } else { FailureKind::State },
            detail: format!(
                "{PUBLISHED} kept changing while build {} was published; several exports are running at once",
                info.build
            ),
            retryable: true,
        })
    }

    /// What the gate said of a build when it was announced. Where that is not known, what it warns of now.
    fn announced(&self, record: &PublishedRecord, run: &RunInfo, built: &Built) -> Judgement {
        let warnings = record.publishing_warnings.clone();
        let warnings = warnings.unwrap_or_else(|| self.judge(record, run, built).warnings);
        Judgement { holds: Vec::new(), warnings }
    }

    /// Whether an earlier attempt of the run copied its build already, by what the public file says of itself.
    async fn is_public(&self, run: &RunInfo, info: &BuildInfo) -> bool {
        run.attempt > 1 && matches!(self.store.published().await, Ok(Some(public)) if public == *info)
    }

    /// Notes that the announced build is public. A held build's note in between changes nothing of that; `false`
    /// where another build was announced.
    async fn finish(
        &self,
        mut record: PublishedRecord,
        mut generation: Generation,
        run: &RunInfo,
        built: &Built,
        warnings: &[GateWarning],
        ours: Published,
    ) -> Result<bool, Failure> {
        for _ in 0..ROUNDS {
            let at = self.clock.now();
            let mut done = record.with_published(Published { at, ..ours.clone() });
            match &built.republished {
                None => done.add(export(run, built, at, warnings, ExportVerdict::Published)),
                Some(Republished { forced: Some(forced) }) => done.force(&built.info.build, &forced.reason),
                Some(Republished { forced: None }) => {}
            }
            match self.ledger.write(PUBLISHED, &done, Some(generation)).await {
                Ok(_) => return Ok(true),
                Err(LedgerError::Moved(_)) => {}
                Err(other) => return Err(unfinished(&other, &built.info)),
            }
            let read = self.read().await.map_err(|error| unfinished(&error, &built.info))?;
            let Some(Versioned { value, generation: newest }) = read else { return Ok(false) };
            if value.publishing.as_ref() == Some(&ours) {
                (record, generation) = (value, newest);
            } else {
                // Perhaps our own write, whose answer was lost.
                let is_ours = |public: &Published| (&public.info, &public.run) == (&ours.info, &ours.run);
                return Ok(value.published.as_ref().is_some_and(is_ours) && value.publishing.is_none());
            }
        }
        Ok(false)
    }

    /// Copies the build that the record names as public, until the record stays as it is meanwhile. `ours` may
    /// have been public for a while, so a failure says that nobody knows.
    async fn settle(&self, ours: &BuildInfo) -> Result<(), Failure> {
        let read = || async { self.read().await.map_err(|error| unfinished(&error, ours)) };
        for _ in 0..ROUNDS {
            let Some(Versioned { value, generation }) = read().await? else { return Ok(()) };
            let Some(public) = value.publishing.or(value.published) else { return Ok(()) };
            self.store.publish(&public.info).await.map_err(|error| unfinished(&error, &public.info))?;
            if read().await?.is_some_and(|again| again.generation == generation) {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn read(&self) -> Result<Option<Versioned<PublishedRecord>>, LedgerError> {
        self.ledger.read(PUBLISHED).await
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

/// Whether an earlier attempt of the run got as far as the record.
fn is_published_by(record: &PublishedRecord, run: &RunInfo, info: &BuildInfo) -> bool {
    let ours = |public: &Published| (&public.info, &public.run) == (info, &run.key);
    record.publishing.is_none() && record.published.as_ref().is_some_and(ours)
}

/// Whether an earlier attempt of the run, or an earlier round of this one, announced the build and did not finish it.
fn is_announced_by(record: &PublishedRecord, run: &RunInfo, info: &BuildInfo) -> bool {
    record.publishing.as_ref().is_some_and(|public| (&public.info, &public.run) == (info, &run.key))
}

fn export(
    run: &RunInfo,
    built: &Built,
    at: Timestamp,
    warnings: &[GateWarning],
    verdict: ExportVerdict,
) -> ExportRecord {
    ExportRecord {
        info: built.info.clone(),
        run: run.key.clone(),
        run_at: run.at,
        at,
        funnel: built.funnel.clone(),
        median_price: built.median_price,
        warnings: warnings.to_vec(),
        departments: built.source.departments.clone(),
        verdict,
    }
}

/// The same for every try of one publication, another for each publication: a key may come again later, a build's id
/// never does.
fn reference(run: &RunInfo, info: &BuildInfo) -> String {
    hex(&Sha256::digest(format!("{}\n{}\n{}", run.route, run.key, info.build)))
}

/// A fresh build id: `20261006-000503-k3x9`, local time and four random letters.
pub fn new_build_id(now: Timestamp, timezone: &jiff::tz::TimeZone) -> BuildId {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let time = now.to_zoned(timezone.clone()).strftime("%Y%m%d-%H%M%S").to_string();
    let letters: String = (0..4).map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())])).collect();
    BuildId::parse(&format!("{time}-{letters}")).expect("digits, dashes and letters make a build id")
}

#[cfg(test)]
mod tests;
