//! The integration tests, one binary.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod agreement;
#[cfg(feature = "checkpoint")]
mod checkpoint;
mod cli;
mod common;
mod compat;
mod corpus;
#[cfg(feature = "embedding")]
mod embedding;
mod examples;
mod facts;
mod field_facts;
mod generated;
mod hostile;
mod rules;
mod tidy;
mod typed;
