//! A run's message: posted once, or edited where an earlier attempt left one.
//!
//! It never decides what a run found; a message that must call somebody is posted anew, for an edit calls nobody.

use jiff::Timestamp;

use super::{
    Replace, Threads, chat_failure,
    deliver::PatientChat,
    leased::Leased,
    reconcile::{self, Intent},
};
use crate::{
    chat::{self, ChatError, ChatErrorKind, Place, Posted, Ts},
    ledger::{BrokeOff, Calls, DayRecord, Doubtful, Held, Message, OpenThread, Outcome, Turn, day_name},
    report::{Failure, FailureKind, Origin, Report, RunInfo, SlotOutcome, Status},
    schedule::SCHEDULED_ATTEMPTS,
    slack::{NAMED_FROM_ATTEMPT, Note},
};

/// Posts that one run tries: in the day's thread, in the one that replaces it where people deleted it, and in place of
/// an earlier attempt's message.
const PLACES: usize = 3;

impl Threads {
    /// Whether the Scheduler started a run at a time that is no slot: somebody edited the job, or the jobs were not made
    /// anew. On a day on which clocks change nobody knows what the Scheduler makes of a time.
    pub(crate) fn is_off_schedule(&self, info: &RunInfo) -> bool {
        info.origin == Origin::Scheduled
            && self.schedule.slot_of(info.step, info.at).is_none()
            && !self.schedule.changes_clocks(info.day)
    }
}

/// One attempt that has something to tell, until `deadline`.
pub(crate) struct Telling<'a> {
    threads: &'a Threads,
    held: &'a Held,
    info: &'a RunInfo,
    deadline: Timestamp,
    chat: Leased<'a>,
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

    fn calls(&self) -> PatientChat<'_> {
        PatientChat { chat: &self.chat, ..self.threads.calls(self.deadline) }
    }

    /// Posts the run's message once, or edits the one that an earlier attempt left. `thread` is replaced where people
    /// deleted it. `says_closed`: that the day's parent is closed for edits is said here.
    pub(crate) async fn tell(
        &self,
        outcome: &Outcome,
        says_closed: bool,
        thread: &mut OpenThread,
    ) -> Result<(), Failure> {
        let before = self.held.record().await;
        // What was told already is perhaps noted where it would be compared with itself.
        let turn = match before.message.as_ref().and_then(|told| told.turn) {
            Some(turn) => turn,
            None => self.turn(outcome).await?,
        };
        let says = (!matches!(outcome.report, Report::Failure(_))).then_some(turn);
        let notes: Vec<Note> = [
            (turn == Turn::Recovered).then_some(Note::Recovered),
            says_closed.then_some(Note::BoardClosed),
            self.threads.is_off_schedule(self.info).then_some(Note::OffSchedule),
        ]
        .into_iter()
        .flatten()
        .collect();
        let message = self.threads.renderer.report_with(self.info, outcome.status, &outcome.report, &notes);
        let call = self.calls_whom(outcome, turn, before.message.as_ref());
        // An intent without a message: an attempt before this one may have posted it.
        let mut maybe_posted = before.intent.is_some();
        if let Some(earlier) = &before.message {
            self.held.renew().await?;
            if self.takes_the_place_of(earlier, outcome.status, call, &message, thread).await? {
                let message = Message { shows: outcome.status, turn: says, ..earlier.clone() };
                return self.note(message).await;
            }
            // From here on a successor looks for the new one.
            self.held.update(|record| record.message = None).await?;
            maybe_posted = false;
        }
        let is_alarm = outcome.status >= Status::Held && call > Calls::Nobody;
        let (posted, call) = self.post(&message, call, is_alarm, maybe_posted, thread).await?;
        let (channel, thread_ts, ts) = (posted.channel, thread.ts.clone(), posted.ts);
        self.note(Message { channel, thread_ts, ts, shows: outcome.status, call, turn: says }).await
    }

    /// Tells that the run is under way, in a message that its report edits, or follows where edits are closed: before
    /// anything is published something is written that people see.
    pub(crate) async fn announce(&self, thread: &mut OpenThread) -> Result<(), Failure> {
        let before = self.held.record().await;
        if before.message.is_some() {
            return Ok(());
        }
        let message = self.threads.renderer.under_way(self.info);
        let call = if self.threads.renderer.always_names() { Calls::Named } else { Calls::Nobody };
        let (posted, call) = self.post(&message, call, false, before.intent.is_some(), thread).await?;
        let (channel, thread_ts, ts) = (posted.channel, thread.ts.clone(), posted.ts);
        self.note(Message { channel, thread_ts, ts, shows: Status::Ok, call, turn: None }).await
    }

    /// Tells that the attempt before this one broke off, from the third attempt on and on the last: the work begins
    /// again only then, for it may kill this one, too.
    pub(crate) async fn tell_broke_off(&self, broke_off: BrokeOff) -> Result<(), Failure> {
        if self.info.attempt < NAMED_FROM_ATTEMPT && !is_last(self.info) {
            return Ok(());
        }
        let failure = Failure {
            failure: FailureKind::BrokeOff,
            detail: format!(
                "attempt {} ended without an outcome, {} in all so far: its instance was killed, crashed or froze",
                broke_off.attempt, broke_off.times
            ),
            retryable: true,
        };
        let report = Report::Failure(failure);
        let outcome = Outcome { status: report.status(), report, duration_ms: 0 };
        let mut thread = self.threads.ensure(self.info.day, self.deadline).await?.thread;
        self.tell(&outcome, false, &mut thread).await?;
        self.threads.finished(self.info, &outcome, &thread, self.deadline).await?;
        Ok(())
    }

    async fn note(&self, message: Message) -> Result<(), Failure> {
        self.held.update(|record| record.message = Some(message.clone())).await
    }

    /// Edits an earlier attempt's message. False where another one is to be posted: it stood elsewhere, was removed, or
    /// cannot be edited any more.
    async fn takes_the_place_of(
        &self,
        earlier: &Message,
        status: Status,
        call: Calls,
        message: &chat::Message,
        thread: &OpenThread,
    ) -> Result<bool, Failure> {
        // In a thread that people deleted nobody looks.
        let elsewhere = earlier.thread_ts != thread.ts;
        let anew = elsewhere || calls_anew(earlier, status, call);
        if anew && self.remove(&earlier.ts).await? {
            tracing::info!(ts = %earlier.ts, "the earlier message makes room for another one");
            return Ok(false);
        }
        if elsewhere {
            return Ok(false);
        }
        match self.calls().update(&earlier.ts, message).await {
            Ok(()) => Ok(true),
            Err(error) if takes_no_edit(&error) => {
                tracing::warn!(%error, "the earlier message cannot be edited any more; a new one is posted");
                // It may only be closed for edits, and there must not be two.
                self.remove(&earlier.ts).await?;
                Ok(false)
            }
            Err(error) => Err(chat_failure(&error)),
        }
    }

    /// Posts a message once, in the thread that replaces the day's where people deleted that; tells whom it called.
    async fn post(
        &self,
        message: &chat::Message,
        mut call: Calls,
        is_alarm: bool,
        maybe_posted: bool,
        thread: &mut OpenThread,
    ) -> Result<(Posted, Calls), Failure> {
        let (threads, day, calls) = (self.threads, self.info.day, self.calls());
        let first = self.held.record().await.intent;
        let mut intent = Intent { since: first.unwrap_or_else(|| threads.clock.now()), maybe_posted };
        self.held.renew_and(|record| record.intent = Some(intent.since)).await?;
        for _ in 0..PLACES {
            let place = match call {
                Calls::Channel => Place::Broadcast(&thread.ts),
                Calls::Named | Calls::Nobody => Place::Thread(&thread.ts),
            };
            let once = match reconcile::post_once(calls, place, message, intent).await {
                Ok(once) => once,
                Err(error) if error.kind == ChatErrorKind::Gone => {
                    threads.replace(day, &thread.ts, Replace::OnceADay).await?;
                    *thread = threads.ensure(day, self.deadline).await?.thread;
                    continue;
                }
                Err(error) if call == Calls::Channel && refuses_a_broadcast(&error) => {
                    tracing::warn!(%error, "the channel may not be called; a plain reply is tried");
                    call = Calls::Named;
                    continue;
                }
                Err(error) => return Err(chat_failure(&error)),
            };
            let of = Doubtful::Run { step: self.info.step, key: self.info.key.clone() };
            if let Some(doubt) = threads.doubt(of, &once, intent) {
                threads.note_doubt(day, doubt).await?;
            }
            let (posted, found) = (once.posted, once.found);
            // Nobody knows whether one that was there called anybody; an alarm must. What may not be removed is edited.
            if found && is_alarm && calls.remove(&posted.ts).await.map_err(|error| chat_failure(&error))? {
                intent.maybe_posted = false;
                continue;
            }
            if found {
                // It may be an earlier attempt's, which had something else to say.
                match calls.update(&posted.ts, message).await {
                    Ok(()) => {}
                    Err(error) if takes_no_edit(&error) => {
                        calls.remove(&posted.ts).await.map_err(|error| chat_failure(&error))?;
                        intent.maybe_posted = false;
                        continue;
                    }
                    Err(error) => return Err(chat_failure(&error)),
                }
            }
            if posted.thread_ts.as_ref() == Some(&thread.ts) {
                return Ok((posted, call));
            }
            // A reply without a thread: people deleted the parent, and Slack put the reply into the channel.
            let away = calls.put_away(&posted.ts, &message.marker).await;
            away.map_err(|error| chat_failure(&error))?;
            threads.replace(day, &thread.ts, Replace::OnceADay).await?;
            *thread = threads.ensure(day, self.deadline).await?.thread;
        }
        Err(Failure {
            failure: FailureKind::Chat,
            detail:
                "the reply could not be placed in the day's thread: somebody keeps deleting messages there"
                    .to_owned(),
            retryable: true,
        })
    }

    /// Removes a message; false where the workspace does not let us, or where no later attempt could: a message that
    /// only says it is better than none.
    async fn remove(&self, ts: &Ts) -> Result<bool, Failure> {
        let is_over = self.info.origin == Origin::Manual || is_last(self.info);
        match self.calls().remove(ts).await {
            Ok(removed) => Ok(removed),
            Err(error) if is_over || error.kind == ChatErrorKind::Permanent => Ok(false),
            Err(error) => Err(chat_failure(&error)),
        }
    }

    /// Whom the message calls: the channel for what nobody will mend by itself and for its end, and whoever the
    /// message names.
    fn calls_whom(&self, outcome: &Outcome, turn: Turn, earlier: Option<&Message>) -> Calls {
        let info = self.info;
        let is_final =
            matches!(&outcome.report, Report::Failure(failure) if !failure.retryable || is_last(info));
        let ends_an_alarm =
            outcome.status < Status::Held && earlier.is_some_and(|earlier| earlier.call == Calls::Channel);
        if outcome.status == Status::Held || is_final || turn != Turn::None || ends_an_alarm {
            Calls::Channel
        } else if self.threads.renderer.names_somebody(info, outcome.status, &outcome.report) {
            Calls::Named
        } else {
            Calls::Nobody
        }
    }

    /// Whether a run changes what the channel last heard of its step: that is said once. A hold and a failed run are
    /// told to the channel each time, so only a verdict on the public feed can be new here.
    async fn turn(&self, outcome: &Outcome) -> Result<Turn, Failure> {
        if !outcome.report.tells_of_the_feed() {
            return Ok(Turn::None);
        }
        let (before, is_bad) = (self.stood_before().await?, |status| status >= Status::Held);
        Ok(if is_bad(outcome.status) {
            // A verification that could not be made found nothing out.
            match before.iter().find(|stood| !stood.could_not) {
                Some(stood) if is_bad(stood.status) => Turn::None,
                Some(_) => Turn::Broken,
                // The very first one: who runs it by hand sees it.
                None if self.info.origin == Origin::Scheduled => Turn::Broken,
                None => Turn::None,
            }
        } else {
            match before.first() {
                Some(stood) if is_bad(stood.status) => Turn::Recovered,
                _ => Turn::None,
            }
        })
    }

    /// How things stood with the step at the slots before this run, newest first, of today, and of yesterday where
    /// those of today found nothing out.
    async fn stood_before(&self) -> Result<Vec<SlotOutcome>, Failure> {
        let (info, mut stood) = (self.info, Vec::new());
        for day in [Some(info.day), info.day.yesterday().ok()].into_iter().flatten() {
            let record = self.threads.ledger.read::<DayRecord>(&day_name(day)).await?;
            let slots = record.map(|record| record.value.slots).unwrap_or_default();
            let of_step = slots.into_iter().rev().filter(|slot| slot.step == info.step);
            stood.extend(
                of_step.filter(|slot| slot.at < info.at).map(|slot| slot.stood_before(info.at).clone()),
            );
            if stood.iter().any(|stood: &SlotOutcome| !stood.could_not) {
                break;
            }
        }
        Ok(stood)
    }
}

/// Whether the earlier message must make room for a new one: an edit calls nobody.
fn calls_anew(earlier: &Message, status: Status, call: Calls) -> bool {
    match status {
        Status::Warn | Status::Held | Status::Fail if call > earlier.call => true,
        Status::Held | Status::Fail => false,
        // The end of an alarm of this run's, or of the one before it.
        Status::Ok | Status::Warn if earlier.call == Calls::Channel => earlier.shows >= Status::Held,
        Status::Ok | Status::Warn => call == Calls::Channel,
    }
}

/// Whether a message that is there can be told from now on only by another one: it is gone, closed for edits, or edits
/// are refused whatever their form.
fn takes_no_edit(error: &ChatError) -> bool {
    use ChatErrorKind::{Closed, Gone, Payload, Unknown};
    matches!(error.kind, Gone | Closed | Payload | Unknown)
}

/// Whether it may be only the channel that must not be called: a reply may be taken all the same.
fn refuses_a_broadcast(error: &ChatError) -> bool {
    use ChatErrorKind::{Payload, Permanent, Unknown};
    matches!(error.kind, Payload | Permanent | Unknown)
}

/// No attempt follows that the Scheduler makes by itself.
pub(crate) fn is_last(info: &RunInfo) -> bool {
    info.origin != Origin::Manual && info.attempt >= SCHEDULED_ATTEMPTS
}
