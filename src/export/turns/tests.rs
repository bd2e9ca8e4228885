use std::thread;

use super::*;
use crate::{
    ep::row::{FEED_COLUMNS, unchecked},
    export::{cap::Cap, outcome::Outcome},
    feed_store::MIN_PART,
    report::Fingerprint,
};

/// Turns of batches whose room is counted, in a feed of at most ten rows, all of which are published.
fn turns(replaces: bool) -> (Arc<Turns<Arc<()>>>, Keeper<Arc<()>>) {
    Turns::new(Collected::new(Cap::of(10, 10), &FEED_COLUMNS), replaces, &Progress::default())
}

/// A part with one row, of this id.
fn part(id: &str, is_last: bool) -> Judged {
    part_of([id], is_last)
}

/// A part with one row of these values.
fn part_of<'v>(values: impl IntoIterator<Item = &'v str>, is_last: bool) -> Judged {
    let mut text = String::new();
    let row = unchecked(&mut text, values, 1);
    let mut judged = Judged { elements: 1, is_last, ..Judged::default() };
    judged.and(&text, [Outcome::Row(row)]);
    judged
}

/// How many were collected so far.
fn collected(turns: &Turns<Arc<()>>) -> usize {
    turns.line().collected.as_ref().expect("nobody is at it").tally.elements as usize
}

/// The ids of the feed.
fn ids(due: Due) -> Vec<String> {
    assert!(due.is_over);
    let (_, [feed, _]) = due.collected.finish();
    let feed = String::from_utf8(feed.to_vec()).unwrap();
    feed.lines().skip(1).map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn batches_are_collected_in_their_order_whichever_is_judged_first_and_give_back_their_room() {
    let (turns, keeper) = turns(false);
    let room = Arc::new(());
    let [mut first, mut second, mut third] = [(); 3].map(|()| turns.place(Arc::clone(&room)));
    turns.end();
    assert!(third.hand_on(part("3", true)));
    third.end();
    assert!(second.hand_on(part("2a", false)));
    assert_eq!((collected(&turns), Arc::strong_count(&room)), (0, 4));
    assert!(first.hand_on(part("1", true)));
    assert_eq!(collected(&turns), 0, "its batch is held still");
    first.end();
    // Of the second one a part is still to come.
    assert_eq!((collected(&turns), Arc::strong_count(&room)), (2, 3));
    assert!(second.hand_on(part("2b", true)));
    second.end();
    assert_eq!((collected(&turns), Arc::strong_count(&room)), (4, 1));
    assert_eq!(ids(keeper.next().await.ok().unwrap()), ["1", "2a", "2b", "3"]);
}

#[tokio::test]
async fn who_is_far_ahead_of_their_turn_waits_for_it() {
    let (turns, keeper) = turns(false);
    let [mut first, mut second] = [(); 2].map(|()| turns.place(Arc::default()));
    turns.end();
    let ahead = thread::spawn(move || {
        for id in ["2a", "2b", "2c", "2d"] {
            assert!(second.hand_on(part(id, id == "2d")));
        }
        second.end();
    });
    await_blocked(&turns);
    assert_eq!(turns.line().batches[1].parts.len(), PARTS);
    assert!(first.hand_on(part("1", true)));
    first.end();
    ahead.join().unwrap();
    assert_eq!(ids(keeper.next().await.ok().unwrap()), ["1", "2a", "2b", "2c", "2d"]);
}

/// Until a judge waits.
fn await_blocked(turns: &Turns<Arc<()>>) {
    while turns.line().blocked == 0 {
        thread::yield_now();
    }
}

#[tokio::test]
async fn nothing_is_collected_until_what_is_due_was_seen_to() {
    let (turns, keeper) = turns(true);
    let mut only = turns.place(Arc::default());
    turns.end();
    assert!(only.hand_on(part("1", false)));
    assert!(only.hand_on(part("2", true)));
    only.end();
    assert_eq!(collected(&turns), 0);
    let Due { mut collected, more, is_over } = keeper.next().await.ok().unwrap();
    assert_eq!((more, is_over), (1, false));
    collected.cap.expect(0);
    keeper.go_on(collected);
    assert_eq!(ids(keeper.next().await.ok().unwrap()), ["1", "2"]);
}

#[tokio::test]
async fn a_batch_whose_judge_died_is_lost_and_not_over() {
    let (turns, keeper) = turns(false);
    let mut only = turns.place(Arc::default());
    turns.end();
    assert!(only.hand_on(part("1", false)));
    drop(only);
    assert_eq!(keeper.next().await.err(), Some(Lost));
}

#[tokio::test]
async fn a_judge_that_died_over_what_it_collected_is_noticed_whosever_part_it_was() {
    for own in [true, false] {
        let (turns, keeper) = turns(false);
        let [mut first, mut second] = [(); 2].map(|()| turns.place(Arc::default()));
        turns.end();
        let mut broken = part("1", true);
        // Its row is in no text.
        broken.text = Default::default();
        let [one, other] = if own { [broken, part("2", true)] } else { [part("1", true), broken] };
        assert!(second.hand_on(other));
        second.end();
        let died = thread::spawn(move || {
            assert!(first.hand_on(one));
            first.end();
        });
        assert!(died.join().is_err());
        assert_eq!(keeper.next().await.err(), Some(Lost), "{own}");
    }
}

#[tokio::test]
async fn a_full_part_goes_on_its_way_before_anything_else_is_collected() {
    let (turns, keeper) = turns(false);
    let mut only = turns.place(Arc::default());
    turns.end();
    let large = "x".repeat(MIN_PART / 2);
    let (wanted, expected) = (["1", "2", "3", "4", "5", "6", "7", "8", "9"], "1 2 3 4 5 6 7 8 9");
    let judge = thread::spawn({
        let large = large.clone();
        move || {
            for id in wanted {
                assert!(only.hand_on(part_of([id, &large], id == "9")));
            }
            only.end();
        }
    });
    let (mut parts, mut sum) = (Vec::new(), Vec::new());
    let finished = loop {
        let Due { mut collected, is_over, .. } = keeper.next().await.ok().unwrap();
        let [feed, excluded] = collected.parts();
        assert_eq!(excluded, None);
        parts.extend(feed);
        if is_over {
            break collected.finish();
        }
        assert_eq!(collected.parts(), [None, None]);
        keeper.go_on(collected);
    };
    judge.join().unwrap();
    // Two rows are more than a part needs.
    assert_eq!(parts.iter().map(|part| part.len() / MIN_PART).collect::<Vec<_>>(), [1; 4]);
    let (finished, [last, _]) = finished;
    parts.push(last);
    parts.iter().for_each(|part| sum.extend_from_slice(part));
    assert_eq!(finished.file, Fingerprint::of(&sum));
    let feed = String::from_utf8(sum).unwrap();
    let ids: Vec<_> = feed.lines().skip(1).map(|line| &line[..1]).collect();
    assert_eq!(ids.join(" "), expected);
}

#[test]
fn once_nobody_keeps_the_build_no_judge_waits_any_more() {
    let (turns, keeper) = turns(false);
    let [mut first, mut second] = [(); 2].map(|()| turns.place(Arc::default()));
    for _ in 0..PARTS {
        assert!(second.hand_on(part("2", false)));
    }
    let waits = thread::spawn(move || second.hand_on(part("2", true)));
    await_blocked(&turns);
    drop(keeper);
    assert!(!waits.join().unwrap(), "nobody takes it");
    assert!(!first.hand_on(part("1", true)));
}
