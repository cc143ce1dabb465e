//! Which tags an article may get.

use std::collections::{HashMap, HashSet};

use super::rules;
use crate::model::{Tag, TagOrigin};

/// Which tags an article may get, and from where.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Rules of `[tags]`, ordered so that a rule stands after those whose tag it asks for.
    pub rules: rules::Rules,
    /// Origins in their order of trust; one that is not named gives no tags.
    pub origins: Vec<TagOrigin>,
    /// By the key of another spelling: the tag that is given instead.
    pub aliases: HashMap<String, Tag>,
    /// Keys of tags never given.
    pub drop: HashSet<String>,
    /// The most tags that an article gets.
    pub most: usize,
}

impl Default for Settings {
    fn default() -> Self {
        use TagOrigin::{Feed, Hashtags, Page, Rules, Source};
        Self {
            rules: rules::Rules::default(),
            origins: vec![Source, Rules, Hashtags, Feed, Page],
            aliases: HashMap::new(),
            drop: HashSet::new(),
            most: 8,
        }
    }
}
