//! `search`: what a query finds.

use std::path::Path;

use anyhow::{Context, bail};
use chrono::{DateTime, SubsecRound, Utc};
use clap::Args;
use serde::Serialize;

use super::{Misused, kept_store, out};
use crate::clock::Clock;
use crate::daemon::{Env, State, load};
use crate::model::{EditionEntry, Mistake, ShownBody, Tag};
use crate::publish::Found;
use crate::query::Around;
use crate::store::{Number, Order};
use crate::text;

/// Characters of what is shown of a text where nothing in it says what was asked for.
const SUMMARY: usize = 280;

/// What `search` takes.
#[derive(Debug, Args)]
pub(super) struct SearchArgs {
    /// What to look for, in the query language
    #[arg(allow_hyphen_values = true)]
    query: String,
    /// One JSON object a story
    #[arg(long)]
    json: bool,
    /// The most stories
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    limit: u16,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    id: String,
    title: &'a str,
    url: Option<&'a str>,
    page: &'a str,
    outlet: &'a str,
    date: DateTime<Utc>,
    lang: &'a str,
    tags: Vec<&'a str>,
    text: String,
}

pub(super) async fn search(path: &Path, env: &Env, args: &SearchArgs) -> anyhow::Result<()> {
    let loaded = load(path, env)?;
    let store = kept_store(&loaded.config.store)?;
    let state = State::new(loaded.config, store.clone(), Clock::system())?;
    let found =
        state.publisher.search_for(&args.query, Order::Best, 0, usize::from(args.limit)).await.context("store")?;
    drop(state);
    store.close().await?;
    let found = match found {
        Ok(found) => found,
        Err(mistakes) => bail!(Misused(format!("the query is wrong\n{}", drawn(&mistakes, &args.query)))),
    };
    if !found.notes.is_empty() {
        out::note(&drawn(&found.notes, &args.query));
    }
    for (entry, around) in &found.stories {
        let text = said(entry, around.as_ref());
        if args.json {
            out::json(&line(entry, text))?;
        } else {
            out::line(&card(entry, &text))?;
        }
    }
    out::note(&sum(&found));
    Ok(())
}

fn line(entry: &EditionEntry, text: String) -> Line<'_> {
    Line {
        id: entry.story.to_string(),
        title: &entry.title,
        url: entry.url.as_deref(),
        page: &entry.page,
        outlet: &entry.outlet.name,
        date: entry.published.trunc_subsecs(0),
        lang: entry.lang.as_str(),
        tags: entry.tags.iter().map(Tag::shown).collect(),
        text,
    }
}

fn card(entry: &EditionEntry, text: &str) -> String {
    let tags: Vec<String> = entry.tags.iter().map(|t| format!("#{}", t.shown())).collect();
    let mut card = format!("{}\n  {}, {}", entry.title, entry.outlet.name, entry.published.format("%Y-%m-%d"));
    for more in [tags.join(" "), text.to_owned(), entry.page.clone()] {
        if !more.is_empty() {
            card.push_str("\n  ");
            card.push_str(&more);
        }
    }
    card
}

fn said(entry: &EditionEntry, around: Option<&Around>) -> String {
    match (around, &entry.standfirst, &entry.body) {
        (Some(around), ..) => around.iter().map(|(text, _)| text.as_str()).collect(),
        (None, Some(standfirst), _) => text::excerpt(standfirst, SUMMARY),
        (None, None, ShownBody::Excerpt(shown)) => text::excerpt(shown, SUMMARY),
        (None, None, _) => String::new(),
    }
}

fn drawn(mistakes: &[Mistake], query: &str) -> String {
    let one = |mistake: &Mistake| {
        let hint = mistake.hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default();
        let indented = mistake.drawn(query).replace('\n', "\n  ");
        format!("  {indented} {}{hint}", mistake.message)
    };
    mistakes.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn sum(found: &Found) -> String {
    let mut sum = match found.number {
        Number::Exactly(0) => "nothing found".to_owned(),
        Number::Exactly(1) => "1 story".to_owned(),
        Number::Exactly(n) => format!("{n} stories"),
        Number::About(n) => format!("about {n} stories"),
        Number::MoreThan(n) => format!("more than {n} stories"),
    };
    if let Some(looked) = found.looked {
        sum.push_str(&format!("; only the newest {looked} were looked at"));
    }
    if found.filling {
        sum.push_str("; older stories are still being taken in");
    }
    sum
}
