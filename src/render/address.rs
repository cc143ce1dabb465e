//! Where our own things stand.

use url::Url;

use super::Site;

impl Site {
    /// The public address of one of our paths, written without leading slash and in clear: `palestine.rss`,
    /// `tag/تحرير`. The empty path is the site itself.
    #[must_use]
    pub fn address(&self, path: &str) -> String {
        self.located(path).into()
    }

    /// The public address of one format of a feed: `.rss` after the path, before the question that it may end with.
    #[must_use]
    pub fn feed_address(&self, path: &str, ending: &str) -> String {
        self.address(&with_ending(path, ending))
    }

    /// The same without scheme and host, for links within our pages: a copy of the site reached by another name (a
    /// preview, a tunnel) stays whole.
    #[must_use]
    pub fn local(&self, path: &str) -> String {
        let url = self.located(path);
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// The address under which a tag's categories are listed in the formats (RSS `domain`, Atom `scheme`).
    pub(super) fn tags_scheme(&self) -> String {
        self.address("tag/")
    }

    fn located(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        // No name of a feed, a tag or a story holds a question mark.
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        url.set_query(query);
        // Fails only for addresses such as `mailto:`, which cannot have a path at all.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        url
    }
}

/// A path with the ending of a format: what is asked (`?q=…`, encoded) comes after it.
pub(super) fn with_ending(path: &str, ending: &str) -> String {
    match path.split_once('?') {
        Some((path, query)) => format!("{path}{ending}?{query}"),
        None => format!("{path}{ending}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::render::sample::site;

    #[test]
    fn addresses_are_encoded_and_keep_the_prefix() {
        let mut site = site();
        assert_eq!(site.address(""), "https://feeds.example.org/");
        assert_eq!(site.address("tag/"), "https://feeds.example.org/tag/");
        site.base = "https://example.org/feeds/".parse().unwrap();
        assert_eq!(site.address("a:b.rss"), "https://example.org/feeds/a:b.rss");
        assert_eq!(site.local("tag/تحرير"), "/feeds/tag/%D8%AA%D8%AD%D8%B1%D9%8A%D8%B1");
        assert_eq!(site.local(""), "/feeds/");
        assert_eq!(site.local("search?q=%C3%A9&page=2"), "/feeds/search?q=%C3%A9&page=2");
        assert_eq!(site.feed_address("search?q=a+b", ".rss"), "https://example.org/feeds/search.rss?q=a+b");
        assert_eq!(site.feed_address("all", ".rss"), "https://example.org/feeds/all.rss");
    }
}
