//! The model against what was read from the source of 34 releases of PEFT (`tests/facts/peft-fields.json`), field by field.
//!
//! `tools/peft_facts.py` makes the records; its `legend` explains the keys.

use peftspec::{
    Lifetime, METHODS, Method, NEWEST, PeftType, Release, Severity,
    methods::{Choice, Field},
};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

fn facts() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/facts/peft-fields.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn release(text: &Value) -> Release {
    text.as_str().unwrap().parse().unwrap()
}

fn lifetime(record: &Value) -> Lifetime {
    let until = &record["until"];
    Lifetime { until: (!until.is_null()).then(|| release(until)), ..Lifetime::since(release(&record["since"])) }
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

/// The recorded fields that a file may hold, by name.
fn written_fields(record: &Value) -> BTreeMap<&str, &Value> {
    let fields = object(&record["fields"]).iter();
    fields.filter(|(_, field)| field["serialized"] == true).map(|(name, field)| (name.as_str(), field)).collect()
}

fn strings(value: &Value) -> BTreeSet<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Where the model says something else than the annotation on purpose: field, what, reason. Each must be needed.
const ON_PURPOSE: &[(&str, &str, &str)] = &[
    ("*.peft_type", "types", "a file without a method is no adapter config"),
    (
        "*.init_lora_weights",
        "choices",
        "`lora_ga` is accepted by the code since 0.19.0 but missing from the annotation",
    ),
    ("*.lora_alpha", "types", "PEFT takes fractions, and other tools write them"),
    ("LOHA.alpha", "types", "PEFT takes fractions"),
    ("*.loftq_config", "types", "null is accepted, and means what an empty object does"),
    ("*.loftq_config.loftq_bits", "types", "the object stays as it is in the file, whatever the class says"),
    ("*.loftq_config.loftq_bits", "default", "the object stays as it is in the file, whatever the class says"),
    ("*.loftq_config.loftq_iter", "types", "the object stays as it is in the file, whatever the class says"),
    ("*.loftq_config.loftq_iter", "default", "the object stays as it is in the file, whatever the class says"),
    ("*.use_bdlora.nblocks", "default", "0.19.0 and 0.19.1 have a slip there that is no JSON value"),
    ("MULTITASK_PROMPT_TUNING.num_ranks", "types", "null is annotated, but no model can be built with it"),
    ("MULTITASK_PROMPT_TUNING.num_tasks", "types", "null is annotated, but no model can be built with it"),
    ("MULTITASK_PROMPT_TUNING.prompt_tuning_init", "choices", "SAMPLE_VOCAB works, too, as the word alone is compared"),
    ("PREFIX_TUNING.init_weights", "types", "true and false are accepted, and mean random numbers"),
];

#[test]
fn releases_and_methods_are_those_of_the_facts() {
    let facts = facts();
    let recorded: Vec<Release> = facts["releases"].as_array().unwrap().iter().map(release).collect();
    assert_eq!(recorded, Release::all().collect::<Vec<_>>());
    for (name, record) in object(&facts["peft_types"]) {
        assert_eq!(PeftType::lifetime_of(name), Some(lifetime(record)), "{name}");
    }
    let known =
        PeftType::ALL.iter().map(|peft_type| peft_type.as_str()).chain(PeftType::REMOVED.iter().map(|(name, _)| *name));
    let recorded: BTreeSet<&str> = object(&facts["peft_types"]).keys().map(String::as_str).collect();
    assert_eq!(known.collect::<BTreeSet<_>>(), recorded);
}

#[test]
fn each_release_accepts_the_keys_of_the_facts() {
    let facts = facts();
    let mut compared = 0;
    for method in METHODS {
        let record = &facts["peft_types"][method.peft_type.as_str()];
        for release in Release::all().filter(|release| method.peft_type.lifetime().contains(*release)) {
            let alive = written_fields(record).into_iter().filter(|(_, field)| lifetime(field).contains(release));
            let recorded: BTreeSet<&str> = alive.map(|(name, _)| name).collect();
            let fields = method.fields().iter().filter(|field| field.lifetime.contains(release));
            let modelled: BTreeSet<&str> = fields.map(|field| field.name.as_str()).collect();
            assert_eq!(modelled, recorded, "{} in {release}", method.peft_type);
            compared += recorded.len();
        }
    }
    println!("{} methods, {compared} keys in {} releases", METHODS.len(), Release::all().len());
}

#[test]
fn fields_are_those_of_the_facts() {
    let facts = facts();
    let mut differences = BTreeMap::new();
    let mut fields = 0;
    for method in METHODS {
        let record = &facts["peft_types"][method.peft_type.as_str()];
        let config_class = record["config_class"].as_str().unwrap();
        for (name, recorded) in written_fields(record) {
            let path = format!("{}.{name}", method.peft_type);
            let Some(field) = method.field(name) else {
                differences.insert((path, "field"), "not modelled".to_owned());
                continue;
            };
            fields += 1;
            let class = recorded["inherited_from"].as_str().unwrap_or(config_class);
            if field.class != class {
                differences.insert((path.clone(), "class"), format!("{} for {class}", field.class));
            }
            compare(&path, field, recorded, method, &facts, &mut differences);
            fields += nested(&path, field, recorded, method, &facts, &mut differences);
        }
    }
    let not_modelled: Vec<&str> =
        PeftType::ALL.iter().filter(|one| Method::find(**one).is_none()).map(|one| one.as_str()).collect();
    println!("{fields} fields of {} methods compared; not modelled yet: {}", METHODS.len(), not_modelled.join(", "));
    let mut unexpected = differences;
    for (path, what, reason) in ON_PURPOSE {
        let found = unexpected.keys().filter(|(found, kind)| matches(path, found) && kind == what).cloned();
        let found: Vec<_> = found.collect();
        assert!(!found.is_empty(), "{path}: {what} differs no more ({reason})");
        for key in found {
            unexpected.remove(&key);
        }
    }
    let unexpected: Vec<String> =
        unexpected.iter().map(|((path, what), how)| format!("{path}: {what} {how}")).collect();
    assert!(unexpected.is_empty(), "the model says otherwise:\n{}", unexpected.join("\n"));
}

/// `*.name` is the field of whatever method.
fn matches(pattern: &str, path: &str) -> bool {
    pattern.strip_prefix('*').map_or(pattern == path, |ending| path.ends_with(ending))
}

/// Compares the fields of a nested config; gives their number.
fn nested(
    path: &str,
    field: &Field,
    recorded: &Value,
    method: &Method,
    facts: &Value,
    differences: &mut BTreeMap<(String, &'static str), String>,
) -> usize {
    let Some(class) = recorded["nested"].as_str() else { return 0 };
    let recorded = written_fields(&facts["nested_configs"][class]);
    let modelled: BTreeSet<&str> = field.fields.iter().map(|field| field.name.as_str()).collect();
    let names: BTreeSet<&str> = recorded.keys().copied().collect();
    if modelled != names {
        differences.insert((path.to_owned(), "nested"), format!("{modelled:?} for {names:?}"));
    }
    for (name, recorded) in &recorded {
        if let Some(field) = field.field(name) {
            compare(&format!("{path}.{name}"), field, recorded, method, facts, differences);
        }
    }
    recorded.len()
}

/// Compares lifetime, types, choices and, for every release, the default of one field.
fn compare(
    path: &str,
    field: &Field,
    recorded: &Value,
    method: &Method,
    facts: &Value,
    differences: &mut BTreeMap<(String, &'static str), String>,
) {
    let mut differs = |what, modelled: String, recorded: String| {
        if modelled != recorded {
            differences.insert((path.to_owned(), what), format!("{modelled} for {recorded}"));
        }
    };
    let first = method.peft_type.lifetime();
    differs("lifetime", field.lifetime.and(first).to_string(), lifetime(recorded).and(first).to_string());
    let annotated = strings(&recorded["json_type"]);
    // Where the annotation says `dict` and no more, the model may say more.
    let types = field
        .types
        .iter()
        .map(|kind| if annotated.contains(kind.as_str()) { kind.clone() } else { with_items(field, kind) });
    differs("types", format!("{:?}", types.collect::<BTreeSet<_>>()), format!("{annotated:?}"));
    for release in Release::all().filter(|release| lifetime(recorded).contains(*release)) {
        let entries = recorded["history"].as_array().unwrap().iter().rev();
        let entry = entries.into_iter().find(|entry| self::release(&entry["release"]) <= release).unwrap();
        let default =
            if path.ends_with(".peft_type") { json!(method.peft_type.as_str()) } else { entry["default"].clone() };
        differs("default", field.default_in(release).to_string(), default.to_string());
    }
    if !path.ends_with(".peft_type") {
        let choices = field.choices.iter().filter(|choice| choice.lifetime.contains(NEWEST));
        let choices: BTreeMap<&str, String> =
            choices.map(|choice| (choice.value.as_str(), lifetime_in(choice, field, method).to_string())).collect();
        let (forms, values): (BTreeMap<_, _>, BTreeMap<_, _>) =
            recorded_choices(recorded, method, facts).into_iter().partition(|(value, _)| value.contains('['));
        differs("choices", format!("{choices:?}"), format!("{values:?}"));
        differs("forms", field.forms.len().to_string(), forms.len().to_string());
    }
}

/// A JSON type as the facts write it, with that of its items: `array<string>`, `array<number;2>`.
fn with_items(field: &Field, kind: &str) -> String {
    let inner = |inner: &Field| inner.types.iter().map(|kind| with_items(inner, kind)).collect::<Vec<_>>().join("|");
    let length = field.length.map(|length| format!(";{length}")).unwrap_or_default();
    match (kind, &field.items, &field.values) {
        ("array", Some(items), _) => format!("array<{}{length}>", inner(items)),
        ("object", _, Some(values)) => format!("object<{}>", inner(values)),
        _ => kind.to_owned(),
    }
}

/// A value cannot be older than its field.
fn lifetime_in(choice: &Choice, field: &Field, method: &Method) -> Lifetime {
    choice.lifetime.and(field.lifetime).and(method.peft_type.lifetime())
}

/// The recorded values of a field, each with the releases that know it.
fn recorded_choices<'a>(recorded: &'a Value, method: &Method, facts: &'a Value) -> BTreeMap<&'a str, String> {
    let field = lifetime(recorded).and(method.peft_type.lifetime());
    if let Some(name) = recorded["enum"].as_str() {
        let values = object(&facts["enums"][name]["values"]).iter();
        return values.map(|(value, record)| (value.as_str(), lifetime(record).and(field).to_string())).collect();
    }
    let since = |value: &str| {
        let mut entries = recorded["history"].as_array().unwrap().iter();
        // Where any string was allowed before, the values were, too.
        let with = entries.find(|entry| {
            let members: Vec<&str> = entry["type"].as_str().unwrap().split(" | ").collect();
            members.contains(&"str") || members.iter().any(|member| member.contains(&format!("'{value}'")))
        });
        with.map_or(field.since, |entry| release(&entry["release"]))
    };
    let values = strings(&recorded["choices"]).into_iter();
    values.map(|value| (value, Lifetime::since(since(value)).and(field).to_string())).collect()
}

/// A check of PEFT's and what covers it, as `tests/facts/rules.jsonl` and `rules_covered.jsonl` say, of which this reads a part.
#[derive(serde::Deserialize)]
struct RuleFact {
    id: String,
    #[serde(default)]
    peft_types: Vec<String>,
    #[serde(default)]
    since: Value,
    #[serde(default)]
    effect: String,
    #[serde(default)]
    rule: Vec<String>,
}

fn rule_facts(name: &str) -> Vec<RuleFact> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/facts").join(name);
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn errors_are_as_old_as_the_checks_of_peft() {
    let covered: BTreeMap<String, Vec<String>> =
        rule_facts("rules_covered.jsonl").into_iter().map(|covered| (covered.id, covered.rule)).collect();
    let mut compared = 0;
    for fact in rule_facts("rules.jsonl").into_iter().filter(|fact| fact.effect == "raises" && !fact.since.is_null()) {
        let Some(codes) = covered.get(&fact.id) else { continue };
        for method in
            METHODS.iter().filter(|method| fact.peft_types.iter().any(|name| *name == method.peft_type.as_str()))
        {
            let since = fact.since.get(method.peft_type.as_str()).unwrap_or(&fact.since);
            let errors = method.rules().filter(|rule| rule.problem.severity == Severity::Error);
            for rule in errors.filter(|rule| codes.iter().any(|code| code == rule.code())) {
                // A rule about fields is no older than they are.
                let field = |path: &&str| method.field(path.split('/').next().unwrap());
                let fields = rule.fields().iter().filter_map(field).map(|field| field.lifetime.since).max();
                let modelled = method.lifetime_of(rule).since.max(fields.unwrap());
                assert_eq!(modelled, release(since), "{} {}: {}", method.peft_type, fact.id, rule.code());
                compared += 1;
            }
        }
    }
    println!("{compared} first releases of rules compared");
    assert!(compared > 20);
}
