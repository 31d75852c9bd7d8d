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
use utoipa_actix_web::scope::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Created, Fresh};

/// Registers the routes; the document is made of the same call.
#[expect(clippy::too_many_lines, reason = "a list, one line a route")]
pub fn configure(config: &mut ServiceConfig<'_>) {
    config.service(
        scope("/management/v1")
            .service(session::login)
            .service(session::refresh_login)
            .service(session::logout)
            .service(session::change_password)
            .service(session::list_sessions)
            .service(session::delete_session)
            .service(session::delete_sessions)
            .service(session::get_jwks)
            .service(session::get_me)
            .service(sign_on::begin_sign_on)
            .service(sign_on::finish_sign_on)
            .service(second_factor::get_second_factor)
            .service(second_factor::begin_second_factor)
            .service(second_factor::confirm_second_factor)
            .service(second_factor::renew_recovery_codes)
            .service(second_factor::disable_second_factor)
            .service(settings::get_preflight_settings)
            .service(settings::set_preflight_settings)
            .service(settings::get_security_settings)
            .service(settings::set_security_settings)
            .service(users::list_users)
            .service(users::create_user)
            .service(users::get_user)
            .service(users::update_user)
            .service(users::delete_user)
            .service(users::suspend_user)
            .service(users::reactivate_user)
            .service(users::set_user_password)
            .service(second_factor::delete_user_second_factor)
            .service(mailing::request_password_reset)
            .service(mailing::confirm_password_reset)
            .service(mailing::request_email_verification)
            .service(mailing::confirm_email_verification)
            .service(mailing::create_invitation)
            .service(mailing::resend_invitation)
            .service(mailing::accept_invitation)
            .service(session::list_user_sessions)
            .service(session::delete_user_sessions)
            .service(api_keys::list_api_keys)
            .service(api_keys::create_api_key)
            .service(api_keys::get_api_key)
            .service(api_keys::update_api_key)
            .service(api_keys::rotate_api_key)
            .service(api_keys::revoke_api_key)
            .service(articles::list_articles)
            .service(articles::create_article)
            .service(articles::get_article)
            .service(articles::put_article)
            .service(articles::update_article)
            .service(articles::delete_article)
            .service(article_links::set_article_faqs)
            .service(article_links::set_article_tags)
            .service(article_links::set_article_authors)
            .service(publishing::publish_article)
            .service(publishing::unpublish_article)
            .service(publishing::schedule_article)
            .service(publishing::unschedule_article)
            .service(reviewing::submit_article)
            .service(reviewing::approve_article)
            .service(reviewing::request_article_changes)
            .service(reviewing::archive_article)
            .service(reviewing::reopen_article)
            .service(sections::set_section_order)
            .service(sections::list_sections)
            .service(sections::create_section)
            .service(sections::get_section)
            .service(sections::update_section)
            .service(sections::delete_section)
            .service(history::list_article_revisions)
            .service(history::get_article_revision)
            .service(history::get_article_diff)
            .service(history::revert_article)
            .service(history::get_article_blame)
            .service(merge::merge_article)
            .service(faq_history::list_faq_revisions)
            .service(faq_history::get_faq_revision)
            .service(faq_history::get_faq_diff)
            .service(faq_history::revert_faq)
            .service(faq_history::get_faq_blame)
            .service(proposals::list_article_proposals)
            .service(proposals::create_article_proposal)
            .service(proposals::list_proposals)
            .service(proposals::get_proposal)
            .service(proposals::accept_proposal)
            .service(proposals::reject_proposal)
            .service(proposals::withdraw_proposal)
            .service(notes::list_article_notes)
            .service(notes::create_article_note)
            .service(notes::list_faq_notes)
            .service(notes::create_faq_note)
            .service(notes::list_notes)
            .service(notes::get_note)
            .service(notes::update_note)
            .service(notes::delete_note)
            .service(notes::create_note_reply)
            .service(notes::resolve_note)
            .service(notes::reopen_note)
            .service(faqs::list_faqs)
            .service(faqs::create_faq)
            .service(faqs::get_faq)
            .service(faqs::update_faq)
            .service(faqs::delete_faq)
            .service(faqs::publish_faq)
            .service(faqs::unpublish_faq)
            .service(tags::list_tags)
            .service(tags::create_tag)
            .service(tags::get_tag)
            .service(tags::update_tag)
            .service(tags::delete_tag)
            .service(tag_merging::merge_tag)
            .service(authors::list_authors)
            .service(authors::create_author)
            .service(authors::get_author)
            .service(authors::update_author)
            .service(authors::delete_author)
            .service(redirects::list_redirects)
            .service(redirects::create_redirect)
            .service(redirects::get_redirect)
            .service(redirects::delete_redirect)
            .service(preview_links::create_preview_link)
            .service(preview_links::list_preview_links)
            .service(preview_links::get_preview_link)
            .service(preview_links::delete_preview_link)
            .service(trash::list_trash)
            .service(trash::get_trash_item)
            .service(trash::restore_trash_item)
            .service(trash::delete_trash_item)
            .service(releases::list_releases)
            .service(releases::create_release)
            .service(releases::get_release)
            .service(releases::update_release)
            .service(releases::delete_release)
            .service(releases::publish_release)
            .service(batch::run_batch)
            .service(audit::export_audit_entries)
            .service(audit::list_audit_entries),
    );
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
