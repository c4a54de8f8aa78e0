//! The prompt embedding against recordings of the real library, and the fused forward pass against the reference.

use half::{bf16, f16};
use ndarray::{Array, Array2, ArrayD, Dimension, Ix2, Ix3, IxDyn, arr0, array};
use peftspec::TaskType;
use peftspec::checkpoint::{self, Budget, Checkpoint, Dtype};
use peftspec::embedding::{
    AdapterTensors, Dimensions, EmbeddingError, InitInputs, MultitaskPromptEmbedding, PromptEmbedding, ShapeMismatch,
    Tensor,
};
use peftspec::methods::{
    AdapterConfig, MultitaskPromptTuningConfig, MultitaskPromptTuningInit, PromptTuningConfig, PromptTuningInit,
};
use proptest::prelude::*;
use safetensors::{Dtype as FileDtype, SafeTensors, tensor::TensorView};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

fn corpus(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/embedding").join(path)
}

fn cases(part: &str) -> Vec<Value> {
    let text = fs::read_to_string(corpus(part).join("cases.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The recorded paths start with the folder of a larger corpus.
fn recorded(case: &Value, field: &str) -> Vec<u8> {
    let path = case[field].as_str().unwrap();
    fs::read(corpus(path.strip_prefix("embedding/").unwrap())).unwrap()
}

/// Where the source of a case is kept here: `mpt/source-a/adapter_model.safetensors` as `sources/source-a.safetensors`.
fn source_path(case: &Value) -> Option<PathBuf> {
    let path = PathBuf::from(case["source"].as_str()?);
    let folder = path.parent().unwrap().file_name().unwrap().to_str().unwrap();
    Some(corpus(&format!("sources/{folder}.{}", path.extension().unwrap().to_str().unwrap())))
}

fn values<const N: usize, T>(view: &TensorView<'_>, read: impl Fn([u8; N]) -> T) -> ArrayD<T> {
    let (chunks, rest) = view.data().as_chunks::<N>();
    assert!(rest.is_empty());
    Array::from_shape_vec(view.shape(), chunks.iter().map(|bytes| read(*bytes)).collect()).unwrap()
}

fn tensor(file: &SafeTensors<'_>, name: &str) -> Option<Tensor> {
    let view = file.tensor(name).ok()?;
    Some(match view.dtype() {
        FileDtype::F32 => values(&view, f32::from_le_bytes).into(),
        FileDtype::F16 => values(&view, f16::from_le_bytes).into(),
        FileDtype::BF16 => values(&view, bf16::from_le_bytes).into(),
        other => unreachable!("{name} is {other:?}"),
    })
}

fn fixed<D: Dimension>(file: &SafeTensors<'_>, name: &str) -> Tensor<D> {
    tensor(file, name).unwrap().into_dimensionality().unwrap()
}

/// Numbers of an integer tensor. Any other type, or no tensor at all, is what Rust's types rule out in a call.
fn integers(file: &SafeTensors<'_>, name: &str) -> Option<ArrayD<i64>> {
    let view = file.tensor(name).ok()?;
    match view.dtype() {
        FileDtype::I64 => Some(values(&view, i64::from_le_bytes)),
        FileDtype::I32 => Some(values(&view, |bytes| i32::from_le_bytes(bytes).into())),
        _ => None,
    }
}

/// The bits of a 16-bit tensor in an order in which neighbours differ by 1.
fn ordered_bits(tensor: &Tensor) -> Option<ArrayD<i32>> {
    let ordered = |bits: u16| {
        let magnitude = i32::from(bits & 0x7fff);
        if bits & 0x8000 == 0 { magnitude } else { -magnitude }
    };
    match tensor {
        Tensor::Float16(array) => Some(array.mapv(|value| ordered(value.to_bits()))),
        Tensor::Bfloat16(array) => Some(array.mapv(|value| ordered(value.to_bits()))),
        _ => None,
    }
}

/// The largest of 0 and these.
fn largest(differences: impl Iterator<Item = f32>) -> f32 {
    differences.fold(0.0, f32::max)
}

/// The largest difference: in units of the last place for 16-bit types, else relative to the largest value.
fn distance(found: &Tensor, expected: &Tensor) -> f32 {
    assert_eq!((found.dtype(), found.shape()), (expected.dtype(), expected.shape()));
    if let (Some(found), Some(expected)) = (ordered_bits(found), ordered_bits(expected)) {
        let ulps = (&found - &expected).mapv(|ulps| u16::try_from(ulps.unsigned_abs()).unwrap_or(u16::MAX));
        return largest(ulps.iter().copied().map(f32::from));
    }
    let (found, expected) = (found.to_float32(), expected.to_float32());
    let scale = largest(expected.iter().map(|value| value.abs())).max(f32::MIN_POSITIVE);
    largest((&found - &expected).iter().map(|difference| difference.abs() / scale))
}

/// What a case does here: an output, or why there is none.
fn run_forward(case: &Value) -> Result<Tensor, String> {
    let bytes = recorded(case, "inputs");
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let embedding = MultitaskPromptEmbedding::new(
        fixed(&file, "prompt_embeddings"),
        fixed(&file, "prefix_task_cols"),
        fixed(&file, "prefix_task_rows"),
    )
    .map_err(|error| error.to_string())?;
    let indices = integers(&file, "indices").unwrap();
    let task_ids = integers(&file, "task_ids").ok_or("task ids that are no integers: not a Rust program")?;
    let fused = embedding.forward(&indices, &task_ids);
    assert_eq!(fused, embedding.forward_reference(&indices, &task_ids), "{}", case["id"]);
    fused.map_err(|error| error.to_string())
}

#[test]
fn forward_is_that_of_the_real_library() {
    let (mut outputs, mut refusals) = (0, Vec::new());
    let (mut worst, mut worst_ulps) = (0_f32, 0_f32);
    for case in cases("forward") {
        let id = case["id"].as_str().unwrap();
        match (run_forward(&case), case["outcome"].as_str().unwrap()) {
            (Ok(found), "ok") => {
                let bytes = recorded(&case, "output");
                let expected = tensor(&SafeTensors::deserialize(&bytes).unwrap(), "output").unwrap();
                let distance = distance(&found, &expected);
                let (worst, limit) =
                    if found.dtype() == Dtype::Float32 { (&mut worst, 1e-6) } else { (&mut worst_ulps, 1.0) };
                *worst = worst.max(distance);
                assert!(distance <= limit, "{id}: {distance}");
                outputs += 1;
            }
            (Err(message), "error") => refusals.push(format!("{id} {}: {message}", case["what"].as_str().unwrap())),
            (found, expected) => panic!("{id}: {found:?}, but PEFT: {expected}"),
        }
    }
    println!("float32: {worst:e} of the largest value; 16 bits: {worst_ulps} units in the last place");
    assert_eq!((outputs, refusals.len()), (37, 17));
    insta::assert_snapshot!(refusals.join("\n"));
}

fn config(case: &Value) -> MultitaskPromptTuningConfig {
    MultitaskPromptTuningConfig::from_json(&case["peft_config"].to_string()).unwrap()
}

fn adapter(path: &Path) -> AdapterTensors {
    let checkpoint = Checkpoint::open(path, &Budget::default()).unwrap();
    assert_eq!(checkpoint.diagnostics, [], "{}", path.display());
    AdapterTensors::read(&checkpoint).unwrap()
}

fn run_init(case: &Value, source: Option<&AdapterTensors>) -> MultitaskPromptEmbedding {
    let words = case.get("word_embeddings").map(|_| recorded(case, "word_embeddings"));
    let words: Option<Tensor<Ix2>> =
        words.map(|bytes| fixed(&SafeTensors::deserialize(&bytes).unwrap(), "word_embeddings"));
    let tokens: Option<Vec<u32>> = case.get("text_token_ids").map(|ids| serde_json::from_value(ids.clone()).unwrap());
    let inputs = InitInputs { word_embeddings: words.as_ref(), text_token_ids: tokens.as_deref(), source };
    MultitaskPromptEmbedding::from_config(&config(case), &inputs, 1).unwrap()
}

/// How many tensors were compared; those that PEFT draws at random only have their shapes compared.
fn compare_with_target(case: &Value, found: &MultitaskPromptEmbedding) -> usize {
    let bytes = recorded(case, "target");
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let random: Vec<String> = serde_json::from_value(case["random"].clone()).unwrap();
    let found = [
        ("embedding.weight", found.prompt().embedding().to_float32().into_dyn()),
        ("prefix_task_cols", found.cols().to_float32().into_dyn()),
        ("prefix_task_rows", found.rows().to_float32().into_dyn()),
    ];
    let exact = found.into_iter().filter(|(name, found)| {
        let expected = tensor(&file, name).unwrap().to_float32();
        assert_eq!(found.shape(), expected.shape(), "{}: {name}", case["id"]);
        let is_random = random.iter().any(|random| random == name);
        assert!(is_random || *found == expected, "{}: {name}", case["id"]);
        !is_random
    });
    exact.count()
}

#[test]
fn every_initialisation_gives_the_parameters_of_the_real_library() {
    let (mut ran, mut compared) = (0, 0);
    for case in cases("init") {
        let source = source_path(&case).map(|path| adapter(&path));
        compared += compare_with_target(&case, &run_init(&case, source.as_ref()));
        ran += 1;
    }
    println!("{compared} tensors of {ran} initialisations are equal");
    assert_eq!((ran, compared), (75, 157));
}

#[test]
fn every_real_type_becomes_float32_as_in_torch() {
    let checkpoint = Checkpoint::open(&corpus("conversions.bin"), &Budget::default()).unwrap();
    let read = |name: &str| Tensor::read(&checkpoint, checkpoint.catalogue.get(name).unwrap()).unwrap();
    let bits = |name: &str| -> Vec<Option<u32>> {
        let number = |value: &f32| (!value.is_nan()).then(|| value.to_bits());
        read(name).to_float32().iter().map(number).collect()
    };
    let stored: Vec<&checkpoint::Tensor> =
        checkpoint.catalogue.tensors.iter().filter(|tensor| !tensor.name.ends_with(".copied")).collect();
    for tensor in &stored {
        assert_eq!(tensor.dtype.as_str(), tensor.name);
        assert_eq!(bits(&tensor.name), bits(&format!("{}.copied", tensor.name)), "{}", tensor.name);
    }
    assert_eq!(stored.len(), 15);
}

#[test]
fn complex_numbers_are_refused_and_whole_numbers_have_no_mean() {
    let path = |case: &str| corpus(&format!("../checkpoints/defective/{case}"));
    let complex = Checkpoint::open(&path("mpt-dtype-complex64-bin/adapter_model.bin"), &Budget::default()).unwrap();
    insta::assert_snapshot!(AdapterTensors::read(&complex).unwrap_err(), @"tensor `prompt_embeddings` is complex64, which does not become float32: store it as float32");
    let whole = adapter(&path("mpt-dtype-int64/adapter_model.safetensors"));
    assert_eq!(
        whole.converted.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        ["prompt_embeddings", "prefix_task_cols", "prefix_task_rows"]
    );
    insta::assert_snapshot!(start(&small(MultitaskPromptTuningInit::AverageSourceTasks, 1), &whole).unwrap_err(), @"AVERAGE_SOURCE_TASKS takes the mean of `prefix_task_cols` of the source, which is int64, and torch has no mean for it: convert the source to float32");
}

fn small(init: MultitaskPromptTuningInit, num_tasks: u32) -> MultitaskPromptTuningConfig {
    MultitaskPromptTuningConfig {
        num_virtual_tokens: Some(4),
        token_dim: Some(16),
        num_ranks: 2,
        num_tasks,
        prompt_tuning_init: init,
        ..Default::default()
    }
}

fn numbered<D: Dimension>(shape: impl ndarray::ShapeBuilder<Dim = D>) -> Array<f32, D> {
    let mut next = 0_f32;
    Array::from_shape_simple_fn(shape, || {
        next += 1.0;
        next
    })
}

fn source(tasks: usize) -> AdapterTensors {
    AdapterTensors {
        prompt_embeddings: Some(Tensor::from(numbered((4, 16)).into_dyn())),
        prefix_task_cols: Some(Tensor::from(numbered((tasks, 4, 2)).into_dyn())),
        prefix_task_rows: Some(Tensor::from(numbered((tasks, 2, 16)).into_dyn())),
        converted: Vec::new(),
    }
}

fn start(
    config: &MultitaskPromptTuningConfig,
    source: &AdapterTensors,
) -> Result<MultitaskPromptEmbedding, EmbeddingError> {
    MultitaskPromptEmbedding::from_config(config, &InitInputs { source: Some(source), ..Default::default() }, 0)
}

#[test]
fn source_tasks_are_counted_as_torch_counts() {
    let exact = |task| {
        let config = MultitaskPromptTuningConfig {
            prompt_tuning_init_task: task,
            ..small(MultitaskPromptTuningInit::ExactSourceTask, 1)
        };
        start(&config, &source(5)).map(|embedding| embedding.cols().to_float32()[[0, 0, 0]])
    };
    for (task, first) in [(0, 1.0), (4, 33.0), (-1, 33.0), (-5, 1.0)] {
        assert_eq!(exact(Some(task)), Ok(first), "{task}");
    }
    for task in [5, 100, -6, i64::MIN, i64::MAX] {
        let error = exact(Some(task)).unwrap_err();
        assert_eq!(error, EmbeddingError::SourceTaskOutOfRange { task, tensor: "prefix_task_cols", tasks: 5 });
    }
    assert_eq!(exact(None), Err(EmbeddingError::SourceTaskMissing));
}

#[test]
fn a_source_without_tasks_gives_what_it_gives_in_torch() {
    let average = start(&small(MultitaskPromptTuningInit::AverageSourceTasks, 1), &source(0)).unwrap();
    assert!(average.cols().to_float32().iter().all(|value| value.is_nan()));
    let exact = start(&small(MultitaskPromptTuningInit::ExactSourceTask, 1), &source(0)).unwrap_err();
    insta::assert_snapshot!(exact, @"`prompt_tuning_init_task` is 0, but `prefix_task_cols` of the source has no tasks");
    let shared = start(&small(MultitaskPromptTuningInit::OnlySourceShared, 3), &source(0)).unwrap();
    assert_eq!(shared.prompt().embedding().to_float32(), numbered((4, 16)));
}

#[test]
fn modes_that_make_one_task_refuse_several() {
    for init in [MultitaskPromptTuningInit::AverageSourceTasks, MultitaskPromptTuningInit::ExactSourceTask] {
        for num_tasks in [0, 3, 5] {
            let error = start(&small(init, num_tasks), &source(5)).unwrap_err();
            assert!(matches!(error, EmbeddingError::OneTaskOnly { .. }), "{error}");
        }
    }
    let error = start(&small(MultitaskPromptTuningInit::AverageSourceTasks, 3), &source(3)).unwrap_err();
    insta::assert_snapshot!(error, @"AVERAGE_SOURCE_TASKS makes one task out of the source, but `num_tasks` is 3: set it to 1, or `prompt_tuning_init` to ONLY_SOURCE_SHARED, which starts any number of tasks");
}

#[test]
fn shapes_that_do_not_fit_name_the_field_and_its_value() {
    let config = MultitaskPromptTuningConfig {
        num_ranks: 3,
        token_dim: Some(8),
        ..small(MultitaskPromptTuningInit::AverageSourceTasks, 1)
    };
    insta::assert_snapshot!(start(&config, &source(5)).unwrap_err(), @"`prefix_task_cols` has shape [1, 4, 2], but the config asks for [1, 4, 3]: it would fit `num_ranks` 2; `prefix_task_rows` has shape [1, 2, 16], but the config asks for [1, 3, 8]: it would fit `num_ranks` 2 and `token_dim` 16; `prompt_embeddings` has shape [4, 16], but the config asks for [4, 8]: it would fit `token_dim` 16");
    let config = MultitaskPromptTuningConfig {
        task_type: Some(TaskType::Seq2SeqLm),
        ..small(MultitaskPromptTuningInit::OnlySourceShared, 2)
    };
    insta::assert_snapshot!(start(&config, &source(5)).unwrap_err(), @"`prompt_embeddings` has shape [4, 16], but the config asks for [8, 16]: it would fit `num_transformer_submodules` 1");
    let adapter = MultitaskPromptEmbedding::from_adapter(&small(MultitaskPromptTuningInit::Random, 3), &source(5));
    insta::assert_snapshot!(adapter.unwrap_err(), @"`prefix_task_cols` has shape [5, 4, 2], but the config asks for [3, 4, 2]: it would fit `num_tasks` 5; `prefix_task_rows` has shape [5, 2, 16], but the config asks for [3, 2, 16]: it would fit `num_tasks` 5");
    let flat = AdapterTensors { prefix_task_cols: Some(Tensor::from(arr0(1_f32).into_dyn())), ..source(1) };
    let error = start(&small(MultitaskPromptTuningInit::AverageSourceTasks, 1), &flat).unwrap_err();
    insta::assert_snapshot!(error, @"`prefix_task_cols` has shape [], but the config asks for [1, 4, 2]");
}

#[test]
fn missing_tensors_and_inputs_are_named() {
    let none = AdapterTensors::default();
    let error = start(&small(MultitaskPromptTuningInit::OnlySourceShared, 1), &none).unwrap_err();
    insta::assert_snapshot!(error, @"the checkpoint has no tensor `prompt_embeddings`, under exactly this name");
    let no_rows = AdapterTensors { prefix_task_rows: None, ..source(1) };
    let error = start(&small(MultitaskPromptTuningInit::AverageSourceTasks, 1), &no_rows).unwrap_err();
    assert_eq!(error, EmbeddingError::TensorMissing { tensor: "prefix_task_rows" });
    assert!(start(&small(MultitaskPromptTuningInit::OnlySourceShared, 1), &no_rows).is_ok());
    let random = |config: &MultitaskPromptTuningConfig| {
        MultitaskPromptEmbedding::from_config(config, &InitInputs::default(), 0).unwrap_err()
    };
    insta::assert_snapshot!(random(&small(MultitaskPromptTuningInit::AverageSourceTasks, 1)), @"`prompt_tuning_init` is AVERAGE_SOURCE_TASKS, which starts from a source checkpoint: none given");
    insta::assert_snapshot!(random(&small(MultitaskPromptTuningInit::Text, 1)), @"`prompt_tuning_init` is TEXT, which starts from the base model's word embeddings: none given");
    insta::assert_snapshot!(random(&MultitaskPromptTuningConfig::default()), @"`num_virtual_tokens` is not set, and without it the embedding has no size: set it in the config");
    let huge = MultitaskPromptTuningConfig { num_tasks: u32::MAX, ..small(MultitaskPromptTuningInit::Random, 1) };
    insta::assert_snapshot!(random(&huge), @"`prefix_task_cols` would have shape [4294967295, 4, 2], which is more than the limit of 1073741824 elements");
}

#[test]
fn text_and_vocabulary_start_the_prompt() {
    let words = Tensor::from(numbered((10, 16)));
    let plain = |init, tokens: &[u32], token_dim| {
        let config = PromptTuningConfig {
            num_virtual_tokens: Some(4),
            token_dim: Some(token_dim),
            prompt_tuning_init: init,
            ..Default::default()
        };
        let inputs = InitInputs { word_embeddings: Some(&words), text_token_ids: Some(tokens), ..Default::default() };
        PromptEmbedding::from_config(&config, &inputs, 3)
    };
    let first_column = |embedding: PromptEmbedding| embedding.embedding().to_float32().column(0).to_vec();
    let text = plain(PromptTuningInit::Text, &[1, 2, 3], 16).unwrap();
    assert_eq!(first_column(text), [17.0, 33.0, 49.0, 17.0]);
    let sampled = first_column(plain(PromptTuningInit::SampleVocab, &[], 16).unwrap());
    assert!(sampled.iter().all(|value| (value - 1.0) % 16.0 == 0.0 && *value <= 145.0), "{sampled:?}");
    insta::assert_snapshot!(plain(PromptTuningInit::Text, &[], 16).unwrap_err(), @"the initial text has no tokens: there is nothing to fill 4 rows of the prompt with");
    insta::assert_snapshot!(plain(PromptTuningInit::Text, &[1, 10], 16).unwrap_err(), @"token id 10 (position 1 of the initial text) is out of range: there are 10 word embeddings");
    insta::assert_snapshot!(plain(PromptTuningInit::SampleVocab, &[], 8).unwrap_err(), @"`word_embeddings` has shape [10, 16], but the config asks for [10, 8]: it would fit `token_dim` 16");
    let row = plain(PromptTuningInit::Text, &[1, 2], 16).unwrap().forward(&array![[1, 0]].into_dyn()).unwrap();
    assert_eq!((row.shape(), row.to_float32()[[0, 0, 0]]), ([1, 2, 16].as_slice(), 33.0));
}

#[test]
fn random_numbers_have_the_distributions_of_peft_and_follow_the_seed() {
    let config = MultitaskPromptTuningConfig {
        num_virtual_tokens: Some(100),
        token_dim: Some(256),
        num_ranks: 16,
        num_tasks: 8,
        ..Default::default()
    };
    let drawn = |seed| MultitaskPromptEmbedding::from_config(&config, &InitInputs::default(), seed).unwrap();
    let embedding = drawn(1);
    assert_eq!(embedding, drawn(1));
    assert_ne!(embedding, drawn(2));
    let deviation = |values: ArrayD<f32>| values.std(0.0);
    assert!((deviation(embedding.prompt().embedding().to_float32().into_dyn()) - 1.0).abs() < 0.02);
    assert!((deviation(embedding.cols().to_float32().into_dyn()) - 0.02).abs() < 0.001);
    assert!((deviation(embedding.rows().to_float32().into_dyn()) - 0.02).abs() < 0.001);
}

#[test]
fn parameters_are_counted_as_in_the_paper() {
    let t5_base = |num_tasks| MultitaskPromptTuningConfig {
        task_type: Some(TaskType::Seq2SeqLm),
        num_virtual_tokens: Some(100),
        num_transformer_submodules: Some(1),
        token_dim: Some(768),
        num_tasks,
        ..Default::default()
    };
    let count = |num_tasks| Dimensions::try_from(&t5_base(num_tasks)).unwrap().parameters();
    assert_eq!(count(1).total(), 77_668);
    assert_eq!(count(8).per_task(), Some(10_468.0));
    let embedding = MultitaskPromptEmbedding::from_config(&t5_base(8), &InitInputs::default(), 0).unwrap();
    assert_eq!(embedding.parameters(), count(8));
}

#[test]
fn an_exported_task_is_the_product() {
    let embedding =
        MultitaskPromptEmbedding::from_config(&small(MultitaskPromptTuningInit::Random, 3), &InitInputs::default(), 5)
            .unwrap();
    for task in 0..3_u8 {
        let exported = embedding.export_task(task.into()).unwrap();
        let indices = embedding.indices(2);
        let forward = embedding.forward(&indices, &array![i64::from(task)].into_dyn()).unwrap();
        assert_eq!(exported.task(), usize::from(task));
        assert_eq!(exported.prompt_embeddings().shape(), [4, 16]);
        assert_eq!(exported.into_embedding().forward(&indices), Ok(forward));
    }
    insta::assert_snapshot!(embedding.export_task(3).unwrap_err(), @"task id 3 (position 0) is out of range: the embedding has 3 tasks, counted from 0");
}

#[test]
fn an_output_at_hand_is_filled_if_it_fits() {
    let embedding =
        MultitaskPromptEmbedding::from_config(&small(MultitaskPromptTuningInit::Random, 3), &InitInputs::default(), 5)
            .unwrap();
    let (indices, task_ids) = (embedding.indices(2), array![2, 0].into_dyn());
    let fresh = embedding.forward(&indices, &task_ids).unwrap();
    let mut output = Tensor::from(Array::from_elem(IxDyn(&[2, 4, 16]), f32::NAN));
    embedding.forward_into(&indices, &task_ids, &mut output).unwrap();
    assert_eq!(output, fresh);
    let mut transposed = Tensor::from(Array::from_elem((16, 4, 2), f32::NAN).reversed_axes().into_dyn());
    embedding.forward_into(&indices, &task_ids, &mut transposed).unwrap();
    assert_eq!(transposed, fresh);
    let mut wrong = Tensor::zeros(Dtype::Float16, &[2, 4]).unwrap();
    insta::assert_snapshot!(embedding.forward_into(&indices, &task_ids, &mut wrong).unwrap_err(), @"the output must be float32 of shape [2, 4, 16], this one is float16 of shape [2, 4]");
}

#[test]
fn tensors_that_contradict_each_other_are_refused() {
    let new = |embedding: (usize, usize), cols: (usize, usize, usize), rows: (usize, usize, usize)| {
        let tensor = |array: Array2<f32>| Tensor::from(array);
        let error =
            MultitaskPromptEmbedding::new(tensor(numbered(embedding)), numbered(cols).into(), numbered(rows).into());
        error.unwrap_err().to_string()
    };
    let messages = [
        new((4, 16), (3, 4, 2), (5, 2, 16)),
        new((4, 16), (3, 4, 2), (3, 1, 16)),
        new((4, 16), (3, 8, 2), (3, 2, 16)),
        new((4, 16), (3, 4, 2), (3, 2, 1)),
    ];
    insta::assert_snapshot!(messages.join("\n"), @"
    `prefix_task_cols` has tasks 3, `prefix_task_rows` has 5: they are not of one embedding
    `prefix_task_cols` has ranks 2, `prefix_task_rows` has 1: they are not of one embedding
    `prompt_embeddings` has virtual tokens 4, `prefix_task_cols` has 8: they are not of one embedding
    `prompt_embeddings` has columns of width 16, `prefix_task_rows` has 1: they are not of one embedding
    ");
}

#[test]
fn a_tensor_of_the_wrong_shape_is_a_value_with_all_numbers() {
    let config = PromptTuningConfig { num_virtual_tokens: Some(4), token_dim: Some(16), ..Default::default() };
    let wrong = Tensor::from(numbered((8, 16)).into_dyn());
    let mismatch = ShapeMismatch {
        tensor: "prompt_embeddings",
        expected: vec![4, 16],
        found: vec![8, 16],
        agreeing: vec![("num_virtual_tokens", 8)],
    };
    assert_eq!(PromptEmbedding::from_tensor(&config, &wrong), Err(EmbeddingError::Shapes(vec![mismatch])));
}

/// Sizes, the two types, whether one task id stands for the batch, and a seed for all values.
fn calls() -> impl Strategy<Value = (MultitaskPromptEmbedding, ArrayD<i64>, ArrayD<i64>)> {
    let dtype = || prop::sample::select(vec![Dtype::Float32, Dtype::Float16, Dtype::Bfloat16]);
    let sizes = (0..6_usize, 0..70_usize, 1..5_usize, 0..20_usize, 0..4_usize);
    (sizes, dtype(), dtype(), any::<bool>(), any::<u64>()).prop_map(|(sizes, prompt, factors, one, seed)| {
        let (tokens, width, tasks, ranks, batch) = sizes;
        let mut state = seed | 1;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            u16::try_from(state >> 48).unwrap()
        };
        let mut value = || f32::from(random()) / 32768.0 - 1.0;
        let embedding = MultitaskPromptEmbedding::new(
            Tensor::rounded(Array::from_shape_simple_fn((tokens, width), &mut value), prompt).unwrap(),
            Tensor::<Ix3>::rounded(Array::from_shape_simple_fn((tasks, tokens, ranks), &mut value), factors).unwrap(),
            Tensor::<Ix3>::rounded(Array::from_shape_simple_fn((tasks, ranks, width), &mut value), factors).unwrap(),
        );
        let in_row = if tokens == 1 { 1 + usize::from(random() % 4) } else { tokens };
        let mut below = |bound: usize| i64::try_from(usize::from(random()) % bound.max(1)).unwrap();
        let indices = Array::from_shape_simple_fn((batch, in_row), || below(tokens)).into_dyn();
        let ids = if one { 1 } else { batch };
        let task_ids = Array::from_shape_simple_fn(ids, || below(tasks)).into_dyn();
        (embedding.unwrap(), indices, task_ids)
    })
}

fn bits(tensor: &Tensor) -> (Dtype, Vec<usize>, Vec<u32>) {
    (tensor.dtype(), tensor.shape().to_vec(), tensor.to_float32().iter().map(|value| value.to_bits()).collect())
}

proptest! {
    #[test]
    fn the_fused_forward_equals_the_reference_bit_for_bit((embedding, indices, task_ids) in calls()) {
        let fused = embedding.forward(&indices, &task_ids).unwrap();
        let reference = embedding.forward_reference(&indices, &task_ids).unwrap();
        prop_assert_eq!(bits(&fused), bits(&reference));
    }
}
