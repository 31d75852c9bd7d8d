//! Tables of how accounts come in, beside their passwords.

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::types::Moment;

    pending_logins (state) {
        state -> Binary,
        binding -> Binary,
        nonce -> Text,
        verifier -> Text,
        expires_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::Text;
    use crate::types::{Id, Moment};

    provider_identities (issuer, subject) {
        issuer -> Text,
        subject -> Text,
        user_id -> Id,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::types::{Id, Moment};

    mail (id) {
        id -> Id,
        kind -> Text,
        address -> Text,
        created_at -> Moment,
        due_at -> Moment,
        tries -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Text};
    use crate::types::{Id, Moment};

    tickets (digest) {
        digest -> Binary,
        kind -> Text,
        user_id -> Id,
        address -> Text,
        expires_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable};
    use crate::types::{Id, Moment};

    second_factors (user_id) {
        user_id -> Id,
        sealed -> Binary,
        confirmed_at -> Nullable<Moment>,
        last_step -> BigInt,
        created_at -> Moment,
    }
}

diesel::table! {
    use diesel::sql_types::{Binary, Nullable};
    use crate::types::{Id, Moment};

    recovery_codes (user_id, digest) {
        user_id -> Id,
        digest -> Binary,
        used_at -> Nullable<Moment>,
    }
}
