//! One written term to what it asks for.

use std::ops::Range;

use regex::RegexBuilder;
use unicode_normalization::UnicodeNormalization;

use crate::model::{Mistake, Wrong};
use crate::text::{fold, fold_spelling, language as language_tag, one_line, tag_key, words};

use super::lex::{Value, Written};
use super::tree::{Named, Pattern, Place, Term, Than, Who};

/// The fields of the language.
pub(super) const FIELDS: [&str; 13] =
    ["title", "body", "author", "url", "lang", "source", "outlet", "tag", "feed", "age", "words", "copies", "has"];
/// Regexes in one query: each costs a pass over the text.
const MAX_REGEXES: usize = 32;
/// Bytes of one compiled regex.
const REGEX_SIZE: usize = 1 << 20;
/// How deep a regex may nest.
const REGEX_DEPTH: u32 = 64;
/// How alike a mistyped name must be to be proposed (Jaro-Winkler).
const ALIKE: f64 = 0.75;

/// Reads terms, and counts what is bounded.
#[derive(Default)]
pub(super) struct Reader {
    regexes: usize,
}

impl Reader {
    pub(super) fn read(&mut self, written: &Written) -> Result<Term, Mistake> {
        let Some((field, field_span)) = &written.field else {
            return self.text(Place::Anywhere, written);
        };
        if empty(&written.value) {
            let mistake = Mistake::new(field_span.clone(), format!("`{field}:` is followed by nothing"));
            let mistake = if FIELDS.contains(&field.as_str()) { mistake } else { mistake.of(Wrong::NoField) };
            return Err(mistake.hint(example(field)));
        }
        match field.as_str() {
            "title" => self.text(Place::Title, written),
            "body" => self.text(Place::Body, written),
            "author" => self.text(Place::Author, written),
            "url" => plain(written, field).map(|v| Term::Url(v.to_lowercase())),
            "lang" => language(written),
            "source" => named(written, field, fold).map(|name| Term::Source(name, Who::Any)),
            "outlet" => named(written, field, |v| fold(&one_line(v))).map(|name| Term::Outlet(name, Who::Any)),
            "feed" => named(written, field, str::to_lowercase).map(Term::Feed),
            "tag" => {
                let name = named(written, field, tag_key)?;
                if name.key.is_empty() {
                    return Err(Mistake::new(name.span, format!("`{}` cannot be a tag", name.written)));
                }
                Ok(Term::Tag(name))
            }
            "age" => measure(written, field, |v| humantime::parse_duration(v).ok())
                .map(|(than, age)| Term::Age(than, age, field_span.start..written.span.end)),
            "words" => measure(written, field, |v| v.parse().ok()).map(|(than, n)| Term::Length(than, n)),
            "copies" => measure(written, field, |v| v.parse().ok())
                .map(|(than, n)| Term::Copies(than, n, field_span.start..written.span.end)),
            "has" => has(written),
            _ => Err(unknown(field, field_span)),
        }
    }

    fn text(&mut self, place: Place, written: &Written) -> Result<Term, Mistake> {
        let (value, quoted) = match &written.value {
            Value::Regex(pattern, case) => return self.regex(place, pattern, *case, &written.span),
            Value::Bare(value) => (value, false),
            Value::Quoted(value) => (value, true),
        };
        if !quoted && value == "NOT" {
            return Err(Mistake::new(written.span.clone(), "`NOT` is not a word of the language")
                .hint("write `-` against what is not wanted, or \"NOT\" for the word"));
        }
        let bare = value.trim_end();
        let prefix = bare.ends_with('*');
        let bare = bare.trim_end_matches('*');
        if bare.contains('*') {
            return Err(Mistake::new(written.span.clone(), format!("`{value}` has `*` elsewhere than at its end"))
                .hint("only the end of a word may be left open: Palestin*"));
        }
        let folded = one_line(&fold_spelling(bare));
        if folded.chars().any(unparted) {
            return Ok(Term::Piece { place, text: folded });
        }
        let words: Vec<String> = words(&folded).map(str::to_owned).collect();
        if words.is_empty() {
            let mistake = Mistake::new(written.span.clone(), format!("`{value}` holds no letter and no digit"));
            return Err(mistake.hint("take it away; signs are not looked for"));
        }
        Ok(Term::Words { place, words, prefix })
    }

    fn regex(&mut self, place: Place, pattern: &str, case: bool, span: &Range<usize>) -> Result<Term, Mistake> {
        self.regexes += 1;
        if self.regexes > MAX_REGEXES {
            return Err(Mistake::new(span.clone(), format!("query has more than {MAX_REGEXES} regexes"))
                .hint("join them with `|` inside one"));
        }
        let pattern: String = pattern.nfc().collect();
        if pattern.is_empty() {
            return Err(Mistake::new(span.clone(), "regex is empty"));
        }
        let built =
            RegexBuilder::new(&pattern).case_insensitive(!case).size_limit(REGEX_SIZE).nest_limit(REGEX_DEPTH).build();
        match built {
            Ok(regex) => Ok(Term::Regex { place, pattern: Pattern { regex, case } }),
            Err(error) => Err(Mistake::new(span.clone(), format!("regex cannot be read: {}", reason(&error)))),
        }
    }
}

/// The last line of the library's message says why; those before draw the place.
fn reason(error: &regex::Error) -> String {
    let message = error.to_string();
    let last = message.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

fn empty(value: &Value) -> bool {
    matches!(value, Value::Bare(v) | Value::Quoted(v) if v.trim().is_empty())
}

/// Scripts that write no space between words, and Korean, whose particles hang on the word.
pub(super) fn unparted(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

fn plain<'w>(written: &'w Written, field: &str) -> Result<&'w str, Mistake> {
    match &written.value {
        Value::Bare(value) | Value::Quoted(value) => Ok(value.trim()),
        Value::Regex(..) => {
            Err(Mistake::new(written.span.clone(), format!("`{field}:` takes no regex")).hint(example(field)))
        }
    }
}

fn named(written: &Written, field: &str, key: impl Fn(&str) -> String) -> Result<Named, Mistake> {
    let value = plain(written, field)?;
    if value.contains('*') {
        return Err(Mistake::new(written.span.clone(), format!("`{field}:` takes a whole name, no `*`")));
    }
    Ok(Named { written: value.to_owned(), key: key(value), span: written.span.clone() })
}

fn language(written: &Written) -> Result<Term, Mistake> {
    let value = plain(written, "lang")?;
    let mistake = || Mistake::new(written.span.clone(), format!("`{value}` is not a language"));
    match language_tag(value) {
        Ok(lang) => Ok(Term::Lang(lang.as_str().to_ascii_lowercase())),
        Err(Some(meant)) => Err(mistake().proposing(format!("lang:{meant}"))),
        Err(None) => Err(mistake().hint(example("lang"))),
    }
}

fn has(written: &Written) -> Result<Term, Mistake> {
    match plain(written, "has")? {
        "image" => Ok(Term::HasImage),
        value => {
            Err(Mistake::new(written.span.clone(), format!("`has:{value}` is not known"))
                .hint("did you mean `has:image`?"))
        }
    }
}

fn measure<T>(written: &Written, field: &str, read: impl Fn(&str) -> Option<T>) -> Result<(Than, T), Mistake> {
    let value = plain(written, field)?;
    let (than, number) = match value.as_bytes() {
        [b'<', b'=', ..] => (Than::AtMost, &value[2..]),
        [b'>', b'=', ..] => (Than::AtLeast, &value[2..]),
        [b'<', ..] => (Than::Less, &value[1..]),
        [b'>', ..] => (Than::More, &value[1..]),
        _ => {
            return Err(
                Mistake::new(written.span.clone(), format!("`{field}:{value}` has no `<` or `>`")).hint(example(field))
            );
        }
    };
    match read(number.trim()) {
        Some(bound) => Ok((than, bound)),
        None => {
            let kind = if field == "age" { "a duration" } else { "a whole number" };
            Err(Mistake::new(written.span.clone(), format!("`{number}` is not {kind}")).hint(example(field)))
        }
    }
}

/// What is looked for in place of a term that cannot be read: the page whose address it is, else its words. Of a field nothing,
/// but its name where nothing follows it.
pub(super) fn instead(written: &Written, text: &str) -> Vec<Term> {
    let field = written.field.as_ref().map(|(name, _)| name.as_str());
    let address = ["https", "http"].into_iter().find(|scheme| field == Some(scheme));
    if let (Some(_), Value::Bare(rest)) = (address, &written.value)
        && let Some(rest) = rest.strip_prefix("//").filter(|rest| !rest.is_empty())
    {
        return vec![Term::Url(rest.to_lowercase())];
    }
    if field.is_some_and(|name| FIELDS.contains(&name)) && !empty(&written.value) {
        return Vec::new();
    }
    let folded = fold(text);
    let place = Place::Anywhere;
    let parts = folded.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation());
    let terms = parts.flat_map(|part| match part.chars().any(unparted) {
        true => vec![Term::Piece { place, text: part.to_owned() }],
        false => words(part).map(|w| Term::Words { place, words: vec![w.to_owned()], prefix: false }).collect(),
    });
    terms.collect()
}

fn example(field: &str) -> &'static str {
    match field {
        "title" => "write a word, a \"phrase\" or a regex right after the colon: title:\"cessez-le-feu\"",
        "body" => "write a word, a \"phrase\" or a regex right after the colon: body:Gaza",
        "author" => "write a name right after the colon: author:\"Rania Abouzeid\"",
        "url" => "write a part of the address right after the colon: url:/monde/",
        "lang" => "write a language tag: lang:fr, lang:ar, lang:pt-BR",
        "source" => "write the name of a source: source:agence-sud",
        "outlet" => "write the name of an outlet: outlet:\"Agence Sud\"",
        "tag" => "write a tag: tag:Libération_Palestine",
        "feed" => "write the name of a feed: feed:palestine",
        "age" => "write for example age:<7d (younger than a week) or age:>24h",
        "words" => "write for example words:>300",
        "copies" => "write for example copies:>2",
        "has" => "write has:image",
        _ => "put quotes around what is no field",
    }
}

fn unknown(field: &str, span: &Range<usize>) -> Mistake {
    let nearest = FIELDS
        .iter()
        .map(|f| (strsim::jaro_winkler(field, f), f))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let mistake = Mistake::new(span.clone(), format!("`{field}:` is not a field")).of(Wrong::NoField);
    match nearest {
        Some((_, near)) => mistake.proposing(format!("{near}:")),
        None => mistake.hint(format!(
            "the fields are {}; put quotes around what is none",
            FIELDS.map(|f| format!("{f}:")).join(" ")
        )),
    }
}
