//! How made-up sites build their pages: each family is a theme. What a page holds besides its article is told by `Truth`.

use super::generator::Article;
use super::words::Words;

/// What an extractor is to find.
pub(super) struct Truth {
    /// The lines of the body.
    pub(super) lines: Vec<String>,
    /// Whether the page says when it was published, who wrote it, and under which hashtag.
    pub(super) says_day: bool,
    pub(super) says_author: bool,
    pub(super) says_hashtag: bool,
    pub(super) says_standfirst: bool,
    /// Whether one page alone tells all that.
    pub(super) alone: bool,
}

/// A page and its truth.
pub(super) type Built = (String, Truth);

/// A theme: the article, and those that it recommends.
pub(super) type Family = fn(&Words, &Article, &[Article]) -> Built;

pub(super) const FAMILIES: [(&str, Family); 12] = [
    ("semantic", semantic),
    ("flat paragraphs", flat),
    ("breaks in a table", breaks),
    ("hashed classes and pleas", hashed),
    ("boxes inside the text", boxes_inside),
    ("another article below", next_below),
    ("blog theme", blog),
    ("text in data only", data_only),
    ("wrong titles", wrong_titles),
    ("points and tables", points),
    ("long teasers that rotate", rotating),
    ("pictures of the house", house_pictures),
];

fn truth(a: &Article) -> Truth {
    Truth {
        lines: a.paragraphs.clone(),
        says_day: true,
        says_author: true,
        says_hashtag: true,
        says_standfirst: true,
        alone: true,
    }
}

fn page(w: &Words, head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang={} dir={}><head><meta charset=utf-8>{head}</head><body>{body}</body></html>",
        w.lang, w.dir
    )
}

fn title(w: &Words, a: &Article) -> String {
    format!("<title>{} | {}</title>", a.title, w.site)
}

fn each(of: &[String], wrapped: &str) -> String {
    of.iter().map(|p| wrapped.replace("$p", p)).collect()
}

fn links(others: &[Article], wrapped: &str) -> String {
    let one = |o: &Article| {
        wrapped.replace("$u", &format!("/a/{}", o.number)).replace("$t", &o.title).replace("$x", o.teaser())
    };
    others.iter().map(one).collect()
}

fn nav(w: &Words) -> String {
    let items: String = w.sections.iter().map(|s| format!("<li><a href=/s>{s}</a>")).collect();
    format!("<nav><ul><li><a href=/>{}</a>{items}</ul></nav>", w.site)
}

fn shares(w: &Words, wrapped: &str) -> String {
    w.share.iter().map(|s| wrapped.replace("$s", s)).collect()
}

/// A credit as it is printed: who and when.
fn credit(w: &Words, a: &Article) -> String {
    let between = if w.is_dense() { "" } else { " " };
    format!("{}{between}{}, {}", w.by, a.author, a.written_day)
}

/// A paragraph is put between the second and the third.
fn with_between(a: &Article, wrapped: &str, between: &str) -> String {
    let (first, rest) = a.paragraphs.split_at(2);
    format!("{}{between}{}", each(first, wrapped), each(rest, wrapped))
}

fn semantic(w: &Words, a: &Article, others: &[Article]) -> Built {
    let data = serde_json::json!({"@context": "https://schema.org", "@type": "NewsArticle", "headline": a.title,
        "datePublished": format!("{}T08:30:00+02:00", a.day), "author": [{"@type": "Person", "name": a.author}],
        "publisher": {"@type": "Organization", "name": w.site}});
    let head = format!("{}<script type='application/ld+json'>{data}</script>", title(w, a));
    let figure = format!("<figure><img src=/p/{}.jpg alt=''><figcaption>{}</figcaption></figure>", a.number, a.caption);
    let between = format!("{figure}<h2>{}</h2>", w.subhead);
    let body = format!(
        "<header>{}</header><main><article><p class=kicker><a href=/t>#{}</a></p><h1>{}</h1><p class=chapo>{}</p><div class=body>{}</div>\
         <aside class=related><h2>{}</h2><ul>{}</ul></aside></article></main><footer>{}</footer>",
        nav(w),
        a.hashtag,
        a.title,
        a.standfirst,
        with_between(a, "<p>$p</p>", &between),
        w.recommended,
        links(others, "<li><a href=$u>$t</a></li>"),
        w.rights
    );
    let mut truth = truth(a);
    truth.lines.insert(2, w.subhead.to_owned());
    (page(w, &head, &body), truth)
}

fn flat(w: &Words, a: &Article, others: &[Article]) -> Built {
    let body = format!(
        "<div id=page>{}<div class=c1><p>#{}</p><p><img src=/logo.png alt='Logo {}'></p><h1>{}</h1><p>{}</p><p>{}</p>{}<p>{}</p><p><b>{}</b></p>{}</div></div>",
        nav(w),
        a.hashtag,
        w.site,
        a.title,
        a.standfirst,
        credit(w, a),
        each(&a.paragraphs, "<p>$p</p>"),
        shares(w, "<a href=#>$s</a> "),
        w.recommended,
        links(others, "<p><a href=$u>$t</a></p>")
    );
    (page(w, &title(w, a), &body), truth(a))
}

fn breaks(w: &Words, a: &Article, others: &[Article]) -> Built {
    let body = format!(
        "<table width=760><tr><td colspan=2>{}</td></tr><tr><td width=160>{}</td><td><font size=2>#{}</font><br><font size=5>{}</font><br><br><b>{}</b><br><br>{}\
         <font size=1>{}</font><br><br><b>{}</b><br>{}</td></tr><tr><td colspan=2><font size=1>{}</font></td></tr></table>",
        nav(w),
        shares(w, "<a href=#>$s</a><br>"),
        a.hashtag,
        a.title,
        a.standfirst,
        each(&a.paragraphs, "$p<br><br>\n"),
        credit(w, a),
        w.recommended,
        links(others, "<a href=$u>$t</a><br>"),
        w.rights
    );
    (page(w, &title(w, a), &body), truth(a))
}

/// Classes that say nothing, and between the paragraphs what the site says of itself in whole sentences.
fn hashed(w: &Words, a: &Article, others: &[Article]) -> Built {
    let plea = format!("<div class=x3Kd><div class=q9>{}</div></div>", w.pleas[0]);
    let body = format!(
        "<div class=r1><div class=r2>{}</div><div class=aZ><div class=bY>#{}</div><h1 class=cX>{}</h1><div class=dW>{}</div><div class=eV>{}</div>{}\
         <div class=gT>{}</div><div class=hS>{}</div>{}</div></div>",
        nav(w),
        a.hashtag,
        a.title,
        a.standfirst,
        credit(w, a),
        with_between(a, "<div class=fU>$p</div>", &plea),
        w.pleas[1],
        w.odd_label,
        links(others, "<div class=iR><a href=$u>$t</a><div class=jQ>$x</div></div>")
    );
    (page(w, &title(w, a), &body), Truth { alone: false, ..truth(a) })
}

fn boxes_inside(w: &Words, a: &Article, others: &[Article]) -> Built {
    let quote: String = a.paragraphs[3].clone();
    let boxes = format!(
        "<div class=z1><p>{}</p><ul>{}</ul></div><blockquote class=pullquote>{quote}</blockquote><div class=newsletter-box><h3>{}</h3><form><input></form></div>",
        w.recommended,
        links(&others[..2], "<li><a href=$u>$t</a></li>"),
        w.newsletter
    );
    let body = format!(
        "<div class=wrap>{}<p>#{}</p><h1>{}</h1><h2 class=deck>{}</h2><p>{}</p><div class=text>{}</div></div>",
        nav(w),
        a.hashtag,
        a.title,
        a.standfirst,
        credit(w, a),
        with_between(a, "<p>$p</p>", &boxes)
    );
    (page(w, &title(w, a), &body), truth(a))
}

fn next_below(w: &Words, a: &Article, others: &[Article]) -> Built {
    let next = &others[0];
    let one = |a: &Article| {
        format!(
            "<article><div class=tag>#{}</div><h1>{}</h1><p class=intro>{}</p><p class=signature>{}</p>{}</article>",
            a.hashtag,
            a.title,
            a.standfirst,
            credit(w, a),
            each(&a.paragraphs, "<p>$p</p>")
        )
    };
    let body = format!("{}<div id=feed>{}{}</div><div class=end>{}</div>", nav(w), one(a), one(next), w.rights);
    (page(w, &title(w, a), &body), truth(a))
}

fn blog(w: &Words, a: &Article, others: &[Article]) -> Built {
    let head = format!(
        "<title>{} - {}</title><meta property=og:site_name content='{}'><meta property=article:published_time content='{}T10:00:00+00:00'><meta name=author content='{}'>",
        a.title, w.site, w.site, a.day, a.author
    );
    let body = format!(
        "<div id=page class=site><header class=site-header>{}</header><div id=primary class=content-area><article class='post-{} post category-{} hentry'><header class=entry-header>\
         <h1 class=entry-title>{}</h1></header><div class=entry-content>{}<div class='sharedaddy sd-sharing-enabled'><h3>{}</h3><ul>{}</ul></div>\
         <div id=jp-relatedposts class=jp-relatedposts><h3>{}</h3>{}</div></div><footer class=entry-footer><span class=tags-links><a href=/t rel=tag>{}</a></span></footer></article>\
         <div id=comments class=comments-area><h2>3 commentaires</h2><ol class=comment-list><li><p>{}</p></li></ol></div></div><aside id=secondary class=widget-area><h2>{}</h2><ul>{}</ul></aside></div>",
        nav(w),
        a.number,
        a.number,
        a.title,
        each(&a.paragraphs, "<p>$p</p>"),
        w.share[0],
        shares(w, "<li><a href=#>$s</a></li>"),
        w.recommended,
        links(others, "<p><a href=$u>$t</a></p>"),
        a.hashtag.replace('_', " "),
        others[1].teaser(),
        w.sections[0],
        links(others, "<li><a href=$u>$t</a></li>")
    );
    (page(w, &head, &body), Truth { says_hashtag: false, says_standfirst: false, ..truth(a) })
}

fn data_only(w: &Words, a: &Article, _: &[Article]) -> Built {
    let data = serde_json::json!({"@context": "https://schema.org", "@graph": [{"@type": "WebSite", "name": w.site}, {"@type": ["NewsArticle"],
        "headline": a.title, "description": a.standfirst, "articleBody": a.paragraphs.join("\n\n"), "datePublished": a.day,
        "author": {"@type": "Person", "name": a.author}, "keywords": [format!("#{}", a.hashtag)]}]});
    let head = format!("{}<script type='application/ld+json'>{data}</script>", title(w, a));
    let body = format!("<div id=root></div><noscript>JavaScript</noscript><div class=f>{}</div>", w.rights);
    (page(w, &head, &body), Truth { says_standfirst: false, ..truth(a) })
}

fn wrong_titles(w: &Words, a: &Article, others: &[Article]) -> Built {
    let head = format!(
        "<title>{} – {} – {}</title><meta property=og:title content='{}'><meta property=og:description content='{}'>",
        a.title,
        a.section,
        w.site,
        w.site,
        w.pleas[1].replace('\'', "’")
    );
    let body = format!(
        "<div class=top><h1><a href=/>{}</a></h1></div>{}<div class=story><div class=k>#{}</div><h2>{}</h2><p><em>{}</em></p><p class=by>{}</p>{}</div><div class=more><h4>{}</h4>{}</div>",
        w.site,
        nav(w),
        a.hashtag,
        a.title,
        a.standfirst,
        credit(w, a),
        each(&a.paragraphs, "<p>$p</p>"),
        w.recommended,
        links(others, "<div><a href=$u>$t</a></div>")
    );
    (page(w, &head, &body), truth(a))
}

/// Headings, cells and points that many articles of a site have in common belong to them all the same.
fn points(w: &Words, a: &Article, others: &[Article]) -> Built {
    let table = format!(
        "<h3>{}</h3><ul><li>{}</li><li>{}</li></ul><table><tr><th>{}</th><th>2026</th></tr><tr><td>{}</td><td>{}</td></tr></table>",
        w.subhead,
        a.caption,
        a.note,
        w.sections[2],
        w.sections[3],
        a.number * 7 + 11
    );
    let body = format!(
        "{}<main><p>#{}</p><h1>{}</h1><p class=lead>{}</p><p>{}</p>{}<section class=suggestions><h2>{}</h2>{}</section></main>",
        nav(w),
        a.hashtag,
        a.title,
        a.standfirst,
        credit(w, a),
        with_between(a, "<p>$p</p>", &table),
        w.recommended,
        links(others, "<article><h3><a href=$u>$t</a></h3><p>$x</p></article>")
    );
    let mut truth = truth(a);
    let cells = [w.sections[2], "2026", w.sections[3]].map(str::to_owned);
    let added = [w.subhead.to_owned(), a.caption.clone(), a.note.clone()].into_iter().chain(cells);
    truth.lines.splice(2..2, added.chain([(a.number * 7 + 11).to_string()]).collect::<Vec<_>>());
    (page(w, &title(w, a), &body), truth)
}

/// Teasers as long as paragraphs, without a word that announces them; each is seen under several articles.
fn rotating(w: &Words, a: &Article, others: &[Article]) -> Built {
    let body = format!(
        "<div class=m0>{}<div class=m1>#{}</div><h1>{}</h1><div class=m2><strong>{}</strong></div><div class=m3>{}</div><div class=m4>{}</div><div class=m5><div class=m6>{}</div>{}</div></div>",
        nav(w),
        a.hashtag,
        a.title,
        a.standfirst,
        credit(w, a),
        each(&a.paragraphs, "<p>$p</p>"),
        w.odd_label,
        links(others, "<p class=m7>$t</p><p class=m8>$x</p>")
    );
    (page(w, &title(w, a), &body), Truth { alone: false, ..truth(a) })
}

/// The same picture is shared with every page, and stands in every text.
fn house_pictures(w: &Words, a: &Article, others: &[Article]) -> Built {
    let head = format!("{}<meta property=og:image content=https://cdn.example/house.jpg>", title(w, a));
    let own = format!("<p><img src=/own/{}.jpg width=800 height=600></p><p><img src=/ornament.png></p>", a.number);
    let body = format!(
        "{}<div class=a><p>#{}</p><h1>{}</h1><p class=abstract>{}</p><p>{}</p>{}<p>{}</p><h3>{}</h3>{}</div>",
        nav(w),
        a.hashtag,
        a.title,
        a.standfirst,
        credit(w, a),
        with_between(a, "<p>$p</p>", &own),
        w.newsletter,
        w.recommended,
        links(others, "<p><a href=$u>$t</a></p>")
    );
    (page(w, &head, &body), Truth { alone: false, ..truth(a) })
}
