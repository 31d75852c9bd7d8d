//! What frontends ask of the preview; what they get are the bodies of delivery.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::delivery::BodyFormat;

/// One working copy by its id.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PreviewParameters {
    /// The token of a preview link. Only here a token may stand in an address, for the link is made to be handed on; it
    /// may also be sent as `Authorization: Bearer …`, and not both ways at once.
    pub token: Option<String>,
    /// The language in which the story is wanted; that of the article where missing.
    #[param(example = "en")]
    pub locale: Option<String>,
    /// With `locale`: languages to take where the story is not told in it, in order; `none` ends the search.
    #[param(style = Form, explode = false, min_items = 1, max_items = 8, example = json!(["en", "none"]))]
    pub fallback: Option<Vec<String>>,
    /// Forms of the bodies; `html` where missing.
    #[param(style = Form, explode = false, min_items = 1, max_items = 3)]
    pub format: Option<Vec<BodyFormat>>,
}

/// One working copy by its slug.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PreviewBySlugParameters {
    /// The token of a preview link. Only here a token may stand in an address, for the link is made to be handed on; it
    /// may also be sent as `Authorization: Bearer …`, and not both ways at once.
    pub token: Option<String>,
    /// The language in which the story is wanted that has an article with this slug. Where missing, the article that the
    /// link opens, or for a credential that of the site's default locale, or else of the first one that has the slug.
    #[param(example = "en")]
    pub locale: Option<String>,
    /// With `locale`: languages to take where the story is not told in it, in order; `none` ends the search.
    #[param(style = Form, explode = false, min_items = 1, max_items = 8, example = json!(["en", "none"]))]
    pub fallback: Option<Vec<String>>,
    /// Forms of the bodies; `html` where missing.
    #[param(style = Form, explode = false, min_items = 1, max_items = 3)]
    pub format: Option<Vec<BodyFormat>>,
}
