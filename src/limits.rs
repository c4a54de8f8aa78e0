//! What reading may cost at most: every limit with its reason. Nothing that a file decides grows past these.

use std::str::FromStr;

/// A limit as options and documents name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limit {
    /// Its group and its field: `document.depth`.
    pub name: &'static str,
    /// What it limits, and why it is what it is.
    pub docs: &'static str,
    /// What it is unless somebody raises it.
    pub default: u64,
}

/// Declares a group of limits: the struct, its defaults, and the table that names them.
macro_rules! limits {
    ($(#[doc = $of:literal])+ $group:ident $prefix:literal {
        $($(#[doc = $docs:literal])+ $field:ident: $kind:ty = $default:expr;)+
    }) => {
        $(#[doc = $of])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $group {
            $($(#[doc = $docs])+ pub $field: $kind,)+
        }

        impl Default for $group {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        impl $group {
            /// Its limits, in the order of their declaration.
            pub const TABLE: &'static [Limit] = &[$(Limit {
                name: concat!($prefix, ".", stringify!($field)),
                docs: concat!($($docs),+),
                default: $default,
            }),+];

            /// Sets the limit of that name; false if there is none, or if this machine cannot count so far.
            pub fn set(&mut self, name: &str, number: u64) -> bool {
                match name {
                    $(concat!($prefix, ".", stringify!($field)) => {
                        <$kind>::try_from(number).map(|number| self.$field = number).is_ok()
                    })+
                    _ => false,
                }
            }
        }
    };
}

limits! {
    /// What a reader spends on one document at most.
    Limits "document" {
        /// Bytes of a file. A config names at most every module of a model; a megabyte would be unusual.
        bytes: u64 = 8 << 20;
        /// How deep arrays and objects may nest. Configs need three levels, and Python's `json` itself gives up at about 1000.
        depth: usize = 200;
        /// Values of a document once YAML aliases are expanded, which can multiply without end. A config that names every module of the
        /// largest models has some ten thousand; these take about 50 MB of memory.
        values: usize = 250_000;
    }
}

limits! {
    /// What reading one checkpoint may cost at most.
    Budget "checkpoint" {
        /// Bytes of a safetensors header; the format's own reader stops at 100 MB, too.
        header: u64 = 100_000_000;
        /// Tensors, and entries of a safetensors header. A model of 1000 layers with 100 adapted modules has fewer.
        tensors: usize = 250_000;
        /// Members of a zip archive: one for each storage, and a few more.
        members: usize = 250_000;
        /// Bytes of one pickle. It holds names and shapes, about 130 bytes for each tensor.
        pickle: u64 = 32 << 20;
        /// Operations of one pickle: about 30 for each tensor.
        operations: usize = 5_000_000;
        /// Objects that one pickle makes: about 10 for each tensor.
        objects: usize = 1_000_000;
        /// Entries of a pickle's memo: about 10 for each tensor.
        memo: usize = 1_000_000;
        /// Entries of a pickle's stack, marks included; torch's own pickles need a few thousand.
        stack: usize = 1_000_000;
        /// Bytes of all strings of a pickle: names of modules, and keys of storages.
        text: usize = 16 << 20;
        /// Bytes of zip members whose checksums are verified, so that large files stay fast; members beyond are left unread, and a
        /// remark says so.
        checksums: u64 = 64 << 20;
        /// Bytes that the compressed members of a zip may become, if that is more than 100 times what they are. Trained numbers
        /// hardly compress.
        inflated: u64 = 1 << 30;
        /// Bytes that reading the values of one tensor may take, if that is more than the whole file has: strides can repeat one
        /// element without end, and compressed bytes can become a thousand times what they are.
        values: u64 = 64 << 20;
        /// Bytes that looking at the values of all tensors may take, if that is more than the whole file has: tensors can overlap,
        /// and what is compressed is unpacked from its start for each of them.
        scanned: u64 = 1 << 30;
        /// Steps of matching the names of tensors with the names and patterns of a config, about ten nanoseconds each, so two seconds. A
        /// name for every module of the largest models needs a few million; a regular expression alone could take longer than anybody
        /// waits.
        matching: u64 = 200_000_000;
    }
}

impl Limit {
    /// Every limit.
    pub fn all() -> impl Iterator<Item = &'static Self> {
        Limits::TABLE.iter().chain(Budget::TABLE)
    }
}

/// A note on how to raise a limit.
pub(crate) fn how_to_raise(name: &str) -> String {
    format!("`--limit {name}=NUMBER` raises it for a file that you trust")
}

/// A limit that somebody sets: `document.depth=300`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raised {
    /// The limit.
    pub limit: &'static Limit,
    /// What it is to be.
    pub number: u64,
}

impl FromStr for Raised {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, number) = text.split_once('=').ok_or("write NAME=NUMBER")?;
        let names = || Limit::all().map(|limit| limit.name).collect::<Vec<_>>().join(", ");
        let limit = Limit::all().find(|limit| limit.name == name);
        let limit = limit.ok_or_else(|| format!("no limit is called `{name}`; there are {}", names()))?;
        let number = number.parse().map_err(|_| format!("`{number}` is not a whole number"))?;
        Ok(Self { limit, number })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_set_by_its_name_alone() {
        for limit in Limit::all() {
            let (mut limits, mut budget) = (Limits::default(), Budget::default());
            assert!(limits.set(limit.name, 7) ^ budget.set(limit.name, 7), "{}", limit.name);
            assert_eq!(format!("{limits:?}{budget:?}").matches(": 7").count(), 1, "{}", limit.name);
            assert!(limit.docs.ends_with('.'), "{} has no reason", limit.name);
        }
    }

    #[test]
    fn what_is_no_limit_is_refused_in_words() {
        let error = |text: &str| text.parse::<Raised>().unwrap_err();
        assert_eq!(error("document.depth"), "write NAME=NUMBER");
        assert_eq!(error("document.depth=x"), "`x` is not a whole number");
        assert!(error("depth=3").starts_with("no limit is called `depth`; there are document.bytes, document.depth, "));
        assert_eq!("document.depth=3".parse::<Raised>().map(|raised| raised.number), Ok(3));
    }
}
