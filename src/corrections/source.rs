//! Where the table of corrections stands, and its last good copy.
//!
//! It never looks into the table but to see whether it is one. Who cannot be reached today may be tomorrow: for a week the
//! copy stands in.

use std::{borrow::Cow, path::PathBuf, sync::Arc, time::Duration};

use encoding_rs::EUC_KR;
use futures_util::StreamExt;
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use url::Url;

use super::Corrections;
use crate::{
    ep::columns::Column,
    feed_store::S3Feed,
    ledger::Ledger,
    report::Unread,
    state::{GcsState, StateStore},
    web::{Request, Web},
};

/// The copy's record.
pub(crate) const COPY: &str = "corrections.json";
/// The largest table, in bytes: some ten thousand lines.
const MOST_BYTES: usize = 1024 * 1024;
/// How long reading it may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How old a copy may be.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Where the table stands: `CORRECTIONS_URL`.
#[derive(Clone)]
pub(crate) enum Source {
    Web(Url),
    File(PathBuf),
    Gcs(Arc<GcsState>, String),
    S3(Arc<S3Feed>, String),
}

/// The last good copy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Copy {
    at: Timestamp,
    /// What it is a copy of, by a sum of its address, which may hold a secret.
    of: String,
    text: String,
}

/// What reading needs beside the source.
pub(crate) struct Reading {
    pub(crate) web: Arc<dyn Web>,
    pub(crate) ledger: Ledger,
    pub(crate) columns: &'static [Column],
    pub(crate) today: Option<Date>,
    /// Whether nothing is to be stored.
    pub(crate) is_dry: bool,
}

impl Source {
    /// The corrections in force, and what is to be told of the table itself. Without any table, or copy, there are none.
    pub(crate) async fn corrections(&self, reading: &Reading) -> Corrections {
        let text = self.text_in_time(reading.web.as_ref()).await;
        let parsed = text.and_then(|text| {
            Corrections::read(&text, reading.today, reading.columns).map(|corrections| (text, corrections))
        });
        match parsed {
            Ok((text, corrections)) => {
                if corrections.is_empty() && self.said_something(reading).await {
                    corrections.emptied();
                }
                if !reading.is_dry {
                    self.keep(text, &reading.ledger).await;
                }
                corrections
            }
            Err(reason) => self.stand_in(reason, reading).await,
        }
    }

    /// The table as it stands, for whoever only looks; an error says why there is none.
    pub(crate) async fn read(
        &self,
        web: &dyn Web,
        today: Option<Date>,
        columns: &[Column],
    ) -> Result<Corrections, String> {
        Corrections::read(&self.text_in_time(web).await?, today, columns)
    }

    async fn text_in_time(&self, web: &dyn Web) -> Result<String, String> {
        let read = timeout(PATIENCE, self.text(web)).await;
        read.unwrap_or_else(|_| Err(format!("it was not read in {} s", PATIENCE.as_secs())))
    }

    async fn text(&self, web: &dyn Web) -> Result<String, String> {
        let bytes = match self {
            Self::Web(url) => from_web(web, url).await?,
            Self::File(path) => {
                let read = tokio::fs::read(path).await;
                read.map_err(|error| format!("the file cannot be read: {error}"))?
            }
            Self::Gcs(bucket, name) => {
                let read = bucket.read(name).await.map_err(|error| error.to_string())?;
                read.ok_or("there is no such object in the bucket")?.bytes
            }
            Self::S3(bucket, name) => {
                bucket.get(name, MOST_BYTES).await.map_err(|error| error.to_string())?
            }
        };
        if bytes.len() > MOST_BYTES {
            return Err(format!("it holds more than {MOST_BYTES} bytes"));
        }
        String::from_utf8(bytes).or_else(|error| {
            // As Excel saves a CSV in Korea.
            let text = EUC_KR.decode_without_bom_handling_and_without_replacement(error.as_bytes());
            text.map(Cow::into_owned).ok_or_else(|| "it is neither in UTF-8 nor in CP949".to_owned())
        })
    }

    /// Whether the last good copy has lines in force.
    async fn said_something(&self, reading: &Reading) -> bool {
        let copy = self.copy(reading).await;
        let read = copy.and_then(|copy| Corrections::read(&copy.text, reading.today, reading.columns).ok());
        read.is_some_and(|corrections| !corrections.is_empty())
    }

    /// The last good copy of this very table.
    async fn copy(&self, reading: &Reading) -> Option<Copy> {
        let there = reading.ledger.read::<Copy>(COPY).await.ok().flatten()?;
        Some(there.value).filter(|copy| copy.of == self.sum())
    }

    async fn keep(&self, text: String, ledger: &Ledger) {
        let written = async {
            let there = ledger.read::<Copy>(COPY).await?;
            let copy = Copy { at: ledger.now(), of: self.sum(), text };
            ledger.write(COPY, &copy, there.map(|there| there.generation)).await
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, "the copy of the corrections could not be kept");
        }
    }

    async fn stand_in(&self, reason: String, reading: &Reading) -> Corrections {
        let is_young = |copy: &Copy| reading.ledger.now().duration_since(copy.at) <= WEEK;
        let copy = self.copy(reading).await.filter(is_young);
        let read =
            copy.as_ref().and_then(|copy| Corrections::read(&copy.text, reading.today, reading.columns).ok());
        let copy_of = copy.filter(|_| read.is_some()).map(|copy| copy.at);
        tracing::warn!(reason, ?copy_of, "the corrections cannot be read");
        let corrections = read.unwrap_or_default();
        let age = copy_of.map_or(0, |at| (reading.ledger.now().duration_since(at).as_secs() + 30) / 60);
        corrections.unread(Unread { reason, copy_of, copy_age: age.max(0).unsigned_abs() });
        corrections
    }

    fn sum(&self) -> String {
        let address = match self {
            Self::Web(url) => url.to_string(),
            Self::File(path) => path.display().to_string(),
            Self::Gcs(bucket, name) => format!("{}/{name}", bucket.location()),
            Self::S3(bucket, name) => bucket.place(name),
        };
        format!("{:08x}", crc32c::crc32c(address.as_bytes()))
    }
}

async fn from_web(web: &dyn Web, url: &Url) -> Result<Vec<u8>, String> {
    // The other side's words may repeat the address, which may hold a secret.
    let mut answer = web.send(Request::get(url.clone())).await.map_err(|error| error.plain)?;
    if !answer.status.is_success() {
        return Err(format!("status {}", answer.status.as_u16()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.body.next().await {
        bytes.extend_from_slice(&chunk.map_err(|error| error.plain)?);
        if bytes.len() > MOST_BYTES {
            break;
        }
    }
    Ok(bytes)
}
