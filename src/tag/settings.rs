//! Which tags an article may get.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{learn, rules};
use crate::model::{SourceName, Tag, TagOrigin};
use crate::text;

/// Which tags have a page and feeds of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pages {
    /// Those that the file declares, those that two sources use, and a bounded number of each source's own.
    #[default]
    All,
    /// Those that the file declares.
    Listed,
}

/// Which tags an article may get, and from where.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Rules of `[tags]`, ordered so that a rule stands after those whose tag it asks for.
    pub rules: rules::Rules,
    /// The tags of every article of a source.
    pub sources: BTreeMap<SourceName, Vec<Tag>>,
    /// Origins in their order of trust; one that is not named gives no tags.
    pub origins: Vec<TagOrigin>,
    /// By the key of another spelling: the tag that is given instead.
    pub aliases: HashMap<String, Tag>,
    /// Keys of tags never given.
    pub drop: HashSet<String>,
    /// The most tags that an article gets.
    pub most: usize,
    /// Which tags have a page.
    pub pages: Pages,
    /// Keys of the tags that the file declares: they have a rule, a source gives them, other spellings lead to them, or a feed
    /// asks for them.
    pub declared: HashSet<String>,
    /// How tags are learnt from like stories; `None`: they are not.
    pub learn: Option<learn::Settings>,
}

impl Settings {
    /// The tag that is given for a tag: its alias; none where either is dropped.
    #[must_use]
    pub fn settled(&self, tag: &Tag) -> Option<Tag> {
        let given = self.aliases.get(tag.key()).unwrap_or(tag);
        let dropped = self.drop.contains(tag.key()) || self.drop.contains(given.key());
        (!dropped && !given.key().is_empty()).then(|| given.clone())
    }

    /// A hash of all that decides which tags an article gets: where it is the same, no tag needs to be made anew.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let shown = |tag: &Tag| format!("{} {}", tag.key(), tag.shown());
        let mut said: Vec<String> = Vec::new();
        said.extend(self.rules.iter().map(|(tag, query)| format!("rule {} {:x}", shown(tag), query.hash())));
        for (source, tags) in self.sources.iter().filter(|(_, tags)| !tags.is_empty()) {
            said.push(format!("source {source} {:?}", tags.iter().map(shown).collect::<Vec<_>>()));
        }
        let mut aliases: Vec<String> =
            self.aliases.iter().map(|(key, to)| format!("alias {key} {}", shown(to))).collect();
        aliases.sort_unstable();
        let mut drop: Vec<String> = self.drop.iter().map(|key| format!("drop {key}")).collect();
        drop.sort_unstable();
        said.extend(aliases);
        said.extend(drop);
        // How keys are made: names that end with a sign are tags of their own.
        said.push("keys with + and #".to_owned());
        said.push(format!("{:?} {} {}", self.origins, self.most, self.learn.is_some()));
        text::hash(said.join("\n").as_bytes())
    }
}

impl Default for Settings {
    fn default() -> Self {
        use TagOrigin::{Feed, Hashtags, Page, Rules, Source};
        Self {
            rules: rules::Rules::default(),
            sources: BTreeMap::new(),
            origins: vec![Source, Rules, Hashtags, Feed, Page],
            aliases: HashMap::new(),
            drop: HashSet::new(),
            most: 8,
            pages: Pages::default(),
            declared: HashSet::new(),
            learn: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::Query;

    #[test]
    fn the_hash_moves_with_what_decides_and_with_nothing_else() {
        let tag = |written: &str| text::tag(written).unwrap();
        let rule = |name: &str, asks: &str| rules::Rules::new(vec![(tag(name), Query::parse(asks).unwrap())]);
        let base = Settings::default();
        let ways = [
            base.clone(),
            Settings { rules: rule("Mer", "mer"), ..base.clone() },
            Settings { rules: rule("Mer", "mer OR eau"), ..base.clone() },
            Settings { rules: rule("MER", "mer"), ..base.clone() },
            Settings { aliases: [("eau".to_owned(), tag("Mer"))].into(), ..base.clone() },
            Settings { drop: ["mer".to_owned()].into(), ..base.clone() },
            Settings { most: 7, ..base.clone() },
            Settings { origins: vec![TagOrigin::Rules], ..base.clone() },
            Settings { sources: [(SourceName::new("a").unwrap(), vec![tag("Mer")])].into(), ..base.clone() },
            Settings { learn: Some(learn::Settings::default()), ..base.clone() },
        ];
        let hashes: HashSet<u64> = ways.iter().map(Settings::hash).collect();
        assert_eq!(hashes.len(), ways.len());
        let same = [
            Settings { rules: rule("Mer", "(MER)"), ..base.clone() },
            Settings { pages: Pages::Listed, declared: ["x".to_owned()].into(), ..ways[1].clone() },
        ];
        assert!(same.iter().all(|s| s.hash() == ways[1].hash()));
    }
}
