//! One try at one source: a request, a file, or the sample inside the binary.
//!
//! It never tries twice.

use std::{fs::File, io, time::Duration};

use bytes::Bytes;
use futures_util::StreamExt;
use reqwest::{
    Method,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use tokio::time::timeout;
use url::Url;

use super::{Fetcher, decode::Decoder, fault::Fault, policy};
use crate::{
    chunks::{CHUNK, Chunks},
    preset::Call,
    sample,
    web::{Discretion, Foreign, Reach, Request, WebBody, WebError, without_user},
};

/// How much of an error's body is read, and how long we wait for it.
const ERROR_BYTES: usize = 480;
const ERROR_PATIENCE: Duration = Duration::from_secs(2);

enum Raw {
    Http(WebBody),
    File(Chunks),
    /// The sample, handed out in pieces.
    Memory(Bytes),
}

/// An open source and its decoder.
pub(super) struct Input {
    raw: Raw,
    decoder: Decoder,
    over: bool,
    /// The largest chunk that came so far, in bytes.
    largest: usize,
    /// What came before it was known to be handed on as it is.
    came: Sum,
    headers: HeaderMap,
}

/// How many bytes, and their checksum.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub bytes: u64,
    pub checksum: u32,
}

impl Sum {
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.checksum = crc32c::crc32c_append(self.checksum, bytes);
    }
}

impl Input {
    /// Opens the source; `None` is the sample. Where it leads on to another address, the discretion grows.
    pub async fn open(
        fetcher: &Fetcher,
        call: Option<&Call>,
        discretion: &mut Discretion,
    ) -> Result<Self, Fault> {
        let raw = match call {
            None => Raw::Memory(sample::embedded().into()),
            Some(call) if !call.is_remote() => Raw::File(open_file(&call.url).await?),
            Some(call) => return request(fetcher, call, discretion).await,
        };
        Ok(Self::of(raw, HeaderMap::new()))
    }

    fn of(raw: Raw, headers: HeaderMap) -> Self {
        let encoding = headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
        let decoder = Decoder::new(encoding);
        Self { raw, decoder, over: false, largest: 0, came: Sum::default(), headers }
    }

    /// What a header of the answer says; of one that stands there several times all of it.
    pub fn header(&self, name: &HeaderName) -> Option<String> {
        let all: Vec<_> = self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        (!all.is_empty()).then(|| all.join(", "))
    }

    /// The next decoded bytes, never empty; `None` at the end. Only waiting for the source counts as `silence`.
    pub async fn next(&mut self, silence: Duration) -> Result<Option<Bytes>, Fault> {
        loop {
            if let Some(chunk) = self.decoder.pull()? {
                return Ok(Some(chunk));
            }
            if self.over {
                return Ok(None);
            }
            match timeout(silence, self.raw.next()).await.map_err(|_| Fault::Silence(silence))?? {
                Some(bytes) => {
                    self.largest = self.largest.max(bytes.len());
                    if !self.decoder.is_plain() {
                        self.came.add(&bytes);
                    }
                    self.decoder.push(bytes);
                }
                None => {
                    self.over = true;
                    self.decoder.end();
                }
            }
        }
    }

    /// The bytes that came, before they were decoded; `handed` where they are the same. None where more would have come.
    pub fn whole(&self, handed: Sum) -> Option<Sum> {
        self.over.then(|| if self.decoder.is_plain() { handed } else { self.came })
    }

    /// Bytes that the connection may hold by now: the chunk at hand, and its reader's next buffer, which doubles whenever
    /// one was filled.
    pub fn held(&self) -> usize {
        3 * self.largest
    }
}

impl Raw {
    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        match self {
            Self::Http(chunks) => match chunks.next().await {
                Some(Ok(chunk)) => Ok(Some(chunk)),
                Some(Err(error)) => Err(network(error)),
                None => Ok(None),
            },
            Self::File(chunks) => chunks.next().await.map_err(|e| file_fault(&e)),
            Self::Memory(rest) if rest.is_empty() => Ok(None),
            Self::Memory(rest) => Ok(Some(rest.split_to(rest.len().min(CHUNK)))),
        }
    }
}

async fn open_file(url: &Url) -> Result<Chunks, Fault> {
    let path = url.to_file_path().map_err(|()| {
        Fault::File("a file: URL names a path on this machine, as in file:///srv/a.json".into())
    })?;
    let opened = tokio::task::spawn_blocking(move || File::open(path)).await.map_err(io::Error::other);
    let file = opened.flatten().map_err(|e| file_fault(&e))?;
    Ok(Chunks::of(file))
}

fn file_fault(error: &io::Error) -> Fault {
    Fault::File(format!("the file cannot be read: {error}"))
}

async fn request(fetcher: &Fetcher, call: &Call, discretion: &mut Discretion) -> Result<Input, Fault> {
    let json = HeaderValue::from_static("application/json");
    let mut headers = HeaderMap::from_iter([
        (header::ACCEPT, json.clone()),
        (header::ACCEPT_ENCODING, HeaderValue::from_static("gzip")),
    ]);
    let method = match call.body {
        Some(_) => {
            headers.insert(header::CONTENT_TYPE, json);
            Method::POST
        }
        None => Method::GET,
    };
    let (url, body) = (call.url.clone(), call.body.clone());
    let request = Request { method, url, headers, body, reach: Reach::Anywhere };
    let silence = fetcher.policy.silence;
    let sent = timeout(silence, fetcher.web.send(request)).await;
    let response = sent.map_err(|_| Fault::Silence(silence))?.map_err(network)?;
    if response.url != without_user(call.url.clone()) {
        discretion.led_to(&response.url);
    }
    let status = response.status;
    let input = Input::of(Raw::Http(response.body), response.headers);
    if status.is_success() {
        return Ok(input);
    }
    let retry_after = input.header(&header::RETRY_AFTER);
    let retry_after = retry_after.and_then(|v| policy::retry_after(&v, jiff::Timestamp::now()));
    let body = error_body(input).await;
    Err(Fault::Status { status: status.as_u16(), body, retry_after })
}

/// The first bytes of an error's body, as far as they can be had.
async fn error_body(mut input: Input) -> Vec<u8> {
    let mut body = Vec::new();
    let _ = timeout(ERROR_PATIENCE, async {
        while let Ok(Some(chunk)) = input.next(ERROR_PATIENCE).await {
            body.extend_from_slice(&chunk[..chunk.len().min(ERROR_BYTES - body.len())]);
            if body.len() >= ERROR_BYTES {
                break;
            }
        }
    })
    .await;
    body
}

fn network(error: WebError) -> Fault {
    let said = Foreign::new(error.detail, error.plain);
    if error.permanent { Fault::Request(said) } else { Fault::Network(said) }
}
