// The scripted sessions: what someone has typed so far, where the cursor is (‸), and what the editor must then know.
//
// `completion`: `has` and `lacks` are labels; `inserts` are pieces of the text that one of them inserts; `tells` of its documentation.
// `hover`: pieces of the text that is shown. `diagnostics`: [line, column, piece of the message], counted from 1, nothing else.

const multitask = {
  json: (rest) => `{\n  "peft_type": "MULTITASK_PROMPT_TUNING",\n${rest}\n}\n`,
  yaml: (rest) => `peft_type: MULTITASK_PROMPT_TUNING\n${rest}\n`,
  toml: (rest) => `peft_type = "MULTITASK_PROMPT_TUNING"\n${rest}\n`,
};
const lora = {
  json: (rest) => `{\n  "peft_type": "LORA",\n${rest}\n}\n`,
  yaml: (rest) => `peft_type: LORA\n${rest}\n`,
  toml: (rest) => `peft_type = "LORA"\n${rest}\n`,
};

// TOML's server does not follow `if` and `then`, so there the schema is that of the method.
const MULTITASK = "multitask_prompt_tuning";
const LORA = "lora";

const MODES = ["RANDOM", "TEXT", "AVERAGE_SOURCE_TASKS", "EXACT_SOURCE_TASK", "ONLY_SOURCE_SHARED"];

export const SESSIONS = [
  {
    title: "An empty file: a snippet for each method",
    json: { text: "‸", completion: { has: ["MULTITASK_PROMPT_TUNING", "LORA"], inserts: ['"num_tasks": ${'] } },
    yaml: { text: "‸", completion: { has: ["MULTITASK_PROMPT_TUNING", "LORA"], inserts: ["num_tasks: ${"] } },
  },
  {
    title: "An unfinished document: which method?",
    json: {
      text: '{\n  "peft_type": ‸\n}\n',
      completion: { has: ['"LORA"', '"MULTITASK_PROMPT_TUNING"', '"VERA"'], tells: ["In PEFT since 0.3.0."] },
      diagnostics: [
        [1, 1, 'Missing property "peft_type"'],
        [3, 1, "Value expected"],
      ],
    },
    yaml: { text: "peft_type: ‸\n", completion: { has: ["LORA", "MULTITASK_PROMPT_TUNING", "VERA"] } },
    toml: { text: 'peft_type = "‸"\n', completion: { has: ['"LORA"', '"MULTITASK_PROMPT_TUNING"', '"VERA"'] } },
  },
  {
    title: "A document without a method",
    json: { text: '{\n  "r": 8‸\n}\n', diagnostics: [[1, 1, 'Missing property "peft_type"']] },
    yaml: { text: "r: 8‸\n", diagnostics: [[1, 1, 'Missing property "peft_type"']] },
  },
  {
    title: "MULTITASK_PROMPT_TUNING: its keys",
    method: MULTITASK,
    json: {
      text: multitask.json('  "‸"'),
      completion: { has: ["num_tasks", "num_ranks", "prompt_tuning_init_task"], lacks: ["r", "lora_alpha"] },
    },
    yaml: {
      text: multitask.yaml("‸"),
      completion: { has: ["num_tasks", "num_ranks", "prompt_tuning_init_task"], lacks: ["r", "lora_alpha"] },
    },
    toml: {
      text: multitask.toml("‸"),
      completion: { has: ["num_tasks", "num_ranks", "prompt_tuning_init_task"], lacks: ["r", "lora_alpha"] },
    },
  },
  {
    title: "MULTITASK_PROMPT_TUNING: the values of an enum",
    method: MULTITASK,
    json: {
      text: multitask.json('  "prompt_tuning_init": ‸'),
      completion: { has: MODES.map((mode) => `"${mode}"`), tells: ["In PEFT since 0.6.0."] },
    },
    yaml: {
      text: multitask.yaml("prompt_tuning_init: ‸"),
      completion: { has: MODES, tells: ["In PEFT since 0.6.0."] },
    },
    toml: { text: multitask.toml('prompt_tuning_init = "‸"'), completion: { has: MODES.map((mode) => `"${mode}"`) } },
  },
  {
    title: "MULTITASK_PROMPT_TUNING: what a key is for",
    method: MULTITASK,
    json: {
      text: multitask.json('  "num‸_ranks": 1'),
      hover: ["Rank of each task's factor", "the paper uses 1", "Default: 1", "In PEFT since 0.6.0"],
      diagnostics: [],
    },
    yaml: {
      text: multitask.yaml("num‸_ranks: 1"),
      hover: ["Rank of each task's factor", "the paper uses 1", "Default: 1", "In PEFT since 0.6.0"],
      diagnostics: [],
    },
    toml: {
      text: multitask.toml("num‸_ranks = 1"),
      hover: ["Rank of each task's factor", "the paper uses 1", "Default: 1", "In PEFT since 0.6.0"],
      diagnostics: [],
    },
  },
  {
    title: "MULTITASK_PROMPT_TUNING: a wrong type, an unknown key, a limit, and a rule between fields",
    method: MULTITASK,
    json: {
      text: multitask.json(
        '  "num_tasks": "3",\n  "num_rank": 1,\n  "num_virtual_tokens": 0,\n  "prompt_tuning_init": "EXACT_SOURCE_TASK"‸',
      ),
      diagnostics: [
        [1, 1, 'Missing property "prompt_tuning_init_state_dict_path"'],
        [3, 16, 'Expected "integer"'],
        [4, 3, "Property num_rank is not allowed"],
        [5, 25, "below the minimum of 1"],
      ],
    },
    yaml: {
      text: multitask.yaml(
        'num_tasks: "3"\nnum_rank: 1\nnum_virtual_tokens: 0\nprompt_tuning_init: EXACT_SOURCE_TASK‸',
      ),
      diagnostics: [
        [1, 1, 'Missing property "prompt_tuning_init_state_dict_path"'],
        [2, 12, 'Expected "integer"'],
        [3, 1, "Property num_rank is not allowed"],
        [4, 21, "below the minimum of 1"],
      ],
    },
    toml: {
      text: multitask.toml(
        'num_tasks = "3"\nnum_rank = 1\nnum_virtual_tokens = 0\nprompt_tuning_init = "EXACT_SOURCE_TASK"‸',
      ),
      diagnostics: [
        [1, 1, '"prompt_tuning_init_state_dict_path" is required'],
        [2, 13, "Expected a value of type Integer"],
        [3, 1, '"num_rank" is not allowed'],
        [4, 22, "must be"],
      ],
    },
  },
  {
    title: "LORA: its keys",
    method: LORA,
    json: { text: lora.json('  "‸"'), completion: { has: ["r", "lora_alpha", "use_dora"], lacks: ["num_tasks"] } },
    yaml: { text: lora.yaml("‸"), completion: { has: ["r", "lora_alpha", "use_dora"], lacks: ["num_tasks"] } },
    toml: { text: lora.toml("‸"), completion: { has: ["r", "lora_alpha", "use_dora"], lacks: ["num_tasks"] } },
  },
  {
    title: "LORA: the values of a field that is a switch or a name",
    method: LORA,
    json: { text: lora.json('  "init_lora_weights": ‸'), completion: { has: ["true", "false", '"pissa"', '"loftq"'] } },
    yaml: { text: lora.yaml("init_lora_weights: ‸"), completion: { has: ["true", "false", "pissa", "loftq"] } },
  },
  {
    title: "LORA: the keys of a nested config",
    method: LORA,
    json: { text: lora.json('  "loftq_config": {\n    "‸"\n  }'), completion: { has: ["loftq_bits", "loftq_iter"] } },
    yaml: { text: lora.yaml("loftq_config:\n  ‸"), completion: { has: ["loftq_bits", "loftq_iter"] } },
    toml: { text: lora.toml("[loftq_config]\n‸"), completion: { has: ["loftq_bits", "loftq_iter"] } },
  },
  {
    title: "LORA: what a key is for",
    method: LORA,
    json: {
      text: lora.json('  "use_‸dora": true'),
      hover: ["direction (DoRA, arXiv 2402.09353)", "Default: false", "In PEFT since 0.9.0"],
    },
    yaml: {
      text: lora.yaml("use_‸dora: true"),
      hover: ["direction (DoRA, arXiv 2402.09353)", "Default: false", "In PEFT since 0.9.0"],
    },
    toml: {
      text: lora.toml("use_‸dora = true"),
      hover: ["direction (DoRA, arXiv 2402.09353)", "Default: false", "In PEFT since 0.9.0"],
    },
  },
  {
    title: "LORA: rules between fields",
    method: LORA,
    json: {
      text: lora.json('  "r": 0,\n  "target_modules": ".*q_proj",\n  "layers_to_transform": [0]‸'),
      diagnostics: [
        [3, 8, "below the minimum of 1"],
        [5, 26, ""],
      ],
    },
    yaml: {
      text: lora.yaml('r: 0\ntarget_modules: ".*q_proj"\nlayers_to_transform: [0]‸'),
      diagnostics: [
        [2, 4, "below the minimum of 1"],
        [4, 22, ""],
      ],
    },
  },
];
