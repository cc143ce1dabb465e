//! What is told in the same words: by a source at each time, by a template, under other headlines.

use super::*;

/// An episode: some words of its own, then what stands under all of them.
fn episode(source: &str, n: usize, own: usize, closing: &str) -> Article {
    let text = format!("{}{closing}", prose(100 + n, 0..own));
    let (id, title) = (format!("e{n}"), format!("Épisode {n} : {}", prose(200 + n, 0..3)));
    article(source, &id, &format!("https://{source}.example/{n}"), &title, &text)
}

#[test]
fn what_a_source_repeats_makes_no_two_of_its_articles_one() {
    // One after the other: how both end tells nothing; two stories with it make a formula of it.
    for (own, repeated) in [(40, 60), (60, 110), (17, 75)] {
        let mut shelf = Shelf::default();
        for n in 0..6 {
            assert_eq!(why(&shelf.put(episode("a", n, own, &prose(7, 0..repeated)))), "insert", "{own} {n}");
        }
    }
    // Longer, and with something of each in its midst.
    let long = |n: usize| format!("{} offre{n} {}", prose(7, 0..100), prose(7, 100..220));
    let episodes: Vec<Article> = (0..6).map(|n| episode("a", n, 50, &long(n))).collect();
    let mut shelf = Shelf { repeated: repeated_in(episodes.iter().map(|a| &*a.text)), ..Shelf::default() };
    for episode in episodes {
        assert_eq!(why(&shelf.put(episode)), "insert");
    }
    shelf.repeated = Default::default();
    assert_eq!(why(&shelf.put(episode("a", 9, 50, &long(9)))), "insert", "the stories tell");
    // The copy of one elsewhere is a copy of that one.
    let Intent::Join { story, .. } = shelf.put(episode("b", 3, 50, &long(3))) else { panic!("apart") };
    assert_eq!(story, StoryId::from(episode("a", 3, 50, "").id));
    // Where the first were taken for one, it ends after a few.
    let mut shelf = Shelf::default();
    let stories = (0..20).map(|n| shelf.put(episode("a", n, 30, &long(n)))).filter(|i| why(i) == "insert").count();
    assert!(stories >= 12, "{stories}");
}

#[test]
fn a_notice_in_the_place_of_articles_makes_no_two_of_them_one() {
    let wall = "Cet article est réservé à nos abonnés. Il vous reste 80 % de l'article à découvrir. Profitez de l'offre dès \
        un euro le premier mois, sans engagement, et lisez la suite sur tous vos écrans.";
    let walls = "هذا المحتوى مخصص للمشتركين فقط. اشترك الآن لقراءة المقال كاملا والوصول إلى جميع مواد الموقع دون إعلانات";
    let titles =
        ["Budget : les députés votent", "Un séisme au Maroc", "Le Stade rennais s'impose", "La canicule s'installe"];
    let others = ["الحكومة تعلن ميزانية العام", "زلزال عنيف في المغرب", "فوز كبير للمنتخب", "موجة حر"];
    for (wall, titles) in [(wall.to_owned(), titles), (wall.repeat(2), titles), (walls.to_owned(), others)] {
        let mut shelf = Shelf::default();
        for (title, source) in titles.iter().zip(["a", "b", "c", "d"]) {
            let url = format!("https://{source}.example/1");
            assert_eq!(why(&shelf.put(article(source, "1", &url, title, &wall))), "insert", "{title}");
        }
    }
    // A brief speaks of its titles, or of one of them; without words in either nobody can tell.
    let brief =
        "Le Stade rennais s'est imposé dimanche à Lorient devant vingt mille spectateurs, grâce à un but de la tête.";
    let in_arabic =
        "أعلنت السلطات أن الزلزال الذي ضرب المنطقة فجر اليوم خلف عشرات القتلى ومئات الجرحى في القرى الجبلية البعيدة";
    for (text, one, other) in [
        (brief, "Rennes bat Lorient", "Football : victoire rennaise"),
        (brief, "Ça joue", "Lorient perd"),
        (brief, "", ""),
        (in_arabic, "زلزال عنيف", "كارثة طبيعية"),
        (in_arabic, "كارثة طبيعية", "القتلى بالعشرات"),
    ] {
        let mut shelf = Shelf::default();
        shelf.put(article("a", "1", "https://a.example/1", one, text));
        let copy = article("b", "1", "https://b.example/1", other, text);
        assert!(matches!(shelf.put(copy), Intent::Join { .. }), "{one} {other}");
    }
}

#[test]
fn the_rows_of_a_source_are_told_each_by_itself() {
    let day = |n: usize, words: usize| {
        let at = |seed: usize, from: usize, to: usize| prose(seed, from..to);
        let third = words / 3;
        let text =
            [at(1, 0, third), at(50 + n, 0, 3), at(1, third, 2 * third), at(50 + n, 3, 9), at(1, 70, 70 + third)];
        text.concat()
    };
    for (words, title) in [(36, Some("La météo du jour")), (75, None)] {
        let mut shelf = Shelf::default();
        for n in 0..4 {
            let (id, own) = (format!("{n}"), prose(60 + n, 0..4));
            let url = format!("https://a.example/{n}");
            let put = shelf.put(article("a", &id, &url, title.unwrap_or(&own), &day(n, words)));
            assert_eq!(why(&put), "insert", "{words} words, {n}");
        }
        // What another source has under the same title is that one.
        let url = "https://b.example/x";
        let other = shelf.put(article("b", "x", url, title.unwrap_or(&prose(62, 0..4)), &day(2, words)));
        assert!(matches!(other, Intent::Join { .. }), "{words}");
    }
}

#[test]
fn episodes_with_the_same_words_are_as_many_as_recordings() {
    for text in ["Toutes les heures, les informations en direct de la rédaction.".to_owned(), prose(1, 0..80)] {
        // Pages of their own, or one for all; and once more under other ids.
        for page in ["https://a.example/{n}", "https://a.example/journal"] {
            let mut shelf = Shelf::default();
            let mut put = |source: &str, id: &str, n: usize| {
                let url = page.replace("{n}", &format!("{id}{n}"));
                let plain = article(source, &format!("{id}{n}"), &url, "Le journal", &text);
                let url = format!("https://{}.example/{n}.mp3?utm_source={id}", if n < 9 { "a" } else { "c" });
                shelf.put(Article { enclosures: vec![Enclosure { url, ..Enclosure::default() }], ..plain })
            };
            (0..4).for_each(|n| assert_eq!(why(&put("a", "x", n)), "insert", "{n}"));
            assert!(!matches!(put("a", "y", 2), Intent::Insert(_)), "the same episode under another id");
            assert!(matches!(put("b", "x", 9), Intent::Join { .. }), "from elsewhere it is a copy by its words");
            assert_eq!(why(&put("b", "x", 5)), "insert", "from the same host");
        }
    }
}

#[test]
fn what_a_source_gives_again_at_another_address_is_one_story() {
    let versions = |old: String, new: String| {
        let mut shelf = Shelf::default();
        shelf.put(article("a", "1", "https://a.example/1", "Séisme : douze morts", &old));
        shelf.put(article("a", "2", "https://a.example/2", "Séisme : quinze morts", &new));
        shelf.stories()
    };
    let body = prose(1, 0..300);
    assert_eq!(versions(format!("{}{body}", prose(2, 0..60)), format!("{}{body}", prose(3, 0..60))), 1, "a new top");
    assert_eq!(versions(body.clone(), format!("{body}{}", prose(3, 0..100))), 1, "it has grown");
    let middle = |seed| format!("{}{}{}", prose(1, 0..110), prose(seed, 0..15), prose(1, 120..230));
    assert_eq!(versions(middle(2), middle(3)), 1, "another number in its midst");
}

#[test]
fn news_of_other_days_under_one_background_are_told() {
    let background = |toll: usize| format!("{} {toll} morts {}", prose(7, 0..70), prose(7, 70..150));
    let day_of = |n: usize, source: &str, own: usize, days: i64| {
        let text = format!("{} {} bur-{n}", prose(30 + n, 0..own), background(58_000 + n));
        let url = format!("https://{source}.example/{n}");
        let told = article(source, &n.to_string(), &url, &format!("Nouvelle {n} du jour"), &text);
        Article { published: Some(day(days)), first_seen: day(9), ..told }
    };
    // One source in one day, and three sources day after day.
    for (sources, days) in [(["a", "a", "a", "a"], 0), (["a", "b", "c", "a"], 1)] {
        let mut shelf = Shelf::default();
        for (n, source) in sources.iter().enumerate() {
            let intent = shelf.put(day_of(n, source, [200, 120, 260, 90][n], days * i64::try_from(n).unwrap()));
            assert_eq!(why(&intent), "insert", "{n} {days}");
        }
        // What another prints of one of them is its copy, and so is what it wrote itself above most of it.
        let copy = shelf.put(Article {
            id: article("d", "1", "", "", "").id,
            source: SourceName::new("d").unwrap(),
            ..day_of(2, "d", 260, days * 2)
        });
        assert!(matches!(copy, Intent::Join { .. }), "{copy:?}");
        let begun = format!("{} {}", prose(90, 0..60), day_of(2, "a", 260, 0).text);
        let begun = Article {
            published: Some(day(days * 3)),
            first_seen: day(9),
            ..article("e", "1", "https://e.example/1", "Autrement", &begun)
        };
        assert!(matches!(shelf.put(begun), Intent::Join { .. }));
    }
}

#[test]
fn reports_by_one_template_are_as_many_as_tell_other_things() {
    let places = ["Rennes", "Brest", "Padang", "Sendai", "Iquique", "Davao", "Gisborne", "Oaxaca", "Palu", "Arica"];
    let report = |source: &str, n: usize, more: &str| {
        let [a, b, c] = [0, 3, 7].map(|k| places[(n * 3 + k) % 10]);
        let [x, y, z] = [3 * n + 11, 7 * n + 23, 5 * n + 41];
        let text = format!(
            "L'institut a annoncé une secousse de magnitude {x} près de {a}, ressentie jusque dans {b}, sans qu'un bilan soit \
             disponible dans l'immédiat. L'épicentre a été localisé à {y} kilomètres de la ville, à une profondeur de {z}, selon \
             l'institut, qui étudie la sismologie au niveau mondial. Aucune alerte n'a été lancée dans {c}, et les habitants \
             sont rentrés chez eux, a constaté un correspondant sur place. {more}"
        );
        article(source, &format!("r{n}"), &format!("https://{source}.example/r{n}"), &format!("Séisme {n}"), &text)
    };
    let mut shelf = Shelf::default();
    for n in 0..6 {
        let source = ["a", "b"][n % 2];
        assert_eq!(why(&shelf.put(report(source, n, ""))), "insert", "{n}");
    }
    let copy =
        report("c", 4, "Deux immeubles se sont effondrés dans la banlieue, selon des témoins que la radio a entendus.");
    let Intent::Join { story, .. } = shelf.put(copy) else { panic!("apart") };
    assert_eq!(story, StoryId::from(report("a", 4, "").id), "a copy of one of them");
}

#[test]
fn one_dispatch_under_headlines_in_other_words_is_one() {
    let text = "Un homme de 34 ans a trouvé la mort samedi matin sur la départementale 12, à la sortie de Ploërmel. Sa voiture a quitté \
                la chaussée vers 6 h 30 avant de percuter un platane. Les secours, arrivés sur place quelques minutes plus tard, \
                n'ont pu que constater le décès. Une enquête a été ouverte par la gendarmerie du Morbihan pour établir les \
                circonstances exactes de cette sortie de route.";
    let mut shelf = Shelf::default();
    shelf.put(article("a", "1", "https://a.example/1", "Il meurt contre un arbre", text));
    let again = shelf.put(article("b", "1", "https://b.example/1", "Terrible accident cette nuit", text));
    assert_eq!(why(&again), "same text");
    let edited = text.replace("samedi matin", "ce samedi");
    let again = shelf.put(article("c", "1", "https://c.example/1", "Nouveau drame de la vitesse", &edited));
    assert!(matches!(again, Intent::Join { kind: CopyKind::Copy, .. }), "{again:?}");
}

#[test]
fn an_arabic_dispatch_is_one_under_other_headlines_and_in_other_spellings() {
    let text = "أعلنت وزارة الصحة في قطاع غزة صباح الأحد ارتفاع عدد القتلى إلى أكثر من ثلاثين شخصا في غارة استهدفت مدرسة تؤوي نازحين \
                شرق مدينة خان يونس. وأوضحت الوزارة أن بين القتلى أطفالا ونساء، وأن عشرات الجرحى نقلوا إلى مستشفى ناصر الذي يعاني \
                نقصا حادا في الأدوية والوقود. وأكد شهود عيان أن الطائرات أطلقت صاروخين على الأقل قبل أن تندلع النيران في الفصول.";
    let spelt = text.replace(['أ', 'إ'], "ا").replace('ة', "ه").replace('ؤ', "و");
    let mut shelf = Shelf::default();
    shelf.put(article("a", "1", "https://a.example/1", "عشرات الضحايا في هجوم", text));
    let again = shelf.put(article("b", "1", "https://b.example/1", "مجزرة جديدة تهز القطاع", text));
    assert_eq!(why(&again), "same text");
    let again = shelf.put(article("c", "1", "https://c.example/1", "قصف يوقع ضحايا", &spelt));
    assert_eq!(why(&again), "same text");
}

#[test]
fn a_notice_with_prices_that_papers_of_one_group_print_is_no_article() {
    let notice = "Cet article est réservé à nos abonnés. Profitez de toute l'information pour 1 euro le premier mois, puis \
                  9,99 euros par mois, sans engagement et résiliable en 24 heures. Vous avez déjà un compte ? Connectez-vous \
                  pour lire la suite de cet article sur tous vos écrans, ou appelez notre service au 03 88 21 55 66, du lundi \
                  au vendredi de 8 heures à 18 heures, pour toute question sur votre abonnement et sa formule.";
    let mut shelf = Shelf::default();
    for (n, source) in ["a", "b", "c", "a", "b", "c", "a", "a", "b"].into_iter().enumerate() {
        let title = format!("Conseil municipal de Trifouilly {}", prose(20 + n, 0..2));
        let url = format!("https://{source}.example/{n}");
        assert_eq!(why(&shelf.put(article(source, &n.to_string(), &url, &title, notice))), "insert", "{n}");
    }
}

#[test]
fn a_plea_that_papers_of_one_group_print_makes_no_two_articles_one() {
    // Of words alone: it names nothing.
    let plea: String =
        prose(7, 0..90).chars().map(|c| c.to_digit(10).map_or(c, |d| char::from(b'a' + d as u8))).collect();
    let mut shelf = Shelf::default();
    for n in 0..20 {
        let own = 92 + n % 5 * 4;
        assert_eq!(why(&shelf.put(episode(["a", "b", "c", "d", "e"][n % 5], n, own, &plea))), "insert", "{n}");
    }
    assert_eq!(why(&shelf.put(episode("c", 30, 40, &plea))), "insert", "it is known by now");
    // A copy with a new top shares more than it changes.
    let brief = |source, top: usize| {
        let text = format!("{}{}", prose(300 + top, 0..30), prose(8, 0..80));
        let title = format!("Brève {}{top}", prose(8, 0..1));
        article(source, "1", &format!("https://{source}.example/brief"), &title, &text)
    };
    shelf.put(brief("a", 1));
    assert!(matches!(shelf.put(brief("b", 2)), Intent::Join { kind: CopyKind::Copy, .. }));
}

#[test]
fn many_versions_of_one_dispatch_are_no_formula() {
    let dispatch = |n: usize, length: usize| {
        let text = format!("{}{}{}", prose(1, 0..length / 2), prose(20 + n, 0..40), prose(1, length / 2..length));
        article("a", &format!("v{n}"), &format!("https://a.example/v{n}"), &format!("Version {n}"), &text)
    };
    let plea = prose(7, 0..40);
    let other = |n: usize| episode("a", n, 150, &plea);
    let stories = |articles: Vec<Article>| {
        let mut shelf = Shelf { repeated: repeated_in(articles.iter().map(|a| &*a.text)), ..Shelf::default() };
        let inserted = articles.into_iter().filter(|a| why(&shelf.put(a.clone())) == "insert").count();
        (inserted, shelf.repeated.len())
    };
    assert_eq!(stories((0..5).map(|n| dispatch(n, 600)).collect()), (1, 0), "alone");
    let among = |length| (0..5).map(|n| dispatch(n, length)).chain((0..8).map(other)).collect();
    assert_eq!(stories(among(600)), (9, 36), "among others, which have a plea of their own");
    assert_eq!(stories(among(260)), (9, 36), "shorter ones too");
    // Nearly all have it: it is the formula of a source that says little else.
    assert_eq!(stories((0..12).map(|n| episode("a", n, 60, &prose(7, 0..400))).collect()), (12, 396));
}

#[test]
fn what_is_repeated_is_in_a_large_part_of_the_texts() {
    let repeated = |texts: &[String]| repeated_in(texts.iter().map(String::as_str)).len();
    let with = |n: usize, of: usize| -> Vec<String> {
        let own = |i: usize| prose(10 + i, 0..80);
        (0..of).map(|i| if i < n { format!("{}{}", own(i), prose(1, 0..50)) } else { own(i) }).collect()
    };
    assert_eq!([repeated(&with(3, 3)), repeated(&with(3, 8)), repeated(&with(4, 20))], [0; 3]);
    assert_eq!([repeated(&with(4, 4)), repeated(&with(4, 16)), repeated(&with(20, 35))], [46; 3]);
    assert_eq!(repeated(&vec![prose(1, 0..100); 50]), 0, "one text, however often");
}

#[test]
fn a_plea_with_a_price_speaks_of_no_title_with_a_number() {
    let plea = "Contenu réservé aux abonnés. Il vous reste 80 % de cet article à découvrir. Abonnez-vous à notre offre dès 1 € le \
                premier mois et accédez à tous nos articles en illimité.";
    for (one, other) in [
        ("Ligue 1 : Brest arrache la victoire", "Maroc : un tremblement de terre fait onze victimes"),
        ("Une offre de paix sur la table", "Le Premier ministre limogé dans la nuit"),
    ] {
        let mut shelf = Shelf::default();
        for (n, (source, title)) in [("a", one), ("b", other)].into_iter().enumerate() {
            let text = format!("{} {plea}", prose(n, 0..34));
            let url = format!("https://{source}.example/1");
            assert_eq!(why(&shelf.put(article(source, "1", &url, title, &text))), "insert", "{title}");
        }
    }
}

#[test]
fn a_short_dispatch_that_is_printed_again_under_another_headline_is_one_story() {
    let text = "Un séisme de magnitude 6 a frappé dimanche la région d'Al Hoceima, dans le nord du Maroc, a annoncé à Rabat le \
                ministre Karim Benali. Onze personnes ont perdu la vie et des dizaines d'autres sont blessées.";
    let mut shelf = Shelf::default();
    for (n, title) in ["Maroc : un séisme fait onze morts", "Ce que l'on sait du séisme"].into_iter().enumerate() {
        shelf.put(article("a", &n.to_string(), &format!("https://a.example/{n}"), title, text));
    }
    assert_eq!(shelf.stories(), 1);
    let later = Article { first_seen: day(2), ..article("a", "3", "https://a.example/3", "Un autre séisme", text) };
    assert_eq!(why(&shelf.put(later)), "insert", "the row of another day");
}

#[test]
fn the_next_of_a_row_joins_no_story_through_the_copy_of_another_source() {
    let towns = "Lens Metz Albi Caen Dole Sète Brest Nancy Dijon Tours Laval Nîmes Arles Vichy Angers Pau";
    let towns: Vec<&str> = towns.split(' ').collect();
    let report = |places: &[&str]| -> String {
        let told = |town: &&str| {
            format!("Hier la caravane du cirque est passée par la ville de {town} sans incident notable. ")
        };
        places.iter().map(told).collect()
    };
    let (monday, tuesday) = (report(&towns[..11]), report(&[&towns[11..], &towns[..6]].concat()));
    let mut shelf = Shelf::default();
    for (n, (source, text)) in
        [("a", &monday), ("b", &format!("{monday} Avec agence.")), ("a", &tuesday)].into_iter().enumerate()
    {
        shelf.put(article(
            source,
            &n.to_string(),
            &format!("https://{source}.example/{n}"),
            &format!("Le cirque {n}"),
            text,
        ));
    }
    assert_eq!(shelf.stories(), 2);
}
