//! The index of likeness: taking stories in, asking what is like one, and the memory that it rests in.

use std::collections::HashMap;

use feedloom::model::{ArticleId, Identity, Lang, SourceName, StoryId, Tag};
use feedloom::recommend::{Doc, Index, Member, Question, Settings, Vector};

use crate::archive::{Archive, Made};

/// Stories asked about.
const ASKED: usize = 200;

fn id(n: usize) -> StoryId {
    ArticleId::of(&SourceName::new("s").unwrap(), &Identity::Guid(n.to_string())).into()
}

fn keys(made: &Made) -> Vec<String> {
    made.tags.iter().map(|tag| tag.to_lowercase()).collect()
}

/// Fills an index with an archive, then asks it.
pub(crate) fn grown(archive: &Archive) {
    let lang = Lang::parse("fr");
    let (mut index, mut analysing, mut taking) = (Index::new(), 0, 0);
    let mut numbers: HashMap<StoryId, usize> = HashMap::new();
    for made in archive.articles() {
        let before = crate::cpu();
        let vector = Vector::of(&made.title, &made.text);
        let analysed = crate::cpu();
        let (story, source) = (id(made.n), SourceName::new(&made.source).unwrap());
        let doc = Doc { story: &story, lang: lang.as_ref(), tags: &keys(&made), source: &source, date: made.date };
        index.insert(&doc, &vector, None);
        analysing += analysed - before;
        taking += crate::cpu() - analysed;
    }
    let size = archive.len();
    crate::line("likeness: analysing a text", size, analysing, size);
    crate::line("likeness: taking a story in", size, taking, size);

    let settings = Settings::default();
    let (mut choosing, mut ranking, mut found) = (0, 0, 0);
    numbers.extend((0..size).map(|n| (id(n), n)));
    for n in (0..ASKED).map(|i| size - 1 - i * size / ASKED / 2) {
        let made = archive.article(n);
        let (story, vector) = (id(n), Vector::of(&made.title, &made.text));
        let tags: Vec<Tag> = made.tags.iter().map(|t| Tag::from_parts(t.clone(), t.to_lowercase())).collect();
        let question = Question {
            like: &[Member { story: &story, lang: lang.as_ref(), vector: &vector }],
            unlike: &[],
            tags: &tags,
            told: Some((&made.title, &made.text)),
            now: crate::now(),
            settings: &settings,
            count: 5,
        };
        let before = crate::cpu();
        let pool = index.candidates(&question, None);
        choosing += crate::cpu() - before;
        let of = |story: StoryId| {
            let made = archive.article(numbers[&story]);
            (story, Vector::of(&made.title, &made.text))
        };
        let vectors: HashMap<StoryId, Vector> = pool.stories().into_iter().map(of).collect();
        let before = crate::cpu();
        found += index.rank(&question, &pool, &vectors).len();
        ranking += crate::cpu() - before;
    }
    crate::line("likeness: the pool of a story", size, choosing, ASKED);
    crate::line("likeness: ranking the pool", size, ranking, ASKED);
    assert!(found >= 4 * ASKED && !index.is_worn(), "{found} for {ASKED}");
}
