//! Stand-in.

use regex::Regex;
use scraper::Selector;

use crate::model::Mistake;
use crate::text::Pick;

/// What is left out of a page.
#[derive(Debug, Clone)]
pub enum Drop {
    /// What a selector matches.
    Selector(Selector),
    /// Blocks whose words match.
    Words(Regex),
}

impl Drop {
    /// Reads `'.share'` or `'/^Lire aussi/'`.
    ///
    /// # Errors
    /// A mistake with its place.
    pub fn parse(written: &str) -> Result<Self, Mistake> {
        if let Some(words) = written.strip_prefix('/').and_then(|w| w.strip_suffix('/')) {
            return Regex::new(words)
                .map(Self::Words)
                .map_err(|_e| Mistake::new(0..written.len(), format!("`{written}` is not a regex")));
        }
        Selector::parse(written)
            .map(Self::Selector)
            .map_err(|_e| Mistake::new(0..written.len(), format!("`{written}` is not a CSS selector")))
    }
}

/// How an article's page is read.
#[derive(Debug, Clone, Default)]
pub struct Recipe {
    /// Body.
    pub body: Option<Pick>,
    /// What is left out.
    pub drop: Vec<Drop>,
    /// Title.
    pub title: Option<Pick>,
    /// Standfirst.
    pub standfirst: Option<Pick>,
    /// Date.
    pub date: Option<Pick>,
    /// Author.
    pub author: Option<Pick>,
    /// Image.
    pub image: Option<Pick>,
    /// Hashtags.
    pub tags: Option<Pick>,
    /// Who published it first.
    pub origin: Option<Pick>,
}
