//! What a podcast says of an episode (`itunes`, `podcast`).

use super::tree::{Element, Tree};
use crate::model::Episode;

/// No recording is longer, in seconds: 10 days.
const LONGEST: u32 = 864_000;

/// Takes what an element says. The first that says something counts.
pub(super) fn take<'a>(episode: &mut Episode, tree: &Tree<'a>, element: &Element<'a>) {
    let said = || tree.text(element).map(|text| text.trim().to_owned());
    let number = || said().and_then(|text| text.parse().ok());
    match element.name.as_ref() {
        "duration" => episode.duration = episode.duration.or_else(|| said().as_deref().and_then(seconds)),
        "season" => episode.season = episode.season.or_else(number),
        "episode" => episode.number = episode.number.or_else(number),
        "episodetype" => {
            let kind = said().map(|kind| kind.to_lowercase());
            let kind = kind.filter(|kind| ["full", "trailer", "bonus"].contains(&kind.as_str()));
            episode.kind = episode.kind.take().or(kind);
        }
        "explicit" => {
            episode.explicit = episode.explicit.or_else(|| match said()?.to_lowercase().as_str() {
                "yes" | "true" | "explicit" => Some(true),
                "no" | "false" | "clean" => Some(false),
                _ => None,
            });
        }
        _ => {}
    }
}

/// `1:02:03`, `62:03` or `3723`.
pub(super) fn seconds(written: &str) -> Option<u32> {
    let mut all: u32 = 0;
    let mut parts = 0;
    for part in written.trim().split(':') {
        // Programs write parts of a second too.
        let whole = part.split(['.', ',']).next()?;
        all = all.checked_mul(60)?.checked_add(whole.trim().parse().ok()?)?;
        parts += 1;
    }
    (parts <= 3 && (1..=LONGEST).contains(&all)).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_every_form() {
        for (written, read) in [
            ("3723", Some(3723)),
            ("62:03", Some(3723)),
            ("01:02:03", Some(3723)),
            (" 0:45.5 ", Some(45)),
            ("0", None),
            ("00:00:00", None),
            ("1:2:3:4", None),
            ("99999999999", None),
            ("9999999:00", None),
            ("about an hour", None),
            ("-5", None),
            ("", None),
        ] {
            assert_eq!(seconds(written), read, "{written}");
        }
    }
}
