//! Builds the app from ready parts, binds, serves, and shuts down. It contacts nothing before the first request.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::services::ServeDir;
use url::Url;

use crate::{
    chat::{Chat, SlackChat, TerminalChat},
    clock::Clock,
    config::{
        Config,
        chat::ChatTransport,
        stores::{FeedStoreConfig, StateConfig},
    },
    export::{Exporter, Judge},
    feed_store::{CloudFront, FeedStore, FolderFeed, S3Feed},
    gate::Gate,
    ledger::{self, Ledger, Owner, nonce},
    publish::Publisher,
    routes,
    run::{Active, Admission, Runner},
    serve::{Limits, serve},
    slack::Renderer,
    state::{FolderState, GcsState, StateStore},
    thread::Threads,
    verify::Verifier,
    web::{HttpWeb, Web, http_client},
};

/// How long runs may go on after SIGTERM, and how long those that were then cancelled may clean up after themselves:
/// Cloud Run kills 10 s after it.
const GRACE: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(3)];
/// Where the embedded feed is served.
const FEED_PATH: &str = "/feed";
/// Bytes of it that are read at once, for each of its readers.
const FEED_PIECE: usize = 8 * 1024;

/// What the app stands on. Tests and the demo bring their own.
#[derive(Clone)]
pub struct Parts {
    /// Where records are.
    pub state: Arc<dyn StateStore>,
    /// Where the feed is.
    pub feed: Arc<dyn FeedStore>,
    /// Where people are told.
    pub chat: Arc<dyn Chat>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where the catalogue is, and what readers get.
    pub web: Arc<dyn Web>,
}

/// An app that is bound to its port.
pub struct App {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    runner: Arc<Runner>,
}

impl App {
    /// Binds the port and builds the app on the services that the settings name.
    pub async fn new(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let (listener, address) = bind(config).await?;
        let http = http_client()?;
        let feed_url = feed_url(config, address);
        let chat: Arc<dyn Chat> = match &config.chat.transport {
            ChatTransport::Terminal => Arc::new(TerminalChat::new(Arc::clone(&clock), true)),
            ChatTransport::Slack { token, channel, api_url } => {
                let slack = SlackChat::new(http.clone(), token.clone(), channel.clone(), api_url.clone());
                Arc::new(slack.with_limit(call_limit(config)))
            }
        };
        let web = Arc::new(HttpWeb::new(http)?);
        let parts = Parts { state: state(config), feed: feed(config, &feed_url, &clock), chat, clock, web };
        Ok(Self::on(config, listener, address, parts))
    }

    /// Builds the app on parts that are ready, bound to a port of its own choice.
    pub async fn with_parts(config: &Config, parts: Parts) -> anyhow::Result<Self> {
        let (listener, address) = bind(config).await?;
        Ok(Self::on(config, listener, address, parts))
    }

    fn on(config: &Config, listener: TcpListener, address: SocketAddr, parts: Parts) -> Self {
        let (router, runner) = service(config, address, parts);
        Self { listener, address, router, runner }
    }

    /// Where it listens, as a client on this machine calls it.
    pub fn base_url(&self) -> String {
        base_url(self.address)
    }

    /// Serves until `stop` ends; then takes no more requests, and gives the runs under way, whoever waits for them,
    /// a few seconds to end, and a few more to clean up after themselves.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> anyhow::Result<()> {
        let Self { listener, router, runner, .. } = self;
        let told = runner.closing.clone();
        let server = serve(listener, router, Limits::default(), async move {
            stop.await;
            tracing::info!("stopping: no new requests; runs under way have {} s", GRACE[0].as_secs());
            told.cancel();
        });
        let ended = async {
            server.await;
            // A run whose caller hung up has no connection that the server waits for.
            while !runner.active.is_empty() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok(())
        };
        let too_long = async {
            runner.closing.cancelled().await;
            tokio::time::sleep(GRACE[0]).await;
            runner.stopping.cancel();
            tokio::time::sleep(GRACE[1]).await;
        };
        tokio::select! {
            ended = ended => ended,
            () = too_long => {
                tracing::warn!("stopped with runs under way; the next delivery of the same tick resumes them");
                Ok(())
            }
        }
    }
}

/// The service itself without a port: what answers requests, and what its runs are done by. `address` is where it
/// will be reached, for what the embedded feed's URL is made of.
pub fn service(config: &Config, address: SocketAddr, parts: Parts) -> (Router, Arc<Runner>) {
    let runner = Arc::new(runner(config, address, parts));
    let mut router = routes::router(Arc::clone(&runner));
    if let FeedStoreConfig::Folder(folder) = &config.feed.store {
        router = router.nest_service(FEED_PATH, feed_files(folder));
    }
    (router, runner)
}

fn feed_files(folder: &Path) -> ServeDir {
    ServeDir::new(folder).with_buf_chunk_size(FEED_PIECE)
}

async fn bind(config: &Config) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let address = SocketAddr::new(config.service.address, config.service.port);
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("{address} could not be bound; set PORT to a free one, and LISTEN_ADDRESS to one of this machine's")
    })?;
    let address = listener.local_addr().context("the bound address could not be read")?;
    Ok((listener, address))
}

/// As a client on this machine calls it: where it listens on every interface, one of them is this machine's own.
fn base_url(mut address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    format!("http://{address}")
}

fn feed_url(config: &Config, address: SocketAddr) -> Url {
    config.feed.url.clone().unwrap_or_else(|| {
        let text = format!("{}{FEED_PATH}/{}", base_url(address), config.feed.key.as_str());
        Url::parse(&text).expect("an address and a checked file name make a URL")
    })
}

fn call_limit(config: &Config) -> Duration {
    ledger::call_limit(config.service.lease)
}

fn state(config: &Config) -> Arc<dyn StateStore> {
    match &config.state {
        StateConfig::Folder(folder) => Arc::new(FolderState::new(folder.clone())),
        StateConfig::Gcs { bucket, prefix, endpoint } => {
            let gcs = GcsState::connect(bucket.clone(), prefix.clone(), endpoint.clone());
            Arc::new(gcs.with_limit(call_limit(config)))
        }
    }
}

fn feed(config: &Config, feed_url: &Url, clock: &Arc<dyn Clock>) -> Arc<dyn FeedStore> {
    match &config.feed.store {
        FeedStoreConfig::Folder(folder) => Arc::new(FolderFeed::new(folder.clone(), &config.feed.key)),
        FeedStoreConfig::S3(s3) => {
            let cloudfront = config.feed.distribution.as_ref().map(|distribution| {
                CloudFront::connect(distribution.clone(), feed_url, s3, Arc::clone(clock))
                    .with_limit(call_limit(config))
            });
            let s3 = S3Feed::connect(s3.clone(), &config.feed.key, cloudfront);
            Arc::new(s3.with_limit(call_limit(config)))
        }
    }
}

fn runner(config: &Config, address: SocketAddr, parts: Parts) -> Runner {
    let Parts { state, feed, chat, clock, web } = parts;
    let schedule = config.service.schedule.clone();
    let feed_url = feed_url(config, address);
    let embedded = matches!(config.feed.store, FeedStoreConfig::Folder(_));
    let renderer = Arc::new(Renderer::new(
        &config.chat,
        schedule.timezone().clone(),
        embedded.then(|| base_url(address)),
    ));
    let owner = Owner::of(&feed.location(), config.feed.key.as_str(), config.feed.moved_from.clone());
    let ledger = Ledger::new(state, owner, Arc::clone(&clock));
    Runner {
        threads: Threads {
            ledger: ledger.clone(),
            chat: Arc::clone(&chat),
            clock: Arc::clone(&clock),
            renderer: Arc::clone(&renderer),
            schedule: schedule.clone(),
            feed_url: feed_url.to_string(),
            files: feed.location(),
            lease: config.service.lease,
        },
        exporter: Exporter {
            catalogue: config.catalogue.clone(),
            ep: config.ep.clone(),
            judge: Arc::new(Judge::of(config)),
            web: Arc::clone(&web),
            ledger: ledger.clone(),
            store: Arc::clone(&feed),
            feed_url: feed_url.clone(),
            // The publication must still get its turn.
            diff_time: config.service.deadline / 8,
        },
        publisher: Publisher {
            store: feed,
            ledger: ledger.clone(),
            clock: Arc::clone(&clock),
            gate: Gate::new(config.gate.clone(), config.ep.max_rows),
            timezone: schedule.timezone().clone(),
            web: Arc::clone(&web),
            feed_url: feed_url.clone(),
        },
        verifier: Verifier {
            web,
            feed_url,
            config: config.verify.clone(),
            max_rows: config.ep.max_rows,
            median_moved: config.gate.hold_median,
            ledger: ledger.clone(),
            schedule: schedule.clone(),
            grace: config.service.deadline,
            clock: Arc::clone(&clock),
        },
        ledger,
        chat,
        clock,
        renderer,
        schedule,
        deadline: config.service.deadline,
        lease: config.service.lease,
        process: nonce(),
        active: Active::default(),
        admission: Admission::default(),
        closing: CancellationToken::new(),
        stopping: CancellationToken::new(),
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::Request};
    use futures_util::StreamExt;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn little_of_the_feed_is_read_ahead_of_each_reader() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("x.tsv"), vec![b'x'; 300_000]).unwrap();
        let request = Request::get("/x.tsv").body(Body::empty()).unwrap();
        let answer = feed_files(folder.path()).oneshot(request).await.unwrap();
        let mut pieces = Body::new(answer.into_body()).into_data_stream();
        let mut read = 0;
        while let Some(piece) = pieces.next().await {
            let bytes = piece.unwrap().len();
            assert!(bytes <= FEED_PIECE, "{bytes}");
            read += bytes;
        }
        assert_eq!(read, 300_000);
    }

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
