//! Enums whose values are spelt on the wire as PEFT spells them.

/// Declares an enum: Rust name, PEFT's spelling, first and, if it is gone again, last release; the doc comment is what editors
/// show.
macro_rules! wire_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[doc = $doc:literal])+ $variant:ident = $wire:literal since $since:literal $(until $until:literal)?),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[schemars(inline)]
        #[non_exhaustive]
        pub enum $name {
            $(
                $(#[doc = $doc])+ #[doc = ""] #[doc = concat!("In PEFT since ", $since, $(", until ", $until,)? ".")]
                #[serde(rename = $wire)]
                #[schemars(extend("x-peft-since" = $since $(, "x-peft-until" = $until)?))]
                $variant,
            )+
        }

        impl $name {
            /// Every value, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// PEFT's spelling.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $wire,)+
                }
            }

            /// The releases of PEFT that know the value.
            #[must_use]
            pub const fn lifetime(self) -> $crate::release::Lifetime {
                match self {
                    $(Self::$variant => $crate::release::lifetime!($since $(until $until)?),)+
                }
            }

            /// The value that PEFT spells so; case counts.
            #[must_use]
            pub fn from_wire(wire: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == wire)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(super) use wire_enum;
