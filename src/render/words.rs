//! What our pages say, in each language that they speak; English where a language is not in the table.

use crate::model::{HealthState, Lang};

/// The words of the pages in one language.
pub(super) struct Words {
    /// The language itself.
    pub(super) code: &'static str,
    /// Between a label and what it announces; French sets a no-break space before it.
    pub(super) colon: &'static str,
    /// Between the items of a list in a sentence.
    pub(super) comma: &'static str,
    /// Name of the page of feeds on the home page.
    pub(super) feeds: &'static str,
    /// Heading of the list of tags.
    pub(super) tags: &'static str,
    /// Heading of the newest stories.
    pub(super) newest: &'static str,
    /// Link to all tags.
    pub(super) all_tags: &'static str,
    /// Link to the feed of everything.
    pub(super) everything: &'static str,
    /// Before the links to the three formats.
    pub(super) subscribe: &'static str,
    /// An edition without stories.
    pub(super) empty: &'static str,
    /// Before what two stories share.
    pub(super) shared: &'static str,
    /// Before the date of a real change.
    pub(super) updated: &'static str,
    /// Heading of the attached files.
    pub(super) files: &'static str,
    /// The page of the sources' health, and its columns.
    pub(super) status: Status,
    /// What went wrong, by HTTP status: 404, 410, 503, any other.
    pub(super) wrong: [&'static str; 4],
    /// Link back to the site.
    pub(super) home: &'static str,
    /// Skip link for keyboards and screen readers.
    pub(super) skip: &'static str,
    months: [&'static str; 12],
    /// A day in words.
    pub(super) day: fn(u32, &str, i32) -> String,
}

/// The words of the status page.
pub(super) struct Status {
    pub(super) title: &'static str,
    pub(super) source: &'static str,
    pub(super) state: &'static str,
    pub(super) polled: &'static str,
    pub(super) next: &'static str,
    pub(super) articles: &'static str,
    pub(super) since: &'static str,
    pub(super) failures: &'static str,
    /// Fine, failing, broken, blocked, gone.
    states: [&'static str; 5],
}

impl Words {
    /// The name of a month, 1 to 12.
    pub(super) fn month(&self, month: u32) -> &'static str {
        self.months.get(month.saturating_sub(1) as usize).copied().unwrap_or("")
    }

    /// What a state is called.
    pub(super) fn state(&self, state: HealthState) -> &'static str {
        let [fine, failing, broken, blocked, gone] = self.status.states;
        match state {
            HealthState::Ok => fine,
            HealthState::Failing => failing,
            HealthState::Broken => broken,
            HealthState::Blocked => blocked,
            HealthState::Gone => gone,
        }
    }

    /// What an HTTP status means to a reader.
    pub(super) fn wrong(&self, status: u16) -> &'static str {
        let [missing, gone, busy, other] = self.wrong;
        match status {
            404 => missing,
            410 => gone,
            429 | 503 => busy,
            _ => other,
        }
    }
}

/// The words of a language.
pub(super) fn words(lang: &Lang) -> &'static Words {
    known(lang).unwrap_or(&EN)
}

/// The words of a language, of `other` where it is not in the table.
pub(super) fn words_or(lang: &Lang, other: &Lang) -> &'static Words {
    known(lang).unwrap_or_else(|| words(other))
}

fn known(lang: &Lang) -> Option<&'static Words> {
    [&FR, &EN, &AR, &ES, &DE, &IT, &PT].into_iter().find(|w| w.code == lang.primary())
}

const FR: Words = Words {
    code: "fr",
    colon: "\u{a0}: ",
    comma: ",",
    feeds: "Fils",
    tags: "Mots-clés",
    newest: "Derniers articles",
    all_tags: "Tous les mots-clés",
    everything: "Tous les articles",
    subscribe: "S’abonner",
    empty: "Aucun article pour l’instant.",
    shared: "en commun",
    updated: "mis à jour le",
    files: "Fichiers joints",
    status: Status {
        title: "État des sources",
        source: "Source",
        state: "État",
        polled: "Dernière visite",
        next: "Prochaine visite",
        articles: "Articles",
        since: "depuis le",
        failures: "échecs de suite",
        states: ["tout va bien", "en panne", "à réparer", "accès refusé", "disparue"],
    },
    wrong: [
        "Cette page n’existe pas.",
        "Cette page n’existe plus.",
        "Le site est très sollicité. Réessayez dans un instant.",
        "Quelque chose n’a pas fonctionné.",
    ],
    home: "Retour à l’accueil",
    skip: "Aller au contenu",
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    day: |d, m, y| if d == 1 { format!("1er\u{a0}{m} {y}") } else { format!("{d}\u{a0}{m} {y}") },
};

const EN: Words = Words {
    code: "en",
    colon: ": ",
    comma: ",",
    feeds: "Feeds",
    tags: "Tags",
    newest: "Latest",
    all_tags: "All tags",
    everything: "Everything",
    subscribe: "Subscribe",
    empty: "No stories yet.",
    shared: "in common",
    updated: "updated",
    files: "Attached files",
    status: Status {
        title: "State of the sources",
        source: "Source",
        state: "State",
        polled: "Last visit",
        next: "Next visit",
        articles: "Articles",
        since: "since",
        failures: "failures in a row",
        states: ["fine", "failing", "needs mending", "refuses us", "gone"],
    },
    wrong: [
        "This page does not exist.",
        "This page no longer exists.",
        "The site is very busy. Please try again in a moment.",
        "Something did not work.",
    ],
    home: "Back to the site",
    skip: "Skip to the text",
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    day: |d, m, y| format!("{d}\u{a0}{m} {y}"),
};

const AR: Words = Words {
    code: "ar",
    colon: ": ",
    comma: "،",
    feeds: "الخلاصات",
    tags: "الوسوم",
    newest: "أحدث المقالات",
    all_tags: "كل الوسوم",
    everything: "كل المقالات",
    subscribe: "اشترك",
    empty: "لا توجد مقالات بعد.",
    shared: "المشترك",
    updated: "حُدّث في",
    files: "ملفات مرفقة",
    status: Status {
        title: "حالة المصادر",
        source: "المصدر",
        state: "الحالة",
        polled: "آخر زيارة",
        next: "الزيارة المقبلة",
        articles: "المقالات",
        since: "منذ",
        failures: "إخفاقات متتالية",
        states: ["سليم", "لا يستجيب", "يحتاج إلى إصلاح", "يرفض الدخول", "لم يعد موجودًا"],
    },
    wrong: [
        "هذه الصفحة غير موجودة.",
        "لم تعد هذه الصفحة موجودة.",
        "الموقع مشغول جدًا. حاول مجددًا بعد لحظات.",
        "حدث خطأ ما.",
    ],
    home: "العودة إلى الموقع",
    skip: "انتقل إلى النص",
    months: [
        "يناير",
        "فبراير",
        "مارس",
        "أبريل",
        "مايو",
        "يونيو",
        "يوليو",
        "أغسطس",
        "سبتمبر",
        "أكتوبر",
        "نوفمبر",
        "ديسمبر",
    ],
    day: |d, m, y| format!("{d}\u{a0}{m} {y}"),
};

const ES: Words = Words {
    code: "es",
    colon: ": ",
    comma: ",",
    feeds: "Canales",
    tags: "Etiquetas",
    newest: "Lo último",
    all_tags: "Todas las etiquetas",
    everything: "Todos los artículos",
    subscribe: "Suscribirse",
    empty: "Todavía no hay artículos.",
    shared: "en común",
    updated: "actualizado el",
    files: "Archivos adjuntos",
    status: Status {
        title: "Estado de las fuentes",
        source: "Fuente",
        state: "Estado",
        polled: "Última visita",
        next: "Próxima visita",
        articles: "Artículos",
        since: "desde el",
        failures: "fallos seguidos",
        states: ["bien", "con fallos", "por reparar", "acceso denegado", "desaparecida"],
    },
    wrong: [
        "Esta página no existe.",
        "Esta página ya no existe.",
        "El sitio está muy solicitado. Inténtelo de nuevo en un momento.",
        "Algo no ha funcionado.",
    ],
    home: "Volver al sitio",
    skip: "Ir al texto",
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    day: |d, m, y| format!("{d} de {m} de {y}"),
};

const DE: Words = Words {
    code: "de",
    colon: ": ",
    comma: ",",
    feeds: "Feeds",
    tags: "Schlagwörter",
    newest: "Neueste",
    all_tags: "Alle Schlagwörter",
    everything: "Alle Artikel",
    subscribe: "Abonnieren",
    empty: "Noch keine Artikel.",
    shared: "gemeinsam",
    updated: "aktualisiert am",
    files: "Dateien",
    status: Status {
        title: "Zustand der Quellen",
        source: "Quelle",
        state: "Zustand",
        polled: "Letzter Besuch",
        next: "Nächster Besuch",
        articles: "Artikel",
        since: "seit",
        failures: "Fehlschläge in Folge",
        states: ["in Ordnung", "gestört", "reparaturbedürftig", "Zugang verweigert", "verschwunden"],
    },
    wrong: [
        "Diese Seite gibt es nicht.",
        "Diese Seite gibt es nicht mehr.",
        "Die Website ist stark ausgelastet. Bitte versuchen Sie es gleich noch einmal.",
        "Etwas hat nicht funktioniert.",
    ],
    home: "Zurück zur Startseite",
    skip: "Zum Text",
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    day: |d, m, y| format!("{d}. {m} {y}"),
};

const IT: Words = Words {
    code: "it",
    colon: ": ",
    comma: ",",
    feeds: "Canali",
    tags: "Parole chiave",
    newest: "Ultimi articoli",
    all_tags: "Tutte le parole chiave",
    everything: "Tutti gli articoli",
    subscribe: "Iscriviti",
    empty: "Ancora nessun articolo.",
    shared: "in comune",
    updated: "aggiornato il",
    files: "File allegati",
    status: Status {
        title: "Stato delle fonti",
        source: "Fonte",
        state: "Stato",
        polled: "Ultima visita",
        next: "Prossima visita",
        articles: "Articoli",
        since: "dal",
        failures: "errori di seguito",
        states: ["tutto bene", "in errore", "da riparare", "accesso negato", "scomparsa"],
    },
    wrong: [
        "Questa pagina non esiste.",
        "Questa pagina non esiste più.",
        "Il sito è molto occupato. Riprovi tra un momento.",
        "Qualcosa non ha funzionato.",
    ],
    home: "Torna al sito",
    skip: "Vai al testo",
    months: [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    day: |d, m, y| if d == 1 { format!("1º\u{a0}{m} {y}") } else { format!("{d}\u{a0}{m} {y}") },
};

const PT: Words = Words {
    code: "pt",
    colon: ": ",
    comma: ",",
    feeds: "Canais",
    tags: "Etiquetas",
    newest: "Últimas",
    all_tags: "Todas as etiquetas",
    everything: "Todos os artigos",
    subscribe: "Subscrever",
    empty: "Ainda não há artigos.",
    shared: "em comum",
    updated: "atualizado em",
    files: "Ficheiros anexos",
    status: Status {
        title: "Estado das fontes",
        source: "Fonte",
        state: "Estado",
        polled: "Última visita",
        next: "Próxima visita",
        articles: "Artigos",
        since: "desde",
        failures: "falhas seguidas",
        states: ["tudo bem", "com falhas", "a reparar", "acesso recusado", "desaparecida"],
    },
    wrong: [
        "Esta página não existe.",
        "Esta página já não existe.",
        "O site está muito ocupado. Tente de novo daqui a pouco.",
        "Algo não funcionou.",
    ],
    home: "Voltar ao site",
    skip: "Ir para o texto",
    months: [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
    day: |d, m, y| format!("{d} de {m} de {y}"),
};
