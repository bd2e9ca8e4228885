//! The merchant's own corrections: whether their table can be read, and which of its lines cannot hold.
//!
//! It looks at no product, so it says nothing of lines whose product is not there.

use super::{Doctor, Finding, wording};
use crate::ep::row::feed_columns;

pub(super) async fn look(doctor: &Doctor) -> Finding {
    let Some(source) = &doctor.corrections else { return wording::no_corrections() };
    let columns = feed_columns(doctor.config.catalogue.product.has_barcode());
    let today = doctor.clock.now().to_zoned(doctor.config.service.schedule.timezone().clone()).date();
    wording::corrections(source.read(doctor.web.as_ref(), Some(today), columns).await)
}
