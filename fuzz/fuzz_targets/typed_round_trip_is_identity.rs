//! A config that a type takes is written as a text that the type reads and writes the same again.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::typed_round_trip_is_identity(bytes));
