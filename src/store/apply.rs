//! Applies what was decided: a whole poll in one transaction, so that a kill at any instant loses or repeats nothing.

mod again;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, params};

use crate::dedup::Repeated;
use crate::extract::Template;
use crate::model::{Article, ArticleId, CopyKind, Decision, Intent, Known, SourceName, StoryId};
use crate::text::Shingles;

use super::articles::{self, Place};
use super::batch::Batch;
use super::entries::{self, Incoming};
use super::fingerprints::Fresh;
use super::labels::Gathered;
use super::left::Left;
use super::pack::Prepared;
use super::settling::Full;
use super::sources::{self, Numbers, SourceState};
use super::telltale::{Telltale, Told};
use super::{Store, StoreError, fingerprints, known, labels, merge, retagging, rows, seen_pages, stories, touch};

/// Decides what becomes of an article, out of the shingles of its text and what is known: `dedup::decide` with its settings.
pub type Decide = Box<dyn FnMut(Article, &Shingles, &Known) -> Decision + Send>;

/// What a poll brought.
#[derive(Debug, Clone)]
pub struct PollRecord {
    /// The source that was polled.
    pub source: SourceName,
    /// Its whole new state.
    pub state: SourceState,
    /// Its new and changed articles, in the order in which they are to be kept.
    pub articles: Batch,
    /// By the id of an entry's article: what there is to tell beside it.
    pub told: HashMap<ArticleId, Told>,
    /// What its pages share, where some were read.
    pub template: Option<Template>,
    /// Hash of the rules that the tags of its articles were made by.
    pub tagged_by: u64,
    /// The instant of the poll.
    pub now: DateTime<Utc>,
}

/// What became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Articles that founded a story.
    pub inserted: usize,
    /// Articles that joined one.
    pub joined: usize,
    /// Known articles that changed.
    pub revised: usize,
    /// Articles of which nothing was stored.
    pub skipped: usize,
    /// The stories that changed, each once.
    pub stories: Vec<StoryId>,
    /// The entries whose articles are new to their source, whatever their text is elsewhere.
    pub arrived: HashSet<ArticleId>,
}

impl Store {
    /// Stores a poll: for each article in order gathers what is known, asks `decide`, does as it says; then the source's
    /// new state. All of it or nothing, in one transaction.
    ///
    /// # Errors
    /// When it could not be stored; then none of it was.
    pub async fn apply(&self, record: PollRecord, mut decide: Decide) -> Result<Applied, StoreError> {
        let PollRecord { source, state, articles: mut batch, told, template, tagged_by, now } = record;
        let repeated = batch.repeated();
        let fresh = Arc::clone(&self.inner.fresh);
        let written = self.write_again(move |conn| {
            let mut articles = |fresh: &mut Fresh| {
                let (numbers, tags, applied) = (Numbers::new(), Gathered::default(), Applied::default());
                let left = batch.standing().cloned().map(Left::of);
                let mut round =
                    Round { conn, fresh, now, numbers, repeated: &repeated, left, lowest: None, tags, applied };
                for prepared in batch.iter() {
                    let prepared = prepared?;
                    let told = told.get(&prepared.article.id).cloned().unwrap_or_default();
                    round.settle(&prepared, told, &mut decide)?;
                }
                round.tags.flush(conn)?;
                if let Some(lowest) = round.lowest {
                    retagging::tagged_by(conn, tagged_by, lowest)?;
                }
                Ok((round.applied, Full::of(conn, round.fresh)?))
            };
            let done =
                if batch.is_empty() { Default::default() } else { fingerprints::with(&fresh, conn, &mut articles)? };
            sources::put_state(conn, &source, &state)?;
            if let Some(template) = &template {
                seen_pages::put(conn, &source, template)?;
            }
            Ok(done)
        });
        let (applied, full) = written.await?;
        self.settle(full).await;
        Ok(applied)
    }
}

/// What nobody has seen yet has not changed for anybody: corrections come before admission, too.
const CHANGED: &str = "changed = iif(admitted IS NULL, changed, max(changed, ?1))";

/// One poll being applied.
struct Round<'a> {
    conn: &'a Connection,
    fresh: &'a mut Fresh,
    now: DateTime<Utc>,
    numbers: Numbers,
    /// What its articles repeat.
    repeated: &'a Repeated,
    /// What their document holds no more, where it is whole.
    left: Option<Left>,
    /// The lowest number of an article that got its tags.
    lowest: Option<i64>,
    /// What new articles bring to their tags.
    tags: Gathered,
    applied: Applied,
}

impl Round<'_> {
    fn settle(&mut self, prepared: &Prepared, told: Told, decide: &mut Decide) -> Result<(), StoreError> {
        let article = &prepared.article;
        let source = sources::number_in(self.conn, &mut self.numbers, &article.source)?;
        let entry = Incoming::of(self.conn, source, article)?;
        let telltale = Telltale::of(article, told);
        let known = self.known(source, prepared, &entry)?;
        let Decision { intent, merges, lead, holds, part_of } = decide(article.clone(), &prepared.shingles, &known);
        let revised = match &intent {
            Intent::Revise(article) => Some(article.id.clone()),
            _ => None,
        };
        let name = self.named(source, &entry, revised.as_ref(), &known)?;
        let known_as = revised.or_else(|| known.same.as_ref().map(|same| same.id.clone()));
        // One that came as another entry has something told of it already.
        let is_new = entry.seen.is_none() && matches!(intent, Intent::Insert(_) | Intent::Join { .. });
        // New stories alone leave all others as they are.
        let alone = matches!(intent, Intent::Insert(_) | Intent::Skip { .. })
            && (merges.is_empty(), holds.is_empty(), part_of.is_none()) == (true, true, true);
        if !alone {
            self.tags.flush(self.conn)?;
        }
        let arrives = self.arrives(&intent, source)?;
        let kept = match intent {
            Intent::Insert(article) => self.insert(&article, prepared)?,
            Intent::Join { article, story, kind, leads, why } => {
                self.join(&article, prepared, &Joining { story, kind, leads, why })?
            }
            Intent::Revise(article) => match self.revise(&article, prepared, name)? {
                Some(true) => Some(article.id.clone()),
                Some(false) => {
                    // What was read again is told as it is now.
                    telltale.stored(self.conn, source, &entry, (&article.id, false))?;
                    None
                }
                None => None,
            },
            Intent::Skip { .. } => None,
        };
        match &kept {
            Some(kept) => telltale.stored(self.conn, source, &entry, (kept, is_new))?,
            None => self.applied.skipped += 1,
        }
        if arrives && kept.is_some() {
            self.applied.arrived.insert(entry.id.clone());
        }
        if kept.is_none() && known_as.is_none() {
            telltale.skipped(self.conn, source, &entry.id, self.now)?;
        }
        let article = kept.or(known_as).unwrap_or_else(|| entry.id.clone());
        if !alone {
            self.tags.flush(self.conn)?;
        }
        if !merges.is_empty() || lead.is_some() {
            self.merge(&article, &merges, lead.as_ref())?;
        }
        if !holds.is_empty() {
            self.hold(&article, &holds)?;
        }
        if let Some(whole) = part_of {
            self.stands_in(&article, whole)?;
        }
        entries::remember(self.conn, source, &entry, &article)
    }

    /// What is known of an article that a source gives by an entry.
    fn known(&mut self, source: i64, prepared: &Prepared, entry: &Incoming) -> Result<Known, StoreError> {
        let article = &prepared.article;
        let known = known::gather(self.conn, self.fresh, source, prepared, entry)?;
        let mut known = Known { repeated: self.repeated.by(&article.source), ..known };
        if let (Some(left), None, None) = (&mut self.left, &known.same, &entry.seen) {
            known.left = left.like(self.conn, source, article, &known)?;
            known::add_stories(self.conn, &mut known)?;
        }
        Ok(known)
    }

    /// Notes that the text of an article stands in another story.
    fn stands_in(&mut self, article: &ArticleId, whole: StoryId) -> Result<(), StoreError> {
        if let Some((n, story)) = self.place(article)?.filter(|(_, story)| *story != whole)
            && stories::hold(self.conn, &whole, n)?
        {
            self.touched(story)?;
            self.touched(whole)?;
        }
        Ok(())
    }

    /// Whether what is decided about is new to its source.
    fn arrives(&self, intent: &Intent, source: i64) -> Result<bool, StoreError> {
        Ok(match intent {
            Intent::Insert(_) => true,
            // A part of what it gave is another article; what tells the same is the same one, under another id.
            Intent::Join { story, kind, .. } => {
                *kind == CopyKind::Excerpt || !stories::is_told_by(self.conn, story, source)?
            }
            Intent::Revise(_) | Intent::Skip { .. } => false,
        })
    }

    fn insert(&mut self, article: &Article, prepared: &Prepared) -> Result<Option<ArticleId>, StoreError> {
        let id = self.found(article, prepared)?;
        self.applied.inserted += usize::from(id.is_some());
        Ok(id)
    }

    /// A new article founds a story of its own.
    fn found(&mut self, article: &Article, prepared: &Prepared) -> Result<Option<ArticleId>, StoreError> {
        let story = StoryId::from(article.id.clone());
        if articles::exists(self.conn, &article.id)? || self.story_row(story.as_str())?.is_some() {
            return Ok(None);
        }
        let prepared = prepared.still(article)?;
        let source = sources::number_in(self.conn, &mut self.numbers, &article.source)?;
        let date = rows::micros(article.place());
        // Not the instant of storing: a rebuilt database would tell every reader that all has changed.
        let changed = article.updated.map_or(date, |u| date.max(rows::micros(u.min(article.first_seen))));
        let revision = touch::raise(self.conn)?;
        // Its article is the next to be numbered.
        self.conn
            .prepare_cached(
                "INSERT INTO story (id, lead, date, first_seen, changed, revision)
                 VALUES (?1, (SELECT ifnull(max(n), 0) + 1 FROM article), ?2, ?3, ?4, ?5)",
            )?
            .execute(params![story.as_str(), date, rows::micros(article.first_seen), changed, revision])?;
        let place = Place { story: story.as_str(), kind: CopyKind::Lead, why: None };
        let n = articles::insert(self.conn, self.fresh, source, article, &prepared, &place, &mut self.tags)?;
        self.tagged(n);
        self.tags.shelve(story.as_str(), date, &article.tags, revision);
        self.changed(story);
        Ok(Some(article.id.clone()))
    }

    fn join(
        &mut self,
        article: &Article,
        prepared: &Prepared,
        joining: &Joining,
    ) -> Result<Option<ArticleId>, StoreError> {
        if articles::exists(self.conn, &article.id)? {
            return Ok(None);
        }
        let Some(story) = self.story_row(joining.story.as_str())? else { return self.insert(article, prepared) };
        let mut prepared = prepared.still(article)?;
        if !joining.leads && stories::is_found_by_many(self.conn, story.id.as_str())? {
            prepared.to_mut().keys.clear();
        }
        let source = sources::number_in(self.conn, &mut self.numbers, &article.source)?;
        let before = labels::of_story(self.conn, story.id.as_str())?;
        // Where the newcomer leads, `kind` says how the old lead stands to it.
        let as_copy = if joining.kind == CopyKind::Lead { CopyKind::Copy } else { joining.kind };
        let kind = if joining.leads { CopyKind::Lead } else { as_copy };
        let place = Place { story: story.id.as_str(), kind, why: Some(&joining.why) };
        let n = articles::insert(self.conn, self.fresh, source, article, &prepared, &place, &mut self.tags)?;
        stories::accompany(self.conn, story.id.as_str())?;
        self.tagged(n);
        self.tags.flush(self.conn)?;
        if joining.leads {
            self.lead(&story, n, as_copy)?;
        }
        labels::reshelve(self.conn, story.id.as_str(), story.date, &before)?;
        self.applied.joined += 1;
        self.touched(story.id)?;
        Ok(Some(article.id.clone()))
    }

    /// Gives a story another lead; its id and its date stay.
    fn lead(&self, story: &StoryRow, n: i64, old_becomes: CopyKind) -> Result<(), StoreError> {
        self.conn
            .prepare_cached("UPDATE article SET kind = ?1 WHERE n = ?2")?
            .execute(params![rows::written_kind(old_becomes), story.lead])?;
        self.conn.prepare_cached(&format!("UPDATE story SET {CHANGED}, lead = ?2 WHERE id = ?3"))?.execute(params![
            rows::micros(self.now),
            n,
            story.id.as_str()
        ])?;
        touch::beside(self.conn, story.id.as_str())?;
        touch::recommenders(self.conn, story.id.as_str())
    }

    /// Stories that an article shows to be one with its own become one.
    fn merge(&mut self, article: &ArticleId, others: &[StoryId], lead: Option<&ArticleId>) -> Result<(), StoreError> {
        let Some((_, own)) = self.place(article)? else { return Ok(()) };
        for other in others {
            merge::merge(self.conn, &own, other)?;
        }
        let Some(story) = self.story_row(own.as_str())? else { return Ok(()) };
        if let Some((n, _)) = lead.map(|lead| self.place(lead)).transpose()?.flatten()
            && n != story.lead
        {
            self.lead(&story, n, CopyKind::Copy)?;
            self.conn.prepare_cached("UPDATE article SET kind = 'lead' WHERE n = ?1")?.execute([n])?;
        }
        self.touched(story.id)
    }

    /// Articles of other stories are a part of this one's text.
    fn hold(&mut self, article: &ArticleId, held: &[ArticleId]) -> Result<(), StoreError> {
        let Some((_, whole)) = self.place(article)? else { return Ok(()) };
        let mut told = false;
        for part in held {
            let Some((n, story)) = self.place(part)?.filter(|(_, story)| *story != whole) else { continue };
            if stories::hold(self.conn, &whole, n)? {
                self.touched(story)?;
                told = true;
            }
        }
        if told { self.touched(whole) } else { Ok(()) }
    }

    /// Number and story of a live article.
    fn place(&self, article: &ArticleId) -> Result<Option<(i64, StoryId)>, StoreError> {
        let mut read = self.conn.prepare_cached("SELECT n, story FROM article WHERE id = ?1 AND story IS NOT NULL")?;
        Ok(read.query_row([article.as_str()], |row| Ok((row.get(0)?, rows::story_id(row, 1)?))).optional()?)
    }

    fn story_row(&self, id: &str) -> Result<Option<StoryRow>, StoreError> {
        let mut read = self.conn.prepare_cached(
            "SELECT coalesce(t.id, s.id), coalesce(t.lead, s.lead), coalesce(t.date, s.date)
             FROM story s LEFT JOIN story t ON t.id = s.redirect_to WHERE s.id = ?1",
        )?;
        let row = |row: &rusqlite::Row<'_>| {
            Ok(StoryRow { id: rows::story_id(row, 0)?, lead: row.get(1)?, date: row.get(2)? })
        };
        Ok(read.query_row([id], row).optional()?)
    }

    fn tagged(&mut self, n: i64) {
        self.lowest = Some(self.lowest.map_or(n, |lowest| lowest.min(n)));
    }

    fn touched(&mut self, story: StoryId) -> Result<(), StoreError> {
        touch::story(self.conn, story.as_str())?;
        self.changed(story);
        Ok(())
    }

    fn changed(&mut self, story: StoryId) {
        if !self.applied.stories.contains(&story) {
            self.applied.stories.push(story);
        }
    }
}

struct StoryRow {
    id: StoryId,
    lead: i64,
    date: i64,
}

struct Joining {
    story: StoryId,
    kind: CopyKind,
    leads: bool,
    why: String,
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::super::samples::*;
    use super::super::{EntryKey, Shelf};
    use super::*;
    use crate::model::{CleanHtml, Enclosure, Identity, Image, Lang, Outlet};

    #[test]
    fn a_place_follows_the_document_and_there_is_one_at_any_time() {
        let seen = |first_seen| Article { first_seen, ..article("a", "1") }.place();
        let quarter = chrono::DateTime::from_timestamp(1_790_000_100, 0).unwrap();
        let places: Vec<_> = (0..1500).map(|behind| seen(quarter - chrono::TimeDelta::microseconds(behind))).collect();
        assert!(places[..1000].is_sorted_by(|a, b| a > b) && places[1000..].iter().all(|place| *place == places[999]));
        assert!(seen(quarter - chrono::TimeDelta::minutes(15)) < places[999], "an earlier poll");
        let first = chrono::DateTime::<chrono::Utc>::MIN_UTC;
        assert_eq!(seen(first), first);
    }

    #[tokio::test]
    async fn an_article_comes_back_as_it_was_given() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let mut whole = article("a", "1");
        whole.image =
            Some(Image { url: "https://a.example/1.jpg".into(), width: Some(3), height: None, alt: Some("é".into()) });
        whole.enclosures = vec![Enclosure { url: "https://a.example/1.mp3".into(), ..Enclosure::default() }];
        whole.lang = Lang::parse("fr");
        whole.updated = Some(at(-30));
        whole.entry_hash = u64::MAX;
        whole.tags = tags(&["Libération_Palestine", "Gaza"]);
        whole.provenance.origin = Some(Outlet { name: "AFP".into(), url: Some("https://afp.example/x".into()) });
        let applied = poll(&store, vec![whole.clone()], new_or_skip()).await;
        assert_eq!((applied.inserted, &applied.stories[..]), (1, &[story_of(&whole)][..]));
        let story = store.story(whole.id.as_str()).await.unwrap().unwrap();
        assert_eq!(story.lead, whole);
        assert_eq!(story.tags, whole.tags);
        assert_eq!(story.tags[0].tag.shown(), "Libération_Palestine");
        assert_eq!((story.date, story.first_seen, story.changed), (whole.place(), at(0), at(-30)));
    }

    #[tokio::test]
    async fn the_same_poll_twice_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let articles = vec![article("a", "1"), article("a", "2")];
        poll(&store, articles.clone(), new_or_skip()).await;
        let revision = store.revision();
        for decide in
            [new_or_skip(), revises(), Box::new(|a, _: &Shingles, _: &Known| Intent::Insert(Box::new(a)).into())]
        {
            let again = poll(&store, articles.clone(), decide).await;
            assert_eq!(again, Applied { skipped: 2, ..Applied::default() });
        }
        assert_eq!(store.revision(), revision);
        assert_eq!(store.count_in(&Shelf::All).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_copy_joins_and_a_better_one_takes_the_lead() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let first = article("a", "1");
        let id = story_of(&first);
        poll(&store, vec![first.clone()], new_or_skip()).await;
        admit(&store, &id).await;
        let alone = store.story(id.as_str()).await.unwrap().unwrap();

        let mut copy = article("b", "1");
        copy.tags = tags(&["gaza", "Rafah"]);
        let before = store.revision();
        let applied = poll_at(&store, vec![copy.clone()], joins(id.clone(), false), at(5)).await;
        assert_eq!((applied.joined, applied.inserted), (1, 0));
        assert!(store.revision() > before);
        let story = store.story(id.as_str()).await.unwrap().unwrap();
        assert_eq!(story.lead.id, first.id);
        assert_eq!(story.others.iter().map(|o| o.outlet.name.as_str()).collect::<Vec<_>>(), ["B"]);
        assert_eq!(story.tags.iter().map(|t| t.tag.shown()).collect::<Vec<_>>(), ["Gaza", "Rafah"]);
        assert_eq!(story.changed, alone.changed, "a copy is no update");

        assert_eq!(store.reasons(&id).await.unwrap(), [(copy.id, "1.00 of its text".to_owned())]);

        let mut best = article("c", "1");
        best.published = Some(at(-600));
        poll_at(&store, vec![best.clone()], joins(id.clone(), true), at(9)).await;
        let led = store.story(id.as_str()).await.unwrap().unwrap();
        assert_eq!((&led.id, &led.lead.id, led.date), (&id, &best.id, alone.date));
        assert_eq!(led.changed, at(9));
        let kinds: Vec<_> = led.others.iter().map(|o| (o.source.as_str(), o.kind)).collect();
        assert_eq!(kinds, [("a", CopyKind::Copy), ("b", CopyKind::Copy)]);
        assert_eq!(store.count_in(&Shelf::All).await.unwrap(), 1);
        assert_eq!(store.count_in(&Shelf::Tag("rafah".into())).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_revision_keeps_id_and_first_seen() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let first = article("a", "1");
        poll(&store, vec![first.clone()], new_or_skip()).await;
        let early = Article { title: "Corrigé".into(), ..first.clone() };
        poll_at(&store, vec![early], revises(), at(1)).await;
        let story = store.story(first.id.as_str()).await.unwrap().unwrap();
        assert_eq!(story.changed, story.date, "nobody has seen it before");
        admit(&store, &story.id).await;
        let mut second = first.clone();
        second.text = "Tout autre texte".into();
        second.body = CleanHtml::vouched("<p>Tout autre texte</p>".into());
        second.first_seen = at(90);
        second.published = Some(at(-5));
        second.tags = tags(&["Rafah"]);
        let applied = poll_at(&store, vec![second.clone()], revises(), at(100)).await;
        assert_eq!(applied.revised, 1);
        let story = store.story(first.id.as_str()).await.unwrap().unwrap();
        assert_eq!((story.lead.first_seen, story.date, story.changed), (at(0), first.place(), at(100)));
        assert!(first.published.is_some() && story.lead.published == first.published, "its first date stays");
        assert_eq!(story.lead.text, second.text);
        assert!(store.stories_in(&Shelf::Tag("gaza".into()), 9, 0).await.unwrap().is_empty());
        assert_eq!(store.stories_in(&Shelf::Tag("rafah".into()), 9, 0).await.unwrap().len(), 1);
        assert_eq!(store.tag("gaza").await.unwrap(), None);
        let stale = shared_with(&store, &first).await;
        assert!(stale.candidates.is_empty(), "the old text's fingerprints are gone");
    }

    #[tokio::test]
    async fn another_source_with_the_same_id_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let mine = article("a", "1");
        poll(&store, vec![mine.clone()], new_or_skip()).await;
        let mut theirs = article("b", "1");
        theirs.id = mine.id.clone();
        let applied = poll(&store, vec![theirs.clone()], revises()).await;
        assert_eq!((applied.skipped, applied.revised), (1, 0));
        let same_guid = poll(&store, vec![article("b", "1")], new_or_skip()).await;
        assert_eq!(same_guid.inserted, 1);
        assert_eq!(store.story(mine.id.as_str()).await.unwrap().unwrap().lead, mine);
    }

    #[tokio::test]
    async fn an_entry_that_was_skipped_is_known_at_the_next_poll() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let entry = article("a", "1");
        let skip: Decide = Box::new(|a, _, _| Intent::Skip { id: a.id, why: "empty".into() }.into());
        poll(&store, vec![entry.clone()], skip).await;
        let key = EntryKey { guid: entry.guid.clone(), url_key: None, id: entry.id.clone() };
        let other = EntryKey { guid: Some("2".into()), url_key: None, id: article("a", "2").id };
        let known = store.known_entries(&entry.source, vec![other, key]).await.unwrap();
        assert_eq!(known[0], None);
        assert_eq!(known[1].as_ref().map(|k| (&k.id, k.entry_hash)), Some((&entry.id, entry.entry_hash)));
    }

    /// What the store knows of an article as if it came now from source `z`.
    async fn shared_with(store: &Store, article: &Article) -> Known {
        let seen = Arc::new(Mutex::new(Known::default()));
        let see = Arc::clone(&seen);
        let mut as_new = article.clone();
        as_new.source = source("z");
        as_new.id = ArticleId::of(&source("z"), &Identity::Guid("z".into()));
        as_new.guid = Some("z".into());
        let look: Decide = Box::new(move |a, _, known| {
            *see.lock().unwrap() = known.clone();
            Intent::Skip { id: a.id, why: String::new() }.into()
        });
        poll(store, vec![as_new], look).await;
        let known = seen.lock().unwrap();
        known.clone()
    }

    #[tokio::test]
    async fn what_is_known_is_gathered() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let first = article("a", "1");
        poll(&store, vec![first.clone(), article("a", "2")], new_or_skip()).await;

        let mut near = first.clone();
        near.text.push_str(" et une fin ajoutée");
        near.url_key = Some("elsewhere.example/1".into());
        let known = shared_with(&store, &near).await;
        assert!(known.same.is_none() && known.at_url.is_empty() && known.same_text.is_empty());
        assert_eq!(known.candidates.iter().map(|c| &c.id).collect::<Vec<_>>(), [&first.id]);
        assert_eq!(known.candidates[0].text, first.text);
        assert!(known.candidates[0].shared >= 2);
        assert_eq!((known.stories.len(), &known.stories[0].lead), (1, &first.id));

        let exact = shared_with(&store, &first).await;
        assert_eq!(exact.at_url.iter().map(|k| &k.id).collect::<Vec<_>>(), [&first.id]);
        assert_eq!(exact.same_text.iter().map(|k| &k.id).collect::<Vec<_>>(), [&first.id]);
        assert_eq!(exact.same_text[0].text, first.text);
    }

    #[tokio::test]
    async fn what_too_many_share_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = open_in(folder.path());
        let text = article("a", "same").text;
        let with_text = |guid: String| Article { text: text.clone(), ..article("a", &guid) };
        let always = || -> Decide { Box::new(|a, _, _| Intent::Insert(Box::new(a)).into()) };
        poll(&store, (0..64).map(|i| with_text(i.to_string())).collect(), always()).await;
        let probe = Article { url_key: None, ..with_text("probe".into()) };
        assert_eq!(shared_with(&store, &probe).await.candidates.len(), 20);
        poll(&store, vec![with_text("64".into())], always()).await;
        assert!(shared_with(&store, &probe).await.candidates.is_empty());
    }
}
