//! JSON inside a page: what its scripts hold or assign, as pages that draw themselves carry their articles.

use serde_json::Value;

use super::script::value_at;

/// Texts of one page that are looked at, and their bytes in all.
const MOST_TEXTS: usize = 500;
const MOST_BYTES: usize = 8 << 20;
/// Values of one page.
const MOST_VALUES: usize = 2_000;
/// How often a text is gone over, at most, by attempts that fail.
const PASSES: usize = 4;
/// Parts that a table of numbered values is put together to, and bytes of a text that count as one: a part that many name is
/// copied for each of them.
const MOST_PARTS: usize = 200_000;
const PART: usize = 32;
/// Bytes of a table in which one part is named, at least.
const NAMED: usize = 2;
const DEEPEST: usize = 60;

/// The values in some texts of a page (scripts, or attributes), in their order.
pub(super) fn values<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Value> {
    let (mut found, mut stream, mut left) = (Vec::new(), String::new(), MOST_BYTES);
    for text in texts.take(MOST_TEXTS) {
        let Some(rest) = left.checked_sub(text.len()) else { break };
        left = rest;
        for value in of_text(text) {
            match streamed(&value) {
                Some(piece) => stream.push_str(piece),
                None => found.push(value),
            }
        }
    }
    // Pages that are sent in pieces: lines of a number and a value, cut anywhere.
    let lines = stream.lines().filter_map(|line| line.split_once(':')).map(|(_, value)| value);
    found.extend(lines.filter(|v| v.starts_with(['{', '['])).filter_map(|v| serde_json::from_str(v).ok()));
    found.truncate(MOST_VALUES);
    found
}

/// The text in `[1, "..."]`, a piece of a stream.
fn streamed(value: &Value) -> Option<&str> {
    match value.as_array().map(Vec::as_slice) {
        Some([Value::Number(kind), Value::String(text)]) if kind.as_i64() == Some(1) => Some(text),
        _ => None,
    }
}

/// A text that is JSON, or what it assigns or hands over: `window.__STATE__ = {...};`, `push([...])`.
fn of_text(text: &str) -> Vec<Value> {
    let text = bare(text);
    if text.starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str(text)
    {
        return vec![table(&value, MOST_PARTS.min(text.len() / NAMED)).unwrap_or(value)];
    }
    if text.starts_with('{')
        && let Ok((value, _)) = value_at(text, 0)
    {
        return vec![value];
    }
    let mut found = Vec::new();
    let (mut at, mut left) = (0, text.len().saturating_mul(PASSES));
    // A function after it hands over nothing.
    let returns = text.rfind("return").unwrap_or(0);
    while let Some(n) = text[at..].find(['=', '(']) {
        at += n + 1;
        let rest = text[at..].trim_start();
        let start = text.len() - rest.len();
        let called = start < returns && rest.starts_with("(function");
        if !(called || rest.starts_with(['{', '[']) || rest.starts_with("JSON.parse(")) {
            continue;
        }
        match value_at(text, start) {
            Ok((value, end)) => {
                at = end;
                if value.is_object() || value.is_array() {
                    found.push(value);
                }
            }
            Err(end) => match left.checked_sub(end.saturating_sub(at)) {
                Some(rest) => left = rest,
                None => break,
            },
        }
    }
    found
}

/// Without the comment or CDATA section that old pages wrap scripts in.
fn bare(text: &str) -> &str {
    let text = text.trim().trim_start_matches("//").trim_start();
    let text = text.strip_prefix("<!--").or_else(|| text.strip_prefix("<![CDATA[")).unwrap_or(text);
    let text = text.trim_end().trim_end_matches("-->").trim_end_matches("]]>").trim_end().trim_end_matches("//");
    text.trim()
}

/// A table of values that name their parts by number (`[{"a": 1}, "x"]` for `{"a": "x"}`), put together of so many parts at
/// most. `None` where it is none.
fn table(value: &Value, most: usize) -> Option<Value> {
    let rows = value.as_array()?;
    let number = |v: &Value| v.as_i64().is_some_and(|n| n < i64::try_from(rows.len()).unwrap_or(i64::MAX));
    let refers = match rows.first()? {
        Value::Object(parts) => !parts.is_empty() && parts.values().all(number),
        Value::Array(parts) => parts.len() == 2 && parts[0].is_string() && number(&parts[1]),
        _ => false,
    };
    let mut left = most;
    (refers && rows.len() > 1).then(|| part(rows, 0, 0, &mut left))
}

fn part(rows: &[Value], at: usize, depth: usize, left: &mut usize) -> Value {
    let Some(row) = rows.get(at).filter(|_| depth < DEEPEST) else { return Value::Null };
    // What a key costs is paid with what it names. `None`: there is enough. A number below zero is a hole.
    let mut named = |key: &str, v: &Value| {
        *left = left.checked_sub(1 + key.len() / PART)?;
        let at = v.as_i64().and_then(|n| usize::try_from(n).ok());
        Some(at.map_or(Value::Null, |at| part(rows, at, depth + 1, left)))
    };
    let mut go = |v: &Value| named("", v);
    match row {
        Value::Object(parts) => {
            Value::Object(parts.iter().map_while(|(k, v)| Some((k.clone(), named(k, v)?))).collect())
        }
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(kind), rest @ ..] => match (kind.as_str(), rest) {
                ("Set", parts) => Value::Array(parts.iter().map_while(go).collect()),
                // A date and the like is written beside its kind; a wrapping names what it wraps.
                (_, [Value::String(written)]) => copied(written, left),
                (_, [inner, ..]) => go(inner).unwrap_or_default(),
                (_, []) => Value::Null,
            },
            parts => Value::Array(parts.iter().map_while(go).collect()),
        },
        Value::String(written) => copied(written, left),
        plain => plain.clone(),
    }
}

/// A text, as far as there is room for it.
fn copied(written: &str, left: &mut usize) -> Value {
    match left.checked_sub(written.len() / PART) {
        Some(rest) => {
            *left = rest;
            Value::String(written.to_owned())
        }
        None => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_found_where_pages_put_them() {
        for (text, wanted) in [
            (r#" {"a": [1]} "#, vec![json!({"a": [1]})]),
            ("<!-- {\"a\": 1} -->", vec![json!({"a": 1})]),
            ("//<![CDATA[\nvar x = {a: 1};\n//]]>", vec![json!({"a": 1})]),
            (
                r#"window.__A__ = {"a": 1}; window["B"]=[2]; if (a == {}) f(x => { return 1 })"#,
                vec![json!({"a": 1}), json!([2]), json!({})],
            ),
            (r#"window.S = JSON.parse("{\"a\":1}");"#, vec![json!({"a": 1})]),
            ("window.__NUXT__=(function(a){return {t:a}}(\"x\"));", vec![json!({"t": "x"})]),
            (
                r#"[["Reactive",1],{"list":2,"none":-1},[3,3],{"title":4,"at":5},"T",["Date","2026-06-03T10:00:00Z"]]"#,
                vec![
                    json!({"list": [{"title": "T", "at": "2026-06-03T10:00:00Z"}, {"title": "T", "at": "2026-06-03T10:00:00Z"}], "none": null}),
                ],
            ),
            (r#"[{"title": "A", "n": 1}]"#, vec![json!([{"title": "A", "n": 1}])]),
            ("function f() { return [1] }", vec![]),
        ] {
            assert_eq!(values([text].into_iter()), wanted, "{text}");
        }
    }

    #[test]
    fn a_page_in_pieces_is_put_together() {
        let pieces =
            [r#"self.__next_f.push([1,"0:I[1]\n1:[\"$\",{\"li"])"#, r#"self.__next_f.push([1,"st\":[2]}]\n"])"#];
        assert_eq!(values(pieces.into_iter()), [json!(["$", {"list": [2]}])]);
    }

    #[test]
    fn what_is_made_to_harm_ends() {
        let rows: Vec<Value> = (0..40).map(|n| json!([n + 1, n + 1])).chain([json!("x")]).collect();
        let mut table = vec![json!({"a": 1})];
        table.extend(rows);
        let doubling = Value::Array(table).to_string();
        assert_eq!(values([doubling.as_str()].into_iter()).len(), 1);
        let open = "={a:".repeat(100_000);
        assert!(values([open.as_str()].into_iter()).is_empty());
        let unclosed = "=['".repeat(100_000);
        values([unclosed.as_str()].into_iter());
        // What does not end, or hands over nothing, is not looked for again and again.
        for (piece, end) in
            [("=(function(", ""), ("=(function()", ""), ("=(function(", "return"), ("=(function()", "return 1")]
        {
            let many = piece.repeat(400_000) + end;
            assert!(values([many.as_str()].into_iter()).is_empty());
        }
    }

    #[test]
    fn what_many_name_is_not_copied_without_end() {
        let (long, holes) = ("x".repeat(20_000), "-1,".repeat(30_000));
        let (twos, names) = ("2,".repeat(2_000), "a,".repeat(2_000));
        for text in [
            format!("[{{\"a\":1}},[{twos}2],[{holes}-1]]"),
            format!("[{{\"a\":1}},[{twos}2],\"{long}\"]"),
            format!("[{{\"a\":1}},[{twos}2],{{\"{long}\":3}},1]"),
            format!("[{{\"a\":1}},[{twos}2],[\"Date\",\"{long}\"]]"),
            format!("x = (function(a){{return [{names}]}}(\"{long}\"))"),
            format!("x = (function(a){{return [{names}]}}([{}]))", "0,".repeat(10_000)),
        ] {
            let size: usize = values([text.as_str()].into_iter()).iter().map(|v| v.to_string().len()).sum();
            assert!(size < 17 * text.len(), "{size} of {}: {}", text.len(), &text[..20]);
        }
    }
}
