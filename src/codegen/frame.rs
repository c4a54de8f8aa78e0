//! The frames around generated code: what does not depend on the model.

use minijinja::{Environment, Value};

/// Every template, each with the name that others include it by.
const TEMPLATES: [(&str, &str); 5] = [
    ("conditions.py", include_str!("templates/conditions.py.jinja")),
    ("dataclass.py", include_str!("templates/dataclass.py.jinja")),
    ("pydantic.py", include_str!("templates/pydantic.py.jinja")),
    ("conditions.ts", include_str!("templates/conditions.ts.jinja")),
    ("zod.ts", include_str!("templates/zod.ts.jinja")),
];

/// A template with its blanks filled in.
#[expect(clippy::expect_used, reason = "the templates are part of the program, and the tests render each")]
pub(super) fn rendered(name: &str, blanks: Value) -> String {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).expect("a template is well formed");
    }
    let template = environment.get_template(name).expect("a template is in the list");
    let text = template.render(blanks).expect("a template names only what it is given");
    format!("{}\n", text.trim_end())
}
