//! The sanitiser: a strict list of elements and attributes, absolute addresses, nothing empty.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use ammonia::Builder;
use url::Url;

use super::line::{address, legal};
use super::{from_text, media};
use crate::model::{CleanHtml, Lang};
use crate::text::cap_nesting;
use crate::text::markup::{MarkupKind, next_markup};

/// Bytes of a body after which the rest is left out.
const MOST_BYTES: usize = 5 * 1024 * 1024;

/// Open elements at any place.
const MOST_NESTED: usize = 256;

/// Passes until a body must be what it was: parsers mend wrong nesting only bit by bit.
const MOST_PASSES: usize = 4;

#[rustfmt::skip]
const TAGS: [&str; 69] = [
    "a", "abbr", "audio", "b", "bdi", "bdo", "blockquote", "br", "caption", "cite", "code", "col", "colgroup", "dd", "del",
    "details", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img",
    "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "source", "span", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "time", "tr", "track", "u", "ul", "var", "video",
    "wbr", "section", "data", "center",
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

const ATTRIBUTES: [(&str, &[&str]); 20] = [
    ("a", &["href", "title"]),
    ("abbr", &["title"]),
    ("audio", &["controls", "src"]),
    ("blockquote", &["cite"]),
    ("col", &["span"]),
    ("colgroup", &["span"]),
    ("data", &["value"]),
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

/// Elements that mean nothing when they are empty.
#[rustfmt::skip]
const NOT_EMPTY: [&str; 42] = [
    "a", "abbr", "b", "bdi", "bdo", "blockquote", "center", "cite", "code", "data", "del", "details", "dfn", "div", "dl",
    "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "i", "ins", "kbd", "li", "mark", "ol", "p", "q", "s",
    "section", "small", "span", "strong", "sub", "sup", "u", "ul", "audio",
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

/// After the sanitiser, on its well-formed output: no-break spaces as themselves (XML knows no `&nbsp;`), nothing empty, no
/// picture without an address.
fn finish(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut open: Vec<(&str, usize, bool)> = Vec::new();
    let mut at = 0;
    while let Some(tag) = next_markup(html, at) {
        text(&html[at..tag.start], &mut out, &mut open);
        at = tag.end;
        let written = &html[tag.start..tag.end];
        match (tag.kind, tag.name) {
            (MarkupKind::Other, _) => {}
            (MarkupKind::Open, "img") => {
                if written.contains(" src=\"") {
                    push(&legal(&written.replace("&nbsp;", "\u{a0}")), &mut out, &mut open);
                }
            }
            (MarkupKind::Open, "br" | "wbr") => out.push_str(written),
            (MarkupKind::Open, "source" | "track" | "hr" | "col") => push(written, &mut out, &mut open),
            (MarkupKind::Open, name) => {
                open.push((name, out.len(), false));
                out.push_str(&legal(&written.replace("&nbsp;", "\u{a0}")));
                if name == "video" || (name == "audio" && written.contains(" src=\"")) {
                    mark(&mut open);
                }
            }
            (MarkupKind::Close, _) => {
                let Some((name, start, filled)) = open.pop() else { continue };
                if filled || !NOT_EMPTY.contains(&name) {
                    out.push_str(written);
                    if !NOT_EMPTY.contains(&name) {
                        mark(&mut open);
                    }
                } else {
                    let breaks = out[start..].contains("<br>");
                    out.truncate(start);
                    if breaks {
                        out.push_str("<br>");
                    }
                }
            }
        }
    }
    text(&html[at..], &mut out, &mut open);
    out.trim().to_owned()
}

fn mark(open: &mut [(&str, usize, bool)]) {
    open.iter_mut().for_each(|o| o.2 = true);
}

fn push(written: &str, out: &mut String, open: &mut [(&str, usize, bool)]) {
    mark(open);
    out.push_str(written);
}

fn text(written: &str, out: &mut String, open: &mut [(&str, usize, bool)]) {
    if written.is_empty() {
        return;
    }
    let plain = written.replace("&nbsp;", "\u{a0}");
    if plain.chars().any(|c| !c.is_whitespace()) {
        mark(open);
    }
    out.push_str(&legal(&plain));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use scraper::{Html, Node};

    use super::*;

    fn base() -> Url {
        Url::parse("https://a.example/dir/page").unwrap()
    }

    fn cleaned(html: &str) -> String {
        clean(html, &base()).to_string()
    }

    /// Whether nothing but the list is in it.
    fn is_safe(html: &str) -> Result<(), String> {
        let tree = Html::parse_fragment(html);
        for node in tree.root_element().descendants().skip(1) {
            match node.value() {
                Node::Element(e) => {
                    if !TAGS.contains(&e.name()) {
                        return Err(format!("<{}> in {html}", e.name()));
                    }
                    let own = ATTRIBUTES.iter().find(|(t, _)| *t == e.name()).map_or(&[][..], |(_, a)| a);
                    for (name, value) in e.attrs() {
                        if !own.contains(&name) && !matches!(name, "dir" | "lang") {
                            return Err(format!("{name} in {html}"));
                        }
                        let link = matches!(name, "href" | "src" | "poster" | "cite");
                        let scheme = Url::parse(value).map(|u| u.scheme().to_owned()).unwrap_or_default();
                        if link && !matches!(&*scheme, "http" | "https") && !(scheme == "mailto" && name == "href") {
                            return Err(format!("{name}={value} in {html}"));
                        }
                    }
                }
                Node::Comment(_) | Node::Doctype(_) | Node::ProcessingInstruction(_) => {
                    return Err(format!("a comment in {html}"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    const VECTORS: [&str; 64] = [
        "<script>alert(1)</script>",
        "<SCRIPT SRC=//x.example/a.js></SCRIPT>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<img src=x onerror=alert(1)>",
        "<img src=\"javascript:alert(1)\">",
        "<img src=`javascript:alert(1)`>",
        "<IMG SRC=jAvAsCrIpT:alert(1)>",
        "<IMG SRC=&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;:alert(1)>",
        "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
        "<a href=\"jav\nascript:alert(1)\">x</a>",
        "<a href=\" &#14; javascript:alert(1)\">x</a>",
        "<a href='vbscript:x'>x</a>",
        "<a href='data:text/html;base64,PHM+'>x</a>",
        "<a href='//x.example' onclick=alert(1) style='x:expression(alert(1))' target=_blank rel=opener ping=/p>x</a>",
        "<svg/onload=alert(1)>",
        "<svg><script>alert(1)</script></svg>",
        "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
        "<svg><animate attributeName=href values=javascript:alert(1) /><a id=x><text>x</text></a></svg>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<math><mtext></mtext><mglyph><style><img src=x onerror=alert(1)></style></mglyph></math>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<style>@import '//x.example'</style>",
        "<link rel=stylesheet href=//x.example>",
        "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
        "<base href='//x.example/'><a href=y>y</a>",
        "<iframe src=javascript:alert(1)></iframe>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
        "<iframe src='https://www.youtube.com/embed/\"><script>alert(1)</script>'></iframe>",
        "<object data=x.swf><param name=src value=javascript:alert(1)></object>",
        "<embed src=x.swf>",
        "<applet code=x></applet>",
        "<form action=javascript:alert(1)><input type=submit formaction=javascript:alert(1)><button>x</button></form>",
        "<isindex action=javascript:alert(1)>",
        "<video poster=javascript:alert(1) src=x onerror=alert(1)><source src=javascript:alert(1)></video>",
        "<audio src=javascript:alert(1) autoplay onplay=alert(1)>",
        "<body onload=alert(1)>",
        "<body background=javascript:alert(1)>",
        "<table background=javascript:alert(1)><td background=javascript:alert(1)>x",
        "<div style=\"background:url(javascript:alert(1))\">x</div>",
        "<input autofocus onfocus=alert(1)>",
        "<details open ontoggle=alert(1)>x</details>",
        "<marquee onstart=alert(1)>x</marquee>",
        "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
        "<!--><img src=x onerror=alert(1)>-->",
        "<![CDATA[<script>alert(1)</script>]]>",
        "<?xml-stylesheet href='javascript:alert(1)'?>",
        "<template><script>alert(1)</script></template>",
        "<frameset onload=alert(1)>",
        "<xmp><img src=x onerror=alert(1)></xmp>",
        "<plaintext><script>alert(1)</script>",
        "<textarea><img src=x onerror=alert(1)></textarea>",
        "<title><img src=x onerror=alert(1)></title>",
        "<select><option><script>alert(1)</script></select>",
        "<img src=x:alert(1) onerror=eval(src)>",
        "<a href=https://ok.example id=x class=y name=z data-x=1 aria-label=w>ok</a>",
        "<img srcset='javascript:alert(1) 1x' src=data:,x>",
        "<img data-src='\" onerror=\"alert(1)'>",
        "<img alt='\"><script>alert(1)</script>' src=/x>",
        "<p dir='\"onclick=x' lang='\"><script>'>x</p>",
        "<blockquote cite=javascript:alert(1)>x</blockquote>",
        "<a href=mailto:a@b.example?body=x>m</a>",
        "<a href=file:///etc/passwd>f</a>",
        "\u{0}<scr\u{0}ipt>alert(1)</script>",
        "<ruby oncopy=alert(1)>x<rt>y</ruby>",
    ];

    #[test]
    fn nothing_outside_the_list_gets_through() {
        for vector in VECTORS {
            let out = cleaned(vector);
            is_safe(&out).unwrap();
            assert!(
                !out.contains("onerror=")
                    || !out.contains("<img")
                    || !Html::parse_fragment(&out).html().contains(" onerror"),
                "{out}"
            );
            assert_eq!(cleaned(&out), out, "{vector}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn mixtures_are_safe_and_cleaning_twice_changes_nothing(
            picks in proptest::collection::vec((0_usize..VECTORS.len(), 0_usize..40, 0_usize..90), 1..5),
            free in "[ -~é\u{a0}\u{1}]{0,20}",
        ) {
            let html: String = picks.iter().map(|(n, cut, _)| {
                let chars: Vec<char> = VECTORS[*n].chars().collect();
                chars[(*cut).min(chars.len() / 2)..].iter().collect::<String>() + &free
            }).collect();
            let out = cleaned(&html);
            prop_assert!(is_safe(&out).is_ok(), "{:?}", is_safe(&out));
            prop_assert_eq!(&cleaned(&out), &out);
        }

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
            prop_assert!(is_safe(&out).is_ok());
        }
    }

    #[test]
    fn keeps_what_a_text_needs() {
        let html = "<article lang='AR' dir=rtl><p>نص</p></article><figure><img src=/i.jpg alt='Une  image' width=600px height=400 class=x>\
            <figcaption>Légende</figcaption></figure><table><tr><th scope=col colspan=2>a</th></tr></table>\
            <audio controls src=/a.mp3></audio><video src=v.mp4 poster=p.jpg></video><p>a&nbsp;:<br>b</p><p> </p><p>&nbsp;</p><a name=x></a>";
        assert_eq!(
            cleaned(html),
            "<div lang=\"ar\" dir=\"rtl\"><p>نص</p></div><figure><img src=\"https://a.example/i.jpg\" alt=\"Une image\" width=\"600\" height=\"400\">\
             <figcaption>Légende</figcaption></figure><table><tbody><tr><th scope=\"col\" colspan=\"2\">a</th></tr></tbody></table>\
             <audio controls=\"\" src=\"https://a.example/a.mp3\"></audio><video src=\"https://a.example/dir/v.mp4\" poster=\"https://a.example/dir/p.jpg\"></video><p>a\u{a0}:<br>b</p>"
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
