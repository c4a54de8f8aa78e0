//! What an embedding is before training: random numbers, words of the base model, or what source tasks have taught.

use super::{
    dimensions::Dimensions,
    error::{EmbeddingError, ShapeMismatch},
    multitask::MultitaskPromptEmbedding,
    prompt::PromptEmbedding,
    random::{self, FACTOR_DEVIATION, PROMPT_DEVIATION, Stream},
    source_modes::{self, AdapterTensors},
    tensor::{Tensor, with_array},
};
use crate::layout::prompt_learning::PROMPT_EMBEDDINGS;
use crate::methods::{
    MultitaskPromptTuningConfig, MultitaskPromptTuningInit, PREFIX_TASK_COLS, PREFIX_TASK_ROWS, PromptTuningConfig,
    PromptTuningInit,
};
use ndarray::{Array2, Array3, Axis, Ix2};

/// What the modes of initialisation start from, as far as it is at hand. RANDOM needs none of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct InitInputs<'a> {
    /// The base model's word embeddings, `[vocabulary, token_dim]`: for TEXT and SAMPLE_VOCAB.
    pub word_embeddings: Option<&'a Tensor<Ix2>>,
    /// The tokens of `prompt_tuning_init_text`, as the base model's tokenizer gives them: for TEXT.
    pub text_token_ids: Option<&'a [u32]>,
    /// The tensors of the source checkpoint: for the three source modes.
    pub source: Option<&'a AdapterTensors>,
}

impl<'a> InitInputs<'a> {
    fn words(&self, mode: &'static str) -> Result<&'a Tensor<Ix2>, EmbeddingError> {
        self.word_embeddings.ok_or(EmbeddingError::InputMissing { mode, input: "the base model's word embeddings" })
    }

    fn tokens(&self, mode: &'static str) -> Result<&'a [u32], EmbeddingError> {
        self.text_token_ids.ok_or(EmbeddingError::InputMissing { mode, input: "the tokens of the initial text" })
    }

    fn source(&self, mode: &'static str) -> Result<&'a AdapterTensors, EmbeddingError> {
        self.source.ok_or(EmbeddingError::InputMissing { mode, input: "a source checkpoint" })
    }
}

/// Plain prompt tuning. In inference mode PEFT leaves the words out: a trained prompt replaces them anyway.
pub(super) fn plain_prompt(
    config: &PromptTuningConfig,
    dimensions: &Dimensions,
    inputs: &InitInputs<'_>,
    seed: u64,
) -> Result<PromptEmbedding, EmbeddingError> {
    use PromptTuningInit as Init;
    dimensions.within_limits(&[&PROMPT_EMBEDDINGS])?;
    let mode = config.prompt_tuning_init.as_str();
    match config.prompt_tuning_init {
        Init::Text if !config.inference_mode => text(dimensions, inputs.words(mode)?, inputs.tokens(mode)?),
        Init::SampleVocab if !config.inference_mode => sampled_words(dimensions, inputs.words(mode)?, seed),
        Init::Random | Init::Text | Init::SampleVocab => Ok(random_prompt(dimensions, seed)),
    }
}

/// Multitask prompt tuning. Unlike words, sources are read in inference mode, too.
pub(super) fn multitask(
    config: &MultitaskPromptTuningConfig,
    dimensions: &Dimensions,
    inputs: &InitInputs<'_>,
    seed: u64,
) -> Result<MultitaskPromptEmbedding, EmbeddingError> {
    use MultitaskPromptTuningInit as Init;
    dimensions.within_limits(&[&PREFIX_TASK_COLS, &PREFIX_TASK_ROWS, &PROMPT_EMBEDDINGS])?;
    let mode = config.prompt_tuning_init.as_str();
    let prompt = match config.prompt_tuning_init {
        Init::Text if !config.inference_mode => text(dimensions, inputs.words(mode)?, inputs.tokens(mode)?)?,
        Init::SampleVocab if !config.inference_mode => sampled_words(dimensions, inputs.words(mode)?, seed)?,
        Init::Random | Init::Text | Init::SampleVocab => random_prompt(dimensions, seed),
        Init::OnlySourceShared => source_modes::shared_prompt(dimensions, inputs.source(mode)?)?,
        Init::AverageSourceTasks => return source_modes::average(dimensions, inputs.source(mode)?),
        Init::ExactSourceTask => {
            return source_modes::exact(dimensions, inputs.source(mode)?, config.prompt_tuning_init_task);
        }
    };
    let (cols, rows) = (random_columns(dimensions, seed), random_rows(dimensions, seed));
    MultitaskPromptEmbedding::from_prompt(prompt, cols.into(), rows.into())
}

fn random_prompt(dimensions: &Dimensions, seed: u64) -> PromptEmbedding {
    let shape = (dimensions.total_virtual_tokens(), dimensions.token_dim);
    PromptEmbedding::new(random::normal(seed, Stream::Prompt, shape, PROMPT_DEVIATION).into())
}

fn random_columns(dimensions: &Dimensions, seed: u64) -> Array3<f32> {
    let shape = (dimensions.num_tasks, dimensions.total_virtual_tokens(), dimensions.num_ranks);
    random::normal(seed, Stream::Columns, shape, FACTOR_DEVIATION)
}

fn random_rows(dimensions: &Dimensions, seed: u64) -> Array3<f32> {
    let shape = (dimensions.num_tasks, dimensions.num_ranks, dimensions.token_dim);
    random::normal(seed, Stream::Rows, shape, FACTOR_DEVIATION)
}

/// The words of a text, repeated or cut to the number of rows.
fn text(dimensions: &Dimensions, words: &Tensor<Ix2>, tokens: &[u32]) -> Result<PromptEmbedding, EmbeddingError> {
    let rows = dimensions.total_virtual_tokens();
    if tokens.is_empty() {
        return Err(EmbeddingError::NothingToCopy { what: "the initial text has no tokens", rows });
    }
    let vocabulary = words.shape().first().copied().unwrap_or_default();
    let checked = |(position, id): (usize, &u32)| {
        let word = usize::try_from(*id).ok().filter(|word| *word < vocabulary);
        word.ok_or(EmbeddingError::TokenOutOfRange { position, id: *id, words: vocabulary })
    };
    let chosen: Vec<usize> = tokens.iter().enumerate().cycle().take(rows).map(checked).collect::<Result<_, _>>()?;
    copied_words(dimensions, words, &chosen)
}

/// Words drawn from the whole vocabulary; one may occur twice.
fn sampled_words(dimensions: &Dimensions, words: &Tensor<Ix2>, seed: u64) -> Result<PromptEmbedding, EmbeddingError> {
    let rows = dimensions.total_virtual_tokens();
    let vocabulary = words.shape().first().copied().unwrap_or_default();
    if vocabulary == 0 {
        return Err(EmbeddingError::NothingToCopy { what: "the vocabulary is empty", rows });
    }
    copied_words(dimensions, words, &random::below(seed, Stream::Words, rows, vocabulary))
}

fn copied_words(
    dimensions: &Dimensions,
    words: &Tensor<Ix2>,
    chosen: &[usize],
) -> Result<PromptEmbedding, EmbeddingError> {
    let rows: Array2<f32> = with_array!(words, words => Tensor::from(words.select(Axis(0), chosen))).to_float32();
    if rows.ncols() != dimensions.token_dim {
        let [vocabulary, width] =
            [words.shape().first(), words.shape().last()].map(|size| size.copied().unwrap_or_default());
        return Err(EmbeddingError::Shapes(vec![ShapeMismatch {
            tensor: "word_embeddings",
            expected: vec![vocabulary, dimensions.token_dim],
            found: vec![vocabulary, width],
            agreeing: vec![("token_dim", width)],
        }]));
    }
    Ok(PromptEmbedding::new(rows.into()))
}
