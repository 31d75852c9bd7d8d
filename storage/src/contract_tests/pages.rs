//! Pages: both directions, several keys, ties, a thousand rows.

use super::*;
use masthead_domain::page::{Cursor, Page, Position, SortValue};
use masthead_domain::repository::{ArticleFilter, WorkingSort};

/// Articles with many ties in both keys, and titles that only bytes put in this order.
fn fill(storage: &Storage, count: u128) -> Vec<Article> {
    let titles = ["Zebra", "apple", "Ähre", "a b", "a-b", "日本", "Äpfel"];
    let articles: Vec<Article> = (0..count)
        .map(|n| {
            // Ids in another order than the other values.
            let mut article = article((n * 7_919) % 10_007 + 1, &format!("a{n}"));
            article.title = titles[usize::try_from(n % 7).unwrap()].to_owned();
            article.updated_at = at(i64::try_from(n % 5).unwrap());
            article
        })
        .collect();
    storage
        .write_blocking(|repo| {
            articles
                .iter()
                .try_for_each(|article| repo.insert_article(article))
        })
        .unwrap();
    articles
}

fn page(storage: &Storage, request: &PageRequest<WorkingSort>) -> Page<Overview> {
    storage
        .read_blocking(|repo| repo.articles(&ArticleFilter::default(), request))
        .unwrap()
}

/// Walks the whole list forward and then back, and answers what each walk saw, in the order of the list.
fn walk(storage: &Storage, mut request: PageRequest<WorkingSort>) -> (Vec<Uuid>, Vec<Uuid>) {
    let mut forward = Vec::new();
    let last = loop {
        let page = page(storage, &request);
        assert_eq!(page.previous.is_some(), request.cursor.is_some());
        forward.extend(page.items.iter().map(|item| item.id.uuid()));
        match page.next.clone() {
            Some(next) => request.cursor = Some(Cursor::After(next)),
            None => break page,
        }
    };
    let mut backward: Vec<Uuid> = last.items.iter().map(|item| item.id.uuid()).collect();
    let mut previous = last.previous;
    while let Some(position) = previous {
        request.cursor = Some(Cursor::Before(position));
        let page = page(storage, &request);
        assert!(page.next.is_some());
        backward.splice(0..0, page.items.iter().map(|item| item.id.uuid()));
        previous = page.previous;
    }
    (forward, backward)
}

fn key(field: WorkingSort, direction: Direction) -> SortKey<WorkingSort> {
    SortKey { field, direction }
}

#[test]
fn every_row_is_seen_once_in_both_directions_whatever_the_order() {
    use Direction::{Ascending, Descending};
    for database in stores() {
        let articles = fill(&database.storage, 60);
        for (first, second) in [
            (Ascending, Ascending),
            (Ascending, Descending),
            (Descending, Ascending),
            (Descending, Descending),
        ] {
            let mut expected = articles.clone();
            let turn = |order: std::cmp::Ordering, direction| {
                if direction == Ascending {
                    order
                } else {
                    order.reverse()
                }
            };
            expected.sort_by(|a, b| {
                turn(a.updated_at.cmp(&b.updated_at), first)
                    .then_with(|| turn(a.title.as_bytes().cmp(b.title.as_bytes()), second))
                    .then_with(|| turn(a.id.cmp(&b.id), second))
            });
            let expected: Vec<Uuid> = expected.iter().map(|article| article.id.uuid()).collect();
            for limit in [1, 7, 60, 100] {
                let sort = vec![
                    key(WorkingSort::UpdatedAt, first),
                    key(WorkingSort::Title, second),
                ];
                let request = PageRequest {
                    sort,
                    limit,
                    cursor: None,
                    count: false,
                };
                let (forward, backward) = walk(&database.storage, request);
                assert_eq!(forward, expected, "{first:?} {second:?} {limit}");
                assert_eq!(backward, expected, "{first:?} {second:?} {limit}");
            }
        }
    }
}

#[test]
fn a_thousand_rows_are_walked_and_counted() {
    for database in stores() {
        fill(&database.storage, 1_000);
        let request = PageRequest {
            sort: vec![key(WorkingSort::Title, Direction::Ascending)],
            limit: 100,
            cursor: None,
            count: true,
        };
        assert_eq!(page(&database.storage, &request).total, Some(1_000));
        let (forward, backward) = walk(&database.storage, request);
        assert_eq!(forward.len(), 1_000);
        assert_eq!(forward, backward);
    }
}

#[test]
fn a_position_whose_row_is_gone_still_says_where_to_go_on() {
    for database in stores() {
        let storage = &database.storage;
        fill(storage, 10);
        let mut request = sorted(WorkingSort::CreatedAt, Direction::Descending, 4);
        let first = page(storage, &request);
        let edge = first.next.unwrap();
        storage
            .write_blocking(|repo| {
                repo.delete_article(ArticleId::from_uuid(edge.id), at(1), Credential::Scheduler)
            })
            .unwrap();
        request.cursor = Some(Cursor::After(edge));
        let second = page(storage, &request);
        assert_eq!((second.items.len(), second.total), (4, Some(9)));
        assert!(
            first
                .items
                .iter()
                .all(|item| second.items.iter().all(|other| other.id != item.id))
        );
    }
}

#[test]
fn a_page_beyond_the_end_is_empty() {
    for database in stores() {
        fill(&database.storage, 3);
        let mut request = sorted(WorkingSort::Title, Direction::Ascending, 10);
        let values = vec![SortValue::Text("\u{10ffff}\0".into())];
        request.cursor = Some(Cursor::After(Position {
            values,
            id: uuid(1),
            as_of: None,
        }));
        let page = page(&database.storage, &request);
        assert_eq!(
            (page.items.len(), page.next, page.previous, page.total),
            (0, None, None, Some(3))
        );
    }
}
