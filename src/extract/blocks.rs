//! The page as lines of reading: each run of text between two breaks, and each picture that stands alone.

use super::tree::{Kind, Tree, is_dense, weight};

/// One line of reading.
#[derive(Debug)]
pub(super) struct Block {
    /// First node of the run.
    pub(super) first: usize,
    /// One past its last node.
    pub(super) end: usize,
    /// The nearest element around it that is no inline one.
    pub(super) owner: usize,
    /// The text on one line, no-break spaces and typography as they are; empty for a picture.
    pub(super) text: String,
    /// How much reading it is.
    pub(super) weight: usize,
    /// How much of it stands in links.
    pub(super) linked: usize,
    /// Whether it is a heading, or in one.
    pub(super) heading: bool,
    /// Whether it is a picture or player without text.
    pub(super) media: bool,
    /// Whether it stands in a list of teasers.
    pub(super) card: bool,
    /// Whether pages of its site share it.
    pub(super) shared: bool,
    /// Whether they only share its place, and it says something else on each.
    pub(super) placed: bool,
    /// Whether it is told elsewhere, in the feed or in the page's data.
    pub(super) told: bool,
    /// Left out.
    pub(super) gone: bool,
}

impl Block {
    /// Whether it is mostly links.
    pub(super) fn is_link(&self) -> bool {
        self.linked * 10 > self.weight * 6
    }

    /// Whether it ends as a sentence does.
    pub(super) fn ends_sentence(&self) -> bool {
        let bare = self.text.trim_end_matches(|c: char| {
            c.is_whitespace() || matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '“' | '」' | '』' | '）' | '*')
        });
        bare.ends_with(['.', '!', '?', '…', ':', ';', '。', '！', '？', '؟', '।', '؛', '：'])
    }

    /// Whether it reads as running text.
    pub(super) fn is_prose(&self) -> bool {
        !self.media
            && !self.heading
            && self.linked * 3 <= self.weight
            && (self.weight >= 140 || (self.weight >= 45 && self.ends_sentence()))
    }
}

/// The lines of the part of a page that is not left out.
pub(super) fn blocks(tree: &Tree<'_>) -> Vec<Block> {
    let mut run = Run { blocks: Vec::new(), text: String::new(), first: None, end: 0, linked: 0, owner: 0 };
    // Ends of the block elements that are open.
    let mut open: Vec<(usize, usize)> = vec![(0, tree.cells.len())];
    let mut at = 0;
    while at < tree.cells.len() {
        while open.len() > 1 && open.last().is_some_and(|(_, end)| *end <= at) {
            run.flush(tree);
            open.pop();
        }
        let cell = &tree.cells[at];
        if cell.gone || cell.kind == Kind::Unread {
            at = cell.end;
            continue;
        }
        run.owner = open.last().map_or(0, |(i, _)| *i);
        match cell.kind {
            Kind::Text => run.add(tree.text(at).unwrap_or_default(), at, cell.linked),
            Kind::Block | Kind::Heading => {
                run.flush(tree);
                open.push((at, cell.end));
            }
            Kind::Break => run.flush(tree),
            Kind::Media => {
                run.picture(tree, at);
                at = cell.end;
                continue;
            }
            // How a word is read stands beside it.
            Kind::Inline if matches!(tree.name(at), "rt" | "rp") => {
                if run.first.is_some() {
                    run.end = cell.end;
                }
                at = cell.end;
                continue;
            }
            Kind::Inline | Kind::Unread => {}
        }
        at += 1;
    }
    run.flush(tree);
    run.blocks
}

struct Run {
    blocks: Vec<Block>,
    text: String,
    first: Option<usize>,
    end: usize,
    linked: usize,
    owner: usize,
}

impl Run {
    fn add(&mut self, text: &str, at: usize, linked: bool) {
        let before = self.text.len();
        for c in text.chars() {
            let space =
                c.is_ascii_whitespace() || (c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}' | '\u{3000}'));
            if !space {
                if !matches!(c, '\u{ad}' | '\u{200b}' | '\u{2060}' | '\u{feff}') && !(c.is_control()) {
                    self.text.push(c);
                }
            } else if !self.text.is_empty() && !self.text.ends_with(' ') {
                self.text.push(' ');
            }
        }
        if self.text[before.min(self.text.len())..].trim().is_empty() && self.first.is_none() {
            return;
        }
        self.first.get_or_insert(at);
        self.end = at + 1;
        if linked {
            self.linked += weight(self.text[before..].trim());
        }
    }

    fn picture(&mut self, tree: &Tree<'_>, at: usize) {
        if self.text.trim().is_empty() {
            self.flush(tree);
            let gone = tree.cells[at].gone;
            self.blocks.push(Block {
                first: at,
                end: tree.cells[at].end,
                owner: self.owner,
                text: String::new(),
                weight: 0,
                linked: 0,
                heading: false,
                media: true,
                card: false,
                shared: false,
                placed: false,
                told: false,
                gone,
            });
        } else {
            self.end = tree.cells[at].end;
        }
    }

    fn flush(&mut self, tree: &Tree<'_>) {
        let text = std::mem::take(&mut self.text);
        let (first, linked) = (self.first.take(), std::mem::take(&mut self.linked));
        let Some(first) = first else { return };
        let text = text.trim_matches([' ', '\u{a0}', '\u{202f}', '\u{3000}']).to_owned();
        if text.is_empty() {
            return;
        }
        let heading = tree.cells[self.owner].kind == Kind::Heading
            || tree.up(self.owner).take(3).any(|i| tree.cells[i].kind == Kind::Heading);
        let weight = weight(&text);
        self.blocks.push(Block {
            first,
            end: self.end,
            owner: self.owner,
            text,
            weight,
            linked: linked.min(weight),
            heading,
            media: false,
            card: false,
            shared: false,
            placed: false,
            told: false,
            gone: false,
        });
    }
}

/// How many sentences a text has, roughly: ends followed by a space or by nothing.
pub(super) fn sentences(text: &str) -> usize {
    let mut count = 0;
    let mut chars = text.chars().peekable();
    let mut word = 0;
    while let Some(c) = chars.next() {
        match c {
            '.' | '!' | '?' | '…' | '؟' => {
                let next = chars.peek().copied();
                let ends = next.is_none_or(|n| n.is_whitespace() || matches!(n, '»' | '”' | '"' | ')' | '’'));
                // `M. Dupont`, `R. Daoud`: an initial ends no sentence.
                if ends && (word > 1 || c != '.') {
                    count += 1;
                }
                word = 0;
            }
            '。' | '！' | '？' | '।' => {
                count += 1;
                word = 0;
            }
            c if c.is_alphanumeric() || is_dense(c) => word += 1,
            c if c.is_whitespace() => word = 0,
            _ => {}
        }
    }
    count.max(usize::from(!text.is_empty()))
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn lines(html: &str) -> Vec<String> {
        let html = Html::parse_document(html);
        blocks(&Tree::of(&html)).into_iter().map(|b| b.text).collect()
    }

    #[test]
    fn breaks_and_blocks_end_lines() {
        assert_eq!(
            lines("<div>a <b>b</b>\n c<br><br>d<p>e</p>f</div><table><tr><td>g<td>h</table><ul><li>i <p>j</ul>"),
            ["a b c", "d", "e", "f", "g", "h", "i", "j"]
        );
        assert_eq!(lines("<p>«&nbsp;Oui\u{202f}!&nbsp;»</p><p>&nbsp;</p>"), ["«\u{a0}Oui\u{202f}!\u{a0}»"]);
    }

    #[test]
    fn how_words_are_read_is_no_text() {
        let html = "<p><ruby>会議<rp>(</rp><rt>かいぎ</rt><rp>)</rp></ruby>を<ruby>開<rt>ひら</rt></ruby></p>";
        assert_eq!(lines(html), ["会議を開"]);
        let parsed = Html::parse_document(html);
        let tree = Tree::of(&parsed);
        let (first, end) = blocks(&tree).first().map(|b| (b.first, b.end)).unwrap();
        assert!((first..end).any(|at| tree.text(at) == Some("ひら")), "the markup stays");
    }

    #[test]
    fn sentences_are_counted_over_initials() {
        assert_eq!(sentences("M. Dupont et R. Daoud ont dit non. Puis oui !"), 2);
        assert_eq!(sentences("Une seule phrase, sans plus."), 1);
        assert_eq!(sentences("一つ。二つ。"), 2);
    }
}
