//! The page of a method: a config to begin with, its fields, its rules.

use super::{SHARED_FIELDS, fields, file_of, rules};
use crate::{
    codegen::{Model, Page, template},
    document::Syntax,
    methods::{Field, Method, base_fields, base_rules},
    rule::Rule,
};

pub(super) fn page(method: &'static Method) -> Page {
    let (shared, own): (Vec<&Field>, Vec<&Field>) = method.fields().iter().partition(|field| field.is_shared());
    let all: Vec<&Rule> = method.rules().collect();
    let text = format!(
        "`{}`, PEFT class `{}`, {}.\n\n{}\n\n## To begin with\n\n```yaml\n{}```\n\n## Fields\n\n{}\n\n\
         As every method it has also these, [described on a page of their own]({SHARED_FIELDS}):\n\n{}\n\n{}\
         ## Rules\n\n{}\n",
        method.peft_type,
        method.class(),
        method.peft_type.lifetime(),
        method.description(),
        template(method, Syntax::Yaml),
        fields::overview(&own, ""),
        fields::overview(&shared, SHARED_FIELDS),
        fields::sections(&own, &all),
        rules::overview(&all, |rule| method.lifetime_of(rule)),
    );
    super::page(file_of(method), method.title(), &text)
}

/// What is known of methods whose own fields are not modelled.
pub(super) fn shared_fields(model: &Model) -> Page {
    let all: Vec<&Field> = base_fields().collect();
    let shared_rules: Vec<&Rule> = base_rules().collect();
    let others = model.base.peft_types.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let text = format!(
        "{}\n\n{}## Rules\n\n{}\n\n## Methods of which no more is known\n\nTheir own fields are not modelled: {others}.\n",
        fields::overview(&all, ""),
        fields::sections(&all, &shared_rules),
        rules::overview(&shared_rules, |rule| rule.lifetime),
    );
    super::page(SHARED_FIELDS, "Fields of every method", &text)
}
