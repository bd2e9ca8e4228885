//! A run's message: posted once, or edited where an earlier attempt left one.

use jiff::Timestamp;

use super::{Runner, claim::Held};
use crate::{
    chat::{ChatErrorKind, Place, Ts},
    ledger::{Calls, DayRecord, Message, OpenThread, Outcome, RunRecord, Turn, day_name},
    report::{Failure, FailureKind, Origin, Report, RunInfo, SlotOutcome, Status},
    schedule::SCHEDULED_ATTEMPTS,
    slack::{
        deliver::PatientChat,
        reconcile::{self, Intent},
    },
    thread::chat_failure,
};

/// Posts that one run tries: in the day's thread, in the one that replaces it where people deleted it, and in place of
/// an earlier attempt's message.
const PLACES: usize = 3;

impl Runner {
    /// Posts the run's message once, or edits the one that an earlier attempt left. `thread` is replaced where people
    /// deleted it.
    pub(super) async fn tell(
        &self,
        held: &Held,
        info: &RunInfo,
        outcome: &Outcome,
        before: &RunRecord,
        thread: &mut OpenThread,
        deadline: Timestamp,
    ) -> Result<Message, Failure> {
        // What was told already is perhaps noted where it would be compared with itself.
        let told = before.message.as_ref().and_then(|told| told.turn).filter(|_| before.work_is_done());
        let turn = match told {
            Some(turn) => turn,
            None => self.turn(info, outcome).await?,
        };
        let says = (!matches!(outcome.report, Report::Failure(_))).then_some(turn);
        let message = match turn {
            Turn::Recovered => self.renderer.recovery(info, outcome.status, &outcome.report),
            Turn::None | Turn::Broken => self.renderer.report(info, outcome.status, &outcome.report),
        };
        let call = self.calls(info, outcome, turn, before.message.as_ref());
        let calls = PatientChat { chat: self.chat.as_ref(), clock: self.clock.as_ref(), deadline };
        held.renew(self).await?;
        // An intent without a message: an attempt before this one may have posted it.
        let mut maybe_posted = before.intent.is_some();
        if let Some(earlier) = &before.message {
            let anew = calls_anew(earlier, outcome.status, call);
            if anew && remove(calls, info, &earlier.ts).await? {
                tracing::info!(ts = %earlier.ts, "the earlier message makes room for one that calls somebody");
            } else {
                match calls.update(&earlier.ts, &message).await {
                    Ok(()) => return Ok(Message { shows: outcome.status, turn: says, ..earlier.clone() }),
                    Err(error) if matches!(error.kind, ChatErrorKind::Gone | ChatErrorKind::Closed) => {
                        tracing::warn!(%error, "the earlier message cannot be edited any more; a new one is posted");
                        // It may only be closed for edits, and there must not be two.
                        remove(calls, info, &earlier.ts).await?;
                    }
                    Err(error) => return Err(chat_failure(&error)),
                }
            }
            // From here on a successor looks for the new one.
            held.update(&self.ledger, |record| record.message = None).await?;
            maybe_posted = false;
        }
        let mut intent = Intent { since: before.intent.unwrap_or_else(|| self.clock.now()), maybe_posted };
        held.update(&self.ledger, |record| record.intent = Some(intent.since)).await?;
        for _ in 0..PLACES {
            let place = match call {
                Calls::Channel => Place::Broadcast(&thread.ts),
                Calls::Named | Calls::Nobody => Place::Thread(&thread.ts),
            };
            let once = reconcile::post_once(calls, place, &message, intent).await;
            let reconcile::Once { posted, found } = match once {
                Ok(once) => once,
                Err(error) if error.kind == ChatErrorKind::Gone => {
                    self.threads.forget(info.day, &thread.ts).await?;
                    *thread = self.threads.ensure(info.day, deadline).await?.thread;
                    continue;
                }
                Err(error) => return Err(chat_failure(&error)),
            };
            if found && outcome.status >= Status::Held && call > Calls::Nobody {
                // Nobody knows whether the earlier one called anybody; an alarm must.
                calls.remove(&posted.ts).await.map_err(|error| chat_failure(&error))?;
                intent.maybe_posted = false;
                continue;
            }
            if found {
                // It may be an earlier attempt's, which had something else to say.
                calls.update(&posted.ts, &message).await.map_err(|error| chat_failure(&error))?;
            }
            if posted.thread_ts.as_ref() == Some(&thread.ts) {
                let (channel, thread_ts) = (posted.channel, thread.ts.clone());
                let shows = outcome.status;
                return Ok(Message { channel, thread_ts, ts: posted.ts, shows, call, turn: says });
            }
            // A reply without a thread: people deleted the parent, and Slack put the reply into the channel.
            calls.remove(&posted.ts).await.map_err(|error| chat_failure(&error))?;
            self.threads.forget(info.day, &thread.ts).await?;
            *thread = self.threads.ensure(info.day, deadline).await?.thread;
        }
        Err(Failure {
            failure: FailureKind::Chat,
            detail: "the reply landed outside of the day's thread again and again: somebody keeps deleting its parent"
                .to_owned(),
            retryable: true,
        })
    }

    /// Whom the message calls: the channel for what nobody will mend by itself and for its end, and whoever the
    /// message names.
    fn calls(&self, info: &RunInfo, outcome: &Outcome, turn: Turn, earlier: Option<&Message>) -> Calls {
        let is_final =
            matches!(&outcome.report, Report::Failure(failure) if !failure.retryable || is_last(info));
        let ends_an_alarm =
            outcome.status < Status::Held && earlier.is_some_and(|earlier| earlier.call == Calls::Channel);
        if outcome.status == Status::Held || is_final || turn != Turn::None || ends_an_alarm {
            Calls::Channel
        } else if self.renderer.names_somebody(info, outcome.status, &outcome.report) {
            Calls::Named
        } else {
            Calls::Nobody
        }
    }

    /// Whether a run changes what the channel last heard of its route: that is said once. A hold and a failed run are
    /// told to the channel each time, so only a verdict on the public feed can be new here.
    async fn turn(&self, info: &RunInfo, outcome: &Outcome) -> Result<Turn, Failure> {
        if !outcome.report.tells_of_the_feed() {
            return Ok(Turn::None);
        }
        let (before, is_bad) = (self.stood_before(info).await?, |status| status >= Status::Held);
        Ok(if is_bad(outcome.status) {
            // A verification that could not be made found nothing out.
            match before.iter().find(|stood| !stood.could_not) {
                Some(stood) if is_bad(stood.status) => Turn::None,
                Some(_) => Turn::Broken,
                // The very first one: who runs it by hand sees it.
                None if info.origin == Origin::Scheduled => Turn::Broken,
                None => Turn::None,
            }
        } else {
            match before.first() {
                Some(stood) if is_bad(stood.status) => Turn::Recovered,
                _ => Turn::None,
            }
        })
    }

    /// How things stood with the route at the slots before this run, newest first, of today, and of yesterday where
    /// those of today found nothing out.
    async fn stood_before(&self, info: &RunInfo) -> Result<Vec<SlotOutcome>, Failure> {
        let mut stood = Vec::new();
        for day in [Some(info.day), info.day.yesterday().ok()].into_iter().flatten() {
            let record = self.ledger.read::<DayRecord>(&day_name(day)).await?;
            let slots = record.map(|record| record.value.slots).unwrap_or_default();
            let of_route = slots.into_iter().rev().filter(|slot| slot.route == info.route);
            stood.extend(
                of_route.filter(|slot| slot.at < info.at).map(|slot| slot.stood_before(info.at).clone()),
            );
            if stood.iter().any(|stood: &SlotOutcome| !stood.could_not) {
                break;
            }
        }
        Ok(stood)
    }
}

/// Removes a message; false where the workspace does not let us, or where no later attempt could: a message that only
/// says it is better than none.
async fn remove(calls: PatientChat<'_>, info: &RunInfo, ts: &Ts) -> Result<bool, Failure> {
    let is_over = info.origin == Origin::Manual || is_last(info);
    match calls.remove(ts).await {
        Ok(()) => Ok(true),
        Err(error) if is_over || matches!(error.kind, ChatErrorKind::Permanent | ChatErrorKind::Closed) => {
            Ok(false)
        }
        Err(error) => Err(chat_failure(&error)),
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

/// No attempt follows that the Scheduler makes by itself.
fn is_last(info: &RunInfo) -> bool {
    info.origin != Origin::Manual && info.attempt >= SCHEDULED_ATTEMPTS
}
