//! The SDK's errors in our own few classes, and the tries that they allow.
//!
//! It never puts them into the port's words: that takes the object's and the bucket's name.

use std::{future::Future, time::Duration};

use google_cloud_gax::error::{CredentialsError, Error as SdkError};
use tokio::time::{Instant, timeout_at};

/// The waits between the tries: three tries in all.
const BACKOFF: [Duration; 2] = [Duration::from_millis(400), Duration::from_millis(1200)];

/// What one try came to, before it is put into the port's words.
#[derive(Debug)]
pub(super) enum Fault {
    /// The service answered with this status.
    Status(u16, String),
    /// No credentials could be had; whether that may change by itself. The SDK's words are a page of advice.
    Credentials(bool),
    /// No answer, or half of one.
    NoAnswer(String),
}

/// Three tries, waiting a little longer and never quite the same in between, all over by `end`. One that gets no
/// answer may take half of `limit`, so that it does not use up the time of the next.
pub(super) async fn tries<T, F>(
    end: Instant,
    limit: Duration,
    mut call: impl FnMut() -> F,
) -> Result<T, Fault>
where
    F: Future<Output = Result<T, Fault>>,
{
    let mut waits = BACKOFF.into_iter();
    loop {
        let outcome = timeout_at(end.min(Instant::now() + limit / 2), call())
            .await
            .unwrap_or_else(|_| Err(Fault::NoAnswer(format!("no answer within {limit:?}"))));
        let again = match &outcome {
            Ok(_) | Err(Fault::Credentials(false)) => false,
            Err(Fault::Status(status, _)) => passing(*status),
            Err(_) => true,
        };
        let wait = waits.next().map(|wait| wait.mul_f64(rand::random_range(0.7..1.3)));
        match wait {
            Some(wait) if again && Instant::now() + wait < end => tokio::time::sleep(wait).await,
            _ => return outcome,
        }
    }
}

/// Whether the same call may work a moment later. 429 is also the answer to more than a write a second per object.
pub(super) fn passing(status: u16) -> bool {
    matches!(status, 408 | 429) || status >= 500
}

/// Classified by the HTTP status alone: the SDK's own codes differ between the service and its emulators.
pub(super) fn fault(error: SdkError) -> Fault {
    if let Some(status) = error.http_status_code() {
        let said = match (error.status(), error.http_payload()) {
            (Some(status), _) if !status.message.is_empty() => status.message.clone(),
            (_, Some(payload)) => String::from_utf8_lossy(payload).trim().chars().take(200).collect(),
            _ => String::new(),
        };
        return Fault::Status(status, if said.is_empty() { "no explanation".into() } else { said });
    }
    if error.is_authentication() {
        tracing::debug!("no Google credentials: {}", crate::cause::chain(&error));
        return Fault::Credentials(transient(&error));
    }
    Fault::NoAnswer(crate::cause::chain(&error))
}

/// Why there is no client.
pub(super) fn no_client(error: &google_cloud_gax::client_builder::Error) -> Fault {
    if error.is_transport() {
        return Fault::NoAnswer(crate::cause::chain(error));
    }
    tracing::warn!("no Google credentials: {}", crate::cause::chain(error));
    Fault::Credentials(false)
}

fn transient(error: &SdkError) -> bool {
    let credentials =
        std::error::Error::source(error).and_then(|source| source.downcast_ref::<CredentialsError>());
    credentials.is_none_or(CredentialsError::is_transient)
}
