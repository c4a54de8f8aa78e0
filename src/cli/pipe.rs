//! Output into a pipe whose reader may leave early, as `head` does.

use std::io::{ErrorKind, Result, Write};

/// Swallows what nobody reads any more, so that the command ends calmly and with the exit code it would have had.
pub(super) struct Pipe<'a> {
    inner: &'a mut dyn Write,
}

impl<'a> Pipe<'a> {
    pub(super) fn new(inner: &'a mut dyn Write) -> Self {
        Self { inner }
    }
}

impl Write for Pipe<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        match self.inner.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            result => result,
        }
    }

    fn flush(&mut self) -> Result<()> {
        match self.inner.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }
}
