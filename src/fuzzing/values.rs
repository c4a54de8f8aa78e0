//! Values to try a field with, made from what the model says of it.

use crate::methods::Field;
use serde_json::{Value, json};

/// Values for a field: those that fit, those at the edge, and those that are plainly wrong.
#[derive(Debug, Default)]
pub struct Values {
    /// The default, and others of the right type and range.
    pub fitting: Vec<Value>,
    /// At the bounds of a range, or of what a machine's numbers hold.
    pub edges: Vec<Value>,
    /// Of another type or spelling.
    pub odd: Vec<Value>,
}

/// Texts that one rule or another has something to say of.
const TEXTS: &[&str] = &[
    "",
    "a",
    "q_proj",
    ".*q_proj",
    "q_proj,v_proj",
    "(q_proj",
    "[q]",
    "x/model.safetensors",
    "x.SAFETENSORS",
    "~/m",
    "a/b",
    "a--b",
    "a/b-",
    " q",
    ".q",
    "q.weight",
    "base_model.model.q",
];

impl Values {
    /// The values for a field.
    #[must_use]
    pub fn of(field: &Field) -> Self {
        let mut values = Self { fitting: vec![field.default.clone()], ..Self::default() };
        values.fitting.extend(field.choices.iter().map(|choice| json!(choice.value)));
        for kind in &field.types {
            values.add(kind, field);
        }
        let range = &field.range;
        let bounds = [&range.minimum, &range.exclusive_minimum, &range.maximum, &range.exclusive_maximum];
        for bound in bounds.into_iter().flatten().filter_map(|bound| serde_json::from_str::<Value>(bound.as_str()).ok())
        {
            values
                .edges
                .extend(bound.as_i64().into_iter().flat_map(|bound| [json!(bound), json!(bound.saturating_sub(1))]));
            values.edges.extend(bound.as_f64().into_iter().flat_map(|bound| [json!(bound), json!(bound + 0.25)]));
        }
        values.edges.extend(
            [0, -1, i64::from(u32::MAX), i64::from(u32::MAX) + 1, i64::from(i32::MIN) - 1].map(|number| json!(number)),
        );
        values.odd.extend([json!(2.0), json!(-0.5), json!(1e300), json!(u64::MAX), json!("2"), json!("true")]);
        values.odd.extend([
            json!("random"),
            json!("CAUSAL_lm"),
            json!("Gaussian"),
            json!("é🦀"),
            json!(true),
            Value::Null,
        ]);
        values.odd.extend([json!([1]), json!([]), json!([[0]]), json!({}), json!({"a": [null]}), json!({"(": 0})]);
        values
    }

    fn add(&mut self, kind: &str, field: &Field) {
        match kind {
            "null" => self.fitting.push(Value::Null),
            "boolean" => self.fitting.extend([json!(true), json!(false)]),
            "integer" => self.fitting.extend([1, 2, 3, 7].map(|number| json!(number))),
            "number" => self.fitting.extend([json!(0.5), json!(1e-5), json!(1)]),
            "array" => self.add_arrays(field),
            "object" => self.add_objects(field),
            _ if field.choices.is_empty() => self.fitting.extend(TEXTS.iter().map(|text| json!(text))),
            _ => {}
        }
    }

    fn add_arrays(&mut self, field: &Field) {
        let items = field.items.as_deref().map(Self::of).unwrap_or_default();
        let length = field.length.unwrap_or(1);
        let array = |item: &Value| Value::Array((0..length).map(|_| item.clone()).collect());
        self.fitting.extend(items.fitting.iter().skip(1).map(array));
        self.fitting
            .extend(items.fitting.windows(3).skip(1).filter(|_| field.length.is_none()).map(|items| json!(items)));
        self.edges.extend(items.edges.iter().map(array));
        self.odd.extend(items.odd.iter().map(array));
        if field.length.is_none() {
            self.fitting.push(json!([]));
            self.fitting.extend([json!(["q", "_"]), json!(["a", "a"])].into_iter().filter(|_| {
                field.items.as_ref().is_some_and(|items| items.takes("string") && items.choices.is_empty())
            }));
        }
    }

    fn add_objects(&mut self, field: &Field) {
        self.fitting.push(json!({}));
        if let Some(values) = &field.values {
            let values = Self::of(values);
            self.fitting.extend(values.fitting.iter().skip(1).map(|value| json!({"q_proj": value, "a": value})));
            self.edges.extend(values.edges.iter().map(|value| json!({"q_proj": value})));
            self.odd.extend(values.odd.iter().map(|value| json!({"q_proj": value})));
        } else if field.fields.is_empty() {
            self.fitting.extend([
                json!({"use_fast": true}),
                json!({"trust_remote_code": true}),
                json!({"base_model_class": "Net", "parent_library": "transformers.models"}),
                json!({"base_model_class": "BertForTokenClassification", "parent_library": "x"}),
            ]);
        }
        for inner in &field.fields {
            let values = Self::of(inner);
            self.fitting.extend(values.fitting.iter().map(|value| json!({(&inner.name): value})));
            self.edges.extend(values.edges.iter().map(|value| json!({(&inner.name): value})));
            self.odd.extend(values.odd.iter().map(|value| json!({(&inner.name): value, "future": 1})));
        }
        if let [.., second, first] = field.fields.as_slice() {
            let (first, second) = (first.name.as_str(), second.name.as_str());
            let default = field.field(first).map_or(Value::Null, |first| first.default.clone());
            self.fitting.push(json!({(first): default, (second): 4}));
        }
    }
}
