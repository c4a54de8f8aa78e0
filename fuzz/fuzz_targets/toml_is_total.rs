//! Any text is read as TOML, with places within the text, and as the `toml` crate reads it.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::toml_is_total(bytes));
