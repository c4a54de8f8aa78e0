//! Target modules that PEFT takes and that match nothing, or not what was meant.

use crate::layout::modules::{ALL_LINEAR, PREFIX};
use crate::rule::{
    Comparison::{AtLeast, Equal},
    Expr,
    Expr::{All, Any, AnyItem, Compare, EveryItem, HasRepeats, Is, IsA, IsTruthy, Matches, Not},
    Operand::{Integer, Length},
    Rule, Text,
    Text::{Contains, Either, EndsWith, EndsWithAnyCase, OneCharacter, OneOf, Regex, StartsWith, Without},
    Type::String,
    rule,
};

/// The rules of this topic.
pub(crate) static RULES: &[&Rule] = &[
    &NO_TARGETS,
    &TARGET_MODULES_NOT_A_REGEX,
    &LIST_IN_A_STRING,
    &NAME_IN_A_STRING,
    &REGEX_IN_A_LIST,
    &TARGETS_WITH_COMMA,
    &TARGETS_OF_SINGLE_CHARACTERS,
    &REPEATED_TARGETS,
    &ALL_LINEAR_UNKNOWN,
    &ALL_LINEAR_IN_A_LIST,
    &PARAMETER_TARGETED,
    &TARGETS_WITH_PREFIX,
    &NO_NAME_IN_TARGETS,
];

/// Characters that no name of a module has and that mean something in a regular expression.
pub(super) const REGEX_CHARACTERS: &[&str] = &["*", "+", "?", "(", ")", "[", "]", "{", "}", "|", "^", "$", "\\"];

/// Layers that lie inside the blocks of a model, never at its top: some of those that PEFT adapts by default.
const INNER_LAYERS: &[&str] =
    &["q", "k", "v", "o", "query", "key", "value", "query_key_value", "c_attn", "qkv_proj", "q_lin", "v_lin", "Wqkv"];

/// A pattern or several names, which other rules speak of.
pub(super) const PATTERN: Text = Either(&[Contains(REGEX_CHARACTERS), Contains(&[","])]);

/// Blanks, which hardly any name of a module has, and two dots in a row, which none has.
pub(super) const BLANK_OR_EMPTY_PART: Text = Contains(&[" ", "\t", "\n", ".."]);

/// What PEFT puts before the names of the base model's modules, in a regular expression.
pub(super) const PREFIX_IN_A_REGEX: &str = "base_model\\.model\\.";

/// The name of a layer inside the blocks of a model, and no path.
pub(super) const IS_LAYER_NAME: Text =
    Without(&Either(&[EndsWith(&["_proj"]), OneOf(INNER_LAYERS)]), &Either(&[PATTERN, Contains(&["."])]));

/// The last part of the name of a parameter.
pub(super) const PARAMETERS: &[&str] = &[".weight", ".bias"];

/// Whether `target_modules` is given and empty. Null stands for what PEFT knows of the architecture.
pub(crate) const TARGETS_NOTHING: Expr =
    Any(&[Compare(Length("target_modules"), Equal, Integer(0)), Is("target_modules", "")]);

rule! {
    /// An empty list or string targets nothing. Where a method has `target_parameters`, it is the way to target these alone.
    ///
    /// An error: PEFT refuses it when the model is created or loaded.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": []}
    /// ```
    /// ```json bad
    /// {"peft_type": "IA3", "target_modules": ""}
    /// ```
    /// ```json good
    /// {"peft_type": "LOHA", "target_modules": ["q_proj", "v_proj"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": [], "target_parameters": ["experts.gate_up_proj"]}
    /// ```
    static NO_TARGETS: Error = {
        when: Not(&IsTruthy("target_parameters")),
        require: Not(&TARGETS_NOTHING),
        blame: "target_modules",
        message: "`target_modules` is empty, so there is nothing to adapt",
        label: "name modules, or leave it out where PEFT knows the architecture",
        context: &[],
        notes: &["PEFT stops when it creates or loads the model, as nothing is targeted"],
    }
}

rule! {
    /// A string in `target_modules` is a regular expression of Python's.
    ///
    /// An error: PEFT stops when the model is created or loaded.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ".*(q_proj|v_proj"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ".*(q_proj|v_proj)"}
    /// ```
    static TARGET_MODULES_NOT_A_REGEX: Error = {
        when: IsA("target_modules", String),
        require: Matches("target_modules", Regex),
        blame: "target_modules",
        message: "`target_modules` is no regular expression: {target_modules}",
        label: "must be a regular expression, or a list of names",
        context: &[],
        notes: &["Python's `re` stops with `{refusal}`"],
    }
}

rule! {
    /// A string is one regular expression for whole names, so a list in a string matches nothing.
    ///
    /// A warning: `[q_proj]` is a regular expression all the same, for one letter.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": "['q_proj', 'v_proj']"}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": "[q_proj, v_proj]"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj", "v_proj"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": "[a-z0-9_.]*\\.(q_proj|v_proj)"}
    /// ```
    static LIST_IN_A_STRING: Warning = {
        when: All(&[]),
        require: Not(&Any(&[
            Matches("target_modules", StartsWith(&["['", "[\""])),
            All(&[Matches("target_modules", StartsWith(&["["])), Matches("target_modules", EndsWith(&["]"]))]),
        ])),
        blame: "target_modules",
        message: "`target_modules` looks like a list, but it is a string",
        label: "a list is written without these quotes",
        context: &[],
        notes: &["as a regular expression it begins with a set of characters, and whole names hardly match it"],
    }
}

rule! {
    /// The items of a list are names: each stands for the modules whose name is it or ends with a dot and it. A regular expression
    /// goes into a string of its own.
    ///
    /// A warning: where other items match, PEFT says nothing of the one that cannot.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj", ".*v_proj"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ".*(q_proj|v_proj)"}
    /// ```
    static REGEX_IN_A_LIST: Warning = {
        when: All(&[]),
        require: Not(&AnyItem("target_modules", Contains(REGEX_CHARACTERS))),
        blame: "target_modules",
        message: "`{item}` in `target_modules` is compared as a name, and no module has such a name",
        label: "a regular expression works as a string alone, not in a list",
        context: &[],
        notes: &["where nothing else matches, PEFT stops: no target module was found"],
    }
}

rule! {
    /// Several names in one text are one name to PEFT.
    ///
    /// A warning: a comma may stand in a regular expression, and PEFT fails only if nothing else matches.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": "q_proj,v_proj"}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj,v_proj"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj", "v_proj"]}
    /// ```
    static TARGETS_WITH_COMMA: Warning = {
        when: All(&[]),
        require: Not(&Any(&[
            AnyItem("target_modules", Contains(&[","])),
            Matches("target_modules", Without(&Contains(&[","]), &Contains(REGEX_CHARACTERS))),
        ])),
        blame: "target_modules",
        message: "`target_modules` has names joined by a comma, which no module's name has",
        label: "each name is an item of its own",
        context: &[],
        notes: &["where nothing else matches, PEFT stops: no target module was found"],
    }
}

rule! {
    /// A list of single characters is a string that was taken apart: `list("q_proj")` in Python, and PEFT 0.19.0 and 0.19.1 by
    /// mistake.
    ///
    /// A warning: PEFT compares each character with the names of modules. The modules of T5 are called `q`, `k`, `v` and `o`.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q", "_", "p", "r", "o", "j"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q", "v"]}
    /// ```
    static TARGETS_OF_SINGLE_CHARACTERS: Warning = {
        when: All(&[
            EveryItem("target_modules", OneCharacter),
            Compare(Length("target_modules"), AtLeast, Integer(2)),
        ]),
        require: EveryItem("target_modules", OneOf(&["q", "k", "v", "o"])),
        blame: "target_modules",
        message: "`target_modules` is a list of single characters, as if a string had been taken apart",
        label: "no usual name of a module",
        context: &[],
        notes: &[],
    }
}

rule! {
    /// The list is a set to PEFT.
    ///
    /// A warning: PEFT drops what is repeated, and perhaps another name was meant.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj", "v_proj", "q_proj"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj", "v_proj", "k_proj"]}
    /// ```
    static REPEATED_TARGETS: Warning = {
        when: All(&[]),
        require: Not(&HasRepeats("target_modules")),
        blame: "target_modules",
        message: "`{item}` is in `target_modules` more than once",
        label: "repeated",
        context: &[],
        notes: &["PEFT makes the list a set"],
    }
}

rule! {
    /// A string in `target_modules` must match the whole path of a module, which the name of a layer alone does not.
    ///
    /// A warning, since only the base model tells that no layer of this name is at its top.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": "q_proj"}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": "query"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ".*\\.q_proj"}
    /// ```
    static NAME_IN_A_STRING: Warning = {
        when: IsA("target_modules", String),
        require: Not(&Matches("target_modules", IS_LAYER_NAME)),
        blame: "target_modules",
        message: "`target_modules` is `{target_modules}`, which matches no whole path such as `layers.0.self_attn.q_proj`",
        label: "names of layers stand in a list",
        context: &[],
        notes: &["PEFT stops when the model is created or loaded: no target module was found"],
    }
}

rule! {
    /// The word for all linear layers came with PEFT 0.8.0, for all methods at once. Older releases look for a module of this name.
    ///
    /// An error in these releases: building and loading fail alike.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": "all-linear"}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": "All-Linear"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj", "v_proj"]}
    /// ```
    static ALL_LINEAR_UNKNOWN: Error since "0.1.0" until "0.7.1" = {
        when: All(&[
            Matches("target_modules", StartsWith(&["a", "A"])),
            Matches("target_modules", EndsWithAnyCase(ALL_LINEAR)),
        ]),
        require: Matches("target_modules", Contains(REGEX_CHARACTERS)),
        blame: "target_modules",
        message: "`{target_modules}` in `target_modules` is no word to PEFT before 0.8.0, and no module has such a name",
        label: "the names of the layers work in every release",
        context: &[],
        notes: &["PEFT stops with `ValueError: Target modules all-linear not found in the base model`"],
    }
}

rule! {
    /// The word for all linear layers is a string of its own. In a list it is a name like any other.
    ///
    /// A warning: where other items match, PEFT says nothing of this one; alone it fails when the model is created or loaded.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["all-linear"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": "all-linear"}
    /// ```
    static ALL_LINEAR_IN_A_LIST: Warning = {
        when: All(&[]),
        require: Not(&AnyItem("target_modules", EndsWithAnyCase(ALL_LINEAR))),
        blame: "target_modules",
        message: "`{item}` in a list is compared as a name, and no module has such a name",
        label: "works as a string alone, from PEFT 0.8.0 on",
        context: &[],
        notes: &["where nothing else matches, PEFT stops: no target module was found"],
    }
}

rule! {
    /// `target_modules` names modules. Their weights and biases are not modules.
    ///
    /// A warning: where other items match, PEFT says nothing of the one that cannot.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj.weight", "v_proj.weight"]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj", "v_proj"]}
    /// ```
    static PARAMETER_TARGETED: Warning = {
        when: All(&[]),
        require: Not(&AnyItem("target_modules", Without(&EndsWith(PARAMETERS), &PATTERN))),
        blame: "target_modules",
        message: "`{item}` in `target_modules` is a parameter, not a module",
        label: "leave the last part out",
        context: &[],
        notes: &["where nothing else matches, PEFT stops: no target module was found"],
    }
}

rule! {
    /// Names are those that the base model has by itself. In the files of an adapter, and in a model that PEFT has wrapped, they begin
    /// with `base_model.model.`, and PEFT compares them without it.
    ///
    /// A warning: where other items match, PEFT says nothing of the one that cannot.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["base_model.model.model.layers.0.self_attn.q_proj"]}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": "base_model\\.model\\..*q_proj"}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["model.layers.0.self_attn.q_proj"]}
    /// ```
    static TARGETS_WITH_PREFIX: Warning = {
        when: All(&[]),
        require: Not(&Any(&[
            AnyItem("target_modules", StartsWith(&[PREFIX])),
            Matches("target_modules", StartsWith(&[PREFIX, PREFIX_IN_A_REGEX])),
        ])),
        blame: "target_modules",
        message: "`target_modules` has names with the prefix `base_model.model.`, which the base model's own names do not have",
        label: "leave the prefix out",
        context: &[],
        notes: &["where nothing else matches, PEFT stops: no target module was found"],
    }
}

rule! {
    /// A name in the list is compared as it is written, blanks and dots included. PEFT puts a dot before it by itself.
    ///
    /// A warning: where other items match, PEFT says nothing of the one that cannot.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj", " v_proj"]}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": [".q_proj"]}
    /// ```
    /// ```json bad
    /// {"peft_type": "LORA", "target_modules": ["q_proj", ""]}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "target_modules": ["q_proj", "self_attn.v_proj"]}
    /// ```
    static NO_NAME_IN_TARGETS: Warning = {
        when: All(&[]),
        require: Not(&AnyItem("target_modules", Without(
            &Either(&[OneOf(&[""]), StartsWith(&["."]), EndsWith(&["."]), BLANK_OR_EMPTY_PART]),
            &PATTERN,
        ))),
        blame: "target_modules",
        message: "\"{item}\" in `target_modules` is no name of a module",
        label: "a name without blanks, and without a dot at its ends",
        context: &[],
        notes: &["where nothing else matches, PEFT stops: no target module was found"],
    }
}
