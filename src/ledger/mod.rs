//! Runs, days and the published build, kept as versioned JSON in the state store.
//!
//! Everything that is decided is decided by compare-and-set on one of these records. A record that is damaged or
//! from a newer version, or somebody else's, is an error that names it; it is never overwritten.

mod day;
mod error;
mod head;
mod held;
mod owner;
mod published;
mod run;
mod thread_ts;

pub(crate) use day::{
    ByHand, DayRecord, Doubt, Doubtful, GuideState, OpenThread, SlotRecord, ThreadState, day_name,
};
pub(crate) use error::LedgerError;
pub(crate) use held::{Held, call_limit};
pub(crate) use owner::Owner;
pub use published::PublishedRecord;
pub(crate) use published::{ExportRecord, ExportVerdict, Published};
pub(crate) use run::{BrokeOff, Calls, Claim, Message, Outcome, Turn, nonce};
pub use run::{RunRecord, run_name};

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};

use self::head::Head;
use crate::{
    clock::Clock,
    json,
    state::{Generation, Precondition, StateStore, Stored},
};

/// The version of every record that this program writes.
const VERSION: u64 = 1;

/// The most values that a record is parsed with: what is made of a value takes many times its text. Ours have up to some
/// thirty thousand, where a shop has as many departments as are read.
const MOST_VALUES: usize = 50_000;
/// Characters shown of what a record holds: anybody may have written it.
const SHOWN: usize = 300;

/// The record of what is public.
pub(crate) const PUBLISHED: &str = "published.json";

/// A record with the version that a later write replaces.
#[derive(Debug, Clone)]
pub(crate) struct Versioned<T> {
    /// The record.
    pub value: T,
    /// Where it came from.
    pub generation: Generation,
}

/// Reads and writes records.
#[derive(Clone)]
pub(crate) struct Ledger {
    store: Arc<dyn StateStore>,
    owner: Arc<Owner>,
    clock: Arc<dyn Clock>,
    /// Whether the place was found to be ours: the record of what is public names us.
    is_ours: Arc<AtomicBool>,
}

impl Ledger {
    /// The records of `owner` in this store.
    pub(crate) fn new(store: Arc<dyn StateStore>, owner: Owner, clock: Arc<dyn Clock>) -> Self {
        Self { store, owner: Arc::new(owner), clock, is_ours: Arc::default() }
    }

    /// The time.
    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    /// Where the records are, for people.
    pub(crate) fn location(&self) -> String {
        self.store.location()
    }

    /// The record at `name`, or `None` where there is none: an error where another feed's service has published, which
    /// would find a record of ours in its way.
    pub(crate) async fn read<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<Versioned<T>>, LedgerError> {
        let Some(stored) = self.ours(name).await? else {
            if name != PUBLISHED {
                self.turn_back_from_anothers(PUBLISHED).await?;
            }
            return Ok(None);
        };
        let value = serde_json::from_slice(&stored.bytes).map_err(|e| self.damaged(name, &e.to_string()))?;
        Ok(Some(Versioned { value, generation: stored.generation }))
    }

    /// A record of ours, and of this version, as it is stored.
    async fn ours(&self, name: &str) -> Result<Option<Stored>, LedgerError> {
        let Some(stored) = self.store.read(name).await? else {
            return Ok(None);
        };
        let damaged = |reason: String| self.damaged(name, &reason);
        let values = json::values(&stored.bytes);
        if values > MOST_VALUES {
            return Err(damaged(format!(
                "it holds some {values} values, and a record of ours at most {MOST_VALUES}"
            )));
        }
        let head = Head::of(&stored.bytes).map_err(damaged)?;
        match head.version {
            Some(VERSION) => {}
            Some(newer) => {
                return Err(damaged(format!("version {newer}, this program writes version {VERSION}")));
            }
            None => return Err(damaged("no version".to_owned())),
        }
        let is_named = self.owner.is_named(head.owner.as_deref()).map_err(|owner| {
            let (object, ours) = (self.object(name), self.owner.now.clone());
            LedgerError::Foreign { object, owner, ours }
        })?;
        if is_named && name == PUBLISHED {
            self.is_ours.store(true, Ordering::Relaxed);
        }
        Ok(Some(stored))
    }

    /// An error where the record at `name` is another feed's, for whoever is about to write beside it. Nothing is read
    /// once the place is known to be ours.
    pub(crate) async fn turn_back_from_anothers(&self, name: &str) -> Result<(), LedgerError> {
        if self.is_ours.load(Ordering::Relaxed) {
            return Ok(());
        }
        match self.ours(name).await {
            // One that is damaged is told by whoever needs it.
            Ok(_) | Err(LedgerError::Damaged { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn object(&self, name: &str) -> String {
        format!("{}/{name}", self.location())
    }

    fn damaged(&self, name: &str, reason: &str) -> LedgerError {
        LedgerError::Damaged { object: self.object(name), reason: shown(reason) }
    }

    /// Writes a record over the version `over`, or creates it where `over` is `None`.
    pub(crate) async fn write<T: Serialize>(
        &self,
        name: &str,
        value: &T,
        over: Option<Generation>,
    ) -> Result<Generation, LedgerError> {
        let mut json = serde_json::to_value(value).expect("a record has string keys and finite numbers");
        let record = json.as_object_mut().expect("a record is a struct");
        record.insert("version".into(), VERSION.into());
        self.owner.sign(record);
        let bytes = serde_json::to_vec_pretty(&json).expect("a JSON value has string keys");
        let precondition = over.map_or(Precondition::Absent, Precondition::Unchanged);
        Ok(self.store.write(name, bytes, precondition).await?)
    }

    /// Reads, lets `change` decide, and writes, again and again until nobody was in between. `change` gives `None`
    /// where nothing is to be written. The record as it now stands comes back.
    pub(crate) async fn update<T>(
        &self,
        name: &str,
        mut change: impl FnMut(T) -> Option<T> + Send,
    ) -> Result<T, LedgerError>
    where
        T: Serialize + DeserializeOwned + Default + Clone + Send + Sync,
    {
        loop {
            let read = self.read::<T>(name).await?;
            let (value, generation) = read.map_or_else(Default::default, |v| (v.value, Some(v.generation)));
            let Some(next) = change(value.clone()) else {
                return Ok(value);
            };
            match self.write(name, &next, generation).await {
                Ok(_) => return Ok(next),
                Err(LedgerError::Moved(_)) => self.pause().await,
                Err(other) => return Err(other),
            }
        }
    }

    /// Between two tries of a lost race, so that many racers do not collide for ever.
    async fn pause(&self) {
        self.clock.sleep(Duration::from_millis(rand::random_range(20..150))).await;
    }
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(SHOWN).collect()
}

#[cfg(test)]
mod tests;
