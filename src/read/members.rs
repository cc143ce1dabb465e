//! Of a JSON Feed the members that somebody reads: what else it holds is passed over, and takes no room however much it is.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::{MOST_ENTRIES, MOST_PARTS};

/// The members that are read, of the feed, its items, and what these hold.
const READ: [&str; 31] = [
    "attachments",
    "author",
    "authors",
    "banner_image",
    "content_html",
    "content_text",
    "date_modified",
    "date_published",
    "description",
    "email",
    "expired",
    "external_url",
    "favicon",
    "feed_url",
    "home_page_url",
    "hubs",
    "icon",
    "id",
    "image",
    "items",
    "language",
    "mime_type",
    "name",
    "next_url",
    "size_in_bytes",
    "summary",
    "tags",
    "title",
    "type",
    "url",
    "version",
];
/// The feed, its items, one of them, its attachments, one of those.
const DEEPEST: usize = 5;

/// Parses a document; gives how many items there were as well, of which the first are kept.
pub(super) fn parse(text: &str) -> serde_json::Result<(Value, usize)> {
    let items = Cell::new(0);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value =
        Kept { depth: 0, most: MOST_PARTS, length: &Cell::new(0), items: &items }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok((value, items.get()))
}

/// A value, of a list at most so many.
struct Kept<'a> {
    depth: usize,
    most: usize,
    /// Where it is noted how many values the list has.
    length: &'a Cell<usize>,
    items: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Kept<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Kept<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Value, E> {
        Ok(is.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let most = if self.depth < DEEPEST { self.most } else { 0 };
        let (mut values, mut length) = (Vec::new(), 0);
        let (depth, unnoted) = (self.depth + 1, Cell::new(0));
        let inner = || Kept { depth, most: MOST_PARTS, length: &unnoted, items: self.items };
        while values.len() < most
            && let Some(value) = list.next_element_seed(inner())?
        {
            values.push(value);
        }
        length += values.len();
        // After its end a list is not to be asked again.
        if values.len() == most {
            while list.next_element::<IgnoredAny>()?.is_some() {
                length += 1;
            }
        }
        self.length.set(length);
        values.shrink_to_fit();
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let (depth, unnoted) = (self.depth + 1, Cell::new(0));
        let mut members = Map::new();
        while let Some(key) = object.next_key::<Cow<'de, str>>()? {
            if self.depth >= DEEPEST || !READ.contains(&&*key) {
                object.next_value::<IgnoredAny>()?;
                continue;
            }
            let (most, length) =
                if self.depth == 0 && key == "items" { (MOST_ENTRIES, self.items) } else { (MOST_PARTS, &unnoted) };
            let value = object.next_value_seed(Kept { depth, most, length, items: self.items })?;
            members.insert(key.into_owned(), value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_reads_is_passed_over_and_all_else_is_as_it_was() {
        let read = r#"{"version":"1","title":null,"expired":true,"items":[{"id":7,"tags":["a",1.5,-2],"attachments":[{"url":"u","size_in_bytes":3}]},"odd",[]]}"#;
        let whole: Value = serde_json::from_str(read).unwrap();
        assert_eq!(parse(read).unwrap(), (whole.clone(), 3));
        let deep = "[".repeat(50) + &"]".repeat(50);
        let more = read
            .replace("\"id\":7", &format!("\"_x\":[1,{{\"title\":{deep}}}],\"id\":7"))
            .replace("{\"version", "{\"x\":{},\"version");
        assert_eq!(parse(&more).unwrap(), (whole, 3));
        for broken in ["", "{", "{\"x\":[1,}", "{\"x\":1}{", "{\"items\":[1 2]}"] {
            assert!(parse(broken).is_err(), "{broken}");
        }
    }

    #[test]
    fn lists_are_kept_to_their_bounds() {
        let numbers = |n: usize| vec!["1"; n].join(",");
        for (n, kept) in
            [(MOST_ENTRIES - 1, MOST_ENTRIES - 1), (MOST_ENTRIES, MOST_ENTRIES), (MOST_ENTRIES + 3, MOST_ENTRIES)]
        {
            let (value, items) = parse(&format!("{{\"items\":[{}]}}", numbers(n))).unwrap();
            assert_eq!((value["items"].as_array().unwrap().len(), items), (kept, n));
        }
        let (value, _) = parse(&format!("{{\"hubs\":[{}]}}", numbers(MOST_PARTS + 9))).unwrap();
        assert_eq!(value["hubs"].as_array().unwrap().len(), MOST_PARTS);
        let deep = format!("{{\"title\":{}{}}}", "[".repeat(90), "]".repeat(90));
        let (value, _) = parse(&deep).unwrap();
        assert!(value.to_string().len() < 40, "{value}");
    }
}
