//! What can be wrong with the values of any tree, whatever it was read from.

use super::{Kind, Node, Number, Syntax, repeated::repeated_keys};
use crate::diagnostic::{DUPLICATE_KEY, Diagnostic, INTEGER_TOO_LONG, NON_FINITE_NUMBER, shortened};

/// More digits than this, and Python's `int` refuses to read the number.
const PYTHON_MAX_DIGITS: usize = 4300;

/// Looks at every value of a tree.
pub(super) fn lint(root: &Node, syntax: Syntax, diagnostics: &mut Vec<Diagnostic>) {
    let mut waiting = vec![root];
    while let Some(node) = waiting.pop() {
        match &node.kind {
            Kind::Number(number) => diagnostics.extend(number_problem(number, node, syntax)),
            Kind::Array(items) => waiting.extend(items),
            Kind::Object(object) => {
                // YAML and TOML forbid repeated keys: their readers report them.
                if syntax == Syntax::Json {
                    diagnostics.extend(repeated_keys(&object.members, &DUPLICATE_KEY, "Python's `json` says nothing"));
                }
                waiting.extend(object.members.iter().map(|member| &member.value));
            }
            Kind::Null | Kind::Bool(_) | Kind::String(_) => {}
        }
    }
}

fn number_problem(number: &Number, node: &Node, syntax: Syntax) -> Option<Diagnostic> {
    let spelling = number.as_str();
    if number.is_integer() {
        let digits = spelling.trim_start_matches('-').len();
        return (digits > PYTHON_MAX_DIGITS).then(|| {
            Diagnostic::new(&INTEGER_TOO_LONG, format!("the number has {digits} digits"))
                .label(node.span, format!("Python reads at most {PYTHON_MAX_DIGITS}"))
        });
    }
    if number.as_f64().is_finite() {
        return None;
    }
    let message = match spelling {
        "NaN" | "Infinity" | "-Infinity" => format!("the number is {spelling}"),
        _ => format!("the number is {}, too large for a double", shortened(spelling)),
    };
    let diagnostic = Diagnostic::new(&NON_FINITE_NUMBER, message).label(node.span, "expected a finite number");
    Some(match syntax {
        Syntax::Json => diagnostic.note("Python reads it without a word; the Hugging Face Hub refuses the file"),
        #[cfg(any(feature = "yaml", feature = "toml"))]
        _ => diagnostic,
    })
}
