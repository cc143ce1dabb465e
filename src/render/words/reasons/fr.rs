//! French.

use super::{Copies, Feeds, From, Left, Next, Reasons, Tags, Terms};

fn count(n: usize, one: &str, many: &str) -> String {
    if n < 2 { format!("{n}\u{a0}{one}") } else { format!("{n}\u{a0}{many}") }
}

pub(super) const REASONS: Reasons = Reasons {
    code: "fr",
    sections: ["D’où il vient", "Ce qui a été laissé de côté", "Mots-clés", "Fils", "Copies", "À lire ensuite"],
    none: "rien",
    colon: "\u{a0}: ",
    comma: ", ",
    semicolon: "\u{a0}; ",
    lines: |n| count(n, "ligne", "lignes"),
    characters: |n| count(n, "caractère", "caractères"),
    stories: |n| count(n, "article", "articles"),
    from: From {
        source_label: "source",
        gone: ", qui n’est plus dans le fichier",
        outlet_label: "média",
        taken_over_label: "repris de",
        original_label: "original",
        followed_label: "suivi depuis",
        seen_label: "vu d’abord le",
        dated_label: "daté du",
        dated: [
            "comme il le dit",
            "quand il a été vu d’abord, car il ne dit aucune date",
            "quand il a été vu d’abord, car la date qu’il dit était encore à venir",
        ],
        updated_label: "mis à jour le",
        text_label: "texte",
        text: ["tel que sa source le donne", "lu sur sa page"],
        language_label: "langue",
        unknown: "inconnue",
        known_label: "reconnu par",
        known: [
            "l’identifiant que sa source lui donne",
            "son adresse",
            "son texte, car il n’a ni identifiant ni adresse",
        ],
        guid: "identifiant chez sa source",
        key: "adresse, pour comparer",
        hash: "empreinte de son texte",
        rights_label: "droits",
        rights: [
            "tout peut être republié",
            "un extrait peut être republié",
            "titre et lien peuvent être republiés",
            "seuls les fils à clé peuvent le montrer",
        ],
        rights_by: [
            "`republish` le dit dans le fichier",
            "le fichier ne dit rien, et sa source diffuse elle-même le texte",
            "le fichier ne dit rien, et le texte a été lu sur sa page",
            "la source est privée",
        ],
        note_label: "remarque sur sa source",
    },
    left: Left {
        reading_label: "lecture",
        nothing: "rien, ou cela n’a pas été noté",
        leaves: |leave, all| format!("{leave} des {all} caractères du texte peuvent sortir"),
        page_label: "page",
        page: |kept, all, by_file, sure| {
            let found = if by_file { "là où le fichier le dit" } else { "d’après sa forme" };
            format!("{kept} caractères sur {all} sont l’article, trouvé {found}, sûr à {sure}\u{a0}%")
        },
        not_taken: "\u{a0}; le texte de la source était plus complet et a été gardé",
        and_label: "et",
        more_lines: |n| count(n, "ligne de plus", "lignes de plus"),
        cleaning_label: "au nettoyage",
        kinds: [
            "`drop` dans le fichier",
            "navigation et autres",
            "avant le texte",
            "dit deux fois",
            "entre les paragraphes",
            "encadré sur autre chose",
            "commun à ses pages",
            "après le texte",
            "marque de la maison",
            "montré comme chapô",
            "signature",
        ],
    },
    tags: Tags {
        source: "tous les articles de sa source l’ont",
        rule: "une règle du fichier",
        rule_untold: "donné par une règle qui n’est plus dans le fichier ou n’est pas dite ici",
        hashtag: "un hashtag de son texte ou de sa page",
        category: "une catégorie de son fil",
        keyword: "un mot-clé de sa page",
        learnt: "appris des articles qui lui ressemblent le plus",
        brought: |outlet| format!(", sur la copie de {outlet}"),
        no_longer: "tel qu’il est maintenant, la règle ne le donne pas",
    },
    feeds: Feeds {
        shown: |at, limit| format!("dedans, numéro {at} de {limit} au plus"),
        not_looked_up: "choisi\u{a0}; sa place n’a pas été cherchée",
        not_in: "pas dedans",
        beyond: |limit| format!("choisi, mais pas parmi les {limit} qu’il montre"),
        not_admitted: "choisi\u{a0}; montré une fois admis, à la fin d’un tour de relevés",
        private: "choisi, mais pas montré\u{a0}: sa source est privée et le fil n’a pas de clé",
        keyed: " (à clé)",
        untold: "sa requête n’est pas dite ici",
        everything: "il prend tout",
    },
    copies: Copies {
        leads: [
            "il n’y en a pas d’autre",
            "un autre le nomme comme son original",
            "sa source a le `rank` le plus bas",
            "il était là le premier",
        ],
        leads_as: |why| format!("en tête\u{a0}: {why}"),
        copy: "copie",
        excerpt: "extrait",
        by_address: "rattaché par la même adresse",
        by_text: "rattaché par le même texte",
        by_likeness: |share| format!("rattaché par {share} de son texte"),
        founded: "le premier de tous",
        seen: |at, rank| format!("vu d’abord le {at}\u{a0}; rang {rank}"),
        private: "\u{a0}; privé",
        at: |url| format!("à l’adresse {url}"),
        was_label: "fut aussi",
    },
    next: Next {
        feeds_label: "dans les fils",
        not_fixed: "pas encore fixé",
        fixed: |at, completed| {
            let since = if completed { ", complété depuis" } else { "" };
            format!("fixé le {at}{since}")
        },
        page_label: "sur sa page maintenant",
        nothing_shared: "rien de commun",
    },
    terms: Terms {
        holds: "vérifié",
        fails: "non vérifié",
        stands_in: |places| format!("se trouve dans {places}"),
        places: ["le titre", "le texte", "la signature"],
        unwanted: ", et n’est pas voulu",
        more: |n| format!("et {n} termes de plus"),
    },
};
