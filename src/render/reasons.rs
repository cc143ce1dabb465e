//! An explanation in words: the same for the terminal and for the page, which has its own language.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::words::reasons::{self as words, Reasons};
use crate::model::{
    BodyFrom, CopyKind, Cut, CutKind, Cuts, DatedBy, Explanation, FeedReason, KnownBy, LeadBy, Member, Recommendation,
    Republish, RightsBy, Standing, TagOrigin, TagReason, Trace, TracedTerm,
};

/// A part of an explanation.
pub(super) struct Section<'e> {
    pub(super) title: &'static str,
    pub(super) facts: Vec<Fact<'e>>,
}

/// One thing that is said.
pub(super) struct Fact<'e> {
    pub(super) label: String,
    pub(super) text: String,
    /// The address that the label stands for.
    pub(super) link: Option<String>,
    /// What is said under it.
    pub(super) under: Vec<String>,
    /// Queries that are shown under it, term by term.
    pub(super) queries: Vec<&'e Trace>,
}

impl Fact<'_> {
    fn new(label: impl Into<String>, text: impl Into<String>) -> Self {
        Fact { label: label.into(), text: text.into(), link: None, under: Vec::new(), queries: Vec::new() }
    }

    fn link(self, link: Option<String>) -> Self {
        Self { link, ..self }
    }

    fn under(self, under: impl IntoIterator<Item = String>) -> Self {
        Self { under: under.into_iter().collect(), ..self }
    }
}

/// All that is said.
pub(super) fn sections<'e>(explanation: &'e Explanation, tz: Tz, words: &'static Reasons) -> Vec<Section<'e>> {
    let facts = [
        from(explanation, tz, words),
        left(explanation, words),
        explanation.tags.iter().map(|reason| tag(reason, words)).collect(),
        explanation.feeds.iter().map(|reason| feed(reason, words)).collect(),
        copies(explanation, tz, words),
        recommended(explanation, tz, words),
    ];
    words.sections.into_iter().zip(facts).map(|(title, facts)| Section { title, facts }).collect()
}

/// A moment in the site's zone.
pub(super) fn moment(at: DateTime<Utc>, tz: Tz) -> String {
    at.with_timezone(&tz).format("%Y-%m-%d %H:%M %Z").to_string()
}

fn from<'e>(explanation: &Explanation, tz: Tz, words: &Reasons) -> Vec<Fact<'e>> {
    let (from, said, Reasons { colon, comma, .. }) = (&explanation.from, &words.from, words);
    let gone = if from.in_file { "" } else { said.gone };
    let mut facts = vec![
        Fact::new(said.source_label, format!("{}{gone}", from.source)),
        Fact::new(said.outlet_label, &from.outlet.name).link(from.outlet.url.clone()),
    ];
    if let Some(original) = &from.original {
        facts.push(Fact::new(said.taken_over_label, &original.name).link(original.url.clone()));
    }
    facts.extend(from.url.iter().map(|url| Fact::new(said.original_label, url).link(Some(url.clone()))));
    facts.extend(from.followed.iter().map(|via| Fact::new(said.followed_label, via)));
    facts.push(Fact::new(said.seen_label, moment(from.first_seen, tz)));
    let [itself, first_seen, to_come] = said.dated;
    let dated = match (from.dated_by, from.published) {
        (DatedBy::Itself, _) => itself.to_owned(),
        (DatedBy::FirstSeen, _) => first_seen.to_owned(),
        (DatedBy::StillToCome, says) => {
            let says = says.map(|at| moment(at, tz)).unwrap_or_default();
            format!("{to_come}{colon}{says}")
        }
    };
    facts.push(Fact::new(said.dated_label, format!("{}{comma}{dated}", moment(from.date, tz))));
    facts.extend(from.updated.map(|at| Fact::new(said.updated_label, moment(at, tz))));
    let [by_feed, by_page] = said.text;
    let body = match from.body {
        BodyFrom::Feed => by_feed,
        BodyFrom::Page => by_page,
    };
    facts.push(Fact::new(said.text_label, body));
    facts.push(Fact::new(said.language_label, from.language.as_deref().unwrap_or(said.unknown)));
    let [by_id, by_address, by_text] = said.known;
    let known = match from.known_by {
        KnownBy::Guid => by_id,
        KnownBy::Address => by_address,
        KnownBy::Text => by_text,
    };
    let guid = from.guid.iter().map(|guid| format!("{}{colon}{guid}", said.guid));
    let key = from.url_key.iter().map(|key| format!("{}{colon}{key}", said.key));
    let hash = format!("{}{colon}{}", said.hash, from.text_hash);
    facts.push(Fact::new(said.known_label, known).under(guid.chain(key).chain([hash])));
    let rights = format!("{}{colon}{}", rights(from.rights, said), rights_by(from.rights_by, said));
    facts.push(Fact::new(said.rights_label, rights));
    facts.extend(from.notes.iter().map(|note| Fact::new(said.note_label, note)));
    facts
}

fn rights(rights: Republish, words: &words::From) -> &'static str {
    let [full, excerpt, link, private] = words.rights;
    match rights {
        Republish::Full => full,
        Republish::Excerpt => excerpt,
        Republish::Link => link,
        Republish::Private => private,
    }
}

fn rights_by(by: RightsBy, words: &words::From) -> &'static str {
    let [file, syndicated, read, private] = words.rights_by;
    match by {
        RightsBy::File => file,
        RightsBy::Syndicated => syndicated,
        RightsBy::ReadOnPage => read,
        RightsBy::Private => private,
    }
}

fn left<'e>(explanation: &Explanation, words: &Reasons) -> Vec<Fact<'e>> {
    let (left, said) = (&explanation.cut, &words.left);
    let mut facts = Vec::new();
    match &left.reading {
        None => facts.push(Fact::new(said.reading_label, said.nothing)),
        Some(cuts) => facts.extend(reading(cuts, words)),
    }
    if left.leaves < left.characters {
        facts.push(Fact::new(words.from.rights_label, (said.leaves)(left.leaves, left.characters)));
    }
    facts
}

fn reading<'e>(cuts: &Cuts, words: &Reasons) -> Vec<Fact<'e>> {
    let (said, Reasons { colon, comma, .. }) = (&words.left, words);
    let mut facts = Vec::new();
    if let Some(page) = &cuts.page {
        let taken = if page.taken { "" } else { said.not_taken };
        let percent = (page.confidence * 100.0).round();
        let text = (said.page)(page.kept, page.characters, page.by_file, percent);
        facts.push(Fact::new(said.page_label, format!("{text}{taken}")));
    }
    if let Some(why) = &cuts.unread {
        facts.push(Fact::new(said.page_label, format!("{}{colon}{why}", said.unread)));
    }
    for Cut { kind, words: quoted, lines, characters } in &cuts.parts {
        let quoted = if quoted.is_empty() { String::new() } else { format!("{colon}“{quoted}”") };
        let much = format!("{}{comma}{}", (words.lines)(*lines), (words.characters)(*characters));
        facts.push(Fact::new(cut_kind(*kind, said), format!("{much}{quoted}")));
    }
    if cuts.more > 0 {
        facts.push(Fact::new(said.and_label, (said.more_lines)(cuts.more)));
    }
    if !cuts.elements.is_empty() {
        let named: Vec<String> = cuts.elements.iter().map(|(name, n)| format!("{name} ({n})")).collect();
        facts.push(Fact::new(said.cleaning_label, named.join(", ")));
    }
    facts
}

fn cut_kind(kind: CutKind, words: &words::Left) -> &'static str {
    let [recipe, furniture, head, repeated, between, other, template, foot, logo, standfirst, signature] = words.kinds;
    match kind {
        CutKind::Recipe => recipe,
        CutKind::Furniture => furniture,
        CutKind::Head => head,
        CutKind::Repeated => repeated,
        CutKind::Between => between,
        CutKind::Box => other,
        CutKind::Template => template,
        CutKind::Foot => foot,
        CutKind::Logo => logo,
        CutKind::Standfirst => standfirst,
        CutKind::Signature => signature,
    }
}

fn tag<'e>(reason: &'e TagReason, words: &Reasons) -> Fact<'e> {
    let said = &words.tags;
    let origin = match (reason.origin, reason.rules.is_empty()) {
        (TagOrigin::Source, _) => said.source,
        (TagOrigin::Rules, true) => said.rule_untold,
        (TagOrigin::Rules, false) => said.rule,
        (TagOrigin::Hashtags, _) => said.hashtag,
        (TagOrigin::Feed, _) => said.category,
        (TagOrigin::Page, _) => said.keyword,
        (TagOrigin::Learned, _) => said.learnt,
    };
    let brought = reason.brought_by.as_ref().map(|outlet| (said.brought)(outlet)).unwrap_or_default();
    let mut fact = Fact::new(format!("#{}", reason.tag), format!("{origin}{brought}"));
    fact.queries = reason.rules.iter().collect();
    if !reason.rules.is_empty() && reason.rules.iter().all(|rule| !rule.held) {
        fact.under.push(said.no_longer.to_owned());
    }
    fact
}

fn feed<'e>(reason: &'e FeedReason, words: &Reasons) -> Fact<'e> {
    let FeedReason { feed, position, limit, query, .. } = reason;
    let said = &words.feeds;
    let standing = match (reason.standing, position) {
        (Standing::Shown, Some(at)) => (said.shown)(*at, *limit),
        (Standing::Shown | Standing::Selected, _) => said.not_looked_up.to_owned(),
        (Standing::NotSelected, _) => said.not_in.to_owned(),
        (Standing::BeyondLimit, _) => (said.beyond)(*limit),
        (Standing::NotAdmitted, _) => said.not_admitted.to_owned(),
        (Standing::Private, _) => said.private.to_owned(),
        (Standing::Hidden, _) => said.hidden.to_owned(),
    };
    let keyed = if reason.keyed { said.keyed } else { "" };
    let mut fact = Fact::new(format!("{feed}{keyed}"), standing);
    fact.queries = query.iter().collect();
    if reason.query_hidden {
        fact.under.push(said.untold.to_owned());
    } else if query.is_none() {
        fact.under.push(said.everything.to_owned());
    }
    fact
}

fn copies<'e>(explanation: &Explanation, tz: Tz, words: &Reasons) -> Vec<Fact<'e>> {
    let (copies, said) = (&explanation.copies, &words.copies);
    let [alone, named, rank, first] = said.leads;
    let lead = match copies.lead_by {
        LeadBy::Alone => alone,
        LeadBy::Named => named,
        LeadBy::Rank => rank,
        LeadBy::First => first,
    };
    let mut facts: Vec<_> = copies.articles.iter().map(|member| article(member, lead, tz, words)).collect();
    let redirects: Vec<&str> = copies.redirects.iter().map(crate::model::StoryId::as_str).collect();
    if !redirects.is_empty() {
        facts.push(Fact::new(said.was_label, redirects.join(", ")));
    }
    let whole = copies.part_of.iter().map(|whole| (said.part_of_label, whole));
    let beside = whole.chain(copies.holds.iter().map(|part| (said.holds_label, part)));
    facts.extend(beside.map(|(label, story)| {
        let said = format!("{}{}“{}”", story.outlet, words.colon, story.title);
        Fact::new(label, said).link(story.url.clone()).under(story.url.iter().cloned())
    }));
    facts
}

fn article<'e>(member: &Member, lead: &str, tz: Tz, words: &Reasons) -> Fact<'e> {
    let (semicolon, words) = (words.semicolon, &words.copies);
    let kind = match member.kind {
        CopyKind::Lead => (words.leads_as)(lead),
        CopyKind::Copy => words.copy.to_owned(),
        CopyKind::Excerpt => words.excerpt.to_owned(),
    };
    let why = match (&member.why, member.kind) {
        (Some(why), _) => joined(why, words),
        (None, CopyKind::Lead) => String::new(),
        (None, _) => words.founded.to_owned(),
    };
    let said = if why.is_empty() { kind } else { format!("{kind}{semicolon}{why}") };
    let private = if member.private { words.private } else { "" };
    let seen = format!("{}{private}", (words.seen)(&moment(member.first_seen, tz), member.rank));
    let at = member.url.iter().map(|url| (words.at)(url));
    let title = Some(&member.title).filter(|t| !t.is_empty()).map(|title| format!("“{title}”"));
    let under = title.into_iter().chain(at).chain([seen]);
    Fact::new(&member.outlet, said).link(member.url.clone()).under(under)
}

/// Why an article joined its story: what was decided is kept in short.
fn joined(why: &str, words: &words::Copies) -> String {
    match (why, why.strip_suffix(" of its text")) {
        ("same address", _) => words.by_address.to_owned(),
        ("same text", _) => words.by_text.to_owned(),
        (_, Some(share)) => (words.by_likeness)(share),
        _ => why.to_owned(),
    }
}

fn recommended<'e>(explanation: &Explanation, tz: Tz, words: &Reasons) -> Vec<Fact<'e>> {
    let (recommended, said, colon) = (&explanation.recommended, &words.next, words.colon);
    let fixed = match recommended.admitted {
        None => said.not_fixed.to_owned(),
        Some(at) => {
            let fixed = (said.fixed)(&moment(at, tz), recommended.completed);
            format!("{fixed}{colon}{}", (words.stories)(recommended.fixed.len()))
        }
    };
    let mut facts = vec![Fact::new(said.feeds_label, fixed)];
    facts.extend(recommended.fixed.iter().map(|recommendation| one(recommendation, said)));
    facts.push(Fact::new(said.page_label, (words.stories)(recommended.fresh.len())));
    facts.extend(recommended.fresh.iter().map(|recommendation| one(recommendation, said)));
    facts
}

fn one<'e>(recommendation: &Recommendation, words: &words::Next) -> Fact<'e> {
    let Recommendation { title, outlet, score, why, url, .. } = recommendation;
    let tags = why.tags.iter().map(|tag| format!("#{tag}"));
    let shared: Vec<String> = tags.chain(why.terms.iter().cloned()).collect();
    let shared = if shared.is_empty() { words.nothing_shared.to_owned() } else { shared.join(", ") };
    let title = if title.is_empty() { url.as_deref().unwrap_or_default() } else { title };
    Fact::new(format!("{score:.2}"), format!("{title} — {outlet}")).under([shared])
}

/// What is to be said of the terms of a query: the term as written, whether it holds, and in words why.
pub(super) fn terms<'t>(trace: &'t Trace, words: &Reasons) -> Vec<(&'t str, bool, String)> {
    let (said, colon) = (&words.terms, words.colon);
    let [title, body, author] = said.places;
    let place = |found: &String| match found.as_str() {
        "title" => Some(title),
        "body" => Some(body),
        "author" => Some(author),
        _ => None,
    };
    let of = |term: &TracedTerm| {
        let written = trace.query.get(term.span.clone()).unwrap_or_default();
        let found = term.found.join(", ");
        let places: Option<Vec<&str>> = term.found.iter().map(place).collect();
        let held = match (term.held, found.is_empty(), places) {
            (true, true, _) => said.holds.to_owned(),
            (true, false, Some(places)) => (said.stands_in)(&places.join(", ")),
            (true, false, None) => format!("{}{colon}{found}", said.holds),
            (false, true, _) => said.fails.to_owned(),
            (false, false, _) => format!("{}{colon}{found}", said.fails),
        };
        let unwanted = if term.wanted { "" } else { said.unwanted };
        (written, term.held, format!("{held}{unwanted}"))
    };
    trace.terms.iter().map(of).collect()
}
