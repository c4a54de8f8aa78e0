//! Types, rules, schemas and checks for the adapters of Hugging Face PEFT.
//!
#![cfg_attr(feature = "check", doc = include_str!("../README.md"))]

#[cfg(feature = "check")]
mod check;
#[cfg(feature = "checkpoint")]
pub mod checkpoint;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[cfg(feature = "codegen")]
mod codegen;
mod compat;
mod diagnostic;
mod document;
#[cfg(feature = "embedding")]
pub mod embedding;
mod error;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
pub mod layout;
mod limits;
pub mod methods;
mod release;
mod rule;
mod rules;
mod schema;
mod source;
#[cfg(feature = "checkpoint")]
mod vectorized;

#[cfg(feature = "check")]
pub use check::{
    AdapterReport, BaseModel, CheckOptions, Inferred, Report, Surroundings, TreeSchema, WeightsReport, check,
    check_adapter, check_bytes,
};
#[cfg(feature = "codegen")]
pub use codegen::{
    ConfigView, FieldView, Generator, Inexpressible, Model, Options, Page, TARGETS, Target, ValueType, template,
};
pub use compat::{Compatibility, Downgrade, Loss, Reason, Verdict, compatibility, downgrade};
#[cfg(feature = "human")]
pub use diagnostic::human;
pub use diagnostic::{Diagnostic, Edit, Fix, Label, PROBLEMS, Problem, Severity, github, json_v1};
pub use document::{
    Document, Kind, Member, Node, Number, Object, ReadError, Syntax, WriteError, from_node, parse, to_node, write_json,
};
pub use error::Error;
pub use limits::{Budget, Limit, Limits, Raised};
pub use methods::{AdapterConfig, METHODS, Method, PeftType, TaskType};
pub use release::{Lifetime, NEWEST, NoVersion, Release, UnknownKeys};
pub use rule::{Comparison, Evidence, Expr, Fields, Lowered, Operand, Rule, Text, Type, lower};
pub use schema::{Draft, Profile, adapter_config_schema, all_schemas, inexpressible_rules, method_schema, openapi};
pub use source::{Position, Source, Span};
/// The `validator` crate's own types, as the typed configs use them.
pub use validator::{Validate, ValidationErrors};
