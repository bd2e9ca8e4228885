//! A made-up shop that is read over HTTP, on this machine alone.

use std::collections::HashMap;

use anyhow::Context;
use axum::{Router, extract::Query, response::AppendHeaders, routing::get};
use tokio::net::TcpListener;

use crate::sample::Shop;

/// Serves the shop until the process ends; gives the address that it is read at.
pub(super) async fn serve(shop: Shop) -> anyhow::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for the made-up shop")?;
    let base = format!("http://{}/", listener.local_addr().context("the made-up shop has no address")?);
    let address = base.clone();
    let answer = async move |Query(query): Query<HashMap<String, String>>| {
        let (body, headers) = shop.answer(&address, &query);
        (AppendHeaders(headers), body)
    };
    let router = Router::new().route(&format!("/{}", shop.path()), get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(shop.url(&base))
}
