//! Multitask prompt tuning (arXiv 2303.02861): one soft prompt for several tasks, with a low-rank factor for each.

use super::{
    Method, PeftType,
    adapter_config::{object, of_fields},
    inherited::config,
    prompt_tuning::{self, PromptTuningConfig},
    wire_enum::wire_enum,
};
use crate::{
    layout::{
        Axis, Layout, SourceInit, SourceMode,
        SourceTasks::{Mean, One, Unread},
        TensorLayout,
        prompt_learning::{DERIVED, FROM_BASE_MODEL, PROMPT_EMBEDDINGS, TEXT, VIRTUAL_TOKENS, WIDTH},
    },
    release::Release,
    rule::{
        Comparison::{AtLeast, AtMost, Equal, Greater, Less},
        Evidence,
        Expr::{All, Compare, Is, IsNull, IsOneOf, IsTruthy, Matches, Not},
        Operand::{Field, Integer},
        Rule,
        Text::{EndsWith, EndsWithAnyCase},
        rule,
    },
    rules::{prompt_learning, text_init},
};

wire_enum! {
    /// What the prompt and the factors of the tasks start from (PEFT class `MultitaskPromptTuningInit`).
    pub enum MultitaskPromptTuningInit {
        /// The word embeddings of `prompt_tuning_init_text`; random factors.
        Text = "TEXT" since "0.6.0",
        /// Random numbers.
        Random = "RANDOM" since "0.6.0",
        /// The source's prompt, and the mean of its tasks' factors. For a config with one task.
        AverageSourceTasks = "AVERAGE_SOURCE_TASKS" since "0.6.0",
        /// The source's prompt, and the factors of its task `prompt_tuning_init_task`. For a config with one task.
        ExactSourceTask = "EXACT_SOURCE_TASK" since "0.6.0",
        /// The source's prompt; random factors.
        OnlySourceShared = "ONLY_SOURCE_SHARED" since "0.6.0",
        /// The word embeddings of tokens drawn at random; random factors. Works, although PEFT's own list for this method
        /// lacks it.
        SampleVocab = "SAMPLE_VOCAB" since "0.18.0",
    }
}

config! {
    /// # Multitask prompt tuning
    ///
    /// One soft prompt is shared by `num_tasks` tasks; each task multiplies it by a matrix of rank `num_ranks` of its own. What
    /// source tasks have taught can start the prompt of a new task (arXiv 2303.02861, PEFT class
    /// `MultitaskPromptTuningConfig`).
    MultitaskPromptTuning pub struct MultitaskPromptTuningConfig:
        PromptTuningConfig<MultitaskPromptTuningInit of "MultitaskPromptTuningConfig" "0.6.0"> {
        /// The checkpoint to start from: an adapter file of this method, `.safetensors` or written by torch. Needed with the
        /// three source modes. PEFT looks for it from the working directory, and again on every load.
        #[schemars(title = "Source checkpoint", example = &"source/adapter_model.safetensors")]
        ["MultitaskPromptTuningConfig" "0.6.0"] pub prompt_tuning_init_state_dict_path: Option<String> = None,

        /// Which task of the source checkpoint to start from, counted from 0. Only read with EXACT_SOURCE_TASK.
        #[schemars(title = "Source task", example = 0)]
        ["MultitaskPromptTuningConfig" "0.6.0"] pub prompt_tuning_init_task: Option<i64> = Some(0),

        /// Rank of each task's factor, which has `num_ranks` columns and rows. More can say more and cost more; the paper uses 1.
        #[schemars(title = "Ranks", example = 1)]
        #[validate(range(min = 1))]
        ["MultitaskPromptTuningConfig" "0.6.0"] pub num_ranks: u32 = 1,

        /// How many tasks share the prompt. 1 when a prompt for one new task is started from a source.
        #[schemars(title = "Tasks", example = 3)]
        #[validate(range(min = 1))]
        ["MultitaskPromptTuningConfig" "0.6.0"] pub num_tasks: u32 = 1,
    }
}

impl MultitaskPromptTuningConfig {
    /// The config of plain prompt tuning for one of the tasks, once its factors are multiplied into the prompt: the fields that
    /// both methods have, and an initialisation that asks for nothing.
    #[must_use]
    pub fn of_one_task(&self) -> PromptTuningConfig {
        let alike = Self {
            prompt_tuning_init: MultitaskPromptTuningInit::Random,
            prompt_tuning_init_text: None,
            tokenizer_name_or_path: None,
            tokenizer_kwargs: None,
            ..self.clone()
        };
        let mut fields = object(&alike);
        let plain = prompt_tuning::METHOD.defaults();
        fields.members.retain(|member| member.key != "peft_type" && plain.get(&member.key).is_some());
        of_fields(fields)
    }
}

pub(super) static METHOD: Method = Method::new::<MultitaskPromptTuningConfig>(
    PeftType::MultitaskPromptTuning,
    &[
        RULES,
        prompt_learning::RULES,
        prompt_learning::SUBMODULE_RULES,
        prompt_learning::ENCODER_DECODER_RULES,
        text_init::RULES,
    ],
    &LAYOUT,
)
// Up to 0.13.2 the class does not run the checks of the class that it inherits from.
.with_later_rules(&[
    (&text_init::TEXT_INIT_WITHOUT_TOKENIZER, Release::literal("0.14.0")),
    (&text_init::TEXT_INIT_WITHOUT_TEXT, Release::literal("0.14.0")),
    (&text_init::TOKENIZER_KWARGS_WITHOUT_TEXT_INIT, Release::literal("0.14.0")),
])
.with_starter(&["task_type", "num_tasks", "num_virtual_tokens", "num_ranks", "prompt_tuning_init"]);

static LAYOUT: Layout = Layout {
    tensors: &[PROMPT_EMBEDDINGS, PREFIX_TASK_COLS, PREFIX_TASK_ROWS],
    derived: DERIVED,
    from_base_model: FROM_BASE_MODEL,
    source: Some(&SOURCE),
    text: Some(&TEXT),
    ..Layout::EMPTY
};

const TASKS: Axis = Axis { noun: "tasks", fields: &["num_tasks"], times: 1 };
const RANKS: Axis = Axis { noun: "ranks", fields: &["num_ranks"], times: 1 };
const FACTOR_ABSENT: &str = "PEFT leaves random numbers in its place and does not say so";

/// `[num_tasks, num_virtual_tokens · num_transformer_submodules, num_ranks]`
pub(crate) const PREFIX_TASK_COLS: TensorLayout =
    TensorLayout { name: "prefix_task_cols", axes: &[TASKS, VIRTUAL_TOKENS, RANKS], when_absent: FACTOR_ABSENT };

/// `[num_tasks, num_ranks, token_dim]`
pub(crate) const PREFIX_TASK_ROWS: TensorLayout =
    TensorLayout { name: "prefix_task_rows", axes: &[TASKS, RANKS, WIDTH], when_absent: FACTOR_ABSENT };

const ALL_TENSORS: &[&str] = &[PROMPT_EMBEDDINGS.name, PREFIX_TASK_COLS.name, PREFIX_TASK_ROWS.name];

/// How the method starts from a source (arXiv 2303.02861, section 3.2).
static SOURCE: SourceInit =
    SourceInit { mode: "prompt_tuning_init", path: "prompt_tuning_init_state_dict_path", modes: &MODES };

/// The modes that read a source checkpoint, with what they read of it.
const MODES: [SourceMode; 3] = [
    SourceMode { value: "AVERAGE_SOURCE_TASKS", tensors: ALL_TENSORS, tasks: Mean { count: "num_tasks" } },
    SourceMode {
        value: "EXACT_SOURCE_TASK",
        tensors: ALL_TENSORS,
        tasks: One { count: "num_tasks", task: "prompt_tuning_init_task" },
    },
    SourceMode { value: "ONLY_SOURCE_SHARED", tensors: &[PROMPT_EMBEDDINGS.name], tasks: Unread },
];

static RULES: &[&Rule] = &[
    &SOURCE_INIT_WITHOUT_PATH,
    &SOURCE_TASK_MISSING,
    &TASK_OUT_OF_RANGE,
    &SOURCE_TASK_UNCHECKED,
    &NEGATIVE_SOURCE_TASK,
    &SOURCE_INIT_WITH_MANY_TASKS,
    &SOURCE_FILE_ENDING,
    &TRAINED_ADAPTER_NEEDS_SOURCE,
    &UNUSED_SOURCE_PATH,
    &UNUSED_SOURCE_TASK,
    &TASK_TYPE_WITHOUT_TASK_IDS,
    &SAMPLE_VOCAB_UNLISTED,
    &SOURCE_INIT_BREAKS_PEFT_0_8,
];

/// The values of [`MODES`].
const SOURCE_MODES: &[&str] = &[MODES[0].value, MODES[1].value, MODES[2].value];

rule! {
    /// The three source modes start from a checkpoint, so they need its path.
    ///
    /// An error: PEFT refuses it when the model is created or loaded. The empty string passes PEFT's check and then names no
    /// file.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "AVERAGE_SOURCE_TASKS"}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "AVERAGE_SOURCE_TASKS", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors"}
    /// ```
    static SOURCE_INIT_WITHOUT_PATH: Error = {
        when: IsOneOf("prompt_tuning_init", SOURCE_MODES),
        require: IsTruthy("prompt_tuning_init_state_dict_path"),
        blame: "prompt_tuning_init_state_dict_path",
        message: "`prompt_tuning_init` {prompt_tuning_init} needs `prompt_tuning_init_state_dict_path`",
        label: "must be the path of the source checkpoint",
        context: &[("prompt_tuning_init", "starts from a source checkpoint")],
        notes: &["PEFT stops with `ValueError: prompt_tuning_init_state_dict_path needs to be specified` when the model is created"],
    }
}

rule! {
    /// EXACT_SOURCE_TASK starts from one task of the source, so it needs the task's number.
    ///
    /// An error: with null, PEFT indexes the source by `None` and the shapes do not fit.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "EXACT_SOURCE_TASK", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors",
    ///  "prompt_tuning_init_task": null}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "EXACT_SOURCE_TASK", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors",
    ///  "prompt_tuning_init_task": 0}
    /// ```
    static SOURCE_TASK_MISSING: Error = {
        when: Is("prompt_tuning_init", "EXACT_SOURCE_TASK"),
        require: Not(&IsNull("prompt_tuning_init_task")),
        blame: "prompt_tuning_init_task",
        message: "`prompt_tuning_init` EXACT_SOURCE_TASK needs `prompt_tuning_init_task`",
        label: "must be the number of a task, counted from 0",
        context: &[("prompt_tuning_init", "starts from one task of the source")],
        notes: &["PEFT stops with `RuntimeError: size mismatch for prefix_task_cols` when the model is created"],
    }
}

rule! {
    /// Tasks are counted from 0, so with `num_tasks` tasks the last one is `num_tasks - 1`.
    ///
    /// An error for configs with several tasks: the number names none of them. PEFT looks the task up in the source checkpoint,
    /// whose own number of tasks is the bound that counts; a config with one task, which is what PEFT wants for this mode, is
    /// therefore not refused here but see `source-task-unchecked`.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "SEQ_CLS", "num_virtual_tokens": 15, "num_tasks": 3,
    ///  "prompt_tuning_init": "EXACT_SOURCE_TASK", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors",
    ///  "prompt_tuning_init_task": 3}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "SEQ_CLS", "num_virtual_tokens": 15, "num_tasks": 3,
    ///  "prompt_tuning_init": "EXACT_SOURCE_TASK", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors",
    ///  "prompt_tuning_init_task": 2}
    /// ```
    static TASK_OUT_OF_RANGE: Error = {
        when: All(&[
            Is("prompt_tuning_init", "EXACT_SOURCE_TASK"),
            Compare(Field("num_tasks"), Greater, Integer(1)),
            Not(&IsNull("prompt_tuning_init_task")),
        ]),
        require: Compare(Field("prompt_tuning_init_task"), Less, Field("num_tasks")),
        blame: "prompt_tuning_init_task",
        message: "`prompt_tuning_init_task` is {prompt_tuning_init_task}, but there are {num_tasks} tasks",
        label: "must be less than `num_tasks`",
        context: &[("num_tasks", "{num_tasks} tasks, counted from 0")],
        notes: &["with as few tasks in the source, PEFT stops with `IndexError: index {prompt_tuning_init_task} is out of bounds`"],
        settled_by: &[Evidence::Source],
    }
}

rule! {
    /// A new task is started from one of several source tasks: `num_tasks` is 1, and `prompt_tuning_init_task` counts in the
    /// source, which the config alone does not show.
    ///
    /// A warning: PEFT stops with an `IndexError` if the source has too few tasks, and this is only seen when it is read.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "num_tasks": 1,
    ///  "prompt_tuning_init": "EXACT_SOURCE_TASK", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors",
    ///  "prompt_tuning_init_task": 2}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "num_tasks": 1,
    ///  "prompt_tuning_init": "EXACT_SOURCE_TASK", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors",
    ///  "prompt_tuning_init_task": 0}
    /// ```
    static SOURCE_TASK_UNCHECKED: Warning = {
        when: All(&[
            Is("prompt_tuning_init", "EXACT_SOURCE_TASK"),
            Compare(Field("num_tasks"), Equal, Integer(1)),
            Not(&IsTruthy("inference_mode")),
        ]),
        require: Not(&Compare(Field("prompt_tuning_init_task"), AtLeast, Integer(1))),
        blame: "prompt_tuning_init_task",
        message: "whether the source has a task {prompt_tuning_init_task} was not checked",
        label: "counts the tasks of the source, from 0",
        context: &[("prompt_tuning_init_state_dict_path", "the source")],
        notes: &["PEFT stops with `IndexError` when the model is created, if the source has no more than {prompt_tuning_init_task} tasks"],
        settled_by: &[Evidence::Source],
    }
}

rule! {
    /// A negative task number counts from the end of the source's tasks, as an index does in torch.
    ///
    /// A warning: it works as long as the source has that many tasks, and names another task when the source gets more.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "EXACT_SOURCE_TASK", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors",
    ///  "prompt_tuning_init_task": -1}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "EXACT_SOURCE_TASK", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors",
    ///  "prompt_tuning_init_task": 0}
    /// ```
    static NEGATIVE_SOURCE_TASK: Warning = {
        when: Is("prompt_tuning_init", "EXACT_SOURCE_TASK"),
        require: Not(&Compare(Field("prompt_tuning_init_task"), Less, Integer(0))),
        blame: "prompt_tuning_init_task",
        message: "`prompt_tuning_init_task` is {prompt_tuning_init_task}, which counts from the end of the source's tasks",
        label: "write the task's number, counted from 0",
        context: &[],
        notes: &[],
    }
}

rule! {
    /// AVERAGE_SOURCE_TASKS and EXACT_SOURCE_TASK make the factors of one task out of the source, and PEFT loads them strictly:
    /// only a config with one task fits.
    ///
    /// A warning in a config alone, since the examples in PEFT's own documentation look like this; creating the model fails.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "num_tasks": 3,
    ///  "prompt_tuning_init": "AVERAGE_SOURCE_TASKS", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors"}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "num_tasks": 1,
    ///  "prompt_tuning_init": "AVERAGE_SOURCE_TASKS", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors"}
    /// ```
    static SOURCE_INIT_WITH_MANY_TASKS: Warning = {
        when: IsOneOf("prompt_tuning_init", &["AVERAGE_SOURCE_TASKS", "EXACT_SOURCE_TASK"]),
        require: Compare(Field("num_tasks"), AtMost, Integer(1)),
        blame: "num_tasks",
        message: "{prompt_tuning_init} makes one task out of the source, but `num_tasks` is {num_tasks}",
        label: "must be 1 for this mode",
        context: &[("prompt_tuning_init", "gives the factors of one task")],
        notes: &[
            "PEFT stops with `RuntimeError: size mismatch for prefix_task_cols` when the model is created",
            "ONLY_SOURCE_SHARED starts any number of tasks from the source's prompt",
        ],
        certain_with: &[Evidence::Source],
    }
}

rule! {
    /// PEFT reads a source checkpoint as safetensors if its name ends in `.safetensors`, in lower case; any other file goes to
    /// `torch.load`.
    ///
    /// A warning: creating the model fails, unless the release of torch at hand reads safetensors files by itself.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "ONLY_SOURCE_SHARED", "prompt_tuning_init_state_dict_path": "source/adapter_model.SAFETENSORS"}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "ONLY_SOURCE_SHARED", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors"}
    /// ```
    static SOURCE_FILE_ENDING: Warning = {
        when: All(&[
            IsOneOf("prompt_tuning_init", SOURCE_MODES),
            Matches("prompt_tuning_init_state_dict_path", EndsWithAnyCase(".safetensors")),
        ]),
        require: Matches("prompt_tuning_init_state_dict_path", EndsWith(&[".safetensors"])),
        blame: "prompt_tuning_init_state_dict_path",
        message: "PEFT does not take the source for a safetensors file: its ending is not in lower case",
        label: "must end in `.safetensors`",
        context: &[],
        notes: &["PEFT hands it to `torch.load`, which stops with `UnpicklingError: Weights only load failed.`"],
        certain_with: &[Evidence::Source],
    }
}

rule! {
    /// PEFT reads the source checkpoint every time the adapter is loaded, then overwrites all that it read by the adapter's own
    /// tensors. Where the source is gone, a trained adapter does not load.
    ///
    /// A warning: on the machine that trained it, it works. Set `prompt_tuning_init` to RANDOM in the adapter that you ship:
    /// its tensors are complete.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "inference_mode": true,
    ///  "prompt_tuning_init": "AVERAGE_SOURCE_TASKS", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors"}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "inference_mode": true,
    ///  "prompt_tuning_init": "RANDOM"}
    /// ```
    static TRAINED_ADAPTER_NEEDS_SOURCE: Warning = {
        when: All(&[IsTruthy("inference_mode"), IsTruthy("prompt_tuning_init_state_dict_path")]),
        require: Not(&IsOneOf("prompt_tuning_init", SOURCE_MODES)),
        blame: "prompt_tuning_init_state_dict_path",
        message: "this trained adapter cannot be loaded without its source checkpoint",
        label: "read again on every load",
        context: &[("prompt_tuning_init", "RANDOM would do: the adapter's own tensors are complete"), ("inference_mode", "trained")],
        notes: &["where the file is gone, PEFT stops with `FileNotFoundError`"],
    }
}

rule! {
    /// The source checkpoint is read in the three source modes only.
    ///
    /// A warning: PEFT ignores the path, and does not start from the source.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "RANDOM", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors"}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "ONLY_SOURCE_SHARED", "prompt_tuning_init_state_dict_path": "source/adapter_model.safetensors"}
    /// ```
    static UNUSED_SOURCE_PATH: Warning = {
        when: IsTruthy("prompt_tuning_init_state_dict_path"),
        require: IsOneOf("prompt_tuning_init", SOURCE_MODES),
        blame: "prompt_tuning_init_state_dict_path",
        message: "`prompt_tuning_init_state_dict_path` is not used: `prompt_tuning_init` is {prompt_tuning_init}",
        label: "only read in the source modes",
        context: &[("prompt_tuning_init", "does not start from a source")],
        notes: &["the source modes are AVERAGE_SOURCE_TASKS, EXACT_SOURCE_TASK and ONLY_SOURCE_SHARED"],
    }
}

rule! {
    /// The number of a source task is read with EXACT_SOURCE_TASK only.
    ///
    /// A warning: PEFT ignores it.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "prompt_tuning_init_task": 2}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8, "prompt_tuning_init_task": 0}
    /// ```
    static UNUSED_SOURCE_TASK: Warning = {
        when: IsTruthy("prompt_tuning_init_task"),
        require: Is("prompt_tuning_init", "EXACT_SOURCE_TASK"),
        blame: "prompt_tuning_init_task",
        message: "`prompt_tuning_init_task` is not used: `prompt_tuning_init` is {prompt_tuning_init}",
        label: "only read with EXACT_SOURCE_TASK",
        context: &[("prompt_tuning_init", "reads no single task")],
        notes: &[],
    }
}

rule! {
    /// This method must be told the task of each input (`task_ids`), and PEFT's models for these two task types do not pass it
    /// on: every forward pass fails.
    ///
    /// A warning: PEFT saves such configs and creates such models; the failure comes with the first batch.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "QUESTION_ANS", "num_virtual_tokens": 8}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "TOKEN_CLS", "num_virtual_tokens": 8}
    /// ```
    static TASK_TYPE_WITHOUT_TASK_IDS: Warning = {
        when: All(&[]),
        require: Not(&IsOneOf("task_type", &["QUESTION_ANS", "FEATURE_EXTRACTION"])),
        blame: "task_type",
        message: "multitask prompt tuning never runs with {task_type}",
        label: "this kind of model does not pass `task_ids` on",
        context: &[],
        notes: &[
            "PEFT stops with `ValueError: task_ids cannot be None` at the first forward pass",
            "CAUSAL_LM, SEQ_2_SEQ_LM, SEQ_CLS and TOKEN_CLS work",
        ],
    }
}

rule! {
    /// SAMPLE_VOCAB works, as PEFT compares the word only, but PEFT's list of modes for this method lacks it.
    ///
    /// A warning: releases before 0.18.0 take it for random numbers, and a later one may refuse it.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "SAMPLE_VOCAB"}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "RANDOM"}
    /// ```
    static SAMPLE_VOCAB_UNLISTED: Warning = {
        when: All(&[]),
        require: Not(&Is("prompt_tuning_init", "SAMPLE_VOCAB")),
        blame: "prompt_tuning_init",
        message: "SAMPLE_VOCAB is not on PEFT's list of modes for multitask prompt tuning",
        label: "works from PEFT 0.18.0 on, by way of plain prompt tuning",
        context: &[],
        notes: &[],
    }
}

rule! {
    /// Up to 0.8.2 PEFT cannot start from a source checkpoint.
    ///
    /// An error in these releases: the three source modes fail when a model is built, and when a trained adapter is loaded.
    ///
    /// ```json bad
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "ONLY_SOURCE_SHARED", "prompt_tuning_init_state_dict_path": "source/adapter_model.bin"}
    /// ```
    /// ```json good
    /// {"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 8,
    ///  "prompt_tuning_init": "RANDOM"}
    /// ```
    static SOURCE_INIT_BREAKS_PEFT_0_8: Error since "0.6.0" until "0.8.2" = {
        when: All(&[]),
        require: Not(&IsOneOf("prompt_tuning_init", SOURCE_MODES)),
        blame: "prompt_tuning_init",
        message: "PEFT up to 0.8.2 cannot start from a source checkpoint, as {prompt_tuning_init} does",
        label: "works from 0.9.0 on",
        context: &[],
        notes: &["PEFT stops with `AttributeError: 'Embedding' object has no attribute 'device'`"],
    }
}
