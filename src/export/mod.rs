//! The export's building: a catalogue in, a build in the store out.
//!
//! `build` joins the stream: `judge` makes rows of products, `collect` puts each into exactly one count as far as `cap`
//! has room, `save` writes them, `upload` hands them to the store. `public` says what the build is held against, `diff`
//! compares it with that, or `takeover` with what somebody else published. It never decides whether a build is published,
//! and never publishes. `trial` tells what would become of a first look at the catalogue.

mod build;
mod cap;
mod collect;
mod diff;
mod excluded;
mod failure;
mod index;
mod judge;
mod public;
mod quality;
mod rows;
pub mod save;
mod source;
mod takeover;
mod tally;
mod trial;
mod upload;

pub(crate) use judge::Judge;
pub use trial::Trial;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{Timestamp, tz::TimeZone};
use tokio_util::sync::CancellationToken;
use url::Url;

use self::{index::RowIndex, public::Public};
use crate::{
    config::{catalogue::CatalogueConfig, ep::EpConfig},
    feed_store::FeedStore,
    ledger::Ledger,
    report::{BuildId, Built, Failure, Takeover},
    web::Web,
};

/// Makes builds out of one catalogue.
pub struct Exporter {
    pub(crate) catalogue: CatalogueConfig,
    pub(crate) ep: EpConfig,
    pub(crate) judge: Arc<Judge>,
    pub(crate) web: Arc<dyn Web>,
    pub(crate) ledger: Ledger,
    pub(crate) store: Arc<dyn FeedStore>,
    /// Where somebody else's feed may be.
    pub(crate) feed_url: Url,
    /// How long a build may be compared with what is public.
    pub(crate) diff_time: Duration,
}

impl Exporter {
    /// Builds `id`, knowing what earlier exports found, and compares it with the published build; a dry run stores
    /// nothing. Once the build is finished,
    /// nothing fails it any more: what cannot be compared, or not in time, is not.
    pub async fn build(
        &self,
        id: &BuildId,
        dry_run: bool,
        cancel: &CancellationToken,
    ) -> Result<Built, Failure> {
        let public = Public::read(&self.ledger, self.store.as_ref()).await;
        let (mut built, index) = self.built(id, &public, dry_run, cancel).await?;
        let started = Instant::now();
        self.compare(&mut built, index, public, dry_run, cancel).await;
        built.took += started.elapsed();
        Ok(built)
    }

    async fn compare(
        &self,
        built: &mut Built,
        mut index: RowIndex,
        public: Public,
        dry_run: bool,
        cancel: &CancellationToken,
    ) {
        let (info, time, store) = (&built.info, self.diff_time, self.store.as_ref());
        let may_take_over = public.is_nothing_of_ours();
        let compared = async {
            if may_take_over {
                let stored = (!dry_run).then_some(store);
                (
                    None,
                    takeover::of(self.web.as_ref(), &self.feed_url, stored, &mut index, &info.build, time)
                        .await,
                )
            } else {
                (diff::against(store, &mut index, info, public.build(), time).await, None)
            }
        };
        (built.diff, built.takeover) = tokio::select! {
            biased;
            // The next attempt publishes this build as it is noted: what was not looked at must not look sound.
            () = cancel.cancelled() => {
                (None, may_take_over.then(|| Takeover::Unknown { reason: "the run was cut short".to_owned() }))
            }
            compared = compared => compared,
        };
        if let Some(unrecorded) = public.unrecorded {
            built.unrecorded = Some(public::look_into(store, unrecorded, time, cancel).await);
        }
    }
}

/// A fresh build id: `20261006-000503-k3x9`, local time and four random letters.
pub fn new_build_id(now: Timestamp, timezone: &TimeZone) -> BuildId {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let time = now.to_zoned(timezone.clone()).strftime("%Y%m%d-%H%M%S").to_string();
    let letters: String = (0..4).map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())])).collect();
    BuildId::parse(&format!("{time}-{letters}")).expect("digits, dashes and letters make a build id")
}
