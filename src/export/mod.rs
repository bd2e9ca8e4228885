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
mod median;
mod nearest;
mod outcome;
mod public;
mod quality;
mod rows;
pub(crate) mod save;
mod shape;
mod source;
mod sum;
mod takeover;
mod tally;
mod trial;
mod upload;

pub(crate) use judge::Judge;
pub use nearest::Unmet;
pub use trial::Trial;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{Timestamp, tz::TimeZone};
use tokio_util::sync::CancellationToken;
use url::Url;

use self::{build::Building, index::RowIndex, public::Public};
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
    /// nothing. Once the build is finished, nothing fails it any more: what cannot be compared, or not in time, is not.
    pub async fn build(
        &self,
        id: &BuildId,
        dry_run: bool,
        cancel: &CancellationToken,
    ) -> Result<Built, Failure> {
        let public = Public::read(&self.ledger, self.store.as_ref()).await;
        let store = (!dry_run).then_some(self.store.as_ref());
        let building = Building { exporter: self, id, store, cancel, started: Instant::now() };
        let (mut built, index) = building.built(&public).await?;
        building.compare(&mut built, index, public).await;
        built.took = building.started.elapsed();
        Ok(built)
    }
}

impl Building<'_> {
    async fn compare(&self, built: &mut Built, mut index: RowIndex, public: Public) {
        let Exporter { store, web, feed_url, diff_time: time, .. } = self.exporter;
        let may_take_over = public.is_nothing_of_ours();
        let compared = async {
            if may_take_over {
                let web = web.as_ref();
                (None, takeover::of(web, feed_url, self.store, &mut index, self.id, *time).await)
            } else {
                (diff::against(store.as_ref(), &mut index, &built.info, public.build(), *time).await, None)
            }
        };
        // The next attempt publishes this build as it is noted: what was not looked at must not look sound.
        let not_looked = || Takeover::Unknown { reason: "the run was cut short".to_owned() };
        let compared = self.cancel.run_until_cancelled(compared).await;
        (built.diff, built.takeover) = compared.unwrap_or_else(|| (None, may_take_over.then(not_looked)));
        if let Some(unrecorded) = public.unrecorded {
            let look = public::look_into(store.as_ref(), unrecorded, *time, self.cancel);
            built.unrecorded = Some(look.await);
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
