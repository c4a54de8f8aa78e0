//! The files of an adapter: what they are called, and which of a folder's are read.

#[cfg(feature = "cli")]
use std::path::PathBuf;
use std::{ffi::OsStr, path::Path};

/// The config, as PEFT writes and reads it.
pub(crate) const CONFIG: &str = "adapter_config.json";

/// The weights, as PEFT writes them.
pub(crate) const WEIGHTS: &str = "adapter_model.safetensors";

/// The names under which a config has weights beside it.
pub(crate) const CONFIG_NAMES: [&str; 4] = [CONFIG, "adapter_config.yaml", "adapter_config.yml", "adapter_config.toml"];

/// The names under which PEFT looks for weights, in its order.
pub(crate) const WEIGHTS_NAMES: [&str; 2] = [WEIGHTS, "adapter_model.bin"];

/// Whether a file, with or without folders before its name, is called like a config that has weights beside it.
pub(crate) fn is_config(path: &Path) -> bool {
    path.file_name().and_then(OsStr::to_str).is_some_and(|name| CONFIG_NAMES.contains(&name))
}

/// The config of a folder.
#[cfg(feature = "cli")]
pub(crate) fn config_in(folder: &Path) -> Option<PathBuf> {
    first_of(&CONFIG_NAMES, folder)
}

/// The weights of a folder: those that PEFT reads, where there are several.
#[cfg(feature = "cli")]
pub(crate) fn weights_in(folder: &Path) -> Option<PathBuf> {
    first_of(&WEIGHTS_NAMES, folder)
}

#[cfg(feature = "cli")]
fn first_of(names: &[&str], folder: &Path) -> Option<PathBuf> {
    names.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}
