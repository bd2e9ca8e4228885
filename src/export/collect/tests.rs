use tokio::sync::mpsc;

use super::*;
use crate::{
    ep::{
        broken::Broken,
        columns::Column,
        row::{FEED_COLUMNS, unchecked},
        rules::Violation,
    },
    feed_store::{FeedKey, FolderFeed, Part},
    report::{BuildId, Fingerprint},
};

/// What became of a product, with the text of its row.
type One = (String, Outcome);

fn row(id: &str, price: u64) -> One {
    let price_text = price.to_string();
    let values = FEED_COLUMNS.iter().enumerate().map(|(at, column)| match at {
        0 => id,
        1 => "title",
        _ if *column == Column::PricePc => &price_text,
        _ => "",
    });
    let mut text = String::new();
    let row = unchecked(&mut text, values, price);
    (text, Outcome::Row(row))
}

fn left(id: &str, left: Left) -> One {
    (String::new(), Outcome::Left { who: Who { id: id.into(), name: String::new(), element: 3 }, left })
}

fn skipped(id: &str, reason: SkipReason) -> One {
    left(id, Left::skip(reason, ""))
}

fn broken(id: &str) -> One {
    left(id, Broken::of(Column::Link, Violation::NotHttp, "x").into())
}

fn judged(all: Vec<One>) -> Judged {
    let mut judged = Judged { elements: all.len(), ..Judged::default() };
    all.into_iter().for_each(|(text, outcome)| judged.and(&text, [outcome]));
    judged
}

/// A collection's result: the ids of the feed, the lines of the excluded file, and the counts.
async fn collect(
    most: u64,
    published: Option<(&FolderFeed, &BuildInfo)>,
    batches: Vec<Vec<One>>,
) -> (Vec<String>, Vec<String>, Finished) {
    let mut collected =
        Collected::new(Cap::of(most, published.map_or(0, |(_, published)| published.rows)), &FEED_COLUMNS);
    for outcomes in batches {
        if let Some((store, published)) = published {
            collected.reserve(outcomes.len(), store, published).await;
        }
        collected.take(judged(outcomes));
    }
    collected.close();
    let (finished, files) = collected.finish();
    assert!(finished.tally.funnel.adds_up(), "{:?}", finished.tally.funnel);
    let [feed, excluded] = files.map(|file| {
        let text = String::from_utf8(file.to_vec()).unwrap();
        text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    });
    let ids = feed.iter().map(|line| line.split('\t').next().unwrap().to_owned()).collect();
    (ids, excluded, finished)
}

fn store(folder: &tempfile::TempDir) -> FolderFeed {
    FolderFeed::new(
        folder.path().to_owned(),
        &crate::config::stores::FeedFileName::parse("feed.tsv").unwrap(),
    )
}

#[test]
fn where_no_more_ids_can_be_told_apart_the_others_find_no_room() {
    let mut collected = Collected::new(Cap::of(10, 0), &FEED_COLUMNS);
    collected.index = RowIndex::of_most(3);
    let outcomes = vec![
        row("1", 1),
        skipped("2", SkipReason::NoPrice),
        row("3", 1),
        row("4", 1),
        broken("5"),
        row("1", 1),
        row("2", 1),
    ];
    collected.take(judged(outcomes));
    collected.close();
    let funnel = collected.finish().0.tally.funnel;
    assert!(funnel.adds_up());
    assert_eq!(
        (funnel.kept, funnel.duplicates, funnel.skipped[&SkipReason::OverCap]),
        (3, 2, 1),
        "{funnel:?}"
    );
}

#[tokio::test]
async fn each_id_is_in_one_count_whatever_its_copies_are_like() {
    use SkipReason::{NoPrice, NotSellable};
    for (what, outcomes, kept, duplicates, skipped_ids, broken_ids, stale) in [
        (
            "a copy after the row",
            vec![row("1", 5), row("1", 6), broken("1"), skipped("1", NoPrice)],
            1,
            3,
            0,
            0,
            false,
        ),
        ("a row after copies", vec![broken("1"), skipped("1", NoPrice), row("1", 5)], 1, 2, 0, 0, true),
        (
            "no row at all",
            vec![skipped("1", NotSellable), broken("1"), skipped("1", NoPrice)],
            0,
            2,
            1,
            0,
            false,
        ),
        ("broken first", vec![broken("1"), skipped("1", NoPrice)], 0, 1, 0, 1, false),
        ("ids that differ by spaces", vec![row("a b", 5), row("ab", 5), broken(" a b")], 1, 2, 0, 0, false),
        ("without ids", vec![broken(""), broken(""), skipped("", NoPrice)], 0, 0, 1, 2, false),
    ] {
        let (ids, excluded, finished) = collect(10, None, vec![outcomes]).await;
        let funnel = &finished.tally.funnel;
        let counts = (funnel.kept, funnel.duplicates, funnel.skipped_total(), funnel.broken_total());
        assert_eq!(counts, (kept, duplicates, skipped_ids, broken_ids), "{what}");
        assert_eq!((ids.len() as u64, finished.excluded_is_stale), (kept, stale), "{what}");
        let told = excluded.len() as u64 - u64::from(stale);
        assert_eq!(told, funnel.skipped_total() + funnel.broken_total(), "{what}: {excluded:?}");
    }
}

#[tokio::test]
async fn what_has_neither_id_nor_name_is_told_by_its_place() {
    let batches = vec![vec![row("1", 1), row("2", 1)], vec![broken("")]];
    let (_, excluded, _) = collect(10, None, batches).await;
    assert_eq!(
        excluded,
        ["\telement 6\tnot_http\tlink\tx"],
        "two elements before, and the fourth of its batch"
    );
}

/// Stores a build of rows with these ids.
async fn publish(store: &FolderFeed, ids: &[&str]) -> BuildInfo {
    let build = BuildId::parse("20261006-000503-k3x9").unwrap();
    let text = format!(
        "{}\n{}",
        FEED_COLUMNS.map(Column::name).join("\t"),
        ids.iter().map(|id| format!("{id}\tx\t1\n")).collect::<String>()
    );
    let (sender, parts) = mpsc::channel(2);
    let bytes = text.len() as u64;
    sender.send(Part::Data(text.into())).await.unwrap();
    sender.send(Part::End).await.unwrap();
    drop(sender);
    store.write(&FeedKey::Build(build.clone()), parts).await.unwrap();
    BuildInfo { build, rows: ids.len() as u64, file: Fingerprint { bytes, sha256: String::new() } }
}

#[tokio::test]
async fn at_the_cap_what_was_published_stays_and_the_rest_comes_first_come_first_served() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let published = publish(&store, &["c", "d", "e"]).await;
    for (what, most, rows, kept) in [
        ("room for all", 9, "a b c d e", "a b c d e"),
        ("no room for the last new ones", 4, "a b x c d e", "a c d e"),
        ("one that was published is gone", 4, "a b x c e", "a c e b"),
        ("all that was published is gone", 2, "a b x y", "a b"),
        ("the cap was lowered", 2, "a c d e", "c d"),
        ("repeats take no room", 4, "a a c c d e b b", "a c d e"),
    ] {
        let before = Some((&store, &published));
        // One product a batch, so that the cap is met between any two.
        let batches = rows.split(' ').map(|id| vec![row(id, 1)]).collect();
        let (ids, excluded, finished) = collect(most, before, batches).await;
        assert_eq!(ids.join(" "), kept, "{what}");
        let over = finished.tally.funnel.skipped.get(&SkipReason::OverCap).copied().unwrap_or_default();
        assert_eq!(excluded.len() as u64, over, "{what}: {excluded:?}");
    }
}

#[tokio::test]
async fn a_copy_that_is_left_out_takes_no_room_from_a_sound_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let published = publish(&store, &["a", "b"]).await;
    let before = Some((&store, &published));
    let no_price = |id| skipped(id, SkipReason::NoPrice);
    for (what, outcomes, kept) in [
        ("nobody else comes", vec![no_price("a"), row("x", 1), row("y", 1), row("b", 1)], "b x"),
        ("its sound copy comes last", vec![no_price("a"), row("b", 1), row("x", 1), row("a", 1)], "b a"),
        (
            "it comes before anybody is expected",
            vec![row("b", 1), no_price("a"), row("n", 1), row("a", 1)],
            "b a",
        ),
        ("a new one was left out first", vec![no_price("y"), row("y", 1), row("y", 2), no_price("z")], "y"),
        ("who waits first comes first", vec![row("x", 1), no_price("a"), row("y", 1), row("b", 1)], "b x"),
    ] {
        let batches = outcomes.into_iter().map(|outcome| vec![outcome]).collect();
        let (ids, excluded, finished) = collect(2, before, batches).await;
        assert_eq!(ids.join(" "), kept, "{what}");
        let funnel = &finished.tally.funnel;
        let stale = excluded.iter().filter(|line| ids.iter().any(|id| line.starts_with(&format!("{id}\t"))));
        let told = excluded.len() - stale.count();
        assert_eq!(told as u64, funnel.skipped_total() + funnel.broken_total(), "{what}: {excluded:?}");
    }
}

#[tokio::test]
async fn another_currency_counts_once_an_id_and_not_where_a_sound_copy_is_kept() {
    let foreign = |id| left(id, Broken::of(Column::PricePc, Violation::Currency, "SEK").into());
    for (outcomes, expected) in [
        (vec![row("1", 5), foreign("1")], None),
        (vec![foreign("1"), row("1", 5)], None),
        (vec![foreign("1"), foreign("1"), foreign("2")], Some((2, "SEK".to_owned()))),
    ] {
        let (.., mut finished) = collect(10, None, vec![outcomes]).await;
        assert_eq!(finished.tally.foreign("KRW").map(|foreign| (foreign.products, foreign.found)), expected);
    }
}

#[tokio::test]
async fn a_published_build_that_cannot_be_read_reserves_no_room() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let published = BuildInfo {
        build: BuildId::parse("20261006-000503-gone").unwrap(),
        rows: 2,
        file: Fingerprint { bytes: 1, sha256: String::new() },
    };
    let before = Some((&store, &published));
    let (ids, ..) = collect(2, before, vec![vec![row("x", 1), row("y", 1), row("z", 1)]]).await;
    assert_eq!(ids, ["x", "y"]);
}
