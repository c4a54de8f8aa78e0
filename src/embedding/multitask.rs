//! The prompt of several tasks.

use super::{
    call::Call,
    dimensions::{Dimensions, ParameterCount},
    error::EmbeddingError,
    export::ExportedPrompt,
    fused,
    init::{self, InitInputs},
    prompt::PromptEmbedding,
    reference,
    source_modes::{self, AdapterTensors},
    tensor::Tensor,
};
use crate::checkpoint::StoredTensor;
use crate::methods::MultitaskPromptTuningConfig;
use ndarray::{Array2, ArrayD, Ix2, Ix3};

/// One soft prompt for several tasks: the prompt of task k is `embedding * (cols[k] @ rows[k])`, the shared prompt times a
/// matrix of rank `num_ranks`, element by element (arXiv 2303.02861, section 3.1; PEFT class `MultitaskPromptEmbedding`).
///
/// With T virtual tokens of all submodules, width D, K tasks and R ranks, `embedding` is `[T, D]`, `cols` `[K, T, R]` and `rows`
/// `[K, R, D]`. PEFT makes all of them float32; a model converted to 16 bits has others, and `cols` and `rows` must be of one
/// type.
///
/// ```
/// use ndarray::{Ix3, array};
/// use peftspec::embedding::{InitInputs, MultitaskPromptEmbedding};
/// use peftspec::methods::MultitaskPromptTuningConfig;
///
/// let config = MultitaskPromptTuningConfig {
///     num_virtual_tokens: Some(8),
///     token_dim: Some(16),
///     num_tasks: 3,
///     ..Default::default()
/// };
/// let embedding = MultitaskPromptEmbedding::from_config(&config, &InitInputs::default(), 42)?;
/// let all_rows = embedding.indices(2);
/// let prompts = embedding.forward(&all_rows, &array![2, 0].into_dyn())?;
/// assert_eq!(prompts.shape(), [2, 8, 16]);
/// # Ok::<(), peftspec::embedding::EmbeddingError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MultitaskPromptEmbedding {
    prompt: PromptEmbedding,
    cols: Tensor<Ix3>,
    rows: Tensor<Ix3>,
}

impl MultitaskPromptEmbedding {
    /// The embedding with these parameters; their types are kept.
    ///
    /// # Errors
    /// The sizes contradict each other, or the two factors are of different types.
    pub fn new(embedding: Tensor<Ix2>, cols: Tensor<Ix3>, rows: Tensor<Ix3>) -> Result<Self, EmbeddingError> {
        Self::from_prompt(PromptEmbedding::new(embedding), cols, rows)
    }

    pub(super) fn from_prompt(
        prompt: PromptEmbedding,
        cols: Tensor<Ix3>,
        rows: Tensor<Ix3>,
    ) -> Result<Self, EmbeddingError> {
        agree(&prompt, &cols, &rows)?;
        if cols.dtype() != rows.dtype() {
            return Err(EmbeddingError::DtypesDiffer { cols: cols.dtype(), rows: rows.dtype() });
        }
        Ok(Self { prompt, cols: cols.into_standard_layout(), rows: rows.into_standard_layout() })
    }

    /// The parameters that training starts from, as `prompt_tuning_init` says; what it leaves open is drawn at random: the
    /// shared prompt from N(0, 1), the factors from N(0, 0.02²). All values are float32. The same seed gives the same values.
    ///
    /// # Errors
    /// The config leaves a size open; what the mode starts from is not among the inputs or does not fit; a mode that makes one
    /// task is asked for more.
    pub fn from_config(
        config: &MultitaskPromptTuningConfig,
        inputs: &InitInputs<'_>,
        seed: u64,
    ) -> Result<Self, EmbeddingError> {
        let dimensions = Dimensions::try_from(config)?;
        init::multitask(config, &dimensions, inputs, seed)
    }

    /// A trained embedding: the tensors of an adapter, as float32, which is how PEFT loads them. Where PEFT leaves random
    /// numbers in place of factors that the file lacks, this is an error.
    ///
    /// # Errors
    /// The config leaves a size open, or tensors are missing or have other shapes.
    pub fn from_adapter(
        config: &MultitaskPromptTuningConfig,
        tensors: &AdapterTensors,
    ) -> Result<Self, EmbeddingError> {
        source_modes::adapter(&Dimensions::try_from(config)?, tensors)
    }

    /// A trained embedding without its config: the tensors of an adapter, as float32, whatever sizes they have.
    ///
    /// # Errors
    /// Tensors are missing, have another number of dimensions, or contradict each other.
    pub fn from_tensors(tensors: &AdapterTensors) -> Result<Self, EmbeddingError> {
        source_modes::adapter_of_any_size(tensors)
    }

    /// The tensors of an adapter, under PEFT's names.
    #[must_use]
    pub fn stored(&self) -> Vec<StoredTensor> {
        let factors = [self.cols.stored(source_modes::COLUMNS), self.rows.stored(source_modes::ROWS)];
        self.prompt.stored().into_iter().chain(factors).collect()
    }

    /// The prompt that all tasks share.
    #[must_use]
    pub fn prompt(&self) -> &PromptEmbedding {
        &self.prompt
    }

    /// The tasks' columns, `[num_tasks, total virtual tokens, num_ranks]`.
    #[must_use]
    pub fn cols(&self) -> &Tensor<Ix3> {
        &self.cols
    }

    /// The tasks' rows, `[num_tasks, num_ranks, token_dim]`.
    #[must_use]
    pub fn rows(&self) -> &Tensor<Ix3> {
        &self.rows
    }

    /// The sizes. How the virtual tokens spread over submodules is not seen in them: there is one submodule here.
    #[must_use]
    pub fn dimensions(&self) -> Dimensions {
        let (tokens, width) = self.prompt.size();
        let [tasks, _, ranks] = sizes(&self.cols);
        Dimensions {
            num_virtual_tokens: tokens,
            num_transformer_submodules: 1,
            token_dim: width,
            num_tasks: tasks,
            num_ranks: ranks,
        }
    }

    /// How many numbers are trained, in all and for each task.
    #[must_use]
    pub fn parameters(&self) -> ParameterCount {
        self.dimensions().parameters()
    }

    /// The indices that a model passes: all rows in order, for each row of a batch.
    #[must_use]
    pub fn indices(&self, batch: usize) -> ArrayD<i64> {
        let tokens = self.prompt.size().0;
        Array2::from_shape_fn((batch, tokens), |(_, token)| i64::try_from(token).unwrap_or(i64::MAX)).into_dyn()
    }

    /// The prompts of a batch: `embedding[indices] * (cols[task_ids] @ rows[task_ids])`.
    ///
    /// `indices` is `[…, batch, T]`; `task_ids` is `[batch]`, or `[1]` or a lone number for the whole batch. The output is
    /// `[…, batch, T, D]` and has the type of the shared prompt. The product of the factors is rounded to their type before it
    /// is multiplied.
    ///
    /// # Errors
    /// Indices or task ids are out of range, or their shapes do not go together.
    pub fn forward(&self, indices: &ArrayD<i64>, task_ids: &ArrayD<i64>) -> Result<Tensor, EmbeddingError> {
        let call = Call::new(self.dimensions(), indices, task_ids)?;
        let mut output = Tensor::zeros_like(self.prompt.embedding(), call.output_shape());
        fused::forward(&call, self, &mut output);
        Ok(output)
    }

    /// [`forward`](Self::forward) into an array that is at hand, which saves the time to get fresh memory.
    ///
    /// # Errors
    /// As with `forward`; or the array has another type or shape than the result.
    pub fn forward_into(
        &self,
        indices: &ArrayD<i64>,
        task_ids: &ArrayD<i64>,
        output: &mut Tensor,
    ) -> Result<(), EmbeddingError> {
        let call = Call::new(self.dimensions(), indices, task_ids)?;
        let dtype = self.prompt.embedding().dtype();
        if output.dtype() != dtype || output.shape() != call.output_shape() {
            let (found_dtype, found_shape) = (output.dtype(), output.shape().to_vec());
            let shape = call.output_shape().to_vec();
            return Err(EmbeddingError::OutputMismatch { dtype, shape, found_dtype, found_shape });
        }
        if !output.is_standard_layout() {
            *output = Tensor::zeros_like(output, call.output_shape());
        }
        fused::forward(&call, self, output);
        Ok(())
    }

    /// [`forward`](Self::forward), slowly and step by step as PEFT writes it: what the fast one is compared with.
    ///
    /// # Errors
    /// As with `forward`.
    pub fn forward_reference(&self, indices: &ArrayD<i64>, task_ids: &ArrayD<i64>) -> Result<Tensor, EmbeddingError> {
        let call = Call::new(self.dimensions(), indices, task_ids)?;
        Ok(reference::forward(&call, self))
    }

    /// The prompt of one task with its factors multiplied in: a plain soft prompt.
    ///
    /// # Errors
    /// There is no such task.
    pub fn export_task(&self, task: usize) -> Result<ExportedPrompt, EmbeddingError> {
        ExportedPrompt::of(self, task)
    }
}

fn sizes(tensor: &Tensor<Ix3>) -> [usize; 3] {
    tensor.shape().try_into().unwrap_or_default()
}

/// Whether the three tensors can be of one embedding.
fn agree(prompt: &PromptEmbedding, cols: &Tensor<Ix3>, rows: &Tensor<Ix3>) -> Result<(), EmbeddingError> {
    let (tokens, width) = prompt.size();
    let [col_tasks, col_tokens, col_ranks] = sizes(cols);
    let [row_tasks, row_ranks, row_width] = sizes(rows);
    let (embedding, cols, rows) = (source_modes::PROMPT, source_modes::COLUMNS, source_modes::ROWS);
    let pairs = [
        ("tasks", cols, col_tasks, rows, row_tasks),
        ("ranks", cols, col_ranks, rows, row_ranks),
        ("virtual tokens", embedding, tokens, cols, col_tokens),
        ("columns of width", embedding, width, rows, row_width),
    ];
    match pairs.into_iter().find(|(_, _, first_size, _, second_size)| first_size != second_size) {
        Some((size, first, first_size, second, second_size)) => {
            Err(EmbeddingError::TensorsDisagree { size, first, first_size, second, second_size })
        }
        None => Ok(()),
    }
}
