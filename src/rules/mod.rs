//! Rules that several methods share, by topic. A method opts into topics; a topic names no method.

pub(crate) mod auto_mapping;
mod classifier_heads;
pub(crate) mod prompt_learning;
pub(crate) mod text_init;
