//! What would become of the first page of each department: a build of which nothing is written.
//!
//! It asks the catalogue alone, and neither knows nor changes what is published.

use std::sync::Arc;

use super::{Judge, cap::Cap, collect::Collected};
use crate::{
    config::Config,
    fetch::{Batch, Fetcher, Look, Policy},
    product::{Member, Product},
    report::{Funnel, MissingField},
    transform::Explained,
    web::{Discretion, Web},
};

/// What would become of what was looked at.
#[derive(Debug, Default)]
pub struct Trial {
    /// The source.
    pub look: Look,
    /// Rows that each department would bring, by its place: those that another one brought before do not count.
    pub kept: Vec<u64>,
    /// Where every product would go.
    pub funnel: Funnel,
    /// Products whose price is not everybody's and that would give the regular one; one of several departments in each.
    pub regular_instead: u64,
    /// A product of each kind, field by field: one of the listing, one that gives the regular price instead of another
    /// one, and a variant.
    pub examples: [Option<Vec<Explained>>; 3],
    /// What not one product has, where nothing would be kept for the want of it.
    pub missing: Option<MissingField>,
}

impl Trial {
    /// Looks at the catalogue and judges what it gives.
    pub async fn of(config: &Config, web: Arc<dyn Web>) -> Self {
        let mut trying = Trying {
            judge: Judge::of(config),
            collected: Collected::new(Cap::of(u64::MAX, 0)),
            trial: Self::default(),
        };
        let fetcher = Fetcher::new(web, Policy::default());
        let look = fetcher.look(&config.catalogue, &mut |place, batch| trying.batch(place, batch)).await;
        let Trying { collected: Collected { tally, .. }, mut trial, .. } = trying;
        trial.kept.resize(look.departments.len(), 0);
        Self { look, missing: tally.missing(), funnel: tally.funnel, ..trial }
    }

    /// Whether the source was read and something of it would be kept.
    pub fn is_sound(&self) -> bool {
        self.funnel.kept > 0 && self.look.departments.iter().all(|department| department.error.is_none())
    }
}

/// A trial on its way.
struct Trying {
    judge: Judge,
    collected: Collected,
    trial: Trial,
}

impl Trying {
    fn batch(&mut self, place: usize, batch: &Batch) {
        let before = self.collected.tally.funnel.kept;
        self.judge.batch(batch, &mut |judged| {
            self.collected.take(judged);
            // Nobody wants the files.
            drop(self.collected.parts());
            true
        });
        self.trial.kept.resize(self.trial.kept.len().max(place + 1), 0);
        self.trial.kept[place] += self.collected.tally.funnel.kept - before;
        for raw in batch.items() {
            // What has to be mended first is no good example.
            if let Ok(product) = serde_json::from_slice::<Product<'_>>(raw) {
                let listed = Member::listed(&product);
                self.explain(&listed, &batch.discretion);
                for variant in listed.variants() {
                    if let Ok(variant) = serde_json::from_slice::<Product<'_>>(variant) {
                        self.explain(&listed.variant(&variant), &batch.discretion);
                    }
                }
            }
        }
    }

    /// Counts prices that are not everybody's, and keeps an example of each kind: one of the listing, one of such a
    /// price, and a variant.
    fn explain(&mut self, member: &Member<'_, '_>, discretion: &Discretion) {
        if let Some((mut explained, other)) = self.judge.explained(member) {
            self.trial.regular_instead += u64::from(other);
            let kind = if member.is_variant() { 2 } else { usize::from(other) };
            for one in &mut explained {
                one.value = discretion.struck(std::mem::take(&mut one.value));
            }
            self.trial.examples[kind].get_or_insert(explained);
        }
    }
}
