//! What an article costs until it is known whether it is a copy: folding, sampling, looking up, comparing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use feedloom::dedup;
use feedloom::model::{Article, Intent};
use feedloom::poll;
use feedloom::store::Decide;

use crate::archive::{Archive, Made};
use crate::filled::kept;
use crate::stored::{article, record};

/// Articles decided on for the measure.
const DECIDED: usize = 2_000;

/// Decides on articles that the archive does not hold: half of them new, half copies of its newest with another beginning.
pub(crate) fn decided(archive: &Archive) {
    let filled = kept(archive);
    filled.runtime.block_on(async {
        let size = archive.len();
        let mut articles: Vec<Article> = (size..size + DECIDED / 2).map(|n| article(archive.article(n))).collect();
        for n in size - DECIDED / 2..size {
            let mut copy = article(Made { source: "copyist".to_owned(), ..archive.article(n) });
            copy.text = format!("Une agence l’annonce ce matin.\n{}", copy.text);
            articles.push(copy);
        }
        let joined = Arc::new(AtomicUsize::new(0));
        let counted = joined.clone();
        let mut decide = poll::decide(dedup::Settings::default());
        let only_asked: Decide = Box::new(move |article, shingles, known| {
            let id = article.id.clone();
            let decision = decide(article, shingles, known);
            let is_join = matches!(decision.intent, Intent::Join { .. });
            counted.fetch_add(usize::from(is_join), Ordering::Relaxed);
            Intent::Skip { id, why: String::new() }.into()
        });
        let before = crate::process_cpu();
        record(&filled.store, articles, only_asked, crate::now()).await;
        crate::line("copies: deciding on an article, all in", size, crate::process_cpu() - before, DECIDED);
        let joined = joined.load(Ordering::Relaxed);
        assert_eq!(joined, DECIDED / 2, "copies are found, and nothing else is one");
    });
}
