//! Which sources are due, and which are being asked: the part of the rounds that needs neither clock nor network.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Every, Settings};
use crate::model::SourceName;

/// Sources that are overdue at a start begin within so long, or longer where there are many of them.
const START: Duration = Duration::from_secs(60);
/// So few begin at once.
const HANDFUL: usize = 10;
/// A clock that went back, or ahead of the time that really passed, by more than this was set.
const SET_BACK: TimeDelta = TimeDelta::minutes(1);
const SET_AHEAD: TimeDelta = TimeDelta::minutes(5);

/// A source that is to be planned.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Its name.
    pub name: SourceName,
    /// The host that it is asked at.
    pub host: String,
    /// When it is due; `None`: it never was asked, or what was planned does not count.
    pub due: Option<DateTime<Utc>>,
    /// How often the file wants it asked.
    pub settings: Settings,
}

/// When each source is due, and which are being asked.
#[derive(Debug, Default)]
pub struct Agenda {
    due: HashMap<SourceName, DateTime<Utc>>,
    hosts: HashMap<SourceName, String>,
    asked: HashSet<SourceName>,
    /// Sources that were being asked when the file changed.
    overtaken: HashSet<SourceName>,
    /// When the clock was last looked at.
    looked: Option<DateTime<Utc>>,
}

impl Agenda {
    /// Plans all sources anew: each when it is due. Those that are overdue are spread over a minute, or over so long that
    /// no more than `per_hour` begin in an hour; but none waits longer than its longest interval, and a few begin at once.
    pub fn plan(&mut self, sources: Vec<Planned>, per_hour: u32, now: DateTime<Utc>) {
        self.due.clear();
        self.hosts = sources.iter().map(|planned| (planned.name.clone(), planned.host.clone())).collect();
        let is_due = |planned: &Planned| planned.due.is_none_or(|due| due <= now);
        let (mut overdue, later): (Vec<_>, Vec<_>) = sources.into_iter().partition(is_due);
        // The longest overdue first; those that never were asked before all.
        overdue.sort_by_key(|planned| planned.due);
        let waits = spread(overdue.len(), per_hour);
        for (planned, wait) in overdue.into_iter().zip(waits) {
            let longest = match planned.settings.every {
                Every::Fixed(every) => every,
                Every::Auto => planned.settings.longest,
            };
            let wait = TimeDelta::from_std(wait.min(longest)).unwrap_or_default();
            self.due.insert(planned.name, now.checked_add_signed(wait).unwrap_or(now));
        }
        for planned in later {
            self.due.insert(planned.name, planned.due.unwrap_or(now));
        }
    }

    /// The file has changed: of what is being asked now, that of which it says something else was asked by the old one.
    pub fn overtake(&mut self, changed: impl Fn(&SourceName) -> bool) {
        self.overtaken.extend(self.asked.iter().filter(|name| changed(name)).cloned());
    }

    /// What to ask now, the longest due first: at most as many as make `at_once` together with those that are being asked,
    /// and not all of them of one host, which may be slow.
    #[must_use]
    pub fn ready(&self, at_once: usize, now: DateTime<Utc>) -> Vec<SourceName> {
        let mut room = at_once.saturating_sub(self.asked.len());
        let mut busy = self.busy();
        let waiting = self.due.iter().filter(|(name, due)| **due <= now && !self.asked.contains(*name));
        let mut ready: Vec<_> = waiting.map(|(name, due)| (*due, name)).collect();
        ready.sort();
        ready.retain(|(_, name)| {
            let of_host = busy.entry(self.host(name)).or_default();
            let fits = room > 0 && *of_host < most_of_one(at_once);
            *of_host += usize::from(fits);
            room -= usize::from(fits);
            fits
        });
        ready.into_iter().map(|(_, name)| name.clone()).collect()
    }

    fn host(&self, name: &SourceName) -> &str {
        self.hosts.get(name).map_or("", String::as_str)
    }

    /// How many sources of each host are being asked.
    fn busy(&self) -> HashMap<&str, usize> {
        let mut busy = HashMap::new();
        for name in &self.asked {
            *busy.entry(self.host(name)).or_default() += 1;
        }
        busy
    }

    /// The sources that are being asked.
    #[must_use]
    pub fn asked(&self) -> &HashSet<SourceName> {
        &self.asked
    }

    /// A source is being asked.
    pub fn begin(&mut self, name: SourceName) {
        self.asked.insert(name);
    }

    /// A source is not in the file any more.
    pub fn forget(&mut self, name: &SourceName) {
        self.due.remove(name);
    }

    /// A source has answered, or not: whether the file has changed since it was asked.
    pub fn end(&mut self, name: &SourceName) -> bool {
        self.asked.remove(name);
        self.overtaken.remove(name)
    }

    /// When a source is due again.
    pub fn put(&mut self, name: SourceName, due: DateTime<Utc>) {
        self.due.insert(name, due);
    }

    /// When the next of those is due that may be asked then; `None` where none may before another has answered.
    #[must_use]
    pub fn next(&self, at_once: usize) -> Option<DateTime<Utc>> {
        if self.asked.len() >= at_once {
            return None;
        }
        let busy = self.busy();
        let fits = |name: &SourceName| busy.get(self.host(name)).is_none_or(|of_host| *of_host < most_of_one(at_once));
        let waiting = self.due.iter().filter(|(name, _)| !self.asked.contains(*name) && fits(name));
        waiting.map(|(_, due)| *due).min()
    }

    /// Looks at the clock, `passed` after the last look by a clock that nobody sets: whether it was set since, so that all
    /// is to be planned anew.
    pub fn look(&mut self, now: DateTime<Utc>, passed: Duration) -> Option<Jump> {
        let looked = self.looked.replace(now)?;
        let expected = TimeDelta::from_std(passed).ok().and_then(|passed| looked.checked_add_signed(passed))?;
        if now - looked < -SET_BACK {
            Some(Jump::Back)
        } else if now - expected > SET_AHEAD {
            Some(Jump::Ahead)
        } else {
            None
        }
    }
}

/// A clock that was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    /// Back: what was asked by the old time is asked once more.
    Back,
    /// Ahead, or the machine slept: much is overdue at once.
    Ahead,
}

/// How many sources of one host are asked at one time, of so many in all.
fn most_of_one(at_once: usize) -> usize {
    at_once.div_ceil(4) * 3
}

/// How long each of so many overdue sources waits.
fn spread(overdue: usize, per_hour: u32) -> impl Iterator<Item = Duration> {
    let rate = f64::from(per_hour.max(1)) / 3600.0;
    #[expect(clippy::cast_precision_loss, reason = "a wait need not be exact")]
    let count = overdue as f64;
    let step = if overdue <= HANDFUL { 0.0 } else { (count / rate).max(START.as_secs_f64()) / count };
    #[expect(clippy::cast_precision_loss, reason = "a wait need not be exact")]
    (0..overdue).map(move |place| Duration::try_from_secs_f64(place as f64 * step).unwrap_or(Duration::MAX))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Asks, Outcome, Pace, Rhythm, Situation, next, planned};
    use super::*;

    const PER_HOUR: u32 = 18_000;
    const AT_ONCE: usize = 32;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_772_445_600, 0).unwrap() + TimeDelta::seconds(seconds)
    }

    fn name(n: usize) -> SourceName {
        SourceName::new(&format!("s{n:05}")).unwrap()
    }

    fn new(n: usize, settings: Settings) -> Planned {
        Planned { name: name(n), host: format!("h{n}"), due: None, settings }
    }

    /// The next second at which something is due.
    fn later(agenda: &Agenda, now: i64) -> i64 {
        agenda.next(AT_ONCE).map_or(i64::MAX, |due| (due - at(0)).num_seconds()).max(now + 1)
    }

    /// What the store keeps of each source, and every question with its time.
    #[derive(Default)]
    struct World {
        kept: BTreeMap<SourceName, (DateTime<Utc>, DateTime<Utc>)>,
        asked: Vec<(DateTime<Utc>, SourceName)>,
    }

    impl World {
        fn plan(&self, agenda: &mut Agenda, sources: usize, settings: Settings, now: DateTime<Utc>) {
            let due = |name: &SourceName| {
                self.kept.get(name).and_then(|(due, polled)| planned(Some(*due), Some(*polled), now))
            };
            let all = (0..sources).map(|n| Planned { due: due(&name(n)), ..new(n, settings) }).collect();
            agenda.plan(all, PER_HOUR, now);
        }

        /// One look around: what is ready is asked, and answers at once.
        fn step(&mut self, agenda: &mut Agenda, settings: Settings, now: DateTime<Utc>) {
            for name in agenda.ready(AT_ONCE, now) {
                agenda.begin(name.clone());
                let due = next(&Situation {
                    settings,
                    rhythm: &Rhythm::NEW,
                    pace: Pace::USUAL,
                    outcome: Outcome::Unchanged,
                    conditional: true,
                    retry_after: None,
                    fresh_for: None,
                    asks: Asks::default(),
                    modified: None,
                    took: Duration::ZERO,
                    jitter: 0.5,
                    now,
                });
                self.asked.push((now, name.clone()));
                self.kept.insert(name.clone(), (due.at, now));
                assert!(!agenda.end(&name));
                agenda.put(name, due.at);
            }
        }

        /// The most questions within any so many seconds.
        fn most_within(&self, seconds: i64) -> usize {
            let from = |(i, (first, _)): (usize, &(DateTime<Utc>, SourceName))| {
                self.asked[i..].iter().take_while(|(at, _)| *at - *first < TimeDelta::seconds(seconds)).count()
            };
            self.asked.iter().enumerate().map(from).max().unwrap_or(0)
        }

        /// The shortest time between two questions to one source.
        fn shortest(&self) -> TimeDelta {
            let mut last: BTreeMap<&SourceName, DateTime<Utc>> = BTreeMap::new();
            let mut shortest = TimeDelta::MAX;
            for (at, name) in &self.asked {
                if let Some(before) = last.insert(name, *at) {
                    shortest = shortest.min(*at - before);
                }
            }
            shortest
        }
    }

    #[test]
    fn a_start_with_a_thousand_sources_keeps_to_the_rate_and_ten_restarts_ask_nothing_twice() {
        let settings = Settings::default();
        let mut world = World::default();
        let mut now = 0;
        for run in 0..10 {
            // Each time another process, which knows what was stored. The first ones end before all have been asked.
            let mut agenda = Agenda::default();
            world.plan(&mut agenda, 1000, settings, at(now));
            let end = now + if run < 4 { 40 } else { 900 };
            while now < end {
                world.step(&mut agenda, settings, at(now));
                now = later(&agenda, now).min(end);
            }
        }
        assert!(world.most_within(1) <= 5, "{} in a second", world.most_within(1));
        assert!(world.most_within(60) <= 300, "{} in a minute", world.most_within(60));
        assert_eq!(world.kept.len(), 1000);
        let interval = Rhythm::NEW.interval(Pace::USUAL, at(0));
        assert!(world.shortest().to_std().unwrap() >= interval - Duration::from_secs(1), "{}", world.shortest());
        assert!(world.asked.len() > 1500, "and it goes on: {}", world.asked.len());
    }

    #[test]
    fn a_few_begin_at_once_and_none_waits_longer_than_its_interval() {
        let first = |count: usize, settings: Settings| {
            let mut agenda = Agenda::default();
            agenda.plan((0..count).map(|n| new(n, settings)).collect(), PER_HOUR, at(0));
            (agenda.ready(usize::MAX, at(0)).len(), agenda.due.values().max().map(|due| (*due - at(0)).num_seconds()))
        };
        assert_eq!(first(10, Settings::default()), (10, Some(0)));
        assert_eq!(first(60, Settings::default()), (1, Some(59)));
        assert_eq!(first(1000, Settings::default()), (1, Some(199)));
        let quick = Settings::default().between(Duration::from_secs(1), Duration::from_secs(2));
        assert_eq!(first(1000, quick).1, Some(2));
        let fixed = Settings { every: Every::Fixed(Duration::from_secs(5)), ..Settings::default() };
        assert_eq!(first(1000, fixed).1, Some(5));
    }

    #[test]
    fn the_longest_due_come_first_and_what_is_fresh_waits() {
        let mut agenda = Agenda::default();
        let due = |n, seconds| Planned { due: Some(at(seconds)), ..new(n, Settings::default()) };
        agenda.plan(vec![due(0, -10), due(1, 50), due(2, -20), new(3, Settings::default())], PER_HOUR, at(0));
        assert_eq!(agenda.ready(9, at(0)).len(), 3);
        assert_eq!(agenda.ready(9, at(50)).last(), Some(&name(1)));
        assert_eq!(agenda.next(9), Some(at(0)));
        for n in [0, 2, 3] {
            agenda.begin(name(n));
        }
        assert_eq!((agenda.next(9), agenda.next(3)), (Some(at(50)), None));
        assert_eq!((agenda.ready(4, at(50)).len(), agenda.ready(3, at(50)).len()), (1, 0));
        agenda.overtake(|_| true);
        agenda.begin(name(1));
        assert_eq!([0, 1].map(|n| agenda.end(&name(n))), [true, false]);
        assert!(!agenda.end(&name(0)), "once");
    }

    #[test]
    fn a_host_with_many_sources_leaves_room_for_others() {
        let mut agenda = Agenda::default();
        let slow = |n| Planned { host: "slow".to_owned(), due: Some(at(-9)), ..new(n, Settings::default()) };
        let other = Planned { due: Some(at(-1)), ..new(99, Settings::default()) };
        agenda.plan((0..9).map(slow).chain([other]).collect(), PER_HOUR, at(0));
        let ready = agenda.ready(8, at(0));
        assert_eq!((ready.len(), ready.last()), (7, Some(&name(99))), "six of one host, and the other");
        ready.into_iter().for_each(|name| agenda.begin(name));
        assert_eq!((agenda.ready(8, at(0)).len(), agenda.next(8)), (0, None));
        agenda.end(&name(0));
        agenda.put(name(0), at(60));
        assert_eq!((agenda.ready(8, at(0)).len(), agenda.next(8)), (1, Some(at(0))));
    }

    #[test]
    fn a_clock_that_is_set_is_noticed() {
        let second = Duration::from_secs(1);
        let jump = |to: i64, passed: Duration| {
            let mut agenda = Agenda::default();
            assert_eq!(agenda.look(at(0), Duration::MAX), None, "the first look");
            agenda.look(at(to), passed)
        };
        assert_eq!(jump(1, second), None);
        assert_eq!(jump(-3600, second), Some(Jump::Back));
        assert_eq!(jump(400 * 86400, second), Some(Jump::Ahead));
        assert_eq!(jump(600, Duration::from_secs(590)), None, "a long look around");
        assert_eq!(jump(1, Duration::MAX), None);
    }

    #[test]
    fn a_clock_that_goes_ahead_or_back_makes_nobody_ask_early_more_than_once() {
        let settings = Settings::default();
        for jump in [3600, -3600, 400 * 86400, -400 * 86400] {
            let (mut world, mut agenda) = (World::default(), Agenda::default());
            world.plan(&mut agenda, 300, settings, at(0));
            // Seconds since the start as they really pass, and by how much the clock is off.
            let (mut passed, mut looked, mut off) = (0, 0, 0);
            while passed < 7200 {
                if passed >= 3000 && off == 0 {
                    off = jump;
                    world.asked.clear();
                }
                let now = at(passed + off);
                let since = Duration::from_secs(u64::try_from(passed - looked).unwrap());
                looked = passed;
                if agenda.look(now, since).is_some() {
                    world.plan(&mut agenda, 300, settings, now);
                }
                world.step(&mut agenda, settings, now);
                passed = if off == 0 { later(&agenda, passed).min(3000) } else { later(&agenda, passed + off) - off };
            }
            assert!(world.most_within(60) <= 300, "{jump}: {} in a minute", world.most_within(60));
            assert!(world.most_within(1) <= 10, "{jump}: {} in a second", world.most_within(1));
            // In the hour and more after the jump: each at most once early, and once in time.
            let mut times: BTreeMap<&SourceName, usize> = BTreeMap::new();
            for (_, name) in &world.asked {
                *times.entry(name).or_default() += 1;
            }
            let most = times.values().max().copied().unwrap_or(0);
            assert!((1..=2).contains(&most) && times.len() == 300, "{jump}: {most} {}", times.len());
        }
    }
}
