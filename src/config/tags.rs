//! `[tags]` and `[tagging]`.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use super::names::{Known, Use, ordered};
use super::raw::{File, Tagging};
use super::said::Said;
use crate::curate::Feed;
use crate::model::{SourceName, Tag, TagOrigin};
use crate::query::Query;
use crate::tag;
use crate::text::tag_key;

/// The most tags of an article.
const MOST: i64 = 100;

const ORIGINS: [(&str, TagOrigin); 5] = [
    ("source", TagOrigin::Source),
    ("rules", TagOrigin::Rules),
    ("hashtags", TagOrigin::Hashtags),
    ("feed", TagOrigin::Feed),
    ("page", TagOrigin::Page),
];

/// A rule, its tag, and where its name stands.
type Rule = (Tag, Query, Range<usize>);

pub(super) fn tagging(file: &File, known: &Known, said: &mut Said<'_>) -> tag::Settings {
    let usual = tag::Settings::default();
    let raw = &file.tagging;
    let origins = match &raw.origins {
        Some(written) => origins(written, said),
        None => usual.origins,
    };
    let drop: Vec<_> = raw.drop.iter().filter_map(|d| said.tag(d).map(|t| (t, d.span()))).collect();
    let aliases = aliases(raw, said);
    let rules = rules(file, known, said);
    let sources = sources(file, said);
    let declared = rules.iter().map(|(tag, ..)| tag).chain(sources.values().flatten()).chain(aliases.values());
    let declared = declared.map(|tag| aliases.get(tag.key()).unwrap_or(tag).key().to_owned()).collect();
    let pages = [("all", tag::Pages::All), ("listed", tag::Pages::Listed)];
    for (tag, _, span) in &rules {
        if drop.iter().any(|(dropped, _)| dropped == tag) {
            said.wrong(
                span.clone(),
                format!("tag `{}` has a rule and stands in `drop`", tag.shown()),
                "keep one of the two",
            );
        }
    }
    tag::Settings {
        rules: tag::Rules::new(in_order(rules, &aliases, said)),
        sources,
        origins,
        aliases,
        drop: drop.into_iter().map(|(tag, _)| tag.key().to_owned()).collect(),
        most: raw.most.as_ref().and_then(|n| said.count(n, "most", 0..=MOST)).unwrap_or(usual.most),
        pages: raw.pages.as_ref().and_then(|p| said.one_of(p, "pages", &pages)).unwrap_or_default(),
        declared,
        learn: learn(raw, said),
    }
}

/// The tags that the file gives to every article of a source.
fn sources(file: &File, said: &mut Said<'_>) -> BTreeMap<SourceName, Vec<Tag>> {
    let named = file.source.iter().filter_map(|(name, source)| Some((SourceName::new(name.get_ref())?, source)));
    named.map(|(name, source)| (name, source.tags.iter().filter_map(|t| said.tag(t)).collect())).collect()
}

fn learn(raw: &Tagging, said: &mut Said<'_>) -> Option<tag::learn::Settings> {
    let usual = tag::learn::Settings::default();
    let confidence = raw.confidence.as_ref().and_then(|c| said.share(c, "confidence")).unwrap_or(usual.confidence);
    raw.learn.unwrap_or_default().then_some(tag::learn::Settings { confidence, ..usual })
}

/// Keys of the tags that feeds ask for.
pub(super) fn asked_for<'f>(feeds: impl Iterator<Item = &'f Feed>) -> impl Iterator<Item = String> {
    feeds.flat_map(|f| f.select.iter().flat_map(|q| q.names().tags)).map(|(name, _)| tag_key(&name))
}

fn origins(written: &[super::raw::Text], said: &mut Said<'_>) -> Vec<TagOrigin> {
    let mut origins = Vec::new();
    for word in written {
        match said.one_of(word, "origins", &ORIGINS) {
            Some(origin) if origins.contains(&origin) => {
                said.wrong(
                    word.span(),
                    format!("`{}` stands here a second time", word.get_ref()),
                    "keep one of the two",
                );
            }
            found => origins.extend(found),
        }
    }
    origins
}

/// By the key of another spelling: the tag that is given instead, at the end of all renamings.
fn aliases(raw: &Tagging, said: &mut Said<'_>) -> HashMap<String, Tag> {
    let mut renamed: HashMap<String, (Tag, Range<usize>)> = HashMap::new();
    let mut names: Vec<_> = raw.aliases.iter().collect();
    names.sort_by_key(|(name, _)| name.span().start);
    for (name, others) in names {
        let Some(tag) = said.tag(name) else { continue };
        for written in others {
            let Some(other) = said.tag(written) else { continue };
            let shown = other.shown();
            let wrong = if other == tag {
                (
                    format!("`{shown}` is `{}` already", tag.shown()),
                    "take it away: accents, case, `_`, `-` and spaces do not matter",
                )
            } else if renamed.contains_key(other.key()) {
                (format!("`{shown}` is a spelling of two tags"), "keep one of the two")
            } else {
                renamed.insert(other.key().to_owned(), (tag.clone(), written.span()));
                continue;
            };
            said.wrong(written.span(), wrong.0, wrong.1);
        }
    }
    let mut circles = Vec::new();
    let ends = renamed.iter().filter_map(|(key, (tag, span))| match end_of(tag, &renamed) {
        Some(end) => Some((key.clone(), end.clone())),
        None => {
            circles.push((span.clone(), tag.shown().to_owned()));
            None
        }
    });
    let ends = ends.collect();
    circles.sort_by_key(|(span, _)| span.start);
    if let Some((span, shown)) = circles.into_iter().next() {
        said.wrong(span, format!("the spellings of `{shown}` lead back to it"), "take one of the circle away");
    }
    ends
}

/// What a tag is called at last; `None` where its names go round in a circle.
fn end_of<'t>(tag: &'t Tag, renamed: &'t HashMap<String, (Tag, Range<usize>)>) -> Option<&'t Tag> {
    let mut at = tag;
    for _ in 0..=renamed.len() {
        match renamed.get(at.key()) {
            Some((next, _)) => at = next,
            None => return Some(at),
        }
    }
    None
}

/// The rules in the order of the file.
fn rules(file: &File, known: &Known, said: &mut Said<'_>) -> Vec<Rule> {
    let mut written: Vec<_> = file.tags.iter().collect();
    written.sort_by_key(|(name, _)| name.span().start);
    let mut rules: Vec<Rule> = Vec::new();
    let mut places: HashMap<Tag, usize> = HashMap::new();
    for (name, text) in written {
        let tag = said.tag(name);
        let query = said.query(text);
        if let Some(query) = &query {
            known.check(query, text, Use::Rule, said);
        }
        let (Some(tag), Some(query)) = (tag, query) else { continue };
        if let Some((other, ..)) = places.get(&tag).and_then(|&place| rules.get(place)) {
            let message = format!("tag `{}` is `{}`, which has a rule already", tag.shown(), other.shown());
            said.wrong(name.span(), message, "join the two by OR");
            continue;
        }
        places.insert(tag.clone(), rules.len());
        rules.push((tag, query, name.span()));
    }
    rules
}

/// Each rule after those whose tag it asks for.
fn in_order(rules: Vec<Rule>, aliases: &HashMap<String, Tag>, said: &mut Said<'_>) -> Vec<(Tag, Query)> {
    let given = |key: &str| aliases.get(key).map_or(key, Tag::key).to_owned();
    let keys: HashMap<String, Vec<usize>> =
        rules.iter().enumerate().fold(HashMap::new(), |mut keys, (i, (tag, ..))| {
            keys.entry(given(tag.key())).or_default().push(i);
            keys
        });
    let asks: Vec<Vec<usize>> = rules
        .iter()
        .map(|(_, query, _)| {
            let tags = query.names().tags;
            tags.iter().flat_map(|(name, _)| keys.get(&tag_key(name)).into_iter().flatten()).copied().collect()
        })
        .collect();
    match ordered(&asks) {
        Ok(order) => {
            let mut rules: Vec<Option<Rule>> = rules.into_iter().map(Some).collect();
            order.into_iter().filter_map(|i| rules[i].take()).map(|(tag, query, _)| (tag, query)).collect()
        }
        Err(circles) => {
            for circle in circles {
                let mut names: Vec<&str> = circle.iter().map(|&i| rules[i].0.shown()).collect();
                names.extend(names.first().copied());
                let span = circle.first().map_or(0..0, |&i| rules[i].2.clone());
                let message = format!("tag rules ask for each other in a circle: {}", names.join(" -> "));
                said.wrong(span, message, "take one `tag:` of the circle away");
            }
            Vec::new()
        }
    }
}
