//! Starter configs: `new` and `generate template`.

use crate::common::cli;
use peftspec::{CheckOptions, METHODS, Source, Syntax, check, template};

const FORMATS: [(&str, Syntax); 3] = [("json", Syntax::Json), ("yaml", Syntax::Yaml), ("toml", Syntax::Toml)];

#[test]
fn starters_have_no_problems_in_any_format() {
    for method in METHODS {
        for (ending, syntax) in FORMATS {
            let text = template(method, syntax);
            let report = check(Source::new(format!("a.{ending}"), &*text), syntax, CheckOptions::default());
            let found: Vec<String> = report.diagnostics.iter().map(ToString::to_string).collect();
            assert_eq!(found, [""; 0], "{}:\n{text}", method.peft_type);
            assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        }
    }
}

#[test]
fn a_starter_says_what_its_fields_are_for() {
    insta::assert_snapshot!(cli("generate template multitask_prompt_tuning").prints(0));
    insta::assert_snapshot!(cli("generate template LORA --format toml").prints(0));
    insta::assert_snapshot!(cli("generate template LORA --format json").prints(0));
}

#[test]
fn new_writes_the_format_of_the_ending() {
    for (ending, syntax) in FORMATS {
        let run = cli(&format!("new IA3 a.{ending}"));
        let folder = run.keep();
        assert_eq!(run.exits(0), format!("--- stderr\nwrote a.{ending}\n"));
        let text = std::fs::read_to_string(folder.path().join(format!("a.{ending}"))).unwrap();
        assert_eq!(text, template(METHODS.iter().find(|method| method.peft_type.as_str() == "IA3").unwrap(), syntax));
    }
}

#[test]
fn new_overwrites_nothing_unasked() {
    let run = cli("new LORA").file("adapter_config.json", "mine");
    let folder = run.keep();
    insta::assert_snapshot!(run.exits(2));
    assert_eq!(std::fs::read_to_string(folder.path().join("adapter_config.json")).unwrap(), "mine");
    assert_eq!(
        cli("new LORA --force").file("adapter_config.json", "mine").exits(0),
        "--- stderr\nwrote adapter_config.json\n"
    );
}

#[test]
fn what_new_cannot_do_is_said_plainly() {
    insta::assert_snapshot!(
        [cli("new LORA config.txt").exits(2), cli("new LORAX").exits(2), cli("generate").exits(2)].join("\n")
    );
}
