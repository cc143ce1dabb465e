//! What tags cost an article: hashtags in its text, and rules by the thousand.

use feedloom::model::Tag;
use feedloom::query::{Fields, Query, Subject};
use feedloom::tag::{self, Rules, Settings, Tagging};
use feedloom::text;

use super::archive::{Archive, Chance};

/// Articles looked at, at most: what one costs does not depend on how many there are.
const ARTICLES: usize = 3_000;
/// Rules, and the fewest bytes of their words: longer words are rarer, as the names that curators write are.
const RULES: [(usize, usize); 4] = [(100, 12), (1_000, 12), (10_000, 12), (10_000, 8)];

/// Hashtags and rules over the newest articles of an archive.
pub(crate) fn tags(archive: &Archive) {
    let first = archive.len().saturating_sub(ARTICLES);
    let made: Vec<_> = (first..archive.len()).map(|n| archive.article(n)).collect();
    let written: Vec<String> = made.iter().map(|a| format!("{}\n#{}", a.text, a.tags.join(" #"))).collect();
    let before = crate::cpu();
    let found: usize = written.iter().map(|text| tag::hashtags(text).len()).sum();
    crate::line("tags: hashtags of an article", archive.len(), crate::cpu() - before, made.len());
    assert!(found >= made.len());

    let before = crate::cpu();
    let subjects: Vec<Subject> = made
        .iter()
        .map(|a| Subject::new(Fields { title: &a.title, body: &a.text, source: &a.source, ..Fields::default() }))
        .collect();
    crate::line("tags: folding an article to be asked", archive.len(), crate::cpu() - before, made.len());

    for (count, shortest) in RULES {
        let settings = Settings { rules: rules(archive, count, shortest), ..Settings::default() };
        let before = crate::cpu();
        let given: usize = subjects.iter().map(|subject| tags_of(subject, &settings).len()).sum();
        let spent = crate::cpu() - before;
        let some = &subjects[..subjects.len().min(200)];
        let before = crate::cpu();
        let matches = |s: &Subject| settings.rules.iter().filter(|(_, query)| query.matches(s)).count();
        let plainly: Vec<usize> = some.iter().map(matches).collect();
        let spent_plainly = crate::cpu() - before;
        let step = format!("tags: {count} rules, {} match", plainly.iter().sum::<usize>() / plainly.len().max(1));
        crate::line(&step, archive.len(), spent, made.len());
        crate::line(&format!("{step}, one by one"), archive.len(), spent_plainly, some.len());
        let all = Settings { most: count, ..settings.clone() };
        assert!(given > 0 && some.iter().zip(plainly).all(|(s, matching)| tags_of(s, &all).len() == matching));
    }
}

fn tags_of(subject: &Subject, settings: &Settings) -> Vec<feedloom::model::Tagged> {
    let tagging = Tagging { source: &[], subject: subject.clone(), hashtags: &[], categories: &[], page: &[] };
    tag::tags_of(tagging, settings)
}

/// Rules as curators write them: words of the archive, alone, with another spelling, or two together.
fn rules(archive: &Archive, count: usize, shortest: usize) -> Rules {
    let mut chance = Chance::new(9);
    let text = |n: u64| archive.article(n as usize % archive.len().max(1)).text;
    let mut words: Vec<String> = Vec::new();
    for n in 0.. {
        let of_one: Vec<String> = text(n).split_whitespace().map(|w| w.trim_matches('.').to_owned()).collect();
        words.extend(of_one.into_iter().filter(|w| w.len() >= shortest));
        words.sort_unstable();
        words.dedup();
        if words.len() >= count * 2 || n > 2_000 {
            break;
        }
    }
    let mut word = || words[chance.below(words.len() as u64) as usize].clone();
    let rule = |i: usize| -> (Tag, Query) {
        let asks = match i % 4 {
            0 => format!("{} {}", word(), word()),
            1 => format!("{} OR {}*", word(), word()),
            _ => word(),
        };
        (text::tag(&format!("Règle_{i}")).unwrap(), Query::parse(&asks).unwrap())
    };
    Rules::new((0..count).map(rule).collect())
}
