//! Pages as many hands build them, small: each holds one thing that was read wrongly once.

use chrono::{TimeZone, Utc};

use super::*;

const FIRST: &str = "Le vent a retardé le départ d’une nuit. Dimanche à 15\u{202f}h\u{202f}30, le premier voilier a passé la jetée sous les applaudissements.";
const SECOND: &str = "Les organisateurs transportent du lait et des médicaments. «\u{a0}Nous irons aussi loin qu’on nous laissera aller\u{a0}», dit la capitaine, Núria Camps.";
const THIRD: &str = "La traversée doit durer quinze jours. Des escales sont prévues à Tunis et à Catane, où d’autres bateaux attendent.";
const TITLE: &str = "Une flottille de quarante bateaux quitte Barcelone";
const STANDFIRST: &str = "À bord, des médecins, des élus et des marins de vingt-six pays.";

fn read(html: &str, listed: Option<&str>) -> Extract {
    let url = Url::parse("https://www.journal.example/a/12").unwrap();
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap();
    let entry = Entry { title: listed.map(str::to_owned), ..Entry::default() };
    let page = Page {
        html,
        url: &url,
        lang: None,
        tz: chrono_tz::Europe::Paris,
        now,
        entry: Some(&entry),
        site_name: Some("Journal"),
    };
    extract(&page, &Recipe::default()).unwrap()
}

fn head() -> String {
    format!(
        "<title>{TITLE} - Le Fil</title><p>#Solidarité_internationale</p><p><img src=l.png alt='Logo Le Fil'></p><h1>{TITLE}</h1><p>{STANDFIRST}</p>"
    )
}

fn body() -> String {
    format!("<p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p>")
}

fn lines(found: &Extract) -> Vec<&str> {
    assert_eq!(found.title.as_deref(), Some(TITLE));
    assert_eq!(found.standfirst.as_deref(), Some(STANDFIRST));
    assert_eq!(found.hashtags, ["Solidarité_internationale"]);
    found.text.lines().collect()
}

#[test]
fn a_title_without_heading_is_known_by_the_list_or_by_its_parts() {
    let page = |title: &str| {
        format!(
            "<title>{title}</title><table><tr><td>#Solidarité_internationale<br><img src=l.gif alt='Logo Le Fil'><br><font size=5><b>{TITLE}</b></font><br><br><i>{STANDFIRST}</i><br><br><font size=1>Publié le 31 août 2026 à 14h30 par Claire Benhamou</font><br><br>{FIRST}<br><br>{SECOND}<br><br>{THIRD}</table>"
        )
    };
    for (html, listed) in [
        (page("Le Fil"), Some(TITLE)),
        (page("Le Fil"), Some("Une flottille de quarante…")),
        (page(&format!("Voix du quai - {TITLE}")), None),
    ] {
        let found = read(&html, listed);
        assert_eq!(lines(&found), [FIRST, SECOND, THIRD], "{listed:?}");
        assert_eq!(found.byline, ["Claire Benhamou"]);
    }
}

#[test]
fn hashtags_in_boxes_that_are_pruned_are_read() {
    let html = format!(
        "<title>{TITLE}</title><nav><a href=/1>#Budget</a> <a href=/2>#Climat</a></nav><div class=tags><a href=/t># Solidarité_internationale</a></div><h1>{TITLE}</h1><p><b>{STANDFIRST}</b></p>{}",
        body()
    );
    assert_eq!(lines(&read(&html, None)), [FIRST, SECOND, THIRD]);
}

#[test]
fn a_body_cut_in_two_by_advertising_is_one() {
    let html = format!(
        "{}<div class=prose><p>{FIRST}</p><p>{SECOND}</p></div><div class=x>Publicité</div><div class=prose><p>{THIRD}</p><p>{SECOND} Puis rien.</p></div><div class=y><p>Recommandé pour vous</p><a href=/1><p>Une nuit avec les maraudeurs</p><p>Ils sont douze, souvent moins, et longent la rocade avec du thé.</p></a><a href=/2><p>Ce que disent les chiffres</p><p>Nous avons relu douze ans de statistiques avec deux économistes.</p></a></div>",
        head()
    );
    assert_eq!(lines(&read(&html, None)), [FIRST, SECOND, THIRD, &format!("{SECOND} Puis rien.")]);
}

#[test]
fn another_article_below_is_left() {
    let other = format!(
        "<article><div>#Autre_chose</div><h1>Une autre affaire, plus ancienne</h1><p>{SECOND} Bis.</p><p>{FIRST} Bis.</p></article>"
    );
    let html = format!("<article>{}{}</article><div>À suivre</div>{other}", head(), body());
    assert_eq!(lines(&read(&html, None)), [FIRST, SECOND, THIRD]);
    // Chapters are no articles.
    let html = format!(
        "{}<section class=c><p>{FIRST}</p><p>{SECOND}</p></section><section class=c><h2>Après</h2><p>{THIRD}</p><p>{SECOND} Bis.</p></section>",
        head()
    );
    assert!(read(&html, None).text.ends_with("Bis."));
}

#[test]
fn names_are_found_beside_dates_and_under_texts() {
    let with = |credit: &str, foot: &str| format!("{}{credit}{}{foot}", head(), body());
    for (credit, foot) in [
        ("<ul><li>Claire Benhamou</li><li>31 août 2026</li></ul>", ""),
        ("<p>31 août 2026 — Claire Benhamou — Temps de lecture : 3 minutes</p>", ""),
        ("<p>Publié le 31 août 2026 à 14h30 | Par Claire Benhamou</p>", ""),
        ("", "<p>Claire Benhamou</p>"),
        ("", "<p align=right>Claire Benhamou, 31 août 2026</p>"),
    ] {
        let found = read(&with(credit, foot), None);
        assert_eq!(lines(&found), [FIRST, SECOND, THIRD], "{credit}{foot}");
        assert_eq!(found.byline, ["Claire Benhamou"], "{credit}{foot}");
    }
    assert!(read(&with("<p>Monde — 31 août 2026</p>", ""), None).byline.is_empty());
}

#[test]
fn what_themes_set_between_and_under_paragraphs_goes() {
    let between = "<blockquote class=pull>Les organisateurs transportent du lait et des médicaments.</blockquote><p>Publicité</p>";
    let comment = "Très juste, et l’on pourrait dire la même chose de bien d’autres ports cette année encore.";
    for foot in [
        "<div>👍 J’aime &nbsp; 💬 Commenter &nbsp; ↗ Partager</div>".to_owned(),
        "<div><p>Cet article est gratuit grâce aux dons de nos lecteurs. Faites un don !</p></div>".to_owned(),
        "<div><p>Avec votre accord, nos partenaires et nous utilisons des traceurs sur ce site.</p></div>".to_owned(),
        format!("<div><h2>2 commentaires</h2><p>Paulo</p><p>{comment}</p><p>Ana</p><p>{comment} Oui.</p></div>"),
    ] {
        let html = format!("{}<p>{FIRST}</p>{between}<p>{SECOND}</p><p>{THIRD}</p>{foot}", head());
        assert_eq!(lines(&read(&html, None)), [FIRST, SECOND, THIRD], "{foot}");
    }
}

#[test]
fn the_shortest_first_and_last_sentences_stay() {
    let html = format!("{}<p>Il est six heures.</p>{}<p>Rien n’a changé.</p>", head(), body());
    assert_eq!(lines(&read(&html, None)), ["Il est six heures.", FIRST, SECOND, THIRD, "Rien n’a changé."]);
}

/// A page with one paragraph, something, and two paragraphs more.
fn after_one_paragraph(thing: &str) -> String {
    format!(
        "<title>{TITLE}</title><article><h1>{TITLE}</h1><p>{FIRST}</p>{thing}<p>{SECOND}</p><p>{THIRD}</p></article>"
    )
}

#[test]
fn what_stands_early_in_the_text_is_kept_as_one() {
    for thing in [
        "<table><tbody><tr><th>Ville</th><th>Voix</th></tr><tr><td>Brest</td><td>120</td></tr><tr><td>Nantes</td><td>90</td></tr></tbody></table>",
        "<table><thead><tr><th>Parti</th><th>%</th><th>Sièges</th></tr></thead><tbody><tr><td>Rouges</td><td>34,5 %</td><td>12</td></tr></tbody></table>",
        "<table><tbody><tr><td>1</td><td>Lens</td><td>30</td></tr><tr><td>2</td><td>Lille</td><td>28</td></tr></tbody></table>",
        "<table><tbody><tr><td>1</td><td><a href=\"/lens\">Lens</a></td><td>30</td></tr><tr><td>2</td><td><a href=\"/lille\">Lille</a></td><td>28</td></tr></tbody></table>",
        "<table><tbody><tr><td>Départ</td><td>08:30</td></tr><tr><td>Arrivée</td><td>3 mai 2026</td></tr></tbody></table>",
        "<table><tbody><tr><td>2024</td><td>31</td></tr><tr><td>2025</td><td>28</td></tr></tbody></table>",
        "<table><tbody><tr><td>غزة</td><td>١٢٠</td></tr><tr><td>رفح</td><td>٩٠</td></tr></tbody></table>",
        "<dl><dt>Morts</dt><dd>12</dd><dt>Blessés</dt><dd>40</dd></dl>",
        "<ul><li>2024</li><li>2025</li></ul>",
        "<ul><li>Brest : 120</li><li>3-1</li><li>12</li></ul>",
        "<blockquote><p>Bonjour du port</p>— Port (@port) <a href=\"https://social.example/port/1\">1 nov. 2026</a></blockquote>",
        "<blockquote><p><a href=\"https://social.example/p/1\">Voir cette publication</a></p></blockquote>",
    ] {
        let found = read(&after_one_paragraph(thing), None);
        assert!(
            found.body_html.contains(&format!("<p>{FIRST}</p>{thing}<p>{SECOND}</p>")),
            "{thing}\n{}",
            found.body_html
        );
    }
}

#[test]
fn lists_that_lead_elsewhere_go_as_one() {
    for thing in [
        "<ul><li><a href=/fb>Facebook</a></li><li><a href=/x>Twitter</a></li><li>12</li></ul>",
        "<ul><li><a href=/a>Accueil</a></li><li>Politique</li></ul>",
        "<ul><li>Publié le 3 mai 2026</li><li>Politique</li></ul>",
        "<ul><li><a href=/1>La grève continue</a></li><li><a href=/2>Les pilotes attendent</a></li></ul>",
        "<table><tr><td>Publié le 3 mai 2026</td><td>Partager</td></tr></table>",
        "<table><tr><td><a href=/1>Une</a></td><td><a href=/2>Monde</a></td></tr></table>",
    ] {
        for html in [after_one_paragraph(thing), after_one_paragraph("").replace("</h1>", &format!("</h1>{thing}"))] {
            let found = read(&html, None);
            let kept = [found.standfirst.as_deref().unwrap_or_default(), &found.text].join("\n");
            assert_eq!(kept.trim(), [FIRST, SECOND, THIRD].join("\n"), "{html}");
        }
    }
}

#[test]
fn a_page_laid_out_in_a_table_is_trimmed_line_by_line() {
    let html = format!(
        "<title>{TITLE}</title><h1>{TITLE}</h1><table><tr><td>Publié le 3 mai 2026</td><td>12</td></tr><tr><td><p>{FIRST}</p><p>Partager</p><p>{SECOND}</p><p>{THIRD}</p></td></tr></table>"
    );
    let found = read(&html, None);
    assert_eq!(
        found.standfirst.into_iter().chain([found.text]).collect::<Vec<_>>().join("\n"),
        [FIRST, SECOND, THIRD].join("\n")
    );
}

#[test]
fn players_are_kept_where_they_stand() {
    for thing in [
        "<iframe width=560 src='https://www.youtube.com/embed/abc' allowfullscreen></iframe>",
        "<p><iframe src='https://www.youtube.com/embed/abc'></iframe></p>",
        "<div class=video-container><iframe src='//www.youtube-nocookie.com/embed/abc'></iframe></div>",
        "<div class=embed><iframe data-src='https://www.youtube.com/embed/abc' src='about:blank'></iframe></div>",
        "<figure class=wp-block-embed><div class=wp-block-embed__wrapper><iframe src='https://www.youtube.com/embed/abc'></iframe></div><figcaption>La vidéo</figcaption></figure>",
        "<amp-youtube data-videoid=abc layout=responsive></amp-youtube>",
    ] {
        let page = |before: &str, after: &str, end: &str| {
            let share = "<ul class=share><li><a href=/fb>Facebook</a></li></ul><p>Partager</p>";
            format!(
                "<title>{TITLE}</title><article><h1>{TITLE}</h1>{before}<p>{FIRST}</p>{after}<p>{SECOND}</p><p>{THIRD}</p>{end}{share}</article>"
            )
        };
        for html in [page("", thing, ""), page(thing, "", ""), page("", "", thing)] {
            let found = read(&html, None);
            let body = &found.body_html;
            let (sign, address) = if thing.contains("amp-") {
                ("<amp-youtube", "data-videoid=\"abc\"")
            } else {
                ("<iframe", "/embed/abc\"")
            };
            assert!(body.contains(address) && !body.contains("Partager") && found.image.is_none(), "{body}");
            let at = |html: &str, sign: &str| html.find(sign).unwrap();
            for part in [&FIRST[..20], &SECOND[..20], &THIRD[..20]] {
                let first = found.standfirst.as_deref().is_some_and(|s| s.starts_with(part));
                assert!(first || (at(&html, sign) < at(&html, part)) == (at(body, sign) < at(body, part)), "{body}");
            }
        }
    }
    let film = |address: &str| {
        let link = format!("<p><a href=\"{address}\">Voir la vidéo</a></p>");
        read(&after_one_paragraph(&link), None).body_html.contains(&link)
    };
    for address in ["https://www.youtube.com/watch?v=abc", "https://youtu.be/abc", "https://vimeo.com/12"] {
        assert!(film(address), "{address}");
    }
    for address in ["https://www.youtube.com/@port", "https://vimeo.com/port", "https://vimeo.com", "/video/1"] {
        assert!(!film(address), "{address}");
    }
    let advertising = after_one_paragraph("<iframe src='https://ads.example/1'></iframe>");
    assert!(!read(&advertising, None).body_html.contains("iframe"));
}

#[test]
fn a_score_or_a_number_alone_in_its_paragraph_is_kept() {
    for number in ["3-1", "120", "2 – 0", "1 204,5 €", "34,5 %", "١٢٠"] {
        let thing = format!("<p>{number}</p>");
        let body = read(&after_one_paragraph(&thing), None).body_html;
        assert!(body.contains(&format!("{thing}<p>{SECOND}</p>")), "{number}\n{body}");
    }
    for thing in [
        "<p class=views>120</p>",
        "<div>120</div>",
        "<p><a href=/comments>12</a></p>",
        "<p>3.5.2026</p>",
        "<p>08:30</p>",
        "<p>12</p><p>Partager</p>",
        "<div><p>12</p></div>",
    ] {
        let found = read(&after_one_paragraph(thing), None);
        let kept = [found.standfirst.as_deref().unwrap_or_default(), &found.text].join("\n");
        assert_eq!(kept.trim(), [FIRST, SECOND, THIRD].join("\n"), "{thing}");
    }
}

#[test]
fn a_film_above_the_title_is_kept() {
    let page = |above: &str| {
        format!(
            "<title>{TITLE}</title><body><article>{above}<h1>{TITLE}</h1><p>{FIRST}</p><p>{SECOND}</p><p>{THIRD}</p></article>"
        )
    };
    for film in [
        "<iframe src=\"https://www.youtube.com/embed/abc\"></iframe>",
        "<div class=hero><video controls src=\"/v.mp4\"></video></div><p>Politique</p>",
    ] {
        let body = read(&page(film), None).body_html;
        assert!(body.contains("/embed/abc") || body.contains("/v.mp4"), "{body}");
        assert!(!body.contains("Politique"), "{body}");
    }
    for other in ["<iframe src='https://ads.example/1'></iframe>", "<audio src=/a.mp3></audio>", "<img src=/i.jpg>"] {
        let body = read(&page(other), None).body_html;
        assert!(["iframe", "audio", "img"].iter().all(|name| !body.contains(name)), "{body}");
    }
}

#[test]
fn footnotes_in_an_aside_are_kept() {
    let notes = "<aside class=\"footnotes\"><p>[1] La note de bas de page explique.</p></aside>";
    let html = after_one_paragraph("")
        .replace("</article>", &format!("{notes}<aside>Publicité pour des bottes</aside></article>"));
    let found = read(&html, None);
    assert!(found.text.ends_with("[1] La note de bas de page explique."), "{}", found.text);
}
