//! Where the article ends inside its element.

use std::ops::Range;

use super::blocks::Block;
use super::boxes::LONGEST_LABEL;
use super::edges::{Page, is_consent, is_logo, is_noise, is_notice};
use super::outlet::is_unread_credit;
use super::tree::Tree;
use super::words::{WORDS, bare};

/// Leaves out what stands after the article in its lines, from the last line up to the first that is of the text.
pub(super) fn trim_foot(tree: &Tree<'_>, blocks: &mut [Block], lines: &Range<usize>, page: &Page<'_>) {
    let mut end = lines.end;
    for i in lines.clone().rev() {
        let block = &blocks[i];
        if block.gone {
            continue;
        }
        if block.media {
            // Pictures go with what stands after them, unless they are figures of the text.
            if is_figure(tree, block) {
                break;
            }
            continue;
        }
        if !is_foot(tree, block, page) {
            break;
        }
        end = i;
    }
    // What was passed over on the way up stands between lines that go.
    let Some(last) = blocks[lines.start..end].iter().rposition(|b| !b.gone && !b.media) else { return };
    let last = lines.start + last;
    let trimmed = end < lines.end;
    for (i, block) in blocks.iter_mut().enumerate().take(lines.end).skip(last + 1) {
        if i >= end || (trimmed && block.media && !is_figure(tree, block)) || is_logo(tree, block, page) && block.media
        {
            block.gone = true;
        }
    }
}

fn is_figure(tree: &Tree<'_>, block: &Block) -> bool {
    tree.is_player(block.first)
        || std::iter::once(block.first).chain(tree.up(block.first).take(3)).any(|i| tree.name(i) == "figure")
}

fn is_foot(tree: &Tree<'_>, block: &Block, page: &Page<'_>) -> bool {
    if is_unread_credit(tree, block, page.url) {
        return false;
    }
    // A number in the last cell of a table is no count of comments.
    let cell = matches!(tree.name(block.owner), "td" | "th") && block.text.chars().any(char::is_numeric);
    let number = cell && !block.text.chars().any(char::is_alphabetic);
    if block.heading || block.card || !number && is_noise(block, page) || is_notice(block) || is_consent(block) {
        return true;
    }
    if block.is_link() {
        return !matches!(tree.name(block.owner), "p" | "td") || block.weight < 120;
    }
    let said = bare(&block.text);
    // A word alone may begin any sentence: `Facebook declined to comment.`
    let told = block.text.trim_end().ends_with(['.', '!', '?', '…']);
    let invited = WORDS.newsletter.begins(&said);
    let begins = |least: usize| {
        let is_meant = |n: &usize| !told || said[..*n].contains(' ');
        let lists = [&WORDS.share, &WORDS.comments, &WORDS.tags].map(|l| l.begins(&said).filter(is_meant));
        lists.into_iter().chain([invited]).flatten().any(|n| n >= least)
    };
    let label = block.weight < LONGEST_LABEL && block.text.ends_with(':');
    let listed = begins(4) && block.weight < 200 && (block.linked > 0 || block.text.contains(':'));
    let invites = begins(6) && (block.weight < 80 && !block.ends_sentence() || invited.is_some() && block.weight < 120);
    let begins_with = |signs: [&str; 2]| signs.iter().any(|s| block.text.trim_start().starts_with(s));
    let rights = block.weight < 160 && (block.text.contains('©') || WORDS.rights.within(&said))
        || block.weight < 400 && begins_with(["©", "(c)"])
        || block.weight < 400 && block.text.starts_with("Copyright") && block.text.contains(char::is_numeric);
    let pleads = block.weight < 400 && WORDS.plea.within(&said);
    // Who wrote it, in the third person: the name opens the line.
    let signed = block.weight < 600 && page.authors.iter().any(|a| a.contains(' ') && said.starts_with(a.as_str()));
    // Where to write to who wrote it.
    let address = block.weight < 60 && block.text.contains('@') && !block.text.trim().contains(' ');
    address || label || listed || invites || rights || pleads || signed
}
