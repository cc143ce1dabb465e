//! The file as it is written: plain structs that mirror it, key by key. What a value means is for `resolve` and the files
//! beside it. No `tag`, `flatten` or `untagged`: they put the caret under the wrong place.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

/// A text with its place.
pub(super) type Text = Spanned<String>;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a file of tables")]
pub(super) struct File {
    pub(super) site: Site,
    pub(super) store: Store,
    pub(super) fetch: Fetch,
    pub(super) source: BTreeMap<Text, Source>,
    pub(super) tags: BTreeMap<Text, Text>,
    pub(super) tagging: Tagging,
    pub(super) stories: Stories,
    pub(super) recommend: Recommend,
    pub(super) feed: BTreeMap<Text, Feed>,
    pub(super) alert: Alert,
    pub(super) websub: Websub,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [site]")]
pub(super) struct Site {
    pub(super) title: Option<Text>,
    pub(super) id: Option<Text>,
    pub(super) base: Option<Text>,
    pub(super) lang: Option<Text>,
    pub(super) tz: Option<Text>,
    pub(super) contact: Option<Text>,
    pub(super) listen: Option<Text>,
    pub(super) hide: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [store]")]
pub(super) struct Store {
    pub(super) path: Option<Text>,
    pub(super) keep: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [fetch]")]
pub(super) struct Fetch {
    pub(super) every: Option<Text>,
    pub(super) between: Option<Spanned<Vec<Text>>>,
    pub(super) timeout: Option<Text>,
    pub(super) max_size: Option<Text>,
    pub(super) per_host: Option<Spanned<i64>>,
    pub(super) ports: Option<Vec<Spanned<i64>>>,
    pub(super) private_networks: Option<Vec<Text>>,
    pub(super) budget: Option<Spanned<i64>>,
    pub(super) confirm_move: Option<Text>,
    pub(super) dns: Option<Text>,
    pub(super) connect: Option<Text>,
    pub(super) first_byte: Option<Text>,
    pub(super) idle: Option<Text>,
    pub(super) ratio: Option<Spanned<i64>>,
    pub(super) max_headers: Option<Text>,
    pub(super) redirects: Option<Spanned<i64>>,
    pub(super) per_host_second: Option<Spanned<i64>>,
    pub(super) at_once: Option<Spanned<i64>>,
    pub(super) per_second: Option<Spanned<i64>>,
    pub(super) spacing: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [websub]")]
pub(super) struct Websub {
    pub(super) subscribe: Option<bool>,
    pub(super) callback: Option<Text>,
    pub(super) sha1: Option<bool>,
    pub(super) lease: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [source.NAME]")]
pub(super) struct Source {
    pub(super) url: Option<Text>,
    pub(super) title: Option<Text>,
    pub(super) outlet: Option<Text>,
    pub(super) lang: Option<Text>,
    pub(super) tz: Option<Text>,
    pub(super) dates: Option<Text>,
    pub(super) every: Option<Text>,
    pub(super) read: Option<Text>,
    pub(super) republish: Option<Text>,
    pub(super) tags: Vec<Text>,
    pub(super) rank: Option<Spanned<i64>>,
    pub(super) only: Option<Text>,
    pub(super) headers: BTreeMap<Text, Text>,
    pub(super) list: Option<Spanned<List>>,
    pub(super) page: Option<Spanned<Page>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [source.NAME.list]")]
pub(super) struct List {
    #[serde(rename = "in")]
    pub(super) within: Option<Text>,
    pub(super) item: Option<Text>,
    pub(super) link: Option<Text>,
    pub(super) title: Option<Text>,
    pub(super) summary: Option<Text>,
    pub(super) body: Option<Text>,
    pub(super) image: Option<Text>,
    pub(super) date: Option<Text>,
    pub(super) author: Option<Text>,
    pub(super) next: Option<Text>,
    pub(super) expect: Option<Spanned<i64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [source.NAME.page]")]
pub(super) struct Page {
    pub(super) body: Option<Text>,
    pub(super) drop: Vec<Text>,
    pub(super) tags: Option<Text>,
    pub(super) origin: Option<Text>,
    pub(super) title: Option<Text>,
    pub(super) standfirst: Option<Text>,
    pub(super) date: Option<Text>,
    pub(super) author: Option<Text>,
    pub(super) image: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [tagging]")]
pub(super) struct Tagging {
    pub(super) origins: Option<Vec<Text>>,
    pub(super) aliases: BTreeMap<Text, Vec<Text>>,
    pub(super) drop: Vec<Text>,
    pub(super) most: Option<Spanned<i64>>,
    pub(super) pages: Option<Text>,
    pub(super) learn: Option<bool>,
    pub(super) confidence: Option<Spanned<f64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [stories]")]
pub(super) struct Stories {
    pub(super) within: Option<Text>,
    pub(super) lead: Option<Text>,
    pub(super) settle: Option<Text>,
    pub(super) others: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [recommend]")]
pub(super) struct Recommend {
    pub(super) title: Option<Text>,
    pub(super) count: Option<Spanned<i64>>,
    pub(super) within: Option<Text>,
    pub(super) by: Option<Spanned<By>>,
    pub(super) variety: Option<Spanned<f64>>,
    pub(super) from: Option<Text>,
    pub(super) show: Option<Vec<Text>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: { text = 0.6, tags = 0.3, recent = 0.1 }")]
pub(super) struct By {
    pub(super) text: Option<Spanned<f64>>,
    pub(super) tags: Option<Spanned<f64>>,
    pub(super) recent: Option<Spanned<f64>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [feed.NAME]")]
pub(super) struct Feed {
    pub(super) title: Option<Text>,
    pub(super) description: Option<Text>,
    pub(super) select: Option<Text>,
    pub(super) order: Option<Text>,
    pub(super) per_source: Option<Spanned<i64>>,
    pub(super) limit: Option<Spanned<i64>>,
    pub(super) digest: Option<Text>,
    pub(super) text: Option<Text>,
    pub(super) lang: Option<Text>,
    pub(super) key: Option<Text>,
    pub(super) recommend: Option<Spanned<FeedRecommend>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: { count = 3, from = \"feed\" }")]
pub(super) struct FeedRecommend {
    pub(super) count: Option<Spanned<i64>>,
    pub(super) from: Option<Text>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a table: [alert]")]
pub(super) struct Alert {
    pub(super) when: Option<Vec<Text>>,
    pub(super) to: Vec<Text>,
}
