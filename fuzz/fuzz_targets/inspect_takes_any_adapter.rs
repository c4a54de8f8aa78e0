//! `inspect` and `check` answer whatever an adapter's config and checkpoint hold.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::inspect_takes_any_adapter(bytes));
