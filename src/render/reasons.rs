//! An explanation in words: the same for the terminal and for the page.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::model::{
    BodyFrom, CopyKind, Cut, CutKind, Cuts, DatedBy, Explanation, FeedReason, KnownBy, LeadBy, Member, Recommendation,
    Republish, RightsBy, Standing, TagOrigin, TagReason, Trace,
};

/// What is said of a term that does not hold, where there is nothing in its place.
pub(super) const NOWHERE: &str = "does not hold";

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
pub(super) fn sections(explanation: &Explanation, tz: Tz) -> Vec<Section<'_>> {
    vec![
        Section { title: "Where it came from", facts: from(explanation, tz) },
        Section { title: "What was left out", facts: left(explanation) },
        Section { title: "Tags", facts: explanation.tags.iter().map(tag).collect() },
        Section { title: "Feeds", facts: explanation.feeds.iter().map(feed).collect() },
        Section { title: "Copies", facts: copies(explanation, tz) },
        Section { title: "What to read next", facts: recommended(explanation, tz) },
    ]
}

/// A moment in the site's zone.
pub(super) fn moment(at: DateTime<Utc>, tz: Tz) -> String {
    at.with_timezone(&tz).format("%Y-%m-%d %H:%M %Z").to_string()
}

/// A count and what is counted.
fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

fn from<'e>(explanation: &Explanation, tz: Tz) -> Vec<Fact<'e>> {
    let from = &explanation.from;
    let gone = if from.in_file { "" } else { ", which is no longer in the file" };
    let mut facts = vec![
        Fact::new("source", format!("{}{gone}", from.source)),
        Fact::new("outlet", &from.outlet.name).link(from.outlet.url.clone()),
    ];
    if let Some(original) = &from.original {
        facts.push(Fact::new("taken over from", &original.name).link(original.url.clone()));
    }
    facts.extend(from.url.iter().map(|url| Fact::new("original", url).link(Some(url.clone()))));
    facts.extend(from.followed.iter().map(|via| Fact::new("followed", via)));
    facts.push(Fact::new("first seen", moment(from.first_seen, tz)));
    let dated = match (from.dated_by, from.published) {
        (DatedBy::Itself, _) => "as it says".to_owned(),
        (DatedBy::FirstSeen, _) => "when it was first seen, as it says no date".to_owned(),
        (DatedBy::StillToCome, says) => {
            let says = says.map(|at| moment(at, tz)).unwrap_or_default();
            format!("when it was first seen, as the date that it says was still to come: {says}")
        }
    };
    facts.push(Fact::new("dated", format!("{}, {dated}", moment(from.date, tz))));
    facts.extend(from.updated.map(|at| Fact::new("updated", moment(at, tz))));
    let body = match from.body {
        BodyFrom::Feed => "as its source gives it",
        BodyFrom::Page => "read on its page",
    };
    facts.push(Fact::new("text", body));
    facts.push(Fact::new("language", from.language.as_deref().unwrap_or("not known")));
    let known = match from.known_by {
        KnownBy::Guid => "the id that its source gives it",
        KnownBy::Address => "its address",
        KnownBy::Text => "its text, as it has neither id nor address",
    };
    let guid = from.guid.iter().map(|guid| format!("id at its source: {guid}"));
    let key = from.url_key.iter().map(|key| format!("address, for comparing: {key}"));
    let hash = format!("hash of its text: {}", from.text_hash);
    facts.push(Fact::new("known again by", known).under(guid.chain(key).chain([hash])));
    facts.push(Fact::new("rights", format!("{}: {}", rights(from.rights), rights_by(from.rights_by))));
    facts.extend(from.notes.iter().map(|note| Fact::new("note on its source", note)));
    facts
}

fn rights(rights: Republish) -> &'static str {
    match rights {
        Republish::Full => "all of it may be republished",
        Republish::Excerpt => "an excerpt may be republished",
        Republish::Link => "title and link may be republished",
        Republish::Private => "feeds with a key may show it, and nothing else",
    }
}

fn rights_by(by: RightsBy) -> &'static str {
    match by {
        RightsBy::File => "`republish` in the file says so",
        RightsBy::Syndicated => "the file says nothing, and its source syndicates the text itself",
        RightsBy::ReadOnPage => "the file says nothing, and the text was read on its page",
        RightsBy::Private => "the source is private",
    }
}

fn left<'e>(explanation: &Explanation) -> Vec<Fact<'e>> {
    let left = &explanation.cut;
    let mut facts = Vec::new();
    match &left.reading {
        None => facts.push(Fact::new("reading", "nothing, or it was not noted")),
        Some(cuts) => facts.extend(reading(cuts)),
    }
    if left.leaves < left.characters {
        let text = format!("{} of {} characters of the text leave", left.leaves, left.characters);
        facts.push(Fact::new("rights", text));
    }
    facts
}

fn reading<'e>(cuts: &Cuts) -> Vec<Fact<'e>> {
    let mut facts = Vec::new();
    if let Some(page) = &cuts.page {
        let found = if page.by_file { "where the file says" } else { "by its shape" };
        let taken = if page.taken { "" } else { "; the source's own text was fuller, and is kept" };
        let percent = (page.confidence * 100.0).round();
        facts.push(Fact::new(
            "page",
            format!(
                "{} of {} characters are the article, found {found}, {percent} % sure{taken}",
                page.kept, page.characters
            ),
        ));
    }
    for Cut { kind, words, lines, characters } in &cuts.parts {
        let said = if words.is_empty() { String::new() } else { format!(": “{words}”") };
        let much = format!("{}, {}", count(*lines, "line"), count(*characters, "character"));
        facts.push(Fact::new(cut_kind(*kind), format!("{much}{said}")));
    }
    if cuts.more > 0 {
        facts.push(Fact::new("and", format!("{} more", count(cuts.more, "line"))));
    }
    if !cuts.elements.is_empty() {
        let named: Vec<String> = cuts.elements.iter().map(|(name, n)| format!("{name} ({n})")).collect();
        facts.push(Fact::new("by cleaning", named.join(", ")));
    }
    facts
}

fn cut_kind(kind: CutKind) -> &'static str {
    match kind {
        CutKind::Recipe => "`drop` in the file",
        CutKind::Furniture => "navigation and the like",
        CutKind::Head => "before the text",
        CutKind::Repeated => "said twice",
        CutKind::Between => "between paragraphs",
        CutKind::Box => "box of something else",
        CutKind::Template => "shared by its pages",
        CutKind::Foot => "after the text",
        CutKind::Logo => "mark of the house",
        CutKind::Standfirst => "shown as standfirst",
        CutKind::Signature => "signature",
    }
}

fn tag(reason: &TagReason) -> Fact<'_> {
    let origin = match (reason.origin, reason.rules.is_empty()) {
        (TagOrigin::Source, _) => "every article of its source has it",
        (TagOrigin::Rules, true) => "a rule gave it, which is no longer in the file or is not told here",
        (TagOrigin::Rules, false) => "a rule of the file",
        (TagOrigin::Hashtags, _) => "a hashtag of its text or its page",
        (TagOrigin::Feed, _) => "a category of its feed",
        (TagOrigin::Page, _) => "a keyword of its page",
        (TagOrigin::Learned, _) => "learnt from the stories likest to it",
    };
    let brought = reason.brought_by.as_ref().map(|outlet| format!(", on the copy of {outlet}")).unwrap_or_default();
    let mut fact = Fact::new(format!("#{}", reason.tag), format!("{origin}{brought}"));
    fact.queries = reason.rules.iter().collect();
    if !reason.rules.is_empty() && reason.rules.iter().all(|rule| !rule.held) {
        fact.under.push("as it is now, the rule does not give it".to_owned());
    }
    fact
}

fn feed(reason: &FeedReason) -> Fact<'_> {
    let FeedReason { feed, position, limit, query, .. } = reason;
    let standing = match (reason.standing, position) {
        (Standing::Shown, Some(at)) => format!("in it, number {at} of at most {limit}"),
        (Standing::Shown | Standing::Selected, _) => "selected; its place was not looked up".to_owned(),
        (Standing::NotSelected, _) => "not in it".to_owned(),
        (Standing::BeyondLimit, _) => format!("selected, and not among the {limit} that it shows"),
        (Standing::NotAdmitted, _) => "selected; shown once it is admitted, at the end of a round of polls".to_owned(),
        (Standing::Private, _) => "selected, and not shown: its source is private, and the feed has no key".to_owned(),
    };
    let keyed = if reason.keyed { " (with a key)" } else { "" };
    let mut fact = Fact::new(format!("{feed}{keyed}"), standing);
    fact.queries = query.iter().collect();
    if reason.query_hidden {
        fact.under.push("its query is not told here".to_owned());
    } else if query.is_none() {
        fact.under.push("it takes everything".to_owned());
    }
    fact
}

fn copies<'e>(explanation: &Explanation, tz: Tz) -> Vec<Fact<'e>> {
    let copies = &explanation.copies;
    let lead = match copies.lead_by {
        LeadBy::Alone => "there is no other",
        LeadBy::Named => "another names it as its original",
        LeadBy::Rank => "its source has the lowest `rank`",
        LeadBy::First => "it was there first",
    };
    let mut facts: Vec<_> = copies.articles.iter().map(|member| article(member, lead, tz)).collect();
    let redirects: Vec<&str> = copies.redirects.iter().map(crate::model::StoryId::as_str).collect();
    if !redirects.is_empty() {
        facts.push(Fact::new("was also", redirects.join(", ")));
    }
    facts
}

fn article<'e>(member: &Member, lead: &str, tz: Tz) -> Fact<'e> {
    let kind = match member.kind {
        CopyKind::Lead => format!("leads: {lead}"),
        CopyKind::Copy => "copy".to_owned(),
        CopyKind::Excerpt => "excerpt".to_owned(),
    };
    let why = match (&member.why, member.kind) {
        (Some(why), _) => format!("joined by {why}"),
        (None, CopyKind::Lead) => String::new(),
        (None, _) => "founded the story".to_owned(),
    };
    let said = if why.is_empty() { kind } else { format!("{kind}; {why}") };
    let private = if member.private { "; private" } else { "" };
    let seen = format!("first seen {}; rank {}{private}", moment(member.first_seen, tz), member.rank);
    let at = member.url.iter().map(|url| format!("at {url}"));
    let title = Some(&member.title).filter(|t| !t.is_empty()).map(|title| format!("“{title}”"));
    let under = title.into_iter().chain(at).chain([seen]);
    Fact::new(&member.outlet, said).link(member.url.clone()).under(under)
}

fn recommended<'e>(explanation: &Explanation, tz: Tz) -> Vec<Fact<'e>> {
    let recommended = &explanation.recommended;
    let fixed = match recommended.admitted {
        None => "not fixed yet".to_owned(),
        Some(at) => {
            let completed = if recommended.completed { ", and completed since" } else { "" };
            format!(
                "fixed {}{completed}: {}",
                moment(at, tz),
                count(recommended.fixed.len(), "story").replace("storys", "stories")
            )
        }
    };
    let mut facts = vec![Fact::new("in feeds", fixed)];
    facts.extend(recommended.fixed.iter().map(one));
    let now = count(recommended.fresh.len(), "story").replace("storys", "stories");
    facts.push(Fact::new("on its page now", now));
    facts.extend(recommended.fresh.iter().map(one));
    facts
}

fn one<'e>(recommendation: &Recommendation) -> Fact<'e> {
    let Recommendation { title, outlet, score, why, url, .. } = recommendation;
    let tags = why.tags.iter().map(|tag| format!("#{tag}"));
    let shared: Vec<String> = tags.chain(why.terms.iter().cloned()).collect();
    let shared = if shared.is_empty() { "nothing in common".to_owned() } else { shared.join(", ") };
    let title = if title.is_empty() { url.as_deref().unwrap_or_default() } else { title };
    Fact::new(format!("{score:.2}"), format!("{title} — {outlet}")).under([shared])
}

/// What is to be said of the terms of a query: the term as written, whether it holds, and in words why.
pub(super) fn terms(trace: &Trace) -> Vec<(&str, bool, String)> {
    let of = |term: &crate::model::TracedTerm| {
        let written = trace.query.get(term.span.clone()).unwrap_or_default();
        let found = term.found.join(", ");
        let place = term.found.iter().all(|f| matches!(f.as_str(), "title" | "body" | "author"));
        let held = match (term.held, found.is_empty()) {
            (true, true) => "holds".to_owned(),
            (true, false) if place => format!("stands in {found}"),
            (true, false) => format!("holds: {found}"),
            (false, true) => NOWHERE.to_owned(),
            (false, false) => format!("does not hold: {found}"),
        };
        let unwanted = if term.wanted { "" } else { ", and is not wanted" };
        (written, term.held, format!("{held}{unwanted}"))
    };
    trace.terms.iter().map(of).collect()
}
