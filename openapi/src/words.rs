//! Words of the domain as schemas of the contract.

/// An enumeration of the contract that mirrors one of the domain, word by word; a test in this file's user fails to
/// compile when the domain's has another variant.
macro_rules! mirror {
    ($(#[$doc:meta])* $name:ident = $domain:path { $($variant:ident = $word:tt,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        pub enum $name {
            $(
                #[doc = concat!("`", $word, "`.")]
                #[serde(rename = $word)]
                $variant,
            )+
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                match value {
                    $(<$domain>::$variant => Self::$variant,)+
                }
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                match value {
                    $($name::$variant => Self::$variant,)+
                }
            }
        }
    };
}
pub(crate) use mirror;

/// The one-word enumerations that discriminate the shapes of a `oneOf`.
macro_rules! literal {
    ($($name:ident = $word:tt,)+) => {
        $(
            #[doc = concat!("Always `", $word, "`.")]
            #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
            pub enum $name {
                #[doc = concat!("`", $word, "`.")]
                #[default]
                #[serde(rename = $word)]
                It,
            }
        )+
    };
}
pub(crate) use literal;
