//! A lower limit for matching names only takes findings of `check` away, and says so.
#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| peftspec::fuzzing::less_matching_only_takes_findings_away(bytes));
