//! Where the day's thread goes, whom it names, and in which language.
//!
//! It never contacts Slack: whether a token works is found out by the first call.

use secrecy::SecretString;
use url::Url;

use super::env::Env;
use crate::web::ShownUrl;

/// Settings of the conversation.
#[derive(Debug, Clone)]
pub struct ChatConfig {
    /// `SLACK_BOT_TOKEN`, `SLACK_CHANNEL` and `SLACK_API_URL`; the terminal where neither of the first two is set.
    pub transport: ChatTransport,
    /// `SLACK_MENTION`: who is named in reports.
    pub(crate) mention: Vec<MentionId>,
    /// `SLACK_MENTION_WHEN`: in which reports.
    pub(crate) mention_when: MentionWhen,
    /// `SERVICE_NAME`: heads the thread and tells two services in one channel apart.
    pub service_name: String,
    /// `LOCALE`
    pub locale: Locale,
}

/// Where messages go.
#[derive(Debug, Clone)]
pub enum ChatTransport {
    /// Printed, for a machine without a Slack workspace.
    Terminal,
    /// Slack, or something that speaks its Web API.
    Slack {
        /// The bot's token. `Debug` does not show it.
        token: SecretString,
        /// The channel's id, or its name.
        channel: String,
        /// Below which the methods are; ends with a slash.
        api_url: Url,
    },
}

/// Whom a report names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MentionId {
    /// A person: `U…` or `W…`.
    User(String),
    /// A user group: `S…`.
    Group(String),
    /// Everybody in the channel who is active now.
    Here,
    /// Everybody in the channel.
    Channel,
}

impl MentionId {
    /// Accepts a user id, a group id, `here` or `channel`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let id = text.len() > 2 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        match text.as_bytes().first() {
            _ if text == "here" => Ok(Self::Here),
            _ if text == "channel" => Ok(Self::Channel),
            Some(b'U' | b'W') if id => Ok(Self::User(text.to_owned())),
            Some(b'S') if id => Ok(Self::Group(text.to_owned())),
            _ => Err(format!(
                "expected user ids (U… or W…), group ids (S…), here or channel, separated by commas; found {text:?} \
                 (a person's id is under “Copy member ID” in the Slack profile)"
            )),
        }
    }

    /// The mention as mrkdwn, which pings.
    pub fn mrkdwn(&self) -> String {
        match self {
            Self::User(id) => format!("<@{id}>"),
            Self::Group(id) => format!("<!subteam^{id}>"),
            Self::Here => "<!here>".to_owned(),
            Self::Channel => "<!channel>".to_owned(),
        }
    }
}

/// Which reports name somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum MentionWhen {
    /// Every report of an export or a verification.
    #[default]
    Always,
    /// Those that somebody should look at.
    Problems,
}

/// The language of messages. Logs and answers are English in either case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locale {
    /// Korean.
    #[default]
    Ko,
    /// English.
    En,
}

/// The name on a laptop where neither `SERVICE_NAME` nor a preset says one.
const SERVICE_NAME: &str = "EP";
/// Longer names would push the verdict out of the first line of a notification.
const SERVICE_NAME_MAX_CHARS: usize = 60;

impl ChatConfig {
    /// Reads `SLACK_*`, `SERVICE_NAME` and `LOCALE`. On Cloud Run (`embedded` false) the terminal does not stand
    /// in for Slack; a token without a channel, or the reverse, is a mistake everywhere.
    pub(crate) fn from_env(env: &mut Env<'_>, embedded: bool) -> Self {
        env.needed("SERVICE_NAME", embedded, "the name in the thread's headline, as Moa EP");
        Self {
            transport: transport(env, embedded),
            mention: mention(env),
            mention_when: env.parsed("SLACK_MENTION_WHEN", MentionWhen::default(), |text| match text {
                "always" => Ok(MentionWhen::Always),
                "problems" => Ok(MentionWhen::Problems),
                _ => Err(format!("expected always or problems, found {text:?}")),
            }),
            service_name: env.parsed("SERVICE_NAME", SERVICE_NAME.to_owned(), service_name),
            locale: env.parsed("LOCALE", Locale::default(), |text| match text {
                "ko" => Ok(Locale::Ko),
                "en" => Ok(Locale::En),
                _ => Err(format!("expected ko or en, found {text:?}")),
            }),
        }
    }
}

fn transport(env: &mut Env<'_>, embedded: bool) -> ChatTransport {
    let token_set = env.text("SLACK_BOT_TOKEN").is_some();
    let channel_set = env.text("SLACK_CHANNEL").is_some();
    let token = env.optional("SLACK_BOT_TOKEN", |text| {
        // The value itself is a secret: a message about it must not show it.
        let sound = text.bytes().all(|b| b.is_ascii_graphic());
        if sound { Ok(SecretString::from(text)) } else { Err("holds white space or characters no token has") }
    });
    let channel = env.optional("SLACK_CHANNEL", |text| {
        // An edit takes no channel's name, so a name would work until the first edit after a restart.
        let id = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let sound = text.len() >= 9 && text.starts_with(['C', 'G', 'D']) && id;
        if sound {
            Ok(text.to_owned())
        } else {
            Err(format!("expected the channel's id such as C0123456789 (it stands at the end of the channel's details), found {text:?}"))
        }
    });
    let slack = Url::parse("https://slack.com/api/").expect("a URL");
    let api_url = env.parsed("SLACK_API_URL", slack, api_url);
    if !token_set && (channel_set || !embedded) {
        env.problem("SLACK_BOT_TOKEN", "not set; expected the bot's token (xoxb-…)");
    }
    if !channel_set && (token_set || !embedded) {
        env.problem("SLACK_CHANNEL", "not set; expected the channel's id (C…)");
    }
    match (token, channel) {
        (Some(token), Some(channel)) => ChatTransport::Slack { token, channel, api_url },
        _ => ChatTransport::Terminal,
    }
}

fn api_url(text: &str) -> Result<Url, String> {
    let expected = |why: String| {
        format!("expected a URL such as https://slack.com/api/, found {}{why}", ShownUrl::of_text(text))
    };
    let mut url = Url::parse(text).map_err(|e| expected(format!(" ({e})")))?;
    if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
        return Err(expected(String::new()));
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

fn mention(env: &mut Env<'_>) -> Vec<MentionId> {
    let mut ids = Vec::new();
    for part in env.list("SLACK_MENTION") {
        match MentionId::parse(&part) {
            Ok(id) if ids.contains(&id) => {}
            Ok(id) => ids.push(id),
            Err(message) => env.problem("SLACK_MENTION", message),
        }
    }
    ids
}

fn service_name(text: &str) -> Result<String, String> {
    let chars = text.chars().count();
    if chars > SERVICE_NAME_MAX_CHARS {
        Err(format!("expected at most {SERVICE_NAME_MAX_CHARS} characters, found {chars}"))
    } else if text.chars().any(char::is_control) {
        Err(format!("expected no control characters, found {text:?}"))
    } else {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests;
