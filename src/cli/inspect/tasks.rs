//! The tasks of a multitask prompt: what they cost and how alike they are.

use super::text::grouped;
use crate::{
    checkpoint::Checkpoint,
    embedding::{AdapterTensors, Dimensions, MultitaskPromptEmbedding, ParameterCount},
};
use ndarray::Array2;

/// As many tasks are compared; a picture of more would not be looked at.
pub(super) const MOST_TASKS: usize = 64;
/// Numbers in the three tensors up to which they are read: 256 MiB of float32, of which there are up to four copies on the way.
const MOST_NUMBERS: u128 = 1 << 26;
/// Multiplications up to which the tasks are compared: a second or two of work.
const MOST_MULTIPLICATIONS: u128 = 1 << 31;

/// The tasks of a multitask prompt.
pub(super) struct Tasks {
    pub(super) parameters: ParameterCount,
    /// The cosine between the prompts of each two of the first tasks, or why it is not known.
    pub(super) similarity: Result<Array2<f64>, String>,
}

impl Tasks {
    /// Reads the prompts and compares them, if that is worth its while.
    pub(super) fn compare(dimensions: &Dimensions, checkpoint: &Checkpoint<'_>) -> Self {
        let similarity = worth_comparing(dimensions)
            .and_then(|()| read(checkpoint))
            .map(|embedding| embedding.task_similarity(MOST_TASKS));
        Self { parameters: dimensions.parameters(), similarity }
    }
}

/// Says why the prompts are not compared, unless they are.
fn worth_comparing(dimensions: &Dimensions) -> Result<(), String> {
    let parameters = dimensions.parameters();
    let numbers = parameters.total();
    let multiplications = dimensions.similarity_cost(MOST_TASKS);
    if [parameters.shared, parameters.of_each_task, parameters.tasks].contains(&0) {
        Err("there are no numbers in them".to_owned())
    } else if numbers > MOST_NUMBERS {
        let (numbers, limit) = (grouped(numbers), grouped(MOST_NUMBERS));
        Err(format!("their tensors have {numbers} numbers, more than the {limit} that are read for it"))
    } else if multiplications > MOST_MULTIPLICATIONS {
        let (cost, limit) = (grouped(multiplications), grouped(MOST_MULTIPLICATIONS));
        Err(format!("that takes {cost} multiplications, more than the limit of {limit}"))
    } else {
        Ok(())
    }
}

fn read(checkpoint: &Checkpoint<'_>) -> Result<MultitaskPromptEmbedding, String> {
    let tensors = AdapterTensors::read(checkpoint).map_err(|error| error.to_string())?;
    MultitaskPromptEmbedding::from_tensors(&tensors).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_take_too_long_is_left_out() {
        let told = |num_virtual_tokens, token_dim, num_tasks, num_ranks| {
            let num_transformer_submodules = 1;
            worth_comparing(&Dimensions {
                num_virtual_tokens,
                num_transformer_submodules,
                token_dim,
                num_tasks,
                num_ranks,
            })
        };
        assert_eq!(told(100, 4096, 64, 1), Ok(()));
        assert_eq!(told(100, 0, 64, 1).unwrap_err(), "there are no numbers in them");
        assert_eq!(told(100, 768, 64, 0).unwrap_err(), "there are no numbers in them");
        assert_eq!(
            told(100, 4096, 64, 32).unwrap_err(),
            "that takes 2,516,582,400 multiplications, more than the limit of 2,147,483,648"
        );
        assert_eq!(
            told(1, 1 << 20, 1, 64).unwrap_err(),
            "their tensors have 68,157,504 numbers, more than the 67,108,864 that are read for it"
        );
    }
}
