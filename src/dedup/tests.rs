//! What joins by what it is called and where it stands, and what leads.

mod parts;
mod repeated;

use std::collections::HashSet;

use proptest::prelude::*;
use url::Url;

use super::*;
use crate::model::{ArticleId, BodyFrom, CleanHtml, Fellow, Identity, Outlet, Provenance, SourceName};
use crate::text::{hash, url_key};

/// What a source repeats that gives these texts at one time.
fn repeated_in<'a>(texts: impl Iterator<Item = &'a str>) -> std::sync::Arc<[u64]> {
    let (source, mut together) = (SourceName::new("a").unwrap(), Together::default());
    texts.for_each(|text| together.add(&source, &std::sync::Arc::new(Shingles::of(text))));
    Repeated::of(&together).by(&source)
}

/// An article as a poll makes it: id by guid, else address, else text.
fn article(source: &str, guid: &str, url: &str, title: &str, text: &str) -> Article {
    let source = SourceName::new(source).unwrap();
    let text_of = |s: &str| (!s.is_empty()).then(|| s.to_owned());
    let key = Url::parse(url).ok().map(|u| url_key(&u));
    let identity = match (text_of(guid), &key) {
        (Some(guid), _) => Identity::Guid(guid),
        (None, Some(key)) => Identity::Url(key.clone()),
        (None, None) => Identity::Text(Shingles::of(text).text_hash),
    };
    Article {
        id: ArticleId::of(&source, &identity),
        guid: text_of(guid),
        url: text_of(url),
        url_key: key,
        rank: 100,
        republish: None,
        entry_hash: hash(format!("{guid}|{url}|{title}|{text}").as_bytes()),
        provenance: Provenance { outlet: Outlet { name: source.to_string(), url: None }, origin: None, via: vec![] },
        source,
        title: title.to_owned(),
        standfirst: None,
        byline: vec![],
        body: CleanHtml::default(),
        text: text.to_owned(),
        body_from: BodyFrom::Feed,
        image: None,
        enclosures: vec![],
        lang: None,
        published: None,
        updated: None,
        first_seen: day(1),
        tags: vec![],
        given: Default::default(),
    }
}

fn day(n: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000 + n)
}

fn prose(seed: usize, words: std::ops::Range<usize>) -> String {
    words.map(|n| format!("mot{} ", (n * 7919 + seed * 104_729) % 1_000_003)).collect()
}

fn shared_keys(new: &Shingles, text: &str) -> u32 {
    let other = Shingles::of(text);
    new.sample().iter().filter(|k| other.sample().contains(k)).count() as u32
}

fn recording(a: &Article) -> Option<String> {
    Enclosure::recording(&a.enclosures).map(|file| file.url.clone())
}

fn known_article(a: &Article, story: &StoryId) -> KnownArticle {
    KnownArticle {
        id: a.id.clone(),
        source: a.source.clone(),
        story: Some(story.clone()),
        guid: a.guid.clone(),
        url_key: a.url_key.clone(),
        entry_hash: a.entry_hash,
        text_hash: Shingles::of(&a.text).text_hash,
        title: a.title.clone(),
        text: a.text.clone(),
        date: a.date(),
        published: a.published,
        recording: recording(a),
    }
}

/// What a store would know and do.
#[derive(Default)]
struct Shelf {
    kept: Vec<(Article, StoryId, CopyKind)>,
    leads: Vec<(StoryId, ArticleId)>,
    /// Excerpts that stand in stories of their own, with the story of which each is a part.
    wholes: Vec<(ArticleId, StoryId)>,
    /// Whether what is kept has been published.
    admitted: bool,
    /// The decision on the last article.
    decided: Option<Decision>,
    /// What the articles that come together repeat.
    repeated: std::sync::Arc<[u64]>,
}

impl Shelf {
    fn known(&self, new: &Article) -> Known {
        let shingles = Shingles::of(&new.text);
        let of = |test: &dyn Fn(&Article) -> bool| -> Vec<KnownArticle> {
            let kept = self.kept.iter().filter(|(a, ..)| test(a));
            kept.map(|(a, story, _)| known_article(a, story)).collect()
        };
        let same = of(&|a| a.id == new.id || (a.source == new.source && a.guid.is_some() && a.guid == new.guid));
        let shared = |a: &Article| shared_keys(&shingles, &a.text);
        let candidates = self.kept.iter().filter(|(a, ..)| shared(a) > 0).map(|(a, story, kind)| Candidate {
            id: a.id.clone(),
            story: story.clone(),
            kind: *kind,
            source: a.source.clone(),
            url_key: a.url_key.clone(),
            outlet: a.provenance.outlet.name.clone(),
            title: a.title.clone(),
            text: a.text.clone(),
            date: a.date(),
            recording: recording(a),
            shared: shared(a),
        });
        let others = self.kept.iter().filter(|(a, ..)| shared(a) == 0);
        let beside = others.flat_map(|(a, story, kind)| {
            let fellow = |story: &StoryId, excerpt| Fellow { story: story.clone(), excerpt, text: a.text.clone() };
            let wholes = self.wholes.iter().filter(|(part, _)| *part == a.id).map(|(_, whole)| whole);
            let own = fellow(story, *kind == CopyKind::Excerpt);
            std::iter::once(own).chain(wholes.map(|whole| fellow(whole, true))).collect::<Vec<_>>()
        });
        let stories = self.leads.iter().map(|(id, lead)| {
            let (a, ..) = self.kept.iter().find(|(a, ..)| a.id == *lead).unwrap();
            let members = self.kept.iter().filter(|(_, story, _)| story == id);
            KnownStory {
                id: id.clone(),
                lead: lead.clone(),
                lead_rank: a.rank,
                lead_private: a.came_as_private(),
                admitted: self.admitted,
                first_seen: self.kept.iter().find(|(a, ..)| StoryId::from(a.id.clone()) == *id).unwrap().0.first_seen,
                lead_url_key: a.url_key.clone(),
                lead_outlet: a.provenance.outlet.name.clone(),
                origins: members.filter_map(|(a, ..)| origin_key(a)).collect(),
            }
        });
        Known {
            same: same.into_iter().next(),
            at_url: of(&|a| a.url_key.is_some() && a.url_key == new.url_key),
            same_text: of(&|a| Shingles::of(&a.text).text_hash == shingles.text_hash),
            left: Vec::new(),
            candidates: candidates.collect(),
            beside: beside.collect(),
            stories: stories.collect(),
            repeated: self.repeated.clone(),
        }
    }

    fn put(&mut self, new: Article) -> Intent {
        let decision = decide(new.clone(), &Shingles::of(&new.text), &self.known(&new), &Settings::default());
        self.decided = Some(decision.clone());
        let intent = decision.intent;
        let own = match &intent {
            Intent::Insert(a) => Some((a.id.clone(), StoryId::from(a.id.clone()))),
            Intent::Join { article, story, .. } => Some((article.id.clone(), story.clone())),
            _ => None,
        };
        if let Some((id, story)) = own {
            self.wholes.extend(decision.part_of.map(|whole| (id, whole)));
            self.wholes.extend(decision.holds.into_iter().map(|part| (part, story.clone())));
        }
        match intent.clone() {
            Intent::Insert(a) => {
                assert!(self.kept.iter().all(|(k, ..)| k.id != a.id), "one id twice");
                let story = StoryId::from(a.id.clone());
                self.leads.push((story.clone(), a.id.clone()));
                self.kept.push((*a, story, CopyKind::Lead));
            }
            Intent::Join { article, story, kind, leads, .. } => {
                assert!(self.kept.iter().all(|(k, ..)| k.id != article.id), "one id twice");
                if let Some(lead) = decision.lead.clone().or(leads.then(|| article.id.clone())) {
                    let led = &mut self.leads.iter_mut().find(|(id, _)| *id == story).unwrap().1;
                    // Beside a new lead, what led is what the new one says of itself.
                    let before = self.kept.iter_mut().find(|(a, ..)| leads && a.id == *led);
                    before.into_iter().for_each(|(.., before)| *before = kind);
                    *led = lead;
                }
                self.kept.push((*article, story, if leads { CopyKind::Lead } else { kind }));
            }
            Intent::Revise(a) => {
                let known = self.kept.iter_mut().find(|(k, ..)| k.id == a.id).expect("a revision of a known article");
                known.0 = *a;
            }
            Intent::Skip { .. } => {}
        }
        intent
    }

    fn stories(&self) -> usize {
        self.kept.iter().map(|(_, story, _)| story).collect::<HashSet<_>>().len()
    }
}

fn why(intent: &Intent) -> &str {
    match intent {
        Intent::Join { why, .. } | Intent::Skip { why, .. } => why,
        Intent::Insert(_) => "insert",
        Intent::Revise(_) => "revise",
    }
}

#[test]
fn nine_entries_that_are_six_stories() {
    let mut shelf = Shelf::default();
    let wire = prose(1, 0..250);
    let said: Vec<String> = [
        article("a", "1", "https://a.example/gaza?utm_source=rss", "Gaza : la trêve", &wire),
        article("a", "2", "https://a.example/revue", "Revue de presse", &prose(2, 0..200)),
        article("a", "3", "https://a.example/budget", "Budget", &prose(3, 0..200)),
        article("b", "", "http://www.a.example/gaza?xtor=RSS-1", "Gaza : la trêve", &prose(1, 0..40)),
        article("b", "", "https://b.example/revue", "Revue de presse", &prose(4, 0..200)),
        article("b", "", "https://b.example/port", "Le port", &prose(5, 0..200)),
        article("c", "x", "https://c.example/1", "Une trêve annoncée", &format!("(Agence) {wire}")),
        article("c", "y", "https://c.example/2", "Vent", &prose(6, 0..200)),
        article("c", "z", "https://c.example/3", "Le port en grève", &prose(5, 0..200)),
    ]
    .into_iter()
    .map(|a| why(&shelf.put(a)).to_owned())
    .collect();
    let apart = "insert";
    assert_eq!(said[..3], [apart; 3]);
    assert_eq!(said[3..6], ["same address", apart, apart]);
    assert_eq!(said[6..], ["1.00 of its text", apart, "same text"]);
    assert_eq!((shelf.kept.len(), shelf.stories()), (9, 6));
}

#[test]
fn the_same_entry_again_is_known_and_a_changed_one_revised() {
    let mut shelf = Shelf::default();
    let first = article("a", "1", "https://a.example/x", "Titre", &prose(1, 0..200));
    shelf.put(first.clone());
    assert_eq!(why(&shelf.put(first.clone())), "unchanged");
    let mut spaced = article("a", "1", "https://a.example/x?utm_source=b", "Titre", &prose(1, 0..200).to_uppercase());
    spaced.first_seen = day(3);
    // Another entry, the same words: what else changed is the store's to see, and nothing is said to be updated.
    assert!(matches!(shelf.put(spaced), Intent::Revise(a) if a.id == first.id && a.updated.is_none()));
    assert_eq!(why(&shelf.put(article("a", "1", "https://a.example/x", "Titre", ""))), "came without its text");

    let mut later = article("a", "1", "https://a.example/y", "Autre titre", &prose(1, 0..220));
    later.first_seen = day(3);
    let Intent::Revise(revised) = shelf.put(later) else { panic!("not revised") };
    assert_eq!((&revised.id, revised.first_seen, revised.updated), (&first.id, day(1), Some(day(3))));
    assert_eq!(revised.date(), first.date());
    assert_eq!(shelf.stories(), 1);
}

#[test]
fn an_address_used_again_is_a_new_article() {
    let mut shelf = Shelf::default();
    shelf.put(article("a", "direct", "https://a.example/direct", "Direct", &prose(1, 0..200)));
    let second = article("a", "direct", "https://a.example/direct", "Direct", &prose(2, 0..200));
    assert_eq!(why(&shelf.put(second.clone())), "insert");
    assert_eq!(why(&shelf.put(second)), "unchanged");
    let grown = article("a", "direct", "https://a.example/direct", "Direct", &prose(2, 0..260));
    assert_eq!(why(&shelf.put(grown)), "revise");
    // Another source's article at an address used again is no copy of what stood there before.
    let third = article("b", "", "https://a.example/direct", "Direct", &prose(3, 0..200));
    assert_eq!(why(&shelf.put(third)), "insert");
    assert_eq!(shelf.stories(), 3);
}

#[test]
fn entries_of_one_page_and_of_a_front_page_stay_apart() {
    let mut shelf = Shelf::default();
    for n in 0..5 {
        let version = format!("https://a.example/changes#v{n}");
        let text = format!("Version {n}: {}", prose(n, 0..20));
        assert_eq!(why(&shelf.put(article("a", &version, &version, &format!("v{n}"), &text))), "insert");
        let front = article("b", &format!("{n}"), "https://b.example/", &format!("Brève {n}"), "");
        assert_eq!(why(&shelf.put(front)), "insert");
    }
    assert_eq!(why(&shelf.put(article("c", "", "https://b.example/", "Brève 9", ""))), "insert");
    let renewed =
        article("a", "new-id", "https://a.example/changes#v3", "v3", &format!("Version 3: {}", prose(3, 0..20)));
    assert_eq!(why(&shelf.put(renewed)), "revise");
}

#[test]
fn another_source_gives_the_entries_of_one_page_each_to_its_own_story() {
    let mut shelf = Shelf::default();
    let entry = |source: &str, n: usize| {
        let version = format!("https://a.example/changes#v{n}");
        article(source, &version, &version, &format!("v{n}"), &format!("Version {n}: {}", prose(n, 0..20)))
    };
    for n in 0..5 {
        shelf.put(entry("a", n));
    }
    for n in [3, 1, 4] {
        let Intent::Join { story, .. } = shelf.put(entry("c", n)) else { panic!("v{n} is known") };
        assert_eq!(story, StoryId::from(entry("a", n).id), "v{n}");
    }
    assert_eq!(why(&shelf.put(entry("c", 6))), "insert", "none of those that stand there");
    assert_eq!(shelf.stories(), 6);
}

#[test]
fn an_address_used_again_long_after_joins_by_title_or_text_only() {
    for (title, text, joins) in [
        ("Direct du 3 mai", "Le direct du jour, minute par minute, avec nos reporters.", false),
        ("Direct du 1er mars", "Autre chapô.", true),
        ("Redite", "Suivez la manifestation en direct avec nos envoyés.", true),
    ] {
        let mut shelf = Shelf::default();
        let old = "Suivez la manifestation en direct avec nos envoyés.";
        shelf.put(article("a", "1", "https://a.example/direct", "Direct du 1er mars", old));
        let mut later = article("b", "", "https://a.example/direct", title, text);
        later.first_seen = day(63);
        assert_eq!(matches!(shelf.put(later), Intent::Join { .. }), joins, "{title}");
    }
}

#[test]
fn titles_and_texts_that_tell_nothing_merge_nothing() {
    let mut shelf = Shelf::default();
    let stub = "Cet article est réservé aux abonnés. Abonnez-vous dès un euro pour lire la suite de cet article.";
    let wall = prose(77, 0..110);
    let texts = ["", "Direct", "Lire la suite", stub, &wall];
    for (n, text) in texts.iter().enumerate() {
        for m in 0..3 {
            let (id, url) = (format!("{n}-{m}"), format!("https://a.example/{n}/{m}"));
            let title = if text.len() < 20 { "Revivez notre direct".to_owned() } else { format!("Article {m}") };
            assert_eq!(why(&shelf.put(article("a", &id, &url, &title, text))), "insert", "{text} {m}");
        }
    }
    let other = article("b", "", "https://b.example/1", "Revivez notre direct", &prose(9, 0..300));
    assert_eq!(why(&shelf.put(other)), "insert");
}

#[test]
fn the_same_text_long_after_is_another_story() {
    let mut shelf = Shelf::default();
    let mut at = |n: i64, source: &str| {
        let mut a = article(source, "", &format!("https://{source}.example/{n}"), "Titre", &prose(1, 0..200));
        a.first_seen = day(n);
        why(&shelf.put(a)).to_owned()
    };
    assert_eq!(at(1, "a"), "insert");
    assert_eq!(at(10, "b"), "same text");
    assert_eq!(at(60, "c"), "insert");
}

#[test]
fn the_named_original_leads_then_the_lowest_rank_then_the_first() {
    let text = prose(1, 0..200);
    let lead = |shelf: &Shelf| shelf.kept.iter().find(|(a, ..)| a.id == shelf.leads[0].1).unwrap().0.source.to_string();
    let mut shelf = Shelf::default();
    shelf.put(article("first", "", "https://first.example/1", "T", &text));
    shelf.put(article("second", "", "https://second.example/1", "T", &text));
    assert_eq!(lead(&shelf), "first");
    let mut ranked = article("ranked", "", "https://ranked.example/1", "T", &text);
    ranked.rank = 1;
    ranked.provenance.origin = Some(Outlet { name: "O".into(), url: Some("https://www.original.example/1".into()) });
    shelf.put(ranked);
    assert_eq!(lead(&shelf), "ranked");
    shelf.put(article("original", "", "https://original.example/1", "T", &text));
    assert_eq!(lead(&shelf), "original");
    let mut higher = article("higher", "", "https://higher.example/1", "T", &text);
    higher.rank = 0;
    shelf.put(higher);
    assert_eq!((lead(&shelf).as_str(), shelf.stories()), ("original", 1));
    // In whatever order they come, and by the outlet's name where no address is told.
    for url in [Some("https://o.example/1"), Some("https://o.example/"), None] {
        for order in ["abo", "aob", "bao", "boa", "oab", "oba"] {
            let mut shelf = Shelf::default();
            for name in order.chars().map(String::from) {
                let mut told = article(&name, "", &format!("https://{name}.example/1"), "T", &text);
                told.provenance.outlet.name = format!("Agence {name}");
                let origin = Outlet { name: "AGENCE O".into(), url: url.map(str::to_owned) };
                told.provenance.origin = (name == "a").then_some(origin);
                shelf.put(told);
            }
            assert_eq!((lead(&shelf).as_str(), shelf.stories()), ("o", 1), "{order} {url:?}");
        }
    }
}

#[test]
fn two_sources_without_ids_at_one_address_are_two_articles() {
    let mut shelf = Shelf::default();
    shelf.put(article("a", "", "https://x.example/1", "T", &prose(1, 0..100)));
    let copy = article("b", "", "https://x.example/1", "T", &prose(1, 0..100));
    assert_eq!(why(&shelf.put(copy.clone())), "same address");
    assert_eq!(why(&shelf.put(copy)), "unchanged");
    assert_eq!((shelf.kept.len(), shelf.stories()), (2, 1));
}

#[test]
fn what_was_removed_stays_removed() {
    let mut shelf = Shelf::default();
    let old = article("a", "1", "https://a.example/1", "T", &prose(1, 0..100));
    shelf.put(old.clone());
    let mut known = shelf.known(&old);
    known.at_url.clear();
    known.same_text.clear();
    known.candidates.clear();
    let same = known.same.as_mut().unwrap();
    (same.story, same.text, same.entry_hash) = (None, String::new(), 0);
    assert_eq!(
        why(&decide(old.clone(), &Shingles::of(&old.text), &known, &Settings::default()).intent),
        "known, and removed since"
    );
    // Nor under another id and address, while it is near; another source may tell it.
    let gone = KnownArticle { text_hash: Shingles::of(&old.text).text_hash, ..known.same.take().unwrap() };
    known.same_text = vec![gone];
    let again = |source: &str, seen: i64| {
        let mut new = article(source, "2", "https://a.example/2", "Autre titre", &old.text);
        new.first_seen = day(seen);
        why(&decide(new, &Shingles::of(&old.text), &known, &Settings::default()).intent).to_owned()
    };
    assert_eq!([again("a", 2), again("a", 90), again("b", 2)], ["known, and removed since", "insert", "insert"]);
}

proptest! {
    #[test]
    fn any_two_texts_are_decided(a in "\\PC{0,80}", b in "\\PC{0,80}") {
        let mut shelf = Shelf::default();
        shelf.put(article("a", "1", "https://a.example/1", &b, &a));
        shelf.put(article("b", "2", "https://b.example/2", &a, &b));
        prop_assert_eq!(shelf.kept.len(), 2);
    }
}
