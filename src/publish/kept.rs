//! Rendered answers in memory: which stay, and how old their bytes are.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::render::Rendered;

/// Rendered answers kept at the most, and their bytes, before they are compressed; the rest is made again when asked for.
const MOST_KEPT: usize = 4_096;
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// Bytes of those that are made when somebody asks: a crawler of tags must not push out what readers subscribe to.
const MOST_ASKED: usize = 8 * 1024 * 1024;

/// An answer in memory, and the revision of the store that it shows.
pub(super) struct Kept {
    pub(super) revision: u64,
    /// The revision of the one shelf that it shows; it is good for as long as that stays.
    pub(super) shelf: Option<u64>,
    /// When it was made.
    pub(super) made: DateTime<Utc>,
    /// Whether readers subscribe to it: it is made whenever it changes, asked for or not.
    pub(super) stays: bool,
    pub(super) rendered: Arc<Rendered>,
}

/// Bytes are as old as we made them: a late story, a credit or a withdrawal changes them without any story's date, and who
/// asks by date alone must not be told that nothing has changed.
pub(super) fn dated(made: Rendered, before: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Rendered {
    let dates = made.last_modified.is_some();
    let after = before.map(|before| before + TimeDelta::seconds(1));
    made.changed(dates.then(|| after.map_or(now, |after| after.max(now))))
}

/// Lets go of answers made on demand where one more would be too much, of old ones first; of all where those that readers
/// subscribe to are too much by themselves.
pub(super) fn make_room(kept: &mut HashMap<String, Kept>, path: &str, bytes: usize, revision: u64, stays: bool) {
    let others = |kept: &HashMap<String, Kept>, all: bool| {
        let counted = kept.iter().filter(|(p, k)| *p != path && (all || !k.stays));
        counted.fold((0, bytes), |(n, bytes), (_, k)| (n + 1, bytes.saturating_add(k.rendered.body.len())))
    };
    let crowded = |kept: &HashMap<String, Kept>| {
        let (count, bytes) = others(kept, false);
        !stays && (count >= MOST_KEPT || bytes > MOST_ASKED)
    };
    if crowded(kept) {
        kept.retain(|p, k| p == path || k.stays || k.revision == revision);
    }
    if crowded(kept) {
        kept.retain(|p, k| p == path || k.stays);
    }
    if others(kept, true).1 > MOST_BYTES {
        kept.retain(|p, _| p == path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Cache;

    fn answer(bytes: usize, stays: bool, revision: u64) -> Kept {
        let rendered = Arc::new(Rendered::new("text/plain", vec![b'x'; bytes], Cache::NoStore));
        Kept { revision, shelf: None, made: DateTime::UNIX_EPOCH, stays, rendered }
    }

    #[test]
    fn what_is_asked_for_now_and_then_pushes_out_nothing_that_readers_subscribe_to() {
        let mega = 1024 * 1024;
        let mut all = HashMap::new();
        for n in 0..6 {
            all.insert(format!("/{n}.rss"), answer(5 * mega, true, 1));
        }
        for n in 0..40 {
            let path = format!("/tag/{n}");
            make_room(&mut all, &path, mega, 2, false);
            all.insert(path, answer(mega, false, 2));
        }
        assert_eq!(all.values().filter(|k| k.stays).count(), 6);
        assert!(all.values().filter(|k| !k.stays).count() <= MOST_ASKED / mega);
        make_room(&mut all, "/7.rss", 60 * mega, 2, true);
        assert!(all.is_empty(), "in all there is a bound");
    }
}
