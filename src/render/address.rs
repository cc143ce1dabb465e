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

    /// The same without scheme and host, for links within our pages: a copy of the site reached by another name (a
    /// preview, a tunnel) stays whole.
    pub(super) fn local(&self, path: &str) -> String {
        self.located(path).path().to_owned()
    }

    /// The address under which a tag's categories are listed in the formats (RSS `domain`, Atom `scheme`).
    pub(super) fn tags_scheme(&self) -> String {
        self.address("tag/")
    }

    fn located(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        // Fails only for addresses such as `mailto:`, which cannot have a path at all.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path.split('/'));
        }
        url
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
    }
}
