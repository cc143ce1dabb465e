//! What a clean body may hold, written down apart from the sanitiser's own list: that one is too wide when this one says so.
//! The fuzz targets read this file too.

use scraper::{ElementRef, Html, Node};
use url::Url;

/// Elements, each with its attributes beside `dir` and `lang`.
#[rustfmt::skip]
const ELEMENTS: [(&str, &str); 68] = [
    ("a", "href title"), ("abbr", "title"), ("audio", "controls src"), ("b", ""), ("bdi", ""), ("bdo", ""),
    ("blockquote", "cite"), ("br", ""), ("caption", ""), ("center", ""), ("cite", ""), ("code", ""), ("col", "span"),
    ("colgroup", "span"), ("data", "value"), ("dd", ""), ("del", "datetime"), ("details", "open"), ("dfn", "title"),
    ("div", ""), ("dl", ""), ("dt", ""), ("em", ""), ("figcaption", ""), ("figure", ""), ("h1", ""), ("h2", ""), ("h3", ""),
    ("h4", ""), ("h5", ""), ("h6", ""), ("hr", ""), ("i", ""), ("img", "alt height src title width"), ("ins", "datetime"),
    ("kbd", ""), ("li", "value"), ("mark", ""), ("ol", "reversed start"), ("p", ""), ("pre", ""), ("q", "cite"), ("rp", ""),
    ("rt", ""), ("ruby", ""), ("s", ""), ("samp", ""), ("section", ""), ("small", ""), ("source", "src type"), ("span", ""),
    ("strong", ""), ("sub", ""), ("summary", ""), ("sup", ""), ("table", ""), ("tbody", ""), ("td", "colspan rowspan"),
    ("tfoot", ""), ("th", "colspan rowspan scope"), ("thead", ""), ("time", "datetime"), ("tr", ""), ("u", ""), ("ul", ""),
    ("var", ""), ("video", "controls height poster src width"), ("wbr", ""),
];

/// Attributes that hold an address.
const ADDRESSES: [&str; 5] = ["href", "src", "poster", "cite", "action"];

/// Elements and classes that we put around a body in a feed.
const OURS: [(&str, &str); 4] = [("aside", "recommended"), ("p", "standfirst"), ("span", "dash"), ("span", "where")];

/// Whether nothing but what is listed is in a body.
///
/// # Errors
/// The first thing that does not belong there.
pub(crate) fn body(html: &str) -> Result<(), String> {
    fragment(html, false)
}

/// Whether nothing but what is listed is in a body with what we put around it.
///
/// # Errors
/// The first thing that does not belong there.
pub(crate) fn fed(html: &str) -> Result<(), String> {
    fragment(html, true)
}

fn fragment(html: &str, ours: bool) -> Result<(), String> {
    legal(html)?;
    // As a feed reader puts it into its page, and as a browser reads it alone.
    for tree in [Html::parse_fragment(html), Html::parse_document(&format!("<!doctype html><body>{html}"))] {
        for node in tree.tree.nodes() {
            match node.value() {
                Node::Element(_) => {
                    let Some(element) = ElementRef::wrap(node) else { continue };
                    if !matches!(element.value().name(), "html" | "head" | "body") {
                        of_list(element, ours).map_err(|e| format!("{e} in {html}"))?;
                    } else if element.value().attrs().next().is_some() {
                        return Err(format!("an attribute on {} in {html}", element.value().name()));
                    }
                }
                Node::Comment(_) | Node::ProcessingInstruction(_) => return Err(format!("a comment in {html}")),
                _ => {}
            }
        }
    }
    Ok(())
}

/// Whether a text holds no sign that XML cannot carry or that nobody sees.
///
/// # Errors
/// The first such sign.
pub(crate) fn legal(text: &str) -> Result<(), String> {
    let illegal = |c: &char| (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}');
    text.chars().find(illegal).map_or(Ok(()), |c| Err(format!("{c:?} in {text}")))
}

fn of_list(element: ElementRef<'_>, ours: bool) -> Result<(), String> {
    let name = element.value().name();
    let known = ELEMENTS.iter().find(|(n, _)| *n == name).map(|(_, own)| *own);
    let Some(own) = known.or((ours && name == "aside").then_some("")) else { return Err(format!("<{name}>")) };
    for (attribute, value) in element.value().attrs() {
        let class = ours && attribute == "class" && OURS.contains(&(name, value));
        if !class && !own.split(' ').any(|o| o == attribute) && !matches!(attribute, "dir" | "lang") {
            return Err(format!("<{name} {attribute}>"));
        }
        if ADDRESSES.contains(&attribute) {
            address(value, name == "a").map_err(|e| format!("<{name} {attribute}={e}>"))?;
        }
    }
    Ok(())
}

/// Elements of our pages beside those of a body.
const FURNITURE: [&str; 16] = [
    "html", "head", "meta", "title", "link", "body", "header", "nav", "main", "footer", "article", "aside", "bdi",
    "form", "input", "button",
];

/// Attributes of our pages beside those of a body.
#[rustfmt::skip]
const FITTINGS: [&str; 19] = [
    "action", "aria-label", "aria-labelledby", "charset", "class", "content", "data-label", "href", "id", "maxlength", "method", "name",
    "preload", "property", "rel", "role", "title", "type", "value",
];

/// Whether a page of ours holds nothing that runs, loads or leads where it should not.
///
/// # Errors
/// The first thing that does not belong there.
pub(crate) fn page(html: &str) -> Result<(), String> {
    legal(html)?;
    let tree = Html::parse_document(html);
    for node in tree.tree.nodes() {
        if matches!(node.value(), Node::Comment(_) | Node::ProcessingInstruction(_)) {
            return Err("a comment".to_owned());
        }
        let Some(element) = ElementRef::wrap(node) else { continue };
        let name = element.value().name();
        let known = ELEMENTS.iter().find(|(n, _)| *n == name).map(|(_, own)| *own);
        let Some(own) = known.or(FURNITURE.contains(&name).then_some("")) else { return Err(format!("<{name}>")) };
        for (attribute, value) in element.value().attrs() {
            let listed = own.split(' ').any(|o| o == attribute) || matches!(attribute, "dir" | "lang");
            if !listed && !FITTINGS.contains(&attribute) {
                return Err(format!("<{name} {attribute}={value}>"));
            }
            let shared = matches!(element.value().attr("property"), Some("og:image" | "og:url"));
            if shared && attribute == "content" {
                address(value, false)?;
            }
            let inner = value.starts_with('/') && !value.starts_with("//") || value == "#text";
            let icon = name == "link" && element.value().attr("rel") == Some("icon");
            if ADDRESSES.contains(&attribute) && !inner && !icon {
                address(value, name == "a").map_err(|e| format!("<{name} {attribute}={e}>"))?;
            }
        }
    }
    Ok(())
}

/// Whether an address is absolute, and of a scheme that may be followed.
///
/// # Errors
/// The address, where it is not.
pub(crate) fn address(written: &str, mail: bool) -> Result<(), String> {
    let scheme = Url::parse(written).map(|u| u.scheme().to_owned()).unwrap_or_default();
    match &*scheme {
        "http" | "https" => Ok(()),
        "mailto" if mail => Ok(()),
        _ => Err(written.to_owned()),
    }
}

/// Whether a title or a name is text: read as HTML by a careless reader it holds no attribute
/// with a value.
///
/// # Errors
/// The first element that has one.
pub(crate) fn line(text: &str) -> Result<(), String> {
    let tree = Html::parse_fragment(text);
    let mut elements = tree.root_element().descendants().skip(1).filter_map(ElementRef::wrap);
    match elements.find(|e| e.value().attrs().any(|(_, value)| !value.is_empty())) {
        Some(found) => Err(format!("{} in {text}", found.html())),
        None => Ok(()),
    }
}

/// Whether a text that many read as HTML is text even so.
///
/// # Errors
/// The first element in it.
pub(crate) fn text(written: &str) -> Result<(), String> {
    legal(written)?;
    let tree = Html::parse_fragment(written);
    let found = tree.root_element().descendants().skip(1).find_map(ElementRef::wrap);
    found.map_or(Ok(()), |e| Err(format!("{} in {written}", e.html())))
}
