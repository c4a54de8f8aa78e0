//! Tensors and storages as a pickle describes them.

use super::{
    Failure,
    globals::Global,
    machine::Machine,
    object::{Id, Object, Storage, TensorValue},
};
use crate::{checkpoint::dtype::Dtype, checkpoint::findings::shown, diagnostic::BROKEN_TENSOR};

/// Torch's own limit of dimensions.
const MOST_DIMENSIONS: usize = 64;

/// The longest key of a storage; torch's are numbers.
const LONGEST_KEY: usize = 200;

impl Machine<'_> {
    /// `_rebuild_tensor_v2(storage, offset, size, stride, …)`.
    pub(super) fn tensor(&mut self, arguments: &[Id], dtype: Option<Dtype>) -> Object {
        match self.tensor_value(arguments, dtype) {
            Ok(value) => Object::Tensor(Box::new(value)),
            Err(reason) => {
                let message = format!("the tensor built at byte {} (in {}) {reason}", self.here, self.name);
                self.findings.tell(&BROKEN_TENSOR, message);
                Object::Other("a broken tensor")
            }
        }
    }

    /// `_rebuild_tensor_v3(storage, offset, size, stride, requires_grad, hooks, dtype, …)`.
    pub(super) fn tensor_v3(&mut self, arguments: &[Id]) -> Object {
        let dtype = arguments.get(6).and_then(|id| self.dtype(*id));
        self.tensor(arguments, dtype)
    }

    fn tensor_value(&self, arguments: &[Id], dtype: Option<Dtype>) -> Result<TensorValue, String> {
        let [storage, offset, size, strides, ..] = arguments else {
            return Err(format!("has {} arguments, not at least 4", arguments.len()));
        };
        let Object::Storage(number) = self.heap.get(*storage) else {
            return Err(format!("has {} for a storage", self.heap.get(*storage).noun()));
        };
        let of_storage = || usize::try_from(*number).ok().and_then(|index| self.storages.get(index)?.dtype);
        let dtype = dtype.or_else(of_storage).ok_or("has no type")?;
        let offset = self.heap.whole(*offset).ok_or("has no whole number for an offset")?;
        let shape = self.dimensions(*size).ok_or("has a shape that is no list of whole numbers")?;
        let strides = self.dimensions(*strides).ok_or("has strides that are no list of whole numbers")?;
        if shape.len() != strides.len() {
            return Err(format!("has {} dimensions, but {} strides", shape.len(), strides.len()));
        }
        Ok(TensorValue { dtype, shape, strides, offset, storage: Some(*number) })
    }

    /// A tensor that has a type and a shape, but no values in the file.
    pub(super) fn tensor_without_storage(&mut self, dtype: Option<&Id>, shape: Option<&Id>) -> Object {
        let dtype = dtype.and_then(|id| self.dtype(*id));
        let shape = shape.and_then(|id| self.dimensions(*id));
        let (Some(dtype), Some(shape)) = (dtype, shape) else { return Object::Other("a tensor of unknown shape") };
        Object::Tensor(Box::new(TensorValue { dtype, shape, strides: Vec::new(), offset: 0, storage: None }))
    }

    fn dtype(&self, id: Id) -> Option<Dtype> {
        match self.heap.get(id) {
            Object::Global(Global::Dtype(dtype)) => Some(*dtype),
            _ => None,
        }
    }

    fn dimensions(&self, id: Id) -> Option<Vec<u64>> {
        let items = self.heap.items(id).filter(|items| items.len() <= MOST_DIMENSIONS)?;
        items.iter().map(|item| self.heap.whole(*item)).collect()
    }

    /// A persistent id, which stands for a storage: `("storage", class, key, location, elements[, view])`.
    pub(super) fn persistent(&mut self, code: u8) -> Result<Id, Failure> {
        if code == b'P' {
            self.line()?;
            return Err(Failure::broken(format!("byte {} has a persistent id that is no storage", self.here)));
        }
        let id = self.pop()?;
        let storage = self
            .storage(id)
            .map_err(|reason| Failure::broken(format!("the persistent id at byte {} {reason}", self.here)))?;
        let number = self.number_of(storage)?;
        self.heap.add(Object::Storage(number))
    }

    fn storage(&self, id: Id) -> Result<Storage, String> {
        let Object::Tuple(items) = self.heap.get(id) else {
            return Err(format!("is {}, not a tuple", self.heap.get(id).noun()));
        };
        let [kind, class, key, _location, elements, rest @ ..] = &**items else {
            return Err(format!("has {} parts, not at least 5", items.len()));
        };
        if self.heap.text(*kind) != Some("storage") {
            return Err(format!("is for `{}`, not for a storage", shown(self.heap.text(*kind).unwrap_or("?"))));
        }
        let Object::Global(Global::StorageClass(dtype)) = self.heap.get(*class) else {
            return Err(format!("names {}, not a class of storages", self.heap.get(*class).noun()));
        };
        let key = self.heap.text(*key).filter(|key| key.len() <= LONGEST_KEY).ok_or("has no short string for a key")?;
        let elements = self.heap.whole(*elements).ok_or("has no count of elements")?;
        let view = rest.first().and_then(|view| self.heap.items(*view));
        let view_offset = view.and_then(|view| self.heap.whole(*view.get(1)?)).unwrap_or_default();
        Ok(Storage { key: key.to_owned(), dtype: *dtype, elements, view_offset })
    }

    /// The number of a storage, which is new or known.
    fn number_of(&mut self, storage: Storage) -> Result<u32, Failure> {
        let numbers = self.storage_numbers.entry(storage.key.clone()).or_default();
        let is_same =
            |number: &&u32| usize::try_from(**number).ok().and_then(|index| self.storages.get(index)) == Some(&storage);
        // A key has one storage, or a few views; a pickle that gives it thousands is up to no good.
        if let Some(known) = numbers.iter().find(is_same) {
            return Ok(*known);
        }
        if numbers.len() >= 64 {
            return Err(Failure::broken(format!(
                "the storage `{}` is described in more than 64 ways",
                shown(&storage.key)
            )));
        }
        let number = u32::try_from(self.storages.len()).map_err(|_| Failure::broken("too many storages".to_owned()))?;
        numbers.push(number);
        self.storages.push(storage);
        Ok(number)
    }
}
