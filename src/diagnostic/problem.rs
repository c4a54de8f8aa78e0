//! The problems that are not rules between fields: syntax, shape, ranges, and files that are something else.

use super::Severity;

/// A kind of finding: its code, its severity and the page that `peftspec explain` shows.
#[derive(Debug)]
pub struct Problem {
    /// Kebab-case noun phrase for what is wrong; never reused for something else.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// Markdown: a sentence, the reason for the severity, `bad` and `good` examples.
    pub docs: &'static str,
}

/// The name of a static as the code it declares: `WRONG_TYPE` becomes `wrong-type`.
pub(crate) const fn kebab_case<const LENGTH: usize>(name: &str) -> [u8; LENGTH] {
    let name = name.as_bytes();
    let mut code = [0; LENGTH];
    let mut index = 0;
    #[expect(clippy::indexing_slicing, reason = "runs at compile time, where an overrun is a build error")]
    while index < LENGTH {
        code[index] = if name[index] == b'_' { b'-' } else { name[index].to_ascii_lowercase() };
        index += 1;
    }
    code
}

/// Builds a [`Problem`] whose code is the given identifier in kebab case.
macro_rules! problem {
    ($name:ident, $severity:ident, $($doc:expr),+) => {
        $crate::diagnostic::Problem {
            code: {
                const CODE: [u8; stringify!($name).len()] = $crate::diagnostic::kebab_case(stringify!($name));
                match ::core::str::from_utf8(&CODE) {
                    Ok(code) => code,
                    Err(_) => unreachable!(),
                }
            },
            severity: $crate::diagnostic::Severity::$severity,
            docs: concat!($($doc, "\n"),+),
        }
    };
}
pub(crate) use problem;

/// Declares problems and the table of them in one go.
macro_rules! problems {
    ($($(#[doc = $doc:expr])+ $name:ident: $severity:ident;)+) => {
        $($(#[doc = $doc])+ pub(crate) static $name: Problem = problem!($name, $severity, $($doc),+);)+

        /// Every problem that is not a rule between fields.
        pub static PROBLEMS: &[&Problem] = &[$(&$name),+];
    };
}

problems! {
    /// The text breaks the grammar of its format.
    ///
    /// PEFT reads `adapter_config.json` with Python's `json` module and stops here.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8}
    /// ```
    SYNTAX_ERROR: Error;

    /// Brackets are nested deeper than any config needs. Python's own reader gives up with a `RecursionError` at about 1000.
    NESTED_TOO_DEEPLY: Error;

    /// The document expands to more values than the limit allows, as a chain of YAML aliases can.
    TOO_MANY_VALUES: Error;

    /// The bytes are not UTF-8 from this place on. PEFT stops with a `UnicodeDecodeError`.
    NOT_UTF_8: Error;

    /// The file starts with a byte order mark, which Python's `json` refuses.
    ///
    /// Editors on Windows add it when a file is saved as "UTF-8 with BOM".
    BYTE_ORDER_MARK: Error;

    /// JSON has no comments; Python's `json` refuses them.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", /* rows of the prompt */ "num_virtual_tokens": 8}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    COMMENT: Error;

    /// JSON has no comma after the last entry; Python's `json` refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8,}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    TRAILING_COMMA: Error;

    /// A key is given more than once. In JSON the last one silently wins, in YAML and TOML it is an error of the format.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8, "num_virtual_tokens": 20}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 20}
    /// ```
    DUPLICATE_KEY: Warning;

    /// `NaN` and `Infinity` are no JSON, although Python writes and reads them. No field of an adapter config can use one.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": NaN}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    NON_FINITE_NUMBER: Error;

    /// A `\ud800`-style escape stands alone, so the string is not Unicode text. Python reads it and fails when it is printed or saved.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "revision": "\ud800"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "revision": "\ud83d\ude00"}
    /// ```
    LONE_SURROGATE: Warning;

    /// A whole number has more than 4300 digits, which Python refuses to read.
    INTEGER_TOO_LONG: Error;

    /// PyYAML, which trainers use, follows YAML 1.1 and reads this scalar as something else than YAML 1.2 does.
    ///
    /// ```yaml bad
    /// peft_type: PROMPT_TUNING
    /// num_virtual_tokens: 8
    /// tokenizer_kwargs: {use_fast: no}
    /// ```
    /// ```yaml good
    /// peft_type: PROMPT_TUNING
    /// num_virtual_tokens: 8
    /// ```
    YAML_1_1_READS_DIFFERENTLY: Warning;

    /// The file format can say this, JSON cannot: a date, a key that is no string, a tag of its own.
    ///
    /// ```yaml bad
    /// peft_type: PROMPT_TUNING
    /// 8: num_virtual_tokens
    /// ```
    /// ```yaml good
    /// peft_type: PROMPT_TUNING
    /// num_virtual_tokens: 8
    /// ```
    NO_JSON_EQUIVALENT: Error;

    /// The file is something else than an adapter config: a Git LFS pointer, a web page, the base model's own
    /// `config.json`, Python code, an archive.
    ///
    /// ```json bad
    /// {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_embd": 768}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    NOT_AN_ADAPTER_CONFIG: Error;

    /// The config does not say which PEFT method it is for, so PEFT cannot tell how to load it.
    ///
    /// ```json bad
    /// {"num_virtual_tokens": 8}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    MISSING_PEFT_TYPE: Error;

    /// No release of PEFT that is supported has a method of this name. The look-up is by exact spelling.
    ///
    /// ```json bad
    /// {"peft_type": "prompt_tuning", "num_virtual_tokens": 8}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    UNKNOWN_PEFT_TYPE: Error;

    /// The method is one that this version of peftspec does not model yet: only the fields that all methods share were checked.
    ///
    /// ```json bad
    /// {"peft_type": "VERA"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    METHOD_NOT_MODELLED: Info;

    /// The method has no field of this name. PEFT warns and drops it, so the setting has no effect.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "num_virtual_tokens": 8, "num_task": 3}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "num_virtual_tokens": 8, "num_tasks": 3}
    /// ```
    UNKNOWN_FIELD: Warning;

    /// A key of this name collides with a parameter of PEFT's own loading code, which then stops with a `TypeError`.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "self": 1}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    RESERVED_KEY: Error;

    /// The value is of another type than the field's. PEFT compares no types when it loads a config: the value is kept and
    /// fails later, or is misread without a word.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": "8"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    WRONG_TYPE: Error;

    /// The number is outside the range in which the field means something: no prompt has zero rows.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 0}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    OUT_OF_RANGE: Error;

    /// The field takes one of a few values, and this is none of them; case counts.
    ///
    /// An error even where PEFT does not refuse it: an unknown `prompt_tuning_init` silently means random numbers, so a
    /// misspelt mode trains from the wrong start and nothing ever says so.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8, "task_type": "CAUSALLM"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8, "task_type": "CAUSAL_LM"}
    /// ```
    UNKNOWN_VALUE: Error;

    /// The file is no checkpoint but something else: empty, a Git LFS pointer, a web page, JSON, another archive, a pickle
    /// that torch did not write. An error, since PEFT cannot load it.
    NOT_A_CHECKPOINT: Error;

    /// The file is a checkpoint of another format than its name says. An error, since PEFT chooses the reader by the name.
    MISNAMED_CHECKPOINT: Error;

    /// The file ends before what it announces. An error: the write or the download was cut short, and PEFT cannot load it.
    TRUNCATED_CHECKPOINT: Error;

    /// The header of a safetensors file is not what the format asks for: its length, its JSON, an entry, the metadata. An
    /// error, since the format's reader refuses the file, or another reader of the same format may.
    BROKEN_SAFETENSORS_HEADER: Error;

    /// What is said of a tensor does not fit together: an unknown type, a place outside the file, a shape that needs more or
    /// fewer bytes than there are. An error, since its values cannot be read.
    BROKEN_TENSOR: Error;

    /// Two tensors have the same name. An error: one of them is silently lost, and readers differ on which.
    DUPLICATE_TENSOR: Error;

    /// Two tensors of a safetensors file share bytes, which the format forbids. An error, since its reader refuses the file.
    OVERLAPPING_TENSORS: Error;

    /// Bytes that belong to nothing: between tensors, after the last one, after the end of a pickle, between the members of
    /// an archive. An error: the file was damaged or made to hide something.
    STRAY_BYTES: Error;

    /// The checkpoint is readable, but holds something that no release of PEFT writes and that readers ignore.
    UNUSUAL_CHECKPOINT: Warning;

    /// The zip archive contradicts itself or lacks what torch needs: headers that disagree, wrong checksums or sizes, names
    /// that lead elsewhere, members twice or missing. An error, since readers refuse it or see different things in it.
    BROKEN_ARCHIVE: Error;

    /// The checksums of some members were not verified, since that means reading more than the limit allows.
    UNVERIFIED_CHECKSUMS: Info;

    /// The pickle names a function or class outside the allow-list of torch's `weights_only` reader, or calls what is no
    /// function of that list. An error: PEFT refuses it, and a reader that does not would run whatever is named.
    DANGEROUS_PICKLE: Error;

    /// The pickle is malformed: unknown operations, an empty stack, numbers that make no sense. An error, since no reader can
    /// load it.
    BROKEN_PICKLE: Error;

    /// The pickle or archive is sound, but of a kind that torch's `weights_only` reader does not read: a newer protocol, an
    /// unknown version. An error, since PEFT uses that reader.
    UNSUPPORTED_PICKLE: Error;

    /// The checkpoint holds something else than tensors by name. An error, since PEFT expects nothing else in it: what is
    /// wrapped in another dictionary, or stored as lists, is not found.
    NOT_A_STATE_DICT: Error;

    /// Reading the checkpoint would cost more than the limit allows. An error, since nothing can be said of the rest.
    CHECKPOINT_OVER_BUDGET: Error;

    /// The file has more than a thousand findings; the rest are counted only. The severity is that of the worst among them.
    MORE_FINDINGS: Error;
}
