//! What was found out about a source, as a block for the file.

/// How a list is read, as `[source.NAME.list]`: the keys and what to write, in their order.
#[must_use]
pub fn list_block(name: &str, keys: &[(&'static str, String)]) -> String {
    let head = format!("  [source.{}.list]\n", toml_key(name));
    keys.iter().fold(head, |block, (key, pick)| block + &format!("  {key:<7} = {}\n", toml_text(pick)))
}

/// A text as TOML has it; selectors stand in single quotes, where nothing is escaped.
#[must_use]
pub fn toml_text(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A bare key where it can be one.
#[must_use]
pub fn toml_key(name: &str) -> String {
    let bare = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if bare && !name.is_empty() { name.to_owned() } else { toml_text(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_toml_whatever_the_name() {
        for name in ["sud", "a.b", "وكالة", "a-b_c"] {
            let keys = [("item", "li[title='a\"b']".to_owned()), ("link", "a @href".to_owned())];
            let read: toml::Table = list_block(name, &keys).parse().unwrap();
            assert_eq!(read["source"][name]["list"]["item"].as_str(), Some("li[title='a\"b']"));
        }
    }
}
