//! What the site says of itself.

use masthead_domain::locale::Locale;
use serde::Serialize;
use utoipa::ToSchema;

use crate::data_of;
use crate::forms;

/// What a frontend's header and footer need.
#[derive(Debug, Serialize, ToSchema)]
pub struct Site {
    /// What it is called.
    pub title: String,
    /// What it is about.
    #[schema(required = true)]
    pub description: Option<String>,
    /// Where readers find it, without a slash at the end.
    pub url: String,
    /// The locale of what names none.
    pub default_locale: String,
    /// The locales in which something is published.
    pub locales: Vec<String>,
    /// Who publishes it.
    pub publisher: Publisher,
    /// Social media, contact, privacy, terms, in the order in which they were configured.
    pub links: Vec<SiteLink>,
    /// Its newest articles; `tag`, `author` and `locale` narrow each of them.
    pub feeds: Feeds,
    /// The list of its sitemaps.
    pub sitemap: String,
    /// Its guide for programs.
    pub llms: String,
}

/// Who publishes the site.
#[derive(Debug, Serialize, ToSchema)]
pub struct Publisher {
    /// Their name; the site's where nobody said.
    pub name: String,
    /// Their sign.
    #[schema(required = true)]
    pub logo_url: Option<String>,
}

/// An address that the site shows on every page.
#[derive(Debug, Serialize, ToSchema)]
pub struct SiteLink {
    /// What a reader is shown.
    pub label: String,
    /// Where it leads.
    pub url: String,
    /// What it is to the site, for the `rel` of the link.
    #[schema(required = true)]
    pub rel: Option<String>,
}

/// Where the feeds are.
#[derive(Debug, Serialize, ToSchema)]
pub struct Feeds {
    /// RSS 2.0.
    pub rss: String,
    /// Atom.
    pub atom: String,
    /// JSON Feed 1.1.
    pub json: String,
}

impl Site {
    /// The site with the locales in which something is published.
    #[must_use]
    pub fn new(site: &forms::Site, locales: &[Locale]) -> Self {
        let feed = |name: &str| site.api(&format!("/delivery/v1/feeds/{name}"));
        Self {
            title: site.title.clone(),
            description: site.description.clone(),
            url: site.url.clone(),
            default_locale: site.default_locale.to_string(),
            locales: locales.iter().map(ToString::to_string).collect(),
            publisher: Publisher {
                name: site.publisher().to_owned(),
                logo_url: site.publisher_logo.clone(),
            },
            links: site
                .links
                .iter()
                .map(|link| SiteLink {
                    label: link.label.clone(),
                    url: link.url.clone(),
                    rel: link.rel.clone(),
                })
                .collect(),
            feeds: Feeds {
                rss: feed("rss.xml"),
                atom: feed("atom.xml"),
                json: feed("feed.json"),
            },
            sitemap: site.api("/delivery/v1/sitemap.xml"),
            llms: site.api("/delivery/v1/llms.txt"),
        }
    }
}

data_of!(
    /// The site.
    SiteResponse,
    Site
);
