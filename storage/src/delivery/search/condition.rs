//! A question as a filter of a list of articles.

use masthead_domain::searching::{Question, Term};

use super::plan;
use super::statement::{Condition, Pieces};

/// Articles that a search for this would find: a filter of any query with published articles in it.
#[must_use]
pub(crate) fn articles_with<Source>(question: &Question) -> Condition<Source> {
    let hits = plan::hits(question, &exact_first(question), false);
    let pieces = Pieces::new(
        "published_articles.id in (select d.article_id from published_search_documents d where d.number in \
         (select hit.number from (",
    );
    Condition::new(pieces.then(&hits).plain(") hit))"))
}

/// The words of a question with whole words first, for a beginning leads to more.
pub(super) fn exact_first(question: &Question) -> Vec<&Term> {
    let mut terms = question.terms();
    terms.sort_by_key(|term| matches!(term, Term::Prefix(_)));
    terms
}
