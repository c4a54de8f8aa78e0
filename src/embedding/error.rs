//! What keeps an embedding from being made or run, with the numbers that show it.

use crate::checkpoint::Dtype;
use std::fmt;

/// Why an embedding could not be made or run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddingError {
    /// A size that the config leaves to the base model.
    #[error("`{field}` is not set, and without it the embedding has no size: set it in the config")]
    FieldMissing {
        /// The config's field.
        field: &'static str,
    },
    /// The sizes of the config ask for more memory than is reasonable.
    #[error("`{tensor}` would have shape {shape:?}, which is more than the limit of {limit} elements")]
    TooLarge {
        /// The tensor, or the field that alone is too large.
        tensor: &'static str,
        /// The shape it would have.
        shape: Vec<usize>,
        /// The most elements that are allowed.
        limit: usize,
    },
    /// The tensors of an adapter ask together for more memory than is reasonable.
    #[error(
        "`{}` would have {elements} elements together, which is more than the limit of {limit}",
        .tensors.join("`, `")
    )]
    TooLargeTogether {
        /// The tensors.
        tensors: Vec<&'static str>,
        /// The elements that they would have.
        elements: usize,
        /// The most elements that are allowed.
        limit: usize,
    },
    /// A mode of initialisation lacks what it starts from.
    #[error("`prompt_tuning_init` is {mode}, which starts from {input}: none given")]
    InputMissing {
        /// The mode, spelt as in a config.
        mode: &'static str,
        /// What it starts from.
        input: &'static str,
    },
    /// Words are to be copied, and there are none.
    #[error("{what}: there is nothing to fill {rows} rows of the prompt with")]
    NothingToCopy {
        /// What is empty.
        what: &'static str,
        /// The rows of the prompt.
        rows: usize,
    },
    /// A token of the initial text is none of the vocabulary.
    #[error(
        "token id {id} (position {position} of the initial text) is out of range: there are {words} word embeddings"
    )]
    TokenOutOfRange {
        /// Its place, counted from 0.
        position: usize,
        /// The token.
        id: u32,
        /// The size of the vocabulary.
        words: usize,
    },
    /// A checkpoint lacks a tensor that is needed.
    #[error("the checkpoint has no tensor `{tensor}`, under exactly this name")]
    TensorMissing {
        /// Its name.
        tensor: &'static str,
    },
    /// Tensors do not have the shapes that the config asks for.
    #[error("{}", joined(.0))]
    Shapes(
        /// All that are wrong.
        Vec<ShapeMismatch>,
    ),
    /// A tensor has more or fewer dimensions than it must have.
    #[error("`{tensor}` has shape {shape:?}, but it must have {dimensions} dimensions")]
    DimensionCount {
        /// The tensor's name.
        tensor: &'static str,
        /// Its shape.
        shape: Vec<usize>,
        /// How many dimensions it must have.
        dimensions: usize,
    },
    /// Tensors contradict each other.
    #[error("`{first}` has {size} {first_size}, `{second}` has {second_size}: they are not of one embedding")]
    TensorsDisagree {
        /// What they disagree about: the name of a config's field, or `virtual tokens`.
        size: &'static str,
        /// One tensor.
        first: &'static str,
        /// The size that it has.
        first_size: usize,
        /// The other tensor.
        second: &'static str,
        /// The size that it has.
        second_size: usize,
    },
    /// The two factors of the tasks have different element types, which torch does not multiply.
    #[error("`prefix_task_cols` is {cols} and `prefix_task_rows` is {rows}: convert one to the other's type")]
    DtypesDiffer {
        /// The type of the columns.
        cols: Dtype,
        /// The type of the rows.
        rows: Dtype,
    },
    /// Arrays are of float32, float16 or bfloat16.
    #[error("arrays of {dtype} are not computed with: convert them to float32, float16 or bfloat16")]
    DtypeUnsupported {
        /// The other type.
        dtype: Dtype,
    },
    /// The mean over the tasks of a source is taken in a type that torch has no mean for.
    #[error(
        "AVERAGE_SOURCE_TASKS takes the mean of `{tensor}` of the source, which is {dtype}, and torch has no mean for it: \
         convert the source to float32"
    )]
    NoMean {
        /// The tensor of the source.
        tensor: &'static str,
        /// Its type in the file.
        dtype: Dtype,
    },
    /// AVERAGE_SOURCE_TASKS and EXACT_SOURCE_TASK make the factors of one task.
    #[error(
        "{mode} makes one task out of the source, but `num_tasks` is {num_tasks}: set it to 1, or `prompt_tuning_init` to \
         ONLY_SOURCE_SHARED, which starts any number of tasks"
    )]
    OneTaskOnly {
        /// The mode, spelt as in a config.
        mode: &'static str,
        /// The config's number of tasks.
        num_tasks: usize,
    },
    /// EXACT_SOURCE_TASK without a task.
    #[error(
        "`prompt_tuning_init` is EXACT_SOURCE_TASK, but `prompt_tuning_init_task` is null: set it to a task of the source"
    )]
    SourceTaskMissing,
    /// EXACT_SOURCE_TASK with a task that the source does not have. A negative number counts from the end.
    #[error("`prompt_tuning_init_task` is {task}, but `{tensor}` of the source has {}", counted_tasks(*tasks))]
    SourceTaskOutOfRange {
        /// The config's task.
        task: i64,
        /// The tensor of the source.
        tensor: &'static str,
        /// How many tasks it has.
        tasks: usize,
    },
    /// An index of the prompt's rows is out of range. Negative ones do not count from the end here.
    #[error("index {index} is out of range: the prompt has {rows} rows, counted from 0")]
    IndexOutOfRange {
        /// The index.
        index: i64,
        /// The rows of the prompt.
        rows: usize,
    },
    /// A task id is out of range. Negative ones do not count from the end here.
    #[error("task id {id} (position {position}) is out of range: the embedding has {}", counted_tasks(*tasks))]
    TaskOutOfRange {
        /// Its place, counted from 0.
        position: usize,
        /// The task id.
        id: i64,
        /// How many tasks there are.
        tasks: usize,
    },
    /// Task ids are a list, or a single number.
    #[error("task ids must have one dimension (or none, for a single task), these have shape {shape:?}")]
    TaskIdsShape {
        /// Their shape.
        shape: Vec<usize>,
    },
    /// Indices without a dimension for the batch.
    #[error(
        "indices must have shape [batch, virtual tokens], these have {shape:?}: put a dimension of size 1 before it"
    )]
    IndicesShape {
        /// Their shape.
        shape: Vec<usize>,
    },
    /// One task id for each row of indices, or one for all of them.
    #[error("{task_ids} task ids do not fit a batch of {batch}: give one for each row of indices, or one for all")]
    BatchMismatch {
        /// Rows of indices.
        batch: usize,
        /// Task ids.
        task_ids: usize,
    },
    /// Each row of indices must have one index for every row of the tasks' factors.
    #[error(
        "there are {indices} indices in a row, but the prompt has {tokens} virtual tokens: give one index for each"
    )]
    TokensMismatch {
        /// Indices in a row.
        indices: usize,
        /// Virtual tokens of the embedding, of all submodules.
        tokens: usize,
    },
    /// The array that was given for the result does not fit it.
    #[error("the output must be {dtype} of shape {shape:?}, this one is {found_dtype} of shape {found_shape:?}")]
    OutputMismatch {
        /// The type of the result.
        dtype: Dtype,
        /// The shape of the result.
        shape: Vec<usize>,
        /// The type of the array.
        found_dtype: Dtype,
        /// The shape of the array.
        found_shape: Vec<usize>,
    },
}

/// A tensor whose shape is not what the config asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShapeMismatch {
    /// The tensor's name.
    pub tensor: &'static str,
    /// The shape that follows from the config.
    pub expected: Vec<usize>,
    /// The shape that it has.
    pub found: Vec<usize>,
    /// Fields of the config to change, each with the value that would agree with the tensor.
    pub agreeing: Vec<(&'static str, usize)>,
}

impl fmt::Display for ShapeMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tensor, expected, found, agreeing } = self;
        write!(f, "`{tensor}` has shape {found:?}, but the config asks for {expected:?}")?;
        for (position, (field, value)) in agreeing.iter().enumerate() {
            write!(f, "{} `{field}` {value}", if position == 0 { ": it would fit" } else { " and" })?;
        }
        Ok(())
    }
}

fn joined(mismatches: &[ShapeMismatch]) -> String {
    mismatches.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// How many tasks there are, and how their numbers count.
pub(crate) fn counted_tasks(tasks: usize) -> String {
    match tasks {
        0 => "no tasks".to_owned(),
        1 => "1 task, which is 0".to_owned(),
        _ => format!("{tasks} tasks, counted from 0"),
    }
}
