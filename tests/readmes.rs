//! The READMEs and the tree agree: the entrance is short, links lead somewhere, and the map of the code is whole.
#![allow(clippy::unwrap_used)] // a test may; clippy does not take its helpers for one

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

const READMES: [&str; 4] = ["README.md", "benches/README.md", "deploy/README.md", "src/README.md"];

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn file(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

/// What stands between `open` and `close`, over and over.
fn between<'a>(text: &'a str, open: &'static str, close: char) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| Some(rest.split_once(close)?.0))
}

/// The text outside of fenced blocks.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// What links to headings name: lower case, blanks to `-`, signs left out.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let kept = heading.trim_start_matches('#').trim().to_lowercase();
        kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>()
    };
    headings.map(|heading| anchor(heading).replace(' ', "-")).collect()
}

#[test]
fn the_entrance_is_at_most_10_kb() {
    assert!(file("README.md").len() <= 10_000, "{} bytes", file("README.md").len());
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    let mut links = 0;
    for name in READMES {
        let text = prose(&file(name));
        for link in between(&text, "](", ')').filter(|link| !link.contains("://")) {
            let (to, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if to.is_empty() { path(name) } else { path(name).parent().unwrap().join(to) };
            assert!(target.exists(), "{name}: {link}");
            let headings = || anchors(&prose(&std::fs::read_to_string(&target).unwrap()));
            assert!(heading.is_empty() || headings().contains(heading), "{name}: {link}");
            links += 1;
        }
    }
    assert!(links > 20, "{links} links were found");
}

#[test]
fn the_map_of_the_code_names_every_room_and_only_what_is_there() {
    let map = prose(&file("src/README.md"));
    let named: BTreeSet<_> = map.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).collect();
    let library = file("src/lib.rs");
    let rooms: Vec<_> = between(&library, "mod ", ';').collect();
    let missing: Vec<_> = rooms.iter().filter(|room| !named.contains(*room)).collect();
    assert!(rooms.len() > 20 && missing.is_empty(), "{missing:?} of {rooms:?}");
    // What begins in a room or a folder of the repository, or ends as a file of ours does.
    let is_path = |name: &&str| name.ends_with(".rs") || name.ends_with(".json") || name.contains('/');
    let is_there = |name: &str| {
        let stands = |at: &str| path(at).exists();
        stands(name) || stands(&format!("src/{name}")) || stands(&format!("src/{name}.rs"))
    };
    let records = ["published.json", "schedule.json"];
    let gone: Vec<_> = named
        .into_iter()
        .filter(|name| is_path(name) && !name.contains('…') && !records.contains(name) && !is_there(name))
        .collect();
    assert!(gone.is_empty(), "{gone:?}");
}

/// Every source file of a folder with its text, those that hold tests alone left out.
fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_of_tests = path.file_stem().unwrap() == "tests";
        if path.is_dir() && !is_of_tests {
            sources(&path, found);
        } else if !is_of_tests && path.extension().is_some_and(|ending| ending == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap().to_owned();
            found.push((path, text));
        }
    }
}

/// The rooms that a text names behind `crate::`, by themselves or in braces.
fn needed(text: &str) -> BTreeSet<String> {
    let name = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut rooms = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            rooms.insert(name(rest));
            continue;
        };
        let mut depth = 0_i32;
        rooms.insert(name(list.trim_start()));
        for (at, sign) in list.char_indices() {
            depth += i32::from(sign == '{') - i32::from(sign == '}');
            if depth < 0 {
                break;
            } else if depth == 0 && sign == ',' {
                rooms.insert(name(list[at + 1..].trim_start()));
            }
        }
    }
    rooms
}

#[test]
fn no_two_rooms_of_the_house_need_each_other() {
    let library = file("src/lib.rs");
    let rooms: BTreeSet<_> = between(&library, "mod ", ';').map(str::to_owned).collect();
    let mut files = Vec::new();
    sources(&path("src"), &mut files);
    let mut needs = BTreeMap::<String, BTreeSet<String>>::new();
    for (file, text) in &files {
        let inside = file.strip_prefix(path("src")).unwrap().with_extension("");
        let room = inside.iter().next().unwrap().to_str().unwrap().to_owned();
        if rooms.contains(&room) {
            let others = needed(text).into_iter().filter(|other| rooms.contains(other) && *other != room);
            needs.entry(room.clone()).or_default().extend(others);
        }
    }
    let ways: usize = needs.values().map(BTreeSet::len).sum();
    assert!(needs.len() == rooms.len() && ways > 100, "{ways} ways between {} rooms", needs.len());
    // Who needs nobody that is left is taken out, over and over; what stays goes round in a circle.
    let mut left = needs.clone();
    while let Some(room) = left.iter().find(|(_, others)| others.is_empty()).map(|(room, _)| room.clone()) {
        left.remove(&room);
        left.values_mut().for_each(|others| _ = others.remove(&room));
    }
    assert!(left.is_empty(), "these need each other: {left:?}");
}
