//! What would become of the first page of each department: a build of which nothing is written.
//!
//! It asks the catalogue alone, and neither knows nor changes what is published.

use std::sync::Arc;

use super::{
    Judge,
    cap::Cap,
    collect::Collected,
    nearest::{Met, Unmet},
    outcome::texts,
};
use crate::{
    config::Config,
    ep::row::feed_columns,
    fetch::{Batch, Fetcher, Look, Policy},
    product::Member,
    report::{Funnel, MissingField},
    transform::Explained,
    web::{Discretion, Web},
};

/// What would become of what was looked at.
#[derive(Debug, Default)]
pub struct Trial {
    /// The source.
    pub(crate) look: Look,
    /// Rows that each department would bring, by its place: those that another one brought before do not count.
    pub(crate) kept: Vec<u64>,
    /// Where every product would go.
    pub(crate) funnel: Funnel,
    /// Products whose price is not everybody's and that would give the regular one; one of several departments in each.
    pub(crate) regular_instead: u64,
    /// A product of each kind, field by field: one of the listing, one that gives the regular price instead of another
    /// one, and a variant.
    pub(crate) examples: [Option<Vec<Explained>>; 3],
    /// What not one product has, where nothing would be kept for the want of it.
    pub(crate) missing: Option<MissingField>,
    /// Values of the map that no product has.
    pub(crate) unmet: Vec<Unmet>,
    met: Met,
    discretion: Discretion,
}

impl Trial {
    /// Looks at the catalogue and judges what it gives.
    pub async fn of(config: &Config, web: Arc<dyn Web>) -> Self {
        let (judge, mut trial) = (Judge::of(config), Self::default());
        let mut collected =
            Collected::new(Cap::of(u64::MAX, 0), feed_columns(config.catalogue.product.has_barcode()));
        let mut take = |place, batch: &Batch| trial.take(&judge, &mut collected, place, batch);
        let look = Fetcher::new(web, Policy::default()).look(&config.catalogue, &mut take).await;
        trial.kept.resize(look.departments.len(), 0);
        let mut unmet = trial.met.unmet(&config.catalogue.product);
        for (_, value) in unmet.iter_mut().flat_map(|unmet| &mut unmet.nearest) {
            *value = trial.discretion.struck(std::mem::take(value));
        }
        Self {
            look,
            unmet,
            missing: collected.tally.missing(&config.catalogue.product),
            funnel: collected.tally.funnel,
            ..trial
        }
    }

    /// Whether the source was read and something of it would be kept.
    pub fn is_sound(&self) -> bool {
        self.funnel.kept > 0 && self.look.departments.iter().all(|department| department.error.is_none())
    }

    fn take(&mut self, judge: &Judge, collected: &mut Collected, place: usize, batch: &Batch) {
        let before = collected.tally.funnel.kept;
        judge.batch(batch, &texts(), None, &mut |judged| {
            collected.take(judged);
            // Nobody wants the files.
            drop(collected.parts());
            true
        });
        self.kept.resize(self.kept.len().max(place + 1), 0);
        self.kept[place] += collected.tally.funnel.kept - before;
        self.discretion.add(&batch.discretion);
        for raw in batch.items() {
            // What has to be mended first is no good example.
            if let Some(product) = judge.product(raw) {
                let listed = judge.listed(&product);
                self.met.note(&listed, raw);
                self.explain(judge, &listed, &batch.discretion);
                for raw in listed.variants() {
                    if let Some(variant) = judge.product(raw) {
                        self.met.note(&listed.variant(&variant), raw);
                        self.explain(judge, &listed.variant(&variant), &batch.discretion);
                    }
                }
            }
        }
    }

    /// Counts prices that are not everybody's, and keeps an example of each kind: one of the listing, one of such a
    /// price, and a variant.
    fn explain(&mut self, judge: &Judge, member: &Member<'_, '_>, discretion: &Discretion) {
        if let Some((mut explained, other)) = judge.explained(member) {
            self.regular_instead += u64::from(other);
            let kind = if member.is_variant() { 2 } else { usize::from(other) };
            for one in &mut explained {
                one.value = discretion.struck(std::mem::take(&mut one.value));
            }
            self.examples[kind].get_or_insert(explained);
        }
    }
}
