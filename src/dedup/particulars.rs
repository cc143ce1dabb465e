//! The numbers and names of a text. Two reports of a row (the weather, quakes, the lottery) share most of their sentences and
//! few of these; copies of one text share them, however it was cut and edited.

use super::likeness::Beside;
use crate::text::fold;

/// Fewer tell nothing.
const FEWEST: usize = 6;
/// A text with so many is no notice.
const MORE_THAN_A_NOTICE: usize = 4;
/// The most that are looked at, in the order of the text.
const MOST: usize = 5_000;
/// Of the particulars of the shorter so many are the longer's too. Measured on 530 pairs of articles of one event that share
/// text: one is below the first (the lowest .47, .51, .51), and so are 93% of 5,000 pairs of reports by nine templates.
const SHARED: f64 = 0.5;
/// The same where one source gives both.
const SHARED_IN_ONE_SOURCE: f64 = 0.6;

/// The numbers and names of a text, sorted.
#[derive(Debug)]
pub(super) struct Particulars(Vec<String>);

impl Particulars {
    pub(super) fn of(text: &str) -> Self {
        let mut all: Vec<String> = Vec::new();
        // The last letters, and what stands between them and what comes next.
        let (mut before, mut gap) = ("", "");
        for run in runs(text) {
            let first = run.chars().next().unwrap_or(' ');
            if all.len() >= MOST {
                break;
            } else if first.is_numeric() {
                all.push(run.to_owned());
                (before, gap) = ("", "");
            } else if first.is_alphabetic() {
                if first.is_uppercase() && run.chars().count() > 2 && is_within_a_sentence(before, gap) {
                    all.push(fold(run));
                }
                (before, gap) = (run, "");
            } else {
                gap = run;
            }
        }
        all.sort_unstable();
        all.dedup();
        Self(all)
    }

    /// Whether there are more than a notice has ("for subscribers only").
    pub(super) fn tell(&self) -> bool {
        self.0.len() >= MORE_THAN_A_NOTICE
    }

    /// Whether each has so many of its own that these are two reports.
    pub(super) fn are_of_another(&self, other: &Self, beside: Beside) -> bool {
        let fewer = self.0.len().min(other.0.len());
        let least = if beside == Beside::SameSource { SHARED_IN_ONE_SOURCE } else { SHARED };
        let shared = self.0.iter().filter(|one| other.0.binary_search(one).is_ok()).count();
        fewer >= FEWEST && (shared as f64) < fewer as f64 * least
    }
}

/// Whether a capital after these does not begin a sentence.
fn is_within_a_sentence(before: &str, gap: &str) -> bool {
    let goes_on = |gap: &str| matches!(gap, " " | "\u{a0}" | "'" | "’");
    gap == ", " || goes_on(gap) && before.ends_with(char::is_lowercase)
}

/// A text in runs of letters, of digits, and of what is neither.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let class = |c: char| (c.is_numeric(), c.is_alphabetic());
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = class(rest.chars().next()?);
        let (run, after) = rest.split_at(rest.find(|c| class(c) != first).unwrap_or(rest.len()));
        rest = after;
        Some(run)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_told() {
        let of = |text: &str| Particulars::of(text).0.join(" ");
        assert_eq!(
            of("Un séisme de magnitude 6,2 a frappé Padang, Indonésie. Il était 15h30."),
            "15 2 30 6 indonesie padang"
        );
        assert_eq!(of("Le préfet Élie Ghanem parle d'Alger. Personne d’autre."), "alger elie ghanem");
        assert_eq!(of("H1N1 ٣٤ 東京 ABC DEF"), "1 ٣٤");
        assert_eq!(of(""), "");
    }

    #[test]
    fn few_tell_nothing_and_one_source_is_asked_for_more() {
        let of = |numbers: std::ops::Range<u32>| Particulars::of(&numbers.map(|n| format!("{n} ")).collect::<String>());
        let apart = |a, b, beside| of(a).are_of_another(&of(b), beside);
        assert!(apart(0..10, 6..30, Beside::OtherTitle) && !apart(0..10, 5..30, Beside::SameTitle));
        assert!(apart(0..10, 5..30, Beside::SameSource) && !apart(0..5, 100..130, Beside::OtherTitle));
    }
}
