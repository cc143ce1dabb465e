use proptest::prelude::*;
use scraper::{Html, Selector};

use super::*;

/// XPaths with the CSS that says the same, an attribute after `@`, and `!` before what means the first match only.
const SAID: &str = r#"
//article => article
//DIV => div
//* => *
//div/p => div > p
//div//p => div p
//div/child::p => div > p
//div/descendant::p => div p
/html/body/div => html > body > div
/html//h1 => html h1
.//h1 => h1
//*[@id="x"] => #x
//div[@id='main'] => div#main
//div[@id='1st'] => div[id="1st"]
//div[@id='a b'] => div[id="a b"]
//div[@class='post body'] => div[class="post body"]
//div[ @class = "x" ] => div[class="x"]
//div['x' = @class] => div[class="x"]
//div[@data-role='Text'] => div[data-role="Text"]
//div[@class] => div[class]
//a[@title!='x'] => a[title]:not([title="x"])
//div[contains(@class, 'post')] => div[class*="post"]
//div[contains(@class, "it's")] => div[class*="it's"]
//div[contains(@class, 'say "x"')] => div[class*="say \"x\""]
//div[contains(concat(' ',normalize-space(@class),' '),' x ')] => div.x
//div[contains(concat(' ', @class, ' '), ' x ')] => div.x
//div[contains(concat(" ", @class, " "), " 2col ")] => div[class~="2col"]
//div[contains(concat(' ', @class, ' '), ' x')] => div:is([class^="x"], [class*=" x"])
//div[contains(concat(' ', @class, ' '), 'x ')] => div:is([class$="x"], [class*="x "])
//a[contains(concat(' ', @rel, ' '), ' tag ')] => a[rel~="tag"]
//div[contains(normalize-space(@class), 'x')] => div[class*="x"]
//a[starts-with(@href, '/tag/')] => a[href^="/tag/"]
//a[ends-with(@href, '.pdf')] => a[href$=".pdf"]
//div[@id='a' and @class='b'] => div#a[class="b"]
//div[@id='a'][@class='b'] => div#a[class="b"]
//div[@id='a' or @class='b'] => div:is(#a, [class="b"])
//div[@a and (@b or @c)] => div[a]:is([b], [c])
//div[@a or @b and @c] => div:is([a], [b][c])
//div[not(@class)] => div:not([class])
//div[not(contains(@class, 'x') or @id)] => div:not(:is([class*="x"], [id]))
//p[1] => p:first-of-type
//div/p[2] => div > p:nth-of-type(2)
//div/*[1] => div > :first-child
//p[last()] => p:last-of-type
//p[last()-1] => p:nth-last-of-type(2)
//p[position()=1] => p:first-of-type
//p[position()<3] => p:nth-of-type(-n+2)
//p[position()>1] => p:nth-of-type(n+2)
//p[2 <= position()] => p:nth-of-type(n+2)
//p[position()=last()] => p:last-of-type
//p[not(position()=1)] => p:not(:first-of-type)
//p[1][@class='x'] => p:first-of-type[class="x"]
//p[@class='x' and position()=1] => p[class="x"]:first-of-type
//div[p] => div:has(> p)
//div[./p] => div:has(> p)
//div[.//p] => div:has(p)
//div[p/a] => div:has(> p > a)
//div[.//img[@class='x']] => div:has(img[class="x"])
//p[a/@href='x'] => p:has(> a[href="x"])
//p[not(.//a)] => p:not(:has(a))
//p[../@class='x'] => p:is(*[class="x"] > *)
//p[../../@id='x'] => p:is(*#x > * > *)
//p[parent::div[@id='a']] => p:is(div#a > *)
//p[ancestor::aside] => p:is(aside *)
//p[not(ancestor::blockquote)] => p:not(:is(blockquote *))
//p[preceding-sibling::h2] => p:is(h2 ~ *)
//h2[following-sibling::p] => h2:has(~ p)
//*[self::h1 or self::h2] => :is(:is(h1), :is(h2))
//h2/following-sibling::p => h2 ~ p
//h2/following-sibling::*[1] => h2 + *
//h2/following-sibling::*[1][self::p] => h2 + :is(p)
//p/.. => *:has(> p)
//div/p/.. => *:has(> :is(div > p))
//p/parent::div => div:has(> p)
//p/ancestor::div => div:has(p)
//p/preceding-sibling::h2 => h2:has(~ p)
//a | //b => a, b
//a[@x]|//b/c => a[x], b > c
(//a | //b)/c => :is(a, b) > c
(//h1)[1] => !h1
(//h1 | //h2)[1] => !h1, h2
normalize-space(//h1) => !h1
string(//meta[@name='a']/@content) => !meta[name="a"] @content
//meta[@property="og:title"]/@content => meta[property="og:title"] @content
//time/attribute::datetime => time @datetime
//div//@src => div * @src
//a/@x | //b/@x => a, b @x
id('main')//p => [id="main"] p
//a[@href="a\b"] => a[href="a\\b"]
//div[@class="a@b"]/@id => div[class="a@b"] @id
"#;

/// XPaths that CSS cannot say, and a part of the reason.
const REFUSED: &str = r#"
=> is empty
//h1/text() => text() cannot be selected
//div/node() => node() cannot be selected
//p[contains(text(), 'x')] => text of an element
//p[contains(., 'x')] => text of an element
//p[text()='x'] => asks for text
//p[.='x'] => text of an element
//p[normalize-space()='x'] => asks for text
substring-after(//h1, ':') => substring-after()
concat(//a, //b) => concat()
//p[@class='x'][1] => place after another condition
//div/descendant::p[1] => on this axis
//h2/following-sibling::p[1] => on this axis
//p/ancestor::div[1] => on this axis
//p/following::div => axis following
//p/preceding::div => axis preceding
//p/ancestor-or-self::div => axis ancestor-or-self
(//h1)[2] => other than the first
(//h1)[1]/a => goes on from the first
(//h1)[@class] => condition after brackets
//h1 | (//h2)[1] => the first of one
//a/@x | //b/@y => two attributes
//a/@x | //b => two attributes
//@href => attributes of every element
//a/@* => all attributes
//a[@*] => name of an attribute
//fb:like => `fb:like`
//a[@xlink:href] => `xlink:href`
div => where it begins
/div[@id='a'] => begins at the root
//p[contains(@class, '')] => empty text
//p[contains(@class, @id)] => only a text
//p[contains(a/@href, 'x')] => the element itself
//p[count(a) > 1] => count()
//p[@a > 1] => this comparison
//p[@a < 'b'] => by size
//p[position() mod 2 = 1] => no condition
//p[string-length(@a) = 1] => string-length()
//p[translate(@a, 'A', 'a') = 'a'] => translate()
//p[contains(concat(' ', @class, ' '), ' a b ')] => several words
//p[contains(concat(@class, ' '), 'a ')] => concat()
//p[starts-with(normalize-space(@class), 'a')] => normalize-space()
//p[position() < 1] => before the first
//p[$x] => `$`
//p[ => the end where
//p] => `]` cannot follow
//p['x => not closed
//p[@class='x' => where `]` is expected
//p[//a] => from the root
//p[not(1)] => number among conditions
//p[last() and @a] => number among conditions
//p[.//a[.//b]] => inside of what stands inside
//p/../.. => turns back twice
//p//.. => cannot be said
//p[#] => no sign of XPath
//p[99999999999999999999] => too large
/ => where a name is expected
"#;

fn lines(table: &str) -> impl Iterator<Item = (&str, &str)> {
    table.lines().filter_map(|l| l.split_once("=> ")).map(|(xpath, said)| (xpath.trim(), said))
}

#[test]
fn what_css_can_say_is_said() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (xpath, wanted) in lines(SAID) {
        let found = css_of_xpath(xpath).unwrap_or_else(|e| panic!("{xpath}: {e}"));
        let attribute = found.attribute.map(|a| format!(" @{a}")).unwrap_or_default();
        let first = if found.first { "!" } else { "" };
        let said = format!("{first}{}{attribute}", found.css);
        if said != wanted {
            wrong.push(format!("{xpath}: {said}, not {wanted}"));
        }
        assert!(Selector::parse(&found.css).is_ok(), "{xpath}: {}", found.css);
        assert!(crate::text::Pick::parse(wanted.trim_start_matches('!')).is_ok(), "{wanted}");
        count += 1;
    }
    assert!(wrong.is_empty() && count > 80, "{count}: {wrong:#?}");
}

#[test]
fn what_css_cannot_say_is_refused_with_the_reason() {
    let mut wrong = Vec::new();
    for (xpath, why) in lines(REFUSED) {
        match css_of_xpath(xpath) {
            Err(error) if error.contains(why) => {}
            other => wrong.push(format!("{xpath}: {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let deep = format!("//p[{}", "not(".repeat(500));
    assert!(css_of_xpath(&deep).unwrap_err().contains("brackets"));
    assert!(css_of_xpath(&"//a".repeat(100)).unwrap_err().contains("steps"));
    assert!(css_of_xpath(&"//a".repeat(5_000)).unwrap_err().contains("longer"));
}

#[test]
fn the_selectors_match_what_the_paths_mean() {
    let html = Html::parse_document(
        "<div id=main class='post x'><h1>T</h1><p class=a>1 <a href=/u>l</a></p><p class='b x'>2</p><ul><li>3<li class=x>4</ul></div>
         <div class=postscript><h2>U</h2><p>5</p><blockquote><p>6</p></blockquote></div><meta name=d content=7>",
    );
    for (xpath, wanted) in [
        ("//div[contains(concat(' ', normalize-space(@class), ' '), ' x ')]/p", "1 l 2"),
        ("//div[contains(@class, 'post')]//p[1]", "1 l 5 6"),
        ("//p[not(ancestor::blockquote)][not(.//a)]", "2 5"),
        ("//h2/following-sibling::*[1][self::p]", "5"),
        ("//h1/following-sibling::p | //li[last()]", "1 l 2 4"),
        ("//a/..", "1 l"),
        ("//a[@href='/u']/ancestor::div/ul/li[@class or position()=1]", "3 4"),
        ("//*[self::h1 or self::h2]", "T U"),
        ("//p[../@id='main' and position()>1]", "2"),
    ] {
        let css = css_of_xpath(xpath).unwrap().css;
        let selector = Selector::parse(&css).unwrap();
        let texts = html.select(&selector).map(|e| e.text().collect::<String>().trim().to_owned());
        assert_eq!(texts.collect::<Vec<_>>().join(" "), wanted, "{xpath}: {css}");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_it(text in "\\PC{0,80}", shaped in "(/|//|\\[|\\]|\\(|\\)|@|p|div|not\\(|contains\\(|,|'x'|\"|=|1|::|self|and|or| |\\||\\.\\.|\\*|last\\(\\)|concat\\(){0,40}") {
        for written in [text, format!("//p{shaped}"), shaped] {
            if let Ok(found) = css_of_xpath(&written) {
                prop_assert!(Selector::parse(&found.css).is_ok(), "{} gives {}", written, found.css);
            }
        }
    }
}
