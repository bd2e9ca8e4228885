//! Whatever goes wrong with a catalogue whose address holds secrets, nobody is told them: the program itself, all that
//! it prints, answers and keeps, against a source that repeats all that it was asked in every spelling.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, http::HeaderMap, http::Uri};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;

#[path = "secrets/echo.rs"]
mod echo;

/// Part of every secret; the `/` is what spellings differ in.
const CANARY: &str = "c4n4/ry";

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
        ("RUST_LOG", "auto_ep=trace"),
        ("CATALOG_URL", catalogue),
        ("CATALOG_ITEMS", "/p"),
        ("CATALOG_CATEGORIES", "st001"),
    ] {
        command.env(name, value);
    }
    command
}

/// What the program answers, echo by echo.
async fn answers(folder: &Path, catalogue: &str, number: &AtomicUsize) -> Vec<String> {
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
    for echo in 0..echo::WAYS {
        number.store(echo, Ordering::Relaxed);
        let options = if echo % 2 == 0 { "" } else { "?dry_run=true" };
        let call = http.post(format!("{base}/export-products{options}")).timeout(Duration::from_secs(60));
        let answer = call.send().await.unwrap_or_else(|e| {
            let log = std::fs::read_to_string(folder.join("log")).unwrap();
            panic!("echo {echo}: {e:?}\n{log}")
        });
        answers.push(answer.text().await.unwrap());
    }
    answers.push(http.get(format!("{base}/health")).send().await.unwrap().text().await.unwrap());
    answers
}

/// The address of a source that repeats whatever it is asked, in the way of that number.
async fn source() -> (String, Arc<AtomicUsize>) {
    let number = Arc::new(AtomicUsize::new(0));
    let asked = Arc::clone(&number);
    let app = Router::new().fallback(move |uri: Uri, headers: HeaderMap| {
        let asked = Arc::clone(&asked);
        async move { echo::answer(asked.load(Ordering::Relaxed), &uri, &headers) }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (host, number)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_the_catalogues_address_is_told_in_any_spelling() {
    let (host, number) = source().await;
    let secret = CANARY.replace('/', "%2F");
    let values = format!("pwd={secret}-1&jwt=e.{CANARY}-2.e&to%6ben={secret}%2D3&key=a%20{secret}&{secret}");
    let user = format!("u{secret}:p{secret}");
    for (template, shown) in [
        (format!("http://{user}@{host}/t-{secret}/all.json?{values}"), "/***/***.json?***"),
        (format!("http://{user}@{host}/"), "/"),
        (
            format!(
                "http://{host}/{secret}/more-products?category={{category}}&{values}&start={{start}}&end={{end}}"
            ),
            "/***/more-products?category=st001&***&start=0&end=1000",
        ),
        // This one hides nothing, but the source leads on to one that does.
        (format!("http://{host}/kr/0"), "/kr/0"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let answers = answers(folder.path(), &template, &number).await;
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
        let kept = contents(&folder.path().join(".auto-ep"));
        let mut told: Vec<_> = answers.into_iter().map(|answer| ("answered", answer)).collect();
        for echo in [1, echo::KEYS, echo::VALUES] {
            number.store(echo, Ordering::Relaxed);
            let tried = program(folder.path(), &template).args(["check-config", "--try"]).output().unwrap();
            told.push(("tried", String::from_utf8([tried.stdout, tried.stderr].concat()).unwrap()));
        }
        assert!(log.contains("trying again"), "a retry is logged, too: {log}");
        told.extend([("log", log), ("kept", kept)]);
        let encoded = STANDARD.encode(format!("u{CANARY}:p{CANARY}"));
        for (what, told) in &told {
            assert!(!told.to_lowercase().contains(&CANARY[..4]), "{what} of {template}: {told}");
            assert!(!told.contains(&encoded[..8]), "{what} of {template}: {told}");
        }
        let where_it_is = format!("{host}{shown}");
        assert!(told.iter().filter(|(_, told)| told.contains(&where_it_is)).count() > echo::WAYS / 2);
    }
}

#[test]
fn no_secret_of_a_wrong_setting_is_told() {
    const CANARY: &str = "c4n4ry";
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
