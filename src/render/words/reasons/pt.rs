//! Portuguese.

use super::{Copies, Feeds, From, Left, Next, Reasons, Tags, Terms};

fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

pub(super) const REASONS: Reasons = Reasons {
    code: "pt",
    sections: ["De onde veio", "O que ficou de fora", "Etiquetas", "Canais", "Cópias", "O que ler a seguir"],
    none: "nada",
    colon: ": ",
    comma: ", ",
    semicolon: "; ",
    lines: |n| count(n, "linha", "linhas"),
    characters: |n| count(n, "carácter", "caracteres"),
    stories: |n| count(n, "artigo", "artigos"),
    from: From {
        source_label: "fonte",
        gone: ", que já não está no ficheiro",
        outlet_label: "órgão",
        taken_over_label: "retomado de",
        original_label: "original",
        followed_label: "seguido a partir de",
        seen_label: "visto pela primeira vez",
        dated_label: "datado",
        dated: [
            "como ele próprio diz",
            "quando foi visto pela primeira vez, pois não diz nenhuma data",
            "quando foi visto pela primeira vez, pois a data que diz ainda estava por vir",
        ],
        updated_label: "atualizado",
        text_label: "texto",
        text: ["tal como a sua fonte o dá", "lido na sua página"],
        language_label: "língua",
        unknown: "desconhecida",
        known_label: "reconhecido por",
        known: [
            "o identificador que a sua fonte lhe dá",
            "o seu endereço",
            "o seu texto, pois não tem identificador nem endereço",
        ],
        guid: "identificador na sua fonte",
        key: "endereço, para comparar",
        hash: "impressão do seu texto",
        rights_label: "direitos",
        rights: [
            "tudo pode ser republicado",
            "um excerto pode ser republicado",
            "título e ligação podem ser republicados",
            "só os canais com chave o podem mostrar",
        ],
        rights_by: [
            "di-lo `republish` no ficheiro",
            "o ficheiro não diz nada, e a própria fonte difunde o texto",
            "o ficheiro não diz nada, e o texto foi lido na sua página",
            "a fonte é privada",
        ],
        note_label: "nota sobre a sua fonte",
    },
    left: Left {
        reading_label: "na leitura",
        nothing: "nada, ou não foi anotado",
        leaves: |leave, all| format!("saem {leave} dos {all} caracteres do texto"),
        page_label: "página",
        page: |kept, all, by_file, sure| {
            let found = if by_file { "onde o ficheiro diz" } else { "pela sua forma" };
            format!("{kept} de {all} caracteres são o artigo, encontrado {found}, com {sure}\u{a0}% de certeza")
        },
        not_taken: "; o texto da fonte era mais completo e foi mantido",
        and_label: "e",
        more_lines: |n| count(n, "linha a mais", "linhas a mais"),
        cleaning_label: "na limpeza",
        kinds: [
            "`drop` no ficheiro",
            "navegação e semelhantes",
            "antes do texto",
            "dito duas vezes",
            "entre parágrafos",
            "caixa sobre outra coisa",
            "comum às suas páginas",
            "depois do texto",
            "marca da casa",
            "mostrado como entrada",
            "assinatura",
        ],
    },
    tags: Tags {
        source: "todos os artigos da sua fonte a têm",
        rule: "uma regra do ficheiro",
        rule_untold: "deu-a uma regra que já não está no ficheiro ou que aqui não se diz",
        hashtag: "um hashtag do seu texto ou da sua página",
        category: "uma categoria do seu canal",
        keyword: "uma palavra-chave da sua página",
        learnt: "aprendida dos artigos mais parecidos com ele",
        brought: |outlet| format!(", na cópia de {outlet}"),
        no_longer: "tal como está agora, a regra não a dá",
    },
    feeds: Feeds {
        shown: |at, limit| format!("nele, número {at} de {limit} no máximo"),
        not_looked_up: "escolhido; o seu lugar não foi procurado",
        not_in: "não está nele",
        beyond: |limit| format!("escolhido, mas não entre os {limit} que mostra"),
        not_admitted: "escolhido; mostrado depois de admitido, no fim de uma ronda de leituras",
        private: "escolhido, mas não mostrado: a sua fonte é privada e o canal não tem chave",
        keyed: " (com chave)",
        untold: "a sua pesquisa não se diz aqui",
        everything: "leva tudo",
    },
    copies: Copies {
        leads: [
            "não há outro",
            "outro nomeia-o como seu original",
            "a sua fonte tem o `rank` mais baixo",
            "foi o primeiro",
        ],
        leads_as: |why| format!("à frente: {why}"),
        copy: "cópia",
        excerpt: "excerto",
        by_address: "juntado pelo mesmo endereço",
        by_text: "juntado pelo mesmo texto",
        by_likeness: |share| format!("juntado por {share} do seu texto"),
        founded: "o primeiro de todos",
        seen: |at, rank| format!("visto pela primeira vez {at}; posto {rank}"),
        private: "; privado",
        at: |url| format!("em {url}"),
        was_label: "foi também",
    },
    next: Next {
        feeds_label: "nos canais",
        not_fixed: "ainda não fixado",
        fixed: |at, completed| {
            let since = if completed { ", e completado depois" } else { "" };
            format!("fixado {at}{since}")
        },
        page_label: "na sua página agora",
        nothing_shared: "nada em comum",
    },
    terms: Terms {
        holds: "verifica-se",
        fails: "não se verifica",
        stands_in: |places| format!("está em {places}"),
        places: ["título", "texto", "assinatura"],
        unwanted: ", e não se quer",
        more: |n| format!("e mais {n} termos"),
    },
};
