//! The index of likeness: filled from the store, kept up with what changes, asked in two steps with the store between.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};

use super::Publisher;
use crate::curate::Listed;
use crate::model::{Article, Lang, Recommendation, Republish, Story, StoryId, Tag, Why};
use crate::query::Query;
use crate::recommend::{Doc, From, Index, Member, Pick, Pool, Question, Settings, Vector, Weights};
use crate::store::{Outline, Shelf, StoreError, StoredVector};

/// Stories taken in at a time: few, so that what is read of them on the way leaves little behind.
const BATCH: usize = 100;
/// Vectors that are held while many stories are compared with others: each is a kilobyte or two.
const MOST_HELD: usize = 4_096;

/// Which stories may be recommended, those of any of these sets; `None`: all.
pub(super) type Allowed = Option<Vec<Arc<HashSet<StoryId>>>>;

/// What is known of all stories.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) index: Index,
    /// By the hash of each query of `from`: the stories that it selects.
    selected: BTreeMap<u64, Arc<HashSet<StoryId>>>,
    /// By slug: the stories of a feed, and the revision of its shelf at which they were read.
    members: HashMap<String, (u64, Arc<HashSet<StoryId>>)>,
}

impl Known {
    /// Nothing yet, to be filled in place of another.
    fn instead_of(other: &Self, settings: &Settings) -> Self {
        let selected = settings.queries().map(|query| (query.hash(), Arc::default())).collect();
        Self { index: Index::instead_of(&other.index), selected, members: HashMap::new() }
    }

    /// Whether it should be filled anew.
    pub(super) fn is_worn(&self, settings: &Settings) -> bool {
        self.index.is_worn() || !settings.queries().all(|query| self.selected.contains_key(&query.hash()))
    }
}

/// A story as the index takes it, its vector, and the one that it may have been taken in with before.
struct Taken {
    outline: Outline,
    tags: Vec<String>,
    vector: Vector,
    before: Option<Vector>,
    /// Whether it may be recommended to anybody.
    shown: bool,
    /// By the hash of each query of `from`, whether it selects the story.
    selected: Vec<(u64, bool)>,
}

/// A question with all that it is made of.
pub(super) struct Asked {
    pub(super) like: Vec<(StoryId, Option<Lang>, Vector)>,
    pub(super) unlike: Vec<(StoryId, Option<Lang>, Vector)>,
    pub(super) tags: Vec<Tag>,
    pub(super) told: Option<(String, String)>,
    pub(super) now: DateTime<Utc>,
    pub(super) count: usize,
    /// Stories that are no answer: what an excerpt is a part of, and its other parts, are its own text.
    pub(super) never: HashSet<StoryId>,
}

/// Fills the index with the stories that may still be recommended and have not changed after revision `upto`. What was analysed
/// before is only read.
pub(super) async fn fill(publisher: &Publisher, upto: u64) -> Result<(), StoreError> {
    let since = publisher.eldest();
    // Beside the old one: pages go on showing what to read next.
    let filling = {
        let old = publisher.index.read().unwrap_or_else(PoisonError::into_inner);
        Arc::new(RwLock::new(Known::instead_of(&old, &publisher.settings.recommend)))
    };
    let mut after = None;
    loop {
        let outlines = publisher.store.outlines_since(since, upto, after, BATCH).await?;
        let Some(last) = outlines.last() else { break };
        after = Some((last.date, last.story.clone()));
        take_in(publisher, outlines, Vec::new(), &filling).await?;
    }
    let filled = Arc::into_inner(filling).map(RwLock::into_inner);
    let filled = filled.unwrap_or(Ok(Known::default())).unwrap_or_else(PoisonError::into_inner);
    *publisher.index.write().unwrap_or_else(PoisonError::into_inner) = filled;
    Ok(())
}

/// Takes in stories that are new or have changed, by their outlines; `read` are the stories, read after those.
pub(super) async fn renew(publisher: &Publisher, outlines: Vec<Outline>, read: Vec<Story>) -> Result<(), StoreError> {
    take_in(publisher, outlines, read, &publisher.index).await
}

async fn take_in(
    publisher: &Publisher,
    outlines: Vec<Outline>,
    read: Vec<Story>,
    known: &Arc<RwLock<Known>>,
) -> Result<(), StoreError> {
    let is_fresh = |o: &Outline| o.vector.as_ref().is_some_and(|v| v.form == Vector::FORM && v.of == o.of);
    let stale: HashSet<StoryId> = outlines.iter().filter(|o| !is_fresh(o)).map(|o| o.story.clone()).collect();
    // After the outlines: a text that changes in between is newer than what its outline stands for, and is made again.
    let all: Vec<StoryId> = outlines.iter().map(|o| o.story.clone()).collect();
    let asks = publisher.settings.recommend.queries().next().is_some();
    let mut feeds = if asks { publisher.store.feeds_of(&all).await? } else { HashMap::new() };
    let mut texts: HashMap<StoryId, Story> = read.into_iter().map(|story| (story.id.clone(), story)).collect();
    let mut wanted = if asks { all } else { stale.iter().cloned().collect() };
    wanted.retain(|id| !texts.contains_key(id));
    texts.extend(publisher.store.stories(&wanted).await?.into_iter().map(|story| (story.id.clone(), story)));
    let rows: Vec<Row> = outlines
        .into_iter()
        .map(|outline| Row {
            text: texts.remove(&outline.story),
            feeds: feeds.remove(&outline.story).unwrap_or_default(),
            tags: publisher.shown_tags(&outline),
            shown: publisher.is_recommendable(&outline),
            is_fresh: is_fresh(&outline),
            outline,
        })
        .collect();
    let (settings, now) = (Arc::clone(&publisher.settings), publisher.clock.now());
    let analysed = tokio::task::spawn_blocking(move || {
        rows.into_iter().map(|row| row.analysed(&settings.recommend, now)).collect::<Vec<Taken>>()
    });
    let taken = analysed.await.map_err(|_broke_off| StoreError::BrokeOff)?;
    let made = taken.iter().filter(|t| stale.contains(&t.outline.story)).map(|t| {
        let (form, of) = (Vector::FORM, t.outline.of);
        (t.outline.story.clone(), StoredVector { form, of, words: t.vector.to_bytes() })
    });
    let made: Vec<_> = made.collect();
    if !made.is_empty() {
        publisher.store.keep_vectors(made).await?;
    }
    let known = Arc::clone(known);
    let taking = tokio::task::spawn_blocking(move || {
        let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
        taken.iter().for_each(|taken| taken.enter(&mut known));
    });
    taking.await.map_err(|_broke_off| StoreError::BrokeOff)
}

/// A story on its way in.
struct Row {
    outline: Outline,
    text: Option<Story>,
    feeds: Vec<String>,
    tags: Vec<String>,
    shown: bool,
    is_fresh: bool,
}

impl Row {
    fn analysed(self, settings: &Settings, now: DateTime<Utc>) -> Taken {
        let before = self.outline.vector.as_ref().map(|stored| Vector::from_bytes(&stored.words));
        let asked = settings.queries().next().is_some();
        let listed = self.text.as_ref().filter(|_| asked).map(|story| Listed::new(story, &self.feeds, now));
        let selects = |query: &Query| listed.as_ref().is_some_and(|listed| listed.matches(query));
        let selected = settings.queries().map(|query| (query.hash(), selects(query))).collect();
        let vector = match &self.text {
            Some(story) if !self.is_fresh => vector_of(story),
            _ => before.clone().unwrap_or_default(),
        };
        Taken { outline: self.outline, tags: self.tags, vector, before, shown: self.shown, selected }
    }
}

impl Taken {
    fn enter(&self, known: &mut Known) {
        for (query, selects) in &self.selected {
            if let Some(stories) = known.selected.get_mut(query).map(Arc::make_mut) {
                if *selects {
                    stories.insert(self.outline.story.clone())
                } else {
                    stories.remove(&self.outline.story)
                };
            }
        }
        let index = &mut known.index;
        let Outline { story, lang, source, date, redirected, .. } = &self.outline;
        redirected.iter().for_each(|gone| index.remove(gone, None));
        if self.shown {
            let doc = Doc { story, lang: lang.as_ref(), tags: &self.tags, source, date: *date };
            index.insert(&doc, &self.vector, self.before.as_ref());
        } else {
            index.remove(story, self.before.as_ref());
        }
    }
}

/// The text that a story is compared by: a standfirst is a part of it.
fn vector_of(story: &Story) -> Vector {
    let lead = &story.lead;
    Vector::of(&lead.title, &told(story))
}

fn told(story: &Story) -> String {
    let lead = &story.lead;
    [&lead.title, lead.standfirst.as_deref().unwrap_or_default(), &lead.text].join("\n")
}

impl Asked {
    /// What is like a story.
    pub(super) fn like(publisher: &Publisher, story: &Story, kept: Option<&Vec<u8>>, count: usize) -> Self {
        let vector = kept.map_or_else(|| vector_of(story), |words| Vector::from_bytes(words));
        // Who tells it too, and under which tags, is as private as the copy itself.
        let hides = story.others.iter().any(|other| publisher.hides_copy(other));
        let tags = if hides { &story.lead.tags } else { &story.tags };
        Self {
            like: vec![(story.id.clone(), story.lead.lang.clone(), vector)],
            unlike: Vec::new(),
            tags: tags.iter().map(|t| t.tag.clone()).collect(),
            told: Some((story.lead.title.clone(), told(story))),
            now: publisher.clock.now(),
            count,
            never: story.parts(),
        }
    }

    /// Calls with the question.
    pub(super) fn with<T>(&self, settings: &Settings, ask: impl FnOnce(&Question<'_>) -> T) -> T {
        let (like, unlike) = (members(&self.like), members(&self.unlike));
        ask(&Question {
            like: &like,
            unlike: &unlike,
            tags: &self.tags,
            told: self.told.as_ref().map(|(title, text)| (title.as_str(), text.as_str())),
            now: self.now,
            settings,
            count: self.count,
        })
    }
}

fn members(stories: &[(StoryId, Option<Lang>, Vector)]) -> Vec<Member<'_>> {
    stories.iter().map(|(story, lang, vector)| Member { story, lang: lang.as_ref(), vector }).collect()
}

impl Publisher {
    /// The answers to a question, the best first.
    pub(super) async fn ask(&self, asked: Asked, allowed: Allowed) -> Result<Vec<Pick>, StoreError> {
        self.ask_by(&Arc::new(self.settings.recommend.clone()), asked, allowed).await
    }

    /// The stories whose texts are most like a story's, whatever their tags and age, each with how alike, 0 to 1.
    pub(super) async fn nearest(&self, story: &Story, count: usize) -> Result<Vec<(StoryId, f32)>, StoreError> {
        let by = Weights { text: 1.0, tags: 0.0, recent: 0.0 };
        let by_text = Arc::new(Settings { by, variety: 0.0, ..self.settings.recommend.clone() });
        let picks = self.ask_by(&by_text, Asked::like(self, story, None, count), None).await?;
        Ok(picks.into_iter().map(|pick| (pick.story, pick.score)).collect())
    }

    async fn ask_by(&self, settings: &Arc<Settings>, asked: Asked, allowed: Allowed) -> Result<Vec<Pick>, StoreError> {
        let (known, settings, asked) = (Arc::clone(&self.index), Arc::clone(settings), Arc::new(asked));
        let (never, refused) = (Arc::clone(&asked), self.refusal());
        let mut vectors = HashMap::new();
        let pool = self
            .pool(&settings, &asked, &mut vectors, move |index, question| {
                let may = |story: &StoryId| {
                    let allowed = allowed.is_none() || allowed.iter().flatten().any(|set| set.contains(story));
                    allowed && !never.never.contains(story) && !refused(story)
                };
                index.candidates(question, Some(&may))
            })
            .await?;
        let ranking = tokio::task::spawn_blocking(move || {
            let known = known.read().unwrap_or_else(PoisonError::into_inner);
            asked.with(&settings, |question| known.index.rank(question, &pool, &vectors))
        });
        ranking.await.map_err(|_broke_off| StoreError::BrokeOff)
    }

    /// Stories as a page names them. The index may still hold what the file has made private since.
    pub(super) fn worded(&self, picks: impl Iterator<Item = (StoryId, f32, Why, Article)>) -> Vec<Recommendation> {
        let may =
            |story: &StoryId, lead: &Article| self.rights(lead) != Republish::Private && !self.has_withdrawn(story);
        let worded =
            picks.filter(|(story, .., lead)| may(story, lead)).map(|(story, score, why, lead)| Recommendation {
                story,
                date: lead.date(),
                came_as_private: lead.came_as_private(),
                title: self.name_of(&lead),
                source: lead.source,
                url: lead.url,
                outlet: lead.provenance.outlet.name,
                lang: lead.lang,
                score,
                why,
            });
        worded.collect()
    }

    /// The pool for a question. Afterwards the vectors of its stories are held, and others that were.
    pub(super) async fn pool(
        &self,
        settings: &Arc<Settings>,
        asked: &Arc<Asked>,
        held: &mut HashMap<StoryId, Vector>,
        choose: impl FnOnce(&Index, &Question<'_>) -> Pool + Send + 'static,
    ) -> Result<Pool, StoreError> {
        let (known, settings, asked) = (Arc::clone(&self.index), Arc::clone(settings), Arc::clone(asked));
        let choosing = tokio::task::spawn_blocking(move || {
            let known = known.read().unwrap_or_else(PoisonError::into_inner);
            asked.with(&settings, |question| choose(&known.index, question))
        });
        let pool = choosing.await.map_err(|_broke_off| StoreError::BrokeOff)?;
        if held.len() > MOST_HELD {
            held.clear();
        }
        let wanted: Vec<StoryId> = pool.stories().into_iter().filter(|story| !held.contains_key(story)).collect();
        let stored = self.store.vectors(&wanted).await?;
        held.extend(stored.into_iter().map(|(story, words)| (story, Vector::from_bytes(&words))));
        Ok(pool)
    }

    /// Out of which stories a story in these feeds takes its recommendations. One that stands in no feed takes any.
    pub(super) async fn allowed(&self, from: &From, feeds: &[String]) -> Result<Allowed, StoreError> {
        Ok(match from {
            From::Site => None,
            From::Feed if feeds.is_empty() => None,
            From::Feed => {
                let mut sets = Vec::with_capacity(feeds.len());
                for feed in feeds {
                    sets.push(self.members(feed).await?);
                }
                Some(sets)
            }
            From::Query(query) => {
                let known = self.index.read().unwrap_or_else(PoisonError::into_inner);
                Some(known.selected.get(&query.hash()).cloned().into_iter().collect())
            }
        })
    }

    /// The stories of a feed that are young enough, read again when its shelf has changed.
    async fn members(&self, feed: &str) -> Result<Arc<HashSet<StoryId>>, StoreError> {
        let revision = self.store.revision_of(&Shelf::Feed(feed.to_owned())).await?;
        if let Some((read, members)) = self.index.read().unwrap_or_else(PoisonError::into_inner).members.get(feed)
            && *read == revision
        {
            return Ok(Arc::clone(members));
        }
        let members = Arc::new(self.store.members(feed, self.eldest()).await?);
        let mut known = self.index.write().unwrap_or_else(PoisonError::into_inner);
        known.members.insert(feed.to_owned(), (revision, Arc::clone(&members)));
        Ok(members)
    }

    /// The date of the eldest story that may be recommended.
    fn eldest(&self) -> DateTime<Utc> {
        let within = TimeDelta::from_std(self.settings.recommend.within).unwrap_or(TimeDelta::MAX);
        self.clock.now().checked_sub_signed(within).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// The tags of a story that everybody may see.
    fn shown_tags(&self, outline: &Outline) -> Vec<String> {
        let mut tags: Vec<String> = Vec::with_capacity(outline.tags.len());
        for (tag, source) in &outline.tags {
            if (*source == outline.source || !self.is_private(source)) && !tags.contains(tag) {
                tags.push(tag.clone());
            }
        }
        tags
    }

    /// Stories that nobody may see are not recommended to anybody.
    fn is_recommendable(&self, outline: &Outline) -> bool {
        self.rights_of(&outline.source, outline.came_under, outline.body_from) != Republish::Private
    }
}
