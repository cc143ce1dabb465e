//! What grows with the archive, and how: each step at several sizes, CPU time and the memory of the whole process beside.
//!
//! `cargo bench --bench scale` shows 10,000 and 100,000 articles; `cargo bench --bench scale -- 10000 100000 1000000` those.
//! A word among the arguments names the one step to run.
#![allow(
    clippy::unwrap_used,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a bench prints, fails by panicking and reads what the system says of the process"
)]

mod archive;
mod copies;
mod explain;
mod filled;
mod likeness;
mod order;
mod reading;
mod rest;
mod search;
mod stored;
mod tags;

use chrono::{DateTime, Utc};

/// A step: its name, and what it prints for an archive.
type Step = (&'static str, fn(&archive::Archive));

/// All steps, in the order of the flow.
const STEPS: &[Step] = &[
    ("archive", made),
    ("tags", tags::tags),
    ("fill", filled::fill_anew),
    ("copies", copies::decided),
    ("order", order::best),
    ("likeness", likeness::grown),
    ("search", search::search),
    ("reading", reading::reading),
    // In this order: the second finds what the first has kept.
    ("rest, at first", rest::first_start),
    ("rest", rest::rest),
    ("explain", explain::explain),
];

fn main() {
    let args: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let mut sizes: Vec<usize> = args.iter().filter_map(|a| a.replace('_', "").parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![10_000, 100_000];
    }
    let named = |step: &&Step| {
        let words: Vec<&String> = args.iter().filter(|a| a.parse::<usize>().is_err()).collect();
        words.is_empty() || words.iter().any(|w| step.0.contains(w.as_str()))
    };
    println!("{:<44} {:>10} {:>14} {:>12}", "step", "articles", "CPU", "process");
    // Each in a process of its own, so that the memory shown is its own.
    match (std::env::var("FEEDLOOM_BENCH_STEP"), sizes.first()) {
        (Ok(name), Some(size)) => {
            for (_, run) in STEPS.iter().filter(|(n, _)| *n == name) {
                run(&archive::Archive::new(*size, now()));
            }
        }
        _ => STEPS.iter().filter(named).for_each(|step| sizes.iter().for_each(|size| apart(step.0, *size))),
    }
}

/// What the making of the archive itself costs: to be taken off what else is measured with it.
fn made(archive: &archive::Archive) {
    let before = cpu();
    let bytes: usize = archive.articles().map(|a| a.text.len()).sum();
    line("archive: making an article", archive.len(), cpu() - before, archive.len());
    assert!(bytes / archive.len() > 2_000, "{} bytes each", bytes / archive.len());
    let a = archive.article(0);
    assert!(a.n == 0 && !a.title.is_empty() && !a.tags.is_empty() && a.date < now() && !a.source.is_empty());
}

/// Runs a step in a process of its own.
fn apart(step: &str, size: usize) {
    let me = std::env::current_exe().unwrap();
    let mut command = std::process::Command::new(me);
    // As `deploy/` starts the daemon.
    command.env("MALLOC_ARENA_MAX", "2").env("MALLOC_TRIM_THRESHOLD_", "131072");
    let ended = command.arg(size.to_string()).env("FEEDLOOM_BENCH_STEP", step).output().unwrap();
    assert!(ended.status.success(), "{step}: {}", String::from_utf8_lossy(&ended.stderr));
    let printed = String::from_utf8_lossy(&ended.stdout);
    printed.lines().skip(1).for_each(|line| println!("{line}"));
}

/// The instant of the newest article.
pub(crate) fn now() -> DateTime<Utc> {
    "2026-06-03T12:00:00Z".parse().unwrap()
}

/// Bytes of it that are no pages of files: what was allocated.
pub(crate) fn allocated() -> u64 {
    let read = std::fs::read_to_string("/proc/self/status").unwrap();
    let told = read.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    told.split_whitespace().next().unwrap().parse::<u64>().unwrap() * 1024
}

/// Prints one line of the table: what so many repetitions took together, each.
pub(crate) fn line(step: &str, size: usize, spent_ns: u64, repetitions: usize) {
    let each = spent_ns as f64 / repetitions.max(1) as f64 / 1_000.0;
    let each = if each >= 1_000.0 { format!("{:.2} ms", each / 1_000.0) } else { format!("{each:.1} µs") };
    println!("{step:<44} {size:>10} {each:>14} {:>9.1} MiB", resident() as f64 / 1_048_576.0);
}

/// CPU time of this thread so far, in nanoseconds.
pub(crate) fn cpu() -> u64 {
    let read = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    read.split_whitespace().next().unwrap().parse().unwrap()
}

/// CPU time of all threads of the process so far, in nanoseconds.
pub(crate) fn process_cpu() -> u64 {
    let read = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = read.rsplit(')').next().unwrap().split_whitespace().collect();
    // User and system time, in hundredths of a second on every Linux of today.
    (fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()) * 10_000_000
}

/// Bytes of memory of the whole process.
pub(crate) fn resident() -> u64 {
    let read = std::fs::read_to_string("/proc/self/statm").unwrap();
    read.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 4096
}
