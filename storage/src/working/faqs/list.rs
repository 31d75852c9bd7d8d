//! The list of all FAQs.

use diesel::prelude::*;
use masthead_domain::faq::{Faq, FaqStatus};
use masthead_domain::locale::Locale;
use masthead_domain::page::{Page, PageRequest, Position, SortValue};
use masthead_domain::repository::{FaqFilter, WorkingSort};
use masthead_domain::slug::Slug;

use super::row::FaqRow;
use super::with_tags;
use crate::connection::{Connection, on_engine};
use crate::error::Failure;
use crate::keyset::{Keyset, load_page, sorted_by};
use crate::row::containing;
use crate::schema::{faq_tags, faqs, tags};

pub(super) fn list(
    connection: &mut Connection,
    filter: &FaqFilter,
    request: &PageRequest<WorkingSort>,
) -> Result<Page<Faq>, Failure> {
    let keyset = Keyset::new(request, sort_column, sorted_by!(faqs::id))?;
    let (rows, total) = load(connection, filter, request, &keyset)?;
    let faqs = with_tags(connection, rows)?;
    Ok(keyset.page(faqs, total, |faq| position(faq, request)))
}

fn load(
    connection: &mut Connection,
    filter: &FaqFilter,
    request: &PageRequest<WorkingSort>,
    keyset: &Keyset,
) -> Result<(Vec<FaqRow>, Option<i64>), Failure> {
    let status = filter.status.map(FaqStatus::as_str);
    let locale = filter.locale.as_ref().map(Locale::as_str);
    let tag = filter.tag.as_ref().map(Slug::as_str);
    let pattern = filter.text.as_deref().map(containing);
    on_engine!(connection, |c| load_page!(
        c,
        faqs,
        request,
        keyset,
        FaqRow,
        || {
            let mut query = faqs::table.filter(faqs::deleted_at.is_null()).into_boxed();
            if let Some(status) = status {
                query = query.filter(faqs::status.eq(status));
            }
            if let Some(locale) = locale {
                query = query.filter(faqs::locale.eq(locale));
            }
            if let Some(slug) = tag {
                let tagged = faq_tags::table
                    .inner_join(tags::table)
                    .filter(tags::slug.eq(slug));
                query = query.filter(faqs::id.eq_any(tagged.select(faq_tags::faq_id)));
            }
            if let Some(pattern) = &pattern {
                query = query.filter(faqs::search_text.like(pattern).escape('\\'));
            }
            query
        }
    ))
}

fn sort_column(field: WorkingSort) -> &'static str {
    match field {
        WorkingSort::UpdatedAt => sorted_by!(faqs::updated_at),
        WorkingSort::CreatedAt => sorted_by!(faqs::created_at),
        WorkingSort::Title => sorted_by!(faqs::question),
    }
}

fn position(faq: &Faq, request: &PageRequest<WorkingSort>) -> Position {
    let value = |field| match field {
        WorkingSort::UpdatedAt => SortValue::Instant(faq.updated_at),
        WorkingSort::CreatedAt => SortValue::Instant(faq.created_at),
        WorkingSort::Title => SortValue::Text(faq.question.clone()),
    };
    Position {
        values: request.sort.iter().map(|key| value(key.field)).collect(),
        id: faq.id.uuid(),
        as_of: None,
    }
}
