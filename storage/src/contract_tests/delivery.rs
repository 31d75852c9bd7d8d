//! What readers see, from the side that writes it and the side that reads it.

use super::*;
use masthead_domain::article::{Byline, BylineRole};
use masthead_domain::published::{
    ArticleQuery, ArticleSort, Edition, EditionLinks, FaqLinks, FaqQuery, FaqSort, NameSort,
    PublishedAuthorQuery, PublishedFaq, PublishedTagQuery, TagFilter,
};
use masthead_domain::repository::{Delivery, Seen};
use masthead_domain::story::Languages;

pub(super) fn deliver<T>(
    storage: &Storage,
    f: impl FnOnce(&mut dyn Delivery) -> masthead_domain::Result<T>,
) -> T {
    crate::transaction::read(&storage.pools.reading, |connection| {
        f(&mut crate::delivery::Window { connection })
    })
    .unwrap()
}

fn any(slugs: &[&str]) -> TagFilter {
    TagFilter {
        any: Some(slugs.iter().map(|word| slug(word)).collect()),
        ..TagFilter::default()
    }
}

/// Publishes an article with all it links to; its FAQ `how` stays a draft.
pub(super) fn published(storage: &Storage) -> (Article, Edition, PublishedFaq) {
    let article = full_article(storage);
    let edition = Edition::render(&article, at(10), at(5));
    let mut why = faq(301, "why");
    why.tags = vec![TagId::from_uuid(uuid(101))];
    let why = PublishedFaq::render(&why, at(11), at(6));
    storage
        .write_blocking(|repo| {
            repo.put_edition(&edition)?;
            repo.put_published_faqs(std::slice::from_ref(&why))?;
            for id in &article.tags {
                let tag = repo.tag(*id)?.unwrap();
                repo.put_published_tag(&tag)?;
            }
            for id in [201, 202] {
                let author = repo.author(AuthorId::from_uuid(uuid(id)))?.unwrap();
                repo.put_published_author(&author)?;
            }
            Ok(())
        })
        .unwrap();
    (article, edition, why)
}

#[test]
fn an_edition_is_read_with_all_its_parts() {
    for database in stores() {
        let storage = &database.storage;
        let (article, edition, why) = published(storage);
        let id = article.id;
        deliver(storage, |d| {
            assert_eq!(d.article(id)?.as_ref(), Some(&edition.article));
            assert_eq!(d.article(ArticleId::from_uuid(uuid(9)))?, None);
            assert_eq!(d.sections_of(&[id])?[&id], edition.sections);
            let bylines = d.bylines_of(&[id])?;
            let names: Vec<_> = bylines[&id]
                .iter()
                .map(|b| (b.author.slug.as_str(), b.role))
                .collect();
            let expected = [
                ("bob", BylineRole::Writer),
                ("ada", BylineRole::Editor),
                ("bob", BylineRole::Photographer),
            ];
            assert_eq!(names, expected);
            assert_eq!(d.tags_of(&[id])?[&id], [tag(102, "moon"), tag(101, "sea")]);
            assert_eq!(d.faqs_of(&[id])?[&id], std::slice::from_ref(&why));
            assert_eq!(d.faq(why.id)?.as_ref(), Some(&why));
            assert_eq!(d.tags_of_faqs(&[why.id])?[&why.id], [tag(101, "sea")]);
            assert!(d.sections_of(&[])?.is_empty());
            let sea = d.tag(&slug("sea"))?.unwrap();
            assert_eq!((sea.tag, sea.articles_count), (tag(101, "sea"), 1));
            let bob = d.author(&slug("bob"))?.unwrap();
            assert_eq!((bob.author, bob.articles_count), (author(202, "bob"), 1));
            assert_eq!(d.author(&slug("nobody"))?, None);
            Ok(())
        });
    }
}

#[test]
fn lists_show_and_count_what_is_published_alone() {
    for database in stores() {
        let storage = &database.storage;
        let (_, edition, why) = published(storage);
        deliver(storage, |d| {
            let page = sorted(ArticleSort::PublishedAt, Direction::Descending, 5);
            for (query, found) in [
                (ArticleQuery::default(), 1),
                (
                    ArticleQuery {
                        tags: any(&["moon"]),
                        ..ArticleQuery::default()
                    },
                    1,
                ),
                (
                    ArticleQuery {
                        tags: any(&["other"]),
                        ..ArticleQuery::default()
                    },
                    0,
                ),
                (
                    ArticleQuery {
                        authors: Some(vec![slug("bob")]),
                        ..ArticleQuery::default()
                    },
                    1,
                ),
                (
                    ArticleQuery {
                        kind: Some(ArticleKind::Page),
                        ..ArticleQuery::default()
                    },
                    0,
                ),
                (
                    ArticleQuery {
                        languages: Some(Languages::new([locale("en")])),
                        ..ArticleQuery::default()
                    },
                    1,
                ),
            ] {
                let page = d.articles(&query, &page)?;
                assert_eq!(
                    (page.items.len(), page.total),
                    (found, Some(found as u64)),
                    "{query:?}"
                );
            }
            for field in ArticleSort::ALL {
                let page = sorted(*field, Direction::Ascending, 5);
                assert_eq!(
                    d.articles(&ArticleQuery::default(), &page)?.items,
                    std::slice::from_ref(&edition.article)
                );
            }
            for field in FaqSort::ALL {
                let page = sorted(*field, Direction::Ascending, 5);
                let query = FaqQuery {
                    tags: any(&["sea"]),
                    locale: Some(locale("en")),
                    ..FaqQuery::default()
                };
                assert_eq!(d.faqs(&query, &page)?.items, std::slice::from_ref(&why));
            }
            for field in NameSort::ALL {
                let page = sorted(*field, Direction::Descending, 1);
                let tags = d.tags(&PublishedTagQuery::default(), &page)?;
                assert_eq!((tags.items[0].tag.slug.as_str(), tags.total), ("sea", Some(2)));
                assert!(tags.next.is_some());
                let authors = d.authors(&PublishedAuthorQuery::default(), &page)?;
                assert_eq!(
                    (authors.items[0].author.slug.as_str(), authors.total),
                    ("bob", Some(2))
                );
            }
            let places = PublishedTagQuery {
                kind: Some("place".into()),
                ..PublishedTagQuery::default()
            };
            assert_eq!(
                d.tags(&places, &sorted(NameSort::Name, Direction::Ascending, 9))?
                    .total,
                Some(0)
            );
            Ok(())
        });
    }
}

#[test]
fn a_slug_is_looked_for_in_the_locale_then_the_default_then_any() {
    for database in stores() {
        let storage = &database.storage;
        for (number, language) in [(1, "fr"), (2, "de"), (3, "en")] {
            let mut article = article(number, "tides");
            article.locale = locale(language);
            let edition = Edition::render(&article, at(1), at(1));
            storage
                .write_blocking(|repo| {
                    repo.insert_article(&article)
                        .and_then(|()| repo.put_edition(&edition))
                })
                .unwrap();
        }
        let found = |wanted: Option<&str>, default: &str| {
            let wanted = wanted.map(locale);
            let found = deliver(storage, |d| {
                d.article_by_slug(&slug("tides"), wanted.as_ref(), &locale(default))
            });
            found.map(|article| article.locale.as_str().to_owned())
        };
        assert_eq!(found(Some("fr"), "en").as_deref(), Some("fr"));
        assert_eq!(found(Some("es"), "en"), None);
        assert_eq!(found(None, "en").as_deref(), Some("en"));
        assert_eq!(found(None, "es").as_deref(), Some("de"));
    }
}

#[test]
fn a_new_edition_replaces_the_one_before() {
    for database in stores() {
        let storage = &database.storage;
        let (article, ..) = published(storage);
        let links = || {
            storage
                .read_blocking(|repo| repo.edition_links(article.id))
                .unwrap()
        };
        let [bob, ada] = [article.authors[0].author_id, article.authors[1].author_id];
        let expected = EditionLinks {
            slug: article.slug.clone(),
            locale: article.locale.clone(),
            story: article.story_id(),
            tags: article.tags.clone(),
            authors: vec![bob, ada, bob],
        };
        assert_eq!(links(), Some(expected));
        let mut next = article.clone();
        next.slug = slug("new-tides");
        next.dek = None;
        next.cover = None;
        next.tags.truncate(1);
        next.authors = vec![Byline {
            author_id: ada,
            role: BylineRole::Writer,
        }];
        next.faqs.clear();
        next.sections.truncate(1);
        let edition = Edition::render(&next, at(20), at(5));
        storage.write_blocking(|repo| repo.put_edition(&edition)).unwrap();
        let seen = links().unwrap();
        assert_eq!(
            (seen.slug, seen.tags, seen.authors),
            (next.slug.clone(), next.tags.clone(), vec![ada])
        );
        deliver(storage, |d| {
            assert_eq!(d.article(next.id)?, Some(edition.article.clone()));
            assert_eq!(d.sections_of(&[next.id])?[&next.id], edition.sections);
            assert!(d.faqs_of(&[next.id])?.is_empty());
            assert_eq!(d.author(&slug("bob"))?.unwrap().articles_count, 0);
            Ok(())
        });
        let holders = |word| {
            storage
                .read_blocking(|repo| repo.article_slug_holders(&next.locale, &slug(word)))
                .unwrap()
        };
        assert_eq!(holders("tides"), [next.id], "the working copy");
        assert_eq!(holders("new-tides"), [next.id], "what readers see");
    }
}

#[test]
fn what_is_taken_away_leaves_nothing() {
    for database in stores() {
        let storage = &database.storage;
        let (article, _, why) = published(storage);
        let sea = TagId::from_uuid(uuid(101));
        let moon = TagId::from_uuid(uuid(102));
        let bob = AuthorId::from_uuid(uuid(202));
        let links = FaqLinks {
            slug: why.slug.clone(),
            locale: why.locale.clone(),
            tags: vec![sea],
        };
        storage
            .write_blocking(|repo| {
                let stand = |id, carried, published| Seen {
                    id,
                    carried,
                    published,
                };
                let both = [sea, moon].into();
                assert_eq!(
                    repo.tags_seen(&both)?,
                    [stand(sea, true, true), stand(moon, true, true)]
                );
                assert_eq!(
                    repo.authors_seen(&[bob].into())?
                        .first()
                        .map(|bob| (bob.carried, bob.published)),
                    Some((true, true))
                );
                let address = (&why.locale, &why.slug);
                let held = (why.locale.clone(), why.slug.clone(), why.id);
                assert_eq!(repo.faqs_seen_at(&[address])?, [held]);
                assert_eq!(repo.faqs_seen_at(&[(&why.locale, &slug("elsewhere"))])?, []);
                assert_eq!(repo.articles_showing_faqs(&[why.id])?, [(why.id, article.id)]);
                assert_eq!(repo.published_faq_links(why.id)?, Some(links.clone()));
                repo.remove_edition(article.id)?;
                assert_eq!(
                    repo.tags_seen(&both)?,
                    [stand(sea, true, true), stand(moon, false, true)],
                    "the sea by the FAQ"
                );
                assert!(repo.authors_seen(&[bob].into())?.iter().all(|bob| !bob.carried));
                assert_eq!(repo.remove_published_faq(why.id)?, Some(links.clone()));
                assert_eq!(repo.remove_published_faq(why.id)?, None);
                assert_eq!(repo.tags_seen(&[sea].into())?, [stand(sea, false, true)]);
                repo.remove_published_tag(sea)?;
                repo.remove_published_author(bob)?;
                assert!(!repo.is_tag_published(sea)? && !repo.is_author_published(bob)?);
                assert_eq!(repo.edition_links(article.id)?, None);
                Ok(())
            })
            .unwrap();
        deliver(storage, |d| {
            assert_eq!(d.article(article.id)?, None);
            assert!(d.sections_of(&[article.id])?.is_empty() && d.faqs_of(&[article.id])?.is_empty());
            assert_eq!(
                (d.faq(why.id)?, d.tag(&slug("sea"))?, d.author(&slug("bob"))?),
                (None, None, None)
            );
            Ok(())
        });
    }
}

#[test]
fn a_published_slug_and_use_count_beside_the_working_ones() {
    for database in stores() {
        let storage = &database.storage;
        let (before, ..) = published(storage);
        let mut after = before.clone();
        after.revision = 2;
        after.slug = slug("renamed");
        after.tags.clear();
        after.faqs.clear();
        after.authors.clear();
        storage
            .write_blocking(|repo| {
                repo.update_article(&before, &after)?;
                let other = article(2, "tides");
                repo.insert_article(&other)?;
                let mut holders = repo.article_slug_holders(&before.locale, &before.slug)?;
                holders.sort_unstable();
                assert_eq!(holders, [before.id, other.id]);
                assert_eq!(repo.tag_uses(before.tags[0])?.total, 1);
                assert_eq!(repo.faq_uses(before.faqs[0])?.total, 1);
                assert_eq!(repo.author_uses(before.authors[0].author_id)?.total, 1);
                Ok(())
            })
            .unwrap();
    }
}
