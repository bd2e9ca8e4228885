//! Rows of products that a merchant corrects, by a table of their own.
//!
//! It never corrects anything by itself: `corrections` says what, and the rules are the same for what it says.

use std::sync::Arc;

use super::{Exporter, judge::Judge};
use crate::{
    config::ep::FilterConfig,
    corrections::{Correction, Corrections, Reading},
    ep::{
        columns::Column,
        row::{Written, feed_columns},
        text::clean,
    },
    filter::{self, Left},
    product::Member,
    report::{BuildId, Built, LineFault, Remark, SkipReason},
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

    /// The row of a product with its corrections.
    pub(super) fn corrected(
        &self,
        member: &Member<'_, '_>,
        correction: &Correction,
        text: &mut String,
    ) -> Result<Written, Left> {
        if let Some(line) = correction.excluded {
            return Err(Left::skip(SkipReason::Corrected, format!("line {line}")));
        }
        let offer = match correction.included {
            true => filter::offer(member, &FilterConfig::of_none())?,
            false => filter::offer(member, &self.filter)?,
        };
        let is_restricted = member.is_marked(|mark| member.map.restricted.holds(mark));
        let price = correction
            .value(Column::PricePc)
            .and_then(|(price, line)| Some((price.parse::<u64>().ok()?, line)));
        let below = price.filter(|(price, _)| is_restricted && (*price as f64) < offer.price);
        if let Some((_, line)) = below
            && let Some(corrections) = &self.corrections
        {
            corrections.refuse(LineFault::BelowRegular, line);
        }
        let is_price = |column| matches!(column, Column::PricePc | Column::PriceMobile);
        let is_cheaper = |value: &str| value.parse().is_ok_and(|price: f64| price < offer.price);
        let corrected = |column: Column| {
            let (value, _) = correction.value(column)?;
            (!(is_restricted && is_price(column) && is_cheaper(value))).then_some(value)
        };
        Ok(self.transform.row_with(member, &offer, text, Some(&corrected))?)
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
