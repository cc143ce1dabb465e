//! A written date as numbers, words with their meanings, and signs.

use super::super::fold;
use super::words::{Meaning, Spelling, Zone, lexicon};

/// No date is longer; what is longer is a text.
const MOST_CHARS: usize = 200;
/// The longest spelling of a script that has no spaces, in characters.
const LONGEST_RUN: usize = 8;

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
    /// The letter, where it is a single capital one of ASCII.
    pub(super) letter: Option<char>,
    /// Whether it is a short word that only languages other than the text's know: `10 set` is a date in Italian, and none in
    /// English.
    pub(super) doubtful: bool,
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

    /// The month that it names; none where two languages mean two.
    pub(super) fn month(&self) -> Option<i64> {
        let mut months = self.meanings().iter().filter_map(|m| match m {
            Meaning::Month(month) => Some(i64::from(*month)),
            _ => None,
        });
        let first = months.next()?;
        months.all(|m| m == first).then_some(first)
    }

    /// Whether it may stand in a date without saying anything.
    pub(super) fn is_filler(&self) -> bool {
        match &self.kind {
            Kind::Number { .. } => false,
            Kind::Sign(_) => true,
            Kind::Word(_) if self.doubtful => false,
            Kind::Word(_) => self.means(|m| {
                use Meaning::{Clock, Filler, HourSign, Ordinal, Published, TimeMark, Updated, Weekday, Zone};
                matches!(m, Filler | Published | Updated | TimeMark | Clock | Weekday | Ordinal | HourSign | Zone(_))
                    || matches!(m, Meaning::Noon | Meaning::Midnight)
            }),
        }
    }
}

pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic() || unicode_normalization::char::is_combining_mark(c) || matches!(c, 'º' | 'ª')
}

/// Signs that are not seen, or that stand inside of words.
pub(super) fn is_silent(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{61c}' | '\u{ad}'
        | '\u{640}' | '\u{feff}' | '\'' | '’' | '‘' | 'ʼ' | '´' | '`' | '″')
}

/// Chinese, Japanese and Korean letters: words of them are not parted by spaces.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3005}' | '\u{3041}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// The zeros of the scripts that write dates with digits of their own.
const ZEROS: [u32; 15] =
    [0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0x1040, 0xff10];

/// A digit of any script as the digit of ASCII; other characters as they are.
#[must_use]
pub fn ascii_digit(c: char) -> char {
    let code = c as u32;
    let value = ZEROS.iter().find_map(|zero| code.checked_sub(*zero).filter(|v| *v < 10));
    value.and_then(|v| char::from_digit(v, 10)).unwrap_or(c)
}

/// The same sign in its plain form.
fn plain_sign(c: char) -> char {
    match c {
        '،' | '、' => ',',
        '⁄' | '∕' => '/',
        '־' => '-',
        '。' => '.',
        c if c.is_ascii() => c,
        c => fold(c.encode_utf8(&mut [0; 4])).chars().next().unwrap_or(c),
    }
}

/// `None` for what is too long to be a date, or has no sign of one.
pub(super) fn tokens(written: &str, lang: Option<&str>) -> Option<Vec<Token>> {
    let written = written.trim();
    if written.is_empty() || written.len() > 4 * MOST_CHARS || written.chars().nth(MOST_CHARS).is_some() {
        return None;
    }
    let chars: Vec<char> = written.chars().map(ascii_digit).collect();
    let between_digits = |i: usize| {
        let digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
        matches!(chars[i], '\'' | '’') && digit(i.checked_sub(1)) && digit(i.checked_add(1))
    };
    let heard = (0..chars.len()).filter(|i| !is_silent(chars[*i]) || between_digits(*i)).map(|i| chars[i]);
    Some(understood(&raw(&heard.collect::<Vec<_>>()), lang))
}

enum Raw {
    Number(String),
    /// A folded word, and whether it was written in capitals.
    Word(String, bool),
    Sign(char),
}

/// The runs of digits and letters, each with whether it touches what stands before it.
fn raw(chars: &[char]) -> Vec<(Raw, bool)> {
    let mut out = Vec::new();
    let mut glued = false;
    let mut i = 0;
    while let Some(&c) = chars.get(i) {
        let run = |fits: &dyn Fn(char) -> bool| chars[i..].iter().take_while(|c| fits(**c)).count();
        let length = if c.is_whitespace() {
            glued = false;
            i += 1;
            continue;
        } else if c.is_ascii_digit() {
            let length = run(&|c| c.is_ascii_digit());
            out.push((Raw::Number(chars[i..i + length].iter().collect()), glued));
            length
        } else if is_unspaced(c) {
            let length = run(&is_unspaced);
            unspaced(&chars[i..i + length], glued, &mut out);
            length
        } else if is_letter(c) {
            let length = run(&|c| is_letter(c) && !is_unspaced(c));
            let word: String = chars[i..i + length].iter().collect();
            let capitals = word.chars().all(char::is_uppercase) || !word.is_ascii();
            out.push((Raw::Word(fold(&word), capitals), glued));
            length
        } else {
            out.push((Raw::Sign(plain_sign(c)), glued));
            1
        };
        i += length;
        glued = true;
    }
    out
}

/// The longest known words first; a letter that begins none stands alone.
fn unspaced(run: &[char], glued: bool, out: &mut Vec<(Raw, bool)>) {
    let (mut at, mut glued) = (0, glued);
    while at < run.len() {
        let word = |length: usize| fold(&run[at..at + length].iter().collect::<String>());
        let most = LONGEST_RUN.min(run.len() - at);
        let length = (1..=most).rev().find(|l| lexicon().contains_key(&word(*l))).unwrap_or(1);
        out.push((Raw::Word(word(length), false), glued));
        glued = true;
        at += length;
    }
}

fn understood(raw: &[(Raw, bool)], lang: Option<&str>) -> Vec<Token> {
    let mut out = Vec::with_capacity(raw.len());
    let mut i = 0;
    while i < raw.len() {
        let (token, glued) = &raw[i];
        let mut length = 1;
        let (mut letter, mut doubtful) = (None, false);
        let kind = match token {
            Raw::Number(digits) => Kind::Number { value: digits.parse().unwrap_or(i64::MAX), digits: digits.len() },
            Raw::Sign(c) => Kind::Sign(*c),
            Raw::Word(word, capitals) => {
                let (mut meanings, taken, known) = look_up(word, &raw[i + 1..], lang);
                doubtful = !known && taken == 0 && word.len() <= 3;
                let universal = matches!(word.as_str(), "utc" | "gmt") || (word == "z" && *glued);
                let ends = i + 1 == raw.len() && follows_seconds(&raw[..i]);
                meanings.retain(|m| *capitals || universal || ends || !matches!(m, Meaning::Zone(_)));
                letter = word.chars().next().filter(|c| *capitals && word.len() == 1 && c.is_ascii());
                length += taken;
                Kind::Word(meanings)
            }
        };
        out.push(Token { kind, glued: *glued, used: false, letter, doubtful });
        i += length;
    }
    out
}

/// Whether a text ends with a time in seconds: what comes last then is its zone, in capitals or not.
fn follows_seconds(raw: &[(Raw, bool)]) -> bool {
    let colon = |back: usize| {
        let at = raw.len().checked_sub(back).and_then(|i| raw.get(i));
        matches!(at, Some((Raw::Sign(':'), true)))
    };
    matches!(raw.last(), Some((Raw::Number(_), _))) && colon(2) && colon(4)
}

/// The meanings of the longest spelling that begins here, how many tokens it takes beyond the first, and whether the language
/// of the text knows it, as far as that is said. Where it does, other languages are not asked, else English, which the
/// formats ask for.
fn look_up(word: &str, after: &[(Raw, bool)], lang: Option<&str>) -> (Vec<Meaning>, usize, bool) {
    let Some(spellings) = lexicon().get(word) else { return (Vec::new(), 0, true) };
    let lang = lang.map(of_table);
    let own = |s: &Spelling| Some(s.lang.as_str()) == lang;
    let near = |s: &Spelling| own(s) || s.lang == "any" || s.lang == "en";
    let mut fitting: Vec<(&Spelling, usize)> =
        spellings.iter().filter_map(|s| Some((s, span(&s.rest, after)?))).collect();
    let known = lang.is_none() || fitting.iter().any(|(s, _)| near(s));
    if lang.is_some() && known {
        fitting.retain(|(s, _)| near(s));
    }
    let longest = fitting.iter().map(|(s, _)| s.rest.len()).max().unwrap_or(0);
    fitting.retain(|(s, _)| s.rest.len() == longest);
    if fitting.iter().any(|(s, _)| own(s)) {
        fitting.retain(|(s, _)| own(s) || s.lang == "any");
    }
    let taken = fitting.first().map_or(0, |(_, taken)| *taken);
    (fitting.into_iter().map(|(s, _)| s.meaning).collect(), taken, known)
}

/// Languages that the table has under another code.
fn of_table(lang: &str) -> &str {
    match lang {
        "nb" | "nn" => "no",
        "bs" | "sh" => "hr",
        "ms" => "id",
        "cmn" | "yue" => "zh",
        "iw" => "he",
        other => other,
    }
}

/// How many tokens the remaining words of a spelling take: they may be joined by a hyphen or a point.
fn span(rest: &[String], after: &[(Raw, bool)]) -> Option<usize> {
    let mut at = 0;
    for wanted in rest {
        if matches!(after.get(at), Some((Raw::Sign('-' | '.'), _))) {
            at += 1;
        }
        match after.get(at) {
            Some((Raw::Word(word, _), _)) if word == wanted => at += 1,
            _ => return None,
        }
    }
    Some(at)
}

/// The zone that a word names.
pub(super) fn zone_of(token: &Token) -> Option<Zone> {
    token.meanings().iter().find_map(|m| match m {
        Meaning::Zone(zone) => Some(*zone),
        _ => None,
    })
}
