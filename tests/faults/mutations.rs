//! Each invariant broken on purpose: a process whose world plays false in one way, as if the part of the code that
//! guards the invariant were not there. The matrix must turn red.

use crate::{
    driver::Then,
    instance::Fault,
    matrix::{Case, play, set_up},
    scenarios::Scenario,
};

/// What is switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutation {
    /// Nobody looks whether a message is there before it is posted again.
    BlindSearch,
    /// State is written without compare-and-set.
    LastWriterWins,
    /// Builds are copied to the public key without an announcement.
    NothingAnnounced,
    /// The order of publications is not kept.
    OrderForgotten,
    /// A run counts as told although nothing was posted.
    NothingPosted,
    /// A ts is noted that the chat did not give.
    InventedTs,
    /// A forced run is taken for the scheduled one whose time it carries.
    ForcedCountsAsScheduled,
    /// A run may take as long as it likes.
    NoDeadline,
}

/// `published.json` with every run's time forgotten.
pub fn without_order(bytes: &[u8]) -> Vec<u8> {
    let mut record: serde_json::Value = serde_json::from_slice(bytes).unwrap();
    for place in ["published", "publishing"] {
        if record[place].is_object() {
            record[place]["run_at"] = "2020-01-01T00:00:00Z".into();
        }
    }
    serde_json::to_vec(&record).unwrap()
}

#[test]
fn each_invariant_that_is_broken_on_purpose_is_seen() {
    use Mutation::*;
    let cases = [
        (1, BlindSearch, Scenario::Export, ("chat.post run", Fault::LostAnswer), Then::Retries),
        (1, LastWriterWins, Scenario::Verify, ("state.read runs", Fault::CallerLeaves), Then::Duplicate),
        (2, NothingAnnounced, Scenario::Export, ("chat.update parent", Fault::Before), Then::Retries),
        (2, OrderForgotten, Scenario::Export, ("state.write published", Fault::Before), Then::Overtaken),
        (3, NothingPosted, Scenario::Verify, ("chat.update parent", Fault::Before), Then::Retries),
        (4, InventedTs, Scenario::Verify, ("chat.update parent", Fault::Before), Then::Retries),
        (5, ForcedCountsAsScheduled, Scenario::Forced, ("chat.update parent", Fault::Before), Then::Retries),
        (6, NoDeadline, Scenario::Export, ("feed.publish", Fault::Hang), Then::Retries),
    ];
    for (invariant, mutation, scenario, (op, fault), then) in cases {
        let setup = set_up(scenario);
        let case = Case { scenario, strike: Some((op.to_owned(), 0, fault)), then };
        assert_eq!(play(&case, &setup, None).violations, Vec::<String>::new(), "{mutation:?} is not on yet");
        let seen = play(&case, &setup, Some(mutation)).violations;
        let expected = format!("{invariant}: ");
        assert!(seen.iter().any(|v| v.starts_with(&expected)), "{mutation:?} went unseen: {seen:#?}");
    }
}
