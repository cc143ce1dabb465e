//! When a feed asks to be asked: `ttl`, the syndication module of RSS 1.0, `skipHours` and `skipDays`.

use super::names::Ns;
use super::tree::{Element, Tree};

/// Elements of one list that are looked at.
const MOST_SKIPPED: usize = 100;
/// Times in a period beyond which it makes no difference.
const MOST_TIMES: u64 = 10_000;
const DAY: u64 = 24 * 60;

/// What a feed wishes, as far as it was read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wishes {
    ttl: Option<u64>,
    period: Option<u64>,
    times: Option<u64>,
    /// Bit 0 is midnight, GMT.
    pub(super) skip_hours: u32,
    /// Bit 0 is Monday, GMT.
    pub(super) skip_days: u8,
}

impl Wishes {
    /// Takes an element in; whether it was one of these.
    pub(super) fn take<'a>(&mut self, tree: &Tree<'a>, element: &Element<'a>) -> bool {
        let text = || tree.text(element).unwrap_or_default();
        match (element.ns, element.name.as_ref()) {
            (Ns::Core, "ttl") => self.ttl = number(&text()),
            (Ns::Sy, "updateperiod") => {
                self.period = match text().to_ascii_lowercase().as_str() {
                    "hourly" => Some(60),
                    "daily" => Some(DAY),
                    "weekly" => Some(7 * DAY),
                    "monthly" => Some(30 * DAY),
                    "yearly" => Some(365 * DAY),
                    _ => self.period,
                }
            }
            (Ns::Sy, "updatefrequency") => self.times = number(&text()),
            (Ns::Core, "skiphours") => {
                for hour in element.children.iter().take(MOST_SKIPPED).filter_map(|c| number(&tree.text(c)?)) {
                    // RSS 0.91 counts from 1 to 24.
                    self.skip_hours |= if hour <= 24 { 1 << (hour % 24) } else { 0 };
                }
            }
            (Ns::Core, "skipdays") => {
                for day in element.children.iter().take(MOST_SKIPPED).filter_map(|c| tree.text(c)) {
                    self.skip_days |= day.parse::<chrono::Weekday>().map_or(0, |d| 1 << d.num_days_from_monday());
                }
            }
            _ => return false,
        }
        true
    }

    /// Minutes for which it asks to be left alone: the longer of what its two ways of saying it say.
    pub(super) fn minutes(&self) -> Option<u64> {
        let syndicated = (self.period.is_some() || self.times.is_some())
            .then(|| self.period.unwrap_or(DAY) / self.times.unwrap_or(1).clamp(1, MOST_TIMES));
        self.ttl.max(syndicated)
    }
}

/// A whole number, however large.
fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.bytes().fold(0_u64, |n, b| n.saturating_mul(10).saturating_add(u64::from(b - b'0'))))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use chrono_tz::Tz;
    use url::Url;

    use super::super::{Input, read};

    fn wishes(channel: &str) -> (Option<u64>, u32, u8) {
        let text = format!(
            "<rss xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel><title>F</title>{channel}<item><title>A</title></item></channel></rss>"
        );
        let url = Url::parse("https://example.org/feed").unwrap();
        let now = DateTime::from_timestamp(1_772_445_600, 0).unwrap();
        let (body, tz) = (text.as_bytes(), Tz::UTC);
        let input = Input { body, content_type: None, url: &url, lang: None, tz, day_first: None, now };
        let head = read(&input, None).unwrap().head;
        (head.ttl_minutes, head.skip_hours, head.skip_days)
    }

    #[test]
    fn what_a_feed_wishes_is_read_and_nonsense_is_not() {
        let daily = "<sy:updatePeriod>daily</sy:updatePeriod>";
        let twice = "<sy:updateFrequency>2</sy:updateFrequency>";
        for (channel, minutes) in [
            (String::new(), None),
            ("<ttl> 60 </ttl>".to_owned(), Some(60)),
            ("<ttl>-5</ttl>".to_owned(), None),
            ("<ttl>soon</ttl>".to_owned(), None),
            ("<ttl>99999999999999999999999</ttl>".to_owned(), Some(u64::MAX)),
            (daily.to_owned(), Some(1440)),
            (format!("{twice}{daily}"), Some(720)),
            (format!("{daily}{twice}<ttl>30</ttl>"), Some(720)),
            (twice.to_owned(), Some(720)),
            (format!("{daily}<sy:updateFrequency>0</sy:updateFrequency>"), Some(1440)),
            ("<sy:updatePeriod>often</sy:updatePeriod>".to_owned(), None),
        ] {
            assert_eq!(wishes(&channel).0, minutes, "{channel}");
        }
        let hours = "<skipHours><hour>0</hour><hour>24</hour><hour> 5</hour><hour>25</hour><hour>x</hour></skipHours>";
        assert_eq!(wishes(hours), (None, 0b10_0001, 0));
        let days = "<skipDays><day>Saturday</day><day> sunday </day><day>Caturday</day></skipDays>";
        assert_eq!(wishes(days), (None, 0, 0b110_0000));
    }
}
