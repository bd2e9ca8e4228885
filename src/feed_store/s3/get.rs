//! A small object that is no file of the feed.

use super::S3Feed;
use crate::feed_store::FeedError;

impl S3Feed {
    /// The object at `key`, whatever the prefix of the feed; no more of it than a little above `most` bytes.
    pub(crate) async fn get(&self, key: &str, most: usize) -> Result<Vec<u8>, FeedError> {
        let object = self.object(key.to_owned());
        let request = object.client.get_object().bucket(&object.bucket).key(&object.key);
        let mut body = request.send().await.map_err(|e| object.error(&e))?.body;
        let mut bytes = Vec::new();
        while let Some(chunk) = body.next().await {
            let chunk =
                chunk.map_err(|e| object.unavailable(format!("it broke off while it was read: {e}")))?;
            bytes.extend_from_slice(&chunk);
            if bytes.len() > most {
                break;
            }
        }
        Ok(bytes)
    }

    /// Where an object is, for people and sums.
    pub(crate) fn place(&self, key: &str) -> String {
        self.object(key.to_owned()).name()
    }
}
