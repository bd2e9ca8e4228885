//! The chat of a machine without Slack: threads in memory, printed as a person would see them in Slack.
//!
//! It never keeps anything beyond the process.

use std::{
    io::{IsTerminal, Write},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use jiff::Timestamp;

mod mrkdwn;

pub(crate) use mrkdwn::lines;

use crate::{
    chat::{Chat, ChatError, ChatErrorKind, Marker, Message, Place, Posted, Ts},
    clock::Clock,
};

/// A channel in memory.
pub struct TerminalChat {
    clock: Arc<dyn Clock>,
    /// Whether each call is printed at once.
    echo: bool,
    ansi: bool,
    /// When this process began.
    since: Ts,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    posts: Vec<Post>,
    /// The microsecond of the newest message.
    newest: i64,
}

struct Post {
    ts: Ts,
    parent: Option<Ts>,
    message: Message,
}

impl Post {
    fn posted(&self) -> Posted {
        Posted { channel: "terminal".to_owned(), ts: self.ts.clone(), thread_ts: self.parent.clone() }
    }
}

/// A `ts` as Slack writes it. Seconds have ten digits until the year 2286: as texts they compare as numbers do.
fn ts_at(microseconds: i64) -> Ts {
    Ts(format!("{}.{:06}", microseconds / 1_000_000, microseconds % 1_000_000))
}

impl TerminalChat {
    /// An empty channel. With `echo` each message is printed when it comes or changes; without, it is only kept
    /// for `transcript`.
    pub fn new(clock: Arc<dyn Clock>, echo: bool) -> Self {
        let ansi = std::io::stdout().is_terminal();
        let since = ts_at(clock.now().as_microsecond());
        Self { clock, echo, ansi, since, state: Mutex::default() }
    }

    /// Whether a message is of a process before this one: what it looked like is forgotten, but it was there.
    fn is_earlier(&self, ts: &Ts) -> bool {
        *ts < self.since
    }

    /// All threads as they look now: each parent in its latest edition, its replies below.
    pub(crate) fn transcript(&self) -> String {
        let state = self.state();
        let thread = |parent: &Post| {
            let replies = state.posts.iter().filter(|post| post.parent.as_ref() == Some(&parent.ts));
            std::iter::once(parent).chain(replies).map(|post| self.draw(post)).collect::<String>()
        };
        let parents = state.posts.iter().filter(|post| post.parent.is_none());
        parents.map(thread).collect::<Vec<_>>().join("\n")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The message's lines: a parent's from the margin, a reply's below it.
    fn draw(&self, post: &Post) -> String {
        let (first, further) = if post.parent.is_none() { ("", "   ") } else { ("   ├ ", "   │ ") };
        let lines = mrkdwn::lines(&post.message, self.ansi);
        let indented = lines.iter().enumerate().map(|(n, line)| {
            let margin = if n == 0 { first } else { further };
            format!("{}\n", format!("{margin}{line}").trim_end())
        });
        indented.collect()
    }

    fn echo(&self, post: &Post, edited: bool) {
        if self.echo {
            let text = format!("{}{}", if edited { "✎ " } else { "" }, self.draw(post));
            // A reader that went away (`| head`) is no reason to stop the run.
            let _ = std::io::stdout().lock().write_all(text.as_bytes());
        }
    }
}

#[async_trait]
impl Chat for TerminalChat {
    async fn post(&self, place: Place<'_>, message: &Message) -> Result<Posted, ChatError> {
        let mut state = self.state();
        state.newest = self.clock.now().as_microsecond().max(state.newest + 1);
        let ts = ts_at(state.newest);
        let parent = match place {
            Place::Channel => None,
            Place::Thread(ts) | Place::Broadcast(ts) => Some(ts),
        };
        // As in Slack, a reply to what is not there goes to the channel, and only the answer tells.
        let parent = parent
            .filter(|ts| {
                self.is_earlier(ts) || state.posts.iter().any(|p| p.ts == **ts && p.parent.is_none())
            })
            .cloned();
        let post = Post { ts, parent, message: message.clone() };
        self.echo(&post, false);
        let posted = post.posted();
        state.posts.push(post);
        Ok(posted)
    }

    async fn update(&self, ts: &Ts, message: &Message) -> Result<(), ChatError> {
        let mut state = self.state();
        if self.is_earlier(ts) {
            self.echo(&Post { ts: ts.clone(), parent: None, message: message.clone() }, true);
            return Ok(());
        }
        let Some(post) = state.posts.iter_mut().find(|post| post.ts == *ts) else {
            let detail = format!("message_not_found: there is no {ts} in this process's memory");
            return Err(ChatError::new(ChatErrorKind::Gone, "chat.update", detail));
        };
        let changed = post.message != *message;
        post.message = message.clone();
        if changed {
            self.echo(post, true);
        }
        Ok(())
    }

    async fn find(
        &self,
        marker: &Marker,
        thread: Option<&Ts>,
        since: Timestamp,
    ) -> Result<Vec<Posted>, ChatError> {
        let since = ts_at(since.as_microsecond());
        let state = self.state();
        let found = state.posts.iter().filter(|post| {
            post.message.marker == *marker && post.parent.as_ref() == thread && post.ts >= since
        });
        Ok(found.map(Post::posted).collect())
    }

    async fn delete(&self, ts: &Ts) -> Result<(), ChatError> {
        self.state().posts.retain(|post| post.ts != *ts);
        Ok(())
    }

    async fn permalink(&self, _: &Ts) -> Result<Option<String>, ChatError> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    struct Still;

    #[async_trait]
    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(1_696_521_600).unwrap()
        }

        async fn sleep(&self, _: Duration) {}
    }

    fn message(text: &str) -> Message {
        let marker = Marker { service: "IKEA EP".into(), key: "run:1".into() };
        Message { text: text.into(), blocks: Vec::new(), plain: None, marker }
    }

    fn chat() -> TerminalChat {
        TerminalChat { ansi: false, ..TerminalChat::new(Arc::new(Still), false) }
    }

    #[tokio::test]
    async fn a_transcript_shows_the_latest_parent_with_its_replies_in_order() {
        let chat = chat();
        let parent = chat.post(Place::Channel, &message("⚪ *IKEA EP*\n00:05 –")).await.unwrap();
        chat.post(Place::Thread(&parent.ts), &message("안내")).await.unwrap();
        chat.post(Place::Broadcast(&parent.ts), &message("❌ 실패 <@U1>\n&lt;html&gt;")).await.unwrap();
        chat.update(&parent.ts, &message("🔴 *IKEA EP*\n00:05 ❌")).await.unwrap();
        assert_eq!(chat.transcript(), "🔴 IKEA EP\n   00:05 ❌\n   ├ 안내\n   ├ ❌ 실패 @U1\n   │ <html>\n");
    }

    #[tokio::test]
    async fn every_ts_is_shaped_like_slacks_unique_and_increasing() {
        let chat = chat();
        let first = chat.post(Place::Channel, &message("a")).await.unwrap().ts;
        let second = chat.post(Place::Channel, &message("b")).await.unwrap().ts;
        assert_eq!((first.0.as_str(), second.0.as_str()), ("1696521600.000000", "1696521600.000001"));
    }

    #[tokio::test]
    async fn a_reply_to_nothing_goes_astray_as_in_slack_and_an_update_of_nothing_is_gone() {
        let chat = chat();
        let nowhere = Ts("1696521600.999999".into());
        assert_eq!(chat.post(Place::Thread(&nowhere), &message("a")).await.unwrap().thread_ts, None);
        assert_eq!(chat.update(&nowhere, &message("b")).await.unwrap_err().kind, ChatErrorKind::Gone);
    }
}
