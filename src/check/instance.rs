//! Lets `jsonschema` validate our tree as it is: no copy, numbers as written, repeated keys as Python reads them.
//!
//! The trait is young and its version pinned; nothing else in the crate knows it.

use crate::document::{Kind, Node, Number, Object};
use jsonschema::{
    Draft, JsonType, ValidationError, Validator,
    json::{self, NodeIdentity},
};
use serde_json::Value;
use std::borrow::Cow;

/// A compiled JSON Schema for documents as they were read: numbers by their spelling, so that `8.0` is no integer, and of
/// repeated keys the last.
#[derive(Debug)]
pub struct TreeSchema(Validator<Tree>);

impl TreeSchema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub fn compile(schema: &Value) -> Result<Self, String> {
        jsonschema::options_for::<Tree>().build(schema).map(Self).map_err(|error| error.to_string())
    }

    /// Whether a document matches the schema.
    #[must_use]
    pub fn is_valid(&self, root: &Node) -> bool {
        self.0.is_valid(Instance::Node(root))
    }

    /// Compiles a shape schema. It uses no keyword younger than draft-07, whose meta-schema is checked against in a third of
    /// the time; a third of a run on one small file is at stake.
    pub(super) fn compile_shape(schema: &Value) -> Option<Self> {
        jsonschema::options_for::<Tree>().with_draft(Draft::Draft7).build(schema).ok().map(Self)
    }

    pub(super) fn errors<'a>(&'a self, root: &'a Node) -> impl Iterator<Item = ValidationError<'a>> {
        self.0.iter_errors(Instance::Node(root))
    }
}

/// The representation of JSON that is our tree.
#[derive(Debug)]
pub(super) struct Tree;

/// A value of the tree, or a key on its own.
#[derive(Clone, Copy)]
pub(super) enum Instance<'a> {
    Node(&'a Node),
    Key(&'a str),
}

#[derive(Clone, Copy)]
pub(super) struct Members<'a>(&'a Object);

#[derive(Clone, Copy)]
pub(super) struct Items<'a>(&'a [Node]);

pub(super) struct Written<'a>(&'a Number);

impl json::Json for Tree {
    type Node<'a> = Instance<'a>;
    type PreparedKey = String;
    type StringBuffer = ();

    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>((): &mut (), string: &str, f: impl FnOnce(Instance<'_>) -> T) -> T {
        f(Instance::Key(string))
    }
}

impl<'a> json::Node<'a, Tree> for Instance<'a> {
    type Object = Members<'a>;
    type Array = Items<'a>;
    type Number = Written<'a>;

    fn as_object(&self) -> Option<Members<'a>> {
        match self {
            Self::Node(Node { kind: Kind::Object(object), .. }) => Some(Members(object)),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<Items<'a>> {
        match self {
            Self::Node(Node { kind: Kind::Array(items), .. }) => Some(Items(items)),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Node(node) => node.as_str().map(Cow::Borrowed),
            Self::Key(key) => Some(Cow::Borrowed(key)),
        }
    }

    fn as_number(&self) -> Option<Written<'a>> {
        match self {
            Self::Node(Node { kind: Kind::Number(number), .. }) => Some(Written(number)),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Node(Node { kind: Kind::Bool(value), .. }) => Some(*value),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Node(node) if node.is_null())
    }

    fn json_type(&self) -> JsonType {
        match self {
            Self::Key(_) => JsonType::String,
            Self::Node(node) => match node.kind {
                Kind::Null => JsonType::Null,
                Kind::Bool(_) => JsonType::Boolean,
                Kind::Number(_) => JsonType::Number,
                Kind::String(_) => JsonType::String,
                Kind::Array(_) => JsonType::Array,
                Kind::Object(_) => JsonType::Object,
            },
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(match self {
            Self::Key(key) => Value::from(*key),
            Self::Node(node) => serde_json::to_value(node).unwrap_or_default(),
        })
    }

    fn identity(&self) -> Option<NodeIdentity> {
        match self {
            Self::Node(node) => Some(NodeIdentity::new(std::ptr::from_ref(*node).addr())),
            Self::Key(_) => None,
        }
    }
}

impl<'a> json::Object<'a, Tree> for Members<'a> {
    type Node = Instance<'a>;
    type MemberName = &'a str;
    type MembersIter = Box<dyn Iterator<Item = (&'a str, Instance<'a>)> + 'a>;

    fn len(&self) -> usize {
        self.0.effective().count()
    }

    fn get(&self, key: &String) -> Option<Instance<'a>> {
        self.0.get(key).map(Instance::Node)
    }

    fn members(&self) -> Self::MembersIter {
        Box::new(self.0.effective().map(|(key, value)| (key, Instance::Node(value))))
    }
}

impl<'a> json::Array<'a, Tree> for Items<'a> {
    type Node = Instance<'a>;
    type ElementsIter = std::iter::Map<std::slice::Iter<'a, Node>, fn(&'a Node) -> Instance<'a>>;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn elements(&self) -> Self::ElementsIter {
        self.0.iter().map(Instance::Node)
    }
}

impl json::JsonNumber for Written<'_> {
    fn as_u64(&self) -> Option<u64> {
        self.0.as_i128().and_then(|value| value.try_into().ok())
    }

    fn as_i64(&self) -> Option<i64> {
        self.0.as_i128().and_then(|value| value.try_into().ok())
    }

    fn as_f64(&self) -> Option<f64> {
        Some(self.0.as_f64())
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0.as_str())
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        let number = match (self.as_i64(), self.as_u64()) {
            (Some(value), _) => Some(value.into()),
            (_, Some(value)) => Some(value.into()),
            _ => serde_json::Number::from_f64(self.0.as_f64()),
        };
        // Only error texts ask for this, and ours are made from the tree.
        Cow::Owned(number.unwrap_or_else(|| 0.into()))
    }

    fn is_integer(&self) -> bool {
        self.0.is_integer()
    }

    fn is_written_as_integer(&self) -> bool {
        self.0.is_integer()
    }
}
