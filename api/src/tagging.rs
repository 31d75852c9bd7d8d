//! The headers in which caches look for the tags of what an answer shows, each network under a name of its own.

use std::str::FromStr;

use actix_web::http::header::{HeaderName, HeaderValue};
use masthead_domain::change::{ChangeType, list_tag};

/// A header with the tags of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagHeader {
    /// `Cache-Tag`, as Cloudflare and others read it.
    CacheTag,
    /// `Cache-Groups` (RFC 9875): a list of strings.
    CacheGroups,
    /// `Surrogate-Key`, as Fastly and Varnish read it: words with spaces between them.
    SurrogateKey,
    /// `Edge-Cache-Tag`, as Akamai reads it.
    EdgeCacheTag,
    /// `Netlify-Cache-Tag`.
    NetlifyCacheTag,
    /// `Vercel-Cache-Tag`.
    VercelCacheTag,
}

/// Bytes of one such header at most.
const BYTES: usize = 8 * 1024;

impl TagHeader {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::CacheTag,
        Self::CacheGroups,
        Self::SurrogateKey,
        Self::EdgeCacheTag,
        Self::NetlifyCacheTag,
        Self::VercelCacheTag,
    ];

    /// Its name, in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CacheTag => "cache-tag",
            Self::CacheGroups => "cache-groups",
            Self::SurrogateKey => "surrogate-key",
            Self::EdgeCacheTag => "edge-cache-tag",
            Self::NetlifyCacheTag => "netlify-cache-tag",
            Self::VercelCacheTag => "vercel-cache-tag",
        }
    }

    /// Tags that its readers promise to look at; they may leave out the others.
    const fn most(self) -> usize {
        match self {
            Self::CacheTag | Self::SurrogateKey => usize::MAX,
            Self::NetlifyCacheTag => 500,
            Self::CacheGroups | Self::EdgeCacheTag | Self::VercelCacheTag => 128,
        }
    }

    const fn separator(self) -> &'static str {
        match self {
            Self::SurrogateKey => " ",
            Self::CacheGroups => ", ",
            _ => ",",
        }
    }

    /// Its text for these tags, which are of letters, digits and `:-_`.
    #[must_use]
    pub fn value(self, tags: &[String]) -> String {
        let quote = if self == Self::CacheGroups { "\"" } else { "" };
        let around = self.separator().len() + 2 * quote.len();
        let kept = fitting(tags, self.most(), BYTES, around);
        let kept: Vec<_> = kept.iter().map(|tag| format!("{quote}{tag}{quote}")).collect();
        kept.join(self.separator())
    }
}

impl FromStr for TagHeader {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let named = |header: &&Self| header.as_str().eq_ignore_ascii_case(text);
        Self::ALL.iter().find(named).copied().ok_or(())
    }
}

/// The headers with tags that answers carry: `Cache-Tag`, and those that were set besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagHeaders(Vec<TagHeader>);

impl Default for TagHeaders {
    fn default() -> Self {
        Self(vec![TagHeader::CacheTag])
    }
}

impl TagHeaders {
    /// `Cache-Tag` with these besides, each once.
    pub fn with(more: impl IntoIterator<Item = TagHeader>) -> Self {
        let Self(mut all) = Self::default();
        for header in more {
            if !all.contains(&header) {
                all.push(header);
            }
        }
        Self(all)
    }

    /// All of them for an answer that shows this.
    pub fn of(&self, tags: &[String]) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        self.0.iter().filter_map(|header| {
            let value = HeaderValue::from_str(&header.value(tags)).ok()?;
            Some((HeaderName::from_static(header.as_str()), value))
        })
    }
}

/// Every tag; where there are too many, the tags of whole lists stand first, for every change is announced under one.
fn fitting(tags: &[String], most: usize, bytes: usize, around: usize) -> Vec<&str> {
    let whole: usize = tags.iter().map(|tag| tag.len() + around).sum();
    if tags.len() <= most && whole <= bytes + around {
        return tags.iter().map(String::as_str).collect();
    }
    let shown = |kind: &ChangeType| {
        tags.iter()
            .any(|tag| tag.split(':').next() == Some(kind.as_str()))
    };
    let mut kept: Vec<&str> = ChangeType::ALL
        .iter()
        .filter(|kind| shown(kind))
        .map(|kind| list_tag(*kind))
        .collect();
    let taken: usize = kept.iter().map(|tag| tag.len() + around).sum();
    let mut room = (bytes + around).saturating_sub(taken);
    for tag in tags {
        if kept.contains(&tag.as_str()) {
            continue;
        }
        let Some(left) = room.checked_sub(tag.len() + around) else {
            break;
        };
        if kept.len() >= most {
            break;
        }
        room = left;
        kept.push(tag);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn many(count: usize) -> Vec<String> {
        let mut tags = vec!["articles".to_owned()];
        tags.extend((1..count).map(|n| format!("article:{n:036}")));
        tags
    }

    #[test]
    fn each_network_reads_its_own_form() {
        let tags = ["article:1".to_owned(), "tag:2".to_owned()];
        for header in TagHeader::ALL {
            let expected = match header {
                TagHeader::CacheGroups => "\"article:1\", \"tag:2\"",
                TagHeader::SurrogateKey => "article:1 tag:2",
                _ => "article:1,tag:2",
            };
            assert_eq!(header.value(&tags), expected);
            assert_eq!(header.as_str().to_uppercase().parse(), Ok(*header));
        }
        assert_eq!("x-tags".parse::<TagHeader>(), Err(()));
    }

    #[test]
    fn more_tags_than_a_network_reads_are_stood_for_by_those_of_lists() {
        for header in TagHeader::ALL {
            for count in [1, 127, 128, 129, 180, 200, 499, 500, 501, 2000] {
                let tags = many(count);
                let value = header.value(&tags);
                let kept: Vec<_> = value
                    .split([',', ' '])
                    .map(|tag| tag.trim_matches('"'))
                    .filter(|tag| !tag.is_empty())
                    .collect();
                assert!(
                    value.len() <= BYTES && kept.len() <= header.most(),
                    "{header:?} {count}"
                );
                assert_eq!(kept[0], "articles");
                let mut once = kept.clone();
                once.sort_unstable();
                once.dedup();
                assert_eq!(once.len(), kept.len());
                if count <= 128 {
                    assert_eq!(kept.len(), count, "{header:?}");
                }
            }
        }
    }

    #[test]
    fn the_common_header_is_there_whatever_is_set() {
        let set = TagHeaders::with([
            TagHeader::SurrogateKey,
            TagHeader::CacheTag,
            TagHeader::SurrogateKey,
        ]);
        let tags = ["article:1".to_owned(), "tag:2".to_owned()];
        let headers: Vec<_> = set
            .of(&tags)
            .map(|(name, value)| (name.to_string(), value))
            .collect();
        let expected = [
            ("cache-tag", "article:1,tag:2"),
            ("surrogate-key", "article:1 tag:2"),
        ]
        .map(|(name, value)| (name.to_owned(), HeaderValue::from_static(value)));
        assert_eq!(headers, expected);
    }
}
