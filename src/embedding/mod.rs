//! The prompt embeddings of PEFT as arrays: initialisation, forward pass, counts, export.
//!
//! [`MultitaskPromptEmbedding`] is PEFT's class of that name, from arXiv 2303.02861, section 3: one prompt is shared by all
//! tasks, and each task multiplies it, element by element, by a matrix of low rank of its own.
//!
//! The forward pass exists twice: `reference` is slow and says what is meant, `fused` is fast; the tests hold them equal, bit
//! for bit.

mod call;
mod config;
mod dimensions;
mod error;
mod export;
mod fused;
mod init;
mod mean;
mod multitask;
mod prompt;
mod random;
mod reference;
mod similarity;
mod source_modes;
mod stored;
mod tensor;

pub use config::{PromptConfig, StartsFrom};
pub use dimensions::{Dimensions, ParameterCount};
#[cfg(feature = "cli")]
pub(crate) use error::counted_tasks;
pub use error::{EmbeddingError, ShapeMismatch};
pub use export::ExportedPrompt;
pub use init::InitInputs;
pub use multitask::MultitaskPromptEmbedding;
pub use prompt::PromptEmbedding;
pub use source_modes::AdapterTensors;
pub use stored::LoadError;
pub use tensor::Tensor;
