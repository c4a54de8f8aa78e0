//! The files of an adapter: what they are called, and which of a folder's are read.

use std::{
    ffi::OsStr,
    path::{Component, Path, PathBuf},
};

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

/// A path without `./`, unless there is nothing else.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let plain: PathBuf = path.components().filter(|component| *component != Component::CurDir).collect();
    if plain.as_os_str().is_empty() { path.to_owned() } else { plain }
}

/// What a path leads to from a folder, as it is to be shown.
pub(crate) fn below(folder: &Path, path: &str) -> PathBuf {
    plain(&folder.join(path))
}

/// The config of a folder.
#[cfg(feature = "cli")]
pub(crate) fn config_in(folder: &Path) -> Option<PathBuf> {
    CONFIG_NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// The weights of a folder: the first that exist, as PEFT takes them, whatever they are.
#[cfg(feature = "cli")]
pub(crate) fn weights_in(folder: &Path) -> Option<PathBuf> {
    WEIGHTS_NAMES.iter().map(|name| folder.join(name)).find(|path| path.exists())
}
