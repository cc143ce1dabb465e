//! `[tags]` and `[tagging]`.

use std::collections::HashMap;
use std::ops::Range;

use super::names::{Known, Use, ordered};
use super::raw::{File, Tagging};
use super::said::Said;
use crate::model::{Tag, TagOrigin};
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
        origins,
        aliases,
        drop: drop.into_iter().map(|(tag, _)| tag.key().to_owned()).collect(),
        most: raw.most.as_ref().and_then(|n| said.count(n, "most", 0..=MOST)).unwrap_or(usual.most),
    }
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

fn aliases(raw: &Tagging, said: &mut Said<'_>) -> HashMap<String, Tag> {
    let mut aliases: HashMap<String, Tag> = HashMap::new();
    let mut names: Vec<_> = raw.aliases.iter().collect();
    names.sort_by_key(|(name, _)| name.span().start);
    let targets: Vec<String> = names.iter().map(|(name, _)| tag_key(name.get_ref())).collect();
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
            } else if targets.iter().any(|t| t == other.key()) {
                (format!("`{shown}` has other spellings of its own"), "put all spellings under one tag")
            } else if aliases.contains_key(other.key()) {
                (format!("`{shown}` is a spelling of two tags"), "keep one of the two")
            } else {
                aliases.insert(other.key().to_owned(), tag.clone());
                continue;
            };
            said.wrong(written.span(), wrong.0, wrong.1);
        }
    }
    aliases
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
