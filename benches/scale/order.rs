//! What the best of a feed costs: the stories that are weighed, and their order.

use std::hint::black_box;

use chrono::{DateTime, Utc};
use feedloom::curate::{Arrangement, Order, Pool};
use feedloom::model::Story;
use feedloom::store::Shelf;

use crate::archive::Archive;
use crate::filled::kept;

/// How often each measure is taken.
const TIMES: usize = 5;

fn arranged(stories: Vec<Story>) -> Vec<Story> {
    let mut pool = Pool::new(Arrangement { order: Order::Best, per_source: Some(3), limit: 50 });
    stories.into_iter().for_each(|story| pool.add(story, &[]));
    pool.arranged()
}

/// Reading the window of the order `best`, ordering it, and finding what a day's digest is made of.
pub(crate) fn best(archive: &Archive) {
    let filled = kept(archive);
    let (runtime, store) = (&filled.runtime, &filled.store);
    let window = Pool::new(Arrangement { order: Order::Best, per_source: None, limit: 50 }).window();
    let read = || runtime.block_on(store.stories_in(&Shelf::All, window, 0)).unwrap();
    let window = read();
    measured("order: reading the 1,000 that are weighed", archive, || drop(black_box(read())));
    let copies = std::cell::RefCell::new(vec![window; TIMES]);
    measured("order: the best 50 of them", archive, || {
        assert_eq!(arranged(copies.borrow_mut().pop().unwrap()).len(), 50);
    });
    let end: DateTime<Utc> = crate::now();
    let day = || runtime.block_on(store.admitted_between(end - chrono::TimeDelta::hours(24), end, None, 500)).unwrap();
    assert!(!day().is_empty());
    measured("order: the first 500 admitted in a day", archive, || drop(black_box(day())));
}

/// Wall time: the store reads on threads of its own, and nothing else runs.
fn measured(what: &str, archive: &Archive, mut run: impl FnMut()) {
    let before = std::time::Instant::now();
    (0..TIMES).for_each(|_| run());
    crate::line(what, archive.len(), before.elapsed().as_nanos() as u64, TIMES);
}
