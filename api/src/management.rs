//! The management routes: what editors, scripts and agents read and write.

mod api_keys;
mod article_links;
mod articles;
mod audit;
mod authors;
mod batch;
mod faq_history;
mod faqs;
mod history;
mod mailing;
mod merge;
mod notes;
mod preview_links;
mod proposals;
mod publishing;
mod redirects;
mod releases;
mod reviewing;
mod second_factor;
mod sections;
mod session;
mod settings;
mod sign_on;
mod tag_merging;
mod tags;
mod trash;
mod users;

use masthead_domain::use_cases::reading::{ArticleView, FaqView};
use masthead_openapi::management::{ArticleResponse, FaqResponse, etag};

use crate::answer::{Created, Fresh};
use crate::routes::Routes;

/// Registers the routes; the document is made of the same call.
#[expect(clippy::too_many_lines, reason = "a list, one line a route")]
pub fn routes<R: Routes>(routes: R) -> R {
    routes
        .add(session::login)
        .add(session::refresh_login)
        .add(session::logout)
        .add(session::change_password)
        .add(session::list_sessions)
        .add(session::delete_session)
        .add(session::delete_sessions)
        .add(session::get_jwks)
        .add(session::get_me)
        .add(sign_on::begin_sign_on)
        .add(sign_on::finish_sign_on)
        .add(second_factor::get_second_factor)
        .add(second_factor::begin_second_factor)
        .add(second_factor::confirm_second_factor)
        .add(second_factor::renew_recovery_codes)
        .add(second_factor::disable_second_factor)
        .add(settings::get_preflight_settings)
        .add(settings::set_preflight_settings)
        .add(settings::get_security_settings)
        .add(settings::set_security_settings)
        .add(users::list_users)
        .add(users::create_user)
        .add(users::get_user)
        .add(users::update_user)
        .add(users::delete_user)
        .add(users::suspend_user)
        .add(users::reactivate_user)
        .add(users::set_user_password)
        .add(second_factor::delete_user_second_factor)
        .add(mailing::request_password_reset)
        .add(mailing::confirm_password_reset)
        .add(mailing::request_email_verification)
        .add(mailing::confirm_email_verification)
        .add(mailing::create_invitation)
        .add(mailing::resend_invitation)
        .add(mailing::accept_invitation)
        .add(session::list_user_sessions)
        .add(session::delete_user_sessions)
        .add(api_keys::list_api_keys)
        .add(api_keys::create_api_key)
        .add(api_keys::get_api_key)
        .add(api_keys::update_api_key)
        .add(api_keys::rotate_api_key)
        .add(api_keys::revoke_api_key)
        .add(articles::list_articles)
        .add(articles::create_article)
        .add(articles::get_article)
        .add(articles::put_article)
        .add(articles::update_article)
        .add(articles::delete_article)
        .add(article_links::set_article_faqs)
        .add(article_links::set_article_tags)
        .add(article_links::set_article_authors)
        .add(publishing::publish_article)
        .add(publishing::unpublish_article)
        .add(publishing::schedule_article)
        .add(publishing::unschedule_article)
        .add(reviewing::submit_article)
        .add(reviewing::approve_article)
        .add(reviewing::request_article_changes)
        .add(reviewing::archive_article)
        .add(reviewing::reopen_article)
        .add(sections::set_section_order)
        .add(sections::list_sections)
        .add(sections::create_section)
        .add(sections::get_section)
        .add(sections::update_section)
        .add(sections::delete_section)
        .add(history::list_article_revisions)
        .add(history::get_article_revision)
        .add(history::get_article_diff)
        .add(history::revert_article)
        .add(history::get_article_blame)
        .add(merge::merge_article)
        .add(faq_history::list_faq_revisions)
        .add(faq_history::get_faq_revision)
        .add(faq_history::get_faq_diff)
        .add(faq_history::revert_faq)
        .add(faq_history::get_faq_blame)
        .add(proposals::list_article_proposals)
        .add(proposals::create_article_proposal)
        .add(proposals::list_proposals)
        .add(proposals::get_proposal)
        .add(proposals::accept_proposal)
        .add(proposals::reject_proposal)
        .add(proposals::withdraw_proposal)
        .add(notes::list_article_notes)
        .add(notes::create_article_note)
        .add(notes::list_faq_notes)
        .add(notes::create_faq_note)
        .add(notes::list_notes)
        .add(notes::get_note)
        .add(notes::update_note)
        .add(notes::delete_note)
        .add(notes::create_note_reply)
        .add(notes::resolve_note)
        .add(notes::reopen_note)
        .add(faqs::list_faqs)
        .add(faqs::create_faq)
        .add(faqs::get_faq)
        .add(faqs::update_faq)
        .add(faqs::delete_faq)
        .add(faqs::publish_faq)
        .add(faqs::unpublish_faq)
        .add(tags::list_tags)
        .add(tags::create_tag)
        .add(tags::get_tag)
        .add(tags::update_tag)
        .add(tags::delete_tag)
        .add(tag_merging::merge_tag)
        .add(authors::list_authors)
        .add(authors::create_author)
        .add(authors::get_author)
        .add(authors::update_author)
        .add(authors::delete_author)
        .add(redirects::list_redirects)
        .add(redirects::create_redirect)
        .add(redirects::get_redirect)
        .add(redirects::delete_redirect)
        .add(preview_links::create_preview_link)
        .add(preview_links::list_preview_links)
        .add(preview_links::get_preview_link)
        .add(preview_links::delete_preview_link)
        .add(trash::list_trash)
        .add(trash::get_trash_item)
        .add(trash::restore_trash_item)
        .add(trash::delete_trash_item)
        .add(releases::list_releases)
        .add(releases::create_release)
        .add(releases::get_release)
        .add(releases::update_release)
        .add(releases::delete_release)
        .add(releases::publish_release)
        .add(batch::run_batch)
        .add(audit::export_audit_entries)
        .add(audit::list_audit_entries)
}

fn fresh_article(view: ArticleView) -> Fresh<ArticleResponse> {
    let etag = etag(view.article.id.uuid(), view.article.revision);
    Fresh::revision(view.into(), etag)
}

fn created_article(view: ArticleView) -> Created<ArticleResponse> {
    let etag = etag(view.article.id.uuid(), view.article.revision);
    let location = format!("/management/v1/articles/{}", view.article.id);
    Created::new(view.into(), etag, location)
}

fn fresh_faq(view: FaqView) -> Fresh<FaqResponse> {
    let etag = etag(view.faq.id.uuid(), view.faq.revision);
    Fresh::revision(FaqResponse { data: view.into() }, etag)
}
