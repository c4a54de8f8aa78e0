//! The integration tests, one binary.

mod agreement;
mod corpus;
mod generated;
mod rules;
mod tidy;
