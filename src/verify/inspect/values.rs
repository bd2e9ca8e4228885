//! The values of one row against the header and the table of rules, and against each other.

use super::{
    fields::{Fields, RowText},
    header::Header,
    hosts,
    ids::Ids,
    prices::Prices,
    sample::{SampledRow, url},
};
use crate::{
    ep::{
        chars,
        columns::{Column, Reaction},
        plain::Glance,
        rules::{Rule, Violation},
        text,
    },
    report::{Example, ProblemKind, Sign},
    verify::findings::{Findings, shown, shown_id},
    web::Reach,
};

/// What a row says of itself that others are compared with. Where it says nothing, it is empty.
#[derive(Default)]
pub struct Said<'a> {
    /// `id`
    pub id: &'a str,
    /// `title`; empty, too, where it could not be read.
    pub title: &'a str,
    /// `link`
    pub link: &'a str,
    /// `image_link`
    pub image: &'a str,
    /// `class`
    pub class: &'a str,
    /// `price_pc`
    pub price: &'a str,
    /// `normal_price`
    pub list_price: &'a str,
}

impl Said<'_> {
    /// Whether it is about a product that is gone.
    pub fn is_gone(&self) -> bool {
        self.class == "D"
    }

    /// As a row of the sample.
    pub fn sampled(&self, row: u64) -> SampledRow {
        let price = self.price.parse().ok().filter(|price| *price > 0);
        SampledRow { row, id: shown(self.id), link: url(self.link), image: url(self.image), price }
    }
}

/// Looks at row after row, and keeps what only shows in all of them.
#[derive(Default)]
pub struct Judge {
    /// All prices.
    pub prices: Prices,
    /// Rows that say that they are new, changed or gone.
    changes: u64,
    ids: Ids,
    fields: Fields,
    reach: Reach,
}

/// One value at its place.
struct Value<'a> {
    column: &'a str,
    value: &'a str,
    id: &'a str,
    row: u64,
}

impl Value<'_> {
    fn example(&self, rule: Option<Sign>) -> Example {
        Example {
            row: Some(self.row),
            id: shown_id(self.id),
            column: Some(shown(self.column)),
            value: Some(shown(self.value)),
            rule,
            times: None,
        }
    }
}

impl Judge {
    /// Links may lead as far as `reach`.
    pub fn new(reach: Reach) -> Self {
        Self { reach, ..Self::default() }
    }

    /// Takes a row apart; false where its values stand under wrong names.
    pub fn part(&mut self, row: &RowText<'_>, header: &Header, findings: &mut Findings) -> bool {
        self.fields.part(row, header, findings)
    }

    /// What the row that was taken apart last says.
    pub fn said<'a>(&self, row: &RowText<'a>, header: &Header) -> Said<'a> {
        let of = |place| self.fields.at(row.text, place);
        Said {
            id: of(header.id),
            title: if row.is_readable { of(header.title) } else { "" },
            link: of(header.link),
            image: of(header.image),
            class: of(header.class),
            price: of(header.price),
            list_price: of(header.list_price),
        }
    }

    /// Looks at its values, with its title at a glance; true where a row before has the same id, so that it is the same product once more.
    pub fn row(
        &mut self,
        row: &RowText<'_>,
        (said, title): (&Said<'_>, Glance),
        header: &Header,
        findings: &mut Findings,
    ) -> bool {
        let id = said.id;
        let seen = self.ids.glance(id);
        self.changes += u64::from(!said.class.is_empty());
        let mut before = "";
        for (column, value) in header.columns.iter().zip(self.fields.of(row.text)) {
            let at = Value { column: &column.name, value, id, row: row.number };
            let is_plain = |known: Column| match known {
                // What was looked at need not be looked at again.
                _ if column.is_like_before && value == before && !value.is_empty() => true,
                Column::Title if std::ptr::eq(value, said.title) => {
                    title.is_text() && known.has_room_for(value)
                }
                _ => known.is_plain(value),
            };
            let is_sound = column.known.is_some_and(is_plain);
            before = if is_sound { value } else { "" };
            match column.known {
                Some(_) if is_sound => {}
                // Of a product that is gone, only which one it is and when it went is meant.
                Some(known)
                    if said.is_gone()
                        && !matches!(known, Column::Id | Column::Class | Column::UpdateTime) => {}
                Some(known) => self.value(&at, known, findings),
                None if value.chars().any(char::is_control) => {
                    findings.add(ProblemKind::ControlCharacter, || at.example(None));
                }
                None => {}
            }
        }
        let is_repeated = !id.is_empty() && self.ids.is_repeated(seen);
        if is_repeated {
            let id = Some(shown(id));
            findings.add(ProblemKind::RepeatedId, || Example { id, ..Example::row(row.number) });
        }
        if !said.is_gone() {
            let price = Value { column: "price_pc", value: said.price, id, row: row.number };
            self.price(&price, said.list_price, findings);
        }
        is_repeated
    }

    /// Whether most of so many rows say what became of a product: a whole EP may name the columns and leave them empty.
    pub fn is_summary(&self, rows: u64) -> bool {
        self.changes * 2 > rows
    }

    /// Says what is only known at the end.
    pub fn finish(&self, findings: &mut Findings) {
        if let Some(compared) = self.ids.not_compared() {
            findings.add(ProblemKind::TooManyIds, || Example::value(compared));
        }
    }

    fn value(&self, at: &Value<'_>, column: Column, findings: &mut Findings) {
        let mut tell = |kind, rule: Option<Violation>| {
            findings.add_value(kind, column, rule, || at.example(rule.map(Sign::Rule)));
        };
        // A glance was not enough.
        match column.judge(at.value) {
            Ok(()) => self.left(at, column, findings),
            Err(Violation::Required) => {
                let example = || Example { value: None, ..at.example(None) };
                findings.add_value(ProblemKind::EmptyRequired, column, None, example);
            }
            Err(Violation::ControlCharacters) => tell(ProblemKind::ControlCharacter, None),
            Err(rule) => {
                let kind = match column.reaction(rule) {
                    Reaction::Refused => ProblemKind::BadValue,
                    Reaction::Ignored => ProblemKind::IgnoredValue,
                };
                tell(kind, Some(rule));
            }
        }
    }

    /// What a value may hold by its column's rule, and our own writer never leaves in one.
    fn left(&self, at: &Value<'_>, column: Column, findings: &mut Findings) {
        let mut tell = |kind, rule: Option<Sign>| {
            findings.add_value(kind, column, None, || at.example(rule));
        };
        if column.rule() == Rule::Anything {
            return;
        }
        if text::has_entity(at.value) {
            tell(ProblemKind::Entity, None);
        }
        if !at.value.is_ascii()
            && let Some(unseen) = chars::first_invisible(at.value)
        {
            tell(ProblemKind::InvisibleCharacter, Some(Sign::Found(format!("U+{:04X}", u32::from(unseen)))));
        }
        let is_link = matches!(column.rule(), Rule::Link | Rule::Links { .. }) && self.reach == Reach::Public;
        if is_link && at.value.split('|').any(hosts::is_private) {
            tell(ProblemKind::PrivateHost, None);
        }
    }

    fn price(&mut self, at: &Value<'_>, list_price: &str, findings: &mut Findings) {
        let mut tell = |kind, at: &Value<'_>| findings.add(kind, || at.example(None));
        if let Some(kind) = self.prices.add(at.value) {
            tell(kind, at);
        }
        if let (Ok(price), Ok(list)) = (at.value.parse::<u64>(), list_price.parse::<u64>())
            && list <= price
        {
            let value = &format!("{list} ≤ {price}");
            tell(ProblemKind::ListPriceNotAbove, &Value { column: "normal_price", value, ..*at });
        }
    }
}
