//! What a revision changes of an article.

use std::borrow::Cow;

use url::Url;

use crate::model::{Article, TagOrigin};
use crate::text::{hash, url_key};

use super::labels;

/// What of an article differs from what was kept.
#[derive(Default)]
pub(super) struct Change {
    /// Body or plain text.
    pub(super) content: bool,
    /// What is shown beside the body: standfirst, names, picture, files.
    around: bool,
    /// What other stories show of it when they recommend it or credit it.
    pub(super) head: bool,
    /// Tags.
    pub(super) tags: bool,
    /// Whether readers should be told that it was updated. New tags or another picture alone are not worth that, nor are the
    /// parameters of an address: sites give each answer a number of its own.
    pub(super) is_real: bool,
}

impl Change {
    pub(super) fn between(old: &Article, new: &Article) -> Self {
        let spelt = |a: &Article| {
            let given = labels::spelt(&a.tags).into_iter();
            let mut given: Vec<_> = given.filter(|(.., origin)| *origin != TagOrigin::Learned).collect();
            given.sort();
            given
        };
        let files =
            |a: &Article| a.enclosures.iter().map(|file| without_query(&file.url).into_owned()).collect::<Vec<_>>();
        let beside = old.standfirst != new.standfirst
            || old.byline != new.byline
            || old.provenance.origin != new.provenance.origin;
        let head = old.title != new.title
            || old.url != new.url
            || old.lang != new.lang
            || old.provenance.outlet != new.provenance.outlet;
        let content = old.body != new.body || old.text != new.text;
        Self {
            content,
            around: beside || old.image != new.image || old.enclosures != new.enclosures,
            head,
            tags: spelt(old) != spelt(new),
            is_real: head || beside || files(old) != files(new) || content && !says_the_same(old, new, without_query),
        }
    }

    /// The same, where it stands at another address now than it did: that alone is nothing to tell.
    pub(super) fn is_real_at(&self, old: &Article, new: &Article) -> bool {
        self.is_real
            && (old.url == new.url || Self::between(&Article { url: new.url.clone(), ..old.clone() }, new).is_real)
    }

    pub(super) fn any(&self) -> bool {
        self.content || self.around || self.head || self.tags
    }
}

/// An article as it came again, but for what says the same in other letters: addresses under one key, and the white space
/// of a body. That stays as it is kept, so that no feed changes for it.
pub(super) fn settled(old: &Article, new: &Article) -> Article {
    let mut settled = new.clone();
    if old.url_key.is_some() && old.url_key == new.url_key {
        settled.url.clone_from(&old.url);
    }
    let is_pre = old.body.as_str().contains("<pre") || new.body.as_str().contains("<pre");
    if !is_pre && says_the_same(old, new, key_of) {
        settled.body.clone_from(&old.body);
        settled.text.clone_from(&old.text);
    }
    settled
}

/// The same under another name, where it is one that came under another than it had: what differs in its parameters alone is the
/// same address, as far as anybody knows, and may be another one each time.
pub(super) fn renamed(old: &Article, new: &Article) -> Article {
    let place = |a: &Article| a.url.as_deref().map(|url| without_query(url).into_owned());
    let url = if place(old) == place(new) { old.url.clone() } else { new.url.clone() };
    Article { url, ..new.clone() }
}

/// Hash of what readers are told of when it changes.
pub(super) fn version(article: &Article) -> u64 {
    let Article { title, url, standfirst, byline, lang, provenance, .. } = article;
    let origin = provenance.origin.as_ref().map(|origin| (&origin.name, &origin.url));
    let files: Vec<_> = article.enclosures.iter().map(|file| without_query(&file.url)).collect();
    let body = read_addresses(article.body.as_str(), without_query);
    let url = url.as_deref().map(without_query);
    let said = (title, url, standfirst, byline, lang, &provenance.outlet.name, origin, files, body, &article.text);
    hash(format!("{said:?}").as_bytes())
}

/// Whether the bodies of two articles are the same, where their addresses are read in this way.
fn says_the_same(old: &Article, new: &Article, read: fn(&str) -> Cow<'_, str>) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let body = |a: &Article| words(&read_addresses(a.body.as_str(), read)).replace("> <", "><");
    words(&old.text) == words(&new.text) && body(old) == body(new)
}

/// The markup with each address that it names read in this way.
fn read_addresses(html: &str, read: fn(&str) -> Cow<'_, str>) -> String {
    let is_address = |piece: &str| piece.starts_with("http://") || piece.starts_with("https://");
    let pieces = html.split('"').map(|piece| if is_address(piece) { read(piece) } else { Cow::Borrowed(piece) });
    pieces.collect::<Vec<_>>().join("\"")
}

/// An address without what stands behind its path.
fn without_query(address: &str) -> Cow<'_, str> {
    Cow::Borrowed(address.split(['?', '#']).next().unwrap_or(address))
}

/// The key of an address as it stands in markup.
fn key_of(address: &str) -> Cow<'_, str> {
    let url = Url::parse(&address.replace("&amp;", "&"));
    url.map_or(Cow::Borrowed(address), |url| Cow::Owned(url_key(&url)))
}

#[cfg(test)]
mod tests {
    use super::super::samples::*;
    use super::*;
    use crate::model::{CleanHtml, Image};

    fn with(body: &str, url: &str) -> Article {
        let mut article = article("a", "1");
        article.url_key = Url::parse(url).ok().map(|url| url_key(&url));
        article.url = Some(url.to_owned());
        article.body = CleanHtml::vouched(body.to_owned());
        article
    }

    /// Whether anything changes, and whether it is told.
    fn changes(old: &Article, new: &Article) -> (bool, bool) {
        let change = Change::between(old, &settled(old, new));
        (change.any(), change.is_real)
    }

    #[test]
    fn what_says_the_same_in_other_letters_changes_nothing() {
        let old = with(
            "<p>Un <a href=\"https://a.example/2?a=1\">mot</a></p>\n<p>Deux</p>",
            "https://a.example/1?utm_content=1#xtor=1",
        );
        let same = |body: &str, url: &str| changes(&old, &with(body, url)) == (false, false);
        assert!(same(old.body.as_str(), "http://a.example/1?utm_content=2"));
        assert!(same(
            "<p>Un <a href=\"https://a.example/2?a=1&amp;utm_source=x\">mot</a></p><p>Deux</p>\n",
            old.url.as_deref().unwrap()
        ));
        // A parameter may tell what is shown: it is kept, and nobody is told.
        let other = with("<p>Un <a href=\"https://a.example/2?a=2\">mot</a></p>\n<p>Deux</p>", "https://a.example/1");
        assert_eq!(changes(&old, &other), (true, false));
        assert_eq!(
            changes(
                &old,
                &with("<p>Un <a href=\"https://a.example/3?a=1\">mot</a></p>\n<p>Deux</p>", "https://a.example/1")
            ),
            (true, true)
        );
        assert_eq!(changes(&old, &with(old.body.as_str(), "https://a.example/3")), (true, true));
        let code = |code: &str| with(&format!("<pre>{code}</pre>"), "https://a.example/1");
        assert_eq!(changes(&code("a  b"), &code("a b")), (true, false));
    }

    #[test]
    fn parameters_of_pictures_and_files_and_the_order_of_tags_are_not_told() {
        let picture = |n: usize| Article {
            image: Some(Image { url: format!("https://a.example/i.jpg?t={n}"), ..Image::default() }),
            ..article("a", "1")
        };
        assert_eq!(changes(&picture(1), &picture(2)), (true, false));
        assert_eq!(changes(&picture(1), &article("a", "1")), (true, false));
        let tagged = |written: &[&str]| Article { tags: tags(written), ..article("a", "1") };
        assert_eq!(changes(&tagged(&["Gaza", "Rafah"]), &tagged(&["Rafah", "Gaza"])), (false, false));
        assert_eq!(changes(&tagged(&["Gaza"]), &tagged(&["Rafah"])), (true, false));
    }
}
