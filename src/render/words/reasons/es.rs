//! Spanish.

use super::{Copies, Feeds, From, Left, Next, Reasons, Tags, Terms};

fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

pub(super) const REASONS: Reasons = Reasons {
    code: "es",
    sections: ["De dónde viene", "Lo que se dejó fuera", "Etiquetas", "Canales", "Copias", "Qué leer después"],
    none: "nada",
    colon: ": ",
    comma: ", ",
    semicolon: "; ",
    lines: |n| count(n, "línea", "líneas"),
    characters: |n| count(n, "carácter", "caracteres"),
    stories: |n| count(n, "artículo", "artículos"),
    from: From {
        source_label: "fuente",
        gone: ", que ya no está en el archivo",
        outlet_label: "medio",
        taken_over_label: "tomado de",
        original_label: "original",
        followed_label: "seguido desde",
        seen_label: "visto por primera vez",
        dated_label: "fechado",
        dated: [
            "como él mismo dice",
            "cuando se vio por primera vez, pues no dice ninguna fecha",
            "cuando se vio por primera vez, pues la fecha que dice aún no había llegado",
        ],
        updated_label: "actualizado",
        text_label: "texto",
        text: ["tal como lo da su fuente", "leído en su página"],
        language_label: "idioma",
        unknown: "desconocido",
        known_label: "se reconoce por",
        known: [
            "el identificador que le da su fuente",
            "su dirección",
            "su texto, pues no tiene identificador ni dirección",
        ],
        guid: "identificador en su fuente",
        key: "dirección, para comparar",
        hash: "huella de su texto",
        rights_label: "derechos",
        rights: [
            "se puede republicar todo",
            "se puede republicar un extracto",
            "se pueden republicar título y enlace",
            "solo los canales con clave pueden mostrarlo",
        ],
        rights_by: [
            "lo dice `republish` en el archivo",
            "el archivo no dice nada, y la propia fuente difunde el texto",
            "el archivo no dice nada, y el texto se leyó en su página",
            "la fuente es privada",
        ],
        note_label: "nota sobre su fuente",
    },
    left: Left {
        reading_label: "al leer",
        nothing: "nada, o no se anotó",
        leaves: |leave, all| format!("salen {leave} de los {all} caracteres del texto"),
        page_label: "página",
        page: |kept, all, by_file, sure| {
            let found = if by_file { "donde dice el archivo" } else { "por su forma" };
            format!("{kept} de {all} caracteres son el artículo, hallado {found}, con un {sure}\u{a0}% de certeza")
        },
        not_taken: "; el texto de la fuente era más completo y se conservó",
        and_label: "y",
        more_lines: |n| count(n, "línea más", "líneas más"),
        cleaning_label: "al limpiar",
        kinds: [
            "`drop` en el archivo",
            "navegación y similares",
            "antes del texto",
            "dicho dos veces",
            "entre párrafos",
            "recuadro sobre otra cosa",
            "común a sus páginas",
            "después del texto",
            "marca de la casa",
            "mostrado como entradilla",
            "firma",
        ],
    },
    tags: Tags {
        source: "todos los artículos de su fuente la llevan",
        rule: "una regla del archivo",
        rule_untold: "la dio una regla que ya no está en el archivo o que aquí no se dice",
        hashtag: "un hashtag de su texto o de su página",
        category: "una categoría de su canal",
        keyword: "una palabra clave de su página",
        learnt: "aprendida de los artículos que más se le parecen",
        brought: |outlet| format!(", en la copia de {outlet}"),
        no_longer: "tal como está ahora, la regla no la da",
    },
    feeds: Feeds {
        shown: |at, limit| format!("en él, número {at} de {limit} como máximo"),
        not_looked_up: "elegido; no se buscó su lugar",
        not_in: "no está en él",
        beyond: |limit| format!("elegido, pero no está entre los {limit} que muestra"),
        not_admitted: "elegido; se muestra cuando se admite, al final de una ronda de consultas",
        private: "elegido, pero no se muestra: su fuente es privada y el canal no tiene clave",
        keyed: " (con clave)",
        untold: "su consulta no se dice aquí",
        everything: "lo toma todo",
    },
    copies: Copies {
        leads: [
            "no hay otro",
            "otro lo nombra como su original",
            "su fuente tiene el `rank` más bajo",
            "fue el primero",
        ],
        leads_as: |why| format!("va primero: {why}"),
        copy: "copia",
        excerpt: "extracto",
        by_address: "unido por la misma dirección",
        by_text: "unido por el mismo texto",
        by_likeness: |share| format!("unido por {share} de su texto"),
        founded: "el primero de todos",
        seen: |at, rank| format!("visto por primera vez {at}; rango {rank}"),
        private: "; privado",
        at: |url| format!("en {url}"),
        was_label: "fue también",
    },
    next: Next {
        feeds_label: "en los canales",
        not_fixed: "aún no fijado",
        fixed: |at, completed| {
            let since = if completed { ", y completado después" } else { "" };
            format!("fijado {at}{since}")
        },
        page_label: "en su página ahora",
        nothing_shared: "nada en común",
    },
    terms: Terms {
        holds: "se cumple",
        fails: "no se cumple",
        stands_in: |places| format!("está en {places}"),
        places: ["título", "texto", "firma"],
        unwanted: ", y no se quiere",
        more: |n| format!("y {n} términos más"),
    },
};
