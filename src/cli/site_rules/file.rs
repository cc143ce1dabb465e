//! One site file: lines of `key: value`, most of the values XPaths.

use crate::extract;
use crate::text::{Pick, Selected, css_of_xpath};

/// Lines of one file.
const MOST_LINES: usize = 5_000;
/// Bytes of one line.
const LONGEST_LINE: usize = 8 << 10;

/// Keys that say something which a source block cannot say, and why.
const UNSAID: [(&[&str], &str); 8] = [
    (&["find_string", "replace_string"], "texts are not replaced"),
    (&["http_header"], "headers stand in [source.NAME] headers"),
    (&["single_page_link", "single_page_link_in_feed"], "another page in place of the article's is not read"),
    (&["next_page_link", "autodetect_next_page"], "articles in several pages are not put together"),
    (&["if_page_contains", "native_ad_clue"], "a page is not asked for signs"),
    (
        &[
            "autodetect_on_failure",
            "prune",
            "tidy",
            "parser",
            "skip_json_ld",
            "convert_double_br_tags",
            "strip_comments",
        ],
        "how a page is read is not for the file to say",
    ),
    (
        &[
            "requires_login",
            "login_uri",
            "login_username_field",
            "login_password_field",
            "login_extra_fields",
            "not_logged_in_xpath",
        ],
        "nobody logs in; a cookie may be sent: [source.NAME] headers",
    ),
    (
        &[
            "src_lazy_load_attr",
            "wrap_in",
            "insert_detected_image",
            "dissolve",
            "move_into",
            "rename_attribute",
            "footnotes",
        ],
        "pages are not rebuilt",
    ),
];

/// What became of one file.
#[derive(Debug, Default)]
pub(super) struct Rules {
    pub(super) title: Option<String>,
    pub(super) body: Option<String>,
    pub(super) author: Option<String>,
    pub(super) date: Option<String>,
    pub(super) drop: Vec<String>,
    /// Rules that are in the fields above.
    pub(super) kept: usize,
    /// Rules that are not, each with a remark.
    pub(super) left_out: usize,
    /// What a person is to read: what was left out and why, and the pages to try it on.
    pub(super) remarks: Vec<String>,
}

/// Reads a site file.
pub(super) fn parse(text: &str) -> Rules {
    let mut rules = Rules::default();
    for (number, line) in text.lines().enumerate() {
        if number >= MOST_LINES {
            rules.left(format!("more than {MOST_LINES} lines: the rest is left out"));
            break;
        }
        let line = line.trim().trim_start_matches('\u{feff}').trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if line.len() > LONGEST_LINE {
            rules.left(format!("line {}: longer than {LONGEST_LINE} bytes", number + 1));
            continue;
        }
        match key_and_value(line) {
            Some((key, value)) => rules.add(line, key, value),
            None => rules.left(format!("line {}: not `key: value`: {line}", number + 1)),
        }
    }
    rules
}

/// `key: value`, or `key(argument): value`, in which the argument may hold a colon.
fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')?;
    let (key, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let value = match rest.strip_prefix(':') {
        Some(value) => value,
        None => rest.strip_prefix('(').and_then(|r| r.split_once("):")).map(|(_, value)| value)?,
    };
    (!key.is_empty()).then_some((key, value.trim()))
}

impl Rules {
    fn left(&mut self, remark: String) {
        self.left_out += 1;
        self.remarks.push(remark);
    }

    fn add(&mut self, line: &str, key: &str, value: &str) {
        match key.to_ascii_lowercase().as_str() {
            key @ ("title" | "body" | "author" | "date") => self.add_pick(key, value),
            "strip" => {
                let css = css_of_xpath(value).and_then(elements);
                self.add_drop("strip", value, css);
            }
            // The other program asks whether the text stands anywhere in the attribute.
            key @ "strip_id_or_class" => {
                let part = bare(value);
                self.add_drop(key, value, some(&part).map(|p| format!("[class*={p}], [id*={p}]")));
            }
            key @ "strip_image_src" => {
                let part = bare(value);
                self.add_drop(key, value, some(&part).map(|p| format!("img[src*={p}]")));
            }
            "test_url" | "test_contains" => self.remarks.push(line.to_owned()),
            key => {
                let why = UNSAID.iter().find(|(keys, _)| keys.contains(&key)).map_or("unknown key", |(_, why)| why);
                self.left(format!("{line}: {why}"));
            }
        }
    }

    fn add_pick(&mut self, key: &str, xpath: &str) {
        let said = css_of_xpath(xpath).and_then(|selected| pick(key, selected));
        let slot = match key {
            "title" => &mut self.title,
            "body" => &mut self.body,
            "author" => &mut self.author,
            _ => &mut self.date,
        };
        match said {
            Ok(said) if slot.is_none() => {
                *slot = Some(said);
                self.kept += 1;
            }
            Ok(said) if slot.as_ref() == Some(&said) => {}
            Ok(said) => {
                self.left(format!("{key} = '{said}': for where the first gives nothing; only one can stand here"))
            }
            Err(why) => self.left(format!("{key}: XPath '{xpath}': {why}")),
        }
    }

    fn add_drop(&mut self, key: &str, value: &str, css: Result<String, String>) {
        let css = css.and_then(|css| extract::Drop::parse(&css).map(|_| css).map_err(|m| m.message));
        match css {
            Ok(css) if self.drop.contains(&css) => {}
            Ok(css) => {
                self.drop.push(css);
                self.kept += 1;
            }
            Err(why) if key == "strip" => self.left(format!("strip: XPath '{value}': {why}")),
            Err(why) => self.left(format!("{key}: {value}: {why}")),
        }
    }
}

/// The pick that says it, where it fits the key.
fn pick(key: &str, selected: Selected) -> Result<String, String> {
    if key == "author" && selected.first {
        return Err("every match is an author, not the first alone".to_owned());
    }
    let said = match (key, selected.attribute) {
        ("body", Some(_)) => return Err("a body is an element, not an attribute".to_owned()),
        (_, Some(attribute)) => format!("{} @{attribute}", selected.css),
        (_, None) => selected.css,
    };
    Pick::parse(&said).map(|_| said).map_err(|m| m.message)
}

/// What is left out is every element that matches.
fn elements(selected: Selected) -> Result<String, String> {
    if selected.attribute.is_some() {
        Err("an attribute cannot be left out".to_owned())
    } else if selected.first {
        Err("every match is left out, not the first alone".to_owned())
    } else {
        Ok(selected.css)
    }
}

/// A part of an attribute in quotation marks, those that the file has taken off.
fn bare(value: &str) -> String {
    let part: String = value.chars().filter(|c| !matches!(c, '\'' | '"')).collect();
    part.trim().to_owned()
}

fn some(part: &str) -> Result<String, String> {
    let plain = !part.is_empty() && !part.chars().any(char::is_control);
    if plain { Ok(format!("\"{}\"", part.replace('\\', "\\\\"))) } else { Err("it names nothing".to_owned()) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_may_have_an_argument() {
        for (line, wanted) in [
            ("title: //h1", Some(("title", "//h1"))),
            ("title://h1", Some(("title", "//h1"))),
            ("title : //a[b='x:y']", Some(("title", "//a[b='x:y']"))),
            ("http_header(User-Agent): Mozilla: 5", Some(("http_header", "Mozilla: 5"))),
            ("replace_string(<a:b>(x)): <i>", Some(("replace_string", "<i>"))),
            ("title", None),
            (": x", None),
            ("http_header(x: y", None),
        ] {
            assert_eq!(key_and_value(line), wanted, "{line}");
        }
    }

    #[test]
    fn each_rule_is_kept_or_told() {
        for (line, kept, told) in [
            ("body: //div[@id='a']", 1, ""),
            ("strip: //div[@id='a']/@style", 0, "an attribute cannot be left out"),
            ("strip: (//p)[1]", 0, "not the first alone"),
            ("author: (//a)[1]", 0, "not the first alone"),
            ("title: (//h1)[1]", 1, ""),
            ("body: //meta/@content", 0, "not an attribute"),
            ("strip_id_or_class: ", 0, "names nothing"),
            ("strip_id_or_class: \"a b\"", 1, ""),
            ("STRIP: //p", 1, ""),
            ("tidy: no", 0, "not for the file"),
            ("test_url: https://x.example", 0, "test_url: https://x.example"),
            ("replace_string(a", 0, "not `key: value`"),
        ] {
            let rules = parse(line);
            assert_eq!(rules.kept, kept, "{line}");
            assert!(
                rules.remarks.concat().contains(told) && rules.remarks.len() == usize::from(kept == 0),
                "{rules:?}"
            );
        }
        let twice = parse("date: //time\ndate: //p[@class='d']\ndate: //time\nstrip: //i\nstrip: //i");
        assert_eq!((twice.kept, twice.left_out, twice.drop.len()), (2, 1, 1), "{twice:?}");
        assert_eq!(parse("strip_id_or_class: x").drop, ["[class*=\"x\"], [id*=\"x\"]"]);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(lines in proptest::collection::vec("((title|body|strip|strip_id_or_class|http_header\\(x\\))?:)?\\PC{0,40}", 0..6)) {
            let rules = parse(&lines.join("\n"));
            prop_assert!(rules.left_out <= rules.remarks.len());
        }
    }
}
