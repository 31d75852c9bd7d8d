//! From a question to the query of the articles that answer it.

use masthead_domain::searching::{Question, Sought, Term};

use super::statement::Pieces;

/// The query of all hits: the columns `number`, `score`, `dated` and `places`, where the texts are that may hold the
/// words, in no order.
///
/// The first word leads, and each further one is looked up among the articles that it leads to; so the rarest comes
/// first. SQLite keeps this order, PostgreSQL finds its own.
pub(super) fn hits(question: &Question, rarest_first: &[&Term], is_narrowed: bool) -> Pieces {
    let aliases: Vec<String> = (0..rarest_first.len()).map(|index| format!("w{index}")).collect();
    let of_all = |column: &str, sign: &str| {
        let of_each = aliases.iter().map(|alias| format!("{alias}.{column}"));
        of_each.collect::<Vec<_>>().join(sign)
    };
    let mut pieces = Pieces::new(&format!(
        "select w0.document as number, ({}) as score, w0.dated as dated, ({}) as places from ",
        of_all("weight", " + "),
        of_all("places", " | "),
    ));
    for (alias, term) in aliases.iter().zip(rarest_first) {
        let join = if alias == "w0" { "" } else { " cross join " };
        pieces = match term {
            Term::Exact(_) => pieces.plain(&format!("{join}published_search_postings {alias}")),
            // Of all words with this beginning, the one that weighs most counts; they may stand anywhere.
            Term::Prefix(text) => between(
                pieces.plain(&format!(
                    "{join}(select document, max(weight) as weight, max(dated) as dated, \
                     cast(-1 as bigint) as places from published_search_postings where "
                )),
                "term",
                text,
            )
            .plain(&format!(" group by document) {alias}")),
        };
    }
    if is_narrowed {
        pieces = pieces.plain(" cross join published_search_documents candidate");
    }
    pieces = pieces.plain(" where 1 = 1");
    for (alias, term) in aliases.iter().zip(rarest_first) {
        if let Term::Exact(text) = term {
            pieces = pieces.plain(&format!(" and {alias}.term = ")).text(text);
        }
        if alias != "w0" {
            pieces = pieces.plain(&format!(" and {alias}.document = w0.document"));
        }
    }
    for phrase in question.phrases() {
        pieces = pieces.plain(" and ");
        pieces = side_by_side(pieces, phrase);
    }
    for unwanted in question.unwanted() {
        pieces = without(pieces, unwanted);
    }
    if is_narrowed {
        pieces = pieces
            .plain(" and candidate.number = w0.document and exists (")
            .among()
            .plain(")");
    }
    pieces
}

/// A word of the index that begins with a text.
pub(super) fn between(pieces: Pieces, column: &str, text: &str) -> Pieces {
    pieces
        .plain(&format!("{column} >= "))
        .text(text)
        .plain(&format!(" and {column} < "))
        // No word goes on with the last of all characters.
        .text(format!("{text}\u{10ffff}"))
}

fn side_by_side(pieces: Pieces, phrase: &Sought) -> Pieces {
    pieces
        .plain(
            "exists (select 1 from published_search_parts p where p.document = w0.document and p.words like ",
        )
        .text(pattern(phrase.terms()))
        .plain(r" escape '\')")
}

fn without(pieces: Pieces, unwanted: &Sought) -> Pieces {
    let exact = |pieces: Pieces, text: &str| {
        pieces
            .plain("exists (select 1 from published_search_postings x where x.term = ")
            .text(text)
            .plain(" and x.document = w0.document)")
    };
    match unwanted.terms() {
        [Term::Exact(text)] => exact(pieces.plain(" and not "), text),
        [Term::Prefix(text)] => {
            let pieces = pieces
                .plain(" and w0.document not in (select x.document from published_search_postings x where ");
            between(pieces, "x.term", text).plain(")")
        }
        terms => {
            // The words first: the texts are looked at only where all of them are.
            let mut pieces = pieces.plain(" and not (");
            for term in terms {
                if let Term::Exact(text) = term {
                    pieces = exact(pieces, text).plain(" and ");
                }
            }
            side_by_side(pieces, unwanted).plain(")")
        }
    }
}

/// A pattern for `LIKE … ESCAPE '\'` that finds words side by side among words with a space around each.
pub(super) fn pattern(terms: &[Term]) -> String {
    let mut pattern = String::from("% ");
    for term in terms {
        for letter in term.text().chars() {
            if matches!(letter, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        if matches!(term, Term::Exact(_)) {
            pattern.push(' ');
        }
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_literal() {
        let terms = [Term::Exact("50%".into()), Term::Prefix(r"a_\".into())];
        assert_eq!(pattern(&terms), r"% 50\% a\_\\%");
    }
}
