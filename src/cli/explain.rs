//! `peftspec explain`: the page of a code, a field or a method.

use super::{Exit, Streams};
use crate::{METHODS, Method, PeftType, Rule, check::closest, methods::Field, schema::entries};
use serde_json::Value;
use std::{collections::BTreeSet, io};

/// Explain a code such as task-out-of-range, a field such as num_ranks, or a method such as PROMPT_TUNING.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The code, field or method
    name: String,
}

pub(super) fn run(args: &Args, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let name = args.name.trim();
    let pages = [code_page(&name.to_ascii_lowercase()), method_page(&name.to_ascii_uppercase()), field_page(name)];
    if let Some(page) = pages.into_iter().flatten().next() {
        writeln!(streams.out, "{}", page.trim_end())?;
        return Ok(Exit::Clean);
    }
    let fields = METHODS.iter().flat_map(|method| method.fields());
    let codes = entries().into_keys();
    let names = codes.chain(METHODS.iter().map(|method| method.peft_type.as_str()));
    let meant = closest(name, names.chain(fields.map(|field| field.name.as_str())));
    let hint = meant.map_or("`peftspec rules` lists the codes".to_owned(), |meant| format!("did you mean `{meant}`?"));
    writeln!(streams.err, "error: no code, field or method is called `{name}`; {hint}")?;
    Ok(Exit::Failure)
}

fn code_page(code: &str) -> Option<String> {
    let entry = entries().remove(code)?;
    let mut page = format!("{}[{code}]\n\n{}", entry.problem.severity, readable(entry.problem.docs));
    if !entry.methods.is_empty() {
        let methods: Vec<&str> = entry.methods.iter().map(|method| method.peft_type.as_str()).collect();
        page.push_str(&format!("\nMethods: {}\n", methods.join(", ")));
        let in_schema = match entry.in_schema() {
            Some(Err(reason)) => format!("no; {reason}"),
            _ => "yes".to_owned(),
        };
        page.push_str(&format!("In the JSON Schemas: {in_schema}\n"));
    }
    Some(page)
}

/// Documentation as plain text: lines without the blank that doc comments leave, examples indented under a heading.
fn readable(docs: &str) -> String {
    let mut text = String::new();
    let mut in_example = false;
    for line in docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)) {
        match line.strip_prefix("```").map(|fence| fence.split_once(' ')) {
            Some(Some((_, "bad"))) => text.push_str("This is reported:\n\n"),
            Some(Some(_)) => text.push_str("This is not:\n\n"),
            Some(None) => text.push('\n'),
            None if in_example => text.push_str(&format!("    {line}\n")),
            None => text.push_str(&format!("{line}\n")),
        }
        in_example ^= line.starts_with("```");
    }
    text.trim_end().to_owned() + "\n"
}

fn method_page(name: &str) -> Option<String> {
    let peft_type = PeftType::from_wire(name)?;
    let Some(method) = Method::find(peft_type) else {
        return Some(format!("{name}, in PEFT {}; its own fields are not modelled yet", peft_type.lifetime()));
    };
    let shape = method.shape();
    let text = |key: &str| shape.get(key).and_then(Value::as_str).unwrap_or_default().replace('\n', " ");
    let mut page =
        format!("{name}: {}\nIn PEFT {}\n\n{}\n\nFields:\n", text("title"), peft_type.lifetime(), text("description"));
    for field in method.fields() {
        page.push_str(&format!("  {:36}{}\n", field.name, field.title));
    }
    page.push_str("\nRules:\n");
    for rule in method.rules() {
        page.push_str(&format!("  {:9}{}\n", rule.problem.severity, rule.code()));
    }
    Some(page)
}

fn field_page(name: &str) -> Option<String> {
    let own = |method: &&'static Method| Some((*method, method.field(name)?));
    let mut told: Vec<(&Field, Vec<&str>)> = Vec::new();
    let mut codes = BTreeSet::new();
    for (method, field) in METHODS.iter().filter_map(own) {
        codes.extend(method.rules().filter(|rule| rule.reads(name)).map(Rule::code));
        match told.iter_mut().find(|(earlier, _)| *earlier == field) {
            Some((_, methods)) => methods.push(method.peft_type.as_str()),
            None => told.push((field, vec![method.peft_type.as_str()])),
        }
    }
    let mut page: String = told.iter().map(|(field, methods)| described(field, methods)).collect();
    if !codes.is_empty() {
        page.push_str(&format!("Rules that read it: {}\n", codes.into_iter().collect::<Vec<_>>().join(", ")));
    }
    (!told.is_empty()).then_some(page)
}

fn described(field: &Field, methods: &[&str]) -> String {
    let description = field.description.replace('\n', " ");
    let mut page = format!("{} ({})\n\n{description}\n\n", field.name, methods.join(", "));
    let about = [
        ("Takes", field.expected()),
        ("Default", field.default.to_string()),
        ("Declared by", field.class.clone()),
        ("In PEFT", field.lifetime.to_string()),
    ];
    page.extend(about.map(|(what, text)| format!("{what:14}{text}\n")));
    for choice in &field.choices {
        page.push_str(&format!("\n  {}\n    {}\n", choice.value, choice.meaning().replace('\n', " ")));
    }
    for inner in &field.fields {
        page.push_str(&format!(
            "\n  {} ({})\n    {}\n",
            inner.name,
            inner.expected(),
            inner.description.replace('\n', " ")
        ));
    }
    page + "\n"
}
