//! The `safetensors` crate accepts what this reader accepts, and sees the same tensors.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::safetensors_agree(bytes));
