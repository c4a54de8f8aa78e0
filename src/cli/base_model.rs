//! What a base model's own files hold: its word embeddings, its heads.

use super::{
    adapter,
    failure::{Failure, Result},
};
use crate::check::reading;
use crate::{
    checkpoint::{Checkpoint, StoredTensor},
    embedding::Tensor,
    layout::prompt_learning::OF_BASE_MODEL,
};
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
    /// The file that they are from.
    pub(super) file: PathBuf,
    /// File and name of the tensor, for messages.
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
    let files = files(folder)?;
    let name = usual_name(files.keys().map(String::as_str));
    let found = name.and_then(|name| Some((name, files.get(name)?)));
    let advice = "name the tensor with --word-embeddings FILE:TENSOR";
    let (name, file) = found.ok_or_else(|| no_usual_name(folder, advice))?;
    words(file, &adapter::open_checkpoint(file)?, name)
}

/// The tensors of the modules with these names, as an adapter has them: with `base_model.` before the name.
pub(super) fn modules(folder: &Path, modules: &[&str]) -> Result<Vec<StoredTensor>> {
    let mut tensors = Vec::new();
    let files = files(folder)?;
    for (name, file) in files.iter().filter(|(name, _)| is_of_modules(name, modules)) {
        let checkpoint = adapter::open_checkpoint(file)?;
        if let Some(tensor) = checkpoint.catalogue.get(name) {
            tensors.push(checkpoint.stored(tensor, format!("{OF_BASE_MODEL}{name}"))?);
        }
    }
    Ok(tensors)
}

/// Whether a tensor belongs to a module whose name ends like one of these, which is how PEFT looks for them.
fn is_of_modules(tensor: &str, modules: &[&str]) -> bool {
    let parents = tensor.char_indices().filter(|(_, character)| *character == '.');
    let mut parents = parents.filter_map(|(end, _)| tensor.get(..end));
    parents.any(|parent| modules.iter().any(|module| parent.ends_with(module)))
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

/// The tensors of a model by name, and the file of each.
fn files(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    if let Some(list) = LISTS.iter().map(|name| folder.join(name)).find(|path| path.is_file()) {
        return listed(&list);
    }
    let Some(path) = WHOLE.iter().map(|name| folder.join(name)).find(|path| path.is_file()) else {
        let (folder, names) = (folder.display(), WHOLE.join(" or "));
        return Err(Failure::Command(format!(
            "{folder}: no {names} in this folder, so nothing can be taken from the base model"
        )));
    };
    let tensors = adapter::open_checkpoint(&path)?.catalogue.tensors;
    Ok(tensors.into_iter().map(|tensor| (tensor.name, path.clone())).collect())
}

fn listed(list: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let bytes = reading::read_file(list, LONGEST_LIST)?;
    let no_list =
        |_| Failure::files(list.display(), "this is no list of a model's files: it needs an object `weight_map`");
    let List { weight_map } = serde_json::from_slice(&bytes).map_err(no_list)?;
    // A list names files beside it; the folder is not left, whatever it says.
    let beside = |file: String| list.with_file_name(Path::new(&file).file_name().unwrap_or_default());
    Ok(weight_map.into_iter().map(|(name, file)| (name, beside(file))).collect())
}

fn usual_name<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let names: Vec<&str> = names.into_iter().collect();
    let of_module = |module: &&str| {
        names.iter().copied().find(|name| {
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
    Ok(Words { values, file: path.to_owned(), found: format!("`{name}` of {}", path.display()) })
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

    #[test]
    fn modules_are_found_by_the_end_of_their_name() {
        let is_head = |tensor: &str| is_of_modules(tensor, &["classifier", "score"]);
        assert!(
            is_head("score.weight") && is_head("classifier.out_proj.bias") && is_head("bert.pre_classifier.weight")
        );
        assert!(!is_head("transformer.wte.weight") && !is_head("classifier") && !is_head("classifiers.weight"));
    }
}
