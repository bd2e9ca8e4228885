//! One object of a bucket: its name for people, and S3's refusals in the port's words.
//!
//! It never makes a call.

use aws_sdk_s3::{
    Client,
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
};

use crate::feed_store::{FeedError, aws::Refusal};

/// What the keys must be allowed to do, for messages.
const PERMISSIONS: &str = "s3:PutObject, s3:GetObject and s3:AbortMultipartUpload on the files and s3:ListBucket on \
                           the bucket (without it S3 answers 403 for a file that is not there)";

/// An object, and the client that gets at it.
#[derive(Clone)]
pub(super) struct Object {
    pub client: Client,
    pub bucket: String,
    pub key: String,
}

impl Object {
    pub fn name(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }

    pub fn error<E>(&self, error: &SdkError<E, HttpResponse>) -> FeedError
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let answer = Refusal::of(error);
        if answer.code == "NoSuchBucket" {
            return self.no_bucket(&answer.said);
        }
        let object = self.name();
        match answer.remedy(PERMISSIONS) {
            Some(remedy) => FeedError::Refused { object, reason: format!("{}; {remedy}", answer.said) },
            None if answer.status == Some(404) => FeedError::NotFound { object },
            None if answer.passes => FeedError::Unavailable { object, reason: answer.said },
            None => FeedError::Refused { object, reason: answer.said },
        }
    }

    pub fn no_bucket(&self, said: &str) -> FeedError {
        let bucket = &self.bucket;
        let reason = format!("{said}; there is no bucket {bucket}: make it, or mend FEED_STORE_URL");
        FeedError::Refused { object: self.name(), reason }
    }

    pub fn unavailable(&self, reason: impl Into<String>) -> FeedError {
        FeedError::Unavailable { object: self.name(), reason: reason.into() }
    }
}
