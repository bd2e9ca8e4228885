//! The thread's first reply: what stands in it on a day, and how it is posted once.

use jiff::civil::Date;

use super::{ThreadError, Threads, opening::Opening, reconcile::Intent};
use crate::{
    chat::{ChatErrorKind, Message, Place},
    ledger::{DayRecord, Doubtful, GuideState, OpenThread, ThreadState},
    slack::{GuideContext, GuideTime},
    step::Step,
};

impl Threads {
    /// The guide of a day.
    pub(crate) fn guide(&self, day: Date) -> Message {
        let slots = self.schedule.slots(day).into_iter().filter(|slot| slot.step != Step::CreateThread);
        let mut times: Vec<_> =
            slots.map(|slot| GuideTime { time: self.schedule.time_of(slot.at), step: slot.step }).collect();
        // A time may exist twice on the day of a change of clocks.
        times.dedup();
        let context = GuideContext { times, feed_url: self.feed_url.clone(), files: self.files.clone() };
        self.renderer.guide(day, &context)
    }
}

impl Opening<'_> {
    /// Posts the guide below a parent that is ours to finish.
    pub(super) async fn post_guide(
        &mut self,
        thread: &OpenThread,
        intent: Intent,
    ) -> Result<(), ThreadError> {
        let guide = self.threads.guide(self.day);
        let once = match self.post_once(Place::Thread(&thread.ts), &guide, intent).await {
            Ok(once) => once,
            Err(error) if error.kind == ChatErrorKind::Gone => {
                return self.replace_or_give_back(thread).await;
            }
            Err(error) => return Err(self.give_back_after(error).await),
        };
        let doubt = self.threads.doubt(Doubtful::Guide, &once, intent);
        let posted = once.posted;
        if posted.thread_ts.as_ref() != Some(&thread.ts) {
            // The parent was deleted meanwhile: the stray guide goes, and the next look opens another thread.
            self.threads.calls(self.deadline).put_away(&posted.ts, &guide.marker).await?;
            return self.replace_or_give_back(thread).await;
        }
        let noted = |mut record: DayRecord| match &mut record.thread {
            ThreadState::Open(OpenThread { guide: guide @ GuideState::Posting { .. }, .. }) if matches!(&*guide, GuideState::Posting { claim, .. } if claim.nonce == self.nonce) =>
            {
                *guide = GuideState::Posted { ts: posted.ts.clone() };
                doubt.clone().into_iter().for_each(|doubt| record.doubt(doubt));
                Some(record)
            }
            _ => None,
        };
        self.threads.ledger.update(&self.name, noted).await?;
        Ok(())
    }
}
