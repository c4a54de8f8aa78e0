//! Any text is read as JSON, with places that lie in one another, and as `serde_json` reads it.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::json_is_total(bytes));
