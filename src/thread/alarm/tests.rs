//! The rules as tables: each line is a case.

use Calls::{Channel, Named, Nobody};
use MentionWhen::{Always, Problems};
use Origin::{Forced, Manual, Scheduled};
use Status::{Fail, Held, Ok, Warn};

use super::*;

const MAY: Found = Found::Failure { retryable: true };
const WILL_NOT: Found = Found::Failure { retryable: false };

const fn verdict(status: Status) -> Found {
    Found::Verdict(status)
}

fn stood(status: Status, could_not: bool, is_today: bool, causes: &[&str]) -> Stood {
    let causes = causes.iter().map(|cause| (*cause).to_owned()).collect();
    Stood {
        at: Timestamp::UNIX_EPOCH,
        is_today,
        outcome: SlotOutcome { could_not, causes, ..SlotOutcome::new(status) },
    }
}

#[test]
#[rustfmt::skip]
fn what_people_were_called_for_today_calls_nobody_and_a_new_cause_does() {
    let (today, yesterday) = (true, false);
    let (good, a, b) = (|day| stood(Ok, false, day, &[]), |day| stood(Held, false, day, &["a"]), |day| stood(Fail, false, day, &["b"]));
    for (what, causes, before, same, quiet) in [
        ("the first",                          &["a"][..],  vec![],                                false, false),
        ("after a good one",                   &["a"],      vec![good(today), a(today)],           false, false),
        ("the same on the same day",           &["a"],      vec![a(today), good(today)],           true,  true),
        ("the third on the same day",          &["a"],      vec![a(today), a(today)],              true,  true),
        ("the same on a new day",              &["a"],      vec![a(yesterday)],                    true,  false),
        ("the second on a new day",            &["a"],      vec![a(today), a(yesterday)],          true,  true),
        ("another cause",                      &["b"],      vec![a(today)],                        false, false),
        ("one more cause",                     &["a", "b"], vec![a(today)],                        false, false),
        ("both were told, one after another",  &["a", "b"], vec![b(today), a(today)],              true,  true),
        ("one of them yesterday",              &["a", "b"], vec![b(today), a(yesterday)],          true,  false),
        ("nobody was told before",             &["a"],      vec![stood(Held, false, today, &[])],  false, false),
        ("a version before noted no causes",   &[],         vec![a(today)],                        false, false),
    ] {
        let causes: Vec<String> = causes.iter().map(|cause| (*cause).to_owned()).collect();
        let is_the_same = standing(&causes, &before).is_some_and(|standing| standing.is_the_same);
        assert_eq!((is_the_same, was_told_today(Held, &causes, &before)), (same, quiet), "{what}");
    }
    let at = |text: &str, status| Stood { at: text.parse().unwrap(), ..stood(status, false, true, &["a"]) };
    let before = [at("2026-10-06T06:00:00Z", Fail), at("2026-10-05T15:05:00Z", Held), at("2026-10-05T06:00:00Z", Ok)];
    assert_eq!(standing(&[], &before).unwrap().since, before[1].at, "back to the first that was not good");
    let mut before = before;
    before[0].outcome.since = Some("2026-09-30T15:05:00Z".parse().unwrap());
    assert_eq!(standing(&[], &before).unwrap().since, before[0].outcome.since.unwrap(), "as far back as is noted");
}

#[test]
#[rustfmt::skip]
fn what_is_worth_a_look_is_news_once_a_day() {
    let (warned, good, worse) = (|day| stood(Warn, false, day, &["a"]), stood(Ok, false, true, &[]), |day| stood(Fail, false, day, &["a"]));
    for (what, status, causes, before, known) in [
        ("the first",                            Warn, &["a"][..],  vec![],                     false),
        ("the same on the same day",             Warn, &["a"],      vec![warned(true)],         true),
        ("another one",                          Warn, &["b"],      vec![warned(true)],         false),
        ("one more",                             Warn, &["a", "b"], vec![warned(true)],         false),
        ("a good run between",                   Warn, &["a"],      vec![good, warned(true)],   false),
        ("the same on a new day",                Warn, &["a"],      vec![warned(false)],        false),
        ("it was bad and is only worth a look",  Warn, &["a"],      vec![worse(true)],          true),
        ("it was worth a look and is bad now",   Fail, &["a"],      vec![warned(true)],         false),
        ("a version before noted no causes",     Warn, &["a"],      vec![stood(Warn, false, true, &[])], false),
    ] {
        let causes: Vec<String> = causes.iter().map(|cause| (*cause).to_owned()).collect();
        assert_eq!(was_told_today(status, &causes, &before), known, "{what}");
    }
}

#[test]
#[rustfmt::skip]
fn a_known_verdict_stands_in_the_thread_alone() {
    for (what, found, mention, names, calls) in [
        ("a hold",                          verdict(Held), Always,   false, Nobody),
        ("a broken feed",                   verdict(Fail), Always,   false, Nobody),
        ("a failure that is final",         WILL_NOT,      Always,   true,  Channel),
        ("a good run with such names",      verdict(Ok),   Always,   true,  Named),
        ("a warning, as every report",      verdict(Warn), Always,   true,  Named),
        ("a warning, problems only",        verdict(Warn), Problems, false, Nobody),
    ] {
        let news = News { origin: Scheduled, attempt: 1, found, turn: Turn::None, mention: Some(mention), is_known: true, earlier: None };
        assert_eq!((news.names(), news.calls()), (names, calls), "{what}");
        assert_eq!(news.is_alarm(), found == WILL_NOT, "{what}");
    }
}

#[test]
#[rustfmt::skip]
fn a_first_message_calls_whom_it_concerns() {
    let (a, p, no) = (Some(Always), Some(Problems), None);
    for (what, origin, attempt, found, turn, mention, names, calls) in [
        ("a good run",                           Scheduled, 1, verdict(Ok),   Turn::None,      a,  true,  Named),
        ("a good run, problems only",            Scheduled, 1, verdict(Ok),   Turn::None,      p,  false, Nobody),
        ("a good run, nobody to name",           Scheduled, 1, verdict(Ok),   Turn::None,      no, false, Nobody),
        ("a good run by hand",                   Manual,    1, verdict(Ok),   Turn::None,      a,  true,  Named),
        ("a warning",                            Scheduled, 1, verdict(Warn), Turn::None,      p,  true,  Named),
        ("a warning, nobody to name",            Scheduled, 1, verdict(Warn), Turn::None,      no, false, Nobody),
        ("a hold",                               Scheduled, 1, verdict(Held), Turn::None,      p,  true,  Channel),
        ("a hold, nobody to name",               Scheduled, 1, verdict(Held), Turn::None,      no, false, Channel),
        ("a hold of a forced run",               Forced,    1, verdict(Held), Turn::None,      p,  true,  Channel),
        ("a hold by hand",                       Manual,    1, verdict(Held), Turn::None,      p,  true,  Channel),
        ("the feed is broken still",             Scheduled, 1, verdict(Fail), Turn::None,      p,  true,  Named),
        ("still, nobody to name",                Scheduled, 1, verdict(Fail), Turn::None,      no, false, Nobody),
        ("the feed is broken now",               Scheduled, 1, verdict(Fail), Turn::Broken,    p,  true,  Channel),
        ("it is good again",                     Scheduled, 1, verdict(Ok),   Turn::Recovered, p,  false, Channel),
        ("good again with a warning",            Scheduled, 1, verdict(Warn), Turn::Recovered, p,  true,  Channel),
        ("good again by hand, nobody to name",   Manual,    1, verdict(Ok),   Turn::Recovered, no, false, Channel),
        ("a failure that mends itself",          Scheduled, 1, MAY,           Turn::None,      a,  false, Nobody),
        ("the second time",                      Scheduled, 2, MAY,           Turn::None,      a,  false, Nobody),
        ("the third time",                       Scheduled, 3, MAY,           Turn::None,      p,  true,  Named),
        ("the third time, nobody to name",       Scheduled, 3, MAY,           Turn::None,      no, false, Nobody),
        ("the last time but one",                Scheduled, 5, MAY,           Turn::None,      a,  true,  Named),
        ("the last time",                        Scheduled, 6, MAY,           Turn::None,      a,  true,  Channel),
        ("the last time, nobody to name",        Scheduled, 6, MAY,           Turn::None,      no, false, Channel),
        ("the last time of a forced run",        Forced,    6, MAY,           Turn::None,      a,  true,  Channel),
        ("after the last time",                  Scheduled, 7, MAY,           Turn::None,      a,  true,  Channel),
        ("by hand nothing is the last",          Manual,    6, MAY,           Turn::None,      a,  true,  Named),
        ("by hand for the first time",           Manual,    1, MAY,           Turn::None,      a,  false, Nobody),
        ("a failure that mends itself never",    Scheduled, 1, WILL_NOT,      Turn::None,      p,  true,  Channel),
        ("never, nobody to name",                Scheduled, 1, WILL_NOT,      Turn::None,      no, false, Channel),
        ("never, by hand",                       Manual,    1, WILL_NOT,      Turn::None,      a,  true,  Channel),
    ] {
        let news = News { origin, attempt, found, turn, mention, is_known: false, earlier: None };
        assert_eq!((news.names(), news.calls(), news.must_be_new()), (names, calls, true), "{what}");
        let is_trouble = !matches!(found, Found::Verdict(Ok | Warn));
        assert_eq!(news.is_alarm(), is_trouble && calls != Nobody, "{what}");
    }
}

#[test]
#[rustfmt::skip]
fn a_message_makes_room_only_where_an_edit_would_call_too_few() {
    let (a, p, no) = (Some(Always), Some(Problems), None);
    for (what, attempt, found, turn, mention, earlier, calls, new) in [
        ("a failure again",                       2, MAY,           Turn::None,      a,  (Nobody,  Fail), Nobody,  false),
        ("the third names somebody",              3, MAY,           Turn::None,      a,  (Nobody,  Fail), Named,   true),
        ("the third has nobody to name",          3, MAY,           Turn::None,      no, (Nobody,  Fail), Nobody,  false),
        ("the fourth named them already",         4, MAY,           Turn::None,      a,  (Named,   Fail), Named,   false),
        ("the last calls the channel",            6, MAY,           Turn::None,      a,  (Named,   Fail), Channel, true),
        ("after the last it was called",          7, MAY,           Turn::None,      a,  (Channel, Fail), Channel, false),
        ("a final failure after a passing one",   2, WILL_NOT,      Turn::None,      a,  (Nobody,  Fail), Channel, true),
        ("a passing one after a final one",       2, MAY,           Turn::None,      a,  (Channel, Fail), Nobody,  false),
        ("a hold after a failure",                2, verdict(Held), Turn::None,      a,  (Nobody,  Fail), Channel, true),
        ("a hold after an alarm",                 7, verdict(Held), Turn::None,      a,  (Channel, Fail), Channel, false),
        ("the same hold once more",               2, verdict(Held), Turn::None,      a,  (Channel, Held), Channel, false),
        ("a broken feed after a failure",         2, verdict(Fail), Turn::Broken,    a,  (Named,   Fail), Channel, true),
        ("a broken feed that was told",           2, verdict(Fail), Turn::Broken,    a,  (Channel, Fail), Channel, false),
        ("broken still after a failure",          2, verdict(Fail), Turn::None,      a,  (Nobody,  Fail), Named,   true),
        ("broken still, named before",            4, verdict(Fail), Turn::None,      a,  (Named,   Fail), Named,   false),
        ("good after a failure, edited",          2, verdict(Ok),   Turn::None,      p,  (Nobody,  Fail), Nobody,  false),
        ("good, though it names more",            2, verdict(Ok),   Turn::None,      a,  (Nobody,  Fail), Named,   false),
        ("a warning names more",                  2, verdict(Warn), Turn::None,      p,  (Nobody,  Fail), Named,   true),
        ("a warning, named before",               4, verdict(Warn), Turn::None,      p,  (Named,   Fail), Named,   false),
        ("good after this run's alarm",           7, verdict(Ok),   Turn::None,      a,  (Channel, Fail), Channel, true),
        ("a warning after this run's alarm",      7, verdict(Warn), Turn::None,      a,  (Channel, Fail), Channel, true),
        ("the end of an alarm, told already",     8, verdict(Ok),   Turn::None,      a,  (Channel, Ok),   Channel, false),
        ("the same with a warning",               8, verdict(Warn), Turn::None,      a,  (Channel, Ok),   Channel, false),
        ("good again after the run before",       2, verdict(Ok),   Turn::Recovered, p,  (Nobody,  Fail), Channel, true),
        ("good again, told already",              2, verdict(Ok),   Turn::Recovered, p,  (Channel, Ok),   Channel, false),
        ("good again, this run's alarm between",  7, verdict(Ok),   Turn::Recovered, p,  (Channel, Fail), Channel, true),
        ("what was under way is held",            1, verdict(Held), Turn::None,      a,  (Named,   Ok),   Channel, true),
        ("what was under way is good",            1, verdict(Ok),   Turn::None,      a,  (Named,   Ok),   Named,   false),
        ("under way, good again",                 1, verdict(Ok),   Turn::Recovered, a,  (Named,   Ok),   Channel, true),
    ] {
        let news = News { origin: Scheduled, attempt, found, turn, mention, is_known: false, earlier: Some(earlier) };
        assert_eq!((news.calls(), news.must_be_new()), (calls, new), "{what}");
    }
}

#[test]
#[rustfmt::skip]
fn a_turn_is_what_the_channel_has_not_heard() {
    let stood = |(status, could_not)| stood(status, could_not, true, &[]);
    let (good, warned, held, broken) = ((Ok, false), (Warn, false), (Held, false), (Fail, false));
    let could_not = (Fail, true);
    for (what, status, before, origin, expected) in [
        ("good as before",                          Ok,   vec![good],              Scheduled, Turn::None),
        ("a warning as before",                     Warn, vec![warned],            Scheduled, Turn::None),
        ("good, the very first",                    Ok,   vec![],                  Scheduled, Turn::None),
        ("good after a broken one",                 Ok,   vec![broken, good],      Scheduled, Turn::Recovered),
        ("a warning after a broken one",            Warn, vec![broken],            Scheduled, Turn::Recovered),
        ("good after a hold",                       Ok,   vec![held],              Scheduled, Turn::Recovered),
        ("good by hand after a hold",               Ok,   vec![held],              Manual,    Turn::Recovered),
        ("good after one that could not be made",   Ok,   vec![could_not, good],   Scheduled, Turn::Recovered),
        ("good, broken longer ago",                 Ok,   vec![good, broken],      Scheduled, Turn::None),
        ("broken after a good one",                 Fail, vec![good, broken],      Scheduled, Turn::Broken),
        ("broken after a warning, by hand",         Fail, vec![warned],            Manual,    Turn::Broken),
        ("broken as before",                        Fail, vec![broken, good],      Scheduled, Turn::None),
        ("broken after a hold",                     Fail, vec![held],              Scheduled, Turn::None),
        ("found nothing out between, good before",  Fail, vec![could_not, good],   Scheduled, Turn::Broken),
        ("found nothing out between, broken before", Fail, vec![could_not, broken], Scheduled, Turn::None),
        ("only ones that found nothing out",        Fail, vec![could_not],         Scheduled, Turn::Broken),
        ("the same by hand",                        Fail, vec![could_not],         Manual,    Turn::None),
        ("broken, the very first",                  Fail, vec![],                  Scheduled, Turn::Broken),
        ("the very first by hand",                  Fail, vec![],                  Manual,    Turn::None),
        ("the very first of a forced run",          Fail, vec![],                  Forced,    Turn::None),
    ] {
        let before: Vec<_> = before.into_iter().map(stood).collect();
        assert_eq!(turn(status, &[], &before, origin), expected, "{what}");
    }
    let (hold, own) = (["held_back".to_owned()], ["reachable".to_owned()]);
    let found = |causes: &[String]| Stood {
        outcome: SlotOutcome { causes: causes.to_vec(), ..SlotOutcome::new(Fail) },
        ..super::tests::stood(Fail, false, true, &[])
    };
    for (what, status, causes, before, expected) in [
        ("what follows from a hold",            Fail, &hold[..], vec![],           Turn::None),
        ("the end of what followed from one",   Ok,   &[],       vec![found(&hold)], Turn::None),
        ("broken while a build is held",        Fail, &own,      vec![found(&hold)], Turn::Broken),
        ("mended while a build is held",        Fail, &hold,     vec![found(&own)],  Turn::Recovered),
    ] {
        assert_eq!(turn(status, causes, &before, Scheduled), expected, "{what}");
    }
}

#[test]
fn attempts_are_counted_where_the_scheduler_makes_them() {
    for (attempt, told) in [(2, false), (3, true), (6, true), (7, true)] {
        assert_eq!(tells_broken_off(attempt), told, "{attempt}");
    }
    for (origin, attempt, last) in [
        (Scheduled, 5, false),
        (Scheduled, 6, true),
        (Forced, 7, true),
        (Manual, 1, false),
        (Manual, 6, false),
    ] {
        assert_eq!(is_last(origin, attempt), last, "{origin:?} {attempt}");
    }
}
