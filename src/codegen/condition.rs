//! Expressions of rules as calls of functions that the generated code brings along; each language has the same ones.

use super::{
    Inexpressible, Model,
    code::{Code, quoted},
};
use crate::rule::{Comparison, Expr, Operand, Rule, Text, Type};

/// How a language says expressions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    /// A function's name as the language spells it, from one in lower case with underscores.
    pub(super) name: fn(&str) -> String,
    /// Whether it has Python's regular expressions, or why not.
    pub(super) regex: Result<(), &'static str>,
}

/// A rule's two halves.
pub(super) struct Conditions {
    pub(super) when: Code,
    pub(super) require: Code,
}

impl Dialect {
    /// A rule in this dialect, or why it cannot be said.
    pub(super) fn rule(self, rule: &Rule) -> Result<Conditions, &'static str> {
        Ok(Conditions { when: self.expression(&rule.when)?, require: self.expression(&rule.require)? })
    }

    /// The errors of the model that cannot be said.
    pub(super) fn inexpressible(self, model: &Model) -> Vec<Inexpressible> {
        let reason = |rule| self.rule(rule).err().map(|reason| Inexpressible { rule, reason });
        super::errors(model).into_iter().filter_map(reason).collect()
    }

    fn call(self, function: &str, items: impl IntoIterator<Item = Code>) -> Code {
        Code::call(&(self.name)(function), items.into_iter().collect())
    }

    fn expression(self, expr: &Expr) -> Result<Code, &'static str> {
        let fields = |function: &str, fields: &[&str]| self.call(function, texts(fields));
        let form = |function: &str, field: &str, form: Text| Ok(self.call(function, [string(field), self.form(form)?]));
        let all = |function: &str, parts: &[Expr]| {
            let parts: Result<Vec<Code>, _> = parts.iter().map(|part| self.expression(part)).collect();
            parts.map(|parts| self.call(function, parts))
        };
        match expr {
            Expr::Is(field, value) => Ok(fields("is_one_of", &[field, value])),
            Expr::IsOneOf(field, values) => Ok(fields("is_one_of", &[&[*field], *values].concat())),
            Expr::IsNull(field) => Ok(fields("is_null", &[field])),
            Expr::IsTruthy(field) => Ok(fields("is_truthy", &[field])),
            Expr::HasKey(field, key) => Ok(fields("has_key", &[field, key])),
            Expr::IsA(field, wanted) => Ok(fields(is_a(*wanted), &[field])),
            Expr::Matches(field, text) => form("matches", field, *text),
            Expr::AnyItem(field, text) => form("any_item", field, *text),
            Expr::EveryItem(field, text) => form("every_item", field, *text),
            Expr::EveryKey(field, text) => form("every_key", field, *text),
            Expr::AnyValue(field, comparison, bound) => {
                let bound = Code::text(bound.to_string());
                Ok(self.call("any_value", [string(field), string(sign(*comparison)), bound]))
            }
            Expr::HasRepeats(field) => Ok(fields("has_repeats", &[field])),
            Expr::Overlap(left, right) => Ok(fields("overlap", &[left, right])),
            Expr::IsSubset(left, right) => Ok(fields("is_subset", &[left, right])),
            Expr::IsMultipleOf(field, factor) => {
                Ok(self.call("is_multiple_of", [string(field), Code::text(factor.to_string())]))
            }
            Expr::Compare(left, comparison, right) => {
                let sides = [self.operand(left), string(sign(*comparison)), self.operand(right)];
                Ok(self.call("compare", sides))
            }
            Expr::Not(inner) => Ok(self.call("none_of", [self.expression(inner)?])),
            Expr::All(parts) => all("all_of", parts),
            Expr::Any(parts) => all("any_of", parts),
            Expr::AtMostOne(parts) => all("at_most_one", parts),
        }
    }

    fn form(self, form: Text) -> Result<Code, &'static str> {
        Ok(match form {
            Text::OneOf(values) => self.call("one_of", texts(values)),
            Text::StartsWith(starts) => self.call("starts_with", texts(starts)),
            Text::EndsWith(endings) => self.call("ends_with", texts(endings)),
            Text::EndsWithAnyCase(ending) => self.call("ends_with_any_case", [string(ending)]),
            Text::Contains(parts) => self.call("contains", texts(parts)),
            Text::OneCharacter => self.call("one_character", []),
            Text::InPackage(packages) => self.call("in_package", texts(packages)),
            Text::RepositoryId => self.call("repository_id", []),
            Text::Regex => self.regex.map(|()| self.call("regular_expression", []))?,
            Text::RegexBetween(start, end) => {
                self.regex.map(|()| self.call("regular_expression", [string(start), string(end)]))?
            }
            Text::Either(forms) => {
                let forms: Result<Vec<Code>, _> = forms.iter().map(|form| self.form(*form)).collect();
                self.call("any_form", forms?)
            }
            Text::Without(form, other) => self.call("form_without", [self.form(*form)?, self.form(*other)?]),
        })
    }

    fn operand(self, operand: &Operand) -> Code {
        match operand {
            Operand::Field(field) => self.call("number", [string(field)]),
            Operand::Integer(value) => self.call("constant", [Code::text(value.to_string())]),
            Operand::Length(field) => self.call("length", [string(field)]),
            Operand::Difference(left, right) => self.call("difference", [string(left), string(right)]),
        }
    }
}

/// The name of a rule as a constant.
pub(super) fn constant(rule: &Rule) -> String {
    rule.code().replace('-', "_").to_ascii_uppercase()
}

fn string(text: &str) -> Code {
    Code::text(quoted(text))
}

fn texts(texts: &[&str]) -> Vec<Code> {
    texts.iter().map(|text| string(text)).collect()
}

const fn is_a(wanted: Type) -> &'static str {
    match wanted {
        Type::Boolean => "is_boolean",
        Type::String => "is_string",
        Type::Array => "is_array",
        Type::Object => "is_object",
    }
}

const fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Less => "<",
        Comparison::AtMost => "<=",
        Comparison::Equal => "==",
        Comparison::AtLeast => ">=",
        Comparison::Greater => ">",
    }
}
