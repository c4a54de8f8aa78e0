//! Between arrays and checkpoints. Three types are read as they are, every other real one as float32, into which PEFT copies it.

use super::tensor::{Tensor, with_array};
use crate::checkpoint::{self, Checkpoint, Dtype, StoredTensor, ValuesError};
use half::{bf16, f16};
use ndarray::{ArrayD, Dimension};

/// Why a tensor of a checkpoint is no array.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// Its values cannot be had.
    #[error(transparent)]
    Values(#[from] ValuesError),
    /// Its elements are no real numbers, or several in a byte.
    #[error("tensor `{tensor}` is {dtype}, which does not become float32: store it as float32")]
    NotReal {
        /// Its name.
        tensor: String,
        /// The type of its elements.
        dtype: Dtype,
    },
    /// No array has that shape.
    #[error("tensor `{tensor}` has shape {shape:?}, which is more than an array can have")]
    Shape {
        /// Its name.
        tensor: String,
        /// Its shape.
        shape: Vec<u64>,
    },
}

impl Tensor {
    /// Reads a tensor of a checkpoint. float32, float16 and bfloat16 stay what they are; any other real type becomes float32,
    /// as when PEFT copies it into its parameters.
    ///
    /// # Errors
    /// Its values cannot be read, or are no real numbers.
    pub fn read(checkpoint: &Checkpoint<'_>, tensor: &checkpoint::Tensor) -> Result<Self, LoadError> {
        let (name, dtype) = (&tensor.name, tensor.dtype);
        if numbers(dtype, &[]).is_none() {
            return Err(LoadError::NotReal { tensor: name.clone(), dtype });
        }
        let values = numbers(dtype, &checkpoint.bytes(tensor)?);
        let shape: Option<Vec<usize>> = tensor.shape.iter().map(|size| usize::try_from(*size).ok()).collect();
        let array = values.zip(shape).and_then(|(values, shape)| values.shaped(&shape));
        array.ok_or_else(|| LoadError::Shape { tensor: name.clone(), shape: tensor.shape.clone() })
    }
}

impl<D: Dimension> Tensor<D> {
    /// The tensor as it is written to a checkpoint.
    #[must_use]
    pub fn stored(&self, name: &str) -> StoredTensor {
        let bytes = with_array!(self, array => array.iter().flat_map(|value| value.to_le_bytes()).collect());
        StoredTensor { name: name.to_owned(), dtype: self.dtype(), shape: self.shape().to_vec(), bytes }
    }
}

/// Numbers that have no shape yet.
enum Numbers {
    Float32(Vec<f32>),
    Float16(Vec<f16>),
    Bfloat16(Vec<bf16>),
}

impl Numbers {
    fn shaped(self, shape: &[usize]) -> Option<Tensor> {
        Some(match self {
            Self::Float32(values) => ArrayD::from_shape_vec(shape, values).ok()?.into(),
            Self::Float16(values) => ArrayD::from_shape_vec(shape, values).ok()?.into(),
            Self::Bfloat16(values) => ArrayD::from_shape_vec(shape, values).ok()?.into(),
        })
    }
}

/// The numbers that little-endian bytes stand for; `None` for types that are no real numbers.
#[expect(clippy::cast_precision_loss, reason = "torch rounds to the nearest float32 as well")]
#[expect(clippy::cast_possible_truncation, reason = "torch rounds to the nearest float32 as well")]
fn numbers(dtype: Dtype, bytes: &[u8]) -> Option<Numbers> {
    let values = match dtype {
        Dtype::Float16 => return Some(Numbers::Float16(each(bytes, f16::from_le_bytes))),
        Dtype::Bfloat16 => return Some(Numbers::Bfloat16(each(bytes, bf16::from_le_bytes))),
        Dtype::Float32 => each(bytes, f32::from_le_bytes),
        Dtype::Float64 => each(bytes, |bytes| f64::from_le_bytes(bytes) as f32),
        Dtype::Bool => each(bytes, |[byte]| f32::from(u8::from(byte != 0))),
        Dtype::Uint8 => each(bytes, |[byte]| f32::from(byte)),
        Dtype::Uint16 => each(bytes, |bytes| f32::from(u16::from_le_bytes(bytes))),
        Dtype::Uint32 => each(bytes, |bytes| u32::from_le_bytes(bytes) as f32),
        Dtype::Uint64 => each(bytes, |bytes| u64::from_le_bytes(bytes) as f32),
        Dtype::Int8 => each(bytes, |bytes| f32::from(i8::from_le_bytes(bytes))),
        Dtype::Int16 => each(bytes, |bytes| f32::from(i16::from_le_bytes(bytes))),
        Dtype::Int32 => each(bytes, |bytes| i32::from_le_bytes(bytes) as f32),
        Dtype::Int64 => each(bytes, |bytes| i64::from_le_bytes(bytes) as f32),
        Dtype::Float8E4m3fn => each(bytes, |[byte]| float8(byte, 3, 7, byte & 0x7f == 0x7f)),
        Dtype::Float8E5m2 => each(bytes, |[byte]| f16::from_bits(u16::from(byte) << 8).to_f32()),
        Dtype::Float8E4m3fnuz => each(bytes, |[byte]| float8(byte, 3, 8, byte == 0x80)),
        Dtype::Float8E5m2fnuz => each(bytes, |[byte]| float8(byte, 2, 16, byte == 0x80)),
        Dtype::Float8E8m0fnu => {
            each(bytes, |[byte]| if byte == u8::MAX { f32::NAN } else { power(i32::from(byte) - 127) })
        }
        _ => return None,
    };
    Some(Numbers::Float32(values))
}

fn each<const N: usize, T>(bytes: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    bytes.as_chunks::<N>().0.iter().map(|bytes| read(*bytes)).collect()
}

/// A float of eight bits: a sign, an exponent that is `bias` too large, and a mantissa of that many bits.
fn float8(byte: u8, mantissa_bits: u8, bias: i32, is_nan: bool) -> f32 {
    let magnitude = byte & 0x7f;
    let exponent = i32::from(magnitude >> mantissa_bits);
    let mantissa = f32::from(magnitude & ((1 << mantissa_bits) - 1)) * power(-i32::from(mantissa_bits));
    let value = match exponent {
        _ if is_nan => f32::NAN,
        0 => mantissa * power(1 - bias),
        exponent => (1.0 + mantissa) * power(exponent - bias),
    };
    if byte & 0x80 == 0 { value } else { -value }
}

/// Two to the power of a number from -127 to 127, exactly.
fn power(exponent: i32) -> f32 {
    // The least one is not a normal number, which `powi` may lose.
    if exponent == -127 { f32::MIN_POSITIVE / 2.0 } else { 2_f32.powi(exponent) }
}
