//! What a search costs: rare words and common ones, alone and together, with a tag, as a phrase, as a beginning.

use feedloom::store::{Number, Order};

use crate::archive::Archive;
use crate::filled::{Filled, cpu, kept};

/// Searches of each kind, each for other words, as far as there are any.
const TIMES: usize = 5;

pub(crate) fn search(archive: &Archive) {
    let filled = kept(archive);
    let texts: Vec<String> = (0..TIMES).map(|n| archive.article(archive.len() * (n + 1) / (TIMES + 2)).text).collect();
    let words = |n: usize| texts[n].split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()).collect::<Vec<_>>();
    // The longest word is a name that few articles have; the shortest are on every page.
    let rare = |n: usize| words(n).into_iter().max_by_key(|w| w.chars().count()).unwrap().to_owned();
    let common = |n: usize| {
        let mut short = words(n);
        short.sort_by_key(|w| (w.chars().count(), *w));
        short.dedup();
        short[n % 3].to_owned()
    };
    let middling = |n: usize| words(n).into_iter().find(|w| w.chars().count() >= 7).unwrap().to_owned();
    let tag = |n: usize| archive.article(archive.len() / (n + 2)).tags[0].clone();
    let kinds: [(&str, &dyn Fn(usize) -> String); 9] = [
        ("a rare word", &rare),
        ("two words", &|n| format!("{} {}", middling(n), middling((n + 1) % TIMES))),
        ("a phrase", &|n| format!("\"{}\"", words(n)[20..23].join(" "))),
        ("a common word", &common),
        ("two common words", &|n| format!("{} {}", common(n), common((n + 1) % TIMES))),
        ("a common word and a rare one", &|n| format!("{} {}", common(n), rare(n))),
        ("a common word, not another", &|n| format!("{} -{}", common(n), middling(n))),
        ("a tag and a common word", &|n| format!("tag:{} {}", tag(n), common(n))),
        ("the beginning of a word", &|n| format!("{}*", rare(n).chars().take(6).collect::<String>())),
    ];
    for (name, query) in kinds {
        let (mut spent, mut worst, mut found) = (0, 0, 0);
        for n in 0..TIMES {
            let (took, number) = ask(&filled, &query(n));
            spent += took;
            worst = worst.max(took);
            found += number;
        }
        crate::line(&format!("search: {name} ({} each)", found / TIMES), archive.len(), spent, TIMES);
        crate::line(&format!("search: {name}, the slowest"), archive.len(), worst, 1);
    }
}

fn ask(filled: &Filled, query: &str) -> (u64, usize) {
    let before = cpu();
    let found = filled.runtime.block_on(filled.state.publisher.search_for(query, Order::Best, 0, 20)).unwrap();
    let found = found.unwrap();
    let (Number::Exactly(number) | Number::About(number) | Number::MoreThan(number)) = found.number;
    (cpu() - before, number)
}
