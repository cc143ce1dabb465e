//! Values as scripts write them: JSON, and what is no JSON but says the same (bare keys, `'texts'`, `!0`, `void 0`,
//! `JSON.parse("...")`, `(function(a){return {x:a}}(1))`). Nothing is run.

use std::collections::HashMap;

use serde_json::{Map, Number, Value};

/// Deeper values are not read.
const DEEPEST: usize = 120;
/// Values of one literal that are read.
const MOST_VALUES: usize = 400_000;
/// Parameters of one function.
const MOST_PARAMETERS: usize = 5_000;
/// Bytes that the names of a literal stand for, for each of its own, and what a value counts that is part of another.
const MOST_COPIED: usize = 16;
const PART: usize = 32;

/// What names stand for, and what it costs to put it in their place.
type Bound = HashMap<String, (Value, usize)>;

/// Reads the value that begins at a byte of a text. Gives it with the place where it ends, or the place where it could not
/// be read on.
pub(super) fn value_at(text: &str, at: usize) -> Result<(Value, usize), usize> {
    let mut reader = Reader { text, at, far: at, bound: None, left: MOST_VALUES, copies: 0 };
    match reader.whole() {
        Some(value) => Ok((value, reader.at)),
        None => Err(reader.at.max(reader.far)),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// How far it was read in an earlier pass.
    far: usize,
    /// What names stand for. `None`: every name stands for nothing, as only the end is looked for.
    bound: Option<Bound>,
    left: usize,
    /// Bytes that names may still be replaced by.
    copies: usize,
}

impl Reader<'_> {
    fn whole(&mut self) -> Option<Value> {
        self.space();
        if self.rest().starts_with("(function(") || self.rest().starts_with("(function (") {
            return self.called();
        }
        self.bound = Some(Bound::new());
        self.value(0)
    }

    /// `(function(a,b){...return VALUE}(1,2))`: the value with the arguments in their places.
    fn called(&mut self) -> Option<Value> {
        self.at += self.rest().find('(')? + 1;
        self.at += self.rest().find('(')? + 1;
        let Some(end) = self.rest().find(')') else {
            self.far = self.text.len();
            return None;
        };
        let names: Vec<String> = self.rest()[..end].split(',').map(|n| n.trim().to_owned()).collect();
        if names.len() > MOST_PARAMETERS {
            return None;
        }
        self.at += end + 1;
        let Some(returned) = self.rest().find("return") else {
            self.far = self.text.len();
            return None;
        };
        self.at += returned + "return".len();
        let body = self.at;
        self.value(0)?;
        self.eat(";");
        self.eat("}").then_some(())?;
        // Both `}(1,2))` and `})(1,2)` are in use.
        self.eat(")");
        self.eat("(").then_some(())?;
        self.bound = Some(Bound::new());
        let mut values = Vec::new();
        while !self.eat(")") {
            values.push(self.value(1)?);
            self.eat(",");
        }
        let end = self.at;
        let costed = values.into_iter().map(|value| {
            let cost = cost(&value);
            (value, cost)
        });
        self.bound = Some(names.into_iter().zip(costed).collect());
        self.copies = (end - body).saturating_mul(MOST_COPIED);
        (self.at, self.far, self.left) = (body, end, MOST_VALUES);
        let value = self.value(0)?;
        self.at = end;
        Some(value)
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes over white space and comments.
    fn space(&mut self) {
        loop {
            let rest = self.rest();
            let trimmed = rest.trim_start();
            let mut passed = rest.len() - trimmed.len();
            let end = match trimmed.get(..2) {
                Some("//") => Some(trimmed.find('\n').unwrap_or(trimmed.len())),
                Some("/*") => Some(trimmed.find("*/").map_or(trimmed.len(), |end| end + 2)),
                _ => None,
            };
            passed += end.unwrap_or(0);
            self.at += passed;
            if end.is_none() {
                return;
            }
        }
    }

    fn eat(&mut self, sign: &str) -> bool {
        self.space();
        let there = self.rest().starts_with(sign);
        self.at += if there { sign.len() } else { 0 };
        there
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.left = self.left.checked_sub(1)?;
        self.space();
        match self.rest().as_bytes().first()? {
            _ if depth > DEEPEST => None,
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' | b'\'' | b'`' => self.string().map(Value::String),
            b'!' => {
                self.at += 1;
                match self.value(depth + 1)? {
                    Value::Number(n) => Some(Value::Bool(n.as_f64() == Some(0.0))),
                    Value::Bool(b) => Some(Value::Bool(!b)),
                    _ => None,
                }
            }
            b'0'..=b'9' | b'-' | b'.' | b'+' => self.number(),
            _ => self.named(depth),
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        self.at += 1;
        let mut map = Map::new();
        loop {
            if self.eat("}") {
                return Some(Value::Object(map));
            }
            let key = match self.rest().as_bytes().first()? {
                b'"' | b'\'' => self.string()?,
                _ => self.word()?.to_owned(),
            };
            self.eat(":").then_some(())?;
            let value = self.value(depth + 1)?;
            map.insert(key, value);
            if !self.eat(",") {
                return self.eat("}").then_some(Value::Object(map));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        self.at += 1;
        let mut values = Vec::new();
        loop {
            if self.eat("]") {
                return Some(Value::Array(values));
            }
            if self.rest().starts_with(',') {
                self.left = self.left.checked_sub(1)?;
                values.push(Value::Null);
            } else {
                values.push(self.value(depth + 1)?);
            }
            if !self.eat(",") {
                return self.eat("]").then_some(Value::Array(values));
            }
        }
    }

    fn number(&mut self) -> Option<Value> {
        let rest = self.rest();
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))).unwrap_or(rest.len());
        let written = rest[..end].trim_start_matches('+');
        let hex = written.strip_prefix("0x").and_then(|h| i64::from_str_radix(h, 16).ok());
        let whole = hex.or_else(|| written.parse::<i64>().ok()).map(Number::from);
        let number = whole.or_else(|| Number::from_f64(written.parse().ok()?))?;
        self.at += end;
        Some(Value::Number(number))
    }

    /// `true`, `undefined`, a parameter, `new Date("...")`.
    fn named(&mut self, depth: usize) -> Option<Value> {
        match self.word()? {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            "null" | "undefined" | "NaN" | "Infinity" => Some(Value::Null),
            "void" => self.value(depth + 1).map(|_| Value::Null),
            "new" => {
                self.space();
                self.word().filter(|w| matches!(*w, "Date" | "Set" | "Map" | "URL"))?;
                self.argument(depth)
            }
            "JSON" => {
                self.eat(".parse").then_some(())?;
                let Value::String(json) = self.argument(depth)? else { return None };
                serde_json::from_str(&json).ok()
            }
            name => {
                let name = name.to_owned();
                let Some(bound) = &self.bound else { return Some(Value::Null) };
                let (value, cost) = bound.get(&name)?;
                self.copies = self.copies.checked_sub(*cost)?;
                Some(value.clone())
            }
        }
    }

    /// `(VALUE)`, or `()`.
    fn argument(&mut self, depth: usize) -> Option<Value> {
        self.eat("(").then_some(())?;
        if self.eat(")") {
            return Some(Value::Null);
        }
        let value = self.value(depth + 1)?;
        self.eat(")").then_some(value)
    }

    fn word(&mut self) -> Option<&str> {
        let rest = self.rest();
        let part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        let end = rest.find(|c| !part(c)).unwrap_or(rest.len());
        let start = self.at;
        self.at += end;
        self.text.get(start..self.at).filter(|w| !w.is_empty())
    }

    fn string(&mut self) -> Option<String> {
        let quote = self.rest().chars().next()?;
        let start = self.at + 1;
        let mut out = String::new();
        let mut chars = self.text.get(start..)?.char_indices();
        // Half of a character beyond U+FFFF, as `\ud83d\ude00` has two.
        let mut half = None;
        while let Some((n, c)) = chars.next() {
            if c == quote {
                self.at = start + n + 1;
                return Some(out);
            }
            let plain = if c == '\\' { escaped(chars.next()?.1, &mut chars, &mut half)? } else { Some(c) };
            if half.is_none() || plain.is_some() {
                out.extend(plain);
            }
        }
        self.at = self.text.len();
        None
    }
}

/// Bytes of the texts in a value, and a few for each value below it.
fn cost(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(|v| PART + cost(v)).sum(),
        Value::Object(values) => values.iter().map(|(k, v)| PART + k.len() + cost(v)).sum(),
        _ => 0,
    }
}

/// The character that an escape stands for; none where it continues a line or is the first half of one.
fn escaped(c: char, chars: &mut std::str::CharIndices<'_>, half: &mut Option<u32>) -> Option<Option<char>> {
    let mut hex = |digits: usize| {
        let mut code = 0;
        for _ in 0..digits {
            code = code * 16 + chars.next()?.1.to_digit(16)?;
        }
        Some(code)
    };
    let code = match c {
        'n' => u32::from('\n'),
        't' => u32::from('\t'),
        'r' => u32::from('\r'),
        'b' | 'f' | 'v' | '0' => u32::from(' '),
        '\n' => return Some(None),
        'x' => hex(2)?,
        'u' => hex(4)?,
        other => u32::from(other),
    };
    Some(match (half.take(), code) {
        (_, 0xd800..=0xdbff) => {
            *half = Some(code);
            None
        }
        (Some(high), 0xdc00..=0xdfff) => char::from_u32(0x10000 + ((high - 0xd800) << 10) + (code - 0xdc00)),
        _ => Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn literals_are_read() {
        for (written, wanted) in [
            (
                r#"{"a": [1, -2.5, true, null, "é\n\u00e9\ud83d\ude00"]} ; rest"#,
                json!({"a": [1, -2.5, true, null, "é\né😀"]}),
            ),
            (
                "{a:'it\\'s', $b : \"x\", 3: [,1,], /* c */ d: !0, e: void 0, f: undefined,}",
                json!({"a": "it's", "$b": "x", "3": [null, 1], "d": true, "e": null, "f": null}),
            ),
            (r#"JSON.parse("{\"a\": \"b\\\"c\"}")"#, json!({"a": "b\"c"})),
            ("JSON.parse('[1]')", json!([1])),
            ("{at: new Date(\"2026-06-03\"), n: 0x10, s: `t`}", json!({"at": "2026-06-03", "n": 16, "s": "t"})),
            ("(function(a,b){return {x:a,y:[b,{z:a}]}}(\"p\",!1))", json!({"x": "p", "y": [false, {"z": "p"}]})),
            ("(function(a){a.b=1;return {x:a};})(null);", json!({"x": null})),
        ] {
            assert_eq!(value_at(written, 0).map(|(v, _)| v), Ok(wanted), "{written}");
        }
        assert_eq!(value_at("x = {a: 1};", 3), Ok((json!({"a": 1}), 10)));
    }

    #[test]
    fn programs_are_none() {
        for written in [
            "{return 1}",
            "{a: b}",
            "{a: f()}",
            "{'a'",
            "'",
            "[1",
            "(function(a){return a",
            "",
            "{a:1 b:2}",
            "(function(",
        ] {
            assert!(value_at(written, 0).is_err(), "{written}");
        }
        assert!(value_at(&"[".repeat(100_000), 0).is_err());
        assert!(value_at(&"!".repeat(100_000), 0).is_err());
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[\\[\\]{}()'\"`\\\\:,!/*a-cuxé0-9 ]{0,80}") {
            let end = value_at(&text, 0).map_or_else(|at| at, |(_, at)| at);
            prop_assert!(end <= text.len());
        }

        #[test]
        fn what_is_json_is_read_as_json(text in "[a-zé\"\\\\ 0-9]{0,20}", n in any::<i64>()) {
            let value = json!({text.clone(): [n, text]});
            prop_assert_eq!(value_at(&value.to_string(), 0).map(|(v, _)| v), Ok(value));
        }
    }
}
