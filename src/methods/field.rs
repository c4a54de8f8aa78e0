//! The fields of a config as the generated schema tells them, for everything that describes or explains.

use super::Range;
use crate::release::{Lifetime, Release};
use serde_json::Value;

/// A field of a config, or a value inside one.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Field {
    /// Its key in the file.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The JSON types it takes, `null` last.
    pub types: Vec<String>,
    /// The values it takes, if they are few.
    pub choices: Vec<Choice>,
    /// Values beside the choices that share a form, such as `pissa_niter_<number>`.
    pub forms: Vec<Choice>,
    /// The numbers it takes.
    pub range: Range,
    /// The items of an array.
    pub items: Option<Box<Field>>,
    /// How many items an array must have, if their number is fixed.
    pub length: Option<u64>,
    /// The values of an object whose keys are free.
    pub values: Option<Box<Field>>,
    /// The fields of an object whose keys are known: a nested config.
    pub fields: Vec<Field>,
    /// What it is when a config leaves it out.
    pub default: Value,
    /// A value to begin with.
    pub example: Option<Value>,
    /// The PEFT class that declares it.
    pub class: String,
    /// The first release that is known to refuse values that are no choice; older ones take them without a word.
    pub checked_since: Option<Release>,
    /// Whether no release refuses values that are no choice: PEFT takes them all, and some for something else.
    pub never_refused: bool,
    /// The releases whose class has it.
    pub lifetime: Lifetime,
    /// Defaults that it once had, each with the last release that had it; oldest first.
    pub former_defaults: Vec<(Value, Release)>,
}

/// One of few values of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Choice {
    /// The value on the wire.
    pub value: String,
    /// What it means.
    pub description: String,
    /// The releases that know it.
    pub lifetime: Lifetime,
}

impl Choice {
    /// What it means, without the paragraph that tells its releases.
    #[must_use]
    pub fn meaning(&self) -> &str {
        self.description.split("\n\n").next().unwrap_or_default()
    }
}

impl Field {
    /// The fields that the schema of a config declares.
    pub(super) fn of_shape(shape: &Value) -> Vec<Self> {
        let properties = shape.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().map(|(name, property)| Self::new(name, property)).collect()
    }

    /// What a schema says of the value called `name`.
    pub(crate) fn new(name: &str, schema: &Value) -> Self {
        let mut field = Self {
            name: name.to_owned(),
            title: text(schema, "title"),
            description: unwrapped(&text(schema, "description")),
            types: Vec::new(),
            choices: Vec::new(),
            forms: Vec::new(),
            range: Range::default(),
            items: None,
            length: None,
            values: None,
            fields: Vec::new(),
            default: schema.get("default").cloned().unwrap_or(Value::Null),
            example: schema.get("examples").and_then(|examples| examples.get(0)).cloned(),
            class: text(schema, "x-peft-class"),
            checked_since: release(schema, "x-peft-checked-since"),
            never_refused: schema.get("x-peft-never-refused").is_some(),
            lifetime: lifetime(schema),
            former_defaults: former_defaults(schema),
        };
        field.collect(schema);
        field
    }

    /// Adds what a schema or one of its alternatives says of the value.
    fn collect(&mut self, schema: &Value) {
        let types = match schema.get("type") {
            Some(Value::String(kind)) => vec![kind.clone()],
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        for kind in types {
            if !self.types.contains(&kind) {
                self.types.push(kind);
            }
        }
        if let Some(value) = schema.get("const").and_then(Value::as_str) {
            let description = unwrapped(&text(schema, "description"));
            self.choices.push(Choice { value: value.to_owned(), description, lifetime: lifetime(schema) });
        }
        if let (Some(_), Some(form)) = (schema.get("pattern"), schema.get("title").and_then(Value::as_str)) {
            let description = unwrapped(&text(schema, "description"));
            self.forms.push(Choice { value: form.to_owned(), description, lifetime: lifetime(schema) });
        }
        if self.range == Range::default() {
            self.range = Range::of_schema(schema);
        }
        let inner = |keyword: &str| {
            let schema = schema.get(keyword).filter(|schema| schema.is_object())?;
            Some(Box::new(Self::new(&self.name, schema)))
        };
        let (items, values) = (inner("items"), inner("additionalProperties"));
        self.items = items.or(self.items.take());
        self.values = values.or(self.values.take());
        let number = |keyword: &str| schema.get(keyword).and_then(Value::as_u64);
        self.length = number("minItems").filter(|least| number("maxItems") == Some(*least)).or(self.length);
        self.fields.extend(Self::of_shape(schema));
        let alternatives = ["oneOf", "anyOf"].into_iter().filter_map(|keyword| schema.get(keyword)?.as_array());
        alternatives.flatten().for_each(|alternative| self.collect(alternative));
        self.types.sort_by_key(|kind| kind == "null");
    }

    /// Whether every method has the field.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(&*self.class, "PeftConfigMixin" | "PeftConfig")
    }

    /// What the field is in a release when a config leaves it out.
    #[must_use]
    pub fn default_in(&self, release: Release) -> &Value {
        let former = self.former_defaults.iter().find(|(_, last)| release <= *last);
        former.map_or(&self.default, |(default, _)| default)
    }

    /// Whether a release refuses values that it does not know.
    pub(crate) fn is_checked_in(&self, release: Release) -> bool {
        !self.never_refused && self.checked_since.is_none_or(|since| since <= release)
    }

    /// Whether a config for a release must give the field: its default there is null, which PEFT cannot use.
    pub(crate) fn has_unusable_default_in(&self, release: Release) -> bool {
        self.default_in(release).is_null() && !self.default.is_null() && !self.takes("null")
    }

    /// The releases that know a value, if it is one of few: a choice, in whatever case where only that differs, or one of a form.
    #[must_use]
    pub fn lifetime_of_value(&self, value: &str) -> Option<Lifetime> {
        let choice = |is_same: fn(&str, &str) -> bool| self.choices.iter().find(|choice| is_same(&choice.value, value));
        let start = |form: &Choice| form.value.split('<').next().is_some_and(|start| value.starts_with(start));
        let form = || self.forms.iter().find(|form| start(form));
        let found = choice(|one, other| one == other).or_else(|| choice(str::eq_ignore_ascii_case)).or_else(form);
        found.map(|choice| choice.lifetime)
    }

    /// Whether the field takes values of a JSON type.
    #[must_use]
    pub fn takes(&self, json_type: &str) -> bool {
        self.types.iter().any(|taken| taken == json_type)
    }

    /// The field of this name inside a nested config.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Self> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// What the field takes, in words: `an integer of at least 1`, `one of RANDOM, TEXT`, `a string or null`.
    #[must_use]
    pub fn expected(&self) -> String {
        // A number may be whole, and one of a few strings is told by its name.
        let is_told = |kind: &str| match kind {
            "integer" => self.takes("number"),
            "string" => !self.choices.is_empty(),
            _ => kind == "null",
        };
        let kinds = self.types.iter().filter(|kind| !is_told(kind));
        let mut words: Vec<String> = kinds.map(|kind| self.kind_in_words(kind)).collect();
        if !self.choices.is_empty() {
            words.push(self.choices_in_words());
        }
        if self.takes("null") {
            words.push("null".to_owned());
        }
        if words.is_empty() { "any value".to_owned() } else { words.join(" or ") }
    }

    fn choices_in_words(&self) -> String {
        let values = self.choices.iter().map(|choice| choice.value.as_str());
        let values: Vec<&str> = values.chain(self.forms.iter().map(|form| form.value.as_str())).collect();
        match values.as_slice() {
            [only] => (*only).to_owned(),
            _ => format!("one of {}", values.join(", ")),
        }
    }

    fn kind_in_words(&self, kind: &str) -> String {
        match (kind, &self.items, &self.values) {
            ("array", Some(items), _) => match self.length {
                Some(length) => format!("an array of {length} (each item {})", items.expected()),
                None => format!("an array (each item {})", items.expected()),
            },
            ("object", _, Some(values)) => format!("an object (each value {})", values.expected()),
            ("integer" | "number", ..) => format!("{}{}", in_words(kind), self.range.in_words()),
            _ => in_words(kind).to_owned(),
        }
    }
}

/// The releases that have what a schema describes, as the declaration wrote them into it.
pub(crate) fn lifetime(schema: &Value) -> Lifetime {
    let since = release(schema, "x-peft-since").unwrap_or(Lifetime::ALWAYS.since);
    Lifetime { since, until: release(schema, "x-peft-until") }
}

fn release(schema: &Value, keyword: &str) -> Option<Release> {
    schema.get(keyword)?.as_str()?.parse().ok()
}

fn former_defaults(schema: &Value) -> Vec<(Value, Release)> {
    let listed = schema.get("x-peft-former-defaults").and_then(Value::as_array);
    let one = |former: &Value| Some((former.get("default")?.clone(), former.get("until")?.as_str()?.parse().ok()?));
    listed.into_iter().flatten().filter_map(one).collect()
}

/// A text from doc comments with each paragraph on one line.
pub(crate) fn unwrapped(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs.filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n")
}

fn text(schema: &Value, keyword: &str) -> String {
    schema.get(keyword).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A JSON type in words.
fn in_words(kind: &str) -> &'static str {
    match kind {
        "null" => "null",
        "boolean" => "true or false",
        "array" => "an array",
        "object" => "an object",
        "integer" => "an integer",
        "number" => "a number",
        _ => "a string",
    }
}
