//! Before the work: the proof that it can be told, for who cannot tell what it did does nothing.

use super::attempt::{Attempt, Mode};
use crate::{
    chat::ChatErrorKind,
    report::Failure,
    step::Step,
    thread::{Living, Proof, Replace, Telling, ThreadError, chat_failure},
};

impl Attempt<'_> {
    /// Proves that what the run will find can be told, and tells what became of the attempt before. True where the run
    /// is to say that the parent is closed for edits.
    pub(super) async fn prove(&self) -> Result<bool, Failure> {
        let Mode::Claimed(held) = &self.mode else { return Ok(false) };
        let info = &self.before.info;
        self.runner.note_schedule(info).await;
        if info.step == Step::CreateThread {
            return Ok(false);
        }
        let telling = self.telling(held);
        let says_closed = self.written(&telling).await?;
        if let Some(broke_off) = self.before.just_broke_off()
            && let Err(failure) = telling.tell_broke_off(broke_off).await
        {
            tracing::warn!(%failure, "that an attempt broke off could not be told; the work goes on");
        }
        Ok(says_closed)
    }

    /// Something is written that people see, in the day's thread, opened where there is none and replaced where people
    /// deleted it. Who cannot tell what it did does nothing: with a revoked token or a bot that was removed the feed
    /// stays as it is. When Slack is only out of order for a while, the feed need not wait for it. Where an edit of the
    /// parent proves nothing, for edits are closed, are not understood, or an earlier reply was refused all the same, an
    /// export says in a reply of its own that it is under way. True where the run is to say that the parent is closed
    /// for edits.
    async fn written(&self, telling: &Telling<'_>) -> Result<bool, Failure> {
        let info = &self.before.info;
        let publishes = info.step == Step::ExportProducts && !self.before.work_is_done();
        let (run, once) = (Some(telling.record_name()), Replace::OnceADay);
        let living = self.runner.threads.living(info.day, run, once, self.deadline).await;
        let Living { mut thread, proof, replies_refused, .. } = match living {
            Ok(living) => living,
            Err(error) if publishes && refuses(&error) => return Err(error.into()),
            Err(error) => {
                let failure = Failure::from(error);
                if failure.retryable {
                    tracing::warn!(%failure, "whether the run can be told is not known; it goes on");
                    return Ok(false);
                }
                return Err(failure);
            }
        };
        let (is_proven, says_closed) = match proof {
            Proof::Written => (!replies_refused, false),
            Proof::Closed { said } => (false, !said),
            Proof::None(error) if error.kind == ChatErrorKind::Permanent => return Err(chat_failure(&error)),
            Proof::None(error) if error.kind.passes() => return Ok(false),
            Proof::None(_) => (false, false),
        };
        if publishes && !is_proven {
            telling.announce(&mut thread).await?;
        }
        Ok(says_closed)
    }
}

/// Whether the chat is there and does not take what we say.
fn refuses(error: &ThreadError) -> bool {
    matches!(error, ThreadError::Chat(error) if !error.kind.passes())
}
