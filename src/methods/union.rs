//! Values that may have one of several JSON types, such as a string or a list of strings.
//!
//! serde's `untagged` tries one type after the other and loses the place of an error; here the JSON type of the value decides.

/// Declares an enum with one variant for each JSON type: `Pattern(String) as string`.
///
/// The kinds are `boolean`, `integer`, `number` (what is written with a fraction or an exponent), `string`, `array`, `object`.
macro_rules! union {
    (
        $(#[$meta:meta])*
        $visibility:vis enum $name:ident { $($(#[$variant_meta:meta])+ $variant:ident($type:ty) as $kind:tt),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, schemars::JsonSchema)]
        #[serde(untagged)]
        #[schemars(inline)]
        $visibility enum $name {
            $($(#[$variant_meta])+ $variant($type),)+
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                /// Takes the value by its JSON type.
                struct ByType;

                impl<'de> serde::de::Visitor<'de> for ByType {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str(concat!("one of:" $(, " ", stringify!($kind))+))
                    }

                    $($crate::methods::union::visit!($kind $name $variant $type);)+
                }

                deserializer.deserialize_any(ByType)
            }
        }

        $(impl From<$type> for $name {
            fn from(value: $type) -> Self {
                Self::$variant(value)
            }
        })+
    };
}
pub(super) use union;

/// The methods of serde's `Visitor` that a JSON type arrives by.
macro_rules! visit {
    (boolean $name:ident $variant:ident $type:ty) => {
        fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<$name, E> {
            $crate::methods::union::value(value).map($name::$variant)
        }
    };
    (integer $name:ident $variant:ident $type:ty) => {
        fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<$name, E> {
            $crate::methods::union::value(value).map($name::$variant)
        }

        fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<$name, E> {
            $crate::methods::union::value(value).map($name::$variant)
        }
    };
    (number $name:ident $variant:ident $type:ty) => {
        fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<$name, E> {
            $crate::methods::union::value(value).map($name::$variant)
        }
    };
    (string $name:ident $variant:ident $type:ty) => {
        fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<$name, E> {
            $crate::methods::union::value(value).map($name::$variant)
        }
    };
    (array $name:ident $variant:ident $type:ty) => {
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, items: A) -> Result<$name, A::Error> {
            serde::Deserialize::deserialize(serde::de::value::SeqAccessDeserializer::new(items)).map($name::$variant)
        }
    };
    (object $name:ident $variant:ident $type:ty) => {
        fn visit_map<A: serde::de::MapAccess<'de>>(self, members: A) -> Result<$name, A::Error> {
            serde::Deserialize::deserialize(serde::de::value::MapAccessDeserializer::new(members)).map($name::$variant)
        }
    };
}
pub(super) use visit;

/// Reads a plain value into the type of a variant.
pub(super) fn value<'de, V, T, E>(value: V) -> Result<T, E>
where
    V: serde::de::IntoDeserializer<'de, E>,
    T: serde::Deserialize<'de>,
    E: serde::de::Error,
{
    T::deserialize(value.into_deserializer())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    union! {
        /// One of each.
        enum Any {
            /// A switch.
            Switch(bool) as boolean,
            /// A count.
            Count(u32) as integer,
            /// A share.
            Share(f64) as number,
            /// A name.
            Name(String) as string,
            /// Numbers.
            List(Vec<i64>) as array,
            /// Numbers by name.
            Map(BTreeMap<String, i64>) as object,
        }
    }

    #[test]
    fn the_type_of_the_value_decides() {
        for (text, expected) in [
            ("true", Any::Switch(true)),
            ("8", Any::Count(8)),
            ("8.0", Any::Share(8.0)),
            ("\"8\"", Any::Name("8".to_owned())),
            ("[1,-2]", Any::List(vec![1, -2])),
            ("{\"a\":1}", Any::Map(BTreeMap::from([("a".to_owned(), 1)]))),
        ] {
            let read: Any = serde_json::from_str(text).unwrap();
            assert_eq!(read, expected);
            assert_eq!(serde_json::to_string(&read).unwrap(), text);
        }
    }

    #[test]
    fn an_error_is_that_of_the_type_and_keeps_its_place() {
        for (text, said) in [
            ("[1, \"x\"]", "invalid type: string \"x\", expected i64 at line 1 column 7"),
            ("-1", "invalid value: integer `-1`, expected u32 at line 1 column 2"),
            (
                "null",
                "invalid type: null, expected one of: boolean integer number string array object at line 1 column 4",
            ),
        ] {
            assert_eq!(serde_json::from_str::<Any>(text).unwrap_err().to_string(), said);
        }
    }
}
