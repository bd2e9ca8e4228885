//! Slots, matched and due, also on days on which clocks change.

use super::*;

fn default() -> Schedule {
    Schedule::parse(DEFAULT, "Asia/Seoul").unwrap()
}

#[test]
fn a_day_has_seven_slots() {
    let schedule = default();
    let day: Date = "2026-10-06".parse().unwrap();
    let slots: Vec<_> =
        schedule.slots(day).iter().map(|s| format!("{} {}", schedule.time_of(s.at), s.step)).collect();
    assert_eq!(
        slots,
        [
            "00:00 create-thread",
            "00:05 export-products",
            "00:50 verify-ep",
            "09:50 verify-ep",
            "13:50 verify-ep",
            "15:00 export-products",
            "17:50 verify-ep"
        ]
    );
}

#[test]
fn the_newest_due_slot_may_be_of_yesterday() {
    let schedule = default();
    let cases = [
        ("2026-10-05T15:04:59Z", "2026-10-05T06:00:00Z"),
        ("2026-10-05T15:05:00Z", "2026-10-05T15:05:00Z"),
        ("2026-10-06T06:00:01Z", "2026-10-06T06:00:00Z"),
    ];
    for (now, expected) in cases {
        let found = schedule.newest_due(Step::ExportProducts, now.parse().unwrap(), &Known::default());
        assert_eq!(found, Some(expected.parse().unwrap()), "{now}");
    }
    assert_eq!(schedule.day_of("2026-10-05T15:00:00Z".parse().unwrap()).to_string(), "2026-10-06");
}

#[test]
fn a_wrong_schedule_says_which_part() {
    let cases = [
        ("verify@0 0 * * *", "\"verify\" is no route"),
        ("verify-ep 0 0 * * *", "expected route@cron"),
        ("verify-ep@0 0 * *", "expected five cron fields"),
        ("verify-ep@61 0 * * *", "holds no cron expression"),
        (" ; ", "at least one"),
    ];
    for (text, part) in cases {
        let error = Schedule::parse(text, "Asia/Seoul").unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
    assert!(Schedule::parse(DEFAULT, "Mars/Base").unwrap_err().contains("Mars/Base"));
}

fn in_new_york(text: &str) -> Schedule {
    Schedule::parse(text, "America/New_York").unwrap()
}

fn local(schedule: &Schedule, day: &str, slots: impl IntoIterator<Item = DueSlot>) -> Vec<String> {
    let of_day = slots.into_iter().filter(|slot| schedule.day_of(slot.at).to_string() == day);
    of_day.map(|slot| schedule.time_of(slot.at)).collect()
}

#[test]
fn a_time_is_of_the_slot_of_its_minute() {
    let schedule = default();
    for (step, at, slot) in [
        (Step::ExportProducts, "2026-10-05T15:05:00Z", Some("2026-10-05T15:05:00Z")),
        (Step::ExportProducts, "2026-10-05T15:05:03Z", Some("2026-10-05T15:05:00Z")),
        (Step::ExportProducts, "2026-10-05T15:05:59.9Z", Some("2026-10-05T15:05:00Z")),
        (Step::ExportProducts, "2026-10-05T15:04:59Z", None),
        (Step::ExportProducts, "2026-10-05T15:06:00Z", None),
        (Step::VerifyEp, "2026-10-05T15:05:00Z", None),
        (Step::VerifyEp, "-009999-01-02T01:59:59Z", None),
        (Step::VerifyEp, "9999-12-30T22:00:00Z", None),
    ] {
        let found = schedule.slot_of(step, at.parse().unwrap());
        assert_eq!(found, slot.map(|slot| slot.parse().unwrap()), "{step} {at}");
    }
}

#[test]
fn a_slot_that_does_not_exist_or_exists_twice_on_the_day_of_a_change_is_never_due() {
    let schedule = in_new_york("export-products@30 1,2,3 * * *");
    let known = Known::default();
    for (day, all, due, changes) in [
        ("2026-03-07", vec!["01:30", "02:30", "03:30"], vec!["01:30", "02:30", "03:30"], false),
        // 02:00 is 03:00.
        ("2026-03-08", vec!["01:30", "03:30"], vec!["01:30", "03:30"], true),
        // 02:00 is 01:00 again.
        ("2026-11-01", vec!["01:30", "01:30", "02:30", "03:30"], vec!["02:30", "03:30"], true),
    ] {
        let date: Date = day.parse().unwrap();
        assert_eq!(local(&schedule, day, schedule.slots(date)), all);
        assert_eq!(local(&schedule, day, schedule.due_slots(date, &known)), due);
        assert_eq!(schedule.changes_clocks(date), changes, "{day}");
    }
    // Both of the two are the slot, whichever the Scheduler takes.
    for at in ["2026-11-01T05:30:07Z", "2026-11-01T06:30:07Z"] {
        assert!(schedule.slot_of(Step::ExportProducts, at.parse().unwrap()).is_some(), "{at}");
    }
    // The feed need not be of a slot that may not have been.
    let now = "2026-11-01T06:45:00Z".parse().unwrap();
    let newest = schedule.newest_due(Step::ExportProducts, now, &known).unwrap();
    assert_eq!(newest.to_string(), "2026-10-31T07:30:00Z");
}

#[test]
fn slots_of_a_schedule_that_has_just_changed_are_due_from_then_on() {
    let day: Date = "2026-10-06".parse().unwrap();
    let (morning, noon): (Timestamp, Timestamp) =
        ("2026-10-05T15:00:01Z".parse().unwrap(), "2026-10-06T03:00:00Z".parse().unwrap());
    let before =
        Schedule::parse("export-products@5 0 * * *;export-products@0 15 * * *", "Asia/Seoul").unwrap();
    let known = before.learn(&Known::default(), morning).unwrap();
    assert_eq!(before.learn(&known, noon), None, "nothing new");
    assert_eq!(local(&before, "2026-10-06", before.due_slots(day, &known)), ["00:05", "15:00"]);

    // At noon somebody adds 11:00 and 16:00, and writes what stays in another way.
    let after = "export-products@0 11 * * *; export-products@0  16 * * * ;export-products@5 0 * * *";
    let after = Schedule::parse(after, "Asia/Seoul").unwrap();
    let known = after.learn(&known, noon).unwrap();
    assert_eq!(local(&after, "2026-10-06", after.due_slots(day, &known)), ["00:05", "16:00"]);
    let newest = after.newest_due(Step::ExportProducts, "2026-10-06T04:00:00Z".parse().unwrap(), &known);
    assert_eq!(newest, Some("2026-10-05T15:05:00Z".parse().unwrap()), "and not of 11:00");

    // In another time zone nothing stays what it was.
    let moved = Schedule::parse("export-products@5 0 * * *", "America/New_York").unwrap();
    let known = moved.learn(&known, noon).unwrap();
    assert_eq!(moved.due_slots("2026-10-05".parse().unwrap(), &known), []);
}

#[test]
fn a_slot_that_two_entries_name_is_one() {
    let schedule = Schedule::parse("verify-ep@50 9 * * *;verify-ep@50 9,13 * * *", "Asia/Seoul").unwrap();
    assert_eq!(schedule.slots("2026-10-06".parse().unwrap()).len(), 2);
}
