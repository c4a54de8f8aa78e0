//! Writes safetensors, as PEFT does: by the crate of the format, with `{"format": "pt"}` for metadata.

use super::Dtype;
use safetensors::{SafeTensorError, tensor::TensorView};
use serde::{
    Deserialize,
    de::{IntoDeserializer, value::Error as NameError},
};

/// A tensor to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTensor {
    /// Its name.
    pub name: String,
    /// The type of its elements.
    pub dtype: Dtype,
    /// Its dimensions.
    pub shape: Vec<usize>,
    /// Its elements in row-major order, the least significant byte first.
    pub bytes: Vec<u8>,
}

/// Why tensors cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The format has no name for the type.
    #[error("tensor `{tensor}` is {dtype}, which safetensors files cannot hold")]
    Dtype {
        /// The tensor's name.
        tensor: String,
        /// The type of its elements.
        dtype: Dtype,
    },
    /// Bytes, type and shape of a tensor do not go together, or the header would be too large.
    #[error("the tensors cannot be written: {0}")]
    Format(#[from] SafeTensorError),
}

/// The bytes of a safetensors file.
///
/// # Errors
/// A tensor has a type that the format lacks, or contradicts itself.
pub fn to_safetensors(tensors: &[StoredTensor]) -> Result<Vec<u8>, WriteError> {
    let views = tensors.iter().map(|tensor| {
        let view = TensorView::new(dtype(tensor)?, tensor.shape.clone(), &tensor.bytes)?;
        Ok((tensor.name.as_str(), view))
    });
    let views = views.collect::<Result<Vec<_>, WriteError>>()?;
    let metadata = [("format".to_owned(), "pt".to_owned())].into();
    Ok(safetensors::serialize(views, Some(metadata))?)
}

/// The crate's own name for the type, which it reads from the format's.
fn dtype(tensor: &StoredTensor) -> Result<safetensors::Dtype, WriteError> {
    let name = tensor.dtype.as_safetensors();
    let read =
        |name: &'static str| -> Result<_, NameError> { safetensors::Dtype::deserialize(name.into_deserializer()) };
    name.and_then(|name| read(name).ok())
        .ok_or_else(|| WriteError::Dtype { tensor: tensor.name.clone(), dtype: tensor.dtype })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_format_is_known_to_its_crate() {
        for name in Dtype::SAFETENSORS {
            let dtype = Dtype::of_safetensors(name).unwrap();
            let shape = vec![8];
            let bytes = vec![0; usize::try_from(dtype.bytes_of(&[8]).unwrap()).unwrap()];
            assert!(to_safetensors(&[StoredTensor { name: "a".to_owned(), dtype, shape, bytes }]).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let tensor = |dtype, bytes| StoredTensor { name: "a".to_owned(), dtype, shape: vec![2], bytes };
        let message = |tensor| to_safetensors(&[tensor]).unwrap_err().to_string();
        insta::assert_snapshot!(message(tensor(Dtype::Complex32, vec![0; 8])), @"tensor `a` is complex32, which safetensors files cannot hold");
        assert!(message(tensor(Dtype::Float32, vec![0; 7])).starts_with("the tensors cannot be written: "));
    }
}
