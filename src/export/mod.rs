//! The export's building: a catalogue in, a build in the store out.
//!
//! `build` joins the stream: `judge` makes rows of products, `collect` puts each into exactly one count as far as `cap`
//! has room, `save` writes them, `upload` hands them to the store. `public` says what the build is held against, `diff`
//! compares it with that, or `takeover` with what somebody else published. It never decides whether a build is published,
//! and never publishes. `trial` tells what would become of a first look at the catalogue. Of products that somebody asked
//! for by id (`asked`) the judge is a `witness`, `explaining` notes what becomes of them, and `standing` what is published.

mod asked;
mod build;
mod cap;
mod collect;
mod correcting;
mod diff;
mod drift;
mod excluded;
mod explaining;
mod failure;
mod index;
mod judge;
mod judges;
mod median;
mod nearest;
mod outcome;
mod public;
mod quality;
mod rows;
pub(crate) mod save;
mod shape;
mod source;
mod standing;
mod sum;
mod takeover;
mod tally;
mod trial;
mod turns;
mod upload;
mod witness;

pub(crate) use asked::Asked;
pub use asked::asked_ids;
pub(crate) use judge::Judge;
pub(crate) use nearest::Unmet;
pub use trial::Trial;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{Timestamp, tz::TimeZone};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use url::Url;

use self::{
    build::Building,
    drift::{Addresses, Pass},
    explaining::Explaining,
    index::RowIndex,
    public::Public,
    standing::Standings,
};
use crate::{
    config::{catalogue::CatalogueConfig, ep::EpConfig},
    corrections::Source,
    feed_store::FeedStore,
    ledger::Ledger,
    progress::{Progress, Stage},
    report::{BuildId, Built, Failure, Takeover, Why},
    web::Web,
};

/// Makes builds out of one catalogue.
#[derive(Clone)]
pub(crate) struct Exporter {
    pub(crate) catalogue: CatalogueConfig,
    pub(crate) ep: EpConfig,
    pub(crate) judge: Arc<Judge>,
    pub(crate) web: Arc<dyn Web>,
    pub(crate) ledger: Ledger,
    pub(crate) store: Arc<dyn FeedStore>,
    /// Where a merchant's own corrections stand, if anywhere.
    pub(crate) corrections: Option<Source>,
    /// Where somebody else's feed may be.
    pub(crate) feed_url: Url,
    /// How long a build may be compared with what is public.
    pub(crate) diff_time: Duration,
}

impl Exporter {
    /// Builds `id`, knowing what earlier exports found, and compares it with the published build; a dry run stores
    /// nothing. Once the build is finished, nothing fails it any more: what cannot be compared, or not in time, is not.
    pub(crate) async fn build(
        &self,
        id: &BuildId,
        dry_run: bool,
        asked: Option<Asked>,
        cancel: &CancellationToken,
        progress: &Progress,
    ) -> Result<Built, Failure> {
        progress.enter(Stage::Read);
        let public = Public::read(&self.ledger, self.store.as_ref()).await;
        self.built(id, dry_run, asked, public, cancel, progress).await
    }

    /// The same in a dry run that tells of the products with these ids, and that knows nothing of what is public where
    /// that does not answer in `patience`.
    pub(crate) async fn explain(
        &self,
        id: &BuildId,
        ids: &[String],
        patience: Duration,
    ) -> Result<Built, Failure> {
        let public = timeout(patience, Public::read(&self.ledger, self.store.as_ref())).await;
        let public = public.unwrap_or_default();
        self.built(id, true, Asked::of(ids), public, &CancellationToken::new(), &Progress::default()).await
    }

    async fn built(
        &self,
        id: &BuildId,
        dry_run: bool,
        asked: Option<Asked>,
        public: Public,
        cancel: &CancellationToken,
        progress: &Progress,
    ) -> Result<Built, Failure> {
        let store = (!dry_run).then_some(self.store.as_ref());
        let asked = asked.map(Arc::new);
        let started = Instant::now();
        let corrected = self.correcting(id, dry_run).await;
        let exporter = corrected.as_ref().map_or(self, |(exporter, _)| exporter);
        let building = Building { exporter, id, asked: asked.as_ref(), store, cancel, progress, started };
        let (mut built, beside, explaining) = Box::pin(building.built(&public)).await?;
        if let Some((asked, explaining)) = asked.as_ref().zip(explaining) {
            built.explained = self.answered(asked, explaining, &public).await;
        }
        if let Some((_, corrections)) = &corrected {
            correcting::tell(corrections, &mut built);
        }
        progress.enter(Stage::Compare);
        Box::pin(building.compare(&mut built, beside, public)).await;
        built.took = building.started.elapsed();
        Ok(built)
    }

    async fn answered(&self, asked: &Asked, explaining: Explaining, public: &Public) -> Vec<Why> {
        let place = standing::Place {
            store: self.store.as_ref(),
            web: self.web.as_ref(),
            url: &self.feed_url,
            is_nothing_of_ours: public.is_nothing_of_ours(),
            secrets: self.catalogue.secrets(),
        };
        let standings = Standings::read(&place, public.build(), asked, self.diff_time).await;
        explaining.whys(asked, standings)
    }
}

impl Building<'_> {
    async fn compare(
        &self,
        built: &mut Built,
        (mut index, addresses): (RowIndex, Addresses),
        public: Public,
    ) {
        let Exporter { store, web, feed_url, diff_time: time, .. } = self.exporter;
        let mut pass = Pass::new(self.exporter.judge.common_words());
        let may_take_over = public.is_nothing_of_ours();
        let compared = async {
            if may_take_over {
                let web = web.as_ref();
                (None, takeover::of(web, feed_url, self.store, &mut index, self.id, *time).await)
            } else {
                let public = public.build();
                (diff::against(store.as_ref(), &mut index, &built.info, public, *time, &mut pass).await, None)
            }
        };
        // The next attempt publishes this build as it is noted: what was not looked at must not look sound.
        let not_looked = || Takeover::Unknown { reason: "the run was cut short".to_owned() };
        let compared = self.cancel.run_until_cancelled(compared).await;
        (built.diff, built.takeover) = compared.unwrap_or_else(|| (None, may_take_over.then(not_looked)));
        let before = public.profile().zip(built.profile.as_ref());
        built.drift = public.build().is_some().then_some(pass.drift);
        if let Some(((before, now), drift)) = before.zip(built.drift.as_mut()) {
            let opened = drift::hosts_moved(web.as_ref(), drift::reach(feed_url), (before, now), &addresses);
            drift.hosts = self.cancel.run_until_cancelled(opened).await.unwrap_or_default();
        }
        if let Some(unrecorded) = public.unrecorded {
            let look = public::look_into(store.as_ref(), unrecorded, *time, self.cancel);
            built.unrecorded = Some(look.await);
        }
    }
}

/// A fresh build id: `20261006-000503-k3x9`, local time and four random letters.
pub(crate) fn new_build_id(now: Timestamp, timezone: &TimeZone) -> BuildId {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let time = now.to_zoned(timezone.clone()).strftime("%Y%m%d-%H%M%S").to_string();
    let letters: String = (0..4).map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())])).collect();
    BuildId::parse(&format!("{time}-{letters}")).expect("digits, dashes and letters make a build id")
}
