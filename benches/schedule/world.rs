//! A world of sources that post at their own rates and hours, and pollers that find out.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::f64::consts::PI;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use feedloom::schedule::{Asks, Outcome, Pace, Rhythm, Settings, Situation, next};

/// Entries that a feed holds at one time.
const WINDOW: usize = 20;
/// The longest delay that is told apart from longer ones, in seconds.
const LONGEST: usize = 3 * 24 * 3600;

/// What the world is like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct World {
    /// Sources.
    pub(crate) sources: usize,
    /// Days that pass; what is posted on the first of them is not counted, since nobody knows the sources yet.
    pub(crate) days: u32,
    pub(crate) not_counted: u32,
    /// Posts an hour of the source in the middle, and how far the others are from it: rates are log-normal.
    pub(crate) median: f64,
    pub(crate) sigma: f64,
    /// Whether sources have hours of the day.
    pub(crate) hours: bool,
    /// What chance begins with.
    pub(crate) seed: u64,
}

/// When each source posts, in seconds from the beginning, in order.
pub(crate) struct Posts(Vec<Vec<u32>>);

/// What a poller achieved.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Result {
    pub(crate) polls_per_hour: f64,
    /// Minutes from a post to the poll that finds it.
    pub(crate) mean: f64,
    pub(crate) median: f64,
    pub(crate) p95: f64,
    /// The share of polls that find nothing.
    pub(crate) empty: f64,
}

impl World {
    fn seconds(&self) -> u32 {
        self.days * 24 * 3600
    }

    /// Lets every source post.
    pub(crate) fn posts(&self) -> Posts {
        let mut chance = fastrand::Rng::with_seed(self.seed);
        Posts((0..self.sources).map(|_| self.posts_of_one(&mut chance)).collect())
    }

    fn posts_of_one(&self, chance: &mut fastrand::Rng) -> Vec<u32> {
        let rate = self.median * (self.sigma * normal(chance)).exp();
        // A day that rises and falls: by how much, around which hour.
        let depth = if self.hours { chance.f64() } else { 0.0 };
        let peak = chance.f64() * 24.0;
        let raw: Vec<f64> =
            (0..24).map(|h| (1.0 + depth * ((f64::from(h) - peak) * PI / 12.0).cos()).powi(2)).collect();
        let whole: f64 = raw.iter().sum();
        let mut posts = Vec::new();
        for hour in 0..self.days * 24 {
            let mean = rate * raw[hour as usize % 24] / whole * 24.0;
            let mut at = exponential(chance) / mean;
            while at < 1.0 && posts.len() < 1_000_000 {
                posts.push(hour * 3600 + (at * 3600.0) as u32);
                at += exponential(chance) / mean;
            }
        }
        posts
    }

    /// Everything asked at one interval, in minutes.
    pub(crate) fn fixed(&self, posts: &Posts, minutes: f64) -> Result {
        let mut chance = fastrand::Rng::with_seed(self.seed + 1);
        let interval = minutes * 60.0;
        let mut tally = Tally::new(self);
        for posts in &posts.0 {
            let (mut at, mut before) = (chance.f64() * interval, 0);
            while at < f64::from(self.seconds()) {
                before = tally.poll(posts, before, at as u32).0;
                at += interval;
            }
        }
        tally.result()
    }

    /// As the daemon asks: by rhythm, within a budget of polls an hour, the pace set anew each hour.
    pub(crate) fn learnt(&self, posts: &Posts, budget: u32) -> Result {
        let mut chance = fastrand::Rng::with_seed(self.seed + 2);
        let settings = Settings::default();
        let mut known: Vec<(Settings, Rhythm)> = vec![(settings, Rhythm::NEW); self.sources];
        let mut found = vec![0; self.sources];
        let mut tally = Tally::new(self);
        let mut due: BinaryHeap<Reverse<(u32, usize)>> =
            (0..self.sources).map(|n| Reverse((chance.u32(0..3600), n))).collect();
        let (mut pace, mut paced) = (Pace::within(budget, &known), 0);
        while let Some(Reverse((at, n))) = due.pop() {
            if at >= self.seconds() {
                break;
            }
            if at >= paced + 3600 {
                (pace, paced) = (Pace::within(budget, &known), at);
            }
            let before = found[n];
            let (after, new) = tally.poll(&posts.0[n], before, at);
            found[n] = after;
            // One in five gives no dates.
            let dated = |post: &u32| (n % 5 != 0).then(|| time(*post));
            let arrived: Vec<_> = posts.0[n][before..after].iter().map(dated).collect();
            known[n].1.observe(&arrived, time(at));
            let outcome = match new {
                0 => Outcome::Unchanged,
                WINDOW.. => Outcome::AllNew,
                _ => Outcome::Changed,
            };
            let next = next(&Situation {
                settings,
                rhythm: &known[n].1,
                pace,
                outcome,
                conditional: true,
                retry_after: None,
                fresh_for: None,
                asks: Asks::default(),
                modified: None,
                took: Duration::ZERO,
                jitter: chance.f64(),
                now: time(at),
            });
            let wait = (next.at - time(at)).to_std().unwrap_or(Duration::MAX).as_secs();
            due.push(Reverse((at.saturating_add(u32::try_from(wait).unwrap_or(u32::MAX)), n)));
        }
        tally.result()
    }
}

/// Delays and polls of the days that count.
struct Tally {
    from: u32,
    hours: f64,
    delays: Vec<u32>,
    polls: u32,
    empty: u32,
}

impl Tally {
    fn new(world: &World) -> Self {
        let hours = f64::from((world.days - world.not_counted) * 24);
        Self { from: world.not_counted * 24 * 3600, hours, delays: vec![0; LONGEST + 1], polls: 0, empty: 0 }
    }

    /// A poll that finds what was posted since the one before: how much is found by now, and how much is new.
    fn poll(&mut self, posts: &[u32], before: usize, at: u32) -> (usize, usize) {
        let after = before + posts[before..].partition_point(|post| *post <= at);
        for post in posts[before..after].iter().filter(|post| **post >= self.from) {
            self.delays[((at - post) as usize).min(LONGEST)] += 1;
        }
        if at >= self.from {
            self.polls += 1;
            self.empty += u32::from(after == before);
        }
        (after, after - before)
    }

    fn result(&self) -> Result {
        let all: u64 = self.delays.iter().map(|n| u64::from(*n)).sum();
        let sum: f64 = self.delays.iter().enumerate().map(|(delay, n)| delay as f64 * f64::from(*n)).sum();
        let at_share = |share: f64| {
            let mut left = (all as f64 * share) as u64;
            let reached = |n: &u32| {
                let over = u64::from(*n) > left;
                left = left.saturating_sub(u64::from(*n));
                over
            };
            self.delays.iter().position(reached).unwrap_or(LONGEST) as f64 / 60.0
        };
        Result {
            polls_per_hour: f64::from(self.polls) / self.hours,
            mean: sum / all as f64 / 60.0,
            median: at_share(0.5),
            p95: at_share(0.95),
            empty: f64::from(self.empty) / f64::from(self.polls),
        }
    }
}

fn time(seconds: u32) -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_409_600, 0).unwrap_or_default() + TimeDelta::seconds(i64::from(seconds))
}

fn exponential(chance: &mut fastrand::Rng) -> f64 {
    -(1.0 - chance.f64()).ln()
}

/// Box and Muller.
fn normal(chance: &mut fastrand::Rng) -> f64 {
    (2.0 * exponential(chance)).sqrt() * (2.0 * PI * chance.f64()).cos()
}
