//! Check, typed config and all schemas say the same of a config made from the model.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::schema_agrees_with_check(bytes));
