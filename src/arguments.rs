//! What the command line takes, and what it says of itself.
//!
//! It does nothing: `main` does.

use std::path::PathBuf;

use auto_ep::{preset, sample::Shop};
use clap::{Parser, Subcommand};
use strum::VariantNames;

/// Delivers a shop's product feed (Naver EP) every day, and tells the day in one Slack thread.
#[derive(Parser)]
#[command(version, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Serve POST /create-thread, /export-products and /verify-ep (the default)
    Serve,
    /// Play a whole day in seconds: sample catalogue, local folder, thread printed here; no account, no network
    Demo {
        /// A made-up shop by the name of its preset: shopify, woocommerce or merchant are read over HTTP; the first shop's,
        /// which is played without this, is the compiled-in catalogue
        #[arg(long, value_name = "NAME", value_parser = made_up)]
        shop: Option<MadeUp>,
    },
    /// Read the settings, tell every mistake, and end
    CheckConfig {
        /// A file of settings for Cloud Run, such as env.yaml, instead of the environment
        file: Option<PathBuf>,
        /// Then read the catalogue's departments and the first page of each, and show what would become of them; nothing
        /// is published
        #[arg(long = "try")]
        try_out: bool,
    },
    /// Tell why products are in the feed or not: reads the whole catalogue as an export does, and what is published;
    /// nothing is published
    Explain {
        /// Ids as they stand in the feed, at most 20
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// A file of settings for Cloud Run, such as env.yaml, instead of the environment
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
        /// As JSON, as POST /export-products?dry_run=true&explain=… answers it
        #[arg(long)]
        json: bool,
    },
    /// Print every kind of message of a made-up day in both languages, with a link each that opens it in Slack's Block Kit
    /// Builder; no settings are read and nothing is posted
    Preview,
    /// Look at each service that the settings name with the rights it needs, and say what to mend; nothing is published
    #[command(after_help = DOCTOR_HELP)]
    Doctor {
        /// Also post a message, read it back and remove it
        #[arg(long)]
        post: bool,
        /// What was found as JSON, instead of a table
        #[arg(long)]
        json: bool,
    },
}

/// The shop of a demo; none for the first shop's own, which is compiled in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MadeUp(pub(crate) Option<Shop>);

fn made_up(name: &str) -> Result<MadeUp, String> {
    if name == preset::first_name() {
        return Ok(MadeUp(None));
    }
    name.parse()
        .map(|shop| MadeUp(Some(shop)))
        .map_err(|_| format!("expected {}, or {}", preset::first_name(), Shop::VARIANTS.join(", or ")))
}

const DOCTOR_HELP: &str = "\
Settings come from the environment, as for serve. Exit code: 0 where nothing has to be
mended, 1 otherwise, 2 where the command line is wrong. The deployed service does the
same as itself: POST /create-thread?doctor=true (and post=true).";

const AFTER_HELP: &str = "\
Settings come from the environment alone; env.yaml lists each with a comment.
Without any, the service runs on embedded twins: a sample catalogue, the folder
./.auto-ep, and a thread printed to the terminal. Then:
  curl -X POST http://127.0.0.1:8080/export-products
  curl -X POST http://127.0.0.1:8080/verify-ep";
