//! What a source gave before: the same article again, changed or not, or another one under a used id or address.

use chrono::{DateTime, Utc};

use super::New;
use super::likeness::{Beside, Relation, tells, tells_with_title};
use crate::dedup::Settings;
use crate::model::{Article, ArticleId, Enclosure, Identity, Known, KnownArticle};

/// So many earlier articles of one source under one address are looked at.
const MOST_EARLIER: usize = 20;

/// How an article stands to what its source gave before.
#[derive(Debug)]
pub(super) enum Verdict<'k> {
    /// It is new.
    New,
    /// It is a new one under an id or address that another article had.
    Reused,
    /// It is known, and came as another entry.
    Revise(&'k KnownArticle),
    /// It is known.
    Skip(&'static str),
}

/// Whether an address, by its key, names one article: a front page does not.
#[must_use]
pub fn is_of_one_article(url_key: &str) -> bool {
    url_key.split_once(['/', '?', '#']).is_some_and(|(_, rest)| !rest.is_empty())
}

pub(super) fn verdict<'k>(new: &New<'_>, known: &'k Known, settings: &Settings) -> Verdict<'k> {
    let article = new.article;
    let earlier = || earlier(article, known).take(MOST_EARLIER);
    if earlier().any(|k| k.entry_hash == article.entry_hash) {
        return Verdict::Skip("unchanged");
    }
    let mut best: Option<(f64, &KnownArticle)> = None;
    let (mut reused, mut removed) = (false, came_with_another_id(new, known, settings));
    for k in earlier() {
        if k.story.is_none() {
            // Only its fingerprints are left: it may not come back, but its address may be used again much later.
            let other = k.text_hash != new.shingles.text_hash && article.published.is_some();
            removed |= !other || new.near_in_time(k.date, settings);
            continue;
        }
        let equal = k.text_hash == new.shingles.text_hash;
        let likeness = new.likeness(&k.text);
        let is_it = if has_its_id(k, article) || article.guid.is_none() || k.guid.is_none() {
            reused |= likeness.is_other();
            equal || !likeness.is_other()
        } else {
            // Two ids at one address: a page of many entries (a change log), or the ids were renewed. The text decides; of
            // episodes, what is heard.
            if new.is_another_episode(&k.source, k.recording.as_deref()) {
                continue;
            }
            let told = equal && tells_with_title(new.shingles.words);
            let titled = equal && new.has_title(&k.title);
            told || titled || likeness.relation(Beside::titled(new.has_title(&k.title))) == Relation::Near
        };
        let score = if equal { 2.0 } else { likeness.jaccard() };
        if is_it && best.is_none_or(|(so_far, _)| score > so_far) {
            best = Some((score, k));
        }
    }
    match best.map(|(_, k)| k).or_else(|| if reused { None } else { under_another_name(new, known) }) {
        Some(k) => again(new, k),
        None if reused => Verdict::Reused,
        None if removed => Verdict::Skip("known, and removed since"),
        None => Verdict::New,
    }
}

/// The article of the source that this one is under another id and address: its document holds that no more, and they have one
/// title, and one text and one date or recording, as far as they have any; or one date to the second, where their texts do not
/// speak against it.
fn under_another_name<'k>(new: &New<'_>, known: &'k Known) -> Option<&'k KnownArticle> {
    let second = |date: Option<DateTime<Utc>>| date.map(|date| date.timestamp());
    let own = Enclosure::recording(&new.article.enclosures).is_some();
    let words = new.shingles.words;
    let is_it = |k: &&KnownArticle| {
        let untitled = new.title.is_empty() && k.title.trim().is_empty();
        if new.is_another_episode(&k.source, k.recording.as_deref()) || !(untitled || new.has_title(&k.title)) {
            return false;
        }
        let dated = new.article.published.is_some() && second(new.article.published) == second(k.published);
        if k.text_hash == new.shingles.text_hash && words > 0 {
            let undated = new.article.published.is_none() && k.published.is_none();
            let tells = if untitled { tells(words) } else { tells_with_title(words) };
            return dated || own && k.recording.is_some() || undated && tells;
        }
        let likeness = new.likeness(&k.text);
        dated && !untitled && !(likeness.tells() && likeness.relation(Beside::SameTitle) == Relation::Apart)
    };
    known.left.iter().find(is_it)
}

/// Whether its text is one that the source gave before, under another id and address, and that was removed since.
fn came_with_another_id(new: &New<'_>, known: &Known, settings: &Settings) -> bool {
    let is_it = |k: &KnownArticle| k.source == new.article.source && k.text_hash == new.shingles.text_hash;
    // Nobody knows what was heard in it.
    if Enclosure::recording(&new.article.enclosures).is_some() {
        return false;
    }
    let mut removed = known.same_text.iter().filter(|k| k.story.is_none() && new.near_in_time(k.date, settings));
    let told = |k: &KnownArticle| match new.has_title(&k.title) {
        true => tells_with_title(new.shingles.words),
        false => tells(new.shingles.words),
    };
    removed.any(|k| is_it(k) && told(k))
}

/// A known article that came again, as another entry. Whether what changed is worth telling (standfirst, tags, pictures are
/// not known here) is seen where both stand side by side, in the store.
fn again<'k>(new: &New<'_>, k: &'k KnownArticle) -> Verdict<'k> {
    // What is kept is never replaced by nothing.
    let emptied = new.shingles.words == 0 && !k.text.is_empty();
    if emptied { Verdict::Skip("came without its text") } else { Verdict::Revise(k) }
}

/// What the source gave before under this id or at this address.
fn earlier<'k>(article: &Article, known: &'k Known) -> impl Iterator<Item = &'k KnownArticle> {
    let (source, guid, url_key) = (article.source.clone(), article.guid.clone(), article.url_key.clone());
    let same = known.same.iter();
    let at_url = known.at_url.iter().filter(|k| k.url_key.as_deref().is_some_and(is_of_one_article));
    let same_text = known.same_text.iter().filter(move |k| {
        (guid.is_some() && k.guid == guid)
            || (url_key.as_deref().is_some_and(is_of_one_article) && k.url_key == url_key)
    });
    same.chain(at_url).chain(same_text).filter(move |k| k.source == source)
}

fn has_its_id(k: &KnownArticle, article: &Article) -> bool {
    k.id == article.id || (article.guid.is_some() && k.guid == article.guid)
}

/// The id for a new article. Its own; but where another article has that one (a used guid, or another source's article known
/// by the same address), one of the source, its guid or address, and its text.
pub(super) fn free_id(new: &New<'_>, known: &Known) -> ArticleId {
    let article = new.article;
    let all = known.same.iter().chain(&known.at_url).chain(&known.same_text);
    if !all.into_iter().any(|k| k.id == article.id) {
        return article.id.clone();
    }
    let name = article.guid.as_deref().or(article.url_key.as_deref()).unwrap_or_default();
    let identity = Identity::Guid(format!("{name} {:016x}", new.shingles.text_hash));
    ArticleId::of(&article.source, &identity)
}

/// The article as it now is, under the id that it had. It was first seen when it was, and keeps its place by its date;
/// `updated` moves only where the title or the words of the text did.
pub(super) fn revised(new: &New<'_>, k: &KnownArticle) -> Article {
    let article = new.article;
    let now = article.first_seen;
    let told = article.updated.filter(|claim| *claim > k.date && *claim <= now);
    let real = k.text_hash != new.shingles.text_hash || k.title != article.title;
    let updated = told.or(real.then_some(now));
    Article { id: k.id.clone(), first_seen: now.min(k.date), updated, ..article.clone() }
}
