//! Arrays whose element type is known at run time, as checkpoints have them.

use super::error::EmbeddingError;
use crate::checkpoint::Dtype;
use half::{bf16, f16, slice::HalfFloatSliceExt};
use ndarray::{Array, ArrayD, Axis, Dimension, IxDyn, ShapeError};
use std::borrow::Cow;

/// An array of one of the three element types; `D` is its number of dimensions, known (`Ix2`) or not (`IxDyn`).
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Tensor<D: Dimension = IxDyn> {
    /// float32.
    Float32(Array<f32, D>),
    /// float16.
    Float16(Array<f16, D>),
    /// bfloat16.
    Bfloat16(Array<bf16, D>),
}

/// The same expression for each element type.
macro_rules! with_array {
    ($tensor:expr, $array:ident => $value:expr) => {
        match $tensor {
            $crate::embedding::tensor::Tensor::Float32($array) => $value,
            $crate::embedding::tensor::Tensor::Float16($array) => $value,
            $crate::embedding::tensor::Tensor::Bfloat16($array) => $value,
        }
    };
}
pub(super) use with_array;

impl<D: Dimension> Tensor<D> {
    /// The type of the elements.
    #[must_use]
    pub fn dtype(&self) -> Dtype {
        match self {
            Self::Float32(_) => Dtype::Float32,
            Self::Float16(_) => Dtype::Float16,
            Self::Bfloat16(_) => Dtype::Bfloat16,
        }
    }

    /// The size of every dimension.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        with_array!(self, array => array.shape())
    }

    /// Values rounded to a type: to the nearest that it can hold, of two equally near ones to the even one.
    ///
    /// # Errors
    /// The type is none of the three.
    pub fn rounded(values: Array<f32, D>, dtype: Dtype) -> Result<Self, EmbeddingError> {
        match dtype {
            Dtype::Float32 => Ok(values.into()),
            Dtype::Float16 => Ok(values.mapv(f16::narrow).into()),
            Dtype::Bfloat16 => Ok(values.mapv(bf16::narrow).into()),
            dtype => Err(EmbeddingError::DtypeUnsupported { dtype }),
        }
    }

    /// Values rounded to the type of another tensor.
    pub(super) fn rounded_like<E: Dimension>(values: Array<f32, D>, other: &Tensor<E>) -> Self {
        match other {
            Tensor::Float32(_) => values.into(),
            Tensor::Float16(_) => values.mapv(f16::narrow).into(),
            Tensor::Bfloat16(_) => values.mapv(bf16::narrow).into(),
        }
    }

    /// The values as float32, which holds those of every other type exactly.
    #[must_use]
    pub fn to_float32(&self) -> Array<f32, D> {
        with_array!(self, array => array.mapv(Element::widen))
    }

    /// The same tensor with as many dimensions as `E` says.
    ///
    /// # Errors
    /// The tensor has more or fewer dimensions.
    pub fn into_dimensionality<E: Dimension>(self) -> Result<Tensor<E>, ShapeError> {
        with_array!(self, array => array.into_dimensionality().map(Tensor::from))
    }

    pub(super) fn is_standard_layout(&self) -> bool {
        with_array!(self, array => array.is_standard_layout())
    }

    /// The same tensor with its elements in row-major order, without gaps.
    pub(super) fn into_standard_layout(self) -> Self {
        with_array!(self, array => {
            if array.is_standard_layout() { Self::from(array) } else { Self::from(array.as_standard_layout().into_owned()) }
        })
    }
}

impl Tensor<IxDyn> {
    /// A tensor full of zeros.
    ///
    /// # Errors
    /// The type is none of the three.
    pub fn zeros(dtype: Dtype, shape: &[usize]) -> Result<Self, EmbeddingError> {
        Self::rounded(ArrayD::zeros(shape), dtype)
    }

    /// A tensor full of zeros, of the type of another one.
    pub(super) fn zeros_like<E: Dimension>(other: &Tensor<E>, shape: &[usize]) -> Self {
        match other {
            Tensor::Float32(_) => ArrayD::<f32>::zeros(shape).into(),
            Tensor::Float16(_) => ArrayD::from_elem(shape, f16::ZERO).into(),
            Tensor::Bfloat16(_) => ArrayD::from_elem(shape, bf16::ZERO).into(),
        }
    }

    /// One item of the first axis, which stays with size 1. The caller has checked the index.
    pub(super) fn item_of_first_axis(&self, index: usize) -> Self {
        with_array!(self, array => Self::from(array.index_axis(Axis(0), index).to_owned().insert_axis(Axis(0))))
    }
}

/// The elements in order. All parameters are kept in standard layout, and outputs are checked to be.
pub(super) fn contiguous<E, D: Dimension>(array: &Array<E, D>) -> &[E] {
    #[expect(clippy::expect_used, reason = "the caller holds the array in standard layout")]
    array.as_slice().expect("standard layout")
}

/// As [`contiguous`], to be written to.
pub(super) fn contiguous_mut<E, D: Dimension>(array: &mut Array<E, D>) -> &mut [E] {
    #[expect(clippy::expect_used, reason = "the caller holds the array in standard layout")]
    array.as_slice_mut().expect("standard layout")
}

/// An element type: how it becomes float32 and back, with the rounding of torch (to nearest, ties to even).
pub(super) trait Element: Copy {
    fn widen(self) -> f32;
    fn narrow(value: f32) -> Self;

    /// All values as float32, borrowed where they are float32.
    fn widen_all(values: &[Self]) -> Cow<'_, [f32]>;

    /// Rounds every value to what this type can hold.
    fn round_all(values: &mut [f32]);

    /// Rounds and stores; both have the same length.
    fn store_all(values: &[f32], output: &mut [Self]);
}

impl Element for f32 {
    fn widen(self) -> f32 {
        self
    }

    fn narrow(value: f32) -> Self {
        value
    }

    #[inline]
    fn widen_all(values: &[Self]) -> Cow<'_, [f32]> {
        Cow::Borrowed(values)
    }

    #[inline]
    fn round_all(_: &mut [f32]) {}

    #[inline]
    fn store_all(values: &[f32], output: &mut [Self]) {
        output.copy_from_slice(values);
    }
}

/// The two 16-bit types, for whose slices the crate `half` uses the processor's own conversions.
macro_rules! element_of_16_bits {
    ($type:ident) => {
        impl Element for $type {
            fn widen(self) -> f32 {
                self.to_f32()
            }

            fn narrow(value: f32) -> Self {
                Self::from_f32(value)
            }

            fn widen_all(values: &[Self]) -> Cow<'_, [f32]> {
                let mut wide = vec![0.0; values.len()];
                values.convert_to_f32_slice(&mut wide);
                Cow::Owned(wide)
            }

            #[inline]
            fn round_all(values: &mut [f32]) {
                for value in values {
                    *value = Self::from_f32(*value).to_f32();
                }
            }

            #[inline]
            fn store_all(values: &[f32], output: &mut [Self]) {
                output.convert_from_f32_slice(values);
            }
        }
    };
}
element_of_16_bits!(f16);
element_of_16_bits!(bf16);

impl<D: Dimension> From<Array<f32, D>> for Tensor<D> {
    fn from(array: Array<f32, D>) -> Self {
        Self::Float32(array)
    }
}

impl<D: Dimension> From<Array<f16, D>> for Tensor<D> {
    fn from(array: Array<f16, D>) -> Self {
        Self::Float16(array)
    }
}

impl<D: Dimension> From<Array<bf16, D>> for Tensor<D> {
    fn from(array: Array<bf16, D>) -> Self {
        Self::Bfloat16(array)
    }
}
