//! What a base model's own files say: its word embeddings.

use super::{
    adapter,
    failure::{Failure, Result},
    input,
};
use crate::{checkpoint::Checkpoint, embedding::Tensor};
use ndarray::Ix2;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the module of the word embeddings is called in the models of transformers, the surest name first: T5, BART and others
/// have one that encoder and decoder share.
const MODULES: [&str; 5] = ["shared", "embed_tokens", "wte", "word_embeddings", "embed_in"];

/// The files that hold a whole model, and the lists of files for models in parts.
const WHOLE: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];
const LISTS: [&str; 2] = ["model.safetensors.index.json", "pytorch_model.bin.index.json"];

/// The most bytes of a list of files.
const LONGEST_LIST: u64 = 64 << 20;

/// Word embeddings as they were found.
pub(super) struct Words {
    /// `[vocabulary, width]`.
    pub(super) values: Tensor<Ix2>,
    /// File and name of the tensor.
    pub(super) found: String,
}

/// The word embeddings in `FILE` or `FILE:TENSOR`.
pub(super) fn words_of_argument(argument: &str) -> Result<Words> {
    let split = argument.rsplit_once(':').filter(|(file, _)| !Path::new(argument).exists() && !file.is_empty());
    let Some((file, name)) = split else {
        let path = Path::new(argument);
        let checkpoint = adapter::open_checkpoint(path)?;
        let names = checkpoint.catalogue.tensors.iter().map(|tensor| tensor.name.as_str());
        let name = usual_name(names).map(str::to_owned).or_else(|| only_matrix(&checkpoint));
        let name = name.ok_or_else(|| no_usual_name(path, &format!("name the tensor: `{argument}:NAME`")))?;
        return words(path, &checkpoint, &name);
    };
    let path = Path::new(file);
    words(path, &adapter::open_checkpoint(path)?, name)
}

/// The word embeddings among the files of a base model.
pub(super) fn words_of_folder(folder: &Path) -> Result<Words> {
    for name in LISTS {
        let list = folder.join(name);
        if list.is_file() {
            let (file, tensor) = listed(&list)?;
            return words(&file, &adapter::open_checkpoint(&file)?, &tensor);
        }
    }
    let Some(path) = WHOLE.iter().map(|name| folder.join(name)).find(|path| path.is_file()) else {
        let (folder, names) = (folder.display(), WHOLE.join(" or "));
        return Err(Failure::Command(format!(
            "{folder}: no {names} in this folder to take word embeddings from; name a file with --word-embeddings"
        )));
    };
    let checkpoint = adapter::open_checkpoint(&path)?;
    let name = usual_name(checkpoint.catalogue.tensors.iter().map(|tensor| tensor.name.as_str()));
    let name = name.ok_or_else(|| no_usual_name(&path, "name the tensor with --word-embeddings FILE:TENSOR"))?;
    words(&path, &checkpoint, name)
}

/// The folder of a base model that is named by its folder or by its `config.json`.
pub(super) fn folder(path: &Path) -> Result<PathBuf> {
    if path.is_dir() {
        return Ok(path.to_owned());
    }
    if path.is_file() {
        return Ok(path.parent().unwrap_or(Path::new("")).to_owned());
    }
    Err(Failure::Command(format!(
        "{}: no such folder; --base-model takes a folder with a `config.json`",
        path.display()
    )))
}

/// The list of a model's files.
#[derive(Deserialize)]
struct List {
    /// The file of each tensor.
    weight_map: BTreeMap<String, String>,
}

/// The file and the name of the word embeddings.
fn listed(list: &Path) -> Result<(PathBuf, String)> {
    let bytes = input::read_file(list, LONGEST_LIST)?;
    let no_list =
        |_| Failure::files(list.display(), "this is no list of a model's files: it needs an object `weight_map`");
    let List { weight_map } = serde_json::from_slice(&bytes).map_err(no_list)?;
    let advice = "name the tensor with --word-embeddings FILE:TENSOR";
    let name = usual_name(weight_map.keys().map(String::as_str)).ok_or_else(|| no_usual_name(list, advice))?;
    // A list names files beside it; the folder is not left, whatever it says.
    let file = weight_map.get(name).and_then(|file| Path::new(file).file_name()).unwrap_or_default();
    Ok((list.with_file_name(file), name.to_owned()))
}

fn usual_name<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let of_module = |module: &&str| {
        names.clone().find(|name| {
            let path = name.strip_suffix(".weight").unwrap_or_default();
            path.strip_suffix(*module).is_some_and(|before| before.is_empty() || before.ends_with('.'))
        })
    };
    MODULES.iter().find_map(of_module)
}

/// The name of a checkpoint's only tensor with two dimensions.
fn only_matrix(checkpoint: &Checkpoint<'_>) -> Option<String> {
    let mut matrices = checkpoint.catalogue.tensors.iter().filter(|tensor| tensor.shape.len() == 2);
    let first = matrices.next()?;
    matrices.next().is_none().then(|| first.name.clone())
}

fn no_usual_name(path: &Path, advice: &str) -> Failure {
    let names = MODULES.map(|module| format!("`{module}.weight`")).join(", ");
    Failure::Command(format!(
        "{}: none of the tensors is called like word embeddings ({names}, after any prefix); {advice}",
        path.display()
    ))
}

fn words(path: &Path, checkpoint: &Checkpoint<'_>, name: &str) -> Result<Words> {
    let Some(tensor) = checkpoint.catalogue.get(name) else {
        return Err(Failure::Command(format!("{}: the file has no tensor `{name}`", path.display())));
    };
    let shape = &tensor.shape;
    let wrong_shape = |_| {
        let message =
            format!("`{name}` has shape {shape:?}; word embeddings have two dimensions: vocabulary and width");
        Failure::files(path.display(), message)
    };
    let values = Tensor::read(checkpoint, tensor)?.into_dimensionality().map_err(wrong_shape)?;
    Ok(Words { values, found: format!("`{name}` of {}", path.display()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_embeddings_are_found_by_the_end_of_their_name() {
        let found = |names: &[&'static str]| usual_name(names.iter().copied());
        assert_eq!(found(&["lm_head.weight", "model.embed_tokens.weight"]), Some("model.embed_tokens.weight"));
        assert_eq!(found(&["decoder.embed_tokens.weight", "shared.weight"]), Some("shared.weight"));
        assert_eq!(found(&["wpe.weight", "wte.weight"]), Some("wte.weight"));
        assert_eq!(found(&["newte.weight", "wte.bias", "wte.weight.x"]), None);
    }
}
