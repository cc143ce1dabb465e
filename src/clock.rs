//! Time: the only place that asks the system for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Datelike, Utc};

/// The year in which the first of this was written: no clock that says an earlier one is right.
const WRITTEN: i32 = 2026;

/// Tells the time. Steps that are pure take `now` instead.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    System,
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands at `start` until it is advanced.
    #[must_use]
    pub fn fixed(start: DateTime<Utc>) -> Self {
        Self(Source::Set(Arc::new(AtomicI64::new(start.timestamp_millis()))))
    }

    /// The time now, to the second: what we store and publish has no finer grain.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        let seconds = match &self.0 {
            #[allow(clippy::disallowed_methods, reason = "this is the clock")]
            Source::System => Utc::now().timestamp(),
            Source::Set(millis) => millis.load(Ordering::Relaxed) / 1000,
        };
        DateTime::from_timestamp(seconds, 0).unwrap_or_default()
    }

    /// The time now, to the millisecond: for what is planned and waited for. A second is a long time to be early.
    #[must_use]
    pub fn exact(&self) -> DateTime<Utc> {
        let millis = match &self.0 {
            #[allow(clippy::disallowed_methods, reason = "this is the clock")]
            Source::System => Utc::now().timestamp_millis(),
            Source::Set(millis) => millis.load(Ordering::Relaxed),
        };
        DateTime::from_timestamp_millis(millis).unwrap_or_default()
    }

    /// Whether it can be right: a machine without a battery begins in another century, and what is polled then would be dated so for
    /// good.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.now().year() >= WRITTEN
    }

    /// Moves a fixed clock back, as somebody sets one; a system clock goes its own way.
    pub fn set_back(&self, by: std::time::Duration) {
        if let Source::Set(millis) = &self.0 {
            millis.fetch_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
        }
    }

    /// Moves a fixed clock; a system clock goes its own way.
    pub fn advance(&self, by: std::time::Duration) {
        if let Source::Set(millis) = &self.0 {
            millis.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
        }
    }
}
