//! What is generated from the model for other tools, one file per target.

pub(crate) mod template;
