//! What an expression means: the one evaluation that every other form of a rule is tested against.

use super::{
    expr::{Comparison, Expr, Operand, Text, Type},
    regex::{Refusal, refusal},
    repository::is_repository_id,
};
use crate::{
    document::{Kind, Member, Node, Number, Object, escaped, write_json},
    source::Span,
};
use std::collections::BTreeSet;

/// The fields of a config as PEFT sees them: what is absent has its default, and what the method does not have is dropped.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    given: &'a Object,
    defaults: &'a Object,
}

impl<'a> Fields<'a> {
    /// A config and the defaults of its method, none if the method is not known.
    #[must_use]
    pub const fn new(given: &'a Object, defaults: &'a Object) -> Self {
        Self { given, defaults }
    }

    /// The value of a field or, as `field/key`, of a key inside one.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&'a Node> {
        let (field, key) = path.split_once('/').map_or((path, None), |(field, key)| (field, Some(key)));
        let value = self.given.get(field).filter(|_| self.has(field)).or_else(|| self.defaults.get(field))?;
        match key {
            None => Some(value),
            Some(key) => value.as_object()?.get(key),
        }
    }

    /// Whether the method has a field. Of a method that is not known, any may be one.
    pub(crate) fn has(&self, field: &str) -> bool {
        self.defaults.members.is_empty() || self.defaults.get(field).is_some()
    }

    /// The entry of a field or of a key inside one, if the config has it.
    #[must_use]
    pub fn member(&self, path: &str) -> Option<&'a Member> {
        match path.split_once('/') {
            None => self.given.member(path),
            Some((field, key)) => self.given.get(field)?.as_object()?.member(key),
        }
    }

    /// Whether a statement holds.
    #[must_use]
    pub fn holds(&self, expr: &Expr) -> bool {
        let text = |field| self.get(field).and_then(Node::as_str);
        match expr {
            Expr::Is(field, value) => text(field) == Some(value),
            Expr::IsOneOf(field, values) => text(field).is_some_and(|text| values.contains(&text)),
            Expr::IsNull(field) => self.get(field).is_none_or(Node::is_null),
            Expr::IsTruthy(field) => self.get(field).is_some_and(Node::is_truthy),
            Expr::HasKey(field, key) => {
                self.get(field).and_then(Node::as_object).is_some_and(|object| object.get(key).is_some())
            }
            Expr::IsA(field, wanted) => self.get(field).is_some_and(|node| is_a(node, *wanted)),
            Expr::Matches(field, form) => text(field).is_some_and(|text| matches(text, *form)),
            Expr::AnyItem(field, form) => self
                .get(field)
                .and_then(Node::as_array)
                .is_some_and(|items| items.iter().filter_map(Node::as_str).any(|text| matches(text, *form))),
            Expr::EveryItem(field, form) => self
                .get(field)
                .and_then(Node::as_array)
                .is_some_and(|items| items.iter().all(|item| item.as_str().is_some_and(|text| matches(text, *form)))),
            Expr::EveryKey(field, form) => {
                let object = self.get(field).and_then(Node::as_object);
                object.is_some_and(|object| object.members.iter().all(|member| matches(&member.key, *form)))
            }
            Expr::AnyValue(field, comparison, bound) => {
                let object = self.get(field).and_then(Node::as_object);
                object.is_some_and(|object| object.effective().any(|(_, value)| compares(value, *comparison, *bound)))
            }
            Expr::HasRepeats(field) => self.get(field).and_then(Node::as_array).is_some_and(has_repeats),
            Expr::Overlap(left, right) => {
                self.texts(left).zip(self.texts(right)).is_some_and(|(left, right)| !left.is_disjoint(&right))
            }
            Expr::IsSubset(left, right) => {
                self.texts(left).zip(self.texts(right)).is_some_and(|(left, right)| left.is_subset(&right))
            }
            Expr::IsMultipleOf(field, factor) => {
                let number = self.get(field).and_then(Node::as_number).and_then(Number::as_i128);
                number.is_some_and(|number| number.checked_rem(i128::from(*factor)) == Some(0))
            }
            Expr::Compare(left, comparison, right) => self
                .number(left)
                .zip(self.number(right))
                .and_then(|(left, right)| left.compare(&right))
                .is_some_and(|order| comparison.admits(order)),
            Expr::Not(inner) => !self.holds(inner),
            Expr::All(parts) => parts.iter().all(|part| self.holds(part)),
            Expr::Any(parts) => parts.iter().any(|part| self.holds(part)),
            Expr::AtMostOne(parts) => parts.iter().filter(|part| self.holds(part)).count() <= 1,
        }
    }

    fn number(&self, operand: &Operand) -> Option<Number> {
        match operand {
            Operand::Field(field) => self.get(field)?.as_number().cloned(),
            Operand::Integer(value) => Some(Number::from(*value)),
            Operand::Length(field) => {
                let items = self.get(field)?.as_array()?;
                Some(Number::new(items.len().to_string()))
            }
            Operand::Difference(left, right) => self.get(left)?.as_number()?.minus(self.get(right)?.as_number()?),
        }
    }

    /// The strings among the items of an array, or the keys of an object.
    fn texts(&self, field: &str) -> Option<BTreeSet<&'a str>> {
        match &self.get(field)?.kind {
            Kind::Array(items) => Some(items.iter().filter_map(Node::as_str).collect()),
            Kind::Object(object) => Some(object.members.iter().map(|member| member.key.as_str()).collect()),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => None,
        }
    }

    /// The items or keys of a field that keep an expression from holding or, under `Not`, make it hold.
    pub(super) fn culprits(&self, field: &str, expr: &Expr) -> Vec<Culprit<'a>> {
        let matching = |form: Text, wanted: bool| move |found: &Culprit<'_>| matches(found.text, form) == wanted;
        let among = |other: &str, wanted: bool| {
            let texts = self.texts(other).unwrap_or_default();
            move |found: &Culprit<'_>| texts.contains(found.text) == wanted
        };
        let all = || self.parts_of(field).into_iter();
        match expr {
            Expr::AnyItem(of, form) if *of == field => all().filter(matching(*form, true)).collect(),
            Expr::EveryItem(of, form) | Expr::EveryKey(of, form) if *of == field => {
                all().filter(matching(*form, false)).collect()
            }
            Expr::AnyValue(of, comparison, bound) if *of == field => {
                let members = self.get(field).and_then(Node::as_object).map(Object::effective);
                let is_meant = |value: &Node| compares(value, *comparison, *bound);
                let keys: BTreeSet<&str> =
                    members.into_iter().flatten().filter(|(_, value)| is_meant(value)).map(|(key, _)| key).collect();
                all().filter(|found| keys.contains(found.text)).collect()
            }
            Expr::Overlap(of, other) | Expr::Overlap(other, of) if *of == field => {
                all().filter(among(other, true)).collect()
            }
            Expr::IsSubset(of, other) if *of == field => all().filter(among(other, false)).collect(),
            Expr::HasRepeats(of) if *of == field => {
                let mut seen = BTreeSet::new();
                all().filter(|found| !seen.insert(found.text)).collect()
            }
            Expr::Not(inner) => self.culprits(field, inner),
            Expr::All(parts) | Expr::Any(parts) | Expr::AtMostOne(parts) => {
                parts.iter().flat_map(|part| self.culprits(field, part)).collect()
            }
            Expr::AnyItem(..)
            | Expr::EveryKey(..)
            | Expr::AnyValue(..)
            | Expr::EveryItem(..)
            | Expr::Overlap(..)
            | Expr::IsSubset(..)
            | Expr::HasRepeats(..)
            | Expr::Is(..)
            | Expr::IsOneOf(..)
            | Expr::IsNull(..)
            | Expr::IsTruthy(..)
            | Expr::HasKey(..)
            | Expr::IsA(..)
            | Expr::Matches(..)
            | Expr::IsMultipleOf(..)
            | Expr::Compare(..) => Vec::new(),
        }
    }

    /// The fields of the statements that hold, of those of which at most one may.
    pub(super) fn rivals(&self, expr: &Expr) -> Vec<&'static str> {
        let Expr::AtMostOne(parts) = expr else { return Vec::new() };
        parts.iter().filter(|part| self.holds(part)).flat_map(Expr::fields).collect()
    }

    /// What Python says of the first text that an expression wants to be a regular expression and that is none.
    pub(super) fn refusal(&self, expr: &Expr) -> Option<Refusal> {
        match expr {
            Expr::Matches(field, form) => refusal_of(self.get(field)?.as_str()?, *form),
            Expr::EveryItem(field, form) | Expr::EveryKey(field, form) => {
                self.parts_of(field).into_iter().find_map(|part| refusal_of(part.text, *form))
            }
            _ => None,
        }
    }

    /// The items of an array that are strings, or the keys of an object.
    fn parts_of(&self, field: &str) -> Vec<Culprit<'a>> {
        match self.get(field).map(|node| &node.kind) {
            Some(Kind::Array(items)) => {
                let items = items.iter().enumerate();
                let part = |(index, item): (usize, &'a Node)| {
                    Some(Culprit { text: item.as_str()?, span: item.span, segment: index.to_string() })
                };
                items.filter_map(part).collect()
            }
            Some(Kind::Object(object)) => {
                let part = |member: &'a Member| Culprit {
                    text: &member.key,
                    span: member.key_span,
                    segment: escaped(&member.key),
                };
                object.members.iter().map(part).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// An item of an array or a key of an object that a rule is about.
#[derive(Debug)]
pub(super) struct Culprit<'a> {
    /// What it says.
    pub(super) text: &'a str,
    /// Where it stands.
    pub(super) span: Span,
    /// Its segment of a JSON Pointer.
    pub(super) segment: String,
}

fn is_a(node: &Node, wanted: Type) -> bool {
    match wanted {
        Type::Boolean => matches!(node.kind, Kind::Bool(_)),
        Type::String => matches!(node.kind, Kind::String(_)),
        Type::Array => matches!(node.kind, Kind::Array(_)),
        Type::Object => matches!(node.kind, Kind::Object(_)),
    }
}

fn compares(value: &Node, comparison: Comparison, bound: i64) -> bool {
    let order = value.as_number().and_then(|number| number.compare(&Number::from(bound)));
    order.is_some_and(|order| comparison.admits(order))
}

fn has_repeats(items: &[Node]) -> bool {
    let texts: BTreeSet<String> = items.iter().map(write_json).collect();
    texts.len() < items.len()
}

/// Whether a text has a form.
fn matches(text: &str, form: Text) -> bool {
    match form {
        Text::OneOf(texts) => texts.contains(&text),
        Text::StartsWith(starts) => starts.iter().any(|start| text.starts_with(start)),
        Text::EndsWith(endings) => endings.iter().any(|ending| text.ends_with(ending)),
        Text::EndsWithAnyCase(ending) => ends_with_any_case(text, ending),
        Text::Contains(parts) => parts.iter().any(|part| text.contains(part)),
        Text::OneCharacter => text.chars().count() == 1,
        Text::InPackage(packages) => packages.contains(&text.split('.').next().unwrap_or_default()),
        Text::RepositoryId => is_repository_id(text),
        Text::Regex | Text::RegexBetween(..) => refusal_of(text, form).is_none(),
        Text::Either(forms) => forms.iter().any(|form| matches(text, *form)),
        Text::Without(form, other) => matches(text, *form) && !matches(text, *other),
    }
}

/// What Python says of a text that should be a regular expression and is none.
fn refusal_of(text: &str, form: Text) -> Option<Refusal> {
    match form {
        Text::Regex => refusal(text),
        Text::RegexBetween(start, end) => refusal(&format!("{start}{text}{end}")),
        _ => None,
    }
}

fn ends_with_any_case(text: &str, ending: &str) -> bool {
    let tail = text.len().checked_sub(ending.len()).and_then(|start| text.get(start..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        document::{Limits, Syntax, parse},
        source::Source,
    };
    use std::time::{Duration, Instant};

    const IS_ZERO: Expr = Expr::AnyValue("alpha_pattern", Comparison::Equal, 0);

    /// Each kind of statement names items or keys of its own field, and none of another.
    #[test]
    fn culprits_belong_to_the_field_that_is_asked_for() {
        let text = r#"{"targets": ["a", "*", "a"], "others": ["a", "*"], "ranks": {"*": 0, "b": 1}}"#;
        let (document, _) = parse(Source::new("", text), Syntax::Json, &Limits::default());
        let root = document.root.unwrap();
        let defaults = Object::default();
        let fields = Fields::new(root.as_object().unwrap(), &defaults);
        let culprits = |field: &str, expr: Expr| -> Vec<&str> {
            fields.culprits(field, &expr).iter().map(|found| found.text).collect()
        };
        for (field, expr, expected) in [
            ("targets", Expr::EveryItem("targets", Text::Regex), vec!["*"]),
            ("targets", Expr::EveryItem("others", Text::Regex), vec![]),
            ("targets", Expr::AnyItem("targets", Text::Regex), vec!["a", "a"]),
            ("targets", Expr::AnyItem("others", Text::Regex), vec![]),
            ("ranks", Expr::EveryKey("ranks", Text::Regex), vec!["*"]),
            ("targets", Expr::EveryKey("ranks", Text::Regex), vec![]),
            ("ranks", Expr::AnyValue("ranks", Comparison::Equal, 0), vec!["*"]),
            ("targets", Expr::AnyValue("ranks", Comparison::Equal, 0), vec![]),
            ("targets", Expr::Overlap("targets", "ranks"), vec!["*"]),
            ("ranks", Expr::Overlap("targets", "ranks"), vec!["*"]),
            ("others", Expr::Overlap("targets", "ranks"), vec![]),
            ("targets", Expr::IsSubset("targets", "ranks"), vec!["a", "a"]),
            ("ranks", Expr::IsSubset("targets", "ranks"), vec![]),
            ("targets", Expr::HasRepeats("targets"), vec!["a"]),
            ("others", Expr::HasRepeats("targets"), vec![]),
        ] {
            let shown = format!("{field} {expr:?}");
            assert_eq!(culprits(field, expr), expected, "{shown}");
        }
    }

    /// How long it takes to find all of so many zeros.
    fn time_of(zeros: usize) -> Duration {
        let entries: Vec<String> = (0..zeros).map(|number| format!("\"layers.{number}.q_proj\": 0")).collect();
        let text = format!("{{\"alpha_pattern\": {{{}}}}}", entries.join(", "));
        let (document, problems) = parse(Source::new("", text), Syntax::Json, &Limits::default());
        assert_eq!(problems, []);
        let root = document.root.unwrap();
        let defaults = Object::default();
        let fields = Fields::new(root.as_object().unwrap(), &defaults);
        let start = Instant::now();
        assert_eq!(fields.culprits("alpha_pattern", &Expr::Not(&IS_ZERO)).len(), zeros);
        start.elapsed()
    }

    /// Ten times as many take about ten times as long; if each were looked up among all, it would be a hundred times. A machine that is
    /// busy gets several attempts.
    #[test]
    fn the_time_for_many_keys_grows_with_their_number() {
        const MOST: u32 = 40;
        let mut attempts = (0..5).map(|_| (time_of(3_000), time_of(30_000)));
        assert!(attempts.any(|(few, many)| many < few * MOST));
    }
}
