//! What is said around a text, in feeds and on pages alike: whose it is, who else tells it, what to read next.

use chrono_tz::Tz;
use maud::{Markup, PreEscaped, html};
use url::Url;

use super::words::{Words, words};
use super::{Site, dates, plain};
use crate::model::{
    CopyKind, Digest, Direction, Edition, EditionEntry, Image, Lang, Outlet, Recommendation, ShownBody, Why,
};
use crate::text::markup::{Markup as Tag, MarkupKind, attributes, next_markup};
use crate::text::{Phrase, phrase, picture_key};

/// Names of other outlets that are listed.
const OTHERS: usize = 20;
/// Shared tags or terms that are given as the reason of a recommendation.
const REASONS: usize = 3;

/// An address as it may stand in a link: `http` or `https`, in ASCII. Nothing else leaves the house.
pub(super) fn href(raw: &str) -> Option<String> {
    let url = Url::parse(raw.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

/// A language and a direction to set on an element, as far as they are not those around it.
pub(super) fn turned<'a>(around: &Lang, here: &'a Lang) -> (Option<&'a str>, Option<&'static str>) {
    let other = around.primary() != here.primary();
    let turns = around.direction() != here.direction();
    (other.then_some(here.as_str()), turns.then(|| here.direction().as_str()))
}

/// The body of an entry in a feed: credit, standfirst, picture, text, the other outlets, what to read next. Our own words
/// are in the feed's language, whatever the entry's.
pub(super) fn in_feed(entry: &EditionEntry, edition: &Edition, site: &Site) -> String {
    let ours = &edition.lang;
    let (lang, dir) = turned(&entry.lang, ours);
    let content = html! {
        p lang=[lang] dir=[dir] { (credit(entry, ours)) }
        @if let Some(standfirst) = standfirst(entry) { (standfirst) }
        (text(entry))
        @if let Some(line) = read_at(entry, ours) { p lang=[lang] dir=[dir] { (line) } }
        @for line in also(entry, ours) { p lang=[lang] dir=[dir] { small { (line) } } }
        @if site.recommended_in_body && !entry.recommended.is_empty() {
            aside.recommended lang=[lang] dir=[dir] {
                h2 { (edition.recommended_heading) }
                (recommended(&entry.recommended, ours, Tz::UTC, |r| original(r, site)))
            }
        }
    };
    // Readers set text from left to right unless told.
    match entry.lang.direction() {
        Direction::Ltr => content.into_string(),
        Direction::Rtl => html! { div lang=(entry.lang) dir="rtl" { (content) } }.into_string(),
    }
}

/// The body of a digest in a feed.
pub(super) fn digest_in_feed(digest: &Digest, edition: &Edition) -> String {
    let content = self::digest(digest, &edition.lang, |entry| entry.page.clone());
    match edition.lang.direction() {
        Direction::Ltr => content.into_string(),
        Direction::Rtl => html! { div lang=(edition.lang) dir="rtl" { (content) } }.into_string(),
    }
}

/// The stories of a digest: each by its title, which leads to the original, then whose it is, who else tells it, our page of
/// it, and as much of its text as may be shown.
pub(super) fn digest(digest: &Digest, ours: &Lang, page: impl Fn(&EditionEntry) -> String) -> Markup {
    html! {
        @for entry in &digest.entries {
            @let (lang, dir) = turned(ours, &entry.lang);
            @let page = page(entry);
            @let original = entry.url.as_deref().and_then(href).unwrap_or_else(|| page.clone());
            section {
                h2 lang=[lang] dir=[dir] { a href=(original) { (plain::title_or_words(entry)) } }
                p {
                    (credit(entry, ours))
                    @for line in also(entry, ours) { " · " (line) }
                    @if !entry.hidden { " · " a href=(page) { (words(ours).here) } }
                }
                @match &entry.body {
                    ShownBody::Full(_) => { div lang=[lang] dir=[dir] { @if let Some(s) = standfirst(entry) { (s) } (text(entry)) } }
                    _ => { @if let Some(summary) = plain::summary(entry) { p lang=[lang] dir=[dir] { (summary) } } }
                }
            }
        }
    }
}

/// The standfirst, unless the text begins with it.
pub(super) fn standfirst(entry: &EditionEntry) -> Option<Markup> {
    let standfirst = entry.standfirst.as_deref().filter(|s| !s.trim().is_empty())?;
    (!plain::begins_with_standfirst(entry)).then(|| html! { p.standfirst { strong { (standfirst) } } })
}

/// The picture and as much of the text as may be shown, in the entry's language.
pub(super) fn text(entry: &EditionEntry) -> Markup {
    html! {
        @if let Some(image) = entry.image.as_ref().filter(|i| !shows(&entry.body, i)) { (picture(image)) }
        @match &entry.body {
            // Many feeds give a bare line of text: it is a paragraph all the same.
            ShownBody::Full(html) if plain::is_one_line(html) => { p { (PreEscaped(html.as_str())) } }
            ShownBody::Full(html) => { (PreEscaped(html.as_str())) }
            ShownBody::Excerpt(excerpt) => {
                @for line in excerpt.lines().filter(|l| !l.trim().is_empty()) { p { (line) } }
            }
            ShownBody::Nothing => {}
        }
    }
}

/// Whether a body already shows a picture, in whatever size.
fn shows(body: &ShownBody, image: &Image) -> bool {
    let ShownBody::Full(html) = body else { return false };
    let Some(key) = picture_key(&image.url) else { return false };
    // Most addresses need no closer look.
    let name = key.split('?').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let name = if name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) { name } else { "" };
    let may_be = |address: &String| address.contains(name);
    pictures(html.as_str()).filter(may_be).any(|address| picture_key(&address).is_some_and(|shown| shown == key))
}

/// The addresses of the pictures of a body, those before a video too, and of what it leads to: that may be the whole picture.
fn pictures(html: &str) -> impl Iterator<Item = String> {
    let mut at = 0;
    let tags = std::iter::from_fn(move || {
        let tag = next_markup(html, at)?;
        at = tag.end;
        Some(tag)
    });
    let shown = |tag: &Tag<'_>, attribute: &str| {
        matches!((tag.name, attribute), ("img", "src") | ("video", "poster") | ("a", "href"))
    };
    tags.filter(|tag| tag.kind == MarkupKind::Open && matches!(tag.name, "img" | "video" | "a")).flat_map(move |tag| {
        let found = attributes(html, &tag).into_iter().filter(move |(name, _)| shown(&tag, name));
        found.map(|(_, value)| value.replace("&amp;", "&")).collect::<Vec<_>>()
    })
}

/// A picture on its own.
pub(super) fn picture(image: &Image) -> Markup {
    html! {
        @if let Some(src) = href(&image.url) {
            figure {
                img src=(src) alt=(image.alt.as_deref().unwrap_or("")) width=[image.width] height=[image.height];
            }
        }
    }
}

/// Whose text it is, with the link to the original, and whom they had it from.
pub(super) fn credit(entry: &EditionEntry, ours: &Lang) -> Markup {
    let words = words(ours);
    let outlet = linked(&entry.outlet.name, entry.url.as_deref().or(entry.outlet.url.as_deref()));
    let origin = other_origin(entry);
    html! {
        @if origin.is_none() { (phrase(Phrase::Source, ours)) (words.colon) }
        (outlet)
        @for name in entry.byline.iter().filter(|b| **b != entry.outlet.name) { (words.comma) " " bdi { (name) } }
        @if let Some(origin) = origin {
            " · " (phrase(Phrase::Source, ours)) (words.colon) (linked(&origin.name, origin.url.as_deref()))
        }
    }
}

/// The outlet that a text was taken over from, where that is another one than it is credited to.
pub(super) fn other_origin(entry: &EditionEntry) -> Option<&Outlet> {
    entry.origin.as_ref().filter(|o| !o.name.is_empty() && o.name != entry.outlet.name)
}

/// The link to the whole article, where less than all of it is shown.
pub(super) fn read_at(entry: &EditionEntry, ours: &Lang) -> Option<Markup> {
    let url = href(entry.url.as_deref()?)?;
    let cut = !matches!(entry.body, ShownBody::Full(_));
    cut.then(|| html! { a href=(url) { (phrase(Phrase::ReadAt, ours)) " " (entry.outlet.name) } })
}

/// Who else tells it, whole or in part, each outlet once; and of what it is a part itself. A line each.
pub(super) fn also(entry: &EditionEntry, ours: &Lang) -> Vec<Markup> {
    let words = words(ours);
    let mut named = vec![entry.outlet.name.as_str()];
    let mut outlets = |excerpts: bool| {
        let mut others = Vec::new();
        for other in entry.others.iter().filter(|o| (o.kind == CopyKind::Excerpt) == excerpts) {
            let name = other.outlet.name.as_str();
            if !name.is_empty() && !named.contains(&name) && others.len() < OTHERS {
                named.push(name);
                others.push(linked(name, other.url.as_deref()));
            }
        }
        others
    };
    let lists = [(Phrase::AlsoPublishedBy, outlets(false)), (Phrase::ExcerptIn, outlets(true))];
    let line = |(said, others): &(Phrase, Vec<Markup>)| {
        html! {
            (phrase(*said, ours)) " "
            @for (i, other) in others.iter().enumerate() { @if i > 0 { (words.comma) " " } (other) }
        }
    };
    let mut lines: Vec<Markup> = lists.iter().filter(|(_, others)| !others.is_empty()).map(line).collect();
    lines.extend(entry.excerpt_of.as_ref().map(|whole| {
        html! {
            (phrase(Phrase::ExcerptOf, ours)) " " (linked(&whole.title, whole.url.as_deref()))
            " (" bdi { (whole.outlet.name) } ")"
        }
    }));
    lines
}

/// Where a recommendation leads in a feed: to the original, to our page where there is none.
pub(super) fn original(r: &Recommendation, site: &Site) -> String {
    let original = r.url.as_deref().and_then(href);
    original.unwrap_or_else(|| site.address(&format!("story/{}", r.story)))
}

/// What to read next, each with the reason.
pub(super) fn recommended(
    list: &[Recommendation],
    ours: &Lang,
    tz: Tz,
    to: impl Fn(&Recommendation) -> String,
) -> Markup {
    let words = words(ours);
    html! {
        ul {
            @for r in list {
                @let (lang, dir) = r.lang.as_ref().map_or((None, None), |l| turned(ours, l));
                li {
                    a href=(to(r)) lang=[lang] dir=[dir] { (title_of(r)) }
                    // Readers drop the classes and show one line; our pages set it in two and hide the dash.
                    span.dash { " — " }
                    span.where {
                        bdi { (r.outlet) } (words.comma) " " (dates::day(r.date, tz, words))
                        @if let Some(reason) = reason(&r.why, words) { " " small { "(" (reason) ")" } }
                    }
                }
            }
        }
    }
}

/// A recommendation's title; its outlet where it has none.
pub(super) fn title_of(r: &Recommendation) -> &str {
    if r.title.is_empty() { &r.outlet } else { &r.title }
}

/// Why something is recommended: `en commun : #Libération_Palestine, #Gaza`.
fn reason(why: &Why, words: &Words) -> Option<Markup> {
    let tags = why.tags.iter().map(|t| format!("#{t}"));
    let shared: Vec<String> = match why.tags.is_empty() {
        false => tags.take(REASONS).collect(),
        true => why.terms.iter().take(REASONS).cloned().collect(),
    };
    (!shared.is_empty()).then(|| {
        html! {
            (words.shared) (words.colon)
            @for (i, one) in shared.iter().enumerate() { @if i > 0 { (words.comma) " " } bdi { (one) } }
        }
    })
}

fn linked(name: &str, url: Option<&str>) -> Markup {
    html! {
        @match url.and_then(href) {
            Some(href) => { a href=(href) { bdi { (name) } } }
            None => { bdi { (name) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CleanHtml;
    use crate::render::sample::{edition, entry, site};

    fn body(entry: &EditionEntry) -> String {
        in_feed(entry, &edition("fr", Vec::new()), &site())
    }

    #[test]
    fn credits_the_outlet_first_and_recommends_last() {
        let html = body(&entry("fr"));
        let at = |part: &str| html.find(part).unwrap_or_else(|| panic!("no {part} in {html}"));
        assert!(html.starts_with(
            "<p>Source\u{a0}: <a href=\"https://agence-sud.example/a?x=1&amp;y=2\"><bdi>Agence Sud</bdi></a>"
        ));
        assert!(at("Le chapô") < at("<p>Le corps"));
        assert!(
            at("<p>Le corps") < at("Également publié par <a href=\"https://copie.example/1\"><bdi>Copie</bdi></a>")
        );
        assert!(at("Également") < at("<aside class=\"recommended\"><h2>Recommandé pour vous</h2><ul><li>"));
        assert!(html.contains("</a>, <bdi>Salma Éluard</bdi></p>"), "{html}");
        assert!(html.contains("(en commun\u{a0}: <bdi>#Libération_Palestine</bdi>)"), "{html}");
        assert!(
            html.contains("<bdi>Le Monde d’après</bdi>, <time datetime=\"2026-11-20T08:00:00Z\">20\u{a0}novembre 2026")
        );
    }

    #[test]
    fn a_text_from_right_to_left_says_so_and_our_words_turn_back() {
        let html = body(&entry("ar"));
        assert!(html.starts_with("<div lang=\"ar\" dir=\"rtl\"><p lang=\"fr\" dir=\"ltr\">Source"), "{html}");
        assert!(html.contains("<aside class=\"recommended\" lang=\"fr\" dir=\"ltr\">"), "{html}");
        assert!(!body(&entry("fr")).contains("dir="));
    }

    #[test]
    fn names_the_outlet_that_a_text_was_taken_over_from() {
        let origin = Outlet { name: "Reuters".into(), url: None };
        let html = body(&EditionEntry { origin: Some(origin), ..entry("fr") });
        assert!(html.contains("<bdi>Salma Éluard</bdi> · Source\u{a0}: <bdi>Reuters</bdi></p>"), "{html}");
    }

    #[test]
    fn shows_no_more_than_may_be_shown() {
        let cut = EditionEntry { body: ShownBody::Excerpt("Premières <lignes>.\nSuite.".into()), ..entry("fr") };
        let html = body(&cut);
        assert!(html.contains("<p>Premières &lt;lignes&gt;.</p><p>Suite.</p>"), "{html}");
        assert!(html.contains("Lire l’article sur Agence Sud</a>"), "{html}");
        assert!(!html.contains("Le corps"));
    }

    #[test]
    fn a_bare_line_of_text_is_a_paragraph() {
        let with = |html: &str| {
            let full = ShownBody::Full(CleanHtml::vouched(html.into()));
            body(&EditionEntry { body: full, standfirst: None, image: None, ..entry("fr") })
        };
        assert!(with("Un <em>billet</em>.<br>Deux lignes.").contains("<p>Un <em>billet</em>.<br>Deux lignes.</p>"));
        for blocks in ["<p>Un.</p>", "Un.<p>Deux.</p>", "Un.<ul><li>x</li></ul>", "<picture></picture>", " "] {
            assert!(!with(blocks).contains(&format!("<p>{blocks}")), "{blocks}");
        }
    }

    #[test]
    fn a_picture_stands_once() {
        let mut e = entry("fr");
        e.image = Some(Image { url: "https://agence-sud.example/p/photo-1.jpg?w=800&h=1".into(), ..Image::default() });
        assert_eq!(body(&e).matches("photo-1.jpg").count(), 1);
        let shown = "<p><img src=\"https://agence-sud.example/p/photo-1.jpg?w=800&amp;h=1\"></p>";
        e.body = ShownBody::Full(CleanHtml::vouched(shown.into()));
        assert_eq!(body(&e).matches("photo-1.jpg").count(), 1);
        for (variant, times) in [
            ("https://agence-sud.example/p/photo-1-1024x683.jpg", 1),
            ("https://i0.wp.com/agence-sud.example/p/photo-1.jpg?resize=640%2C427&amp;ssl=1", 1),
            ("https://agence-sud.example/2025/photo-1.jpg", 2),
        ] {
            let shown = format!("<p>Un.</p><figure><img src=\"{variant}\" alt=\"\"></figure>");
            e.body = ShownBody::Full(CleanHtml::vouched(shown));
            assert_eq!(body(&e).matches("<img").count(), times, "{variant}");
        }
    }

    #[test]
    fn hostile_names_and_addresses_stay_text() {
        let mut e = entry("fr");
        e.outlet.name = "<script>alert(1)</script>".into();
        e.url = Some("javascript:alert(1)".into());
        e.outlet.url = None;
        e.others[0].url = Some("data:text/html,x".into());
        let html = body(&e);
        assert!(!html.contains("<script>") && !html.contains("javascript:") && !html.contains("data:text"), "{html}");
    }
}
