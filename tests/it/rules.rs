//! The tables of rules and problems: their documentation is their test, and their invariants hold for every row.

use peftspec::{
    CheckOptions, METHODS, NEWEST, PROBLEMS, Problem, Release, Report, Severity, Source, Syntax, check,
    inexpressible_rules,
};
use std::collections::{BTreeMap, BTreeSet};

/// Every problem there is, rules included, by code.
pub(crate) fn problems() -> BTreeMap<&'static str, &'static Problem> {
    let rules = METHODS.iter().flat_map(|method| method.rules()).map(|rule| &rule.problem);
    PROBLEMS.iter().copied().chain(rules).map(|problem| (problem.code, problem)).collect()
}

/// The newest release in which a problem can be met.
fn release_of(code: &str) -> Release {
    let lifetimes =
        METHODS.iter().flat_map(|method| method.rules().map(|rule| (rule.code(), method.lifetime_of(rule))));
    let last = lifetimes.filter(|(rule, _)| *rule == code).find_map(|(_, lifetime)| lifetime.until);
    last.unwrap_or(NEWEST)
}

/// Checks a text as the newest release in which a problem can be met would.
fn checked(code: &str, source: Source, syntax: Syntax) -> Report {
    check(source, syntax, CheckOptions { release: release_of(code), ..CheckOptions::default() })
}

/// The fenced examples of a kind in a documentation, each with its file ending.
pub(crate) fn examples<'a>(docs: &'a str, kind: &str) -> Vec<(&'static str, &'a str)> {
    let mut found = Vec::new();
    for ending in ["json", "yaml", "toml"] {
        let opening = format!("```{ending} {kind}\n");
        found.extend(docs.split(&opening).skip(1).filter_map(|rest| Some((ending, rest.split_once("```")?.0))));
    }
    found
}

#[test]
fn examples_in_the_documentation_show_what_they_say() {
    let mut without = Vec::new();
    for (code, problem) in problems() {
        for (kind, expected) in [("bad", true), ("good", false)] {
            let examples = examples(problem.docs, kind);
            if examples.is_empty() {
                without.push(format!("{code} {kind}"));
            }
            for (ending, text) in examples {
                let name = format!("adapter_config.{ending}");
                let unindented: String =
                    text.lines().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect();
                let report = checked(code, Source::new(&*name, unindented), Syntax::of_file_name(&name));
                let codes: Vec<&str> = report.diagnostics.iter().map(|found| found.code).collect();
                assert_eq!(codes.contains(&code), expected, "{code}, {kind} example gives {codes:?}:\n{text}");
                let mut notes = report.diagnostics.iter().flat_map(|found| &found.notes);
                assert!(!notes.any(|note| note.contains("stops with `null`")), "{code} does not say what Python says");
            }
        }
    }
    // Bytes, depth and size do not fit a page of documentation; the readers' own tests show them.
    insta::assert_snapshot!(without.join("\n"));
}

/// Rules whose good example uses a field that older releases do not have.
const GOOD_SINCE_A_FIELD: [&str; 1] = ["no-targets"];

#[test]
fn good_examples_break_their_rule_in_no_release() {
    for (code, problem) in problems() {
        for (_, text) in examples(problem.docs, "good").into_iter().filter(|(ending, _)| *ending == "json") {
            for release in Release::all() {
                let options = CheckOptions { release, ..CheckOptions::default() };
                let report = check(Source::new("good", text), Syntax::Json, options);
                let is_broken = report.diagnostics.iter().any(|found| found.code == code);
                assert!(!is_broken || GOOD_SINCE_A_FIELD.contains(&code), "{code} in {release}: {text}");
            }
        }
    }
}

#[test]
fn every_page_gives_the_reason_for_the_severity() {
    for (code, problem) in problems() {
        let reason = match problem.severity {
            Severity::Error => "An error",
            Severity::Warning => "A warning",
            Severity::Info => continue,
        };
        assert!(problem.docs.contains(&format!("\n {reason}")), "{code} does not say why it is one");
    }
}

#[test]
fn good_examples_have_no_error_at_all() {
    for (code, problem) in problems() {
        for (_, text) in examples(problem.docs, "good").into_iter().filter(|(ending, _)| *ending == "json") {
            let report = checked(code, Source::new("good", text), Syntax::Json);
            let errors: Vec<&str> = report
                .diagnostics
                .iter()
                .filter(|found| found.severity == Severity::Error)
                .map(|found| found.code)
                .collect();
            assert_eq!(errors, [""; 0], "{code}: {text}");
        }
    }
}

/// What a shared rule asks of a method that has no such field: code and field.
const ASKED_OF_SOME: [(&str, &str); 1] = [("no-targets", "target_parameters")];

#[test]
fn rules_read_only_fields_that_their_methods_have() {
    for method in METHODS {
        for rule in method.rules() {
            for field in rule.fields().into_iter().map(|path| path.split('/').next().unwrap()) {
                let is_known = method.field(field).is_some() || ASKED_OF_SOME.contains(&(rule.code(), field));
                assert!(is_known, "{}: {} reads {field}", method.peft_type, rule.code());
            }
        }
    }
}

/// PEFT drops a key that the method does not have, so no rule may heed it.
#[test]
fn a_key_of_another_method_excuses_nothing() {
    let text = r#"{"peft_type": "IA3", "target_modules": [], "target_parameters": ["experts.gate_up_proj"]}"#;
    let report = checked("no-targets", Source::new("config", text), Syntax::Json);
    assert!(report.diagnostics.iter().any(|found| found.code == "no-targets"), "{:?}", report.diagnostics);
}

#[test]
fn what_python_says_of_a_pattern_is_told() {
    let notes = |fields: &str| {
        let text = format!(r#"{{"peft_type": "LORA", {fields}}}"#);
        let report = checked("target-modules-not-a-regex", Source::new("config", text), Syntax::Json);
        report.diagnostics.into_iter().flat_map(|found| found.notes).collect::<Vec<_>>().join("\n")
    };
    let refused = [
        r#""target_modules": "*.q_proj""#,
        r#""target_modules": ["q_proj"], "exclude_modules": "(?<=layers.+)q_proj""#,
        r#""target_modules": ["q_proj"], "rank_pattern": {"q_proj": 4, "v_proj{3,1}": 8}"#,
        r#""target_modules": ["q_proj"], "modules_to_save": ["head", "(lm_head"]"#,
        r#""target_modules": ["q_proj"], "layers_to_transform": [0], "layers_pattern": "(h""#,
    ];
    insta::assert_snapshot!(refused.map(notes).join("\n"));
}

#[test]
fn texts_name_only_fields_that_exist() {
    for method in METHODS {
        let names: BTreeSet<String> = method.fields().iter().map(|field| field.name.clone()).collect();
        for rule in method.rules() {
            let texts = [rule.message, rule.label].into_iter().chain(rule.context.iter().map(|(_, label)| *label));
            for text in texts.chain(rule.notes.iter().copied()) {
                for placeholder in text.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
                    let field = placeholder.split('/').next().unwrap();
                    let is_item = ["item", "rivals", "refusal"].contains(&field) && !names.contains(field);
                    assert!(is_item || names.contains(field), "{}: {{{placeholder}}}", rule.code());
                }
            }
        }
    }
}

#[test]
fn codes_are_unique_between_rules_and_problems() {
    let rules: BTreeMap<&str, *const Problem> =
        METHODS.iter().flat_map(|method| method.rules()).map(|rule| (rule.code(), &raw const rule.problem)).collect();
    for rule in METHODS.iter().flat_map(|method| method.rules()) {
        assert_eq!(rules[rule.code()], &raw const rule.problem, "two rules are called {}", rule.code());
    }
    for problem in PROBLEMS {
        assert!(!rules.contains_key(problem.code), "{} is a rule too", problem.code);
    }
    assert_eq!(PROBLEMS.iter().map(|problem| problem.code).collect::<BTreeSet<_>>().len(), PROBLEMS.len());
}

/// A code that changes or goes is a break for everyone who filters by it: it shows here.
#[test]
fn codes_and_severities() {
    let table: Vec<String> =
        problems().values().map(|problem| format!("{:8}{}", problem.severity, problem.code)).collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn what_a_schema_cannot_say() {
    let list: Vec<String> = inexpressible_rules()
        .map(|(method, rule, reason)| format!("{} {}: {reason}", method.peft_type, rule.code()))
        .collect();
    insta::assert_snapshot!(list.join("\n"));
}
