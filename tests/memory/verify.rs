//! How much memory a verification takes at most: any file of 500 MB, of ordinary rows and of very short ones.

use axum::{Router, body::Body, http::Response, routing::get};
use bytes::Bytes;
use futures_util::stream;
use serde_json::json;

use crate::{
    BUCKET, MIB, MOST_MIB, say,
    service::Service,
    support::{S3Double, SlackDouble},
};

const FEED_BYTES: u64 = 500_000_000;
const HEADER: &str = "id\ttitle\tprice_pc\tlink\timage_link\tcategory_name1\tshipping\n";
/// Writes the row of this number.
type Row = fn(u64) -> String;
/// What the feed is made of; each row has an id of its own.
const SHAPES: [(&str, Row); 2] = [("rows of 500 bytes", ordinary), ("rows of 20 bytes", short)];

fn ordinary(i: u64) -> String {
    let (price, words) = (1_000 + i % 900_000, "책장 수납 선반 ".repeat(4));
    let path = "long-and-friendly-name-".repeat(7);
    format!(
        "{i}\t{words}{i}\t{price}\thttps://shop.example/{path}{i}\thttps://images.example/{path}{i}.jpg\t수납\t3000\n"
    )
}

/// For as many ids as can be; the header of these names three columns.
fn short(i: u64) -> String {
    format!("{i:010}\tA\t{}\n", 1_000 + i % 900_000)
}

fn feed(row: Row) -> Body {
    let header = if row(0).len() < 100 { "id\ttitle\tprice_pc\n" } else { HEADER };
    let rows = stream::unfold((0, header.len() as u64), move |(mut i, mut sent)| async move {
        if sent >= FEED_BYTES {
            return None;
        }
        let mut chunk = String::new();
        while chunk.len() < 64 * 1024 {
            chunk.push_str(&row(i));
            i += 1;
        }
        sent += chunk.len() as u64;
        Some((Ok::<_, std::io::Error>(Bytes::from(chunk)), (i, sent)))
    });
    let header = stream::iter([Ok(Bytes::from_static(header.as_bytes()))]);
    Body::from_stream(futures_util::StreamExt::chain(header, rows))
}

async fn serve() -> String {
    let [ordinary, short] = SHAPES.map(|(_, row)| {
        get(move || async move {
            Response::builder().header("content-type", "text/plain").body(feed(row)).unwrap()
        })
    });
    let app = Router::new().route("/0", ordinary).route("/1", short);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    url
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a release build and a minute: .ci/peak-memory"]
async fn a_verification_of_500_mb_stays_under_64_mib() {
    let url = serve().await;
    let mut over = Vec::new();
    for (i, (name, _)) in SHAPES.iter().enumerate() {
        let (s3, slack) = (S3Double::start().await, SlackDouble::start().await);
        s3.create_bucket(BUCKET);
        let feed = format!("{url}/{i}");
        let settings = [
            ("FEED_URL", feed.as_str()),
            ("VERIFY_TIMEOUT", "600s"),
            ("VERIFY_ALIVE_SAMPLE", "0"),
            ("EP_MAX_ROWS", "100000000"),
        ];
        let service = Service::with("http://catalogue.example/", &s3, BUCKET, &slack, &settings).await;
        let (answer, seconds) = service.post("verify-ep").await;
        let peak_mib = service.peak_bytes() / MIB;
        let report = &answer["report"];
        assert!(report["bytes"].as_u64().unwrap() >= FEED_BYTES, "{answer:#}");
        let reachable = report["checks"].as_array().unwrap().iter().find(|check| check["id"] == "reachable");
        assert_eq!(reachable.unwrap()["status"], json!("pass"), "{answer:#}");
        let (rows, mb) = (report["rows"].as_u64().unwrap(), FEED_BYTES as f64 / 1e6);
        say(&format!(
            "verify, {name}  {mb:.0} MB, {rows} rows  {seconds:.1} s  {:.0} MB/s  peak {peak_mib:.1} MiB",
            mb / seconds
        ));
        if peak_mib >= MOST_MIB {
            over.push(format!("{name}: {peak_mib:.1} MiB"));
        }
    }
    assert!(over.is_empty(), "{MOST_MIB} MiB were not enough: {over:?}");
}
