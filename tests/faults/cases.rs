//! All cases: every call that a scenario makes when nothing fails, times every fault that the call can have, times
//! what can come after.

use std::io::Write as _;

use crate::{
    driver::Then,
    instance::Fault,
    matrix::{Case, Played, play, set_up},
    scenarios::Scenario,
};

/// Which faults a call can have at all; a fault that is the same as another is not counted twice.
fn possible(op: &str, fault: Fault) -> bool {
    match fault {
        // The other stores' clients wait by themselves when they are told to.
        Fault::LandsLate | Fault::DiesInFlight => op.starts_with("chat.post"),
        Fault::RateLimited => op.starts_with("chat.") || op.starts_with("web."),
        Fault::Nonsense => {
            op.starts_with("state.")
                || op.starts_with("web.")
                || ["chat.find", "chat.permalink", "feed.read", "feed.published"]
                    .iter()
                    .any(|o| op.starts_with(o))
        }
        _ => true,
    }
}

/// The scenarios that differ from another one in a part only are played with what that part is about.
fn continuations(scenario: Scenario) -> &'static [Then] {
    use Then::{AfterMidnight, Duplicate, FailsTwice, Overtaken, Retries};
    match scenario {
        // From one midnight to the next is as long as a tick is taken.
        Scenario::Midnight => &[Retries, FailsTwice, Duplicate],
        Scenario::Verify => &[Retries, FailsTwice, Duplicate, AfterMidnight],
        Scenario::Export => &[Retries, FailsTwice, Duplicate, AfterMidnight, Overtaken],
        Scenario::FirstExport
        | Scenario::DeletedThread
        | Scenario::FailedExport
        | Scenario::ClosedEdits
        | Scenario::NoRemovals
        | Scenario::Forced => &[Retries],
    }
}

/// Plays all cases of a scenario and gives their number.
fn matrix(scenario: Scenario) -> usize {
    let setup = set_up(scenario);
    let undisturbed = play(&Case { scenario, strike: None, then: Then::Retries }, &setup, None);
    assert_eq!(
        undisturbed.violations,
        Vec::<String>::new(),
        "{scenario:?} undisturbed\n{}",
        undisturbed.course
    );
    for _ in 0..5 {
        let again = play(&Case { scenario, strike: None, then: Then::Retries }, &setup, None);
        assert_eq!(again.calls, undisturbed.calls, "{scenario:?} is not the same each time");
    }
    let (mut count, mut red) = (0, Vec::new());
    for (op, calls) in &undisturbed.calls {
        for nth in 0..*calls {
            for fault in Fault::ALL.into_iter().filter(|fault| possible(op, *fault)) {
                for &then in continuations(scenario) {
                    let case = Case { scenario, strike: Some((op.clone(), nth, fault)), then };
                    let played = play(&case, &setup, None);
                    // Another course need not make each call.
                    assert!(played.struck || then != Then::Retries, "{case:?} did not strike");
                    count += usize::from(played.struck);
                    if !played.violations.is_empty() {
                        red.push((case, played));
                    }
                }
            }
        }
    }
    report(scenario, count, &red);
    count
}

fn report(scenario: Scenario, count: usize, red: &[(Case, Played)]) {
    // Straight to the terminal: the count is to be seen of a test that passes, too.
    let mut out = std::io::stderr().lock();
    writeln!(out, "{scenario:?}: {count} cases, {} violated", red.len()).unwrap();
    for (case, played) in red {
        writeln!(out, "  {:?} {:?}: {:?}", case.strike, case.then, played.violations).unwrap();
    }
    if let Some((case, played)) = red.first() {
        panic!("{case:?}: {:#?}\n{}", played.violations, played.course);
    }
}

macro_rules! scenarios {
    ($($name:ident: $scenario:ident, at least $least:literal;)*) => {$(
        #[test]
        fn $name() {
            assert!(matrix(Scenario::$scenario) >= $least, "cases went missing");
        }
    )*};
}

scenarios! {
    midnight_survives_everything: Midnight, at least 100;
    the_first_export_survives_everything: FirstExport, at least 100;
    an_export_survives_everything: Export, at least 100;
    an_export_whose_source_failed_survives_everything: FailedExport, at least 100;
    an_export_after_the_thread_was_deleted_survives_everything: DeletedThread, at least 100;
    an_export_survives_everything_where_edits_are_closed: ClosedEdits, at least 100;
    an_export_survives_everything_where_removals_are_forbidden: NoRemovals, at least 100;
    a_forced_export_survives_everything: Forced, at least 100;
    a_verification_survives_everything: Verify, at least 100;
}
