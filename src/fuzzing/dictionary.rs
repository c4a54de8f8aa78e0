//! Words that a mutation by chance would hardly make, from the model: keys, values, names.

use super::Input;
use crate::{
    checkpoint::known_names,
    methods::{Field, METHODS, PeftType},
    release::Release,
};
use std::collections::BTreeSet;

/// The words for an input.
#[must_use]
pub fn words(input: Input) -> BTreeSet<String> {
    match input {
        Input::Json | Input::Yaml | Input::Toml => of_configs(),
        Input::Choices => BTreeSet::new(),
        Input::Safetensors | Input::Header | Input::Torch | Input::Pickle => known_names().map(str::to_owned).collect(),
        Input::Adapter => of_configs().into_iter().chain(known_names().map(str::to_owned)).collect(),
    }
}

fn of_configs() -> BTreeSet<String> {
    let mut words: BTreeSet<String> = PeftType::ALL.iter().map(ToString::to_string).collect();
    words.extend(Release::all().map(|release| release.to_string()));
    words.extend(["null", "true", "false", "NaN", "Infinity", "1e-05", "-1", "4294967296"].map(str::to_owned));
    let mut left: Vec<&Field> = METHODS.iter().flat_map(|method| method.fields()).collect();
    while let Some(field) = left.pop() {
        words.insert(field.name.clone());
        words.extend(field.choices.iter().chain(&field.forms).map(|choice| choice.value.clone()));
        left.extend(field.fields.iter().chain(field.items.as_deref()).chain(field.values.as_deref()));
    }
    words
}

/// All words as libFuzzer reads them from a file: one in quotes on each line.
#[must_use]
pub fn dictionary() -> String {
    let all: BTreeSet<String> = Input::ALL.into_iter().flat_map(words).collect();
    all.iter().map(|word| format!("\"{}\"\n", escaped(word))).collect()
}

/// As libFuzzer wants it: nothing but printable ASCII as it is, every other byte by its number.
fn escaped(word: &str) -> String {
    word.bytes()
        .map(|byte| match byte {
            b'"' | b'\\' => format!("\\{}", char::from(byte)),
            b' '..=b'~' => char::from(byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        })
        .collect()
}
