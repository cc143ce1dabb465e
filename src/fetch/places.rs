//! Places of large bodies: what many servers send at once does not fill the memory.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// A body that has become larger than so many bytes needs a place, of which there are so many; and beyond the next size one of
/// those as well.
const SIZES: [(usize, usize); 2] = [(1 << 20, 4), (4 << 20, 1)];

/// The places of all.
#[derive(Debug)]
pub(super) struct Places([Size; SIZES.len()]);

#[derive(Debug)]
struct Size {
    from: usize,
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// The places of one body; given back when dropped.
#[derive(Debug, Default)]
pub(super) struct Room(Vec<OwnedSemaphorePermit>);

/// How long a request has waited for places of ours: that is no time that its server takes.
#[derive(Debug, Default)]
pub(super) struct Waits(Mutex<(Duration, Option<Instant>)>);

impl Default for Places {
    fn default() -> Self {
        Self(SIZES.map(|(from, places)| {
            let places = Arc::new(Semaphore::new(places));
            Size { from, places, waiting: AtomicUsize::new(0) }
        }))
    }
}

impl Places {
    /// Waits until there is room for a body that has come to so many bytes.
    pub(super) async fn make(&self, room: &mut Room, bytes: usize, waits: &Waits) {
        let needed = self.0.iter().filter(|size| bytes > size.from).count();
        for size in self.0.iter().take(needed).skip(room.0.len()) {
            let place = match Arc::clone(&size.places).try_acquire_owned() {
                Ok(place) => Some(place),
                Err(_taken) => {
                    size.waiting.fetch_add(1, Ordering::Relaxed);
                    // Never closed, so that it always gives.
                    let place = waits.during(Arc::clone(&size.places).acquire_owned()).await.ok();
                    size.waiting.fetch_sub(1, Ordering::Relaxed);
                    place
                }
            };
            room.0.extend(place);
        }
    }

    /// Whether others wait for what this one has.
    pub(super) fn are_waited_for(&self, room: &Room) -> bool {
        self.0.iter().take(room.0.len()).any(|size| size.waiting.load(Ordering::Relaxed) > 0)
    }
}

impl Waits {
    async fn during<T>(&self, wait: impl Future<Output = T>) -> T {
        self.all(|_, since| *since = Some(Instant::now()));
        let done = wait.await;
        self.all(|before, since| *before += since.take().map_or(Duration::ZERO, |since| since.elapsed()));
        done
    }

    /// All of it, that which lasts included.
    pub(super) fn so_far(&self) -> Duration {
        self.all(|before, since| *before + since.map_or(Duration::ZERO, |since| since.elapsed()))
    }

    fn all<T>(&self, with: impl FnOnce(&mut Duration, &mut Option<Instant>) -> T) -> T {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, since) = &mut *all;
        with(before, since)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn of_the_largest_there_is_one_and_who_waits_for_it_loses_no_time() {
        let (places, waits) = (Places::default(), Waits::default());
        let [mut first, mut second] = [(); 2].map(|()| Room::default());
        for bytes in [0, 1 << 20, (1 << 20) + 1, 5 << 20, 16 << 20] {
            assert!(places.make(&mut first, bytes, &waits).now_or_never().is_some());
        }
        assert!(places.make(&mut second, 4 << 20, &waits).now_or_never().is_some());
        assert!(!places.are_waited_for(&first) && waits.so_far().is_zero());
        {
            let mut largest = std::pin::pin!(places.make(&mut second, 5 << 20, &waits));
            assert!(futures_util::poll!(&mut largest).is_pending() && places.are_waited_for(&first));
            let (before, after) = (waits.so_far(), waits.so_far());
            assert!(before < after, "it lasts");
            drop(first);
            largest.await;
        }
        let (before, after) = (waits.so_far(), waits.so_far());
        assert!(!before.is_zero() && before == after && !places.are_waited_for(&second));
        let mut others = [(); 3].map(|()| Room::default());
        for other in &mut others {
            assert!(places.make(other, 2 << 20, &waits).now_or_never().is_some());
        }
        let mut fifth = Room::default();
        assert!(places.make(&mut fifth, 2 << 20, &waits).now_or_never().is_none());
    }
}
