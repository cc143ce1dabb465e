//! Parts a query into tokens, with their bytes.

use std::ops::Range;

use crate::model::{Mistake, Wrong};

/// A token and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Open,
    Close,
    Minus,
    And,
    Or,
    Term(Written),
}

/// A term as written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Written {
    /// The word before the colon, and its bytes.
    pub(super) field: Option<(String, Range<usize>)>,
    pub(super) value: Value,
    /// Bytes of the value.
    pub(super) span: Range<usize>,
}

/// The value of a term as written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// Without quotes.
    Bare(String),
    /// In quotes.
    Quoted(String),
    /// Between slashes; whether case matters.
    Regex(String, bool),
}

/// Fields whose value may be a regex. In `url:/monde/` the slashes belong to the address.
const WITH_REGEX: [&str; 3] = ["title", "body", "author"];

/// The signs that begin a hashtag.
const SIGNS: [char; 3] = ['#', '＃', '﹟'];

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    mistakes: &'a mut Vec<Mistake>,
}

/// All tokens of a text; what is wrong goes to `mistakes`.
pub(super) fn tokens(text: &str, mistakes: &mut Vec<Mistake>) -> Vec<Token> {
    let mut lexer = Lexer { text, at: 0, mistakes };
    let mut tokens = Vec::new();
    while let Some(token) = lexer.next() {
        tokens.push(token);
    }
    tokens
}

/// The marks that close a quotation, the usual one first; word processors write the curly and the angled ones, German ones
/// close with what opens in English, and French ones the other way round.
fn closing(open: char) -> Option<&'static [char]> {
    match open {
        '"' => Some(&['"']),
        '“' => Some(&['”']),
        '„' => Some(&['“', '”']),
        '«' => Some(&['»']),
        '»' => Some(&['«']),
        '「' => Some(&['」']),
        '『' => Some(&['』']),
        _ => None,
    }
}

fn ends_bare(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')') || c != '»' && closing(c).is_some()
}

/// Whether the quotation mark at a place is a letter of a Hebrew word, as keyboards write the gershayim of an abbreviation.
fn is_gershayim(text: &str, at: usize) -> bool {
    let is_hebrew = |c: Option<char>| c.is_some_and(|c| matches!(c, 'א'..='ת' | '\u{591}'..='\u{5c7}'));
    let Some(after) = text[at..].strip_prefix('"') else { return false };
    is_hebrew(text[..at].chars().next_back()) && is_hebrew(after.chars().next())
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<Token> {
        self.at += self.rest().len() - self.rest().trim_start().len();
        let start = self.at;
        let kind = match self.peek()? {
            '(' => self.sign(Kind::Open),
            ')' => self.sign(Kind::Close),
            '-' => self.sign(Kind::Minus),
            _ => self.word(),
        };
        Some(Token { kind, span: start..self.at })
    }

    fn sign(&mut self, kind: Kind) -> Kind {
        self.at += 1;
        kind
    }

    fn word(&mut self) -> Kind {
        let bare = self.bare_end();
        match &self.text[self.at..bare] {
            word @ ("AND" | "OR") => {
                self.at = bare;
                return if word == "OR" { Kind::Or } else { Kind::And };
            }
            word if word.starts_with(SIGNS) => {
                let name = word.trim_start_matches(SIGNS);
                let start = bare - name.len();
                let field = Some(("tag".to_owned(), self.at..start));
                let value = Value::Bare(name.to_owned());
                self.at = bare;
                return Kind::Term(Written { field, value, span: start..bare });
            }
            _ => {}
        }
        let field = self.field();
        let regex = field.as_ref().is_none_or(|(name, _)| WITH_REGEX.contains(&name.as_str()));
        let start = self.at;
        let value = match self.peek() {
            Some('/') if regex => self.regex(),
            Some(c) => match closing(c) {
                Some(close) => self.quoted(c, close),
                None => self.bare(),
            },
            None => Value::Bare(String::new()),
        };
        Kind::Term(Written { field, value, span: start..self.at })
    }

    fn bare_end(&self) -> usize {
        let mut ends = self.rest().match_indices(ends_bare).map(|(n, _)| self.at + n);
        ends.find(|end| !is_gershayim(self.text, *end)).unwrap_or(self.text.len())
    }

    fn bare(&mut self) -> Value {
        let end = self.bare_end();
        let value = self.text[self.at..end].to_owned();
        self.at = end;
        Value::Bare(value)
    }

    /// `name:`, where letters stand before a colon.
    fn field(&mut self) -> Option<(String, Range<usize>)> {
        let rest = self.rest();
        let len = rest.find(|c: char| !c.is_alphabetic() && c != '_')?;
        if len == 0 || !rest[len..].starts_with(':') {
            return None;
        }
        let span = self.at..self.at + len + 1;
        let name = rest[..len].to_lowercase();
        self.at = span.end;
        Some((name, span))
    }

    fn quoted(&mut self, open: char, close: &[char]) -> Value {
        let start = self.at + open.len_utf8();
        let inside = &self.text[start..];
        let mut ends = inside.match_indices(close).filter(|(len, _)| !is_gershayim(self.text, start + len));
        let found = ends.next().and_then(|(len, close)| Some((len, close.chars().next()?)));
        let Some((len, close)) = found else {
            let close = close.first().copied().unwrap_or(open);
            let mistake = Mistake::new(self.at..self.text.len(), "quotation mark is not closed").of(Wrong::Unclosed);
            self.mistakes.push(mistake.hint(format!("end the phrase with `{close}`")));
            let value = Value::Quoted(inside.to_owned());
            self.at = self.text.len();
            return value;
        };
        self.at = start + len + close.len_utf8();
        Value::Quoted(inside[..len].to_owned())
    }

    fn regex(&mut self) -> Value {
        let start = self.at + 1;
        let mut escaped = false;
        let end = self.text[start..].char_indices().find_map(|(i, c)| {
            let closes = c == '/' && !escaped;
            escaped = c == '\\' && !escaped;
            closes.then_some(start + i)
        });
        let Some(end) = end else {
            let mistake = Mistake::new(self.at..self.text.len(), "regex is not closed").of(Wrong::Unclosed);
            self.mistakes.push(mistake.hint("end it with `/`, or put quotes around what is no regex"));
            self.at = self.text.len();
            return Value::Regex(String::new(), false);
        };
        let pattern = self.text[start..end].replace("\\/", "/");
        self.at = end + 1;
        let flags_end = self.bare_end();
        let flags = &self.text[self.at..flags_end];
        if !matches!(flags, "" | "c") {
            let wrong = Mistake::new(self.at..flags_end, format!("`{flags}` after a regex is not known"));
            self.mistakes.push(wrong.hint("only `c` may stand there: case matters"));
        }
        let case = flags == "c";
        self.at = flags_end;
        Value::Regex(pattern, case)
    }
}
