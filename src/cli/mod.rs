//! The commands: words in, exit codes out. 0 fine, 1 failed while running, 2 the file or the command is wrong, 3 some
//! sources failed in a one-shot `poll`, or are not well by `status`.

mod backup;
mod explain;
mod export;
mod extract;
mod import;
mod naming;
mod once;
mod out;
mod read;
mod schedule;
mod search;
mod show;
mod site_rules;
mod status;
mod trial;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{CommandFactory, Parser, Subcommand};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::daemon::{self, Env, Options};
use crate::store::{self, Store};

/// Polls sources, folds copies of one story together, tags them, and publishes feeds worth subscribing to.
#[derive(Debug, Parser)]
#[command(name = "feedloom", version, about, max_term_width = 100)]
struct Args {
    /// Configuration file [default: $FEEDLOOM_CONFIG, ./feeds.toml, $XDG_CONFIG_HOME/feedloom/feeds.toml, /etc/feedloom/feeds.toml]
    #[arg(long, short, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Log more: once for details, twice for everything (or set RUST_LOG)
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the daemon: poll, publish, serve
    Run,
    /// Poll what is due, once, and publish it
    Poll(once::PollArgs),
    /// Serve only; another process polls
    Serve,
    /// Read the configuration and say everything that is wrong with it
    Check,
    /// Look at an address and print a source block for it, with the entries it would give
    Try(trial::TryArgs),
    /// Read feed documents from disk
    Read(read::ReadArgs),
    /// Extract articles from pages on disk
    Extract(extract::ExtractArgs),
    /// Bring something in
    #[command(subcommand)]
    Import(import::What),
    /// Take something out
    #[command(subcommand)]
    Export(export::What),
    /// Copy the database to a file, while a daemon may be working on it
    Backup(backup::BackupArgs),
    /// Why a story is as it is: where it came from, its tags, feeds, copies and recommendations
    Explain(explain::ExplainArgs),
    /// Find stories by a query
    Search(search::SearchArgs),
    /// How the sources are doing
    Status(status::StatusArgs),
    /// When each source is asked next, and why then
    Schedule(schedule::ScheduleArgs),
    /// Show it all on this machine, without network: a sample site and the real daemon
    Demo(show::DemoArgs),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// How a command that did not fail ended.
pub(crate) enum Done {
    /// All is well.
    Fine,
    /// Some sources failed.
    SomeFailed,
}

/// Runs the command line and tells how it ended.
#[must_use]
pub fn main(env: &Env) -> ExitCode {
    let args = Args::parse();
    start_log(&args, env);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return out::fail(&error.into(), 1),
    };
    let ended = runtime.block_on(async {
        outlive_full_files();
        dispatch(args, env).await
    });
    // A name look-up or a page that is still being parsed must not hold the end back.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    match ended {
        Ok(Done::Fine) => ExitCode::SUCCESS,
        Ok(Done::SomeFailed) => ExitCode::from(3),
        Err(error) if out::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) if error.is::<daemon::Wrong>() || error.is::<daemon::Unread>() || error.is::<Misused>() => {
            out::fail(&error, 2)
        }
        Err(error) => out::fail(&error, 1),
    }
}

async fn dispatch(args: Args, env: &Env) -> anyhow::Result<Done> {
    let config = || config_path(args.config.as_deref(), env);
    match args.command {
        Command::Run => daemon::run(options(config()?, env, true)).await?,
        Command::Serve => daemon::run(options(config()?, env, false)).await?,
        Command::Poll(poll) => return once::poll(&config()?, env, poll).await,
        Command::Check => show::check(&config()?, env)?,
        Command::Try(what) => trial::run(args.config.as_deref(), env, &what).await?,
        Command::Read(what) => read::run(&what)?,
        Command::Extract(what) => extract::run(&what)?,
        Command::Import(what) => import::run(config, env, what).await?,
        Command::Export(what) => export::run(&config()?, env, what).await?,
        Command::Backup(what) => backup::run(&config()?, env, &what).await?,
        Command::Explain(what) => explain::run(&config()?, env, &what).await?,
        Command::Search(what) => search::search(&config()?, env, &what).await?,
        Command::Status(what) => return status::run(&config()?, env, &what).await,
        Command::Schedule(what) => schedule::schedule(&config()?, env, &what).await?,
        Command::Demo(what) => show::demo(env, &what).await?,
        Command::Completions { shell } => {
            // Written to memory first: it panics where a reader goes away.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "feedloom", &mut script);
            std::io::Write::write_all(&mut std::io::stdout().lock(), &script)?;
        }
        Command::Man => clap_mangen::Man::new(Args::command()).render(&mut std::io::stdout().lock())?,
    }
    Ok(Done::Fine)
}

fn options(config: PathBuf, env: &Env, polls: bool) -> Options {
    Options { config, env: env.clone(), clock: Clock::system(), polls, listener: None, stop: CancellationToken::new() }
}

/// The command cannot be carried out as it was given: no configuration file where one is looked for, or a name in it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Misused(String);

/// The store that is to be read. None is made to say that it is empty.
fn kept_store(settings: &store::Settings) -> anyhow::Result<Store> {
    let at = settings.path.display();
    if !settings.path.exists() {
        bail!("store {at} is not there: nothing was polled yet");
    }
    Store::open(settings).with_context(|| format!("store {at}"))
}

/// The file that is named, else the first that is there.
fn config_path(named: Option<&Path>, env: &Env) -> anyhow::Result<PathBuf> {
    let named =
        named.map(Path::to_owned).or_else(|| env("FEEDLOOM_CONFIG").filter(|p| !p.is_empty()).map(PathBuf::from));
    if let Some(path) = named {
        if path.is_dir() {
            bail!(Misused(format!("configuration {} is a folder: name the file in it", path.display())));
        }
        if !path.exists() {
            bail!(Misused(format!("configuration {} is not there", path.display())));
        }
        return Ok(path);
    }
    let xdg = env("XDG_CONFIG_HOME").filter(|p| !p.is_empty()).map(PathBuf::from);
    let home = xdg.or_else(|| env("HOME").map(|h| Path::new(&h).join(".config")));
    let places = [
        Some(PathBuf::from("feeds.toml")),
        home.map(|h| h.join("feedloom/feeds.toml")),
        Some(PathBuf::from("/etc/feedloom/feeds.toml")),
    ];
    let places: Vec<PathBuf> = places.into_iter().flatten().collect();
    if let Some(found) = places.iter().find(|p| p.is_file()) {
        return Ok(found.clone());
    }
    let looked: Vec<_> = places.iter().map(|p| p.display().to_string()).collect();
    bail!(Misused(format!(
        "no configuration: looked for {}; name one with --config, or copy feeds.example.toml",
        looked.join(", ")
    )))
}

/// Logs go to standard error: for people on a terminal and under systemd; `FEEDLOOM_LOG=json` for machines.
fn start_log(args: &Args, env: &Env) {
    let daemon = matches!(args.command, Command::Run | Command::Serve | Command::Demo(_));
    let usual = match (args.verbose, daemon) {
        // What the parser of pages has not implemented is no news for an operator.
        (0, true) => "feedloom=info,warn,html5ever=error",
        (0, false) => "warn,html5ever=error",
        (1, _) => "feedloom=debug,info",
        _ => "trace",
    };
    let filter = env("RUST_LOG").and_then(|f| tracing_subscriber::EnvFilter::try_new(f).ok());
    let filter = filter.unwrap_or_else(|| tracing_subscriber::EnvFilter::new(usual));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A log that cannot be written, for a full disk say, is no reason to end.
    let log = log.log_internal_errors(false);
    if env("FEEDLOOM_LOG").as_deref() == Some("json") {
        log.json().init();
    } else {
        let colour =
            std::io::IsTerminal::is_terminal(&std::io::stderr()) && env("NO_COLOR").is_none_or(|v| v.is_empty());
        log.with_ansi(colour).init();
    }
}

/// A file that may not grow any more is an error to be told, like a full disk, and not the end of the process: a signal that is
/// caught does not kill.
fn outlive_full_files() {
    #[cfg(target_os = "linux")]
    {
        // Its number on all machines that we are built for.
        const SIGXFSZ: i32 = 25;
        let caught = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(SIGXFSZ));
        if let Err(error) = caught {
            tracing::debug!("SIGXFSZ is not caught: {error}");
        }
    }
}
