use std::collections::HashMap;

use jiff::Timestamp;
use proptest::prelude::*;
use tokio::sync::mpsc;

use super::*;
use crate::{
    config::stores::FeedFileName,
    ep::row::{FEED_COLUMNS, unchecked},
    export::{rows::NAME_CHARS, save::TsvWriter},
    feed_store::{FeedKey, FolderFeed, Part},
    ledger::Published,
    report::Fingerprint,
};

/// More than any comparison here takes.
const LONG: Duration = Duration::from_secs(60);

/// A row of the new build: id, title, price.
type Kept<'a> = (&'a str, &'a str, u64);

fn row(row: Kept<'_>) -> String {
    let (id, title, price) = row;
    let (text, mut line) = (price.to_string(), String::new());
    let rest = std::iter::repeat_n("", FEED_COLUMNS.len() - 3);
    unchecked(&mut line, [id, title, &text].into_iter().chain(rest), price);
    line
}

/// The same build by another hash.
fn named(sha256: &str, info: BuildInfo) -> BuildInfo {
    BuildInfo { file: Fingerprint { sha256: sha256.into(), ..info.file }, ..info }
}

/// The same build by another size.
fn sized(bytes: u64, info: BuildInfo) -> BuildInfo {
    BuildInfo { file: Fingerprint { bytes, ..info.file }, ..info }
}

/// A file as we write it today.
fn ours(rows: &[Kept<'_>]) -> Vec<u8> {
    let mut writer = TsvWriter::new(FEED_COLUMNS, crate::export::save::parts());
    rows.iter().for_each(|kept| writer.line(&row(*kept)));
    writer.finish().0.into()
}

fn index(rows: &[Kept<'_>]) -> RowIndex {
    let mut index = RowIndex::default();
    for kept in rows {
        let sum = RowSum::of_bytes(row(*kept).as_bytes());
        assert!(index.insert(kept.0.as_bytes(), sum, kept.2));
    }
    index
}

struct House {
    store: FolderFeed,
    _folder: tempfile::TempDir,
}

fn id(text: &str) -> BuildId {
    BuildId::parse(text).unwrap()
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = FeedFileName::parse("feed.tsv").unwrap();
        Self { store: FolderFeed::new(folder.path(), &name), _folder: folder }
    }

    /// Stores the file in pieces of `piece` bytes, and says what it is.
    async fn store(&self, build: &str, file: &[u8], piece: usize) -> BuildInfo {
        let (sender, parts) = mpsc::channel(1);
        let send = async {
            for piece in file.chunks(piece) {
                sender.send(Part::Data(piece.to_vec().into())).await.unwrap();
            }
            sender.send(Part::End).await.unwrap();
        };
        let key = FeedKey::Build(id(build));
        let (written, ()) = tokio::join!(self.store.write(&key, parts), send);
        written.unwrap();
        let rows = file.iter().filter(|byte| **byte == b'\n').count().saturating_sub(1) as u64;
        BuildInfo { build: id(build), rows, file: Fingerprint::of(file) }
    }

    /// `old` as the published file against a build of the rows `new`.
    async fn changes(&self, old: &[u8], new: &[Kept<'_>]) -> Changes {
        let published = published(self.store("old", old, 1000).await);
        let info = self.store("new", &ours(new), 1000).await;
        match against(&self.store, &mut index(new), &info, Some(&published.info), LONG, &mut pass()).await {
            Some(Diff::Compared(changes)) => changes,
            other => panic!("{other:?}"),
        }
    }
}

fn pass() -> Pass {
    Pass::new(vec!["이케아".to_owned(), "IKEA".to_owned()])
}

fn published(info: BuildInfo) -> Published {
    let at = Timestamp::UNIX_EPOCH;
    Published { info, run_at: at, run: "2026-10-06T00:05:00Z".into(), at, median_price: None, profile: None }
}

fn counts(changes: &Changes) -> [u64; 6] {
    let Changes { added, removed, price_up, price_down, changed, unchanged, .. } = *changes;
    [added, removed, price_up, price_down, changed, unchanged]
}

fn names(rows: &[RowName]) -> Vec<&str> {
    rows.iter().map(|row| row.id.as_str()).collect()
}

#[tokio::test]
async fn each_row_of_both_builds_is_in_one_count() {
    let old = ours(&[("a", "A", 10), ("b", "B", 10), ("c", "C", 10), ("d", "D", 10), ("e", "E", 10)]);
    for (what, new, expected) in [
        (
            "nothing",
            &[("e", "E", 10), ("d", "D", 10), ("c", "C", 10), ("b", "B", 10), ("a", "A", 10)][..],
            [0, 0, 0, 0, 0, 5],
        ),
        (
            "added",
            &[("a", "A", 10), ("b", "B", 10), ("c", "C", 10), ("d", "D", 10), ("e", "E", 10), ("f", "F", 1)],
            [1, 0, 0, 0, 0, 5],
        ),
        ("removed", &[("a", "A", 10), ("e", "E", 10)], [0, 3, 0, 0, 0, 2]),
        (
            "price up, and the title",
            &[("a", "A2", 11), ("b", "B", 10), ("c", "C", 10), ("d", "D", 10), ("e", "E", 10)],
            [0, 0, 1, 0, 0, 4],
        ),
        (
            "price down",
            &[("a", "A", 9), ("b", "B", 10), ("c", "C", 10), ("d", "D", 10), ("e", "E", 10)],
            [0, 0, 0, 1, 0, 4],
        ),
        (
            "title",
            &[("a", "A2", 10), ("b", "B", 10), ("c", "C", 10), ("d", "D", 10), ("e", "E", 10)],
            [0, 0, 0, 0, 1, 4],
        ),
        (
            "everything at once",
            &[("b", "B", 20), ("c", "C", 5), ("d", "D2", 10), ("e", "E", 10), ("f", "F", 1)],
            [1, 1, 1, 1, 1, 1],
        ),
        ("everything gone", &[], [0, 5, 0, 0, 0, 0]),
    ] {
        let changes = House::new().changes(&old, new).await;
        assert_eq!(counts(&changes), expected, "{what}");
        assert_eq!(changes.is_none(), what == "nothing");
    }
}

#[tokio::test]
async fn examples_name_what_people_ask_about_first() {
    let old: Vec<_> = (0..20).map(|n| (format!("old-{n}"), 100 * (n + 1))).collect();
    let kept: Vec<Kept<'_>> = old.iter().map(|(id, price)| (id.as_str(), "T", *price)).collect();
    let mut new = kept.clone();
    // Moves of 1 % to 5 % up, of half down, of thirty times up; four other changes; four rows gone, four come.
    (0..5).for_each(|n| new[n].2 += (n as u64 + 1) * new[n].2 / 100);
    new[5].2 /= 2;
    new[6].2 *= 30;
    (8..12).for_each(|n| new[n].1 = "Another");
    new.truncate(16);
    let come = ["new-0", "new-1", "new-2", "new-3"];
    new.extend(come.map(|id| (id, "책장", 5)));
    let changes = House::new().changes(&ours(&kept), &new).await;
    assert_eq!(counts(&changes), [4, 4, 6, 1, 4, 5]);
    let moves: Vec<_> = changes.moves.iter().map(|m| (m.row.id.as_str(), m.old, m.new)).collect();
    let largest = [
        ("old-6", 700, 21_000),
        ("old-5", 600, 300),
        ("old-4", 500, 525),
        ("old-3", 400, 416),
        ("old-2", 300, 309),
    ];
    assert_eq!(moves, largest);
    assert_eq!(names(&changes.removed_examples), ["old-16", "old-17", "old-18"]);
    assert_eq!(names(&changes.changed_examples), ["old-8", "old-9", "old-10"]);
    assert_eq!(names(&changes.added_examples), ["new-0", "new-1", "new-2"]);
    assert_eq!(
        (&*changes.added_examples[0].title, &*changes.changed_examples[0].title),
        ("책장", "Another"),
        "as they are now"
    );
}

#[tokio::test]
async fn a_build_of_another_version_is_compared_by_what_both_have() {
    let new = [("a", "A", 10), ("b", "B", 20), ("c", "C", 30)];
    for (what, old, expected) in [
        ("other order", "price_pc\tid\ttitle\n10\ta\tA\n21\tb\tB\n1\tx\tX\n", [1, 1, 0, 1, 1, 0]),
        ("no price", "id\ttitle\na\tA\nb\tB\n", [1, 0, 0, 0, 2, 0]),
        ("no title", "id\tprice_pc\na\t9\n", [2, 0, 1, 0, 0, 0]),
        (
            "short rows, odd prices, no last line end",
            "id\ttitle\tprice_pc\na\n\nb\tB\t2.5\nc\tC\t30",
            [0, 1, 0, 0, 3, 0],
        ),
        ("an id twice", "id\ttitle\tprice_pc\na\tA\t1\na\tA\t10\n", [2, 1, 1, 0, 0, 0]),
        (
            "a price beyond what the index holds",
            "id\ttitle\tprice_pc\na\tA\t99999999999\n",
            [2, 0, 0, 1, 0, 0],
        ),
        ("only the header", "id\ttitle\tprice_pc\n", [3, 0, 0, 0, 0, 0]),
    ] {
        let changes = House::new().changes(old.as_bytes(), &new).await;
        assert_eq!(counts(&changes), expected, "{what}");
    }
    let renamed = String::from_utf8(ours(&new)).unwrap().replacen("delivery_detail", "delivery_note", 1);
    let changes = House::new().changes(renamed.as_bytes(), &new).await;
    assert_eq!(
        counts(&changes),
        [0, 0, 0, 0, 3, 0],
        "the same bytes below another header say something else"
    );
}

#[tokio::test]
async fn what_cannot_be_compared_is_unknown_and_no_failure() {
    let house = House::new();
    let new = [("a", "A", 10)];
    let info = house.store("new", &ours(&new), 1000).await;
    let old = house.store("old", &ours(&[("a", "A", 9), ("b", "B", 9)]), 1000).await;
    let cut = sized(old.file.bytes + 1, old.clone());
    let no_ids = house.store("no-ids", b"number\ttitle\n1\tA\n", 1000).await;
    let empty = sized(5, house.store("empty", b"", 1000).await);
    let gone = BuildInfo { build: id("gone"), ..old };
    for (build, expected) in [
        (gone, DiffUnknown::Gone),
        (cut, DiffUnknown::OtherFile),
        (no_ids, DiffUnknown::OtherFile),
        (empty, DiffUnknown::OtherFile),
    ] {
        let build = published(build);
        match against(&house.store, &mut index(&new), &info, Some(&build.info), LONG, &mut pass()).await {
            Some(Diff::Unknown { against, reason }) => {
                assert_eq!((against, reason), (build.info.build, expected));
            }
            other => panic!("{:?}: {other:?}", build.info.build),
        }
    }
    assert_eq!(
        against(&house.store, &mut index(&new), &info, None, LONG, &mut pass()).await,
        None,
        "nothing is public yet"
    );
}

#[tokio::test]
async fn the_same_content_is_not_read() {
    let house = House::new();
    let new = [("a", "A", 10)];
    let info = house.store("new", &ours(&new), 1000).await;
    let same = published(BuildInfo { build: id("gone"), ..info.clone() });
    let diff = against(&house.store, &mut index(&new), &info, Some(&same.info), LONG, &mut pass()).await;
    assert_eq!(diff, Some(Diff::Compared(Changes::none(id("gone"), 1))));
}

#[tokio::test]
async fn a_build_that_is_stored_nowhere_is_compared_without_examples_of_what_is_new() {
    let house = House::new();
    let old = published(house.store("old", &ours(&[("a", "A", 10)]), 1000).await);
    let new = [("a", "A", 10), ("b", "B", 10)];
    let info =
        BuildInfo { build: id("dry"), rows: 2, file: Fingerprint { bytes: 1, sha256: "another".into() } };
    match against(&house.store, &mut index(&new), &info, Some(&old.info), LONG, &mut pass()).await {
        Some(Diff::Compared(changes)) => {
            assert_eq!((counts(&changes), changes.added_examples), ([1, 0, 0, 0, 0, 1], Vec::new()));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn whatever_an_old_file_holds_little_of_it_is_kept() {
    let mut old = b"id\ttitle\tprice_pc\na\t".to_vec();
    old.extend(vec![b'x'; 3 * 1024 * 1024]);
    old.extend(b"\t10\nb\t");
    old.extend(vec![b'x'; 1024]);
    old.extend(b"\t10\n\xff\xfe\t\xed\xa0\x80\t7\n");
    let changes = House::new().changes(&old, &[("a", "A", 10)]).await;
    assert_eq!(counts(&changes), [0, 2, 0, 0, 1, 0]);
    assert_eq!(changes.changed_examples[0].title, "A");
    assert_eq!(changes.removed_examples[0].title, "x".repeat(NAME_CHARS));
    assert_eq!(names(&changes.removed_examples), ["b", "\u{fffd}\u{fffd}"]);
}

fn rows() -> impl Strategy<Value = HashMap<u8, (u8, u64)>> {
    prop::collection::hash_map(0_u8..24, (0_u8..3, 1_u64..4), 0..24)
}

fn kept(rows: &HashMap<u8, (u8, u64)>) -> Vec<(String, String, u64)> {
    rows.iter().map(|(id, (title, price))| (format!("id-{id}"), format!("T{title}"), *price)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn the_counts_are_those_of_a_comparison_in_memory(old in rows(), new in rows(), piece in 1_usize..400) {
        let mut expected = [0_u64; 6];
        expected[0] = new.keys().filter(|id| !old.contains_key(id)).count() as u64;
        for (id, (title, price)) in &old {
            let at = match new.get(id) {
                None => 1,
                Some((_, now)) if now > price => 2,
                Some((_, now)) if now < price => 3,
                Some((now, _)) if now != title => 4,
                Some(_) => 5,
            };
            expected[at] += 1;
        }
        let (old_rows, new_rows) = (kept(&old), kept(&new));
        let borrowed = |rows: &'_ [(String, String, u64)]| -> Vec<u8> {
            ours(&rows.iter().map(|(id, title, price)| (id.as_str(), title.as_str(), *price)).collect::<Vec<_>>())
        };
        let (old_file, new_file) = (borrowed(&old_rows), borrowed(&new_rows));
        let new_rows: Vec<Kept<'_>> = new_rows.iter().map(|(i, t, p)| (i.as_str(), t.as_str(), *p)).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let diff = runtime.block_on(async {
            let house = House::new();
            let old = published(named("old", house.store("old", &old_file, piece).await));
            let info = house.store("new", &new_file, piece).await;
            against(&house.store, &mut index(&new_rows), &info, Some(&old.info), LONG, &mut pass()).await
        });
        let Some(Diff::Compared(changes)) = diff else { panic!("{diff:?}") };
        prop_assert_eq!(counts(&changes), expected);
        prop_assert_eq!(changes.in_both() + changes.removed, old.len() as u64);
        prop_assert_eq!(changes.in_both() + changes.added, new.len() as u64);
        prop_assert_eq!(changes.added_examples.len() as u64, changes.added.min(EXAMPLES as u64));
    }
}
