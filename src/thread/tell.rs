//! A run's message: posted once, or edited where an earlier attempt left one.
//!
//! It never decides what a run found, nor whom that calls (that is `alarm`'s).

use jiff::Timestamp;

use super::{
    Threads,
    alarm::{self, Found, News, Standing, Stood},
    deliver::PatientChat,
    leased::Leased,
    place::Post,
};
use crate::{
    config::chat::MentionWhen,
    ledger::{BrokeOff, Calls, DayRecord, Held, Message, OpenThread, Outcome, RunRecord, Turn, day_name},
    report::{Failure, FailureKind, Origin, Report, RunInfo, Status},
    slack::Note,
    step::Step,
};

/// One attempt that has something to tell, until `deadline`.
pub(crate) struct Telling<'a> {
    pub(super) threads: &'a Threads,
    pub(super) held: &'a Held,
    pub(super) info: &'a RunInfo,
    pub(super) deadline: Timestamp,
    chat: Leased<'a>,
}

impl Threads {
    /// Whether the Scheduler started a run at a time that is no slot: somebody edited the job, or the jobs were not made
    /// anew. On a day on which clocks change nobody knows what the Scheduler makes of a time.
    pub(crate) fn is_off_schedule(&self, info: &RunInfo) -> bool {
        info.origin == Origin::Scheduled
            && self.schedule.slot_of(info.step, info.at).is_none()
            && !self.schedule.changes_clocks(info.day)
    }

    fn news(
        &self,
        run: &RunInfo,
        report: &Report,
        turn: Turn,
        is_known: bool,
        earlier: Option<&Message>,
    ) -> News {
        News {
            is_known,
            origin: run.origin,
            attempt: run.attempt,
            found: Found::of(report),
            turn,
            mention: self.renderer.mention(),
            earlier: earlier.map(|told| (told.call, told.shows)),
        }
    }

    /// What a run would tell that tells nothing, for a dry run.
    pub(crate) fn preview(&self, run: &RunInfo, report: &Report) -> crate::chat::Message {
        let names = self.news(run, report, Turn::None, false, None).names();
        self.renderer.report(run, report, names, &[])
    }
}

impl<'a> Telling<'a> {
    pub(crate) fn new(threads: &'a Threads, held: &'a Held, info: &'a RunInfo, deadline: Timestamp) -> Self {
        let chat = Leased { chat: threads.chat.as_ref(), held };
        Self { threads, held, info, deadline, chat }
    }

    /// The name of the run's record.
    pub(crate) fn record_name(&self) -> &str {
        self.held.name()
    }

    pub(super) fn calls(&self) -> PatientChat<'_> {
        PatientChat { chat: &self.chat, ..self.threads.calls(self.deadline) }
    }

    /// Posts the run's message once, or edits the one that an earlier attempt left. `thread` is replaced where people
    /// deleted it. `says_closed`: that the day's parent is closed for edits is said here. Gives since when what is wrong
    /// was wrong, where it was so before.
    pub(crate) async fn tell(
        &self,
        outcome: &Outcome,
        says_closed: bool,
        thread: &mut OpenThread,
    ) -> Result<Option<Timestamp>, Failure> {
        let (report, before) = (&outcome.report, self.held.record().await);
        let (causes, stood) = (report.causes(), self.stood_before(report).await?);
        // What was told already is perhaps noted where it would be compared with itself.
        let turn = match before.message.as_ref().and_then(|told| told.turn) {
            Some(turn) => turn,
            None if report.tells_of_the_feed() => {
                alarm::turn(report.status(), &causes, &stood, self.info.origin)
            }
            None => Turn::None,
        };
        let standing = alarm::standing(&causes, &stood);
        let is_known = alarm::was_told_today(report.status(), &causes, &stood)
            || alarm::is_of_a_hold(&causes) && self.was_hold_told_today().await?;
        let is_bad = report.status() >= Status::Held;
        let is_still = |standing: &Standing| standing.is_the_same && is_bad;
        let since = standing.filter(|_| is_bad).map(|standing| standing.since);
        let news = self.threads.news(self.info, report, turn, is_known, before.message.as_ref());
        let notes: Vec<Note> = [
            (turn == Turn::Recovered).then(|| Note::Recovered(standing.map(|standing| standing.since))),
            standing.filter(is_still).map(|standing| Note::Still(standing.since)),
            says_closed.then_some(Note::BoardClosed),
            self.threads.is_off_schedule(self.info).then_some(Note::OffSchedule),
        ]
        .into_iter()
        .flatten()
        .collect();
        let post = Post {
            message: self.threads.renderer.report(self.info, report, news.names(), &notes),
            call: news.calls(),
            is_alarm: news.is_alarm(),
            shows: report.status(),
            turn: (!matches!(report, Report::Failure(_))).then_some(turn),
        };
        self.edit_or_post(post, news.must_be_new(), before, thread).await?;
        Ok(since)
    }

    /// Edits the message that an earlier attempt left, as the run's record was `before`, where that will do; else posts one.
    async fn edit_or_post(
        &self,
        post: Post,
        must_be_new: bool,
        before: RunRecord,
        thread: &mut OpenThread,
    ) -> Result<(), Failure> {
        // An intent without a message: an attempt before this one may have posted it.
        let mut maybe_posted = before.intent.is_some();
        if let Some(earlier) = before.message {
            self.held.renew().await?;
            if self.edits(&earlier, must_be_new, &post.message, thread).await? {
                return self.note(Message { shows: post.shows, turn: post.turn, ..earlier }).await;
            }
            // From here on a successor looks for the new one.
            self.held.update(|record| record.message = None).await?;
            maybe_posted = false;
        }
        self.post(post, maybe_posted, thread).await
    }

    /// Tells that the run is under way, in a message that its report edits, or follows where edits are closed: before
    /// anything is published something is written that people see. It names whom every report names, for the edit that
    /// follows calls nobody.
    pub(crate) async fn announce(&self, thread: &mut OpenThread) -> Result<(), Failure> {
        let before = self.held.record().await;
        if before.message.is_some() {
            return Ok(());
        }
        let names = self.threads.renderer.mention() == Some(MentionWhen::Always);
        let post = Post {
            message: self.threads.renderer.under_way(self.info, names),
            call: if names { Calls::Named } else { Calls::Nobody },
            is_alarm: false,
            shows: Status::Ok,
            turn: None,
        };
        self.post(post, before.intent.is_some(), thread).await
    }

    /// Tells that the attempt before this one broke off, where that is told.
    pub(crate) async fn tell_broke_off(&self, broke_off: BrokeOff) -> Result<(), Failure> {
        if !alarm::tells_broken_off(self.info.attempt) {
            return Ok(());
        }
        let report = Report::Failure(Failure {
            failure: FailureKind::BrokeOff,
            detail: format!(
                "attempt {} ended without an outcome, {} in all so far: its instance was killed, crashed or froze",
                broke_off.attempt, broke_off.times
            ),
            retryable: true,
        });
        let outcome = Outcome { status: report.status(), report, duration_ms: 0 };
        let mut thread = self.threads.ensure(self.info.day, self.deadline).await?.thread;
        let since = self.tell(&outcome, false, &mut thread).await?;
        self.threads.finished(self.info, &outcome, since, &thread, self.deadline).await?;
        Ok(())
    }

    pub(super) async fn note(&self, message: Message) -> Result<(), Failure> {
        self.held.update(|record| record.message = Some(message.clone())).await
    }

    /// Whether an export of the day called people for a build that it held back.
    async fn was_hold_told_today(&self) -> Result<bool, Failure> {
        let record = self.threads.ledger.read::<DayRecord>(&day_name(self.info.day)).await?;
        let slots = record.map(|record| record.value.slots).unwrap_or_default();
        let exports = slots.iter().filter(|slot| slot.step == Step::ExportProducts && slot.at < self.info.at);
        let mut told = exports.map(|slot| slot.stood_before(self.info.at));
        Ok(told.any(|told| told.status == Status::Held && !told.causes.is_empty()))
    }

    /// How things stood with the step at the slots before this run, newest first, of today, and of yesterday where
    /// none of today's was good. Nothing where nobody asks: a run that says neither how the feed is nor of trouble.
    async fn stood_before(&self, report: &Report) -> Result<Vec<Stood>, Failure> {
        let (info, mut stood) = (self.info, Vec::new());
        if !report.tells_of_the_feed() && report.causes().is_empty() {
            return Ok(stood);
        }
        for day in [Some(info.day), info.day.yesterday().ok()].into_iter().flatten() {
            let record = self.threads.ledger.read::<DayRecord>(&day_name(day)).await?;
            let slots = record.map(|record| record.value.slots).unwrap_or_default();
            let of_step = slots.into_iter().rev().filter(|slot| slot.step == info.step);
            stood.extend(of_step.filter(|slot| slot.at < info.at).map(|slot| Stood {
                at: slot.at,
                is_today: day == info.day,
                outcome: slot.stood_before(info.at).clone(),
            }));
            if stood.iter().any(|stood| stood.outcome.status < Status::Held) {
                break;
            }
        }
        Ok(stood)
    }
}
