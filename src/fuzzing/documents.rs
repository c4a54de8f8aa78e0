//! Any text is read in any syntax: places lie within the text and within one another, and other readers see the same values.

use crate::{
    diagnostic::{Diagnostic, Severity},
    document::{Kind, Limits, Node, Number, Syntax, parse},
    source::{Source, Span},
};

/// The text of an input, if it is one; what is none is refused long before a reader sees it.
pub(super) fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// JSON: as `serde_json` reads it, but for what Python reads beyond that.
pub fn json_is_total(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let (root, diagnostics) = read(text, Syntax::Json);
    let has = |codes: &[&str]| diagnostics.iter().any(|found| codes.contains(&found.code));
    // Findings about what Python reads all the same.
    let is_clean =
        diagnostics.iter().all(|found| ["duplicate-key", "lone-surrogate", "non-finite-number"].contains(&found.code));
    match serde_json::from_str::<serde_json::Value>(text) {
        // Limits are ours alone.
        Ok(_) if has(&["integer-too-long", "too-many-values", "nested-too-deeply"]) => {}
        Ok(theirs) => {
            assert!(is_clean, "serde_json reads it: {diagnostics:?}");
            let root = root.expect("serde_json reads a value");
            assert_same_json(&root, &theirs);
        }
        // Which of these the text has, serde_json refuses; and it stops at 128 levels.
        Err(_) if has(&["lone-surrogate", "non-finite-number"]) || depth(root.as_ref()) > 127 => {}
        // Python's whole numbers have no end; of fractions, those beyond floats are infinite and said to be.
        Err(error) if error.to_string().starts_with("number out of range") && !text.contains(['.', 'e', 'E']) => {}
        Err(error) => assert!(!is_clean || root.is_none(), "serde_json refuses it: {error}"),
    }
}

/// YAML: as the port of libyaml reads it, where both read it and mean the same version of YAML.
pub fn yaml_is_total(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let (root, diagnostics) = read(text, Syntax::Yaml);
    let is_sound = diagnostics.iter().all(|found| found.severity != Severity::Error);
    if let (Some(root), true, false) = (root, is_sound, is_seen_otherwise_by_libyaml(text))
        && let Ok(theirs) = serde_yaml::from_str::<serde_yaml::Value>(text)
    {
        assert_same_yaml(&root, &theirs);
    }
}

/// TOML: refused exactly where the `toml` crate refuses it, and of the same values.
pub fn toml_is_total(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let (root, diagnostics) = read(text, Syntax::Toml);
    let is_refused = diagnostics.iter().any(|found| found.severity == Severity::Error);
    match (toml::from_str::<toml::Table>(text), root) {
        (Ok(theirs), Some(root)) if !is_refused => assert_same_toml(&root, &toml::Value::Table(theirs)),
        // What JSON cannot say, as dates, is refused here alone.
        (Ok(_), _) => assert!(is_refused, "toml reads it"),
        (Err(_), Some(root)) if has_long_integer(&root) => {}
        (Err(error), _) => assert!(is_refused, "toml refuses it: {error}"),
    }
}

/// The tree of a text, its places and those of its findings examined.
fn read(text: &str, syntax: Syntax) -> (Option<Node>, Vec<Diagnostic>) {
    let (document, diagnostics) = parse(Source::new("a", text), syntax, &Limits::default());
    assert_places(text, &diagnostics);
    if let Some(root) = &document.root {
        assert_nested(text, root, syntax);
    }
    (document.root, diagnostics)
}

/// Every place of a finding is a part of the text, and so is every edit, each after the one before it.
pub(super) fn assert_places(text: &str, diagnostics: &[Diagnostic]) {
    for found in diagnostics {
        for label in &found.labels {
            assert!(text.get(label.span.start..label.span.end).is_some(), "{found}: {:?}", label.span);
        }
        let mut reached = 0;
        for edit in found.fix.iter().flat_map(|fix| &fix.edits) {
            assert!(text.get(edit.span.start..edit.span.end).is_some(), "{found}: edit {:?}", edit.span);
            assert!(reached <= edit.span.start, "{found}: edits overlap at {:?}", edit.span);
            reached = edit.span.end;
        }
    }
}

/// Keys and values lie within what holds them. In TOML a table may be written in several places, and an alias of YAML repeats
/// what stands elsewhere: there each place need only be a part of the text.
fn assert_nested(text: &str, root: &Node, syntax: Syntax) {
    let is_nested = syntax == Syntax::Json;
    let mut left = vec![root];
    while let Some(node) = left.pop() {
        let assert_within = |span: Span| {
            assert!(text.get(span.start..span.end).is_some(), "{span:?} is no part of the text");
            let is_within = node.span.start <= span.start && span.end <= node.span.end;
            assert!(!is_nested || is_within, "{span:?} lies outside of {:?}", node.span);
        };
        assert_within(node.span);
        match &node.kind {
            Kind::Array(items) => {
                for item in items {
                    assert_within(item.span);
                    left.push(item);
                }
            }
            Kind::Object(object) => {
                for member in &object.members {
                    assert_within(member.key_span);
                    assert_within(member.value.span);
                    left.push(&member.value);
                }
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {}
        }
    }
}

/// How many collections lie in one another at most.
fn depth(root: Option<&Node>) -> usize {
    let mut deepest = 0;
    let mut left: Vec<(&Node, usize)> = root.map(|root| (root, 0)).into_iter().collect();
    while let Some((node, depth)) = left.pop() {
        let inner: Vec<&Node> = match &node.kind {
            Kind::Array(items) => items.iter().collect(),
            Kind::Object(object) => object.members.iter().map(|member| &member.value).collect(),
            _ => continue,
        };
        deepest = deepest.max(depth + 1);
        left.extend(inner.into_iter().map(|node| (node, depth + 1)));
    }
    deepest
}

/// Where the port of libyaml goes by YAML 1.1, or by its own ways.
fn is_seen_otherwise_by_libyaml(text: &str) -> bool {
    // Merge keys and tags beyond the core schema are its own, names of anchors end earlier, and it takes other characters for line
    // breaks and for white space.
    text.contains(['!', '&', '*', '\t', '\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{feff}', '%']) || text.contains("<<")
        // In a block at the top it takes lines that begin with `#` for comments.
        || (text.contains(['|', '>']) && text.contains("\n#"))
        // In brackets it takes a question mark for the beginning of a key, whatever follows.
        || (text.contains(['[', '{']) && text.contains('?'))
}

fn assert_same_json(ours: &Node, theirs: &serde_json::Value) {
    use serde_json::Value;
    match (&ours.kind, theirs) {
        (Kind::Array(ours), Value::Array(theirs)) => {
            assert_eq!(ours.len(), theirs.len(), "items of {theirs:?}");
            ours.iter().zip(theirs).for_each(|(ours, theirs)| assert_same_json(ours, theirs));
        }
        (Kind::Object(ours), Value::Object(theirs)) => {
            assert_eq!(ours.effective().count(), theirs.len(), "keys of {theirs:?}");
            ours.effective().for_each(|(key, ours)| assert_same_json(ours, theirs.get(key).unwrap_or(&NO_JSON)));
        }
        (kind, theirs) => assert!(
            match (kind, theirs) {
                (Kind::Null, Value::Null) => true,
                (Kind::Bool(ours), Value::Bool(theirs)) => ours == theirs,
                (Kind::Number(ours), Value::Number(theirs)) => Some(ours.as_f64()) == theirs.as_f64(),
                (Kind::String(ours), Value::String(theirs)) => ours == theirs,
                _ => false,
            },
            "{ours:?}, but serde_json reads {theirs:?}"
        ),
    }
}

fn assert_same_yaml(ours: &Node, theirs: &serde_yaml::Value) {
    use serde_yaml::Value;
    match (&ours.kind, theirs) {
        (Kind::Array(ours), Value::Sequence(theirs)) => {
            assert_eq!(ours.len(), theirs.len(), "items of {theirs:?}");
            ours.iter().zip(theirs).for_each(|(ours, theirs)| assert_same_yaml(ours, theirs));
        }
        (Kind::Object(ours), Value::Mapping(theirs)) => {
            assert_eq!(ours.effective().count(), theirs.len(), "keys of {theirs:?}");
            ours.effective().for_each(|(key, ours)| assert_same_yaml(ours, of_key(key, theirs).unwrap_or(&NO_YAML)));
        }
        (kind, theirs) => assert!(
            match (kind, theirs) {
                (Kind::Null, Value::Null) => true,
                (Kind::Bool(ours), Value::Bool(theirs)) => ours == theirs,
                (Kind::Number(ours), Value::Number(theirs)) => {
                    theirs.as_f64().is_some_and(|theirs| is_same(ours.as_f64(), theirs))
                }
                (Kind::String(ours), Value::String(theirs)) => ours == theirs,
                // It knows no number that begins with a needless zero, no whole number beyond floats, and some numbers of YAML 1.1.
                (Kind::Number(ours), Value::String(theirs)) => {
                    let digits = theirs.trim_start_matches(['+', '-']);
                    digits.starts_with('0')
                        || (digits.bytes().all(|byte| byte.is_ascii_digit()) && ours.as_f64().is_infinite())
                }
                (Kind::String(ours), Value::Number(_)) => may_be_number_of_1_1(ours),
                _ => false,
            },
            "{ours:?}, but serde_yaml reads {theirs:?}"
        ),
    }
}

/// What `serde_yaml` has for a key, which it may take for a number.
fn of_key<'a>(key: &str, theirs: &'a serde_yaml::Mapping) -> Option<&'a serde_yaml::Value> {
    let as_number = || {
        let number = serde_yaml::from_str::<serde_yaml::Value>(key).ok()?;
        theirs.get(number).filter(|_| may_be_number_of_1_1(key))
    };
    theirs.get(key).or_else(as_number)
}

/// Whether a string of YAML 1.2 may be a number of 1.1.
fn may_be_number_of_1_1(text: &str) -> bool {
    text.contains(['x', 'o', 'b', '_'])
}

fn assert_same_toml(ours: &Node, theirs: &toml::Value) {
    use toml::Value;
    match (&ours.kind, theirs) {
        (Kind::Array(ours), Value::Array(theirs)) => {
            assert_eq!(ours.len(), theirs.len(), "items of {theirs:?}");
            ours.iter().zip(theirs).for_each(|(ours, theirs)| assert_same_toml(ours, theirs));
        }
        (Kind::Object(ours), Value::Table(theirs)) => {
            assert_eq!(ours.effective().count(), theirs.len(), "keys of {theirs:?}");
            ours.effective().for_each(|(key, ours)| {
                let theirs = theirs.get(key);
                assert_same_toml(ours, theirs.expect("both have the key"));
            });
        }
        (kind, theirs) => assert!(
            match (kind, theirs) {
                (Kind::Bool(ours), Value::Boolean(theirs)) => ours == theirs,
                (Kind::Number(ours), Value::Integer(theirs)) => ours.as_i128() == Some(i128::from(*theirs)),
                (Kind::Number(ours), Value::Float(theirs)) => is_same(ours.as_f64(), *theirs),
                (Kind::String(ours), Value::String(theirs)) => ours == theirs,
                _ => false,
            },
            "{ours:?}, but toml reads {theirs:?}"
        ),
    }
}

/// What stands for a key that the other reader does not have; no value is like it.
const NO_JSON: serde_json::Value = serde_json::Value::Array(Vec::new());
const NO_YAML: serde_yaml::Value = serde_yaml::Value::Sequence(Vec::new());

/// Whether two numbers are the same to Python, NaN included.
fn is_same(one: f64, other: f64) -> bool {
    one == other || (one.is_nan() && other.is_nan())
}

fn is_long(number: &Number) -> bool {
    number.is_integer() && number.as_i128().is_none_or(|number| i64::try_from(number).is_err())
}

/// Whether a tree has a whole number that does not fit 64 bits: one of any length is a number to Python.
fn has_long_integer(root: &Node) -> bool {
    let mut left = vec![root];
    while let Some(node) = left.pop() {
        match &node.kind {
            Kind::Number(number) if is_long(number) => return true,
            Kind::Array(items) => left.extend(items),
            Kind::Object(object) => left.extend(object.members.iter().map(|member| &member.value)),
            _ => {}
        }
    }
    false
}
