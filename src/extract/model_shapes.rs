//! The page that matters most, in many templates and five languages: a hashtag line, a logo line, the title, a standfirst,
//! the body with its typography, and a foot of recommendations. All texts are made up here.

use chrono::{TimeZone, Utc};

use super::*;

struct Sample {
    lang: &'static str,
    hashtag: &'static str,
    title: &'static str,
    standfirst: &'static str,
    body: [&'static str; 4],
    credit: &'static str,
    share: [&'static str; 3],
    label: &'static str,
    others: [(&'static str, &'static str); 3],
    newsletter: &'static str,
    rights: &'static str,
}

const SITE: &str = "Perspectives du Large";

const SAMPLES: [Sample; 5] = [
    Sample {
        lang: "fr",
        hashtag: "Libération_Palestine",
        title: "À Marseille, les dockers refusent de charger",
        standfirst: "Une assemblée générale tenue à l’aube a décidé que rien ne partirait du quai 12 avant la fin du mois.",
        body: [
            "«\u{a0}Nous ne chargerons pas\u{a0}», répète Lina Azoulay, déléguée du Comité des travailleurs portuaires (CTP), depuis le hangar où s’entassent des palettes. La décision a été prise à main levée, à 5\u{202f}h\u{202f}30, par trois cents personnes.",
            "Le port autonome, lui, assure que «\u{a0}l’activité se poursuit normalement\u{a0}»\u{202f}; les grues sont pourtant immobiles. Combien de temps\u{202f}? Personne ne le dit.",
            "Dans les bureaux de l’Union maritime (UM), on compte les heures et les conteneurs. Il y en aurait 1\u{a0}200 à quai, dont la moitié attend depuis l’automne.",
            "La prochaine assemblée se tiendra vendredi. «\u{a0}On verra bien qui se lasse le premier\u{a0}», sourit un grutier en repliant sa banderole.",
        ],
        credit: "Par Samir Benali, publié le 3 novembre 2026",
        share: ["Partager", "Envoyer par courriel", "Imprimer"],
        label: "Recommandé pour vous",
        others: [
            (
                "Le phare du bout de la jetée rouvre au public",
                "Fermé depuis onze ans, le phare accueille de nouveau les visiteurs, qui montent par groupes de huit jusqu’à la lanterne et redescendent émus.",
            ),
            (
                "Trois siècles de cartes marines à la bibliothèque",
                "Les cartes sortent des réserves pour un mois seulement. On y suit la côte telle que la voyaient les pilotes, récif après récif.",
            ),
            (
                "Pourquoi la sardine rapetisse",
                "Des biologistes ont mesuré quarante mille poissons. Leur verdict tient en une phrase, et elle n’annonce rien de bon pour la criée.",
            ),
        ],
        newsletter: "Recevez notre newsletter chaque vendredi",
        rights: "© Perspectives du Large. Tous droits réservés, reproduction interdite sans accord.",
    },
    Sample {
        lang: "en",
        hashtag: "Harbour_Strike",
        title: "Crane drivers walk out for a second week",
        standfirst: "The union says that nothing will move before its demands on night shifts are met in full.",
        body: [
            "“We are not asking for the moon,” said Ruth Okafor of the Harbour Workers’ Association (HWA), standing by a brazier at gate four. Behind her, eleven cranes pointed at an empty sky.",
            "The port authority called the walkout “regrettable”. It has diverted six ships so far, and two more are expected to turn back before the weekend.",
            "Local cafés, at least, are doing well. Pickets buy tea by the urn, and a baker on Quay Street has named a bun after the dispute.",
            "Talks resume on Thursday. Nobody on either side expects them to be short.",
        ],
        credit: "By Ellen Marsh, 3 November 2026",
        share: ["Share", "Email", "Print"],
        label: "Recommended for you",
        others: [
            (
                "Lighthouse keeper wanted, no experience needed",
                "The post comes with a cottage, a garden and a great deal of wind. More than four hundred people have applied since Monday morning.",
            ),
            (
                "The ferry that runs on batteries alone",
                "It crosses the bay eleven times a day and makes less noise than a kettle. Passengers say that they miss the engine a little.",
            ),
            (
                "How the old fish market became a library",
                "The slabs are still there, and so are the drains. Readers sit where haddock used to lie, and nobody seems to mind the smell.",
            ),
        ],
        newsletter: "Sign up for our newsletter",
        rights: "© Perspectives du Large. All rights reserved, no part may be copied without leave.",
    },
    Sample {
        lang: "de",
        hashtag: "Hafen_für_Alle",
        title: "Am Kai zwölf stehen die Kräne still",
        standfirst: "Seit dem frühen Morgen wird im alten Hafen nicht mehr geladen, und niemand weiß, wie lange noch.",
        body: [
            "„Wir warten auf ein Angebot“, sagt Jonas Petersen vom Verein der Hafenarbeiter (VdH) und zeigt auf die leeren Gleise. Dreihundert Leute haben in der Nacht abgestimmt, fast alle dafür.",
            "Die Hafengesellschaft spricht von einer „vorübergehenden Störung“. Sechs Schiffe sind schon umgeleitet worden; zwei weitere liegen auf Reede.",
            "In den Kneipen am Fischmarkt ist davon wenig zu spüren. Dort wird gewürfelt, und der Wirt schreibt an.",
            "Am Freitag soll wieder verhandelt werden. Beide Seiten haben angekündigt, Proviant mitzubringen.",
        ],
        credit: "Von Anke Brandt, 3. November 2026",
        share: ["Teilen", "E-Mail", "Drucken"],
        label: "Das könnte Sie auch interessieren",
        others: [
            (
                "Der Leuchtturm bekommt ein neues Licht",
                "Nach hundert Jahren wird die Lampe ausgetauscht. Die alte kommt ins Museum, wo sie einmal am Tag kurz leuchten darf.",
            ),
            (
                "Wohin die Heringe verschwinden",
                "Forscher haben die Schwärme einen Sommer lang verfolgt. Was sie fanden, erstaunt selbst die ältesten Fischer der Küste.",
            ),
            (
                "Ein Nachmittag im Schiffsarchiv",
                "Zwischen Logbüchern und Seekarten sitzt eine Frau, die jedes Schiff der Reederei kennt, und erzählt davon ohne Pause.",
            ),
        ],
        newsletter: "Newsletter abonnieren",
        rights: "© Perspectives du Large. Alle Rechte vorbehalten, Nachdruck nur mit Erlaubnis.",
    },
    Sample {
        lang: "ar",
        hashtag: "تحرير_فلسطين",
        title: "عمال الميناء يرفضون تحميل السفن",
        standfirst: "قررت الجمعية العامة التي عقدت فجرا ألا يغادر شيء الرصيف الثاني عشر قبل نهاية الشهر.",
        body: [
            "«لن نحمّل شيئا»، تقول لينا أزولاي، مندوبة لجنة عمال الموانئ (ل.ع.م)، من داخل المستودع الذي تتكدس فيه البضائع. اتُّخذ القرار برفع الأيدي بحضور ثلاثمئة شخص.",
            "أما إدارة الميناء فتؤكد أن «النشاط يسير بشكل طبيعي»، لكن الرافعات ساكنة. كم سيطول الأمر؟ لا أحد يجيب.",
            "في مكاتب الاتحاد البحري يعدّون الساعات والحاويات. ويقال إن نصفها ينتظر منذ الخريف على الأرصفة المبللة.",
            "وتنعقد الجمعية المقبلة يوم الجمعة. «سنرى من يتعب أولا»، يبتسم عامل وهو يطوي لافتته القديمة.",
        ],
        credit: "بقلم سمير بن علي، 3 نوفمبر 2026",
        share: ["شارك", "طباعة", "نسخ الرابط"],
        label: "موصى به لك",
        others: [
            (
                "المنارة القديمة تفتح أبوابها من جديد",
                "بعد أحد عشر عاما من الإغلاق تستقبل المنارة زوارها في مجموعات صغيرة يصعدون إلى القمة ثم ينزلون وقد غلبهم التأثر.",
            ),
            (
                "ثلاثة قرون من الخرائط البحرية",
                "تخرج الخرائط من المخازن لشهر واحد فقط، ويرى فيها الزائر الساحل كما كان يراه الملاحون صخرة بعد صخرة في الليل.",
            ),
            (
                "لماذا يصغر حجم السردين",
                "قاس علماء الأحياء أربعين ألف سمكة، وجاء حكمهم في جملة واحدة لا تبشر بخير لسوق السمك ولا لمن يعيشون منه كل يوم.",
            ),
        ],
        newsletter: "اشترك في النشرة البريدية",
        rights: "© جميع الحقوق محفوظة، ولا يجوز النسخ من دون إذن مكتوب من الإدارة.",
    },
    Sample {
        lang: "ja",
        hashtag: "港の声",
        title: "港湾労働者が荷積みを拒否、二週目に",
        standfirst: "夜明けの集会で、月末までは十二番埠頭から何も出荷しないことが決まった。",
        body: [
            "「積み込みはしない」と、港湾労働者委員会（ＫＲＩ）の代表である浅井リナさんは倉庫の前で繰り返した。決定は挙手で行われ、三百人が参加したという。",
            "港の管理会社は「通常どおり稼働している」と説明するが、クレーンは止まったままだ。いつまで続くのか。答える人はいない。",
            "海運組合の事務所では、時間とコンテナの数を数えている。岸壁には千二百個が並び、その半分は秋から待っているそうだ。",
            "次の集会は金曜日に開かれる。「どちらが先に疲れるか、見ていよう」と、横断幕をたたみながら運転士が笑った。",
        ],
        credit: "文・佐藤健、2026年11月3日",
        share: ["シェア", "印刷", "リンクをコピー"],
        label: "あなたへのおすすめ",
        others: [
            (
                "岬の灯台、十一年ぶりに公開",
                "長く閉ざされていた灯台が見学者を迎えている。八人ずつの組で螺旋階段を上り、灯室から海を見渡すことができる。",
            ),
            (
                "海図でたどる三百年",
                "図書館の書庫から一か月だけ海図が運び出された。水先人が見ていた海岸線を、岩礁ひとつずつ追うことができる。",
            ),
            (
                "いわしはなぜ小さくなったのか",
                "研究者たちは四万匹の魚を測った。結論は一文に収まるほど短く、市場にとって明るい知らせとは言えないものだった。",
            ),
        ],
        newsletter: "ニュースレターを購読する",
        rights: "© 無断転載を禁じます。すべての権利は当社に帰属しますのでご注意ください。",
    },
];

fn links(s: &Sample, each: &str) -> String {
    s.others
        .iter()
        .enumerate()
        .map(|(i, (t, x))| each.replace("$t", t).replace("$x", x).replace("$u", &format!("/article/{i}")))
        .collect()
}

fn shares(s: &Sample, each: &str) -> String {
    s.share.iter().map(|t| each.replace("$t", t)).collect()
}

fn paragraphs(s: &Sample, each: &str) -> String {
    s.body.iter().map(|p| each.replace("$p", p)).collect()
}

/// The templates; each gives what stands inside `body`.
#[allow(clippy::too_many_lines, reason = "a catalogue of pages")]
fn families(s: &Sample) -> Vec<(&'static str, String)> {
    let Sample { hashtag, title, standfirst, credit, label, newsletter, rights, .. } = s;
    let logo = format!("<img src=\"/logo.png\" alt=\"Logo {SITE}\">");
    let nav = "<ul class=menu><li><a href=/>Accueil</a><li><a href=/monde>Monde</a><li><a href=/mer>Mer</a></ul>";
    let tag = format!("<a href=\"/tag/x\">#{hashtag}</a>");
    let bar = shares(s, "<a href=\"https://social.example/s\">$t</a> ");
    let p = paragraphs(s, "<p>$p</p>");
    let middle = |block: &str| {
        let ps: Vec<String> = s.body.iter().map(|p| format!("<p>{p}</p>")).collect();
        format!("{}{}{block}{}{}", ps[0], ps[1], ps[2], ps[3])
    };
    vec![
        (
            "semantic",
            format!(
                "<nav>{nav}</nav><main><article><header><p class=hashtag>{tag}</p><p class=logo>{logo}</p><h1>{title}</h1><p class=chapo>{standfirst}</p>\
             <p class=signature>{credit}</p></header><ul class=partage>{}</ul><div class=content>{p}</div><section class=recommande><h2>{label}</h2><ul>{}</ul>\
             </section></article></main><footer><p>{rights}</p></footer>",
                shares(s, "<li><a href=#>$t</a></li>"),
                links(s, "<li><a href=\"$u\">$t</a></li>")
            ),
        ),
        (
            "flat paragraphs",
            format!(
                "<div id=page><div class=c1><p>{tag}</p><p>{logo}</p><h1>{title}</h1><p>{standfirst}</p><p>{credit}</p>{p}<p>{bar}</p>\
             <p><strong>{label}</strong></p>{}</div></div>",
                links(s, "<p><a href=\"$u\">$t</a></p>")
            ),
        ),
        (
            "no credit",
            format!(
                "<div><p>#{hashtag}</p><p>{logo}</p><h1>{title}</h1><p>{standfirst}</p>{p}<h3>{label}</h3>{}</div>",
                links(s, "<p><a href=\"$u\">$t</a></p>")
            ),
        ),
        (
            "divs only",
            format!(
                "<div class=a><div class=b>#{hashtag}</div><div class=c>{logo}</div><div class=d>{title}</div><div class=e>{standfirst}</div>{}\
             <div class=h>{bar}</div><div class=g>{label}</div>{}</div><div class=z>{rights}</div>",
                paragraphs(s, "<div class=f>$p</div>"),
                links(s, "<div class=i><a href=\"$u\">$t</a></div>")
            ),
        ),
        (
            "breaks",
            format!(
                "<div>{tag}<br>{logo}<br><b>{title}</b><br><br><i>{standfirst}</i><br><br>{}{bar}<br><br><b>{label}</b><br>{}</div>",
                paragraphs(s, "$p<br><br>\n"),
                links(s, "<a href=\"$u\">$t</a><br>")
            ),
        ),
        (
            "table",
            format!(
                "<table width=100%><tr><td colspan=2>{nav}</td></tr><tr><td width=150>{}</td><td><table><tr><td>#{hashtag}</td></tr><tr><td>{logo}</td></tr>\
             <tr><td><h2>{title}</h2></td></tr><tr><td><b>{standfirst}</b></td></tr><tr><td>{}</td></tr><tr><td><b>{label}</b></td></tr>{}</table></td></tr>\
             <tr><td colspan=2><font size=1>{rights}</font></td></tr></table>",
                shares(s, "<a href=#>$t</a><br>"),
                paragraphs(s, "<p>$p</p>"),
                links(s, "<tr><td><a href=\"$u\">$t</a></td></tr>")
            ),
        ),
        (
            "recommended inside",
            format!(
                "<article><p>#{hashtag}</p><p>{logo}</p><h1>{title}</h1><p class=intro>{standfirst}</p>{}</article>",
                middle(&format!(
                    "<div class=x1><p>{label}</p><ul>{}</ul></div>",
                    links(s, "<li><a href=\"$u\">$t</a></li>")
                ))
            ),
        ),
        (
            "recommended inside, flat",
            format!(
                "<div><p>#{hashtag}</p><p>{logo}</p><h1>{title}</h1><p><strong>{standfirst}</strong></p>{}<p>{bar}</p></div>",
                middle(&format!("<p><strong>{label}</strong></p>{}", links(s, "<p><a href=\"$u\">$t</a></p>")))
            ),
        ),
        (
            "long teasers",
            format!(
                "<div class=wrap><div class=top>#{hashtag}</div><div class=brand><a href=/>{logo}</a></div><h1>{title}</h1><h2>{standfirst}</h2><div class=txt>{p}</div>\
             <div class=more-box><h3>{label}</h3>{}</div></div>",
                links(s, "<div><h4><a href=\"$u\">$t</a></h4><p>$x</p></div>")
            ),
        ),
        (
            "long teasers, flat",
            format!(
                "<div><p>#{hashtag}</p><p>{logo}</p><h1>{title}</h1><p><em>{standfirst}</em></p>{p}<h3>{label}</h3>{}</div>",
                links(s, "<p><a href=\"$u\">$t</a></p><p>$x</p>")
            ),
        ),
        (
            "cards in links",
            format!(
                "<section><div>#{hashtag}</div><div>{logo}</div><h1>{title}</h1><div class=lead>{standfirst}</div><div>{p}</div><div><div>{label}</div>{}</div></section>",
                links(
                    s,
                    "<div class=card><a href=\"$u\"><img src=/c.jpg alt=\"\"><span>$t</span> <span>$x</span></a></div>"
                )
            ),
        ),
        (
            "busy foot",
            format!(
                "<header>{nav}</header><div class=layout><div class=col><p>#{hashtag}</p><p>{logo}</p><h1>{title}</h1><p class=standfirst>{standfirst}</p><p>{credit}</p>\
             <div>{bar}</div>{p}<p>{bar}</p><p>{newsletter}</p><p>#{hashtag}</p><h3>{label}</h3><ul>{}</ul></div><div class=side><h4>{label}</h4>{}</div></div><div id=foot>{rights}</div>",
                links(s, "<li><a href=\"$u\">$t</a></li>"),
                links(s, "<div><a href=\"$u\">$t</a><p>$x</p></div>")
            ),
        ),
        (
            "teasers with a link at the end",
            format!(
                "<div><p>#{hashtag}</p><p>{logo}</p><h1>{title}</h1><p><b>{standfirst}</b></p>{p}<p>{label}</p>{}</div>",
                links(s, "<p>$t. $x <a href=\"$u\">…</a></p>")
            ),
        ),
        (
            "one paragraph of links",
            format!(
                "<div><span>#{hashtag}</span><br><a href=/>{logo}</a><h1>{title}</h1><span class=t>{standfirst}</span><p>{}</p><p>{label} :<br>{}</p></div>",
                paragraphs(s, "$p<br>"),
                links(s, "<a href=\"$u\">$t</a><br>")
            ),
        ),
        (
            "teasers after plain titles",
            format!(
                "<div class=m><div>{tag}</div><div>{logo}</div><h1>{title}</h1><div><strong>{standfirst}</strong></div><div>{}</div><div><div>{label}</div><div>{}</div></div></div>",
                paragraphs(s, "<div>$p</div>"),
                links(s, "<div><div>$t</div><div>$x <a href=\"$u\">…</a></div></div>")
            ),
        ),
    ]
}

fn read(head: &str, lang: &str, body: &str) -> Result<Extract, ExtractError> {
    let html =
        format!("<!doctype html><html lang={lang}><head><meta charset=utf-8>{head}</head><body>{body}</body></html>");
    let url = Url::parse("https://perspectives.example/article/7").unwrap();
    let now = Utc.with_ymd_and_hms(2026, 11, 23, 12, 0, 0).unwrap();
    let page = Page {
        html: &html,
        url: &url,
        lang: None,
        tz: chrono_tz::Europe::Paris,
        now,
        entry: None,
        site_name: Some(SITE),
    };
    extract(&page, &Recipe::default())
}

#[test]
fn the_model_page_is_read_whole_in_every_template() {
    let mut wrong = Vec::new();
    for s in &SAMPLES {
        for (name, body) in families(s) {
            for sign in ["|", "-"] {
                let found = match read(&format!("<title>{} {sign} {SITE}</title>", s.title), s.lang, &body) {
                    Ok(found) => found,
                    Err(e) => {
                        wrong.push(format!("{} {name}: {e}", s.lang));
                        continue;
                    }
                };
                let mut check = |what: &str, got: &str, wanted: &str| {
                    if got != wanted {
                        wrong.push(format!("{} {name}: {what}\n   got {got:?}\nwanted {wanted:?}", s.lang));
                    }
                };
                check("hashtags", &found.hashtags.join(" "), s.hashtag);
                check("title", found.title.as_deref().unwrap_or_default(), s.title);
                check("standfirst", found.standfirst.as_deref().unwrap_or_default(), s.standfirst);
                check("text", &found.text, &s.body.join("\n"));
                for no in [s.label, s.others[0].0, s.others[2].1, s.share[0], "logo", s.rights, s.standfirst] {
                    check("markup", if found.body_html.contains(no) { no } else { "" }, "");
                }
                for p in s.body {
                    check("paragraph in markup", if found.body_html.contains(p) { "" } else { p }, "");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
}
