//! What joins, what does not, and what leads.

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

/// An episode: some words of its own, then what stands under all of them.
fn episode(source: &str, n: usize, own: usize, closing: &str) -> Article {
    let text = format!("{}{closing}", prose(100 + n, 0..own));
    let (id, title) = (format!("e{n}"), format!("Épisode {n} : {}", prose(200 + n, 0..3)));
    article(source, &id, &format!("https://{source}.example/{n}"), &title, &text)
}

#[test]
fn what_a_source_repeats_makes_no_two_of_its_articles_one() {
    // One after the other: how both end tells nothing; two stories with it make a formula of it.
    for (own, repeated) in [(40, 60), (60, 110), (17, 75)] {
        let mut shelf = Shelf::default();
        for n in 0..6 {
            assert_eq!(why(&shelf.put(episode("a", n, own, &prose(7, 0..repeated)))), "insert", "{own} {n}");
        }
    }
    // Longer, and with something of each in its midst.
    let long = |n: usize| format!("{} offre{n} {}", prose(7, 0..100), prose(7, 100..220));
    let episodes: Vec<Article> = (0..6).map(|n| episode("a", n, 50, &long(n))).collect();
    let mut shelf = Shelf { repeated: repeated_in(episodes.iter().map(|a| &*a.text)), ..Shelf::default() };
    for episode in episodes {
        assert_eq!(why(&shelf.put(episode)), "insert");
    }
    shelf.repeated = Default::default();
    assert_eq!(why(&shelf.put(episode("a", 9, 50, &long(9)))), "insert", "the stories tell");
    // The copy of one elsewhere is a copy of that one.
    let Intent::Join { story, .. } = shelf.put(episode("b", 3, 50, &long(3))) else { panic!("apart") };
    assert_eq!(story, StoryId::from(episode("a", 3, 50, "").id));
    // Where the first were taken for one, it ends after a few.
    let mut shelf = Shelf::default();
    let stories = (0..20).map(|n| shelf.put(episode("a", n, 30, &long(n)))).filter(|i| why(i) == "insert").count();
    assert!(stories >= 12, "{stories}");
}

#[test]
fn a_notice_in_the_place_of_articles_makes_no_two_of_them_one() {
    let wall = "Cet article est réservé à nos abonnés. Il vous reste 80 % de l'article à découvrir. Profitez de l'offre dès \
        un euro le premier mois, sans engagement, et lisez la suite sur tous vos écrans.";
    let walls = "هذا المحتوى مخصص للمشتركين فقط. اشترك الآن لقراءة المقال كاملا والوصول إلى جميع مواد الموقع دون إعلانات";
    let titles =
        ["Budget : les députés votent", "Un séisme au Maroc", "Le Stade rennais s'impose", "La canicule s'installe"];
    let others = ["الحكومة تعلن ميزانية العام", "زلزال عنيف في المغرب", "فوز كبير للمنتخب", "موجة حر"];
    for (wall, titles) in [(wall.to_owned(), titles), (wall.repeat(2), titles), (walls.to_owned(), others)] {
        let mut shelf = Shelf::default();
        for (title, source) in titles.iter().zip(["a", "b", "c", "d"]) {
            let url = format!("https://{source}.example/1");
            assert_eq!(why(&shelf.put(article(source, "1", &url, title, &wall))), "insert", "{title}");
        }
    }
    // A brief speaks of its titles, or of one of them; without words in either nobody can tell.
    let brief =
        "Le Stade rennais s'est imposé dimanche à Lorient devant vingt mille spectateurs, grâce à un but de la tête.";
    let in_arabic =
        "أعلنت السلطات أن الزلزال الذي ضرب المنطقة فجر اليوم خلف عشرات القتلى ومئات الجرحى في القرى الجبلية البعيدة";
    for (text, one, other) in [
        (brief, "Rennes bat Lorient", "Football : victoire rennaise"),
        (brief, "Ça joue", "Lorient perd"),
        (brief, "", ""),
        (in_arabic, "زلزال عنيف", "كارثة طبيعية"),
        (in_arabic, "كارثة طبيعية", "القتلى بالعشرات"),
    ] {
        let mut shelf = Shelf::default();
        shelf.put(article("a", "1", "https://a.example/1", one, text));
        let copy = article("b", "1", "https://b.example/1", other, text);
        assert!(matches!(shelf.put(copy), Intent::Join { .. }), "{one} {other}");
    }
}

#[test]
fn the_rows_of_a_source_are_told_each_by_itself() {
    let day = |n: usize, words: usize| {
        let at = |seed: usize, from: usize, to: usize| prose(seed, from..to);
        let third = words / 3;
        let text =
            [at(1, 0, third), at(50 + n, 0, 3), at(1, third, 2 * third), at(50 + n, 3, 9), at(1, 70, 70 + third)];
        text.concat()
    };
    for (words, title) in [(36, Some("La météo du jour")), (75, None)] {
        let mut shelf = Shelf::default();
        for n in 0..4 {
            let (id, own) = (format!("{n}"), prose(60 + n, 0..4));
            let url = format!("https://a.example/{n}");
            let put = shelf.put(article("a", &id, &url, title.unwrap_or(&own), &day(n, words)));
            assert_eq!(why(&put), "insert", "{words} words, {n}");
        }
        // What another source has under the same title is that one.
        let url = "https://b.example/x";
        let other = shelf.put(article("b", "x", url, title.unwrap_or(&prose(62, 0..4)), &day(2, words)));
        assert!(matches!(other, Intent::Join { .. }), "{words}");
    }
}

#[test]
fn episodes_with_the_same_words_are_as_many_as_recordings() {
    for text in ["Toutes les heures, les informations en direct de la rédaction.".to_owned(), prose(1, 0..80)] {
        // Pages of their own, or one for all; and once more under other ids.
        for page in ["https://a.example/{n}", "https://a.example/journal"] {
            let mut shelf = Shelf::default();
            let mut put = |source: &str, id: &str, n: usize| {
                let url = page.replace("{n}", &format!("{id}{n}"));
                let plain = article(source, &format!("{id}{n}"), &url, "Le journal", &text);
                let url = format!("https://{}.example/{n}.mp3?utm_source={id}", if n < 9 { "a" } else { "c" });
                shelf.put(Article { enclosures: vec![Enclosure { url, ..Enclosure::default() }], ..plain })
            };
            (0..4).for_each(|n| assert_eq!(why(&put("a", "x", n)), "insert", "{n}"));
            assert!(!matches!(put("a", "y", 2), Intent::Insert(_)), "the same episode under another id");
            assert!(matches!(put("b", "x", 9), Intent::Join { .. }), "from elsewhere it is a copy by its words");
            assert_eq!(why(&put("b", "x", 5)), "insert", "from the same host");
        }
    }
}

#[test]
fn what_a_source_gives_again_at_another_address_is_one_story() {
    let versions = |old: String, new: String| {
        let mut shelf = Shelf::default();
        shelf.put(article("a", "1", "https://a.example/1", "Séisme : douze morts", &old));
        shelf.put(article("a", "2", "https://a.example/2", "Séisme : quinze morts", &new));
        shelf.stories()
    };
    let body = prose(1, 0..300);
    assert_eq!(versions(format!("{}{body}", prose(2, 0..60)), format!("{}{body}", prose(3, 0..60))), 1, "a new top");
    assert_eq!(versions(body.clone(), format!("{body}{}", prose(3, 0..100))), 1, "it has grown");
    let middle = |seed| format!("{}{}{}", prose(1, 0..110), prose(seed, 0..15), prose(1, 120..230));
    assert_eq!(versions(middle(2), middle(3)), 1, "another number in its midst");
}

#[test]
fn news_of_other_days_under_one_background_are_told() {
    let background = |toll: usize| format!("{} {toll} morts {}", prose(7, 0..70), prose(7, 70..150));
    let day_of = |n: usize, source: &str, own: usize, days: i64| {
        let text = format!("{} {} bur-{n}", prose(30 + n, 0..own), background(58_000 + n));
        let url = format!("https://{source}.example/{n}");
        let told = article(source, &n.to_string(), &url, &format!("Nouvelle {n} du jour"), &text);
        Article { published: Some(day(days)), first_seen: day(9), ..told }
    };
    // One source in one day, and three sources day after day.
    for (sources, days) in [(["a", "a", "a", "a"], 0), (["a", "b", "c", "a"], 1)] {
        let mut shelf = Shelf::default();
        for (n, source) in sources.iter().enumerate() {
            let intent = shelf.put(day_of(n, source, [200, 120, 260, 90][n], days * i64::try_from(n).unwrap()));
            assert_eq!(why(&intent), "insert", "{n} {days}");
        }
        // What another prints of one of them is its copy, and so is what it wrote itself above most of it.
        let copy = shelf.put(Article {
            id: article("d", "1", "", "", "").id,
            source: SourceName::new("d").unwrap(),
            ..day_of(2, "d", 260, days * 2)
        });
        assert!(matches!(copy, Intent::Join { .. }), "{copy:?}");
        let begun = format!("{} {}", prose(90, 0..60), day_of(2, "a", 260, 0).text);
        let begun = Article {
            published: Some(day(days * 3)),
            first_seen: day(9),
            ..article("e", "1", "https://e.example/1", "Autrement", &begun)
        };
        assert!(matches!(shelf.put(begun), Intent::Join { .. }));
    }
}

#[test]
fn reports_by_one_template_are_as_many_as_tell_other_things() {
    let places = ["Rennes", "Brest", "Padang", "Sendai", "Iquique", "Davao", "Gisborne", "Oaxaca", "Palu", "Arica"];
    let report = |source: &str, n: usize, more: &str| {
        let [a, b, c] = [0, 3, 7].map(|k| places[(n * 3 + k) % 10]);
        let [x, y, z] = [3 * n + 11, 7 * n + 23, 5 * n + 41];
        let text = format!(
            "L'institut a annoncé une secousse de magnitude {x} près de {a}, ressentie jusque dans {b}, sans qu'un bilan soit \
             disponible dans l'immédiat. L'épicentre a été localisé à {y} kilomètres de la ville, à une profondeur de {z}, selon \
             l'institut, qui étudie la sismologie au niveau mondial. Aucune alerte n'a été lancée dans {c}, et les habitants \
             sont rentrés chez eux, a constaté un correspondant sur place. {more}"
        );
        article(source, &format!("r{n}"), &format!("https://{source}.example/r{n}"), &format!("Séisme {n}"), &text)
    };
    let mut shelf = Shelf::default();
    for n in 0..6 {
        let source = ["a", "b"][n % 2];
        assert_eq!(why(&shelf.put(report(source, n, ""))), "insert", "{n}");
    }
    let copy =
        report("c", 4, "Deux immeubles se sont effondrés dans la banlieue, selon des témoins que la radio a entendus.");
    let Intent::Join { story, .. } = shelf.put(copy) else { panic!("apart") };
    assert_eq!(story, StoryId::from(report("a", 4, "").id), "a copy of one of them");
}

#[test]
fn one_dispatch_under_headlines_in_other_words_is_one() {
    let text = "Un homme de 34 ans a trouvé la mort samedi matin sur la départementale 12, à la sortie de Ploërmel. Sa voiture a quitté \
                la chaussée vers 6 h 30 avant de percuter un platane. Les secours, arrivés sur place quelques minutes plus tard, \
                n'ont pu que constater le décès. Une enquête a été ouverte par la gendarmerie du Morbihan pour établir les \
                circonstances exactes de cette sortie de route.";
    let mut shelf = Shelf::default();
    shelf.put(article("a", "1", "https://a.example/1", "Il meurt contre un arbre", text));
    let again = shelf.put(article("b", "1", "https://b.example/1", "Terrible accident cette nuit", text));
    assert_eq!(why(&again), "same text");
    let edited = text.replace("samedi matin", "ce samedi");
    let again = shelf.put(article("c", "1", "https://c.example/1", "Nouveau drame de la vitesse", &edited));
    assert!(matches!(again, Intent::Join { kind: CopyKind::Copy, .. }), "{again:?}");
}

#[test]
fn an_arabic_dispatch_is_one_under_other_headlines_and_in_other_spellings() {
    let text = "أعلنت وزارة الصحة في قطاع غزة صباح الأحد ارتفاع عدد القتلى إلى أكثر من ثلاثين شخصا في غارة استهدفت مدرسة تؤوي نازحين \
                شرق مدينة خان يونس. وأوضحت الوزارة أن بين القتلى أطفالا ونساء، وأن عشرات الجرحى نقلوا إلى مستشفى ناصر الذي يعاني \
                نقصا حادا في الأدوية والوقود. وأكد شهود عيان أن الطائرات أطلقت صاروخين على الأقل قبل أن تندلع النيران في الفصول.";
    let spelt = text.replace(['أ', 'إ'], "ا").replace('ة', "ه").replace('ؤ', "و");
    let mut shelf = Shelf::default();
    shelf.put(article("a", "1", "https://a.example/1", "عشرات الضحايا في هجوم", text));
    let again = shelf.put(article("b", "1", "https://b.example/1", "مجزرة جديدة تهز القطاع", text));
    assert_eq!(why(&again), "same text");
    let again = shelf.put(article("c", "1", "https://c.example/1", "قصف يوقع ضحايا", &spelt));
    assert_eq!(why(&again), "same text");
}

#[test]
fn a_page_that_holds_two_texts_is_one_with_neither_whatever_comes_after() {
    let (x, y, more) = (prose(1, 0..370), prose(2, 0..270), prose(3, 0..500));
    for admitted in [false, true] {
        let mut shelf = Shelf::default();
        let at = |source: &str| format!("https://{source}.example/1");
        let mut put = |source: &str, text: &str| {
            let intent = shelf.put(article(source, "1", &at(source), &format!("Titre {source}"), text));
            shelf.admitted = admitted;
            assert!(shelf.decided.as_ref().unwrap().merges.is_empty(), "{source}");
            (why(&intent).to_owned(), shelf.stories())
        };
        assert_eq!(put("a", &x).1, 1);
        assert_eq!(put("b", &y).1, 2);
        assert_eq!(put("c", &format!("{x}{y}{more}")), ("insert".to_owned(), 3), "{admitted}");
        assert_eq!(put("d", &format!("Avec agence. {y}")).1, 3, "{admitted}");
        assert_eq!(put("e", &format!("(Agence) {x}")).1, 3, "{admitted}");
    }
}

#[test]
fn a_review_of_two_or_three_articles_is_a_copy_of_none() {
    for lengths in [&[300, 250][..], &[150, 100, 90]] {
        let mut shelf = Shelf { admitted: true, ..Shelf::default() };
        let texts: Vec<String> = lengths.iter().enumerate().map(|(n, length)| prose(1 + n, 0..*length)).collect();
        for (n, text) in texts.iter().enumerate() {
            shelf.put(article(&format!("s{n}"), "1", &format!("https://s{n}.example/1"), &format!("Titre {n}"), text));
            shelf.admitted = n == 0;
        }
        let more = prose(9, 0..if lengths.len() == 3 { 200 } else { 0 });
        let review = article("r", "1", "https://r.example/1", "Revue", &(texts.concat() + &more));
        assert_eq!(why(&shelf.put(review)), "insert", "{lengths:?}");
        assert_eq!(shelf.decided.unwrap().holds.len(), lengths.len(), "{lengths:?}");
    }
}

#[test]
fn a_notice_with_prices_that_papers_of_one_group_print_is_no_article() {
    let notice = "Cet article est réservé à nos abonnés. Profitez de toute l'information pour 1 euro le premier mois, puis \
                  9,99 euros par mois, sans engagement et résiliable en 24 heures. Vous avez déjà un compte ? Connectez-vous \
                  pour lire la suite de cet article sur tous vos écrans, ou appelez notre service au 03 88 21 55 66, du lundi \
                  au vendredi de 8 heures à 18 heures, pour toute question sur votre abonnement et sa formule.";
    let mut shelf = Shelf::default();
    for (n, source) in ["a", "b", "c", "a", "b", "c", "a", "a", "b"].into_iter().enumerate() {
        let title = format!("Conseil municipal de Trifouilly {}", prose(20 + n, 0..2));
        let url = format!("https://{source}.example/{n}");
        assert_eq!(why(&shelf.put(article(source, &n.to_string(), &url, &title, notice))), "insert", "{n}");
    }
}

#[test]
fn a_copy_of_a_beginning_makes_it_no_copy_of_the_whole() {
    for share in [150, 210, 270] {
        let mut shelf = Shelf::default();
        let whole = prose(1, 0..600);
        for (n, text) in
            [&prose(1, 0..share), &whole, &format!("(Agence) {}", prose(1, 0..share))].into_iter().enumerate()
        {
            shelf.put(article(&format!("s{n}"), "1", &format!("https://s{n}.example/1"), &format!("Titre {n}"), text));
            shelf.admitted = true;
        }
        assert_eq!(shelf.stories(), 2, "{share}: both stand");
        let Decision { merges, part_of, .. } = shelf.decided.unwrap();
        assert!(merges.is_empty() && part_of.is_some(), "{share}: it is a part of the whole, as the other is");
    }
}

#[test]
fn a_plea_that_papers_of_one_group_print_makes_no_two_articles_one() {
    // Of words alone: it names nothing.
    let plea: String =
        prose(7, 0..90).chars().map(|c| c.to_digit(10).map_or(c, |d| char::from(b'a' + d as u8))).collect();
    let mut shelf = Shelf::default();
    for n in 0..20 {
        let own = 92 + n % 5 * 4;
        assert_eq!(why(&shelf.put(episode(["a", "b", "c", "d", "e"][n % 5], n, own, &plea))), "insert", "{n}");
    }
    assert_eq!(why(&shelf.put(episode("c", 30, 40, &plea))), "insert", "it is known by now");
    // A copy with a new top shares more than it changes.
    let brief = |source, top: usize| {
        let text = format!("{}{}", prose(300 + top, 0..30), prose(8, 0..80));
        article(source, "1", &format!("https://{source}.example/brief"), &format!("Brève {top}"), &text)
    };
    shelf.put(brief("a", 1));
    assert!(matches!(shelf.put(brief("b", 2)), Intent::Join { kind: CopyKind::Copy, .. }));
}

#[test]
fn many_versions_of_one_dispatch_are_no_formula() {
    let dispatch = |n: usize, length: usize| {
        let text = format!("{}{}{}", prose(1, 0..length / 2), prose(20 + n, 0..40), prose(1, length / 2..length));
        article("a", &format!("v{n}"), &format!("https://a.example/v{n}"), &format!("Version {n}"), &text)
    };
    let plea = prose(7, 0..40);
    let other = |n: usize| episode("a", n, 150, &plea);
    let stories = |articles: Vec<Article>| {
        let mut shelf = Shelf { repeated: repeated_in(articles.iter().map(|a| &*a.text)), ..Shelf::default() };
        let inserted = articles.into_iter().filter(|a| why(&shelf.put(a.clone())) == "insert").count();
        (inserted, shelf.repeated.len())
    };
    assert_eq!(stories((0..5).map(|n| dispatch(n, 600)).collect()), (1, 0), "alone");
    let among = |length| (0..5).map(|n| dispatch(n, length)).chain((0..8).map(other)).collect();
    assert_eq!(stories(among(600)), (9, 36), "among others, which have a plea of their own");
    assert_eq!(stories(among(260)), (9, 36), "shorter ones too");
    // Nearly all have it: it is the formula of a source that says little else.
    assert_eq!(stories((0..12).map(|n| episode("a", n, 60, &prose(7, 0..400))).collect()), (12, 396));
}

#[test]
fn what_is_repeated_is_in_a_large_part_of_the_texts() {
    let repeated = |texts: &[String]| repeated_in(texts.iter().map(String::as_str)).len();
    let with = |n: usize, of: usize| -> Vec<String> {
        let own = |i: usize| prose(10 + i, 0..80);
        (0..of).map(|i| if i < n { format!("{}{}", own(i), prose(1, 0..50)) } else { own(i) }).collect()
    };
    assert_eq!([repeated(&with(3, 3)), repeated(&with(3, 8)), repeated(&with(4, 20))], [0; 3]);
    assert_eq!([repeated(&with(4, 4)), repeated(&with(4, 16)), repeated(&with(20, 35))], [46; 3]);
    assert_eq!(repeated(&vec![prose(1, 0..100); 50]), 0, "one text, however often");
}

#[test]
fn a_part_joins_as_an_excerpt_and_nothing_through_it() {
    let mut shelf = Shelf::default();
    let live = article("a", "live", "https://a.example/live", "Direct", &prose(1, 0..1500));
    shelf.put(live);
    let brief = article("b", "1", "https://b.example/1", "Brève", &prose(1, 300..400));
    let Intent::Join { kind, leads, why: said, .. } = shelf.put(brief) else { panic!("no excerpt") };
    assert_eq!((kind, leads, said.as_str()), (CopyKind::Excerpt, false, "1.00 of its text"));
    // Longer than the brief by half, and not in the live page: its own story.
    let own =
        article("c", "1", "https://c.example/1", "Article", &format!("{}{}", prose(1, 340..400), prose(2, 0..90)));
    assert_eq!(why(&shelf.put(own)), "insert");
    // Most of the brief with an end of its own: of which the live page has too little.
    let edited = format!("{}{}", prose(1, 300..350), prose(4, 0..45));
    let edited = shelf.put(article("f", "1", "https://f.example/1", "Brève", &edited));
    assert!(matches!(edited, Intent::Join { kind: CopyKind::Excerpt, leads: false, .. }), "{edited:?}");
    // The copy of an excerpt is an excerpt.
    let again = article("d", "1", "https://d.example/1", "Autre titre", &prose(1, 300..400));
    assert!(matches!(shelf.put(again), Intent::Join { kind: CopyKind::Excerpt, leads: false, .. }));
    // What holds older articles is its own story, and can say which they are.
    let short = article("e", "1", "https://e.example/1", "Court", &prose(5, 0..100));
    let long = article("f", "1", "https://f.example/1", "Long", &format!("{}{}", prose(6, 0..700), prose(5, 0..100)));
    shelf.put(short.clone());
    assert_eq!(why(&shelf.put(long)), "insert");
    let decided = shelf.decided.unwrap();
    assert_eq!((decided.holds, decided.merges), (vec![short.id], vec![]));
}

#[test]
fn a_page_of_whole_articles_is_none_of_them() {
    for of in [2, 3] {
        let mut shelf = Shelf::default();
        let whole = |n: usize| article("a", &n.to_string(), &format!("https://a.example/{n}"), "Un", &prose(n, 0..200));
        let all: String = (0..of).map(|n| prose(n, 0..200)).collect();
        (0..of).for_each(|n| drop(shelf.put(whole(n))));
        let page = article("b", "1", "https://b.example/1", "Les textes du jour", &format!("{all}{}", prose(9, 0..30)));
        assert_eq!(why(&shelf.put(page)), "insert");
        let mut held = shelf.decided.clone().unwrap().holds;
        held.sort();
        let mut wholes: Vec<ArticleId> = (0..of).map(|n| whole(n).id).collect();
        wholes.sort();
        assert_eq!(held, wholes);
        // Its own copy is one.
        let again = article("c", "1", "https://c.example/1", "Lire aussi", &all);
        let Intent::Join { story, kind, .. } = shelf.put(again) else { panic!("a copy of the page") };
        assert_eq!((story.as_str(), kind), (shelf.leads[of].0.as_str(), CopyKind::Copy));
    }
}

#[test]
fn articles_that_one_page_holds_are_not_one_in_whatever_order_they_come() {
    let said = |order: &str, [a, b]: [&str; 2]| {
        let mut shelf = Shelf::default();
        for (n, kind) in order.chars().enumerate() {
            let text = match kind {
                'A' => a.to_owned(),
                'B' => b.to_owned(),
                _ => format!("{a}{b}"),
            };
            shelf.put(article(&format!("s{n}"), "1", &format!("https://s{n}.example/1"), &format!("{kind}"), &text));
        }
        let of = |kind: &str| -> HashSet<&StoryId> {
            shelf.kept.iter().filter(|(a, ..)| a.title == kind).map(|(_, story, _)| story).collect()
        };
        assert_eq!((of("A").len(), of("B").len()), (1, 1), "{order}: one article, one story");
        assert!(of("A").is_disjoint(&of("B")), "{order}: two articles, two stories");
        // What is said to be a part of a story stands in what leads it.
        for (part, whole) in &shelf.wholes {
            let lead = &shelf.leads.iter().find(|(story, _)| story == whole).unwrap().1;
            let text = |id: &ArticleId| &shelf.kept.iter().find(|(a, ..)| a.id == *id).unwrap().0.text;
            assert!(text(lead).contains(text(part).trim()), "{order}");
        }
    };
    let orders = [
        "ABM", "AMB", "MAB", "BMA", "AABBM", "AMBM", "AMBAB", "AMBMAB", "MABAB", "MABMBA", "ABMAB", "ABMMBA", "AAMMBB",
    ];
    for (a, b) in [(250, 240), (250, 251), (260, 130)] {
        let (a, b) = (prose(1, 0..a), prose(2, 0..b));
        orders.into_iter().for_each(|order| said(order, [&a, &b]));
    }
}

#[test]
fn the_whole_text_is_shown_and_not_its_beginning() {
    let (whole, beginning) = (prose(1, 0..250), prose(1, 0..90));
    let intents = |first: &str, second: &str, rank: u32, admitted: bool| {
        let mut shelf = Shelf { admitted, ..Shelf::default() };
        shelf.put(article("a", "1", "https://a.example/1", "Un", first));
        let second = Article { rank, ..article("b", "1", "https://b.example/1", "Deux", second) };
        match shelf.put(second) {
            Intent::Join { kind, leads, .. } => Some((kind, leads)),
            _ => {
                assert_eq!(shelf.decided.unwrap().holds, [shelf.kept[0].0.id.clone()]);
                None
            }
        }
    };
    assert_eq!(intents(&whole, &beginning, 1, false), Some((CopyKind::Excerpt, false)), "whatever its rank");
    assert_eq!(intents(&beginning, &whole, 100, false), Some((CopyKind::Excerpt, true)));
    assert_eq!(intents(&beginning, &whole, 100, true), None, "it has been seen: both stand");
    let most = prose(1, 0..160);
    assert_eq!(intents(&most, &whole, 100, false), Some((CopyKind::Copy, true)), "half as long again");
    assert_eq!(intents(&most, &whole, 100, true), Some((CopyKind::Copy, false)));
    assert_eq!(intents(&prose(1, 0..180), &whole, 100, false), Some((CopyKind::Copy, false)));
    assert_eq!(intents(&beginning, &whole, 200, false), Some((CopyKind::Excerpt, true)), "in whatever order they come");
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
