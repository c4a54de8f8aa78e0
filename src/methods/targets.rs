//! Which parts of the base model a method changes: by name, by pattern, by layer.

use super::union::union;
use std::collections::BTreeMap;

union! {
    /// Modules of the base model.
    pub enum ModuleNames {
        /// A regular expression that the whole name of a module must match, or a word such as `all-linear`.
        Pattern(String) as string,
        /// Names; each stands for every module whose name is it or ends with a dot and it.
        List(Vec<String>) as array,
    }
}

union! {
    /// Names of the lists that hold the layers of the base model.
    pub enum LayersPattern {
        /// One name.
        One(String) as string,
        /// Several names.
        Several(Vec<String>) as array,
    }
}

union! {
    /// Layers of the base model, counted from 0.
    pub enum LayersToTransform {
        /// One layer.
        One(u32) as integer,
        /// Several layers.
        Several(Vec<u32>) as array,
    }
}

union! {
    /// Tokens whose embeddings are trained.
    pub enum TokenIndices {
        /// Numbers of tokens, in the input embedding.
        OfInput(Vec<u32>) as array,
        /// Numbers of tokens for each embedding layer, by the layer's name.
        ByLayer(BTreeMap<String, Vec<u32>>) as object,
    }
}
