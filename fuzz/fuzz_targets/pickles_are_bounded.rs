//! Any bytes are taken for a pickle within the budget.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::pickles_are_bounded(bytes));
