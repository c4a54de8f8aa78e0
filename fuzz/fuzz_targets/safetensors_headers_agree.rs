//! The same, of a header in a file whose length fits it.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::safetensors_headers_agree(bytes));
