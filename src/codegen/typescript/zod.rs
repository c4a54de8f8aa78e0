//! Zod schemas, with refinements made from the rules.

use super::{WIDTH, about, comment};
use crate::{
    codegen::{
        ConfigView, FieldView, Generator, Model, Options, Target, ValueType,
        code::{Code, Layout, quoted},
        condition::{Dialect, constant},
        errors,
        frame::rendered,
        header, is_error,
    },
    document::Number,
    methods::Range,
    rule::Rule,
    schema::Profile,
};
use minijinja::context;
use serde_json::Value;

/// Schemas that check.
pub(in crate::codegen) static ZOD: Target = Target {
    name: "typescript",
    style: "zod",
    about: "Zod 4 schemas with the rules as refinements",
    extension: "ts",
    generator: Generator::File(zod),
    inexpressible: |model| DIALECT.inexpressible(model),
};

const DIALECT: Dialect =
    Dialect { name: camel_case, regex: Err("JavaScript does not know Python's regular expressions") };

/// As prettier has it.
const LAYOUT: Layout = Layout { width: WIDTH, indent: 2 };

fn zod(model: &Model, options: Options) -> String {
    let configs = || model.configs.iter().chain([&model.base]);
    let object = match options.profile {
        Profile::Strict => "z.strictObject",
        Profile::Lenient => "z.object",
    };
    let nested = model.nested.iter().map(|config| nested(config, object));
    let schemas = configs().map(|config| match config.method {
        Some(_) => refined(config, object),
        None => refined(config, "z.looseObject"),
    });
    let named = configs().map(|config| Code::text(&config.class)).collect();
    let union = Code::list("export const adapterConfig = z.discriminatedUnion(\"peft_type\", [", named, "]);");
    let about = comment("Any `adapter_config.json`; `peft_type` tells which.", 0);
    rendered(
        "zod.ts",
        context! {
            header => format!("{}{}", header(model, "//", WIDTH, &ZOD.command(options)), left_out(model)),
            rules => errors(model).into_iter().filter_map(one_rule).collect::<Vec<_>>().join("\n"),
            configs => nested.chain(schemas).collect::<Vec<_>>(),
            union => format!("{about}{}", union.laid_out(LAYOUT, 0, 0)),
        },
    )
}

/// The rules that are missing, as a comment.
fn left_out(model: &Model) -> String {
    let line = |found: super::super::Inexpressible| format!("// - {}: {}\n", found.rule.code(), found.reason);
    let lines: String = DIALECT.inexpressible(model).into_iter().map(line).collect();
    if lines.is_empty() { lines } else { format!("//\n// Rules that this file leaves out:\n{lines}") }
}

/// A rule as a constant.
fn one_rule(rule: &'static Rule) -> Option<String> {
    let conditions = DIALECT.rule(rule).ok()?;
    let parts = [
        text("code", rule.code()),
        text("field", rule.blame),
        text("message", rule.message),
        conditions.when.between("when: ", "").laid_out(LAYOUT, 1, 1),
        conditions.require.between("require: ", "").laid_out(LAYOUT, 1, 1),
    ];
    let lines: String = parts.iter().map(|part| format!("  {part},\n")).collect();
    Some(format!("const {}: Rule = {{\n{lines}}};\n", constant(rule)))
}

/// A property that is a text, on a line of its own where it is long.
fn text(name: &str, text: &str) -> String {
    let line = format!("{name}: {}", in_fewest_escapes(text));
    if line.chars().count() + 3 <= WIDTH { line } else { line.replacen(": ", ":\n    ", 1) }
}

/// A text in the quotes that need fewer escapes, double ones if that is equal.
fn in_fewest_escapes(text: &str) -> String {
    if text.matches('"').count() > text.matches('\'').count() {
        let inside = quoted(text).replace("\\\"", "\"").replace('\'', "\\'");
        let inside = inside.strip_prefix('"').and_then(|inside| inside.strip_suffix('"')).unwrap_or(&inside);
        format!("'{inside}'")
    } else {
        quoted(text)
    }
}

/// The schema of a nested config.
fn nested(config: &ConfigView, object: &str) -> String {
    let fields: String = config.fields.iter().map(|field| property(field, 1)).collect();
    let about = comment(&config.description, 0);
    format!("{about}export const {} = {object}({{\n{fields}}});\n{}", config.class, type_of(config))
}

/// The schema of a config with its rules.
fn refined(config: &ConfigView, object: &str) -> String {
    let names: Vec<Code> = config.peft_types.iter().map(|name| Code::text(quoted(name.as_str()))).collect();
    let name = match names.as_slice() {
        [only] => Code::call("z.literal", vec![only.clone()]),
        _ => Code::list("z.enum([", names, "])"),
    };
    let name = name.between("peft_type: ", "").laid_out(LAYOUT, 2, 1);
    let about_name = comment("The PEFT method that the config is for.", 2);
    let fields: String = config.fields.iter().map(|field| property(field, 2)).collect();
    let rules = config.rules.iter().filter(|rule| is_error(rule) && DIALECT.rule(rule).is_ok());
    let rules = Code::list("[", rules.map(|rule| Code::text(constant(rule))).collect(), "]");
    format!(
        "{}export const {} = refined(\n  {object}({{\n{about_name}    {name},\n{fields}  }}),\n  {},\n  {},\n);\n{}",
        comment(&config.description, 0),
        config.class,
        defaults(config).laid_out(LAYOUT, 1, 1),
        rules.laid_out(LAYOUT, 1, 1),
        type_of(config),
    )
}

fn type_of(config: &ConfigView) -> String {
    let of = Code::text(format!("typeof {}", config.class));
    let open = format!("export type {} = z.infer<", config.class);
    format!("{}\n", Code::only(open, of, ">;").laid_out(LAYOUT, 0, 0))
}

/// The defaults that are not null.
fn defaults(config: &ConfigView) -> Code {
    let fields = config.fields.iter().map(|field| &field.field).filter(|field| !field.default.is_null());
    let fields = fields.map(|field| value(&field.default).between(&format!("{}: ", field.name), ""));
    Code::object("", fields.collect(), "")
}

/// A value as JavaScript writes it.
fn value(value: &Value) -> Code {
    match value {
        Value::Array(items) => Code::list("[", items.iter().map(self::value).collect(), "]"),
        Value::Object(members) => {
            let member =
                |(key, inner): (&String, &Value)| self::value(inner).between(&format!("{}: ", quoted(key)), "");
            Code::object("", members.iter().map(member).collect(), "")
        }
        Value::Number(number) => Code::text(decimal(&number.to_string())),
        Value::Null | Value::Bool(_) | Value::String(_) => Code::text(value.to_string()),
    }
}

/// A number as prettier leaves it.
fn decimal(number: &str) -> String {
    number.strip_suffix(".0").unwrap_or(number).to_owned()
}

fn property(field: &FieldView, level: usize) -> String {
    let schema = Code::call("z.optional", vec![any_of(&field.types)]);
    let line = schema.between(&format!("{}: ", field.field.name), "").laid_out(LAYOUT, level, 1);
    format!("{}{}{line},\n", comment(&about(field), level), "  ".repeat(level))
}

/// The schema of values of these types.
fn any_of(types: &[ValueType]) -> Code {
    let mut schemas: Vec<Code> = types.iter().filter(|one| **one != ValueType::Null).map(schema).collect();
    let is_nullable = types.contains(&ValueType::Null);
    let one = match schemas.as_slice() {
        [only] => only.clone(),
        _ => Code::list("z.union([", std::mem::take(&mut schemas), "])"),
    };
    if is_nullable { Code::call("z.nullable", vec![one]) } else { one }
}

fn schema(one: &ValueType) -> Code {
    match one {
        ValueType::Boolean => Code::text("z.boolean()"),
        ValueType::Integer(range) => bounded("integer", range),
        ValueType::Number(range) => bounded("real", range),
        ValueType::Text => Code::text("z.string()"),
        ValueType::Choice(values) => {
            Code::list("z.enum([", values.iter().map(|value| Code::text(quoted(value))).collect(), "])")
        }
        ValueType::Pattern(pattern) => Code::call("pattern", vec![Code::text(quoted(pattern))]),
        ValueType::Array(items, None) => Code::call("z.array", vec![any_of(items)]),
        ValueType::Array(items, Some(length)) => {
            let length = usize::try_from(*length).unwrap_or_default();
            Code::list("z.tuple([", vec![any_of(items); length], "])")
        }
        ValueType::Map(values) => Code::call("z.record", vec![Code::text("z.string()"), any_of(values)]),
        ValueType::Object => Code::text("z.record(z.string(), z.unknown())"),
        ValueType::Nested(class) => Code::text(class),
        ValueType::Any => Code::text("z.unknown()"),
        ValueType::Null => Code::text("z.null()"),
    }
}

/// A number within bounds.
fn bounded(function: &str, range: &Range) -> Code {
    let bounds = [
        ("minimum", &range.minimum),
        ("exclusiveMinimum", &range.exclusive_minimum),
        ("maximum", &range.maximum),
        ("exclusiveMaximum", &range.exclusive_maximum),
    ];
    // What JavaScript would round is no bound there: its whole numbers end before.
    let is_exact = |bound: &&Number| bound.as_f64().abs() < 9_007_199_254_740_992.0;
    let bound = |(name, bound): (&str, &Option<Number>)| {
        bound.as_ref().filter(is_exact).map(|bound| Code::text(format!("{name}: {}", decimal(bound.as_str()))))
    };
    let bounds: Vec<Code> = bounds.into_iter().filter_map(bound).collect();
    match bounds.as_slice() {
        [] => Code::call(function, Vec::new()),
        _ => Code::object(&format!("{function}("), bounds, ")"),
    }
}

/// `is_one_of` as `isOneOf`.
fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|letter| letter.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    first + &parts.map(capital).collect::<String>()
}
