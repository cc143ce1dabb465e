//! A feed for one reader without any account: its address is its profile.

use std::collections::BTreeSet;
use std::sync::PoisonError;

use super::Publisher;
use super::address::Format;
use super::likeness::Asked;
use crate::model::{Edition, EditionEntry, Lang, StoryId, Tag};
use crate::recommend::{Pick, Vector};
use crate::render::pages::{self, Chosen, Profile};
use crate::render::{Cache, Rendered, content_type};
use crate::store::StoreError;
use crate::text::{excerpt, tag_key};

/// Parts of each kind that a profile may have.
const MOST_PARTS: usize = 30;
/// Bytes of an address that are read.
const MOST_BYTES: usize = 4_096;
/// Parts that were left out and are named, and characters of each.
const MOST_UNKNOWN: usize = 10;
const UNKNOWN_CHARS: usize = 40;

/// What an address asks for, before it is known whether it is there.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wanted {
    tags: BTreeSet<String>,
    like: BTreeSet<StoryId>,
    less: BTreeSet<StoryId>,
    unknown: Vec<String>,
}

impl Wanted {
    fn read(query: &str) -> Self {
        let mut wanted = Self::default();
        let whole = query.len() <= MOST_BYTES;
        let query = query.get(..MOST_BYTES).unwrap_or(if whole { query } else { "" });
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            for part in value.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                let taken = match (&*name, StoryId::parse(part)) {
                    ("tags", _) => add(&mut wanted.tags, Some(tag_key(part)).filter(|key| !key.is_empty())),
                    ("like", story) => add(&mut wanted.like, story),
                    ("less", story) => add(&mut wanted.less, story),
                    // What others append to addresses is none of ours.
                    _ => true,
                };
                if !taken {
                    wanted.unknown.push(part.to_owned());
                }
            }
        }
        // Who likes and dislikes a story likes it.
        wanted.less.retain(|story| !wanted.like.contains(story));
        wanted
    }
}

/// Adds a part where there is one and there is room.
fn add<T: Ord>(parts: &mut BTreeSet<T>, part: Option<T>) -> bool {
    let Some(part) = part else { return false };
    if parts.len() >= MOST_PARTS && !parts.contains(&part) {
        return false;
    }
    parts.insert(part);
    true
}

impl Publisher {
    /// What is like the stories and under the tags that the address names. The same store gives the same bytes: ages are
    /// counted from the newest story.
    pub(super) async fn personal(&self, query: &str, format: Format) -> Result<Option<Rendered>, StoreError> {
        let mut wanted = Wanted::read(query);
        let mut unknown = std::mem::take(&mut wanted.unknown);
        let tags = self.followed(wanted.tags, &mut unknown).await?;
        let (like, liked) = self.chosen(wanted.like, &mut unknown).await?;
        let (less, unliked) = self.chosen(wanted.less, &mut unknown).await?;
        unknown.truncate(MOST_UNKNOWN);
        unknown.iter_mut().for_each(|part| *part = excerpt(part, UNKNOWN_CHARS));
        let profile = Profile { tags, like, less, unknown };

        let limit = self.settings.defaults.limit;
        let newest = self.index.read().unwrap_or_else(PoisonError::into_inner).index.newest();
        let now = newest.map_or(self.clock.now(), |newest| newest.min(self.clock.now()));
        let tags = profile.tags.clone();
        let asked =
            Asked { like: liked, unlike: unliked, tags, told: None, now, count: limit, never: Default::default() };
        let picks = if profile.is_empty() { Vec::new() } else { self.ask(asked, None).await? };
        let edition = self.gathered(&profile, &picks).await?;
        Ok(Some(match format {
            Format::Page => {
                let html = pages::personal(&self.settings.site, self.settings.tz, &profile, &edition);
                Rendered::new(content_type::HTML, html, Cache::Private)
            }
            _ => self.written(true, edition, format, pages::Kind::Feed).await?,
        }))
    }

    /// The tags that everybody may see.
    async fn followed(&self, keys: BTreeSet<String>, unknown: &mut Vec<String>) -> Result<Vec<Tag>, StoreError> {
        let one = |key: String| self.settings.tagging.aliases.get(&key).map_or(key.clone(), |tag| tag.key().to_owned());
        let mut tags: Vec<Tag> = Vec::new();
        for key in keys.into_iter().map(one).collect::<BTreeSet<_>>() {
            let carried = self.index.read().unwrap_or_else(PoisonError::into_inner).index.carriers(&key) > 0;
            match if carried { self.store.tag(&key).await? } else { None } {
                Some(tag) => tags.push(tag),
                None => unknown.push(key),
            }
        }
        Ok(tags)
    }

    /// The stories that everybody may see, with their vectors.
    async fn chosen(
        &self,
        ids: BTreeSet<StoryId>,
        unknown: &mut Vec<String>,
    ) -> Result<(Vec<Chosen>, Vec<(StoryId, Option<Lang>, Vector)>), StoreError> {
        let (mut chosen, mut members) = (Vec::new(), Vec::new());
        let mut seen = BTreeSet::new();
        for id in ids {
            // One that turned out to be another's copy stands for that.
            let story = self.store.story(id.as_str()).await?.filter(|story| !self.is_hidden(story));
            let Some(story) = story else {
                unknown.push(id.to_string());
                continue;
            };
            if seen.insert(story.id.clone()) {
                let kept = self.store.vectors(std::slice::from_ref(&story.id)).await?;
                members.extend(Asked::like(self, &story, kept.get(&story.id), 0).like);
                chosen.push(Chosen { title: story.lead.title, story: story.id });
            }
        }
        Ok((chosen, members))
    }

    /// The stories of a personal feed, the newest first, each with its recommendations as they were fixed.
    async fn gathered(&self, profile: &Profile, picks: &[Pick]) -> Result<Edition, StoreError> {
        let ids: Vec<StoryId> = picks.iter().map(|pick| pick.story.clone()).collect();
        let admitted = self.store.admitted(&ids).await?;
        let mut recommended = self.recommendations(None, &ids).await?;
        let plan = self.all_plan();
        let mut entries: Vec<EditionEntry> = Vec::with_capacity(ids.len());
        for story in self.store.stories(&ids).await?.into_iter().filter(|story| admitted.contains(&story.id)) {
            let mut list = recommended.remove(&story.id).unwrap_or_default();
            list.truncate(self.settings.recommend.count);
            entries.extend(self.shown(story, &plan, list));
        }
        self.link_tags(&mut entries).await?;
        entries.sort_by(|a, b| b.published.cmp(&a.published).then_with(|| a.story.cmp(&b.story)));
        let lang = self.settings.site.lang.clone();
        Ok(Edition {
            path: profile.path(),
            opened_by: None,
            title: format!("{} · {}", pages::personal_title(&lang), self.settings.site.title),
            description: None,
            changed: entries.iter().map(|e| e.updated).max(),
            recommended_heading: self.heading(&lang),
            lang,
            entries,
            digests: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_whatever_stands_in_it() {
        let (a, b) = ("a".repeat(16), "b".repeat(16));
        let wanted = Wanted::read(&format!(
            "like={b},{a}&like={a}&less={a}&tags=Gaza,%23Lib%C3%A9ration-Palestine,,&utm_source=x"
        ));
        assert_eq!(wanted.like.iter().map(StoryId::as_str).collect::<Vec<_>>(), [&a, &b]);
        assert_eq!(wanted.tags.iter().collect::<Vec<_>>(), ["gaza", "liberation_palestine"]);
        assert!(wanted.less.is_empty() && wanted.unknown.is_empty(), "{wanted:?}");
        assert_eq!(Wanted::read("like=../x&tags=%00!&less=1").unknown, ["../x", "\0!", "1"]);
        let many: Vec<String> = (0..200).map(|i| format!("t{i}")).collect();
        let wanted = Wanted::read(&format!("tags={}", many.join(",")));
        assert_eq!((wanted.tags.len(), wanted.unknown.len()), (MOST_PARTS, 200 - MOST_PARTS));
        for odd in ["", "&&==", "tags", "like=%ff%fe", &"x=é&".repeat(9_000), &format!("tags={}", "é".repeat(9_000))]
        {
            assert!(Wanted::read(odd).tags.len() <= 1, "{odd:.20}");
        }
    }
}
