//! How many documents may be in work at one time: as many as there is memory for, and never a large one beside another.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::text::bytes::count_bytes;

/// Of a document of less nobody keeps count: as many as are asked at one time may be in work.
const SMALL: usize = 1 << 20;
/// A document of more is in work alone among its like.
const LARGE: usize = 8 << 20;
/// What those between the two may come to together.
const TOGETHER: usize = 16 << 20;
/// Bytes that one permit stands for.
const UNIT: usize = 64 << 10;
/// What stands in memory for each byte of a document while it is read, and for each thing in it: an element, a value.
const PER_BYTE: usize = 2;
const PER_THING: usize = 512;

/// The room that there is for all.
#[derive(Debug, Clone)]
pub(super) struct Room {
    middling: Arc<Semaphore>,
    large: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Self {
        Self { middling: Arc::new(Semaphore::new(TOGETHER / UNIT)), large: Arc::new(Semaphore::new(1)) }
    }
}

impl Room {
    /// Waits until there is room for what is made of a document. A small one has it at once.
    pub(super) async fn for_document(&self, body: &[u8]) -> Option<OwnedSemaphorePermit> {
        // Never closed, so that they always give.
        match weight(body) {
            ..=SMALL => None,
            weight if weight > LARGE => Arc::clone(&self.large).acquire_owned().await.ok(),
            weight => {
                let units = u32::try_from(weight / UNIT).unwrap_or(u32::MAX);
                Arc::clone(&self.middling).acquire_many_owned(units).await.ok()
            }
        }
    }
}

/// About what a document comes to in memory. Ten thousand short entries are more than one long text of ten times their bytes.
fn weight(body: &[u8]) -> usize {
    let things = count_bytes(body, |byte| (byte == b'<') | (byte == b'{') | (byte == b','));
    body.len().saturating_mul(PER_BYTE).saturating_add(things.saturating_mul(PER_THING))
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn what_is_made_of_a_document_counts_and_not_its_bytes_alone() {
        let feed = |entries: usize, words: usize| {
            let entry =
                "<item><title>a</title><link>b</link><guid>c</guid><description>".to_owned() + &"mot ".repeat(words);
            weight((entry + "</description></item>").repeat(entries).as_bytes())
        };
        assert!(feed(35, 230) < SMALL && feed(80, 700) < SMALL);
        let middling = SMALL..LARGE;
        assert!(middling.contains(&feed(400, 700)) && feed(2_800, 700) > LARGE && feed(10_000, 1) > LARGE);
        assert!(weight("{\"id\":1},".repeat(20_000).as_bytes()) > LARGE && weight(&vec![b','; 1 << 20]) > LARGE);
    }

    #[tokio::test]
    async fn a_large_one_is_alone_among_its_like_and_holds_up_no_smaller_one() {
        let room = Room::default();
        let at_once = |body: &[u8]| room.for_document(body).now_or_never();
        let [small, middling, large] = [1_000, 7_000, 100_000].map(|n| vec![b'<'; n]);
        let first = at_once(&large).unwrap();
        assert!(first.is_some() && at_once(&large).is_none());
        let held: Vec<_> = std::iter::from_fn(|| at_once(&middling)).collect();
        assert_eq!((held.len(), at_once(&small).is_some_and(|place| place.is_none())), (4, true));
        drop((first, held));
        assert!(at_once(&large).is_some() && at_once(&middling).is_some());
    }
}
