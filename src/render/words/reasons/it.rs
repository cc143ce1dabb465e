//! Italian.

use super::{Copies, Feeds, From, Left, Next, Reasons, Tags, Terms};

fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

pub(super) const REASONS: Reasons = Reasons {
    code: "it",
    sections: ["Da dove viene", "Che cosa è stato tolto", "Parole chiave", "Canali", "Copie", "Che cosa leggere dopo"],
    none: "niente",
    colon: ": ",
    comma: ", ",
    semicolon: "; ",
    lines: |n| count(n, "riga", "righe"),
    characters: |n| count(n, "carattere", "caratteri"),
    stories: |n| count(n, "articolo", "articoli"),
    from: From {
        source_label: "fonte",
        gone: ", che non è più nel file",
        outlet_label: "testata",
        taken_over_label: "ripreso da",
        original_label: "originale",
        followed_label: "seguito da",
        seen_label: "visto la prima volta",
        dated_label: "datato",
        dated: [
            "come dice esso stesso",
            "quando è stato visto la prima volta, perché non dice alcuna data",
            "quando è stato visto la prima volta, perché la data che dice doveva ancora venire",
        ],
        updated_label: "aggiornato",
        text_label: "testo",
        text: ["come lo dà la sua fonte", "letto nella sua pagina"],
        language_label: "lingua",
        unknown: "sconosciuta",
        known_label: "riconosciuto da",
        known: [
            "l’identificativo che gli dà la sua fonte",
            "il suo indirizzo",
            "il suo testo, perché non ha né identificativo né indirizzo",
        ],
        guid: "identificativo presso la sua fonte",
        key: "indirizzo, per confrontare",
        hash: "impronta del suo testo",
        rights_label: "diritti",
        rights: [
            "si può ripubblicare tutto",
            "si può ripubblicare un estratto",
            "si possono ripubblicare titolo e link",
            "solo i canali con una chiave possono mostrarlo",
        ],
        rights_by: [
            "lo dice `republish` nel file",
            "il file non dice nulla, e la fonte diffonde essa stessa il testo",
            "il file non dice nulla, e il testo è stato letto nella sua pagina",
            "la fonte è privata",
        ],
        note_label: "nota sulla sua fonte",
    },
    left: Left {
        reading_label: "alla lettura",
        nothing: "niente, o non è stato annotato",
        leaves: |leave, all| format!("escono {leave} dei {all} caratteri del testo"),
        page_label: "pagina",
        page: |kept, all, by_file, sure| {
            let found = if by_file { "dove dice il file" } else { "dalla sua forma" };
            format!("{kept} caratteri su {all} sono l’articolo, trovato {found}, sicuro al {sure}\u{a0}%")
        },
        not_taken: "; il testo della fonte era più completo ed è stato tenuto",
        and_label: "e",
        more_lines: |n| count(n, "riga in più", "righe in più"),
        cleaning_label: "alla pulizia",
        kinds: [
            "`drop` nel file",
            "navigazione e simili",
            "prima del testo",
            "detto due volte",
            "fra i paragrafi",
            "riquadro su altro",
            "comune alle sue pagine",
            "dopo il testo",
            "marchio della casa",
            "mostrato come sommario",
            "firma",
        ],
    },
    tags: Tags {
        source: "la hanno tutti gli articoli della sua fonte",
        rule: "una regola del file",
        rule_untold: "l’ha data una regola che non è più nel file o che qui non si dice",
        hashtag: "un hashtag del suo testo o della sua pagina",
        category: "una categoria del suo canale",
        keyword: "una parola chiave della sua pagina",
        learnt: "appresa dagli articoli che più gli somigliano",
        brought: |outlet| format!(", sulla copia di {outlet}"),
        no_longer: "così com’è ora, la regola non la dà",
    },
    feeds: Feeds {
        shown: |at, limit| format!("dentro, numero {at} di {limit} al massimo"),
        not_looked_up: "scelto; il suo posto non è stato cercato",
        not_in: "non c’è",
        beyond: |limit| format!("scelto, ma non fra i {limit} che mostra"),
        not_admitted: "scelto; mostrato una volta ammesso, alla fine di un giro di letture",
        private: "scelto, ma non mostrato: la sua fonte è privata e il canale non ha chiave",
        keyed: " (con una chiave)",
        untold: "la sua ricerca qui non si dice",
        everything: "prende tutto",
    },
    copies: Copies {
        leads: [
            "non ce n’è un altro",
            "un altro lo nomina come suo originale",
            "la sua fonte ha il `rank` più basso",
            "c’era per primo",
        ],
        leads_as: |why| format!("in testa: {why}"),
        copy: "copia",
        excerpt: "estratto",
        by_address: "unito per lo stesso indirizzo",
        by_text: "unito per lo stesso testo",
        by_likeness: |share| format!("unito per {share} del suo testo"),
        founded: "il primo di tutti",
        seen: |at, rank| format!("visto la prima volta {at}; rango {rank}"),
        private: "; privato",
        at: |url| format!("all’indirizzo {url}"),
        was_label: "fu anche",
    },
    next: Next {
        feeds_label: "nei canali",
        not_fixed: "non ancora fissato",
        fixed: |at, completed| {
            let since = if completed { ", e completato in seguito" } else { "" };
            format!("fissato {at}{since}")
        },
        page_label: "ora nella sua pagina",
        nothing_shared: "niente in comune",
    },
    terms: Terms {
        holds: "vale",
        fails: "non vale",
        stands_in: |places| format!("si trova in {places}"),
        places: ["titolo", "testo", "firma"],
        unwanted: ", e non è voluto",
        more: |n| format!("e altri {n} termini"),
    },
};
