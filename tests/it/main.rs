//! The integration tests, one binary.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod adapter_cli;
mod adapters;
mod agreement;
mod catalogue;
mod checkpoint;
mod checkpoint_details;
mod cli;
mod common;
mod compat;
mod corpus;
mod dependencies;
mod embedding;
mod examples;
mod facts;
mod field_facts;
mod fuzzing;
mod generated;
mod hostile;
mod inspect;
mod limits;
mod making;
mod module_details;
mod module_names;
mod rules;
mod schemastore;
mod starters;
mod surroundings;
mod tidy;
mod typed;
