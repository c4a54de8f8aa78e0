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
    /// The field is a string with this ending.
    EndsWith(&'static str, &'static str),
    /// The field is a string with this ending, in whatever case.
    EndsWithAnyCase(&'static str, &'static str),
    /// The field names one of these Python packages or a module inside one.
    IsInPackage(&'static str, &'static [&'static str]),
    /// Both sides are numbers and compare so.
    Compare(Operand, Comparison, Operand),
    /// The statement does not hold.
    Not(&'static Expr),
    /// All of them hold.
    All(&'static [Expr]),
    /// At least one of them holds.
    Any(&'static [Expr]),
}

/// A side of a comparison.
#[derive(Debug, Clone, Copy)]
pub enum Operand {
    /// The value of a field.
    Field(&'static str),
    /// A constant.
    Integer(i64),
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
            | Self::EndsWith(field, _)
            | Self::EndsWithAnyCase(field, _)
            | Self::IsInPackage(field, _) => vec![field],
            Self::Compare(left, _, right) => [left, right].into_iter().filter_map(Operand::field).collect(),
            Self::Not(inner) => inner.fields(),
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::fields).collect(),
        }
    }
}

impl Operand {
    const fn field(&self) -> Option<&'static str> {
        match self {
            Self::Field(field) => Some(field),
            Self::Integer(_) => None,
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
