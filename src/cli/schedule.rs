//! `schedule`: per source, when it is asked next, and why then.

use std::path::Path;

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use clap::Args;
use serde::Serialize;

use super::out;
use crate::clock::Clock;
use crate::daemon::{Env, load};
use crate::model::HealthState;
use crate::poll::{self, Source};
use crate::schedule::{self, Asks, Every, Why};
use crate::store::{Moved, Moving, SourceState, Store};

/// What `schedule` takes.
#[derive(Debug, Args)]
pub(super) struct ScheduleArgs {
    /// One JSON object a source
    #[arg(long)]
    json: bool,
}

/// One source: the keys of the line of JSON.
#[derive(Debug, Serialize)]
struct Line {
    source: String,
    /// The address that is asked.
    url: String,
    /// When; `None`: as soon as somebody polls.
    next: Option<DateTime<Utc>>,
    /// Seconds until then; 0 where it is overdue.
    in_seconds: Option<i64>,
    /// Why then, and no sooner.
    why: Option<Why>,
    last_polled: Option<DateTime<Utc>>,
    /// Failures in a row.
    failures: u32,
    /// New entries a day, as far as was seen.
    per_day: f64,
    /// What its document asks for: minutes, hours and days that it wants to be left alone.
    asks: Asks,
    /// Where it has moved to for good.
    moved: Option<Moved>,
    /// Where it seems to be moving.
    moving: Option<Moving>,
    /// Since when nothing has stood at its address.
    missing_since: Option<DateTime<Utc>>,
    /// The feed that was found on its page.
    feed: Option<String>,
    /// Whether it is polled at all: not while a secret that it is read with is not set.
    polled: bool,
    #[serde(skip)]
    every: Every,
    #[serde(skip)]
    state: Option<HealthState>,
}

pub(super) async fn schedule(path: &Path, env: &Env, args: &ScheduleArgs) -> anyhow::Result<()> {
    let config = load(path, env)?.config;
    let now = Clock::system().now();
    let mut lines = Vec::new();
    if config.store.path.exists() {
        let store = Store::open(&config.store).with_context(|| format!("store {}", config.store.path.display()))?;
        for source in &config.sources {
            lines.push(line(source, store.source_state(&source.name).await.context("store")?, now));
        }
        store.close().await?;
    } else {
        // Nothing was polled yet, and no store is made to say so.
        lines.extend(config.sources.iter().map(|source| line(source, SourceState::default(), now)));
    }
    lines.sort_by_key(|line| (!line.polled, line.next));
    for line in &lines {
        if args.json {
            out::json(line)?;
        } else {
            out::line(&text(line))?;
        }
    }
    Ok(())
}

fn line(source: &Source, state: SourceState, now: DateTime<Utc>) -> Line {
    // What is remembered of another address does not count.
    let same = state.url.as_deref().is_none_or(|url| url == source.url.as_str());
    let state = if same { state } else { SourceState::default() };
    let next = schedule::planned(state.due(), state.last_polled, now);
    let why = if state.due() > state.next_due { Some(Why::Hub) } else { poll::why(&state) };
    let rhythm = poll::rhythm(Some(&state));
    Line {
        source: source.name.to_string(),
        url: poll::address(source, &state).to_string(),
        next,
        in_seconds: next.map(|next| (next - now).num_seconds().max(0)),
        why: next.and(why),
        last_polled: state.last_polled,
        failures: state.health.as_ref().map_or(0, |health| health.failures),
        per_day: (rhythm.per_hour() * 24.0 * 100.0).round() / 100.0,
        asks: poll::asks(&state),
        moved: state.moved,
        moving: state.moving,
        missing_since: state.missing_since,
        feed: state.feed_url,
        polled: source.polled,
        every: source.schedule.every,
        state: state.health.map(|health| health.state),
    }
}

fn text(line: &Line) -> String {
    let when = match (line.polled, line.next, line.in_seconds) {
        (false, ..) => "not polled: a secret that it is read with is not set".to_owned(),
        (true, Some(next), Some(seconds)) if seconds > 0 => {
            format!("{} (in {}): {}", shown(next), span(seconds), why(line))
        }
        (true, Some(next), _) => format!("due since {}: {}", shown(next), why(line)),
        (true, None, _) => "due now: not polled yet".to_owned(),
    };
    let mut text = format!("{}: {when}", line.source);
    if let Some(Moved { from, to, at }) = &line.moved {
        text.push_str(&format!("; moved {} from {from} to {to}", shown(*at)));
    }
    if let Some(Moving { to, since, seen, taken_by }) = &line.moving {
        let what = match taken_by {
            Some(name) => format!("that is the address of source `{name}`, which is not taken over"),
            None => format!("named at {seen} polls since {}, not certain yet", shown(*since)),
        };
        text.push_str(&format!("; seems to move to {to}: {what}"));
    }
    if let Some(since) = line.missing_since {
        text.push_str(&format!("; nothing there since {}", shown(since)));
    }
    text
}

/// Why a source is asked at its time.
fn why(line: &Line) -> String {
    let rhythm = || format!("{} new a day", line.per_day);
    let failures = match line.failures {
        0 | 1 => "it failed".to_owned(),
        n => format!("it failed {n} times in a row"),
    };
    match line.why {
        Some(Why::Rhythm) => format!("its rhythm, {}", rhythm()),
        Some(Why::Every) => match line.every {
            Every::Fixed(every) => format!("every {}", humantime::format_duration(every)),
            Every::Auto => "the interval that the file gave it".to_owned(),
        },
        Some(Why::Unconditional) => "it gives no validators, so that each question costs all of it".to_owned(),
        Some(Why::LastModified) => "a tenth of the time since it was last changed".to_owned(),
        Some(Why::Pages) => "pages of its new entries are still to be read".to_owned(),
        Some(Why::RetryAfter) => "its server asks to wait (Retry-After)".to_owned(),
        Some(Why::MaxAge) => "its server says how long it stays fresh (max-age, Expires)".to_owned(),
        Some(Why::Ttl) => match line.asks.ttl_minutes {
            Some(minutes) => format!("it asks to be left alone for {minutes} min (ttl, sy:updatePeriod)"),
            None => "it asks to be left alone (ttl, sy:updatePeriod)".to_owned(),
        },
        Some(Why::Skip) => "it asks not to be asked before (skipHours, skipDays)".to_owned(),
        Some(Why::BackOff) => failures,
        Some(Why::Missing) => format!("nothing stands at its address, {failures}"),
        Some(Why::Blocked) => format!("its server refuses us, {failures}"),
        Some(Why::Gone) => "it is gone, and looked for once in a while".to_owned(),
        Some(Why::Refused) => "we refuse to ask it until the file changes".to_owned(),
        Some(Why::Circuit) => "nobody gets through to its host".to_owned(),
        Some(Why::Hub) => "its hub delivers, this is to see that nothing is missed".to_owned(),
        // Planned before there were reasons.
        None => match line.state {
            Some(HealthState::Ok) | None => rhythm(),
            Some(_) => failures,
        },
    }
}

fn shown(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A time span in its two largest units.
fn span(seconds: i64) -> String {
    let span = TimeDelta::seconds(seconds);
    match (span.num_days(), span.num_hours() % 24, span.num_minutes() % 60) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use url::Url;

    use super::*;
    use crate::model::{Health, SourceName};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_445_600 + seconds, 0).unwrap()
    }

    fn source() -> Source {
        let url = Url::parse("https://a.example/feed").unwrap();
        Source::usual(SourceName::new("a").unwrap(), url, chrono_tz::Tz::UTC)
    }

    fn state(why: Why) -> SourceState {
        SourceState {
            next_due: Some(at(5400)),
            last_polled: Some(at(-60)),
            why: serde_json::to_string(&why).unwrap(),
            url: Some("https://a.example/feed".to_owned()),
            ..SourceState::default()
        }
    }

    fn told(source: &Source, state: SourceState) -> String {
        text(&line(source, state, at(0)))
    }

    #[test]
    fn each_source_says_when_and_why() {
        let health = Health { state: HealthState::Failing, since: at(-9), error: None, failures: 3 };
        let ill = |why| SourceState { health: Some(health.clone()), ..state(why) };
        let asks = serde_json::json!({"ttl_minutes": 90});
        for (state, part) in [
            (SourceState::default(), "a: due now: not polled yet"),
            (state(Why::Rhythm), "a: 2026-03-02T11:30:00Z (in 1 h 30 min): its rhythm, 2 new a day"),
            (SourceState { asks: asks.to_string(), ..state(Why::Ttl) }, "left alone for 90 min"),
            (ill(Why::BackOff), "it failed 3 times in a row"),
            (ill(Why::Blocked), "its server refuses us, it failed 3 times"),
            (ill(Why::Gone), "it is gone"),
            (state(Why::Circuit), "nobody gets through to its host"),
            (
                SourceState { next_due: Some(at(-5)), ..state(Why::RetryAfter) },
                "due since 2026-03-02T09:59:55Z: its server",
            ),
            (SourceState { last_polled: Some(at(9000)), ..state(Why::Rhythm) }, "due now"),
            (SourceState { url: Some("https://b.example/".to_owned()), ..state(Why::Gone) }, "due now"),
            (SourceState { why: String::new(), ..state(Why::Rhythm) }, "2 new a day"),
        ] {
            let told = told(&source(), state);
            assert!(told.contains(part), "{told}\n{part}");
        }
        let fixed = schedule::Settings { every: Every::Fixed(Duration::from_secs(600)), ..Default::default() };
        let fixed = Source { schedule: fixed, ..source() };
        assert!(told(&fixed, state(Why::Every)).ends_with("every 10m"));
        assert!(told(&Source { polled: false, ..source() }, state(Why::Every)).contains("not polled: a secret"));
    }

    #[test]
    fn a_move_is_shown_with_the_old_address() {
        let (from, to) = ("https://a.example/feed".to_owned(), "https://b.example/feed".to_owned());
        let moved = SourceState { moved: Some(Moved { from, to: to.clone(), at: at(0) }), ..state(Why::Rhythm) };
        let shown = line(&source(), moved.clone(), at(0));
        assert_eq!((shown.url.as_str(), shown.in_seconds), ("https://b.example/feed", Some(5400)));
        assert!(told(&source(), moved).contains("moved 2026-03-02T10:00:00Z from https://a.example/feed to https://b"));
        let moving = |taken_by| Moving { to: to.clone(), since: at(0), seen: 2, taken_by };
        let seems = SourceState { moving: Some(moving(None)), ..state(Why::Rhythm) };
        assert!(told(&source(), seems).contains("seems to move to https://b.example/feed: named at 2 polls"));
        let taken = SourceState { moving: Some(moving(SourceName::new("b"))), ..state(Why::Rhythm) };
        assert!(told(&source(), taken).contains("the address of source `b`"));
    }
}
