//! Between the tree and typed structs: the tree is a serde format, so every file syntax reads into the same types alike.

use super::{Kind, Member, Node, Number, Object};
use crate::source::Span;
use serde::{
    Deserialize, Serialize,
    de::{
        self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Unexpected, Visitor,
        value::SeqDeserializer,
    },
    forward_to_deserialize_any,
    ser::{Error as _, SerializeMap, SerializeSeq, Serializer},
};
use std::fmt;

/// Why a tree does not fit a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// JSON Pointer to the value that does not fit.
    pub pointer: String,
    /// Where the value stands.
    pub span: Option<Span>,
    /// What is wrong with it.
    pub message: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.strip_prefix('/') {
            Some(field) => write!(f, "`{field}`: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { pointer: String::new(), span: None, message: message.to_string() }
    }
}

/// Reads a tree into a type.
///
/// # Errors
/// The first value that does not fit.
pub fn from_node<T: DeserializeOwned>(node: &Node) -> Result<T, ReadError> {
    T::deserialize(node)
}

impl From<&serde_json::Value> for Node {
    fn from(value: &serde_json::Value) -> Self {
        let kind = match value {
            serde_json::Value::Null => Kind::Null,
            serde_json::Value::Bool(value) => Kind::Bool(*value),
            serde_json::Value::Number(number) => Kind::Number(Number::new(number.to_string())),
            serde_json::Value::String(text) => Kind::String(text.clone()),
            serde_json::Value::Array(items) => Kind::Array(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(map) => {
                let member = |(key, value)| Member {
                    key: String::clone(key),
                    key_span: Span::default(),
                    value: Self::from(value),
                };
                Kind::Object(Object { members: map.iter().map(member).collect() })
            }
        };
        Self::new(kind, Span::default())
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.kind {
            Kind::Null => serializer.serialize_unit(),
            Kind::Bool(value) => serializer.serialize_bool(*value),
            Kind::Number(number) => number.serialize(serializer),
            Kind::String(text) => serializer.serialize_str(text),
            Kind::Array(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| sequence.serialize_element(item))?;
                sequence.end()
            }
            Kind::Object(object) => {
                let mut map = serializer.serialize_map(None)?;
                object.effective().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
        }
    }
}

impl Serialize for Number {
    /// Whole numbers beyond 128 bits become the nearest double.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_i128() {
            Some(value) => match (i64::try_from(value), u64::try_from(value)) {
                (Ok(value), _) => serializer.serialize_i64(value),
                (_, Ok(value)) => serializer.serialize_u64(value),
                _ => serializer.serialize_f64(self.as_f64()),
            },
            None if self.as_str().is_empty() => Err(S::Error::custom("a number without digits")),
            None => serializer.serialize_f64(self.as_f64()),
        }
    }
}

impl<'de> IntoDeserializer<'de, ReadError> for &'de Node {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = ReadError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        let read = match &self.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::Number(number) => visit_number(number, visitor),
            Kind::String(text) => visitor.visit_borrowed_str(text),
            Kind::Array(items) => {
                let mut sequence = SeqDeserializer::new(items.iter());
                visitor.visit_seq(&mut sequence).and_then(|value| sequence.end().map(|()| value))
            }
            Kind::Object(object) => visitor.visit_map(Entries { entries: object.effective(), current: None }),
        };
        read.map_err(|error| ReadError { span: error.span.or(Some(self.span)), ..error })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, ReadError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        let read = match self.as_str() {
            Some(text) => {
                IntoDeserializer::<ReadError>::into_deserializer(text).deserialize_enum(name, variants, visitor)
            }
            None => Err(de::Error::custom(format!("expected one of {}", variants.join(", ")))),
        };
        read.map_err(|error| ReadError { span: error.span.or(Some(self.span)), ..error })
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ReadError> {
        match &self.kind {
            // Whole numbers of any size are floats where one is asked for.
            Kind::Number(number) => visitor.visit_f64(number.as_f64()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ReadError> {
        // What serde derives would take an array, too, and fill the fields in order.
        if let Kind::Array(_) = self.kind {
            let error = de::Error::invalid_type(Unexpected::Seq, &visitor);
            return Err(ReadError { span: Some(self.span), ..error });
        }
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map identifier ignored_any
    }
}

fn visit_number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, ReadError> {
    match number.as_i128() {
        Some(value) => match (i64::try_from(value), u64::try_from(value)) {
            (Ok(value), _) => visitor.visit_i64(value),
            (_, Ok(value)) => visitor.visit_u64(value),
            _ => visitor.visit_i128(value),
        },
        None => visitor.visit_f64(number.as_f64()),
    }
}

/// The entries of an object, adding the key to the pointer of whatever goes wrong in the value.
struct Entries<'de, I> {
    entries: I,
    current: Option<(&'de str, &'de Node)>,
}

impl<'de, I: Iterator<Item = (&'de str, &'de Node)>> MapAccess<'de> for Entries<'de, I> {
    type Error = ReadError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, ReadError> {
        self.current = self.entries.next();
        self.current.map(|(key, _)| seed.deserialize(IntoDeserializer::<ReadError>::into_deserializer(key))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, ReadError> {
        let Some((key, value)) = self.current.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        seed.deserialize(value).map_err(|error| ReadError { pointer: format!("/{key}{}", error.pointer), ..error })
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Value::deserialize(deserializer).map(|value| Self::from(&value))
    }
}
