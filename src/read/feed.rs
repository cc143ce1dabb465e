//! feed-rs reads what was made ready for it; what its model has no place for is joined from the draft, by index.

use std::panic::{AssertUnwindSafe, catch_unwind};

use feed_rs::model;
use feed_rs::parser::Builder;

use super::draft::{Draft, DraftFeed};
use super::{Input, ReadError, address, build, canon, gather, inherited, media, note};
use crate::model::{DocumentKind, Enclosure, Entry, FeedHead, Image, Lang, Link, Outlet, Person, Reading};
use crate::text::{DateContext, chosen, excerpt, parse_date};

pub(super) fn read(text: &str, kind: DocumentKind, input: &Input<'_>) -> Result<Reading, ReadError> {
    let unreadable = || ReadError::Unreadable("no feed begins in it".to_owned());
    let mut tree = build::build(text).ok_or_else(unreadable)?;
    let (cut_off, half) = (tree.cut_off, tree.half);
    let draft = gather::gather(&mut tree, kind, input.url);
    drop(tree);
    let lang = draft.head.language.as_deref().and_then(Lang::parse);
    let order = input.dates_like(lang.as_ref(), written(&draft)).day_first;
    let feed = parse(&canon::write(&draft), input, lang.clone(), order)?;
    if feed.entries.len() != draft.entries.len() {
        return Err(ReadError::Unreadable(format!("{} of {} entries", feed.entries.len(), draft.entries.len())));
    }
    let DraftFeed { kind, head: head_draft, entries: drafts, mut notes } = draft;
    let (head, people) = head(&feed, head_draft, lang.or_else(|| input.lang.cloned()), input, order);
    let joined = feed.entries.into_iter().zip(drafts);
    let entries = joined.map(|(read, draft)| entry(read, draft, &head, &people, input, &mut notes)).collect();
    Ok(Reading { kind, head, entries, notes, cut_off, half })
}

fn parse(xml: &str, input: &Input<'_>, lang: Option<Lang>, order: Option<bool>) -> Result<model::Feed, ReadError> {
    let (lang, tz, now) = (input.lang.cloned().or(lang), input.tz, input.now);
    let dates = move |written: &str| {
        let ctx = DateContext { lang: lang.as_ref(), tz, now, day_first: order };
        parse_date(written, &ctx).map(|d| d.to_utc())
    };
    let parser = Builder::new()
        .base_uri(Some(input.url.as_str()))
        .id_generator(|_, _, _| String::new())
        .sanitize_content(false)
        .timestamp_parser(dates)
        .build();
    match catch_unwind(AssertUnwindSafe(|| parser.parse(xml.as_bytes()))) {
        Ok(Ok(feed)) => Ok(feed),
        Ok(Err(error)) => Err(ReadError::Unreadable(error.to_string())),
        Err(_) => Err(ReadError::Unreadable("the parser gave up".to_owned())),
    }
}

/// The dates of a feed as they are written.
fn written(feed: &DraftFeed) -> impl Iterator<Item = &str> {
    let drafts = feed.entries.iter().chain([&feed.head]);
    drafts.flat_map(|d| [d.published.as_deref(), d.updated.as_deref()]).flatten()
}

/// What the feed says of itself, and the authors that it gives to entries without.
fn head(
    feed: &model::Feed,
    draft: Draft,
    lang: Option<Lang>,
    input: &Input<'_>,
    order: Option<bool>,
) -> (FeedHead, Vec<Person>) {
    let date = |written: &str| parse_date(written, &input.dates(lang.as_ref(), order)).map(|d| d.to_utc());
    let updated = feed.updated.or_else(|| date(draft.published.as_deref()?));
    let mut links: Vec<Link> = feed.links.iter().cloned().map(link).collect();
    let main = (draft.has_link && !links.is_empty()).then(|| links.remove(0).href);
    let head = FeedHead {
        title: feed.title.as_ref().map(|t| t.content.clone()),
        link: main,
        subtitle: feed.description.as_ref().map(|t| t.content.clone()),
        // Atom has no date of publication for feeds; feed-rs leaves it out there.
        updated,
        lang,
        language_written: draft.language,
        image: draft.image.and_then(|i| absolute(i, input)),
        links,
        ttl_minutes: draft.wishes.minutes(),
        skip_hours: draft.wishes.skip_hours,
        skip_days: draft.wishes.skip_days,
    };
    (head, inherited(feed.authors.iter().cloned().map(person)))
}

fn entry(
    read: model::Entry,
    draft: Draft,
    head: &FeedHead,
    people: &[Person],
    input: &Input<'_>,
    notes: &mut Vec<String>,
) -> Entry {
    for (written, read) in [(&draft.published, read.published), (&draft.updated, read.updated)] {
        if let (Some(written), None) = (written, read) {
            note(notes, format!("date `{}` not read", excerpt(written, 60)));
        }
    }
    let mut links: Vec<model::Link> = read.links;
    let main = (draft.has_link && !links.is_empty()).then(|| links.remove(0).href);
    let (files, links): (Vec<_>, Vec<_>) = links.into_iter().partition(|l| l.rel.as_deref() == Some("enclosure"));
    let mut enclosures: Vec<Enclosure> = files
        .into_iter()
        // A player that no browser has any more.
        .filter(|l| l.media_type.as_deref() != Some(FLASH))
        .map(|l| Enclosure {
            url: l.href,
            media_type: l.media_type,
            length: l.length.filter(|n| *n > 0),
            ..Enclosure::default()
        })
        .collect();
    if let Some(recording) = enclosures.iter_mut().find(|file| !is_picture(file)) {
        recording.episode = draft.episode;
    }
    let files = enclosures.iter().filter(|e| is_picture(e)).map(|e| Image { url: e.url.clone(), ..Image::default() });
    let image = chosen(draft.image.and_then(|i| absolute(i, input)).into_iter().chain(files));
    let mut authors: Vec<Person> = read.authors.into_iter().map(person).collect();
    if authors.is_empty() {
        authors = people.to_vec();
    }
    Entry {
        id: Some(read.id).filter(|id| !id.is_empty()),
        id_is_permalink: draft.id_is_permalink,
        link: main,
        title: read.title.map(|t| t.content),
        summary: draft.summary,
        content: draft.content,
        authors,
        categories: read.categories.into_iter().map(shown).collect(),
        enclosures,
        image,
        published: read.published,
        updated: read.updated,
        date_written: draft.published.or(draft.updated),
        lang: draft.language.as_deref().and_then(Lang::parse).or_else(|| head.lang.clone()),
        origin: draft.origin.map(|o| Outlet { url: o.url.and_then(|u| address(input.url, &u)), ..o }),
        links: links.into_iter().map(link).collect(),
        base: draft.base.filter(|b| b != input.url).map(String::from),
    }
}

const FLASH: &str = "application/x-shockwave-flash";

fn is_picture(enclosure: &Enclosure) -> bool {
    match enclosure.media_type.as_deref() {
        Some(media_type) if !media_type.is_empty() => media_type.starts_with("image"),
        _ => media::looks_like_picture(&enclosure.url),
    }
}

fn absolute(image: Image, input: &Input<'_>) -> Option<Image> {
    Some(Image { url: address(input.url, &image.url)?, ..image })
}

/// The term, unless it is made for machines and there is a label for people.
fn shown(category: model::Category) -> String {
    let machine = category.term.contains("://") || category.term.bytes().all(|b| b.is_ascii_digit());
    match category.label {
        Some(label) if machine && !label.is_empty() => label,
        _ => category.term,
    }
}

fn person(person: model::Person) -> Person {
    Person { name: person.name.filter(|n| !n.is_empty()), email: person.email, url: person.uri }
}

fn link(link: model::Link) -> Link {
    Link {
        rel: link.rel.unwrap_or_else(|| "alternate".to_owned()),
        href: link.href,
        title: link.title,
        media_type: link.media_type,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use chrono_tz::Tz;
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    fn read_bytes(body: &[u8]) -> Reading {
        let url = Url::parse("https://example.org/feeds/all.xml").unwrap();
        let now = chrono::Utc.with_ymd_and_hms(2026, 6, 10, 12, 0, 0).unwrap();
        let input =
            Input { body, content_type: None, url: &url, lang: None, tz: Tz::Europe__Paris, day_first: None, now };
        super::super::read(&input, None).unwrap()
    }

    fn one(text: &str) -> Entry {
        read_bytes(text.as_bytes()).entries.remove(0)
    }

    #[test]
    fn of_links_and_categories_without_end_each_entry_keeps_a_few() {
        let categories: String = (0..100).map(|n| format!("<category>c{n}</category>")).collect();
        let item = |n| format!("<item><title>{n}</title>{categories}</item>");
        let items: String = (0..1_000).map(item).collect();
        let read = read_bytes(format!("<rss><channel>{items}</channel></rss>").as_bytes());
        let kept = [0, 999].map(|n: usize| read.entries[n].categories.len());
        assert!(kept[0] == 100 && kept[1] == 4 && read.notes.iter().any(|n| n.contains("categories")), "{kept:?}");
    }

    #[test]
    fn the_enclosures_of_rss_1_0_are_read() {
        let entry = one(
            "<rdf:RDF xmlns='http://purl.org/rss/1.0/' xmlns:enc='http://purl.oclc.org/net/rss_2.0/enc#'
               xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><channel/><item rdf:about='https://example.org/1'><title>Bateau</title>
               <enc:enclosure resource='https://example.org/1.jpg' type='image/jpeg'/>
               <enc:enclosure rdf:resource='https://example.org/1.ogg' enc:type='audio/ogg' enc:length='9'/>
               <enc:enclosure enc:url='https://example.org/2.ogg'/></item></rdf:RDF>",
        );
        let files: Vec<_> =
            entry.enclosures.iter().map(|e| (e.url.as_str(), e.media_type.as_deref(), e.length)).collect();
        let expected = [
            ("https://example.org/1.jpg", Some("image/jpeg"), None),
            ("https://example.org/1.ogg", Some("audio/ogg"), Some(9)),
            ("https://example.org/2.ogg", None, None),
        ];
        assert_eq!(files, expected);
        assert_eq!(entry.image.map(|i| i.url).as_deref(), Some("https://example.org/1.jpg"));
    }

    #[test]
    fn small_faults_cost_nothing() {
        const ITEM: &str = "<item><title>É &amp; t</title><link>https://example.org/1</link></item>";
        const ENTRY: &str = "<entry><title>É &amp; t</title><link href='/1'/></entry>";
        for text in [
            format!("<rss version='2.0'><channel>{ITEM}{ITEM}</channel></rss>"),
            format!("<rss><channel>{ITEM}{ITEM}"),
            format!("<RSS VERSION='2.0.1'><CHANNEL>{}{ITEM}</CHANNEL></RSS>", ITEM.replace("item", "ITEM")),
            format!(
                "<br/><b>Notice</b>: x<?xml version='1.0' encoding='utf-8'?><rss><channel>{ITEM}{ITEM}</channel></rss>"
            ),
            format!("<rss xmlns='http://backend.userland.com/rss2'><channel>{ITEM}{ITEM}</channel></rss>"),
            format!("<rss xmlns='http://www.w3.org/2005/Atom'><channel>{ITEM}{ITEM}</channel></rss>"),
            format!("<rdf:RDF xmlns='http://purl.org/rss/1.0/'><channel></channel>{ITEM}{ITEM}</rdf:RDF>"),
            format!("<rss><channel>{}{ITEM}</channel></rss>", ITEM.replace("</item>", "")),
            format!("<rss><channel>{}{ITEM}", ITEM.replace("</title>", "</titel>")),
            format!("<rss><channel>{}{ITEM}", ITEM.replace("&amp;", "&")),
            format!("<rss><channel>{}{ITEM}", ITEM.replace('É', "&Eacute;")),
            format!("<!DOCTYPE rss [<!ENTITY x '&#201;'>]><rss><channel>{}{ITEM}", ITEM.replace('É', "&x;")),
            format!("<rss><channel>{}{ITEM}", ITEM.replace("É & t", "<![CDATA[É & t]]>")),
            format!(
                "<rss><channel>{}{ITEM}",
                ITEM.replace("<link>https://example.org/1</link>", "<guid>https://example.org/1</guid>")
            ),
            format!("<feed xmlns='http://www.w3.org/2005/Atom'>{ENTRY}{ENTRY}</feed>"),
            format!("<feed xmlns='https://www.w3.org/2005/Atom/'>{ENTRY}{ENTRY}</feed>"),
            format!("<feed version='0.3' xmlns='http://purl.org/atom/ns#'>{ENTRY}{ENTRY}</feed>"),
            format!("<feed xml:base='http://[bad'>{ENTRY}{ENTRY}</feed>"),
            format!("<feed>{}{ENTRY}</feed>", ENTRY.replace("<title>", "<title type='foo/bar'>")),
        ] {
            let reading = read_bytes(text.as_bytes());
            let first = &reading.entries[0];
            let title = first.title.as_deref().unwrap_or_default().replace("</titel>", "");
            assert_eq!((reading.entries.len(), title.as_str()), (2, "É & t"), "{text}");
            assert_eq!(first.link.as_deref(), Some("https://example.org/1"), "{text}");
        }
    }

    #[test]
    fn what_is_said_of_a_picture_is_its_caption_and_no_text() {
        let media = "xmlns:media='http://search.yahoo.com/mrss/'";
        let of = |item: &str| {
            let text =
                format!("<rss {media}><channel><item><title>T</title><link>/1</link>{item}</item></channel></rss>");
            let entry = read_bytes(text.as_bytes()).entries.remove(0);
            let alt = entry.image.and_then(|image| image.alt);
            (entry.summary.unwrap_or_default(), entry.content.unwrap_or_default(), alt.unwrap_or_default())
        };
        let texts = |summary: &str, content: &str, alt: &str| (summary.to_owned(), content.to_owned(), alt.to_owned());
        let (text, caption) =
            ("<description>Court.</description>", "<media:description>Un navire au port.</media:description>");
        let picture = "<media:content url='/a.jpg' medium='image'/>";
        assert_eq!(of(&format!("{text}{picture}{caption}")), texts("Court.", "", "Un navire au port."));
        assert_eq!(of(&format!("{caption}{picture}{text}")), texts("Court.", "", "Un navire au port."));
        let within = format!("{text}<media:content url='/a.jpg' medium='image'>{caption}</media:content>");
        assert_eq!(of(&within), texts("Court.", "", "Un navire au port."));
        // Where nothing else is said, and of a film, it is what there is.
        assert_eq!(of(&format!("{picture}{caption}")), texts("Un navire au port.", "", ""));
        let film = "<media:thumbnail url='/a.jpg'/><media:content url='/a.mp4' type='video/mp4'/>";
        assert_eq!(of(&format!("{text}{film}{caption}")), texts("Court.", "Un navire au port.", ""));
        let group = format!("{text}<media:group>{picture}{caption}</media:group>");
        assert_eq!(of(&group), texts("Court.", "Un navire au port.", ""));
    }

    #[test]
    fn who_wrote_the_source_of_an_entry_wrote_it_where_it_names_nobody() {
        let text = "<feed xmlns='http://www.w3.org/2005/Atom'><title>Planet</title><author><name>Planet</name></author>
            <entry><title>A</title><link href='/1'/><source><title>Ann’s</title><author><name>Ann</name></author></source></entry>
            <entry><title>B</title><link href='/2'/><author><name>Bea</name></author><source><author><name>Ann</name></author></source></entry>
            <entry><title>C</title><link href='/3'/></entry></feed>";
        let entries = read_bytes(text.as_bytes()).entries;
        let names: Vec<Vec<&str>> =
            entries.iter().map(|e| e.authors.iter().filter_map(|a| a.name.as_deref()).collect()).collect();
        assert_eq!(names[..2], [vec!["Ann"], vec!["Bea"]]);
    }

    #[test]
    fn what_the_parser_has_no_place_for_is_joined() {
        let text = "<rss xmlns:atom='http://www.w3.org/2005/Atom' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:media='http://search.yahoo.com/mrss/'>
            <channel><title>F</title><link>https://example.org/</link><language>fr-FR</language><ttl>60</ttl>
            <atom:link rel='self' href='all.xml'/><atom:link rel='hub' href='https://hub.example/'/>
            <item><title>A</title><guid isPermaLink='false'>g1</guid><link>a</link><atom:link rel='related' href='/b' title='B'/>
              <source url='https://agency.example/rss'>Agency</source><pubDate>02/03/2026 10:00</pubDate><dc:date>13/03/2026</dc:date>
              <category>Un</category><dc:subject>Deux</dc:subject><author>m@example.org (M. N.)</author><comments>/a#c</comments>
              <itunes:duration>1:02:03</itunes:duration><itunes:episode>7</itunes:episode><itunes:explicit>no</itunes:explicit>
              <itunes:episodeType>Bonus</itunes:episodeType><itunes:season>two</itunes:season>
              <enclosure url='/a.mp3' length='7' type='audio/mpeg'/><media:thumbnail url='/t.jpg' width='90'/>
              <media:content url='/v/1' type='application/x-shockwave-flash'/></item>
            <item xml:lang='ar'><title>B</title><pubDate>pas une date</pubDate></item></channel></rss>";
        let reading = read_bytes(text.as_bytes());
        let (a, b) = (&reading.entries[0], &reading.entries[1]);
        assert_eq!((a.id.as_deref(), a.id_is_permalink), (Some("g1"), false));
        assert_eq!(a.link.as_deref(), Some("https://example.org/feeds/a"));
        let rels: Vec<_> = a.links.iter().map(|l| (l.rel.as_str(), l.href.as_str())).collect();
        assert_eq!(rels, [("related", "https://example.org/b"), ("replies", "https://example.org/a#c")]);
        let origin = Outlet { name: "Agency".to_owned(), url: Some("https://agency.example/rss".to_owned()) };
        assert_eq!(a.origin.as_ref(), Some(&origin));
        let heard = &a.enclosures[0].episode;
        assert_eq!(
            (heard.duration, heard.number, heard.season, heard.explicit),
            (Some(3723), Some(7), None, Some(false))
        );
        assert_eq!(heard.kind.as_deref(), Some("bonus"));
        // Its second date tells the order of the first.
        assert_eq!(a.published.map(|d| d.to_rfc3339()).as_deref(), Some("2026-03-02T09:00:00+00:00"));
        assert_eq!(a.date_written.as_deref(), Some("02/03/2026 10:00"));
        assert_eq!(a.categories, ["Un", "Deux"]);
        assert_eq!(
            (a.authors[0].name.as_deref(), a.authors[0].email.as_deref()),
            (Some("M. N."), Some("m@example.org"))
        );
        assert_eq!(a.enclosures.len(), 1, "no flash");
        assert_eq!((a.enclosures[0].url.as_str(), a.enclosures[0].length), ("https://example.org/a.mp3", Some(7)));
        assert_eq!(a.image.as_ref().map(|i| (i.url.as_str(), i.width)), Some(("https://example.org/t.jpg", Some(90))));
        assert_eq!((b.id.as_deref(), b.published, b.updated), (None, None, None));
        assert_eq!(b.lang.as_ref().map(Lang::as_str), Some("ar"));
        assert!(reading.notes.iter().any(|n| n.contains("pas une date")), "{:?}", reading.notes);
        assert_eq!((reading.head.ttl_minutes, reading.head.links.len()), (Some(60), 2));
    }

    #[test]
    fn the_picture_of_an_entry_is_no_portrait_and_no_mark() {
        let picture = |given: &str| {
            let namespace = "xmlns:media='http://search.yahoo.com/mrss/'";
            one(&format!("<rss {namespace}><channel><item><title>t</title>{given}</item></channel></rss>")).image
        };
        let portrait =
            "<media:content url='https://secure.gravatar.com/avatar/abc?s=96&amp;d=identicon' medium='image'/>";
        let mark = "<media:thumbnail url='https://avatars.githubusercontent.com/u/1?v=4' width='30' height='30'/>";
        let small = "<media:content url='https://a.example/s.jpg' width='80' medium='image'/>";
        for (given, chosen) in [
            (format!("{portrait}<media:content url='https://a.example/i.jpg' medium='image'/>"), Some("i.jpg")),
            (format!("{portrait}<enclosure url='https://a.example/e.jpg' type='image/jpeg'/>"), Some("e.jpg")),
            (format!("{small}<media:thumbnail url='https://a.example/t.jpg' width='150'/>"), Some("t.jpg")),
            (small.to_owned(), Some("s.jpg")),
            (format!("{portrait}{mark}"), None),
        ] {
            let found = picture(&given).map(|image| image.url);
            assert_eq!(found.as_deref().and_then(|url| url.rsplit('/').next()), chosen, "{given}");
        }
    }

    #[test]
    fn a_document_that_ends_too_soon_says_so() {
        const ENTRY: &str = "<entry><title>t</title><link href='/1'/></entry>";
        for (text, cut_off, half) in [
            (format!("<rss><channel>{ENTRY}</channel></rss>"), false, false),
            (format!("<rss><channel>{ENTRY}<br>"), true, false),
            (format!("<feed>{ENTRY}<entry><title>half"), true, true),
            (format!("<feed>{ENTRY}<entry><title>whole</title>"), true, true),
            (format!("<feed>{ENTRY}<!-- half"), true, false),
            (format!("<feed>{ENTRY}<entry><title>whole</title></feed>"), true, false),
            (format!("<rss><channel>{ENTRY}<item><title>whole</title></rss>"), true, false),
            (format!("<rss><channel>{ENTRY}<item><title>open</channel></rss>"), true, true),
            (format!("<rss><channel>{ENTRY}<item><title>open</item></channel></rss>"), false, false),
        ] {
            let reading = read_bytes(text.as_bytes());
            assert_eq!((reading.cut_off, reading.half), (cut_off, half), "{text}");
        }
    }

    #[test]
    fn texts_come_as_html_whatever_their_type() {
        let content = |written: &str| {
            one(&format!("<feed xml:base='https://a.example/'><entry><id>i</id>{written}</entry></feed>")).content
        };
        for (written, wanted) in [
            ("<content type='html'>&lt;p>a &amp;amp; b&lt;/p></content>", "<p>a &amp; b</p>"),
            ("<content type='html'><![CDATA[<p>a</p>]]></content>", "<p>a</p>"),
            (
                "<content type='xhtml'><x:div xmlns:x='h'>a &lt; b<x:br/><x:p/></x:div></content>",
                "<div xmlns:x='h'>a &lt; b<br><p></p></div>",
            ),
            ("<content type='application/octet-stream' mode='base64'>PGI+YTwvYj4=</content>", "<b>a</b>"),
            ("<content>a <b>c</content>", "a <b>c"),
        ] {
            assert_eq!(content(written).as_deref(), Some(wanted), "{written}");
        }
        let entry =
            one("<feed xml:base='https://a.example/x/'><entry><content>t</content><link href='y'/></entry></feed>");
        assert_eq!(
            (entry.base.as_deref(), entry.link.as_deref()),
            (Some("https://a.example/x/"), Some("https://a.example/x/y"))
        );
    }

    #[test]
    fn entries_are_cut_at_a_number() {
        let reading = read_bytes(format!("<rss>{}", "<item><title>t</title></item>".repeat(10_002)).as_bytes());
        assert_eq!(reading.entries.len(), 10_000);
        assert!(reading.notes.iter().any(|n| n.contains("10002 entries cut")), "{:?}", reading.notes);
    }

    proptest! {
        #[test]
        fn whatever_comes_the_parser_reads_what_we_hand_it(parts in proptest::collection::vec(prop::sample::select(vec![
            "<item>", "</item>", "<entry>", "<title type='xhtml'>", "</title>", "<link href='//[' rel='enclosure'/>", "<link>", "&#0;&#xFFFE;",
            "<category term=\"a'&quot;<\"/>", "<author><name>x</name></author>", "<author>", "<content src='x' type='y'>", "<updated>1</updated>",
            "<pubDate>", "]]>", "<![CDATA[", "\u{1}", "é", "&amp;lt;", "xml:base='::'", "<id>", "<media:content url='a.jpg' xml:base='?'/>", "<source>",
        ]), 0..30)) {
            let text = format!("<rss>{}", parts.concat());
            let expected = text.contains("<item>") || text.contains("<entry>");
            let reading = read_bytes(text.as_bytes());
            prop_assert!(reading.entries.is_empty() || expected);
        }
    }
}
