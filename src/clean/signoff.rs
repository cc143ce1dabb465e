//! What blogging programs put under each text of a feed: where it appeared first, and where to read on. The entry leads there
//! itself, and the outlet is named beside it. WordPress says so in fifty languages: it is told by its shape.

use url::Url;

use super::clean;
use super::plain::plain;
use crate::model::CleanHtml;
use crate::text::markup::{MarkupKind, attributes, next_markup};
use crate::text::{fold, url_key};

/// Bytes of a last line that are looked at.
const LONGEST: usize = 4_000;
/// Lines that may stand one under the other.
const MOST: usize = 3;
/// Characters of such a sentence beside the title and the name of the site.
const MOST_BESIDE: usize = 80;
/// Words before the title in it.
const MOST_BEFORE: usize = 4;
/// Words of a way to read on beside the title.
const MOST_WORDS: usize = 8;

/// Elements that stand in a line.
#[rustfmt::skip]
const INLINE: [&str; 17] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "em", "i", "mark", "q", "s", "small", "span", "strong", "u", "wbr",
];
/// Elements whose end may stand after the last line.
const AROUND: [&str; 4] = ["center", "div", "p", "section"];
/// Signs that lead on.
const ARROWS: [char; 6] = ['→', '»', '›', '⇒', '➜', '►'];

/// What a text is the text of.
pub struct Own<'a> {
    /// Its address.
    pub url: Option<&'a Url>,
    /// Its title.
    pub title: &'a str,
    /// The name of its site.
    pub site: &'a str,
}

/// A text without what is put under each, and the lines that went.
#[must_use]
pub fn signed_off(html: CleanHtml, own: &Own<'_>) -> (CleanHtml, Vec<String>) {
    let mut kept = html;
    let mut gone = Vec::new();
    while gone.len() < MOST
        && let Some((from, to)) = signoff(kept.as_str(), own)
    {
        let written = kept.as_str();
        let rest = format!("{}{}", &written[..from], &written[to..]);
        let line = plain(&CleanHtml::vouched(written[from..to].to_owned()));
        // What is all of a text is no line under it.
        let base = own.url.cloned().or_else(|| Url::parse("http://localhost/").ok());
        let Some(rest) = base.map(|base| clean(&rest, &base)).filter(|rest| !plain(rest).trim().is_empty()) else {
            break;
        };
        kept = rest;
        gone.push(line);
    }
    (kept, gone)
}

/// Where in a text its last line is, or the part of it that is put there.
fn signoff(html: &str, own: &Own<'_>) -> Option<(usize, usize)> {
    let (from, to) = last_line(html)?;
    let line = &html[from..to];
    let links = links(line)?;
    let said = plain(&CleanHtml::vouched(line.to_owned()));
    let cut = match &links[..] {
        [] => unlinked(line, own).map(|at| (at, line.len())),
        [first, second] if appeared(&said, (first, second), own) => Some((0, line.len())),
        [.., last] => reads_on(line, &said, last, own).map(|at| (at, line.len())),
    };
    cut.map(|(a, b)| (from + a, from + b))
}

/// The last line of a text: what stands in no other element than those of a line.
fn last_line(html: &str) -> Option<(usize, usize)> {
    let mut end = html.trim_end().len();
    while let Some(open) = html[..end].strip_suffix('>').and_then(|rest| rest.rfind("</")) {
        if !AROUND.contains(&&html[open + 2..end - 1]) {
            break;
        }
        end = html[..open].trim_end().len();
    }
    let mut start = html.floor_char_boundary(end.saturating_sub(LONGEST));
    let mut at = start;
    while let Some(tag) = next_markup(&html[..end], at) {
        at = tag.end;
        if !INLINE.contains(&tag.name) {
            start = tag.end;
        }
    }
    (end - start < LONGEST && start < end).then_some((start, end))
}

/// A link of a line.
struct Link {
    key: Option<String>,
    text: String,
    start: usize,
    end: usize,
}

/// The links of a line; `None` where its tags do not nest.
fn links(line: &str) -> Option<Vec<Link>> {
    let (mut links, mut open, mut at) = (Vec::new(), None, 0);
    while let Some(tag) = next_markup(line, at) {
        at = tag.end;
        match (tag.kind, tag.name) {
            (MarkupKind::Open, "a") => open = Some(tag),
            (MarkupKind::Close, "a") => {
                let begun = open.take()?;
                let all = attributes(line, &begun);
                let href = all.iter().find(|(name, _)| *name == "href").map(|(_, v)| v.replace("&amp;", "&"));
                let key = href.and_then(|href| Url::parse(&href).ok()).map(|url| url_key(&url));
                let text = plain(&CleanHtml::vouched(line[begun.end..tag.start].to_owned()));
                links.push(Link { key, text, start: begun.start, end: tag.end });
            }
            _ => {}
        }
    }
    open.is_none().then_some(links)
}

impl Own<'_> {
    fn key(&self) -> Option<String> {
        self.url.map(url_key)
    }

    /// Whether a link leads to the article, or says its title.
    fn is(&self, link: &Link) -> bool {
        link.key.is_some() && link.key == self.key() || is_same(&link.text, self.title)
    }

    /// Whether a link leads to the site of the article, or says its name.
    fn is_home(&self, link: &Link) -> bool {
        let home = link.key.as_deref().map(|key| key.trim_end_matches('/')).filter(|key| !key.contains('?'));
        let below = home.zip(self.key()).is_some_and(|(home, own)| {
            own.strip_prefix(home).is_some_and(|r| r.len() > 1 && r.starts_with(['/', '?']))
        });
        below || is_same(&link.text, self.site)
    }
}

/// Whether a line says where the article appeared first: a short sentence with a link to it and one to its site.
fn appeared(said: &str, (first, second): (&Link, &Link), own: &Own<'_>) -> bool {
    let links = first.text.chars().count() + second.text.chars().count();
    let beside = said.chars().count().saturating_sub(links);
    let leads = own.is(first) && own.is_home(second) || own.is(second) && own.is_home(first);
    leads && (3..=MOST_BESIDE).contains(&beside)
}

/// Where the way to read on begins in a line that ends in a link: the link is all of it, or looks like one.
fn reads_on(line: &str, said: &str, last: &Link, own: &Own<'_>) -> Option<usize> {
    let mut after = line[last.end..].to_owned();
    while let Some(tag) = next_markup(&after, 0) {
        after.replace_range(tag.start..tag.end, "");
    }
    let own_link = last.key.is_some() && last.key == own.key();
    let words = fold(&last.text).replace(&fold(own.title), " ").split_whitespace().count();
    if after.chars().any(char::is_alphanumeric) || words > MOST_WORDS || last.text.is_empty() {
        return None;
    }
    if own_link && said.trim() == last.text.trim() {
        return Some(0);
    }
    let arrow = last.text.trim_end().ends_with(ARROWS) || after.contains(ARROWS);
    let titled = !own.title.is_empty() && last.text.contains(own.title) && words > 0;
    let doubled = is_doubled(last.text.trim_end_matches(|c: char| !c.is_alphanumeric()));
    (own_link && (arrow || titled || doubled) || arrow && doubled).then_some(last.start)
}

/// Where either begins in a line that has lost its links.
fn unlinked(line: &str, own: &Own<'_>) -> Option<usize> {
    let written = |text: &str| text.trim().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (title, site) = (written(own.title), written(own.site));
    if title.split_whitespace().count() >= 2
        && !site.is_empty()
        && let Some(at) = line.rfind(&title)
        && let Some(named) = line[at + title.len()..].find(&site)
    {
        let between = &line[at + title.len()..][..named];
        let rest = &line[at + title.len() + named + site.len()..];
        let start = sentence(&line[..at]);
        let before = line[start..at].split_whitespace().count();
        let beside = at - start + between.chars().count() + rest.chars().count();
        let one = !between.contains(". ") && !rest.trim_end().trim_end_matches(['.', '。']).contains(['.', '。']);
        let says = between.chars().chain(rest.chars()).filter(|c| c.is_alphabetic()).count() >= 2;
        if before <= MOST_BEFORE && beside <= MOST_BESIDE && one && says {
            return Some(start);
        }
    }
    let bare = line.trim_end().strip_suffix('→')?.trim_end();
    let start = sentence(bare);
    (start > 0 && bare[start..].replace(&title, " ").split_whitespace().count() <= MOST_WORDS).then_some(start)
}

/// Where the sentence begins in which a text ends.
fn sentence(text: &str) -> usize {
    let ends = |(i, c): (usize, char)| matches!(c, '.' | '!' | '?' | '…' | ']' | '。' | '؟').then(|| i + c.len_utf8());
    text.char_indices().rev().find_map(ends).unwrap_or(0)
}

/// Whether all words are said twice, for those who see them and for those who hear them.
fn is_doubled(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (first, second) = words.split_at(words.len() / 2);
    first == second && words.len() >= 2
}

fn is_same(a: &str, b: &str) -> bool {
    let bare = |text: &str| fold(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let a = bare(a);
    !a.is_empty() && a == bare(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(html: &str) -> (String, Vec<String>) {
        let url = Url::parse("https://www.port.example/blog/2026/quai/").unwrap();
        let own = Own { url: Some(&url), title: "Le quai & la grue", site: "Le Phare" };
        let (kept, gone) = signed_off(clean(html, &url), &own);
        (kept.to_string(), gone)
    }

    #[test]
    fn where_it_appeared_first_goes_in_any_language() {
        let (own, home) = (
            "<a href='/blog/2026/quai/?utm_source=rss'>Le quai &#038; la grue</a>",
            "<a href='https://port.example/blog'>Le Phare</a>",
        );
        for line in [
            format!("<p>The post {own} appeared first on {home}.</p>"),
            format!("<p>L’article {own} est apparu en premier sur {home}.</p>\n"),
            format!("<p>投稿 {own} は {home} に最初に表示されました。</p>"),
            format!("<p>{home} sitesinde ilk önce {own} yazısı çıktı.</p>"),
            format!("<p>ظهرت المقالة {own} أولاً على {home}.</p>"),
            format!("<p><em>The post {own} appeared first on {home}.</em></p></div>"),
            "<p>The post <a href=x>Le quai & la grue</a> appeared first on <a href=y>Le Phare</a>.</p>".to_owned(),
        ] {
            let (kept, gone) = cut(&format!("<div><p>Le texte.</p>{line}"));
            assert_eq!(kept.replace("<div>", "").replace("</div>", "").trim(), "<p>Le texte.</p>", "{line}");
            assert!(gone.len() == 1 && gone[0].contains("Le quai & la grue"), "{gone:?}");
        }
        let plain = "Le texte […] The post Le quai &amp; la grue appeared first on Le Phare.";
        assert_eq!(cut(plain).0, "Le texte […]");
        assert_eq!(cut(&format!("<p>{plain}</p>")).0, "<p>Le texte […]</p>");
    }

    #[test]
    fn ways_to_read_on_go() {
        for line in [
            "<p><a href='/blog/2026/quai/#more-3'>Lire la suite</a></p>",
            "<p><a href='/blog/2026/quai/'>Continue reading <span>Le quai & la grue</span> <span>→</span></a></p>",
            "<br><a href='/blog/2026/quai/'>Weiterlesen</a>",
        ] {
            assert_eq!(cut(&format!("<p>Le texte.</p>{line}")).0.replace("<br>", ""), "<p>Le texte.</p>", "{line}");
        }
        for end in [
            "<a href='/blog/2026/quai/'>Continue reading →</a>",
            "<a href='/blog/2026/quai/'>Continue reading</a> →",
            "<a href='/z'>Continue reading <span>Continue reading</span> <span>&rarr;</span></a>",
            "Continue reading Continue reading →",
            "Lire la suite de Le quai &amp; la grue →",
        ] {
            assert_eq!(cut(&format!("<p>Le texte. {end}</p>")).0.replace(" </p>", "</p>"), "<p>Le texte.</p>", "{end}");
        }
    }

    #[test]
    fn what_is_told_stays() {
        for html in [
            "<p>Un texte.</p><p>Voir <a href=\"https://www.port.example/blog/1\">le quai</a> et <a href=\"https://b.example/\">la grue</a>.</p>",
            "<p>Un texte.</p><p><a href=\"https://b.example/\">Le rapport</a></p>",
            "<p>Un texte, <a href=\"https://b.example/\">le rapport entier →</a></p>",
            "<p>Un texte, comme je l’ai dit <a href=\"https://www.port.example/blog/2026/quai/\">ici</a>.</p>",
            "<p>Un texte.</p><p><a href=\"https://www.port.example/blog/2026/quai/\"><img src=\"https://b.example/i.jpg\" alt=\"\"></a></p>",
            "<p><a href=\"https://www.port.example/blog/2026/quai/\">Lire la suite</a></p>",
            "<p>Un texte. Il parle du quai, dit Le Phare.</p>",
            "<p>Un texte. De Brest → Nantes</p>",
            "<p>Un texte. Le quai &amp; la grue</p>",
            "<p>Un texte.</p><ul><li>un</li></ul>",
            "",
        ] {
            assert_eq!(cut(html), (html.to_owned(), vec![]));
        }
    }
}
