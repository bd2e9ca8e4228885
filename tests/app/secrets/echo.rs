//! A source that repeats all that it was asked: in the order of the ways below, in every spelling.

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use serde_json::json;

use super::CANARY;

/// How many ways there are.
pub const WAYS: usize = 14;
/// In place of the products there are keys.
pub const KEYS: usize = 6;
/// There is one element, whose keys hold it.
const ELEMENT: usize = 9;
/// There are products, whose values hold it.
pub const VALUES: usize = 13;

/// The answer in the way of that number. What comes to the address itself without any secret is led on to one.
pub fn answer(way: usize, uri: &Uri, headers: &HeaderMap) -> Response {
    let host = headers[header::HOST].to_str().unwrap();
    if uri == "/kr/0" {
        let signed = format!("http://{host}/signed/{CANARY}?X-Amz-Signature={CANARY}-1");
        return (StatusCode::FOUND, [(header::LOCATION, signed)]).into_response();
    }
    let is_later = uri.query().is_some_and(|query| query.contains("start=") && !query.contains("start=0"));
    if is_later && matches!(way, ELEMENT | VALUES) {
        return "{\"p\": []}".into_response();
    }
    let said = said(&format!("http://{host}{uri}"), headers);
    let text = said.join(" ");
    match way {
        0 => (StatusCode::NOT_FOUND, text).into_response(),
        1 => (StatusCode::FORBIDDEN, json!({"detail": text}).to_string()).into_response(),
        2 => Html(format!("<title>Sorry</title>{text}")).into_response(),
        3 => (StatusCode::FOUND, [(header::LOCATION, format!("{uri}"))]).into_response(),
        4 => format!("{{\"url\": {}, {}: 1", json!(text), json!(text)).into_response(),
        5 => (StatusCode::INTERNAL_SERVER_ERROR, text).into_response(),
        KEYS => keys(&said).into_response(),
        7 => format!("{{\"p\": {}}}", keys(&said)).into_response(),
        // One level deeper than they are looked for.
        8 => {
            let inside = format!(
                "\"product\": {{}}, \"type\": {}",
                json!(said[0].replace(|c: char| !c.is_alphanumeric(), "_"))
            );
            format!("{{\"p\": [{{{inside}, {}]}}", &keys(&said)[1..]).into_response()
        }
        ELEMENT => format!("{{\"p\": [{}]}}", keys(&said)).into_response(),
        10 => {
            let coding = HeaderValue::from_str(&said[0]).unwrap();
            ([(header::CONTENT_ENCODING, coding)], [0_u8, 159, 146, 150].repeat(8)).into_response()
        }
        11 => (StatusCode::OK, text).into_response(),
        12 => {
            let echoed = HeaderValue::from_str(&said[0]).unwrap();
            let headers = [(HeaderName::from_static("www-authenticate"), echoed)];
            (StatusCode::UNAUTHORIZED, headers, text).into_response()
        }
        _ => {
            let broken = said.iter().enumerate().map(|(n, said)| {
                json!({"itemNo": format!("0010000{n}"), "name": "A chair", "salesPrice": {"numeral": said},
                    "pipUrl": said, "mainImageUrl": said, "currencyCode": said})
            });
            let nameless = said.iter().map(|said| json!({"name": said, "pipUrl": said}));
            let all: Vec<_> = broken.chain(nameless).collect();
            json!({"p": all}).to_string().into_response()
        }
    }
}

/// An object whose keys say it.
fn keys(said: &[String]) -> String {
    let keys: Vec<_> = said.iter().rev().map(|said| format!("{}: 1", json!(said))).collect();
    format!("{{{}}}", keys.join(", "))
}

/// The address, and the header that holds user and password, in every spelling.
fn said(whole: &str, headers: &HeaderMap) -> Vec<String> {
    let read = whole.replace("%2F", "/").replace("%2f", "/");
    let from = read.find(CANARY).or_else(|| read.find('?')).unwrap_or(0);
    let mut all = vec![
        CANARY.to_owned(),
        CANARY.replace('/', "%2F"),
        read[from..].to_owned(),
        read[from..].to_uppercase(),
        read[from..].replace('/', "\\/"),
        read[from..].replace('/', "\\u002f"),
        read[from..].replace('/', "&#x2F;"),
        read[from..].replace('/', "&#47;"),
        read[from..].replace('/', "%2f"),
        read[from..].replace('/', "%252F"),
        read[from..].replace("%20", "+"),
        whole.to_owned(),
    ];
    if !whole.contains("c4n4") {
        all.clear();
    }
    if let Some(basic) = headers.get(header::AUTHORIZATION).and_then(|basic| basic.to_str().ok()) {
        all.extend([basic.to_owned(), basic.replace('=', "%3D")]);
    }
    all
}
