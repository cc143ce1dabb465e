//! Hashtags in running text, by the rules of twitter-text and of UAX #31, "Hashtag Identifiers" (R8).
//!
//! Where this differs from twitter-text: a number alone is no hashtag even with a mark on it (`#1` before a variation
//! selector); joiners and middle dots stand between letters only, so that lists parted by `・` give their tags; a `#` after one
//! of these begins a hashtag; a `/` before the sign does not, with or without an address around it.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::char::is_combining_mark;

use crate::model::Tag;
use crate::text::{self, bytes::any_byte};

/// A text gives at most so many hashtags.
const MOST: usize = 500;

/// The signs that begin a hashtag.
const SIGNS: [char; 3] = ['#', '＃', '﹟'];

/// What may stand between the letters of a hashtag and not at its ends: joiners and middle dots.
const BETWEEN: [char; 4] = ['\u{200c}', '\u{200d}', '\u{b7}', '\u{30fb}'];

/// What a hashtag is made of: letters, marks and digits of any script, and twitter-text's special characters: connectors,
/// joiners, middle dots, Japanese, Hebrew, Cyrillic and Tibetan signs.
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"^[\p{L}\p{Nl}\p{M}\p{Nd}_\x{200c}\x{200d}\x{a67e}\x{5be}\x{5f3}\x{5f4}\x{ff5e}\x{301c}\x{309b}\x{309c}\x{30a0}\x{30fb}\x{3003}\x{f0b}\x{f0c}\x{b7}]+",
    )
    .ok()
});

/// What a hashtag must have at least one of.
static LETTER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[\p{L}\p{Nl}]").ok());

/// A letter, mark or digit: a sign after it begins nothing.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{Nl}\p{M}\p{Nd}]").ok());

fn is(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|p| p.is_match(text))
}

/// The hashtags of a plain text, in order, each as often as it is written (bounded). A `#` counts at the start or after a
/// character that cannot stand in a hashtag; never in an address or an entity.
#[must_use]
pub fn hashtags(text: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    // One of the signs, or the first byte of the two others.
    if !any_byte(text.as_bytes(), |b| (b == b'#') | (b == 0xef)) {
        return found;
    }
    let text = &*joined(text);
    let mut at = 0;
    let mut address_ends = 0;
    while let Some(sign) = text[at..].find(SIGNS).map(|i| at + i) {
        let body = &text[sign + text[sign..].chars().next().map_or(1, char::len_utf8)..];
        let next = text.len() - body.len();
        if sign >= address_ends {
            address_ends = end_of_address(text, at.max(address_ends), sign).unwrap_or(address_ends);
        }
        at = next;
        if sign < address_ends || !may_precede(&text[..sign]) {
            continue;
        }
        let end = NAME.as_ref().and_then(|name| name.find(body)).map_or(0, |name| name.end());
        let name = body[..end].trim_matches(BETWEEN);
        // What was trimmed at the end parts this hashtag from what follows.
        let after = body[..end].trim_end_matches(BETWEEN).len();
        let after = &body[after..];
        // twitter-text: a keycap, what goes on with another sign, or is the scheme of an address, is none.
        if body.starts_with(['\u{fe0f}', '\u{20e3}']) || after.starts_with(SIGNS) || after.starts_with("://") {
            continue;
        }
        if is(&LETTER, name) {
            found.extend(text::tag(name));
            if found.len() >= MOST {
                break;
            }
        }
        at = next + end;
    }
    found
}

/// A text without the signs that only say where a word may be broken, or may not: a hashtag goes on after them, but for one
/// that begins there.
fn joined(text: &str) -> Cow<'_, str> {
    const UNSEEN: [char; 4] = ['\u{ad}', '\u{200b}', '\u{2060}', '\u{feff}'];
    // The first bytes of these, in UTF-8.
    if !any_byte(text.as_bytes(), |b| (b == 0xc2) | (b == 0xe2) | (b == 0xef)) || !text.contains(UNSEEN) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut unseen = None;
    for c in text.chars() {
        if UNSEEN.contains(&c) {
            unseen = Some(c);
            continue;
        }
        out.extend(unseen.take().filter(|_| SIGNS.contains(&c)));
        out.push(c);
    }
    Cow::Owned(out)
}

/// Where the address ends that begins between `from` and `sign` and holds `sign`, if one does.
fn end_of_address(text: &str, from: usize, sign: usize) -> Option<usize> {
    // An address has no white space: only the word that the sign stands in is looked at.
    let start = text[from..sign].rfind(parts_addresses).map_or(from, |i| from + i);
    let begins = start + begin_of_address(&text[start..sign])?;
    // What closes something that was opened before the address is not of it: (https://a.example/x) #tag.
    let mut open = 0_usize;
    for (i, c) in text[begins..].char_indices() {
        match c {
            c if parts_addresses(c) => return (begins + i > sign).then_some(begins + i),
            '(' | '[' => open += 1,
            ')' | ']' if open == 0 => return (begins + i > sign).then_some(begins + i),
            ')' | ']' => open -= 1,
            _ => {}
        }
    }
    Some(text.len())
}

/// Where an address begins in a word: with its scheme, or with a host that ends as hosts do and has a path.
fn begin_of_address(word: &str) -> Option<usize> {
    let back = |end: usize| {
        let before = word[..end].char_indices().rev();
        before.take_while(|(_, c)| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+')).last().map(|(i, _)| i)
    };
    let is_host = |host: &str| {
        let host = host.to_ascii_lowercase();
        host.starts_with("www.") || host.contains('.') && psl::suffix(host.as_bytes()).is_some_and(|s| s.is_known())
    };
    let scheme = word.find("://").and_then(back);
    let path = word.find(['/', '?']).unwrap_or(word.len());
    back(path).filter(|from| is_host(&word[*from..path])).into_iter().chain(scheme).min()
}

/// Whether a character can stand in no address: white space, quotation marks and the like; of other scripts letters, marks
/// and digits can.
fn parts_addresses(c: char) -> bool {
    if c.is_ascii() {
        c.is_ascii_whitespace()
            || c.is_ascii_control()
            || matches!(c, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`')
    } else {
        !c.is_alphanumeric() && !is_combining_mark(c)
    }
}

/// Whether a `#` after this text may begin a hashtag.
fn may_precede(before: &str) -> bool {
    match before.chars().next_back() {
        // A variation selector belongs to the emoji before it.
        None | Some('\u{fe0e}' | '\u{fe0f}') => true,
        Some(c) if c.is_ascii() => !c.is_ascii_alphanumeric() && !matches!(c, '_' | '&' | '/'),
        Some(c) => !is(&NAMED, c.encode_utf8(&mut [0; 4])),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts with the hashtags as shown, in more than 12 scripts. Joined by a space.
    const CASES: &[(&str, &str)] = &[
        // Latin
        ("#Libération_Palestine", "Libération_Palestine"),
        ("a #hashtag here", "hashtag"),
        ("#Libé\u{ad}ra\u{ad}tion_\u{2060}Pa\u{200b}lestine\u{ad} oui", "Libération_Palestine"),
        ("#un\u{200b}#deux\u{ad}\u{200b}#trois", "un deux trois"),
        ("this is #hashtag1", "hashtag1"),
        ("#1hashtag is this", "1hashtag"),
        ("On the #16 day", ""),
        ("#1", ""),
        (
            "(#hashtag1 )#hashtag2 [#hashtag3 ]#hashtag4 ’#hashtag5’#hashtag6",
            "hashtag1 hashtag2 hashtag3 hashtag4 hashtag5 hashtag6",
        ),
        ("I'll write more tests #mañana", "mañana"),
        ("Working at #el_café!", "el_café"),
        ("#über #Straße", "über Straße"),
        ("#gilets-jaunes", "gilets"),
        ("#fin_. #_début #__", "fin_ _début"),
        ("Élections : #Européennes2024, #Élections_législatives.", "Européennes2024 Élections_législatives"),
        ("(#Gaza) «#Rafah» “#Jénine” ‹#Naplouse›", "Gaza Rafah Jénine Naplouse"),
        ("#Đà_Nẵng #Łódź #Þór", "Đà_Nẵng Łódź Þór"),
        ("#İstanbul #ISTANBUL", "İstanbul ISTANBUL"),
        ("#cafe\u{301}", "café"),
        ("#col·lecció", "col·lecció"),
        ("#l'humanité #aujourd’hui", "l aujourd"),
        ("#C++ #C", "C C"),
        ("#m² #H₂O", "m H"),
        ("#a,#b;#c.#d", "a b c d"),
        ("text#hashtag", ""),
        ("é#hashtag 9#hashtag _#hashtag", ""),
        ("#a#b", ""),
        ("##double", "double"),
        ("# space", ""),
        ("#", ""),
        ("#.", ""),
        ("#http://a.example", ""),
        ("\n#ligne\r\n#autre", "ligne autre"),
        ("#élan…#suite", "élan suite"),
        ("#tag/autre", "tag"),
        // Signs and places
        ("&#39; &#x27; &#nbsp; &#xe9;t&#xe9;", ""),
        ("AT&#T", ""),
        ("https://a.example/#ancre #vrai", "vrai"),
        ("page.html#section et https://a.example/?q=#x", ""),
        ("https://a.example/a-#b-#c #d", "d"),
        ("www.a.example/!#x puis #y", "y"),
        ("voir https://a.example.#non", ""),
        ("「https://a.example」#oui", "oui"),
        ("/#slash", ""),
        ("#️⃣ #⃣ 1️⃣", ""),
        ("❤️#coeur ☀︎#soleil", "coeur soleil"),
        ("#foo❤️ #🎉fête", "foo"),
        ("🎉#fête", "fête"),
        ("#🅰", ""),
        ("＃pleine ﹟petite", "pleine petite"),
        ("#Ⅷ", "Ⅷ"),
        (
            "#hashtag: #hashtag; #hashtag, #hashtag. #hashtag! #hashtag?",
            "hashtag hashtag hashtag hashtag hashtag hashtag",
        ),
        ("Here’s a test: #Ateş #qrşt #ştu #ş", "Ateş qrşt ştu ş"),
        ("#mûǁae", "mûǁae"),
        ("#ceŀla #cel·la #Αθήνα· και", "ceŀla cel·la Αθήνα"),
        ("Working remotely #café, #münchen, #100DaysOfCode #2024", "café münchen 100DaysOfCode"),
        ("#foo#bar #a﹟b #http://a.example/#c ok", ""),
        ("##foo ###bar", "foo bar"),
        ("·#point •#puce", "point puce"),
        ("#1\u{fe0f}\u{20e3} #️⃣foo #⃣bar 2️⃣#non", ""),
        ("👍🏽#oui 🇫🇷#france 👩\u{200d}💻#code", "oui france code"),
        ("#a\u{200d} #\u{200c}b", "a b"),
        ("(https://a.example/x) #y (https://a.example/x)#z", "y z"),
        ("(https://a.example/(x)#non) #oui", "oui"),
        ("https://a.example/x，#virgule https://a.example/x|#barre", "virgule barre"),
        ("bbc.co.uk/x?y=#non monde.fr/(a-#non) et/ou.(#oui)", "oui"),
        ("https://a.example/é-#non https://a.example/…#oui", "oui"),
        ("#²x #x² #௰", "x"),
        ("#½ #①", ""),
        // Greek
        ("#Αθήνα #ΑΘΗΝΑ", "Αθήνα ΑΘΗΝΑ"),
        ("Νέα: #μέτρα_υγείας.", "μέτρα_υγείας"),
        // Cyrillic
        ("Что #такое? #Україна #їжак", "такое Україна їжак"),
        ("#Мой_край, #ёлка", "Мой_край ёлка"),
        // Armenian, Georgian
        ("#Հայաստան։ #Երևան", "Հայաստան Երևան"),
        ("#საქართველო, #თბილისი!", "საქართველო თბილისი"),
        // Arabic, Persian, Urdu
        ("#ســـلام", "ســـلام"),
        ("#فلسطين_حرة، #غزة؟", "فلسطين_حرة غزة"),
        ("#القدس٢٠٢٤", "القدس٢٠٢٤"),
        ("#مُحَمَّد", "مُحَمَّد"),
        ("#می\u{200c}خواهم و #ایران\u{200c} است", "می\u{200c}خواهم ایران"),
        ("#پاکستان زندہ", "پاکستان"),
        // Hebrew
        ("#שלום, #ירושלים.", "שלום ירושלים"),
        ("#צה״ל #תל־אביב", "צה״ל תל־אביב"),
        ("#שָׁלוֹם", "שָׁלוֹם"),
        // Indic scripts
        ("#हिन्दी और #दिल्ली।", "हिन्दी दिल्ली"),
        ("#বাংলাদেশ #ঢাকা", "বাংলাদেশ ঢাকা"),
        ("#தமிழ் #తెలుగు #ಕನ್ನಡ #മലയാളം", "தமிழ் తెలుగు ಕನ್ನಡ മലയാളം"),
        ("#ਪੰਜਾਬੀ #ગુજરાતી #සිංහල", "ਪੰਜਾਬੀ ગુજરાતી සිංහල"),
        ("#क्\u{200d}ष", "क्\u{200d}ष"),
        ("#महात्मा #महात्मा_१२३४ गांधी #१२३४", "महात्मा महात्मा_१२३४"),
        // South-East Asia
        ("#ประเทศไทย และ #ข่าว", "ประเทศไทย ข่าว"),
        ("#ລາວ #ខ្មែរ #မြန်မာ", "ລາວ ខ្មែរ မြန်မာ"),
        // Chinese, Japanese, Korean
        ("#日本語", "日本語"),
        ("これは#日本語", ""),
        ("これは、#日本語。", "日本語"),
        ("#カタカナ は #ひらがな", "カタカナ ひらがな"),
        ("#ﾊｯｼｭﾀｸﾞ #パピプペポ", "ﾊｯｼｭﾀｸﾞ パピプペポ"),
        ("#佐々木 #国々〃 #サッカー", "佐々木 国々〃 サッカー"),
        ("#ハッシュ・タグ", "ハッシュ・タグ"),
        ("#日本・#韓国・#中国", "日本 韓国 中国"),
        ("できましたよー！#日本語ハッシュタグ。できましたよー！＃全角。", "日本語ハッシュタグ 全角"),
        ("#云々 #学問のすゝめ #いすゞ #各〻 #各〃", "云々 学問のすゝめ いすゞ 各〻 各〃"),
        ("#メ〜テレ ハッシュタグ内で #メ～テレ", "メ〜テレ メ～テレ"),
        ("長音。 #サッカー #ｻｯｶｰ #ﾊﾟﾋﾟﾌﾟﾍﾟﾎﾟ", "サッカー ｻｯｶｰ ﾊﾟﾋﾟﾌﾟﾍﾟﾎﾟ"),
        ("#こんにちは　みなさん　＃全角空白", "こんにちは 全角空白"),
        ("ハッシュタグ#日本語 #漢字、#日本語キーワード", "漢字 日本語キーワード"),
        ("this is not valid: # 会議中 ハッシュ", ""),
        ("＃中文，＃台灣！", "中文 台灣"),
        ("#한국어 #트위터?", "한국어 트위터"),
        ("#ﾣﾦﾰ", "ﾣﾦﾰ"),
        // Ethiopic, Tibetan, Cherokee, Deseret, Tifinagh
        ("#አማርኛ። #ኢትዮጵያ", "አማርኛ ኢትዮጵያ"),
        ("#བོད་ཡིག", "བོད་ཡིག"),
        ("#ᏣᎳᎩ", "ᏣᎳᎩ"),
        ("#\u{10403}\u{1042f}", "\u{10403}\u{1042f}"),
        ("#ⵜⴰⵎⴰⵣⵉⵖⵜ", "ⵜⴰⵎⴰⵣⵉⵖⵜ"),
        ("#日本語𠮷 #𠮷野家", "日本語𠮷 𠮷野家"),
    ];

    #[test]
    fn finds_hashtags_of_many_scripts() {
        for (written, expected) in CASES {
            let found = hashtags(written);
            let shown: Vec<&str> = found.iter().map(Tag::shown).collect();
            assert_eq!(shown.join(" "), *expected, "{written}");
        }
        assert!(CASES.len() >= 80);
    }

    #[test]
    fn a_flood_is_bounded() {
        assert_eq!(hashtags(&"#a ".repeat(100_000)).len(), MOST);
        assert_eq!(hashtags(&"#".repeat(1_000_000)), []);
        assert_eq!(hashtags(&format!("https://a.example/{}", "#a/".repeat(300_000))), []);
        assert_eq!(hashtags(&format!("#{}", "a".repeat(1_000_000))), []);
    }

    proptest! {
        #[test]
        fn any_text_gives_tags_with_keys(text in "[#＃ a-zé_0-9&/:.\u{200d}日ا]{0,60}|\\PC{0,60}") {
            for tag in hashtags(&text) {
                prop_assert!(!tag.key().is_empty());
            }
        }
    }
}
