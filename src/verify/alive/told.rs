//! What is told of pages and images that were looked at: one finding a place, and one for a host that is all the same.

use std::collections::BTreeMap;

use reqwest::StatusCode;
use url::Url;

use super::{Kind, Target};
use crate::{
    report::{CheckId, Example, ProblemKind},
    verify::findings::{Findings, shown},
};

/// Of fewer pages or images nobody can say that most are gone.
const LEAST_OF_KIND: usize = 4;
/// Places that one host must have refused to be known to refuse.
const LEAST_REFUSED: usize = 2;

/// What became of a page or image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visit {
    /// It opens.
    Alive,
    /// It opens, but not as it should.
    Flawed(ProblemKind, String),
    /// The host does not want us to have it.
    Refused(String),
    /// Somebody answered that it is not there, or nobody can open it.
    Dead(String),
    /// Nobody answered.
    Silent(String),
    /// There was no time for it, or we were told to ask less.
    Unknown,
}

impl Visit {
    /// What a status says.
    pub fn of(status: StatusCode) -> Self {
        let number = status.as_u16().to_string();
        match status.as_u16() {
            200..300 => Self::Alive,
            // The host is busy, perhaps with us: that says nothing of the page.
            429 | 503 => Self::Unknown,
            401 | 403 | 406 | 407 | 418 | 451 => Self::Refused(number),
            _ => Self::Dead(number),
        }
    }

    /// What was answered instead of it, where it does not open.
    fn closed(&self) -> Option<&str> {
        match self {
            Self::Refused(detail) | Self::Dead(detail) | Self::Silent(detail) => Some(detail),
            Self::Alive | Self::Flawed(..) | Self::Unknown => None,
        }
    }
}

/// Tells what was found, and how many of how many opened: `39/40`.
pub fn tell(found: &[(Target, Visit)], findings: &mut Findings) {
    let known: Vec<_> = found.iter().filter(|(_, outcome)| *outcome != Visit::Unknown).collect();
    if known.is_empty() {
        findings.measure(CheckId::Alive, "–", None);
        return findings.not_checked(CheckId::Alive);
    }
    let opened = known.iter().filter(|(_, outcome)| outcome.closed().is_none()).count();
    findings.measure(CheckId::Alive, format!("{opened}/{}", known.len()), None);
    if known.iter().all(|(_, outcome)| matches!(outcome, Visit::Silent(_))) {
        return known
            .iter()
            .for_each(|(target, outcome)| place(target, outcome, ProblemKind::NoneAnswered, findings));
    }
    let (refusing, mut rest) = hosts(&known).into_iter().partition::<Vec<_>, _>(Host::refuses);
    refusing.iter().for_each(|host| host.tell(ProblemKind::HostRefuses, findings));
    // Of what nobody lets us see we do not know whether it is there.
    let seen = || rest.iter().flat_map(|host| &host.places);
    if let Some((dead, asked)) = mostly_dead(seen().copied()) {
        // One host that has all of it says where to look.
        let all = rest.iter().position(|host| host.is_dead() && host.places.len() == dead);
        let named = all.map(|i| format!(" · {}", rest.remove(i).name())).unwrap_or_default();
        findings.add(ProblemKind::MostlyDead, || Example::value(format!("{dead} / {asked}{named}")));
    }
    for host in rest {
        if host.is_dead() {
            host.tell(ProblemKind::HostDead, findings);
            continue;
        }
        for (target, outcome) in host.places {
            match (outcome, target.kind) {
                (Visit::Flawed(kind, _), _) => place(target, outcome, *kind, findings),
                (Visit::Alive | Visit::Unknown, _) => {}
                (_, Kind::Page) => place(target, outcome, ProblemKind::DeadPage, findings),
                (_, Kind::Image) => place(target, outcome, ProblemKind::DeadImage, findings),
            }
        }
    }
}

type Visited<'a> = &'a (Target, Visit);

/// What is known of one host.
struct Host<'a> {
    name: String,
    places: Vec<Visited<'a>>,
}

fn hosts<'a>(known: &[Visited<'a>]) -> Vec<Host<'a>> {
    let mut hosts: BTreeMap<String, Vec<Visited<'a>>> = BTreeMap::new();
    for place in known {
        let url = Url::parse(&place.0.url).ok();
        let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
        hosts.entry(host.to_owned()).or_default().push(place);
    }
    hosts.into_iter().map(|(name, places)| Host { name, places }).collect()
}

impl Host<'_> {
    fn refuses(&self) -> bool {
        self.places.len() >= LEAST_REFUSED
            && self.places.iter().all(|(_, outcome)| matches!(outcome, Visit::Refused(_)))
    }

    fn is_dead(&self) -> bool {
        self.places.len() >= LEAST_OF_KIND
            && self.places.iter().all(|(_, outcome)| outcome.closed().is_some())
    }

    /// With what it answers: `shop.example 403`.
    fn name(&self) -> String {
        let mut answers: Vec<&str> = self.places.iter().filter_map(|(_, outcome)| outcome.closed()).collect();
        answers.sort_unstable();
        answers.dedup();
        format!("{} {}", shown(&self.name), answers.into_iter().take(3).collect::<Vec<_>>().join(", "))
    }

    fn tell(&self, kind: ProblemKind, findings: &mut Findings) {
        let first = self.places.first().map(|(target, _)| target);
        findings.add(kind, || Example {
            row: first.map(|target| target.row),
            id: first.map(|target| target.id.clone()).filter(|id| !id.is_empty()),
            times: Some(self.places.len() as u64),
            ..Example::value(self.name())
        });
    }
}

/// How many of how many do not open, where that is more than half: of all, or else of pages or of images. With every
/// image gone the pages may be fine.
fn mostly_dead<'a>(seen: impl Iterator<Item = Visited<'a>> + Clone) -> Option<(usize, usize)> {
    let of = |kinds: &'static [Kind], least: usize| {
        let of_kind = seen.clone().filter(move |(target, _)| kinds.contains(&target.kind));
        let dead = of_kind.clone().filter(|(_, outcome)| outcome.closed().is_some()).count();
        let asked = of_kind.count();
        (asked >= least && dead * 2 > asked).then_some((dead, asked))
    };
    of(&[Kind::Page, Kind::Image], 1)
        .or_else(|| of(&[Kind::Page], LEAST_OF_KIND))
        .or_else(|| of(&[Kind::Image], LEAST_OF_KIND))
}

fn place(target: &Target, outcome: &Visit, kind: ProblemKind, findings: &mut Findings) {
    let detail = match outcome {
        Visit::Flawed(_, detail) => detail,
        outcome => outcome.closed().unwrap_or_default(),
    };
    findings.add(kind, || example(target, detail));
}

/// A place with what was found there.
pub(super) fn example(target: &Target, detail: &str) -> Example {
    Example {
        row: Some(target.row),
        id: Some(target.id.clone()).filter(|id| !id.is_empty()),
        value: Some([shown(&target.url).as_str(), detail].join(" ").trim_end().to_owned()),
        ..Example::default()
    }
}
