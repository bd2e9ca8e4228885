//! One upload to S3: a single PUT when the file is one part, else a multipart upload, one part after the other.
//!
//! It never leaves an upload behind that it could have aborted: parts of an upload that nobody ends cost money until
//! they are. A part that lands after its upload was aborted stays, too, so the part under way is waited for first, and
//! where nobody knows how it ended the upload is aborted again.

use std::{future::pending, time::Duration};

use aws_sdk_s3::{
    operation::abort_multipart_upload::builders::AbortMultipartUploadFluentBuilder,
    primitives::ByteStream,
    types::{CompletedMultipartUpload, CompletedPart},
};
use bytes::Bytes;
use tokio::{sync::mpsc, time::sleep};
use tracing::Instrument;

use super::object::Object;
use crate::feed_store::{BUILD_CACHE_CONTROL, CONTENT_TYPE, FeedError, MIN_PART, Part, aws::Refusal};

/// How long a part under way is waited for before its upload is aborted. An instance that is told to stop has little
/// more than that.
const SETTLE: Duration = Duration::from_secs(2);
/// After these waits an upload that nobody ends is aborted: again where a part may have landed since.
const ABORTS: &[Duration] = &[Duration::ZERO, Duration::from_secs(2), Duration::from_secs(8)];

/// Uploads the parts as they come; the object appears in one step after [`Part::End`], or not at all.
pub(super) async fn upload(object: Object, mut parts: mpsc::Receiver<Part>) -> Result<(), FeedError> {
    let first = match parts.recv().await {
        None => return Err(aborted(&object)),
        Some(Part::End) => Bytes::new(),
        // One that may be followed by others goes out before the next one is there, which may wait for its place.
        Some(Part::Data(first)) if first.len() >= MIN_PART => return multipart(object, first, parts).await,
        // This is the last one.
        Some(Part::Data(first)) => match parts.recv().await {
            Some(Part::End) => first,
            _ => return Err(aborted(&object)),
        },
    };
    let request = object.client.put_object().bucket(&object.bucket).key(&object.key);
    let request = request.content_type(CONTENT_TYPE).cache_control(BUILD_CACHE_CONTROL);
    request.body(ByteStream::from(first)).send().await.map(drop).map_err(|e| object.error(&e))
}

/// Begins an upload in parts and aborts it.
pub(super) async fn begun_and_aborted(object: Object) -> Result<(), FeedError> {
    let mut open = begin(object).await?;
    aborting(&open.object, &open.id).send().await.map_err(|e| open.object.error(&e))?;
    open.to_abort = &[];
    Ok(())
}

async fn multipart(object: Object, first: Bytes, parts: mpsc::Receiver<Part>) -> Result<(), FeedError> {
    let mut open = begin(object).await?;
    let outcome = open.send_all(first, parts).await;
    if outcome.is_err() {
        abort(&open.object, &open.id).await;
    }
    // Only then: who stops waiting for the abort leaves it to the drop.
    open.to_abort = if outcome.is_ok() || open.is_quiet { &[] } else { &ABORTS[1..] };
    outcome
}

async fn begin(object: Object) -> Result<OpenUpload, FeedError> {
    let request = object.client.create_multipart_upload().bucket(&object.bucket).key(&object.key);
    let request = request.content_type(CONTENT_TYPE).cache_control(BUILD_CACHE_CONTROL);
    let created = request.send().await.map_err(|e| object.error(&e))?;
    let Some(id) = created.upload_id else {
        return Err(object.unavailable("S3 began an upload without naming it"));
    };
    Ok(OpenUpload { object, id, parts: Vec::new(), bytes: 0, is_quiet: true, to_abort: ABORTS })
}

/// Aborts itself when it is dropped, so that a caller who stops waiting leaves nothing behind either.
struct OpenUpload {
    object: Object,
    id: String,
    parts: Vec<CompletedPart>,
    /// Of these parts together.
    bytes: i64,
    /// Whether no part of it may be under way, wherever it is.
    is_quiet: bool,
    /// The waits before each abort that is still to be made.
    to_abort: &'static [Duration],
}

impl OpenUpload {
    async fn send_all(&mut self, first: Bytes, mut parts: mpsc::Receiver<Part>) -> Result<(), FeedError> {
        let mut next = Some(Part::Data(first));
        while let Some(Part::Data(bytes)) = next {
            next = self.send(bytes, &mut parts).await?;
        }
        match next {
            Some(_) => self.complete().await,
            None => Err(aborted(&self.object)),
        }
    }

    /// Sends a part and gives what comes after it: none where the sender went away, and then the part may not be sent.
    async fn send(
        &mut self,
        bytes: Bytes,
        parts: &mut mpsc::Receiver<Part>,
    ) -> Result<Option<Part>, FeedError> {
        if bytes.is_empty() {
            return Ok(parts.recv().await);
        }
        let number = i32::try_from(self.parts.len()).expect("S3 takes 10,000 parts") + 1;
        self.bytes += i64::try_from(bytes.len()).expect("it is in memory");
        self.is_quiet = false;
        let Object { client, bucket, key } = &self.object;
        let request = client.upload_part().bucket(bucket).key(key).upload_id(&self.id).part_number(number);
        let mut next = None;
        let is_gone = async {
            next = parts.recv().await;
            match next {
                Some(_) => pending().await,
                None => sleep(SETTLE).await,
            }
        };
        let sent = tokio::select! {
            sent = request.body(ByteStream::from(bytes)).send() => sent.map_err(|e| self.object.error(&e)),
            () = is_gone => return Ok(None),
        };
        self.is_quiet = !matches!(sent, Err(FeedError::Unavailable { .. }));
        self.parts.push(CompletedPart::builder().part_number(number).set_e_tag(sent?.e_tag).build());
        match next {
            None => Ok(parts.recv().await),
            next => Ok(next),
        }
    }

    async fn complete(&self) -> Result<(), FeedError> {
        let Object { client, bucket, key } = &self.object;
        let parts = CompletedMultipartUpload::builder().set_parts(Some(self.parts.clone())).build();
        let request = client.complete_multipart_upload().bucket(bucket).key(key);
        let Err(error) = request.upload_id(&self.id).multipart_upload(parts).send().await else {
            return Ok(());
        };
        // Perhaps it was completed and only the answer was lost; then trying again finds no upload any more. The key is
        // this build's own: an object of the same size and number of parts under it is this one.
        let ending = format!("-{}", self.parts.len());
        let found = client.head_object().bucket(bucket).key(key).send().await;
        let ours = found.is_ok_and(|head| {
            head.content_length() == Some(self.bytes)
                && head.e_tag().is_some_and(|tag| tag.trim_matches('"').ends_with(&ending))
        });
        if ours { Ok(()) } else { Err(self.object.error(&error)) }
    }
}

impl Drop for OpenUpload {
    fn drop(&mut self) {
        if !self.to_abort.is_empty()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (object, id, waits) = (self.object.clone(), std::mem::take(&mut self.id), self.to_abort);
            let aborts = async move {
                for wait in waits {
                    sleep(*wait).await;
                    abort(&object, &id).await;
                }
            };
            runtime.spawn(aborts.in_current_span());
        }
    }
}

fn aborted(object: &Object) -> FeedError {
    FeedError::Aborted { object: object.name() }
}

fn aborting(object: &Object, id: &str) -> AbortMultipartUploadFluentBuilder {
    object.client.abort_multipart_upload().bucket(&object.bucket).key(&object.key).upload_id(id)
}

async fn abort(object: &Object, id: &str) {
    let Err(error) = aborting(object, id).send().await else { return };
    let answer = Refusal::of(&error);
    if answer.code != "NoSuchUpload" {
        tracing::warn!(
            object = object.name(),
            "could not abort an upload, its parts stay until the bucket's lifecycle rule removes them: {}",
            answer.said
        );
    }
}
