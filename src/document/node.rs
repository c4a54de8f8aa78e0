//! The node type of the tree: what a value is, and where it stands.

use crate::source::Span;
use std::{cmp::Ordering, collections::BTreeMap};

/// A value and its place in the text.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where the value stands; empty at 0 for values that were not read from a text.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// What a value is, in JSON's terms.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written.
    Number(Number),
    /// A string, escapes resolved.
    String(String),
    /// Values in order.
    Array(Vec<Node>),
    /// Keys and values in order.
    Object(Object),
}

/// The entries of an object, in order, repeated keys included.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object {
    /// The entries as written.
    pub members: Vec<Member>,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The key, escapes resolved.
    pub key: String,
    /// Where the key stands, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Node,
}

/// A number as it was written: to Python, and so to PEFT, `8` and `8.0` are different things.
///
/// The spelling is that of JSON, or `NaN`, `Infinity`, `-Infinity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    spelling: Box<str>,
}

impl Kind {
    /// What it is, in words; numbers as Python tells them apart.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(number) if number.is_integer() => "an integer",
            Self::Number(_) => "a float",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }
}

impl Node {
    /// A value at a place.
    #[must_use]
    pub fn new(kind: Kind, span: Span) -> Self {
        Self { span, kind }
    }

    /// The entries, if this is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match &self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The text, if this is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items, if this is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match &self.kind {
            Kind::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The number, if this is one.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        match &self.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Whether this is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// The JSON Pointer (RFC 6901) to the innermost value that a place is in or about; empty for the whole document.
    #[must_use]
    pub fn pointer_at(&self, place: Span) -> String {
        let is_within = |span: Span| span.start <= place.start && place.end <= span.end;
        let mut pointer = String::new();
        let mut node = self;
        loop {
            let inner = match &node.kind {
                Kind::Object(object) => object
                    .members
                    .iter()
                    .find(|member| is_within(member.key_span) || is_within(member.value.span))
                    .map(|member| (escaped(&member.key), &member.value)),
                Kind::Array(items) => {
                    let position = items.iter().position(|item| is_within(item.span));
                    position.and_then(|index| Some((index.to_string(), items.get(index)?)))
                }
                _ => None,
            };
            let Some((segment, value)) = inner else { return pointer };
            pointer.push('/');
            pointer.push_str(&segment);
            node = value;
        }
    }

    /// Python's `bool(value)`: false for `null`, `false`, zero and everything empty.
    #[must_use]
    pub fn is_truthy(&self) -> bool {
        match &self.kind {
            Kind::Null => false,
            Kind::Bool(value) => *value,
            Kind::Number(number) => number.as_f64() != 0.0,
            Kind::String(text) => !text.is_empty(),
            Kind::Array(items) => !items.is_empty(),
            Kind::Object(object) => !object.members.is_empty(),
        }
    }
}

/// A key as a segment of a JSON Pointer.
pub(crate) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

impl Object {
    /// The value of a key; of several, the last, as in Python.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.value)
    }

    /// The entry of a key; of several, the last.
    #[must_use]
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members.iter().rev().find(|member| member.key == key)
    }

    /// The entries that count: of a repeated key only the last.
    pub fn effective(&self) -> impl Iterator<Item = (&str, &Node)> {
        let last: BTreeMap<&str, usize> =
            self.members.iter().enumerate().map(|(index, member)| (&*member.key, index)).collect();
        let counts = move |(index, member): &(usize, &Member)| last.get(&*member.key) == Some(index);
        self.members.iter().enumerate().filter(counts).map(|(_, member)| (&*member.key, &member.value))
    }
}

impl Number {
    /// Takes a spelling that is a JSON number, or `NaN`, `Infinity`, `-Infinity`.
    #[must_use]
    pub fn new(spelling: impl Into<Box<str>>) -> Self {
        Self { spelling: spelling.into() }
    }

    /// The number as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.spelling
    }

    /// Whether it is written as a whole number: `8`, not `8.0` or `8e0`.
    #[must_use]
    pub fn is_integer(&self) -> bool {
        self.spelling.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
    }

    /// The exact value, if it is written as a whole number of at most 128 bits.
    #[must_use]
    pub fn as_i128(&self) -> Option<i128> {
        if self.is_integer() { self.spelling.parse().ok() } else { None }
    }

    /// The nearest double; infinite where Python's reading overflows (`1e999`).
    #[must_use]
    pub fn as_f64(&self) -> f64 {
        match &*self.spelling {
            "NaN" => f64::NAN,
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            // Every other spelling is a JSON number, which `f64` reads.
            spelling => spelling.parse().unwrap_or(f64::NAN),
        }
    }

    /// The difference: exact between whole numbers, otherwise that of the doubles; `None` where it overflows.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Option<Self> {
        if let (Some(left), Some(right)) = (self.as_i128(), other.as_i128()) {
            return left.checked_sub(right).map(|difference| Self::new(difference.to_string()));
        }
        let difference = self.as_f64() - other.as_f64();
        difference.is_finite().then(|| Self::new(format!("{difference:?}")))
    }

    /// Compares by value: exactly between whole numbers, otherwise as doubles; nothing compares with NaN.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self.as_i128(), other.as_i128()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            _ => self.as_f64().partial_cmp(&other.as_f64()),
        }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::new(value.to_string())
    }
}
