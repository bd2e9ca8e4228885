//! What exports need of the bucket and the distribution, tried one by one.
//!
//! It never touches a build or the public file.

use bytes::Bytes;
use tokio::sync::mpsc;

use super::{
    S3Feed, below,
    copy::copy,
    object::Object,
    upload::{begun_and_aborted, upload},
    within,
};
use crate::feed_store::{BUILD_CACHE_CONTROL, FeedError, PROBE, Part, Probe, probe_paths};

impl S3Feed {
    /// Tries one thing; `false` where there is none.
    pub(super) async fn try_out(&self, what: Probe, name: &str) -> Result<bool, FeedError> {
        let [file, copied] = probe_paths(name).map(|path| self.object(below(&self.config.prefix, &path)));
        let tried = async {
            match what {
                Probe::Put => put(file.clone()).await,
                Probe::Multipart => begun_and_aborted(file.clone()).await,
                Probe::Copy => copy(&file, &copied, BUILD_CACHE_CONTROL, None, self.limit).await,
                Probe::Missing => self.miss(&self.object(format!("{}.missing", file.key))).await,
                Probe::Remove => {
                    remove(&file).await?;
                    remove(&copied).await
                }
                Probe::Invalidate => match &self.cloudfront {
                    Some(cloudfront) => cloudfront.probe(name).await,
                    None => Ok(()),
                },
            }
        };
        self.limited(&file, tried).await?;
        Ok(what != Probe::Invalidate || self.cloudfront.is_some())
    }

    /// Looks for what is not there: whoever may not list the bucket is told that it is forbidden.
    async fn miss(&self, file: &Object) -> Result<(), FeedError> {
        let request = file.client.head_object().bucket(&file.bucket).key(&file.key);
        match request.customize().config_override(within(self.limit / 2)).send().await {
            Ok(_) => Ok(()),
            Err(error) => match file.error(&error) {
                FeedError::NotFound { .. } if self.bucket_is_missing().await => {
                    Err(file.no_bucket("status 404"))
                }
                FeedError::NotFound { .. } => Ok(()),
                other => Err(other),
            },
        }
    }
}

async fn put(file: Object) -> Result<(), FeedError> {
    let (sender, parts) = mpsc::channel(2);
    for part in [Part::Data(Bytes::from_static(PROBE.as_bytes())), Part::End] {
        sender.try_send(part).expect("there is room for two");
    }
    upload(file, parts).await
}

async fn remove(file: &Object) -> Result<(), FeedError> {
    let request = file.client.delete_object().bucket(&file.bucket).key(&file.key);
    request.send().await.map(drop).map_err(|e| file.error(&e))
}
