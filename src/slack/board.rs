//! The thread's parent: the day at a glance.
//!
//! It has a slot for each run of the schedule; a run by hand shows only in what it changed of the newest one.

use super::{blocks::Blocks, wording::Words};
use crate::{
    report::{Board, Slot, SlotOutcome, Status},
    step::Step,
};

/// Between two slots, wide enough to tell them apart.
const GAP: &str = "   ";

/// Draws the board. `service` is escaped already.
pub fn draw(blocks: &mut Blocks, words: Words, service: &str, board: &Board) {
    blocks.header(&format!("{} {service} · {}", light(board), words.day(board.day)));
    let slots: Vec<String> = board.slots.iter().map(|slot| entry(words, slot)).collect();
    blocks.flow(&slots, GAP);
}

/// How things stand now: the worst of the newest export and the newest verification. Green before anything ran.
fn light(board: &Board) -> &'static str {
    let newest = |step: Step| {
        let mut outcomes = board.slots.iter().filter(|slot| slot.step == step).filter_map(Slot::stands);
        outcomes.next_back().map(|outcome| outcome.status)
    };
    match newest(Step::ExportProducts).max(newest(Step::VerifyEp)) {
        None | Some(Status::Ok) => "🟢",
        Some(Status::Warn) => "🟡",
        Some(Status::Held | Status::Fail) => "🔴",
    }
}

/// `00:05 생성 ✅ 9,812개`; where a run by hand changed the verdict, `00:05 생성 ❌→✅ 9,812개`.
fn entry(words: Words, slot: &Slot) -> String {
    let sign = |outcome: &SlotOutcome| match outcome.status {
        Status::Ok => "✅",
        Status::Warn => "⚠️",
        Status::Held => "⛔",
        Status::Fail => "❌",
    };
    let mut signs: Vec<_> = slot.outcome.iter().chain(&slot.by_hand).map(sign).collect();
    signs.dedup();
    let signs = if signs.is_empty() { "–".to_owned() } else { signs.join("→") };
    let mut entry = format!("{} {} {signs}", slot.time, words.step(slot.step));
    if let Some(rows) = slot.stands().and_then(|outcome| outcome.rows) {
        entry.push(' ');
        entry.push_str(&words.slot_rows(rows));
    }
    if let Some(change) = slot.stands().and_then(|outcome| outcome.change).filter(|c| !c.is_none()) {
        entry.push_str(&format!(" ({})", words.row_change(change)));
    }
    entry
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{config::chat::Locale, slack::samples::renderer};

    fn slot(time: &str, step: Step, outcome: Option<(Status, Option<u64>)>) -> Slot {
        let outcome = outcome.map(|(status, rows)| SlotOutcome { rows, ..SlotOutcome::new(status) });
        Slot { time: time.into(), step, outcome, by_hand: None }
    }

    fn board(outcomes: &[Option<(Status, Option<u64>)>]) -> Board {
        let times = [("00:05", Step::ExportProducts), ("00:50", Step::VerifyEp), ("09:50", Step::VerifyEp)];
        let slots = times.iter().zip(outcomes).map(|((time, step), outcome)| slot(time, *step, *outcome));
        Board { day: date(2026, 10, 6), slots: slots.collect() }
    }

    #[test]
    fn the_light_shows_how_things_stand_now() {
        for (statuses, expected) in [
            (vec![], "🟢"),
            (vec![None, None], "🟢"),
            (vec![Some(Status::Ok), None], "🟢"),
            (vec![Some(Status::Warn), Some(Status::Ok)], "🟡"),
            (vec![Some(Status::Held), Some(Status::Ok), None], "🔴"),
            (vec![Some(Status::Warn), Some(Status::Fail)], "🔴"),
            (vec![Some(Status::Ok), Some(Status::Fail), Some(Status::Warn)], "🟡"),
            (vec![Some(Status::Ok), Some(Status::Fail), None], "🔴"),
        ] {
            let outcomes: Vec<_> = statuses.into_iter().map(|s| s.map(|s| (s, None))).collect();
            assert_eq!(light(&board(&outcomes)), expected);
        }
    }

    #[test]
    fn a_crowded_schedule_stays_within_the_limits() {
        let outcome = Some((Status::Held, Some(100_000)));
        let slots = (0..288).map(|_| slot("00:05", Step::ExportProducts, outcome)).collect();
        let message = renderer(Locale::Ko).parent(&Board { day: date(2026, 10, 6), slots });
        crate::slack::blocks::tests::assert_within_limits(&message);
        assert!(message.text.contains("… 외 "), "{}", message.text);
    }
}
