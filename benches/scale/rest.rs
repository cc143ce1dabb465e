//! What the process keeps in memory once it has started over an archive, and once its feeds and pages have been read.

use feedloom::publish::Answer;

use crate::archive::Archive;
use crate::filled::{Filled, cpu, kept};

/// The first start analyses every text once for the index of likeness, and asks every story for its feeds.
pub(crate) fn first_start(archive: &Archive) {
    start(&kept(archive), archive.len(), "the first start");
}

/// A start over an archive that was published before, then some reading.
pub(crate) fn rest(archive: &Archive) {
    let filled = kept(archive);
    start(&filled, archive.len(), "a start");
    let tags = (0..40).map(|n| feedloom::text::tag_key(&archive.article(archive.len() - 1 - n).tags[0]));
    let tags: Vec<String> = tags.collect();
    let formats = ["", ".rss", ".atom", ".json"];
    let names = ["all", "everything", "subject", "week"].map(str::to_owned).into_iter();
    let names = names.chain(tags.iter().map(|tag| format!("tag/{tag}")));
    let paths: Vec<String> = names.flat_map(|name| formats.map(|format| format!("/{name}{format}"))).collect();
    let before = cpu();
    let found = paths.iter().filter(|path| {
        let answer = filled.runtime.block_on(filled.state.publisher.answer(path, None));
        matches!(answer, Answer::Found(_))
    });
    let found = found.count();
    crate::line(&format!("rest: after reading {found} feeds and pages"), archive.len(), cpu() - before, found);
    told_apart(archive.len());
}

/// What of the memory was allocated; the rest are pages of the program itself.
fn told_apart(size: usize) {
    println!(
        "{:<44} {size:>10} {:>14} {:>9.1} MiB",
        "rest: of it allocated",
        "",
        crate::allocated() as f64 / 1_048_576.0
    );
}

fn start(filled: &Filled, size: usize, which: &str) {
    let before = cpu();
    filled.runtime.block_on(async {
        filled.state.publisher.renew().await.unwrap();
        filled.state.publisher.settled().await;
    });
    crate::line(&format!("rest: {which}"), size, cpu() - before, 1);
    told_apart(size);
}
