//! Leave to ask: places at the gates of a request, which it may have to leave to others.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::{Gate, locked};

/// Leave to ask; given back when dropped.
#[derive(Debug, Default)]
pub(in crate::fetch) struct Leave {
    pub(super) held: Vec<Held>,
    /// Told when another has taken a place of this one.
    lost: Arc<Notify>,
}

#[derive(Debug)]
pub(super) struct Held {
    pub(super) gate: Arc<Gate>,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// Kept for nobody.
    Ordinary { _place: Option<OwnedSemaphorePermit> },
    /// Aside, of what was known to be slow.
    Slow { _place: Option<OwnedSemaphorePermit> },
    /// Aside, of what turned out to be: another may take it.
    Stepped { _place: Arc<Stepped> },
}

/// The place of a request that has stepped aside.
#[derive(Debug)]
pub(super) struct Stepped {
    place: Mutex<Option<OwnedSemaphorePermit>>,
    lost: Arc<Notify>,
}

impl Leave {
    pub(super) async fn place(&mut self, gate: Arc<Gate>, slow: bool) {
        let places = Arc::clone(if slow { &gate.aside } else { &gate.places });
        let waits = (!slow).then(|| Waits::at(&gate));
        // A semaphore that is never closed always gives.
        let place = places.acquire_owned().await.ok();
        drop(waits);
        let place = if slow { Place::Slow { _place: place } } else { Place::Ordinary { _place: place } };
        self.held.push(Held { gate, place });
    }

    /// Leaves its places to others, as far as there are places for the slow: free ones, or, where somebody waits, of those that
    /// have stood there longest.
    pub(in crate::fetch) fn step_aside(&mut self) {
        // Who waits for one of its gates comes to the next ones then.
        let waited_for = self.holds_up();
        for held in self.held.iter_mut().filter(|held| held.is_ordinary()) {
            if let Some(place) = held.gate.aside(&self.lost, waited_for) {
                held.place = Place::Stepped { _place: place };
            }
        }
    }

    /// Whether others wait for a place that it has.
    pub(in crate::fetch) fn holds_up(&self) -> bool {
        self.held.iter().any(|held| held.is_ordinary() && held.gate.is_waited_for())
    }

    /// Ends when another has taken a place of this one, which had stepped aside.
    pub(in crate::fetch) async fn lost(&self) {
        self.lost.notified().await;
    }
}

impl Held {
    pub(super) const fn is_ordinary(&self) -> bool {
        matches!(self.place, Place::Ordinary { .. })
    }
}

impl Gate {
    /// A place aside, which may be taken from who has stood there longest. Who loses it is told.
    fn aside(&self, lost: &Arc<Notify>, takes: bool) -> Option<Arc<Stepped>> {
        let mut stepped = locked(&self.stepped);
        stepped.retain(|other| other.strong_count() > 0);
        let place = match Arc::clone(&self.aside).try_acquire_owned() {
            Ok(place) => place,
            Err(_taken) if takes => loop {
                // Who ends at this moment has given back its place.
                let Some(longest) = stepped.pop_front()?.upgrade() else { continue };
                let Some(place) = locked(&longest.place).take() else { continue };
                longest.lost.notify_one();
                break place;
            },
            Err(_taken) => return None,
        };
        let place = Arc::new(Stepped { place: Mutex::new(Some(place)), lost: Arc::clone(lost) });
        stepped.push_back(Arc::downgrade(&place));
        Some(place)
    }

    /// Whether somebody waits for a place that is not kept for the slow.
    fn is_waited_for(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }
}

/// One that waits for a place; it is counted for as long as it does.
struct Waits<'a>(&'a Gate);

impl<'a> Waits<'a> {
    fn at(gate: &'a Gate) -> Self {
        gate.waiting.fetch_add(1, Ordering::Relaxed);
        Self(gate)
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
