//! A tree out of anything that was meant to be a feed: unclosed, crossed, cut off, in any spelling.

use std::borrow::Cow;

use super::entities::decode_with;
use super::markup::{Piece, Scanner};
use super::names::{Ns, Scope, lower};
use super::tree::{Element, Entities, Text, Tree, local};
use super::{MOST_ENTRIES, note};

/// Feeds are not nested deeper; what is deeper is left out.
const DEEPEST: usize = 256;
/// Elements that are kept of one document: 10,000 entries with 70 each. What an entry takes of memory is its text, and a hundred
/// bytes for each of these.
const MOST_ELEMENTS: usize = 700_000;
/// Elements that are kept in one other, entries aside: nobody reads more.
const MOST_IN_ONE: u32 = 2_000;

/// The names with which a feed begins. They hold others and stand in no text.
fn is_frame(name: &str) -> bool {
    matches!(name, "rss" | "feed" | "rdf" | "channel") || is_entry(name)
}

fn is_entry(name: &str) -> bool {
    matches!(name, "item" | "entry")
}

/// Elements whose inside is text, whatever stands there.
fn is_text_construct(ns: Ns, name: &str) -> bool {
    match ns {
        Ns::Core => matches!(
            name,
            "title"
                | "description"
                | "summary"
                | "content"
                | "subtitle"
                | "tagline"
                | "info"
                | "abstract"
                | "body"
                | "fullitem"
                | "copyright"
                | "rights"
        ),
        Ns::Content => name == "encoded",
        Ns::Xhtml => matches!(name, "body" | "div"),
        Ns::Dc | Ns::Media | Ns::Itunes | Ns::DcTerms => {
            matches!(name, "title" | "description" | "summary" | "subtitle" | "abstract")
        }
        _ => false,
    }
}

/// Elements that hold no others: another one says that they were not closed.
fn is_leaf(ns: Ns, name: &str) -> bool {
    ns == Ns::Core
        && matches!(
            name,
            "link"
                | "guid"
                | "pubdate"
                | "lastbuilddate"
                | "language"
                | "ttl"
                | "id"
                | "updated"
                | "published"
                | "comments"
        )
}

/// What follows a title in an entry; inside of a title it says that the title was not closed.
fn is_sibling(name: &str) -> bool {
    is_entry(name)
        || matches!(name, "description" | "guid" | "pubdate" | "published" | "updated" | "id" | "summary" | "content")
        || matches!(name, "category" | "author" | "link" | "enclosure")
}

/// Names that HTML uses too, so that they may stand inside of themselves.
fn may_nest(name: &str) -> bool {
    matches!(name, "title" | "summary" | "body" | "div")
}

/// Builds the tree; `None` where no feed begins.
pub(super) fn build(text: &str) -> Option<Tree<'_>> {
    let mut builder = Builder {
        text,
        scanner: Scanner::new(text),
        scope: Scope::default(),
        open: Vec::new(),
        entities: Entities::default(),
        notes: Vec::new(),
        elements: 0,
        entries: 0,
        ended: false,
        swallowed: false,
    };
    builder.run();
    let half = builder.swallowed || !builder.ended && builder.in_entry();
    let cut_off = builder.open.len() > 1 || !builder.ended || builder.swallowed;
    if builder.open.len() > 1 {
        note(&mut builder.notes, "document ends before its elements are closed");
    }
    // A part of an id or an address is another one.
    if half && builder.open.last().is_some_and(|e| is_leaf(e.ns, &e.name)) {
        builder.open.pop();
    }
    while builder.open.len() > 1 {
        builder.close();
    }
    let root = builder.open.pop()?;
    let beyond = builder.entries.saturating_sub(MOST_ENTRIES);
    Some(Tree { root, entities: builder.entities, notes: builder.notes, beyond, cut_off, half })
}

/// Most elements have one run of text: it is borrowed until a second comes.
fn append<'a>(own: &mut Cow<'a, str>, text: Cow<'a, str>) {
    if own.is_empty() {
        *own = text;
    } else {
        own.to_mut().push_str(&text);
    }
}

struct Builder<'a> {
    text: &'a str,
    scanner: Scanner<'a>,
    scope: Scope<'a>,
    /// The root stays open to the end: what follows it belongs to it.
    open: Vec<Element<'a>>,
    entities: Entities,
    notes: Vec<String>,
    elements: usize,
    entries: usize,
    /// Whether the end of the root was there.
    ended: bool,
    /// Whether a text of the last entry was still open where the frame around it ended: what it swallowed may be anything.
    swallowed: bool,
}

impl<'a> Builder<'a> {
    fn run(&mut self) {
        while let Some(piece) = self.scanner.next() {
            match piece {
                Piece::Start { name, attributes, empty } => self.start(name, attributes, empty),
                Piece::End { name } => self.end(&lower(local(name))),
                Piece::Text(text) => {
                    if let Some(Element { text: Text::Plain(own), .. }) = self.open.last_mut()
                        && !(own.is_empty() && text.bytes().all(|b| b.is_ascii_whitespace()))
                    {
                        append(own, decode_with(text, &self.entities));
                    }
                }
                Piece::CData(text) => {
                    if let Some(Element { text: Text::Plain(own), .. }) = self.open.last_mut() {
                        append(own, Cow::Borrowed(text));
                    }
                }
                Piece::Doctype(doctype) => self.entities.declare(doctype),
                Piece::Aside => {}
            }
            if self.elements >= MOST_ELEMENTS {
                note(&mut self.notes, format!("document cut after {MOST_ELEMENTS} elements"));
                return;
            }
        }
    }

    fn start(&mut self, written_name: &'a str, written: &'a str, empty: bool) {
        if self.open.last().is_some_and(|e| is_leaf(e.ns, &e.name)) {
            self.close();
        }
        self.scope.enter(written, self.open.len() + 1);
        let (ns, name) = self.scope.name(written_name);
        if self.open.is_empty() && !is_frame(&name) {
            self.scope.leave(1);
            return;
        }
        if ns == Ns::Core && is_entry(&name) {
            self.close_to_frame();
            self.swallowed = false;
        }
        if self.open.len() >= DEEPEST {
            note(&mut self.notes, format!("elements nested deeper than {DEEPEST} left out"));
            self.scope.leave(self.open.len() + 1);
            return;
        }
        let is_text = is_text_construct(ns, &name) && !self.open.is_empty();
        let text = match (is_text, empty) {
            (true, false) => Text::Raw(self.capture(&name)),
            (true, true) => Text::Raw(""),
            (false, _) => Text::Plain(Cow::Borrowed("")),
        };
        self.open.push(Element { ns, others: 0, name, written, children: Vec::new(), text });
        if empty || is_text {
            self.close();
        }
    }

    fn in_entry(&self) -> bool {
        self.open.iter().any(|e| e.ns == Ns::Core && is_entry(&e.name))
    }

    /// An entry stands in a frame and in nothing else: what is still open there was not closed.
    fn close_to_frame(&mut self) {
        let holds = |e: &Element<'_>| (is_frame(&e.name) && !is_entry(&e.name)) || e.is(Ns::Core, "items");
        let at = self.open.iter().rposition(holds).unwrap_or(0);
        if self.open.len() > at + 1 {
            note(&mut self.notes, format!("{} is not closed before the next entry", self.open[at + 1].name));
        }
        while self.open.len() > at + 1 {
            self.close();
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(at) = self.open.iter().skip(1).rposition(|e| e.name == name) {
            while self.open.len() > at + 1 {
                self.close();
            }
        } else if self.open.first().is_some_and(|root| root.name == name) {
            self.ended = true;
        }
    }

    /// Closes the innermost element.
    fn close(&mut self) {
        self.scope.leave(self.open.len());
        if self.open.len() > 1
            && let (Some(element), Some(parent)) = (self.open.pop(), self.open.last_mut())
        {
            // Who needs none of those beyond need not keep them until all are read.
            let entry = is_entry(&element.name);
            self.entries += usize::from(entry && element.ns == Ns::Core);
            let fits = match entry {
                true => self.entries <= MOST_ENTRIES,
                false if parent.others < MOST_IN_ONE => true,
                // What may stand there once only is read however late it comes.
                false => {
                    note(&mut self.notes, format!("of what stands in one element {MOST_IN_ONE} were kept"));
                    is_frame(&element.name)
                        || element.name == "items"
                        || is_text_construct(element.ns, &element.name)
                        || is_leaf(element.ns, &element.name)
                }
            };
            if fits {
                self.elements += 1;
                parent.others = parent.others.saturating_add(u32::from(!entry));
                parent.children.push(element);
            }
        }
    }

    /// The inside of a text construct as written, up to its end tag, or to what can only follow it.
    fn capture(&mut self, name: &str) -> &'a str {
        let from = self.scanner.position();
        let (mut nested, mut frames) = (0usize, 0usize);
        loop {
            let at = self.scanner.position();
            let Some(piece) = self.scanner.next() else {
                note(&mut self.notes, format!("document ends inside of a {name}"));
                return &self.text[from..];
            };
            let unclosed = match piece {
                Piece::End { name: end } => match lower(local(end)) {
                    end if end == name && nested == 0 => return &self.text[from..at],
                    end if end == name => {
                        nested -= 1;
                        false
                    }
                    end if is_frame(&end) => {
                        frames = frames.checked_sub(1).unwrap_or(usize::MAX);
                        self.swallowed |= frames == usize::MAX && !is_entry(&end) && self.in_entry();
                        frames == usize::MAX
                    }
                    _ => false,
                },
                Piece::Start { name: start, empty, .. } => {
                    let start: Cow<'_, str> = lower(start);
                    let follows = (name != "content" && is_entry(&start)) || (name == "title" && is_sibling(&start));
                    nested += usize::from(start == name && may_nest(name) && !empty);
                    frames += usize::from(!follows && is_frame(local(&start)) && !empty);
                    follows
                }
                _ => false,
            };
            if unclosed {
                note(&mut self.notes, format!("{name} is not closed"));
                self.scanner.resume_at(at);
                return &self.text[from..at];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The tree as one line: names, own texts, children.
    fn shown(tree: &Tree<'_>, element: &Element<'_>) -> String {
        let children: Vec<_> = element.children.iter().map(|c| shown(tree, c)).collect();
        format!("{}[{}{}]", element.name, tree.text(element).unwrap_or_default(), children.concat())
    }

    fn line(text: &str) -> String {
        build(text).map(|t| shown(&t, &t.root)).unwrap_or_default()
    }

    #[test]
    fn builds_what_is_broken() {
        for (text, wanted) in [
            ("<b>Notice</b><?xml?><rss><channel><item><Title>A</TITLE></item></rss>", "rss[channel[item[title[A]]]]"),
            (
                "<rss><item><title>A & B<br><b>c</title><item><link>u</rss>",
                "rss[item[title[A & B<br><b>c]]item[link[u]]]",
            ),
            ("<rss><item><title>A</titel><link>u</link></item>", "rss[item[title[A</titel>]link[u]]]"),
            ("<rss><item><title>A<link>u<guid>g</item><item/>", "rss[item[title[A]link[u]guid[g]]item[]]"),
            ("<rss><item><description><![CDATA[<p>cut", "rss[item[description[<p>cut]]]"),
            ("<rss><item><description>a</item><item></item></rss>", "rss[item[description[a]]item[]]"),
            (
                "<feed><entry><content><feed><entry>x</entry></feed></content></entry></feed>",
                "feed[entry[content[<feed><entry>x</entry></feed>]]]",
            ),
            ("<rss></rss><item><link>a</link></item>", "rss[item[link[a]]]"),
            ("<html><p>no</p></html>", ""),
        ] {
            assert_eq!(line(text), wanted, "{text}");
        }
    }

    #[test]
    fn declared_names_are_inserted_with_measure() {
        let text =
            "<!DOCTYPE rss [<!ENTITY e \"&#38;#233;\"><!ENTITY amp 'x'><!ENTITY sys SYSTEM 'file:///etc/passwd'>]>
            <rss><link>&e;&eacute;&amp;&sys;</link></rss>";
        assert_eq!(line(text), "rss[link[éé&&sys;]]");
        let bomb = format!(
            "<!DOCTYPE r [<!ENTITY a '{}'>]><rss><link>{}</link></rss>",
            "x".repeat(900),
            "&a;".repeat(100_000)
        );
        assert!(line(&bomb).len() < 1 << 20);
    }

    #[test]
    fn of_what_stands_in_one_element_so_much_is_kept_and_entries_all_the_same() {
        let many = "<a/>".repeat(MOST_IN_ONE as usize + 3);
        let written = format!("<rss>{many}<channel>{many}<item>{many}<title>T</title></item></channel></rss>");
        let root = build(&written).unwrap().root;
        let last = |of: &Element<'_>| (of.children.len(), of.children.last().map(|e| e.name.to_string()).unwrap());
        let channel = root.children.last().unwrap();
        let item = channel.children.last().unwrap();
        assert_eq!([last(&root), last(channel)], [(2001, "channel".into()), (2001, "item".into())]);
        assert_eq!(last(item), (2001, "title".into()));
    }

    #[test]
    fn entries_beyond_the_most_are_counted_and_not_kept() {
        let items = "<item><title>a</title></item>".repeat(MOST_ENTRIES + 3);
        let written = format!("<rss><channel>{items}<title>The end</title></channel></rss>");
        let tree = build(&written).unwrap();
        let channel = &tree.root.children[0];
        assert_eq!((channel.children.len(), tree.beyond), (MOST_ENTRIES + 1, 3));
        assert!(!tree.cut_off && channel.child(Ns::Core, "title").is_some());
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("<rss>{}<item><title>t</title></item>", "<a xmlns:x='y'>".repeat(100_000));
        let tree = build(&deep).unwrap();
        assert!(tree.notes.iter().any(|n| n.contains("deeper")), "{:?}", tree.notes);
    }

    proptest! {
        #[test]
        fn any_text_gives_a_tree_or_none(parts in proptest::collection::vec(
            prop::sample::select(vec!["<item>", "</item>", "<title>", "</title>", "<entry", ">", "<content type='xhtml'>", "</content>",
                "<div>", "</div>", "&amp;", "é", "<![CDATA[", "]]>", "<link ", "href='", "'", "</rss>", "<x:y xmlns:x='a'>", "<!--", " "]), 0..40)) {
            let text = format!("<rss>{}", parts.concat());
            prop_assert!(build(&text).is_some());
        }
    }
}
