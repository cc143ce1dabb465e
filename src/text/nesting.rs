//! A guard before any tree of HTML: html5ever is quadratic in the depth of nesting (half a megabyte of open tags takes half
//! a minute), so depth is capped on the string, as browsers cap it.
//!
//! The open elements are followed as the tree builder (HTML standard, 13.2.6) would: where that cannot be known without a
//! tree, an element counts as open still. So the real depth is never more than the one counted here.

use std::borrow::Cow;

use super::markup::{Markup, MarkupKind, next_markup};

/// Tags after which the rest of a document is left out: ten times those of the largest pages met.
const MOST_TAGS: usize = 250_000;

/// Attributes after which a tag loses all of them: they are compared with one another while read.
const MOST_ATTRIBUTES: usize = 500;

/// Formatting elements that may stay open over the end of their block: each is made again in every block that follows.
const MOST_DANGLING: usize = 4;

/// Elements that stand in a table where none may, and are put before it one by one: each is looked for among all others.
const MOST_FOSTERED: usize = 5_000;

/// Start tags that were left out, among which an end tag looks for its own: the last ones.
const LOOKED_BACK: usize = 64;

/// How the tree builder treats an element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Void,
    /// `html`, `head`, `body`: there is one of each whatever is written.
    Once,
    Raw,
    Formatting,
    Paragraph,
    /// Other elements that close an open paragraph.
    Block,
    Heading,
    Item,
    Term,
    Cell,
    Row,
    Rows,
    List,
    /// What an end tag does not reach across.
    Scope,
    /// The same, inside SVG and MathML, where HTML may stand again.
    Point,
    Foreign,
    Other,
}

#[rustfmt::skip]
fn kind(name: &str) -> Kind {
    let mut buffer = [0_u8; 16];
    let Some(lower) = buffer.get_mut(..name.len()) else { return Kind::Other };
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    match &*lower {
        b"area" | b"base" | b"br" | b"col" | b"embed" | b"hr" | b"img" | b"input" | b"link" | b"meta" | b"param"
        | b"source" | b"track" | b"wbr" | b"keygen" | b"frame" | b"basefont" | b"bgsound" => Kind::Void,
        b"html" | b"head" | b"body" => Kind::Once,
        b"script" | b"style" => Kind::Raw,
        b"a" | b"b" | b"big" | b"code" | b"em" | b"font" | b"i" | b"nobr" | b"s" | b"small" | b"strike" | b"strong"
        | b"tt" | b"u" => Kind::Formatting,
        b"p" => Kind::Paragraph,
        b"address" | b"article" | b"aside" | b"blockquote" | b"center" | b"details" | b"dialog" | b"dir" | b"div"
        | b"dl" | b"fieldset" | b"figcaption" | b"figure" | b"footer" | b"header" | b"hgroup" | b"main" | b"menu"
        | b"nav" | b"search" | b"section" | b"summary" | b"pre"
        | b"listing" | b"form" => Kind::Block,
        b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" => Kind::Heading,
        b"ol" | b"ul" => Kind::List,
        b"li" => Kind::Item,
        b"dd" | b"dt" => Kind::Term,
        b"td" | b"th" => Kind::Cell,
        b"tr" => Kind::Row,
        b"tbody" | b"thead" | b"tfoot" | b"caption" | b"colgroup" => Kind::Rows,
        b"table" | b"frameset" | b"applet" | b"marquee" | b"object" | b"template" | b"select" | b"button"
            => Kind::Scope,
        b"foreignobject" | b"desc" | b"title" | b"mi" | b"mo" | b"mn" | b"ms" | b"mtext" | b"annotation-xml" => Kind::Point,
        b"svg" | b"math" => Kind::Foreign,
        _ => Kind::Other,
    }
}

/// The start tags that end SVG and MathML (HTML standard, 13.2.6.5).
#[rustfmt::skip]
fn breaks_out(name: &str) -> bool {
    const NAMES: [&str; 44] = [
        "b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed", "h1", "h2", "h3",
        "h4", "h5", "h6", "head", "hr", "i", "img", "li", "listing", "menu", "meta", "nobr", "ol", "p", "pre", "ruby", "s",
        "small", "span", "strong", "strike", "sub", "sup", "table", "tt", "u", "ul", "var",
    ];
    NAMES.iter().any(|n| n.eq_ignore_ascii_case(name))
}

/// How many kinds there are.
const KINDS: usize = Kind::Other as usize + 1;

#[derive(Clone, Copy)]
struct Open<'a> {
    name: &'a str,
    kind: Kind,
    /// Its block is closed already.
    dangling: bool,
}

impl Open<'_> {
    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// Whether most end tags do not reach across it.
    fn stops(&self) -> bool {
        matches!(self.kind, Kind::Scope | Kind::Point | Kind::Cell | Kind::Row | Kind::Rows)
    }

    /// Whether the end of a table's part surely closes it, table or not.
    fn passes_table(&self) -> bool {
        matches!(self.kind, Kind::Cell | Kind::Row | Kind::Rows | Kind::Paragraph | Kind::Formatting)
    }
}

struct Guard<'a> {
    most: usize,
    open: Vec<Open<'a>>,
    /// How many of each kind are open, and how many dangle: what is not open need not be looked for.
    counts: [usize; KINDS],
    dangling: usize,
    dropped: Vec<&'a str>,
    fostered: usize,
}

/// `html` with at most `most` elements open at any place: deeper start tags, and their end tags, are left out and their
/// text stays. Borrowed where nothing had to go.
#[must_use]
pub fn cap_nesting(html: &str, most: usize) -> Cow<'_, str> {
    let mut guard = Guard { most, open: Vec::new(), counts: [0; KINDS], dangling: 0, dropped: Vec::new(), fostered: 0 };
    let mut out: Option<String> = None;
    let (mut kept, mut at, mut tags) = (0, 0, 0);
    while let Some(tag) = next_markup(html, at) {
        at = tag.end;
        let replacement = match tag.kind {
            _ if tags >= MOST_TAGS => {
                let out = out.get_or_insert_default();
                out.push_str(&html[kept..tag.start]);
                return Cow::Owned(std::mem::take(out));
            }
            MarkupKind::Other => continue,
            MarkupKind::Open if !guard.start(&tag) => Some(String::new()),
            MarkupKind::Close if !guard.finish(tag.name) => Some(String::new()),
            _ if tag.attributes > MOST_ATTRIBUTES => {
                Some(format!("<{}{}>", if tag.kind == MarkupKind::Close { "/" } else { "" }, tag.name))
            }
            _ => None,
        };
        tags += 1;
        if let Some(replacement) = replacement {
            let out = out.get_or_insert_with(|| String::with_capacity(html.len()));
            out.push_str(&html[kept..tag.start]);
            out.push_str(&replacement);
            kept = tag.end;
        } else if tag.kind == MarkupKind::Open && kind(tag.name) == Kind::Raw && guard.reads_raw(tag.name) {
            at = raw_end(html, at, tag.name);
        }
    }
    match out {
        Some(mut out) => {
            out.push_str(&html[kept..]);
            Cow::Owned(out)
        }
        None => Cow::Borrowed(html),
    }
}

/// Where the end tag of a raw text element starts; `from` where there is none, so that what follows is counted.
fn raw_end(html: &str, from: usize, name: &str) -> usize {
    let bytes = html.as_bytes();
    let mut at = from;
    while let Some(i) = html[at..].find("</") {
        at += i;
        let end = at + 2 + name.len();
        let same = bytes.get(at + 2..end).is_some_and(|b| b.eq_ignore_ascii_case(name.as_bytes()));
        if same && bytes.get(end).is_some_and(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>')) {
            return at;
        }
        at += 2;
    }
    from
}

impl<'a> Guard<'a> {
    fn has(&self, wanted: Kind) -> bool {
        self.counts[wanted as usize] > 0
    }

    fn push(&mut self, open: Open<'a>) {
        self.counts[open.kind as usize] += 1;
        self.dangling += usize::from(open.dangling);
        self.open.push(open);
    }

    /// After elements went.
    fn recount(&mut self) {
        self.counts = [0; KINDS];
        for open in &self.open {
            self.counts[open.kind as usize] += 1;
        }
        self.dangling = self.open.iter().filter(|o| o.dangling).count();
    }

    fn remove(&mut self, at: usize) {
        self.open.remove(at);
        self.recount();
    }

    /// Whether a start tag may close something.
    fn may_close(&self, name: &str, kind: Kind) -> bool {
        match kind {
            Kind::Paragraph | Kind::Block | Kind::Heading | Kind::List => self.has(Kind::Paragraph),
            Kind::Formatting => matches!(name, "a" | "A"),
            _ => self.has(kind) || self.has(Kind::Paragraph) || kind == Kind::Other && name.len() <= 6,
        }
    }

    /// Inside SVG and MathML nothing is raw text, and in `select` style sheets are not.
    fn reads_raw(&self, name: &str) -> bool {
        !self.has(Kind::Foreign) && (name.eq_ignore_ascii_case("script") || !self.open.iter().any(|o| o.is("select")))
    }

    /// Takes note of a start tag; false when it has to go.
    fn start(&mut self, tag: &Markup<'a>) -> bool {
        let kind = kind(tag.name);
        let foreign = self.has(Kind::Foreign);
        let out = foreign && breaks_out(tag.name);
        match kind {
            Kind::Once if !foreign => return true,
            Kind::Void if !out => return !self.is_fostered(tag.name, kind),
            // Outside SVG it is a misspelt `img`.
            _ if !foreign && tag.name.eq_ignore_ascii_case("image") => return true,
            Kind::Foreign if tag.closed => return true,
            Kind::Formatting if self.dangling >= MOST_DANGLING => {
                return self.leave_out(tag.name);
            }
            _ => {}
        }
        if self.open.len() >= self.most && !out && kind != Kind::Void && !self.may_close(tag.name, kind) {
            return self.leave_out(tag.name);
        }
        let full = self.open.len() >= self.most || self.fostered >= MOST_FOSTERED;
        let before = full.then(|| self.open.clone());
        if out {
            self.break_out();
        }
        if kind == Kind::Void {
            return true;
        }
        if !self.has(Kind::Foreign) {
            self.close_implied(tag.name, kind);
        }
        if self.open.len() >= self.most || self.is_fostered(tag.name, kind) {
            self.open = before.unwrap_or_default();
            self.recount();
            return self.leave_out(tag.name);
        }
        self.push(Open { name: tag.name, kind, dangling: false });
        true
    }

    /// Whether it would be one too many of those that are put before the table in which they stand.
    fn is_fostered(&mut self, name: &str, kind: Kind) -> bool {
        let in_table = |o: &Open<'_>| o.is("table") || matches!(o.kind, Kind::Row | Kind::Rows);
        let belongs = matches!(kind, Kind::Cell | Kind::Row | Kind::Rows | Kind::Raw | Kind::Once)
            || ["table", "template", "col"].iter().any(|n| n.eq_ignore_ascii_case(name));
        if belongs || !self.open.last().is_some_and(in_table) {
            return false;
        }
        self.fostered += 1;
        self.fostered > MOST_FOSTERED
    }

    /// SVG and MathML end here, as far up as HTML stands in them.
    fn break_out(&mut self) {
        let point = self.open.iter().rposition(|o| matches!(o.kind, Kind::Scope | Kind::Point));
        let mut inside = self.open.split_off(point.map_or(0, |i| i + 1));
        inside.retain(|o| o.kind != Kind::Foreign);
        self.open.append(&mut inside);
        self.recount();
    }

    fn leave_out(&mut self, name: &'a str) -> bool {
        if self.dropped.len() < MOST_TAGS {
            self.dropped.push(name);
        }
        false
    }

    /// The end tags that may be left out.
    fn close_implied(&mut self, name: &str, kind: Kind) {
        let stop_scope = |o: &Open<'_>| o.stops();
        match kind {
            Kind::Paragraph | Kind::Block | Kind::Heading | Kind::List => {
                self.close(|o| o.kind == Kind::Paragraph, stop_scope)
            }
            Kind::Item | Kind::Term => {
                let passes = |o: &Open<'_>| {
                    matches!(o.kind, Kind::Paragraph | Kind::Formatting)
                        || o.is("div")
                        || o.is("address")
                        || o.is("span")
                };
                self.close(|o| o.kind == kind, |o| !passes(o));
                self.close(|o| o.kind == Kind::Paragraph, stop_scope);
            }
            Kind::Cell | Kind::Row | Kind::Rows => {
                // Outside a table these tags are nothing, so only what cannot pile up is closed with them.
                self.close(|o| o.kind == kind, |o| !o.passes_table());
            }
            Kind::Formatting if matches!(name, "a" | "A") => {
                if let Some(i) = self.open.iter().rposition(|o| o.is("a") || stop_scope(o))
                    && self.open[i].is("a")
                {
                    self.remove(i);
                }
            }
            Kind::Other if ["option", "rt", "rp"].iter().any(|n| name.eq_ignore_ascii_case(n)) => {
                let parent = self.open.len().checked_sub(2).and_then(|i| self.open.get(i));
                let inside = parent.is_some_and(|o| o.is(if name.len() == 2 { "ruby" } else { "select" }));
                if inside && self.open.last().is_some_and(|o| o.is(name)) {
                    self.remove(self.open.len() - 1);
                }
            }
            _ => {}
        }
    }

    /// Closes the topmost element that is `wanted`, and all above it, unless a `barrier` lies between. Formatting elements
    /// above it will be made again, so they stay counted.
    fn close(&mut self, wanted: impl Fn(&Open<'_>) -> bool, barrier: impl Fn(&Open<'_>) -> bool) {
        let Some(found) = self.open.iter().rposition(|o| wanted(o) || barrier(o)) else { return };
        if !wanted(&self.open[found]) {
            return;
        }
        let above = self.open.split_off(found);
        for mut open in above.into_iter().skip(1).filter(|o| o.kind == Kind::Formatting) {
            open.dangling = true;
            self.open.push(open);
        }
        self.recount();
    }

    /// Takes note of an end tag; false when its start tag had to go.
    fn finish(&mut self, name: &str) -> bool {
        let near = self.dropped.len().saturating_sub(LOOKED_BACK);
        if let Some(i) = self.dropped[near..].iter().rposition(|n| n.eq_ignore_ascii_case(name)) {
            self.dropped.remove(near + i);
            return false;
        }
        let kind = kind(name);
        // An end without a beginning makes a paragraph or a line break.
        if (kind == Kind::Paragraph || name.eq_ignore_ascii_case("br")) && self.is_fostered(name, kind) {
            return false;
        }
        if kind == Kind::Paragraph && self.has(Kind::Foreign) {
            self.break_out();
        }
        let is = |o: &Open<'_>| o.is(name);
        match kind {
            Kind::Void | Kind::Once => {}
            _ if name.eq_ignore_ascii_case("image") => {}
            // What stands between stays open: the adoption agency, and the form pointer.
            _ if kind == Kind::Formatting || name.eq_ignore_ascii_case("form") => {
                let barrier = |o: &Open<'_>| o.stops() || o.kind == Kind::Foreign;
                if let Some(i) = self.open.iter().rposition(|o| is(o) || barrier(o))
                    && is(&self.open[i])
                {
                    self.remove(i);
                }
            }
            Kind::Item => self.close(is, |o| o.stops() || o.kind == Kind::List),
            Kind::Row | Kind::Rows | Kind::Cell => self.close(is, |o| !o.passes_table()),
            Kind::Scope if name.eq_ignore_ascii_case("table") => {
                self.close(is, |o| o.is("template") || o.is("select") || o.is("frameset") || o.kind == Kind::Foreign);
            }
            // Any of the six ends any other.
            Kind::Heading => self.close(|o| o.kind == Kind::Heading, |o| o.stops()),
            Kind::Raw => {
                if self.open.last().is_some_and(is) {
                    self.remove(self.open.len() - 1);
                }
            }
            Kind::Other | Kind::Point => {
                self.close(is, |o| !is(o) && !matches!(o.kind, Kind::Other | Kind::Formatting | Kind::Foreign))
            }
            _ => self.close(is, |o| o.stops()),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use scraper::{Html, Node};

    use super::*;

    fn depth(html: &str) -> usize {
        let tree = Html::parse_document(html);
        let mut most = 0;
        for node in tree.tree.nodes() {
            if matches!(node.value(), Node::Element(_)) {
                most = most.max(node.ancestors().count());
            }
        }
        most
    }

    #[test]
    fn ordinary_pages_are_left_alone() {
        let rows = "<tr><td>a<td>b".repeat(200);
        let items = "<li>x<p>y".repeat(200);
        let links = "<a name=x>t".repeat(300);
        let page = format!(
            "<html><head><script>if(a<b){{s='<div><div>'}}</script></head><body><p>a<p>b<div>c</div><ul>{items}</ul>\
             <table>{rows}</table>{links}<select>{}</select><br><img src=x></body></html>",
            "<option>1".repeat(300)
        );
        assert!(matches!(cap_nesting(&page, 64), Cow::Borrowed(_)));
    }

    #[test]
    fn no_way_of_opening_gets_deep() {
        for unit in [
            "<div>",
            "<b>",
            "<b id=$>",
            "<p><b id=$></p>",
            "<b><div></b>",
            "<div></span>",
            "<span><div></span>",
            "<svg><title><div></title>",
            "<svg><style><div></style>",
            "<svg><td>",
            "<svg><div/>",
            "<svg><div><path/>",
            "<!--><div>",
            "<div \"a>b\">",
            "<select><title></select><div>",
            "<select><style></select><div>",
            "<b><object></b></object>",
            "<table><tr><td>",
            "<table><div>",
            "<ul><li>",
            "<a><div></a>",
            "<x-$>",
            "<blockquote><p>",
            "<font color=$><p>",
            "<svg><foreignObject>",
            "<math><mi>",
            "<template>",
            "<button><p>",
            "<dl><dd><dl>",
            "<ruby><rt><ruby>",
            "<h1><h2>",
            "<table><caption>",
            "<script></script ><div></script>",
            "<noscript><div>",
            "<object>",
            "<div></p></div x><div>",
            "<title></title><div>",
            "<iframe></iframe><div>",
            "<li><ul>",
            "<a><table><a>",
            "<nobr><div><nobr>",
            "<form><div></form>",
            "<svg/><div>",
            "<i><p></i></p><i>",
        ] {
            let html: String = (0..1500).map(|i| unit.replace('$', &i.to_string())).collect();
            let deep = depth(&cap_nesting(&html, 64));
            // Rows that the builder adds by itself, and `html` and `body`.
            assert!(deep <= 64 * 3 + 8, "{unit}: {deep}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn no_mixture_gets_deep(picks in proptest::collection::vec((0_usize..52, 0_u8..3), 1..7)) {
            const NAMES: [&str; 52] = [
                "div", "b", "a", "p", "span", "svg", "math", "title", "style", "table", "tr", "td", "caption", "tbody",
                "colgroup", "select", "option", "button", "form", "li", "ul", "dd", "dt", "h1", "h2", "template", "object",
                "foreignObject", "desc", "mi", "annotation-xml", "textarea", "iframe", "noscript", "xmp", "i", "font",
                "nobr", "ruby", "rt", "body", "html", "head", "frameset", "optgroup", "x-y", "image", "plaintext",
                "fieldset", "marquee", "address", "center",
            ];
            let unit: String = picks.iter().map(|(n, how)| match how {
                0 => format!("<{}>", NAMES[*n]),
                1 => format!("</{}>x", NAMES[*n]),
                _ => format!("<{}/>", NAMES[*n]),
            }).collect();
            let deep = depth(&cap_nesting(&unit.repeat(400), 32));
            proptest::prop_assert!(deep <= 32 * 3 + 8, "{}: {}", unit, deep);
        }
    }

    #[test]
    fn text_and_balance_survive() {
        let html = format!("{}a{}b", "<div>".repeat(10), "</div>".repeat(10));
        assert_eq!(cap_nesting(&html, 3), "<div><div><div>a</div></div></div>b");
        let many = format!("<p {}>x</p>", (0..600).map(|i| format!("a{i} ")).collect::<String>());
        assert_eq!(cap_nesting(&many, 3), "<p>x</p>");
    }

    #[test]
    fn half_a_megabyte_of_open_tags_is_quick() {
        let html = "<div>".repeat(100_000);
        assert_eq!(cap_nesting(&html, 256).len(), 256 * 5);
        for unit in ["<table><a>", "<table><br>", "<table></p>", "<b><i></b>x"] {
            let capped = cap_nesting(&unit.repeat(20_000), 256).into_owned();
            assert!(capped.matches('<').count() < 12_000 + 40_000 * usize::from(unit.contains('x')), "{unit}");
        }
        let html = "<p><b>".repeat(100_000);
        assert!(Html::parse_document(&cap_nesting(&html, 256)).tree.nodes().count() < 800_000);
    }
}
