//! Keeps the house as ARCHITECTURE.md describes it: layers, rooms of the outside libraries, names, lengths.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// Modules by layer: imports go down only, never sideways.
const LAYERS: [&[&str]; 7] = [
    &["model"],
    &["text"],
    &["read", "extract", "clean", "tag", "query", "dedup", "curate", "recommend", "render"],
    &["fetch", "store", "schedule", "websub", "clock"],
    &["poll", "publish"],
    &["serve", "config"],
    &["main", "cli", "daemon", "demo", "lib"],
];

/// Sideways imports that are allowed, each with its reason.
const SIDEWAYS: [(&str, &str, &str); 9] = [
    ("tag", "query", "a tag rule is a query"),
    ("curate", "query", "a curated feed is a query"),
    ("recommend", "query", "`from` may be a query"),
    ("main", "cli", "main starts the command line"),
    ("main", "daemon", "main hands the environment down"),
    ("cli", "daemon", "`run` is the daemon"),
    ("cli", "demo", "`demo` is a command"),
    ("demo", "daemon", "the demo runs the real daemon"),
    ("lib", "*", "the library lists its modules"),
];

/// Outside libraries and the only places that may name them.
const ROOMS: [(&str, &[&str]); 14] = [
    ("serde_json_path", &["read/paths.rs"]),
    ("rusqlite", &["store/"]),
    ("reqwest", &["fetch/"]),
    ("axum", &["serve/", "demo/"]),
    ("ring", &["websub/sign.rs"]),
    ("feed_rs", &["read/feed.rs"]),
    ("rss", &["render/rss.rs"]),
    ("atom_syndication", &["render/atom.rs"]),
    // `read/detect` proves the selectors that it proposes on the page itself.
    ("scraper", &["read/list", "read/detect", "text/pick.rs", "extract/", "clean/"]),
    ("ammonia", &["clean/"]),
    ("annotate_snippets", &["config/"]),
    ("aho_corasick", &["query/literals.rs"]),
    ("memchr", &["text/bytes.rs"]),
    ("regex_syntax", &["query/literals.rs"]),
];

/// Names that say nothing.
const FORBIDDEN: [&str; 12] = [
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "misc",
    "types",
    "errors",
    "manager",
    "processor",
    "handler",
    "info",
];

/// Tables: long, and nothing to find in them but a row.
const TABLES: [&str; 1] = ["text/language.rs"];

/// Files that are compiled for tests only.
const TEST_ONLY: [&str; 4] = ["curate/sample.rs", "render/sample.rs", "store/samples.rs", "extract/model_shapes.rs"];

/// The most lines of a file before its tests.
const MOST_LINES: usize = 400;

struct Source {
    path: String,
    module: String,
    /// Without tests and comments.
    code: String,
    lines: usize,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut paths = Vec::new();
    walk(&root, &mut paths);
    paths
        .into_iter()
        .filter_map(|file| {
            let path = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            if TEST_ONLY.contains(&path.as_str()) || path.ends_with("/tests.rs") {
                return None;
            }
            let whole = fs::read_to_string(&file).unwrap();
            let before_tests = whole.split("\n#[cfg(test)]\nmod ").next().unwrap();
            let module = path.split(['/', '.']).next().unwrap().to_owned();
            let code =
                before_tests.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            Some(Source { path, module, code, lines: before_tests.lines().count() })
        })
        .collect()
}

fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The top modules that a piece of code names by `crate::` (or `feedloom::` in main).
fn imports(code: &str) -> BTreeSet<String> {
    let start = Regex::new(r"\b(?:crate|feedloom)::").unwrap();
    let name = Regex::new(r"^[a-z_][a-z0-9_]*").unwrap();
    let mut found = BTreeSet::new();
    for at in start.find_iter(code) {
        let rest = &code[at.end()..];
        if let Some(m) = name.find(rest) {
            found.insert(m.as_str().to_owned());
        } else if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut fresh = true;
            for (i, c) in group.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => fresh = true,
                    c if fresh && depth == 0 && !c.is_whitespace() => {
                        fresh = false;
                        found.extend(name.find(&group[i..]).map(|m| m.as_str().to_owned()));
                    }
                    _ => {}
                }
            }
        }
    }
    found
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|l| l.contains(&module))
}

#[test]
fn imports_go_down_only() {
    let mut wrong = Vec::new();
    for source in sources() {
        let Some(here) = layer(&source.module) else {
            wrong.push(format!("{}: module `{}` has no layer", source.path, source.module));
            continue;
        };
        for import in imports(&source.code) {
            let Some(there) = layer(&import) else { continue };
            let named = SIDEWAYS.iter().any(|(a, b, _)| *a == source.module && (*b == import || *b == "*"));
            let down = there < here;
            if import != source.module && !down && !named {
                wrong.push(format!("{} (layer {here}) imports `{import}` (layer {there})", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn outside_libraries_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    let sources = sources();
    for (library, rooms) in ROOMS {
        let named = Regex::new(&format!(r"(?:^|[^\w:]|[^\w]::){library}::")).unwrap();
        // `render::rss::` is our own module of the same name as its library.
        let own = Regex::new(&format!(r"(?:self|super|crate::render)::{library}\b")).unwrap();
        let outside = |s: &&Source| !rooms.iter().any(|room| s.path.starts_with(room)) && s.path != "render/mod.rs";
        for source in sources.iter().filter(outside).filter(|s| s.code.contains(library)) {
            if named.is_match(&own.replace_all(&source.code, "")) {
                wrong.push(format!("{} names {library}, which lives in {rooms:?}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_clean_makes_clean_html() {
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|s| s.code.contains("CleanHtml::vouched"))
        .filter(|s| !s.path.starts_with("clean/") && !s.path.starts_with("store/"))
        .map(|s| s.path)
        .collect();
    assert!(wrong.is_empty(), "{wrong:?} call CleanHtml::vouched");
}

#[test]
fn pure_layers_are_pure() {
    let impure = Regex::new(r"\b(?:tokio|std::fs|std::net::Tcp|std::env|std::process|SystemTime|Instant)\b").unwrap();
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|s| layer(&s.module).is_some_and(|l| l <= 2))
        .filter_map(|s| impure.find(&s.code).map(|m| format!("{} names {}", s.path, m.as_str())))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn names_say_something_and_files_are_short() {
    let mut wrong = Vec::new();
    for source in sources() {
        for part in source.path.trim_end_matches(".rs").split('/') {
            if FORBIDDEN.contains(&part) {
                wrong.push(format!("{}: `{part}` says nothing", source.path));
            }
        }
        if source.lines > MOST_LINES && !TABLES.contains(&source.path.as_str()) {
            wrong.push(format!("{}: {} lines, more than {MOST_LINES}", source.path, source.lines));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_import_reader_sees_every_form() {
    let code = "use crate::model::X;\nuse crate::{text::{fold, words}, query::Query};\nlet x = crate::store::open();";
    let found: Vec<_> = imports(code).into_iter().collect();
    assert_eq!(found, ["model", "query", "store", "text"]);
}
