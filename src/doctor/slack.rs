//! Slack: the token, its scopes, the channel, the form of messages, and one of our own where it may be posted.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{Check, Doctor, Finding, wording};
use crate::{
    chat::{Chat, ChatError, ChatErrorKind, Marker, Message, Place, Ts},
    config::chat::ChatTransport,
    preview,
    slack::{CalledAt, Renderer},
};

/// How far back a message is looked for whose time nobody told.
const LOOK_BACK: SignedDuration = SignedDuration::from_mins(10);

/// What is looked at.
pub(super) fn checks(post: bool) -> &'static [Check] {
    let all =
        &[Check::SlackToken, Check::SlackScopes, Check::SlackChannel, Check::SlackBlocks, Check::SlackPost];
    if post { all } else { &all[..4] }
}

/// What became of a message.
#[derive(Debug)]
pub(super) enum Posted {
    /// It was there, and is gone.
    AndRemoved,
    /// It was not taken, or nobody knows.
    Not(ChatError),
    /// It was taken and cannot be found again.
    Lost,
    /// It was taken, and looking for it failed.
    Unread(ChatError),
    /// It is there, and stays.
    Stays(ChatError),
}

pub(super) async fn look(doctor: &Doctor, name: String, post: bool) -> Vec<Finding> {
    if let ChatTransport::Terminal = doctor.config.chat.transport {
        return vec![wording::no_slack()];
    }
    let access = doctor.chat.access().await;
    let mut findings = vec![wording::slack_token(&access)];
    let Ok(access) = access else {
        findings.extend(checks(post)[1..].iter().map(|check| wording::not_tried(*check, Check::SlackToken)));
        return findings;
    };
    findings.push(wording::slack_scopes(&access));
    let timezone = doctor.config.service.schedule.timezone().clone();
    // Its message shows no command line, so it matters to nobody where the service is called.
    let called_at = CalledAt::Open(String::new());
    let renderer = Renderer::new(&doctor.config.chat, timezone, called_at);
    let message = renderer.doctor(&name);
    let now = doctor.clock.now();
    // Whoever is no member of the channel may not read it.
    let read = doctor.chat.find(&message.marker, None, now).await;
    findings.push(wording::slack_channel(&read));
    findings.push(wording::slack_blocks(&forms(&*doctor.chat, &renderer).await));
    if post {
        let chat = Arc::clone(&doctor.chat);
        // A task of its own: whoever waits no longer must not leave the message there.
        let posted = tokio::spawn(async move { posted(&*chat, &message, now).await }).await;
        findings.push(
            posted.map_or_else(|_| wording::defect(Check::SlackPost), |posted| wording::slack_post(&posted)),
        );
    }
    findings
}

/// What became of the messages' forms.
#[derive(Debug)]
pub(super) enum Forms {
    /// So many were looked at, and each would be taken.
    Taken(usize),
    /// This one would not, or was not looked at.
    Not(&'static str, ChatError),
}

/// One after the other: nobody says how many of these calls Slack takes at once.
async fn forms(chat: &dyn Chat, renderer: &Renderer) -> Forms {
    let messages = preview::fullest(renderer);
    for (name, message) in &messages {
        if let Err(error) = chat.validate(message).await {
            return Forms::Not(name, error);
        }
    }
    Forms::Taken(messages.len())
}

/// Posts the message, looks for it, and removes it.
async fn posted(chat: &dyn Chat, message: &Message, now: Timestamp) -> Posted {
    let lately = now.checked_sub(LOOK_BACK).unwrap_or(now);
    let posted = match chat.post(Place::Channel, message).await {
        Ok(posted) => posted,
        Err(error) => {
            if matches!(error.kind, ChatErrorKind::Ambiguous | ChatErrorKind::Unknown) {
                remove_found(chat, &message.marker, lately).await;
            }
            return Posted::Not(error);
        }
    };
    // Slack's own time: our clock may be another matter.
    let found = chat.find(&message.marker, None, time_of(&posted.ts).unwrap_or(lately)).await;
    if let Err(error) = chat.delete(&posted.ts).await {
        return Posted::Stays(error);
    }
    match found {
        Ok(found) if found.iter().any(|found| found.ts == posted.ts) => Posted::AndRemoved,
        Ok(_) => Posted::Lost,
        Err(error) => Posted::Unread(error),
    }
}

/// What may have been taken all the same.
async fn remove_found(chat: &dyn Chat, marker: &Marker, since: Timestamp) {
    for found in chat.find(marker, None, since).await.unwrap_or_default() {
        if let Err(error) = chat.delete(&found.ts).await {
            tracing::warn!("the doctor's message stays in the channel: {error}");
        }
    }
}

fn time_of(ts: &Ts) -> Option<Timestamp> {
    Timestamp::from_second(ts.0.split('.').next()?.parse().ok()?).ok()
}
