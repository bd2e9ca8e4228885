//! What is published for a few ids: of the build that is recorded as public, or of what readers get at the public URL.
//!
//! It reads the file once as a stream, keeps the rows that were asked for alone, and never judges them.

use std::{borrow::Cow, time::Duration};

use futures_util::StreamExt;
use reqwest::StatusCode;
use tokio::time::timeout;
use url::Url;

use super::{
    asked::Asked,
    outcome::short,
    rows::{self, Columns, Rows},
};
use crate::{
    feed_store::{FeedError, FeedStore, META_BUILD},
    report::{BuildId, BuildInfo, Cell, OfPublished},
    web::{Request, Secrets, Web},
};

/// Characters kept of a value. Ours are shorter; an old file may hold anything.
const MOST_CHARS: usize = 3_000;

/// What is published for each id that was asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standings {
    /// A feed, and its rows.
    Feed {
        build: Option<BuildId>,
        rows: Vec<Option<Vec<Cell>>>,
    },
    NoFeed,
    Unknown(String),
}

/// Where a published feed is.
pub(super) struct Place<'a> {
    pub(super) store: &'a dyn FeedStore,
    pub(super) web: &'a dyn Web,
    pub(super) url: &'a Url,
    /// Whether it is known that nothing of ours was ever published.
    pub(super) is_nothing_of_ours: bool,
    /// What must not be told of it.
    pub(super) secrets: Secrets,
}

impl Standings {
    /// Reads the `public` build or, where none is known or it cannot be read, the public URL; in `most_time` at most.
    pub(super) async fn read(
        place: &Place<'_>,
        public: Option<&BuildInfo>,
        asked: &Asked,
        most_time: Duration,
    ) -> Self {
        let reading = async {
            if let Some(public) = public {
                match place.stored(&public.build, asked).await {
                    Ok(found) => return found,
                    Err(error) => tracing::debug!(%error, "the public build is not read from the store"),
                }
            }
            match place.readers(asked).await {
                Ok(found) => found,
                Err(_) if place.is_nothing_of_ours => Self::NoFeed,
                Err(reason) => Self::Unknown(reason),
            }
        };
        let too_slow = || Self::Unknown(format!("it was not read in {} s", most_time.as_secs()));
        timeout(most_time, reading).await.unwrap_or_else(|_| too_slow())
    }

    /// One for each id.
    pub(super) fn into_each(self, ids: usize) -> Vec<OfPublished> {
        match self {
            Self::Feed { build, rows } => {
                let of = |row: Option<_>| match row {
                    Some(row) => OfPublished::Row { build: build.clone(), row },
                    None => OfPublished::Absent { build: build.clone() },
                };
                rows.into_iter().map(of).collect()
            }
            Self::NoFeed => vec![OfPublished::NoFeed; ids],
            Self::Unknown(reason) => vec![OfPublished::Unknown { reason }; ids],
        }
    }
}

impl Place<'_> {
    async fn stored(&self, build: &BuildId, asked: &Asked) -> Result<Standings, FeedError> {
        let mut taking = Taking::new(asked, &self.secrets);
        let read = rows::read(self.store, build, |columns, row| {
            taking.take(columns, row.bytes);
            true
        })
        .await?;
        Ok(taking.end(read.columns.as_ref(), Some(build.clone())))
    }

    /// As readers get it.
    async fn readers(&self, asked: &Asked) -> Result<Standings, String> {
        let mut response =
            self.web.send(Request::get(self.url.clone())).await.map_err(|error| error.detail)?;
        match response.status {
            StatusCode::OK => {}
            // A bucket without a listing says 403 of what is not there.
            status if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                return Ok(Standings::NoFeed);
            }
            status => return Err(format!("the public URL answers status {}", status.as_u16())),
        }
        let build = response.headers.get(META_BUILD).and_then(|build| build.to_str().ok());
        let build = build.and_then(|build| BuildId::parse(build).ok());
        let (mut taking, mut rows) = (Taking::new(asked, &self.secrets), Rows::default());
        while let Some(chunk) = response.body.next().await {
            let chunk = chunk.map_err(|error| error.detail)?;
            rows.push(&chunk, |columns, row| taking.take(columns, row.bytes));
        }
        let columns = rows.finish(|columns, row| taking.take(columns, row.bytes));
        Ok(taking.end(columns.as_ref(), build))
    }
}

/// The rows that were asked for, on the way through a file.
struct Taking<'a> {
    asked: &'a Asked,
    secrets: &'a Secrets,
    rows: Vec<Option<Vec<Cell>>>,
}

impl<'a> Taking<'a> {
    fn new(asked: &'a Asked, secrets: &'a Secrets) -> Self {
        Self { asked, secrets, rows: vec![None; asked.ids().len()] }
    }

    /// The first row of an id counts, as for readers.
    fn take(&mut self, columns: &Columns, row: &[u8]) {
        let id = columns.fields(row).id;
        // What holds more is none of ours, nor is it asked for.
        if id.is_empty() || id.len() > MOST_CHARS {
            return;
        }
        let place = self.asked.place(&String::from_utf8_lossy(id));
        if let Some(taken) = place.map(|place| &mut self.rows[place]).filter(|taken| taken.is_none()) {
            let values = row.split(|byte| *byte == b'\t').map(String::from_utf8_lossy);
            let cells = columns.names.iter().zip(values).filter(|(_, value)| !value.is_empty());
            let told = |value: &str| short(self.secrets.struck(value), MOST_CHARS);
            let cell = |(name, value): (&String, Cow<'_, str>)| Cell {
                column: name.clone(),
                value: told(&value),
                from: String::new(),
            };
            *taken = Some(cells.map(cell).collect());
        }
    }

    fn end(self, columns: Option<&Columns>, build: Option<BuildId>) -> Standings {
        match columns.is_some_and(Columns::has_ids) {
            true => Standings::Feed { build, rows: self.rows },
            false => Standings::Unknown("what is public has no column `id`".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is taken of a file for these ids: whether it is a feed, and each row as `column=value`.
    fn taken(ids: &[&str], file: &[u8]) -> Standings {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        let (asked, secrets) = (Asked::of(&ids).unwrap(), Secrets::default());
        let (mut taking, mut rows) = (Taking::new(&asked, &secrets), Rows::default());
        rows.push(file, |columns, row| taking.take(columns, row.bytes));
        let columns = rows.finish(|columns, row| taking.take(columns, row.bytes));
        taking.end(columns.as_ref(), None)
    }

    fn cells(standings: &Standings, at: usize) -> Option<String> {
        let Standings::Feed { rows, .. } = standings else { panic!("no feed: {standings:?}") };
        let cells = rows[at].as_ref()?.iter().map(|cell| format!("{}={}", cell.column, cell.value));
        Some(cells.collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn the_first_row_of_an_id_is_taken_by_the_files_own_columns() {
        let file = b"title\tid\tbrand\nA\t800 1\t\nB\t8001\tMoa\nC\t7\n";
        let found = taken(&["8001", "7", "9"], file);
        let rows = [0, 1, 2].map(|at| cells(&found, at));
        assert_eq!(rows, [Some("title=A id=800 1".into()), Some("title=C id=7".into()), None]);
    }

    #[test]
    fn of_a_hostile_file_little_is_kept() {
        let (names, value) = ("x\t".repeat(100_000), "🛋".repeat(200_000));
        let file = format!("id\ttitle\t{names}\n1\t{value}\t{}\n{value}\t2\n", "y\t".repeat(10_000));
        let found = cells(&taken(&["1", "2"], file.as_bytes()), 0).unwrap();
        assert!(found.starts_with("id=1 title=🛋") && found.chars().count() < 4_000, "{}", found.len());
        let none = taken(&["1"], b"<!doctype html>\n<p>1\n");
        assert_eq!(none, Standings::Unknown("what is public has no column `id`".into()));
        assert!(matches!(taken(&["1"], b""), Standings::Unknown(_)));
    }
}
