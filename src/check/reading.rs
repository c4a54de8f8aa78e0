//! Reading files whose kind and size nobody vouches for.

use crate::error::Error;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The bytes of a file that has no more than `limit` of them. Waits for nothing: pipes and devices are refused.
pub(crate) fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let io_error = |source| Error::Io { path: path.to_owned(), source };
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && path.is_symlink() => {
            return Err(Error::BrokenLink { path: path.to_owned() });
        }
        metadata => metadata.map_err(io_error)?,
    };
    if !metadata.is_file() {
        return Err(Error::not_a_file(path, metadata.file_type()));
    }
    if metadata.len() > limit {
        return Err(Error::TooLarge { path: path.to_owned(), actual: Some(metadata.len()), limit });
    }
    read(&mut File::open(path).map_err(io_error)?, path, limit)
}

/// All bytes of a stream that has no more than `limit` of them; `name` is for the error.
pub(crate) fn read(stream: &mut dyn Read, name: &Path, limit: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let most = limit.saturating_add(1);
    stream.take(most).read_to_end(&mut bytes).map_err(|source| Error::Io { path: name.to_owned(), source })?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= limit) {
        Ok(bytes)
    } else {
        Err(Error::TooLarge { path: name.to_owned(), actual: None, limit })
    }
}
