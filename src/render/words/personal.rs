//! What the pages of personal feeds say, and what leads to them, in the languages of the pages.

use crate::model::Lang;

/// The words in one language.
pub(in crate::render) struct Personal {
    code: &'static str,
    /// Heading of the stories that tell the same event.
    pub(in crate::render) alongside: &'static str,
    /// Title of a personal feed.
    pub(in crate::render) title: &'static str,
    /// What it is and how to begin.
    pub(in crate::render) begin: &'static str,
    /// Link: more stories like this one.
    pub(in crate::render) more: &'static str,
    /// Link: fewer like this one.
    pub(in crate::render) less: &'static str,
    /// Before a hashtag, the link that follows it.
    pub(in crate::render) follow: &'static str,
    /// Before the stories that the reader likes.
    pub(in crate::render) like: &'static str,
    /// Before those that the reader does not.
    pub(in crate::render) unlike: &'static str,
    /// Before the hashtags that the reader follows.
    pub(in crate::render) tags: &'static str,
    /// Link that takes a part of the profile away.
    pub(in crate::render) remove: &'static str,
    /// Before what is not known here, or is one too many.
    pub(in crate::render) unknown: &'static str,
}

#[rustfmt::skip]
const WORDS: [Personal; 7] = [
    Personal {
        code: "en", alongside: "Also on this", title: "For you",
        begin: "A feed of your own, without an account or a cookie: its address is all that it knows of you. Open a story and choose “More like this”, or follow one of its hashtags.",
        more: "More like this", less: "Less like this", follow: "Follow", like: "More like", unlike: "Less like",
        tags: "Followed", remove: "remove", unknown: "Left out, as it is not known here or is too much",
    },
    Personal {
        code: "fr", alongside: "Aussi sur ce sujet", title: "Pour vous",
        begin: "Un fil à vous, sans compte ni cookie : son adresse est tout ce qu’il sait de vous. Ouvrez un article et choisissez « Plus d’articles comme celui-ci », ou suivez l’un de ses mots-clés.",
        more: "Plus d’articles comme celui-ci", less: "Moins d’articles comme celui-ci", follow: "Suivre",
        like: "Plus d’articles comme", unlike: "Moins d’articles comme", tags: "Suivis", remove: "retirer",
        unknown: "Laissé de côté, car inconnu ici ou de trop",
    },
    Personal {
        code: "ar", alongside: "أيضًا حول هذا الموضوع", title: "لك",
        begin: "خلاصة خاصة بك، بلا حساب ولا ملفات ارتباط: عنوانها هو كل ما تعرفه عنك. افتح مقالًا واختر «المزيد مثل هذا»، أو تابع أحد وسومه.",
        more: "المزيد مثل هذا", less: "أقل مثل هذا", follow: "تابع", like: "المزيد مثل", unlike: "أقل مثل",
        tags: "الوسوم المتابعة", remove: "إزالة", unknown: "متروك لأنه غير معروف هنا أو زائد",
    },
    Personal {
        code: "de", alongside: "Auch dazu", title: "Für Sie",
        begin: "Ein Feed nur für Sie, ohne Konto und ohne Cookie: Seine Adresse ist alles, was er von Ihnen weiß. Öffnen Sie einen Artikel und wählen Sie „Mehr davon“, oder folgen Sie einem seiner Schlagwörter.",
        more: "Mehr davon", less: "Weniger davon", follow: "Folgen", like: "Mehr wie", unlike: "Weniger wie",
        tags: "Gefolgt", remove: "entfernen", unknown: "Ausgelassen, weil hier unbekannt oder zu viel",
    },
    Personal {
        code: "es", alongside: "También sobre esto", title: "Para ti",
        begin: "Un canal propio, sin cuenta ni cookies: su dirección es todo lo que sabe de ti. Abre un artículo y elige «Más como este», o sigue una de sus etiquetas.",
        more: "Más como este", less: "Menos como este", follow: "Seguir", like: "Más como", unlike: "Menos como",
        tags: "Seguidas", remove: "quitar", unknown: "Omitido, por desconocido aquí o por exceso",
    },
    Personal {
        code: "it", alongside: "Anche su questo", title: "Per te",
        begin: "Un feed tutto tuo, senza account né cookie: il suo indirizzo è tutto ciò che sa di te. Apri un articolo e scegli «Altri come questo», o segui una delle sue etichette.",
        more: "Altri come questo", less: "Meno come questo", follow: "Segui", like: "Altri come", unlike: "Meno come",
        tags: "Seguite", remove: "togli", unknown: "Tralasciato, perché sconosciuto qui o di troppo",
    },
    Personal {
        code: "pt", alongside: "Também sobre isto", title: "Para você",
        begin: "Um feed só seu, sem conta nem cookies: o endereço é tudo o que ele sabe de você. Abra um artigo e escolha “Mais como este”, ou siga uma das suas etiquetas.",
        more: "Mais como este", less: "Menos como este", follow: "Seguir", like: "Mais como", unlike: "Menos como",
        tags: "Seguidas", remove: "remover", unknown: "Deixado de fora, por ser desconhecido aqui ou em excesso",
    },
];

/// The words of a language, of `other` where it is not in the table, and of English else.
pub(in crate::render) fn personal(lang: &Lang, other: &Lang) -> &'static Personal {
    let known = |lang: &Lang| WORDS.iter().find(|words| words.code == lang.primary());
    let [english, ..] = &WORDS;
    known(lang).or_else(|| known(other)).unwrap_or(english)
}
