//! Three readings of one model agree: JSON Schema, the typed config (serde and validator) and the check.

use peftspec::{
    Draft, Fields, Limits, Lowered, METHODS, Method, NEWEST, Node, PeftType, Profile, Rule, Source, Syntax, TreeSchema,
    adapter_config_schema,
    fuzzing::{Agreement, Values, agreement, errors_of, has_unknown_keys},
    inexpressible_rules, lower, method_schema,
    methods::Field,
    openapi, template,
};
use proptest::{
    prelude::*,
    strategy::Union,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Map, Value, json};
use std::{cell::RefCell, collections::BTreeMap, env, fs, path::PathBuf};

const CONFIGS_PER_METHOD: u32 = 1_200;

/// A value for a field: mostly the default or one that fits, sometimes one at the edge, sometimes anything.
fn value_of(field: &Field) -> impl Strategy<Value = Value> + use<> {
    let one_of = |values: Vec<Value>| prop::sample::select(values).boxed();
    let Values { fitting, edges, odd } = Values::of(field);
    let default = Just(field.default.clone()).boxed();
    Union::new_weighted(vec![(70, default), (28, one_of(fitting)), (1, one_of(edges)), (1, one_of(odd))])
}

/// A config of a method: any subset of its fields, now and then with keys that it does not have.
fn config_of(method: &'static Method) -> impl Strategy<Value = Value> {
    let mut members: Vec<BoxedStrategy<Option<(String, Value)>>> = Vec::new();
    // A field that is gone is an unknown key to all but the typed config, which still reads old files.
    let fields = method.fields().iter().filter(|field| field.lifetime.contains(NEWEST));
    for field in fields.filter(|field| field.name != "peft_type") {
        let named = value_of(field).prop_map(move |value| (field.name.clone(), value));
        members.push(prop::option::weighted(0.5, named).boxed());
    }
    members.push(prop::option::weighted(0.1, Just(("num_task".to_owned(), json!(3)))).boxed());
    members.prop_map(move |members| {
        let own = ("peft_type".to_owned(), json!(method.peft_type.as_str()));
        Value::Object(members.into_iter().flatten().chain([own]).collect::<Map<_, _>>())
    })
}

/// A component of the OpenAPI description as a schema of its own.
fn component(name: &str) -> Value {
    let mut schema = openapi(None, Profile::Strict);
    schema["$ref"] = json!(format!("#/components/schemas/{name}"));
    schema
}

/// A config with our verdicts, as a line for the comparison with generated code.
fn verdict_line(text: &str, errors: &[&str], unknown: bool, strict: bool) -> String {
    let verdicts = json!({"errors": errors, "unknown": unknown, "strict": strict}).to_string();
    format!("{{\"config\":{text},{}\n", verdicts.trim_start_matches('{'))
}

/// Writes the lines for the comparison with generated code into the folder that `VERDICTS` names, if it is set.
fn write_verdicts(name: &str, lines: &str) {
    if let Some(folder) = env::var_os("VERDICTS").map(PathBuf::from) {
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), lines).unwrap();
    }
}

#[test]
fn what_each_form_of_the_rules_leaves_out() {
    let model = peftspec::Model::newest();
    let mut left_out: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    left_out.insert("schema", inexpressible_rules().map(|(_, rule, reason)| (rule.code(), reason)).collect());
    for target in peftspec::TARGETS {
        let rules = (target.inexpressible)(&model);
        left_out.insert(target.style, rules.iter().map(|found| (found.rule.code(), found.reason)).collect());
    }
    assert!(left_out.values().flatten().all(|(_, reason)| !reason.is_empty()));
    write_verdicts("left_out.json", &json!(left_out).to_string());
}

#[test]
fn schema_types_and_check_agree_on_generated_configs() {
    let counts = RefCell::new(BTreeMap::<Agreement, u32>::new());
    let verdicts = RefCell::new(String::new());
    let any_component = TreeSchema::compile(&component("AdapterConfig")).unwrap();
    for method in METHODS {
        let settings = Config { cases: CONFIGS_PER_METHOD, failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(settings, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let agree = |config: Value| {
            let said = agreement(method, &config);
            *counts.borrow_mut().entry(said).or_default() += 1;
            let unknown = has_unknown_keys(&config, method.fields());
            let strict = said != Agreement::Refused && !unknown;
            let by_component = any_component.is_valid(&Node::from(&config));
            prop_assert_eq!(by_component, strict, "strict schema and OpenAPI component");
            let text = config.to_string();
            verdicts.borrow_mut().push_str(&verdict_line(&text, &errors_of(&text), unknown, strict));
            Ok(())
        };
        if let Err(error) = runner.run(&config_of(method), agree) {
            panic!("{}: {error}", method.peft_type);
        }
    }
    write_verdicts("generated.jsonl", &verdicts.into_inner());
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

/// Names and whether `huggingface_hub.utils.validate_repo_id` takes them; none that the rule takes for a path.
const REPOSITORIES: [(&str, bool); 19] = [
    ("gpt2", true),
    ("bigscience/mt0-small", true),
    ("a.b-c_d/1.0", true),
    ("a-.b/c.-.-d", true),
    ("_a/b_", true),
    ("a/b/c", false),
    ("a/", false),
    ("-a", false),
    ("a-", false),
    ("a./b", false),
    ("a/b-", false),
    ("a--b", false),
    ("a/b..c", false),
    ("a-.-b", true),
    ("a-.--b", false),
    ("a.git", false),
    ("a.git/b", true),
    ("a b", false),
    ("a+b", false),
];

#[test]
fn the_id_of_a_repository_is_the_same_evaluated_and_as_a_schema() {
    let lora = METHODS.iter().find(|method| method.peft_type.as_str() == "LORA").unwrap();
    let rule = lora.rules().find(|rule| rule.code() == "base-model-not-a-repository").unwrap();
    let Lowered::Schema(schema) = lower(rule, lora.defaults()) else { panic!("{} has a schema", rule.code()) };
    let schema = TreeSchema::compile(&schema).unwrap();
    let bounds = [("a".repeat(96), true), ("a".repeat(97), false), (format!("{}/b", "a".repeat(96)), true)];
    let long_owner = (format!("{}/b", "a".repeat(97)), false);
    let names = REPOSITORIES.map(|(name, is)| (name.to_owned(), is));
    for (name, is) in names.into_iter().chain(bounds).chain([long_owner]) {
        let root = Node::from(&json!({"peft_type": "LORA", "base_model_name_or_path": name}));
        let fields = Fields::new(root.as_object().unwrap(), lora.defaults());
        assert_eq!(!rule.is_broken_by(&fields), is, "{name}: evaluated");
        assert_eq!(schema.is_valid(&root), is, "{name}: as a schema");
    }
}

#[test]
fn schema_types_and_check_agree_on_the_corpus() {
    let mut compared = 0;
    let mut verdicts = String::new();
    let any_method = TreeSchema::compile(&adapter_config_schema(Draft::Draft07, Profile::Strict)).unwrap();
    let inexpressible: Vec<&str> = inexpressible_rules().map(|(_, rule, _)| rule.code()).collect();
    let lenient_schema = |method: &&'static Method| {
        let schema = method_schema(method, Draft::Draft07, Profile::Lenient);
        (method.peft_type.as_str(), (*method, TreeSchema::compile(&schema).unwrap()))
    };
    let schemas: BTreeMap<&str, (&Method, TreeSchema)> = METHODS.iter().map(lenient_schema).collect();
    for case in crate::corpus::lines::<crate::corpus::Case>("configs.jsonl") {
        let Some(text) = case.config() else { continue };
        let Ok(config) = serde_json::from_str::<Value>(text) else { continue };
        let (document, _) = peftspec::parse(Source::new("", text), Syntax::Json, &Limits::default());
        let root = document.root.unwrap();
        let errors = errors_of(text);
        let named = config["peft_type"].as_str().and_then(|name| schemas.get(name));
        let unknown = named.is_some_and(|(method, _)| has_unknown_keys(&config, method.fields()));
        verdicts.push_str(&verdict_line(text, &errors, unknown, any_method.is_valid(&root)));
        let Some((method, lenient)) = named else { continue };
        assert_eq!(method.validate(&root).is_ok(), errors.is_empty(), "{} ({}): typed config", case.id, case.what);
        let is_sayable = errors.iter().any(|code| !inexpressible.contains(code));
        assert_eq!(lenient.is_valid(&root), !is_sayable, "{} ({}): schema, {errors:?}", case.id, case.what);
        compared += 1;
    }
    write_verdicts("corpus.jsonl", &verdicts);
    println!("{compared} configs compared");
    assert!(compared >= 758);
}

#[test]
fn every_method_has_a_component() {
    let any = TreeSchema::compile(&component("AdapterConfig")).unwrap();
    let description = openapi(None, Profile::Strict);
    let mapping = &description["components"]["schemas"]["AdapterConfig"]["discriminator"]["mapping"];
    for peft_type in PeftType::ALL {
        let starter = Method::find(*peft_type).map(|method| serde_json::from_str(&template(method, Syntax::Json)));
        let config: Value = starter.map_or(json!({"peft_type": peft_type.as_str()}), Result::unwrap);
        assert!(any.is_valid(&Node::from(&config)), "{config}");
        let name = mapping[peft_type.as_str()].as_str().unwrap().rsplit('/').next().unwrap();
        assert!(TreeSchema::compile(&component(name)).unwrap().is_valid(&Node::from(&config)), "{config} is no {name}");
    }
    for wrong in [json!({"peft_type": "LORAX"}), json!({"peft_type": "LOHA", "inference_mode": 3}), json!({"r": 8})] {
        assert!(!any.is_valid(&Node::from(&wrong)), "{wrong}");
    }
}
