//! Any TOML text is checked against any release, and the findings are shown in every format.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::toml_check_renders(bytes));
