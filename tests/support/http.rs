//! Small pieces of HTTP that the doubles share.

use std::collections::HashMap;

use axum::{
    body::{Body, Bytes},
    http::{Response, StatusCode, header},
};

pub async fn read_body(body: Body) -> Bytes {
    axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default()
}

pub fn reply(status: u16, content_type: &str, body: impl Into<Body>) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap();
    Response::builder().status(status).header(header::CONTENT_TYPE, content_type).body(body.into()).unwrap()
}

/// The query or a form, decoded.
pub fn pairs(text: &str) -> HashMap<String, String> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// The path's segments, decoded one by one, so that an encoded slash stays inside its segment.
pub fn segments(path: &str) -> Vec<String> {
    let decode = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned();
    path.trim_start_matches('/').split('/').map(decode).collect()
}
