//! The configs whose methods have a prompt embedding, as one type.

use super::dimensions::default_submodules;
use super::{Dimensions, EmbeddingError, InitInputs, MultitaskPromptEmbedding, ParameterCount, PromptEmbedding};
use crate::{
    checkpoint::StoredTensor,
    document::{Node, ReadError, from_node},
    layout::heads::heads,
    methods::{
        AdapterConfig, MultitaskPromptTuningConfig, MultitaskPromptTuningInit, PeftType, PromptTuningConfig,
        PromptTuningInit, TaskType,
    },
};

/// A config of a method with a prompt embedding.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PromptConfig {
    /// PROMPT_TUNING.
    Plain(PromptTuningConfig),
    /// MULTITASK_PROMPT_TUNING.
    Multitask(MultitaskPromptTuningConfig),
}

/// What the mode of initialisation starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StartsFrom<'a> {
    /// Random numbers.
    Random,
    /// Word embeddings, drawn at random.
    Words,
    /// The word embeddings of this text.
    Text(&'a str),
    /// The checkpoint under this path.
    Source(&'a str),
}

/// The same expression for each config type.
macro_rules! with_config {
    ($self:expr, $config:ident => $value:expr) => {
        match $self {
            Self::Plain($config) => $value,
            Self::Multitask($config) => $value,
        }
    };
}

impl PromptConfig {
    /// The methods that have a prompt embedding.
    pub const METHODS: [PeftType; 2] = [PeftType::MultitaskPromptTuning, PeftType::PromptTuning];

    /// Reads a config; `None` if it is for another method.
    ///
    /// # Errors
    /// The first value that does not fit its field.
    pub fn read(config: &Node) -> Result<Option<Self>, ReadError> {
        let named = config.as_object().and_then(|object| object.get("peft_type")?.as_str());
        match named.and_then(PeftType::from_wire) {
            Some(PeftType::PromptTuning) => from_node(config).map(|config| Some(Self::Plain(config))),
            Some(PeftType::MultitaskPromptTuning) => from_node(config).map(|config| Some(Self::Multitask(config))),
            _ => Ok(None),
        }
    }

    /// The method.
    #[must_use]
    pub fn peft_type(&self) -> PeftType {
        with_config!(self, config => config.peft_type)
    }

    /// The kind of task.
    #[must_use]
    pub fn task_type(&self) -> Option<TaskType> {
        with_config!(self, config => config.task_type)
    }

    /// Width of the base model's word embeddings, if the config says it.
    #[must_use]
    pub fn token_dim(&self) -> Option<u32> {
        with_config!(self, config => config.token_dim)
    }

    /// Sets a size that the config leaves to the base model: `token_dim`, `num_layers` or `num_attention_heads`. Says if it did.
    pub fn fill(&mut self, field: &str, size: u32) -> bool {
        let field = with_config!(self, config => match field {
            "token_dim" => &mut config.token_dim,
            "num_layers" => &mut config.num_layers,
            "num_attention_heads" => &mut config.num_attention_heads,
            _ => return false,
        });
        let is_open = field.is_none();
        field.get_or_insert(size);
        is_open
    }

    /// Sets the number of submodules as PEFT does where the config leaves it open: 2 for SEQ_2_SEQ_LM, else 1.
    pub fn fill_submodules(&mut self) {
        let default = default_submodules(self.task_type());
        with_config!(self, config => config.num_transformer_submodules.get_or_insert(default));
    }

    /// Whether the decoder of the base model has rows of the prompt of its own.
    #[must_use]
    pub fn has_decoder_prompt(&self) -> bool {
        let submodules = with_config!(self, config => config.num_transformer_submodules);
        self.task_type() == Some(TaskType::Seq2SeqLm) && submodules != Some(1)
    }

    /// The folder or repository of the base model.
    #[must_use]
    pub fn base_model(&self) -> Option<&str> {
        with_config!(self, config => config.base_model_name_or_path.as_deref())
    }

    /// The folder or repository of the tokenizer for the initial text.
    #[must_use]
    pub fn tokenizer(&self) -> Option<&str> {
        with_config!(self, config => config.tokenizer_name_or_path.as_deref())
    }

    /// Modules of the base model that the adapter holds whole, beside the prompt: those of `modules_to_save`, and the heads that
    /// PEFT adds to them. PEFT does not load an adapter without them.
    #[must_use]
    pub fn modules_to_save(&self) -> Vec<&str> {
        let heads = heads(self.task_type().map(TaskType::as_str));
        let own = with_config!(self, config => config.modules_to_save.as_deref()).unwrap_or_default();
        own.iter().map(String::as_str).chain(heads.iter().copied()).collect()
    }

    /// What the parameters start from. In inference mode PEFT leaves words out, but not sources.
    #[must_use]
    pub fn starts_from(&self) -> StartsFrom<'_> {
        use MultitaskPromptTuningInit as Init;
        match self {
            Self::Plain(config) => match config.prompt_tuning_init {
                PromptTuningInit::Random => StartsFrom::Random,
                PromptTuningInit::SampleVocab => self.words(StartsFrom::Words),
                PromptTuningInit::Text => self.words(StartsFrom::Text(text(config.prompt_tuning_init_text.as_ref()))),
            },
            Self::Multitask(config) => match config.prompt_tuning_init {
                Init::Random => StartsFrom::Random,
                Init::SampleVocab => self.words(StartsFrom::Words),
                Init::Text => self.words(StartsFrom::Text(text(config.prompt_tuning_init_text.as_ref()))),
                Init::AverageSourceTasks | Init::ExactSourceTask | Init::OnlySourceShared => {
                    StartsFrom::Source(text(config.prompt_tuning_init_state_dict_path.as_ref()))
                }
            },
        }
    }

    fn words<'a>(&self, words: StartsFrom<'a>) -> StartsFrom<'a> {
        if with_config!(self, config => config.inference_mode) { StartsFrom::Random } else { words }
    }

    /// The parameters that training starts from, as the tensors of an adapter.
    ///
    /// # Errors
    /// As with [`MultitaskPromptEmbedding::from_config`].
    pub fn initialised(&self, inputs: &InitInputs<'_>, seed: u64) -> Result<Vec<StoredTensor>, EmbeddingError> {
        Ok(match self {
            Self::Plain(config) => PromptEmbedding::from_config(config, inputs, seed)?.stored(),
            Self::Multitask(config) => MultitaskPromptEmbedding::from_config(config, inputs, seed)?.stored(),
        })
    }

    /// How many numbers are trained.
    ///
    /// # Errors
    /// The config leaves a size to the base model.
    pub fn parameters(&self) -> Result<ParameterCount, EmbeddingError> {
        Ok(with_config!(self, config => Dimensions::try_from(config))?.parameters())
    }

    /// The config of an adapter that holds its tensors, as PEFT saves it: for inference. A source is left out, since PEFT would
    /// look for it again on every load, only to overwrite what it read.
    #[must_use]
    pub fn into_saved(mut self) -> Self {
        let starts_from_source = matches!(self.starts_from(), StartsFrom::Source(_));
        with_config!(&mut self, config => config.inference_mode = true);
        if let Self::Multitask(config) = &mut self
            && starts_from_source
        {
            let default = MultitaskPromptTuningConfig::default();
            config.prompt_tuning_init = default.prompt_tuning_init;
            config.prompt_tuning_init_state_dict_path = default.prompt_tuning_init_state_dict_path;
            config.prompt_tuning_init_task = default.prompt_tuning_init_task;
        }
        self
    }

    /// The bytes of `adapter_config.json`, as PEFT's `save_pretrained` writes them.
    #[must_use]
    pub fn to_json(&self) -> String {
        with_config!(self, config => config.to_json())
    }
}

fn text(field: Option<&String>) -> &str {
    field.map(String::as_str).unwrap_or_default()
}
