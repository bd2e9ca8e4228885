//! What shows in all titles, images and links together: destroyed texts, and what Naver punishes shops for.

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
};

use super::values::Said;
use crate::{
    ep::quality::{
        destroyed::destroyed,
        limits::{self, DESTROYED_TOLD, DESTROYED_TOO_MANY},
        phone::phone_number,
        promotion::promotion,
        repeats::{Group, RepeatSummary, Repeats},
    },
    report::{CheckId, Example, Percent, Problem, ProblemKind},
    verify::findings::{Findings, shown},
};

/// How many places or groups are told.
const EXAMPLES: usize = 3;

/// Takes row after row.
#[derive(Default)]
pub struct Quality {
    titles: u64,
    destroyed: Found,
    phones: Found,
    /// By phrase; there are few.
    promotions: BTreeMap<&'static str, Found>,
    repeated_titles: Repeats,
    repeated_images: Repeats,
    link: Majority,
}

/// What was found, and the first places.
#[derive(Default)]
struct Found {
    count: u64,
    examples: Vec<Example>,
}

impl Found {
    fn add(&mut self, row: u64, said: &Said<'_>, rule: &str) {
        self.count += 1;
        if self.examples.len() < EXAMPLES {
            self.examples.push(Example {
                row: Some(row),
                id: Some(shown(said.id)).filter(|id| !id.is_empty()),
                column: Some("title".to_owned()),
                value: Some(shown(said.title)),
                rule: Some(rule.to_owned()),
                times: None,
            });
        }
    }

    fn tell(self, check: CheckId, kind: ProblemKind, findings: &mut Findings) {
        if self.count > 0 {
            findings.put(check, Problem { kind, count: self.count, examples: self.examples });
        }
    }
}

impl Quality {
    /// Takes what a row says.
    pub fn take(&mut self, row: u64, said: &Said<'_>) {
        self.repeated_images.take(said.image, said.id);
        self.link.take(said.link, row, said.id);
        let title = said.title;
        if title.is_empty() {
            return;
        }
        self.titles += 1;
        self.repeated_titles.take(title, said.id);
        if let Some(how) = destroyed(title) {
            self.destroyed.add(row, said, how.sign());
        }
        if let Some(number) = phone_number(title) {
            self.phones.add(row, said, number);
        }
        if let Some(phrase) = promotion(title) {
            self.promotions.entry(phrase).or_default().add(row, said, phrase);
        }
    }

    /// Says what is too much among so many rows.
    pub fn finish(self, rows: u64, findings: &mut Findings) {
        let reaches = |limit: Percent| limit.is_reached_by(self.destroyed.count, self.titles);
        let kind = match () {
            () if self.destroyed.count == 0 => None,
            () if reaches(DESTROYED_TOO_MANY) => Some(ProblemKind::ManyDestroyed),
            () if reaches(DESTROYED_TOLD) => Some(ProblemKind::SomeDestroyed),
            () => None,
        };
        if let Some(kind) = kind {
            self.destroyed.tell(CheckId::Encoding, kind, findings);
        }
        self.phones.tell(CheckId::Sanctions, ProblemKind::PhoneNumber, findings);
        tell_promotions(self.promotions, findings);
        let largest = |repeats: &RepeatSummary| repeats.groups.first().map_or(0, |group| group.count);
        let titles = self.repeated_titles.finish();
        if limits::are_titles_shared(titles.products, largest(&titles), rows) {
            findings.put(CheckId::Sanctions, groups(ProblemKind::RepeatedTitle, "title", titles));
        }
        let images = self.repeated_images.finish();
        if limits::are_images_shared(images.products, largest(&images), rows) {
            findings.put(CheckId::Sanctions, groups(ProblemKind::RepeatedImage, "image_link", images));
        }
        self.link.tell(rows, findings);
    }
}

/// One problem for all phrases, with an example of each of the most frequent ones.
fn tell_promotions(promotions: BTreeMap<&'static str, Found>, findings: &mut Findings) {
    let mut all = Found::default();
    let mut most_first: Vec<Found> = promotions.into_values().collect();
    most_first.sort_by_key(|found| std::cmp::Reverse(found.count));
    for found in most_first {
        all.count += found.count;
        let times = Some(found.count).filter(|count| *count > 1);
        all.examples.extend(found.examples.into_iter().take(1).map(|example| Example { times, ..example }));
    }
    all.examples.truncate(EXAMPLES);
    all.tell(CheckId::Sanctions, ProblemKind::Promotion, findings);
}

fn groups(kind: ProblemKind, column: &str, repeats: RepeatSummary) -> Problem {
    let example = |group: Group| Example {
        row: None,
        id: Some(shown(&group.ids.join(", "))).filter(|ids| !ids.is_empty()),
        column: Some(column.to_owned()),
        value: Some(shown(&group.value)),
        rule: None,
        times: Some(group.count),
    };
    Problem {
        kind,
        count: repeats.products,
        examples: repeats.groups.into_iter().take(EXAMPLES).map(example).collect(),
    }
}

/// The value that most rows have, if there is one: each other one takes away from it, so that it stays to the end.
#[derive(Default)]
struct Majority {
    hash: u64,
    value: String,
    /// By how many it leads.
    lead: u64,
    /// On how many rows it was seen since it led.
    count: u64,
    first: Option<(u64, String)>,
}

impl Majority {
    fn take(&mut self, value: &str, row: u64, id: &str) {
        if value.is_empty() {
            return;
        }
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(value);
        if self.lead == 0 {
            *self = Self { hash, value: shown(value), lead: 0, count: 0, first: Some((row, shown(id))) };
        }
        if self.hash == hash {
            (self.lead, self.count) = (self.lead + 1, self.count + 1);
        } else {
            self.lead -= 1;
        }
    }

    fn tell(self, rows: u64, findings: &mut Findings) {
        if !limits::is_one_for_all(self.count, rows) {
            return;
        }
        let (row, id) = self.first.unwrap_or_default();
        let example = Example {
            row: Some(row),
            id: Some(id).filter(|id| !id.is_empty()),
            column: Some("link".to_owned()),
            value: Some(self.value),
            rule: None,
            times: Some(self.count),
        };
        let problem = Problem { kind: ProblemKind::OneLink, count: self.count, examples: vec![example] };
        findings.put(CheckId::Sanctions, problem);
    }
}
