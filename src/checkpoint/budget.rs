//! What reading a checkpoint may cost at most; every limit is checked before memory grows.

/// What reading one checkpoint may cost at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of a safetensors header; the format's own reader stops at 100 MB too.
    pub header: u64,
    /// Tensors, and entries of a safetensors header.
    pub tensors: usize,
    /// Members of a zip archive.
    pub members: usize,
    /// Bytes of one pickle.
    pub pickle: u64,
    /// Operations of one pickle.
    pub operations: usize,
    /// Objects that one pickle makes.
    pub objects: usize,
    /// Entries of a pickle's memo.
    pub memo: usize,
    /// Entries of a pickle's stack, marks included.
    pub stack: usize,
    /// Bytes of all strings of a pickle.
    pub text: usize,
    /// Bytes of zip members whose checksums are verified; members beyond are left unread, and a remark says so.
    pub checksums: u64,
    /// Bytes that the compressed members of a zip may become, if that is more than 100 times what they are.
    pub inflated: u64,
    /// Bytes that reading the values of one tensor may take, if that is more than the whole file has: strides can repeat one
    /// element without end, and compressed bytes can become a thousand times what they are.
    pub values: u64,
    /// Bytes that looking at the values of all tensors may take, if that is more than the whole file has: tensors can overlap,
    /// and what is compressed is unpacked from its start for each of them.
    pub scanned: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            header: 100_000_000,
            tensors: 250_000,
            members: 250_000,
            pickle: 32 << 20,
            operations: 5_000_000,
            objects: 1_000_000,
            memo: 1_000_000,
            stack: 1_000_000,
            text: 16 << 20,
            checksums: 64 << 20,
            inflated: 1 << 30,
            values: 64 << 20,
            scanned: 1 << 30,
        }
    }
}
