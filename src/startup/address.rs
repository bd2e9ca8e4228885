//! Where the app listens, and where the embedded feed is read because of that.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use anyhow::Context;
use tokio::net::TcpListener;
use url::Url;

use crate::{
    config::{Config, stores::FeedStoreConfig},
    slack::{CalledAt, Consoles, Logs},
};

/// Where the embedded feed is served.
pub(super) const FEED_PATH: &str = "/feed";

pub(super) async fn bind(config: &Config) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let address = SocketAddr::new(config.service.address, config.service.port);
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("{address} could not be bound; set PORT to a free one, and LISTEN_ADDRESS to one of this machine's")
    })?;
    let address = listener.local_addr().context("the bound address could not be read")?;
    Ok((listener, address))
}

/// As a client on this machine calls it: where it listens on every interface, one of them is this machine's own.
pub(super) fn base_url(mut address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    format!("http://{address}")
}

/// As people call it: `SERVICE_URL`, or what else is known of where it runs. Not what a request calls it: who sends that
/// would choose what people paste.
pub(super) fn called_at(config: &Config, address: SocketAddr) -> CalledAt {
    let service = &config.service;
    match (&service.cloud_run, &service.url) {
        (None, Some(url)) => CalledAt::Open(url.clone()),
        (None, None) => CalledAt::Open(base_url(address)),
        (Some(_), Some(url)) => CalledAt::CloudRun(url.clone()),
        (Some(name), None) => CalledAt::CloudRunService(name.clone()),
    }
}

/// The consoles that know this service: Amazon's own where the feed is kept there, Google's where it runs there.
pub(super) fn consoles(config: &Config) -> Consoles {
    let s3_region = match &config.feed.store {
        FeedStoreConfig::S3(s3) if s3.endpoint.is_none() => Some(s3.region.clone()),
        FeedStoreConfig::S3(_) | FeedStoreConfig::Folder(_) => None,
    };
    let logs = config.service.project.clone().zip(config.service.cloud_run.clone());
    Consoles { s3_region, logs: logs.map(|(project, service)| Logs { project, service }) }
}

/// `FEED_URL`, or where the binary serves the feed by itself.
pub(super) fn feed_url(config: &Config, address: SocketAddr) -> Url {
    config.feed.url.clone().unwrap_or_else(|| {
        let text = format!("{}{FEED_PATH}/{}", base_url(address), config.feed.key.as_str());
        Url::parse(&text).expect("an address and a checked file name make a URL")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_own_address_is_one_that_this_machine_reaches() {
        for (listens, url) in [
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("0.0.0.0:8080", "http://127.0.0.1:8080"),
            ("[::]:80", "http://[::1]:80"),
            ("[::1]:80", "http://[::1]:80"),
            ("192.168.0.7:80", "http://192.168.0.7:80"),
        ] {
            assert_eq!(base_url(listens.parse().unwrap()), url);
            assert!(Url::parse(&format!("{url}{FEED_PATH}/x.tsv")).is_ok());
        }
    }
}
