use std::{sync::mpsc, thread, time::Duration};

use super::*;
use crate::{
    ep::row::{FEED_COLUMNS, unchecked},
    export::{cap::Cap, outcome::Outcome},
};

/// Turns of batches whose room is counted, in a feed of at most ten rows, all of which are published.
fn turns(replaces: bool) -> (Arc<Turns<Arc<()>>>, Keeper<Arc<()>>) {
    Turns::new(Collected::new(Cap::of(10, 10), &FEED_COLUMNS), replaces, &Progress::default())
}

/// A part with one row, of this id.
fn part(id: &str, is_last: bool) -> Judged {
    let mut text = String::new();
    let row = unchecked(&mut text, [id], 1);
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
    assert!(second.hand_on(part("2a", false)));
    assert_eq!((collected(&turns), Arc::strong_count(&room)), (0, 4));
    assert!(first.hand_on(part("1", true)));
    // Of the second one a part is still to come.
    assert_eq!((collected(&turns), Arc::strong_count(&room)), (2, 3));
    assert!(second.hand_on(part("2b", true)));
    assert_eq!((collected(&turns), Arc::strong_count(&room)), (4, 1));
    assert_eq!(ids(keeper.next().await.ok().unwrap()), ["1", "2a", "2b", "3"]);
}

#[tokio::test]
async fn who_is_far_ahead_of_their_turn_waits_for_it() {
    let (turns, keeper) = turns(false);
    let [mut first, mut second] = [(); 2].map(|()| turns.place(Arc::default()));
    turns.end();
    let (tell, told) = mpsc::channel();
    let ahead = thread::spawn(move || {
        for (nth, id) in ["2a", "2b", "2c", "2d"].into_iter().enumerate() {
            assert!(second.hand_on(part(id, id == "2d")));
            tell.send(nth).unwrap();
        }
    });
    for _ in 0..PARTS {
        told.recv().unwrap();
    }
    assert!(told.recv_timeout(Duration::from_millis(100)).is_err(), "more parts wait than may");
    assert!(first.hand_on(part("1", true)));
    ahead.join().unwrap();
    assert_eq!(ids(keeper.next().await.ok().unwrap()), ["1", "2a", "2b", "2c", "2d"]);
}

#[tokio::test]
async fn nothing_is_collected_until_what_is_due_was_seen_to() {
    let (turns, keeper) = turns(true);
    let mut only = turns.place(Arc::default());
    turns.end();
    assert!(only.hand_on(part("1", false)));
    assert!(only.hand_on(part("2", true)));
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

#[test]
fn once_nobody_keeps_the_build_no_judge_waits_any_more() {
    let (turns, keeper) = turns(false);
    let [mut first, mut second] = [(); 2].map(|()| turns.place(Arc::default()));
    for _ in 0..PARTS {
        assert!(second.hand_on(part("2", false)));
    }
    let waits = thread::spawn(move || second.hand_on(part("2", true)));
    while turns.line().blocked == 0 {
        thread::yield_now();
    }
    drop(keeper);
    assert!(!waits.join().unwrap(), "nobody takes it");
    assert!(!first.hand_on(part("1", true)));
}
