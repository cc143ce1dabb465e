//! Whose a page is. An address may lead elsewhere than to the article: to the front page where there is none, to a question about
//! consent, to one page for all. What stands there is then no entry's text.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::{Raw, Source};
use crate::clean;
use crate::dedup::is_of_one_article;
use crate::extract::Extract;
use crate::model::ArticleId;
use crate::store::ReadPage;
use crate::text::{Shingles, fold, hash, url_key, words};

/// A text of fewer words may be a notice, even below the right title.
const FEW_WORDS: usize = 120;
/// A shorter title, or word, tells nothing of where it stands.
const TELLING_TITLE: usize = 8;
const TELLING_WORD: usize = 4;
/// So many words of an entry tell whether a page is about the same.
const ENOUGH_WORDS: usize = 6;
/// Characters of what an untitled entry says that are its name.
const LONGEST_NAME: usize = 300;

/// A page that may be another's, by the place of its entry.
pub(super) struct Suspect {
    at: usize,
    /// Hash of its text, as the store has it.
    pub(super) text_hash: u64,
    /// Where it stands, if that is not where the entry said.
    place: Option<String>,
}

impl Suspect {
    /// Whether it stands elsewhere than its entry said.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.place.is_some()
    }
}

/// Notes which entries of a document have an address that is no single article's: the front page, or the link of several.
pub(super) fn note_shared(raws: &mut [Raw]) {
    let mut at: HashMap<&str, Vec<usize>> = HashMap::new();
    for (n, raw) in raws.iter().enumerate() {
        if let Some(key) = &raw.url_key {
            at.entry(key).or_default().push(n);
        }
    }
    let names = |of: &[usize]| of.iter().map(|n| name(&raws[*n])).collect::<HashSet<_>>().len();
    let shared = at.into_iter().filter(|(key, of)| !is_of_one_article(key) || of.len() > 1 && names(of) > 1);
    for n in shared.flat_map(|(_, of)| of).collect::<Vec<_>>() {
        raws[n].shares = true;
    }
}

/// Why the pages of entries are not theirs, as far as these entries tell by themselves; and of which of the others the store may
/// know more.
pub(super) fn judge(source: &Source, raws: &[Raw]) -> (Vec<Option<&'static str>>, Vec<Suspect>) {
    let site: Vec<String> =
        source.outlet.url.iter().filter_map(|url| Url::parse(url).ok()).map(|u| url_key(&u)).collect();
    let mut wrong: Vec<Option<&'static str>> = raws.iter().map(|raw| leads_away(raw, &site)).collect();
    for by in [by_place, by_text] {
        let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, raw) in raws.iter().enumerate() {
            if let Some(key) = raw.page.as_deref().and_then(|(page, url)| by(page, url)) {
                groups.entry(key).or_default().push(at);
            }
        }
        for group in groups.into_values().filter(|group| group.len() > 1) {
            let distinct = |some: &[usize]| some.iter().map(|at| name(&raws[*at])).collect::<HashSet<_>>().len();
            if distinct(&group) < 2 {
                continue;
            }
            // A page is the article of whom it names, if that is one.
            let titled: Vec<usize> = group.iter().copied().filter(|at| is_titled(&raws[*at])).collect();
            let spared = if distinct(&titled) == 1 { titled } else { Vec::new() };
            for at in group.into_iter().filter(|at| !spared.contains(at)) {
                wrong[at].get_or_insert("other entries lead to the same page");
            }
        }
    }
    let doubted =
        raws.iter().enumerate().filter(|(at, raw)| wrong[*at].is_none() && (!is_titled(raw) || is_short(raw)));
    let suspects = doubted.filter_map(|(at, raw)| {
        let (page, url) = raw.page.as_deref()?;
        let text = clean::plain(&clean::clean(&page.body_html, url));
        let place = Some(url_key(url)).filter(|place| raw.url_key.as_ref() != Some(place) && !is_titled(raw));
        Some(Suspect { at, text_hash: Shingles::of(&text).text_hash, place })
    });
    let suspects = suspects.collect();
    (wrong, suspects)
}

/// What pages that the source's earlier articles were read on tell of it.
pub(super) fn compare(raws: &[Raw], suspects: &[Suspect], earlier: &[ReadPage], wrong: &mut [Option<&'static str>]) {
    for suspect in suspects {
        let raw = &raws[suspect.at];
        let own: [Option<&ArticleId>; 2] = [Some(&raw.id), raw.known.as_ref().map(|known| &known.id)];
        let key = |url: &Option<String>| url.as_deref().and_then(|u| Url::parse(u).ok()).map(|u| url_key(&u));
        let called = name(raw);
        let is_other = |page: &&ReadPage| {
            !own.contains(&Some(&page.id)) && fold(&page.title) != called && key(&page.url) != raw.url_key
        };
        let is_it = |page: &ReadPage| {
            page.text_hash == suspect.text_hash || suspect.place.is_some() && suspect.place == key(&page.place)
        };
        if earlier.iter().filter(is_other).any(is_it) {
            wrong[suspect.at] = Some("an earlier entry led to the same page");
        }
    }
}

fn by_place(_: &Extract, url: &Url) -> Option<String> {
    Some(url_key(url))
}

fn by_text(page: &Extract, _: &Url) -> Option<String> {
    let text = page.text.trim();
    (!text.is_empty()).then(|| format!("{:x}", hash(text.as_bytes())))
}

/// Why an address that leads elsewhere leads to no article.
fn leads_away(raw: &Raw, site: &[String]) -> Option<&'static str> {
    let (page, at) = raw.page.as_deref()?;
    let place = url_key(at);
    if raw.url_key.as_ref() == Some(&place) {
        return None;
    }
    if !is_of_one_article(&place) || site.contains(&place) {
        return Some("its address leads to the front page");
    }
    let link = Url::parse(raw.url.as_deref()?).ok()?;
    // Who asks for something first says where one wanted to go.
    let same_path = link.host() == at.host() && link.path() == at.path();
    let leads_back = |value: &str| {
        let looks_so = value.starts_with('/') || value.starts_with("http:") || value.starts_with("https:");
        looks_so && link.join(value).is_ok_and(|back| Some(url_key(&back)) == raw.url_key)
    };
    if !same_path && at.query_pairs().any(|(_, value)| leads_back(&value)) {
        return Some("its address leads to a page that asks for something first");
    }
    let same_host = link.host() == at.host();
    (same_host && !is_titled(raw) && has_nothing_of(raw, page, at)).then_some("its address leads to another page")
}

/// Whether next to nothing of what an entry says stands on a page.
fn has_nothing_of(raw: &Raw, page: &Extract, at: &Url) -> bool {
    let title = page.title.as_deref().unwrap_or_default();
    let there = fold(&format!("{title} {}", page.text));
    let there: HashSet<&str> = words(&there).collect();
    let said = clean::plain(&clean::clean(raw.feed_text(), at));
    let said = fold(&format!("{} {said}", raw.entry.title.as_deref().unwrap_or_default()));
    let said = telling_words(&said);
    let shared = said.iter().filter(|word| there.contains(**word)).count();
    said.len() >= ENOUGH_WORDS && shared * 5 < said.len()
}

/// How an entry is called. Two of one name may have one page.
fn name(raw: &Raw) -> String {
    let title = fold(&clean::line(raw.entry.title.as_deref().unwrap_or_default()));
    if title.is_empty() { fold(raw.feed_text().trim()).chars().take(LONGEST_NAME).collect() } else { title }
}

/// Whether a page has the title of its entry, or most of it.
fn is_titled(raw: &Raw) -> bool {
    let read = raw.page.as_deref().and_then(|(page, _)| page.title.as_deref()).map(fold).unwrap_or_default();
    let given = fold(clean::line(raw.entry.title.as_deref().unwrap_or_default()).trim_end_matches(['.', '…', ' ']));
    if read.is_empty() || given.is_empty() {
        return false;
    }
    let within = |whole: &str, part: &str| part.chars().count() >= TELLING_TITLE && whole.contains(part);
    let (of_page, of_entry) = (telling_words(&read), telling_words(&given));
    let shared = of_page.intersection(&of_entry).count();
    let begins = within(&given, &read) && read.len() * 2 >= given.len();
    read == given || within(&read, &given) || begins || shared > 1 && shared * 2 >= of_entry.len()
}

/// The words of a folded text that are long enough to tell something.
fn telling_words(folded: &str) -> HashSet<&str> {
    words(folded).filter(|word| word.chars().count() >= TELLING_WORD).collect()
}

/// Whether a page has so little text that it may be a notice.
fn is_short(raw: &Raw) -> bool {
    raw.page.as_deref().is_some_and(|(page, _)| page.text.split_whitespace().nth(FEW_WORDS).is_none())
}
