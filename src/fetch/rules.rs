//! What a `robots.txt` allows us (RFC 9309), and how far apart it wants to be asked.
//!
//! Bytes are compared, not spellings: `%62` is `b`, and `é` is `%C3%A9`. Each byte is kept as one character, so that the
//! search in the standard library can be used, which takes time by the sum of the lengths.

use std::time::Duration;

/// Who we are in a `robots.txt`.
const NAME: &str = "feedloom";
/// Rules for us that are kept; and characters of an address that are compared.
const MOST_RULES: usize = 10_000;
const MOST_PATH: usize = 2048;
/// The longest delay that is obeyed.
const LONGEST_DELAY: f64 = 60.0;

/// What is allowed.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rules {
    rules: Vec<Rule>,
    delay: Option<Duration>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    allows: bool,
    /// What stands between the asterisks.
    pieces: Vec<String>,
    /// Whether the path ends with the pattern.
    to_the_end: bool,
    length: usize,
}

/// Whom the group that is being read is for.
#[derive(Clone, Copy, Default)]
struct For {
    us: bool,
    all: bool,
}

impl Rules {
    /// Reads a file. What is no line of one is passed over.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (mut ours, mut everybodys): (Option<Self>, Self) = Default::default();
        let (mut group, mut naming) = (For::default(), false);
        for line in text.trim_start_matches('\u{feff}').split(['\r', '\n']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if !naming {
                    group = For::default();
                }
                naming = true;
                group.us |= is_us(value);
                group.all |= value == "*";
                if group.us {
                    ours.get_or_insert_default();
                }
                continue;
            }
            if !matches!(key.as_str(), "allow" | "disallow" | "crawl-delay") {
                continue;
            }
            naming = false;
            if group.us {
                ours.get_or_insert_default().add(&key, value);
            }
            if group.all {
                everybodys.add(&key, value);
            }
        }
        // A group of our own counts alone, even an empty one.
        ours.unwrap_or(everybodys)
    }

    fn add(&mut self, key: &str, value: &str) {
        if key == "crawl-delay" {
            let seconds = value.parse::<f64>().ok().filter(|s| *s > 0.0).map(|s| s.min(LONGEST_DELAY));
            self.delay = self.delay.max(seconds.map(Duration::from_secs_f64));
        } else if !value.is_empty() && self.rules.len() < MOST_RULES {
            self.rules.push(Rule::read(key == "allow", value));
        }
    }

    /// How far apart requests want to be.
    pub(super) fn delay(&self) -> Option<Duration> {
        self.delay
    }

    /// Whether a path with its query may be asked: the longest rule that matches says so, and of two as long the kinder.
    pub(super) fn allow(&self, path: &str) -> bool {
        let path: String = decoded(path.as_bytes()).map(|(c, _)| c).take(MOST_PATH).collect();
        let matching = self.rules.iter().filter(|rule| rule.matches(&path));
        matching.max_by_key(|rule| (rule.length, rule.allows)).is_none_or(|rule| rule.allows)
    }
}

/// Whether a line of user agents names us: by the product alone, versions do not count.
fn is_us(value: &str) -> bool {
    let product = value.split(|c: char| !c.is_ascii_alphabetic() && c != '-' && c != '_').next().unwrap_or_default();
    product.eq_ignore_ascii_case(NAME)
}

impl Rule {
    fn read(allows: bool, pattern: &str) -> Self {
        let to_the_end = pattern.ends_with('$');
        let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
        let mut pieces = vec![String::new()];
        let mut length = usize::from(to_the_end);
        for (c, written) in decoded(pattern.as_bytes()) {
            length += 1;
            match pieces.last_mut() {
                Some(piece) if c != '*' || !written => piece.push(c),
                _ => pieces.push(String::new()),
            }
        }
        Self { allows, pieces, to_the_end, length }
    }

    /// Whether a path begins like this: each piece where it comes first, the last one at the end where it must.
    fn matches(&self, path: &str) -> bool {
        let Some((first, others)) = self.pieces.split_first() else { return true };
        let Some(mut rest) = path.strip_prefix(first.as_str()) else { return false };
        let Some((last, between)) = others.split_last() else { return !self.to_the_end || rest.is_empty() };
        for piece in between {
            let Some(at) = rest.find(piece.as_str()) else { return false };
            rest = rest.get(at + piece.len()..).unwrap_or_default();
        }
        if self.to_the_end { rest.ends_with(last.as_str()) } else { rest.contains(last.as_str()) }
    }
}

/// The bytes that are meant, each as one character, and whether it stands there as itself: `%2A` is no wildcard.
fn decoded(bytes: &[u8]) -> impl Iterator<Item = (char, bool)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let byte = *bytes.get(at)?;
        let digit = |i: usize| char::from(*bytes.get(i)?).to_digit(16);
        if byte == b'%'
            && let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2))
        {
            at += 3;
            return Some((char::from_u32(high << 4 | low)?, false));
        }
        at += 1;
        Some((char::from(byte), true))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(file: &str, path: &str) -> bool {
        Rules::read(file.as_bytes()).allow(path)
    }

    #[test]
    fn the_example_of_the_rfc() {
        // RFC 9309, 5.1 and 5.2, with our name in place of theirs.
        let simple = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n\
            User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\n\n\
            User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\nUser-Agent: quxbot\n\nEOF\n";
        let of = |name: &str| simple.replace(name, "FeedLoom/1.0");
        for (name, path, allowed) in [
            ("none", "/a.gif", false),
            ("none", "/a.gif?x", true),
            ("none", "/example/a", false),
            ("none", "/publications/b.gif", true),
            ("none", "/other", true),
            ("foobot", "/other", false),
            ("foobot", "/example/page.html", true),
            ("foobot", "/example/allowed.gif", true),
            ("barbot", "/example/page.html", false),
            ("bazbot", "/example/page.html", false),
            ("bazbot", "/a.gif", true),
            ("quxbot", "/example/a.gif", true),
        ] {
            assert_eq!(allows(&of(name), path), allowed, "{name} {path}");
        }
        let longest = "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n"
            .replace("foobot", NAME);
        assert!(allows(&longest, "/example/page/a.gif") && !allows(&longest, "/example/page/disallowed.gif"));
    }

    #[test]
    fn bytes_are_compared_and_not_spellings() {
        // The table of RFC 9309, 2.2.2, and the special characters of 2.2.3.
        for (pattern, path) in [
            ("/foo/bar?baz=quz", "/foo/bar?baz=quz"),
            ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https%3A%2F%2Ffoo.bar"),
            ("/foo/bar/ツ", "/foo/bar/%E3%83%84"),
            ("/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84"),
            ("/foo/bar/%62%61%7A", "/foo/bar/baz"),
            ("/path/file-with-a-%2A.html", "/path/file-with-a-*.html"),
            ("/path/foo-%24", "/path/foo-$"),
            ("/a/*/c", "/a/b/b/c/d"),
            ("/*.php$", "/x.php.php"),
            ("*", "/"),
        ] {
            assert!(!allows(&format!("user-agent:*\ndisallow: {pattern} # why\n"), path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("/path/file-with-a-%2A.html", "/path/file-with-a-b.html"),
            ("/a$", "/ab"),
            ("/a*b$", "/acbd"),
            ("/ab*ab$", "/ab"),
            ("", "/"),
            ("/A", "/a"),
        ] {
            assert!(allows(&format!("User-agent: *\nDisallow: {pattern}"), path), "{pattern} {path}");
        }
    }

    #[test]
    fn groups_of_one_name_are_one_and_other_lines_do_not_part_them() {
        let file = "\u{feff}Sitemap: https://a.example/\nDisallow: /nobody\nUSER-AGENT: feedloom\rsitemap: x\nuser-agent: other\n\
            disallow: /a\nuser-agent: *\ndisallow: /\n\nuser-agent: Feedloom\ndisallow: /b\nallow: /b/c\ncrawl-delay: 2.5";
        for (path, allowed) in [("/nobody", true), ("/a", false), ("/b", false), ("/b/c", true), ("/d", true)] {
            assert_eq!(allows(file, path), allowed, "{path}");
        }
        assert_eq!(Rules::read(file.as_bytes()).delay(), Some(Duration::from_millis(2500)));
        assert!(!allows("user-agent: feedloombot\nallow: /\nuser-agent: *\ndisallow: /", "/"), "not our name");
        assert!(allows("user-agent: *\ndisallow: /a\nallow: /a", "/a"), "of two as long the kinder");
    }

    #[test]
    fn delays_and_sizes_are_bounded() {
        let delay = |v: &str| Rules::read(format!("user-agent: *\ncrawl-delay: {v}").as_bytes()).delay();
        assert_eq!(delay("10"), Some(Duration::from_secs(10)));
        for much in ["1e300", "86400", "inf"] {
            assert_eq!(delay(much), Some(Duration::from_secs(60)), "{much}");
        }
        for junk in ["-1", "0", "NaN", "soon", ""] {
            assert_eq!(delay(junk), None, "{junk}");
        }
        assert!(allows("<html><body>Disallow: /</body></html>", "/"));
        let many = format!("user-agent: *\n{}", "disallow: /*a*a*a*b$\n".repeat(MOST_RULES + 10));
        assert_eq!(Rules::read(many.as_bytes()).rules.len(), MOST_RULES);
        assert!(!Rules::read(&[b"user-agent:*\ndisallow:/\xff".as_slice(), &[0; 100]].concat()).rules.is_empty());
        assert!(allows("user-agent: *\ndisallow: /%ff%", "/x"));
    }
}
