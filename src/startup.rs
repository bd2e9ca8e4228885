//! Builds the app from the settings or from ready parts, binds, serves, and shuts down. It contacts nothing before the
//! first request.

mod address;
mod parts;
mod runner;

pub use parts::Parts;

use std::{net::SocketAddr, path::Path, sync::Arc, time::Duration};

use axum::Router;
use tokio::{net::TcpListener, time::timeout};
use tower_http::services::ServeDir;

use self::address::{FEED_PATH, base_url, bind};
use crate::{
    clock::Clock,
    config::{Config, stores::FeedStoreConfig},
    doctor::Doctor,
    export::new_build_id,
    report::Explanation,
    routes,
    run::Runner,
    serve::{Limits, serve},
    web::LazyClient,
};

/// How long runs may go on after SIGTERM, and how long those that were then cancelled may clean up after themselves:
/// Cloud Run kills 10 s after it.
const GRACE: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(3)];
/// How long the records may take to say what is public.
const RECORDS_PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of the embedded feed that are read at once, for each of its readers.
const FEED_PIECE: usize = 128 * 1024;

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
        let world = LazyClient::world();
        let parts = Parts::of(config, address, clock, world.clone());
        // Who calls first need not wait for it; where it fails every run will say so, too.
        tokio::task::spawn_blocking(move || {
            world.get().map(drop).inspect_err(|error| tracing::warn!("{error:#}"))
        });
        Ok(Self::on(config, listener, address, parts))
    }

    /// Builds the app on parts that are ready, bound to a port of its own choice.
    pub(crate) async fn with_parts(config: &Config, parts: Parts) -> anyhow::Result<Self> {
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
            runner.tasks.close();
            runner.tasks.wait().await;
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

/// Why the products with these ids are in the feed or not, by a dry run of an export. Where the records of what is public
/// do not answer soon, as on a machine without the service's account, the public URL says what is published.
pub async fn explained(
    config: &Config,
    ids: &[String],
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Explanation> {
    let now = clock.now();
    let (address, parts) = by_hand(config, clock);
    let Runner { exporter, publisher, .. } = runner::runner(config, address, parts);
    let id = new_build_id(now, config.service.schedule.timezone());
    let built = exporter.explain(&id, ids, RECORDS_PATIENCE).await;
    let built = built.map_err(|failure| anyhow::anyhow!(failure.detail))?;
    let (products, corrections) = (built.explained.clone(), built.corrections.clone());
    let judged = timeout(RECORDS_PATIENCE, publisher.preview(now, built)).await;
    let (publication, unknown) = match judged {
        Ok(Ok(report)) => (Some(report.publication), None),
        Ok(Err(failure)) => (None, Some(failure.detail)),
        Err(_) => (None, Some(format!("no answer within {} s", RECORDS_PATIENCE.as_secs()))),
    };
    Ok(Explanation { publication, unknown, corrections, products })
}

/// A doctor of the services that the settings name. It binds nothing.
pub fn doctor(config: &Config, clock: Arc<dyn Clock>) -> Doctor {
    by_hand(config, clock).1.doctor(config)
}

/// What a command stands on, and the address of the service that it is about.
fn by_hand(config: &Config, clock: Arc<dyn Clock>) -> (SocketAddr, Parts) {
    let address = SocketAddr::new(config.service.address, config.service.port);
    (address, Parts::of(config, address, clock, LazyClient::world()))
}

/// The service itself without a port: what answers requests, and what its runs are done by. `address` is where it
/// will be reached, for what the embedded feed's URL is made of.
pub fn service(config: &Config, address: SocketAddr, parts: Parts) -> (Router, Arc<Runner>) {
    let doctor = Arc::new(parts.doctor(config));
    let runner = Arc::new(runner::runner(config, address, parts));
    let mut router = routes::router(Arc::clone(&runner), doctor);
    if let FeedStoreConfig::Folder(folder) = &config.feed.store {
        router = router.nest_service(FEED_PATH, feed_files(folder));
    }
    (router, runner)
}

fn feed_files(folder: &Path) -> ServeDir {
    ServeDir::new(folder).with_buf_chunk_size(FEED_PIECE)
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
}
