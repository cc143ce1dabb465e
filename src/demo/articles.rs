//! The articles of the sample site: a few head lines, an empty line, and the body as HTML.

macro_rules! articles {
    ($($outlet:literal: $($slug:literal)*;)*) => {
        &[$($(($outlet, $slug, include_str!(concat!("../../config/demo/", $outlet, "/", $slug, ".txt"))),)*)*]
    };
}

/// Outlet, slug, file.
pub(super) const ARTICLES: &[(&str, &str, &str)] = articles! {
    "agence-sud":
        "rade-navire-humanitaire" "boulangeries-gaza" "observatoire-presse" "sauvetage-large" "oliviers-nablus"
        "ferries-electriques" "ecole-tente-gaza";
    "perspectives-med":
        "rade-navire-humanitaire" "memoire-villages-palestine" "cartes-migrations" "presse-locale"
        "chaleur-mer" "solidarite-quais";
    "harbour-post":
        "gaza-hospitals-fuel" "reporters-safety" "rescue-ship-inspection" "port-shore-power" "west-bank-harvest";
    "journal-du-port":
        "collecte-dockers" "quai-12-refugies" "grue-historique" "pecheurs-gaza" "radio-des-quais"
        "marche-solidarite" "centre-accueil-marins";
    "wikalat-janoub": "afran-gaza" "mawsim-zaytoun" "hurriyat-sahafa" "inqadh-bahr";
    "le-phare": "bibliotheque-flottante" "cinema-palestinien" "phare-automatise";
    "courrier-du-large":
        "navire-humanitaire-rade" "posidonie" "formation-sauveteurs" "reprise-boulangeries" "cartes-de-memoire";
};

/// One article of the sample site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Article {
    pub(super) outlet: &'static str,
    pub(super) slug: &'static str,
    pub(super) title: &'static str,
    /// Minutes before the site's `base`.
    pub(super) age: i64,
    /// 0: there from the start. Otherwise it is the so many-th to come out.
    pub(super) step: usize,
    pub(super) author: &'static str,
    pub(super) tags: Vec<&'static str>,
    pub(super) image: Option<&'static str>,
    pub(super) caption: &'static str,
    pub(super) standfirst: &'static str,
    /// Whether its page has neither `article` nor `time` nor `header`.
    pub(super) bare: bool,
    pub(super) body: &'static str,
}

impl Article {
    /// Reads a file. `None` when it has no title, no age or no body, or a line nobody knows.
    pub(super) fn parse(outlet: &'static str, slug: &'static str, text: &'static str) -> Option<Self> {
        let (head, body) = text.split_once("\n\n")?;
        let mut article = Self { outlet, slug, body: body.trim(), age: -1, ..Self::default() };
        for line in head.lines() {
            let (name, value) = line.split_once(": ")?;
            match name {
                "title" => article.title = value,
                "age" => article.age = value.parse().ok()?,
                "step" => article.step = value.parse().ok()?,
                "author" => article.author = value,
                "tags" => article.tags = value.split(", ").collect(),
                "image" => article.image = Some(value),
                "caption" => article.caption = value,
                "standfirst" => article.standfirst = value,
                "page" => article.bare = value == "bare",
                _ => return None,
            }
        }
        let whole = !article.title.is_empty() && article.age >= 0 && !article.body.is_empty();
        whole.then_some(article)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_article_is_whole_and_the_prepared_ones_follow_each_other() {
        let read = ARTICLES.iter().map(|&(outlet, slug, text)| {
            Article::parse(outlet, slug, text).unwrap_or_else(|| panic!("{outlet}/{slug} cannot be read"))
        });
        let mut steps = BTreeSet::new();
        let mut moments = BTreeSet::new();
        for article in read {
            let (at, words) = (format!("{}/{}", article.outlet, article.slug), article.body.split_whitespace().count());
            assert!(!article.standfirst.is_empty() && !article.author.is_empty() && !article.tags.is_empty(), "{at}");
            assert!((80..=420).contains(&words), "{at}: {words} words");
            assert!(article.body.starts_with('<') && article.body.ends_with('>'), "{at}");
            assert!(moments.insert((article.outlet, article.age)), "{at}: two articles of one minute");
            if article.step > 0 {
                assert!(steps.insert(article.step) && article.age < 30, "{at}");
            } else {
                assert!(article.age >= 30, "{at}");
            }
        }
        assert_eq!(steps.into_iter().collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    }
}
