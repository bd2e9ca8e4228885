//! What the settings of the conversation promise.

use secrecy::ExposeSecret;

use super::*;
use crate::config::env::ConfigError;

fn read(pairs: &[(&str, &str)], embedded: bool) -> Result<ChatConfig, ConfigError> {
    let lookup =
        |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let mut env = Env::new(&lookup);
    let config = ChatConfig::from_env(&mut env, embedded);
    env.finish(config)
}

fn problems(pairs: &[(&str, &str)], embedded: bool) -> Vec<&'static str> {
    read(pairs, embedded).err().map_or(Vec::new(), |e| e.0.iter().map(|p| p.variable).collect())
}

const TOKEN: (&str, &str) = ("SLACK_BOT_TOKEN", "xoxb-1-secret");
const NAME: (&str, &str) = ("SERVICE_NAME", "Moa EP");
const CHANNEL: (&str, &str) = ("SLACK_CHANNEL", "C0123456789");

#[test]
fn nothing_set_is_the_terminal_on_a_laptop_and_two_problems_on_cloud_run() {
    assert!(matches!(read(&[], true).unwrap().transport, ChatTransport::Terminal));
    assert_eq!(problems(&[], false), ["SERVICE_NAME", "SLACK_BOT_TOKEN", "SLACK_CHANNEL"]);
}

#[test]
fn half_a_service_is_a_problem_everywhere() {
    for embedded in [true, false] {
        assert_eq!(problems(&[NAME, TOKEN], embedded), ["SLACK_CHANNEL"]);
        assert_eq!(problems(&[NAME, CHANNEL], embedded), ["SLACK_BOT_TOKEN"]);
        assert_eq!(problems(&[NAME, TOKEN, CHANNEL], embedded), [""; 0]);
    }
}

#[test]
fn the_defaults_are_slack_itself_always_and_korean() {
    let config = read(&[TOKEN, CHANNEL], true).unwrap();
    let ChatTransport::Slack { token, channel, api_url } = config.transport else { panic!("Slack") };
    assert_eq!(token.expose_secret(), "xoxb-1-secret");
    assert_eq!((channel.as_str(), api_url.as_str()), ("C0123456789", "https://slack.com/api/"));
    assert_eq!((config.mention_when, config.locale), (MentionWhen::Always, Locale::Ko));
    assert_eq!((config.service_name.as_str(), config.mention.len()), ("EP", 0));
}

#[test]
fn an_api_url_always_ends_with_a_slash_so_that_methods_go_below_it() {
    let config = read(&[TOKEN, CHANNEL, ("SLACK_API_URL", "http://127.0.0.1:9000/slack/api")], true).unwrap();
    let ChatTransport::Slack { api_url, .. } = config.transport else { panic!("Slack") };
    assert_eq!(api_url.join("chat.update").unwrap().path(), "/slack/api/chat.update");
}

#[test]
fn mentions_are_people_groups_and_two_words() {
    let config = read(&[("SLACK_MENTION", "U012AB, W9Z9, S0AA,here ,channel, U012AB")], true).unwrap();
    let text: Vec<String> = config.mention.iter().map(MentionId::mrkdwn).collect();
    assert_eq!(text, ["<@U012AB>", "<@W9Z9>", "<!subteam^S0AA>", "<!here>", "<!channel>"]);
}

#[test]
fn every_mistake_names_its_variable_and_what_was_found() {
    for (variable, value, found) in [
        ("SLACK_MENTION", "U012AB,@minji", "@minji"),
        ("SLACK_MENTION", "<!everyone>", "<!everyone>"),
        ("SLACK_MENTION", "u012ab", "u012ab"),
        ("SLACK_MENTION_WHEN", "sometimes", "sometimes"),
        ("LOCALE", "fr", "fr"),
        ("SERVICE_NAME", &"긴".repeat(61), "61"),
        ("SLACK_API_URL", "slack.com/api", "expected a URL such as https://slack.com/api/, found ***"),
        ("SLACK_API_URL", "ftp://slack.com/api", "found ftp:***"),
        ("SLACK_CHANNEL", "#feed news", "#feed news"),
    ] {
        let message = read(&[(variable, value), TOKEN, CHANNEL], true).expect_err(value).to_string();
        assert!(message.contains(variable) && message.contains(found), "{message}");
    }
}

#[test]
fn a_token_is_never_shown_not_even_when_it_is_wrong() {
    let message = read(&[("SLACK_BOT_TOKEN", "xoxb-1 secret"), CHANNEL], true).unwrap_err().to_string();
    assert!(message.contains("SLACK_BOT_TOKEN") && !message.contains("secret"), "{message}");
    let shown = format!("{:?}", read(&[TOKEN, CHANNEL], true).unwrap());
    assert!(!shown.contains("secret"), "{shown}");
}
