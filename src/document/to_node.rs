//! Typed values as a tree: a serde serializer, since `serde_json::Value` would turn NaN into null.

use super::{Kind, Member, Node, Number, Object};
use crate::source::Span;
use serde::ser::{self, Impossible, Serialize, Serializer};
use std::fmt;

/// Writes a value as a tree, without places. Floats keep what JSON lacks: NaN and the infinities.
///
/// # Errors
/// When the value cannot be JSON: a map whose keys are no strings, bytes.
pub fn to_node<T: Serialize + ?Sized>(value: &T) -> Result<Node, WriteError> {
    value.serialize(ToNode)
}

/// Why a value cannot be a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteError(String);

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WriteError {}

impl ser::Error for WriteError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

fn node(kind: Kind) -> Node {
    Node::new(kind, Span::default())
}

fn number(spelling: impl fmt::Display) -> Node {
    node(Kind::Number(Number::new(spelling.to_string())))
}

/// Turns one value into a node.
struct ToNode;

impl Serializer for ToNode {
    type Ok = Node;
    type Error = WriteError;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Impossible<Node, WriteError>;
    type SerializeMap = Members;
    type SerializeStruct = Members;
    type SerializeStructVariant = Impossible<Node, WriteError>;

    fn serialize_bool(self, value: bool) -> Result<Node, WriteError> {
        Ok(node(Kind::Bool(value)))
    }

    fn serialize_i8(self, value: i8) -> Result<Node, WriteError> {
        Ok(number(value))
    }

    fn serialize_i16(self, value: i16) -> Result<Node, WriteError> {
        Ok(number(value))
    }

    fn serialize_i32(self, value: i32) -> Result<Node, WriteError> {
        Ok(number(value))
    }

    fn serialize_i64(self, value: i64) -> Result<Node, WriteError> {
        Ok(number(value))
    }

    fn serialize_u8(self, value: u8) -> Result<Node, WriteError> {
        Ok(number(value))
    }

    fn serialize_u16(self, value: u16) -> Result<Node, WriteError> {
        Ok(number(value))
    }

    fn serialize_u32(self, value: u32) -> Result<Node, WriteError> {
        Ok(number(value))
    }

    fn serialize_u64(self, value: u64) -> Result<Node, WriteError> {
        Ok(number(value))
    }

    fn serialize_f32(self, value: f32) -> Result<Node, WriteError> {
        self.serialize_f64(f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<Node, WriteError> {
        // `{:?}` keeps a fraction or an exponent, so that the number stays a float.
        Ok(match value {
            _ if value.is_nan() => number("NaN"),
            f64::INFINITY => number("Infinity"),
            f64::NEG_INFINITY => number("-Infinity"),
            _ => number(format_args!("{value:?}")),
        })
    }

    fn serialize_char(self, value: char) -> Result<Node, WriteError> {
        Ok(node(Kind::String(value.to_string())))
    }

    fn serialize_str(self, value: &str) -> Result<Node, WriteError> {
        Ok(node(Kind::String(value.to_owned())))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Node, WriteError> {
        Err(ser::Error::custom("bytes are no JSON"))
    }

    fn serialize_none(self) -> Result<Node, WriteError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, WriteError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Node, WriteError> {
        Ok(node(Kind::Null))
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Node, WriteError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Node, WriteError> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Node, WriteError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Node, WriteError> {
        let mut members = Members::default();
        members.push(variant.to_owned(), value.serialize(self)?);
        Ok(members.node())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, WriteError> {
        Ok(Items::default())
    }

    fn serialize_tuple(self, _: usize) -> Result<Items, WriteError> {
        Ok(Items::default())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Items, WriteError> {
        Ok(Items::default())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, WriteError> {
        Err(ser::Error::custom(format!("the variant {variant} has no JSON form here")))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members, WriteError> {
        Ok(Members::default())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members, WriteError> {
        Ok(Members::default())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, WriteError> {
        Err(ser::Error::custom(format!("the variant {variant} has no JSON form here")))
    }
}

/// The items of an array so far.
#[derive(Default)]
struct Items(Vec<Node>);

/// What gives its items one by one becomes an array.
macro_rules! items_of {
    ($($trait:ident by $method:ident),+) => {$(
        impl ser::$trait for Items {
            type Ok = Node;
            type Error = WriteError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WriteError> {
                self.0.push(value.serialize(ToNode)?);
                Ok(())
            }

            fn end(self) -> Result<Node, WriteError> {
                Ok(node(Kind::Array(self.0)))
            }
        }
    )+};
}
items_of!(SerializeSeq by serialize_element, SerializeTuple by serialize_element, SerializeTupleStruct by serialize_field);

/// The entries of an object so far, and a key that waits for its value.
#[derive(Default)]
struct Members {
    object: Object,
    key: Option<String>,
}

impl Members {
    fn push(&mut self, key: String, value: Node) {
        self.object.members.push(Member { key, key_span: Span::default(), value });
    }

    fn node(self) -> Node {
        node(Kind::Object(self.object))
    }
}

impl ser::SerializeMap for Members {
    type Ok = Node;
    type Error = WriteError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), WriteError> {
        match key.serialize(ToNode)?.kind {
            Kind::String(key) => self.key = Some(key),
            _ => return Err(ser::Error::custom("a key of an object is no string")),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WriteError> {
        let Some(key) = self.key.take() else {
            return Err(ser::Error::custom("a value came before its key"));
        };
        self.push(key, value.serialize(ToNode)?);
        Ok(())
    }

    fn end(self) -> Result<Node, WriteError> {
        Ok(self.node())
    }
}

impl ser::SerializeStruct for Members {
    type Ok = Node;
    type Error = WriteError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), WriteError> {
        self.push(key.to_owned(), value.serialize(ToNode)?);
        Ok(())
    }

    fn end(self) -> Result<Node, WriteError> {
        Ok(self.node())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::write_json;
    use std::collections::BTreeMap;

    #[derive(serde::Serialize)]
    struct Everything {
        text: &'static str,
        none: Option<bool>,
        some: Option<u64>,
        floats: Vec<f64>,
        pair: (i8, char),
        map: BTreeMap<&'static str, f32>,
    }

    #[test]
    fn values_become_the_json_that_python_writes() {
        let value = Everything {
            text: "é",
            none: None,
            some: Some(u64::MAX),
            floats: vec![1e-5, 8.0, 1e16, f64::NAN, f64::NEG_INFINITY, -0.0],
            pair: (-1, 'x'),
            map: BTreeMap::from([("half", 0.5)]),
        };
        let written = write_json(&to_node(&value).unwrap()).replace(['\n', ' '], "");
        insta::assert_snapshot!(written, @r#"{"floats":[1e-05,8.0,1e+16,NaN,-Infinity,-0.0],"map":{"half":0.5},"none":null,"pair":[-1,"x"],"some":18446744073709551615,"text":"\u00e9"}"#);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        assert!(to_node(&BTreeMap::from([(1, 2)])).is_err());
        assert!(to_node(&BTreeMap::from([((), 2)])).is_err());
    }
}
