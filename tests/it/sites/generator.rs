//! Made-up articles with their truth, from a number: the same number always gives the same article.

use super::words::Words;

/// An article as its author wrote it.
pub(super) struct Article {
    pub(super) number: usize,
    pub(super) hashtag: &'static str,
    pub(super) section: &'static str,
    pub(super) title: String,
    pub(super) standfirst: String,
    pub(super) paragraphs: Vec<String>,
    pub(super) caption: String,
    pub(super) note: String,
    pub(super) author: &'static str,
    /// The day in ISO form, and as it is written in the language.
    pub(super) day: String,
    pub(super) written_day: String,
}

/// Numbers that look random and are not.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

fn clause(words: &Words, dice: &mut Dice) -> String {
    let (s, v, o, w) = (
        words.subjects[dice.roll(10)],
        words.verbs[dice.roll(10)],
        words.objects[dice.roll(10)],
        words.whens[dice.roll(8)],
    );
    match words.lang {
        "ja" => format!("{s}は{w}{o}{v}"),
        "ar" => format!("{v} {s} {o} {w}"),
        _ => format!("{s} {v} {o} {w}"),
    }
}

/// A sentence; a tenth are questions, a fifth quotations.
fn sentence(words: &Words, dice: &mut Dice) -> String {
    let clause = clause(words, dice);
    let (open, close) = words.quotes;
    let name = words.names[dice.roll(6)];
    let kind = dice.roll(10);
    match (words.lang, kind) {
        ("ja", 0 | 1) => format!("{open}{clause}{close}{}{name}さんだ。", words.says),
        ("ja", 2) => format!("{clause}のだろうか。"),
        ("ja", _) => format!("{clause}。"),
        (_, 0 | 1) => format!("{open}{clause}{close}, {} {name}.", words.says),
        ("fr", 2) => {
            format!("{clause}\u{202f}? Rien n’est moins sûr\u{202f}; on compte 1\u{202f}200 dossiers à 15\u{a0}%.")
        }
        ("ar", 2) => format!("هل {clause}؟"),
        ("es", 2) => format!("¿{clause}?"),
        (_, 2) => format!("{clause}?"),
        _ => format!("{clause}."),
    }
}

impl Article {
    /// The article of a number.
    pub(super) fn new(words: &Words, number: usize) -> Self {
        let mut dice =
            Dice(0x9e37_79b9 ^ (number as u64) << 20 ^ words.lang.bytes().fold(0, |n, b| n * 31 + u64::from(b)));
        dice.roll(2);
        let between = if words.is_dense() { "" } else { " " };
        let paragraphs = (0..5 + dice.roll(4))
            .map(|_| (0..2 + dice.roll(3)).map(|_| sentence(words, &mut dice)).collect::<Vec<_>>().join(between))
            .collect();
        let (month, day) = (dice.roll(10), 1 + dice.roll(28));
        let written_day = match words.lang {
            "en" => format!("{} {day}, 2026", words.months[month]),
            "de" => format!("{day}. {} 2026", words.months[month]),
            "es" => format!("{day} de {} de 2026", words.months[month]),
            "ja" => format!("2026年{}{day}日", words.months[month]),
            _ => format!("{day} {} 2026", words.months[month]),
        };
        Self {
            number,
            hashtag: words.hashtags[dice.roll(4)],
            section: words.sections[dice.roll(4)],
            title: clause(words, &mut dice),
            standfirst: sentence(words, &mut Dice(dice.0 ^ 77)),
            paragraphs,
            caption: clause(words, &mut dice),
            note: clause(words, &mut dice),
            author: words.names[dice.roll(6)],
            day: format!("2026-{:02}-{day:02}", month + 1),
            written_day,
        }
    }

    /// A teaser of another site's page: the beginning of the article.
    pub(super) fn teaser(&self) -> &str {
        &self.paragraphs[0]
    }
}
