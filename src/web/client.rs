//! The HTTP clients. Loading the CA store is most of what a start would take, so the client that needs it is made by its
//! first request; that there is a store is looked at before.
//!
//! It never sends anything.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::{Context, ensure};
use reqwest::Client;
use rustls_pki_types::{CertificateDer, pem::PemObject};

use super::WebError;

/// How long connecting to anything may take.
const CONNECT: Duration = Duration::from_secs(5);

/// Bytes of an answer that may be on their way, and of all answers of one connection: at 20 ms a round trip still 25 and
/// 50 MB a second.
const STREAM_WINDOW: u32 = 512 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;

/// What a client cannot be made without.
const NO_STORE: &str =
    "the HTTP client could not be made; is the system's CA bundle installed (ca-certificates)?";

/// A client for the world; its copies are one.
#[derive(Clone)]
pub struct HttpClient(Arc<OnceLock<Client>>);

impl HttpClient {
    /// The client, made by whoever asks first.
    pub fn get(&self) -> Result<&Client, WebError> {
        once(&self.0, Client::builder)
    }
}

impl From<Client> for HttpClient {
    fn from(client: Client) -> Self {
        Self(Arc::new(OnceLock::from(client)))
    }
}

/// A client for the world. It fails where the system has no CA store: better at start than in the night.
pub fn http_client() -> anyhow::Result<HttpClient> {
    ensure!(stores().iter().any(|store| has_certificate(store)), NO_STORE);
    Ok(HttpClient(Arc::default()))
}

/// A client for our own loopback. Plain HTTP needs no CA store.
pub fn loopback_client() -> anyhow::Result<Client> {
    built(Client::builder().no_proxy().tls_certs_only([]))
}

/// The client that is there, or one made of `builder`.
pub(super) fn once(
    made: &OnceLock<Client>,
    builder: impl FnOnce() -> reqwest::ClientBuilder,
) -> Result<&Client, WebError> {
    if let Some(client) = made.get() {
        return Ok(client);
    }
    let client = built(builder()).map_err(|error| WebError::permanent(format!("{error:#}")))?;
    Ok(made.get_or_init(|| client))
}

fn built(builder: reqwest::ClientBuilder) -> anyhow::Result<Client> {
    builder
        // Of all answers on one connection no more is on its way than this; by default it is some MiB.
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        .connect_timeout(CONNECT)
        .user_agent(concat!("auto-ep/", env!("CARGO_PKG_VERSION")))
        .build()
        .context(NO_STORE)
}

/// Where a client will look for the CA store.
fn stores() -> Vec<PathBuf> {
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter_map(env::var_os);
    let named: Vec<_> = named.flat_map(|paths| env::split_paths(&paths).collect::<Vec<_>>()).collect();
    if !named.is_empty() {
        return named;
    }
    let found = openssl_probe::probe();
    found.cert_file.into_iter().chain(found.cert_dir).collect()
}

/// Whether a certificate can be read from the file, or from any in the folder.
fn has_certificate(path: &Path) -> bool {
    if let Ok(mut entries) = fs::read_dir(path) {
        return entries.any(|entry| entry.is_ok_and(|entry| is_bundle(&entry.path())));
    }
    is_bundle(path)
}

fn is_bundle(path: &Path) -> bool {
    fs::read(path).is_ok_and(|pem| CertificateDer::pem_slice_iter(&pem).any(|found| found.is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_a_file_or_a_folder_with_a_certificate_that_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            path
        };
        let pem = |body: &str| format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n");
        for (path, expected) in [
            (file("a/bundle.pem", &format!("# a comment\n{}", pem("AAAA"))), true),
            (file("b/second.pem", &format!("{}{}", pem("!"), pem("AAAA"))), true),
            (file("c/spoilt.pem", &pem("!")), false),
            (file("d/empty.pem", ""), false),
            (folder.path().join("none.pem"), false),
        ] {
            assert_eq!(has_certificate(&path), expected, "{path:?}");
            let parent = path.parent().unwrap();
            assert!(parent == folder.path() || has_certificate(parent) == expected, "{parent:?}");
        }
    }

    #[test]
    fn a_client_is_made_once() {
        let client = HttpClient::from(loopback_client().unwrap());
        assert!(std::ptr::eq(client.get().unwrap(), client.clone().get().unwrap()));
        assert!(http_client().unwrap().0.get().is_none(), "nobody has asked for it yet");
    }
}
