//! What `published.json` says of a build: read, and written by compare-and-set alone.
//!
//! It never copies a build, and never decides what is written.

use jiff::Timestamp;

use super::{Publishing, unfinished};
use crate::{
    ledger::{ExportRecord, ExportVerdict, LedgerError, PUBLISHED, Published, PublishedRecord, Versioned},
    report::{Drift, Failure, GateWarning, Republished},
    state::Generation,
};

/// How often a record that keeps moving is read again before the run gives up for this attempt.
pub(super) const ROUNDS: usize = 20;

impl Publishing<'_> {
    /// Notes that the announced build is public. A held build's note in between changes nothing of that; `false`
    /// where another build was announced.
    pub(super) async fn note_published(
        &self,
        mut newest: Versioned<PublishedRecord>,
        warnings: &[GateWarning],
    ) -> Result<bool, Failure> {
        let announced = newest.value.publishing.clone();
        for _ in 0..ROUNDS {
            let at = self.now();
            let mut done = newest.value.with_published(self.publication(at));
            match &self.built.republished {
                None => done.add(self.export(at, warnings, ExportVerdict::Published)),
                Some(Republished { forced: Some(forced) }) => {
                    done.force(&self.built.info.build, &forced.reason);
                }
                Some(Republished { forced: None }) => {}
            }
            if self.write(done, Some(newest.generation)).await?.is_some() {
                return Ok(true);
            }
            let Some(read) = self.read().await? else { return Ok(false) };
            if read.value.publishing != announced {
                // Perhaps our own write, whose answer was lost.
                return Ok(self.is_published(&read.value));
            }
            newest = read;
        }
        Ok(false)
    }

    pub(super) async fn read(&self) -> Result<Option<Versioned<PublishedRecord>>, Failure> {
        self.publisher.ledger.read(PUBLISHED).await.map_err(|error| self.failed(error))
    }

    /// Writes the record over the version `over`, and gives it back; `None` where somebody else did in between.
    pub(super) async fn write(
        &self,
        value: PublishedRecord,
        over: Option<Generation>,
    ) -> Result<Option<Versioned<PublishedRecord>>, Failure> {
        match self.publisher.ledger.write(PUBLISHED, &value, over).await {
            Ok(generation) => Ok(Some(Versioned { value, generation })),
            Err(LedgerError::Moved(_)) => Ok(None),
            Err(other) => Err(self.failed(other)),
        }
    }

    fn failed(&self, error: LedgerError) -> Failure {
        if self.copied { unfinished(&error, &self.built.info) } else { error.into() }
    }

    pub(super) fn is_ours(&self, other: &Published) -> bool {
        (&other.info, &other.run) == (&self.built.info, &self.run.key)
    }

    pub(super) fn is_published(&self, record: &PublishedRecord) -> bool {
        record.publishing.is_none() && record.published.as_ref().is_some_and(|public| self.is_ours(public))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.publisher.clock.now()
    }

    /// The build's publication by the run.
    pub(super) fn publication(&self, at: Timestamp) -> Published {
        Published {
            info: self.built.info.clone(),
            run_at: self.run.at,
            run: self.run.key.clone(),
            at,
            median_price: self.built.median_price,
            profile: self.built.profile.clone(),
        }
    }

    pub(super) fn export(
        &self,
        at: Timestamp,
        warnings: &[GateWarning],
        verdict: ExportVerdict,
    ) -> ExportRecord {
        let Self { run, built, .. } = self;
        ExportRecord {
            info: built.info.clone(),
            run: run.key.clone(),
            run_at: run.at,
            at,
            funnel: built.funnel.clone(),
            median_price: built.median_price,
            warnings: warnings.to_vec(),
            departments: built.source.departments.clone(),
            map: built.map.clone(),
            drift: built.drift.as_ref().and_then(Drift::shares),
            verdict,
        }
    }
}
