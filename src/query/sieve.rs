//! What an index of words can answer of a query: it lets everything through that the query selects, and as little else as it
//! can tell. What comes through is then asked the query itself.

use super::Query;
use super::columns::{Mark, WORD, cut};
use super::term::unparted;
use super::tree::{Node, Place, Term, Who};

/// Terms that are handed to the index; of a longer query it answers the beginning.
const MOST_TERMS: usize = 64;
/// Letters that the open beginning of a word needs: shorter ones begin too much.
const SHORTEST_BEGINNING: usize = 4;
/// How deep groups, and feeds that ask for feeds, are followed.
const DEPTH: usize = 20;

/// Where an index looks for words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// Title, standfirst, body.
    Text,
    /// Title.
    Title,
    /// Standfirst and body.
    Body,
    /// Who wrote it.
    Author,
    /// Facts.
    Marks,
}

/// What is looked for in an index of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sieve {
    /// All stories.
    Everything,
    /// None.
    Nothing,
    /// Every one of these.
    All(Vec<Sieve>),
    /// At least one of these.
    Any(Vec<Sieve>),
    /// Not this.
    Not(Box<Sieve>),
    /// Words one after another; the last may be only a beginning.
    Words {
        /// Where.
        column: Column,
        /// The words as the index has them.
        words: Vec<String>,
        /// Whether the last one is a beginning.
        open: bool,
    },
}

/// A query as an index can answer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sifted {
    /// What it selects lies within this.
    pub sieve: Sieve,
    /// Whether nothing else does.
    pub exact: bool,
}

impl Sieve {
    /// A fact.
    #[must_use]
    pub fn mark(mark: Mark<'_>) -> Self {
        Self::words(Column::Marks, vec![mark.word()], false)
    }

    fn words(column: Column, words: Vec<String>, open: bool) -> Self {
        Self::Words { column, words, open }
    }

    /// Every one of these.
    #[must_use]
    pub fn all(parts: Vec<Self>) -> Self {
        let mut kept = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Everything => {}
                Self::Nothing => return Self::Nothing,
                Self::All(inner) => kept.extend(inner),
                part => kept.push(part),
            }
        }
        kept.dedup();
        if kept.len() < 2 { kept.pop().unwrap_or(Self::Everything) } else { Self::All(kept) }
    }

    fn any(parts: Vec<Self>) -> Self {
        let mut kept = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Nothing => {}
                Self::Everything => return Self::Everything,
                Self::Any(inner) => kept.extend(inner),
                part => kept.push(part),
            }
        }
        kept.dedup();
        if kept.len() < 2 { kept.pop().unwrap_or(Self::Nothing) } else { Self::Any(kept) }
    }

    /// What this is not.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Everything => Self::Nothing,
            Self::Nothing => Self::Everything,
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// The words that are looked for, each once: what a text can be more or less about.
    #[must_use]
    pub fn wanted(&self) -> Vec<&Self> {
        let mut found = Vec::new();
        self.gather(&mut found);
        found
    }

    fn gather<'s>(&'s self, found: &mut Vec<&'s Self>) {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|p| p.gather(found)),
            Self::Words { column, .. } if *column != Column::Marks && !found.contains(&self) => found.push(self),
            _ => {}
        }
    }
}

impl Query {
    /// What an index can answer of it; `of_feed` gives the query of a feed that it asks for: `Some(None)` where that feed
    /// holds everything.
    #[must_use]
    pub fn sifted<'q>(&'q self, of_feed: &dyn Fn(&str) -> Option<Option<&'q Query>>) -> Sifted {
        let mut sifting = Sifting { of_feed, terms: 0, relaxed: false };
        let sieve = sifting.sift(&self.root, Side::Above, DEPTH);
        Sifted { sieve, exact: !sifting.relaxed }
    }

    /// The same of what it does not select. It asks for no feeds.
    #[must_use]
    pub fn sifted_out(&self) -> Sifted {
        let mut sifting = Sifting { of_feed: &|_| None, terms: 0, relaxed: false };
        let sieve = sifting.sift(&self.root, Side::Below, DEPTH).opposite();
        Sifted { sieve, exact: !sifting.relaxed }
    }
}

/// From which side the answer is come near to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// All that is true comes through.
    Above,
    /// Nothing that is false comes through.
    Below,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Above => Self::Below,
            Self::Below => Self::Above,
        }
    }
}

struct Sifting<'a, 'q> {
    of_feed: &'a dyn Fn(&str) -> Option<Option<&'q Query>>,
    terms: usize,
    relaxed: bool,
}

impl<'q> Sifting<'_, 'q> {
    fn sift(&mut self, node: &'q Node, side: Side, depth: usize) -> Sieve {
        let deeper = depth.saturating_sub(1);
        match node {
            Node::All(_) | Node::Any(_) | Node::Not(_) if depth == 0 => self.unknown(side),
            Node::All(parts) => Sieve::all(parts.iter().map(|p| self.sift(p, side, deeper)).collect()),
            Node::Any(parts) => Sieve::any(parts.iter().map(|p| self.sift(p, side, deeper)).collect()),
            Node::Not(part) => self.sift(part, side.other(), deeper).opposite(),
            Node::Term(term) => {
                self.terms += 1;
                if self.terms > MOST_TERMS { self.unknown(side) } else { self.term(term, side, depth) }
            }
        }
    }

    fn term(&mut self, term: &'q Term, side: Side, depth: usize) -> Sieve {
        let two = |above: Mark<'_>, below: Mark<'_>| Sieve::mark(if side == Side::Above { above } else { below });
        match term {
            Term::Words { place, words, prefix } => self.phrase(column(*place), words, *prefix, side),
            Term::Piece { place, text } => self.piece(column(*place), text, side),
            Term::Lang(lang) => Sieve::mark(Mark::Lang(lang)),
            Term::Source(name, Who::Any) => two(Mark::Source(&name.key), Mark::OnlySource(&name.key)),
            Term::Source(name, Who::Shown) => Sieve::mark(Mark::LeadSource(&name.key)),
            Term::Outlet(name, who) => {
                // Which of several is shown the index does not tell.
                self.relaxed |= *who == Who::Shown;
                two(Mark::Outlet(&name.key), Mark::OnlyOutlet(&name.key))
            }
            Term::Tag(name) => two(Mark::Tag(&name.key), Mark::LeadTag(&name.key)),
            Term::HasImage => Sieve::mark(Mark::Image),
            Term::Feed(name) if depth > 0 => match (self.of_feed)(&name.key) {
                Some(Some(query)) => self.sift(&query.root, side, depth - 1),
                Some(None) => Sieve::Everything,
                None => Sieve::Nothing,
            },
            Term::Feed(_) | Term::Regex { .. } | Term::Url(_) | Term::Age(..) | Term::Length(..) | Term::Copies(..) => {
                self.unknown(side)
            }
        }
    }

    /// What the index cannot tell.
    fn unknown(&mut self, side: Side) -> Sieve {
        self.relaxed = true;
        match side {
            Side::Above => Sieve::Everything,
            Side::Below => Sieve::Nothing,
        }
    }

    fn phrase(&mut self, column: Column, words: &[String], open: bool, side: Side) -> Sieve {
        let mut known: Vec<String> = words.iter().map(|w| cut(w).to_owned()).collect();
        let long = words.iter().any(|w| w.len() > WORD);
        let short = open && words.last().is_some_and(|w| w.chars().count() < SHORTEST_BEGINNING);
        if side == Side::Below && (long || short) {
            return self.unknown(side);
        }
        self.relaxed |= long || short;
        if short {
            known.pop();
        }
        if known.is_empty() {
            return self.unknown(side);
        }
        Sieve::words(column, known, open && !short)
    }

    /// A piece of a script that parts no words, by its pairs of signs; what else is in it is left to the query.
    fn piece(&mut self, column: Column, text: &str, side: Side) -> Sieve {
        let runs = text.split(|c| !unparted(c)).filter(|run| !run.is_empty());
        let mut parts = Vec::new();
        for run in runs {
            let starts: Vec<usize> = run.char_indices().map(|(at, _)| at).chain(std::iter::once(run.len())).collect();
            if starts.len() == 2 {
                parts.push(run);
            }
            parts.extend(starts.windows(3).map(|w| &run[w[0]..w[2]]));
        }
        let whole = matches!(parts.as_slice(), [one] if *one == text);
        self.relaxed |= !whole;
        if !whole && side == Side::Below {
            return Sieve::Nothing;
        }
        parts.truncate(MOST_TERMS);
        Sieve::all(parts.into_iter().map(|sign| Sieve::words(column, vec![sign.to_owned()], false)).collect())
    }
}

fn column(place: Place) -> Column {
    match place {
        Place::Anywhere => Column::Text,
        Place::Title => Column::Title,
        Place::Body => Column::Body,
        Place::Author => Column::Author,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sifted(text: &str) -> Sifted {
        let week: &Query = Box::leak(Box::new(Query::parse("gaza age:<7d").unwrap()));
        Query::parse(text).unwrap().sifted_with(week)
    }

    impl Query {
        fn sifted_with(self, week: &'static Query) -> Sifted {
            let query: &'static Query = Box::leak(Box::new(self));
            query.sifted(&|name| match name {
                "week" => Some(Some(week)),
                "all" => Some(None),
                _ => None,
            })
        }
    }

    /// A short spelling, for reading.
    fn spelt(sieve: &Sieve) -> String {
        let joined = |parts: &[Sieve], with: &str| parts.iter().map(spelt).collect::<Vec<_>>().join(with);
        match sieve {
            Sieve::Everything => "*".into(),
            Sieve::Nothing => "0".into(),
            Sieve::All(parts) => format!("({})", joined(parts, " & ")),
            Sieve::Any(parts) => format!("({})", joined(parts, " | ")),
            Sieve::Not(part) => format!("-{}", spelt(part)),
            Sieve::Words { words, open, .. } => words.join("+") + if *open { "*" } else { "" },
        }
    }

    #[test]
    fn lets_through_all_that_is_true_and_little_else() {
        let u = Mark::LeadTag("gaza").word();
        let t = Mark::Tag("gaza").word();
        for (text, sieve, exact) in [
            ("Gaza mer", "(gaza & mer)", true),
            ("a OR b -c", "(a | (b & -c))", true),
            ("\"cessez-le-feu\" palestin*", "(cessez+le+feu & palestin*)", true),
            ("pal*", "*", false),
            ("\"la mer pal*\"", "la+mer", false),
            ("mer -pal*", "mer", false),
            ("mer url:/monde/", "mer", false),
            ("mer OR url:/monde/", "*", false),
            ("-(mer OR url:/monde/)", "-mer", false),
            ("-(mer url:/monde/)", "*", false),
            ("mer words:>300 copies:>2 /x/", "mer", false),
            ("age:<7d", "*", false),
            ("停火協議", "(停火 & 火協 & 協議)", false),
            ("停火", "停火", true),
            ("停", "停", true),
            ("-停火協議", "*", false),
            ("mer -停火", "(mer & -停火)", true),
            ("feed:week mer", "(gaza & mer)", false),
            ("feed:all mer", "mer", true),
            ("feed:other", "0", true),
            ("-feed:week mer", "mer", false),
        ] {
            let sifted = sifted(text);
            assert_eq!((spelt(&sifted.sieve).as_str(), sifted.exact), (sieve, exact), "{text}");
        }
        assert_eq!(spelt(&sifted("tag:Gaza").sieve), t);
        assert_eq!(spelt(&sifted("mer -tag:Gaza").sieve), format!("(mer & -{u})"));
    }

    #[test]
    fn long_queries_are_answered_in_part() {
        let many = (0..1200).map(|i| format!("w{i}")).collect::<Vec<_>>();
        assert_eq!(sifted(&many.join(" OR ")).sieve, Sieve::Everything);
        let all = sifted(&many.join(" "));
        assert!(matches!(&all.sieve, Sieve::All(parts) if parts.len() == MOST_TERMS) && !all.exact);
    }
}
