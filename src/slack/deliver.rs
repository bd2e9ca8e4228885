//! When a call to the chat is made again, and when it is given up.
//!
//! It never posts again after an answer that was lost: only who searches the thread first may.

use std::time::Duration;

use jiff::Timestamp;

use crate::{
    chat::{Chat, ChatError, ChatErrorKind, Marker, Message, Place, Posted, Ts},
    clock::Clock,
};

/// Waits before the second and the third try of a call that got no connection, or of one with a lost answer that may be
/// made twice.
const BACKOFF: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(2)];
/// The least wait after "rate limited": a zero would make a busy loop.
const LEAST_WAIT: Duration = Duration::from_secs(1);

/// A chat whose calls are made again where that may help. No call begins after the deadline.
#[derive(Clone, Copy)]
pub struct PatientChat<'a> {
    /// Whose calls.
    pub chat: &'a dyn Chat,
    /// To wait by.
    pub clock: &'a dyn Clock,
    /// After this no call begins.
    pub deadline: Timestamp,
    /// What a message says that is one too many where the workspace forbids to remove it.
    pub one_too_many: &'a str,
}

impl PatientChat<'_> {
    /// Posts one message; a lost answer is returned as it is.
    pub async fn post(&self, place: Place<'_>, message: &Message) -> Result<Posted, ChatError> {
        let mut message = message.clone();
        let mut policy = Policy::new(self, false);
        loop {
            match self.chat.post(place, &message).await {
                Ok(posted) => return Ok(posted),
                Err(error) => policy.prepare_again(&mut message, error).await?,
            }
        }
    }

    /// Replaces the message named `ts`; doing it twice is doing it once, so a lost answer is no reason to stop.
    pub async fn update(&self, ts: &Ts, message: &Message) -> Result<(), ChatError> {
        let mut message = message.clone();
        let mut policy = Policy::new(self, true);
        loop {
            match self.chat.update(ts, &message).await {
                Ok(()) => return Ok(()),
                Err(error) => policy.prepare_again(&mut message, error).await?,
            }
        }
    }

    /// Looks for a message by its marker, again where there was no answer.
    pub async fn find(
        &self,
        marker: &Marker,
        thread: Option<&Ts>,
        since: Timestamp,
    ) -> Result<Vec<Posted>, ChatError> {
        let mut policy = Policy::new(self, true);
        loop {
            match self.chat.find(marker, thread, since).await {
                Ok(found) => return Ok(found),
                Err(error) => policy.wait(error).await?,
            }
        }
    }

    /// Removes a message of ours that must not stay as it is, again where there was no answer; one that is gone
    /// already is no error. False where the workspace does not let us: it stays.
    pub async fn remove(&self, ts: &Ts) -> Result<bool, ChatError> {
        let mut policy = Policy::new(self, true);
        loop {
            let error = match self.chat.delete(ts).await {
                Ok(()) => return Ok(true),
                Err(error) if error.kind == ChatErrorKind::Gone => return Ok(true),
                Err(error) => error,
            };
            if error.kind == ChatErrorKind::Closed {
                tracing::warn!(%error, %ts, "a message that must make room may not be removed");
                return Ok(false);
            }
            policy.wait(error).await.inspect_err(|error| {
                tracing::warn!(%error, %ts, "a message that must make room could not be removed");
            })?;
        }
    }

    /// Removes a message that is one too many; what cannot be deleted is edited, so that it says so and nobody finds
    /// it again by its marker.
    pub async fn put_away(&self, ts: &Ts, marker: &Marker) -> Result<(), ChatError> {
        if self.remove(ts).await? {
            return Ok(());
        }
        let marker = Marker { service: marker.service.clone(), key: format!("stray:{}", marker.key) };
        let text = self.one_too_many.to_owned();
        match self.update(ts, &Message { text, blocks: Vec::new(), marker }).await {
            Err(error) if !matches!(error.kind, ChatErrorKind::Gone | ChatErrorKind::Closed) => Err(error),
            _ => Ok(()),
        }
    }
}

struct Policy<'a> {
    clock: &'a dyn Clock,
    deadline: Timestamp,
    /// Whether the call may be made again although it may have been taken.
    idempotent: bool,
    backoff: std::array::IntoIter<Duration, 2>,
}

impl<'a> Policy<'a> {
    fn new(calls: &PatientChat<'a>, idempotent: bool) -> Self {
        Self { clock: calls.clock, deadline: calls.deadline, idempotent, backoff: BACKOFF.into_iter() }
    }

    /// Returns when the call may be made again; gives the error back when it may not. A code that nobody knows may be
    /// about the form, too: where it does no harm, the plain text is tried.
    async fn prepare_again(&mut self, message: &mut Message, error: ChatError) -> Result<(), ChatError> {
        let is_form = match error.kind {
            ChatErrorKind::Payload => true,
            ChatErrorKind::Unknown => self.idempotent,
            _ => false,
        };
        if is_form && !message.blocks.is_empty() {
            tracing::warn!(key = %message.marker.key, "Slack refused the message's form, sending plain text: {error}");
            *message = message.plain();
            return Ok(());
        }
        self.wait(error).await
    }

    /// Waits until the call may be made again as it was; gives the error back when it may not.
    async fn wait(&mut self, error: ChatError) -> Result<(), ChatError> {
        let wait = match &error.kind {
            ChatErrorKind::RateLimited(wait) => Some((*wait).max(LEAST_WAIT)),
            ChatErrorKind::Unreachable => self.backoff.next(),
            ChatErrorKind::Ambiguous | ChatErrorKind::Unknown if self.idempotent => self.backoff.next(),
            ChatErrorKind::Payload
            | ChatErrorKind::Ambiguous
            | ChatErrorKind::Unknown
            | ChatErrorKind::Permanent
            | ChatErrorKind::Closed
            | ChatErrorKind::Gone => None,
        };
        let Some(wait) = wait else { return Err(error) };
        if self.clock.now().checked_add(wait).map_or(true, |then| then >= self.deadline) {
            return Err(error);
        }
        self.clock.sleep(wait).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;

    /// A clock on which waiting takes no time.
    struct Simulated(Mutex<Timestamp>);

    #[async_trait]
    impl Clock for Simulated {
        fn now(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }

        async fn sleep(&self, duration: Duration) {
            let mut now = self.0.lock().unwrap();
            *now += duration;
        }
    }

    /// A chat that answers by a script, `None` for "taken", and remembers how many blocks each call had.
    struct Scripted {
        answers: Mutex<Vec<Option<ChatErrorKind>>>,
        calls: Mutex<Vec<usize>>,
    }

    impl Scripted {
        fn answer(&self, message: &Message) -> Result<(), ChatError> {
            self.calls.lock().unwrap().push(message.blocks.len());
            match self.answers.lock().unwrap().remove(0) {
                None => Ok(()),
                Some(kind) => Err(ChatError { kind, method: "chat.test", detail: String::new() }),
            }
        }
    }

    #[async_trait]
    impl Chat for Scripted {
        async fn find(&self, _: &Marker, _: Option<&Ts>, _: Timestamp) -> Result<Vec<Posted>, ChatError> {
            Ok(Vec::new())
        }

        async fn delete(&self, _: &Ts) -> Result<(), ChatError> {
            Ok(())
        }

        async fn post(&self, _: Place<'_>, message: &Message) -> Result<Posted, ChatError> {
            self.answer(message)?;
            Ok(Posted { channel: "C1".into(), ts: Ts("1.000001".into()), thread_ts: None })
        }

        async fn update(&self, _: &Ts, message: &Message) -> Result<(), ChatError> {
            self.answer(message)
        }

        async fn permalink(&self, _: &Ts) -> Result<Option<String>, ChatError> {
            Ok(None)
        }

        fn channel(&self) -> String {
            "C1".into()
        }
    }

    /// What was called (by number of blocks), how long it took, and how it ended, with a deadline of 30 s.
    async fn play(
        posting: bool,
        script: &[Option<ChatErrorKind>],
    ) -> (Vec<usize>, i64, Result<(), ChatErrorKind>) {
        let start = Timestamp::UNIX_EPOCH;
        let clock = Simulated(Mutex::new(start));
        let chat = Scripted { answers: Mutex::new(script.to_vec()), calls: Mutex::default() };
        let message = Message {
            text: "verdict".into(),
            blocks: vec![serde_json::json!({"type": "divider"})],
            marker: Marker { service: "S".into(), key: "run:1".into() },
        };
        let deadline = start + Duration::from_secs(30);
        let ts = Ts("1.000001".into());
        let calls = PatientChat { chat: &chat, clock: &clock, deadline, one_too_many: "" };
        let result = if posting {
            calls.post(Place::Channel, &message).await.map(drop)
        } else {
            calls.update(&ts, &message).await
        };
        let waited = clock.now().as_second();
        assert!(chat.answers.lock().unwrap().is_empty(), "the script was played to its end");
        (chat.calls.into_inner().unwrap(), waited, result.map_err(|e| e.kind))
    }

    fn limited(seconds: u64) -> ChatErrorKind {
        ChatErrorKind::RateLimited(Duration::from_secs(seconds))
    }

    #[tokio::test]
    async fn each_class_gets_its_own_reaction() {
        use ChatErrorKind::{Ambiguous, Gone, Payload, Permanent, Unknown, Unreachable};
        for (what, posting, script, calls, waited, end) in [
            ("taken", true, vec![None], vec![1], 0, Ok(())),
            (
                "waits what it is told",
                true,
                vec![Some(limited(7)), Some(limited(2)), None],
                vec![1; 3],
                9,
                Ok(()),
            ),
            ("never in a busy loop", true, vec![Some(limited(0)), None], vec![1; 2], 1, Ok(())),
            ("not beyond the deadline", true, vec![Some(limited(30))], vec![1], 0, Err(limited(30))),
            (
                "nor in sum",
                true,
                vec![Some(limited(20)), Some(limited(20))],
                vec![1; 2],
                20,
                Err(limited(20)),
            ),
            ("no connection", true, vec![Some(Unreachable), Some(Unreachable), None], vec![1; 3], 3, Ok(())),
            ("three times", true, vec![Some(Unreachable); 3], vec![1; 3], 3, Err(Unreachable)),
            ("plain text once", true, vec![Some(Payload), None], vec![1, 0], 0, Ok(())),
            ("and only once", true, vec![Some(Payload), Some(Payload)], vec![1, 0], 0, Err(Payload)),
            (
                "plain stays plain",
                true,
                vec![Some(Payload), Some(limited(1)), None],
                vec![1, 0, 0],
                1,
                Ok(()),
            ),
            (
                "a code that nobody knows is for whoever can look",
                true,
                vec![Some(Unknown)],
                vec![1],
                0,
                Err(Unknown),
            ),
            ("an edit is made as plain text", false, vec![Some(Unknown), None], vec![1, 0], 0, Ok(())),
            (
                "and given up some tries later",
                false,
                vec![Some(Unknown); 4],
                vec![1, 0, 0, 0],
                3,
                Err(Unknown),
            ),
            ("a post is not repeated", true, vec![Some(Ambiguous)], vec![1], 0, Err(Ambiguous)),
            ("an update is", false, vec![Some(Ambiguous), Some(Ambiguous), None], vec![1; 3], 3, Ok(())),
            ("up to three times", false, vec![Some(Ambiguous); 3], vec![1; 3], 3, Err(Ambiguous)),
            (
                "both together too",
                false,
                vec![Some(Unreachable), Some(Ambiguous), Some(Unreachable)],
                vec![1; 3],
                3,
                Err(Unreachable),
            ),
            ("somebody must act", false, vec![Some(Permanent)], vec![1], 0, Err(Permanent)),
            ("nothing to update", false, vec![Some(Gone)], vec![1], 0, Err(Gone)),
        ] {
            assert_eq!(play(posting, &script).await, (calls, waited, end), "{what}");
        }
    }
}
