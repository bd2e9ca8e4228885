//! Before the first publication: is there a feed at the public URL that somebody else made, and how much of it goes on?
//!
//! Naver knows a product by its id. Where another feed's ids are not this build's, every product would lose its history
//! there, so that is looked at once, before anything is replaced. It never decides; the gate does.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::{Method, StatusCode, header::HeaderMap};
use tokio::time::timeout;

use super::{
    Reader,
    diff::{Comparison, names},
    index::RowIndex,
};
use crate::{
    ep::read::RowReader,
    feed_store::{BuildId, FeedStore},
    report::{Takeover, TakeoverDiff},
    web::{Reach, Request},
};

/// Holds the feed at the public URL against the rows of the build `new`, which are in `index`. `None` where no feed is
/// there. Examples of new rows come from `store`, where the build is stored.
pub(super) async fn of(
    reader: &Reader,
    store: Option<&dyn FeedStore>,
    index: &mut RowIndex,
    new: &BuildId,
    most_time: Duration,
) -> Option<Takeover> {
    let unknown = |reason: String| Some(Takeover::Unknown { reason });
    let mut found = match timeout(most_time, compared(reader, index, new)).await {
        Ok(Ok(found)) => found?,
        Ok(Err(reason)) => return unknown(reason),
        Err(_) => return unknown(format!("it was not read in {} s", most_time.as_secs())),
    };
    if let Some(store) = store {
        found.new = names(store, index, new, found.rows - found.kept, Vec::new()).await;
    }
    Some(Takeover::Compared(found))
}

async fn compared(
    reader: &Reader,
    index: &mut RowIndex,
    new: &BuildId,
) -> Result<Option<TakeoverDiff>, String> {
    let request = Request {
        method: Method::GET,
        url: reader.feed_url.clone(),
        headers: HeaderMap::new(),
        body: None,
        reach: Reach::Anywhere,
    };
    let mut response = reader.web.send(request).await.map_err(|error| error.detail)?;
    match response.status {
        StatusCode::OK => {}
        // A bucket without a listing says 403 of what is not there.
        status if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => return Ok(None),
        status => return Err(format!("status {}", status.as_u16())),
    }
    let rows = index.rows();
    let mut comparison = Comparison::new(index, new.clone());
    let mut reading = RowReader::default();
    while let Some(chunk) = response.body.next().await {
        reading.push(&chunk.map_err(|error| error.detail)?, |row| comparison.take(row));
        if comparison.has_no_ids() {
            // A page, or whatever else has no column `id`: nothing that Naver reads as a feed.
            return Ok(None);
        }
    }
    reading.finish(|row| comparison.take(row));
    if comparison.has_no_ids() {
        return Ok(None);
    }
    let changes = comparison.end();
    let (kept, gone) = (changes.in_both(), changes.removed);
    Ok((kept + gone > 0).then(|| TakeoverDiff {
        kept,
        of: kept + gone,
        rows,
        gone: changes.removed_examples,
        new: Vec::new(),
    }))
}

#[cfg(test)]
mod tests;
