//! What is known of PEFT's own checks, against our rules: each is a rule, a check of the shape, or left out for a reason.
//!
//! `tests/facts/rules.jsonl` lists the checks of PEFT 0.21.2, with configs that they hit and miss; `rules_covered.jsonl` beside it
//! says for each that concerns a modelled method what covers it.

use peftspec::{Limits, METHODS, Method, PROBLEMS, PeftType, Source, Syntax, check};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// A check of PEFT's.
#[derive(Deserialize)]
struct Fact {
    id: String,
    peft_types: Vec<String>,
    when: String,
    #[serde(default)]
    examples_hit: Vec<Map<String, Value>>,
    #[serde(default)]
    examples_miss: Vec<Map<String, Value>>,
}

impl Fact {
    /// The modelled methods that it concerns.
    fn methods(&self) -> impl Iterator<Item = &'static Method> {
        let concerned = |method: &&Method| self.peft_types.iter().any(|name| name == method.peft_type.as_str());
        METHODS.iter().copied().filter(concerned)
    }
}

/// What covers it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Covered {
    id: String,
    /// Codes; the first is that of the plainest case.
    #[serde(default)]
    rule: Vec<String>,
    /// Why nothing covers it.
    reason: Option<String>,
    /// Why our rule says more than PEFT's check.
    wider: Option<String>,
}

fn lines<T: DeserializeOwned>(name: &str) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/facts").join(name);
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn covered() -> BTreeMap<String, Covered> {
    lines::<Covered>("rules_covered.jsonl").into_iter().map(|covered| (covered.id.clone(), covered)).collect()
}

/// The least that a config of a method needs to be accepted.
fn least(method: &Method) -> Map<String, Value> {
    let own = match method.peft_type {
        PeftType::AdaLora => json!({"total_step": 10}),
        PeftType::Cpt => json!({"task_type": "CAUSAL_LM"}),
        _ => json!({}),
    };
    let mut config = own.as_object().unwrap().clone();
    config.insert("peft_type".to_owned(), json!(method.peft_type.as_str()));
    config
}

/// The findings for an example: code and whether it is an error.
fn found(method: &Method, example: &Map<String, Value>) -> BTreeMap<&'static str, bool> {
    let mut config = least(method);
    config.extend(example.clone());
    let report = check(Source::new("example", Value::Object(config).to_string()), Syntax::Json, &Limits::default());
    report.diagnostics.iter().map(|found| (found.code, found.severity == peftspec::Severity::Error)).collect()
}

#[test]
fn every_check_of_pefts_is_covered_once_or_left_out_for_a_reason() {
    let known: BTreeSet<&str> = METHODS
        .iter()
        .flat_map(|method| method.rules().map(peftspec::Rule::code))
        .chain(PROBLEMS.iter().map(|problem| problem.code))
        .collect();
    let (facts, others): (Vec<Fact>, Vec<Fact>) =
        lines::<Fact>("rules.jsonl").into_iter().partition(|fact| fact.methods().next().is_some());
    let facts: Vec<String> = facts.into_iter().map(|fact| fact.id).collect();
    let listed: Vec<String> = lines::<Covered>("rules_covered.jsonl").into_iter().map(|covered| covered.id).collect();
    assert_eq!(listed, facts, "the two lists differ");
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for (id, covered) in covered() {
        assert_ne!(covered.rule.is_empty(), covered.reason.is_none(), "{id}: either a code or a reason");
        for code in &covered.rule {
            assert!(known.contains(code.as_str()), "{id}: no code is called {code}");
        }
        let kind = covered.reason.unwrap_or_else(|| "covered".to_owned());
        *reasons.entry(kind).or_default() += 1;
    }
    println!("{reasons:#?}");
    println!("{} checks of methods still to come", others.len());
}

#[test]
fn what_pefts_checks_hit_is_found_and_what_they_miss_is_not() {
    let covered = covered();
    let (mut hits, mut misses) = (0, 0);
    for fact in lines::<Fact>("rules.jsonl").into_iter().filter(|fact| fact.when == "construct") {
        let Some(Covered { rule: codes, wider, .. }) = covered.get(&fact.id) else { continue };
        if codes.is_empty() {
            continue;
        }
        let is_rule = PROBLEMS.iter().all(|problem| !codes.iter().any(|code| problem.code == code));
        for method in fact.methods() {
            let mut told = false;
            for example in &fact.examples_hit {
                let found = found(method, example);
                let has_code = codes.iter().any(|code| found.contains_key(code.as_str()));
                // A value may be wrong in another way as well, and then that is said.
                let has_error = found.values().any(|is_error| *is_error);
                assert!(has_code || has_error, "{} {}: {example:?} gives {found:?}", method.peft_type, fact.id);
                told |= has_code;
                hits += 1;
            }
            assert!(told, "{} {}: no example gives {codes:?}", method.peft_type, fact.id);
            // The shape is stricter than PEFT, which compares no types.
            for example in fact.examples_miss.iter().filter(|_| is_rule && wider.is_none()) {
                let found = found(method, example);
                let has_code = codes.iter().any(|code| found.contains_key(code.as_str()));
                assert!(!has_code, "{} {}: {example:?} gives {found:?}", method.peft_type, fact.id);
                misses += 1;
            }
        }
    }
    println!("{hits} configs that PEFT's checks hit, {misses} that they miss");
    assert!(hits > 100 && misses > 30);
}
