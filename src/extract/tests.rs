//! Whole pages: what is refused, where metadata is read, recipes, hostile pages.

use chrono::TimeZone;

use super::*;
use crate::text::Pick;

const PROSE: &str = "Le port a rouvert mardi matin après trois semaines de silence, et les premiers bateaux sont sortis avant l’aube. \
    Sur le quai, une centaine de personnes les ont applaudis, sans que nul ne sache dire qui avait commencé, ni pourquoi.";

fn read(html: &str) -> Result<Extract, ExtractError> {
    read_with(html, &Recipe::default(), None)
}

pub(super) fn read_with(html: &str, recipe: &Recipe, entry: Option<&Entry>) -> Result<Extract, ExtractError> {
    let url = Url::parse("https://www.journal.example/2026/11/03/port").unwrap();
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap();
    let page = Page { html, url: &url, lang: None, tz: chrono_tz::Europe::Paris, now, entry, site_name: None };
    extract(&page, recipe)
}

fn long(html: &str) -> String {
    format!("{html}{}", format!("<p>{PROSE}</p>").repeat(1))
        + &(0..8).map(|i| format!("<p>{i}. {PROSE}</p>")).collect::<String>()
}

#[test]
fn pages_that_are_no_article_are_refused() {
    let check = |html: &str| read(html).map(|e| e.text).unwrap_err();
    assert_eq!(check(" \n"), ExtractError::Empty);
    assert!(matches!(
        check("<title>404 Not Found</title><h1>Not Found</h1><p>The requested URL was not found on this server.</p>"),
        ExtractError::ErrorPage { .. }
    ));
    assert!(matches!(
        check(
            "<title>Page introuvable - Journal</title><h1>Oups</h1><p>La page que vous cherchez n’existe pas ou plus, elle a peut-être été déplacée.</p>"
        ),
        ExtractError::ErrorPage { .. }
    ));
    assert!(matches!(
        check(
            "<title>Just a moment...</title><p>Checking your browser before accessing the site. This may take a few seconds.</p>"
        ),
        ExtractError::BotWall { .. }
    ));
    assert!(matches!(
        check("<title>Connexion</title><h1>Connectez-vous pour continuer</h1><form><input type=password></form>"),
        ExtractError::Login { .. }
    ));
    let stub = format!(
        "<title>Le port</title><h1>Le port</h1><p>{PROSE}</p><div class=x>La suite est réservée à nos abonnés. Déjà abonné ?</div>"
    );
    assert!(matches!(check(&stub), ExtractError::Paywall { .. }));
    assert!(matches!(
        check("<title>Index</title><ul><li><a href=/a>Une rubrique</a><li><a href=/b>Une autre</a></ul>"),
        ExtractError::NoText { .. }
    ));
    for page in [
        include_str!("../../config/demo/le-matinal/login.html"),
        include_str!("../../config/demo/radio-cap/error.html"),
    ] {
        assert!(read(page).is_err());
    }
}

#[test]
fn an_article_about_walls_is_one() {
    let html = long(
        "<title>404, une histoire</title><h1>404, une histoire</h1><p>Vérifiez que vous êtes humain, demandait la page, et déjà abonné ?</p>",
    );
    assert!(read(&html).is_ok());
}

#[test]
fn metadata_is_read_from_where_it_is() {
    let html = long(
        "<html lang=fr-FR><title>Le port rouvre | Le Journal</title><meta property=og:title content='Le port rouvre'>\
        <meta property=og:site_name content='Le Journal'><meta property=og:image content=/i.jpg><meta property=og:image:width content=1200>\
        <meta property=article:published_time content='2026-11-03T08:30:00+01:00'><meta property=article:tag content='Port'>\
        <meta name=keywords content='Pêche, #Gens_de_mer, port'><link rel=canonical href=/2026/port>\
        <script type='application/ld+json'>{\"@type\":\"NewsArticle\",\"author\":[{\"name\":\"Lina A.\"},{\"name\":\"Samir B.\"}],\"dateModified\":\"2026-11-03T10:00:00Z\"}</script>\
        <article><h1>Le port rouvre</h1>",
    ) + "<p>Source : <a href='https://agence.example/x'>Agence du Large</a></p></article>";
    let found = read(&html).unwrap();
    assert_eq!(found.title.as_deref(), Some("Le port rouvre"));
    assert_eq!(found.byline, ["Lina A.", "Samir B."]);
    assert_eq!(found.published.unwrap().to_rfc3339(), "2026-11-03T08:30:00+01:00");
    assert_eq!(found.updated.unwrap().to_rfc3339(), "2026-11-03T10:00:00+00:00");
    assert_eq!(found.keywords, ["Port", "Pêche"]);
    assert_eq!(found.hashtags, ["Gens_de_mer"]);
    assert_eq!(
        found.image.unwrap(),
        Image { url: "https://www.journal.example/i.jpg".into(), width: Some(1200), height: None, alt: None }
    );
    assert_eq!(found.canonical.unwrap().as_str(), "https://www.journal.example/2026/port");
    assert_eq!(
        found.origin.unwrap(),
        Outlet { name: "Agence du Large".into(), url: Some("https://agence.example/x".into()) }
    );
    assert_eq!(found.lang.unwrap().as_str(), "fr-FR");
    assert_eq!(found.site_name.as_deref(), Some("Le Journal"));
}

#[test]
fn tags_of_the_article_come_before_those_of_the_site() {
    let html = long(
        "<title>Le port</title><meta name=keywords content='news, sports'><meta property=article:tag content='Port, Pêche'>\
        <article><h1>Le port</h1>",
    ) + "<p><a rel=tag href=/t/mer>Mer</a></p></article>";
    assert_eq!(read(&html).unwrap().keywords, ["Port", "Pêche", "Mer", "news", "sports"]);
}

#[test]
fn dates_are_found_in_words_and_in_the_address() {
    let html = long("<html lang=fr><title>Le port</title><h1>Le port</h1><p>Publié le 2 novembre 2026 à 18h05</p>");
    assert_eq!(read(&html).unwrap().published.unwrap().to_rfc3339(), "2026-11-02T18:05:00+01:00");
    let html = long("<title>Le port</title><h1>Le port</h1>");
    assert_eq!(read(&html).unwrap().published.unwrap().date_naive().to_string(), "2026-11-03");
}

#[test]
fn a_recipe_is_believed_where_it_gives_a_text() {
    let html = long(
        "<title>Le port</title><div class=vide></div><div class=pub><p>Une réclame qui s’étale ici en toutes lettres, et sans honte.</p></div><div class=corps><p class=note>À noter que ceci est de trop dans le texte de cet article.</p>",
    ) + "</div>";
    let recipe = |body: &str| Recipe {
        body: Some(Pick::parse(body).unwrap()),
        drop: vec![Drop::parse(".note").unwrap(), Drop::parse("/^une réclame/").unwrap()],
        ..Recipe::default()
    };
    for body in [".corps", ".vide", ".absent"] {
        let found = read_with(&html, &recipe(body), None).unwrap();
        assert!(found.text.starts_with("Le port a rouvert"), "{body}: {}", found.text);
        assert_eq!(found.missed, if body == ".corps" { vec![] } else { vec!["body"] });
    }
}

#[test]
fn the_summary_of_the_feed_tells_the_standfirst() {
    let html = long(
        "<title>Le port</title><h1>Le port</h1><p>Trois semaines de silence, puis un matin de novembre les moteurs sont repartis.</p>",
    );
    let entry = Entry {
        summary: Some("<p>Trois semaines de silence, puis un matin de novembre les moteurs sont repartis.</p>".into()),
        ..Entry::default()
    };
    let found = read_with(&html, &Recipe::default(), Some(&entry)).unwrap();
    assert_eq!(
        found.standfirst.as_deref(),
        Some("Trois semaines de silence, puis un matin de novembre les moteurs sont repartis.")
    );
    assert!(found.text.starts_with("Le port a rouvert"));
}

#[test]
fn hostile_pages_end_soon_on_a_small_stack() {
    let told = |body: String| serde_json::json!({"@type": "Article", "articleBody": body}).to_string();
    let hostile = [
        "<div>".repeat(100_000) + PROSE,
        "<p><b><i><a href=x>".repeat(30_000),
        "<table><tr><td>".repeat(30_000) + PROSE,
        format!("<title>x</title><p>{PROSE}</p>{}", "<svg><style>".repeat(20_000)),
        (0..20_000).map(|i| format!("<li><a href=/{i}>Une page parmi d’autres, la {i}</a></li>")).collect(),
        "#a ".repeat(200_000),
        format!("<script type=application/ld+json>{}</script><p>{PROSE}", "[{".repeat(100_000)),
        format!("<div {}>{PROSE}", "a=b ".repeat(100_000)),
        format!("<script type=application/ld+json>{}</script>", told("<div>".repeat(90_000) + PROSE)),
        format!("<title>{}</title><p>{PROSE}", "a - b | c ".repeat(20_000)),
        format!("<div class='{}'>{}", "a bc ".repeat(200_000), format!("<p>{PROSE}</p>").repeat(900)),
        "<div class=author>".repeat(200) + &"word ".repeat(400_000),
        format!("<p>{PROSE}</p>{}", "<h3>Lire aussi</h3><p>Rien de ce que l’on attendait.</p>".repeat(30_000)),
    ];
    for html in hostile {
        let small = std::thread::Builder::new().stack_size(2 << 20);
        let done = small.spawn(move || read(&html).map(|e| e.text.len())).unwrap().join();
        assert!(done.is_ok());
    }
}

#[test]
fn an_origin_that_is_picked_is_named_with_its_link() {
    let html = long(
        "<title>Le port</title><p class=o>Via <a href='//agence.example/x'>Agence Sud</a></p><p class=own><a href=/y>Ici</a></p>",
    );
    for (pick, name, url) in [
        (".o a", "Agence Sud", Some("https://agence.example/x")),
        (".o", "Agence Sud", Some("https://agence.example/x")),
        (".o a @href", "agence.example", Some("https://agence.example/x")),
        (".own a", "Ici", None),
    ] {
        let recipe = Recipe { origin: Some(Pick::parse(pick).unwrap()), ..Recipe::default() };
        let found = read_with(&html, &recipe, None).unwrap().origin.unwrap();
        assert_eq!(found, Outlet { name: name.into(), url: url.map(str::to_owned) }, "{pick}");
    }
}

#[test]
fn the_first_publisher_is_known_by_the_words_that_credit_it() {
    let link = "<a href='https://agence.example/x'>Agence Sud</a>";
    for before in [
        "Article repris de",
        "Initialement paru dans",
        "Paru sur",
        "Via",
        "D’après",
        "Cet article a d’abord été publié sur",
        "Article initialement publié le 3 juin 2026 par",
        "Traduit de l’anglais par <a href='/luc'>Luc</a>. Article original :",
        "Lire l’article original sur",
        "This article first appeared in",
        "نُشر في الأصل في",
        "نقلا عن",
    ] {
        for (open, close) in [("<p>", "</p></article>"), ("</article><div class=src>", "</div>")] {
            let html = long("<title>Le port</title><article><h1>Le port</h1>") + open + before + " " + link + close;
            let found = read(&html).unwrap();
            let told = found.origin.map(|o| (o.name, o.url.unwrap_or_default()));
            assert_eq!(told, Some(("Agence Sud".into(), "https://agence.example/x".into())), "{before} {open}");
        }
    }
    // What nothing can be made of stays in the text.
    let line = "Publié initialement en 2019 par une revue de la côte qui n’existe plus";
    let found =
        read(&(long("<title>Le port</title><article><h1>Le port</h1>") + "<p>" + line + "</p></article>")).unwrap();
    assert!(found.origin.is_none() && found.text.ends_with(line), "{:?}", found.origin);
}

#[test]
fn what_a_recipe_drops_many_times_is_dropped_soon() {
    let recipe = Recipe { drop: vec![Drop::parse(".pub").unwrap()], ..Recipe::default() };
    let html = long(&format!("<title>Le port</title>{}", "<p class=pub>Une réclame</p>".repeat(60_000)));
    assert!(!read_with(&html, &recipe, None).unwrap().text.contains("réclame"));
}

#[test]
fn a_word_of_any_language_makes_no_foot_of_a_sentence() {
    for line in [
        "From London, the train takes two hours.",
        "By Monday, the water had reached the door.",
        "Door County has reopened its beaches.",
        "Facebook declined to comment on <a href=/x>the report</a>.",
        "Explore the museum: it is open until nine.",
        "Disclosure rules for banks will change on Monday, the ministry said.",
        "“Listen!”",
        "Par Toutatis, le ciel ne nous tombera pas dessus.",
        "Le 3 mai 2026, tout a changé.",
        "Commenter la décision : voilà ce qu’il refuse.",
        "Por Navidad, las calles se llenan de luces.",
        "Von Berlin aus dauert die Fahrt zwei Stunden.",
        "Hinweis auf den Täter gab ein Nachbar, der ihn am Abend noch gesehen haben will.",
        "Di Roma restano le rovine e il ricordo.",
        "Warga dilarang mendekati kawah sampai malam.",
    ] {
        let said = line.replace("<a href=/x>", "").replace("</a>", "");
        let (before, after) = ("<title>Le port</title><h1>Le port</h1>", format!("<p>{line}</p>"));
        let paragraphs = long("");
        for html in [format!("{before}{paragraphs}{after}"), format!("{before}{after}{paragraphs}")] {
            let found = read(&html).unwrap();
            assert!(found.text.contains(&said), "{said}: {}", found.text);
            assert_eq!(found.byline, [""; 0], "{said}");
        }
    }
    for (line, author) in [("By Ada Lovelace", "Ada Lovelace"), ("Door Joke de Wit", "Joke de Wit")] {
        let found = read(&long(&format!("<title>Le port</title><h1>Le port</h1><p>{line}</p>"))).unwrap();
        assert_eq!(found.byline, [author]);
        assert!(!found.text.contains(line));
    }
    let spoken = long("<title>Le port</title><h1>Le port</h1>")
        + "<p>Close!</p><p>Puis les grilles se sont refermées sur le quai, et l’on n’entendit plus que la mer.</p>";
    assert!(read(&spoken).unwrap().text.contains("Close!"));
}

#[test]
fn markup_and_text_say_the_same() {
    let html = long(
        "<title>Le port</title><article><h1>Le port</h1><figure><img src=/a.jpg><figcaption>Le quai</figcaption></figure><p>Un <b>mot</b><br>et «&nbsp;un autre&nbsp;», à lire&nbsp;: <a href=/z title='a&quot;b'>ici</a>.</p>\
        <ul><li>premier point de la liste</li></ul><p class=share><a href=#>Partager</a></p>",
    ) + "</article>";
    let found = read(&html).unwrap();
    let clean = crate::clean::clean(&found.body_html, &Url::parse("https://www.journal.example/").unwrap());
    // The legend stands with its picture, and not in the text.
    assert_eq!(crate::clean::plain(&clean).replace("Le quai\n", ""), found.text);
    assert!(
        found.body_html.contains("<figure><img src=\"/a.jpg\"><figcaption>Le quai</figcaption></figure>"),
        "{}",
        found.body_html
    );
}
