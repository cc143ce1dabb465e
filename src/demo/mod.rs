//! A small world to try everything on without a network: a site on a loopback address, and the file that reads it.

mod articles;
mod origin;
mod run;
mod site;
mod template;

use std::net::SocketAddr;
use std::path::Path;

use chrono::DateTime;

use crate::model::{ArticleId, Identity, SourceName};

pub use origin::{Origin, Reply, Seen};
pub use run::run;
pub use site::{Documents, Published};

const CONFIG: &str = include_str!("../../config/demo/feeds.toml");

/// The file that reads the sample site: the origin's address, where to serve, and where the store is.
#[must_use]
pub fn config(origin: SocketAddr, listen: SocketAddr, store: &Path) -> String {
    let scope = template::Scope::default()
        .text("origin", format!("http://{origin}"))
        .text("listen", listen.to_string())
        .text("store", store.display().to_string());
    template::fill(CONFIG, &scope, DateTime::UNIX_EPOCH, template::Escape::Json)
}

/// An article of which there is much to explain: a dispatch that three outlets print.
#[must_use]
pub fn explained() -> Option<ArticleId> {
    let guid = Identity::Guid("agence-sud:rade-navire-humanitaire".to_owned());
    SourceName::new("agence-sud").map(|source| ArticleId::of(&source, &guid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_toml_whatever_the_store_is_called() {
        let addr = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let file = config(addr(4001), addr(4002), Path::new("/tmp/a \"b\"\\c.db"));
        let read: toml::Table = file.parse().unwrap();
        assert_eq!(read["site"]["listen"].as_str(), Some("127.0.0.1:4002"));
        assert_eq!(read["site"]["base"].as_str(), Some("http://127.0.0.1:4002"));
        assert_eq!(read["store"]["path"].as_str(), Some("/tmp/a \"b\"\\c.db"));
        let sources = read["source"].as_table().unwrap();
        assert!(sources.values().all(|s| s["url"].as_str().unwrap().starts_with("http://127.0.0.1:4001/")));
        assert!(!file.contains("{{"));
    }

    #[test]
    fn the_file_is_right_and_nothing_in_it_is_odd() {
        let (origin, listen) = (SocketAddr::from(([127, 0, 0, 1], 4001)), SocketAddr::from(([127, 0, 0, 1], 4002)));
        let text = config(origin, listen, Path::new("/tmp/feeds.db"));
        let path = Path::new("/tmp/feeds.toml");
        let (read, warnings) = crate::config::load(&text, path, &|_| None).unwrap_or_else(|wrong| panic!("{wrong}"));
        assert!(warnings.is_empty(), "{}", warnings.iter().map(ToString::to_string).collect::<String>());
        assert_eq!((read.sources.len(), read.feeds.len(), read.tagging.rules.len()), (9, 5, 5));
        assert_eq!(read.store.path, Path::new("/tmp/feeds.db"));
    }
}
