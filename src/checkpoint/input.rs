//! The bytes of a file, read where they are needed.

use crate::error::Error;
use std::cell::{Cell, RefCell};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// What a file must be able to do.
pub(super) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// A file of known length that is read at any place.
pub(super) struct Input<'a> {
    file: RefCell<Box<dyn ReadSeek + 'a>>,
    /// Where the file stands, if that is known: moving it to where it is costs as much as reading.
    position: Cell<Option<u64>>,
    length: u64,
    path: PathBuf,
}

impl<'a> Input<'a> {
    pub(super) fn new(mut file: impl ReadSeek + 'a, path: &Path) -> Result<Self, Error> {
        let io_error = |source| Error::Io { path: path.to_owned(), source };
        let length = file.seek(SeekFrom::End(0)).map_err(io_error)?;
        let position = Cell::new(Some(length));
        Ok(Self { file: RefCell::new(Box::new(file)), position, length, path: path.to_owned() })
    }

    pub(super) fn len(&self) -> u64 {
        self.length
    }

    pub(super) fn error(&self, source: io::Error) -> Error {
        Error::Io { path: self.path.clone(), source }
    }

    /// The bytes from `offset` on, fewer than asked for where the file ends. `most` must be within the budget.
    pub(super) fn bytes(&self, offset: u64, most: u64) -> Result<Vec<u8>, Error> {
        let count = most.min(self.length.saturating_sub(offset));
        let mut bytes = Vec::new();
        if count == 0 {
            return Ok(bytes);
        }
        bytes.reserve_exact(usize::try_from(count).map_err(|_| self.error(io::ErrorKind::OutOfMemory.into()))?);
        self.range(offset, self.length).take(count).read_to_end(&mut bytes).map_err(|error| self.error(error))?;
        Ok(bytes)
    }

    /// A number of eight bytes, if the file has them there.
    pub(super) fn u64_at(&self, offset: u64) -> Result<Option<u64>, Error> {
        let bytes = self.bytes(offset, 8)?;
        Ok(bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)))
    }

    /// A reader of the bytes between two offsets.
    pub(super) fn range(&self, start: u64, end: u64) -> Range<'_, 'a> {
        Range { input: self, at: start, end: end.min(self.length) }
    }
}

impl rawzip::ReaderAt for Input<'_> {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        // Operating systems refuse to go to places that no file can have.
        if offset >= self.length {
            return Ok(0);
        }
        let mut file = self.file.borrow_mut();
        if self.position.take() != Some(offset) {
            file.seek(SeekFrom::Start(offset))?;
        }
        // Interruptions end here: not everyone who reads through this tries again.
        let count = loop {
            match file.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => break result?,
            }
        };
        self.position.set(u64::try_from(count).ok().and_then(|count| offset.checked_add(count)));
        Ok(count)
    }
}

/// Part of an input as a stream.
pub(super) struct Range<'a, 'file> {
    input: &'a Input<'file>,
    at: u64,
    end: u64,
}

impl Read for Range<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = buffer.len().min(left);
        let count = rawzip::ReaderAt::read_at(self.input, buffer.get_mut(..most).unwrap_or_default(), self.at)?;
        self.at = self.at.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rawzip::ReaderAt;

    #[test]
    fn beyond_the_end_of_a_file_there_is_nothing() {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, b"abc").unwrap();
        let input = Input::new(file, Path::new("x")).unwrap();
        let mut buffer = [0; 2];
        for (offset, count) in [(0, 2), (2, 1), (3, 0), (1 << 63, 0), (u64::MAX, 0)] {
            assert_eq!(input.read_at(&mut buffer, offset).unwrap(), count, "{offset}");
        }
    }
}
