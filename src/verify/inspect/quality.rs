//! What shows in all titles, images and links together: destroyed texts, and what Naver punishes shops for.

use std::collections::BTreeMap;

use super::values::Said;
use crate::{
    ep::{
        columns::Column,
        plain,
        quality::{destroyed, hashes::Glance, phone, promotion, repeats::Repeats},
    },
    gate::limits::{self, DESTROYED_TOLD, DESTROYED_TOO_MANY},
    report::{Example, Percent, ProblemKind, Shared, SharedGroup, Sign},
    verify::findings::{EXAMPLES, Findings, shown, shown_id},
};

/// Takes row after row.
#[derive(Default)]
pub struct Quality {
    titles: u64,
    destroyed: Found,
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
            self.examples.push(title(row, said, rule));
        }
    }
}

/// A title, and what of it was found.
fn title(row: u64, said: &Said<'_>, rule: &str) -> Example {
    Example {
        id: shown_id(said.id),
        column: Some("title".to_owned()),
        value: Some(shown(said.title)),
        rule: Some(Sign::Found(rule.to_owned())),
        ..Example::row(row)
    }
}

/// What was seen of a row's title, and whether that and its image may have been there before.
pub struct Seen {
    /// The title's letters.
    pub look: plain::Glance,
    title: Glance,
    image: Glance,
}

impl Quality {
    /// Looks at the row that is taken next.
    pub fn glance(&self, said: &Said<'_>) -> Seen {
        Seen {
            look: plain::Glance::of(said.title),
            title: self.repeated_titles.glance(said.title),
            image: self.repeated_images.glance(said.image),
        }
    }

    /// Takes what a row says.
    pub fn take(&mut self, row: u64, said: &Said<'_>, seen: Seen, findings: &mut Findings) {
        self.repeated_images.take_seen(seen.image, said.image, said.id);
        self.link.take(said.link, row, said.id);
        if said.title.is_empty() {
            return;
        }
        self.titles += 1;
        self.repeated_titles.take_seen(seen.title, said.title, said.id);
        if let Some(how) = destroyed::glanced(said.title, seen.look) {
            self.destroyed.add(row, said, how.sign());
        }
        if let Some(number) = phone::glanced(said.title, seen.look) {
            findings.add(ProblemKind::PhoneNumber, || title(row, said, number));
        }
        if let Some(phrase) = promotion::glanced(said.title, seen.look) {
            self.promotions.entry(phrase).or_default().add(row, said, phrase);
        }
    }

    /// Says what is too much among so many rows.
    pub fn finish(self, rows: u64, findings: &mut Findings) {
        let reaches = |limit: Percent| limit.is_reached_by(self.destroyed.count, self.titles);
        let kinds =
            [(DESTROYED_TOO_MANY, ProblemKind::ManyDestroyed), (DESTROYED_TOLD, ProblemKind::SomeDestroyed)];
        let worst = kinds.into_iter().find(|(limit, _)| self.destroyed.count > 0 && reaches(*limit));
        if let Some((_, kind)) = worst {
            findings.put(kind, self.destroyed.count, self.destroyed.examples);
        }
        tell_promotions(self.promotions, findings);
        for (kind, column, usual, repeats) in [
            (ProblemKind::RepeatedTitle, Column::Title, limits::TITLES, self.repeated_titles),
            (ProblemKind::RepeatedImage, Column::ImageLink, limits::IMAGES, self.repeated_images),
        ] {
            let shared = repeats.finish();
            if usual.is_exceeded_by(&shared, rows) {
                tell_groups(kind, column, shared, findings);
            }
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
    if all.count > 0 {
        findings.put(ProblemKind::Promotion, all.count, all.examples);
    }
}

fn tell_groups(kind: ProblemKind, column: Column, shared: Shared, findings: &mut Findings) {
    let example = |group: SharedGroup| Example {
        id: shown_id(&group.ids.join(", ")),
        column: Some(column.to_string()),
        times: Some(group.products),
        ..Example::value(shown(&group.value))
    };
    let examples = shared.groups.into_iter().map(example).collect();
    findings.put(kind, shared.products, examples);
}

/// The value that most rows have, if there is one: each other one takes away from it, so that it stays to the end.
#[derive(Default)]
struct Majority {
    /// Whole: links of a shop begin alike.
    value: String,
    /// By how many it leads.
    lead: u64,
    /// On how many rows it was seen since it led.
    count: u64,
    /// The first row with it.
    row: u64,
    /// That row's id.
    id: String,
}

impl Majority {
    fn take(&mut self, value: &str, row: u64, id: &str) {
        if value.is_empty() {
            return;
        }
        if self.lead == 0 {
            (self.count, self.row) = (0, row);
            // Every second row leads for a moment where all differ: the memory of the one before serves again.
            for (kept, new) in [(&mut self.value, value), (&mut self.id, id)] {
                kept.clear();
                kept.push_str(new);
            }
        }
        if self.value == value {
            (self.lead, self.count) = (self.lead + 1, self.count + 1);
        } else {
            self.lead -= 1;
        }
    }

    fn tell(self, rows: u64, findings: &mut Findings) {
        if !limits::is_one_for_all(self.count, rows) {
            return;
        }
        let example = Example {
            id: shown_id(&self.id),
            column: Some("link".to_owned()),
            value: Some(shown(&self.value)),
            times: Some(self.count),
            ..Example::row(self.row)
        };
        findings.put(ProblemKind::OneLink, self.count, vec![example]);
    }
}
