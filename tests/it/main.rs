//! The integration tests, one binary.

mod generated;
