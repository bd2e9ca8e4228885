//! A made-up shop that is asked page by page over HTTP, on this machine alone.

use std::collections::HashMap;

use anyhow::Context;
use axum::{Router, extract::Query, routing::get};
use tokio::net::TcpListener;

use crate::sample::Shop;

/// Serves the shop until the process ends; gives the address that it is read at.
pub(super) async fn serve(shop: Shop) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for the made-up shop")?;
    let base = format!("http://{}/", listener.local_addr().context("the made-up shop has no address")?);
    let (path, size, page) = shop.call();
    let address = base.clone();
    let answer = async move |Query(query): Query<HashMap<String, String>>| -> String {
        let number = |name| query.get(name).and_then(|text: &String| text.parse().ok());
        shop.page(&address, number(page).unwrap_or(1), number(size).unwrap_or(10))
    };
    let router = Router::new().route(&format!("/{path}"), get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(shop.url(&base))
}
