//! When it was published and changed.

use chrono::{DateTime, Datelike, Duration, FixedOffset, NaiveDate, NaiveTime};
use url::Url;

use super::blocks::Block;
use super::foreign::{is_foreign, is_listed_aside};
use super::head::{Head, Mark};
use super::jsonld::Data;
use super::tree::Tree;
use crate::text::{DateContext, parse_date};

/// Characters of a text that may be a date.
const LONGEST_DATE: usize = 160;

/// Lines around the title in which dates are looked for.
const NEAR: usize = 14;

/// When it was published and changed.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Dates {
    pub(super) published: Option<DateTime<FixedOffset>>,
    pub(super) updated: Option<DateTime<FixedOffset>>,
}

/// Reads the dates of a page: structured data, then `meta`, then `time`, then what is written near the title, then the
/// address. `near`: the line of the title, or the first line of the body.
pub(super) fn dates(
    tree: &Tree<'_>,
    head: &Head<'_>,
    data: &Data,
    blocks: &[Block],
    near: usize,
    url: &Url,
    ctx: &DateContext<'_>,
) -> Dates {
    let read = |written: &str| believed(written, ctx);
    let marked = |mark| head.with(mark).find_map(|i| said_by(tree, i, ctx).or_else(|| read(&tree.whole_text(i))));
    let meta = |names: &[&str]| head.all(names).into_iter().find_map(read);
    let first = data.published.as_deref().and_then(read);
    let published = first
        .or_else(|| {
            meta(&[
                "article:published_time",
                "og:published_time",
                "og:article:published_time",
                "article:published",
                "datepublished",
                "rnews:datepublished",
            ])
        })
        .or_else(|| marked(Mark::Published))
        .or_else(|| {
            meta(&[
                "parsely-pub-date",
                "sailthru.date",
                "pubdate",
                "publish-date",
                "publishdate",
                "dc.date",
                "dc.date.issued",
                "dcterms.created",
                "dcterms.date",
                "date",
                "article.published",
                "cxenseparse:recs:publishtime",
                "citation_publication_date",
                "dc.date.created",
                "citation_online_date",
                "publication_date",
                "datecreated",
                "dc.created",
            ])
        })
        .or_else(|| time_near(tree, head, blocks, near, ctx))
        .or_else(|| named_date(tree, blocks, near, NEAR, ctx))
        .or_else(|| written_near(tree, blocks, near, ctx))
        .or_else(|| named_date(tree, blocks, near, usize::MAX, ctx))
        .or_else(|| in_address(url, ctx));
    let updated = data
        .updated
        .as_deref()
        .and_then(read)
        .or_else(|| {
            meta(&["article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified"])
        })
        .or_else(|| marked(Mark::Updated));
    let updated = updated.filter(|u| published.is_none_or(|p| *u > p));
    Dates { published: published.or(updated), updated: updated.filter(|_| published.is_some()) }
}

/// A date that may be one: not of the future, not of before newspapers went on line, and with a year, unless it lies close
/// before now.
fn believed(written: &str, ctx: &DateContext<'_>) -> Option<DateTime<FixedOffset>> {
    /// Days for which a date without a year is that of this one.
    const CLOSE: i64 = 100;
    let written = written.trim();
    if written.is_empty() || written.len() > LONGEST_DATE || !written.chars().any(char::is_numeric) {
        return None;
    }
    let date = parse_date(written, ctx)?;
    let close = ctx.now - Duration::days(CLOSE) <= date.to_utc();
    // Said of another day it would be another one.
    let elsewhen = || DateContext { now: ctx.now - Duration::days(1_000), ..*ctx };
    let whole = close || parse_date(written, &elsewhen()) == Some(date);
    (date.year() >= 1990 && date.to_utc() <= ctx.now + Duration::days(2) && whole).then_some(date)
}

/// The date of an element's attributes: of a `time`, of microdata, of the title that hAtom gives to `abbr`.
fn said_by(tree: &Tree<'_>, at: usize, ctx: &DateContext<'_>) -> Option<DateTime<FixedOffset>> {
    let titled = tree.attr(at, "title").filter(|t| t.bytes().filter(u8::is_ascii_digit).count() >= 8);
    let said = ["datetime", "content"].iter().filter_map(|a| tree.attr(at, a)).chain(titled);
    said.filter_map(|said| believed(said, ctx)).next()
}

/// The `time` nearest the title, that of a change last.
fn time_near(
    tree: &Tree<'_>,
    head: &Head<'_>,
    blocks: &[Block],
    near: usize,
    ctx: &DateContext<'_>,
) -> Option<DateTime<FixedOffset>> {
    /// Elements that are tried.
    const MOST: usize = 6;
    let place = blocks.get(near).map_or(0, |b| b.first);
    let has = |i: usize, names: &[&str]| tree.class_words(i).iter().any(|w| names.contains(&w.as_str()));
    let changed = |i: usize| has(i, &["updated", "modified"]) && !has(i, &["published", "created"]);
    // What is said of the article in its own head or foot was left out of it.
    let ours = |i: &usize| !tree.cells[*i].gone || has(*i, &["published"]) && !is_foreign(tree, *i, place);
    let mut all: Vec<usize> = head.with(Mark::Time).filter(ours).collect();
    all.sort_by_key(|i| (changed(*i), if *i >= place { i - place } else { (place - i) * 3 }));
    all.iter().take(MOST).find_map(|i| said_by(tree, *i, ctx).or_else(|| believed(&tree.whole_text(*i), ctx)))
}

/// Whether a date is that of today and stands before the title: what newspapers say in their head. If the article is of
/// today, nothing is lost.
fn is_head_of_page(date: &DateTime<FixedOffset>, at: usize, place: usize, ctx: &DateContext<'_>) -> bool {
    let local = date.with_timezone(&ctx.tz);
    at < place && local.date_naive() == ctx.now.with_timezone(&ctx.tz).date_naive() && local.time() == NaiveTime::MIN
}

/// A date in an element that is called after what it holds, the nearest to the title and at most `within` lines from it.
fn named_date(
    tree: &Tree<'_>,
    blocks: &[Block],
    near: usize,
    within: usize,
    ctx: &DateContext<'_>,
) -> Option<DateTime<FixedOffset>> {
    /// Elements that are tried.
    const MOST: usize = 12;
    let place = blocks.get(near).map_or(0, |b| b.first);
    let is_named = |i: &usize| {
        let words = tree.class_words(*i);
        let dated = words.iter().any(|w| {
            matches!(
                w.as_str(),
                "date" | "datetime" | "dateline" | "datepublished" | "pubdate" | "published" | "posted" | "timestamp"
            )
        });
        dated
            && !words.iter().any(|w| {
                matches!(w.as_str(), "comment" | "card" | "related" | "event" | "today" | "todays" | "current")
            })
    };
    let classed = |i: &usize| tree.attr(*i, "class").is_some() && !tree.cells[*i].linked;
    let ours = |i: &usize| !is_foreign(tree, *i, place) && !is_listed_aside(tree, *i, place);
    let mut all: Vec<usize> = (0..tree.cells.len()).filter(classed).filter(is_named).filter(ours).collect();
    all.sort_by_key(|i| if *i >= place { i - place } else { (place - i) * 2 });
    all.retain(|i| blocks.partition_point(|b| b.first < *i).abs_diff(near) <= within);
    all.into_iter().take(MOST).find_map(|i| {
        let text = tree.whole_text(i);
        let parts = || tree.inside(i).filter_map(|t| believed(tree.text(t)?, ctx)).next();
        let said = said_by(tree, i, ctx).or_else(|| believed(&text, ctx));
        let found = said.or_else(|| after_a_sign(&text, ctx)).or_else(parts);
        found.filter(|date| !is_head_of_page(date, i, place, ctx))
    })
}

/// A date written in a short line near the title.
fn written_near(
    tree: &Tree<'_>,
    blocks: &[Block],
    near: usize,
    ctx: &DateContext<'_>,
) -> Option<DateTime<FixedOffset>> {
    let mut order: Vec<usize> = (0..blocks.len()).filter(|i| i.abs_diff(near) <= NEAR).collect();
    order.sort_by_key(|i| if *i >= near { i - near } else { (near - i) * 2 });
    let place = blocks.get(near).map_or(0, |b| b.first);
    order
        .into_iter()
        .map(|i| &blocks[i])
        .filter(|b| !is_foreign(tree, b.first, place) && !is_listed_aside(tree, b.first, place))
        .filter(|b| b.weight <= LONGEST_DATE && !b.is_prose())
        .find_map(|b| {
            let found = believed(&b.text, ctx).or_else(|| after_a_sign(&b.text, ctx));
            found.filter(|date| !is_head_of_page(date, b.first, place, ctx))
        })
}

/// `Par Marie Curie, 3 juin 2026`, `Monde · 3 juin 2026`: a date after what else a line says.
fn after_a_sign(line: &str, ctx: &DateContext<'_>) -> Option<DateTime<FixedOffset>> {
    /// Signs of a line that are tried.
    const MOST: usize = 4;
    let signs = line.match_indices([',', '|', '•', '·', '–', '—', '、', '،', '/']).take(MOST);
    signs.filter_map(|(i, sign)| line.get(i + sign.len()..)).find_map(|rest| believed(rest, ctx))
}

/// `/2026/03/11/`, `/2026/3/11/`, `/2026-03-11/`, `/20260311-`.
fn in_address(url: &Url, ctx: &DateContext<'_>) -> Option<DateTime<FixedOffset>> {
    let digits =
        |s: &str, n: std::ops::RangeInclusive<usize>| n.contains(&s.len()) && s.bytes().all(|b| b.is_ascii_digit());
    let day = |y: &str, m: &str, d: &str| {
        let fits = digits(y, 4..=4) && digits(m, 1..=2) && digits(d, 1..=2);
        let day = NaiveDate::from_ymd_opt(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?)?;
        fits.then(|| day.to_string())
    };
    let in_one = |part: &str| {
        let sign = |at: usize| part[at..].is_empty() || part[at..].starts_with(['-', '_', '.']);
        match part.split('-').collect::<Vec<_>>()[..] {
            [y, m, d, ..] if m.len() == 2 && d.len() == 2 => day(y, m, d),
            [whole, _, ..] if digits(whole, 8..=8) && sign(8) => day(&whole[..4], &whole[4..6], &whole[6..]),
            _ => None,
        }
    };
    let parts: Vec<&str> = url.path_segments()?.collect();
    let found = parts.windows(3).find_map(|w| day(w[0], w[1], w[2])).or_else(|| parts.iter().find_map(|p| in_one(p)));
    believed(&found?, ctx)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use chrono::Utc;

    use super::super::{Page, Recipe, extract};
    use super::*;

    /// The day that a page is of; `before` stands after its title, `after` after its article.
    fn day(address: &str, head: &str, before: &str, after: &str) -> Option<String> {
        let prose = "<p>Le port a rouvert mardi matin après trois semaines de silence, et les premiers bateaux sont sortis avant l’aube.</p>";
        let html = format!(
            "<title>Le port rouvre ses quais</title>{head}<main><article><h1>Le port rouvre ses quais</h1>{before}<div>{}</div></article></main>{after}",
            prose.repeat(5)
        );
        let url = Url::parse(&format!("https://port.example/{address}")).unwrap();
        let now = Utc.with_ymd_and_hms(2026, 11, 28, 12, 0, 0).unwrap();
        let page = Page { html: &html, url: &url, lang: None, tz: chrono_tz::UTC, now, entry: None, site_name: None };
        extract(&page, &Recipe::default()).unwrap().published.map(|d| d.format("%F %H:%M").to_string())
    }

    #[test]
    fn the_day_is_in_the_attributes_and_not_made_up() {
        let on = |before: &str| day("a", "", before, "");
        let abbr = "<span>by A</span> <abbr class=published title='2016-03-04T10:00:00-08:00'>Friday, March 4</abbr>";
        assert_eq!(on(abbr).as_deref(), Some("2016-03-04 10:00"));
        let stamp = "<div class='timestamp updated' title='2016-06-13T1603Z'>Jun 13, 4:03 PM EDT</div>";
        assert_eq!(on(stamp).as_deref(), Some("2016-06-13 16:03"));
        assert_eq!(on("<p class=date>March 4</p>"), None);
        assert_eq!(on("<p class=date>November 4</p>").as_deref(), Some("2026-11-04 00:00"));
        let both =
            "<time class=updated datetime=2017-01-01>x</time> <time class=published datetime=2016-03-04>y</time>";
        assert_eq!(on(both).as_deref(), Some("2016-03-04 00:00"));
        let foot =
            "<footer><time class='entry-date published' datetime='2016-03-04T10:11:12Z'>March 4, 2016</time></footer>";
        assert_eq!(on(foot).as_deref(), Some("2016-03-04 10:11"));
        for name in ["citation_online_date", "publication_date", "dateCreated"] {
            assert_eq!(
                day("a", &format!("<meta name={name} content='2016/03/04'>"), "", "").as_deref(),
                Some("2016-03-04 00:00")
            );
        }
        let data = r#"<script type="application/ld+json">[{"@type":"NewsArticle","headline":"Une autre affaire","datePublished":"2001-01-01"},{"@type":"NewsArticle","headline":"Le port rouvre ses quais","datePublished":"2016-03-04"}]</script>"#;
        assert_eq!(day("a", data, "", "").as_deref(), Some("2016-03-04 00:00"));
    }

    #[test]
    fn the_day_of_something_else_is_not_the_articles() {
        let list = "<li><a href=/y>Une autre</a> <span class=date>5 March 2019</span></li>";
        for after in [
            "<div id=comments><div class=comment><b>Bob</b> <span class=date>5 March 2019</span><p>Merci bien.</p></div></div>".to_owned(),
            format!("<aside class=sidebar><ul>{list}{list}</ul></aside>"),
            format!("<div class=related-posts><ul>{list}{list}</ul></div>"),
        ] {
            assert_eq!(day("a", "", "", &after), None, "{after}");
        }
        let today = "<div class=topbar><span class=date>Saturday, 28 November 2026</span></div>";
        assert_eq!(day("a", today, "", ""), None);
        assert_eq!(day("a", today, "<p>March 4, 2016</p>", "").as_deref(), Some("2016-03-04 00:00"));
    }

    #[test]
    fn addresses_have_days() {
        for address in ["2016/03/04/x", "blog/2016/3/4/x", "x/2016-03-04/y", "2016-03-04-x.html", "20160304-x"] {
            assert_eq!(day(address, "", "", "").as_deref(), Some("2016-03-04 00:00"), "{address}");
        }
        for address in ["2016/02/30/x", "20160304", "20169904-x", "1016/3/4", "2016/3", "é-02-03", "2016-é"] {
            assert_eq!(day(address, "", "", ""), None, "{address}");
        }
    }
}
