//! A feed for one reader, whose address is its profile, and the links that build it.

use chrono_tz::Tz;
use maud::{Markup, html};

use super::feed;
use super::layout::{self, Head};
use crate::model::{Edition, Lang, StoryId, Tag};
use crate::render::Site;
use crate::render::words::personal::{self as own_words, Personal};
use crate::render::words::words;

/// A story of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The story.
    pub story: StoryId,
    /// What it is called.
    pub title: String,
}

/// What a reader wants to read, and what was asked for besides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The hashtags followed, by key.
    pub tags: Vec<Tag>,
    /// Stories that more should be like, by id.
    pub like: Vec<Chosen>,
    /// Stories that less should be like, by id.
    pub less: Vec<Chosen>,
    /// What is not known, or is too much.
    pub unknown: Vec<String>,
}

impl Profile {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.like.is_empty() && self.less.is_empty()
    }

    /// The one path of this profile: its parts in order, whatever order they were given in.
    #[must_use]
    pub fn path(&self) -> String {
        let encoded = |part: &str| url::form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
        let list = |name: &str, mut parts: Vec<String>| {
            parts.sort_unstable();
            parts.dedup();
            (!parts.is_empty()).then(|| format!("{name}={}", parts.join(",")))
        };
        let ids = |chosen: &[Chosen]| chosen.iter().map(|c| c.story.to_string()).collect();
        let parts = [
            list("tags", self.tags.iter().map(|tag| encoded(tag.key())).collect()),
            list("like", ids(&self.like)),
            list("less", ids(&self.less)),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "for".to_owned() } else { format!("for?{}", parts.join("&")) }
    }

    /// The same with a story liked, or not; what was said of it before is taken back.
    fn with_story(&self, story: &StoryId, liked: bool) -> Self {
        let mut new = self.without_story(story);
        let list = if liked { &mut new.like } else { &mut new.less };
        list.push(Chosen { story: story.clone(), title: String::new() });
        new
    }

    fn without_story(&self, story: &StoryId) -> Self {
        let others = |list: &[Chosen]| list.iter().filter(|c| c.story != *story).cloned().collect();
        Self { like: others(&self.like), less: others(&self.less), ..self.clone() }
    }

    fn with_tag(&self, tag: &Tag) -> Self {
        let mut new = self.without_tag(tag);
        new.tags.push(tag.clone());
        new
    }

    fn without_tag(&self, tag: &Tag) -> Self {
        Self { tags: self.tags.iter().filter(|t| *t != tag).cloned().collect(), ..self.clone() }
    }
}

/// The links that build a profile of a story, or go on building one: more like this, less like this, follow its hashtags.
pub(super) fn choices(site: &Site, profile: &Profile, story: &StoryId, tags: &[Tag], words: &Personal) -> Markup {
    let to = |profile: Profile| site.local(&profile.path());
    html! {
        p.choices {
            a rel="nofollow" href=(to(profile.with_story(story, true))) { (words.more) }
            " · " a rel="nofollow" href=(to(profile.with_story(story, false))) { (words.less) }
            @for tag in tags.iter().filter(|tag| !profile.tags.contains(tag)) {
                " · " a rel="nofollow" href=(to(profile.with_tag(tag))) { (words.follow) " " bdi { "#" (tag.shown()) } }
            }
        }
    }
}

/// What a personal feed is called.
#[must_use]
pub fn personal_title(lang: &Lang) -> &'static str {
    own_words::personal(lang, lang).title
}

/// The page of a personal feed: what its profile is made of, each part with a link that takes it away; the three feeds; its
/// stories, each with links that go on. An empty profile shows how to begin.
#[must_use]
pub fn personal(site: &Site, tz: Tz, profile: &Profile, edition: &Edition) -> String {
    let (usual, own) = (words(&site.lang), own_words::personal(&site.lang, &site.lang));
    let head = Head {
        lang: &site.lang,
        title: own.title,
        description: None,
        canonical: None,
        // One page for each profile: endless for a robot.
        noindex: true,
        feed: (!profile.is_empty()).then_some((own.title, edition.path.as_str())),
        atom: None,
    };
    let content = html! {
        header.feed {
            h1 { (own.title) }
            @if profile.is_empty() { p.description { (own.begin) } } @else { (layout::subscribe(site, &edition.path, usual)) }
        }
        (made_of(site, profile, own, usual.colon))
        @if !profile.is_empty() && edition.entries.is_empty() { p.empty { (usual.empty) } }
        @for entry in &edition.entries {
            (feed::card(site, tz, &edition.lang, entry, None))
            (choices(site, profile, &entry.story, &entry.tags, own))
        }
    };
    layout::page(site, &head, usual, &content)
}

/// What a story is called; its id where it has no title.
fn title_of(chosen: &Chosen) -> &str {
    if chosen.title.is_empty() { chosen.story.as_str() } else { &chosen.title }
}

fn made_of(site: &Site, profile: &Profile, words: &Personal, colon: &str) -> Markup {
    let lists = [(words.like, &profile.like), (words.unlike, &profile.less)];
    let away =
        |rest: Profile| html! { " " a rel="nofollow" href=(site.local(&rest.path())) { "(" (words.remove) ")" } };
    html! {
        @if !profile.is_empty() || !profile.unknown.is_empty() {
            ul.profile {
                @for tag in &profile.tags {
                    li {
                        (words.tags) (colon) a rel="tag" href=(site.local(&format!("tag/{}", tag.key()))) { bdi { "#" (tag.shown()) } }
                        (away(profile.without_tag(tag)))
                    }
                }
                @for (heading, list) in lists {
                    @for chosen in list {
                        li {
                            (heading) (colon)
                            a href=(site.local(&format!("story/{}", chosen.story))) { bdi { (title_of(chosen)) } }
                            (away(profile.without_story(&chosen.story)))
                        }
                    }
                }
                @if !profile.unknown.is_empty() {
                    li.note {
                        (words.unknown) (colon)
                        @for (i, part) in profile.unknown.iter().enumerate() { @if i > 0 { ", " } bdi { (part) } }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Paris;

    use super::*;
    use crate::render::sample::{edition, entry, site};
    use crate::text::tag;

    fn chosen(id: &str) -> Chosen {
        Chosen { story: StoryId::parse(&id.repeat(16)).unwrap(), title: format!("Titre <{id}>") }
    }

    fn profile() -> Profile {
        Profile {
            tags: vec![tag("تحرير").unwrap(), tag("Gaza").unwrap()],
            like: vec![chosen("c"), chosen("b"), chosen("b")],
            less: vec![chosen("d")],
            unknown: vec!["<script>".into()],
        }
    }

    #[test]
    fn a_profile_has_one_path() {
        let path =
            "for?tags=%D8%AA%D8%AD%D8%B1%D9%8A%D8%B1,gaza&like=bbbbbbbbbbbbbbbb,cccccccccccccccc&less=dddddddddddddddd";
        assert_eq!(profile().path(), path);
        assert_eq!(Profile::default().path(), "for");
        let gaza = tag("Gaza").unwrap();
        assert_eq!(Profile::default().with_tag(&gaza).with_tag(&gaza).path(), "for?tags=gaza");
        let turned = profile().with_story(&chosen("b").story, false);
        assert!(
            turned.path().ends_with("&like=cccccccccccccccc&less=bbbbbbbbbbbbbbbb,dddddddddddddddd"),
            "{}",
            turned.path()
        );
    }

    #[test]
    fn the_page_shows_what_it_is_made_of_with_links_that_take_it_away_and_go_on() {
        let profile = profile();
        let shown = Edition { path: profile.path(), ..edition("fr", vec![entry("fr")]) };
        let page = personal(&site(), Paris, &profile, &shown);
        for part in [
            "<meta name=\"robots\" content=\"noindex\">",
            "for.rss?tags=%D8%AA%D8%AD%D8%B1%D9%8A%D8%B1,gaza&amp;like=",
            "Titre &lt;c&gt;",
            "&lt;script&gt;",
            "(retirer)",
            "href=\"/for?tags=%D8%AA%D8%AD%D8%B1%D9%8A%D8%B1&amp;like=bbbbbbbbbbbbbbbb,cccccccccccccccc&amp;less=dddddddddddddddd\"",
            "like=aaaaaaaaaaaaaaaa,bbbbbbbbbbbbbbbb,cccccccccccccccc&amp;less=dddddddddddddddd\">Plus d’articles comme celui-ci",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("<script"));
        let empty =
            personal(&site(), Paris, &Profile::default(), &Edition { path: "for".into(), ..edition("fr", Vec::new()) });
        assert!(empty.contains("sans compte ni cookie") && !empty.contains(".rss"), "{empty}");
    }
}
