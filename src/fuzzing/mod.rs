//! What must hold for any input, as functions of bytes: the bodies of the fuzz targets, the mutator of the soak, the seeds.
//!
//! Each property panics where it does not hold. `fuzz/fuzz_targets/` has a file of three lines for each; the tests replay
//! `fuzz/regressions/` on them, and `just soak` runs them on a million mutated files.

#![expect(clippy::expect_used, clippy::panic, reason = "a property that does not hold is a panic")]
#![expect(clippy::float_cmp, reason = "what is written and read again is the same to the last bit")]

mod adapters;
mod checkpoints;
mod checks;
mod configs;
mod dictionary;
mod documents;
mod mutator;
mod seeds;
mod values;

pub use checkpoints::{SafetensorsVerdict, safetensors_verdict};
pub use configs::{Agreement, AnyConfig, agreement, errors_of, has_unknown_keys};
pub use dictionary::{dictionary, words};
pub use mutator::Mutator;
pub use seeds::{Seed, seeds};
pub use values::Values;

/// A number that an input chooses by.
fn sum_of(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)))
}

/// What an input is, for the dictionary and the seeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The text of a config.
    Json,
    /// The text of a config.
    Yaml,
    /// The text of a config.
    Toml,
    /// The choices that a generated config is made by.
    Choices,
    /// A safetensors file.
    Safetensors,
    /// The header of a safetensors file, without its length.
    Header,
    /// A file of torch's, new or old.
    Torch,
    /// A pickle alone.
    Pickle,
    /// A config and a checkpoint: the config's length in two bytes, the config, the checkpoint.
    Adapter,
}

impl Input {
    /// Every kind of input.
    pub const ALL: [Self; 9] = [
        Self::Json,
        Self::Yaml,
        Self::Toml,
        Self::Choices,
        Self::Safetensors,
        Self::Header,
        Self::Torch,
        Self::Pickle,
        Self::Adapter,
    ];
}

/// A property and what it takes.
#[derive(Debug)]
pub struct Target {
    /// Its name: of the function here, and of the fuzz target.
    pub name: &'static str,
    /// What it says, in one sentence.
    pub says: &'static str,
    /// What its bytes are.
    pub input: Input,
    /// Panics where the property does not hold.
    pub run: fn(&[u8]),
}

/// Declares the targets, and the table of them.
macro_rules! targets {
    ($(#[doc = $says:literal] $module:ident::$name:ident: $input:ident;)+) => {
        $(pub use $module::$name;)+

        /// Every property.
        pub static TARGETS: &[Target] = &[$(Target {
            name: stringify!($name),
            says: $says.trim_ascii(),
            input: Input::$input,
            run: $module::$name,
        }),+];
    };
}

targets! {
    /// Any text is read as JSON, with places that lie in one another, and as `serde_json` reads it.
    documents::json_is_total: Json;
    /// Any text is read as YAML, with places within the text, and as the port of libyaml reads it.
    documents::yaml_is_total: Yaml;
    /// Any text is read as TOML, with places within the text, and as the `toml` crate reads it.
    documents::toml_is_total: Toml;
    /// Any JSON text is checked against any release, and the findings are shown in every format.
    checks::json_check_renders: Json;
    /// Any YAML text is checked against any release, and the findings are shown in every format.
    checks::yaml_check_renders: Yaml;
    /// Any TOML text is checked against any release, and the findings are shown in every format.
    checks::toml_check_renders: Toml;
    /// Check, typed config and all schemas say the same of a config made from the model.
    configs::schema_agrees_with_check: Choices;
    /// A config that a type takes is written as a text that the type reads and writes the same again.
    configs::typed_round_trip_is_identity: Choices;
    /// What the writer writes of any tree reads back as the same tree.
    configs::written_configs_read_back: Json;
    /// The `safetensors` crate accepts what this reader accepts, and sees the same tensors.
    checkpoints::safetensors_agree: Safetensors;
    /// The same, of a header in a file whose length fits it.
    checkpoints::safetensors_headers_agree: Header;
    /// Any bytes are taken for a file of torch's within the budget, and no value lies outside of them.
    checkpoints::torch_files_are_bounded: Torch;
    /// Any bytes are taken for a pickle within the budget.
    checkpoints::pickles_are_bounded: Pickle;
    /// `inspect` and `check` answer whatever an adapter's config and checkpoint hold.
    adapters::inspect_takes_any_adapter: Adapter;
    /// A lower limit for matching names only takes findings of `check` away, and says so.
    adapters::less_matching_only_takes_findings_away: Adapter;
}
