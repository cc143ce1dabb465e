//! Which language a text is in, and the few words that we say ourselves.

use whatlang::{Lang as Found, Script};

use super::{fold, head};
use crate::model::Lang;

/// A text with fewer letters does not tell its language.
const FEWEST_LETTERS: usize = 24;
/// So many characters tell as much as the whole.
const ENOUGH: usize = 2_000;

/// The language of a text, where it is long enough to tell; `None` else.
#[must_use]
pub fn detect(text: &str) -> Option<Lang> {
    let head = head(text, ENOUGH);
    let letters = head.chars().filter(|c| c.is_alphabetic()).take(FEWEST_LETTERS).count();
    // An ideograph says as much as a word.
    let ideographs =
        head.chars().filter(|c| matches!(c, '\u{3041}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')).take(8).count();
    if letters < FEWEST_LETTERS && ideographs < 8 {
        return None;
    }
    let found = whatlang::detect(head)?;
    let eastern = (found.script() == Script::Latin).then(|| among_latin(head)).flatten();
    Lang::parse(code(eastern.or(found.is_reliable().then(|| found.lang()))?))
}

/// Letters of other scripts for each sign of Chinese, Japanese and Korean in a text that is in one of these.
const LETTERS_FOR_A_SIGN: usize = 4;

/// The language of a text in Chinese, Japanese or Korean signs that names so many things in Latin letters (programs, makers)
/// that these are more.
fn among_latin(text: &str) -> Option<Found> {
    let count = |is: fn(char) -> bool| text.chars().filter(|c| is(*c)).count();
    let kana = count(|c| matches!(c, '\u{3041}'..='\u{30fa}'));
    let hangul = count(|c| matches!(c, '\u{ac00}'..='\u{d7af}'));
    let ideographs = count(|c| matches!(c, '\u{3400}'..='\u{9fff}'));
    let signs = kana + hangul + ideographs;
    if signs < 2 * FEWEST_OF_SCRIPT || signs * LETTERS_FOR_A_SIGN < count(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    Some(match (kana >= FEWEST_OF_SCRIPT, hangul > ideographs) {
        (_, true) => Found::Kor,
        (true, _) => Found::Jpn,
        _ => Found::Cmn,
    })
}

/// Letters of a script of its own that tell more than what is declared.
const FEWEST_OF_SCRIPT: usize = 4;
/// Languages that are written in a script besides those that can be told.
#[rustfmt::skip]
const ALSO_IN: [(Script, &[&str]); 6] = [
    (Script::Arabic, &["ps", "ckb", "ku", "ug", "sd", "ks", "pa", "az", "ms", "ha", "uz", "tk"]),
    (Script::Hebrew, &["iw", "ji", "lad", "jrb"]),
    (Script::Devanagari, &["sa", "mai", "bho", "kok", "doi", "sd", "new", "awa"]),
    (Script::Bengali, &["as", "mni"]),
    (Script::Mandarin, &["ja", "yue", "wuu", "nan", "hak", "gan", "lzh", "ko"]),
    (Script::Ethiopic, &["ti", "gez", "tig"]),
];

/// The language of a text that is too short for [`detect`], by its script, where what is declared is not written in that: a line of
/// Arabic is no French. `None` for scripts that many languages share (Latin, Cyrillic).
#[must_use]
pub fn by_script(text: &str, declared: Option<&Lang>) -> Option<Lang> {
    let head = head(text, ENOUGH);
    let script = whatlang::detect_script(head)?;
    let letters = head.chars().filter(|c| c.is_alphabetic() && !c.is_ascii()).take(FEWEST_OF_SCRIPT).count();
    if matches!(script, Script::Latin | Script::Cyrillic) || letters < FEWEST_OF_SCRIPT {
        return None;
    }
    let known = script.langs().iter().map(|lang| code(*lang));
    let also = ALSO_IN.iter().filter(|(of, _)| *of == script).flat_map(|(_, also)| also.iter().copied());
    if declared.is_some_and(|declared| known.chain(also).any(|lang| lang == declared.primary())) {
        return None;
    }
    // Japanese is known by its own signs among the ideographs.
    let kana = head.chars().any(|c| matches!(c, '\u{3041}'..='\u{30fa}'));
    let found = if kana { Found::Jpn } else { whatlang::detect_lang(head)? };
    Lang::parse(code(found))
}

/// The two-letter codes (ISO 639-1) of the languages that can be told.
#[rustfmt::skip]
const CODES: [(Found, &str); 70] = [
    (Found::Afr, "af"), (Found::Aka, "ak"), (Found::Amh, "am"), (Found::Ara, "ar"), (Found::Aze, "az"),
    (Found::Bel, "be"), (Found::Ben, "bn"), (Found::Bul, "bg"), (Found::Cat, "ca"), (Found::Ces, "cs"),
    (Found::Cmn, "zh"), (Found::Cym, "cy"), (Found::Dan, "da"), (Found::Deu, "de"), (Found::Ell, "el"),
    (Found::Eng, "en"), (Found::Epo, "eo"), (Found::Est, "et"), (Found::Fin, "fi"), (Found::Fra, "fr"),
    (Found::Guj, "gu"), (Found::Heb, "he"), (Found::Hin, "hi"), (Found::Hrv, "hr"), (Found::Hun, "hu"),
    (Found::Hye, "hy"), (Found::Ind, "id"), (Found::Ita, "it"), (Found::Jav, "jv"), (Found::Jpn, "ja"),
    (Found::Kan, "kn"), (Found::Kat, "ka"), (Found::Khm, "km"), (Found::Kor, "ko"), (Found::Lat, "la"),
    (Found::Lav, "lv"), (Found::Lit, "lt"), (Found::Mal, "ml"), (Found::Mar, "mr"), (Found::Mkd, "mk"),
    (Found::Mya, "my"), (Found::Nep, "ne"), (Found::Nld, "nl"), (Found::Nob, "nb"), (Found::Ori, "or"),
    (Found::Pan, "pa"), (Found::Pes, "fa"), (Found::Pol, "pl"), (Found::Por, "pt"), (Found::Ron, "ro"),
    (Found::Rus, "ru"), (Found::Sin, "si"), (Found::Slk, "sk"), (Found::Slv, "sl"), (Found::Sna, "sn"),
    (Found::Spa, "es"), (Found::Srp, "sr"), (Found::Swe, "sv"), (Found::Tam, "ta"), (Found::Tel, "te"),
    (Found::Tgl, "tl"), (Found::Tha, "th"), (Found::Tuk, "tk"), (Found::Tur, "tr"), (Found::Ukr, "uk"),
    (Found::Urd, "ur"), (Found::Uzb, "uz"), (Found::Vie, "vi"), (Found::Yid, "yi"), (Found::Zul, "zu"),
];

/// The language that a person writes: by its tag.
///
/// # Errors
/// Where it is none; with the tag that is meant where it is a language's name, in English or its own, or its three letters.
pub fn language(written: &str) -> Result<Lang, Option<&'static str>> {
    let name = fold(written.trim());
    let is = |lang: &&Found| [lang.eng_name(), lang.name(), lang.code()].iter().any(|known| fold(known) == name);
    let meant = Found::all().iter().find(is).map(|lang| code(*lang));
    match Lang::parse(written) {
        Some(lang) if lang.primary().len() <= 3 && meant.is_none_or(|meant| meant == lang.primary()) => Ok(lang),
        _ => Err(meant),
    }
}

/// The two-letter code (ISO 639-1) of a language, or its three letters where it has none.
fn code(lang: Found) -> &'static str {
    CODES.iter().find(|(l, _)| *l == lang).map_or(lang.code(), |(_, code)| code)
}

/// What we say on pages and in feeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phrase {
    /// Heading of the recommendations.
    Recommended,
    /// Before the names of the outlets of other copies.
    AlsoPublishedBy,
    /// Before the name of the outlet that a text was taken over from.
    Source,
    /// Link to the whole article at the outlet.
    ReadAt,
    /// Before the names of outlets that publish a part of the text.
    ExcerptIn,
    /// Before the story of which the text is a part.
    ExcerptOf,
    /// Heading of tags.
    Tags,
    /// Heading of feeds.
    Feeds,
    /// The search box.
    Search,
    /// Heading of related stories.
    Related,
    /// Before what two stories share.
    InCommon,
    /// Link to newer stories.
    Newer,
    /// Link to older stories.
    Older,
    /// Before the date of a change.
    Updated,
    /// Link to the home page.
    Home,
    /// Where a list is empty.
    NothingYet,
}

/// The languages of the table, each with its phrases in the order of [`Phrase`].
#[rustfmt::skip]
const PHRASES: [(&str, [&str; 16]); 22] = [
    ("en", [
        "Recommended for you", "Also published by", "Source", "Read the article at", "Excerpt published by", "Excerpt of", "Tags",
        "Feeds", "Search", "Related", "In common", "Newer", "Older", "Updated", "Home", "Nothing here yet",
    ]),
    ("fr", [
        "Recommandé pour vous", "Également publié par", "Source", "Lire l’article sur", "Extrait publié par", "Extrait de",
        "Mots-clés", "Flux", "Rechercher", "À lire aussi", "En commun", "Plus récents", "Plus anciens", "Mis à jour",
        "Accueil", "Rien pour l’instant",
    ]),
    ("ar", [
        "موصى به لك", "نُشر أيضًا في", "المصدر", "اقرأ المقال على", "نُشر مقتطف منه في", "مقتطف من", "الوسوم", "الخلاصات", "بحث",
        "مواضيع ذات صلة", "القاسم المشترك", "الأحدث", "الأقدم", "تاريخ التحديث", "الرئيسية", "لا شيء هنا بعد",
    ]),
    ("es", [
        "Recomendado para ti", "También publicado por", "Fuente", "Leer el artículo en", "Extracto publicado por", "Extracto de",
        "Etiquetas", "Canales", "Buscar", "Relacionado", "En común", "Más recientes", "Más antiguos", "Actualizado",
        "Inicio", "Todavía no hay nada",
    ]),
    ("de", [
        "Für Sie empfohlen", "Auch veröffentlicht von", "Quelle", "Den Artikel lesen bei",
        "Auszug veröffentlicht von", "Auszug aus", "Schlagwörter", "Feeds", "Suchen", "Zum Thema", "Gemeinsam", "Neuere", "Ältere",
        "Aktualisiert", "Startseite", "Noch nichts hier",
    ]),
    ("it", [
        "Consigliati per te", "Pubblicato anche da", "Fonte", "Leggi l’articolo su", "Estratto pubblicato da", "Estratto da",
        "Etichette", "Feed", "Cerca", "Correlati", "In comune", "Più recenti", "Meno recenti", "Aggiornato",
        "Pagina iniziale", "Ancora niente",
    ]),
    ("pt", [
        "Recomendado para você", "Também publicado por", "Fonte", "Ler o artigo em", "Excerto publicado por", "Excerto de",
        "Etiquetas", "Feeds", "Pesquisar", "Relacionados", "Em comum", "Mais recentes", "Mais antigos", "Atualizado",
        "Início", "Ainda não há nada",
    ]),
    ("nl", [
        "Aanbevolen voor u", "Ook gepubliceerd door", "Bron", "Lees het artikel bij", "Fragment gepubliceerd door", "Fragment uit",
        "Trefwoorden", "Feeds", "Zoeken", "Zie ook", "Gemeenschappelijk", "Nieuwer", "Ouder", "Bijgewerkt",
        "Startpagina", "Nog niets",
    ]),
    ("ru", [
        "Рекомендуем вам", "Также опубликовано", "Источник", "Читать статью на сайте", "Отрывок опубликован", "Отрывок из", "Метки",
        "Ленты", "Поиск", "По теме", "Общее", "Новее", "Старее", "Обновлено", "Главная", "Пока ничего нет",
    ]),
    ("he", [
        "מומלץ עבורך", "פורסם גם אצל", "מקור", "לקריאת הכתבה באתר", "קטע פורסם אצל", "קטע מתוך", "תגיות", "פידים", "חיפוש",
        "קשורים לנושא", "במשותף", "חדשים יותר", "ישנים יותר", "עודכן", "דף הבית", "אין כאן דבר עדיין",
    ]),
    ("fa", [
        "پیشنهاد برای شما", "همچنین منتشرشده در", "منبع", "خواندن مقاله در", "گزیده‌ای منتشرشده در", "گزیده‌ای از", "برچسب‌ها",
        "خوراک‌ها", "جستجو", "مطالب مرتبط", "مشترک", "تازه‌تر", "قدیمی‌تر", "به‌روزرسانی", "خانه", "هنوز چیزی نیست",
    ]),
    ("tr", [
        "Sizin için önerilenler", "Ayrıca yayımlayan", "Kaynak", "Haberin tamamı", "Alıntıyı yayımlayan", "Alıntılanan haber", "Etiketler",
        "Akışlar", "Ara", "İlgili", "Ortak", "Daha yeni", "Daha eski", "Güncellendi", "Ana sayfa",
        "Henüz bir şey yok",
    ]),
    ("ja", [
        "おすすめの記事", "ほかの掲載元", "出典", "記事を読む", "抜粋の掲載元", "抜粋元", "タグ", "フィード", "検索", "関連記事", "共通点", "新しい記事", "古い記事", "更新", "ホーム",
        "まだ何もありません",
    ]),
    ("zh", [
        "为您推荐", "其他发布者", "来源", "阅读原文", "摘录发布者", "摘自", "标签", "订阅源", "搜索", "相关文章", "共同点", "较新", "较旧", "更新于", "首页", "暂无内容",
    ]),
    ("zh-Hant", [
        "為您推薦", "其他發布者", "來源", "閱讀原文", "摘錄發布者", "摘自", "標籤", "訂閱源", "搜尋", "相關文章", "共同點", "較新", "較舊", "更新於", "首頁", "尚無內容",
    ]),
    ("pl", [
        "Polecane dla Ciebie", "Opublikowane także przez", "Źródło", "Czytaj artykuł w serwisie",
        "Fragment opublikowany przez", "Fragment artykułu", "Tagi", "Kanały", "Szukaj", "Powiązane", "Wspólne", "Nowsze", "Starsze",
        "Zaktualizowano", "Strona główna", "Jeszcze nic tu nie ma",
    ]),
    ("uk", [
        "Рекомендуємо вам", "Також опубліковано", "Джерело", "Читати статтю на сайті", "Уривок опубліковано", "Уривок з", "Теги",
        "Стрічки", "Пошук", "За темою", "Спільне", "Новіші", "Старіші", "Оновлено", "Головна", "Поки нічого немає",
    ]),
    ("ca", [
        "Recomanat per a vós", "També publicat per", "Font", "Llegiu l’article a", "Extracte publicat per", "Extracte de",
        "Etiquetes", "Canals", "Cerca", "Relacionat", "En comú", "Més recents", "Més antics", "Actualitzat", "Inici",
        "Encara no hi ha res",
    ]),
    ("sv", [
        "Rekommenderat för dig", "Även publicerad av", "Källa", "Läs artikeln hos", "Utdrag publicerat av", "Utdrag ur", "Taggar",
        "Flöden", "Sök", "Relaterat", "Gemensamt", "Nyare", "Äldre", "Uppdaterad", "Startsida", "Inget här ännu",
    ]),
    ("el", [
        "Προτεινόμενα για εσάς", "Δημοσιεύτηκε επίσης από", "Πηγή", "Διαβάστε το άρθρο στο",
        "Απόσπασμα δημοσιεύτηκε από", "Απόσπασμα από", "Ετικέτες", "Ροές", "Αναζήτηση", "Σχετικά", "Κοινά", "Νεότερα", "Παλαιότερα",
        "Ενημερώθηκε", "Αρχική", "Τίποτα ακόμη",
    ]),
    ("ko", [
        "추천 기사", "다른 게재처", "출처", "기사 읽기", "발췌 게재처", "발췌 원문", "태그", "피드", "검색", "관련 기사", "공통점", "최신 기사", "이전 기사", "업데이트", "홈",
        "아직 내용이 없습니다",
    ]),
    ("eo", [
        "Rekomendita por vi", "Ankaŭ publikigita de", "Fonto", "Legi la artikolon ĉe", "Eltiraĵo publikigita de", "Eltiraĵo el",
        "Etikedoj", "Fluoj", "Serĉi", "Rilataj", "Komune", "Pli novaj", "Pli malnovaj", "Ĝisdatigita", "Hejmo",
        "Ankoraŭ nenio",
    ]),
];

/// A phrase in a language, in English where the language is not in the table.
#[must_use]
pub fn phrase(what: Phrase, lang: &Lang) -> &'static str {
    let primary = match lang.primary() {
        "zh" if ["zh-Hant", "zh-TW", "zh-HK", "zh-MO"].iter().any(|tag| lang.as_str().starts_with(tag)) => "zh-Hant",
        // The code that Hebrew had before 1989.
        "iw" => "he",
        primary => primary,
    };
    let found = PHRASES.iter().find(|(of, _)| *of == primary).unwrap_or(&PHRASES[0]);
    found.1[what as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_languages_are_no_tags() {
        for (written, tag) in [("fr", "fr"), (" pt-br ", "pt-BR"), ("arz", "arz"), ("zh-Hant", "zh-Hant")] {
            assert_eq!(language(written).map(|l| l.to_string()), Ok(tag.to_owned()));
        }
        for (written, meant) in
            [("french", "fr"), ("Français", "fr"), ("Arabic", "ar"), ("العربية", "ar"), ("eng", "en")]
        {
            assert_eq!(language(written), Err(Some(meant)), "{written}");
        }
        assert_eq!(language("klingon"), Err(None));
        assert_eq!(language(""), Err(None));
    }

    #[test]
    fn latin_names_among_the_signs_of_the_east_make_no_latin() {
        let told = |text: &str| detect(text).map(|lang| lang.to_string());
        let japanese = "approx のデフォルト設定では、systemd の approx.socket が inetd の代わりに動きます。apt install approx と打つと debconf が尋ねます";
        assert_eq!(told(japanese).as_deref(), Some("ja"));
        assert_eq!(
            told("使用 systemd 的用户可以运行 systemctl enable approx.socket 来启动 approx 服务").as_deref(),
            Some("zh")
        );
        let english = "The default of the configuration is to start the service by a socket; the manual calls this 待ち受け, and so do we here.";
        assert_eq!(told(english).as_deref(), Some("en"));
    }

    #[test]
    fn tells_languages_and_keeps_silent_on_short_texts() {
        let told = |text: &str| detect(text).map(|l| l.to_string());
        for (lang, text) in [
            ("fr", "Le gouvernement a annoncé mercredi de nouvelles mesures pour les hôpitaux publics."),
            ("en", "The government announced new measures for public hospitals on Wednesday morning."),
            ("ar", "أعلنت الحكومة يوم الأربعاء عن إجراءات جديدة لصالح المستشفيات العمومية"),
            ("zh", "政府星期三宣布了针对公立医院的新措施，预计下个月开始实施。"),
            ("ja", "政府は水曜日、公立病院のための新しい対策を発表しました。"),
            ("el", "Η κυβέρνηση ανακοίνωσε την Τετάρτη νέα μέτρα για τα δημόσια νοσοκομεία."),
        ] {
            assert_eq!(told(text).as_deref(), Some(lang), "{text}");
        }
        for short in ["", "Gaza", "Direct : Paris", "12 345 678 901 234 567 890 123 456"] {
            assert_eq!(told(short), None, "{short}");
        }
    }

    #[test]
    fn a_short_text_is_told_by_a_script_that_is_not_the_declared_ones() {
        let told = |text: &str, declared: &str| by_script(text, Lang::parse(declared).as_ref()).map(|l| l.to_string());
        for (lang, text) in [
            ("ar", "غزة: هدنة جديدة تبدأ الليلة"),
            ("he", "שביתה בנמל חיפה"),
            ("ko", "부산항 파업"),
            ("ja", "港のストライキ"),
            ("zh", "港口罢工"),
            ("hi", "बंदरगाह पर हड़ताल"),
            ("th", "การนัดหยุดงานที่ท่าเรือ"),
            ("el", "Απεργία στο λιμάνι"),
        ] {
            assert_eq!(told(text, "fr").as_deref(), Some(lang), "{text}");
            assert_eq!(told(text, "").as_deref(), Some(lang), "{text}");
            assert_eq!(told(text, lang), None, "{text}");
        }
        for (text, declared) in
            [("غزة: هدنة جديدة", "ckb"), ("غزة: هدنة", "fa"), ("港口罢工", "ja"), ("Grève au port", "ar")]
        {
            assert_eq!(told(text, declared), None, "{text}");
        }
        assert_eq!([told("Забастовка", "fr"), told("Le mot גז dans un titre", "fr")], [None, None]);
    }

    #[test]
    fn every_language_found_has_its_usual_code() {
        let three: Vec<_> = Found::all().iter().filter(|l| code(**l).len() != 2).collect();
        assert!(three.is_empty(), "{three:?}");
    }

    #[test]
    fn phrases_are_in_the_readers_language() {
        let said = |what, lang: &str| phrase(what, &Lang::parse(lang).unwrap());
        assert_eq!(said(Phrase::Recommended, "fr-CA"), "Recommandé pour vous");
        assert_eq!(said(Phrase::NothingYet, "en"), "Nothing here yet");
        assert_eq!(said(Phrase::Tags, "zh-TW"), "標籤");
        assert_eq!(said(Phrase::Tags, "zh-CN"), "标签");
        assert_eq!(said(Phrase::Source, "ar"), "المصدر");
        assert_eq!(said(Phrase::Search, "xx"), "Search");
        assert!(PHRASES.iter().all(|(_, all)| all.iter().all(|p| !p.is_empty())));
    }
}
