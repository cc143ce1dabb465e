//! The typed tree of a query.

use std::ops::Range;
use std::time::Duration;

use regex::Regex;

/// A part of a query.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// Every one of these.
    All(Vec<Node>),
    /// At least one of these.
    Any(Vec<Node>),
    /// Not this.
    Not(Box<Node>),
    /// This.
    Term(Term),
}

impl Node {
    /// Has what is not wanted asked of the one that is shown. As deep as the parser allows.
    pub(super) fn turn(&mut self, wanted: bool) {
        match self {
            Node::All(parts) | Node::Any(parts) => parts.iter_mut().for_each(|p| p.turn(wanted)),
            Node::Not(part) => part.turn(!wanted),
            Node::Term(Term::Source(_, who) | Term::Outlet(_, who)) if !wanted => *who = Who::Shown,
            Node::Term(_) => {}
        }
    }

    /// Lets `change` change every term.
    pub(super) fn walk_mut(&mut self, change: &mut dyn FnMut(&mut Term)) {
        match self {
            Node::All(parts) | Node::Any(parts) => parts.iter_mut().for_each(|p| p.walk_mut(change)),
            Node::Not(part) => part.walk_mut(change),
            Node::Term(term) => change(term),
        }
    }

    /// Shows every term to `see`, in the order of the text.
    pub(super) fn walk(&self, see: &mut dyn FnMut(&Term)) {
        match self {
            Node::All(parts) | Node::Any(parts) => parts.iter().for_each(|p| p.walk(see)),
            Node::Not(part) => part.walk(see),
            Node::Term(term) => see(term),
        }
    }
}

/// Where words are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Title, standfirst and body.
    Anywhere,
    /// Title.
    Title,
    /// Standfirst and body.
    Body,
    /// Who wrote it.
    Author,
}

/// Who is asked for the source or outlet of a story that several tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Any that tells it.
    Any,
    /// The one that is shown: what is not wanted is not shown.
    Shown,
}

/// What is asked of a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Than {
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Than {
    pub(super) fn holds<T: PartialOrd>(self, value: T, bound: T) -> bool {
        match self {
            Than::Less => value < bound,
            Than::AtMost => value <= bound,
            Than::More => value > bound,
            Than::AtLeast => value >= bound,
        }
    }

    pub(super) fn sign(self) -> &'static str {
        match self {
            Than::Less => "<",
            Than::AtMost => "<=",
            Than::More => ">",
            Than::AtLeast => ">=",
        }
    }
}

/// Something asked for by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// As written.
    pub(super) written: String,
    /// As compared.
    pub(super) key: String,
    /// Where.
    pub(super) span: Range<usize>,
}

/// A compiled regex, equal by its text.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) regex: Regex,
    pub(super) case: bool,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.case == other.case && self.regex.as_str() == other.regex.as_str()
    }
}

/// One thing asked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Term {
    /// Folded words, one after another; the last may be only a beginning.
    Words {
        place: Place,
        words: Vec<String>,
        prefix: bool,
    },
    /// A folded piece of text, for scripts whose words are not parted by spaces.
    Piece {
        place: Place,
        text: String,
    },
    /// A regex on the text as it stands.
    Regex {
        place: Place,
        pattern: Pattern,
    },
    /// A part of the address.
    Url(String),
    /// A language, with or without region.
    Lang(String),
    Source(Named, Who),
    Outlet(Named, Who),
    Tag(Named),
    Feed(Named),
    Age(Than, Duration, Range<usize>),
    Length(Than, u64),
    Copies(Than, u64, Range<usize>),
    HasImage,
}
