//! The commands that make things: `embed`, `init`, `export-task`.

use crate::common::{cli, copy_folder, with_adapter};
use crate::corpus::file;
use peftspec::checkpoint::{self, Budget, Checkpoint};
use peftspec::embedding::{AdapterTensors, InitInputs, MultitaskPromptEmbedding, Tensor};
use peftspec::methods::{AdapterConfig, MultitaskPromptTuningConfig};
use safetensors::{Dtype, tensor::TensorView};
use std::fs;
use std::path::{Path, PathBuf};

const CONFIG: &str = r#"{"peft_type": "MULTITASK_PROMPT_TUNING", "task_type": "CAUSAL_LM", "num_virtual_tokens": 7,
    "num_tasks": 3, "num_ranks": 4, "token_dim": 32}"#;

fn corpus(path: &str) -> PathBuf {
    file("checkpoints").join(path)
}

fn opened(path: &Path) -> Checkpoint<'static> {
    let checkpoint = Checkpoint::open(path, &Budget::default()).unwrap();
    assert_eq!(checkpoint.diagnostics, [], "{}", path.display());
    checkpoint
}

fn read(checkpoint: &Checkpoint<'_>, name: &str) -> Tensor {
    Tensor::read(checkpoint, checkpoint.catalogue.get(name).unwrap()).unwrap()
}

fn names(catalogue: &checkpoint::Catalogue) -> Vec<String> {
    catalogue.tensors.iter().map(|tensor| format!("{} {} {:?}", tensor.name, tensor.dtype, tensor.shape)).collect()
}

/// The embedding in a file, whatever its sizes.
fn embedding(path: &Path) -> MultitaskPromptEmbedding {
    MultitaskPromptEmbedding::from_tensors(&AdapterTensors::read(&opened(path)).unwrap()).unwrap()
}

#[test]
fn the_prompts_of_a_batch_are_written_whatever_the_format_of_the_adapter() {
    for case in ["source-a", "source-a-bin", "source-a-legacy", "source-a-float16"] {
        let run = with_adapter(&format!("mpt/{case}"), "embed adapter --task-ids 2,0,1 --output out.safetensors");
        let folder = run.keep();
        assert_eq!(run.exits(0), "--- stderr\nwrote out.safetensors\n");
        let made = opened(&folder.path().join("out.safetensors"));
        assert_eq!(names(&made.catalogue), ["output float32 [3, 7, 32]"]);
        assert_eq!(made.catalogue.metadata, [("format".to_owned(), "pt".to_owned())]);
        let weights = fs::read_dir(corpus(&format!("mpt/{case}"))).unwrap().map(|entry| entry.unwrap().path());
        let weights = weights.into_iter().find(|path| path.extension().unwrap() != "json").unwrap();
        let embedding = embedding(&weights);
        let expected = embedding.forward(&embedding.indices(3), &ndarray::array![2, 0, 1].into_dyn()).unwrap();
        assert_eq!(read(&made, "output"), expected, "{case}");
    }
}

#[test]
fn a_file_needs_no_config_and_indices_choose_the_rows() {
    let args =
        "embed adapter/adapter_model.safetensors --task-ids 1 --indices 0,1,2,3,4,5,6 6,5,4,3,2,1,0 -o out --json";
    insta::assert_snapshot!(with_adapter("mpt/source-a", args).exits(0), @r#"
    --- stdout
    {
      "version": 1,
      "path": "adapter/adapter_model.safetensors",
      "output": "out",
      "task_ids": [
        1
      ],
      "tensors": [
        {
          "name": "output",
          "dtype": "float32",
          "shape": [
            2,
            7,
            32
          ]
        }
      ]
    }
    --- stderr
    wrote out
    "#);
}

#[test]
fn what_cannot_be_embedded_is_said_plainly() {
    let told =
        |case: &str, args: &str, code| with_adapter(case, &format!("embed {args} -o out.safetensors")).exits(code);
    let messages = [
        told("mpt/source-a", "adapter --task-ids 0,3", 2),
        told("mpt/source-a", "adapter --task-ids -1", 2),
        told("mpt/source-a", "adapter --task-ids 0,1 --indices 0,1,2,3,4,5,6", 2),
        told("mpt/source-a", "adapter --task-ids 0 --indices 0,1", 2),
        told("mpt/source-a", "adapter --task-ids 0,1 --indices 0,1,2,3,4,5,6 0,1", 2),
        told("mpt/source-a", "adapter --task-ids 0 --indices 0,1,2,3,4,5,7", 2),
        told("mpt/source-a", "adapter --task-ids 1,x", 2),
        told("mpt/source-a", "nowhere --task-ids 0", 2),
        told("lora/plain", "adapter --task-ids 0", 2),
        told("methods/prompt-tuning", "adapter --task-ids 0", 1),
        told("defective/mpt-missing-cols", "adapter --task-ids 0", 1),
        told("defective/mpt-rank-of-cols", "adapter --task-ids 0", 1),
        told("defective/mpt-rank-of-cols", "adapter/adapter_model.safetensors --task-ids 0", 1),
        told("defective/mpt-cols-two-dims", "adapter/adapter_model.safetensors --task-ids 0", 1),
        told("defective/mpt-no-weights", "adapter --task-ids 0", 2),
        told("defective/mpt-config-not-json", "adapter --task-ids 0", 1),
        told("defective/safetensors-truncated-data", "adapter --task-ids 0", 1),
    ];
    insta::assert_snapshot!(messages.concat());
}

#[test]
fn nothing_is_overwritten_unasked() {
    let args = "embed adapter --task-ids 0 --output out.safetensors";
    let run = with_adapter("mpt/source-a", args).file("out.safetensors", "mine");
    let folder = run.keep();
    insta::assert_snapshot!(run.exits(2), @"
    --- stderr
    error: out.safetensors: this file is already there; --force overwrites it
    ");
    assert_eq!(fs::read(folder.path().join("out.safetensors")).unwrap(), b"mine");
    let forced = with_adapter("mpt/source-a", args).arg("--force").file("out.safetensors", "mine");
    let folder = forced.keep();
    forced.exits(0);
    opened(&folder.path().join("out.safetensors"));
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 2, "no temporary file is left");
    insta::assert_snapshot!(with_adapter("mpt/source-a", "embed adapter --task-ids 0 -o adapter --force").exits(2), @"
    --- stderr
    error: adapter: this is a folder, not a file
    ");
    insta::assert_snapshot!(with_adapter("mpt/source-a", "embed adapter --task-ids 0 -o nowhere/out").exits(2), @"
    --- stderr
    error: nowhere/out: no such file or folder; is it spelt right?
    ");
    let half = cli("init config.json -o made").file("config.json", CONFIG).file("made/adapter_config.json", "mine");
    let folder = half.keep();
    insta::assert_snapshot!(half.exits(2), @"
    --- stderr
    error: made/adapter_config.json: this file is already there; --force overwrites it
    ");
    assert!(!folder.path().join("made/adapter_model.safetensors").exists());
}

#[test]
fn a_config_becomes_an_adapter_that_has_no_problems() {
    let run = cli("init config.json --output made --seed 7 --json").file("config.json", CONFIG);
    let folder = run.keep();
    insta::assert_snapshot!(run.exits(0), @r#"
    --- stdout
    {
      "version": 1,
      "config": "config.json",
      "output": "made",
      "files": [
        "made/adapter_model.safetensors",
        "made/adapter_config.json"
      ],
      "seed": 7,
      "peft_type": "MULTITASK_PROMPT_TUNING",
      "tensors": [
        {
          "name": "prompt_embeddings",
          "dtype": "float32",
          "shape": [
            7,
            32
          ]
        },
        {
          "name": "prefix_task_cols",
          "dtype": "float32",
          "shape": [
            3,
            7,
            4
          ]
        },
        {
          "name": "prefix_task_rows",
          "dtype": "float32",
          "shape": [
            3,
            4,
            32
          ]
        }
      ],
      "parameters": {
        "total": 692,
        "shared": 224,
        "of_each_task": 156
      },
      "notes": []
    }
    --- stderr
    wrote made/adapter_model.safetensors and made/adapter_config.json
    "#);
    let config = fs::read_to_string(folder.path().join("made/adapter_config.json")).unwrap();
    let typed = MultitaskPromptTuningConfig::from_json(&config).unwrap();
    assert!(typed.inference_mode);
    assert_eq!((typed.num_transformer_submodules, typed.to_json()), (Some(1), config));
    assert_eq!(
        cli("check").arg(&folder.path().join("made").to_string_lossy()).exits(0),
        "--- stderr\nno problems in 2 files\n"
    );
    let expected = MultitaskPromptTuningConfig::from_json(CONFIG).unwrap();
    let expected = MultitaskPromptEmbedding::from_config(&expected, &InitInputs::default(), 7).unwrap();
    assert_eq!(embedding(&folder.path().join("made/adapter_model.safetensors")), expected);
}

/// A config that starts from the adapter in the folder `adapter`.
fn from_source(mode: &str, fields: &str) -> String {
    CONFIG.replace('}', &format!(r#", "prompt_tuning_init": "{mode}", "prompt_tuning_init_state_dict_path": "adapter/adapter_model.safetensors"{fields}}}"#))
        .replace(r#""num_tasks": 3"#, r#""num_tasks": 1"#)
        .replace(r#""token_dim": 32"#, r#""token_dim": null"#)
}

#[test]
fn sources_are_read_and_no_longer_named() {
    for (mode, more) in [
        ("AVERAGE_SOURCE_TASKS", ""),
        ("EXACT_SOURCE_TASK", r#", "prompt_tuning_init_task": 2"#),
        ("ONLY_SOURCE_SHARED", ""),
    ] {
        let run = with_adapter("mpt/source-a", "init config.json -o made").file("config.json", from_source(mode, more));
        let folder = run.keep();
        let told = run.exits(0);
        if mode == "EXACT_SOURCE_TASK" {
            insta::assert_snapshot!(told);
        }
        let [source, made] =
            ["adapter", "made"].map(|name| embedding(&folder.path().join(name).join("adapter_model.safetensors")));
        assert_eq!(made.prompt(), source.prompt());
        if mode == "EXACT_SOURCE_TASK" {
            let of_task =
                |tensor: &Tensor<ndarray::Ix3>, task| tensor.to_float32().index_axis_move(ndarray::Axis(0), task);
            assert_eq!(of_task(made.cols(), 0), of_task(source.cols(), 2));
            assert_eq!(of_task(made.rows(), 0), of_task(source.rows(), 2));
        }
        let checked = cli("check").arg(&folder.path().join("made").to_string_lossy()).exits(0);
        assert_eq!(checked, "--- stderr\nno problems in 2 files\n");
    }
}

#[test]
fn a_source_beside_the_config_is_found_with_a_warning() {
    let run = cli("init sub/config.yaml -o made")
        .prepare(|folder| copy_folder(&corpus("mpt/source-a-bin"), &folder.join("sub/adapter")))
        .file("sub/config.yaml", from_source("AVERAGE_SOURCE_TASKS", "").replace(".safetensors", ".bin"));
    insta::assert_snapshot!(run.exits(0));
}

#[test]
fn what_cannot_be_made_is_said_plainly() {
    let told = |config: &str, args: &str, code| {
        let run = with_adapter("mpt/source-a", &format!("init config.json -o made {args}")).file("config.json", config);
        let folder = run.keep();
        let told = run.exits(code);
        assert!(!folder.path().join("made").exists(), "{told}");
        told
    };
    let words = |mode: &str| CONFIG.replace('}', &format!(r#", "prompt_tuning_init": "{mode}"}}"#));
    let text = CONFIG.replace(
        '}',
        r#", "prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "a", "tokenizer_name_or_path": "gone"}"#,
    );
    let messages = [
        told(&CONFIG.replace("32", "null"), "", 2),
        told(&CONFIG.replace("32", "null"), "--base-model adapter", 2),
        told(&CONFIG.replace("32", "0"), "", 1),
        told("{", "", 1),
        told(&from_source("AVERAGE_SOURCE_TASKS", "").replace("adapter/", "gone/"), "", 2),
        told(&from_source("EXACT_SOURCE_TASK", r#", "prompt_tuning_init_task": 3"#).replace("null", "32"), "", 1),
        told(&from_source("AVERAGE_SOURCE_TASKS", "").replace(r#""num_ranks": 4"#, r#""num_ranks": 5"#), "", 1),
        told(
            &from_source("AVERAGE_SOURCE_TASKS", "").replace("adapter_model.safetensors", "adapter_config.json"),
            "",
            1,
        ),
        told(&words("SAMPLE_VOCAB"), "", 2),
        told(&words("SAMPLE_VOCAB"), "--base-model adapter", 2),
        told(&words("SAMPLE_VOCAB"), "--base-model gone", 2),
        told(&words("SAMPLE_VOCAB"), "--word-embeddings adapter/adapter_model.safetensors:wte.weight", 2),
        told(&words("SAMPLE_VOCAB"), "--word-embeddings adapter/adapter_model.safetensors:prefix_task_cols", 1),
        told(&text, "", 2),
        told(&text, "--tokenizer gone.json", 2),
        told(&CONFIG.replace("CAUSAL_LM", "SEQ_CLS"), "", 2),
        told(r#"{"peft_type": "LORA"}"#, "", 2),
        told(&CONFIG.replace("tasks\": 3", "tasks\": 3000000000"), "", 1),
    ];
    insta::assert_snapshot!(messages.concat());
}

/// Word embeddings of 10 words, 32 wide, in which every number of a row is that of the word.
fn words() -> Vec<u8> {
    let values: Vec<u8> = (0..10_u8).flat_map(|word| f32::from(word).to_le_bytes().repeat(32)).collect();
    let embeddings = TensorView::new(Dtype::F32, vec![10, 32], &values).unwrap();
    let positions = TensorView::new(Dtype::F32, vec![5, 32], &values[..5 * 32 * 4]).unwrap();
    safetensors::serialize([("transformer.wte.weight", embeddings), ("transformer.wpe.weight", positions)], None)
        .unwrap()
}

#[test]
fn word_embeddings_are_found_in_the_base_model_whole_or_in_parts() {
    let config = CONFIG.replace('}', r#", "prompt_tuning_init": "SAMPLE_VOCAB"}"#).replace("32", "null");
    let list =
        r#"{"weight_map": {"transformer.wte.weight": "../part-1.safetensors", "transformer.wpe.weight": "part-2"}}"#;
    let runs = [
        cli("init config.json -o made --base-model base").file("base/model.safetensors", words()),
        cli("init config.json -o made --base-model base/config.json")
            .file("base/config.json", "{}")
            .file("base/model.safetensors.index.json", list)
            .file("base/part-1.safetensors", words()),
        cli("init config.json -o made --word-embeddings words.safetensors").file("words.safetensors", words()),
        cli("init config.json -o made --word-embeddings words.safetensors:transformer.wte.weight")
            .file("words.safetensors", words()),
    ];
    let mut told = Vec::new();
    for run in runs {
        let run = run.file("config.json", &config);
        let folder = run.keep();
        told.push(run.exits(0));
        let made = embedding(&folder.path().join("made/adapter_model.safetensors"));
        let rows = made.prompt().embedding().to_float32();
        assert_eq!(rows.dim(), (7, 32));
        assert!(
            rows.outer_iter()
                .all(|row| row.iter().all(|value| value.to_bits() == row[0].to_bits() && (0.0..10.0).contains(value)))
        );
    }
    insta::assert_snapshot!(told[0], @r#"
    --- stderr
    warning[sample-vocab-unlisted]: SAMPLE_VOCAB is not on PEFT's list of modes for multitask prompt tuning
     --> config.json:2:78
      |
    2 |     "num_tasks": 3, "num_ranks": 4, "token_dim": null, "prompt_tuning_init": "SAMPLE_VOCAB"}
      |                                                                              ^^^^^^^^^^^^^^ works from PEFT 0.18.0 on, by way of plain prompt tuning
      |
      = help: peftspec explain sample-vocab-unlisted

    note: `token_dim` is 32, as `transformer.wte.weight` of base/model.safetensors says
    wrote made/adapter_model.safetensors and made/adapter_config.json
    "#);
}

#[test]
fn sizes_come_from_the_config_of_the_base_model() {
    for path in ["base", "base/config.json"] {
        let run = cli(&format!("init config.json -o made --base-model {path}"))
            .file("config.json", CONFIG.replace("32", "null"))
            .file("base/config.json", r#"{"model_type": "gpt2", "n_embd": 48, "n_head": 6, "n_layer": 2}"#);
        let folder = run.keep();
        insta::allow_duplicates!(insta::assert_snapshot!(run.exits(0), @"
        --- stderr
        note: `num_layers` is 2, as the base model says
        note: `token_dim` is 48, as the base model says
        note: `num_attention_heads` is 6, as the base model says
        wrote made/adapter_model.safetensors and made/adapter_config.json
        "));
        let made = opened(&folder.path().join("made/adapter_model.safetensors"));
        assert_eq!(made.catalogue.get("prompt_embeddings").unwrap().shape, [7, 48]);
    }
}

#[test]
fn a_base_model_that_the_config_names_counts_if_it_is_a_folder_here() {
    let run = |name: &str, code| {
        let config = CONFIG.replace("32", "null").replace('}', &format!(r#", "base_model_name_or_path": "{name}"}}"#));
        let run = cli("init config.json -o made").file("config.json", config);
        run.file("base/config.json", r#"{"model_type": "gpt2", "n_embd": 48}"#).folder("empty").exits(code)
    };
    assert!(run("./base", 0).contains("note: `token_dim` is 48, as the base model says"));
    assert!(run("empty", 2).contains("give --base-model PATH"));
    assert!(run("gpt2", 2).contains("give --base-model PATH"));
}

#[test]
fn heads_come_from_the_base_model() {
    let values = 1.5_f32.to_le_bytes().repeat(6);
    let head = TensorView::new(Dtype::F32, vec![3, 2], &values).unwrap();
    let model = safetensors::serialize([("score.weight", head)], None).unwrap();
    let run = cli("init config.json -o made --base-model base")
        .file("config.json", CONFIG.replace("CAUSAL_LM", "SEQ_CLS"))
        .file("base/model.safetensors", model);
    let folder = run.keep();
    run.exits(0);
    let made = opened(&folder.path().join("made/adapter_model.safetensors"));
    let head = made.catalogue.get("base_model.score.weight").unwrap();
    assert_eq!((head.shape.as_slice(), made.bytes(head).unwrap()), ([3, 2].as_slice(), values));
    assert_eq!(made.catalogue.tensors.len(), 4);
}

#[cfg(feature = "tokenizers")]
#[test]
fn a_text_is_cut_into_tokens_as_transformers_cuts_it() {
    let config = CONFIG.replace(
        '}',
        r#", "prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "a b c", "tokenizer_name_or_path": "tokenizer"}"#,
    );
    let tokenizer = include_str!("../corpus/tokenizer/tokenizer.json")
        .replace(": 15,", ": 7,")
        .replace(": 16,", ": 8,")
        .replace(": 17\n", ": 9\n");
    let run = cli("init config.json -o made --word-embeddings words.safetensors")
        .file("config.json", config)
        .file("tokenizer/tokenizer.json", tokenizer)
        .file("words.safetensors", words());
    let folder = run.keep();
    run.exits(0);
    let made = embedding(&folder.path().join("made/adapter_model.safetensors"));
    assert_eq!(made.prompt().embedding().to_float32().column(0).to_vec(), [7.0, 8.0, 9.0, 7.0, 8.0, 9.0, 7.0]);
}

#[cfg(not(feature = "tokenizers"))]
#[test]
fn a_build_without_tokenizers_says_so() {
    let text = r#", "prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "a", "tokenizer_name_or_path": "gone"}"#;
    let run = cli("init config.json -o made --tokenizer tokenizer.json")
        .file("config.json", CONFIG.replace('}', text))
        .file("tokenizer.json", "{}");
    insta::assert_snapshot!(run.exits(2), @"
    --- stderr
    error: tokenizer.json: this peftspec was built without tokenizers; build it with `--features tokenizers`
    ");
}

#[test]
fn a_task_becomes_an_adapter_of_its_own() {
    let run = with_adapter("mpt/source-a", "export-task adapter --task 2 -o made --json");
    let folder = run.keep();
    insta::assert_snapshot!(run.exits(0), @r#"
    --- stdout
    {
      "version": 1,
      "path": "adapter",
      "task": 2,
      "output": "made",
      "files": [
        "made/adapter_model.safetensors",
        "made/adapter_config.json"
      ],
      "tensors": [
        {
          "name": "prompt_embeddings",
          "dtype": "float32",
          "shape": [
            7,
            32
          ]
        }
      ],
      "left_out": [],
      "notes": []
    }
    --- stderr
    wrote made/adapter_model.safetensors and made/adapter_config.json
    "#);
    let made = opened(&folder.path().join("made/adapter_model.safetensors"));
    let source = embedding(&corpus("mpt/source-a/adapter_model.safetensors"));
    let expected = source.forward(&source.indices(1), &ndarray::array![2].into_dyn()).unwrap().to_float32();
    let prompt = read(&made, "prompt_embeddings").to_float32();
    assert_eq!(prompt, expected.index_axis_move(ndarray::Axis(0), 0));
    insta::assert_snapshot!(fs::read_to_string(folder.path().join("made/adapter_config.json")).unwrap(), @r#"
    {
      "auto_mapping": null,
      "base_model_name_or_path": "base_models/gpt2",
      "inference_mode": true,
      "modules_to_save": null,
      "num_attention_heads": 2,
      "num_layers": 3,
      "num_transformer_submodules": 1,
      "num_virtual_tokens": 7,
      "peft_type": "PROMPT_TUNING",
      "peft_version": "0.21.2",
      "prompt_tuning_init": "RANDOM",
      "prompt_tuning_init_text": null,
      "revision": null,
      "task_type": "CAUSAL_LM",
      "token_dim": 32,
      "tokenizer_kwargs": null,
      "tokenizer_name_or_path": null
    }
    "#);
    let checked = cli("check").arg(&folder.path().join("made").to_string_lossy()).exits(0);
    assert_eq!(checked, "--- stderr\nno problems in 2 files\n");
}

#[test]
fn heads_go_with_the_task() {
    let run = with_adapter("mpt/source-seqcls", "export-task adapter --task 0 -o made");
    let folder = run.keep();
    run.exits(0);
    let [source, made] =
        ["adapter", "made"].map(|name| opened(&folder.path().join(name).join("adapter_model.safetensors")));
    let heads = |checkpoint: &Checkpoint<'_>| -> Vec<(String, Vec<u8>)> {
        let heads = checkpoint.catalogue.tensors.iter().filter(|tensor| tensor.name.starts_with("base_model."));
        heads.map(|tensor| (tensor.name.clone(), checkpoint.bytes(tensor).unwrap())).collect()
    };
    assert_eq!(heads(&made), heads(&source));
    assert_eq!(heads(&made).len(), 2);
}

#[test]
fn what_cannot_be_exported_is_said_plainly() {
    let told = |case: &str, args: &str, code| with_adapter(case, &format!("export-task {args}")).exits(code);
    let messages = [
        told("mpt/source-a", "adapter --task 3 -o made", 2),
        told("mpt/source-a", "adapter --task -1 -o made", 2),
        told("mpt/source-one-task", "adapter --task 1 -o made", 2),
        told("mpt/source-a", "adapter/adapter_model.safetensors --task 0 -o made", 2),
        told("mpt/source-a", "adapter --task 0 -o adapter --force", 2),
        told("methods/prompt-tuning", "adapter --task 0 -o made", 2),
        told("defective/mpt-extra-tensor", "adapter --task 0 -o made", 0),
        told("mpt/source-t5", "adapter --task 0 -o made", 0),
        told("mpt/source-t5-one-submodule", "adapter --task 0 -o made", 0),
        told("defective/mpt-missing-rows", "adapter --task 0 -o made", 1),
    ];
    insta::assert_snapshot!(messages.concat());
}

#[test]
fn an_adapter_is_never_overwritten_by_what_is_made_of_it() {
    let run =
        with_adapter("mpt/source-a", "embed adapter --task-ids 0 --output adapter/adapter_model.safetensors --force");
    let folder = run.keep();
    let before = fs::read(folder.path().join("adapter/adapter_model.safetensors")).unwrap();
    insta::assert_snapshot!(run.exits(2), @r"
    --- stderr
    error: adapter/adapter_model.safetensors: the output would overwrite what it is made of
    ");
    assert_eq!(fs::read(folder.path().join("adapter/adapter_model.safetensors")).unwrap(), before);
}

#[cfg(unix)]
#[test]
fn paths_need_not_be_text() {
    use std::os::unix::ffi::OsStrExt;
    let name = Path::new(std::ffi::OsStr::from_bytes(b"bad\xff"));
    let run = cli("embed --task-ids 0 --output out.safetensors --json");
    let folder = run.keep();
    copy_folder(&corpus("mpt/source-a"), &folder.path().join(name));
    let printed = run.path_arg(name).prints(0);
    assert!(printed.contains("\"path\": \"bad\u{fffd}\""), "{printed}");
}

#[test]
fn an_adapter_never_takes_the_place_of_its_source() {
    let config = from_source("EXACT_SOURCE_TASK", r#", "prompt_tuning_init_task": 0"#);
    for (config_file, output) in [("config.json", "adapter"), ("made/adapter_config.json", "made")] {
        let run = with_adapter("mpt/source-a", &format!("init {config_file} --output {output} --force"))
            .file(config_file, config.clone());
        let told = run.exits(2);
        assert!(told.contains("would overwrite what it is made of"), "{told}");
    }
}

#[test]
fn an_adapter_never_takes_the_place_of_the_word_embeddings_that_it_starts_from() {
    let config = CONFIG.replace('}', r#", "prompt_tuning_init": "SAMPLE_VOCAB"}"#).replace("32", "null");
    let list = r#"{"weight_map": {"transformer.wte.weight": "adapter_model.safetensors"}}"#;
    for given in [
        "--word-embeddings made/adapter_model.safetensors",
        "--word-embeddings ./made/../made/adapter_model.safetensors:transformer.wte.weight",
        "--base-model made",
    ] {
        let run = cli(&format!("init config.json --output made --force {given}"))
            .file("config.json", &config)
            .file("made/model.safetensors.index.json", list)
            .file("made/adapter_model.safetensors", words());
        let folder = run.keep();
        assert_eq!(
            run.exits(2),
            "--- stderr\nerror: made/adapter_model.safetensors: the output would overwrite what it is made of\n",
            "{given}"
        );
        assert!(fs::read(folder.path().join("made/adapter_model.safetensors")).unwrap() == words());
        assert!(!folder.path().join("made/adapter_config.json").exists());
    }
    // Under another name they may lie there.
    let run =
        cli("init config.json --output made --word-embeddings made/words.safetensors").file("config.json", config);
    assert!(run.file("made/words.safetensors", words()).exits(0).contains("wrote made/adapter_model.safetensors"));
}

#[cfg(feature = "tokenizers")]
#[test]
fn an_adapter_never_takes_the_place_of_its_tokenizer() {
    let config = CONFIG.replace(
        '}',
        r#", "prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "a b c", "tokenizer_name_or_path": "x"}"#,
    );
    let run = cli("init config.json --output made --force --tokenizer made/adapter_config.json --word-embeddings words.safetensors")
        .file("config.json", config)
        .file("words.safetensors", words())
        .file("made/adapter_config.json", include_str!("../corpus/tokenizer/tokenizer.json"));
    assert!(run.exits(2).contains("made/adapter_config.json: the output would overwrite what it is made of"));
}

#[test]
fn an_adapter_may_be_named_by_its_config() {
    let run = with_adapter("mpt/source-a", "embed adapter/adapter_config.json --task-ids 0 --output out.safetensors");
    assert!(run.exits(0).contains("wrote out.safetensors"));
    let run = with_adapter("mpt/source-a", "export-task adapter/adapter_config.json --task 0 --output made");
    assert!(run.exits(0).contains("wrote made/"));
    let run = with_adapter("mpt/source-a", "export-task adapter/adapter_config.json --task 0 --output adapter --force");
    assert!(run.exits(2).contains("would overwrite what it is made of"));
}
