//! One build as one stream with bounded memory: fetch → judge → collect → save → upload.
//!
//! Fetching, judging and uploading overlap; the order is the catalogue's. Nothing holds the whole catalogue or the
//! whole file. It never touches the public file.

use std::{sync::Arc, time::Instant};

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{
    Exporter,
    asked::Asked,
    cap::Cap,
    collect::{Collected, Finished},
    drift::Addresses,
    excluded,
    explaining::Explaining,
    failure::{given_up, internal, not_utf8},
    index::RowIndex,
    judges::{Judges, Room, Turns},
    public::Public,
    source::remarks,
    turns::{Due, Keeper, Lost},
    upload::{Stop, Uploads, write},
};
use crate::{
    ep::row::feed_columns,
    feed_store::{FeedError, FeedKey, FeedStore},
    fetch::{Fetcher, Known, Policy, Summary},
    progress::Progress,
    report::{BuildId, BuildInfo, Built, Failure, Remark, Source},
};

/// One build on its way.
pub(super) struct Building<'a> {
    pub(super) exporter: &'a Exporter,
    pub(super) id: &'a BuildId,
    /// The products that are to be explained, in a dry run.
    pub(super) asked: Option<&'a Arc<Asked>>,
    /// `None` in a dry run, which stores nothing.
    pub(super) store: Option<&'a dyn FeedStore>,
    pub(super) cancel: &'a CancellationToken,
    pub(super) progress: &'a Progress,
    pub(super) started: Instant,
}

impl Building<'_> {
    /// Builds into the store. When it is cancelled, the uploads are aborted and the build ends with a deadline failure.
    /// The index of its rows and a few of its addresses come beside it: only the comparison needs them. So does what
    /// became of the products that somebody asked for.
    pub(super) async fn built(
        &self,
        public: &Public,
    ) -> Result<(Built, (RowIndex, Addresses), Option<Explaining>), Failure> {
        let &Self { exporter, id, asked, store, cancel, progress, .. } = self;
        let known = public.known();
        let (uploads, [feed, excluded]) = Uploads::new();
        let (feed_key, excluded_key) = (FeedKey::Build(id.clone()), FeedKey::Excluded(id.clone()));
        // Whatever is dropped here drops the senders of parts, and the uploads end by aborting.
        // On the heap: it is large, and every future around it would be as large.
        let streamed = Box::pin(exporter.stream(public.build(), &known, asked, uploads, progress));
        let streamed = cancel.run_until_cancelled(streamed);
        let (streamed, feed, excluded) =
            tokio::join!(streamed, write(store, &feed_key, feed), write(store, &excluded_key, excluded));
        let Some(streamed) = streamed.filter(|_| !cancel.is_cancelled()) else { return Err(given_up()) };
        // The cause before its consequences: a store that failed stops the fetch, a fetch that failed aborts the
        // uploads.
        if let Err(Stop::Failed(failure)) = streamed {
            return Err(failure);
        }
        let mut failed: Vec<_> = [feed, excluded].into_iter().filter_map(Result::err).collect();
        // One upload that fails makes the other one abort.
        failed.sort_by_key(|error| matches!(error, FeedError::Aborted { .. }));
        if let Some(cause) = failed.into_iter().next() {
            return Err(cause.into());
        }
        let Ok((mut finished, summary)) = streamed else {
            return Err(internal("the upload stopped without saying why".to_owned()));
        };
        if let Some(store) = store.filter(|_| finished.excluded_is_stale) {
            let written = excluded::without_kept(store, id, &finished.index);
            cancel.run_until_cancelled(written).await.ok_or_else(given_up)??;
        }
        let explaining = finished.explaining.take();
        let (built, beside) = self.figures(finished, summary, &known);
        Ok((built, beside, explaining))
    }

    fn figures(&self, finished: Finished, summary: Summary, known: &Known) -> (Built, (RowIndex, Addresses)) {
        let Finished { file, mut tally, index, mut quality, shape, drift, .. } = finished;
        let (profile, addresses) = drift.end();
        let secrets = self.exporter.catalogue.secrets();
        for group in quality.same_title.groups.iter_mut().chain(&mut quality.same_image.groups) {
            group.value = secrets.struck(&group.value);
        }
        debug_assert!(tally.funnel.adds_up());
        let missing = tally.missing(&self.exporter.catalogue.product);
        let changed = shape.change(&self.exporter.catalogue.product);
        let foreign = tally.foreign(&self.exporter.ep.currency);
        let mut remarks = remarks(&summary, known);
        remarks.extend(tally.number_ids.map(|(products, id)| Remark::NumberIds { products, id }));
        let built = Built {
            info: BuildInfo { build: self.id.clone(), rows: tally.funnel.kept, file },
            funnel: tally.funnel,
            remarks,
            median_price: index.median_price(),
            source: Source { missing, changed, foreign, ..summary.source },
            republished: None,
            diff: None,
            quality,
            takeover: None,
            unrecorded: None,
            map: Some(self.exporter.catalogue.map.clone()),
            profile: Some(profile),
            drift: None,
            corrections: None,
            explained: Vec::new(),
            took: self.started.elapsed(),
        };
        (built, (index, addresses))
    }
}

impl Exporter {
    /// From the catalogue's first byte to the last part of both files.
    async fn stream(
        &self,
        published: Option<&BuildInfo>,
        known: &Known,
        asked: Option<&Arc<Asked>>,
        uploads: Uploads,
        progress: &Progress,
    ) -> Result<(Finished, Summary), Stop> {
        // One batch may wait while the next is read and others are judged.
        let (batches, taken) = mpsc::channel(1);
        let fetcher = Fetcher::new(Arc::clone(&self.web), Policy::default()).telling(progress);
        let fetched = fetcher.read(&self.catalogue, known, batches);
        // Whichever fails first ends the other. What was collected is whole only if the fetch says that the
        // catalogue ended.
        let fetched = async { fetched.await.map_err(|error| Stop::Failed(error.into())) };
        let cap = Cap::of(self.ep.max_rows, published.map_or(0, |public| public.rows));
        let mut collected = Collected::new(cap, feed_columns(self.catalogue.product.has_barcode()));
        collected.explaining = asked.map(|asked| Explaining::of(asked));
        let (turns, keeper) = Turns::new(collected, published.is_some(), progress);
        let judges = Judges::of(&self.judge, asked);
        let fed = async {
            judges.feed(taken, &turns).await;
            Ok(())
        };
        let (summary, (), mut collected) =
            tokio::try_join!(fetched, fed, self.keep(published, keeper, &uploads))?;
        if collected.tally.is_not_utf8() {
            return Err(not_utf8(&self.catalogue.location(), &collected.tally).into());
        }
        collected.close();
        uploads.send(collected.parts()).await?;
        let (finished, last) = collected.finish();
        uploads.end(last).await?;
        Ok((finished, summary))
    }

    /// Hands parts of both files on until everything was collected, and nothing is collected while it waits for the store.
    async fn keep(
        &self,
        published: Option<&BuildInfo>,
        keeper: Keeper<Room>,
        uploads: &Uploads,
    ) -> Result<Box<Collected>, Stop> {
        let lost = |Lost| {
            internal("a batch of products could not be judged or collected: its judge died".to_owned())
        };
        loop {
            let Due { mut collected, more, is_over } = keeper.next().await.map_err(lost)?;
            uploads.send(collected.parts()).await?;
            if collected.is_full() {
                uploads.settle().await?;
            }
            if is_over {
                return Ok(collected);
            }
            if let Some(published) = published {
                collected.reserve(more, self.store.as_ref(), published).await;
            }
            keeper.go_on(collected);
        }
    }
}
