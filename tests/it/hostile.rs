//! Bodies and fields that want to be more than text: by no door, in no field, does a tag, an attribute or a scheme get out
//! that is not listed.

use std::sync::LazyLock;

use feedloom::clean;
use proptest::prelude::*;
use url::Url;

use crate::safe;

const WRITTEN: &str = include_str!("../fixtures/clean/vectors.txt");

/// The vectors of the table, their characters by number read.
pub(crate) static VECTORS: LazyLock<Vec<String>> = LazyLock::new(|| {
    WRITTEN.lines().filter(|l| !l.is_empty() && !l.starts_with("# ")).map(|l| read_characters(l).unwrap()).collect()
});

fn read_characters(line: &str) -> Option<String> {
    let mut parts = line.split('⟨');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let (number, rest) = part.split_once('⟩')?;
        out.push(char::from_u32(u32::from_str_radix(number, 16).ok()?)?);
        out.push_str(rest);
    }
    Some(out)
}

fn base() -> Url {
    Url::parse("https://a.example/dir/page").unwrap()
}

fn cleaned(html: &str) -> String {
    clean::clean(html, &base()).to_string()
}

#[test]
fn nothing_outside_the_list_gets_through() {
    assert!(VECTORS.len() > 700, "{}", VECTORS.len());
    let mut wrong = Vec::new();
    for vector in VECTORS.iter() {
        for around in ["{}", "<table><tr><td>{}", "<a href=/x title=\"{}\">x</a>"] {
            let html = around.replace("{}", vector);
            let out = cleaned(&html);
            wrong.extend(safe::body(&out).err());
            if cleaned(&out) != out {
                wrong.push(format!("cleaned twice: {html}\n{out}\n{}", cleaned(&out)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {wrong:#?}", wrong.len());
}

#[test]
fn a_line_holds_no_tag_with_a_value_and_stays_one_line() {
    for vector in VECTORS.iter() {
        let line = clean::line(vector);
        assert!(!line.chars().any(char::is_control), "{line:?}");
        safe::line(&line).unwrap_or_else(|e| panic!("{vector}: {e}"));
        if let Some(address) = clean::address(vector, &base()) {
            safe::address(&address, false).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn mixtures_are_safe_and_cleaning_twice_changes_nothing(
        picks in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..40, 0_usize..60), 1..5),
        free in "[ -~é\u{a0}\u{1}\u{202e}]{0,20}",
    ) {
        let html: String = picks.iter().map(|(which, front, back)| {
            let chars: Vec<char> = which.get(&VECTORS).chars().collect();
            let from = (*front).min(chars.len() / 2);
            let to = chars.len() - (*back).min(chars.len() / 2);
            chars[from..to.max(from)].iter().collect::<String>() + &free
        }).collect();
        let out = cleaned(&html);
        prop_assert!(safe::body(&out).is_ok(), "{:?}", safe::body(&out));
        prop_assert_eq!(&cleaned(&out), &out);
        prop_assert!(safe::line(&clean::line(&html)).is_ok(), "{:?}", clean::line(&html));
    }
}
