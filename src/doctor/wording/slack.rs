//! Sentences about Slack.

use super::AGAIN;
use crate::{
    chat::{Access, ChatError, ChatErrorKind},
    doctor::{
        Check, Finding,
        slack::{Forms, Posted},
    },
};

/// Without one of these the channel cannot be read: which, depends on the channel's kind.
const READS: [&str; 4] = ["channels:history", "groups:history", "im:history", "mpim:history"];
const WRITES: &str = "chat:write";

const TOKEN: &str = "Put the bot token (xoxb-…) of the installed app into SLACK_BOT_TOKEN: a new version of the secret, then \
                     a new revision that reads it.";
const SCOPES: &str = "Add the missing scopes to the Slack app (deploy/slack-app.yaml has all of them), install it again, and \
                      put its token into SLACK_BOT_TOKEN.";
const CHANNEL: &str = "Type /invite @<the bot> in the channel, or put the id of the channel that it is in (C…) into \
                       SLACK_CHANNEL.";
const POST: &str = "Let the bot post in this channel (its members may be restricted in the channel's settings), or put \
                    another channel's id into SLACK_CHANNEL.";

const UPDATE: &str = "Update auto-ep: Slack does not take what this version sends.";
const UNASKED: &str = "Run the doctor with --post to see whether Slack takes a message.";

pub(in crate::doctor) fn no_slack() -> Finding {
    let mend = "Set SLACK_BOT_TOKEN and SLACK_CHANNEL for a thread in Slack.";
    Finding::warn(Check::SlackToken, "none is set, the thread is printed", mend)
}

pub(in crate::doctor) fn slack_token(access: &Result<Access, ChatError>) -> Finding {
    match access {
        Ok(_) => Finding::ok(Check::SlackToken, "Slack takes it"),
        Err(error) => chat_failed(Check::SlackToken, error, TOKEN),
    }
}

pub(in crate::doctor) fn slack_scopes(access: &Access) -> Finding {
    let Some(scopes) = &access.scopes else {
        let mend = "Look at what slack channel says, and run the doctor with --post to see whether the bot may write.";
        return Finding::warn(Check::SlackScopes, "Slack does not say which the token has", mend);
    };
    let has = |scope: &str| scopes.iter().any(|one| one == scope);
    let reads = READS.iter().any(|scope| has(scope));
    let missing = match (has(WRITES), reads) {
        (true, true) => return Finding::ok(Check::SlackScopes, scopes.join(", ")),
        (false, true) => WRITES.to_owned(),
        (true, false) => format!("{} or {}", READS[0], READS[1]),
        (false, false) => format!("{WRITES}, and {} or {}", READS[0], READS[1]),
    };
    Finding::fail(
        Check::SlackScopes,
        format!("the token lacks {missing}; it has {}", scopes.join(", ")),
        SCOPES,
    )
}

pub(in crate::doctor) fn slack_channel<T>(read: &Result<T, ChatError>) -> Finding {
    match read {
        Ok(_) => Finding::ok(Check::SlackChannel, "the bot is a member and may read it"),
        Err(error) if error.detail.starts_with("missing_scope") => {
            chat_failed(Check::SlackChannel, error, SCOPES)
        }
        Err(error) => chat_failed(Check::SlackChannel, error, CHANNEL),
    }
}

/// Runs work without: what Slack refuses for its form goes out as plain text.
pub(in crate::doctor) fn slack_blocks(forms: &Forms) -> Finding {
    let check = Check::SlackBlocks;
    match forms {
        Forms::Taken(count) => {
            Finding::ok(check, format!("Slack takes the form of {count} kinds of messages"))
        }
        Forms::Not(name, error) if error.kind == ChatErrorKind::Payload => {
            let found =
                format!("Slack does not take the form of {name}, which goes out as plain text: {error}");
            Finding::warn(check, found, UPDATE)
        }
        Forms::Not(name, error) => {
            let mend = if error.kind.passes() { AGAIN } else { UNASKED };
            Finding::warn(check, format!("not looked at, from {name} on: {error}"), mend)
        }
    }
}

pub(in crate::doctor) fn slack_post(posted: &Posted) -> Finding {
    let check = Check::SlackPost;
    match posted {
        Posted::AndRemoved => Finding::ok(check, "a message was posted, read back and removed"),
        Posted::Not(error) => chat_failed(check, error, POST),
        Posted::Unread(error) => chat_failed(check, error, CHANNEL),
        Posted::Lost => {
            let mend = "See whether an app or a rule of the workspace removes or changes the bot's messages, and let it \
                        leave them alone.";
            Finding::fail(check, "a message was posted, but is not found again", mend)
        }
        Posted::Stays(error) => {
            let mend =
                "Remove the message by hand; runs work all the same, but cannot take back a second copy.";
            Finding::warn(check, format!("a message was posted, but not removed: {error}"), mend)
        }
    }
}

fn chat_failed(check: Check, error: &ChatError, mend: &str) -> Finding {
    let mend = match &error.kind {
        kind if kind.passes() => AGAIN,
        ChatErrorKind::Payload | ChatErrorKind::Unknown => UPDATE,
        _ => mend,
    };
    Finding::fail(check, error.to_string(), mend)
}
