//! The page of everything that is found, with examples.

use super::{RULES, file_of, releases, table};
use crate::{
    codegen::Page,
    release::Lifetime,
    rule::Rule,
    schema::{Entry, entries},
};

/// A link to a code's section.
pub(super) fn link(code: &str) -> String {
    format!("[`{code}`]({RULES}#{code})")
}

/// A table of rules, the most severe first.
pub(super) fn overview(rules: &[&Rule], lifetime: impl Fn(&Rule) -> Lifetime) -> String {
    let mut rules = rules.to_vec();
    rules.sort_by_key(|rule| (rule.problem.severity, rule.code()));
    let row = |rule: &&Rule| {
        let severity = rule.problem.severity.to_string();
        [severity, link(rule.code()), rule.problem.summary(), releases(lifetime(rule))]
    };
    table(["severity", "code", "what is wrong", "in PEFT"], rules.iter().map(row))
}

pub(super) fn page() -> Page {
    let (rules, problems): (Vec<Entry>, Vec<Entry>) = entries().into_values().partition(|entry| entry.rule.is_some());
    let sections = |entries: &[Entry]| entries.iter().map(section).collect::<String>();
    let text = format!(
        "An error is what PEFT refuses, or what makes training meaningless; a warning is what PEFT drops, ignores or changes, or what \
         fails late; an info is about style and other readers.\n\n\
         {} rules between fields come first, then {} problems of files, values and tensors.\n\n## Rules between fields\n\n{}\
         ## Problems of files, values and tensors\n\n{}",
        rules.len(),
        problems.len(),
        sections(&rules),
        sections(&problems),
    );
    super::page(RULES, "What is found", &text)
}

fn section(entry: &Entry) -> String {
    let problem = entry.problem;
    let mut about = vec![problem.severity.to_string()];
    if !entry.methods.is_empty() {
        let methods = entry.methods.iter().map(|method| format!("[{}]({})", method.title(), file_of(method)));
        about.push(methods.collect::<Vec<_>>().join(", "));
    }
    about.extend(entry.rule.map(|rule| match rule.lifetime {
        Lifetime::ALWAYS => "every release".to_owned(),
        lifetime => format!("PEFT {lifetime}"),
    }));
    about.extend(entry.in_schema().map(|said| match said {
        Ok(()) => "the JSON Schemas refuse it too".to_owned(),
        Err(reason) => format!("not in the JSON Schemas: {reason}"),
    }));
    format!("### `{}`\n\n*{}*\n\n{}\n\n", problem.code, about.join(" · "), with_examples(problem.docs))
}

/// Documentation whose examples are told apart by words, not by the info string.
fn with_examples(docs: &str) -> String {
    let mut text = String::new();
    for line in docs.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)) {
        match line.strip_prefix("```").and_then(|fence| fence.split_once(' ')) {
            Some((language, "bad")) => text.push_str(&format!("\nReported:\n\n```{language}\n")),
            Some((language, _)) => text.push_str(&format!("\nNot reported:\n\n```{language}\n")),
            None => text.push_str(&format!("{line}\n")),
        }
    }
    text.replace("\n\n\n", "\n\n").trim().to_owned()
}
