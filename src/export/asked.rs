//! The products that somebody asked for by their ids: how ids are written, which ones come nearest, and what of them was
//! caught on the way. In an export that nobody asked anything nothing of this is there.
//!
//! It never decides what becomes of a product, and holds a few ids whatever the catalogue's size.

use crate::{ep::text::key, report::Found};

/// Ids that are explained at once.
const MOST_IDS: usize = 20;
/// Characters of an id. The format allows 50, a source may have longer ones.
const MOST_CHARS: usize = 200;
/// Characters shown of an id that is too long.
const SHOWN: usize = 40;
/// Ids named in place of one that is not there.
const NEAREST: usize = 3;
/// What is longer than this is compared with nothing.
const LONGEST_COMPARED: usize = 64;
/// Changes of a letter that are always near; of a long id, half of its letters.
const ALWAYS_NEAR: usize = 2;

/// The ids of a request, or one sentence that says what is wrong with them: parted by commas, with any spaces around and
/// in them, each once.
pub fn asked_ids(text: &str) -> Result<Vec<String>, String> {
    let mut ids: Vec<String> = Vec::new();
    for id in text.split(',').map(str::trim) {
        if key(id).is_empty() {
            return Err(format!(
                "found an empty id; say at least one id as it stands in the feed, up to {MOST_IDS} parted by commas"
            ));
        }
        if id.chars().count() > MOST_CHARS {
            let shown: String = id.chars().take(SHOWN).collect();
            return Err(format!(
                "an id holds at most {MOST_CHARS} characters, found a longer one: {shown:?}…"
            ));
        }
        if !ids.iter().any(|known| key(known) == key(id)) {
            ids.push(id.to_owned());
        }
    }
    match ids.len() {
        n if n > MOST_IDS => {
            Err(format!("at most {MOST_IDS} ids are explained at once, found {n}; ask in several calls"))
        }
        _ => Ok(ids),
    }
}

/// The ids that somebody asked for.
#[derive(Debug, Clone)]
pub(crate) struct Asked(Vec<Id>);

#[derive(Debug, Clone)]
struct Id {
    shown: String,
    key: String,
}

impl Asked {
    /// These; `None` where there are none.
    pub(crate) fn of(ids: &[String]) -> Option<Self> {
        let ids: Vec<_> = ids.iter().map(|id| Id { shown: id.clone(), key: key(id) }).collect();
        (!ids.is_empty()).then_some(Self(ids))
    }

    /// They, as they were asked for.
    pub(super) fn ids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|id| id.shown.as_str())
    }

    /// Which of them an id is.
    pub(super) fn place(&self, id: &str) -> Option<usize> {
        let key = key(id);
        self.0.iter().position(|asked| asked.key == key)
    }

    /// Notes an id with those of them that it comes near.
    fn note(&self, id: &str, near: &mut Vec<Near>) {
        near.resize_with(self.0.len(), Near::default);
        for (asked, near) in self.0.iter().zip(near) {
            near.note(&asked.key, id);
        }
    }
}

/// The ids that come nearest, the nearest first; of equal ones those that came first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Near(Vec<(usize, String)>);

impl Near {
    fn note(&mut self, wanted: &str, id: &str) {
        let most = match self.0.get(NEAREST - 1) {
            Some((distance, _)) => distance.saturating_sub(1),
            None => (wanted.chars().count() / 2).max(ALWAYS_NEAR),
        };
        if id.len() > LONGEST_COMPARED || wanted.len() > LONGEST_COMPARED {
            return;
        }
        // Spreadsheets drop zeros.
        let bare = |id: &str| id.trim_start_matches('0').to_owned();
        if wanted != id && bare(wanted) == bare(id) {
            return self.put(0, id.to_owned());
        }
        // Most ids are told from afar.
        if wanted.is_ascii() && id.is_ascii() && wanted.len().abs_diff(id.len()) > most {
            return;
        }
        let distance = strsim::osa_distance(wanted, id);
        if distance <= most {
            self.put(distance, id.to_owned());
        }
    }

    fn put(&mut self, distance: usize, id: String) {
        if self.0.iter().all(|(_, known)| *known != id) {
            let at = self.0.partition_point(|(other, _)| *other <= distance);
            self.0.insert(at, (distance, id));
            self.0.truncate(NEAREST);
        }
    }

    /// With those of what came later.
    pub(super) fn add(&mut self, later: Self) {
        later.0.into_iter().for_each(|(distance, id)| self.put(distance, id));
    }

    pub(super) fn into_ids(self) -> Vec<String> {
        self.0.into_iter().map(|(_, id)| id).collect()
    }
}

/// What was caught of a batch, or a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Caught {
    /// In the order of their outcomes.
    pub(super) copies: Vec<Copy>,
    /// What came near each id that was asked for; nothing where nothing else came.
    pub(super) near: Vec<Near>,
}

/// One product with an id that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copy {
    /// The place of its outcome in the part.
    pub(super) outcome: usize,
    /// Which of those that were asked for.
    pub(super) asked: usize,
    /// What is known of it; of a few in each part.
    pub(super) found: Option<Found>,
}

impl Caught {
    /// Notes what an id comes near.
    pub(super) fn pass(&mut self, asked: &Asked, id: &str) {
        asked.note(id, &mut self.near);
    }

    /// Copies of an id so far.
    pub(super) fn of(&self, asked: usize) -> impl Iterator<Item = &Copy> {
        self.copies.iter().filter(move |copy| copy.asked == asked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_taken_as_people_write_them() {
        let many = |n: usize| (0..n).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        for (text, expected) in [
            ("80012345", Ok(vec!["80012345"])),
            (" 1 ,\t2,1", Ok(vec!["1", "2"])),
            ("800 123,800123", Ok(vec!["800 123"])),
            ("", Err("an empty id")),
            (" ", Err("an empty id")),
            ("1,,2", Err("an empty id")),
            ("1,", Err("an empty id")),
            ("\u{200b}", Err("an empty id")),
            (&*many(21), Err("at most 20 ids are explained at once, found 21")),
            (&*"x".repeat(201), Err("at most 200 characters")),
        ] {
            match (asked_ids(text), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(found), Err(part)) => assert!(found.contains(part) && found.len() < 200, "{found}"),
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
        assert_eq!(asked_ids(&many(20)).unwrap().len(), 20);
    }

    #[test]
    fn an_id_is_found_whatever_spaces_it_has() {
        let asked = Asked::of(&["800 123".to_owned(), "x&amp;y".to_owned()]).unwrap();
        let places = ["800123", " 800123 ", "8 00123", "x&y", "800124"].map(|id| asked.place(id));
        assert_eq!(places, [Some(0), Some(0), Some(0), Some(1), None]);
        assert!(Asked::of(&[]).is_none());
    }

    fn nearest(wanted: &str, ids: &[&str]) -> Vec<String> {
        let (asked, mut near) = (Asked::of(&[wanted.to_owned()]).unwrap(), Vec::new());
        ids.iter().for_each(|id| asked.note(id, &mut near));
        near.pop().unwrap().into_ids()
    }

    #[test]
    fn the_nearest_ids_are_named_and_no_more_than_a_few() {
        let ids = ["80012300", "90012354", "80012354", "80012345x", "80012354", "11111111", "8001234", "가"];
        assert_eq!(nearest("80012345", &ids), ["80012354", "80012345x", "8001234"]);
        assert_eq!(nearest("80012345", &["11111111", "1"]), [""; 0], "nothing comes near");
        let long = "9".repeat(100_000);
        assert_eq!(nearest("99", &[&long, "98"]), ["98"]);
    }

    #[test]
    fn what_came_near_in_parts_is_what_came_near_in_all() {
        let ids: Vec<String> = (0..2_000).map(|n: u32| (n * 7919 % 100_000).to_string()).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let asked = Asked::of(&["4242".to_owned()]).unwrap();
        let mut all = Near::default();
        for part in ids.chunks(100) {
            let mut near = Vec::new();
            part.iter().for_each(|id| asked.note(id, &mut near));
            all.add(near.remove(0));
        }
        assert_eq!(all.into_ids(), nearest("4242", &ids));
    }
}
