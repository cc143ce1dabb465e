//! What time alone may still change: whether a query can be true of a subject at some time, and of which age a story must be.

use chrono::TimeDelta;

use super::eval;
use super::subject::Subject;
use super::tree::{Node, Term, Than};

/// What is known of an answer while the age is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// At no time.
    Never,
    /// At some ages, it may be.
    Sometimes,
    /// At any time.
    Always,
}

/// Kleene's logic of three values, `age:` being the unknown.
pub(super) fn truth(node: &Node, subject: &Subject) -> Truth {
    match node {
        Node::All(parts) => parts.iter().map(|p| truth(p, subject)).min().unwrap_or(Truth::Always),
        Node::Any(parts) => parts.iter().map(|p| truth(p, subject)).max().unwrap_or(Truth::Never),
        Node::Not(part) => match truth(part, subject) {
            Truth::Never => Truth::Always,
            Truth::Sometimes => Truth::Sometimes,
            Truth::Always => Truth::Never,
        },
        Node::Term(Term::Age(..)) => Truth::Sometimes,
        Node::Term(Term::Feed(name)) if subject.sometimes.contains(&name.key) => Truth::Sometimes,
        Node::Term(_) if eval::matches(node, subject) => Truth::Always,
        Node::Term(_) => Truth::Never,
    }
}

/// The ages, in both directions, outside of which a query is never true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ages {
    /// The least age; `None`: any.
    pub least: Option<TimeDelta>,
    /// The greatest age; `None`: any.
    pub most: Option<TimeDelta>,
    /// Whether this is all that time has to do with it: what can be true at some time is true at just these ages.
    pub whole: bool,
}

impl Ages {
    /// Any age.
    pub const ANY: Self = Self { least: None, most: None, whole: true };

    fn unknown() -> Self {
        Self { whole: false, ..Self::ANY }
    }

    fn and(self, other: Self) -> Self {
        Self {
            least: self.least.max(other.least),
            most: [self.most, other.most].into_iter().flatten().min(),
            whole: self.whole && other.whole,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            least: self.least.min(other.least),
            most: self.most.zip(other.most).map(|(a, b)| a.max(b)),
            // Which of the two holds is another matter for each subject.
            whole: self == Self::ANY && other == Self::ANY,
        }
    }
}

/// The ages of a part, or of its opposite.
pub(super) fn ages(node: &Node, opposite: bool, of_feed: &dyn Fn(&str) -> Ages) -> Ages {
    match node {
        Node::Not(part) => ages(part, !opposite, of_feed),
        Node::All(parts) | Node::Any(parts) => {
            let all = parts.iter().map(|p| ages(p, opposite, of_feed));
            let every = matches!(node, Node::All(_)) != opposite;
            let joined = if every { all.reduce(Ages::and) } else { all.reduce(Ages::or) };
            joined.unwrap_or(Ages::ANY)
        }
        Node::Term(Term::Age(than, age, _)) => {
            let age = TimeDelta::from_std(*age).unwrap_or(TimeDelta::MAX);
            window(if opposite { reversed(*than) } else { *than }, age)
        }
        Node::Term(Term::Feed(name)) => match of_feed(&name.key) {
            // The opposite of a window is two.
            ages if opposite && ages != Ages::ANY => Ages::unknown(),
            ages => ages,
        },
        Node::Term(_) => Ages::ANY,
    }
}

fn reversed(than: Than) -> Than {
    match than {
        Than::Less => Than::AtLeast,
        Than::AtMost => Than::More,
        Than::More => Than::AtMost,
        Than::AtLeast => Than::Less,
    }
}

/// Dates are kept to the microsecond: what is less than a bound is at most one less.
fn window(than: Than, age: TimeDelta) -> Ages {
    let step = TimeDelta::microseconds(1);
    let less = age.checked_sub(&step).unwrap_or(age);
    let more = age.checked_add(&step).unwrap_or(age);
    let (least, most) = match than {
        Than::Less => (None, Some(less)),
        Than::AtMost => (None, Some(age)),
        Than::More => (Some(more), None),
        Than::AtLeast => (Some(age), None),
    };
    Ages { least, most, whole: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::{Fields, Query};

    fn truth_of(text: &str) -> Truth {
        let feeds = ["sure".to_owned()];
        let mut subject = Subject::new(Fields { title: "Gaza", copies: 3, feeds: &feeds, ..Fields::default() });
        subject.stands_in(&feeds, &["perhaps".to_owned()]);
        Query::parse(text).unwrap().truth(&subject)
    }

    #[test]
    fn age_is_what_is_not_known_and_the_rest_is() {
        use Truth::{Always, Never, Sometimes};
        for (text, truth) in [
            ("gaza", Always),
            ("mer", Never),
            ("age:<7d", Sometimes),
            ("-age:<7d", Sometimes),
            ("gaza age:<7d", Sometimes),
            ("mer age:<7d", Never),
            ("gaza OR age:<7d", Always),
            ("mer OR age:<7d", Sometimes),
            ("-(mer OR age:<7d)", Sometimes),
            ("-(gaza OR age:<7d)", Never),
            ("copies:>2", Always),
            ("copies:>3", Never),
            ("feed:sure", Always),
            ("feed:perhaps", Sometimes),
            ("-feed:perhaps", Sometimes),
            ("feed:other", Never),
        ] {
            assert_eq!(truth_of(text), truth, "{text}");
        }
    }

    #[test]
    fn the_window_of_ages() {
        let day = TimeDelta::days(1);
        let step = TimeDelta::microseconds(1);
        let of_feed = |name: &str| match name {
            "week" => Ages { least: None, most: Some(day * 7), whole: true },
            _ => Ages::ANY,
        };
        for (text, least, most, whole) in [
            ("gaza", None, None, true),
            ("age:<=7d", None, Some(day * 7), true),
            ("age:<7d gaza", None, Some(day * 7 - step), true),
            ("age:>1d age:<=7d", Some(day + step), Some(day * 7), true),
            ("-age:<=1d gaza", Some(day + step), None, true),
            ("age:<=7d OR age:<=1d", None, Some(day * 7), false),
            ("gaza OR mer", None, None, true),
            ("gaza OR age:<=7d", None, None, false),
            ("-(gaza OR age:<=7d)", Some(day * 7 + step), None, true),
            ("feed:week gaza", None, Some(day * 7), true),
            ("-feed:week", None, None, false),
            ("-feed:other", None, None, true),
        ] {
            let ages = Query::parse(text).unwrap().ages(&of_feed);
            assert_eq!((ages.least, ages.most, ages.whole), (least, most, whole), "{text}");
        }
    }
}
