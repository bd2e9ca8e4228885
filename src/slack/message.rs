//! Messages from finished reports: which one, headed by what, naming whom, and found again by which marker.
//!
//! It never posts and never decides a verdict; it needs no network and no clock.

use jiff::{civil::Date, tz::TimeZone};

use super::{blocks::Blocks, board, export, failure, guide, verify, wording::Words};
use crate::{
    chat::{Marker, Message, escape},
    config::chat::{ChatConfig, MentionId, MentionWhen},
    report::{Board, BuildId, FailureKind, Origin, Publication, Report, RunInfo, Status},
    schedule::SCHEDULED_ATTEMPTS,
    step::Step,
};

/// Failed attempts before this one name nobody when the next may succeed: most mend themselves.
pub const NAMED_FROM_ATTEMPT: u32 = 3;

/// What a message says below its headline, beside its report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The run is good again after one that was not.
    Recovered,
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
    base_url: Option<String>,
    pub(super) words: Words,
}

impl Renderer {
    /// Speaks as `config` says, with times in `timezone`. `base_url` is where this service answers, for the command
    /// lines that messages show; without it they say `$URL` and bring an identity token, as Cloud Run wants it.
    pub fn new(config: &ChatConfig, timezone: TimeZone, base_url: Option<String>) -> Self {
        Self {
            service: config.service_name.clone(),
            mention: config.mention.clone(),
            mention_when: config.mention_when,
            timezone,
            base_url: base_url.map(|url| url.trim_end_matches('/').to_owned()),
            words: Words::of(config.locale),
        }
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
        guide::draw(&mut blocks, self, day, context);
        blocks.finish(self.guide_marker(day))
    }

    /// What a run has to tell, marked `run:<step>:<key>`.
    pub fn report(&self, run: &RunInfo, status: Status, report: &Report) -> Message {
        self.draw(self.head(run, status, report), run, status, report)
    }

    /// The same with what else there is to say.
    pub fn report_with(&self, run: &RunInfo, status: Status, report: &Report, notes: &[Note]) -> Message {
        let notes = notes.iter().map(|note| match note {
            Note::Recovered => self.words.recovered(status),
            Note::BoardClosed => self.words.board_closed(),
            Note::OffSchedule => self.words.off_schedule(),
        });
        let head: Vec<_> =
            std::iter::once(self.head(run, status, report)).chain(notes.map(str::to_owned)).collect();
        self.draw(head.join("\n"), run, status, report)
    }

    /// A run that is under way: what stands in the place of its report until that comes. It names whom every report
    /// names, for the edit that follows calls nobody.
    pub fn under_way(&self, run: &RunInfo) -> Message {
        let head = self.headline("⏳", run, self.words.under_way(run.step), None, self.always_names());
        let mut blocks = Blocks::new(self.words);
        blocks.section(&[head]);
        blocks.finish(self.run_marker(run.step, &run.key))
    }

    /// Whether each report names the people of `SLACK_MENTION`.
    pub fn always_names(&self) -> bool {
        self.mention_when == MentionWhen::Always && !self.mention.is_empty()
    }

    /// What a message says that is one too many and may not be removed.
    pub fn one_too_many(&self) -> &'static str {
        self.words.one_too_many()
    }

    fn draw(&self, head: String, run: &RunInfo, status: Status, report: &Report) -> Message {
        let mut blocks = Blocks::new(self.words);
        match report {
            Report::Thread(thread) => {
                blocks.section(&[head, self.words.thread(thread.opened).to_owned()]);
            }
            Report::Export(report) => export::draw(&mut blocks, self, head, run, status, report),
            Report::Verify(report) => verify::draw(&mut blocks, self, head, run, status, report),
            Report::Failure(report) => failure::draw(&mut blocks, self, head, run, report),
        }
        blocks.finish(self.run_marker(run.step, &run.key))
    }

    /// What finds the day's parent.
    pub fn parent_marker(&self, day: Date) -> Marker {
        self.marker(format!("parent:{day}"))
    }

    /// What finds the day's guide.
    pub fn guide_marker(&self, day: Date) -> Marker {
        self.marker(format!("guide:{day}"))
    }

    /// What finds a run's message.
    pub fn run_marker(&self, step: Step, key: &str) -> Marker {
        self.marker(format!("run:{step}:{key}"))
    }

    fn marker(&self, key: String) -> Marker {
        Marker { service: self.service.clone(), key }
    }

    /// `📦 *00:05 EP 생성 완료* (수동) <@U…>`
    fn head(&self, run: &RunInfo, status: Status, report: &Report) -> String {
        let failed = matches!(report, Report::Failure(_));
        let verdict = match report {
            Report::Failure(_) => self.words.could_not(run.step),
            Report::Export(export) => match export.publication {
                Publication::Superseded { .. } => self.words.superseded_headline(),
                Publication::DryRun => self.words.dry_run_headline(),
                Publication::Published { .. } | Publication::Held { .. } => match &export.republished {
                    Some(again) => self.words.republished_headline(again.was_held(), status),
                    None => self.words.headline(run.step, status),
                },
            },
            Report::Thread(_) | Report::Verify(_) => self.words.headline(run.step, status),
        };
        // What is told of an attempt that broke off, the next one tells.
        let broke_off =
            matches!(report, Report::Failure(failure) if failure.failure == FailureKind::BrokeOff);
        let failed = failed.then_some(run.attempt - u32::from(broke_off)).filter(|attempt| *attempt > 1);
        self.headline(icon(run.step, status), run, verdict, failed, self.names_somebody(run, status, report))
    }

    fn headline(
        &self,
        icon: &str,
        run: &RunInfo,
        verdict: &str,
        attempt: Option<u32>,
        names_somebody: bool,
    ) -> String {
        let time = run.at.to_zoned(self.timezone.clone()).strftime("%H:%M");
        let mut head = format!("{icon} *{time} {verdict}*");
        // By hand there is no number of attempts that one could be near to.
        let of = Some(SCHEDULED_ATTEMPTS).filter(|of| run.origin != Origin::Manual && run.attempt <= *of);
        let attempt = attempt.map(|attempt| self.words.attempt(attempt, of));
        let origin = self.words.origin(run.origin).map(str::to_owned);
        let marks: Vec<String> = origin.into_iter().chain(attempt).collect();
        if !marks.is_empty() {
            head.push_str(&format!(" ({})", marks.join(" · ")));
        }
        if names_somebody {
            for id in &self.mention {
                head.push(' ');
                head.push_str(&id.mrkdwn());
            }
        }
        head
    }

    /// Whether the message of such a report names the people of `SLACK_MENTION`.
    pub fn names_somebody(&self, run: &RunInfo, status: Status, report: &Report) -> bool {
        match report {
            _ if self.mention.is_empty() => false,
            Report::Thread(_) => false,
            Report::Failure(failure) => !failure.retryable || run.attempt >= NAMED_FROM_ATTEMPT,
            Report::Export(_) | Report::Verify(_) => {
                self.mention_when == MentionWhen::Always || status != Status::Ok
            }
        }
    }

    /// The command line that runs a step, in a box.
    pub(super) fn command(&self, step: Step) -> String {
        self.curl("", step.into())
    }

    /// `body` may be empty and holds no `'`: even then `-d` makes curl send a length, which Google's front end asks of
    /// every POST.
    fn curl(&self, body: &str, path: &str) -> String {
        escape::fence(&match &self.base_url {
            // A shell takes `&` for the end of a command.
            Some(url) if path.contains('&') => format!("curl -X POST -d '{body}' \"{url}/{path}\""),
            Some(url) => format!("curl -X POST -d '{body}' {url}/{path}"),
            None => format!(
                "curl -X POST -d '{body}' -H \"Authorization: Bearer $(gcloud auth print-identity-token)\" \"$URL/{path}\""
            ),
        })
    }

    /// What people can do: each a sentence and a command line.
    pub(super) fn remedies(&self, blocks: &mut Blocks, remedies: &[Remedy<'_>]) {
        for remedy in remedies {
            let (sentence, command) = match remedy {
                Remedy::Rerun(step) => (self.words.rerun(*step), self.command(*step)),
                Remedy::Mend => (self.words.export_mends(), self.command(Step::ExportProducts)),
                // The reason stands in the body, where it may hold spaces and any script as people type them.
                Remedy::Force(build) => {
                    let path = format!("{}?build={build}&force=true", Step::ExportProducts);
                    (self.words.force(), self.curl(r#"{"reason": "…"}"#, &path))
                }
            };
            blocks.remedy(&[sentence.to_owned(), command]);
        }
        if !remedies.is_empty() && !self.knows_its_url() {
            blocks.remedy(&[self.words.where_url_is().to_owned()]);
        }
    }

    /// Whether command lines hold the service's real address.
    pub(super) fn knows_its_url(&self) -> bool {
        self.base_url.is_some()
    }
}

/// What people can do about a verdict.
pub(super) enum Remedy<'a> {
    /// Run the step again.
    Rerun(Step),
    /// Make another build: that mends the public file.
    Mend,
    /// Publish a held build.
    Force(&'a BuildId),
}

/// The sign that a verdict begins with.
fn icon(step: Step, status: Status) -> &'static str {
    match (status, step) {
        (Status::Ok, Step::CreateThread) => "🧵",
        (Status::Ok, Step::ExportProducts) => "📦",
        (Status::Ok, Step::VerifyEp) => "🔎",
        (Status::Warn, _) => "⚠️",
        (Status::Held, _) => "⛔",
        (Status::Fail, _) => "❌",
    }
}
