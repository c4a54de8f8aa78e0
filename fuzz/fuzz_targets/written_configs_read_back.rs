//! What the writer writes of any tree reads back as the same tree.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::written_configs_read_back(bytes));
