//! What it costs to read the newest stories of a feed and of a tag.

use feedloom::publish::Answer;
use feedloom::store::Shelf;

use crate::archive::Archive;
use crate::filled::{cpu, kept};

/// Times that each is read.
const TIMES: usize = 40;
const STORIES: usize = 50;

pub(crate) fn reading(archive: &Archive) {
    let filled = kept(archive);
    let tags: Vec<String> = (0..TIMES).map(|n| archive.article(archive.len() - 1 - n).tags[0].clone()).collect();
    let read = |shelf: Shelf| filled.runtime.block_on(filled.store.stories_in(&shelf, STORIES, 0)).unwrap().len();
    let step = |name: &str, run: &dyn Fn(usize) -> usize| {
        run(0);
        let before = cpu();
        let stories: usize = (0..TIMES).map(run).sum();
        crate::line(&format!("reading: {name} ({} stories)", stories / TIMES), archive.len(), cpu() - before, TIMES);
    };
    step("a feed", &|_| read(Shelf::Feed("everything".into())));
    step("a narrow feed", &|_| read(Shelf::Feed("subject".into())));
    step("a tag", &|n| read(Shelf::Tag(feedloom::text::tag_key(&tags[n]))));
    step("everything", &|_| read(Shelf::All));
    // Rendered each time: another tag, or a feed whose bytes are not kept.
    let page = |path: String| match filled.runtime.block_on(filled.state.publisher.answer(&path, None)) {
        Answer::Found(found) => String::from_utf8_lossy(&found.body).matches("<item>").count(),
        _ => 0,
    };
    step("a tag, with its feed as bytes", &|n| page(format!("/tag/{}.rss", feedloom::text::tag_key(&tags[n]))));
    let before = cpu();
    let week = page("/week.rss".into());
    crate::line(&format!("reading: a feed by age, as bytes ({week} stories)"), archive.len(), cpu() - before, 1);
}
