//! Any bytes are taken for a file of torch's within the budget, and no value lies outside of them.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::torch_files_are_bounded(bytes));
