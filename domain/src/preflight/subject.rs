//! The checks, one by one.

use std::collections::{BTreeMap, BTreeSet};

use super::addresses::{SiteAddress, Standing, Target};
use super::names::Words;
use super::{Check, DESCRIPTION, Finding, Findings, Levels, TITLE};
use crate::article::Article;
use crate::clock::Instant;
use crate::faq::Faq;
use crate::rendering::{self, Anatomy, inline_text};
use crate::section::SectionContent;

/// An article with what has to be known to look over it.
#[derive(Debug, Clone, Copy)]
pub struct ArticleSubject<'a> {
    /// The working copy.
    pub article: &'a Article,
    /// Its FAQs, in order.
    pub faqs: &'a [Faq],
    /// The texts of both.
    pub texts: &'a Texts,
    /// Where the site is.
    pub site: Option<&'a SiteAddress>,
    /// How the articles stand that it links to; one that is not there does not exist.
    pub targets: &'a BTreeMap<Target, Standing>,
    /// The moment from which readers would see it.
    pub at: Instant,
    /// Whether something else has its slug.
    pub is_slug_taken: bool,
}

/// A Markdown text with its place.
#[derive(Debug)]
struct Text {
    pointer: String,
    anatomy: Anatomy,
    ids: BTreeSet<String>,
}

impl Text {
    fn new(pointer: String, markdown: &str) -> Self {
        let (anatomy, ids) = rendering::anatomy(markdown);
        Self {
            pointer,
            anatomy,
            ids,
        }
    }
}

/// The texts of an article or FAQ, taken apart.
#[derive(Debug)]
pub struct Texts(Vec<Text>);

impl Texts {
    /// Of an article with its FAQs.
    #[must_use]
    pub fn of_article(article: &Article, faqs: &[Faq]) -> Self {
        let bodies = article.sections.iter().enumerate();
        let bodies = bodies.filter_map(|(at, section)| {
            let body = section.content.body()?;
            Some(Text::new(format!("/sections/{at}/body"), body))
        });
        let answers = faqs.iter().enumerate();
        let answers = answers.map(|(at, faq)| Text::new(format!("/faqs/{at}/answer"), &faq.answer));
        Self(bodies.chain(answers).collect())
    }

    /// Of a FAQ.
    #[must_use]
    pub fn of_faq(faq: &Faq) -> Self {
        Self(vec![Text::new("/answer".to_owned(), &faq.answer)])
    }

    /// The articles of this site that they link to.
    #[must_use]
    pub fn targets(&self, site: Option<&SiteAddress>) -> BTreeSet<Target> {
        let Some(site) = site else { return BTreeSet::new() };
        let links = self.0.iter().flat_map(|text| &text.anatomy.links);
        links.filter_map(|link| site.article_at(link)).collect()
    }
}

/// Looks an article over. Pure: what it says depends on nothing but what it is given.
#[must_use]
pub fn article(subject: ArticleSubject<'_>, levels: &Levels) -> Vec<Finding> {
    let mut findings = Findings::new(levels);
    let texts = &subject.texts.0;
    head(&mut findings, subject.article);
    dates(&mut findings, subject);
    pictures(&mut findings, subject.article);
    headings(&mut findings, subject.article);
    sections(&mut findings, subject.article);
    for (at, faq) in subject.faqs.iter().enumerate() {
        answer(&mut findings, &format!("/faqs/{at}/answer"), &faq.answer);
    }
    for text in texts {
        parts(&mut findings, text);
    }
    let anchors = anchors(subject, texts);
    links(
        &mut findings,
        texts,
        Some(&anchors),
        subject.site,
        subject.targets,
    );
    if findings.wants(Check::SimilarNames) {
        names(&mut findings, subject.article, subject.faqs);
    }
    findings.finish()
}

/// Looks a FAQ over.
#[must_use]
pub fn faq(
    faq: &Faq,
    texts: &Texts,
    (site, targets): (Option<&SiteAddress>, &BTreeMap<Target, Standing>),
    is_slug_taken: bool,
    levels: &Levels,
) -> Vec<Finding> {
    let mut findings = Findings::new(levels);
    if is_slug_taken {
        findings.add(Check::SlugTaken, "/slug", taken(faq.slug.as_str()));
    }
    answer(&mut findings, "/answer", &faq.answer);
    for text in &texts.0 {
        parts(&mut findings, text);
    }
    // On which page it stands, and what else is there, is not known.
    links(&mut findings, &texts.0, None, site, targets);
    let mut words = Words::default();
    words.take(&faq.question, false);
    words.take(&rendering::plain_text(&faq.answer), false);
    for pair in words.pairs() {
        let message = said(&pair);
        findings.add(
            Check::SimilarNames,
            place_of(&faq.answer, &pair.rare, "/answer", "/question"),
            message,
        );
    }
    findings.finish()
}

fn taken(slug: &str) -> String {
    format!("Something else has the slug `{slug}`, or readers know it by that; give this another.")
}

fn head(findings: &mut Findings<'_>, article: &Article) {
    if article.dek.as_deref().is_none_or(|dek| dek.trim().is_empty()) {
        let message = "There is no line under the headline; lists, feeds and search engines show it.";
        findings.add(Check::MissingDek, "/dek", message);
    }
    let (pointer, title) = match &article.seo.title {
        Some(title) => ("/seo/title", title),
        None => ("/title", &article.title),
    };
    let length = title.chars().count();
    if length > TITLE {
        let message = format!(
            "The title has {length} characters; search engines show about {TITLE}. A shorter one can stand in `seo.title`."
        );
        findings.add(Check::LongTitle, pointer, message);
    }
    let description = match (&article.seo.description, &article.dek) {
        (Some(description), _) => Some(("/seo/description", description)),
        (None, dek) => dek.as_ref().map(|dek| ("/dek", dek)),
    };
    if let Some((pointer, description)) = description {
        let length = description.chars().count();
        if length > DESCRIPTION {
            let message = format!(
                "The description has {length} characters; search engines show about {DESCRIPTION}. A shorter one can \
                 stand in `seo.description`."
            );
            findings.add(Check::LongDescription, pointer, message);
        }
    }
}

fn dates(findings: &mut Findings<'_>, subject: ArticleSubject<'_>) {
    let article = subject.article;
    if subject.is_slug_taken {
        findings.add(Check::SlugTaken, "/slug", taken(article.slug.as_str()));
    }
    if article.unpublish_at.is_some_and(|end| end <= subject.at) {
        let message = "It is to be taken away before readers would see it; set another moment, or none.";
        findings.add(Check::DateConflict, "/unpublish_at", message);
    }
}

fn undescribed(what: &str) -> String {
    format!("{what} has no `alt`: say what it shows, for those who do not see it.")
}

fn pictures(findings: &mut Findings<'_>, article: &Article) {
    let nobody_said = |alt: &Option<String>| alt.is_none();
    if article
        .cover
        .as_ref()
        .is_some_and(|cover| nobody_said(&cover.alt))
    {
        findings.add(Check::MissingAlt, "/cover/alt", undescribed("The cover"));
    }
    if article
        .seo
        .image
        .as_ref()
        .is_some_and(|image| nobody_said(&image.alt))
    {
        findings.add(
            Check::MissingAlt,
            "/seo/image/alt",
            undescribed("The picture for link previews"),
        );
    }
    for (at, section) in article.sections.iter().enumerate() {
        if let SectionContent::Image { alt: None, .. } = &section.content {
            findings.add(
                Check::MissingAlt,
                format!("/sections/{at}/alt"),
                undescribed("The picture"),
            );
        }
    }
}

fn headings(findings: &mut Findings<'_>, article: &Article) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (at, section) in article.sections.iter().enumerate() {
        let Some(heading) = &section.heading else { continue };
        let words = inline_text(&heading.text).to_lowercase();
        let pointer = format!("/sections/{at}/heading");
        if words.is_empty() {
            findings.add(Check::EmptyHeading, pointer, "This heading has no words.");
        } else if let Some(first) = seen.get(&words) {
            let message = format!(
                "Section {} has the same heading; readers of the contents cannot tell them apart.",
                first + 1
            );
            findings.add(Check::DuplicateHeading, pointer, message);
        } else {
            seen.insert(words, at);
        }
    }
}

fn sections(findings: &mut Findings<'_>, article: &Article) {
    for (at, section) in article.sections.iter().enumerate() {
        let empty = section
            .content
            .body()
            .is_some_and(|body| inline_text(body).is_empty());
        if empty {
            let message = "This section has no words; write some, or take it away.";
            findings.add(Check::EmptySection, format!("/sections/{at}/body"), message);
        }
    }
}

fn answer(findings: &mut Findings<'_>, pointer: &str, markdown: &str) {
    if inline_text(markdown).is_empty() {
        findings.add(Check::EmptyAnswer, pointer, "This question has no answer.");
    }
}

/// What is within a text.
fn parts(findings: &mut Findings<'_>, text: &Text) {
    for url in &text.anatomy.undescribed {
        let message = format!(
            "The picture `{}` has no description: write one between its brackets.",
            cut(url)
        );
        findings.add(Check::MissingAlt, &text.pointer, message);
    }
    if text.anatomy.headings.iter().any(String::is_empty) {
        findings.add(
            Check::EmptyHeading,
            &text.pointer,
            "A heading in this text has no words.",
        );
    }
}

/// Every name on the page that a link can lead to.
fn anchors(subject: ArticleSubject<'_>, texts: &[Text]) -> BTreeSet<String> {
    let mut anchors: BTreeSet<String> = BTreeSet::new();
    let sections = subject.article.sections.iter();
    anchors.extend(sections.flat_map(|section| section.anchors().map(str::to_owned)));
    for faq in subject.faqs {
        anchors.insert(crate::published::anchor(&faq.slug));
        anchors.insert(faq.slug.to_string());
    }
    // Ids within a text get the name of the text in front.
    anchors.extend(texts.iter().flat_map(|text| text.ids.iter().cloned()));
    anchors
}

fn links(
    findings: &mut Findings<'_>,
    texts: &[Text],
    anchors: Option<&BTreeSet<String>>,
    site: Option<&SiteAddress>,
    targets: &BTreeMap<Target, Standing>,
) {
    for text in texts {
        let mut told = BTreeSet::new();
        for link in &text.anatomy.links {
            if !told.insert(link) {
                continue;
            }
            if let Some(fragment) = link.strip_prefix('#') {
                let is_there = |anchors: &BTreeSet<String>| {
                    anchors.contains(fragment)
                        || anchors.iter().any(|id| fragment.ends_with(&format!("-{id}")))
                };
                if !fragment.is_empty() && anchors.is_some_and(|anchors| !is_there(anchors)) {
                    let message = format!("The link `{}` leads to no place on this page.", cut(link));
                    findings.add(Check::BrokenLink, &text.pointer, message);
                }
                continue;
            }
            let Some(target) = site.and_then(|site| site.article_at(link)) else {
                continue;
            };
            match targets.get(&target) {
                Some(Standing::Published) => {}
                Some(Standing::Unpublished) => {
                    let message = format!(
                        "The link `{}` leads to an article that readers do not see.",
                        cut(link)
                    );
                    findings.add(Check::UnpublishedLink, &text.pointer, message);
                }
                None => {
                    let message = format!(
                        "The link `{}` leads to no article: there is none with the slug `{}` in `{}`.",
                        cut(link),
                        target.1,
                        target.0
                    );
                    findings.add(Check::BrokenLink, &text.pointer, message);
                }
            }
        }
    }
}

fn names(findings: &mut Findings<'_>, article: &Article, faqs: &[Faq]) {
    let mut words = Words::default();
    words.take(&article.title, true);
    words.take(article.dek.as_deref().unwrap_or_default(), false);
    for section in &article.sections {
        if let Some(heading) = &section.heading {
            words.take(&heading.text, true);
        }
        if let Some(body) = section.content.body() {
            words.take(&rendering::plain_text(body), false);
        }
    }
    for faq in faqs {
        words.take(&faq.question, false);
        words.take(&rendering::plain_text(&faq.answer), false);
    }
    for pair in words.pairs() {
        let pointer = place(article, faqs, &pair.rare);
        findings.add(Check::SimilarNames, pointer, said(&pair));
    }
}

fn said(pair: &super::names::Pair) -> String {
    format!(
        "`{}` ({} times) and `{}` ({} times) differ by one letter: is this one name?",
        pair.rare, pair.rare_count, pair.usual, pair.usual_count
    )
}

/// Where a word stands first.
fn place(article: &Article, faqs: &[Faq], word: &str) -> String {
    if article.title.contains(word) {
        return "/title".to_owned();
    }
    if article.dek.as_deref().is_some_and(|dek| dek.contains(word)) {
        return "/dek".to_owned();
    }
    for (at, section) in article.sections.iter().enumerate() {
        if section
            .heading
            .as_ref()
            .is_some_and(|heading| heading.text.contains(word))
        {
            return format!("/sections/{at}/heading");
        }
        if section.content.body().is_some_and(|body| body.contains(word)) {
            return format!("/sections/{at}/body");
        }
    }
    let found = faqs.iter().enumerate().find_map(|(at, faq)| {
        let (question, answer) = (format!("/faqs/{at}/question"), format!("/faqs/{at}/answer"));
        if faq.question.contains(word) {
            return Some(question);
        }
        faq.answer.contains(word).then_some(answer)
    });
    found.unwrap_or_default()
}

fn place_of(text: &str, word: &str, here: &str, otherwise: &str) -> String {
    if text.contains(word) { here } else { otherwise }.to_owned()
}

/// A link as far as a message shows it.
fn cut(link: &str) -> String {
    const SHOWN: usize = 100;
    if link.chars().count() <= SHOWN {
        return link.to_owned();
    }
    link.chars().take(SHOWN).chain(['…']).collect()
}
