//! The tables readers are answered from, and no others: code that knows only these cannot name a draft.

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    published_articles (id) {
        id -> Id,
        kind -> Text,
        locale -> Text,
        slug -> Text,
        title -> Text,
        dek -> Nullable<Text>,
        excerpt -> Text,
        cover -> Nullable<Text>,
        seo -> Text,
        metadata -> Text,
        toc -> Text,
        word_count -> BigInt,
        reading_time_minutes -> BigInt,
        revision -> BigInt,
        published_at -> Moment,
        first_published_at -> Moment,
        updated_at -> Moment,
        sections -> Text,
        story_id -> Id,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::{Id, Moment};

    published_faqs (id) {
        id -> Id,
        locale -> Text,
        slug -> Text,
        question -> Text,
        answer_html -> Text,
        answer_markdown -> Text,
        answer_text -> Text,
        revision -> BigInt,
        published_at -> Moment,
        first_published_at -> Moment,
        updated_at -> Moment,
        search_text -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    published_tags (id) {
        id -> Id,
        slug -> Text,
        name -> Text,
        description -> Nullable<Text>,
        kind -> Text,
        revision -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        search_text -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    published_authors (id) {
        id -> Id,
        slug -> Text,
        name -> Text,
        bio -> Nullable<Text>,
        avatar -> Nullable<Text>,
        links -> Text,
        revision -> BigInt,
        created_at -> Moment,
        updated_at -> Moment,
        search_text -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::{Id, Moment};

    published_article_tags (article_id, tag_id) {
        article_id -> Id,
        tag_id -> Id,
        position -> BigInt,
        published_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::Id;

    published_article_authors (article_id, position) {
        article_id -> Id,
        author_id -> Id,
        role -> Text,
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::Id;

    published_article_faqs (article_id, faq_id) {
        article_id -> Id,
        faq_id -> Id,
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::Id;

    published_faq_tags (faq_id, tag_id) {
        faq_id -> Id,
        tag_id -> Id,
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    published_history (resource, resource_id, since_seq) {
        resource -> Text,
        resource_id -> Id,
        since_seq -> BigInt,
        until_seq -> Nullable<BigInt>,
        since_at -> Moment,
        until_at -> Nullable<Moment>,
        title -> Text,
        slug -> Text,
        published_at -> Nullable<Moment>,
        first_published_at -> Nullable<Moment>,
        updated_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::{Id, Moment};

    changes (seq) {
        seq -> BigInt,
        op -> Text,
        resource -> Text,
        resource_id -> Id,
        slug -> Text,
        locale -> Nullable<Text>,
        reason -> Text,
        cache_tags -> Text,
        created_at -> Moment,
        redirect_to -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;

    published_log (id) {
        id -> BigInt,
        pruned_through -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::Id;

    published_search_documents (number) {
        number -> BigInt,
        article_id -> Id,
        dated -> BigInt,
        year -> BigInt,
        kind -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::types::Id;

    published_search_parts (document, position) {
        document -> BigInt,
        position -> BigInt,
        field -> Text,
        section_id -> Nullable<Id>,
        faq_id -> Nullable<Id>,
        anchor -> Nullable<Text>,
        words -> Text,
        spans -> Binary,
        text -> Text,
        ordinal -> Nullable<BigInt>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};

    published_search_postings (term, document) {
        term -> Text,
        document -> BigInt,
        weight -> BigInt,
        dated -> BigInt,
        places -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::types::Id;

    published_search_names (number) {
        number -> BigInt,
        kind -> Text,
        item -> Id,
        slug -> Text,
        locale -> Nullable<Text>,
        text -> Text,
        words -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};

    published_search_name_words (word, name) {
        word -> Text,
        name -> BigInt,
        place -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::Text;

    published_search_name_grams (gram, word) {
        gram -> Text,
        word -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::{Id, Moment};

    published_gone (resource, resource_id) {
        resource -> Text,
        resource_id -> Id,
        locale -> Text,
        slug -> Text,
        reason -> Text,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::{Id, Moment};

    published_redirects (id) {
        id -> Id,
        resource -> Text,
        locale -> Text,
        slug -> Text,
        resource_id -> Id,
        created_by -> Text,
        created_at -> Moment,
    }
}

diesel::joinable!(published_redirects -> published_articles (resource_id));
diesel::joinable!(published_redirects -> published_tags (resource_id));
diesel::joinable!(published_redirects -> published_authors (resource_id));

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::{Id, Moment};

    published_prepared (article_id) {
        article_id -> Id,
        made_by -> Text,
        stamp -> Text,
        made_at -> Moment,
        cache_tags -> Text,
        card_stamp -> Text,
        hit -> Text,
        card -> Text,
        whole -> Text,
    }
}

diesel::table! {
    use diesel::sql_types::BigInt;
    use crate::types::Id;

    published_map_entries (place) {
        place -> BigInt,
        article_id -> Id,
    }
}

diesel::joinable!(published_map_entries -> published_articles (article_id));
diesel::joinable!(published_prepared -> published_articles (article_id));
diesel::joinable!(published_article_tags -> published_articles (article_id));
diesel::joinable!(published_article_tags -> published_tags (tag_id));
diesel::joinable!(published_article_authors -> published_articles (article_id));
diesel::joinable!(published_article_authors -> published_authors (author_id));
diesel::joinable!(published_article_faqs -> published_articles (article_id));
diesel::joinable!(published_article_faqs -> published_faqs (faq_id));
diesel::joinable!(published_faq_tags -> published_faqs (faq_id));
diesel::joinable!(published_faq_tags -> published_tags (tag_id));

diesel::allow_tables_to_appear_in_same_query!(
    published_articles,
    published_faqs,
    published_tags,
    published_authors,
    published_article_tags,
    published_article_authors,
    published_article_faqs,
    published_faq_tags,
    published_search_documents,
    published_search_names,
    published_gone,
    published_redirects,
    published_prepared,
    published_map_entries,
    changes,
    published_history,
);
