//! The articles of one poll while they wait for the writer.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::dedup::{Repeated, Together};
use crate::model::{Article, ArticleId, CleanHtml};
use crate::text::Shingles;

use super::StoreError;
use super::pack::{Prepared, unpack};

/// Bytes of bodies, texts and what these are compared by that one poll holds ready for the writer. The texts that come beyond
/// are held in their compressed form alone, a fifth as large or less, and opened one after the other when they are stored.
const READY: usize = 1 << 20;

/// New and changed articles, in the order in which they are to be kept, with what can be worked out of them before the writer
/// has its turn.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    articles: Vec<Held>,
    together: Together,
    ready: usize,
    /// The entries of their document, and the articles that are known of them, where it is whole.
    standing: Option<HashSet<ArticleId>>,
}

#[derive(Debug, Clone)]
enum Held {
    Ready(Prepared),
    /// Without its body and its text, and with both compressed.
    Packed(Article, Vec<u8>),
}

impl Batch {
    /// A batch of these.
    ///
    /// # Errors
    /// Where a text is too large to be kept.
    pub fn of(articles: impl IntoIterator<Item = Article>) -> Result<Self, StoreError> {
        let mut batch = Self::default();
        for article in articles {
            let shingles = Shingles::of(&article.text);
            batch.push(article, shingles)?;
        }
        Ok(batch)
    }

    /// Samples and compresses one more; `shingles` are those of its text.
    ///
    /// # Errors
    /// Where its text is too large to be kept.
    pub fn push(&mut self, article: Article, shingles: Shingles) -> Result<(), StoreError> {
        let prepared = Prepared::of(article, shingles)?;
        self.together.add(&prepared.article.source, &prepared.shingles);
        self.ready += prepared.article.body.as_str().len() + prepared.article.text.len();
        self.ready += size_of_val(&*prepared.shingles.all);
        self.articles.push(if self.ready <= READY { Held::Ready(prepared) } else { Held::packed(prepared) });
        Ok(())
    }

    /// These entries, and these articles by them, stand in the document: all that its source gives at this time.
    #[must_use]
    pub fn beside(self, standing: HashSet<ArticleId>) -> Self {
        Self { standing: Some(standing), ..self }
    }

    /// The document holds only what is new.
    #[must_use]
    pub fn of_news_alone(self) -> Self {
        Self { standing: None, ..self }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    /// What the articles repeat.
    pub(super) fn repeated(&mut self) -> Repeated {
        Repeated::of(&std::mem::take(&mut self.together))
    }

    /// What stands in the document, where that is known.
    pub(super) fn standing(&self) -> Option<&HashSet<ArticleId>> {
        self.standing.as_ref()
    }

    /// Each as the writer wants it.
    pub(super) fn iter(&self) -> impl Iterator<Item = Result<Cow<'_, Prepared>, StoreError>> {
        self.articles.iter().map(Held::at_hand)
    }
}

impl Held {
    fn packed(prepared: Prepared) -> Self {
        let Prepared { article, mut packed, .. } = prepared;
        packed.shrink_to_fit();
        Self::Packed(Article { body: CleanHtml::default(), text: String::new(), ..article }, packed)
    }

    fn at_hand(&self) -> Result<Cow<'_, Prepared>, StoreError> {
        match self {
            Self::Ready(prepared) => Ok(Cow::Borrowed(prepared)),
            Self::Packed(article, packed) => {
                let (body, text) = unpack(packed)?;
                // It was `CleanHtml` when it was packed.
                let whole = Article { body: CleanHtml::vouched(body), text, ..article.clone() };
                let shingles = Shingles::of(&whole.text);
                Ok(Cow::Owned(Prepared::with(whole, shingles, packed.clone())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::*;

    #[test]
    fn what_comes_after_a_mebibyte_is_held_packed_and_comes_back_as_it_was() {
        let long =
            |n: usize| Article { text: format!("{n} {}", "mot ".repeat(1 << 14)), ..article("a", &n.to_string()) };
        let mut batch = Batch::of((0..80).map(long)).unwrap();
        let ready = batch.articles.iter().filter(|held| matches!(held, Held::Ready(_))).count();
        assert!((1..20).contains(&ready), "{ready}");
        let held = |held: &Held| match held {
            Held::Ready(one) => one.article.text.len() + one.packed.len(),
            Held::Packed(article, packed) => article.text.len() + packed.capacity(),
        };
        assert!(batch.articles.iter().map(held).sum::<usize>() < 2 * READY);
        assert_eq!(batch.repeated().by(&source("a")).len(), 1);
        for (n, prepared) in batch.iter().enumerate() {
            let (prepared, whole) = (prepared.unwrap(), Prepared::of(long(n), Shingles::of(&long(n).text)).unwrap());
            assert_eq!((&prepared.article, &prepared.shingles), (&whole.article, &whole.shingles));
            assert_eq!((&prepared.keys, &prepared.packed), (&whole.keys, &whole.packed));
        }
    }
}
