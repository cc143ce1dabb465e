//! Hashtags in running text, by the rules of twitter-text and of UAX #31, "Hashtag Identifiers" (R8).

use unicode_normalization::char::is_combining_mark;

use crate::model::Tag;
use crate::text;

/// A text gives at most so many hashtags.
const MOST: usize = 500;

/// The hashtags of a plain text, in order, each as often as it is written (bounded). A `#` counts at the start or after a
/// character that cannot stand in a hashtag; never in an address or an entity.
#[must_use]
pub fn hashtags(text: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut address_ends = 0;
    while let Some(sign) = text[at..].find(['#', '＃', '﹟']).map(|i| at + i) {
        let body = &text[sign + text[sign..].chars().next().map_or(1, char::len_utf8)..];
        let next = text.len() - body.len();
        if sign >= address_ends {
            address_ends = end_of_address(text, at.max(address_ends), sign).unwrap_or(address_ends);
        }
        at = next;
        if sign < address_ends || !may_precede(&text[..sign]) {
            continue;
        }
        let end = body.find(|c| !continues(c)).unwrap_or(body.len());
        let after = &body[end..];
        // twitter-text: what goes on with another sign, or is the scheme of an address, is none.
        if body.starts_with(['\u{fe0f}', '\u{20e3}']) || after.starts_with(['#', '＃']) || after.starts_with("://") {
            continue;
        }
        let name = body[..end].trim_end_matches(['\u{200c}', '\u{200d}']);
        if name.chars().any(is_letter) {
            found.extend(text::tag(name));
            if found.len() >= MOST {
                break;
            }
        }
        at = next + end;
    }
    found
}

/// Where the address ends that begins between `from` and `sign` and holds `sign`, if one does.
fn end_of_address(text: &str, from: usize, sign: usize) -> Option<usize> {
    let before = &text[from..sign];
    // An address has no white space: only the word that the sign stands in is looked at.
    let word = before.rfind(ends_address).map_or(before, |i| {
        let c = before[i..].chars().next().map_or(1, char::len_utf8);
        &before[i + c..]
    });
    if !word.contains("://") && !word.starts_with("www.") {
        return None;
    }
    Some(text[sign..].find(ends_address).map_or(text.len(), |i| sign + i))
}

fn ends_address(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '<' | '>'
                | '"'
                | '«'
                | '»'
                | '“'
                | '”'
                | '「'
                | '」'
                | '『'
                | '』'
                | '（'
                | '）'
                | '【'
                | '】'
                | '、'
                | '。'
        )
}

/// Whether a `#` after this text may begin a hashtag.
fn may_precede(before: &str) -> bool {
    match before.chars().next_back() {
        // A variation selector belongs to the emoji before it.
        None | Some('\u{fe0e}' | '\u{fe0f}') => true,
        Some(c) => !(is_letter(c) || is_combining_mark(c) || is_digit(c) || matches!(c, '_' | '&' | '/')),
    }
}

/// Whether a hashtag goes on with this character.
fn continues(c: char) -> bool {
    is_letter(c)
        || is_combining_mark(c)
        || is_digit(c)
        // twitter-text's special characters: connectors, joiners, middle dots, Japanese, Hebrew and Tibetan signs.
        || matches!(c, '_' | '\u{200c}' | '\u{200d}' | '\u{a67e}' | '\u{5be}' | '\u{5f3}' | '\u{5f4}' | '\u{ff5e}'
            | '\u{301c}' | '\u{309b}' | '\u{309c}' | '\u{30a0}' | '\u{30fb}' | '\u{3003}' | '\u{f0b}' | '\u{f0c}' | '\u{b7}')
}

/// A letter. Unicode counts circled letters (Ⓐ, 🅰) as alphabetic; they are signs.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !is_combining_mark(c) && !matches!(c, '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}')
}

/// A digit of any script. Superscripts, fractions and circled numbers are signs.
fn is_digit(c: char) -> bool {
    c.is_numeric()
        && !matches!(c, '²' | '³' | '¹' | '¼'..='¾' | '\u{2070}'..='\u{218b}' | '\u{2460}'..='\u{24ff}'
            | '\u{2776}'..='\u{2793}' | '\u{3192}'..='\u{3195}' | '\u{3220}'..='\u{32bf}')
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
