//! Before the first publication: is there a feed at the public URL that somebody else made, and how much of it goes on?
//!
//! Naver knows a product by its id. Where another feed's ids are not this build's, every product would lose its history
//! there, so that is looked at once, before anything is replaced. It never decides; the gate does.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::StatusCode;
use tokio::time::timeout;
use url::Url;

use super::{
    diff::{EXAMPLES, names},
    index::RowIndex,
    rows::Columns,
};
use crate::{
    ep::read::RowReader,
    feed_store::FeedStore,
    report::{BuildId, RowName, Takeover, TakeoverDiff},
    web::{Request, Web},
};

/// Holds the feed at `url` against the rows of the build `new`, which are in `index`. `None` where no feed is
/// there. Examples of new rows come from `store`, where the build is stored.
pub(super) async fn of(
    web: &dyn Web,
    url: &Url,
    store: Option<&dyn FeedStore>,
    index: &mut RowIndex,
    new: &BuildId,
    most_time: Duration,
) -> Option<Takeover> {
    let unknown = |reason: String| Some(Takeover::Unknown { reason });
    let mut found = match timeout(most_time, compared(web, url, index)).await {
        Ok(Ok(found)) => found?,
        Ok(Err(reason)) => return unknown(reason),
        Err(_) => return unknown(format!("it was not read in {} s", most_time.as_secs())),
    };
    if let (Takeover::Compared(diff), Some(store)) = (&mut found, store) {
        diff.new = names(store, index, new, diff.rows - diff.kept, Vec::new()).await;
    }
    Some(found)
}

async fn compared(web: &dyn Web, url: &Url, index: &mut RowIndex) -> Result<Option<Takeover>, String> {
    let mut response = web.send(Request::get(url.clone())).await.map_err(|error| error.detail)?;
    match response.status {
        StatusCode::OK => {}
        // A bucket without a listing says 403 of what is not there.
        status if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => return Ok(None),
        status => return Err(format!("status {}", status.as_u16())),
    }
    let mut theirs = Theirs { index, form: Form::Unknown, kept: 0, gone: 0, examples: Vec::new() };
    let mut reading = RowReader::default();
    while let Some(chunk) = response.body.next().await {
        reading.push(&chunk.map_err(|error| error.detail)?, |row| theirs.take(row.bytes));
        if matches!(theirs.form, Form::Page) {
            return Ok(None);
        }
    }
    reading.finish(|row| theirs.take(row.bytes));
    let Theirs { form, kept, gone, examples, .. } = theirs;
    let of = kept + gone;
    match form {
        Form::Unknown | Form::Page => Ok(None),
        Form::Other(begins) => Ok(Some(Takeover::Unreadable { begins })),
        Form::Table(_) | Form::Older if of == 0 => Ok(None),
        Form::Table(_) | Form::Older => {
            let rows = index.rows();
            Ok(Some(Takeover::Compared(TakeoverDiff { kept, of, rows, gone: examples, new: Vec::new() })))
        }
    }
}

/// What a file is, by its first row.
enum Form {
    /// Nothing came yet.
    Unknown,
    /// A table with a column `id`.
    Table(Columns),
    /// EP 2.0: a field a line, the id behind `<<<mapid>>>`.
    Older,
    /// An HTML or XML page: a placeholder, and no feed.
    Page,
    /// Something that may be a feed, and begins like this.
    Other(String),
}

/// How an EP 2.0 file begins, and the line of a product's id.
const OLDER: &[u8] = b"<<<begin>>>";
const OLDER_ID: &[u8] = b"<<<mapid>>>";
/// Bytes shown of a file that is not understood.
const BEGINS: usize = 80;

/// Somebody else's file on the way.
struct Theirs<'a> {
    index: &'a mut RowIndex,
    form: Form,
    kept: u64,
    gone: u64,
    examples: Vec<RowName>,
}

impl Theirs<'_> {
    fn take(&mut self, row: &[u8]) {
        let name = match &self.form {
            Form::Unknown => {
                self.form = form(row);
                return;
            }
            Form::Table(columns) => columns.fields(row).name(),
            Form::Older => match row.strip_prefix(OLDER_ID) {
                Some(id) => RowName { id: String::from_utf8_lossy(id).into_owned(), title: String::new() },
                None => return,
            },
            Form::Page | Form::Other(_) => return,
        };
        let id = plain(&name.id);
        if id.is_empty() {
            return;
        }
        // An id that stands twice is one id.
        if self.index.meet(id.as_bytes()).is_some() {
            self.kept += 1;
        } else if !self.index.contains(id.as_bytes()) && self.index.expect(id.as_bytes()) {
            self.gone += 1;
            if self.examples.len() < EXAMPLES {
                self.examples.push(RowName { id: id.to_owned(), ..name });
            }
        }
    }
}

fn form(first: &[u8]) -> Form {
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first).trim_ascii();
    if text.is_empty() {
        return Form::Unknown;
    }
    if text.starts_with(OLDER) {
        return Form::Older;
    }
    if text.starts_with(b"<") {
        return Form::Page;
    }
    // Names as people write them: in capitals, in quotes, with spaces around.
    let text = String::from_utf8_lossy(text);
    let names: Vec<String> = text.split('\t').map(|name| plain(name).to_ascii_lowercase()).collect();
    let columns = Columns::of(names.join("\t").as_bytes());
    match columns.has_ids() && !text.contains('\r') {
        true => Form::Table(columns),
        false => Form::Other(text.chars().take(BEGINS).collect()),
    }
}

/// A name or an id without quotes and spaces around it.
fn plain(text: &str) -> &str {
    text.trim().trim_matches('"').trim()
}

#[cfg(test)]
mod tests;
