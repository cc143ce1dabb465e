//! An XPath as tokens.

/// A token of XPath 1.0.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name, with its prefix where it has one.
    Name(String),
    Number(i64),
    Literal(String),
    /// `/`, `//`, `[`, `@`, `::`, `<=` ...
    Sign(&'static str),
}

/// Signs, the longer first.
const SIGNS: [&str; 24] = [
    "//", "::", "..", "!=", "<=", ">=", "/", "[", "]", "(", ")", "@", ",", "|", ".", "*", "=", "<", ">", "+", "-", "$",
    ":", "!",
];

/// The tokens, or what cannot be one.
pub(super) fn tokens(xpath: &str) -> Result<Vec<Token>, String> {
    let mut out = Vec::new();
    let mut rest = xpath.trim_start();
    while let Some(c) = rest.chars().next() {
        let run = |fits: &dyn Fn(char) -> bool| rest.find(|c| !fits(c)).unwrap_or(rest.len());
        let length = if matches!(c, '\'' | '"') {
            let end = rest[1..].find(c).ok_or("a quotation mark is not closed")?;
            out.push(Token::Literal(rest[1..=end].to_owned()));
            end + 2
        } else if c.is_ascii_digit() {
            let length = run(&|c| c.is_ascii_digit());
            out.push(Token::Number(rest[..length].parse().map_err(|_too_large| "a number is too large")?));
            length
        } else if c.is_alphabetic() || c == '_' {
            let mut length = run(&is_name);
            // `svg:path` is one name, `self::a` is two.
            let after = &rest[length..];
            if after.starts_with(':') && after[1..].starts_with(|c: char| c.is_alphabetic()) {
                length += 1 + after[1..].find(|c| !is_name(c)).unwrap_or(after.len() - 1);
            }
            out.push(Token::Name(rest[..length].to_owned()));
            length
        } else {
            let sign = SIGNS.iter().find(|s| rest.starts_with(**s));
            let sign = sign.ok_or_else(|| format!("`{c}` is no sign of XPath"))?;
            out.push(Token::Sign(sign));
            sign.len()
        };
        rest = rest[length..].trim_start();
    }
    Ok(out)
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}
