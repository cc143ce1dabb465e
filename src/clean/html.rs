//! The sanitiser: a strict list of elements and attributes, absolute addresses, nothing empty.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use ammonia::Builder;
use url::Url;

use super::finish::finish;
use super::line::{address, legal};
use super::mend::mended;
use super::settled::is_settled;
use super::{from_text, media};
use crate::model::{CleanHtml, Lang};
use crate::text::markup::next_markup;
use crate::text::{cap_nesting, one_line, utf8};

/// Bytes of a body after which the rest is left out.
const MOST_BYTES: usize = 5 * 1024 * 1024;

/// Bytes of all addresses of a body: a long base makes a short one long, as often as it is written.
const MOST_ADDRESSED: usize = 5 * 1024 * 1024;

/// Bytes that are looked at while the texts of a body are written: some tenths of a second.
const MOST_WORK: usize = 1 << 30;

/// Bytes of an alternative text or a title.
const LONGEST_TITLE: usize = 4_000;

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
    let mut cleaned = once(html, base);
    if is_settled(&cleaned) {
        return CleanHtml::vouched(cleaned);
    }
    for _ in 1..MOST_PASSES {
        let again = once(&cleaned, base);
        if again == cleaned {
            return CleanHtml::vouched(cleaned);
        }
        cleaned = again;
    }
    let plain = super::plain(&CleanHtml::vouched(cleaned));
    CleanHtml::vouched(once(from_text(cut(&plain, MOST_BYTES / 16)).as_str(), base))
}

pub(super) fn once(html: &str, base: &Url) -> String {
    let html = legal(affordable(cut(html, MOST_BYTES)));
    let html = mended(&html);
    let html = cap_nesting(&html, MOST_NESTED);
    let prepared = media::prepare(&html);
    finish(&sanitise(&prepared, base))
}

fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

/// As much of a body as is written soon: for each sign that it may have to escape, html5ever looks through the rest of the
/// text once more.
fn affordable(html: &str) -> &str {
    // All its signs together look through less than its length as often as that.
    if html.len().saturating_mul(html.len()) <= MOST_WORK {
        return html;
    }
    let (mut work, mut at) = (0, 0);
    loop {
        let tag = next_markup(html, at);
        let end = tag.map_or(html.len(), |t| t.start);
        let mut signs = 0;
        for (i, _) in html.as_bytes()[at..end].iter().enumerate().filter(|(_, b)| matches!(b, b'&' | b'<' | 0xc2)) {
            signs += 1;
            if work + signs * i > MOST_WORK {
                return &html[..at + i];
            }
        }
        work += signs * (end - at);
        match tag {
            Some(tag) => at = tag.end,
            None => return html,
        }
    }
}

fn sanitise(html: &str, base: &Url) -> String {
    SANITISER.with(|sanitiser| sanitiser.clean(html, base))
}

thread_local! {
    /// Making one costs as much as using it.
    static SANITISER: Sanitiser = Sanitiser::new();
}

/// The list, and the body that is being held against it.
struct Sanitiser {
    list: Builder<'static>,
    body: Arc<Mutex<Body>>,
}

#[derive(Default)]
struct Body {
    /// What its addresses are relative to.
    base: Option<Url>,
    /// Bytes of its addresses so far.
    addressed: usize,
}

impl Sanitiser {
    fn new() -> Self {
        let body = Arc::new(Mutex::new(Body::default()));
        let attributes: HashMap<&str, HashSet<&str>> =
            ATTRIBUTES.iter().map(|(tag, names)| (*tag, names.iter().copied().collect())).collect();
        let mut list = Builder::empty();
        let shared = Arc::clone(&body);
        list.tags(TAGS.into_iter().collect())
            .clean_content_tags(WITH_CONTENT.into_iter().collect())
            .tag_attributes(attributes)
            .generic_attributes(HashSet::from(["dir", "lang"]))
            // What a script would have started can be started by hand.
            .set_tag_attribute_value("audio", "controls", "")
            .set_tag_attribute_value("video", "controls", "")
            .url_schemes(HashSet::from(["http", "https", "mailto"]))
            .link_rel(None)
            .strip_comments(true)
            .attribute_filter(move |_, name, value| {
                let mut body = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let value = attribute(name, value, body.base.as_ref()?)?;
                if is_address(name) {
                    let before = body.addressed;
                    body.addressed += value.len();
                    return (before <= MOST_ADDRESSED).then_some(value);
                }
                Some(value)
            });
        Self { list, body }
    }

    fn clean(&self, html: &str, base: &Url) -> String {
        let body = Body { base: Some(base.clone()), addressed: 0 };
        *self.body.lock().unwrap_or_else(PoisonError::into_inner) = body;
        let mut clean = Vec::with_capacity(html.len());
        // Writing to memory cannot fail; what html5ever writes is UTF-8.
        let _written = self.list.clean(html).write_to(&mut clean);
        utf8(&clean).unwrap_or_default().to_owned()
    }
}

fn is_address(name: &str) -> bool {
    matches!(name, "href" | "src" | "poster" | "cite")
}

/// Whether it is a mail address that can hold no header of its own (RFC 6068, 7).
fn is_mail(url: &Url) -> bool {
    let to = url.path().to_ascii_lowercase();
    url.scheme() == "mailto" && !to.is_empty() && !to.contains("%0a") && !to.contains("%0d")
}

/// The value that an attribute keeps.
fn attribute<'v>(name: &str, value: &'v str, base: &Url) -> Option<Cow<'v, str>> {
    let word = value.trim();
    match name {
        "href" if word.get(..7).is_some_and(|s| s.eq_ignore_ascii_case("mailto:")) => {
            Url::parse(word).ok().filter(is_mail).map(|u| u.to_string().into())
        }
        name if is_address(name) => address(value, base).map(Cow::Owned),
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
        "alt" | "title" => Some(one_line(cut(&one_line(cut(value, 4 * LONGEST_TITLE)), LONGEST_TITLE)).into()),
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
    fn real_bodies_come_out_as_they_were_meant() {
        for (written, read) in [
            // White space and signs.
            ("<pre>  a\n    b\n\n\tc</pre>", "<pre>  a\n    b\n\n\tc</pre>"),
            ("<pre><code>x  &lt;y&gt;</code></pre>", "<pre><code>x  &lt;y&gt;</code></pre>"),
            ("«\u{a0}Oui\u{202f}!&nbsp;»&#8239;; a\u{2009}b", "«\u{a0}Oui\u{202f}!\u{a0}»\u{202f}; a\u{2009}b"),
            ("in\u{ad}visible &shy;x", "in\u{ad}visible \u{ad}x"),
            (
                "می\u{200c}خواهم क्\u{200d}ष 👩\u{200d}👩\u{200d}👧 \u{200f}.\u{200e}",
                "می\u{200c}خواهم क्\u{200d}ष 👩\u{200d}👩\u{200d}👧 \u{200f}.\u{200e}",
            ),
            ("𝒜 😀 &#x1F600; &#128512;", "𝒜 😀 😀 😀"),
            ("a\u{1}b\u{fffe}c&#1;d&#x81;e", "abcde"),
            ("a\r\nb\rc", "a\nb\nc"),
            ("one<b> </b>two<span>&nbsp;</span>three", "one two\u{a0}three"),
            // What is empty.
            ("<p>a</p><p></p><p>&nbsp;</p><p><br></p><p>&#8203;</p><p><b> </b></p><p>b</p>", "<p>a</p><br><p>b</p>"),
            ("a<br><br><br><br>\n<br/>b", "a<br><br>b"),
            ("<pre>a<br><br><br>b</pre>", "<pre>a<br><br><br>b</pre>"),
            (
                "<table><tr><td></td><td>x</td></tr></table>",
                "<table><tbody><tr><td></td><td>x</td></tr></tbody></table>",
            ),
            ("<ul><li></li><li>x</li></ul><ul></ul>", "<ul><li>x</li></ul>"),
            // Structure.
            ("<h2>a</h2><h4>b</h4>", "<h2>a</h2><h4>b</h4>"),
            ("<ul><li>a<ul><li>b</ul><li>c</ul>", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
            (
                "<ol start=3 reversed type=a><li value=7>x</ol>",
                "<ol start=\"3\" reversed=\"\"><li value=\"7\">x</li></ol>",
            ),
            ("<dl><dt>a<dd>b<dt>c<dd>d</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt><dd>d</dd></dl>"),
            ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>"),
            (
                "<table border=1><caption>c</caption><colgroup><col span=2><thead><tr><th colspan=2 scope=col>h<tbody><tr><td rowspan=2 width=9>1<td>2</table>",
                "<table><caption>c</caption><colgroup><col span=\"2\"></colgroup><thead><tr><th colspan=\"2\" scope=\"col\">h</th></tr></thead><tbody><tr><td rowspan=\"2\">1</td><td>2</td></tr></tbody></table>",
            ),
            ("<details><summary>s</summary>d</details>", "<details><summary>s</summary>d</details>"),
            // Language and direction.
            (
                "<p lang=FR-fr dir=LTR>a</p><span dir=auto>b</span><font dir=rtl>c</font>",
                "<p lang=\"fr-FR\" dir=\"ltr\">a</p><span dir=\"auto\">b</span><span dir=\"rtl\">c</span>",
            ),
            (
                "<ul dir=rtl><li lang=ar>أ</ul><table dir=rtl><tr><td lang=he>א</table>",
                "<ul dir=\"rtl\"><li lang=\"ar\">أ</li></ul><table dir=\"rtl\"><tbody><tr><td lang=\"he\">א</td></tr></tbody></table>",
            ),
            // What means nothing.
            (
                "<span class=x>a</span> <a name=top>b</a> <a href='javascript:x'>c</a> <a href='tel:+331'>d</a>",
                "a b c d",
            ),
            ("<p class=x style='color:red' id=y align=center onclick=z>a</p>", "<p>a</p>"),
            (
                "<font size=5><big>a</big></font> <strike>b</strike> <tt>c</tt> <acronym title='x'>d</acronym>",
                "a <s>b</s> <code>c</code> <abbr title=\"x\">d</abbr>",
            ),
        ] {
            assert_eq!(cleaned(written), read, "{written}");
        }
    }

    #[test]
    fn addresses_lead_where_they_were_meant_to() {
        for (written, read) in [
            ("#fn1", "https://a.example/dir/page#fn1"),
            ("../x y.html?q=a b#f", "https://a.example/x%20y.html?q=a%20b#f"),
            ("//b.example/é?q=ü", "https://b.example/%C3%A9?q=%C3%BC"),
            ("http://münchen.example/straße", "http://xn--mnchen-3ya.example/stra%C3%9Fe"),
            ("HTTPS://B.example/A", "https://b.example/A"),
            (" /x\n", "https://a.example/x"),
            ("/x?a=1&amp;b=2&copy=3", "https://a.example/x?a=1&amp;b=2&amp;copy=3"),
            ("mailto:a@b.example?subject=x", "mailto:a@b.example?subject=x"),
        ] {
            assert_eq!(
                cleaned(&format!("<a href='{written}'>x</a>")),
                format!("<a href=\"{read}\">x</a>"),
                "{written}"
            );
        }
    }

    #[test]
    fn mail_goes_to_an_address_and_nowhere_else() {
        for bad in ["mailto:", "mailto:a@b.example%0d%0aBcc:c@d.example", "mailto:a%0ABcc:c"] {
            assert_eq!(cleaned(&format!("<a href='{bad}'>x</a>")), "x", "{bad}");
        }
    }

    #[test]
    fn pictures_and_players_can_be_seen_and_heard() {
        for (written, read) in [
            (
                "<figure><img src=/i.jpg alt='' width=600 height=400px sizes=100vw loading=lazy><figcaption>c</figcaption></figure>",
                "<figure><img src=\"https://a.example/i.jpg\" alt=\"\" width=\"600\" height=\"400\"><figcaption>c</figcaption></figure>",
            ),
            ("<img src=i.jpg width=100% height=auto>", "<img src=\"https://a.example/dir/i.jpg\" alt=\"\">"),
            (
                "<picture><source data-srcset='/a.webp 800w, /b.webp 1200w' type=image/webp><img src='data:image/svg+xml,x' alt=A></picture>",
                "<img src=\"https://a.example/b.webp\" alt=\"A\">",
            ),
            (
                "<img src='data:image/svg+xml,x'><noscript><img src='/real.jpg' alt=A></noscript>",
                "<img src=\"https://a.example/real.jpg\" alt=\"A\">",
            ),
            ("<p>a<img src='https://t.example/p.gif' width=1 height=1></p>", "<p>a</p>"),
            ("<p><img src='data:image/png;base64,x'></p>", ""),
            (
                "<video poster=/p.jpg><source src=/v.mp4 type=video/mp4><track src=/t.vtt>Your browser cannot.<a href=/v.mp4>Get it</a></video>",
                "<video poster=\"https://a.example/p.jpg\" controls=\"\"><source src=\"https://a.example/v.mp4\" type=\"video/mp4\"><a href=\"https://a.example/v.mp4\">Get it</a></video>",
            ),
            (
                "<video autoplay loop muted src=/v.mp4></video>",
                "<video src=\"https://a.example/v.mp4\" controls=\"\"></video>",
            ),
            ("<video><p>Your browser cannot.</p></video><audio src='blob:x'></audio>", ""),
            ("<amp-audio src=/a.mp3></amp-audio>", "<audio src=\"https://a.example/a.mp3\" controls=\"\"></audio>"),
            (
                "<figure><iframe src='https://www.youtube.com/embed/abc'></iframe></figure>",
                "<figure><p><a href=\"https://www.youtube.com/watch?v=abc\">https://www.youtube.com/watch?v=abc</a></p></figure>",
            ),
            ("<iframe src='https://ads.example/'>x</iframe>", ""),
        ] {
            assert_eq!(cleaned(written), read, "{written}");
        }
    }

    #[test]
    fn what_is_too_long_is_cut_and_stays_so() {
        let long = "x".repeat(3 * LONGEST_TITLE);
        let out = cleaned(&format!("<img src=/i alt='{long}'>"));
        assert!(out.len() < LONGEST_TITLE + 100 && cleaned(&out) == out);
        for sign in ["&", "<", "«"] {
            assert!(affordable(&sign.repeat(60_000)).chars().count() < 40_000, "{sign}");
            let out = cleaned(&sign.repeat(2_000));
            assert!(!out.is_empty() && cleaned(&out) == out, "{sign}");
        }
        let ordinary = "<p>«\u{a0}Un & deux\u{a0}», dit-il. ".repeat(4_000);
        assert_eq!(affordable(&ordinary), ordinary);
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
