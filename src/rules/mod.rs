//! Rules that several methods share, by topic. A method opts into topics; a topic names no method.

pub(crate) mod auto_mapping;
pub(crate) mod base_model;
mod classifier_heads;
pub(crate) mod exclusions;
pub(crate) mod layers;
pub(crate) mod modules_to_save;
pub(crate) mod prompt_learning;
pub(crate) mod targets;
pub(crate) mod text_init;
