//! What the judge can say of a product that somebody asked for: what the map finds in it, which step decided by what, and
//! its row with where each value came from.
//!
//! It never decides: it tells the decision that was made, and every value it tells is short and without secrets.

use strum::IntoEnumIterator;

use super::{
    asked::Copy,
    judge::Judge,
    nearest::{self, Wanted},
    outcome::Judging,
};
use crate::{
    ep::{
        broken::Breach,
        columns::Column,
        row::Written,
        rules::Violation,
        rules::Violation::{EmptyName, NoId, NoName, NotAnAmount, NotUtf8, TwoValues, Unreadable},
        text::clean,
    },
    filter::{Left, Reason},
    map::{Place, Source},
    price::{self, Price},
    product::Member,
    report::{BrokenRule, Cell, Decision, Fate, FieldSaid, Found, SkipReason, StepTaken, WhyStep},
    transform::Explained,
};

/// Characters quoted of a value of the source.
pub(super) const QUOTED: usize = 200;
/// Copies of one id that are told.
pub(super) const COPIES: usize = 4;

impl Judge {
    /// Notes a product that is about to be handed on, where somebody asked for it, and whether its id comes near another one.
    pub(super) fn witness(
        &self,
        member: &Member<'_, '_>,
        row: &Result<Written, Left>,
        judging: &mut Judging<'_>,
    ) {
        let (Some(asked), Some(id)) = (judging.asked, member.text(&member.map.id)) else { return };
        let id = clean(&id);
        let caught = judging.judged.caught.get_or_insert_default();
        caught.pass(asked, &id);
        let Some(place) = asked.place(&id) else { return };
        // Of many copies a few are told, and the first that may be a row.
        let is_told = caught.of(place).filter(|copy| copy.found.is_some()).count() < COPIES
            || row.is_ok() && !caught.of(place).any(is_row);
        let found = is_told.then(|| self.found(member, row, judging));
        let outcome = judging.judged.outcomes.len();
        let caught = judging.judged.caught.get_or_insert_default();
        caught.copies.push(Copy { outcome, asked: place, found });
    }

    fn found(&self, member: &Member<'_, '_>, row: &Result<Written, Left>, judging: &Judging<'_>) -> Found {
        let told = |text: String| judging.told(text, QUOTED);
        let fate = match row {
            Ok(_) => Fate::Kept,
            Err(Left { why: Reason::Skip(reason), value }) => {
                Fate::Skipped { reason: *reason, value: told(value.clone()) }
            }
            Err(Left { why: Reason::Broken(breach), value }) => {
                Fate::Broken { rule: BrokenRule::Known(*breach), value: told(value.clone()) }
            }
        };
        let explained = row.as_ref().ok().and_then(|_| self.explained(member));
        let cell = |Explained { column, value, from }| Cell {
            column: column.name().to_owned(),
            value: judging.told(value, usize::MAX),
            from: told(from),
        };
        let parent = member.lineage().nth(1);
        let parent = parent.and_then(|parent| parent.text(&parent.map.id).map(|id| told(id.into_owned())));
        Found {
            department: judging.origin.department.as_deref().map(|id| told(id.to_owned())),
            window: judging.origin.start,
            element: judging.judged.elements as u64 + 1,
            variant_of: parent.or_else(|| member.is_variant().then(String::new)),
            fields: fields(member, &told),
            corrections: self.lines_taken(member, row.is_ok(), &told),
            steps: self.steps(member, row.as_ref().err(), &told),
            row: explained.into_iter().flat_map(|(row, _)| row).map(cell).collect(),
            fate,
        }
    }

    /// Every step as far as it came.
    fn steps(
        &self,
        member: &Member<'_, '_>,
        left: Option<&Left>,
        told: &impl Fn(String) -> String,
    ) -> Vec<StepTaken> {
        let decided = left.map(|left| step_of(left.why));
        // A variant without a price is left out before anything else is looked at.
        let at_once = member.is_variant() && matches!(price::of(member), Price::Missing);
        let taken = |step: WhyStep| {
            let decision = match decided {
                Some(decided) if step == decided => Decision::LeftOut,
                Some(decided) if step > decided || at_once && step > WhyStep::Read => Decision::NotReached,
                _ if step == WhyStep::Price && is_regular(member) => Decision::RegularInstead,
                _ => Decision::Passed,
            };
            let value = match (decision, step) {
                (Decision::LeftOut, _) => left.map(|left| left.value.clone()).unwrap_or_default(),
                (Decision::NotReached, _) => String::new(),
                (_, WhyStep::Price) => member.shown_price(),
                (_, WhyStep::Sellable) => {
                    member.value(&member.map.sellable).map(|value| value.to_string()).unwrap_or_default()
                }
                _ => String::new(),
            };
            StepTaken { step, decision, by: told(self.by(step, member, left)), value: told(value) }
        };
        let has_step = |step: &WhyStep| *step != WhyStep::Corrections || self.corrections.is_some();
        WhyStep::iter().filter(has_step).map(taken).collect()
    }

    /// The setting, the rule or the fields by which a step decides.
    fn by(&self, step: WhyStep, member: &Member<'_, '_>, left: Option<&Left>) -> String {
        let (map, filter, ep) = (member.map, &self.filter, self.transform.config());
        let all = |places: &[Place]| places.iter().map(Place::to_string).collect::<Vec<_>>().join(", ");
        let named = |name: &str, value: String| format!("{name}={value}");
        let included = self.correction(member).and_then(|correction| correction.included);
        let is_filter =
            (WhyStep::LowestPrice..=WhyStep::LastChance).contains(&step) && step != WhyStep::Image;
        if let Some(line) = included.filter(|_| is_filter) {
            return format!("CORRECTIONS_URL, line {line}");
        }
        match step {
            WhyStep::Read | WhyStep::Repeat => String::new(),
            WhyStep::Corrections => "CORRECTIONS_URL".to_owned(),
            WhyStep::Name => map.name.to_string(),
            WhyStep::Sellable => {
                let both = [&map.sellable, &map.stock].map(ToString::to_string);
                both.into_iter().filter(|sources| !sources.is_empty()).collect::<Vec<_>>().join(", ")
            }
            WhyStep::Price if map.marks.is_empty() => map.price.to_string(),
            WhyStep::Price => format!("{}, {}", map.price, all(&map.marks)),
            WhyStep::LowestPrice => named("FILTER_MIN_PRICE", filter.min_price.to_string()),
            WhyStep::Image => all(&map.images),
            WhyStep::Category => {
                let all: Vec<_> = filter.categories.iter().map(String::as_str).collect();
                named("FILTER_EXCLUDE_CATEGORIES", all.join(","))
            }
            WhyStep::Word => named("FILTER_EXCLUDE_WORDS", filter.words.join(",")),
            WhyStep::LastChance => {
                let keeps = if filter.keep_last_chance { "keep" } else { "drop" };
                named("FILTER_LAST_CHANCE", keeps.to_owned())
            }
            WhyStep::Rules => match left.map(|left| left.why) {
                Some(Reason::Broken(breach)) if breach.violation == Violation::Currency => {
                    format!("{breach}, {}", named("EP_CURRENCY", ep.currency.clone()))
                }
                Some(Reason::Broken(breach)) if step_of(Reason::Broken(breach)) == step => breach.to_string(),
                _ => String::new(),
            },
            WhyStep::Cap => named("EP_MAX_ROWS", ep.max_rows.to_string()),
        }
    }
}

fn is_row(copy: &Copy) -> bool {
    copy.found.as_ref().is_some_and(|found| found.fate == Fate::Kept)
}

/// Whether it states its regular price, because the other one is not everybody's.
fn is_regular(member: &Member<'_, '_>) -> bool {
    match price::of(member) {
        Price::Offer(offer) => price::stated(member).is_some_and(|stated| stated != offer.price),
        _ => false,
    }
}

/// The step that leaves a product out for a reason.
pub(super) fn step_of(why: Reason) -> WhyStep {
    match why {
        Reason::Skip(reason) => match reason {
            SkipReason::NotSellable | SkipReason::SellableUnclear => WhyStep::Sellable,
            SkipReason::RestrictedPrice | SkipReason::NoPrice => WhyStep::Price,
            SkipReason::PriceTooLow => WhyStep::LowestPrice,
            SkipReason::NoImage => WhyStep::Image,
            SkipReason::ExcludedCategory => WhyStep::Category,
            SkipReason::ExcludedWord => WhyStep::Word,
            SkipReason::LastChance => WhyStep::LastChance,
            SkipReason::Corrected => WhyStep::Corrections,
            SkipReason::OverCap | SkipReason::Later(_) => WhyStep::Cap,
        },
        Reason::Broken(Breach { column, violation }) => match (column, violation) {
            (_, Unreadable | NotUtf8 | TwoValues) => WhyStep::Read,
            (None, NoId | NoName | EmptyName) => WhyStep::Name,
            (Some(Column::PricePc), NotAnAmount) => WhyStep::Price,
            _ => WhyStep::Rules,
        },
    }
}

/// What the map looks for, and what the product says there.
fn fields(member: &Member<'_, '_>, told: &impl Fn(String) -> String) -> Vec<FieldSaid> {
    let mut said: Vec<_> = nearest::fields(member.map)
        .into_iter()
        .map(|(field, wanted)| {
            let (place, value) = match &wanted {
                Wanted::Value(sources) => {
                    let from = member.said_by(sources).map(Source::to_string);
                    (from, member.value(sources).map(|value| value.to_string()))
                }
                Wanted::Texts(_) if field == "images" => {
                    let first = member.images().next();
                    first.map(|(place, nth, url)| (place.nth(nth), url.into_owned())).unzip()
                }
                Wanted::Texts(_) => (None, categories(member)),
            };
            let place = place.unwrap_or_else(|| wanted.to_string());
            FieldSaid { field: field.to_owned(), place: told(place), value: value.map(told) }
        })
        .collect();
    if member.is_marked(|mark| member.map.restricted.holds(mark)) {
        let places: Vec<_> = member.map.marks.iter().map(Place::to_string).collect();
        let value = Some(told(member.shown_price()));
        said.push(FieldSaid { field: "marks".to_owned(), place: told(places.join(", ")), value });
    }
    said
}

/// The names of the levels that count, or their keys.
fn categories(member: &Member<'_, '_>) -> Option<String> {
    let levels = member.lineage().map(|member| member.categories()).find(|levels| !levels.is_empty())?;
    let shown = levels.into_iter().filter_map(|level| level.name.or(level.key));
    Some(shown.collect::<Vec<_>>().join(" > "))
}
