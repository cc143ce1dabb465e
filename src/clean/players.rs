//! Players in frames, which no feed reader shows, as links to what they play.

use super::line::{entities, line};
use crate::text::markup::{Markup, attributes};
use crate::text::played;

/// Bytes of a player's title; what is longer is none.
const LONGEST_TITLE: usize = 300;

/// A link in place of an element that is a player; `None` for others. The element itself stays, for the sanitiser to take with
/// its content.
pub(super) fn player(html: &str, tag: &Markup<'_>) -> Option<String> {
    let all = attributes(html, tag);
    let get = |wanted: &str| all.iter().find(|(n, _)| n.eq_ignore_ascii_case(wanted)).map(|(_, v)| entities(v));
    let shown = played(&tag.name.to_ascii_lowercase(), get)?;
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let said = get("title").map(|title| line(&title)).filter(|title| says_what(title)).unwrap_or_else(|| shown.clone());
    Some(format!("<p><a href=\"{}\">{}</a></p>{}", escaped(&shown), escaped(&said), &html[tag.start..tag.end]))
}

/// Whether the title of a player tells what it plays, and not that it is one.
fn says_what(title: &str) -> bool {
    let lower = title.to_lowercase();
    let general = ["player", "lecteur", "iframe", "embed"].iter().any(|word| lower.contains(word));
    title.contains(char::is_whitespace) && title.len() <= LONGEST_TITLE && !general && lower != "youtube video"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::markup::next_markup;

    #[test]
    fn players_become_links_and_other_frames_do_not() {
        for (written, link) in [
            ("<iframe src='https://www.youtube.com/embed/abc?rel=0'>", Some("https://www.youtube.com/watch?v=abc")),
            (
                "<IFRAME src='https://www.youtube.com/embed/abc?rel=0&amp;start=30'>",
                Some("https://www.youtube.com/watch?v=abc&t=30s"),
            ),
            ("<iframe data-src=//www.youtube-nocookie.com/embed/a-b_c>", Some("https://www.youtube.com/watch?v=a-b_c")),
            (
                "<iframe src='https://www.youtube.com/embed/videoseries?list=x'>",
                Some("https://www.youtube.com/embed/videoseries?list=x"),
            ),
            (
                "<iframe src='https://player.vimeo.com/video/1?a=1&amp;b=2'>",
                Some("https://player.vimeo.com/video/1?a=1&b=2"),
            ),
            ("<iframe src='https://tube.example/videos/embed/1-2'>", Some("https://tube.example/videos/embed/1-2")),
            ("<iframe src='/blank.html' data-src='https://vimeo.com/1'>", Some("https://vimeo.com/1")),
            ("<amp-youtube data-videoid=abc>", Some("https://www.youtube.com/watch?v=abc")),
            ("<amp-youtube data-videoid='a\"b'>", None),
            ("<amp-vimeo data-videoid=12>", Some("https://vimeo.com/12")),
            ("<lite-youtube videoid=abc>", Some("https://www.youtube.com/watch?v=abc")),
            ("<iframe src=/ad>", None),
            ("<iframe src='https://x.example/?youtube.com/'>", None),
            ("<iframe src='https://notyoutube.com/embed/x'>", None),
            ("<iframe src='javascript:alert(1)//youtube.com/'>", None),
            ("<iframe src='about:blank' data-src='https://soundcloud.com/x'>", Some("https://soundcloud.com/x")),
        ] {
            let made = player(written, &next_markup(written, 0).unwrap());
            let wanted =
                link.map(|l| l.replace('&', "&amp;")).map(|l| format!("<p><a href=\"{l}\">{l}</a></p>{written}"));
            assert_eq!(made, wanted, "{written}");
        }
    }

    #[test]
    fn a_link_says_what_is_played_where_the_player_does() {
        for (title, said) in [
            ("Le port &amp; la &lt;mer>", "Le port &amp; la &lt;mer>"),
            ("YouTube video player", "https://vimeo.com/1"),
            ("Lecteur vidéo", "https://vimeo.com/1"),
            ("", "https://vimeo.com/1"),
        ] {
            let written = format!("<iframe src='https://vimeo.com/1' title=\"{title}\">");
            let made = player(&written, &next_markup(&written, 0).unwrap()).unwrap();
            assert_eq!(made, format!("<p><a href=\"https://vimeo.com/1\">{said}</a></p>{written}"));
        }
    }
}
