//! What a merchant's own table makes of products.
//!
//! It never corrects anything by itself: `corrections` says what, and the rules are the same for what it says.

use std::sync::Arc;

use super::{
    Exporter,
    judge::{Judge, Offered},
};
use crate::{
    config::ep::FilterConfig,
    corrections::{Correction, Corrections, Reading, Sets},
    ep::{row::feed_columns, text::clean},
    filter::{self, Left},
    product::Member,
    report::{BuildId, Built, LineTaken, Remark, SkipReason},
    transform::Transform,
};

impl Exporter {
    /// The same with the corrections that are in force on the day of the build `id`; `None` where there is no table.
    pub(super) async fn correcting(&self, id: &BuildId, is_dry: bool) -> Option<(Self, Arc<Corrections>)> {
        let source = self.corrections.clone()?;
        let reading = Reading {
            web: Arc::clone(&self.web),
            ledger: self.ledger.clone(),
            columns: feed_columns(self.catalogue.product.has_barcode()),
            // A build's id begins with its day, as the feed's people count days.
            today: id.to_string().get(..8).and_then(|day| jiff::civil::Date::strptime("%Y%m%d", day).ok()),
            is_dry,
        };
        // Reading is deep, and an export is deep already: it gets a stack of its own.
        let read = tokio::spawn(async move { source.corrections(&reading).await }).await;
        let corrections = Arc::new(read.expect("what is read is bounded, and nothing in it panics"));
        let judge = Arc::new(self.judge.correcting(Arc::clone(&corrections)));
        Some((Self { judge, ..self.clone() }, corrections))
    }
}

impl Judge {
    /// The same with corrections.
    fn correcting(&self, corrections: Arc<Corrections>) -> Self {
        Self {
            filter: self.filter.clone(),
            map: Arc::clone(&self.map),
            transform: Transform::new(self.transform.config().clone()),
            corrections: Some(corrections),
        }
    }

    /// What is corrected of a product.
    pub(super) fn correction(&self, member: &Member<'_, '_>) -> Option<&Correction> {
        let corrections = self.corrections.as_ref()?;
        corrections.of(&clean(&member.text(&member.map.id)?))
    }

    /// What a product costs and what a table sets in its row, where neither a filter nor the table leaves it out.
    pub(super) fn offered(&self, member: &Member<'_, '_>) -> Result<Offered<'_>, Left> {
        let Some(correction) = self.correction(member) else {
            return Ok(Offered { offer: filter::offer(member, &self.filter)?, sets: None });
        };
        if let Some(line) = correction.excluded {
            return Err(Left::skip(SkipReason::Corrected, line.to_string()));
        }
        let offer = match correction.included {
            Some(_) => filter::offer(member, &FilterConfig::of_none())?,
            None => filter::offer(member, &self.filter)?,
        };
        let is_restricted = member.is_marked(|mark| member.map.restricted.holds(mark));
        let sets = correction.sets(offer.price, is_restricted);
        Ok(Offered { offer, sets: Some(sets) })
    }

    /// The lines of the table that are about a product.
    pub(super) fn lines_taken(
        &self,
        member: &Member<'_, '_>,
        is_row: bool,
        told: &impl Fn(String) -> String,
    ) -> Vec<LineTaken> {
        let about = member.text(&member.map.id).zip(self.corrections.as_ref());
        let Some(correction) = about.as_ref().and_then(|(id, corrections)| corrections.about(&clean(id)))
        else {
            return Vec::new();
        };
        let offered = if is_row { self.offered(member).ok() } else { None };
        let lines = correction.lines_taken(offered.and_then(|offered| offered.sets)).into_iter();
        lines.map(|line| LineTaken { says: told(line.says), value: told(line.value), ..line }).collect()
    }

    /// Notes what is set and does not hold.
    pub(super) fn refuse(&self, sets: Sets<'_>) {
        if let Some(corrections) = &self.corrections {
            corrections.refuse_prices(sets);
        }
    }
}

/// Notes in a build what became of the corrections.
pub(super) fn tell(corrections: &Corrections, built: &mut Built) {
    let told = corrections.told();
    // Without a copy it is warned of.
    let is_warned_of = told.unread.as_ref().is_some_and(|unread| unread.copy_of.is_none());
    if told.needs_a_look() && !is_warned_of {
        built.remarks.push(Remark::Corrections(told.clone()));
    }
    built.corrections = Some(told);
}
