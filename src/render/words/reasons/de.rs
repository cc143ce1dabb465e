//! German.

use super::{Copies, Feeds, From, Left, Next, Reasons, Tags, Terms};

fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

pub(super) const REASONS: Reasons = Reasons {
    code: "de",
    sections: ["Woher er kommt", "Was weggelassen wurde", "Schlagwörter", "Feeds", "Kopien", "Was als Nächstes lesen"],
    none: "nichts",
    colon: ": ",
    comma: ", ",
    semicolon: "; ",
    lines: |n| count(n, "Zeile", "Zeilen"),
    characters: |n| format!("{n} Zeichen"),
    stories: |n| format!("{n} Artikel"),
    from: From {
        source_label: "Quelle",
        gone: ", die nicht mehr in der Datei steht",
        outlet_label: "Medium",
        taken_over_label: "übernommen von",
        original_label: "Original",
        followed_label: "gefunden über",
        seen_label: "zuerst gesehen",
        dated_label: "datiert",
        dated: [
            "wie er selbst sagt",
            "als er zuerst gesehen wurde, da er kein Datum nennt",
            "als er zuerst gesehen wurde, da das genannte Datum noch bevorstand",
        ],
        updated_label: "aktualisiert",
        text_label: "Text",
        text: ["wie die Quelle ihn liefert", "auf seiner Seite gelesen"],
        language_label: "Sprache",
        unknown: "unbekannt",
        known_label: "wiedererkannt an",
        known: [
            "der Kennung, die seine Quelle ihm gibt",
            "seiner Adresse",
            "seinem Text, da er weder Kennung noch Adresse hat",
        ],
        guid: "Kennung bei seiner Quelle",
        key: "Adresse zum Vergleichen",
        hash: "Prüfsumme seines Textes",
        rights_label: "Rechte",
        rights: [
            "alles darf weiterverbreitet werden",
            "ein Auszug darf weiterverbreitet werden",
            "Titel und Link dürfen weiterverbreitet werden",
            "nur Feeds mit Schlüssel dürfen ihn zeigen",
        ],
        rights_by: [
            "so sagt es `republish` in der Datei",
            "die Datei sagt nichts, und die Quelle verbreitet den Text selbst",
            "die Datei sagt nichts, und der Text wurde auf seiner Seite gelesen",
            "die Quelle ist privat",
        ],
        note_label: "Anmerkung zur Quelle",
    },
    left: Left {
        reading_label: "beim Lesen",
        nothing: "nichts, oder es wurde nicht vermerkt",
        leaves: |leave, all| format!("{leave} von {all} Zeichen des Textes werden gezeigt"),
        page_label: "Seite",
        page: |kept, all, by_file, sure| {
            let found = if by_file { "wo die Datei es sagt" } else { "an seiner Form" };
            format!("{kept} von {all} Zeichen sind der Artikel, gefunden {found}, zu {sure}\u{a0}% sicher")
        },
        not_taken: "; der Text der Quelle war vollständiger und wurde behalten",
        and_label: "und",
        more_lines: |n| count(n, "weitere Zeile", "weitere Zeilen"),
        cleaning_label: "beim Säubern",
        kinds: [
            "`drop` in der Datei",
            "Navigation und Ähnliches",
            "vor dem Text",
            "doppelt gesagt",
            "zwischen Absätzen",
            "Kasten über anderes",
            "allen Seiten gemeinsam",
            "nach dem Text",
            "Zeichen des Hauses",
            "als Vorspann gezeigt",
            "Unterschrift",
        ],
    },
    tags: Tags {
        source: "jeder Artikel seiner Quelle hat es",
        rule: "eine Regel der Datei",
        rule_untold: "eine Regel gab es, die nicht mehr in der Datei steht oder hier nicht genannt wird",
        hashtag: "ein Hashtag seines Textes oder seiner Seite",
        category: "eine Kategorie seines Feeds",
        keyword: "ein Stichwort seiner Seite",
        learnt: "gelernt von den ähnlichsten Artikeln",
        brought: |outlet| format!(", an der Kopie von {outlet}"),
        no_longer: "so wie er jetzt ist, gibt die Regel es nicht",
    },
    feeds: Feeds {
        shown: |at, limit| format!("darin, Nummer {at} von höchstens {limit}"),
        not_looked_up: "ausgewählt; sein Platz wurde nicht nachgesehen",
        not_in: "nicht darin",
        beyond: |limit| format!("ausgewählt, aber nicht unter den {limit}, die er zeigt"),
        not_admitted: "ausgewählt; gezeigt, sobald er zugelassen ist, am Ende einer Abfragerunde",
        private: "ausgewählt, aber nicht gezeigt: die Quelle ist privat, und der Feed hat keinen Schlüssel",
        keyed: " (mit Schlüssel)",
        untold: "seine Abfrage wird hier nicht genannt",
        everything: "er nimmt alles",
    },
    copies: Copies {
        leads: [
            "es gibt keinen anderen",
            "ein anderer nennt ihn als Original",
            "seine Quelle hat den niedrigsten `rank`",
            "er war zuerst da",
        ],
        leads_as: |why| format!("führt: {why}"),
        copy: "Kopie",
        excerpt: "Auszug",
        by_address: "zugeordnet durch dieselbe Adresse",
        by_text: "zugeordnet durch denselben Text",
        by_likeness: |share| format!("zugeordnet durch {share} seines Textes"),
        founded: "der erste von allen",
        seen: |at, rank| format!("zuerst gesehen {at}; Rang {rank}"),
        private: "; privat",
        at: |url| format!("unter {url}"),
        was_label: "war auch",
    },
    next: Next {
        feeds_label: "in Feeds",
        not_fixed: "noch nicht festgelegt",
        fixed: |at, completed| {
            let since = if completed { ", seitdem ergänzt" } else { "" };
            format!("festgelegt {at}{since}")
        },
        page_label: "jetzt auf seiner Seite",
        nothing_shared: "nichts gemeinsam",
    },
    terms: Terms {
        holds: "trifft zu",
        fails: "trifft nicht zu",
        stands_in: |places| format!("steht in {places}"),
        places: ["Titel", "Text", "Verfasser"],
        unwanted: ", und ist nicht gewollt",
        more: |n| format!("und {n} weitere Begriffe"),
    },
};
