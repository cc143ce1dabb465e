//! A written date as numbers, words with their meanings, and signs.

use super::super::fold;
use super::words::{Meaning, Spelling, lexicon};

/// No date is longer; what is longer is a text.
const MOST_CHARS: usize = 200;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Number { value: i64, digits: usize },
    Word(Vec<Meaning>),
    Sign(char),
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// Whether it touches the token before it.
    pub(super) glued: bool,
    /// Whether a part of the date has been made of it.
    pub(super) used: bool,
}

impl Token {
    pub(super) fn number(&self) -> Option<(i64, usize)> {
        match self.kind {
            Kind::Number { value, digits } => Some((value, digits)),
            _ => None,
        }
    }

    pub(super) fn is(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    pub(super) fn meanings(&self) -> &[Meaning] {
        match &self.kind {
            Kind::Word(meanings) => meanings,
            _ => &[],
        }
    }

    pub(super) fn means(&self, wanted: impl Fn(Meaning) -> bool) -> bool {
        self.meanings().iter().any(|m| wanted(*m))
    }

    /// Whether it may stand in a date without saying anything.
    pub(super) fn is_filler(&self) -> bool {
        match &self.kind {
            Kind::Number { .. } => false,
            Kind::Sign(_) => true,
            Kind::Word(_) => self.means(|m| {
                use Meaning::{Filler, HourSign, Ordinal, TimeMark, Weekday, Zone};
                matches!(m, Filler | TimeMark | Weekday | Ordinal | HourSign | Zone(_))
            }),
        }
    }
}

pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c) || matches!(c, 'º' | 'ª')
}

/// Digits of other scripts as ASCII; after a digit, the signs of Chinese, Japanese and Korean dates as separators; invisible
/// marks off.
fn plain(after_digit: &mut bool, c: char) -> Option<Option<char>> {
    let sign = match c {
        '年' | '년' | '月' | '월' => '-',
        '日' | '일' | '号' | '秒' | '초' => ' ',
        '時' | '时' | '点' | '시' | '分' | '분' => ':',
        _ => {
            let c = ascii(c);
            *after_digit = c.is_some_and(|c| c.is_ascii_digit());
            return Some(c);
        }
    };
    Some(Some(if std::mem::take(after_digit) { sign } else { c }))
}

fn ascii(c: char) -> Option<char> {
    let digit = |zero: u32| char::from_digit(c as u32 - zero, 10);
    match c {
        '\u{660}'..='\u{669}' => digit(0x660),
        '\u{6f0}'..='\u{6f9}' => digit(0x6f0),
        '\u{966}'..='\u{96f}' => digit(0x966),
        '\u{ff10}'..='\u{ff19}' => digit(0xff10),
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\'' | '’' => None,
        '：' => Some(':'),
        '،' => Some(','),
        '–' | '‐' | '−' => Some('-'),
        c => Some(c),
    }
}

/// `None` for what is too long to be a date, or has no sign of one.
pub(super) fn tokens(written: &str, lang: Option<&str>) -> Option<Vec<Token>> {
    let written = written.trim();
    if written.is_empty() || written.len() > 4 * MOST_CHARS || written.chars().nth(MOST_CHARS).is_some() {
        return None;
    }
    let text = fold(&written.chars().scan(false, plain).flatten().collect::<String>());
    let mut raw: Vec<(Raw, bool)> = Vec::new();
    let mut glued = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_whitespace() {
            glued = false;
            continue;
        }
        let mut run = String::from(c);
        let mut take = |fits: fn(char) -> bool| {
            while let Some(next) = chars.next_if(|n| fits(*n)) {
                run.push(next);
            }
            run.clone()
        };
        let token = if c.is_ascii_digit() {
            Raw::Number(take(|n| n.is_ascii_digit()))
        } else if is_letter(c) {
            Raw::Word(take(is_letter))
        } else {
            Raw::Sign(c)
        };
        raw.push((token, glued));
        glued = true;
    }
    Some(understood(&raw, lang))
}

enum Raw {
    Number(String),
    Word(String),
    Sign(char),
}

fn understood(raw: &[(Raw, bool)], lang: Option<&str>) -> Vec<Token> {
    let mut out = Vec::with_capacity(raw.len());
    let mut i = 0;
    while i < raw.len() {
        let (token, glued) = &raw[i];
        let mut length = 1;
        let kind = match token {
            Raw::Number(digits) => Kind::Number { value: digits.parse().unwrap_or(i64::MAX), digits: digits.len() },
            Raw::Sign(c) => Kind::Sign(*c),
            Raw::Word(word) => {
                let (meanings, taken) = look_up(word, &raw[i + 1..], lang);
                length += taken;
                Kind::Word(meanings)
            }
        };
        out.push(Token { kind, glued: *glued, used: false });
        i += length;
    }
    out
}

/// The meanings of the longest spelling that begins here, and how many tokens it takes beyond the first. Where the language
/// of the text (or English, which the formats ask for) knows the word, other languages are not asked.
fn look_up(word: &str, after: &[(Raw, bool)], lang: Option<&str>) -> (Vec<Meaning>, usize) {
    let Some(spellings) = lexicon().get(word) else { return (Vec::new(), 0) };
    let fitting: Vec<(&Spelling, usize)> = spellings.iter().filter_map(|s| Some((s, span(&s.rest, after)?))).collect();
    let longest = fitting.iter().map(|(s, _)| s.rest.len()).max().unwrap_or(0);
    let longest: Vec<_> = fitting.into_iter().filter(|(s, _)| s.rest.len() == longest).collect();
    let near = |s: &Spelling| s.lang == "any" || s.lang == "en" || Some(s.lang.as_str()) == lang;
    let asked = lang.is_some() && longest.iter().any(|(s, _)| near(s));
    let taken = longest.first().map_or(0, |(_, taken)| *taken);
    (longest.into_iter().filter(|(s, _)| !asked || near(s)).map(|(s, _)| s.meaning).collect(), taken)
}

/// How many tokens the remaining words of a spelling take: they may be joined by a hyphen or a point.
fn span(rest: &[String], after: &[(Raw, bool)]) -> Option<usize> {
    let mut at = 0;
    for wanted in rest {
        if matches!(after.get(at), Some((Raw::Sign('-' | '.'), _))) {
            at += 1;
        }
        match after.get(at) {
            Some((Raw::Word(word), _)) if word == wanted => at += 1,
            _ => return None,
        }
    }
    Some(at)
}
