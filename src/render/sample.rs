//! An edition to test the writers with.

use quick_xml::events::Event;

use super::Site;
use crate::model::{
    ArticleId, CleanHtml, Copied, CopyKind, Digest, Edition, EditionEntry, Enclosure, Episode, Image, Lang, Outlet,
    Recommendation, ShownBody, SourceName, StoryId, Tag, Why,
};

pub(super) fn site() -> Site {
    Site {
        title: "Perspectives".into(),
        id: "example.org".into(),
        base: "https://feeds.example.org/".parse().unwrap(),
        lang: Lang::parse("fr").unwrap(),
        recommended_in_body: true,
        recommended_as_links: true,
    }
}

pub(super) fn edition(lang: &str, entries: Vec<EditionEntry>) -> Edition {
    Edition {
        path: "tag/liberation_palestine".into(),
        opened_by: None,
        title: "#Libération_Palestine".into(),
        description: Some("Articles sur la Palestine & au-delà".into()),
        lang: Lang::parse(lang).unwrap(),
        changed: Some("2026-11-23T13:00:00Z".parse().unwrap()),
        recommended_heading: "Recommandé pour vous".into(),
        entries,
        digests: Vec::new(),
    }
}

pub(super) fn entry(lang: &str) -> EditionEntry {
    let story = if lang == "ar" { "bbbbbbbbbbbbbbbb" } else { "aaaaaaaaaaaaaaaa" };
    let arabic = lang == "ar";
    let body = if arabic {
        "<p>نص المقال كاملًا عن الهدنة.</p>"
    } else {
        "<p>Le corps ]]&gt; de l’article</p>"
    };
    EditionEntry {
        story: StoryId::parse(story).unwrap(),
        uri: format!("tag:example.org,2026:story/{story}"),
        title: if arabic { "الهدنة في غزة".into() } else { "L’étau & la « trêve » < demain".into() },
        url: Some("https://agence-sud.example/a?x=1&y=2".into()),
        hidden: false,
        page: format!("https://feeds.example.org/story/{story}"),
        outlet: Outlet { name: "Agence Sud".into(), url: Some("https://agence-sud.example/".into()) },
        origin: None,
        others: vec![copy()],
        excerpt_of: None,
        byline: vec!["Salma Éluard".into()],
        standfirst: (!arabic).then(|| "Le chapô, <em>tel quel</em>.".into()),
        body: ShownBody::Full(CleanHtml::vouched(body.into())),
        lang: Lang::parse(lang).unwrap(),
        tags: vec![Tag::from_parts("Libération_Palestine", "liberation_palestine"), Tag::from_parts("تحرير", "تحرير")],
        tag_pages: ["liberation_palestine".to_owned()].into(),
        image: Some(Image {
            url: "https://agence-sud.example/p.jpg?a=1&b=2".into(),
            width: Some(1200),
            ..Image::default()
        }),
        enclosures: vec![Enclosure {
            url: "https://agence-sud.example/son.mp3".into(),
            media_type: Some("audio/mpeg".into()),
            length: None,
            episode: Episode { duration: Some(754), number: Some(12), explicit: Some(false), ..Episode::default() },
        }],
        published: "2026-11-23T12:30:00Z".parse().unwrap(),
        updated: "2026-11-23T12:45:00Z".parse().unwrap(),
        recommended: vec![Recommendation {
            source: SourceName::new("monde").unwrap(),
            came_as_private: false,
            story: StoryId::parse("cccccccccccccccc").unwrap(),
            title: "Après la trêve".into(),
            url: Some("https://apres.example/treve".into()),
            outlet: "Le Monde d’après".into(),
            date: "2026-11-20T08:00:00Z".parse().unwrap(),
            lang: Lang::parse("fr"),
            score: 0.7341,
            why: Why {
                tags: vec!["Libération_Palestine".into()], terms: vec!["trêve".into()], shares: vec![0.4, 0.1]
            },
        }],
    }
}

/// A digest of entries.
pub(super) fn digest(entries: Vec<EditionEntry>) -> Digest {
    Digest {
        day: "2026-11-24".parse().unwrap(),
        title: "Matin · 24\u{a0}novembre 2026".into(),
        published: "2026-11-24T06:00:00Z".parse().unwrap(),
        entries,
    }
}

fn copy() -> Copied {
    Copied {
        article: ArticleId::parse("dddddddddddddddd").unwrap(),
        source: SourceName::new("copie").unwrap(),
        outlet: Outlet { name: "Copie".into(), url: None },
        title: "La trêve".into(),
        url: Some("https://copie.example/1".into()),
        kind: CopyKind::Copy,
        came_as_private: false,
    }
}

/// An entry whose every text tries to break the document around it.
pub(super) fn hostile() -> EditionEntry {
    let bad = "\u{8}]]> &amp; <b>bold\u{0}\u{fffe}";
    let mut e = entry("fr");
    e.title = bad.into();
    e.outlet.name = bad.into();
    e.byline = vec![bad.into()];
    e.standfirst = Some(bad.into());
    e.body = ShownBody::Excerpt(bad.into());
    e.tags = vec![Tag::from_parts(bad, "x")];
    e.others[0].outlet.name = bad.into();
    e.recommended[0].title = bad.into();
    e.recommended[0].why.tags = vec![bad.into()];
    e.enclosures[0].media_type = Some("audio/\u{1}\"mpeg".into());
    e.image = Some(Image { url: "https://x.example/\"&<.png".into(), alt: Some(bad.into()), ..Image::default() });
    e
}

/// Reads a document through to its end, and refuses what XML forbids.
pub(super) fn assert_well_formed(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap();
    assert_eq!(super::xml::legal(text), text, "illegal characters");
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut elements = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => break,
            Event::Start(e) | Event::Empty(e) => {
                elements += 1;
                e.attributes().for_each(|a| assert!(a.is_ok(), "{a:?}"));
            }
            _ => {}
        }
    }
    assert!(elements > 0);
}
