//! Examples of what a search finds and a completion suggests.

use masthead_domain::delivering::Delivered;
use masthead_domain::searching::{
    self as domain, Bucket, Completion, CompletionKind, Facet, Facets, FoundArticle, FoundPart, Hit,
    Question, Shown,
};

use crate::delivery as d;
use crate::parameters::{PageLinks, PageMeta};

/// What a search for this would find in the article.
pub(super) fn search(whole: &Delivered) -> Option<d::SearchResponse> {
    let article = &whole.article;
    let question = Question::parse("tides").ok()?;
    let texts = domain::parts(
        &article.title,
        article.dek.as_deref(),
        &whole.sections,
        &whole.faqs,
    );
    let fields = (0..).zip(&texts);
    let fields: Vec<_> = fields
        .map(|(number, part)| (number, part.field, domain::index(&part.text).words))
        .collect();
    let fields = fields
        .iter()
        .map(|(number, field, words)| (*number, *field, words.as_str()));
    let score = domain::postings(fields, |_| true).get("tides")?.weight;
    let parts = texts.into_iter().map(|part| {
        let indexed = domain::index(&part.text);
        FoundPart {
            field: part.field,
            section_id: part.section_id,
            faq_id: part.faq_id,
            anchor: part.anchor,
            text: part.text,
            words: indexed.words,
            spans: indexed.spans,
        }
    });
    let hit = Hit {
        article: Shown::Joined(Box::new(FoundArticle {
            article: article.clone().into(),
            authors: whole.authors.clone(),
            tags: whole.tags.clone(),
        })),
        score,
        matches: domain::matches(&question, parts.collect()),
    };
    let tag = whole.tags.first()?;
    let bucket = Bucket {
        value: tag.slug.to_string(),
        name: Some(tag.name.clone()),
        count: 1,
    };
    let facets: Facets = [(Facet::Tag, vec![bucket])].into();
    Some(d::SearchResponse {
        data: d::SearchResult {
            hits: vec![hit.try_into().ok()?],
            facets: facets.into(),
        },
        meta: PageMeta {
            limit: 20,
            total: Some(1),
        },
        links: PageLinks {
            this: "/delivery/v1/search?q=tides&facets=tag&count=exact".into(),
            next: None,
            prev: None,
        },
    })
}

/// What completes the beginning of its title.
pub(super) fn suggest(whole: &Delivered) -> d::SuggestResponse {
    let article = &whole.article;
    let completion = Completion {
        kind: CompletionKind::Article,
        id: article.id.uuid(),
        slug: article.slug.to_string(),
        locale: Some(article.locale.to_string()),
        text: article.title.clone(),
    };
    d::SuggestResponse {
        data: vec![completion.into()],
    }
}
