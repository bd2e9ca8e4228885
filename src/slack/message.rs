//! Messages from finished reports: which one, headed by what, and found again by which marker.
//!
//! It never posts, and never decides a verdict or whom to name; it needs no network and no clock.

mod head;

use std::fmt::Display;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use strum::EnumIter;

use super::{
    blocks::Blocks,
    board,
    commands::{CalledAt, Commands},
    export, failure, guide,
    links::Consoles,
    verify,
    wording::Words,
};
use crate::{
    chat::{Marker, Message, escape},
    config::chat::{ChatConfig, MentionId, MentionWhen},
    report::{Board, Report, RunInfo},
    step::Step,
};

/// The kinds of messages, as their markers begin: `guide:<day>`. Messages are found by these names, so they stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::Display, EnumIter)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Kind {
    Parent,
    Guide,
    Run,
    Doctor,
}

/// What a message says below its headline, beside its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The run is good again after one that was not; since when that was, where it is known.
    Recovered(Option<Timestamp>),
    /// What is wrong was wrong before, since then.
    Still(Timestamp),
    /// The day's parent may not be edited any more.
    BoardClosed,
    /// The Scheduler started the run at a time that is no slot of `SCHEDULE`.
    OffSchedule,
}

/// Makes every message of the day's thread.
#[derive(Debug, Clone)]
pub struct Renderer {
    service: String,
    mention: Vec<MentionId>,
    mention_when: MentionWhen,
    timezone: TimeZone,
    commands: Commands,
    consoles: Consoles,
    words: Words,
}

impl Renderer {
    /// Speaks as `config` says, with times in `timezone`; `at` is where this service is called, for the command lines
    /// that messages show.
    pub fn new(config: &ChatConfig, timezone: TimeZone, at: CalledAt) -> Self {
        Self {
            service: config.service_name.clone(),
            mention: config.mention.clone(),
            mention_when: config.mention_when,
            timezone,
            commands: Commands::new(at),
            consoles: Consoles::default(),
            words: Words::of(config.locale),
        }
    }

    /// The same with links to what these consoles know.
    #[must_use]
    pub fn with_consoles(self, consoles: Consoles) -> Self {
        Self { consoles, ..self }
    }

    /// The day's parent, marked `parent:<day>`.
    pub fn parent(&self, board: &Board) -> Message {
        let mut blocks = Blocks::new(self.words);
        board::draw(&mut blocks, self.words, &escape::text(&self.service), board);
        blocks.finish(self.parent_marker(board.day))
    }

    /// The thread's first reply, marked `guide:<day>`.
    pub fn guide(&self, day: Date, context: &guide::GuideContext) -> Message {
        let mut blocks = Blocks::new(self.words);
        guide::draw(&mut blocks, self.words, &self.commands, day, context);
        blocks.finish(self.guide_marker(day))
    }

    /// What a run has to tell, and what else there is to say, marked `run:<step>:<key>`; `names` the people of
    /// `SLACK_MENTION`.
    pub fn report(&self, run: &RunInfo, report: &Report, names: bool, notes: &[Note]) -> Message {
        let (words, commands) = (self.words, &self.commands);
        let (mut still, mut lines, mut beside) = (None, Vec::new(), Vec::new());
        for note in notes {
            match note {
                Note::Still(since) => still = Some(words.still(&self.moment(*since, run))),
                Note::Recovered(since) => {
                    lines.push(words.recovered(report.status(), since.map(|since| minutes(since, run.at))));
                }
                Note::BoardClosed => beside.push(words.board_closed().to_owned()),
                Note::OffSchedule => beside.push(words.off_schedule().to_owned()),
            }
        }
        lines.insert(0, self.head(run, report, still.clone(), names));
        let head = lines.join("\n");
        Blocks::message(words, &self.run_marker(run.step, &run.key), |blocks| {
            let head = head.clone();
            match report {
                Report::Thread(thread) => blocks.section(&[head, words.thread(thread.opened).to_owned()]),
                Report::Export(report) => {
                    export::draw(blocks, words, commands, head, run, report, still.is_none());
                }
                Report::Verify(report) => verify::draw(blocks, words, commands, head, run, report),
                Report::Failure(report) => failure::draw(blocks, words, commands, head, run, report),
            }
            // What is about neither the verdict nor the feed comes behind both.
            blocks.folded(std::slice::from_ref(&beside));
            blocks.context(&self.consoles.links(words, run, report));
        })
    }

    /// A run that is under way: what stands in the place of its report until that comes.
    pub fn under_way(&self, run: &RunInfo, names: bool) -> Message {
        let head = self.headline("⏳", run, self.words.under_way(run.step), None, None, names);
        let mut blocks = Blocks::new(self.words);
        blocks.section(&[head]);
        blocks.finish(self.run_marker(run.step, &run.key))
    }

    /// What the doctor posts to see that it can be, marked `doctor:<name>`.
    pub fn doctor(&self, name: &str) -> Message {
        let mut blocks = Blocks::new(self.words);
        blocks.section(&[self.words.doctor().to_owned()]);
        blocks.finish(self.marker(Kind::Doctor, name))
    }

    /// When the people of `SLACK_MENTION` are to be named, where it holds anybody.
    pub fn mention(&self) -> Option<MentionWhen> {
        (!self.mention.is_empty()).then_some(self.mention_when)
    }

    /// What a message says that is one too many and may not be removed.
    pub fn one_too_many(&self) -> &'static str {
        self.words.one_too_many()
    }

    /// What finds the day's parent.
    pub fn parent_marker(&self, day: Date) -> Marker {
        self.marker(Kind::Parent, day)
    }

    /// What finds the day's guide.
    pub fn guide_marker(&self, day: Date) -> Marker {
        self.marker(Kind::Guide, day)
    }

    /// What finds a run's message.
    pub fn run_marker(&self, step: Step, key: &str) -> Marker {
        self.marker(Kind::Run, format_args!("{step}:{key}"))
    }

    fn marker(&self, kind: Kind, of: impl Display) -> Marker {
        Marker { service: self.service.clone(), key: format!("{kind}:{of}") }
    }

    /// A time of day; of another day than the run's with its date.
    fn moment(&self, at: Timestamp, run: &RunInfo) -> String {
        let at = at.to_zoned(self.timezone.clone());
        at.strftime(if at.date() == run.day { "%H:%M" } else { "%m-%d %H:%M" }).to_string()
    }
}

fn minutes(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_mins()).unwrap_or_default()
}
