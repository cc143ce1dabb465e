//! The places of a gate, and who waits for one: in two rows, of which one goes ahead of the other.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot;

use super::locked;

/// So many of those who go ahead pass one of the others who waits: as many of each have a place where both wait. Who goes ahead
/// comes again soon, and would else leave none to those who never had one.
const PASS: usize = 1;

/// Places. Who comes while there is none waits in one of two rows, each in the order in which they came.
#[derive(Debug)]
pub(super) struct Line(Mutex<Rows>);

#[derive(Debug, Default)]
struct Rows {
    free: usize,
    ahead: VecDeque<oneshot::Sender<Seat>>,
    behind: VecDeque<oneshot::Sender<Seat>>,
    /// How many went ahead since the last of the others.
    passed: usize,
}

/// A place; the next one has it when it is dropped.
#[derive(Debug)]
pub(super) struct Seat(Option<Arc<Line>>);

impl Line {
    pub(super) fn new(places: usize) -> Self {
        Self(Mutex::new(Rows { free: places.max(1), ..Rows::default() }))
    }

    /// A place, where one is free.
    pub(super) fn try_take(self: &Arc<Self>) -> Option<Seat> {
        let mut rows = locked(&self.0);
        rows.free = rows.free.checked_sub(1)?;
        Some(Seat(Some(Arc::clone(self))))
    }

    /// Waits for a place.
    pub(super) async fn take(self: &Arc<Self>, ahead: bool) -> Seat {
        loop {
            let waits = {
                let mut rows = locked(&self.0);
                if let Some(free) = rows.free.checked_sub(1) {
                    rows.free = free;
                    return Seat(Some(Arc::clone(self)));
                }
                let (gives, waits) = oneshot::channel();
                let row = if ahead { &mut rows.ahead } else { &mut rows.behind };
                row.retain(|other| !other.is_closed());
                row.push_back(gives);
                waits
            };
            // What is in a row lives as long as its line, or was given a place.
            if let Ok(seat) = waits.await {
                return seat;
            }
        }
    }

    /// Whether somebody waits for a place; `ahead`: in the row that goes ahead.
    pub(super) fn is_waited_for(&self, ahead: bool) -> bool {
        let rows = locked(&self.0);
        let waits = |row: &VecDeque<oneshot::Sender<Seat>>| row.iter().any(|other| !other.is_closed());
        waits(&rows.ahead) || !ahead && waits(&rows.behind)
    }
}

impl Rows {
    fn next(&mut self) -> Option<oneshot::Sender<Seat>> {
        let ahead = self.passed < PASS || self.behind.is_empty();
        let next = if ahead { self.ahead.pop_front() } else { None };
        self.passed = if next.is_some() { self.passed + 1 } else { 0 };
        next.or_else(|| self.behind.pop_front())
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some(line) = self.0.take() else { return };
        let mut seat = Self(Some(Arc::clone(&line)));
        loop {
            let mut rows = locked(&line.0);
            let Some(next) = rows.next() else {
                rows.free += 1;
                seat.0 = None;
                return;
            };
            drop(rows);
            match next.send(seat) {
                Ok(()) => return,
                // Nobody waits there any more.
                Err(back) => seat = back,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures_util::FutureExt;
    use futures_util::future::{LocalBoxFuture, join_all};

    use super::*;

    #[tokio::test]
    async fn who_goes_ahead_passes_the_others_but_not_for_ever() {
        let (line, order) = (Arc::new(Line::new(1)), RefCell::new(String::new()));
        let seat = line.take(true).await;
        let come = |ahead: bool, name: char| -> LocalBoxFuture<'_, ()> {
            let (line, order) = (&line, &order);
            Box::pin(async move {
                let _seat = line.take(ahead).await;
                order.borrow_mut().push(name);
            })
        };
        let mut all: Vec<_> = "abc".chars().map(|name| come(false, name)).collect();
        all.extend("0123456789ABCDEF".chars().map(|name| come(true, name)));
        all.push(Box::pin(async { drop(seat) }));
        join_all(all).await;
        assert_eq!(order.into_inner(), "0a1b2c3456789ABCDEF");
        let last = line.try_take();
        assert!(last.is_some() && line.try_take().is_none());
    }

    #[tokio::test]
    async fn who_waits_no_more_takes_no_place() {
        let line = Arc::new(Line::new(1));
        let seat = line.take(false).await;
        let (mut gone, mut given) = (Box::pin(line.take(true)), Box::pin(line.take(true)));
        let mut last = Box::pin(line.take(false));
        assert!(gone.as_mut().now_or_never().is_none() && given.as_mut().now_or_never().is_none());
        assert!(last.as_mut().now_or_never().is_none() && line.is_waited_for(true));
        drop(gone);
        drop(seat);
        // It was given its place, and never came for it.
        drop(given);
        assert!(!line.is_waited_for(true) && last.now_or_never().is_some());
        assert!(!line.is_waited_for(false) && line.try_take().is_some());
    }
}
