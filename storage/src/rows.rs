//! Rows that stand on both sides with the same columns: tags and authors.

/// The row of a tag in one of the tables that keep tags.
macro_rules! tag_row {
    ($row:ident, $table:ident, $name:literal) => {
        #[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
        #[diesel(table_name = $table, treat_none_as_default_value = false, treat_none_as_null = true)]
        pub(crate) struct $row {
            pub id: $crate::types::RowId,
            pub slug: String,
            pub name: String,
            pub description: Option<String>,
            pub kind: String,
            pub revision: i64,
            pub created_at: $crate::types::Micros,
            pub updated_at: $crate::types::Micros,
        }

        impl From<&masthead_domain::tag::Tag> for $row {
            fn from(tag: &masthead_domain::tag::Tag) -> Self {
                Self {
                    id: tag.id.into(),
                    slug: tag.slug.as_str().to_owned(),
                    name: tag.name.clone(),
                    description: tag.description.clone(),
                    kind: tag.kind.clone(),
                    revision: tag.revision.into(),
                    created_at: tag.created_at.into(),
                    updated_at: tag.updated_at.into(),
                }
            }
        }

        impl $row {
            pub(crate) fn model(
                self,
            ) -> Result<masthead_domain::tag::Tag, masthead_domain::error::StorageError> {
                let named = $crate::row::Named {
                    table: $name,
                    id: self.id,
                };
                Ok(masthead_domain::tag::Tag {
                    id: self.id.into(),
                    slug: named.slug(&self.slug)?,
                    name: self.name,
                    description: self.description,
                    kind: self.kind,
                    revision: named.count("revision", self.revision)?,
                    created_at: named.instant("created_at", self.created_at)?,
                    updated_at: named.instant("updated_at", self.updated_at)?,
                })
            }
        }
    };
}
pub(crate) use tag_row;

/// The row of an author in one of the tables that keep authors.
macro_rules! author_row {
    ($row:ident, $table:ident, $name:literal) => {
        #[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
        #[diesel(table_name = $table, treat_none_as_default_value = false, treat_none_as_null = true)]
        pub(crate) struct $row {
            pub id: $crate::types::RowId,
            pub slug: String,
            pub name: String,
            pub bio: Option<String>,
            pub avatar: Option<String>,
            pub links: String,
            pub revision: i64,
            pub created_at: $crate::types::Micros,
            pub updated_at: $crate::types::Micros,
        }

        impl $row {
            pub(crate) fn of(
                author: &masthead_domain::author::Author,
            ) -> Result<Self, $crate::error::Failure> {
                Ok(Self {
                    id: author.id.into(),
                    slug: author.slug.as_str().to_owned(),
                    name: author.name.clone(),
                    bio: author.bio.clone(),
                    avatar: $crate::row::some_json(author.avatar.as_ref())?,
                    links: $crate::row::json(&author.links)?,
                    revision: author.revision.into(),
                    created_at: author.created_at.into(),
                    updated_at: author.updated_at.into(),
                })
            }

            pub(crate) fn model(
                self,
            ) -> Result<masthead_domain::author::Author, masthead_domain::error::StorageError> {
                let named = $crate::row::Named {
                    table: $name,
                    id: self.id,
                };
                Ok(masthead_domain::author::Author {
                    id: self.id.into(),
                    slug: named.slug(&self.slug)?,
                    name: self.name,
                    bio: self.bio,
                    avatar: named.some_json("avatar", self.avatar.as_deref())?,
                    links: named.json("links", &self.links)?,
                    revision: named.count("revision", self.revision)?,
                    created_at: named.instant("created_at", self.created_at)?,
                    updated_at: named.instant("updated_at", self.updated_at)?,
                })
            }
        }
    };
}
pub(crate) use author_row;
