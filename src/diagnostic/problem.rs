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

impl Problem {
    /// The first sentence of the documentation, without its full stop.
    #[must_use]
    pub fn summary(&self) -> String {
        let paragraph = self.docs.trim().split("\n\n").next().unwrap_or_default();
        let plain = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
        plain.split_inclusive(". ").next().unwrap_or_default().trim_end_matches(['.', ' ']).to_owned()
    }
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
    /// An error: PEFT reads `adapter_config.json` with Python's `json` module, which stops here.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8}
    /// ```
    SYNTAX_ERROR: Error;

    /// Brackets are nested deeper than any config needs.
    ///
    /// An error: nothing past this place was read, and Python's own reader gives up with a `RecursionError` at about 1000.
    NESTED_TOO_DEEPLY: Error;

    /// The document expands to more values than the limit allows, as a chain of YAML aliases can.
    ///
    /// An error: nothing past this place was read.
    TOO_MANY_VALUES: Error;

    /// The bytes are not UTF-8 from this place on.
    ///
    /// An error: PEFT stops with a `UnicodeDecodeError`.
    NOT_UTF_8: Error;

    /// The file starts with a byte order mark. Editors on Windows add it when a file is saved as "UTF-8 with BOM".
    ///
    /// An error: Python's `json` refuses it.
    BYTE_ORDER_MARK: Error;

    /// There is a comment, which JSON does not have.
    ///
    /// An error: Python's `json` refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", /* rows of the prompt */ "num_virtual_tokens": 8}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    COMMENT: Error;

    /// There is a comma after the last entry, which JSON does not have.
    ///
    /// An error: Python's `json` refuses it.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8,}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    TRAILING_COMMA: Error;

    /// A key of a JSON object is given more than once.
    ///
    /// A warning: Python takes the last one, and so does PEFT, without a word.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8, "num_virtual_tokens": 20}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 20}
    /// ```
    DUPLICATE_KEY: Warning;

    /// A key is given more than once where the file format forbids it, as YAML and TOML do.
    ///
    /// An error: a reader that keeps to the format refuses the file.
    ///
    /// ```yaml bad
    /// peft_type: PROMPT_TUNING
    /// num_virtual_tokens: 8
    /// num_virtual_tokens: 20
    /// ```
    /// ```yaml good
    /// peft_type: PROMPT_TUNING
    /// num_virtual_tokens: 20
    /// ```
    REPEATED_KEY: Error;

    /// A number is `NaN` or infinite, which JSON does not have, although Python writes and reads it.
    ///
    /// An error: no field of an adapter config means anything with such a value, and the Hugging Face Hub and other readers
    /// refuse the file.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": NaN}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    NON_FINITE_NUMBER: Error;

    /// A `\ud800`-style escape stands alone, so the string is not Unicode text.
    ///
    /// A warning: Python reads it, and fails when it is printed or saved.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "revision": "\ud800"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "revision": "\ud83d\ude00"}
    /// ```
    LONE_SURROGATE: Warning;

    /// A whole number has more than 4300 digits.
    ///
    /// An error: Python refuses to read it.
    INTEGER_TOO_LONG: Error;

    /// PyYAML, which trainers use, follows YAML 1.1 and reads this scalar as something else than YAML 1.2 does.
    ///
    /// A warning: which of the two was meant, the file does not tell.
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

    /// The value has no JSON equivalent: a date, a key that is not a string, a tag of its own.
    ///
    /// An error: PEFT's configs hold nothing that JSON cannot say.
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
    /// An error: there is nothing that PEFT could load.
    ///
    /// ```json bad
    /// {"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "n_embd": 768}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    NOT_AN_ADAPTER_CONFIG: Error;

    /// The config does not say which PEFT method it is for.
    ///
    /// An error: `PeftModel.from_pretrained` stops with a `KeyError`. `PeftConfig.from_pretrained` alone lets it pass when every key
    /// is a base field, and then knows no method.
    ///
    /// ```json bad
    /// {"num_virtual_tokens": 8}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    MISSING_PEFT_TYPE: Error;

    /// The release of PEFT that is checked against has no method of this name. The look-up is by exact spelling.
    ///
    /// An error: PEFT stops with a `KeyError`.
    ///
    /// ```json bad
    /// {"peft_type": "prompt_tuning", "num_virtual_tokens": 8}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    UNKNOWN_PEFT_TYPE: Error;

    /// The config was written by a release of PEFT that this version of peftspec does not know yet. Keys that it does not know may
    /// be new ones.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "peft_version": "9.0.0"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "peft_version": "0.21.2"}
    /// ```
    NEWER_PEFT: Info;

    /// A field is left out whose default is another one now than in the release that wrote the config.
    ///
    /// A warning: nothing says so, and the adapter is built otherwise than it was.
    CHANGED_DEFAULT: Warning;

    /// A field is left out that has no default in the release that is checked against: null stands in its place, which does for
    /// nothing.
    ///
    /// An error: PEFT stops with a `TypeError` when the model is created or loaded.
    ///
    /// In PEFT 0.3.0 these are `lora_alpha` and `lora_dropout`.
    MISSING_DEFAULT: Error;

    /// The method is one that this version of peftspec does not model yet: only the fields that all methods share were checked.
    ///
    /// ```json bad
    /// {"peft_type": "VERA"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    METHOD_NOT_MODELLED: Info;

    /// The method has no field of this name, in the release that is checked against.
    ///
    /// A warning: PEFT warns and drops it, so the setting has no effect. With `--peft` 0.6.0 to 0.13.2 an error, since these
    /// releases stop with a `TypeError`.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "num_virtual_tokens": 8, "num_task": 3}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "num_virtual_tokens": 8, "num_tasks": 3}
    /// ```
    UNKNOWN_FIELD: Warning;

    /// The nested config has no field of this name, and PEFT does not drop it as it does elsewhere: it passes all keys on to the
    /// class.
    ///
    /// An error: PEFT tries to leave the key out, fails to, and stops with a `RecursionError`.
    ///
    /// ```json bad
    /// {"peft_type": "LORA", "monteclora_config": {"samples": 8}}
    /// ```
    /// ```json good
    /// {"peft_type": "LORA", "monteclora_config": {"num_samples": 8}}
    /// ```
    REFUSED_KEY: Error;

    /// The key collides with a parameter of PEFT's own loading code.
    ///
    /// An error: PEFT stops with a `TypeError`.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "self": 1}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    RESERVED_KEY: Error;

    /// The value is of another type than the field's.
    ///
    /// An error: PEFT compares no types when it loads a config, so the value is kept, and fails later or is misread without a word.
    ///
    /// ```json bad
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": "8"}
    /// ```
    /// ```json good
    /// {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}
    /// ```
    WRONG_TYPE: Error;

    /// The number is outside the range in which the field means something: no prompt has zero rows, no model a negative number of layers.
    ///
    /// An error: PEFT cannot build a model with such a size, or there is nothing to train in it.
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
    /// An error, even where PEFT does not refuse it: an unknown `prompt_tuning_init` silently means random numbers, so a
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
    /// that torch did not write.
    ///
    /// An error, since PEFT cannot load it.
    NOT_A_CHECKPOINT: Error;

    /// The file is a checkpoint of another format than its name says.
    ///
    /// An error, since PEFT chooses the reader by the name.
    MISNAMED_CHECKPOINT: Error;

    /// The file ends before what it announces.
    ///
    /// An error: the write or the download was cut short, and PEFT cannot load it.
    TRUNCATED_CHECKPOINT: Error;

    /// The header of a safetensors file is not what the format asks for: its length, its JSON, an entry, the metadata.
    ///
    /// An error, since the format's reader refuses the file, or another reader of the same format may.
    BROKEN_SAFETENSORS_HEADER: Error;

    /// What is said of a tensor does not fit together: an unknown type, a place outside the file, a shape that needs more
    /// or fewer bytes than there are.
    ///
    /// An error, since its values cannot be read.
    BROKEN_TENSOR: Error;

    /// Two tensors have the same name.
    ///
    /// An error: one of them is silently lost, and readers differ on which.
    DUPLICATE_TENSOR: Error;

    /// Two tensors of a safetensors file share bytes, which the format forbids.
    ///
    /// An error, since its reader refuses the file.
    OVERLAPPING_TENSORS: Error;

    /// Bytes that belong to nothing: between tensors, after the last one, after the end of a pickle, between the members of
    /// an archive.
    ///
    /// An error: the file was damaged or made to hide something.
    STRAY_BYTES: Error;

    /// The checkpoint is readable, but holds something that no release of PEFT writes and that readers ignore.
    ///
    /// A warning: readers load it.
    UNUSUAL_CHECKPOINT: Warning;

    /// The zip archive contradicts itself or lacks what torch needs: headers that disagree, wrong checksums or sizes, names
    /// that lead elsewhere, members twice or missing.
    ///
    /// An error, since readers refuse it or see different things in it.
    BROKEN_ARCHIVE: Error;

    /// The checksums of some members were not verified, since that means reading more than the limit allows.
    UNVERIFIED_CHECKSUMS: Info;

    /// The pickle names a function or class outside the allow-list of torch's `weights_only` reader, or calls what is no
    /// function of that list.
    ///
    /// An error: PEFT refuses it, and a reader that does not would run whatever is named.
    DANGEROUS_PICKLE: Error;

    /// The pickle is malformed: unknown operations, an empty stack, numbers that make no sense.
    ///
    /// An error, since no reader can load it.
    BROKEN_PICKLE: Error;

    /// The pickle or archive is sound, but of a kind that torch's `weights_only` reader does not read: a newer protocol, an
    /// unknown version.
    ///
    /// An error, since PEFT uses that reader.
    UNSUPPORTED_PICKLE: Error;

    /// The checkpoint holds something else than tensors by name.
    ///
    /// An error, since PEFT expects nothing else in it: what is wrapped in another dictionary, or stored as lists, is not
    /// found.
    NOT_A_STATE_DICT: Error;

    /// Reading the checkpoint would cost more than the limit allows.
    ///
    /// An error, since nothing can be said of the rest.
    CHECKPOINT_OVER_BUDGET: Error;

    /// Matching the names of the tensors with the names and patterns of the config would cost more than the limit allows.
    ///
    /// A warning: PEFT matches them however long it takes, and nothing is said here of those that were not matched.
    MATCHING_OVER_BUDGET: Warning;

    /// The checkpoint lacks a tensor that the method's adapters have.
    ///
    /// An error: without the shared prompt PEFT stops with a `KeyError`; any other tensor it leaves at random numbers, without a
    /// word, so that the adapter is not the one that was trained.
    MISSING_TENSOR: Error;

    /// The checkpoint holds a tensor that PEFT does not look for under this config.
    ///
    /// A warning: PEFT ignores it.
    UNUSED_TENSOR: Warning;

    /// The tensors are those of another method than the config's `peft_type`.
    ///
    /// An error: the file is not what the config says. PEFT loads what has a name in common and ignores the rest, without a word.
    CHECKPOINT_OF_ANOTHER_METHOD: Error;

    /// The tensor has no elements: one of its dimensions is 0.
    ///
    /// An error, since PEFT cannot load it. Saving from one process of several, each of which holds a part of the model
    /// (DeepSpeed ZeRO-3), leaves such tensors.
    EMPTY_TENSOR: Error;

    /// The tensor's dimensions are too many, too few, in the wrong order, or those of another tensor.
    ///
    /// An error: PEFT stops with `RuntimeError: size mismatch`.
    WRONG_SHAPE: Error;

    /// Tensors of the same checkpoint have different sizes where they should have the same.
    ///
    /// An error: no config fits all of them, and PEFT stops with `RuntimeError: size mismatch`.
    TENSORS_DISAGREE: Error;

    /// The tensors agree with each other, but not with the config.
    ///
    /// An error: PEFT stops with `RuntimeError: size mismatch`. The finding names the field and the value that would agree.
    SIZE_MISMATCH: Error;

    /// The tensor's type is one of whole, complex or quantised numbers, which training does not write.
    ///
    /// An error: the trained values were rounded away. PEFT converts what is left to float32, without a word.
    NOT_TRAINED_NUMBERS: Error;

    /// The tensor's type is a float of another width than 16 or 32 bits.
    ///
    /// A warning: PEFT converts it to float32, without a word.
    UNUSUAL_DTYPE: Warning;

    /// Names of tensors are nearly those that PEFT looks for: they hold the name of the adapter, which PEFT takes out when it saves,
    /// or lack the prefix, or have it twice.
    ///
    /// An error: PEFT ignores such tensors, most releases without a word, and the adapter does nothing.
    WRONG_TENSOR_NAME: Error;

    /// Names of tensors hold what wraps modules while they are trained: `_orig_mod.` of torch.compile, `module.` of
    /// DistributedDataParallel, and the like.
    ///
    /// A warning, since the base model may be wrapped in the same way, or have a module of this name: then PEFT finds the tensors,
    /// unless the wrapper changes the names itself, as those of activation checkpointing and FSDP do. In any other base model their
    /// modules stay as they were initialised, and the adapter does nothing. Where the config itself names a part that PEFT can find,
    /// nothing is said.
    WRAPPED_TENSOR_NAME: Warning;

    /// Modules have tensors, but the config does not target them, leaves them out, or does not choose their layers.
    ///
    /// An error: PEFT ignores the tensors without a word, so that the adapter is not the one that was trained.
    TENSORS_OUTSIDE_TARGETS: Error;

    /// The config targets modules for which the checkpoint has no tensors.
    ///
    /// A warning: PEFT adapts them if the base model has any, and leaves them as they were initialised.
    TARGET_WITHOUT_TENSORS: Warning;

    /// One layer has no tensors for a module: one between others that have them, or the first or last of those for which all
    /// modules beside it have them.
    ///
    /// A warning: a model may be built like that; if it is not, PEFT warns, and leaves the layer as it was initialised.
    LAYER_WITHOUT_TENSORS: Warning;

    /// A key of `rank_pattern` or `alpha_pattern` matches no module that has tensors.
    ///
    /// A warning: PEFT does not use the entry, and most releases do not say so. A key is a regular expression for the name of a
    /// module or for what follows a dot in it.
    PATTERN_MATCHES_NOTHING: Warning;

    /// `modules_to_save` names a module of which the checkpoint has no tensors.
    ///
    /// A warning: if the base model has the module, PEFT stops with a `KeyError`; up to 0.14.0 it keeps the base model's own weights.
    MISSING_SAVED_MODULE: Warning;

    /// The config is of a trained adapter, and no file with its tensors lies beside it.
    ///
    /// A warning, since a config may be checked away from its files; an error with `--require-files`.
    WEIGHTS_NOT_FOUND: Warning;

    /// Two files with tensors lie beside the config.
    ///
    /// A warning: PEFT reads `adapter_model.safetensors` and ignores `adapter_model.bin`, which may be another adapter.
    TWO_CHECKPOINTS: Warning;

    /// The source checkpoint that the config starts from is not there.
    ///
    /// A warning, since a config may be checked away from its files; an error with `--require-files`: PEFT stops with
    /// `FileNotFoundError`, or with `NotADirectoryError` where the path goes on behind a file, also when it loads the trained
    /// adapter.
    SOURCE_NOT_FOUND: Warning;

    /// The source checkpoint lies beside the config, but PEFT looks for it from the working directory.
    ///
    /// A warning: started elsewhere, PEFT stops with `FileNotFoundError`.
    SOURCE_BESIDE_CONFIG: Warning;

    /// The source checkpoint cannot be read: the path leads to something else, the file is damaged, or its ending makes PEFT
    /// choose the wrong reader.
    ///
    /// An error, since PEFT cannot start from it.
    UNREADABLE_SOURCE: Error;

    /// The source checkpoint lacks tensors or has others than the mode needs, or of a type that has no mean.
    ///
    /// An error, since PEFT cannot start from it.
    UNSUITABLE_SOURCE: Error;

    /// The source checkpoint has no task of the number that `prompt_tuning_init_task` says. Negative numbers count from the end.
    ///
    /// An error: PEFT stops with an `IndexError` when the model is created.
    SOURCE_TASK_OUT_OF_RANGE: Error;

    /// What PEFT will start from, as far as the source checkpoint tells.
    SOURCE_USED: Info;

    /// The tokenizer that cuts the initial text into tokens is not there, and its name is none that the Hub could have.
    ///
    /// A warning, since a config may be checked away from its files; an error with `--require-files`: PEFT stops with an
    /// `OSError` when the model is created.
    TOKENIZER_NOT_FOUND: Warning;

    /// The initial text is empty, and the tokenizer adds no tokens of its own.
    ///
    /// An error: there is no token to start from, and PEFT stops with a `ZeroDivisionError` when the model is created.
    TEXT_WITHOUT_TOKENS: Error;

    /// The adapter does not fit the base model: the width of its prompt is another, or its task is one for another kind of model.
    ///
    /// A warning where `base_model_name_or_path` names the base model, as the failure comes late: PEFT builds the model, and the
    /// first forward pass fails. An error where `--base-model` asks whether the two go together.
    BASE_MODEL_MISMATCH: Warning;

    /// A size in the config is another than the base model's, and the method does not use it.
    ///
    /// A warning: the config was made for another model, or changed by hand.
    BASE_MODEL_DIFFERS: Warning;

    /// PEFT cannot read a size from the base model's config, and the adapter's config does not give it; or a size of its keys and
    /// values is null, of which PEFT heeds no other.
    ///
    /// An error: PEFT stops with `ValueError: Please specify …`, or with a `TypeError`, when the model is created.
    BASE_MODEL_SIZE_UNKNOWN: Error;

    /// The base model's `config.json` does not give a size that the adapter's config leaves open.
    ///
    /// A warning: PEFT takes it from the defaults of the model's class, if that has one, and stops with a `ValueError` if not. A key
    /// that is there and null ends the search for others.
    BASE_MODEL_SIZE_UNSEEN: Warning;

    /// The base model's `config.json` cannot be read.
    ///
    /// An error: it is not JSON, or holds no object, so no model can be built from it.
    UNREADABLE_BASE_MODEL: Error;

    /// A tensor holds values that are NaN or infinite.
    ///
    /// An error: PEFT loads them without a word, and whatever they are multiplied with becomes NaN, so that training and
    /// serving are meaningless. A learning rate that was too high leaves them behind, or float16, which ends at 65504.
    NON_FINITE_VALUES: Error;

    /// All values of a tensor are zero.
    ///
    /// A warning: PEFT loads them without a word. Some methods start part of their tensors at zero; where these still are,
    /// nothing was trained. Anywhere else the values were lost.
    ALL_ZERO_TENSOR: Warning;

    /// All values of all tensors are zero.
    ///
    /// An error: no training ends like this. PEFT loads it without a word, and the adapter puts zeros in the place of what was
    /// trained, or adds nothing.
    ALL_ZERO_CHECKPOINT: Error;

    /// All values of a tensor are so close to zero that its type cannot hold them in full precision.
    ///
    /// A warning: PEFT loads them without a word, and they have no effect. Many processors take them for zero.
    SUBNORMAL_TENSOR: Warning;

    /// The file has more than a thousand findings: the worst thousand are shown, the rest are counted.
    ///
    /// A warning: none of the rest is worse than those shown.
    MORE_FINDINGS: Warning;
}
