//! Pages that are no article: errors, logins, bot walls, walls to pay at. What such a page says only counts where there
//! is hardly any text beside it.

use super::tree::Tree;
use super::words::{WORDS, bare};

/// Text under which a page may be no article at all.
const HARDLY_ANY: usize = 1_200;

/// Text under which an article behind a wall is only its beginning.
const STUB: usize = 1_500;

/// Why there is no article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// There is nothing in it.
    #[error("page is empty")]
    Empty,
    /// There is no running text in it.
    #[error("page has no running text{}", titled(title))]
    NoText {
        /// Its title.
        title: Option<String>,
    },
    /// It says that something went wrong.
    #[error("page is an error page{}", titled(title))]
    ErrorPage {
        /// Its title.
        title: Option<String>,
    },
    /// It asks who is there.
    #[error("page is a login{}", titled(title))]
    Login {
        /// Its title.
        title: Option<String>,
    },
    /// It wants proof that a person reads it.
    #[error("page is a bot wall{}", titled(title))]
    BotWall {
        /// Its title.
        title: Option<String>,
    },
    /// It shows only the beginning and asks for money.
    #[error("page shows only the beginning of the article, the rest is paid for{}", titled(title))]
    Paywall {
        /// Its title.
        title: Option<String>,
    },
}

fn titled(title: &Option<String>) -> String {
    title.as_ref().map(|t| format!(": `{t}`")).unwrap_or_default()
}

/// Refuses a page that is no article. `prose`: how much running text was found.
pub(super) fn refuse(tree: &Tree<'_>, title: Option<&str>, prose: usize, paid: bool) -> Option<ExtractError> {
    let owned = || title.map(str::to_owned);
    if prose >= STUB {
        return None;
    }
    let text = tree.whole_text(0);
    let said = bare(text.get(..20_000).unwrap_or(&text));
    let headline = title.map(bare).unwrap_or_default();
    if said.is_empty() {
        return Some(ExtractError::Empty);
    }
    if prose < HARDLY_ANY {
        let password =
            (0..tree.cells.len()).any(|i| tree.name(i) == "input" && tree.attr(i, "type") == Some("password"));
        if WORDS.bot.begins(&headline).is_some() || (prose < 600 && WORDS.bot.within(&said) && said.len() < 3_000) {
            return Some(ExtractError::BotWall { title: owned() });
        }
        let numbered = ["403", "404", "410", "429", "500", "502", "503", "504"]
            .iter()
            .any(|n| headline.split_whitespace().any(|w| w == *n));
        let short = headline.split_whitespace().count() <= 8;
        if short && (WORDS.error.begins(&headline).is_some() || (numbered && prose < 400))
            || (prose < 250
                && said.len() < 1_500
                && (WORDS.error.within(&headline) || WORDS.error.begins(&said).is_some()))
        {
            return Some(ExtractError::ErrorPage { title: owned() });
        }
        if prose < 400 && (password || short && WORDS.login.begins(&headline).is_some()) {
            return Some(ExtractError::Login { title: owned() });
        }
    }
    if WORDS.paywall.within(&said) && (paid || prose < HARDLY_ANY) {
        return Some(ExtractError::Paywall { title: owned() });
    }
    None
}
