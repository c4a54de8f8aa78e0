//! Three readings of one model agree: JSON Schema, the typed config (serde and validator) and the check.

use peftspec::{
    Draft, Fields, Limits, Lowered, METHODS, Method, Node, Profile, Rule, Severity, Source, Syntax, TreeSchema,
    adapter_config_schema, check, inexpressible_rules, lower, method_schema, methods::Field,
};
use proptest::{
    prelude::*,
    strategy::Union,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Map, Value, json};
use std::{cell::RefCell, collections::BTreeMap};

const CONFIGS_PER_METHOD: u32 = 5_100;

/// The schemas of one method.
struct Schemas {
    strict: TreeSchema,
    lenient: TreeSchema,
    any_method: TreeSchema,
}

impl Schemas {
    fn of(method: &Method) -> Self {
        let compiled = |schema: Value| TreeSchema::compile(&schema).unwrap();
        Self {
            strict: compiled(method_schema(method, Draft::Draft07, Profile::Strict)),
            lenient: compiled(method_schema(method, Draft::Draft202012, Profile::Lenient)),
            any_method: compiled(adapter_config_schema(Draft::Draft07, Profile::Lenient)),
        }
    }
}

/// A value for a field: mostly one that fits, sometimes one at the edge, sometimes anything.
fn value_of(field: &Field) -> impl Strategy<Value = Value> + use<> {
    let mut fitting = vec![field.default.clone()];
    fitting.extend(field.choices.iter().map(|choice| json!(choice.value)));
    for kind in &field.types {
        match kind.as_str() {
            "null" => fitting.push(Value::Null),
            "boolean" => fitting.extend([json!(true), json!(false)]),
            "integer" => fitting.extend([1, 2, 3, 7].map(|number| json!(number))),
            "array" => fitting.extend([json!([]), json!(["classifier"])]),
            "object" => fitting.extend([
                json!({}),
                json!({"use_fast": true}),
                json!({"trust_remote_code": true}),
                json!({"base_model_class": "Net", "parent_library": "transformers.models"}),
            ]),
            _ if field.choices.is_empty() => {
                fitting.extend(["", "a", "x/adapter_model.safetensors", "x.SAFETENSORS"].map(|text| json!(text)));
            }
            _ => {}
        }
    }
    let edges =
        [0, -1, i64::from(u32::MAX), i64::from(u32::MAX) + 1, i64::from(i32::MIN) - 1].map(|number| json!(number));
    let odd = [
        json!(2.0),
        json!(-0.5),
        json!(1e300),
        json!("2"),
        json!("true"),
        json!("random"),
        json!("CAUSAL_lm"),
        json!(u64::MAX),
        json!([1]),
        json!({"a": [null]}),
        json!(true),
        Value::Null,
        json!([]),
        json!({}),
        json!(""),
        json!("é🦀"),
    ];
    let one_of = |values: Vec<Value>| prop::sample::select(values).boxed();
    Union::new_weighted(vec![(97, one_of(fitting)), (2, one_of(edges.to_vec())), (1, one_of(odd.to_vec()))])
}

/// A config of a method: any subset of its fields, now and then with keys that it does not have.
fn config_of(method: &'static Method) -> impl Strategy<Value = Value> {
    let mut members: Vec<BoxedStrategy<Option<(String, Value)>>> = Vec::new();
    for field in method.fields().iter().filter(|field| field.name != "peft_type") {
        let named = value_of(field).prop_map(move |value| (field.name.clone(), value));
        members.push(prop::option::weighted(0.5, named).boxed());
    }
    members.push(prop::option::weighted(0.1, Just(("num_task".to_owned(), json!(3)))).boxed());
    members.prop_map(move |members| {
        let own = ("peft_type".to_owned(), json!(method.peft_type.as_str()));
        Value::Object(members.into_iter().flatten().chain([own]).collect::<Map<_, _>>())
    })
}

/// The codes of the errors that `check` finds.
fn errors_of(config: &Value) -> Vec<&'static str> {
    let report = check(Source::new("config", config.to_string()), Syntax::Json, &Limits::default());
    report.diagnostics.iter().filter(|found| found.severity == Severity::Error).map(|found| found.code).collect()
}

#[test]
fn schema_types_and_check_agree_on_generated_configs() {
    let inexpressible: Vec<&str> = inexpressible_rules().map(|(_, rule, _)| rule.code()).collect();
    let counts = RefCell::new(BTreeMap::<&str, u32>::new());
    let count = |what| *counts.borrow_mut().entry(what).or_default() += 1;
    for method in METHODS {
        let schemas = Schemas::of(method);
        let names: Vec<String> = method.fields().iter().map(|field| field.name.clone()).collect();
        let settings = Config { cases: CONFIGS_PER_METHOD, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(settings, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let agree = |config: Value| {
            let root = Node::from(&config);
            let errors = errors_of(&config);
            let accepted = errors.is_empty();
            let lenient = schemas.lenient.is_valid(&root);
            let unknown = config.as_object().unwrap().keys().any(|key| !names.contains(key));

            prop_assert_eq!(method.validate(&root).is_ok(), accepted, "typed config and check: {:?}", errors);
            prop_assert_eq!(schemas.any_method.is_valid(&root), lenient, "schema of the method and of any method");
            prop_assert_eq!(schemas.strict.is_valid(&root), lenient && !unknown, "strict and lenient schema");
            if errors.iter().all(|code| inexpressible.contains(code)) {
                prop_assert!(lenient, "a schema cannot say {:?}, so it accepts", errors);
                count(if accepted { "accepted by all" } else { "refused by a rule that no schema can say" });
            } else {
                prop_assert!(!lenient, "check finds {:?}, the schema nothing", errors);
                count("refused by all");
            }
            Ok(())
        };
        if let Err(error) = runner.run(&config_of(method), agree) {
            panic!("{}: {error}", method.peft_type);
        }
    }
    let counts = counts.into_inner();
    println!("{counts:#?}");
    assert!(counts.values().sum::<u32>() >= 10_000);
    assert!(counts.len() == 3, "the generator leaves a kind out: {counts:?}");
}

#[test]
fn every_rule_means_the_same_lowered_to_a_schema() {
    for method in METHODS {
        let defaults = method.defaults();
        let lowered: Vec<(&Rule, TreeSchema)> = method
            .rules()
            .filter_map(|rule| match lower(rule, defaults) {
                Lowered::Schema(schema) => Some((rule, TreeSchema::compile(&schema).unwrap())),
                Lowered::Inexpressible(_) => None,
            })
            .collect();
        let settings = Config { cases: 1_000, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(settings, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let agree = |config: Value| {
            let root = Node::from(&config);
            let fields = Fields::new(root.as_object().unwrap(), defaults);
            for (rule, schema) in &lowered {
                prop_assert_eq!(schema.is_valid(&root), !rule.is_broken_by(&fields), "{}", rule.code());
            }
            Ok(())
        };
        if let Err(error) = runner.run(&config_of(method), agree) {
            panic!("{}: {error}", method.peft_type);
        }
        println!("{}: {} rules", method.peft_type, lowered.len());
    }
}

#[test]
fn schema_types_and_check_agree_on_the_corpus() {
    let mut compared = 0;
    let modelled =
        |config: &Value| METHODS.iter().find(|method| config["peft_type"] == method.peft_type.as_str()).copied();
    for case in crate::corpus::lines::<crate::corpus::Case>("configs.jsonl") {
        let Some(text) = case.config() else { continue };
        let Ok(config) = serde_json::from_str::<Value>(text) else { continue };
        let Some(method) = modelled(&config) else { continue };
        let (document, _) = peftspec::parse(Source::new("", text), Syntax::Json, &Limits::default());
        let root = document.root.unwrap();
        let report = check(Source::new("", text), Syntax::Json, &Limits::default());
        let accepted = report.diagnostics.iter().all(|found| found.severity != Severity::Error);
        let lenient = TreeSchema::compile(&method_schema(method, Draft::Draft07, Profile::Lenient)).unwrap();
        assert_eq!(method.validate(&root).is_ok(), accepted, "{} ({}): typed config", case.id, case.what);
        // Rules that no schema can say are broken by no config of the corpus alone.
        assert_eq!(lenient.is_valid(&root), accepted, "{} ({}): schema", case.id, case.what);
        compared += 1;
    }
    println!("{compared} configs compared");
    assert_eq!(compared, 398);
}
