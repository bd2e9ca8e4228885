//! An answer without a network, and what its way to the asker does to it.

use std::{io::Write, time::Duration};

use axum::body::Bytes;
use flate2::{Compression, write::GzEncoder};

use super::{calls::Refusal, misbehave::Trouble};

/// An answer, and what is wrong with its way to the asker.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
    /// How long it takes.
    pub after: Duration,
    pub ending: Ending,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    Whole,
    /// Half of the body arrives.
    CutOff,
    /// Nothing arrives.
    NoAnswer,
}

impl Answer {
    pub(super) fn json(status: u16, body: Vec<u8>) -> Self {
        let kind = if status < 400 { "application/json;charset=UTF-8" } else { "application/problem+json" };
        Self {
            status,
            headers: vec![("content-type", kind.to_owned())],
            body: body.into(),
            after: Duration::ZERO,
            ending: Ending::Whole,
        }
    }

    /// The body as far as it arrives.
    pub fn arriving(&self) -> Bytes {
        match self.ending {
            Ending::Whole => self.body.clone(),
            Ending::CutOff => self.body.slice(..self.body.len() / 2),
            Ending::NoAnswer => Bytes::new(),
        }
    }

    /// What concerns the answer as a whole.
    pub(super) fn suffer(&mut self, trouble: &Trouble) {
        match trouble {
            Trouble::Limited(seconds) => self.headers.push(("retry-after", seconds.to_string())),
            Trouble::Html => {
                self.status = 200;
                self.headers = vec![("content-type", "text/html".to_owned())];
                self.body = "<!doctype html><title>Just a moment</title><p>잠시만 기다려 주세요.</p>".into();
            }
            Trouble::CutOff => self.ending = Ending::CutOff,
            Trouble::NoAnswer => self.ending = Ending::NoAnswer,
            Trouble::Slow(more) => self.after += *more,
            Trouble::Gzip { twice } => {
                self.headers.push(("content-encoding", "gzip".to_owned()));
                self.body = gzip(&self.body);
                if *twice {
                    self.body = gzip(&self.body);
                }
            }
            Trouble::Claims(encoding) => self.headers.push(("content-encoding", (*encoding).to_owned())),
            _ => {}
        }
    }
}

impl Trouble {
    /// The status that it means.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Status(status) => Some((*status, "Ordered by a test".to_owned())),
            Self::Limited(_) => Some((429, "Too many requests".to_owned())),
            _ => None,
        }
    }
}

fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().into()
}
