//! Why is it so? The owner's explanation, and the page that anybody may see.

use std::path::Path;
use std::process::{Command, Output};

use feedloom::demo::Reply;
use feedloom::model::{
    BodyFrom, CopyKind, CutKind, DatedBy, Ended, Explanation, FeedReason, FoundBy, KnownBy, LeadBy, Republish,
    RightsBy, Standing, TagOrigin, Unknown,
};
use feedloom::publish::Explained;
use feedloom::render;

use crate::safe;
use crate::support::House;

async fn known(house: &House, asked: &str) -> Explanation {
    match house.state.publisher.explain(asked).await.unwrap() {
        Explained::Known(explanation) => *explanation,
        Explained::Unknown(unknown) => panic!("{asked}: {unknown:?}"),
    }
}

async fn unknown(house: &House, asked: &str) -> Unknown {
    match house.state.publisher.explain(asked).await.unwrap() {
        Explained::Unknown(unknown) => *unknown,
        Explained::Known(explanation) => panic!("{asked}: {explanation:?}"),
    }
}

fn standing<'e>(explanation: &'e Explanation, feed: &str) -> &'e FeedReason {
    explanation.feeds.iter().find(|f| f.feed == feed).unwrap_or_else(|| panic!("no feed {feed}"))
}

/// A feed of (guid, title, text).
fn rss(entries: &[(&str, &str, &str)]) -> Reply {
    let item = |(guid, title, text): &(&str, &str, &str)| {
        format!(
            "<item><title>{title}</title><link>https://host.example/{guid}?utm_source=rss</link>\
             <guid isPermaLink=\"false\">g-{guid}</guid><description><![CDATA[{text}]]></description></item>"
        )
    };
    let items: String = entries.iter().map(item).collect();
    Reply::new("application/rss+xml", format!("<rss version='2.0'><channel><title>G</title>{items}</channel></rss>"))
}

/// Sentences that have a word in common here and there, and no five in a row.
fn prose(about: &str, sentences: std::ops::Range<usize>) -> String {
    let word = |n: usize, i: usize| format!("mot{}", (n * 7_919 + i * 104_729 + about.len() * 31) % 1_000_003);
    let sentence = |n: usize| {
        let words: Vec<String> = (0..12).map(|i| word(n, i)).collect();
        format!("Le récit de {about} {n} dit {}. ", words.join(" "))
    };
    sentences.map(sentence).collect()
}

#[tokio::test]
async fn the_wire_story_says_where_it_came_from_and_who_else_tells_it() {
    let house = House::sample().await;
    house.round().await;
    let origin = house.origin.url("/");
    let copy = known(&house, "cdl-navire-humanitaire-rade").await;
    assert_eq!(copy.found_by, FoundBy::Guid);
    let address = copy.from.url.clone().unwrap();
    assert!(address.contains("utm_source"), "as published: {address}");
    let told = known(&house, copy.story.as_str()).await;
    assert_eq!((told.found_by, &told.story), (FoundBy::Story, &copy.story));

    // Any spelling of any of its names leads to it.
    let bare = address.split('?').next().unwrap();
    let lead = told.from.url.clone().unwrap();
    for asked in [
        address.clone(),
        format!("{bare}?fbclid=1#x"),
        format!("  {} ", bare.replace("http://", "")),
        lead.replace("http:", "https:"),
        told.uri.clone(),
        told.page.clone(),
        told.page.replace("/story/", "/explain/"),
        copy.article.to_string(),
    ] {
        assert_eq!(known(&house, &asked).await.story, told.story, "{asked}");
    }

    assert_eq!(told.from.source.as_str(), "agence-sud");
    assert!(told.from.in_file && told.from.followed.len() == 2 && told.from.followed[0].starts_with(&origin));
    assert_eq!(
        (told.from.body, told.from.dated_by, told.from.known_by),
        (BodyFrom::Page, DatedBy::Itself, KnownBy::Guid)
    );
    assert_eq!((told.from.rights, told.from.rights_by), (Republish::Full, RightsBy::File));
    assert_eq!(told.copies.lead_by, LeadBy::Rank);
    let members: Vec<_> = told.copies.articles.iter().map(|m| (m.outlet.as_str(), m.kind, m.why.is_some())).collect();
    assert_eq!((members.len(), members[0].0, members[0].1), (3, "Agence Sud", CopyKind::Lead));
    assert!(members[1..].iter().all(|(_, kind, _)| *kind == CopyKind::Copy), "{members:?}");
    assert_eq!(members.iter().filter(|(.., why)| !why).count(), 1, "one founded it: {members:?}");

    let cuts = told.cut.reading.as_ref().unwrap();
    assert!(cuts.page.as_ref().unwrap().taken && !cuts.parts.is_empty(), "{cuts:?}");
    assert!(cuts.parts.iter().any(|c| c.kind == CutKind::Standfirst), "{cuts:?}");
    assert!(told.recommended.admitted.is_some() && !told.recommended.fixed.is_empty());
    assert_eq!(told.recommended.fresh.len(), 4);
    // The address that the demo shows.
    let page = house.get(&format!("/explain/{}", feedloom::demo::explained().unwrap())).await;
    assert!(page.contains(&format!("/story/{}", told.story)) && page.contains("Perspectives Med"), "{page}");
    safe::page(&page).unwrap();
    let rule = told.tags.iter().find(|t| t.origin == TagOrigin::Rules).unwrap();
    assert!(rule.rules[0].held && rule.rules[0].terms.iter().any(|t| t.held && t.found.contains(&"body".to_owned())));
}

#[tokio::test]
async fn feeds_say_why_a_story_is_in_them_or_not() {
    let house = House::with(
        r#"
        [source.a]
        url = "{origin}/a"
        [source.p]
        url = "{origin}/p"
        republish = "private"
        [feed.mer]
        select = 'mer -lang:en words:>5'
        [feed.une]
        select = 'récit'
        limit = 1
        [feed.vieux]
        select = 'age:>2d OR "récit du phare"'
        [feed.cle]
        select = 'secret OR feed:mer'
        key = "env:FEED_KEY"
        "#,
    )
    .await;
    let (one, two, three) = (prose("mer", 0..12), prose("montagne", 20..32), prose("secret", 40..52));
    house.origin.set("/a", rss(&[("1", "Un", &one), ("2", "Deux", &two)]));
    house.origin.set("/p", rss(&[("3", "Trois", &three)]));
    house.round().await;
    let told = known(&house, "https://host.example/1").await;
    assert_eq!((told.from.rights_by, told.from.dated_by), (RightsBy::Syndicated, DatedBy::FirstSeen));
    let mer = standing(&told, "mer");
    assert_eq!((mer.standing, mer.position, mer.limit), (Standing::Shown, Some(1), 50));
    let trace = mer.query.as_ref().unwrap();
    let terms: Vec<_> = trace.terms.iter().map(|t| (&trace.query[t.span.clone()], t.held, t.wanted)).collect();
    assert_eq!(terms, [("mer", true, true), ("lang:en", false, false), ("words:>5", true, true)]);
    assert_eq!(standing(&told, "vieux").standing, Standing::NotSelected);
    assert_eq!(standing(&told, "vieux").query.as_ref().unwrap().terms[0].found, ["0m"]);
    assert_eq!(standing(&told, "all").position.is_some(), standing(&told, "all").standing == Standing::Shown);
    let cle = standing(&told, "cle");
    assert!(cle.keyed && cle.standing == Standing::Shown);

    // Two of one date: one of them is beyond the limit of one.
    let other = known(&house, "host.example/2").await;
    let mut places =
        [standing(&told, "une"), standing(&other, "une")].map(|f| (f.standing == Standing::Shown, f.position));
    places.sort();
    assert_eq!(places, [(false, None), (true, Some(1))]);

    let private = known(&house, "g-3").await;
    assert_eq!((private.from.rights, private.from.rights_by), (Republish::Private, RightsBy::Private));
    assert_eq!(standing(&private, "une").standing, Standing::Private);
    assert_eq!(standing(&private, "cle").standing, Standing::Shown);

    // Time alone brings it into a feed.
    house.pass(std::time::Duration::from_secs(3 * 24 * 3600));
    let later = known(&house, "https://host.example/1").await;
    assert_eq!(standing(&later, "vieux").standing, Standing::Shown);

    house.origin.set("/a", rss(&[("4", "Quatre", &prose("phare", 60..72))]));
    for source in &house.state.config.sources {
        house.state.poller.poll(source, true).await.unwrap();
    }
    assert_eq!(standing(&known(&house, "g-4").await, "une").standing, Standing::NotAdmitted);
}

#[tokio::test]
async fn an_excerpt_is_told_apart_from_a_copy() {
    let house = House::with("[source.a]\nurl = \"{origin}/a\"\n[source.b]\nurl = \"{origin}/b\"\n").await;
    let whole = prose("port", 0..60);
    house.origin.set("/a", rss(&[("1", "Tout", &whole)]));
    house.origin.set("/b", rss(&[("2", "Un bout", &prose("port", 0..6))]));
    house.round().await;
    let told = known(&house, "g-2").await;
    let excerpt = told.copies.articles.iter().find(|m| m.article == told.article).unwrap();
    assert_eq!((excerpt.kind, told.copies.lead_by), (CopyKind::Excerpt, LeadBy::First));
    assert!(excerpt.why.as_ref().unwrap().contains("of its text"), "{excerpt:?}");
    let text = render::explained(&told, chrono_tz::UTC);
    assert!(text.contains("excerpt; joined by"), "{text}");
}

#[tokio::test]
async fn what_only_refused_says_which_term_did() {
    let house = House::with("[source.a]\nurl = \"{origin}/a\"\nonly = 'port OR title:phare'\n").await;
    house.origin.set("/a", rss(&[("1", "Le port", &prose("port", 0..9)), ("2", "Le champ", "Le phare et le champ.")]));
    house.round().await;
    assert_eq!(known(&house, "g-1").await.title, "Le port");
    for asked in ["https://host.example/2", "g-2", "http://www.host.example/2/?utm_medium=x"] {
        let seen = unknown(&house, asked).await.seen.unwrap_or_else(|| panic!("{asked} was not seen"));
        assert_eq!((seen.ended, seen.source.as_str(), seen.title.as_deref()), (Ended::Skipped, "a", Some("Le champ")));
        let only = seen.only.unwrap();
        assert_eq!(only.query, "port OR title:phare");
        assert!(only.terms.iter().all(|t| !t.held), "{only:?}");
    }
    let said = render::unknown(&unknown(&house, "g-2").await, chrono_tz::UTC);
    assert!(said.contains("was not taken: not wanted by `only`") && said.contains("title:phare"), "{said}");
    let never = unknown(&house, "https://host.example/9").await;
    assert_eq!((never.seen.is_none(), never.looked_for.len()), (true, 1));
    assert!(render::unknown(&never, chrono_tz::UTC).contains("looked for an article at host.example/9"));

    // Another `only` wants it: what was said of it goes.
    let mut house = house;
    let file = std::fs::read_to_string(house.file()).unwrap();
    house.reload(&file.replace("title:phare", "phare")).await;
    house.state.poller.poll(&house.state.config.sources[0], true).await.unwrap();
    assert_eq!(known(&house, "g-2").await.title, "Le champ");
    house.store.purge("2027-01-01T00:00:00Z".parse().unwrap()).await.unwrap();
    assert_eq!(unknown(&house, "host.example/2").await.seen.unwrap().ended, Ended::Purged);
}

#[tokio::test]
async fn the_page_tells_nothing_that_is_hidden() {
    let house = House::with(
        r#"
        [source.ouverte]
        url = "{origin}/a?key=s3cret"
        [source.maison-close]
        url = "{origin}/b"
        outlet = "La Lettre fermée"
        republish = "private"
        tags = ["Sous_le_manteau"]
        [tags]
        "Ouvert" = 'récit'
        "Par_la_lettre" = 'source:maison-close OR récit'
        [feed.tout]
        select = 'récit -absent'
        [feed.par-elle]
        select = 'source:maison-close OR outlet:"la lettre fermee"'
        [feed.sous-cle]
        title = "Sous le manteau"
        select = 'récit OR motsecret'
        key = "env:FEED_KEY"
        [feed.dessus]
        select = 'feed:sous-cle'
        "#,
    )
    .await;
    let text = prose("port", 0..20);
    house.origin.set("/a", rss(&[("1", "Le port", &text)]));
    house.origin.set("/b", rss(&[("2", "Le même port", &text), ("3", "Autre", &prose("phare", 50..70))]));
    house.round().await;
    let told = known(&house, "g-1").await;
    assert_eq!(told.copies.articles.len(), 2, "the owner sees both");
    assert_eq!(told.from.followed, [house.origin.url("/a?key=…")]);
    assert!(
        told.tags.iter().any(|t| t.key == "sous_le_manteau" && t.brought_by.as_deref() == Some("La Lettre fermée"))
    );

    let page = house.get(&format!("/explain/{}", told.story)).await;
    safe::page(&page).unwrap_or_else(|wrong| panic!("{wrong}"));
    for said in ["Why", "récit", "tout", "noindex", "#Ouvert", "sa requête n’est pas dite ici", "par-elle"] {
        assert!(page.contains(said) || said == "Why" && page.contains("Pourquoi"), "no {said} in {page}");
    }
    for hidden in
        ["maison-close", "ferm", "Sous", "manteau", "sous-cle", "motsecret", "s3cret", "key=", "même port", "g-1"]
    {
        assert!(!page.contains(hidden), "{hidden} in {page}");
    }
    let story = house.get(&format!("/story/{}", told.story)).await;
    assert!(story.contains(&format!("href=\"/explain/{}\">Pourquoi", told.story)), "{story}");
    let copy = known(&house, "g-2").await;
    let private = known(&house, "g-3").await;
    for id in [copy.article.to_string(), private.story.to_string(), "aaaaaaaaaaaaaaaa".into(), "g-1".into()] {
        assert_eq!(house.get(&format!("/explain/{id}")).await, "missing", "{id}");
    }
}

#[tokio::test]
async fn a_copy_stays_hidden_when_its_source_leaves_the_file_or_nobody_is_to_be_named() {
    let (open, closed) = (
        "[source.a]\nurl = \"{origin}/a\"\noutlet = \"Ouverte\"\n",
        "[source.b]\nurl = \"{origin}/b\"\noutlet = \"Voisine\"\n",
    );
    for (more, after, named) in [
        ("", "", true),
        ("republish = \"private\"\n", "", false),
        ("republish = \"private\"\n", "without", false),
        ("", "[stories]\nothers = \"hide\"\n", false),
    ] {
        let mut house = House::with(&format!("{open}{closed}{more}")).await;
        house.origin.set("/a", rss(&[("1", "Un", &prose("port", 0..20))]));
        house.origin.set("/b", rss(&[("2", "Un", &prose("port", 0..20))]));
        house.round().await;
        let file = std::fs::read_to_string(house.file()).unwrap();
        let file = if after == "without" { file.split("[source.b]").next().unwrap().to_owned() } else { file + after };
        house.reload(&file).await;
        let told = known(&house, "g-1").await;
        assert_eq!(told.copies.articles.len(), 2, "the owner sees both");
        let page = house.get(&format!("/explain/{}", told.story)).await;
        assert!(page.contains("Ouverte"), "{page}");
        assert_eq!(page.contains("Voisine"), named, "{more} {after}: {page}");
        let copy = house.get(&format!("/explain/{}", known(&house, "g-2").await.article)).await;
        assert_eq!(copy != "missing", named, "{more} {after}");
    }
}

#[tokio::test]
async fn hostile_texts_stay_texts() {
    let house = House::with(
        "[source.a]\nurl = \"{origin}/a\"\nread = \"page\"\nrepublish = \"full\"\n[feed.f]\nselect = '\"<script>\" OR -/<b>/ OR récit'\n",
    )
    .await;
    let item = format!(
        "<item><title>&lt;script&gt;alert(1)&lt;/script&gt; \u{1b}[31mx</title><link>{}</link><guid>&lt;b onclick=x&gt;</guid></item>",
        house.origin.url("/1")
    );
    house.origin.set(
        "/a",
        Reply::new(
            "application/rss+xml",
            format!("<rss version='2.0'><channel><title>\"&gt;&lt;script&gt;</title>{item}</channel></rss>"),
        ),
    );
    let page = format!(
        "<html><body><article><h1>Titre</h1><p>{}</p><p>{}</p><p>{}</p><script>1</script><h3>À lire aussi &lt;img src=x&gt;</h3><ul><li><a href='/2'>La suite du récit de ce port</a></li></ul></article></body></html>",
        prose("port", 0..4),
        prose("port", 4..8),
        prose("port", 8..12)
    );
    house.origin.set("/1", Reply::new("text/html", page));
    house.round().await;
    let told = known(&house, &house.origin.url("/1")).await;
    assert!(told.cut.reading.as_ref().unwrap().parts.iter().any(|c| c.words.contains("<img")), "{:?}", told.cut);
    safe::page(&house.get(&format!("/explain/{}", told.story)).await).unwrap();
    let text = render::explained(&told, chrono_tz::UTC);
    let escapes =
        text.split('\u{1b}').skip(1).filter(|rest| !["[1m", "[0m", "[31m", "[32m"].iter().any(|e| rest.starts_with(e)));
    assert_eq!(escapes.count(), 0, "{text:?}");
    assert!(!text.contains("\u{1b}[31mx"), "{text:?}");
}

fn run(config: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_feedloom"))
        .env_clear()
        .args(["--config", config.to_str().unwrap()])
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn the_command_speaks_to_people_and_to_machines_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feeds.toml");
    let text = "[site]\nbase = \"https://feeds.example\"\n[store]\npath = \"feeds.db\"\n[feed.presse]\nselect = 'tag:Presse OR \"reporters sans\"'\n";
    std::fs::write(&file, text).unwrap();
    let out = run(&file, &["explain", "https://a.example/1"]);
    assert_eq!(out.status.code(), Some(1));
    assert!(!folder.path().join("feeds.db").exists(), "no store is made to say that it is empty");

    let articles = folder.path().join("articles.jsonl");
    let line = r#"{"id":"1","source":"a","url":"https://a.example/1","title":"Nouvelle","text":"Un texte assez long.","published":"2026-06-01T10:00:00Z","lang":"fr","tags":["Presse"]}"#;
    std::fs::write(&articles, line).unwrap();
    let out = run(&file, &["import", "articles", articles.to_str().unwrap()]);
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    let before = std::fs::read(folder.path().join("feeds.db")).unwrap();

    let out = run(&file, &["explain", "a.example/1?utm_source=x"]);
    let said = String::from_utf8(out.stdout).unwrap();
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(!said.contains('\u{1b}'), "no colours in a pipe: {said:?}");
    assert!(
        said.contains("tag:Presse OR \"reporters sans\"\n") && said.contains("++++++++++    ----------------\n"),
        "{said}"
    );

    let out = run(&file, &["explain", "--json", "https://a.example/1"]);
    let json: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((json["title"].as_str(), json["found_by"].as_str()), (Some("Nouvelle"), Some("address")));
    assert_eq!(json["feeds"][1]["query"]["terms"][0]["span"], serde_json::json!({"start": 0, "end": 10}));
    assert_eq!(std::fs::read(folder.path().join("feeds.db")).unwrap(), before);

    let out = run(&file, &["explain", "--json", "https://a.example/2"]);
    let (json, said) = (serde_json::from_slice::<serde_json::Value>(&out.stdout).unwrap(), out.stderr);
    assert_eq!((out.status.code(), json["seen"].is_null()), (Some(1), true));
    assert!(String::from_utf8(said).unwrap().contains("nothing is kept of https://a.example/2"));
}

#[tokio::test]
async fn the_page_speaks_the_language_of_the_site_and_the_terminal_english() {
    let mut house = House::with("[source.a]\nurl = \"{origin}/a\"\n[feed.tout]\nselect = 'récit'\n").await;
    let text = prose("port", 0..20);
    house.origin.set("/a", rss(&[("1", "Le port", &text), ("2", "Le même port", &text)]));
    house.round().await;
    let told = known(&house, "g-1").await;
    let file = std::fs::read_to_string(house.file()).unwrap();
    for (lang, said, own) in [
        ("fr", ["D’où il vient", "rattaché par le même texte", "se trouve dans le texte"], true),
        ("en-GB", ["Where it came from", "joined by same text", "stands in body"], true),
        ("ar", ["من أين جاء", "ضُمّ لتطابق النص", "موجود في النص"], true),
        ("de", ["Woher er kommt", "zugeordnet durch denselben Text", "steht in Text"], true),
        ("es", ["De dónde viene", "unido por el mismo texto", "está en texto"], true),
        ("it", ["Da dove viene", "unito per lo stesso testo", "si trova in testo"], true),
        ("pt-BR", ["De onde veio", "juntado pelo mesmo texto", "está em texto"], true),
        ("ja", ["Where it came from", "joined by same text", "stands in body"], false),
    ] {
        house.reload(&file.replace("lang = \"fr\"", &format!("lang = \"{lang}\""))).await;
        let page = house.get(&format!("/explain/{}", told.story)).await;
        safe::page(&page).unwrap_or_else(|wrong| panic!("{wrong}"));
        for said in said {
            assert!(page.contains(said), "{lang}: no {said} in {page}");
        }
        assert_eq!(page.contains("class=\"explain\" lang=\"en\""), !own, "{lang}: {page}");
    }
    let terminal = render::explained(&told, chrono_tz::UTC);
    assert!(terminal.contains("Where it came from") && terminal.contains("joined by same text"), "{terminal}");
}

/// A feed of items that are an address alone, or have a few words.
fn addressed(items: &[(&str, &str)]) -> Reply {
    let item = |(at, words): &(&str, &str)| format!("<item><link>{at}</link><guid>g{at}</guid>{words}</item>");
    let items: String = items.iter().map(item).collect();
    Reply::new("application/rss+xml", format!("<rss version='2.0'><channel><title>G</title>{items}</channel></rss>"))
}

fn article_page(title: &str) -> Reply {
    let text: String = (0..6).map(|n| format!("<p>{}</p>", prose(title, n * 4..n * 4 + 4))).collect();
    Reply::new("text/html", format!("<html><body><article><h1>{title}</h1>{text}</article></body></html>"))
}

#[tokio::test]
async fn an_entry_that_is_an_address_alone_is_read_on_its_page() {
    for (read, taken) in [("auto", true), ("page", true), ("feed", false)] {
        let house = House::with(&format!("[source.a]\nurl = \"{{origin}}/a\"\nread = \"{read}\"\n")).await;
        house.origin.set("/a", addressed(&[("/seul", ""), ("/perdu", ""), ("/autre", "<title>Autre</title>")]));
        house.origin.set("/seul", article_page("Le phare"));
        house.origin.set("/autre", article_page("La digue du large"));
        house.origin.set("/perdu", Reply::status(404));
        let mut notes = Vec::new();
        for _ in 0..4 {
            notes.extend(house.round().await.remove(0).notes);
            house.pass(std::time::Duration::from_secs(3 * 3600));
        }
        let items = house.items("all").await;
        let mut titles: Vec<&str> = items.iter().filter_map(|item| item["title"].as_str()).collect();
        titles.sort_unstable();
        assert_eq!(titles, if taken { vec!["Autre", "Le phare"] } else { vec!["Autre"] }, "{read}");
        assert_eq!(
            notes.iter().any(|note| note.starts_with("2 of 3 entries are an address alone")),
            !taken,
            "{notes:?}"
        );
        if taken {
            let seen = unknown(&house, "g/perdu").await.seen.unwrap();
            let why = seen.why.unwrap();
            assert!(why.starts_with("its page was not read: ") && why.contains("404"), "{why}");
        }
    }
}

#[tokio::test]
async fn why_a_page_was_not_read_is_told_with_the_article_until_it_is() {
    let house = House::with("[source.a]\nurl = \"{origin}/a\"\nread = \"page\"\n").await;
    let words = "<title>Le phare</title><description>Un chapeau.</description>";
    house.origin.set("/a", addressed(&[("/phare", words)]));
    house.origin.set("/phare", Reply::status(503));
    house.round().await;
    let told = known(&house, "g/phare").await;
    let why = told.cut.reading.as_ref().and_then(|cuts| cuts.unread.clone()).unwrap();
    assert!(why.contains("503"), "{why}");
    assert!(render::explained(&told, chrono_tz::UTC).contains("was not read: "));
    let page = house.get(&format!("/explain/{}", told.story)).await;
    assert!(page.contains("n’a pas été lue") && page.contains("503"), "{page}");
    assert_eq!(serde_json::to_value(&told).unwrap()["cut"]["reading"]["unread"], why.as_str());

    house.origin.set("/phare", article_page("Le phare"));
    house.pass(std::time::Duration::from_secs(8 * 24 * 3600));
    house.round().await;
    let told = known(&house, "g/phare").await;
    assert_eq!((told.from.body, told.cut.reading.unwrap().unread), (BodyFrom::Page, None));
}
