//! The words of stories (SQLite FTS5), and which stories hold what is asked for.

use std::collections::{HashSet, VecDeque};
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Story, StoryId};
use crate::query::{Column, Columns, Sieve};

use super::scores::Bounds;
use super::{Store, StoreError, as_of, refill, rows, scores, stories};

/// A row's number is the second of the story's date, then its place within that second.
pub(super) const PLACES: i64 = 1 << 12;
/// Where more stories than there are places have one date, the next seconds are taken, so many at the most.
const SECONDS: i64 = 3_600;
/// A phrase is common where this part of the archive, the oldest, has so many times as many of it as its share of those that are
/// wanted.
const OLDEST: i64 = 16;
const TIMES: i64 = 2;

/// Of stories that are looked for by nothing that the index knows, so many are passed over at the most for each that is looked at.
const PASSED: usize = 10;

/// In which order stories are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Those that are most about it first, as far as that can be told; then the newest.
    Best,
    /// The newest first.
    Newest,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Seek {
    /// What the index is asked.
    pub sieve: Sieve,
    /// Whether all that comes through the sieve is what is looked for.
    pub exact: bool,
    /// No story dated before this.
    pub from: Option<DateTime<Utc>>,
    /// No story dated after this.
    pub until: Option<DateTime<Utc>>,
    /// No story that was published after this instant.
    pub as_of: Option<DateTime<Utc>>,
    /// The order.
    pub order: Order,
    /// Stories left out at the beginning.
    pub skip: usize,
    /// Stories given.
    pub take: usize,
    /// The feed whose stories are passed over as if they were not there.
    pub hidden: String,
    /// Stories looked at, at the most.
    pub most: usize,
}

/// Says whether a story is what was looked for, all things considered, and how it is to be shown.
pub type Accept<T> = Box<dyn FnMut(Story) -> Option<T> + Send>;

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// So many.
    Exactly(usize),
    /// About so many.
    About(usize),
    /// More than so many.
    MoreThan(usize),
}

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings<T> {
    /// The stories as they were accepted.
    pub found: Vec<T>,
    /// Whether more follow.
    pub more: bool,
    /// How many there are in all.
    pub number: Number,
    /// Of how many stories it was asked, where that was not all.
    pub looked: Option<usize>,
    /// When the newest story was published of those that it was asked of.
    pub as_of: Option<DateTime<Utc>>,
    /// The words of stories before this date are not there yet.
    pub since: Option<DateTime<Utc>>,
}

impl Store {
    /// Finds stories: the index names candidates, `accept` is asked of each in their order, all of it at one instant.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn search<T: Send + 'static>(&self, seek: Seek, accept: Accept<T>) -> Result<Findings<T>, StoreError> {
        self.read(move |conn| search(conn, &seek, accept)).await
    }
}

fn is_in(conn: &Connection, feed: &str, story: &StoryId) -> Result<bool, StoreError> {
    let mut read = conn.prepare_cached("SELECT 1 FROM membership WHERE story = ?1 AND feed = ?2")?;
    Ok(read.exists([story.as_str(), feed])?)
}

fn search<T>(conn: &Connection, seek: &Seek, mut accept: Accept<T>) -> Result<Findings<T>, StoreError> {
    let since = refill::since(conn)?;
    let candidates = match &seek.sieve {
        Sieve::Nothing => Candidates::default(),
        Sieve::Everything => newest(conn, seek)?,
        sieve => matching(conn, seek, sieve, &Bounds::default())?,
    };
    let as_of = seek.as_of.map_or_else(|| as_of::last_admitted(conn), |at| Ok(Some(at)))?;
    let mut sought =
        Findings { found: Vec::new(), more: false, number: Number::Exactly(0), looked: None, as_of, since };
    let (mut looked, mut passed, mut accepted) = (0, 0, 0);
    for candidate in &candidates.stories {
        let id = match candidate {
            Candidate::Row(n) => {
                let mut read = conn.prepare_cached("SELECT story FROM search_row WHERE n = ?1")?;
                read.query_row([n], |row| rows::story_id(row, 0)).optional()?
            }
            Candidate::Story(id) => Some(id.clone()),
        };
        let (is_published, is_later) = as_of::stands(conn, id.as_ref(), seek.as_of)?;
        if is_later || id.as_ref().map_or(Ok(false), |id| is_in(conn, &seek.hidden, id))? {
            passed += 1;
            continue;
        }
        if looked >= seek.most {
            sought.looked = Some(looked);
            break;
        }
        looked += 1;
        // What is still waiting for its copies is not found yet either.
        let id = id.filter(|_| is_published);
        let Some(story) = id.map(|id| stories::load(conn, &id)).transpose()?.flatten() else { continue };
        let Some(shown) = accept(story) else { continue };
        accepted += 1;
        if accepted > seek.skip + seek.take {
            sought.more = true;
            break;
        }
        if accepted > seek.skip {
            sought.found.push(shown);
        }
    }
    let known = candidates.stories.len() - passed;
    let all = looked == known && !sought.more;
    sought.number = match (all, candidates.cut) {
        (true, false) => Number::Exactly(accepted),
        (false, false) if seek.exact => Number::About(known.max(accepted)),
        (_, true) if seek.exact => Number::MoreThan(known),
        _ if accepted > 0 => Number::MoreThan(accepted - usize::from(sought.more)),
        _ => Number::Exactly(0),
    };
    if all && candidates.cut {
        sought.looked = Some(looked);
    }
    Ok(sought)
}

/// Stories to be looked at, in order.
#[derive(Default)]
struct Candidates {
    stories: Vec<Candidate>,
    /// Whether there are more.
    cut: bool,
}

enum Candidate {
    Row(i64),
    Story(StoryId),
}

/// All stories, the newest first.
fn newest(conn: &Connection, seek: &Seek) -> Result<Candidates, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT id FROM story WHERE redirect_to IS NULL AND date BETWEEN ?1 AND ?2 ORDER BY date DESC, id LIMIT ?3",
    )?;
    let (from, until) = (seek.from.map_or(i64::MIN, rows::micros), seek.until.map_or(i64::MAX, rows::micros));
    let limit = seek.most.saturating_mul(PASSED).saturating_add(1);
    let mut found = read.query_map(params![from, until, rows::count(limit)], |row| rows::story_id(row, 0))?;
    let (mut stories, mut cut) = (Vec::new(), false);
    for (looked, id) in found.by_ref().enumerate() {
        let id = id?;
        cut = looked + 1 == limit;
        if is_in(conn, &seek.hidden, &id)? {
            continue;
        }
        if stories.len() == seek.most {
            cut = true;
            break;
        }
        stories.push(Candidate::Story(id));
    }
    Ok(Candidates { stories, cut })
}

fn matching(conn: &Connection, seek: &Seek, sieve: &Sieve, bounds: &Bounds) -> Result<Candidates, StoreError> {
    let from = seek.from.map_or(0, |date| first_row(date.timestamp()));
    let until = seek.until.map_or(i64::MAX, |date| first_row(date.timestamp().saturating_add(1 + SECONDS)) - 1);
    let phrases = scores::common_phrases(conn, sieve, bounds)?;
    let (ask, slow) = (expression(sieve), !phrases.is_empty());
    let most = if slow { bounds.of_phrases } else { bounds.counted };
    let mut rows = if slow && !has_beginnings(sieve) {
        walk_on(conn, &ask, from, until, most + 1)?
    } else {
        walk(conn, &ask, from, until, most + 1)?
    };
    let cut = rows.len() > most;
    as_of::leave_out_later(conn, seek.as_of, &mut rows, most)?;
    if seek.order == Order::Best {
        let all = seek.from.is_none() && seek.until.is_none();
        let having = all.then_some(rows.len());
        scores::rank(conn, (sieve, having), &phrases, &mut rows, bounds)?;
    }
    rows.truncate(most);
    Ok(Candidates { stories: rows.into_iter().map(Candidate::Row).collect(), cut })
}

/// Rows that hold something, the newest first.
pub(super) fn walk(conn: &Connection, ask: &str, from: i64, until: i64, most: usize) -> Result<Vec<i64>, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid DESC LIMIT ?4",
    )?;
    let found = read.query_map(params![ask, from, until, rows::count(most)], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The same, where much is looked into and little found: FTS5 reads on faster than back. Where the oldest rows have more of it than
/// was thought, it turns round, so that the newest are enough.
fn walk_on(conn: &Connection, ask: &str, from: i64, until: i64, most: usize) -> Result<Vec<i64>, StoreError> {
    let ends = "SELECT (SELECT min(n) FROM search_row), (SELECT max(n) FROM search_row)";
    let ends = conn.prepare_cached(ends)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (Some(first), Some(last)) = ends else { return Ok(Vec::new()) };
    let (first, last): (i64, i64) = (from.max(first), until.min(last));
    let oldest = first.saturating_add(last.saturating_sub(first) / OLDEST);
    let most_old = rows::count(most).saturating_mul(TIMES) / OLDEST;
    let mut read = conn
        .prepare_cached("SELECT rowid FROM search WHERE search MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid")?;
    let mut rows = read.query(params![ask, first, last])?;
    let (mut found, mut old) = (VecDeque::new(), 0);
    while let Some(row) = rows.next()? {
        let n: i64 = row.get(0)?;
        old += i64::from(n <= oldest);
        if old > most_old {
            return walk(conn, ask, from, until, most);
        }
        if found.len() == most {
            found.pop_front();
        }
        found.push_back(n);
    }
    Ok(found.into_iter().rev().collect())
}

/// Whether the beginning of a word is looked for: FTS5 joins the lists of all such words whenever it begins.
fn has_beginnings(sieve: &Sieve) -> bool {
    match sieve {
        Sieve::Words { open, .. } => *open,
        Sieve::All(parts) | Sieve::Any(parts) => parts.iter().any(has_beginnings),
        Sieve::Not(part) => has_beginnings(part),
        Sieve::Everything | Sieve::Nothing => false,
    }
}

/// What is looked for, in the language of FTS5. Every word stands in quotes: nothing that anybody types is an operator.
pub(super) fn expression(sieve: &Sieve) -> String {
    let mut out = String::new();
    write(sieve, &mut out);
    out
}

fn write(sieve: &Sieve, out: &mut String) {
    // Writing to a string cannot fail.
    match sieve {
        Sieve::Words { column, words, open } => {
            let column = match column {
                Column::Text => "{title body}",
                Column::Title => "title",
                Column::Body => "body",
                Column::Author => "author",
                Column::Marks => "marks",
            };
            let words = words.join(" ").replace('"', "");
            let _ = write!(out, "{column} : \"{words}\"{}", if *open { " *" } else { "" });
        }
        Sieve::All(parts) => {
            // FTS5 has no "not" of its own, only "this and not that".
            let (not, mut with): (Vec<_>, Vec<_>) = parts.iter().partition(|p| matches!(p, Sieve::Not(_)));
            let story = story();
            if with.is_empty() {
                with.push(&story);
            }
            out.push_str(&"(".repeat(not.len()));
            list(&with, " AND ", out);
            for part in not {
                out.push_str(" NOT ");
                if let Sieve::Not(inner) = part {
                    list(&[&**inner], "", out);
                }
                out.push(')');
            }
        }
        Sieve::Any(parts) => list(&parts.iter().collect::<Vec<_>>(), " OR ", out),
        Sieve::Not(_) => write(&Sieve::All(vec![sieve.clone()]), out),
        Sieve::Everything => write(&story(), out),
        Sieve::Nothing => write(&Sieve::Not(Box::new(story())), out),
    }
}

fn list(parts: &[&Sieve], with: &str, out: &mut String) {
    out.push('(');
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            out.push_str(with);
        }
        write(part, out);
    }
    out.push(')');
}

fn story() -> Sieve {
    Sieve::mark(crate::query::Mark::Story)
}

/// The first row of a second. What is dated before 1970, or so late that no number is left, stands at the ends.
fn first_row(second: i64) -> i64 {
    second.clamp(0, i64::MAX / PLACES - SECONDS - 1) * PLACES
}

/// Writes the words of stories, where they have changed.
pub(super) fn put(conn: &Connection, taken: &[(&StoryId, &Columns)]) -> Result<(), StoreError> {
    let mut places = Vec::with_capacity(taken.len());
    let mut seen = HashSet::new();
    for (story, columns) in taken.iter().filter(|(story, _)| seen.insert(*story)) {
        let date: Option<i64> = conn
            .prepare_cached("SELECT date FROM story WHERE id = ?1 AND redirect_to IS NULL")?
            .query_row([story.as_str()], |row| row.get(0))
            .optional()?;
        let Some(date) = date else { continue };
        let hash = columns.hash().cast_signed();
        let kept: Option<(i64, i64)> = conn
            .prepare_cached("SELECT n, columns FROM search_row WHERE story = ?1")?
            .query_row([story.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let n = match kept {
            Some((_, old)) if old == hash => continue,
            Some((n, _)) => n,
            None => free(conn, date.div_euclid(1_000_000))?,
        };
        conn.prepare_cached(
            "INSERT INTO search_row (n, story, columns) VALUES (?1, ?2, ?3)
             ON CONFLICT (n) DO UPDATE SET columns = excluded.columns",
        )?
        .execute(params![n, story.as_str(), hash])?;
        places.push((n, kept.is_some(), *columns));
    }
    // Rising numbers go into one piece of the index; each step back would begin another.
    places.sort_unstable_by_key(|(n, ..)| *n);
    for (n, old, columns) in places {
        if old {
            conn.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([n])?;
        }
        conn.prepare_cached("INSERT INTO search (rowid, title, body, author, marks) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![n, columns.title, columns.body, columns.author, columns.marks])?;
    }
    Ok(())
}

/// The next place of a second, or of one soon after.
fn free(conn: &Connection, second: i64) -> Result<i64, StoreError> {
    let first = first_row(second);
    let mut last = conn.prepare_cached("SELECT max(n) FROM search_row WHERE n BETWEEN ?1 AND ?2")?;
    for start in (0..SECONDS).map(|s| first + s * PLACES) {
        match last.query_row([start, start + PLACES - 1], |row| row.get::<_, Option<i64>>(0))? {
            None => return Ok(start),
            Some(n) if n < start + PLACES - 1 => return Ok(n + 1),
            Some(_) => {}
        }
    }
    Err(StoreError::Database("no place for one more story of one date".into()))
}

/// Takes the words of a story away.
pub(super) fn take(conn: &Connection, story: &str) -> Result<(), StoreError> {
    let n: Option<i64> = conn
        .prepare_cached("SELECT n FROM search_row WHERE story = ?1")?
        .query_row([story], |row| row.get(0))
        .optional()?;
    if let Some(n) = n {
        conn.prepare_cached("DELETE FROM search_row WHERE n = ?1")?.execute([n])?;
        conn.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([n])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::merge;
    use super::super::samples::*;
    use super::super::{Shelving, Taken};
    use super::*;
    use crate::curate::Listed;
    use crate::model::{Article, Lang};
    use crate::query::Query;

    fn columns(article: &Article) -> Columns {
        let story = alone(article);
        Listed::new(&story, &[], at(0)).columns(&story)
    }

    fn alone(article: &Article) -> Story {
        Story {
            id: story_of(article),
            lead: article.clone(),
            others: Vec::new(),
            excerpt_of: None,
            tags: article.tags.clone(),
            date: article.date(),
            first_seen: article.first_seen,
            changed: article.date(),
        }
    }

    async fn take_in(store: &Store, articles: &[Article]) {
        let taken = articles
            .iter()
            .map(|a| Taken { shelving: Shelving { story: story_of(a), feeds: Vec::new() }, columns: columns(a) });
        store.take_in(taken.collect(), 0).await.unwrap();
        for article in articles {
            admit(store, &story_of(article)).await;
        }
    }

    fn seek(query: &str) -> Seek {
        let sifted = Query::parse(query).unwrap();
        let sifted = sifted.sifted(&|_| None);
        let Sifted { sieve, exact } = sifted;
        let (order, hidden) = (Order::Newest, "hidden".to_owned());
        Seek { sieve, exact, from: None, until: None, as_of: None, order, skip: 0, take: 100, hidden, most: 100 }
    }

    use crate::query::Sifted;

    /// What a search gives: the guids of what was found.
    async fn found(store: &Store, query: &'static str, seek: Seek) -> Findings<String> {
        let asked = Query::parse(query).unwrap();
        let accept: Accept<String> = Box::new(move |story| {
            let listed = Listed::new(&story, &[], at(0));
            listed.matches(&asked).then(|| story.lead.guid.clone().unwrap_or_default())
        });
        store.search(seek, accept).await.unwrap()
    }

    fn about(guid: &str, title: &str, text: &str) -> Article {
        let minutes: i64 = guid.bytes().map(i64::from).sum();
        Article {
            title: title.into(),
            text: text.into(),
            published: Some(at(minutes - 10_000)),
            lang: Lang::parse("fr-CA"),
            ..article("agence-sud", guid)
        }
    }

    #[rustfmt::skip]
    const QUERIES: &[&str] = &[
        "gaza", "GAZA ete", "palestin*", "pal*", "p*", "\"cessez-le-feu\"", "\"le feu\"", "\"la mer\"", "-gaza",
        "gaza -palestin*", "gaza OR 停火", "-(gaza OR 停火)", "停火協議", "火協", "沙", "漢字", "abc漢", "가자", "자에서", "휴전", "에",
        "ที่", "ด่วน", "นี", "นี่", "author:a", "title:gaza", "body:gaza", "-title:gaza", "tag:gaza", "-tag:gaza",
        "lang:fr", "lang:fr-CA", "lang:en", "-lang:fr", "source:agence-sud", "-source:agence-sud",
        "outlet:\"AGENCE-SUD\"", "has:image", "-has:image", "/rsf/", "/RSF/c gaza", "url:/a", "words:>3 gaza",
        "copies:>0", "and", "or", "not", "near", "\"and or\"", "quoted", "\"AND\" \"OR\"", "-and -or",
        "age:<9999d", "motmot*", "--gaza", "gaza (mer OR feu) -(absent title:x)", "absent",
    ];

    /// Every query finds through the index just what it selects when all stories are asked.
    #[tokio::test]
    async fn the_index_finds_what_the_query_selects() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let texts = [
            about("a", "L’été à Gaza", "Le cessez-le-feu tient. RSF s'inquiète."),
            about("b", "Gaza, encore", "Les Palestiniens attendent le feu vert de la mer."),
            about("c", "停火協議", "停火協議在加沙生效 abc漢字 가자에서 휴전"),
            about("d", "ที่นี่", "ข่าวด่วนจากทะเล and more"),
            about("e", "", "AND OR NOT NEAR \"quoted\" * ^ : { } - _"),
            about("f", &"mot".repeat(400), &"é".repeat(3000)),
            Article { standfirst: Some("feu de la".into()), ..about("g", "x", "mer et _ plage") },
        ];
        poll(&store, texts.to_vec(), new_or_skip()).await;
        take_in(&store, &texts).await;
        for query in QUERIES {
            let asked = Query::parse(query).unwrap();
            let mut expected: Vec<_> = texts
                .iter()
                .filter(|a| Listed::new(&alone(a), &[], at(0)).matches(&asked))
                .map(|a| a.guid.clone().unwrap())
                .collect();
            expected.sort_by(|a, b| b.cmp(a));
            let sought = found(&store, query, seek(query)).await;
            assert_eq!(sought.found, expected, "{query}");
            assert_eq!(sought.number, Number::Exactly(expected.len()), "{query}");
        }
        let deep = (0..30).fold("gaza".to_owned(), |q, i| format!("({q} OR absent{i} -no{i} OR (mer rien{i}))"));
        let deep: &'static str = Box::leak(deep.replace("(gaza", "(-(x (y OR z)) gaza").into_boxed_str());
        assert_eq!(found(&store, deep, seek(deep)).await.found, ["b", "a"]);
        let long = format!("title:{}", "mot".repeat(400));
        assert_eq!(found(&store, Box::leak(long.clone().into_boxed_str()), seek(&long)).await.found, ["f"]);
    }

    #[tokio::test]
    async fn what_is_about_it_comes_first_and_pages_do_not_overlap() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let mut articles: Vec<Article> = (0..60)
            .map(|i| Article {
                published: Some(at(-i)),
                text: format!("gaza une fois parmi bien d'autres mots numéro {i}"),
                ..article("a", &format!("{i:02}"))
            })
            .collect();
        articles[40].title = "Gaza".into();
        articles[41].text = "gaza gaza gaza gaza".into();
        articles.extend((0..200).map(|i| article("b", &i.to_string())));
        poll(&store, articles.clone(), new_or_skip()).await;
        take_in(&store, &articles).await;
        let page = |skip: usize| Seek { order: Order::Best, skip, take: 25, ..seek("gaza") };
        let first = found(&store, "gaza", page(0)).await;
        assert_eq!((&*first.found[0], &*first.found[1], &*first.found[2]), ("40", "41", "00"), "{:?}", first.found);
        assert_eq!((first.number, first.more), (Number::About(60), true));
        let mut all = Vec::new();
        for skip in [0, 25, 50] {
            all.extend(found(&store, "gaza", page(skip)).await.found);
        }
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), 60);
        let last = found(&store, "gaza", page(50)).await;
        assert_eq!((last.found.len(), last.more, last.number), (10, false, Number::Exactly(60)));
        let cut = found(&store, "/absent/", Seek { most: 20, ..seek("/absent/") }).await;
        assert_eq!((cut.found.len(), cut.looked), (0, Some(20)));
    }

    #[tokio::test]
    async fn a_phrase_of_common_words_is_found_whole_or_said_to_be_more() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        // Half of them within a day, the others years before.
        let articles: Vec<Article> = (0..120)
            .map(|i| Article {
                title: (if i == 77 { "De l’eau : la mer" } else { "Rien" }).into(),
                text: (if i % 7 == 0 { "la mer monte" } else { "mer la la houle monte" }).into(),
                published: Some(at(if i < 60 { -i } else { -i * 50_000 })),
                ..article("a", &format!("{i:03}"))
            })
            .collect();
        poll(&store, articles.clone(), new_or_skip()).await;
        take_in(&store, &articles).await;
        let rows = |query: &'static str, bounds: Bounds, order: Order| {
            store.read(move |conn| {
                let sought = Seek { order, ..seek(query) };
                let found = matching(conn, &sought, &sought.sieve, &bounds)?;
                let rows = found.stories.iter().map(|candidate| match candidate {
                    Candidate::Row(n) => *n,
                    Candidate::Story(_) => 0,
                });
                Ok((rows.collect::<Vec<_>>(), found.cut))
            })
        };
        let whole = || Bounds { rare: 20, ..Bounds::default() };
        for query in
            ["\"la mer\"", "\"la mer\" -tag:absent", "\"mer la\"", "\"la houle mont*\"", "\"la houle\" OR rien"]
        {
            let (plain, _) = rows(query, Bounds::default(), Order::Newest).await.unwrap();
            assert!(plain.len() > 10, "{query}");
            assert_eq!(rows(query, whole(), Order::Newest).await.unwrap(), (plain.clone(), false), "{query}");
            for of_phrases in 1..plain.len() {
                let some = Bounds { of_phrases, ..whole() };
                let found = rows(query, some, Order::Newest).await.unwrap();
                assert_eq!(found, (plain[..of_phrases].to_vec(), true), "{query}: {of_phrases}");
            }
        }
        let (best, _) = rows("\"la mer\"", whole(), Order::Best).await.unwrap();
        let (mut newest, _) = rows("\"la mer\"", whole(), Order::Newest).await.unwrap();
        assert_eq!((best.len(), best[0]), (newest.len(), newest[11]), "the one that has it in its title is the first");
        newest.remove(11);
        assert_eq!(best[1..], newest);
    }

    #[tokio::test]
    async fn dates_bound_a_search_and_many_of_one_date_keep_their_places() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let articles: Vec<Article> = (0..40)
            .map(|i| Article { published: Some(at(-i * 60 - 30)), ..article("a", &format!("{i:02}")) })
            .collect();
        poll(&store, articles.clone(), new_or_skip()).await;
        take_in(&store, &articles).await;
        let bounded = Seek { from: Some(at(-300)), until: Some(at(-120)), ..seek("chapo") };
        let sought = found(&store, "chapo age:>=2h age:<=5h", bounded).await;
        assert_eq!(sought.found, ["02", "03", "04"]);

        let (places, start) = store
            .write(|conn| {
                let start = first_row(5_000);
                for n in 0..PLACES + 3 {
                    let n = free(conn, 5_000).map(|row| (row, n))?;
                    conn.execute("INSERT INTO search_row VALUES (?1, ?2, 0)", params![n.0, format!("s{}", n.1)])?;
                }
                let last: i64 =
                    conn.query_row("SELECT max(n) FROM search_row WHERE story LIKE 's%'", [], |r| r.get(0))?;
                Ok((last, start))
            })
            .await
            .unwrap();
        assert_eq!(places, start + PLACES + 2);
        assert!(first_row(i64::MAX) > first_row(9_000_000_000) && first_row(-5) == 0);
    }

    #[tokio::test]
    async fn words_follow_their_story() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let old = about("a", "Avant", "texte");
        let other = Article { first_seen: at(5), ..about("b", "Autre", "texte") };
        poll(&store, vec![old.clone(), other.clone()], new_or_skip()).await;
        take_in(&store, &[old.clone(), other.clone()]).await;
        let new = Article { title: "Après".into(), ..old.clone() };
        poll(&store, vec![new.clone()], revises()).await;
        take_in(&store, std::slice::from_ref(&new)).await;
        let count = |store: Store, word: &'static str| async move {
            store.read(move |conn| Ok(walk(conn, &expression(&seek(word).sieve), 0, i64::MAX, 9)?.len())).await.unwrap()
        };
        assert_eq!((count(store.clone(), "avant").await, count(store.clone(), "apres").await), (0, 1));
        let changes =
            || store.read(|conn| Ok(conn.query_row("SELECT max(id) FROM search_data", [], |r| r.get::<_, i64>(0))?));
        let before = changes().await.unwrap();
        take_in(&store, &[new]).await;
        assert_eq!(changes().await.unwrap(), before, "the same words are not written again");
        let (one, two) = (story_of(&old), story_of(&other));
        store.write(move |conn| merge::merge(conn, &one, &two)).await.unwrap();
        assert_eq!(count(store.clone(), "texte").await, 1);
        store.purge(at(100)).await.unwrap();
        assert_eq!(count(store.clone(), "texte").await, 0);
        let left =
            |conn: &Connection| Ok(conn.query_row("SELECT count(*) FROM search_row", [], |r| r.get::<_, i64>(0))?);
        assert_eq!(store.read(left).await.unwrap(), 0);
        store.check().await.unwrap();
    }
}
