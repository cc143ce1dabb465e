//! The sanitiser: a strict list of elements and attributes, absolute addresses, nothing empty.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ammonia::Builder;
use url::Url;

use super::finish::finish;
use super::line::{address, legal};
use super::{from_text, media};
use crate::model::{CleanHtml, Lang};
use crate::text::cap_nesting;

/// Bytes of a body after which the rest is left out.
const MOST_BYTES: usize = 5 * 1024 * 1024;

/// Open elements at any place.
const MOST_NESTED: usize = 256;

/// Passes until a body must be what it was: parsers mend wrong nesting only bit by bit.
const MOST_PASSES: usize = 4;

#[rustfmt::skip]
const TAGS: [&str; 67] = [
    "a", "abbr", "audio", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img",
    "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "u", "ul", "var", "video", "wbr",
    "section", "center",
];

/// Elements that go with all that is in them.
const WITH_CONTENT: [&str; 20] = [
    "applet",
    "button",
    "canvas",
    "embed",
    "form-data",
    "frameset",
    "head",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "noscript",
    "object",
    "option",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
];

const ATTRIBUTES: [(&str, &[&str]); 19] = [
    ("a", &["href", "title"]),
    ("abbr", &["title"]),
    ("audio", &["controls", "src"]),
    ("blockquote", &["cite"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("del", &["datetime"]),
    ("details", &["open"]),
    ("dfn", &["title"]),
    ("img", &["alt", "height", "src", "title", "width"]),
    ("ins", &["datetime"]),
    ("li", &["value"]),
    ("ol", &["reversed", "start"]),
    ("q", &["cite"]),
    ("source", &["src", "type"]),
    ("td", &["colspan", "rowspan"]),
    ("th", &["colspan", "rowspan", "scope"]),
    ("time", &["datetime"]),
    ("video", &["controls", "height", "poster", "src", "width"]),
];

/// Cleans the HTML of a body (or its plain text): what is not on the list goes, addresses become absolute and are http,
/// https or mailto, lazy pictures are resolved, tracking pixels and empty elements go. Cleaning twice changes nothing.
#[must_use]
pub fn clean(html: &str, base: &Url) -> CleanHtml {
    let mut end = html.len().min(MOST_BYTES);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    let mut cleaned = once(&html[..end], base);
    for _ in 1..MOST_PASSES {
        let again = once(&cleaned, base);
        if again == cleaned {
            return CleanHtml::vouched(cleaned);
        }
        cleaned = again;
    }
    from_text(&super::plain(&CleanHtml::vouched(cleaned)))
}

fn once(html: &str, base: &Url) -> String {
    let html = legal(html);
    let html = cap_nesting(&html, MOST_NESTED);
    let prepared = media::prepare(&html);
    finish(&sanitise(&prepared, base))
}

fn sanitise(html: &str, base: &Url) -> String {
    let attributes: HashMap<&str, HashSet<&str>> =
        ATTRIBUTES.iter().map(|(tag, names)| (*tag, names.iter().copied().collect())).collect();
    let base = base.clone();
    Builder::empty()
        .tags(TAGS.into_iter().collect())
        .clean_content_tags(WITH_CONTENT.into_iter().collect())
        .tag_attributes(attributes)
        .generic_attributes(HashSet::from(["dir", "lang"]))
        // What a script would have started can be started by hand.
        .set_tag_attribute_value("audio", "controls", "")
        .set_tag_attribute_value("video", "controls", "")
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(None)
        .strip_comments(true)
        .attribute_filter(move |_, name, value| attribute(name, value, &base))
        .clean(html)
        .to_string()
}

/// The value that an attribute keeps.
fn attribute<'v>(name: &str, value: &'v str, base: &Url) -> Option<Cow<'v, str>> {
    let word = value.trim();
    match name {
        "href" if word.get(..7).is_some_and(|s| s.eq_ignore_ascii_case("mailto:")) => {
            Url::parse(word).ok().filter(|u| u.scheme() == "mailto").map(|u| u.to_string().into())
        }
        "href" | "src" | "poster" | "cite" => address(value, base).map(Cow::Owned),
        "width" | "height" | "colspan" | "rowspan" | "span" => {
            let number = word.strip_suffix("px").unwrap_or(word);
            let fine = !number.is_empty() && number.len() <= 5 && number.bytes().all(|b| b.is_ascii_digit());
            fine.then(|| number.to_owned().into())
        }
        "start" => word.parse::<i32>().ok().map(|n| n.to_string().into()),
        "dir" => {
            let lower = word.to_ascii_lowercase();
            matches!(&*lower, "ltr" | "rtl" | "auto").then(|| lower.into())
        }
        "lang" => Lang::parse(word).map(|l| l.to_string().into()),
        "scope" => matches!(word, "row" | "col" | "rowgroup" | "colgroup").then(|| word.into()),
        "controls" | "open" | "reversed" => Some("".into()),
        "datetime" | "type" | "value" => {
            let fine = |c: char| c.is_ascii_alphanumeric() || " :.+-/;=\",".contains(c);
            (word.len() <= 100 && word.chars().all(fine)).then(|| word.into())
        }
        "alt" | "title" => Some(crate::text::one_line(value).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base() -> Url {
        Url::parse("https://a.example/dir/page").unwrap()
    }

    fn cleaned(html: &str) -> String {
        clean(html, &base()).to_string()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn wrong_nesting_settles(picks in proptest::collection::vec(0_usize..30, 1..14)) {
            const PIECES: [&str; 30] = [
                "<p>", "</p>", "<div>", "</div>", "<a href=/x>", "</a>", "<b>", "</b>", "<i>", "</i>", "<table>", "</table>",
                "<tr>", "<td>", "<li>", "<ul>", "</ul>", "<pre>\n\n", "</pre>", "text ", "<h2>", "</h2>", "<br>", "&nbsp;",
                "&lt;b&gt;&amp;amp;", "<img src=/i>", "<figure>", "<blockquote>", "<span>", "</span>",
            ];
            let html: String = picks.iter().map(|n| PIECES[*n]).collect();
            let out = cleaned(&html);
            prop_assert_eq!(&cleaned(&out), &out);
        }
    }

    #[test]
    fn keeps_what_a_text_needs() {
        let html = "<article lang='AR' dir=rtl><p>نص</p></article><figure><img src=/i.jpg alt='Une  image' width=600px height=400 class=x>\
            <figcaption>Légende</figcaption></figure><table><tr><th scope=col colspan=2>a</th></tr></table>\
            <audio src=/a.mp3></audio><video src=v.mp4 poster=p.jpg></video><p>a&nbsp;:<br>b</p><p> </p><p>&nbsp;</p><a name=x></a>";
        assert_eq!(
            cleaned(html),
            "<div lang=\"ar\" dir=\"rtl\"><p>نص</p></div><figure><img src=\"https://a.example/i.jpg\" alt=\"Une image\" width=\"600\" height=\"400\">\
             <figcaption>Légende</figcaption></figure><table><tbody><tr><th scope=\"col\" colspan=\"2\">a</th></tr></tbody></table>\
             <audio src=\"https://a.example/a.mp3\" controls=\"\"></audio><video src=\"https://a.example/dir/v.mp4\" poster=\"https://a.example/dir/p.jpg\" controls=\"\"></video><p>a\u{a0}:<br>b</p>"
        );
        assert_eq!(
            cleaned("<a href='#n'>1</a> <a href='?p=2'>2</a>"),
            "<a href=\"https://a.example/dir/page#n\">1</a> <a href=\"https://a.example/dir/page?p=2\">2</a>"
        );
    }

    #[test]
    fn no_size_or_depth_hurts() {
        let deep = cleaned(&"<div>".repeat(100_000));
        assert!(deep.is_empty());
        let deep = cleaned(&format!("{}x", "<blockquote>".repeat(2000)));
        assert_eq!(deep.matches("<blockquote>").count(), MOST_NESTED);
        let long = "é".repeat(MOST_BYTES);
        assert!(cleaned(&long).len() <= MOST_BYTES);
    }
}
