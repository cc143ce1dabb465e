//! What holds other texts, and what is a part of one.

use super::*;

#[test]
fn a_page_that_holds_two_texts_is_one_with_neither_whatever_comes_after() {
    let (x, y, more) = (prose(1, 0..370), prose(2, 0..270), prose(3, 0..500));
    for admitted in [false, true] {
        let mut shelf = Shelf::default();
        let at = |source: &str| format!("https://{source}.example/1");
        let mut put = |source: &str, text: &str| {
            let intent = shelf.put(article(source, "1", &at(source), &format!("Titre {source}"), text));
            shelf.admitted = admitted;
            assert!(shelf.decided.as_ref().unwrap().merges.is_empty(), "{source}");
            (why(&intent).to_owned(), shelf.stories())
        };
        assert_eq!(put("a", &x).1, 1);
        assert_eq!(put("b", &y).1, 2);
        assert_eq!(put("c", &format!("{x}{y}{more}")), ("insert".to_owned(), 3), "{admitted}");
        assert_eq!(put("d", &format!("Avec agence. {y}")).1, 3, "{admitted}");
        assert_eq!(put("e", &format!("(Agence) {x}")).1, 3, "{admitted}");
    }
}

#[test]
fn a_review_of_two_or_three_articles_is_a_copy_of_none() {
    for lengths in [&[300, 250][..], &[150, 100, 90]] {
        let mut shelf = Shelf { admitted: true, ..Shelf::default() };
        let texts: Vec<String> = lengths.iter().enumerate().map(|(n, length)| prose(1 + n, 0..*length)).collect();
        for (n, text) in texts.iter().enumerate() {
            shelf.put(article(&format!("s{n}"), "1", &format!("https://s{n}.example/1"), &format!("Titre {n}"), text));
            shelf.admitted = n == 0;
        }
        let more = prose(9, 0..if lengths.len() == 3 { 200 } else { 0 });
        let review = article("r", "1", "https://r.example/1", "Revue", &(texts.concat() + &more));
        assert_eq!(why(&shelf.put(review)), "insert", "{lengths:?}");
        assert_eq!(shelf.decided.unwrap().holds.len(), lengths.len(), "{lengths:?}");
    }
}

#[test]
fn a_copy_of_a_beginning_makes_it_no_copy_of_the_whole() {
    for share in [150, 210, 270] {
        let mut shelf = Shelf::default();
        let whole = prose(1, 0..600);
        for (n, text) in
            [&prose(1, 0..share), &whole, &format!("(Agence) {}", prose(1, 0..share))].into_iter().enumerate()
        {
            shelf.put(article(&format!("s{n}"), "1", &format!("https://s{n}.example/1"), &format!("Titre {n}"), text));
            shelf.admitted = true;
        }
        assert_eq!(shelf.stories(), 2, "{share}: both stand");
        let Decision { merges, part_of, .. } = shelf.decided.unwrap();
        assert!(merges.is_empty() && part_of.is_some(), "{share}: it is a part of the whole, as the other is");
    }
}

#[test]
fn a_part_joins_as_an_excerpt_and_nothing_through_it() {
    let mut shelf = Shelf::default();
    let live = article("a", "live", "https://a.example/live", "Direct", &prose(1, 0..1500));
    shelf.put(live);
    let brief = article("b", "1", "https://b.example/1", "Brève", &prose(1, 300..400));
    let Intent::Join { kind, leads, why: said, .. } = shelf.put(brief) else { panic!("no excerpt") };
    assert_eq!((kind, leads, said.as_str()), (CopyKind::Excerpt, false, "1.00 of its text"));
    // Longer than the brief by half, and not in the live page: its own story.
    let own =
        article("c", "1", "https://c.example/1", "Article", &format!("{}{}", prose(1, 340..400), prose(2, 0..90)));
    assert_eq!(why(&shelf.put(own)), "insert");
    // Most of the brief with an end of its own: of which the live page has too little.
    let edited = format!("{}{}", prose(1, 300..350), prose(4, 0..45));
    let edited = shelf.put(article("f", "1", "https://f.example/1", "Brève", &edited));
    assert!(matches!(edited, Intent::Join { kind: CopyKind::Excerpt, leads: false, .. }), "{edited:?}");
    // The copy of an excerpt is an excerpt.
    let again = article("d", "1", "https://d.example/1", "Autre titre", &prose(1, 300..400));
    assert!(matches!(shelf.put(again), Intent::Join { kind: CopyKind::Excerpt, leads: false, .. }));
    // What holds older articles is its own story, and can say which they are.
    let short = article("e", "1", "https://e.example/1", "Court", &prose(5, 0..100));
    let long = article("f", "1", "https://f.example/1", "Long", &format!("{}{}", prose(6, 0..700), prose(5, 0..100)));
    shelf.put(short.clone());
    assert_eq!(why(&shelf.put(long)), "insert");
    let decided = shelf.decided.unwrap();
    assert_eq!((decided.holds, decided.merges), (vec![short.id], vec![]));
}

#[test]
fn a_page_of_whole_articles_is_none_of_them() {
    for of in [2, 3] {
        let mut shelf = Shelf::default();
        let whole = |n: usize| article("a", &n.to_string(), &format!("https://a.example/{n}"), "Un", &prose(n, 0..200));
        let all: String = (0..of).map(|n| prose(n, 0..200)).collect();
        (0..of).for_each(|n| drop(shelf.put(whole(n))));
        let page = article("b", "1", "https://b.example/1", "Les textes du jour", &format!("{all}{}", prose(9, 0..30)));
        assert_eq!(why(&shelf.put(page)), "insert");
        let mut held = shelf.decided.clone().unwrap().holds;
        held.sort();
        let mut wholes: Vec<ArticleId> = (0..of).map(|n| whole(n).id).collect();
        wholes.sort();
        assert_eq!(held, wholes);
        // Its own copy is one.
        let again = article("c", "1", "https://c.example/1", "Lire aussi", &all);
        let Intent::Join { story, kind, .. } = shelf.put(again) else { panic!("a copy of the page") };
        assert_eq!((story.as_str(), kind), (shelf.leads[of].0.as_str(), CopyKind::Copy));
    }
}

#[test]
fn articles_that_one_page_holds_are_not_one_in_whatever_order_they_come() {
    let said = |order: &str, [a, b]: [&str; 2]| {
        let mut shelf = Shelf::default();
        for (n, kind) in order.chars().enumerate() {
            let text = match kind {
                'A' => a.to_owned(),
                'B' => b.to_owned(),
                _ => format!("{a}{b}"),
            };
            shelf.put(article(&format!("s{n}"), "1", &format!("https://s{n}.example/1"), &format!("{kind}"), &text));
        }
        let of = |kind: &str| -> HashSet<&StoryId> {
            shelf.kept.iter().filter(|(a, ..)| a.title == kind).map(|(_, story, _)| story).collect()
        };
        assert_eq!((of("A").len(), of("B").len()), (1, 1), "{order}: one article, one story");
        assert!(of("A").is_disjoint(&of("B")), "{order}: two articles, two stories");
        // What is said to be a part of a story stands in what leads it.
        for (part, whole) in &shelf.wholes {
            let lead = &shelf.leads.iter().find(|(story, _)| story == whole).unwrap().1;
            let text = |id: &ArticleId| &shelf.kept.iter().find(|(a, ..)| a.id == *id).unwrap().0.text;
            assert!(text(lead).contains(text(part).trim()), "{order}");
        }
    };
    let orders = [
        "ABM", "AMB", "MAB", "BMA", "AABBM", "AMBM", "AMBAB", "AMBMAB", "MABAB", "MABMBA", "ABMAB", "ABMMBA", "AAMMBB",
    ];
    for (a, b) in [(250, 240), (250, 251), (260, 130)] {
        let (a, b) = (prose(1, 0..a), prose(2, 0..b));
        orders.into_iter().for_each(|order| said(order, [&a, &b]));
    }
}

#[test]
fn the_whole_text_is_shown_and_not_its_beginning() {
    let (whole, beginning) = (prose(1, 0..250), prose(1, 0..90));
    let intents = |first: &str, second: &str, rank: u32, admitted: bool| {
        let mut shelf = Shelf { admitted, ..Shelf::default() };
        shelf.put(article("a", "1", "https://a.example/1", "Un", first));
        let second = Article { rank, ..article("b", "1", "https://b.example/1", "Deux", second) };
        match shelf.put(second) {
            Intent::Join { kind, leads, .. } => Some((kind, leads)),
            _ => {
                assert_eq!(shelf.decided.unwrap().holds, [shelf.kept[0].0.id.clone()]);
                None
            }
        }
    };
    assert_eq!(intents(&whole, &beginning, 1, false), Some((CopyKind::Excerpt, false)), "whatever its rank");
    assert_eq!(intents(&beginning, &whole, 100, false), Some((CopyKind::Excerpt, true)));
    assert_eq!(intents(&beginning, &whole, 100, true), None, "it has been seen: both stand");
    let most = prose(1, 0..160);
    assert_eq!(intents(&most, &whole, 100, false), Some((CopyKind::Copy, true)), "half as long again");
    assert_eq!(intents(&most, &whole, 100, true), Some((CopyKind::Copy, false)));
    assert_eq!(intents(&prose(1, 0..180), &whole, 100, false), Some((CopyKind::Copy, false)));
    assert_eq!(intents(&beginning, &whole, 200, false), Some((CopyKind::Excerpt, true)), "in whatever order they come");
}

#[test]
fn a_summary_with_half_of_each_of_two_dispatches_makes_them_no_one_story() {
    let half = |n: usize| prose(n, 0..110);
    let (one, other) = (prose(1, 0..220), prose(2, 0..220));
    let summary = format!("Bonsoir. {}{}", half(1), half(2));
    for order in [[0, 2, 1], [1, 2, 0], [2, 0, 1], [2, 1, 0], [0, 1, 2]] {
        let mut shelf = Shelf::default();
        for n in order {
            let (source, text) = [("a", &one), ("b", &other), ("p", &summary)][n];
            shelf.put(article(
                source,
                "1",
                &format!("https://{source}.example/1"),
                &format!("Titre de {source}"),
                text,
            ));
        }
        let story = |source: &str| shelf.kept.iter().find(|(a, ..)| a.source.as_str() == source).unwrap().1.clone();
        assert_ne!(story("a"), story("b"), "{order:?}");
        assert!(shelf.decided.unwrap().merges.is_empty());
    }
}

const DAM: &str = "La rupture d'un barrage de résidus miniers a fait au moins 38 morts et une centaine de disparus mardi dans l'État du Minas \
    Gerais, dans le sud-est du Brésil, ont annoncé mercredi les pompiers, alors que les recherches se poursuivaient. L'ouvrage, \
    exploité par la société Vale do Cedro près d'Itabirinha, a cédé en libérant une boue qui a englouti un réfectoire où \
    déjeunaient des dizaines d'employés. « Les chances de retrouver des survivants diminuent d'heure en heure », a déclaré à la \
    presse le colonel Anderson Freitas, qui dirige les opérations de secours. Le gouverneur Romário Teles a décrété un deuil de \
    trois jours et promis que les responsables paieraient, avant de demander le gel des comptes de l'entreprise.";
const MILK: &str = "Le tribunal correctionnel de Grenoble a condamné jeudi le géant laitier Lactalis à une amende, dont la moitié avec sursis, \
    pour avoir pollué pendant des années une rivière de l'Isère en y rejetant les effluents de sa fromagerie de Saint-Just. \
    L'entreprise devra en outre verser des dommages et intérêts à deux associations de pêcheurs, parties civiles au procès qui \
    s'était tenu en octobre. « C'est une décision historique pour nos rivières », s'est félicitée l'avocate des associations, Me \
    Claire Dugast. La défense, par la voix de Me Henri Vallat, a annoncé son intention de faire appel de ce jugement.";

fn first_words(text: &str, words: usize) -> String {
    text.split_whitespace().take(words).collect::<Vec<_>>().join(" ")
}

/// These articles one after the other; of each its source, title and text.
fn shelf_of(articles: &[(&str, &str, &str)]) -> Shelf {
    let mut shelf = Shelf { admitted: true, ..Shelf::default() };
    for (source, title, text) in articles {
        shelf.put(article(source, "1", &format!("https://{source}.example/1"), title, text));
    }
    shelf
}

#[test]
fn a_teaser_is_a_part_of_its_whole_in_whatever_order_they_come() {
    let plea = "Cet article est réservé aux abonnés. Pour lire la suite, profitez de notre offre à 1 € le premier mois, sans engagement. Déjà \
                abonné ? Connectez-vous";
    let teaser = ("b", "Boue mortelle au Brésil", &*format!("{}… {plea}", first_words(DAM, 34)));
    let whole = format!("{DAM} {}", prose(9, 0..90));
    let whole = ("a", "Brésil : au moins 38 morts après la rupture d'un barrage", &*whole);
    let Decision { intent, .. } = shelf_of(&[whole, teaser]).decided.unwrap();
    assert!(matches!(intent, Intent::Join { kind: CopyKind::Excerpt, .. }), "{intent:?}");
    let shelf = shelf_of(&[teaser, whole]);
    assert_eq!(shelf.decided.unwrap().holds, [shelf.kept[0].0.id.clone()]);
    // What goes on in words of its own, and names somebody, is an article.
    let own = "Le maire Paulo Lima et la députée Ana Reis réclament la fermeture des mines, et une foule en colère a défilé devant le siège.";
    let brief = ("b", "Boue mortelle au Brésil", &*format!("{}… {own}", first_words(DAM, 34)));
    assert_eq!(why(&shelf_of(&[whole, brief]).decided.unwrap().intent), "insert");
}

#[test]
fn a_summary_with_half_of_a_dispatch_is_a_story_of_its_own() {
    let summary = format!("{} {}", first_words(MILK, 75), first_words(DAM, 75));
    let summary = ("p", "L'essentiel de l'actualité à 18 heures", &*summary);
    let dispatch = ("a", "Brésil : au moins 38 morts après la rupture d'un barrage", DAM);
    let shelf = shelf_of(&[dispatch, summary]);
    assert_eq!(why(&shelf.decided.clone().unwrap().intent), "insert");
    assert_eq!(shelf.decided.unwrap().holds, [shelf.kept[0].0.id.clone()]);
    let shelf = shelf_of(&[summary, dispatch]);
    assert_eq!(why(&shelf.decided.clone().unwrap().intent), "insert");
    assert_eq!(shelf.decided.unwrap().part_of.as_ref(), Some(&shelf.kept[0].1));
    // A paper that writes the rest itself tells the same.
    let own = "Le Brésil compte plus de 700 barrages miniers, dont 39 construits en amont, une technique interdite depuis la catastrophe \
               de Brumadinho. Les riverains du Minas Gerais réclament depuis longtemps le démantèlement de ces ouvrages, et \
               plusieurs organisations jugent les contrôles de Vale do Cedro insuffisants, comme le Mouvement des victimes.";
    let copy = ("p", "Boue mortelle au Brésil", &*format!("{} {own}", first_words(DAM, 75)));
    let intent = shelf_of(&[dispatch, copy]).decided.unwrap().intent;
    assert!(matches!(intent, Intent::Join { kind: CopyKind::Copy, .. }), "{intent:?}");
}
