//! What the reading of a page left out of its body, noted while it is done.

use std::ops::Range;

use super::blocks::Block;
use super::body::Body;
use super::tree::Tree;
use crate::model::{CutKind, Cuts};

/// Why each line that is left out is.
pub(super) struct Noted {
    kinds: Vec<Option<CutKind>>,
}

impl Noted {
    /// Before anything is trimmed: only what the recipe names is left out.
    pub(super) fn of(blocks: &[Block]) -> Self {
        Self { kinds: blocks.iter().map(|b| b.gone.then_some(CutKind::Recipe)).collect() }
    }

    /// Notes what was left out of some lines since the last time.
    pub(super) fn note(&mut self, kind: CutKind, blocks: &[Block], lines: &Range<usize>) {
        let of = self.kinds.iter_mut().zip(blocks).take(lines.end).skip(lines.start);
        for (noted, _) in of.filter(|(noted, block)| block.gone && noted.is_none()) {
            *noted = Some(kind);
        }
    }

    /// All of it in the order of the page: the lines, what was pruned between them, and `dropped`, the elements that the
    /// recipe's selectors match.
    pub(super) fn cuts(
        &self,
        tree: &Tree<'_>,
        whole: &[Block],
        blocks: &[Block],
        dropped: &[usize],
        body: &Body,
    ) -> Cuts {
        let inside = tree.inside(body.at);
        let lines = body.lines.clone().filter_map(|i| Some((blocks[i].first, self.kinds[i]?, blocks[i].text.clone())));
        let pruned = whole.iter().filter(|b| inside.contains(&b.first) && tree.cells[b.first].gone);
        let pruned = pruned.map(|b| (b.first, CutKind::Furniture, b.text.clone()));
        let dropped = dropped.iter().filter(|at| inside.contains(at));
        let dropped = dropped.map(|at| (*at, CutKind::Recipe, text_of(tree, *at)));
        let mut all: Vec<(usize, CutKind, String)> = lines.chain(pruned).chain(dropped).collect();
        all.sort_by_key(|(at, ..)| *at);
        let mut cuts = Cuts::default();
        all.iter().for_each(|(_, kind, text)| cuts.line(*kind, text));
        cuts
    }
}

/// The text of an element on one line.
fn text_of(tree: &Tree<'_>, at: usize) -> String {
    let words = tree.inside(at).filter_map(|i| tree.text(i)).flat_map(str::split_whitespace);
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use url::Url;

    use crate::extract::{Drop, Extract, Page, Recipe, extract};
    use crate::model::CutKind;

    fn read(html: &str, drop: &[&str]) -> Extract {
        let recipe = Recipe { drop: drop.iter().map(|d| Drop::parse(d).unwrap()).collect(), ..Recipe::default() };
        let url = Url::parse("https://journal.example/a/1").unwrap();
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let page = Page { html, url: &url, lang: None, tz: chrono_tz::UTC, now, entry: None, site_name: None };
        extract(&page, &recipe).unwrap()
    }

    #[test]
    fn what_is_left_out_is_told_in_the_order_of_the_page_with_its_reason() {
        let prose = |n: usize| {
            format!(
                "<p>Le port de Marseille a rouvert ce matin après la grève numéro {n}, et les premiers navires sont entrés dans la rade vers midi, suivis de près par les pilotes.</p>"
            )
        };
        let html = format!(
            "<html><head><title>Le port rouvre</title></head><body><nav>Accueil Monde</nav><article><h1>Le port rouvre</h1>\
             <div class='pub'>Achetez nos bottes</div>{}{}<nav class='toc'>Aller au sommaire</nav>{}\
             <p>Publicité locale : nos bottes</p>{}\
             <div><h3>À lire aussi</h3><ul><li><a href='/2'>La grève des dockers continue</a></li><li><a href='/3'>Les pilotes attendent</a></li></ul></div>{}\
             <p>Partager</p><p>© Journal 2026</p></article></body></html>",
            prose(1),
            prose(2),
            prose(3),
            prose(4),
            prose(5)
        );
        let found = read(&html, &[".pub", "/^Publicité locale/"]);
        let told: Vec<(CutKind, &str, usize)> =
            found.cuts.parts.iter().map(|c| (c.kind, c.words.as_str(), c.lines)).collect();
        assert_eq!(
            told,
            [
                (CutKind::Head, "Le port rouvre", 1),
                (CutKind::Recipe, "Achetez nos bottes", 1),
                (CutKind::Furniture, "Aller au sommaire", 1),
                (CutKind::Recipe, "Publicité locale : nos bottes", 1),
                (CutKind::Box, "À lire aussi", 3),
                (CutKind::Foot, "Partager", 2),
            ]
        );
        let page = found.cuts.page.unwrap();
        assert!(page.taken && !page.by_file);
        assert_eq!(page.kept, found.text.chars().count());
        assert!(page.characters > page.kept && page.confidence == found.confidence);
    }

    #[test]
    fn a_page_of_text_alone_has_nothing_to_tell() {
        let text = "<p>Le port de Marseille a rouvert ce matin, et les premiers navires sont entrés dans la rade vers midi.</p>";
        assert_eq!(read(&format!("<html><body>{}</body></html>", text), &[]).cuts.parts, []);
    }
}
