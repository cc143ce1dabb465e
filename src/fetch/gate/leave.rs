//! Leave to ask: places at the gates of a request, which it may have to leave to others.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::line::Seat;
use super::{Gate, Speed, locked};

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
    Ordinary { _place: Seat },
    /// Aside, of what was known to be slow, or to hang.
    Slow { _place: Seat, hangs: bool },
    /// Aside, of what turned out to be: another may take it.
    Stepped { _place: Arc<Stepped> },
}

/// The place of a request that has stepped aside.
#[derive(Debug)]
pub(super) struct Stepped {
    place: Mutex<Option<Seat>>,
    lost: Arc<Notify>,
    /// Until when nobody takes it.
    until: Instant,
}

impl Leave {
    /// Waits for a place at one more gate: what was quick goes ahead of what is not known, and what is slow, among its like,
    /// of what hangs.
    pub(super) async fn place(&mut self, gate: Arc<Gate>, speed: Speed) {
        let place = match speed {
            Speed::Quick | Speed::Unknown => Place::Ordinary { _place: gate.places.take(speed == Speed::Quick).await },
            Speed::Slow | Speed::Hangs => {
                let hangs = speed == Speed::Hangs;
                Place::Slow { _place: gate.aside.take(!hangs).await, hangs }
            }
        };
        self.held.push(Held { gate, place });
    }

    /// Leaves its places to others, as far as there are places for the slow: free ones, or, where somebody waits, of those that
    /// have stood there longest. Its own is its own for `keeps` from now.
    pub(in crate::fetch) fn step_aside(&mut self, keeps: Duration) {
        // Who waits for one of its gates comes to the next ones then.
        let waited_for = self.holds_up();
        for held in self.held.iter_mut().filter(|held| held.is_ordinary()) {
            if let Some(place) = held.gate.step_aside(&self.lost, waited_for, keeps) {
                held.place = Place::Stepped { _place: place };
            }
        }
    }

    /// Whether others wait for a place that it has.
    pub(in crate::fetch) fn holds_up(&self) -> bool {
        self.held.iter().any(|held| held.is_ordinary() && held.gate.places.is_waited_for(false))
    }

    /// Whether it was known to hang, and others that are slow, but do answer, wait for a place that it has among them.
    pub(in crate::fetch) fn holds_up_the_slow(&self) -> bool {
        self.held.iter().any(|held| held.hangs() && held.gate.aside.is_waited_for(true))
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

    const fn hangs(&self) -> bool {
        matches!(self.place, Place::Slow { hangs: true, .. })
    }
}

impl Gate {
    /// A place aside, which may be taken from who has stood there longest, where that had its time. Who loses it is told.
    fn step_aside(&self, lost: &Arc<Notify>, takes: bool, keeps: Duration) -> Option<Arc<Stepped>> {
        let mut stepped = locked(&self.stepped);
        let place = match self.aside.try_take() {
            Some(place) => place,
            None if takes => taken(&stepped)?,
            None => return None,
        };
        stepped.retain(|other| other.strong_count() > 0);
        let until = Instant::now() + keeps;
        let place = Arc::new(Stepped { place: Mutex::new(Some(place)), lost: Arc::clone(lost), until });
        stepped.push_back(Arc::downgrade(&place));
        Some(place)
    }
}

/// The place of who has stood aside longest, of those that had their time there.
fn taken(stepped: &VecDeque<Weak<Stepped>>) -> Option<Seat> {
    let now = Instant::now();
    stepped.iter().filter_map(Weak::upgrade).filter(|other| other.until <= now).find_map(|longest| {
        // Who ends at this moment has given back its place.
        let place = locked(&longest.place).take()?;
        longest.lost.notify_one();
        Some(place)
    })
}
