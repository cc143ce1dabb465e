//! What a page says of its article in JSON-LD (schema.org), also where that is broken.

use serde_json::Value;

use super::words::bare;

/// Objects that are looked at, and how deep.
const MOST_OBJECTS: usize = 2_000;
const DEEPEST: usize = 16;

/// Characters of a headline that tell an article.
const TELLING: usize = 10;

/// Types that are an article.
#[rustfmt::skip]
const ARTICLES: [&str; 17] = [
    "Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "OpinionNewsArticle", "AnalysisNewsArticle",
    "BackgroundNewsArticle", "ReviewNewsArticle", "AskPublicNewsArticle", "LiveBlogPosting", "TechArticle", "ScholarlyArticle",
    "SocialMediaPosting", "Report", "AdvertiserContentArticle", "SatiricalArticle", "MedicalWebPage",
];

/// What was said.
#[derive(Debug, Clone, Default)]
pub(super) struct Data {
    pub(super) headline: Option<String>,
    pub(super) description: Option<String>,
    pub(super) body: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) published: Option<String>,
    pub(super) updated: Option<String>,
    pub(super) image: Option<String>,
    pub(super) image_size: (Option<u32>, Option<u32>),
    pub(super) keywords: Vec<String>,
    pub(super) lang: Option<String>,
    pub(super) publisher: Option<String>,
    /// Whether it says that not all of it can be read for nothing.
    pub(super) paid: bool,
}

/// Reads the scripts of a page, whose titles are `titles`. Where one of the articles is called as the page is, those called
/// otherwise are others. The first wins; what it does not say the later ones may.
pub(super) fn read(scripts: &[String], titles: &[&str]) -> Data {
    let parsed: Vec<Value> = scripts.iter().filter_map(|s| parse(s)).collect();
    let mut objects = Vec::new();
    for value in &parsed {
        collect(value, DEEPEST, &mut objects);
    }
    let mut data = Data::default();
    let articles: Vec<&Value> = objects.iter().copied().filter(|o| is_article(o)).collect();
    let titles: Vec<String> = if articles.len() > 1 { titles.iter().map(|t| bare(t)).collect() } else { Vec::new() };
    let same = |h: &String| h.chars().count() >= TELLING && titles.iter().any(|t| t.contains(h));
    let ours = |article: &Value| text(&article["headline"]).map(|h| same(&bare(&h)));
    let told: Vec<Option<bool>> = articles.iter().map(|a| ours(a)).collect();
    let others = told.contains(&Some(true));
    for (article, _) in articles.iter().zip(&told).filter(|(_, ours)| !others || **ours != Some(false)) {
        fill(&mut data, article, &objects);
    }
    // Pages that only describe themselves: their dates are better than none.
    for object in objects.iter().filter(|o| types(o).any(|t| t == "WebPage")) {
        data.published = data.published.take().or_else(|| text(&object["datePublished"]));
        data.updated = data.updated.take().or_else(|| text(&object["dateModified"]));
    }
    if data.publisher.is_none() {
        let site = objects.iter().find(|o| types(o).any(|t| t == "WebSite" || t == "NewsMediaOrganization"));
        data.publisher = site.and_then(|o| text(&o["name"]));
    }
    data
}

/// JSON as it is written in pages: in comments, with line breaks inside strings, with commas at the end.
fn parse(script: &str) -> Option<Value> {
    let bare = script.trim().trim_start_matches("<!--").trim_start_matches("//").trim_start_matches("<![CDATA[");
    let bare = bare.trim_end_matches("-->").trim_end_matches("]]>").trim_end_matches("//").trim().trim_end_matches(';');
    if let Ok(value) = serde_json::from_str(bare) {
        return Some(value);
    }
    serde_json::from_str(&mend(bare)).ok()
}

fn mend(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let (mut quoted, mut escaped) = (false, false);
    for c in json.chars() {
        match c {
            '\n' | '\r' | '\t' if quoted => out.push(' '),
            c if c.is_control() && quoted => {}
            '"' if !escaped => {
                quoted = !quoted;
                out.push(c);
            }
            '}' | ']' if !quoted => {
                let kept = out.trim_end().len();
                if out[..kept].ends_with(',') {
                    out.truncate(kept - 1);
                }
                out.push(c);
            }
            c => out.push(c),
        }
        escaped = quoted && c == '\\' && !escaped;
    }
    out
}

fn collect<'v>(value: &'v Value, depth: usize, found: &mut Vec<&'v Value>) {
    if depth == 0 || found.len() >= MOST_OBJECTS {
        return;
    }
    match value {
        Value::Array(all) => all.iter().for_each(|v| collect(v, depth - 1, found)),
        Value::Object(fields) => {
            found.push(value);
            // Comments and lists of other articles are no part of this one.
            for (name, inner) in fields {
                if !matches!(&**name, "comment" | "itemListElement" | "hasPart" | "citation" | "mentions" | "review") {
                    collect(inner, depth - 1, found);
                }
            }
        }
        _ => {}
    }
}

fn types(object: &Value) -> impl Iterator<Item = &str> {
    let named = match &object["@type"] {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one.as_str()],
        _ => Vec::new(),
    };
    named.into_iter().map(|t| t.rsplit(['/', ':']).next().unwrap_or(t))
}

fn is_article(object: &Value) -> bool {
    types(object).any(|t| ARTICLES.contains(&t))
}

fn fill(data: &mut Data, article: &Value, all: &[&Value]) {
    let take = |name: &str| text(&article[name]);
    data.headline = data.headline.take().or_else(|| take("headline")).or_else(|| take("name"));
    data.description = data.description.take().or_else(|| take("description"));
    data.body = data.body.take().or_else(|| take("articleBody"));
    data.published = data.published.take().or_else(|| take("datePublished")).or_else(|| take("dateCreated"));
    data.updated = data.updated.take().or_else(|| take("dateModified"));
    data.lang = data.lang.take().or_else(|| take("inLanguage"));
    data.publisher = data.publisher.take().or_else(|| names(&article["publisher"], all).into_iter().next());
    if data.authors.is_empty() {
        data.authors = names(&article["author"], all);
    }
    if data.image.is_none() {
        image(data, &article["image"], all);
    }
    if data.keywords.is_empty() {
        data.keywords = match &article["keywords"] {
            Value::Array(words) => words.iter().filter_map(|w| text(w).or_else(|| text(&w["name"]))).collect(),
            Value::String(words) => {
                words.split([',', ';']).map(|w| w.trim().to_owned()).filter(|w| !w.is_empty()).collect()
            }
            _ => Vec::new(),
        };
    }
    data.paid |= matches!(&article["isAccessibleForFree"], Value::Bool(false))
        || article["isAccessibleForFree"].as_str().is_some_and(|s| s.eq_ignore_ascii_case("false"));
}

fn image(data: &mut Data, value: &Value, all: &[&Value]) {
    let value = match value {
        Value::Array(many) => many.first().unwrap_or(&Value::Null),
        one => one,
    };
    let value = referred(value, all);
    data.image = text(value).or_else(|| text(&value["url"])).or_else(|| text(&value["contentUrl"]));
    let number = |v: &Value| v.as_u64().or_else(|| v.as_str()?.trim_end_matches("px").trim().parse().ok());
    let size =
        |name: &str| number(&value[name]).or_else(|| number(&value[name]["value"])).and_then(|n| u32::try_from(n).ok());
    data.image_size = (size("width"), size("height"));
}

/// The object that `{"@id": …}` stands for.
fn referred<'v>(value: &'v Value, all: &[&'v Value]) -> &'v Value {
    let Some(id) = value["@id"].as_str() else { return value };
    if value.as_object().is_some_and(|o| o.len() > 2) {
        return value;
    }
    all.iter().copied().find(|o| o["@id"] == id && o.as_object().is_some_and(|f| f.len() > 1)).unwrap_or(value)
}

fn names(value: &Value, all: &[&Value]) -> Vec<String> {
    match value {
        Value::Array(many) => many.iter().take(20).flat_map(|v| names(v, all)).collect(),
        Value::String(name) => vec![name.trim().to_owned()],
        Value::Object(_) => match &referred(value, all)["name"] {
            Value::Array(many) => many.iter().filter_map(text).collect(),
            one => text(one).into_iter().collect(),
        },
        _ => Vec::new(),
    }
}

fn text(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(script: &str) -> Data {
        read(&[script.to_owned()], &[])
    }

    #[test]
    fn graphs_and_references_are_followed() {
        let data = of(r##"{"@context":"x","@graph":[
            {"@type":"WebPage","datePublished":"2020-01-01"},
            {"@type":["NewsArticle"],"headline":"Titre","author":{"@id":"#a"},"datePublished":"2026-02-03T04:05:06+01:00",
             "keywords":"un, deux","image":{"@id":"#i"},"isAccessibleForFree":"False"},
            {"@type":"Person","@id":"#a","name":"Ada Lovelace"},
            {"@type":"ImageObject","@id":"#i","url":"https://x.example/i.jpg","width":1200,"height":{"value":"800"}}]}"##);
        assert_eq!(data.headline.as_deref(), Some("Titre"));
        assert_eq!(data.authors, ["Ada Lovelace"]);
        assert_eq!(data.published.as_deref(), Some("2026-02-03T04:05:06+01:00"));
        assert_eq!(data.keywords, ["un", "deux"]);
        assert_eq!(
            (data.image.as_deref(), data.image_size),
            (Some("https://x.example/i.jpg"), (Some(1200), Some(800)))
        );
        assert!(data.paid);
    }

    #[test]
    fn broken_json_is_mended() {
        let data = of(
            "<!-- {\"@type\":\"BlogPosting\",\"headline\":\"Un\ntitre \\\"cité\\\"\",\"author\":[{\"name\":\"A\"},{\"name\":\"B\"},],} -->",
        );
        assert_eq!(data.headline.as_deref(), Some("Un titre \"cité\""));
        assert_eq!(data.authors, ["A", "B"]);
        assert!(of("{\"@type\":").headline.is_none());
        assert!(of(&"[".repeat(100_000)).headline.is_none());
    }

    #[test]
    fn lists_of_other_articles_are_not_this_one() {
        let data = of(r#"{"@type":"ItemList","itemListElement":[{"@type":"Article","headline":"Autre"}]}"#);
        assert!(data.headline.is_none());
    }
}
