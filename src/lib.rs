//! Types, rules and schemas for PEFT adapter configs.

#[cfg(feature = "check")]
mod check;
mod diagnostic;
mod document;
pub mod methods;
mod release;
mod rule;
mod rules;
mod schema;
mod source;

#[cfg(feature = "check")]
pub use check::{Report, TreeSchema, check, check_bytes};
pub use diagnostic::{Diagnostic, Edit, Fix, Label, PROBLEMS, Problem, Severity};
pub use document::{
    Document, Kind, Limits, Member, Node, Number, Object, ReadError, Syntax, from_node, parse, to_node, write_json,
};
pub use methods::{
    AdapterConfig, METHODS, Method, MultitaskPromptTuningConfig, MultitaskPromptTuningInit, PeftType,
    PromptTuningConfig, PromptTuningInit, TaskType,
};
pub use release::{NEWEST, Release};
pub use rule::{Comparison, Expr, Fields, Lowered, Operand, Rule, lower};
pub use schema::{Draft, Profile, adapter_config_schema, all_schemas, inexpressible_rules, method_schema};
pub use source::{Position, Source, Span};
