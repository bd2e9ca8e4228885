//! Whatever goes wrong with a catalogue whose address holds secrets, nobody is told them: the program itself, all that
//! it prints, answers and keeps.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    http::{HeaderMap, StatusCode, Uri, header},
    response::IntoResponse,
};
use serde_json::Value;

/// Part of every secret.
const CANARY: &str = "c4n4ry";

/// What the catalogue answers, the address that was asked for in each: number by number.
const TROUBLES: usize = 6;

async fn trouble(number: usize, uri: Uri, headers: HeaderMap) -> axum::response::Response {
    let host = headers[header::HOST].to_str().unwrap();
    let whole = format!("http://{host}{uri}");
    match number {
        0 => (StatusCode::NOT_FOUND, format!("Cannot GET {uri}")).into_response(),
        1 => (StatusCode::FORBIDDEN, format!("{{\"detail\": \"no {}\"}}", uri.query().unwrap_or_default()))
            .into_response(),
        2 => axum::response::Html(format!("<title>Sorry</title>{whole}")).into_response(),
        3 => (StatusCode::FOUND, [(header::LOCATION, whole)]).into_response(),
        4 => format!("{{\"url\": \"{whole}\", \"{uri}\": 1").into_response(),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, format!("{} failed", uri.path())).into_response(),
    }
}

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Every file below a folder, as one text.
fn contents(folder: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        all.push_str(&path.display().to_string());
        if path.is_dir() {
            all.push_str(&contents(&path));
        } else {
            all.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        }
    }
    all
}

fn program(folder: &Path, catalogue: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auto-ep"));
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    for (name, value) in [
        ("PORT", "0"),
        ("LOG_FORMAT", "json"),
        ("LOCALE", "en"),
        ("CATALOG_URL", catalogue),
        ("CATALOG_ITEMS", "/p"),
        ("CATALOG_CATEGORIES", "st001"),
    ] {
        command.env(name, value);
    }
    command
}

async fn answers(folder: &Path, catalogue: &str, number: &AtomicUsize) -> Vec<Value> {
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let mut command = program(folder, catalogue);
    let child = command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
    let _process = Process(child);
    let base = loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let log = std::fs::read_to_string(folder.join("log")).unwrap();
        let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        if let Some(line) = lines.into_iter().find(|line| line["message"] == "serving") {
            break line["url"].as_str().unwrap().to_owned();
        }
    };
    let http = reqwest::Client::new();
    let mut answers = Vec::new();
    for trouble in 0..TROUBLES {
        number.store(trouble, Ordering::Relaxed);
        let options = if trouble % 2 == 0 { "" } else { "?dry_run=true" };
        let call = http.post(format!("{base}/export-products{options}")).timeout(Duration::from_secs(60));
        answers.push(call.send().await.unwrap().json().await.unwrap());
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_the_catalogues_address_is_told() {
    let number = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&number);
    let app = Router::new().fallback(move |uri: Uri, headers: HeaderMap| {
        let asked = Arc::clone(&asked);
        async move { trouble(asked.load(Ordering::Relaxed), uri, headers).await }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let secrets =
        format!("pwd={CANARY}-1&jwt=e.{CANARY}-2.e&to%6ben={CANARY}%2D3&key=a%20{CANARY}&{CANARY}-bare");
    for (template, shown) in [
        (format!("http://u{CANARY}:p{CANARY}@{host}/t-{CANARY}/all.json?{secrets}"), "/***/***.json?***"),
        (
            format!(
                "http://{host}/{CANARY}/more-products?category={{category}}&{secrets}&start={{start}}&end={{end}}"
            ),
            "/***/more-products?category=st001&***&start=0&end=1000",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let answers = answers(folder.path(), &template, &number).await;
        let tried = program(folder.path(), &template).args(["check-config", "--try"]).output().unwrap();
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
        let kept = contents(&folder.path().join(".auto-ep"));
        let tried =
            [String::from_utf8(tried.stdout).unwrap(), String::from_utf8(tried.stderr).unwrap()].concat();
        let answered: Vec<_> = answers.iter().map(Value::to_string).collect();
        let where_it_is = format!("{host}{shown}");
        for (told, what) in [(&log, "log"), (&kept, "kept"), (&tried, "tried")]
            .into_iter()
            .chain(answered.iter().map(|answer| (answer, "answered")))
        {
            assert!(!told.contains(CANARY), "{what}: {told}");
            assert!(told.contains(&where_it_is), "{what}: {told}");
        }
        assert!(log.contains("trying again"), "a retry is logged, too: {log}");
    }
}

#[test]
fn no_secret_of_a_wrong_setting_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value) in [
        ("CATALOG_URL", format!("{CANARY}.example/x.json")),
        ("CATALOG_URL", format!("gopher://a.example/{CANARY}?{CANARY}")),
        ("CATALOG_URL", format!("https://u:{CANARY}@a.example/{CANARY}?start={{start}}&{CANARY}")),
        ("CATALOG_PRESET", format!("https://a.example/?{CANARY}")),
        ("STATE_URL", format!("s3://key:{CANARY}@bucket/x")),
        ("FEED_URL", format!("ftp://u:{CANARY}@a.example/x?{CANARY}")),
        ("FEED_URL", format!("a.example/{CANARY}")),
        ("SLACK_API_URL", format!("https://hooks.slack.com/services/T0/B0/{CANARY}?x")),
        ("SLACK_API_URL", format!("hooks.slack.com/services/T0/B0/{CANARY}")),
    ] {
        let mut command = program(folder.path(), "http://a.example/");
        let output = command.env(name, &value).arg("check-config").output().unwrap();
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!output.status.success() && told.contains(name) && !told.contains(CANARY), "{told}");
    }
}
