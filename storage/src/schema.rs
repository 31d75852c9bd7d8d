//! The tables of the working side; what readers see is declared apart, beside the code that answers them.

mod accounts;

pub(crate) use accounts::*;

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    authors (id) {
        id -> Id,
        slug -> Text,
        name -> Text,
        bio -> Nullable<Text>,
        avatar -> Nullable<Text>,
        links -> Text,
        revision -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    users (id) {
        id -> Id,
        email -> Text,
        name -> Text,
        role -> Text,
        author_id -> Nullable<Id>,
        password_hash -> Text,
        revision -> BigInt,
        suspended_at -> Nullable<Moment>,
        created_at -> Moment,
        updated_at -> Moment,
        deleted_at -> Nullable<Moment>,
        email_verified_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    sessions (id) {
        id -> Id,
        user_id -> Id,
        user_agent -> Text,
        address -> Text,
        created_at -> Moment,
        last_used_at -> Moment,
        expires_at -> Moment,
        ended_at -> Nullable<Moment>,
        ended -> Nullable<Text>,
        restricted -> BigInt,
        external -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable};
    use crate::types::{Id, Moment};

    refresh_tokens (digest) {
        digest -> Binary,
        session_id -> Id,
        expires_at -> Moment,
        used_at -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::{Id, Moment};

    api_keys (id) {
        id -> Id,
        name -> Text,
        prefix -> Text,
        digest -> Binary,
        scopes -> Text,
        addresses -> Text,
        revision -> BigInt,
        created_by -> Text,
        created_at -> Moment,
        updated_at -> Moment,
        last_used_at -> Nullable<Moment>,
        expires_at -> Nullable<Moment>,
        revoked_at -> Nullable<Moment>,
        previous_digest -> Nullable<Binary>,
        previous_until -> Nullable<Moment>,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::types::Moment;

    secrets (name) {
        name -> Text,
        value -> Binary,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::Moment;

    settings (name) {
        name -> Text,
        value -> Text,
        revision -> BigInt,
        updated_at -> Moment,
        updated_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    tags (id) {
        id -> Id,
        slug -> Text,
        name -> Text,
        description -> Nullable<Text>,
        kind -> Text,
        revision -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    articles (id) {
        id -> Id,
        kind -> Text,
        locale -> Text,
        slug -> Text,
        title -> Text,
        dek -> Nullable<Text>,
        excerpt -> Nullable<Text>,
        cover -> Nullable<Text>,
        seo -> Text,
        metadata -> Text,
        words -> BigInt,
        characters -> BigInt,
        status -> Text,
        review -> Text,
        revision -> BigInt,
        published_revision -> Nullable<BigInt>,
        publish_at -> Nullable<Moment>,
        unpublish_at -> Nullable<Moment>,
        published_at -> Nullable<Moment>,
        first_published_at -> Nullable<Moment>,
        created_at -> Moment,
        created_by -> Text,
        updated_at -> Moment,
        updated_by -> Text,
        deleted_at -> Nullable<Moment>,
        deleted_by -> Nullable<Text>,
        search_text -> Text,
        story_id -> Id,
        reviewed -> Nullable<Text>,
        schedule_error -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    sections (id) {
        id -> Id,
        article_id -> Id,
        position -> BigInt,
        kind -> Text,
        heading -> Nullable<Text>,
        level -> Nullable<BigInt>,
        anchor -> Nullable<Text>,
        anchor_aliases -> Text,
        content -> Text,
        revision -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    faqs (id) {
        id -> Id,
        locale -> Text,
        slug -> Text,
        question -> Text,
        answer -> Text,
        status -> Text,
        revision -> BigInt,
        published_revision -> Nullable<BigInt>,
        published_at -> Nullable<Moment>,
        first_published_at -> Nullable<Moment>,
        created_at -> Moment,
        created_by -> Text,
        updated_at -> Moment,
        updated_by -> Text,
        deleted_at -> Nullable<Moment>,
        deleted_by -> Nullable<Text>,
        search_text -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::Id;

    article_tags (article_id, tag_id) {
        article_id -> Id,
        tag_id -> Id,
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::Id;

    article_authors (article_id, position) {
        article_id -> Id,
        author_id -> Id,
        role -> Text,
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::Id;

    article_faqs (article_id, faq_id) {
        article_id -> Id,
        faq_id -> Id,
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::Id;

    faq_tags (faq_id, tag_id) {
        faq_id -> Id,
        tag_id -> Id,
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::{Id, Moment};

    article_revisions (article_id, revision) {
        article_id -> Id,
        revision -> BigInt,
        snapshot -> Text,
        credential -> Text,
        note -> Text,
        created_at -> Moment,
        packed -> Nullable<Binary>,
        base -> Nullable<BigInt>,
        touched -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::{Id, Moment};

    faq_revisions (faq_id, revision) {
        faq_id -> Id,
        revision -> BigInt,
        snapshot -> Text,
        credential -> Text,
        note -> Text,
        created_at -> Moment,
        packed -> Nullable<Binary>,
        base -> Nullable<BigInt>,
        touched -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::Id;

    history_bodies (resource, resource_id, since_seq) {
        resource -> Text,
        resource_id -> Id,
        since_seq -> BigInt,
        body -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::Text;

    filled_through (migration) {
        migration -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;

    log_head (id) {
        id -> BigInt,
        seq -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::types::Moment;

    idempotency_keys (id) {
        id -> Binary,
        credential -> Text,
        request -> Binary,
        answer -> Nullable<Binary>,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::{Id, Moment};

    trash (id) {
        id -> Id,
        kind -> Text,
        locale -> Text,
        slug -> Text,
        title -> Text,
        revision -> BigInt,
        created_by -> Text,
        deleted_at -> Moment,
        deleted_by -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::{Id, Moment};

    purged (id) {
        id -> Id,
        kind -> Text,
        purged_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::types::{Id, Moment};

    preview_links (id) {
        id -> Id,
        article_id -> Id,
        digest -> Binary,
        created_by -> Text,
        created_at -> Moment,
        expires_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    notes (id) {
        id -> Id,
        thread_id -> Nullable<Id>,
        article_id -> Nullable<Id>,
        faq_id -> Nullable<Id>,
        section_id -> Nullable<Id>,
        quote -> Nullable<Text>,
        body -> Text,
        replies -> BigInt,
        resolved_at -> Nullable<Moment>,
        resolved_by -> Nullable<Text>,
        revision -> BigInt,
        created_at -> Moment,
        created_by -> Text,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::Id;

    note_mentions (note_id, user_id) {
        note_id -> Id,
        user_id -> Id,
        first_id -> Id,
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    proposals (id) {
        id -> Id,
        article_id -> Id,
        base_revision -> BigInt,
        message -> Nullable<Text>,
        status -> Text,
        undecided -> BigInt,
        accepted -> BigInt,
        rejected -> BigInt,
        withdrawn -> BigInt,
        revision -> BigInt,
        created_at -> Moment,
        created_by -> Text,
        updated_at -> Moment,
        operations -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    releases (id) {
        id -> Id,
        name -> Text,
        description -> Nullable<Text>,
        status -> Text,
        item_count -> BigInt,
        revision -> BigInt,
        created_at -> Moment,
        created_by -> Text,
        updated_at -> Moment,
        published_at -> Nullable<Moment>,
        published_by -> Nullable<Text>,
        items -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::{Id, Moment};

    audit_entries (seq) {
        seq -> BigInt,
        id -> Id,
        created_at -> Moment,
        action -> Text,
        actor -> Text,
        session_id -> Nullable<Id>,
        request_id -> Nullable<Text>,
        resource -> Text,
        resource_id -> Text,
        revision_before -> Nullable<BigInt>,
        revision_after -> Nullable<BigInt>,
        previous_hash -> Binary,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::Binary;
    use crate::types::Moment;

    limits (key) {
        key -> Binary,
        paid_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary};

    audit_head (id) {
        id -> BigInt,
        seq -> BigInt,
        hash -> Binary,
    }
}

diesel::joinable!(proposals -> articles (article_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(sections -> articles (article_id));
diesel::joinable!(article_tags -> articles (article_id));
diesel::joinable!(article_tags -> tags (tag_id));
diesel::joinable!(article_authors -> articles (article_id));
diesel::joinable!(article_authors -> authors (author_id));
diesel::joinable!(article_faqs -> articles (article_id));
diesel::joinable!(article_faqs -> faqs (faq_id));
diesel::joinable!(faq_tags -> faqs (faq_id));
diesel::joinable!(faq_tags -> tags (tag_id));

diesel::allow_tables_to_appear_in_same_query!(
    articles,
    sections,
    tags,
    authors,
    faqs,
    article_tags,
    article_authors,
    article_faqs,
    faq_tags,
);

// Who uses a thing is asked of both sides at once, by the code that keeps it from being deleted.
use crate::delivery::schema::{
    published_article_authors, published_article_faqs, published_article_tags, published_authors,
    published_faq_tags, published_history, published_tags,
};
diesel::allow_tables_to_appear_in_same_query!(sessions, users);
diesel::allow_tables_to_appear_in_same_query!(proposals, articles);
diesel::allow_tables_to_appear_in_same_query!(notes, articles);
diesel::allow_tables_to_appear_in_same_query!(notes, faqs);
diesel::allow_tables_to_appear_in_same_query!(notes, note_mentions);
diesel::allow_tables_to_appear_in_same_query!(articles, published_article_tags);
diesel::allow_tables_to_appear_in_same_query!(articles, published_article_authors);
diesel::allow_tables_to_appear_in_same_query!(articles, published_article_faqs);
diesel::allow_tables_to_appear_in_same_query!(faqs, published_faq_tags);
diesel::allow_tables_to_appear_in_same_query!(tags, published_tags);
diesel::allow_tables_to_appear_in_same_query!(tags, published_article_tags);
diesel::allow_tables_to_appear_in_same_query!(tags, published_faq_tags);
diesel::allow_tables_to_appear_in_same_query!(authors, published_authors);
diesel::allow_tables_to_appear_in_same_query!(authors, published_article_authors);

// What a state of a thing showed is found by when it was.
diesel::allow_tables_to_appear_in_same_query!(history_bodies, published_history);
