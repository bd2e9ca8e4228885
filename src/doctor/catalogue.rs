//! The catalogue: the same look as `check-config --try`, and the same judgement.

use std::sync::Arc;

use super::{Doctor, Finding, wording};
use crate::{export::Trial, try_out};

pub(super) async fn look(doctor: &Doctor) -> Finding {
    let trial = Trial::of(&doctor.config, Arc::clone(&doctor.web)).await;
    let lines = try_out::lines(&doctor.config, &trial);
    wording::catalogue(&trial).with(lines.lines().map(str::to_owned))
}
