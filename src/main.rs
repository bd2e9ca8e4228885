//! The command line: `serve` (the default), `demo`, `check-config`, `explain`, `preview` and `doctor`. It only starts things.

mod arguments;

use std::{io::Write as _, path::Path, process::ExitCode, sync::Arc};

use anyhow::Context;
use auto_ep::{
    clock::{Clock, SystemClock},
    config::{Config, file::SettingsFile},
    demo,
    doctor::Examination,
    explain,
    export::{Trial, asked_ids},
    preview,
    slack::wording::Words,
    startup::{self, App, explained},
    telemetry, try_out,
    web::{HttpWeb, LazyClient},
};
use clap::Parser;

use arguments::{Arguments, Command, MadeUp};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            complain(&last_words(&format!("auto-ep: {error:#}")));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command.unwrap_or(Command::Serve) {
        Command::Serve => {
            let config = Config::from_process()?;
            log(&config)?;
            runtime()?.block_on(serve(config))?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Demo { shop } => {
            let sound = runtime()?.block_on(demo::play(shop.and_then(|MadeUp(shop)| shop)))?;
            Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Explain { ids, settings, json } => {
            explain_products(&ids, settings.as_deref(), json)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Preview => {
            say(&preview::text())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Doctor { post, json } => examine(post, json),
        Command::CheckConfig { file, try_out } => {
            let config = settings_of(file.as_deref())?;
            for remark in &config.remarks {
                complain(&format!("auto-ep: {remark}"));
            }
            complain("auto-ep: the settings are sound");
            if !try_out {
                return Ok(ExitCode::SUCCESS);
            }
            let web = Arc::new(HttpWeb::new(LazyClient::world()));
            let trial = runtime()?.block_on(Trial::of(&config, web));
            say(&try_out::lines(&config, &trial))?;
            if !trial.is_sound() {
                complain("auto-ep: an export of this catalogue would not be published");
                return Ok(ExitCode::FAILURE);
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The settings of a file, or else of the environment.
fn settings_of(file: Option<&Path>) -> anyhow::Result<Config> {
    match file {
        None => Ok(Config::from_process()?),
        Some(file) => check_file(file).with_context(|| file.display().to_string()),
    }
}

fn explain_products(ids: &[String], settings: Option<&Path>, json: bool) -> anyhow::Result<()> {
    let ids = asked_ids(&ids.join(",")).map_err(anyhow::Error::msg)?;
    let config = settings_of(settings)?;
    complain("auto-ep: the whole catalogue is read, which takes as long as an export");
    let explained = runtime()?.block_on(explained(&config, &ids, Arc::new(SystemClock)))?;
    let text = match json {
        true => serde_json::to_string_pretty(&explained)? + "\n",
        false => explain::lines(Words::of(config.chat.locale), &explained),
    };
    say(&text)?;
    Ok(())
}

/// The doctor, whose code tells whether anything has to be mended.
fn examine(post: bool, json: bool) -> anyhow::Result<ExitCode> {
    let found = match Config::from_process() {
        Ok(config) => {
            let doctor = Arc::new(startup::doctor(&config, Arc::new(SystemClock)));
            runtime()?.block_on(doctor.examine(post))
        }
        // Told as check-config tells them, but where a program reads it.
        Err(mistakes) if json => Examination::of_bad_settings(SystemClock.now(), &mistakes.to_string()),
        Err(mistakes) => return Err(mistakes.into()),
    };
    say(&if json { format!("{}\n", serde_json::to_string_pretty(&found)?) } else { found.to_string() })?;
    Ok(if found.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn check_file(file: &Path) -> anyhow::Result<Config> {
    let map = file.with_file_name("map.json");
    let mut file = SettingsFile::parse(&std::fs::read_to_string(file)?)?;
    if map.is_file() {
        file = file.with_map(std::fs::read_to_string(&map).with_context(|| map.display().to_string())?)?;
    }
    let (config, unread) = file.on_cloud_run();
    for name in unread {
        complain(&format!(
            "auto-ep: with these settings nothing reads {name}: misspelt, or of a setting that is wrong"
        ));
    }
    Ok(config?)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let app = App::new(&config, Arc::new(SystemClock)).await?;
    for twin in config.embedded_twins() {
        tracing::info!("{twin}");
    }
    for remark in &config.remarks {
        tracing::warn!("{remark}");
    }
    tracing::info!(url = app.base_url(), version = env!("CARGO_PKG_VERSION"), "serving");
    app.serve(stop_signal()).await
}

/// Why the process ends. On Cloud Run one line of JSON is one entry of the log, whatever line breaks the text holds.
fn last_words(text: &str) -> String {
    if std::env::var_os("K_SERVICE").is_some() {
        serde_json::json!({"severity": "CRITICAL", "message": text}).to_string()
    } else {
        text.to_owned()
    }
}

/// Ends at SIGTERM (Cloud Run stops an instance) or Ctrl-C.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).expect("SIGTERM can be listened for");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime could not be started")
}

fn log(config: &Config) -> anyhow::Result<()> {
    let filter = std::env::var("RUST_LOG").ok();
    let project = config.service.project.clone();
    let subscriber =
        telemetry::subscriber(config.service.log_format, filter.as_deref(), project, std::io::stdout);
    tracing::subscriber::set_global_default(subscriber).context("logging was set up twice")?;
    std::panic::set_hook(Box::new(|panic| tracing::error!("panicked: {panic}")));
    Ok(())
}

/// What a person asked for on the command line. Who reads no further than they like is no error.
fn say(text: &str) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("standard output cannot be written to"),
    }
}

#[expect(
    clippy::print_stderr,
    reason = "before logging is set up, and where a person asked on the command line"
)]
fn complain(text: &str) {
    eprintln!("{text}");
}
