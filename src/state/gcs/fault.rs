//! The SDK's errors in our own few classes, and the tries that they allow.
//!
//! It never puts them into the port's words: that takes the object's and the bucket's name.

use std::{borrow::Cow, error::Error, future::Future, time::Duration};

use google_cloud_gax::error::Error as SdkError;
use tokio::time::Instant;

use crate::cause;

/// The waits between the tries: three tries in all.
const BACKOFF: [Duration; 2] = [Duration::from_millis(400), Duration::from_millis(1200)];
/// An object takes one write a second, and each of those who wait for their turn is one more.
const TURN: Duration = Duration::from_millis(500);
/// The longest wait for a turn.
const LONGEST_TURN: Duration = Duration::from_secs(2);
/// Characters kept of an explanation.
const SAID: usize = 300;
/// What a server of tokens says of an account or a key that it will never take.
const NEVER: &[&str] = &["invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope"];

/// What the SDK says of a retry at the end of a cause.
const GUESSES: [&str; 2] = [" and future attempts will not succeed", " but future attempts may succeed"];

/// What one try came to, before it is put into the port's words.
#[derive(Debug)]
pub(super) enum Fault {
    /// The service answered with this status.
    Status(u16, String),
    /// More bytes than are read.
    TooLarge,
    /// No credentials could be had, or none that the service takes.
    Credentials {
        /// Whether there may be some the next time: always, but where they are configured wrongly.
        passing: bool,
        /// The cause, without secrets. The SDK's own words begin with a page of advice.
        said: String,
    },
    /// No answer, or half of one.
    NoAnswer(String),
    /// Nothing at all within the time of a try, neither from the service nor from whoever gives credentials.
    Silence(Duration),
}

impl Fault {
    /// Whether the same call may work a moment later. 429 is also the answer to more than a write a second per object.
    pub fn passes(&self) -> bool {
        match self {
            Self::Status(status, _) => !(400..500).contains(status) || matches!(status, 408 | 429),
            Self::Credentials { passing, .. } => *passing,
            Self::TooLarge => false,
            Self::NoAnswer(_) | Self::Silence(_) => true,
        }
    }
}

/// Three tries, waiting a little longer and never quite the same in between, all over by `end`. Each is told until when
/// it may take: half of `limit`, so that one without an answer does not use up the time of the next. Too many writes of
/// one object at once are no reason to give up before the end: every second one of them gets its turn. (`backon` waits
/// by one series and knows no end, so this is a loop of our own.)
pub(super) async fn tries<T, F>(
    end: Instant,
    limit: Duration,
    mut call: impl FnMut(Instant) -> F,
) -> Result<T, Fault>
where
    F: Future<Output = Result<T, Fault>>,
{
    let (mut waits, mut turn) = (BACKOFF.into_iter(), Duration::ZERO);
    loop {
        let outcome = call(end.min(Instant::now() + limit / 2)).await;
        let wait = match &outcome {
            Err(Fault::Status(429, _)) => {
                turn = (turn + TURN).min(LONGEST_TURN);
                Some(turn.mul_f64(rand::random_range(0.5..1.5)))
            }
            Err(fault) if fault.passes() => {
                waits.next().map(|wait| wait.mul_f64(rand::random_range(0.7..1.3)))
            }
            _ => None,
        };
        match wait {
            Some(wait) if Instant::now() + wait < end => tokio::time::sleep(wait).await,
            _ => return outcome,
        }
    }
}

/// Classified by the HTTP status alone: the SDK's own codes differ between the service and its emulators.
pub(super) fn fault(error: SdkError) -> Fault {
    if let Some(status) = error.http_status_code() {
        let said = match (error.status(), error.http_payload()) {
            (Some(status), _) if !status.message.is_empty() => cause::without_keys(&status.message),
            (_, Some(payload)) => {
                cause::without_keys(String::from_utf8_lossy(payload).trim()).chars().take(200).collect()
            }
            _ => String::new(),
        };
        return Fault::Status(status, if said.is_empty() { "no explanation".into() } else { said });
    }
    if error.is_authentication() {
        let chain = cause::chain(&error);
        let passing = !NEVER.iter().any(|code| chain.contains(code));
        return Fault::Credentials { passing, said: last_cause(&error) };
    }
    Fault::NoAnswer(cause::without_keys(&cause::chain(&error)))
}

/// Why there is no client: mostly a file of credentials that is not there or is none.
pub(super) fn no_client(error: &google_cloud_gax::client_builder::Error) -> Fault {
    if error.is_transport() {
        return Fault::NoAnswer(cause::without_keys(&cause::chain(error)));
    }
    Fault::Credentials { passing: false, said: last_cause(error) }
}

/// The causes of an error from the second on, without anything that may be a secret and without what the SDK thinks of a
/// retry: the tries are ours.
fn last_cause(error: &dyn Error) -> String {
    let mut text = error.source().map_or_else(|| error.to_string(), cause::chain);
    for guess in GUESSES {
        text = text.replace(guess, "");
    }
    end_of(cause::without_keys(&text).trim()).into_owned()
}

/// As much of the end as is kept, from a word on: the causes that say most come last.
fn end_of(text: &str) -> Cow<'_, str> {
    let Some(from) = text.chars().count().checked_sub(SAID).filter(|more| *more > 0) else {
        return Cow::Borrowed(text);
    };
    // What is kept begins after this character.
    let (before, _) = text.char_indices().nth(from - 1).expect("there are more characters than are skipped");
    match text[before..].split_once(char::is_whitespace) {
        Some((_, end)) => Cow::Owned(format!("… {}", end.trim_start())),
        None => Cow::Owned(format!("…{}", text[before..].chars().skip(1).collect::<String>())),
    }
}

#[cfg(test)]
mod tests {
    use google_cloud_gax::error::CredentialsError;

    use super::*;

    fn credentials(said: &str) -> Fault {
        fault(SdkError::authentication(CredentialsError::from_msg(false, said)))
    }

    #[test]
    fn only_what_is_configured_wrongly_is_lasting_whatever_the_sdk_takes_it_for() {
        for (said, lasting) in [
            ("failed to fetch token: the HTTP transport reports a [404] error", false),
            ("failed to fetch token: error decoding response body: EOF while parsing a string", false),
            ("failed to fetch token, body=<{\"error\": \"invalid_grant\"}>", true),
        ] {
            let fault = credentials(said);
            assert!(matches!(fault, Fault::Credentials { passing, .. } if passing != lasting), "{fault:?}");
        }
    }

    #[test]
    fn a_token_in_a_cause_is_not_shown() {
        let token = format!("ya29.c.{}", "b0Aaek_1-".repeat(20));
        let said =
            format!("invalid type: string \"{token}\", expected u64 from http://metadata.example/a/b?c=d");
        let Fault::Credentials { said, .. } = credentials(&said) else { panic!() };
        assert!(!said.contains("b0Aaek") && said.contains("expected u64"), "{said}");
        assert!(said.contains("http://metadata.example/a/b?c=d"), "{said}");
    }

    #[test]
    fn a_cause_begins_with_a_word_and_guesses_nothing_of_a_retry() {
        let long = format!("{} the account was deleted", "first this, then that failed: ".repeat(20));
        for said in ["the account was deleted", &long, &"긴 원인 ".repeat(200), &"x".repeat(30).repeat(30)]
        {
            for passing in [true, false] {
                let error = SdkError::authentication(CredentialsError::from_msg(passing, said));
                let Fault::Credentials { said: told, .. } = fault(error) else { panic!() };
                assert!(!told.contains("future") && told.chars().count() <= SAID + 2, "{told}");
                let whole = format!(" {} ", said.trim());
                let kept = told.strip_prefix("… ").unwrap_or(&told);
                assert!(told.contains('…') == (told != said.trim()), "{told}");
                assert!(kept.starts_with('…') || whole.ends_with(&format!(" {kept} ")), "{told}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_is_waited_for_until_the_end_of_the_call() {
        let limit = Duration::from_secs(10);
        for (free_after, expected) in [(7, true), (60, false)] {
            let began = Instant::now();
            let call = |_| async move {
                match began.elapsed() >= Duration::from_secs(free_after) {
                    true => Ok(()),
                    false => Err(Fault::Status(429, String::new())),
                }
            };
            let outcome = tries(began + limit, limit, call).await;
            assert_eq!(outcome.is_ok(), expected, "{outcome:?} after {:?}", began.elapsed());
            assert!(began.elapsed() <= limit);
        }
    }
}
