//! Any text is read as YAML, with places within the text, and as the port of libyaml reads it.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::yaml_is_total(bytes));
