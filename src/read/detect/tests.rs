//! Pages of many makes, and what is said of them.

use chrono::TimeZone;
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;

fn found(html: &str) -> Option<Found> {
    let url = Url::parse("https://example.org/actu/").unwrap();
    let now = chrono::Utc.with_ymd_and_hms(2026, 6, 10, 12, 0, 0).unwrap();
    detect(&Input {
        body: html.as_bytes(),
        content_type: None,
        url: &url,
        lang: None,
        tz: Tz::UTC,
        day_first: None,
        now,
    })
}

fn keys(html: &str) -> Vec<(&'static str, String)> {
    found(html).unwrap_or_else(|| panic!("nothing found in {html}")).keys
}

fn wanted(keys: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    keys.iter().map(|(k, w)| (*k, (*w).to_owned())).collect()
}

const TITLES: [&str; 5] = [
    "Une collecte pour les dockers",
    "Le quai des réfugiés rouvert",
    "La grue historique sauvée hier",
    "Les pêcheurs de Gaza racontent",
    "Une radio sur les quais",
];
const NAV: &str = "<!doctype html><html lang=fr><body><nav><ul><li><a href=/1>Toute la vie politique</a><li><a href=/2>Tout le monde arabe</a>
    <li><a href=/3>Toute la vie des ports</a><li><a href=/4>Toutes nos vidéos du jour</a><li><a href=/5>Tous les autres sujets</a></ul></nav>";
const FOOT: &str =
    "<div class=site-footer><p><a href=/a>Qui nous sommes vraiment</a><p><a href=/b>Toutes nos mentions légales</a>
    <p><a href=/c>Nous écrire une lettre</a><p><a href=/d>Faire un petit don</a></div>";

fn page(piece: impl Fn(usize, &str) -> String) -> String {
    let pieces: String = TITLES.iter().enumerate().map(|(n, title)| piece(n, title)).collect();
    format!("{NAV}<main><h1>Les actualités de notre port</h1><div class=liste>{pieces}</div></main>{FOOT}")
}

#[test]
fn cards_are_described_whole() {
    let html = page(|n, title| {
        format!("<div class='card card-{n}'><a href=/art/{n}><img src=/{n}.jpg></a><div class=meta><a href=/rubrique/x>Notre vie au port</a></div>
            <h2><a href=/art/{n}>{title}</a></h2><p class=chapo>Un chapeau qui dit en une ligne ce que dira l’article.</p>
            <span class=date>{} juin 2026 à 9h</span><a href=/art/{n}>Lire la suite</a></div>", n + 1)
    });
    let found = found(&html).unwrap();
    let all = [
        ("item", "div.card"),
        ("link", "h2 a @href"),
        ("title", "h2"),
        ("summary", "p.chapo"),
        ("image", "img"),
        ("date", "span.date"),
    ];
    assert_eq!(found.keys, wanted(&all));
    assert_eq!(found.reading.entries.len(), 5);
    assert!(found.reading.entries.iter().all(|e| e.published.is_some() && e.summary.is_some() && e.image.is_some()));
    assert_eq!(found.reading.entries[4].link.as_deref(), Some("https://example.org/art/4"));
}

#[test]
fn lists_of_other_makes_are_found() {
    let bare = page(|n, title| format!("<li><a href={n}>{title}</a>"));
    assert_eq!(keys(&bare), wanted(&[("item", "div.liste > li"), ("link", "a @href"), ("title", "a")]));
    let whole = page(|n, title| {
        format!("<a class=teaser href=/x/{n}><h3>{title}</h3><time datetime=2026-06-0{}>hier</time></a>", n + 1)
    });
    assert_eq!(keys(&whole), wanted(&[("item", "a.teaser"), ("title", "h3"), ("date", "time")]));
    let apart = page(|n, title| format!("<section><h3>{title}</h3><p><a href=/x/{n}>Lire la suite</a></section>"));
    assert_eq!(keys(&apart), wanted(&[("item", "section"), ("link", "a @href"), ("title", "h3")]));
}

/// Pages of many makes. What stands between `⟦` and `⟧` stands there for each of the five titles: `%t` is the title, `%n` its
/// number from 0, `%d` that from 1, `%s` a summary. Each page lists what is at `/x/0` to `/x/4`.
const PAGES: &[(&str, &str)] = &[
    (
        "rows of a table, several for each",
        "<table border=0>⟦<tr class=athing id=1%n><td align=right>%d.</td><td class=title><a href=/x/%n>%t</a> <span>(<a href='from?site=a%n.example'>a%n.example</a>)</span></td></tr>
         <tr><td colspan=2></td><td class=subtext>%n points par <a href=user?id=%n>quelqu’un</a> <span class=age title=2026-06-0%d>hier</span> | <a href=thing?id=%n>discuter</a></td></tr><tr class=spacer></tr>⟧</table>",
    ),
    (
        "tables for layout",
        "<TABLE><TR><TD>⟦<TABLE WIDTH=100%><TR><TD><A HREF=/x/%n><FONT SIZE=2><B>%t</B></FONT></A></TD></TR><TR><TD><FONT SIZE=1>0%d/06/2026</FONT><BR>%s</TD></TR></TABLE><HR>⟧</TD></TR></TABLE>",
    ),
    (
        "rows of a table, the date in another cell",
        "<table class=views-table><tr><th>Date</th><th>Titre</th></tr>⟦<tr class=even><td class=views-field>0%d/06/2026 - 10:00</td><td class=views-field-title><a href=/x/%n>%t</a></td></tr>⟧</table>",
    ),
    (
        "a link of several parts",
        "⟦<a class='block py-2' href=/x/%n><span class='text-gray-500'>2026-06-0%d</span><span class=font-medium>%t</span></a>⟧",
    ),
    ("words in parts", "⟦<li><a href=/x/%n><b>Port :</b> <i>%t</i></a></li>⟧"),
    ("cells of a table", "<table><tr>⟦<td width=20%><a href=/x/%n>%t</a><br>%s</td>⟧</tr></table>"),
    ("a definition list", "<dl>⟦<dt>%d juin 2026</dt><dd><a href=/x/%n>%t</a></dd>⟧</dl>"),
    ("terms are the links", "<dl>⟦<dt><a href=/x/%n>%t</a></dt><dd>%s</dd>⟧</dl>"),
    ("bare blocks", "<div>⟦<div><div><a href=/x/%n>%t</a></div><div>%s</div></div>⟧</div>"),
    ("headings and paragraphs side by side", "⟦<h3><a href=/x/%n>%t</a></h3><p>%d juin 2026</p><p>%s</p>⟧"),
    ("paragraphs with the link inside", "⟦<p><b>0%d/06/2026</b> – <a href=/x/%n>%t</a></p>⟧"),
    ("links and line ends", "⟦0%d.06.2026 <a href=/x/%n>%t</a><br>⟧"),
    (
        "picture and title linked",
        "⟦<div class=teaser><a href=/x/%n><img src=/i/%n.jpg alt='Vue de la rade %n'></a><div><a href=/x/%n>%t</a><p>%s</p></div></div>⟧",
    ),
    (
        "the picture's link has a fragment",
        "⟦<div class=teaser><a href=/x/%n#image><img src=/i/%n.jpg></a><h3><a href='/x/%n'>%t</a></h3></div>⟧",
    ),
    (
        "something else comes first",
        "<section class=side><h3>Un article sans lien</h3></section><div class=grid>⟦<div class=card><h3><a href=/x/%n>%t</a></h3></div>⟧</div>",
    ),
    (
        "addresses of any form",
        "<ul><li><a href='../x/0'>Une collecte pour les dockers</a><li><a href='//example.org/x/1'>Le quai des réfugiés rouvert</a>
         <li><a href='https://example.org/x/2'>La grue historique sauvée hier</a><li><a href='/x/3#c'>Les pêcheurs de Gaza racontent</a><li><a href=' /x/4 '>Une radio sur les quais</a></ul>",
    ),
    (
        "most read and a side bar",
        "<section class=liste>⟦<article><h2><a href=/x/%n>%t</a></h2><p>%s</p><time datetime=2026-06-0%d>x</time></article>⟧</section>
         <section class=plus-lus><h2>Les plus lus</h2><ol>⟦<li><a href=/lu/%n>%t encore</a></li>⟧</ol></section><aside><ul>⟦<li><a href=/cote/%n>%t à côté</a></li>⟧</ul></aside>",
    ),
    (
        "a side bar of the same pieces",
        "<div class=cols><div class=main>⟦<div class=card><a href=/x/%n>%t</a></div>⟧</div><div class=right-sidebar>⟦<div class=card><a href=/lu/%n>%t encore</a></div>⟧</div></div>",
    ),
    (
        "classes of a build",
        "<div class='List_list__aB3x9'>⟦<div class='Card_card__x7Yz1 Card_wide__QwErTy'><div class='Card_body__ZxCvBn'><a class='css-1q2w3e' href=/x/%n>%t</a><span class='sc-bdVaJa kLmNoP'>%d juin 2026</span></div></div>⟧</div>",
    ),
    (
        "other classes of a build",
        "<div class='cmkdDu eetgzM'>⟦<div class='sc-b38350e4-3 tOPOd'><a class='sc-8a623a54-0 hMvGwj' href=/x/%n><h2 class='duBczH'>%t</h2><p class=dFYBrB>%s</p></a></div>⟧</div>",
    ),
    (
        "utility classes",
        "<div class='grid grid-cols-3 gap-4'>⟦<div class='flex flex-col p-4 md:p-6'><div class='flex'><a class='text-lg font-bold hover:underline' href=/x/%n>%t</a></div><p class='text-sm text-gray-500'>%s</p></div>⟧</div>",
    ),
    ("upper case", "<DIV CLASS=NEWS>⟦<DIV CLASS=ITEM><H3><A HREF='/x/%n'>%t</A></H3></DIV>⟧</DIV>"),
    ("the link goes around", "<div>⟦<a href=/x/%n><article><h3>%t</h3><p>%s</p></article></a>⟧</div>"),
    (
        "a link over the whole piece",
        "⟦<article><a href=/x/%n aria-label='Lire : %t'></a><h3>%t</h3><p>%s</p></article>⟧",
    ),
    (
        "a state that is called like a frame",
        "<div class='post-list comments-off'>⟦<div class=post><h3><a href=/x/%n>%t</a></h3></div>⟧</div>",
    ),
    (
        "a wrapping that is called like a frame",
        "<div class=navigation-wrapper><div class=share>⟦<div class=post><h3><a href=/x/%n>%t</a></h3><p>%s %s</p></div>⟧</div></div>",
    ),
    (
        "rubric and author are links too",
        "⟦<div class=entry><a class=cat href=/section/monde>Le monde arabe</a><h2><a href=/x/%n>%t</a></h2><span>par <a href=/equipe/a%n>A. Martin Dupont</a></span></div>⟧",
    ),
    (
        "read on after the text",
        "⟦<div class=entry><h2>%t</h2><p>%s</p><p><a class=more href=/x/%n>Lire la suite de cet article</a></p></div>⟧",
    ),
    (
        "links to share",
        "⟦<li class=entry><a href=/x/%n>%t</a> <a href='https://share.example/?u=/x/%n'>Partager cet article ici</a> <a href='mailto:?body=/x/%n'>Envoyer cet article par courriel</a></li>⟧",
    ),
    ("elements of one's own", "⟦<news-card><a slot=title href=/x/%n>%t</a></news-card>⟧"),
    (
        "numbers in ids and classes",
        "⟦<div id=post-%n class='post-%n post type-post'><h2 class=entry-title><a href=/x/%n rel=bookmark>%t</a></h2></div>⟧",
    ),
    ("each day a list", "⟦<section><h2>%d juin 2026</h2><ul><li><a href=/x/%n>%t</a></li></ul></section>⟧"),
    (
        "in columns",
        "<div class=row><div class=col-a><div class=brief><a href=/x/0>Une collecte pour les dockers</a></div><div class=brief><a href=/x/1>Le quai des réfugiés rouvert</a></div>
         <div class=brief><a href=/x/2>La grue historique sauvée hier</a></div></div><div class=col-b><div class=brief><a href=/x/3>Les pêcheurs de Gaza racontent</a></div><div class=brief><a href=/x/4>Une radio sur les quais</a></div></div></div>",
    ),
    (
        "the title is an attribute",
        "⟦<li><a href=/x/%n title=\"%t\"><img src=/%n.jpg alt=\"%t\"></a></li>⟧",
    ),
    ("the title is cut in the link", "⟦<li><a href=/x/%n title=\"%t\">%c…</a></li>⟧"),
    (
        "Japanese",
        "<ul><li><a href=/x/0>港の労働者が支援</a><li><a href=/x/1>難民の埠頭が再開</a><li><a href=/x/2>古いクレーンを保存</a><li><a href=/x/3>漁師が語る</a><li><a href=/x/4>埠頭のラジオ局</a></ul>",
    ),
    (
        "Arabic",
        "<ul dir=rtl><li><a href=/x/0>عمال الميناء يجمعون التبرعات</a><li><a href=/x/1>إعادة فتح الرصيف</a><li><a href=/x/2>إنقاذ الرافعة التاريخية</a><li><a href=/x/3>صيادو غزة يروون</a><li><a href=/x/4>إذاعة الأرصفة</a></ul>",
    ),
    (
        "Korean",
        "<ul><li><a href=/x/0>부두 노동자 모금</a><li><a href=/x/1>난민 부두 재개장</a><li><a href=/x/2>역사적 크레인 보존</a><li><a href=/x/3>가자 어부들의 이야기</a><li><a href=/x/4>부두의 라디오</a></ul>",
    ),
];

#[test]
fn pages_of_any_make_are_read() {
    const SUMMARY: &str = "Un chapeau qui dit en une ligne ce que dira tout l’article, et un peu plus encore.";
    let one = |piece: &str, n: usize, title: &str| {
        let (number, next, cut) = (n.to_string(), (n + 1).to_string(), crate::text::excerpt(title, 12));
        let cut = cut.trim_end_matches('…');
        [("%n", number.as_str()), ("%d", &next), ("%t", title), ("%s", SUMMARY), ("%c", cut)]
            .iter()
            .fold(piece.to_owned(), |text, (sign, value)| text.replace(sign, value))
    };
    let filled = |page: &str| {
        let mut parts = page.split(['⟦', '⟧']);
        let mut out = parts.next().unwrap().to_owned();
        while let (Some(piece), Some(after)) = (parts.next(), parts.next()) {
            out.extend(TITLES.iter().enumerate().map(|(n, title)| one(piece, n, title)));
            out.push_str(after);
        }
        out
    };
    let mut wrong = Vec::new();
    for (what, page) in PAGES {
        let html = format!("{NAV}<main><h1>Les actualités de notre port</h1>{}</main>{FOOT}", filled(page));
        let Some(found) = found(&html) else {
            wrong.push(format!("{what}: nothing found"));
            continue;
        };
        let links: Vec<String> = found
            .reading
            .entries
            .iter()
            .filter_map(|e| Some(without_fragment(Url::parse(e.link.as_deref()?).ok()?).into()))
            .collect();
        let wanted: Vec<String> = (0..5).map(|n| format!("https://example.org/x/{n}")).collect();
        let untitled = found.reading.entries.iter().filter(|e| {
            let title = e.title.as_deref().unwrap_or_default();
            title.chars().count() < 5 || title.starts_with("Lire :") || title.ends_with('…') || title.len() > 60
        });
        let (untitled, keys) = (untitled.count(), &found.keys);
        let made_up = keys
            .iter()
            .any(|(_, written)| ["__", "QwEr", "css-", "bdVa", "tOPOd", "cmkd"].iter().any(|c| written.contains(c)));
        if links != wanted || untitled > 0 || made_up {
            wrong.push(format!("{what}: {keys:?} gives {links:?}, {untitled} untitled"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let dated = |what: &str| {
        let (_, page) = PAGES.iter().find(|(name, _)| name.starts_with(what)).unwrap();
        found(&format!("{NAV}<main>{}</main>{FOOT}", filled(page))).unwrap().reading.entries[4].published.is_some()
    };
    for what in [
        "rows of a table, the date",
        "rows of a table, several",
        "a definition list",
        "headings and paragraphs",
        "a link of several parts",
        "each day",
    ] {
        assert!(dated(what), "{what}");
    }
}

#[test]
fn what_opens_a_list_in_another_markup_is_read_with_it() {
    let rest = "<div class=card><h3><a href=/x/%n>%t</a></h3><p class=date>0%d/06/2026</p></div>";
    let page = |opener: &str| {
        let rest: String = TITLES
            .iter()
            .enumerate()
            .map(|(n, t)| rest.replace("%n", &n.to_string()).replace("%d", &(n + 1).to_string()).replace("%t", t))
            .collect();
        format!("{NAV}<main><h1>Les actualités de notre port</h1>{opener}<div class=grid>{rest}</div></main>{FOOT}")
    };
    for (opener, item) in [
        (
            "<section class=hero><img src=/i.jpg><h2><a href=/x/9>Le port en haut de page</a></h2></section>",
            "div.card, section.hero",
        ),
        (
            "<article class='featured x1'><a href=/x/9><img src=i></a><div><h2><a href=/x/9>Le port en haut de page</a></h2><p>2 juin 2026</p></div></article>",
            "div.card, article.featured",
        ),
        (
            "<div><div class=une><a href=/x/9><h2>Le port en haut de page</h2><p>Un chapeau qui dit en une ligne ce que dira tout l’article.</p></a></div></div><aside><h3><a href=/y>Un titre à côté</a></h3></aside>",
            "div.card, div.une",
        ),
    ] {
        let found = found(&page(opener)).unwrap();
        assert_eq!(found.keys[0].1, item, "{opener}");
        let first = &found.reading.entries[0];
        assert_eq!(first.title.as_deref(), Some("Le port en haut de page"), "{:?}", found.keys);
        assert_eq!((first.link.as_deref(), found.reading.entries.len()), (Some("https://example.org/x/9"), 6));
    }
    // What says nothing of its own, or is no single article, is left out.
    for opener in [
        "<div><img src=i><h2><a href=/x/9>Un titre de trop ici</a></h2></div>",
        "<section class=hero><img src=i><h2><a href=/x/8>Un titre de trop ici</a></h2><h2><a href=/x/9>Un autre titre encore là</a></h2></section>",
        "<section class=hero><img src=i><p><a href=/x/9>Un lien sans titre ici</a></p></section>",
        "<h2 class=rubric><a href=/x/9>Toute la vie de notre port</a></h2>",
        "<section class=hero><img src=i><h2><a href=/x/9>La vie</a></h2></section>",
        "<section class=letter><img src=i><h2><a href=/lettre>Recevez la lettre de notre port</a></h2></section>",
    ] {
        assert_eq!(keys(&page(opener))[0].1, "div.card", "{opener}");
    }
}

#[test]
fn dates_in_numbers_are_found_and_read_as_the_list_has_them() {
    let dates = ["02/03/2026", "25/02/2026", "04/02/2026", "03/02/2026", "02/02/2026"];
    let html = page(|n, title| format!("<li><a href=/art/{n}>{title}</a> <span>{}</span>", dates[n]));
    let found = found(&html.replace(" lang=fr", "")).unwrap();
    assert!(found.keys.contains(&("date", "span".to_owned())), "{:?}", found.keys);
    let days: Vec<_> =
        found.reading.entries.iter().map(|e| e.published.unwrap().format("%d/%m/%Y").to_string()).collect();
    assert_eq!(days, dates);
}

#[test]
fn schema_org_says_which_of_two_lists() {
    let side: String = (0..9)
        .map(|n| format!("<article class=vu><h3><a href=/vu/{n}>Un article que tous ont lu {n}</a></h3><time>{} juin 2026</time></article>", n + 1))
        .collect();
    let list = page(|n, title| format!("<p class=ligne><a href=/art/{n}#x>{title}</a></p>"))
        .replace("</main>", &format!("{side}</main>"));
    assert_eq!(keys(&list)[0].1, "article.vu");
    let data = r#"<script type="application/ld+json">{"@graph":[{"@type":"CollectionPage","mainEntity":{"@type":["ItemList"],"itemListElement":[
        {"@type":"ListItem","url":"/art/0"},{"item":"https://example.org/art/1"},{"item":{"@id":"/art/2"}},{"item":{"url":"../art/3"}},{"url":"/art/4"}]}}]}</script>"#;
    let articles = r#"<script type="application/ld+json">{"@graph":[{"@type":"NewsArticle","url":"/art/0"},{"@type":"NewsArticle","mainEntityOfPage":{"@id":"/art/1"}},
        {"@type":"BlogPosting","mainEntityOfPage":"/art/2"},{"@type":"Organization","url":"/vu/1"},{"@type":"NewsArticle","@id":"/art/3#x"}]}</script>"#;
    let part = r#"<script type="application/ld+json">{"@type":"CollectionPage","hasPart":[{"@type":"Article","url":"/art/0"},{"url":"/art/1"},{"url":"/art/2"},{"url":"/art/3"},{"url":"/art/4"}]}</script>"#;
    for data in [data, articles, part] {
        let told = list.replace("</main>", &format!("{data}</main>"));
        assert_eq!(keys(&told)[0].1, "p.ligne", "{data}");
    }
}

#[test]
fn what_is_no_list_gives_none() {
    let few = format!(
        "{NAV}<main><h2><a href=/x>Un seul titre ici</a></h2><h2><a href=/y>Et un autre titre</a></h2></main>{FOOT}"
    );
    let same = page(|n, _| format!("<li><a href=/x/{n}>Lire la suite</a>"));
    let deep = format!("<html>{}<a href=/x>Un titre assez long</a>", "<div>".repeat(20_000));
    for html in [few.as_str(), &same, &deep, "", "<rss></rss>", "<html><form><input></form>"] {
        assert!(found(html).is_none(), "{:.80}", html);
    }
}

#[test]
fn pages_made_to_harm_are_searched_in_time() {
    let many = |n: usize, piece: &str| (0..n).map(|n| piece.replace("%n", &n.to_string())).collect::<String>();
    let nested = "[{\"a\":".repeat(60) + "1" + &"}]".repeat(60);
    for html in [
        many(4_000, "<li class=c%n><a href=/x/%n>Un titre assez long %n</a></li>"),
        many(3_000, "<div class='menu-%n sidebar k%n'><a href=/x/%n>Un titre assez long %n</a>"),
        "<script>x = {a: [{title: 'Un titre assez long', url: '/a'}]}</script>".repeat(5_000),
        format!(
            "<script type=application/json>[{}1]</script>",
            many(20_000, "{\"t%n\": {\"title\": \"Un titre assez long\", \"url\": \"/%n\"}},")
        ),
        format!("<p data-x='[{}1]'>", "[{\"a\":1}],".repeat(2_000)).repeat(20),
        format!("<script>{}</script>", format!("x = {nested};").repeat(500)),
        format!("<script>{}</script>", "x = [[[[[[[[[[{a:'".repeat(20_000)),
    ] {
        let page = format!("<!doctype html><p>{html}");
        let _found_or_not = found(&page);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_found_gives_entries(parts in proptest::collection::vec(0..14_usize, 0..60)) {
        const PARTS: [&str; 14] = [
            "<ul>", "</ul>", "<li>", "<div class=a>", "</div>", "<a href=/x/%n>Un titre assez long %n</a>", "<h2>", "</h2>",
            "<time datetime=2026-06-01>x</time>", "<p>%n", "<table><tr><td>", "<script>x = [{title: 'Un titre de %n', url: '/%n', date: '2026-06-01'},",
            "{title: 'Un autre de %n', url: '/y%n', date: '2026-06-01'}]</script>", "<dl><dt><a href=%n title='Le titre entier %n'>Le titre…</a><dd>",
        ];
        let html: String = parts.iter().enumerate().map(|(n, part)| PARTS[*part].replace("%n", &n.to_string())).collect();
        if let Some(found) = found(&format!("<!doctype html>{html}")) {
            prop_assert!(!found.reading.entries.is_empty());
            prop_assert!(recipe(&found.keys).is_ok());
        }
    }
}
