//! The values of a tensor, read when they are asked for: in pieces for whoever looks at each once, or all at once.

use super::{
    Checkpoint, Place, Tensor,
    dtype::elements,
    findings::{over_budget, shown},
    zip,
};
use crate::{
    diagnostic::{BROKEN_TENSOR, Diagnostic},
    error::Error,
};
use std::io::{self, Read};

/// Bytes of a piece. Every element size divides it, and three bytes do, which hold four elements of six bits.
const PIECE: usize = 768 << 10;

/// Why the values of a tensor cannot be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ValuesError {
    /// The operating system refused.
    #[error(transparent)]
    Read(#[from] Error),
    /// The file does not hold them as it says, or they are more than the budget allows.
    #[error("{0}")]
    Fault(Box<Diagnostic>),
}

impl From<Diagnostic> for ValuesError {
    fn from(finding: Diagnostic) -> Self {
        Self::Fault(Box::new(finding))
    }
}

impl Checkpoint<'_> {
    /// Gives the values of a tensor of this checkpoint in pieces of whole elements, at most 768 KiB each: in row-major order,
    /// the least significant byte first. Only a tensor with strides is held in memory.
    ///
    /// # Errors
    /// Reading fails; the tensor has no values in the file or lies about its place; it has strides and is over the budget.
    pub fn each_chunk(&self, tensor: &Tensor, visit: impl FnMut(&[u8])) -> Result<(), ValuesError> {
        self.each_chunk_through(tensor, &mut Vec::new(), visit)
    }

    /// As [`each_chunk`](Self::each_chunk), through a buffer that the next tensor can use again.
    pub(super) fn each_chunk_through(
        &self,
        tensor: &Tensor,
        buffer: &mut Vec<u8>,
        mut visit: impl FnMut(&[u8]),
    ) -> Result<(), ValuesError> {
        let (place, _) = checked(tensor)?;
        if place.strides.is_some() {
            self.bytes(tensor)?.chunks(PIECE).for_each(visit);
            return Ok(());
        }
        self.each_stored(tensor, place, buffer, &mut visit)
    }

    /// How many bytes are read, unpacked or picked by strides for the values of a tensor.
    pub(super) fn cost(&self, tensor: &Tensor) -> u64 {
        let Some(place) = &tensor.place else { return 0 };
        let member = place.member.as_ref().and_then(|name| self.members.get(name));
        let before = member.filter(|member| member.is_compressed()).map_or(0, |_| place.offset);
        let picked = place.strides.as_ref().and_then(|_| tensor.dtype.bytes_of(&tensor.shape)).unwrap_or_default();
        place.bytes.saturating_add(before).saturating_add(picked)
    }

    /// The values of a tensor of this checkpoint, in row-major order, the least significant byte first.
    ///
    /// # Errors
    /// Reading fails; the tensor has no values in the file or lies about its place; it is over the budget.
    pub fn bytes(&self, tensor: &Tensor) -> Result<Vec<u8>, ValuesError> {
        let (place, size) = checked(tensor)?;
        let needed = if place.strides.is_some() { place.bytes.saturating_add(size) } else { size };
        let limit = self.budget.values.max(self.input.len());
        if needed > limit {
            let what = format!("the values of tensor `{}` take too many bytes", shown(&tensor.name));
            return Err(over_budget("checkpoint.values", &what, needed, limit).into());
        }
        let too_large = || fault(tensor, "has more bytes than this machine can address");
        let mut stored = Vec::new();
        stored.reserve_exact(usize::try_from(place.bytes).map_err(|_| too_large())?);
        self.each_stored(tensor, place, &mut Vec::new(), &mut |piece| stored.extend_from_slice(piece))?;
        match &place.strides {
            None => Ok(stored),
            Some(strides) => gathered(tensor, strides, &stored, usize::try_from(size).map_err(|_| too_large())?)
                .ok_or_else(|| fault(tensor, "has strides that lead out of its place").into()),
        }
    }

    /// The bytes of a place as they follow one another, the least significant byte of each element first.
    fn each_stored(
        &self,
        tensor: &Tensor,
        place: &Place,
        buffer: &mut Vec<u8>,
        visit: &mut dyn FnMut(&[u8]),
    ) -> Result<(), ValuesError> {
        let mut stream = self.stream(tensor, place)?;
        let swapped = usize::try_from(tensor.dtype.swapped_bytes()).unwrap_or(1).max(1);
        let mut left = place.bytes;
        let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        if buffer.len() < most {
            buffer.resize(most, 0);
        }
        while left > 0 {
            let count = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            let piece = buffer.get_mut(..count).unwrap_or_default();
            stream.read_exact(piece).map_err(|error| self.unread(tensor, error))?;
            if place.big_endian {
                piece.chunks_mut(swapped).for_each(<[u8]>::reverse);
            }
            visit(piece);
            left = left.saturating_sub(u64::try_from(count).unwrap_or(left));
        }
        Ok(())
    }

    /// What follows from the first byte of a place on. A place beyond the end is a fault.
    fn stream<'s>(&'s self, tensor: &Tensor, place: &Place) -> Result<Box<dyn Read + 's>, ValuesError> {
        let end = place.offset.checked_add(place.bytes);
        let outside = || fault(tensor, "lies beyond the end of what the file holds");
        let Some(name) = &place.member else {
            let end = end.filter(|end| *end <= self.input.len()).ok_or_else(outside)?;
            return Ok(Box::new(self.input.range(place.offset, end)));
        };
        let member = self.members.get(name).ok_or_else(|| fault(tensor, "lies in a member that the archive lacks"))?;
        end.filter(|end| *end <= member.size).ok_or_else(outside)?;
        let unpacked = zip::stream(member, place.offset, &self.input)?;
        unpacked.ok_or_else(|| fault(tensor, "lies in a member that cannot be unpacked").into())
    }

    fn unread(&self, tensor: &Tensor, error: io::Error) -> ValuesError {
        if zip::is_of_the_archive(&error) {
            return fault(tensor, "has fewer bytes in the file than it says").into();
        }
        self.input.error(error).into()
    }
}

/// The place of a tensor and the bytes of its values, if both can be true.
fn checked(tensor: &Tensor) -> Result<(&Place, u64), ValuesError> {
    let place = tensor.place.as_ref().ok_or_else(|| fault(tensor, "has no values in the file"))?;
    let size =
        tensor.dtype.bytes_of(&tensor.shape).ok_or_else(|| fault(tensor, "has a size that does not fit 64 bits"))?;
    let is_whole = place.strides.is_some() || size == place.bytes;
    if is_whole { Ok((place, size)) } else { Err(fault(tensor, "has another size than its type and shape say").into()) }
}

fn fault(tensor: &Tensor, what: &str) -> Diagnostic {
    Diagnostic::new(&BROKEN_TENSOR, format!("the values of tensor `{}` cannot be read: it {what}", shown(&tensor.name)))
}

/// The elements in row-major order, picked from where the strides say; `None` where these lead out of what is stored.
fn gathered(tensor: &Tensor, strides: &[u64], stored: &[u8], size: usize) -> Option<Vec<u8>> {
    let element = usize::try_from(tensor.dtype.bits() / 8).ok().filter(|bytes| *bytes > 0)?;
    let elements_of =
        |numbers: &[u64]| numbers.iter().map(|number| usize::try_from(*number).ok()).collect::<Option<Vec<_>>>();
    // A dimension with one entry is never stepped along, and a tensor can have any number of them.
    let steps = tensor.shape.iter().zip(strides).filter(|(dimension, _)| **dimension != 1);
    let (shape, strides): (Vec<u64>, Vec<u64>) = steps.unzip();
    let (shape, strides) = (elements_of(&shape)?, elements_of(&strides)?);
    let mut index = vec![0_usize; shape.len()];
    let mut at = 0_usize;
    let mut values = Vec::with_capacity(size);
    for _ in 0..elements(&tensor.shape)? {
        let start = at.checked_mul(element)?;
        values.extend_from_slice(stored.get(start..start.checked_add(element)?)?);
        for ((index, dimension), stride) in index.iter_mut().zip(&shape).zip(&strides).rev() {
            // A step too far is taken back at once, so it may wrap.
            at = at.wrapping_add(*stride);
            *index += 1;
            if *index < *dimension {
                break;
            }
            at = at.wrapping_sub(stride.wrapping_mul(*dimension));
            *index = 0;
        }
    }
    Some(values)
}
