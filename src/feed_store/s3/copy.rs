//! A copy within the bucket, in one atomic step.

use std::{collections::HashMap, time::Duration};

use aws_sdk_s3::types::MetadataDirective;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{object::Object, within};
use crate::feed_store::{CONTENT_TYPE, FeedError, aws::Refusal};

/// What stays as it is in the source of a copy.
const KEY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Makes `target` what `source` is, but for what is said of it; one try may take as long as `limit`.
pub(super) async fn copy(
    source: &Object,
    target: &Object,
    cache_control: &str,
    metadata: Option<HashMap<String, String>>,
    limit: Duration,
) -> Result<(), FeedError> {
    let from = format!("{}/{}", source.bucket, source.key);
    let request = target
        .client
        .copy_object()
        .bucket(&target.bucket)
        .key(&target.key)
        .copy_source(utf8_percent_encode(&from, KEY).to_string())
        .metadata_directive(MetadataDirective::Replace)
        .content_type(CONTENT_TYPE)
        .cache_control(cache_control)
        .set_metadata(metadata)
        .customize()
        // A copy of a large file takes its time; cutting it short to begin anew would not help.
        .config_override(within(limit));
    request.send().await.map(drop).map_err(|e| match Refusal::of(&e).code.as_str() {
        "NoSuchKey" => FeedError::NotFound { object: source.name() },
        _ => target.error(&e),
    })
}
