//! The words of stories (SQLite FTS5), and which stories hold what is asked for.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use crate::model::{Story, StoryId};
use crate::query::{Column, Columns, Sieve};

use super::{Store, StoreError, refill, rows, stories};

/// A row's number is the second of the story's date, then its place within that second.
const PLACES: i64 = 1 << 12;
/// Where more stories than there are places have one date, the next seconds are taken, so many at the most.
const SECONDS: i64 = 3_600;
/// Matches that are counted, and of which the order is made; of more it is said that there are more.
const COUNTED: usize = 10_000;
/// Of these, the newest are put in the order of how much they are about what was asked.
const RANKED: usize = 500;
/// Words that are weighed, and stories that have a word at the most for its weight to be worth counting.
const WEIGHED: usize = 6;
const RARE: usize = 4_000;
/// How much more a word counts in the title than in the text.
const IN_TITLE: f64 = 4.0;
/// Of the score, so much goes with age; after so many seconds two thirds of that are gone.
const FRESHNESS: f64 = 0.4;
const FADES: f64 = 30.0 * 86_400.0;

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
    /// The order.
    pub order: Order,
    /// Stories left out at the beginning.
    pub skip: usize,
    /// Stories given.
    pub take: usize,
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

fn is_admitted(conn: &Connection, story: &StoryId) -> Result<bool, StoreError> {
    let mut read = conn.prepare_cached("SELECT 1 FROM story WHERE id = ?1 AND admitted IS NOT NULL")?;
    Ok(read.exists([story.as_str()])?)
}

fn search<T>(conn: &Connection, seek: &Seek, mut accept: Accept<T>) -> Result<Findings<T>, StoreError> {
    let since = refill::since(conn)?;
    let candidates = match &seek.sieve {
        Sieve::Nothing => Candidates::default(),
        Sieve::Everything => newest(conn, seek)?,
        sieve => matching(conn, seek, sieve)?,
    };
    let mut sought = Findings { found: Vec::new(), more: false, number: Number::Exactly(0), looked: None, since };
    let (mut looked, mut accepted) = (0, 0);
    for candidate in &candidates.stories {
        if looked >= seek.most {
            sought.looked = Some(looked);
            break;
        }
        looked += 1;
        let id = match candidate {
            Candidate::Row(n) => {
                let mut read = conn.prepare_cached("SELECT story FROM search_row WHERE n = ?1")?;
                read.query_row([n], |row| rows::story_id(row, 0)).optional()?
            }
            Candidate::Story(id) => Some(id.clone()),
        };
        // What is still waiting for its copies is not found yet either.
        let published = id.map(|id| Ok::<_, StoreError>(is_admitted(conn, &id)?.then_some(id))).transpose()?.flatten();
        let Some(story) = published.map(|id| stories::load(conn, &id)).transpose()?.flatten() else { continue };
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
    let all = looked == candidates.stories.len() && !sought.more;
    let known = candidates.stories.len();
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
    let limit = rows::count(seek.most.saturating_add(1));
    let found = read.query_map(params![from, until, limit], |row| rows::story_id(row, 0))?;
    let mut stories = found.map(|id| id.map(Candidate::Story)).collect::<Result<Vec<_>, _>>()?;
    let cut = stories.len() > seek.most;
    stories.truncate(seek.most);
    Ok(Candidates { stories, cut })
}

fn matching(conn: &Connection, seek: &Seek, sieve: &Sieve) -> Result<Candidates, StoreError> {
    let from = seek.from.map_or(0, |date| first_row(date.timestamp()));
    let until = seek.until.map_or(i64::MAX, |date| first_row(date.timestamp().saturating_add(1 + SECONDS)) - 1);
    let mut rows = walk(conn, &expression(sieve), from, until, COUNTED + 1)?;
    let cut = rows.len() > COUNTED;
    if seek.order == Order::Best {
        let all = seek.from.is_none() && seek.until.is_none();
        let having = all.then_some(rows.len().min(RARE + 1));
        rank(conn, (sieve, having), &mut rows)?;
    }
    rows.truncate(COUNTED);
    Ok(Candidates { stories: rows.into_iter().map(Candidate::Row).collect(), cut })
}

/// Rows that hold something, the newest first.
fn walk(conn: &Connection, ask: &str, from: i64, until: i64, most: usize) -> Result<Vec<i64>, StoreError> {
    let mut read = conn.prepare_cached(
        "SELECT rowid FROM search WHERE search MATCH ?1 AND rowid BETWEEN ?2 AND ?3 ORDER BY rowid DESC LIMIT ?4",
    )?;
    let found = read.query_map(params![ask, from, until, rows::count(most)], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Puts the newest rows in the order of their scores. A word that few stories have is weighed by BM25, whose counting costs as
/// many steps as there are stories with the word; of a common one it is asked only whether the title has it. `having`: how many
/// stories hold what is looked for, where that is known.
fn rank(conn: &Connection, (sieve, having): (&Sieve, Option<usize>), rows: &mut [i64]) -> Result<(), StoreError> {
    let ranked = rows.len().min(RANKED);
    let head = &mut rows[..ranked];
    let (Some(newest), Some(oldest)) = (head.first().copied(), head.last().copied()) else { return Ok(()) };
    let mut wanted = sieve.wanted();
    wanted.truncate(WEIGHED);
    if wanted.is_empty() || ranked < 2 {
        return Ok(());
    }
    let mut scores: HashMap<i64, f64> = head.iter().map(|row| (*row, 0.0)).collect();
    let all: i64 =
        conn.prepare_cached("SELECT value FROM counter WHERE name = 'stories'")?.query_row([], |row| row.get(0))?;
    let mut rare = Vec::new();
    for word in wanted {
        let having = match having {
            Some(having) if word == sieve => having,
            _ => walk(conn, &expression(word), 0, i64::MAX, RARE + 1)?.len(),
        };
        // BM25 gives nothing for a word that half of all stories have.
        if having <= RARE && having as i64 * 4 <= all {
            rare.push(word.clone());
            continue;
        }
        let weight = (1.0 + all as f64 / having as f64).ln();
        for row in walk(conn, &expression(&in_title(word)), oldest, newest, RANKED)? {
            scores.entry(row).and_modify(|score| *score += weight);
        }
    }
    if !rare.is_empty() {
        let ask = expression(&Sieve::Any(rare));
        let mut read = conn.prepare_cached(
            "SELECT rowid, bm25(search, ?4, 1, 1, 0) FROM search WHERE search MATCH ?1 AND rowid BETWEEN ?2 AND ?3",
        )?;
        let mut found = read.query(params![ask, oldest, newest, IN_TITLE])?;
        while let Some(row) = found.next()? {
            let (n, lower): (i64, f64) = (row.get(0)?, row.get(1)?);
            scores.entry(n).and_modify(|score| *score -= lower);
        }
    }
    let seconds = |row: i64| (row / PLACES) as f64;
    let score = |row: &i64| {
        let fresh = 1.0 - FRESHNESS + FRESHNESS * ((seconds(*row) - seconds(newest)) / FADES).exp();
        // A word more weighs more than a day less; among equals the newest is first.
        (scores.get(row).copied().unwrap_or_default() + 0.1) * fresh
    };
    head.sort_by(|a, b| score(b).total_cmp(&score(a)).then(b.cmp(a)));
    Ok(())
}

fn in_title(word: &Sieve) -> Sieve {
    match word {
        Sieve::Words { words, open, .. } => Sieve::Words { column: Column::Title, words: words.clone(), open: *open },
        other => other.clone(),
    }
}

/// What is looked for, in the language of FTS5. Every word stands in quotes: nothing that anybody types is an operator.
fn expression(sieve: &Sieve) -> String {
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
        Seek { sieve, exact, from: None, until: None, order: Order::Newest, skip: 0, take: 100, most: 100 }
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
    async fn dates_bound_a_search_and_many_of_one_date_keep_their_places() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let articles: Vec<Article> =
            (0..40).map(|i| Article { published: Some(at(-i * 60)), ..article("a", &format!("{i:02}")) }).collect();
        poll(&store, articles.clone(), new_or_skip()).await;
        take_in(&store, &articles).await;
        let bounded = Seek { from: Some(at(-300)), until: Some(at(-120)), ..seek("chapo") };
        let sought = found(&store, "chapo age:>=2h age:<=5h", bounded).await;
        assert_eq!(sought.found, ["02", "03", "04", "05"]);

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
