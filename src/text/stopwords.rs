//! Words that say nothing of a subject, and so all the more of a language.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use super::{fold, fold_spelling, word_hash, words};

/// The languages of `config/everyday.txt`, as that names them; `config/stopwords.txt` has lists of some.
const LANGUAGES: [(&str, &str); 20] = [
    ("Arabic", "ar"),
    ("Czech", "cs"),
    ("Dutch", "nl"),
    ("English", "en"),
    ("French", "fr"),
    ("German", "de"),
    ("Greek", "el"),
    ("Hungarian", "hu"),
    ("Indonesian", "id"),
    ("Italian", "it"),
    ("Polish", "pl"),
    ("Portuguese", "pt"),
    ("Romanian", "ro"),
    ("Russian", "ru"),
    ("Slovak", "sk"),
    ("Spanish", "es"),
    ("Swedish", "sv"),
    ("Turkish", "tr"),
    ("Ukrainian", "uk"),
    ("Vietnamese", "vi"),
];
/// The bit of what is a word in no language: pieces of addresses and of markup. Other languages than those have no more.
const EVERYWHERE: u32 = 1 << 31;
/// A text is plainly in a language when so much of it are words of the language's list, in hundredths,
const PLAIN: usize = 12;
/// so much of it words that stand in no other list,
const OWN: usize = 8;
/// and so many times more are of its list than stand in any other and not in its own.
const TIMES: usize = 3;
/// Of fewer words nothing is plain.
const FEWEST: usize = 20;

/// Each word by its hash, with a bit for each language that has it.
static WORDS: LazyLock<HashMap<u64, (String, u32), BuildHasherDefault<AsItIs>>> = LazyLock::new(|| {
    let (mut all, mut bit) = (HashMap::<_, (String, u32), _>::default(), 0);
    for line in include_str!("../../config/stopwords.txt").lines() {
        match line.strip_prefix("# ") {
            Some(name) => bit = LANGUAGES.iter().position(|(known, _)| *known == name).map_or(0, |at| 1 << at),
            None => {
                for word in line.split_whitespace().map(fold) {
                    all.entry(word_hash(&word)).or_insert_with(|| (word, 0)).1 |= bit;
                }
            }
        }
    }
    all
});

/// What is hashed already stays as it is: the words of the lists are ours, so that nobody can have them meet.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// The lists that have a folded word of this hash, a bit for each; `None`: none has.
fn lists(hash: u64, folded: &str) -> Option<u32> {
    WORDS.get(&hash).filter(|(word, _)| word == folded).map(|(_, lists)| *lists)
}

/// Whether a folded word only holds sentences together, in any of the languages of `config/stopwords.txt`.
#[must_use]
pub fn is_stop_word(folded: &str) -> bool {
    is_hashed_stop_word(word_hash(folded), folded)
}

/// The same of a word whose [`word_hash`] is known.
#[must_use]
pub fn is_hashed_stop_word(hash: u64, folded: &str) -> bool {
    lists(hash, folded).is_some()
}

/// The words of `config/everyday.txt`, each with a bit for each language that has it.
static EVERYDAY: LazyLock<HashMap<String, u32>> = LazyLock::new(|| {
    let (mut all, mut bit) = (HashMap::new(), 0);
    for line in include_str!("../../config/everyday.txt").lines() {
        match line.strip_prefix("# ") {
            Some("Everywhere") => bit = EVERYWHERE,
            Some(name) => bit = LANGUAGES.iter().position(|(known, _)| *known == name).map_or(0, |at| 1 << at),
            None => line.split_whitespace().for_each(|word| *all.entry(fold_spelling(word)).or_insert(0) |= bit),
        }
    }
    all
});

/// Whether a word is one of every day in a language (its two letters), or, where that is not known, in any.
#[must_use]
pub fn is_everyday(word: &str, language: Option<&str>) -> bool {
    let Some(of) = EVERYDAY.get(&fold_spelling(word)) else { return false };
    let own = |language| LANGUAGES.iter().position(|(_, code)| *code == language).map_or(0, |at| 1 << at);
    language.is_none_or(|language| of & (own(language) | EVERYWHERE) != 0)
}

/// Whether a text is plainly in a language (its two letters): its small words say so, and none of another language gainsay
/// it. False where that is not plain, or the language has no list.
#[must_use]
pub fn is_plainly(text: &str, language: &str) -> bool {
    let Some(own) = LANGUAGES.iter().position(|(_, code)| *code == language).map(|at| 1_u32 << at) else {
        return false;
    };
    let (mut all, mut in_own, mut in_no_other, mut gainsaying) = (0, 0, 0, [0; LANGUAGES.len()]);
    for word in words(&fold(text)) {
        all += 1;
        let of = lists(word_hash(word), word).unwrap_or_default();
        in_own += usize::from(of & own != 0);
        in_no_other += usize::from(of == own);
        if of & own == 0 {
            gainsaying.iter_mut().enumerate().for_each(|(at, n)| *n += usize::from(of & (1 << at) != 0));
        }
    }
    let others = gainsaying.into_iter().max().unwrap_or_default();
    all >= FEWEST && in_own * 100 >= all * PLAIN && in_no_other * 100 >= all * OWN && in_own >= others * TIMES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_of_a_language() {
        let [stop, everyday] = [include_str!("../../config/stopwords.txt"), include_str!("../../config/everyday.txt")]
            .map(|list| list.lines().filter_map(|line| line.strip_prefix("# ")).skip(1).collect::<Vec<_>>());
        assert_eq!(everyday[1..], LANGUAGES.map(|(name, _)| name));
        assert!(everyday[0] == "Everywhere" && stop.iter().all(|name| everyday.contains(name)));
    }

    #[test]
    fn words_of_every_day_are_so_in_their_language() {
        assert!(is_everyday("fin", Some("fr")) && is_everyday("Really", Some("en")));
        assert!(is_everyday("Größe", Some("de")) && is_everyday("أكدت", Some("ar")) && !is_everyday("Gaza", None));
        assert!(!is_everyday("fin", Some("en")) && is_everyday("fin", None) && !is_everyday("fin", Some("fi")));
        for (language, words) in [
            ("sk", "ktorý alebo budú povedal"),
            ("cs", "který například uvedl"),
            ("pl", "również który godziny września"),
            ("ru", "который также ещё сообщил сентября"),
            ("uk", "який також повідомив її"),
            ("tr", "olduğunu için ayrıca söyledi çünkü"),
            ("nl", "volgens omdat wordt"),
            ("sv", "också efter människor måste"),
            ("pt", "também segundo além afirmou"),
            ("ro", "această declarat sâmbătă"),
            ("el", "αυτό επίσης σύμφωνα δήλωσε"),
            ("hu", "valamint közölte szeptember"),
            ("id", "dengan tersebut mengatakan"),
            ("vi", "những người được không"),
            ("de", "außerdem teilte deshalb würde"),
            ("en", "however including recently"),
        ] {
            words.split(' ').for_each(|word| assert!(is_everyday(word, Some(language)), "{language} {word}"));
        }
        for word in ["href", "http", "www", "com"] {
            assert!([None, Some("en"), Some("fi")].iter().all(|language| is_everyday(word, *language)), "{word}");
        }
    }

    #[test]
    fn a_language_is_plain_where_its_small_words_say_so() {
        let french = "Le navire est parti du port avec des vivres pour les enfants, et nous ne savons pas encore quand il arrivera.";
        let catalan = "El vaixell ha salpat del port amb queviures per als infants, i encara no sabem quan arribarà a la costa ni com.";
        let numbers = "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24";
        assert!(is_plainly(french, "fr"));
        for (text, language) in [(french, "es"), (french, "xx"), (catalan, "es"), (catalan, "fr"), (numbers, "en")] {
            assert!(!is_plainly(text, language), "{text} {language}");
        }
        assert!(!is_plainly("le la les des", "fr"), "too short");
        // Words that neighbours share say nothing against it.
        let spanish = "El barco ha zarpado del puerto con víveres para los niños y no sabemos cuándo llegará a la costa ni en qué estado.";
        assert!(is_plainly(spanish, "es") && !is_plainly(spanish, "pt") && !is_plainly(spanish, "fr"));
        let galician = "O barco zarpou do porto con víveres para os nenos e non sabemos cando chegará á costa nin en que estado, dixo o capitán.";
        assert!(!is_plainly(galician, "es"));
        let both =
            format!("{french} The ship has left with food for the children and we do not know when it will be there.");
        assert!(!is_plainly(&both, "fr"));
    }

    #[test]
    fn articles_are_and_nouns_are_not() {
        for word in ["les", "the", "und", "التي", "été"] {
            assert!(is_stop_word(&fold(word)), "{word}");
        }
        for word in ["gaza", "port", "presse", "غزة", "hospital"] {
            assert!(!is_stop_word(&fold(word)), "{word}");
        }
    }
}
