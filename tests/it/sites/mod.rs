//! Made-up sites with their truth: themes, languages, and several pages of each. They prove what extraction does and guard
//! it; how good it is on pages that others made, they do not tell.

mod families;
mod generator;
mod words;

use chrono::{TimeZone, Utc};
use feedloom::extract::{Extract, ExtractError, Page, Recipe, Template, extract_together};
use url::Url;

use families::{FAMILIES, Truth};
use generator::Article;
use words::{LANGUAGES, Words};

/// Pages of a site.
const PAGES: usize = 10;
/// Recommendations under each.
const OTHERS: usize = 4;

/// Reads pages; a second site never helps the first.
fn read(pages: &[String], template: &mut Template) -> Vec<Result<Extract, ExtractError>> {
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap();
    let urls: Vec<Url> =
        (0..pages.len()).map(|n| Url::parse(&format!("https://quai.example/a/{n}")).unwrap()).collect();
    let pages: Vec<Page<'_>> = pages
        .iter()
        .zip(&urls)
        .map(|(html, url)| Page {
            html,
            url,
            lang: None,
            tz: chrono_tz::Europe::Paris,
            now,
            entry: None,
            site_name: None,
        })
        .collect();
    extract_together(&pages, &Recipe::default(), template)
}

/// The articles of a site. Each recommends a few of the others.
fn site(words: &Words) -> Vec<(Article, Vec<Article>)> {
    let others = |n: usize| (1..=OTHERS).map(|k| Article::new(words, (n + k * 3) % (PAGES + 7))).collect();
    (0..PAGES).map(|n| (Article::new(words, n), others(n))).collect()
}

/// What is wrong with an answer.
fn faults(words: &Words, article: &Article, truth: &Truth, found: &Result<Extract, ExtractError>) -> Vec<String> {
    let found = match found {
        Ok(found) => found,
        Err(error) => return vec![format!("refused: {error}")],
    };
    let mut faults = Vec::new();
    let mut same = |what: &str, got: &str, wanted: &str| {
        if got != wanted {
            faults.push(format!("{what}\n     got {got:?}\n  wanted {wanted:?}"));
        }
    };
    same("title", found.title.as_deref().unwrap_or_default(), &article.title);
    let standfirst = found.standfirst.as_deref().unwrap_or_default();
    same("standfirst", standfirst, if truth.says_standfirst { &article.standfirst } else { "" });
    let (got, wanted): (Vec<_>, Vec<_>) =
        (found.text.lines().collect(), truth.lines.iter().map(String::as_str).collect());
    if got != wanted {
        let extra: Vec<_> = got.iter().filter(|l| !wanted.contains(l)).collect();
        let lost: Vec<_> = wanted.iter().filter(|l| !got.contains(l)).collect();
        faults.push(format!("text\n   extra {extra:?}\n    lost {lost:?}"));
    }
    let mut same = |what: &str, got: String, wanted: &str| {
        if got != wanted {
            faults.push(format!("{what}: got {got:?}, wanted {wanted:?}"));
        }
    };
    if truth.says_day {
        same("day", found.published.map(|d| d.date_naive().to_string()).unwrap_or_default(), &article.day);
    }
    if truth.says_author {
        same("author", found.byline.join(", "), article.author);
    }
    if truth.says_hashtag {
        same("hashtags", found.hashtags.join(" "), article.hashtag);
    }
    same("language", found.lang.as_ref().map(ToString::to_string).unwrap_or_default(), words.lang);
    for leak in
        [words.recommended, words.odd_label, words.rights, words.pleas[0], words.pleas[1], words.newsletter, "logo.png"]
    {
        same("markup leaks", if found.body_html.contains(leak) { leak.to_owned() } else { String::new() }, "");
    }
    faults
}

#[test]
fn the_pages_of_made_up_sites_are_read_exactly() {
    let mut wrong = Vec::new();
    for words in &LANGUAGES {
        let articles = site(words);
        for (name, family) in FAMILIES {
            let (pages, truths): (Vec<String>, Vec<Truth>) =
                articles.iter().map(|(article, others)| family(words, article, others)).unzip();
            let mut answers = vec![("together", read(&pages, &mut Template::default()))];
            // One alphabet, one that runs from right to left, one without spaces: the others are read as the first is.
            if truths[0].alone && ["fr", "ar", "ja"].contains(&words.lang) {
                let alone =
                    pages.iter().flat_map(|p| read(std::slice::from_ref(p), &mut Template::default())).collect();
                answers.push(("alone", alone));
            }
            for (how, found) in answers {
                for (((article, _), truth), found) in articles.iter().zip(&truths).zip(&found) {
                    for fault in faults(words, article, truth, found) {
                        wrong.push(format!("{} {name}, {how}, page {}: {fault}", words.lang, article.number));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn an_article_that_was_fetched_twice_does_not_wipe_itself_out() {
    let words = &LANGUAGES[0];
    let articles = site(words);
    let (article, others) = &articles[0];
    let (html, truth) = FAMILIES[1].1(words, article, others);
    // At another address, under another headline, with a paragraph more.
    let again = html.replace("<title>", "<title>Mis à jour : ").replace("</div></div>", "<p>Un ajout.</p></div></div>");
    for twins in [vec![html.clone(), html.clone()], vec![again, html.clone()]] {
        let found = read(&twins, &mut Template::default());
        assert_eq!(faults(words, article, &truth, &found[1]), Vec::<String>::new());
    }
}

#[test]
fn what_came_before_may_be_told_again() {
    let words = &LANGUAGES[0];
    let (before, after) = (Article::new(words, 1), Article::new(words, 2));
    let html = |a: &Article, told: &[String]| {
        let text: String = told.iter().map(|p| format!("<p>{p}</p>")).collect();
        format!("<title>{}</title><h1>{}</h1>{text}", a.title, a.title)
    };
    let told_again = [&after.paragraphs[..3], &before.paragraphs[2..4]].concat();
    let found = read(&[html(&before, &before.paragraphs), html(&after, &told_again)], &mut Template::default());
    assert_eq!(found[0].as_ref().unwrap().text.lines().collect::<Vec<_>>(), before.paragraphs);
    assert_eq!(found[1].as_ref().unwrap().text.lines().collect::<Vec<_>>(), told_again);
}

#[test]
fn what_one_page_shares_is_known_from_pages_read_before() {
    let words = &LANGUAGES[0];
    let articles = site(words);
    let (name, hashed) = FAMILIES[3];
    assert_eq!(name, "hashed classes and pleas");
    let pages: Vec<String> = articles.iter().map(|(article, others)| hashed(words, article, others).0).collect();
    let mut template = Template::default();
    let _ = read(&pages[..9], &mut template);
    let (article, others) = &articles[9];
    // The pages have one address each in a reading: another site is no help.
    let found = read(&pages[9..], &mut Template::default());
    assert!(found[0].as_ref().unwrap().text.contains(words.pleas[0]));
    let url = Url::parse("https://quai.example/a/new").unwrap();
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap();
    let one = |url| Page { html: &pages[9], url, lang: None, tz: chrono_tz::UTC, now, entry: None, site_name: None };
    let found = extract_together(&[one(&url)], &Recipe::default(), &mut template.clone());
    assert_eq!(faults(words, article, &hashed(words, article, others).1, &found[0]), Vec::<String>::new());
    let elsewhere = Url::parse("https://other.example/a/new").unwrap();
    let found = extract_together(&[one(&elsewhere)], &Recipe::default(), &mut template);
    assert!(found[0].as_ref().unwrap().text.contains(words.pleas[0]));
}

#[test]
fn what_is_paid_for_is_refused_and_never_an_article() {
    for words in &LANGUAGES {
        let article = Article::new(words, 3);
        let data = r#"<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false}</script>"#;
        let html = format!(
            "<html lang={}><head><title>{} | {}</title>{data}</head><body><article><h1>{}</h1><p>{}</p><p>{}</p><div class=wall>{}</div></article></body></html>",
            words.lang, article.title, words.site, article.title, article.standfirst, article.paragraphs[0], words.paid
        );
        let found = read(&[html], &mut Template::default());
        assert!(matches!(found[0], Err(ExtractError::Paywall { .. })), "{}: {:?}", words.lang, found[0]);
    }
}

#[test]
fn large_pages_explain_each_other_too() {
    let words = &LANGUAGES[0];
    let articles = site(words);
    let (_, hashed) = FAMILIES[3];
    let (pages, truths): (Vec<String>, Vec<Truth>) =
        articles.iter().map(|(article, others)| hashed(words, article, others)).unzip();
    // A quarter of a megabyte that nobody reads stands in each.
    let ballast = format!("<p hidden title='{}'></p></body>", "x".repeat(256 << 10));
    let large: Vec<String> = pages.iter().map(|p| p.replace("</body>", &ballast)).collect();
    for (((article, _), truth), found) in articles.iter().zip(&truths).zip(read(&large, &mut Template::default())) {
        assert_eq!(faults(words, article, truth, &found), Vec::<String>::new());
    }
}

/// Bytes of a page that are read; tags that may be open at one place.
const MOST_BYTES: usize = 5 << 20;

#[test]
fn pages_beyond_all_measure_are_cut_and_read() {
    let words = &LANGUAGES[0];
    let article = Article::new(words, 1);
    let text: String = article.paragraphs.iter().map(|p| format!("<p>{p}</p>")).collect();
    let nested = format!("<title>{}</title>{}{text}", article.title, "<div>".repeat(100_000));
    let found = read(&[nested], &mut Template::default());
    // Beyond the cap the words stay; where their paragraphs ended is lost with the tags.
    let words_of = |text: &str| text.split_whitespace().collect::<String>();
    assert_eq!(words_of(&found[0].as_ref().unwrap().text), words_of(&article.paragraphs.concat()));
    let paragraph = format!("<p>{}</p>", article.paragraphs[0]);
    let long = format!("<title>{}</title><article>{}", article.title, paragraph.repeat((8 << 20) / paragraph.len()));
    let found = read(&[long], &mut Template::default());
    let read = found[0].as_ref().unwrap().body_html.len();
    assert!((MOST_BYTES - (1 << 20)..=MOST_BYTES).contains(&read), "{read}");
}
