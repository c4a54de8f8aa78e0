//! The values that a pickle makes. They lie in one list and name each other by number, so that no depth of nesting and no
//! cycle can overflow anything.

use super::{Failure, globals::Global};
use crate::checkpoint::{Budget, dtype::Dtype, findings::over_budget};
use std::collections::BTreeMap;

/// The number of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::checkpoint) struct Id(u32);

/// A value.
#[derive(Debug)]
pub(in crate::checkpoint) enum Object {
    None,
    Bool(bool),
    Int(i64),
    /// A whole number beyond 64 bits, little-endian.
    Long(Box<[u8]>),
    Float,
    Text(Box<str>),
    Tuple(Box<[Id]>),
    List(Vec<Id>),
    Dict(Box<Dict>),
    Global(Global),
    /// A storage, by its number in the machine's list.
    Storage(u32),
    Tensor(Box<TensorValue>),
    /// What came of a name outside the allow-list.
    Refused,
    /// Anything else, with an article.
    Other(&'static str),
}

/// A dictionary's entries as they were set, and whether it is of a class that may have attributes.
#[derive(Debug, Default)]
pub(in crate::checkpoint) struct Dict {
    pub(in crate::checkpoint) entries: Vec<(Id, Id)>,
    pub(super) has_attributes: bool,
}

/// A tensor as the pickle describes it.
#[derive(Debug)]
pub(in crate::checkpoint) struct TensorValue {
    pub(in crate::checkpoint) dtype: Dtype,
    pub(in crate::checkpoint) shape: Vec<u64>,
    pub(in crate::checkpoint) strides: Vec<u64>,
    /// The first element's place in the storage, in elements.
    pub(in crate::checkpoint) offset: u64,
    pub(in crate::checkpoint) storage: Option<u32>,
}

/// A storage that the pickle refers to.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::checkpoint) struct Storage {
    pub(in crate::checkpoint) key: String,
    /// The type of its elements; `None` for bytes.
    pub(in crate::checkpoint) dtype: Option<Dtype>,
    pub(in crate::checkpoint) elements: u64,
    /// Where a view begins in the storage, in elements; torch's old format has such views.
    pub(in crate::checkpoint) view_offset: u64,
}

impl Storage {
    /// The size of one element in bytes.
    pub(in crate::checkpoint) fn element_bytes(&self) -> u64 {
        self.dtype.map_or(1, |dtype| dtype.bits() / 8)
    }
}

impl Object {
    /// What it is, with an article, for messages.
    pub(in crate::checkpoint) fn noun(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "True or False",
            Self::Int(_) | Self::Long(_) => "a whole number",
            Self::Float => "a float",
            Self::Text(_) => "a string",
            Self::Tuple(_) => "a tuple",
            Self::List(_) => "a list",
            Self::Dict(_) => "a dictionary",
            Self::Global(Global::Dtype(_)) => "a dtype",
            Self::Global(_) => "a class or function",
            Self::Storage(_) => "a storage",
            Self::Tensor(_) => "a tensor",
            Self::Refused => "what came of a name outside the allow-list",
            Self::Other(is) => is,
        }
    }
}

/// All values of a pickle.
#[derive(Debug)]
pub(in crate::checkpoint) struct Heap {
    objects: Vec<Object>,
    /// Where values that occur all the time lie: small numbers, None.
    shared: BTreeMap<i64, Id>,
    limit: usize,
    text: usize,
    text_limit: usize,
}

impl Heap {
    pub(super) fn new(budget: &Budget) -> Self {
        Self { objects: Vec::new(), shared: BTreeMap::new(), limit: budget.objects, text: 0, text_limit: budget.text }
    }

    /// All tensors that were made.
    pub(in crate::checkpoint) fn tensors(&self) -> impl Iterator<Item = &TensorValue> {
        self.objects.iter().filter_map(|object| match object {
            Object::Tensor(tensor) => Some(&**tensor),
            _ => None,
        })
    }

    /// Adds a value, unless there are too many.
    pub(super) fn add(&mut self, object: Object) -> Result<Id, Failure> {
        let shared = match object {
            Object::None => -1,
            Object::Int(value @ 0..=255) => value,
            _ => return self.add_new(object),
        };
        if let Some(id) = self.shared.get(&shared) {
            return Ok(*id);
        }
        let id = self.add_new(object)?;
        self.shared.insert(shared, id);
        Ok(id)
    }

    /// Counts the copy of a part of a value as if it were one.
    pub(super) fn count_copy(&mut self) -> Result<(), Failure> {
        self.limit = self.limit.saturating_sub(1);
        self.check_count()
    }

    fn check_count(&self) -> Result<(), Failure> {
        if self.objects.len() < self.limit {
            return Ok(());
        }
        Err(Failure::fatal(over_budget(
            "checkpoint.objects",
            "the pickle makes too many objects",
            "more are made",
            self.limit,
        )))
    }

    fn add_new(&mut self, object: Object) -> Result<Id, Failure> {
        self.check_count()?;
        let number = u32::try_from(self.objects.len()).map_err(|_| Failure::broken("too many objects".to_owned()))?;
        self.objects.push(object);
        Ok(Id(number))
    }

    /// Adds a string of these bytes, checked before they are copied.
    pub(super) fn add_text(&mut self, bytes: &[u8]) -> Result<Id, Failure> {
        self.count_text(bytes.len())?;
        self.add(Object::Text(String::from_utf8_lossy(bytes).into()))
    }

    /// Counts bytes that are about to be kept.
    pub(super) fn count_text(&mut self, bytes: usize) -> Result<(), Failure> {
        self.text = self.text.saturating_add(bytes);
        if self.text > self.text_limit {
            let what = "the strings of the pickle have too many bytes";
            let finding = over_budget("checkpoint.text", what, self.text, self.text_limit);
            return Err(Failure::fatal(finding));
        }
        Ok(())
    }

    pub(in crate::checkpoint) fn get(&self, id: Id) -> &Object {
        usize::try_from(id.0).ok().and_then(|index| self.objects.get(index)).unwrap_or(&Object::None)
    }

    pub(super) fn get_mut(&mut self, id: Id) -> Option<&mut Object> {
        usize::try_from(id.0).ok().and_then(|index| self.objects.get_mut(index))
    }

    pub(in crate::checkpoint) fn text(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Object::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a tuple or list.
    pub(in crate::checkpoint) fn items(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Object::Tuple(items) => Some(items),
            Object::List(items) => Some(items),
            _ => None,
        }
    }

    pub(in crate::checkpoint) fn int(&self, id: Id) -> Option<i64> {
        match self.get(id) {
            Object::Int(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn whole(&self, id: Id) -> Option<u64> {
        self.int(id).and_then(|value| u64::try_from(value).ok())
    }
}
