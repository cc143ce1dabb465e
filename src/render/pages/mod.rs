//! Pages for browsers: one stylesheet, no script, nothing from elsewhere but the articles' own pictures.

mod digest;
mod error;
mod explain;
mod feed;
mod home;
mod layout;
mod personal;
mod search;
mod status;
mod story;
mod tags;

pub use digest::digest;
pub use error::error;
pub use explain::explain;
pub use feed::{Kind, feed};
pub use home::home;
pub use personal::{Chosen, Profile, personal, personal_title};
pub use search::{Found, Number, Piece, Search, search};
pub use status::{StatusRow, Work, status};
pub use story::story;
pub use tags::tags;

/// The stylesheet of all pages, served as `/style.css`.
pub const STYLE: &str = include_str!("../../../config/style.css");

/// The picture that stands for the site, served as `/favicon.ico`: our pages hold theirs, feed readers ask for it.
pub const ICON: &[u8] = include_bytes!("../../../config/favicon.ico");

/// What robots are asked to leave alone: pages that are made of what is asked, one for each thing that can be.
#[must_use]
pub fn robots(site: &super::Site) -> String {
    let asked = ["for?", "for.", "search?", "search.", "explain/", "hub/"];
    let lines = asked.map(|path| match path.strip_suffix('?') {
        Some(path) => format!("Disallow: {}?\n", site.local(path)),
        None => format!("Disallow: {}\n", site.local(path)),
    });
    format!("User-agent: *\n{}", lines.concat())
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;
    use crate::model::{Edition, EditionEntry, HealthState, ShownBody};
    use crate::render::sample::{edition, entry, hostile, site};
    use crate::text::tag;

    /// An `audio` has no height of its own: `auto` would be none.
    #[test]
    fn what_can_only_be_heard_can_be_seen() {
        let auto: Vec<&str> = STYLE.lines().filter(|rule| rule.contains("height: auto")).collect();
        assert!(!auto.is_empty() && !auto.iter().any(|rule| rule.contains("audio")), "{auto:?}");
    }

    /// Where each part begins, which must be in this order.
    fn in_order(page: &str, parts: &[&str]) {
        let mut from = 0;
        for part in parts {
            let found = page[from..].find(part).unwrap_or_else(|| panic!("no {part} after {from} in {page}"));
            from += found + part.len();
        }
    }

    #[test]
    fn a_story_reads_from_hashtags_to_what_to_read_next() {
        let page = story(&site(), Paris, &entry("fr"), "Recommandé pour vous", &[]);
        in_order(
            &page,
            &[
                "<html lang=\"fr\" dir=\"ltr\">",
                "<a rel=\"tag\" href=\"/tag/liberation_palestine\"><bdi>#Libération_Palestine</bdi></a>",
                "Agence Sud",
                "<h1>L’étau &amp; la « trêve » &lt; demain</h1>",
                "Le chapô, &lt;em&gt;tel quel&lt;/em&gt;.",
                "Source\u{a0}: <a href=\"https://agence-sud.example/a?x=1&amp;y=2\">",
                "<time datetime=\"2026-11-23T13:30:00+01:00\">23\u{a0}novembre 2026, 13:30</time>",
                "<p>Le corps ]]&gt; de l’article</p>",
                "Également publié par",
                "/tag/liberation_palestine",
                "<aside class=\"recommended\" aria-labelledby=\"recommended\"><h2 id=\"recommended\">Recommandé pour vous</h2>",
                "<a href=\"/story/cccccccccccccccc\">Après la trêve</a>",
                "en commun",
            ],
        );
    }

    #[test]
    fn a_tag_without_a_page_is_shown_and_leads_nowhere() {
        for page in [
            story(&site(), Paris, &entry("fr"), "", &[]),
            feed(&site(), Paris, &edition("fr", vec![entry("fr")]), Kind::All),
        ] {
            assert!(page.contains("<span><bdi>#تحرير</bdi></span>") && !page.contains("/tag/تحرير"), "{page}");
        }
    }

    #[test]
    fn a_story_leads_to_who_tells_the_same_event_and_to_a_feed_of_ones_own() {
        let mut entry = entry("fr");
        let told = entry.recommended.clone();
        let other = told[0].clone();
        entry.recommended.push(crate::model::Recommendation {
            story: entry.story.clone(),
            title: "Autre".into(),
            ..other
        });
        let page = story(&site(), Paris, &entry, "Recommandé pour vous", &told);
        in_order(
            &page,
            &[
                "<a rel=\"nofollow\" href=\"/for?like=aaaaaaaaaaaaaaaa\">Plus d’articles comme celui-ci</a>",
                "<a rel=\"nofollow\" href=\"/for?less=aaaaaaaaaaaaaaaa\">",
                "<a rel=\"nofollow\" href=\"/for?tags=liberation_palestine\">Suivre <bdi>#Libération_Palestine</bdi></a>",
                "<h2 id=\"alongside\">Aussi sur ce sujet</h2>",
                "<a href=\"/story/cccccccccccccccc\">Après la trêve</a>",
                "Le Monde d’après",
                "<h2 id=\"recommended\">Recommandé pour vous</h2><ul><li><a href=\"/story/aaaaaaaaaaaaaaaa\">Autre</a>",
            ],
        );
        assert_eq!(page.matches("Après la trêve").count(), 1, "what stands above is not said again: {page}");
    }

    #[test]
    fn a_text_of_others_names_its_original_to_search_engines() {
        let page = story(&site(), Paris, &entry("fr"), "", &[]);
        assert!(page.contains("<link rel=\"canonical\" href=\"https://agence-sud.example/a?x=1&amp;y=2\">"));
        assert!(page.contains("<meta name=\"robots\" content=\"noindex\">"));
        let ours = EditionEntry { url: Some("https://feeds.example.org/ours".into()), ..entry("fr") };
        assert!(!story(&site(), Paris, &ours, "", &[]).contains("noindex"));
    }

    #[test]
    fn a_shared_story_shows_its_title_and_picture_and_a_text_its_headings_below() {
        let mut e = entry("fr");
        e.body =
            ShownBody::Full(crate::model::CleanHtml::vouched("<h1>Un</h1><h2 id=\"a\">Deux</h2><h6>Six</h6>".into()));
        e.image = Some(crate::model::Image { url: "https://a.example/1.jpg".into(), ..Default::default() });
        let page = story(&site(), Paris, &e, "", &[]);
        in_order(
            &page,
            &[
                "<meta property=\"og:title\" content=",
                "<meta property=\"og:description\"",
                "<meta property=\"og:image\" content=\"https://a.example/1.jpg\">",
                "<h2>Un</h2><h3 id=\"a\">Deux</h3><h6>Six</h6>",
            ],
        );
        assert_eq!(page.matches("<h1").count(), 1);
    }

    #[test]
    fn an_excerpt_sends_its_reader_to_the_original() {
        let cut = EditionEntry { body: ShownBody::Excerpt("Premières lignes.".into()), ..entry("fr") };
        in_order(
            &story(&site(), Paris, &cut, "", &[]),
            &["<p>Premières lignes.</p>", "Lire l’article sur Agence Sud</a>"],
        );
    }

    #[test]
    fn arabic_runs_from_right_to_left_wherever_it_stands() {
        let own = story(&site(), Paris, &entry("ar"), "موصى به لك", &[]);
        in_order(&own, &["<html lang=\"ar\" dir=\"rtl\">", "المصدر: ", "23\u{a0}نوفمبر 2026"]);
        let among = feed(&site(), Paris, &edition("fr", vec![entry("fr"), entry("ar")]), Kind::Feed);
        in_order(&among, &["<article class=\"card\"><p", "<article class=\"card\" lang=\"ar\" dir=\"rtl\">", "نوفمبر"]);
    }

    #[test]
    fn a_tags_page_offers_its_three_feeds() {
        let edition = Edition { title: "Libération_Palestine".into(), ..edition("fr", Vec::new()) };
        let page = feed(&site(), Paris, &edition, Kind::Tag);
        for (ending, kind) in [("rss", "rss+xml"), ("atom", "atom+xml"), ("json", "feed+json")] {
            let href = format!("https://feeds.example.org/tag/liberation_palestine.{ending}");
            assert!(page.contains(&format!("<link rel=\"alternate\" type=\"application/{kind}\"")), "{page}");
            assert!(page.contains(&format!("href=\"{href}\">")), "{page}");
        }
        in_order(&page, &["<title>#Libération_Palestine · Perspectives</title>", "#Libération_<wbr>Palestine</h1>"]);
        assert!(page.contains("Aucun article"));
    }

    #[test]
    fn no_page_needs_more_than_the_policy_allows_nor_lets_markup_in() {
        let tags_list = [(tag("Gaza").unwrap(), 3)];
        let row = StatusRow {
            name: "x".into(),
            outlet: "<script>".into(),
            url: Some("javascript:alert(1)".into()),
            state: HealthState::Broken,
            since: None,
            error: Some("<script>".into()),
            failures: 3,
            polled: None,
            next: None,
            articles: 1,
            entries: None,
            unchanged: None,
            proposal: Some("<script>".into()),
        };
        let (site, edition) = (site(), edition("fr", vec![hostile()]));
        let mistake = crate::model::Mistake::new(0..1, "<script>").hint("<script>");
        let stories = [(hostile(), Some(vec![("<script>".into(), true), ("<b>bold".into(), false)]))];
        let found = Found {
            stories: &stories,
            number: Number::About(3),
            looked: Some(9),
            filling: true,
            feed: Some("search?q=%3Cscript%3E"),
            before: None,
            after: Some("search?q=%3Cscript%3E&page=2".into()),
        };
        let pages = [
            home(&site, Paris, &[("<script>".into(), "a\"b".into())], &tags_list, &edition),
            feed(&site, Paris, &edition, Kind::All),
            story(&site, Paris, &edition.entries[0], "<script>", &edition.entries[0].recommended),
            tags(&site, &tags_list),
            status(&site, Paris, &[row], &[Work::Feed("<script>")]),
            error(&site, 404),
            search(&site, Paris, &Search { query: "\"><script>", mistakes: &[mistake], found: Some(found) }),
        ];
        for page in pages {
            for bad in ["<script", "style=\"", "onerror", "javascript:", "\u{8}", "<b>bold"] {
                assert!(!page.contains(bad), "{bad} in {page}");
            }
            assert!(page.contains("<link rel=\"stylesheet\" href=\"/style.css?v="));
        }
    }

    fn row(name: &str, outlet: &str, url: &str) -> StatusRow {
        StatusRow {
            name: name.into(),
            outlet: outlet.into(),
            url: Some(url.into()),
            state: HealthState::Ok,
            since: None,
            error: None,
            failures: 0,
            polled: None,
            next: None,
            articles: 1,
            entries: Some(20),
            unchanged: Some(97),
            proposal: None,
        }
    }

    #[test]
    fn a_source_without_a_name_for_people_is_called_as_in_the_file() {
        let rows = [
            row("le-phare", "blogs.example", "https://blogs.example/"),
            row("sud", "Agence Sud", "https://sud.example/"),
        ];
        let page = status(&site(), Paris, &rows, &[]);
        assert!(page.contains("<a href=\"https://blogs.example/\"><bdi>le-phare</bdi></a></th>"), "{page}");
        assert!(page.contains("<bdi>Agence Sud</bdi></a> <code>sud</code>"), "{page}");
        let changes = "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"Changements d’état\" href=\"https://feeds.example.org/status.atom\">";
        assert!(page.contains(changes) && page.contains(">97\u{a0}%<"), "{page}");
    }

    #[test]
    fn robots_leave_alone_what_is_made_as_it_is_asked_for() {
        let said = robots(&site());
        assert!(
            said.starts_with("User-agent: *\nDisallow: /for?\n") && said.contains("Disallow: /explain/\n"),
            "{said}"
        );
        assert!(!said.lines().any(|line| matches!(line, "Disallow: /" | "Disallow: /for")), "{said}");
    }

    #[test]
    fn the_icon_is_an_address() {
        let page = tags(&site(), &[]);
        let icon = page.split_once("rel=\"icon\" href=\"").and_then(|(_, rest)| rest.split_once('"')).unwrap().0;
        assert!(icon.starts_with("data:image/svg+xml,") && !icon.contains(' '), "{icon}");
    }

    #[test]
    fn a_card_names_who_else_tells_the_story_each_once() {
        let mut e = entry("fr");
        let other = |name: &str| {
            let mut copy = e.others[0].clone();
            copy.outlet.name = name.into();
            copy
        };
        let others: Vec<_> = ["A", "B", "A", "Agence Sud", "C", "D", "E"].map(other).into();
        e.others = others;
        let page = feed(&site(), Paris, &edition("fr", vec![e]), Kind::Feed);
        in_order(
            &page,
            &["Également publié par <bdi>A</bdi>, <bdi>B</bdi>, <bdi>C</bdi> <bdi dir=\"ltr\">+2</bdi></span>"],
        );
    }
}
