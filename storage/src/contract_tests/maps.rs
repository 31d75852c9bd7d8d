//! Sitemaps, from the side of the store: each article keeps its place, and a sitemap is a stretch of places.

use super::delivery::deliver;
use super::*;
use masthead_domain::change::{ChangeOp, ChangeReason, ChangeType, NewChange};
use masthead_domain::published::Edition;

fn entry(article: &Article, op: ChangeOp) -> NewChange {
    NewChange {
        op,
        resource: ChangeType::Article,
        id: article.id.uuid(),
        slug: article.slug.to_string(),
        locale: Some("en".into()),
        reason: ChangeReason::Published,
        redirect_to: None,
        cache_tags: Vec::new(),
        at: at(1),
    }
}

/// Shows an article, first published at this second.
fn show(storage: &Storage, article: &Article, first: i64) {
    let edition = Edition::render(article, at(first), at(first));
    let entry = entry(article, ChangeOp::Upsert);
    storage
        .write_blocking(|repo| {
            repo.put_edition(&edition)?;
            repo.append_changes(std::slice::from_ref(&entry))
        })
        .unwrap();
}

fn hide(storage: &Storage, article: &Article) {
    let entry = entry(article, ChangeOp::Delete);
    storage
        .write_blocking(|repo| {
            repo.remove_edition(article.id)?;
            repo.append_changes(std::slice::from_ref(&entry))
        })
        .unwrap();
}

/// The slugs in the sitemaps of three places, by their numbers.
fn maps(storage: &Storage) -> Vec<(u64, Vec<String>)> {
    deliver(storage, |d| {
        let numbers = d.filled_maps(3)?;
        numbers
            .into_iter()
            .map(|number| {
                let entries = d.map_entries(number, 3)?;
                let slugs = entries.iter().map(|entry| entry.slug.to_string());
                Ok((number, slugs.collect()))
            })
            .collect()
    })
}

fn expected(maps: &[(u64, &[&str])]) -> Vec<(u64, Vec<String>)> {
    let texts = |slugs: &[&str]| slugs.iter().map(|slug| (*slug).to_owned()).collect();
    maps.iter()
        .map(|(number, slugs)| (*number, texts(slugs)))
        .collect()
}

#[test]
fn each_article_keeps_its_place_in_the_sitemaps_whatever_comes_and_goes() {
    for database in stores() {
        let storage = &database.storage;
        assert_eq!(maps(storage), []);
        let words = ["a", "b", "c", "d", "e", "f", "g"];
        let articles: Vec<_> = (1..).zip(words).map(|(id, word)| article(id, word)).collect();
        for (article, first) in articles.iter().zip(1..) {
            storage
                .write_blocking(|repo| repo.insert_article(article))
                .unwrap();
            show(storage, article, first);
        }
        let whole: [(u64, &[&str]); 3] = [(1, &["a", "b", "c"]), (2, &["d", "e", "f"]), (3, &["g"])];
        assert_eq!(maps(storage), expected(&whole));
        // Publishing again, or with another date, moves nothing.
        show(storage, &articles[1], 99);
        assert_eq!(maps(storage), expected(&whole));

        let mut unlisted = articles[4].clone();
        unlisted.seo.no_index = true;
        show(storage, &unlisted, 5);
        hide(storage, &articles[0]);
        assert_eq!(
            maps(storage),
            expected(&[(1, &["b", "c"]), (2, &["d", "f"]), (3, &["g"])])
        );
        hide(storage, &articles[3]);
        hide(storage, &articles[5]);
        // An empty one is none, and others do not get its places.
        assert_eq!(maps(storage), expected(&[(1, &["b", "c"]), (3, &["g"])]));
        show(storage, &articles[4], 5);
        show(storage, &articles[0], 1);
        assert_eq!(
            maps(storage),
            expected(&[(1, &["b", "c"]), (3, &["g", "e", "a"])])
        );
        deliver(storage, |d| {
            assert_eq!(d.map_entries(2, 3)?, []);
            assert_eq!(d.map_entries(u64::MAX, 9_999)?, []);
            let news = d.news_entries(at(5), 10)?;
            let news: Vec<_> = news.iter().map(|entry| entry.slug.to_string()).collect();
            assert_eq!(news, ["b", "g", "e"]);
            Ok(())
        });
    }
}

#[test]
fn what_was_published_before_there_were_places_gets_them_in_order() {
    for database in stores() {
        let storage = &database.storage;
        for (id, (word, first)) in (1..).zip([("late", 9), ("early", 3), ("unlisted", 5), ("between", 6)]) {
            let mut article = article(id, word);
            article.seo.no_index = word == "unlisted";
            article.seo.title = Some("\"no_index\":true".to_owned());
            storage
                .write_blocking(|repo| repo.insert_article(&article))
                .unwrap();
            show(storage, &article, first);
        }
        while !storage.revert_last().unwrap().unwrap().contains("map_entries") {}
        storage.migrate().unwrap();
        assert_eq!(maps(storage), expected(&[(1, &["early", "between", "late"])]));
    }
}
