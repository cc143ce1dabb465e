//! The tags of an article, out of the article itself: as it comes, and again whenever the file has changed.

use chrono::{DateTime, Utc};

use super::{Settings, Tagging, hashtags, tags_of};
use crate::model::{Article, Lang, Tag, TagOrigin, Tagged};
use crate::query::{Fields, Subject};
use crate::text;
use crate::text::markup::{MarkupKind, next_markup};

/// The tags that an article gets by its source, its words, and what it came with. Those that it has already are not looked
/// at, but for the learnt ones, which are kept at the end where they still may be.
#[must_use]
pub fn of_article(article: &Article, settings: &Settings) -> Vec<Tagged> {
    of_subject(article, subject(article, &[], article.first_seen), settings)
}

/// The same of an article that was made ready to be asked, under no tags and at the time at which it was first seen.
#[must_use]
pub fn of_subject(article: &Article, subject: Subject, settings: &Settings) -> Vec<Tagged> {
    let mut found: Vec<Tag> = article.given.hashtags.iter().filter_map(|h| text::tag(h)).collect();
    let read = [article.title.as_str(), article.standfirst.as_deref().unwrap_or_default(), &article.text];
    found.extend(read.iter().flat_map(|t| hashtags(t)));
    // `#include`: what is written for a program is none, as often as it is.
    for written in in_code(article.body.as_str()) {
        if let Some(at) = found.iter().rposition(|tag| *tag == written) {
            found.remove(at);
        }
    }
    let tagging = Tagging {
        source: settings.sources.get(&article.source).map(Vec::as_slice).unwrap_or_default(),
        subject,
        hashtags: &found,
        categories: &article.given.categories,
        page: &article.given.keywords,
    };
    let mut tags = tags_of(tagging, settings);
    let learnt = article.tags.iter().filter(|t| t.origin == TagOrigin::Learned && settings.learn.is_some());
    // Its key too may have been made another way.
    for tag in learnt.filter_map(|t| settings.settled(&text::tag(t.tag.shown())?)) {
        if tags.iter().all(|t| t.tag != tag) {
            tags.push(Tagged { tag, origin: TagOrigin::Learned });
        }
    }
    tags
}

/// The hashtags in what a body says is written for a program, or by one.
fn in_code(body: &str) -> Vec<Tag> {
    const CODE: [&str; 4] = ["code", "kbd", "pre", "samp"];
    if !body.contains(['#', '＃', '﹟']) || !CODE.iter().any(|name| body.contains(&format!("<{name}"))) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let (mut at, mut depth, mut code) = (0, 0_usize, String::new());
    while let Some(tag) = next_markup(body, at) {
        if depth > 0 {
            code.push_str(&body[at..tag.start]);
        }
        at = tag.end;
        match tag.kind {
            MarkupKind::Open if CODE.contains(&tag.name) => depth += 1,
            MarkupKind::Close if CODE.contains(&tag.name) => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    let code = std::mem::take(&mut code);
                    let code =
                        code.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
                    found.extend(hashtags(&code));
                }
            }
            _ if tag.name == "br" && depth > 0 => code.push('\n'),
            _ => {}
        }
    }
    found
}

/// What queries see of an article that stands alone, under tags of these keys.
#[must_use]
pub fn subject(article: &Article, tags: &[String], now: DateTime<Utc>) -> Subject {
    Subject::new(Fields {
        title: &article.title,
        standfirst: article.standfirst.as_deref().unwrap_or_default(),
        body: &article.text,
        author: &article.byline.join(", "),
        tags,
        source: article.source.as_str(),
        outlet: &article.provenance.outlet.name,
        url: article.url.as_deref().unwrap_or_default(),
        lang: article.lang.as_ref().map(Lang::as_str).unwrap_or_default(),
        image: article.image.is_some(),
        date: article.date(),
        now,
        copies: 1,
        feeds: &[],
    })
}
