//! The tokens of an initial text, by the tokenizer of the base model.

use super::failure::{Failure, Result};
use std::path::{Path, PathBuf};

/// The file of a tokenizer in its folder.
const NAME: &str = "tokenizer.json";

/// The file of the first of these places, files or folders, that has a tokenizer.
pub(super) fn find(places: &[&Path]) -> Option<PathBuf> {
    let file = |place: &&Path| if place.is_dir() { place.join(NAME) } else { place.to_path_buf() };
    places.iter().map(file).find(|path| path.is_file())
}

/// The tokens of a text, special ones included, as `AutoTokenizer` gives them.
#[cfg(feature = "tokenizers")]
pub(super) fn tokens(file: &Path, text: &str) -> Result<Vec<u32>> {
    use tokenizers::Tokenizer;
    let wrong = |error: tokenizers::Error| Failure::files(file.display(), format!("this is no tokenizer: {error}"));
    let mut tokenizer = Tokenizer::from_file(file).map_err(wrong)?;
    // Transformers sets both anew for every call, to nothing.
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(wrong)?;
    Ok(tokenizer.encode(text, true).map_err(wrong)?.get_ids().to_vec())
}

/// This build has no tokenizers.
#[cfg(not(feature = "tokenizers"))]
pub(super) fn tokens(file: &Path, _text: &str) -> Result<Vec<u32>> {
    Err(Failure::Command(format!(
        "{}: this peftspec was built without tokenizers; build it with `--features tokenizers`",
        file.display()
    )))
}
