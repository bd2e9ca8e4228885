//! One upload to S3: a single PUT when the file is one part, else a multipart upload.
//!
//! It holds three parts at most, and never leaves an upload behind that it could have aborted: parts of an upload
//! that nobody ends cost money until they are. A part that lands after its upload was aborted stays, too, so parts
//! under way are waited for first, and where nobody knows how one ended the upload is aborted again.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use aws_sdk_s3::{
    Client,
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use bytes::Bytes;
use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{sync::mpsc, time::timeout};
use tracing::Instrument;

use super::{BUILD_CACHE_CONTROL, CONTENT_TYPE, FeedError, MIN_PART, Part, aws::Answer, s3::classify};

/// Parts on their way at once. More would cost memory, one part each.
const IN_FLIGHT: usize = 2;
/// How long parts under way are waited for before their upload is aborted. An instance that is told to stop has little
/// more than that.
const SETTLE: Duration = Duration::from_secs(2);
/// After these times an upload is aborted again where a part may have landed since.
const AGAIN: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(8)];

/// Where an upload goes.
pub(super) struct Target {
    /// The client to use.
    pub client: Client,
    /// The bucket's name.
    pub bucket: String,
    /// The whole key.
    pub key: String,
    /// The object's name for people.
    pub object: String,
}

impl Target {
    fn aborted(&self) -> FeedError {
        FeedError::Aborted { object: self.object.clone() }
    }

    fn error<E>(&self, error: &SdkError<E, HttpResponse>) -> FeedError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        classify(self.object.clone(), &self.bucket, &Answer::of(error))
    }
}

/// Uploads the parts as they come; the object appears in one step after [`Part::End`], or not at all.
pub(super) async fn upload(target: Arc<Target>, mut parts: mpsc::Receiver<Part>) -> Result<(), FeedError> {
    let first = match parts.recv().await {
        None => return Err(target.aborted()),
        Some(Part::End) => return put(&target, Bytes::new()).await,
        Some(Part::Data(bytes)) => bytes,
    };
    // One that may be followed by others goes out before the next one is there, which may wait for its place.
    if first.len() >= MIN_PART {
        return multipart(target, VecDeque::from([first]), parts).await;
    }
    match parts.recv().await {
        None => Err(target.aborted()),
        Some(Part::End) => put(&target, first).await,
        Some(Part::Data(second)) => multipart(target, VecDeque::from([first, second]), parts).await,
    }
}

async fn put(target: &Target, bytes: Bytes) -> Result<(), FeedError> {
    let request = target.client.put_object().bucket(&target.bucket).key(&target.key);
    let request = request.content_type(CONTENT_TYPE).cache_control(BUILD_CACHE_CONTROL);
    request.body(ByteStream::from(bytes)).send().await.map(drop).map_err(|e| target.error(&e))
}

async fn multipart(
    target: Arc<Target>,
    ready: VecDeque<Bytes>,
    parts: mpsc::Receiver<Part>,
) -> Result<(), FeedError> {
    let request = target.client.create_multipart_upload().bucket(&target.bucket).key(&target.key);
    let request = request.content_type(CONTENT_TYPE).cache_control(BUILD_CACHE_CONTROL);
    let created = request.send().await.map_err(|e| target.error(&e))?;
    let Some(id) = created.upload_id else {
        let reason = "S3 began an upload without naming it".to_owned();
        return Err(FeedError::Unavailable { object: target.object.clone(), reason });
    };
    let mut open = OpenUpload { target: target.clone(), id: Some(id.clone()), is_quiet: false };
    let outcome = match send_parts(&target, &id, ready, parts, &mut open.is_quiet).await {
        Ok(sent) => complete(&target, &id, sent).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => open.id = None,
        Err(_) => open.abort().await,
    }
    outcome
}

/// All parts of an upload, as S3 has them.
struct Sent {
    parts: Vec<CompletedPart>,
    bytes: i64,
}

/// Sends the parts as they come. `is_quiet` says at the end whether no part is under way any more.
async fn send_parts(
    target: &Target,
    id: &str,
    ready: VecDeque<Bytes>,
    parts: mpsc::Receiver<Part>,
    is_quiet: &mut bool,
) -> Result<Sent, FeedError> {
    let mut in_flight = FuturesUnordered::new();
    let send = |number, bytes| send_part(target, id, number, bytes);
    let outcome = send_while(target, &mut in_flight, send, ready, parts).await;
    // A part without an answer may be under way still, wherever it is.
    *is_quiet = !matches!(outcome, Err(FeedError::Unavailable { .. }));
    let rest = async {
        while let Some(ended) = in_flight.next().await {
            *is_quiet &= !matches!(ended, Err(FeedError::Unavailable { .. }));
        }
    };
    if timeout(SETTLE, rest).await.is_err() {
        *is_quiet = false;
    }
    outcome
}

/// Sends the parts until the last one arrived, the sender went away, or one failed: others may be in flight then.
async fn send_while<F>(
    target: &Target,
    in_flight: &mut FuturesUnordered<F>,
    send: impl Fn(i32, Bytes) -> F,
    mut ready: VecDeque<Bytes>,
    mut parts: mpsc::Receiver<Part>,
) -> Result<Sent, FeedError>
where
    F: Future<Output = Result<CompletedPart, FeedError>>,
{
    let mut sent = Sent { parts: Vec::new(), bytes: 0 };
    let (mut number, mut ended) = (0_i32, false);
    loop {
        while in_flight.len() < IN_FLIGHT
            && let Some(bytes) = ready.pop_front()
        {
            number += 1;
            sent.bytes += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
            in_flight.push(send(number, bytes));
        }
        if ended && in_flight.is_empty() {
            sent.parts.sort_by_key(CompletedPart::part_number);
            return Ok(sent);
        }
        tokio::select! {
            Some(part) = in_flight.next() => sent.parts.push(part?),
            part = parts.recv(), if !ended && in_flight.len() < IN_FLIGHT => match part {
                None => return Err(target.aborted()),
                Some(Part::End) => ended = true,
                Some(Part::Data(bytes)) if bytes.is_empty() => {}
                Some(Part::Data(bytes)) => ready.push_back(bytes),
            },
        }
    }
}

async fn send_part(target: &Target, id: &str, number: i32, bytes: Bytes) -> Result<CompletedPart, FeedError> {
    let request = target.client.upload_part().bucket(&target.bucket).key(&target.key);
    let request = request.upload_id(id).part_number(number).body(ByteStream::from(bytes));
    let part = request.send().await.map_err(|e| target.error(&e))?;
    Ok(CompletedPart::builder().part_number(number).set_e_tag(part.e_tag).build())
}

async fn complete(target: &Target, id: &str, sent: Sent) -> Result<(), FeedError> {
    let Sent { parts, bytes } = sent;
    let ending = format!("-{}", parts.len());
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let request = target.client.complete_multipart_upload().bucket(&target.bucket).key(&target.key);
    let Err(error) = request.upload_id(id).multipart_upload(parts).send().await else {
        return Ok(());
    };
    // Perhaps it was completed and only the answer was lost; then trying again finds no upload any more. The key is
    // this build's own: an object of the same size and number of parts under it is this one.
    let found = target.client.head_object().bucket(&target.bucket).key(&target.key).send().await;
    let ours = found.is_ok_and(|head| {
        head.content_length() == Some(bytes)
            && head.e_tag().is_some_and(|tag| tag.trim_matches('"').ends_with(&ending))
    });
    if ours { Ok(()) } else { Err(target.error(&error)) }
}

/// Aborts its upload when it is dropped, so that a caller who stops waiting leaves nothing behind either.
struct OpenUpload {
    target: Arc<Target>,
    id: Option<String>,
    /// Whether no part of it is under way.
    is_quiet: bool,
}

impl OpenUpload {
    async fn abort(&mut self) {
        // Taken only then: who stops waiting here leaves the rest to the drop.
        if let Some(id) = &self.id {
            abort(&self.target, id).await;
        }
        if self.is_quiet {
            self.id = None;
        } else {
            self.abort_later(&AGAIN);
        }
    }

    /// Aborts it after each of these waits, in a task of its own.
    fn abort_later(&mut self, waits: &'static [Duration]) {
        if let Some(id) = self.id.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let target = self.target.clone();
            let aborts = async move {
                for wait in waits {
                    tokio::time::sleep(*wait).await;
                    abort(&target, &id).await;
                }
            };
            runtime.spawn(aborts.in_current_span());
        }
    }
}

impl Drop for OpenUpload {
    fn drop(&mut self) {
        self.abort_later(&[Duration::ZERO, AGAIN[0], AGAIN[1]]);
    }
}

async fn abort(target: &Target, id: &str) {
    let request = target.client.abort_multipart_upload().bucket(&target.bucket).key(&target.key);
    if let Err(error) = request.upload_id(id).send().await {
        let answer = Answer::of(&error);
        if answer.code == "NoSuchUpload" {
            return;
        }
        tracing::warn!(
            object = target.object,
            "could not abort an upload, its parts stay until the bucket's lifecycle rule removes them: {}",
            answer.said
        );
    }
}
