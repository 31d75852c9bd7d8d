//! Each check with what it finds and what it leaves alone.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Words;
use super::*;
use crate::article::{Article, Cover};
use crate::clock::Instant;
use crate::history::samples;
use crate::locale::Locale;
use crate::section::SectionContent;
use crate::slug::Slug;

fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(seconds, 0).unwrap()
}

fn look_with(article: &Article, levels: &Levels, site: Option<&SiteAddress>) -> Vec<Finding> {
    let target = |locale: &str, slug: &str| (Locale::parse(locale).unwrap(), Slug::parse(slug).unwrap());
    let targets = BTreeMap::from([
        (target("en", "tides"), Standing::Published),
        (target("en", "draft"), Standing::Unpublished),
    ]);
    super::article(
        ArticleSubject {
            article,
            faqs: &[],
            texts: &Texts::of_article(article, &[]),
            site,
            targets: &targets,
            at: at(1_000),
            is_slug_taken: false,
        },
        levels,
    )
}

fn look(article: &Article) -> Vec<(Check, String)> {
    let found = look_with(article, &Levels::default(), None);
    found
        .into_iter()
        .map(|found| (found.check, found.pointer))
        .collect()
}

fn sound(bodies: &[&str]) -> Article {
    let mut article = samples::article(bodies);
    article.title = "A title".into();
    article.dek = Some("A line.".into());
    article.cover = None;
    article
}

#[test]
fn a_sound_article_has_nothing_to_be_said_of() {
    assert_eq!(look(&sound(&["The sea is never still.", "It never was."])), []);
}

#[test]
fn what_is_missing_is_told_with_its_place() {
    let mut article = sound(&[
        "<!-- to do -->",
        "![](chart.png) and ![A chart](b.png).\n\n##\n\nWords.",
    ]);
    article.dek = None;
    article.cover = Some(Cover {
        url: "/a.jpg".into(),
        alt: None,
        caption: None,
        credit: None,
    });
    let found: BTreeSet<_> = look(&article).into_iter().collect();
    let expected = [
        (Check::MissingDek, "/dek"),
        (Check::MissingAlt, "/cover/alt"),
        (Check::EmptySection, "/sections/0/body"),
        (Check::MissingAlt, "/sections/1/body"),
        (Check::EmptyHeading, "/sections/1/body"),
    ];
    let expected: BTreeSet<_> = expected.map(|(check, at)| (check, at.to_owned())).into();
    assert_eq!(found, expected);
    // An empty description says that a picture is decoration.
    article.cover.as_mut().unwrap().alt = Some(String::new());
    assert!(!look(&article).iter().any(|(_, at)| at == "/cover/alt"));
}

#[test]
fn a_picture_of_a_section_is_described_or_said_to_be_decoration() {
    let mut article = sound(&["One."]);
    let picture = |alt: Option<&str>| SectionContent::Image {
        image: "/a.jpg".into(),
        alt: alt.map(str::to_owned),
        caption: None,
        credit: None,
    };
    article.sections[0].content = picture(None);
    assert_eq!(
        look(&article),
        [(Check::MissingAlt, "/sections/0/alt".to_owned())]
    );
    for said in ["", "The sea"] {
        article.sections[0].content = picture(Some(said));
        assert_eq!(look(&article), []);
    }
}

#[test]
fn the_same_heading_twice_is_told_at_the_second() {
    let mut article = sound(&["One.", "Two."]);
    for section in &mut article.sections {
        section.heading.as_mut().unwrap().text = "The  Sea".into();
    }
    article.sections[1].heading.as_mut().unwrap().text = "the *sea*".into();
    assert_eq!(
        look(&article),
        [(Check::DuplicateHeading, "/sections/1/heading".to_owned())]
    );
}

#[test]
fn what_search_engines_cut_off_is_told_by_characters() {
    let mut article = sound(&["One."]);
    article.title = "ä".repeat(60);
    article.dek = Some("ö".repeat(160));
    assert_eq!(look(&article), []);
    article.title.push('x');
    article.dek.as_mut().unwrap().push('x');
    assert_eq!(
        look(&article),
        [
            (Check::LongTitle, "/title".to_owned()),
            (Check::LongDescription, "/dek".to_owned())
        ]
    );
    article.seo.title = Some("Short".into());
    article.seo.description = Some("Short.".into());
    assert_eq!(look(&article), []);
}

#[test]
fn links_lead_somewhere_that_readers_see() {
    let site = SiteAddress {
        url: Some("https://example.org".into()),
        default_locale: Locale::parse("en").unwrap(),
    };
    let text = "[a](/tides) [b](https://example.org/draft) [c](/nowhere?x#y) [d](https://other.org/nowhere) \
                [e](#two) [f](#gone) [g](/tides) [h](/nowhere?x#y) [i](/en/tides) [j](mailto:a@example.org) [k](#) \
                with a note[^1].\n\n[^1]: Here.";
    let mut article = sound(&[text, "Two."]);
    article.sections[1].heading.as_mut().unwrap().anchor = "two".into();
    let found = look_with(&article, &Levels::default(), Some(&site));
    let told: Vec<_> = found
        .iter()
        .map(|found| (found.check, found.message.split('`').nth(1).unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            (Check::UnpublishedLink, "https://example.org/draft"),
            (Check::BrokenLink, "/nowhere?x#y"),
            (Check::BrokenLink, "#gone"),
        ]
    );
    assert!(found.iter().all(|found| found.pointer == "/sections/0/body"));
}

#[test]
fn a_site_turns_checks_off_and_up() {
    let mut article = sound(&["One."]);
    article.dek = None;
    article.title = "x".repeat(80);
    let levels = Levels(BTreeMap::from([
        (Check::MissingDek, Level::Error),
        (Check::LongTitle, Level::Off),
    ]));
    let found = look_with(&article, &levels, None);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].check, found[0].severity),
        (Check::MissingDek, Severity::Error)
    );
    assert!(!is_ok(&found));
    assert!(is_ok(&look_with(&article, &Levels::default(), None)));
}

#[test]
fn moments_that_cannot_all_be_kept_are_an_error() {
    let mut article = sound(&["One."]);
    article.unpublish_at = Some(at(1_001));
    assert_eq!(look(&article), []);
    article.unpublish_at = Some(at(1_000));
    let found = look_with(&article, &Levels::default(), None);
    assert_eq!(
        (found[0].check, found[0].severity),
        (Check::DateConflict, Severity::Error)
    );
}

#[test]
fn no_more_is_told_than_somebody_reads_and_errors_come_first() {
    let body = "![](a.png)\n\n".repeat(150);
    let mut article = sound(&[&body, " ", "One."]);
    article.unpublish_at = Some(at(1));
    let found = look_with(&article, &Levels::default(), None);
    assert_eq!(found.len(), FINDINGS);
    assert_eq!(found[0].check, Check::DateConflict);
}

fn pairs(texts: &[&str]) -> Vec<String> {
    let mut words = Words::default();
    for text in texts {
        words.take(text, false);
    }
    let pairs = words.pairs();
    pairs
        .iter()
        .map(|pair| format!("{} {}", pair.rare, pair.usual))
        .collect()
}

#[test]
fn a_name_that_is_spelled_in_two_ways_is_found() {
    for (texts, expected) in [
        // A minister's name as a page once had it, with and without the mark of possession.
        (
            &[
                "The visit of Antony Blinken matters. Antony Blinken's visit is long.",
                "Later Antony Blinker's visit ended.",
            ][..],
            "Blinker Blinken",
        ),
        (
            &[
                "We met Ada Lovelace in May.",
                "It was Ada Lovelcae who wrote it; Ada Lovelace did.",
            ],
            "Lovelcae Lovelace",
        ),
        (
            &[
                "The town of Reykjavik is small.",
                "We left Reykjavik; then Reykjavk slept.",
            ],
            "Reykjavk Reykjavik",
        ),
        (
            &["They asked Zoë Müller, and Zoë Müler said no. Then Zoë Müller left."],
            "Müler Müller",
        ),
        (
            &["Said Jon Phillips: no. We asked Jon Philips, and Jon Phillips said yes."],
            "Philips Phillips",
        ),
    ] {
        assert_eq!(pairs(texts), [expected], "{texts:?}");
    }
}

#[test]
fn words_that_are_a_letter_apart_are_mostly_two_words() {
    for text in [
        "The United States and the State of Ohio, in the United States.",
        "In North Korea the North Korean people speak Korean, as in Korea.",
        "These are there. There were these. Where there is one, Then it goes; When it went, We knew.",
        "He met Anna and Hanna. Anna saw Hanna; then Maria, and Marie, left.",
        "In Iran and in Iraq. From Iraq to Iran.",
        "A German in Germany met Germans. The Germany of today.",
        "We saw the Form of the Farm, and a form of a farm.",
        "The Smiths met Smith, and Smith's wife met the Smiths' son.",
        "The NATO and the NASA, iPhone and iPhones, B2B and B2C.",
        "In March we march. The Women met a Woman. Analysis and Analyses of the Analysis.",
        "Monday, then Sunday. In June and in July. Peter met Petra, and Petra met Peter.",
        "See https://example.org/Blinken and Blinker@example.org for Blinken.",
    ] {
        assert_eq!(pairs(&[text]), [""; 0], "{text}");
    }
}

#[test]
fn an_index_of_names_is_looked_over_in_reasonable_time() {
    let names: Vec<_> = (0..20_000)
        .map(|n| format!("Name{}", "abcdefghij".repeat(n % 7) + &"x".repeat(n % 13)))
        .collect();
    let letters = |n: usize| {
        (0..6)
            .map(|at| char::from(b'a' + u8::try_from(n / 26_usize.pow(at) % 26).unwrap()))
            .collect::<String>()
    };
    let many: Vec<_> = (0..20_000).map(|n| format!("and N{}", letters(n * 37))).collect();
    let mut words = Words::default();
    words.take(&names.join(" "), false);
    words.take(&many.join(" "), false);
    assert!(words.pairs().len() <= 10);
}
