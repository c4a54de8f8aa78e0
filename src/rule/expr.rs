//! The language of rules. Every consumer decides every expression: a new one does not compile until it is decided everywhere.

/// A statement about the fields of a config. A field that is absent has its default.
///
/// Fields are named as in the config; `auto_mapping/parent_library` is a key inside a field.
#[derive(Debug)]
#[non_exhaustive]
pub enum Expr {
    /// The field is this string.
    Is(&'static str, &'static str),
    /// The field is one of these strings.
    IsOneOf(&'static str, &'static [&'static str]),
    /// The field is null.
    IsNull(&'static str),
    /// The field is true in Python's sense: not null, false, zero or empty.
    IsTruthy(&'static str),
    /// The field is an object with this key.
    HasKey(&'static str, &'static str),
    /// The field has this JSON type.
    IsA(&'static str, Type),
    /// The field is a string of this form.
    Matches(&'static str, Text),
    /// The field is an array with an item that is a string of this form.
    AnyItem(&'static str, Text),
    /// The field is an array, and every item is a string of this form.
    EveryItem(&'static str, Text),
    /// The field is an object, and every key is of this form.
    EveryKey(&'static str, Text),
    /// The field is an object, and a value in it is a number that compares so with this one.
    AnyValue(&'static str, Comparison, i64),
    /// The field is an array with two equal items.
    HasRepeats(&'static str),
    /// The fields are arrays, or objects for the names of their keys, and have a string in common.
    Overlap(&'static str, &'static str),
    /// The fields are arrays, or objects for the names of their keys, and every string of the first is in the second.
    IsSubset(&'static str, &'static str),
    /// The field is a whole number and a multiple of this one.
    IsMultipleOf(&'static str, u32),
    /// Both sides are numbers and compare so.
    Compare(Operand, Comparison, Operand),
    /// The statement does not hold.
    Not(&'static Expr),
    /// All of them hold.
    All(&'static [Expr]),
    /// At least one of them holds.
    Any(&'static [Expr]),
    /// No more than one of them holds.
    AtMostOne(&'static [Expr]),
}

/// A form of a text.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Text {
    /// One of these.
    OneOf(&'static [&'static str]),
    /// It begins with one of these.
    StartsWith(&'static [&'static str]),
    /// It ends with one of these.
    EndsWith(&'static [&'static str]),
    /// It ends with this, in whatever case.
    EndsWithAnyCase(&'static str),
    /// It has one of these somewhere.
    Contains(&'static [&'static str]),
    /// It is a single character.
    OneCharacter,
    /// It names one of these Python packages or a module inside one.
    InPackage(&'static [&'static str]),
    /// It is the id of a repository on the Hub: a name, or an owner, a slash and a name.
    RepositoryId,
    /// It is a regular expression of Python's.
    Regex,
    /// Between these two it makes a regular expression of Python's.
    RegexBetween(&'static str, &'static str),
    /// It has one of these forms.
    Either(&'static [Text]),
    /// It has the first form, and not the second.
    Without(&'static Text, &'static Text),
}

/// A JSON type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `true` or `false`
    Boolean,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// A side of a comparison.
#[derive(Debug, Clone, Copy)]
pub enum Operand {
    /// The value of a field.
    Field(&'static str),
    /// A constant.
    Integer(i64),
    /// How many items an array has.
    Length(&'static str),
    /// The value of the first field minus that of the second.
    Difference(&'static str, &'static str),
}

/// How two numbers compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `==`
    Equal,
    /// `>=`
    AtLeast,
    /// `>`
    Greater,
}

impl Expr {
    /// The fields that the expression reads.
    pub(super) fn fields(&self) -> Vec<&'static str> {
        match self {
            Self::Is(field, _)
            | Self::IsOneOf(field, _)
            | Self::IsNull(field)
            | Self::IsTruthy(field)
            | Self::HasKey(field, _)
            | Self::IsA(field, _)
            | Self::Matches(field, _)
            | Self::AnyItem(field, _)
            | Self::EveryItem(field, _)
            | Self::EveryKey(field, _)
            | Self::AnyValue(field, ..)
            | Self::HasRepeats(field)
            | Self::IsMultipleOf(field, _) => vec![field],
            Self::Overlap(left, right) | Self::IsSubset(left, right) => vec![left, right],
            Self::Compare(left, _, right) => [left.fields(), right.fields()].concat(),
            Self::Not(inner) => inner.fields(),
            Self::All(parts) | Self::Any(parts) | Self::AtMostOne(parts) => {
                parts.iter().flat_map(Self::fields).collect()
            }
        }
    }
}

impl Operand {
    fn fields(&self) -> Vec<&'static str> {
        match self {
            Self::Field(field) | Self::Length(field) => vec![field],
            Self::Integer(_) => Vec::new(),
            Self::Difference(left, right) => vec![left, right],
        }
    }
}

impl Type {
    /// The type's name in JSON Schema.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

impl Comparison {
    /// Whether two numbers in this order stand in this relation.
    pub(super) fn admits(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Equal => order.is_eq(),
            Self::AtLeast => order.is_ge(),
            Self::Greater => order.is_gt(),
        }
    }
}
