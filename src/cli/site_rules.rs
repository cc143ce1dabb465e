//! `import site-rules`: the site files of Full-Text RSS (`example.org.txt`, rules in XPath) as source blocks.

mod file;

use std::collections::HashSet;
use std::io::{Read, Write as _};
use std::path::Path;

use anyhow::{Context, bail};
use url::Url;

use super::naming::source_name;
use super::{Misused, out};
use crate::text::{excerpt, one_line};
use file::Rules;

/// Files of one folder.
const MOST_FILES: usize = 20_000;
/// Bytes of one file; the largest in use have a few thousand.
const LARGEST: u64 = 256 << 10;
/// Characters of a remark.
const LONGEST_REMARK: usize = 400;

/// Prints a block for each file of the folder, and what became of the rules on standard error.
pub(super) fn run(folder: &Path) -> anyhow::Result<()> {
    let names = site_files(folder)?;
    out::line("# Each `url` is a front page: put the address of the site's feed in its place.")?;
    let mut taken = HashSet::new();
    let (mut files, mut kept, mut left) = (0_usize, 0, 0);
    for name in &names {
        let rules = match rules(folder, name) {
            Ok(rules) => rules,
            Err(why) => {
                out::line(&remark(&format!("{name}: {why}")))?;
                continue;
            }
        };
        let Some(url) = address(name) else {
            out::line(&remark(&format!("{name}: its name is no host")))?;
            continue;
        };
        (files, kept, left) = (files + 1, kept + rules.kept, left + rules.left_out);
        out::line(&block(name, &source_name("", &url, &mut taken), &url, &rules))?;
    }
    let mut err = std::io::stderr().lock();
    let others = match names.len() - files {
        0 => String::new(),
        n => format!(", {n} other files not used"),
    };
    writeln!(err, "{files} files, {kept} rules kept, {left} left out{others}")?;
    Ok(())
}

/// Names of the site files, in their order.
fn site_files(folder: &Path) -> anyhow::Result<Vec<String>> {
    if !folder.is_dir() {
        bail!(Misused(format!("{} is not a folder", folder.display())));
    }
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let names = entries.filter_map(|e| e.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|n| n.to_ascii_lowercase().ends_with(".txt")).take(MOST_FILES).collect();
    names.sort();
    if !names.iter().any(|n| address(n).is_some()) {
        bail!(Misused(format!("{}: no site file such as example.org.txt in it", folder.display())));
    }
    Ok(names)
}

/// The front page of the site that a file is named after: `example.org.txt`, or `.example.org.txt` for its sub-domains too.
fn address(name: &str) -> Option<Url> {
    let host = name.get(..name.len().checked_sub(4)?)?.trim_start_matches('.').to_ascii_lowercase();
    let plain = host.contains('.') && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let url = Url::parse(&format!("https://{host}/")).ok().filter(|_| plain)?;
    matches!(url.host(), Some(url::Host::Domain(_))).then_some(url)
}

/// The rules of a file, or why there are none.
fn rules(folder: &Path, name: &str) -> Result<Rules, String> {
    let path = folder.join(name);
    let cannot = |error: std::io::Error| format!("cannot be read: {error}");
    // A pipe or a device could be read for ever.
    if !std::fs::metadata(&path).map_err(cannot)?.is_file() {
        return Err("is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    std::fs::File::open(&path).map_err(cannot)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("is larger than {LARGEST} bytes"));
    }
    if bytes.contains(&0) {
        return Err("is no text".to_owned());
    }
    // What is not UTF-8 is taken as Latin-1, in which every byte is a character.
    let text = String::from_utf8(bytes).unwrap_or_else(|e| e.into_bytes().into_iter().map(char::from).collect());
    let rules = file::parse(&text);
    if rules.kept + rules.left_out == 0 { Err("has no rules".to_owned()) } else { Ok(rules) }
}

/// The block of one site, and what could not be said as remarks under it.
fn block(file: &str, name: &str, url: &Url, rules: &Rules) -> String {
    let bare = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let name = if bare { name.to_owned() } else { value(name) };
    let mut lines =
        vec![String::new(), remark(file), format!("[source.{name}]"), format!("url = {}", value(url.as_str()))];
    let picks = [("title", &rules.title), ("body", &rules.body), ("author", &rules.author), ("date", &rules.date)];
    let mut page: Vec<String> =
        picks.into_iter().filter_map(|(key, pick)| Some(format!("  {key:<6} = {}", value(pick.as_ref()?)))).collect();
    if !rules.drop.is_empty() {
        page.push("  drop   = [".to_owned());
        page.extend(rules.drop.iter().map(|css| format!("    {},", value(css))));
        page.push("  ]".to_owned());
    }
    if !page.is_empty() {
        lines.push(format!("\n  [source.{name}.page]"));
        lines.append(&mut page);
    }
    lines.extend(rules.remarks.iter().map(|left| format!("  {}", remark(left))));
    lines.join("\n")
}

/// A text as TOML has it; selectors stand in single quotes, where nothing is escaped.
fn value(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A comment of one line.
fn remark(text: &str) -> String {
    let line: String = one_line(text).chars().filter(|c| !c.is_control()).collect();
    format!("# {}", excerpt(&line, LONGEST_REMARK))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "# A comment\r\n\u{feff}title: //h1[@class='t']\r\nbody: //div[contains(concat(' ', normalize-space(@class), ' '), ' post ')]\r\n\
        body: //article\r\nauthor: //a[@rel=\"author\"]\r\ndate: //time/@datetime\r\ndate: //p/text()\r\n\
        strip: //aside | //div[@id='ads']\r\nstrip_id_or_class: 'share'\r\nstrip_image_src: /pixel/\r\nprune: no\r\n\
        replace_string(<a:b>): <i>\r\nwhat: is this\r\nno key at all\r\ntest_url: https://example.org/a\r\n";

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in files {
            std::fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    #[test]
    fn a_block_is_a_part_of_a_configuration() {
        let folder = folder(&[("example.org.txt", SITE.as_bytes())]);
        let rules = rules(folder.path(), "example.org.txt").unwrap();
        assert_eq!((rules.kept, rules.left_out), (7, 6), "{rules:#?}");
        let block = block("example.org.txt", "example", &address("example.org.txt").unwrap(), &rules);
        let text = format!("[site]\nbase = \"https://feeds.example\"\n{block}");
        let env = |_: &str| None;
        let (config, warnings) = crate::config::load(&text, Path::new("feeds.toml"), &env).unwrap();
        assert!(warnings.is_empty(), "{warnings:?}");
        let source = &config.sources[0];
        assert_eq!((source.name.as_str(), source.url.as_str()), ("example", "https://example.org/"));
        assert_eq!(source.recipe.date.as_ref().and_then(|d| d.attribute()), Some("datetime"));
        assert!(source.recipe.title.is_some() && source.recipe.body.is_some() && source.recipe.author.is_some());
        assert_eq!(source.recipe.drop.len(), 3);
        for said in [
            "div.post",
            "# date: XPath '//p/text()': text() cannot be selected",
            "# test_url: https://example.org/a",
            "# what: is this: unknown key",
            "# replace_string(<a:b>): <i>: texts are not replaced",
        ] {
            assert!(block.contains(said), "{said}: {block}");
        }
    }

    #[test]
    fn odd_files_are_told_apart_and_break_nothing() {
        let large = vec![b'a'; usize::try_from(LARGEST).unwrap() + 1];
        let folder = folder(&[
            ("large.example.txt", &large),
            ("binary.example.txt", b"title: \0//h1"),
            ("empty.example.txt", b"\xef\xbb\xbf\n# nothing\n"),
            ("latin.example.txt", b"title: //h1[@class='\xe9']\n"),
            ("README.txt", b"title: //h1"),
            (".wild.example.txt", b"body://article"),
        ]);
        std::fs::create_dir(folder.path().join("folder.example.txt")).unwrap();
        let names = site_files(folder.path()).unwrap();
        assert_eq!((names.len(), names[0].as_str()), (7, ".wild.example.txt"));
        let read = |name: &str| rules(folder.path(), name);
        assert_eq!(read("latin.example.txt").unwrap().title.as_deref(), Some("h1[class=\"é\"]"));
        assert_eq!(read(".wild.example.txt").unwrap().body.as_deref(), Some("article"));
        for (name, why) in [("large", "larger"), ("binary", "no text"), ("empty", "no rules"), ("folder", "not a file")]
        {
            let error = read(&format!("{name}.example.txt")).unwrap_err();
            assert!(error.contains(why), "{name}: {error}");
        }
        assert_eq!(address(".wild.example.txt").unwrap().as_str(), "https://wild.example/");
        for name in
            ["README.txt", "a b.example.txt", "user@x.example.txt", "127.0.0.1.txt", ".txt", "é", "..txt", "a/b.c.txt"]
        {
            assert!(address(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_folder_without_site_files_is_misuse() {
        let none = folder(&[("notes.txt", b"x"), ("example.org.toml", b"x")]);
        for path in [none.path(), &none.path().join("absent"), &none.path().join("notes.txt")] {
            assert!(run(path).unwrap_err().is::<Misused>(), "{}", path.display());
        }
    }

    #[test]
    fn a_remark_stays_on_its_line() {
        assert_eq!(remark("a\u{7}\n[source.x]\r\u{85}b"), "# a [source.x] b");
    }
}
