//! How alike two texts are, and what follows from it. The thresholds were measured on 4,876 press articles full of agency
//! copies: real copies share 30% of their shingles, not 80 (docs/decisions).

use crate::text::Shingles;

/// Of all shingles of both, so many shared: one text.
const NEAR: f64 = 0.20;
/// Of the shorter's shingles so many shared, where neither is less than half as long: one text.
const NEAR_OF_SHORTER: f64 = 0.45;
/// The same where five characters make a shingle, not five words: a long name is some of them. Reasoned, not measured.
const NEAR_UNPARTED: (f64, f64) = (0.30, 0.50);
/// Of the shorter's shingles so many shared, where it is less than half as long: a part.
const PART: f64 = 0.60;
/// The length of the shorter, measured by the longer, from which it is no part but the whole.
const WHOLE: f64 = 0.5;
/// The length of a text, measured by one half as long again.
const OUTGROWN: f64 = 2.0 / 3.0;
/// Of a text so many of its shingles in another: that gives it, and not a part of it.
const MOST_OF_IT: f64 = 0.75;
/// Of a teaser so many of its shingles in the whole: the rest is a plea to subscribe.
const TEASER: f64 = 0.25;
/// Shingles of its own that a page of many things has at least.
const PAGE: usize = 50;
/// Of all shingles of both, fewer shared: another text altogether.
const OTHER: f64 = 0.05;
/// A text of fewer words is short: chance and formulas weigh more, so more is asked.
const SHORT: usize = 60;
/// A formula that a source repeats under many titles is shorter.
pub(super) const LONGER_THAN_FORMULAS: usize = 120;
/// What is asked of a short text under another title.
const NEAR_WHEN_SHORT: f64 = 0.80;
/// A text of fewer words does not tell an article ("Read more", a legend), whatever its title.
const FEWEST: usize = 5;

/// What else is known of two articles whose texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// They have one title.
    SameTitle,
    /// They have two.
    OtherTitle,
    /// One source gives both, each under an id or address of its own: the next of a row (the weather, results) rather than the
    /// same again.
    SameSource,
}

impl Beside {
    pub(super) fn titled(same: bool) -> Self {
        if same { Self::SameTitle } else { Self::OtherTitle }
    }
}

/// How two texts share their shingles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Likeness {
    shared: usize,
    new: usize,
    old: usize,
    /// Words of the shorter.
    words: usize,
    /// Whether both are mostly in scripts that part no words.
    unparted: bool,
}

/// How a new text stands to an older one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Relation {
    /// One text.
    Near,
    /// The new one is a part of the older.
    Part,
    /// The older one is a part of the new.
    Whole,
    /// Neither.
    Apart,
}

impl Likeness {
    pub(super) fn of(new: &Shingles, old: &Shingles) -> Self {
        let shared = shared(&new.all, &old.all);
        Self {
            shared,
            new: new.all.len(),
            old: old.all.len(),
            words: new.words.min(old.words),
            unparted: new.unparted && old.unparted,
        }
    }

    /// Shared shingles of all of both, 0 to 1.
    pub(super) fn jaccard(&self) -> f64 {
        ratio(self.shared, self.new + self.old - self.shared)
    }

    /// Shared shingles of the new text's, 0 to 1.
    pub(super) fn of_new(&self) -> f64 {
        ratio(self.shared, self.new)
    }

    fn of_shorter(&self) -> f64 {
        ratio(self.shared, self.new.min(self.old))
    }

    /// Whether the shorter may be a teaser: some of it stands in the longer, and it is short.
    pub(super) fn may_be_teaser(&self) -> bool {
        self.may_be_formula() && self.of_shorter() >= TEASER
    }

    /// Whether the new text, and the older one, may be a page of many things that has a good part of the other: each has much of its own.
    pub(super) fn may_be_pages(&self) -> [bool; 2] {
        [self.new, self.old].map(|all| self.of_shorter() < MOST_OF_IT && all - self.shared >= PAGE)
    }

    /// Whether the shorter tells anything.
    pub(super) fn tells(&self) -> bool {
        tells_with_title(self.words)
    }

    /// Whether the shorter is short enough for a formula.
    pub(super) fn may_be_formula(&self) -> bool {
        self.words < LONGER_THAN_FORMULAS
    }

    /// What follows from it.
    pub(super) fn relation(&self, beside: Beside) -> Relation {
        if self.words < FEWEST {
            return Relation::Apart;
        }
        let of_shorter = self.of_shorter();
        let strict = match beside {
            Beside::SameTitle => false,
            Beside::OtherTitle => self.words < SHORT,
            Beside::SameSource => self.words < LONGER_THAN_FORMULAS,
        };
        if strict && of_shorter < NEAR_WHEN_SHORT {
            return Relation::Apart;
        }
        let length = ratio(self.new.min(self.old), self.new.max(self.old));
        let (near, near_of_shorter) = if self.unparted { NEAR_UNPARTED } else { (NEAR, NEAR_OF_SHORTER) };
        if self.jaccard() >= near || (of_shorter >= near_of_shorter && length >= WHOLE) {
            Relation::Near
        } else if of_shorter < PART {
            Relation::Apart
        } else if self.new < self.old {
            Relation::Part
        } else {
            Relation::Whole
        }
    }

    /// Whether the new text is less than half as long as the older, and most of it stands there: though near enough to be one
    /// text, it is not the one to show.
    pub(super) fn is_short_part(&self) -> bool {
        self.of_new() >= PART && ratio(self.new, self.old) < WHOLE
    }

    /// Whether the older text is a short part of the new one.
    pub(super) fn has_short_part(&self) -> bool {
        ratio(self.shared, self.old) >= PART && ratio(self.old, self.new) < WHOLE
    }

    /// Whether most of the older text stands in the new one, which is half as long again.
    pub(super) fn outgrows(&self) -> bool {
        ratio(self.shared, self.old) >= PART && ratio(self.old, self.new) <= OUTGROWN
    }

    /// Whether most of the new text stands in the older one, which is half as long again.
    pub(super) fn is_outgrown(&self) -> bool {
        self.of_new() >= PART && ratio(self.new, self.old) <= OUTGROWN
    }

    /// Whether a good part of the new text stands in the older one, and a good part does not.
    pub(super) fn is_half(&self) -> bool {
        self.relation(Beside::OtherTitle) == Relation::Near && self.of_new() < MOST_OF_IT
    }

    /// Whether both texts are long enough to tell an article by themselves.
    pub(super) fn is_long(&self) -> bool {
        self.words >= SHORT
    }

    /// Whether these are two long texts that have nothing to do with each other: the sign of an address or id used again.
    pub(super) fn is_other(&self) -> bool {
        self.words >= SHORT && self.jaccard() < OTHER
    }
}

/// Whether a text alone tells its article: the same text under another title is the same article.
pub(super) fn tells(words: usize) -> bool {
    words >= SHORT
}

/// Whether a text with its title tells an article.
pub(super) fn tells_with_title(words: usize) -> bool {
    words >= FEWEST
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// How many two sorted lists share.
fn shared(a: &[u64], b: &[u64]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        i += usize::from(x <= y);
        j += usize::from(y <= x);
        shared += usize::from(x == y);
    }
    shared
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: std::ops::Range<usize>) -> Shingles {
        Shingles::of(&words.map(|n| format!("w{n} ")).collect::<String>())
    }

    fn relation(new: std::ops::Range<usize>, old: std::ops::Range<usize>, same_title: bool) -> Relation {
        Likeness::of(&text(new), &text(old)).relation(Beside::titled(same_title))
    }

    #[test]
    fn long_texts_are_told_by_what_they_share() {
        use Relation::{Apart, Near, Part, Whole};
        assert_eq!(relation(0..300, 0..300, false), Near);
        assert_eq!(relation(100..400, 0..300, false), Near);
        assert_eq!(relation(250..550, 0..300, true), Apart);
        assert_eq!(relation(0..80, 0..600, false), Part);
        assert_eq!(relation(0..600, 0..80, false), Whole);
        assert_eq!(relation(50..150, 0..1000, false), Part);
        assert_eq!(relation(960..1100, 0..1000, false), Apart);
    }

    #[test]
    fn short_texts_need_more_or_their_title() {
        use Relation::{Apart, Near, Part};
        assert_eq!(relation(0..30, 10..40, false), Apart);
        assert_eq!(relation(0..30, 10..40, true), Near);
        assert_eq!(relation(0..30, 0..31, false), Near);
        assert_eq!(relation(0..30, 0..400, false), Part);
        assert_eq!(relation(0..4, 0..4, true), Apart);
        assert_eq!(relation(0..0, 0..0, true), Apart);
        assert_eq!(relation(0..30, 100..130, true), Apart);
    }
}
