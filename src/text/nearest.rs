//! The name that somebody may have meant.

/// How alike a mistyped name must be to be proposed (Jaro-Winkler).
const ALIKE: f64 = 0.75;

/// Bytes of a name that may be a slip of the pen: a longer one is none.
const LONGEST: usize = 200;

/// The known name that is most like what was written, where one is.
#[must_use]
pub fn nearest<'k>(written: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    if written.len() > LONGEST {
        return None;
    }
    let written = written.to_lowercase();
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&written, &name.to_lowercase()), name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_mended_and_another_name_is_not() {
        let known = ["agence-sud", "le-phare"];
        assert_eq!(nearest("Agence-Sut", known), Some("agence-sud"));
        assert_eq!(nearest("xyz", known), None);
        assert_eq!(nearest(&"agence-sud".repeat(99), known), None);
    }
}
