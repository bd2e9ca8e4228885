//! The built binary as a process of its own, so that the kernel counts its memory and nobody else's.

use std::{
    fs::File,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::support::{CdnDouble, S3Double, SlackDouble, s3, slack};

/// How long it may take to serve, which takes some milliseconds, and how long to export.
const START: Duration = Duration::from_secs(30);
const EXPORT: Duration = Duration::from_secs(600);
/// The unit of CPU time in `/proc`: on Linux a hundredth of a second, whatever the kernel's own clock.
const TICKS: f64 = 100.0;

/// A serving process; killed when dropped.
pub struct Service {
    child: Child,
    folder: tempfile::TempDir,
    /// In front of the feed, for whoever reads the public URL.
    _cdn: CdnDouble,
    http: reqwest::Client,
    url: String,
}

impl Service {
    /// Starts it on these services; its state is a fresh folder.
    pub async fn start(catalogue: &str, s3: &S3Double, bucket: &str, slack: &SlackDouble) -> Self {
        Self::with(catalogue, s3, bucket, slack, &[]).await
    }

    /// The same with some settings other than usual.
    pub async fn with(
        catalogue: &str,
        s3: &S3Double,
        bucket: &str,
        slack: &SlackDouble,
        settings: &[(&str, &str)],
    ) -> Self {
        let cdn = CdnDouble::start(s3, bucket, "ep").await;
        let folder = tempfile::tempdir().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let state = folder.path().join("state");
        let child = Command::new(env!("CARGO_BIN_EXE_auto-ep"))
            .env_clear()
            .env("PORT", "0")
            .env("LOG_FORMAT", "json")
            .env("STATE_URL", format!("file:{}", state.to_str().unwrap()))
            .env("FEED_STORE_URL", format!("s3://{bucket}/ep"))
            .env("FEED_URL", cdn.url("ikea_ep.tsv"))
            .env("AWS_REGION", s3::REGION)
            .env("AWS_ACCESS_KEY_ID", s3::ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", s3::SECRET_KEY)
            .env("AWS_ENDPOINT_URL", s3.url())
            .env("SLACK_BOT_TOKEN", slack::TOKEN)
            .env("SLACK_CHANNEL", slack::CHANNEL)
            .env("SLACK_API_URL", slack.url())
            .env("CATALOG_URL", catalogue)
            .env("CATALOG_ITEMS", "/moreProducts/productWindow/*[type=PRODUCT]/product")
            .env("CATALOG_PAGE_SIZE", "1000")
            .env("CATALOG_CONCURRENCY", "4")
            .env("EP_SHIPPING", "3000")
            .env("EP_MAX_ROWS", "2000000")
            .envs(settings.iter().copied())
            .envs(allocator_settings())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let http = reqwest::Client::new();
        let mut service = Self { child, folder, _cdn: cdn, http, url: String::new() };
        service.url = service.serving().await;
        let health = service.http.get(format!("{}/health", service.url)).send().await.unwrap();
        assert_eq!(health.status(), 200);
        service
    }

    /// The URL that it logs once it listens; it chose the port by itself.
    async fn serving(&mut self) -> String {
        let begun = Instant::now();
        loop {
            let log = self.log();
            let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            if let Some(line) = lines.into_iter().find(|line| line["message"] == "serving") {
                return line["url"].as_str().unwrap().to_owned();
            }
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && begun.elapsed() < START, "it does not serve: {ended:?}\n{log}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Exports, and gives the answer and how many seconds it took.
    pub async fn export(&self) -> (Value, f64) {
        self.post("export-products").await
    }

    /// Calls a route, and gives the answer and how many seconds it took.
    pub async fn post(&self, route: &str) -> (Value, f64) {
        let (status, text, seconds) = self.send(route).await;
        assert_eq!(status, 200, "{text}\n{}", self.log());
        (serde_json::from_str(&text).unwrap(), seconds)
    }

    /// The same whatever the answer says.
    pub async fn answer(&self, route: &str) -> (Value, f64) {
        let (_, text, seconds) = self.send(route).await;
        (serde_json::from_str(&text).unwrap(), seconds)
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    async fn send(&self, route: &str) -> (u16, String, f64) {
        let begun = Instant::now();
        let request = self.http.post(format!("{}/{route}", self.url)).timeout(EXPORT);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => panic!("{error}\n{}", self.log()),
        };
        let seconds = begun.elapsed().as_secs_f64();
        (response.status().as_u16(), response.text().await.unwrap(), seconds)
    }

    /// The most memory that it ever had resident, its code included.
    pub fn peak_bytes(&self) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let kib: f64 = line.trim().strip_suffix("kB").unwrap().trim().parse().unwrap();
        kib * 1024.0
    }

    /// The time that its threads were running so far.
    pub fn cpu_seconds(&self) -> f64 {
        let stat = self.proc("stat");
        // The name in brackets may hold spaces; what follows it does not.
        let after = stat.rsplit_once(") ").unwrap().1;
        let fields: Vec<&str> = after.split(' ').collect();
        let ticks = |index: usize| fields[index].parse::<f64>().unwrap();
        (ticks(11) + ticks(12)) / TICKS
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(Path::new("/proc").join(self.child.id().to_string()).join(file)).unwrap()
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// For comparing allocators: `MALLOC_…` of whoever runs the test goes through to the process.
fn allocator_settings() -> Vec<(String, String)> {
    std::env::vars().filter(|(name, _)| name.starts_with("MALLOC_") || name == "LD_PRELOAD").collect()
}
