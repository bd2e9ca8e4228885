//! Each class of error, and what is done about it, on a clock on which waiting takes no time.

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
}

/// What was called (by number of blocks), how long it took, and how it ended, with a deadline of 30 s.
async fn play(
    posting: bool,
    script: &[Option<ChatErrorKind>],
) -> (Vec<usize>, i64, Result<(), ChatErrorKind>) {
    play_with(posting, script, vec![serde_json::json!({"type": "divider"})], None).await
}

/// The same of a message with these blocks.
async fn play_with(
    posting: bool,
    script: &[Option<ChatErrorKind>],
    blocks: Vec<serde_json::Value>,
    plain: Option<Vec<serde_json::Value>>,
) -> (Vec<usize>, i64, Result<(), ChatErrorKind>) {
    let start = Timestamp::UNIX_EPOCH;
    let clock = Simulated(Mutex::new(start));
    let chat = Scripted { answers: Mutex::new(script.to_vec()), calls: Mutex::default() };
    let message = Message {
        text: "verdict".into(),
        blocks,
        plain,
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
        ("nor in sum", true, vec![Some(limited(20)), Some(limited(20))], vec![1; 2], 20, Err(limited(20))),
        ("no connection", true, vec![Some(Unreachable), Some(Unreachable), None], vec![1; 3], 3, Ok(())),
        ("three times", true, vec![Some(Unreachable); 3], vec![1; 3], 3, Err(Unreachable)),
        ("plain text once", true, vec![Some(Payload), None], vec![1, 0], 0, Ok(())),
        ("and only once", true, vec![Some(Payload), Some(Payload)], vec![1, 0], 0, Err(Payload)),
        ("plain stays plain", true, vec![Some(Payload), Some(limited(1)), None], vec![1, 0, 0], 1, Ok(())),
        (
            "a code that nobody knows is for whoever can look",
            true,
            vec![Some(Unknown)],
            vec![1],
            0,
            Err(Unknown),
        ),
        ("an edit is made as plain text", false, vec![Some(Unknown), None], vec![1, 0], 0, Ok(())),
        ("and given up some tries later", false, vec![Some(Unknown); 4], vec![1, 0, 0, 0], 3, Err(Unknown)),
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

#[tokio::test]
async fn a_form_that_is_refused_becomes_plainer_step_by_step() {
    use ChatErrorKind::{Payload, Unknown};
    let block = |kind| serde_json::json!({"type": kind});
    let rich =
        || vec![block("divider"), block(crate::chat::CHART), block("divider"), block(crate::chat::TABLE)];
    let plain = || Some(vec![block("divider"); 2]);
    for (what, posting, script, calls, end) in [
        ("taken", true, vec![None], vec![4], Ok(())),
        ("without charts and tables", true, vec![Some(Payload), None], vec![4, 2], Ok(())),
        ("as plain text", true, vec![Some(Payload), Some(Payload), None], vec![4, 2, 0], Ok(())),
        ("nothing is plainer", true, vec![Some(Payload); 3], vec![4, 2, 0], Err(Payload)),
        ("an edit", false, vec![Some(Unknown), Some(Payload), None], vec![4, 2, 0], Ok(())),
    ] {
        assert_eq!(play_with(posting, &script, rich(), plain()).await, (calls, 0, end), "{what}");
    }
}
