//! `peftspec inspect`: what is shown of adapters, and the scan of values on recorded checkpoints.

use crate::{
    common::{cli, with_adapter},
    corpus::{file, lines},
};
use insta::assert_snapshot;
use peftspec::{
    Severity,
    checkpoint::{Budget, Checkpoint},
};
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The bytes of a multitask prompt of one virtual token and one rank, two wide: the row of each task is its prompt.
fn prompts(tasks: &[[f32; 2]]) -> Vec<u8> {
    let count = tasks.len();
    let bytes = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let [cols, rows, prompt] = [bytes(&vec![1.0; count]), bytes(tasks.as_flattened()), bytes(&[1.0, 1.0])];
    let view = |shape: Vec<usize>, bytes| TensorView::new(Dtype::F32, shape, bytes).unwrap();
    let tensors = [
        ("prefix_task_cols", view(vec![count, 1, 1], &cols)),
        ("prefix_task_rows", view(vec![count, 1, 2], &rows)),
        ("prompt_embeddings", view(vec![1, 2], &prompt)),
    ];
    safetensors::serialize(tensors, None).unwrap()
}

/// Tasks in a circle: each is turned by the same angle.
fn circle(count: u8) -> Vec<u8> {
    let angle = |task: u8| f32::from(task) * std::f32::consts::TAU / f32::from(count);
    let tasks: Vec<[f32; 2]> = (0..count).map(|task| [angle(task).cos(), angle(task).sin()]).collect();
    prompts(&tasks)
}

#[test]
fn a_multitask_adapter_is_shown_with_its_tasks() {
    assert_snapshot!(with_adapter("mpt/source-a", "inspect adapter").exits(0));
    assert_snapshot!(with_adapter("mpt/source-a-bfloat16-bin", "inspect --values adapter").exits(0));
}

#[test]
fn other_adapters_are_shown_without() {
    assert_snapshot!(with_adapter("methods/ia3", "inspect --values adapter").exits(0));
}

#[test]
fn a_checkpoint_alone_tells_what_its_tensors_tell() {
    let alone = |tasks| cli("inspect weights.safetensors").file("weights.safetensors", circle(tasks)).exits(0);
    assert_snapshot!(alone(1));
    assert_snapshot!(alone(3));
    assert_snapshot!(alone(20));
}

#[test]
fn colours_are_those_that_the_terminal_knows() {
    let run = || cli("inspect --color always x.safetensors").file("x.safetensors", circle(2));
    let of_256 = run().env("COLORTERM", "").prints(0);
    assert!(of_256.contains("\u{1b}[48;5;") && !of_256.contains("\u{1b}[48;2;"), "{of_256}");
    let all = run().env("COLORTERM", "truecolor").prints(0);
    // Alike is red, opposite is blue.
    assert!(all.contains("\u{1b}[48;2;178;24;43m") && all.contains("\u{1b}[48;2;33;102;172m"), "{all}");
}

#[test]
fn json_has_what_people_see() {
    let text = with_adapter("mpt/source-a", "inspect --json --values adapter").prints(0);
    assert_snapshot!(text);
}

#[test]
fn similarity_is_the_cosine_and_null_where_there_is_none() {
    let weights = prompts(&[[1.0, 0.0], [1.0, 1.0], [-2.0, 0.0], [0.0, 0.0]]);
    let text = cli("inspect --json x.safetensors").file("x.safetensors", weights).prints(0);
    let document: Value = serde_json::from_str(&text).unwrap();
    let half = (std::f64::consts::FRAC_1_SQRT_2 * 1e6).round() / 1e6;
    let expected = serde_json::json!([
        [1.0, half, -1.0, null],
        [half, 1.0, -half, null],
        [-1.0, -half, 1.0, null],
        [null, null, null, null]
    ]);
    assert_eq!(document["similarity"]["matrix"], expected);
    assert_eq!(document["parameters"]["per_task"], 3.5);
}

#[test]
fn what_is_wrong_follows_and_decides_the_exit_code() {
    assert_snapshot!(with_adapter("defective/mpt-nan", "inspect --values adapter").exits(1));
    assert_snapshot!(with_adapter("defective/mpt-missing-cols", "inspect adapter").exits(1));
    assert_snapshot!(cli("inspect x.safetensors").file("x.safetensors", "").exits(1));
    assert_snapshot!(cli("inspect absent").exits(2));
    assert_snapshot!(cli("inspect empty").folder("empty").exits(2));
}

#[test]
fn a_picture_is_written_once() {
    let draw = |args: &str| cli(args).file("x.safetensors", circle(3));
    let run = draw("inspect x.safetensors --svg x.svg").prepare(|dir| fs::write(dir.join("x.svg"), "mine").unwrap());
    assert_snapshot!(run.exits(2), @"
    --- stderr
    error: x.svg: this file is already there; --force overwrites it
    ");
    let forced = draw("inspect x.safetensors --svg x.svg --force");
    let forced = forced.prepare(|dir| fs::write(dir.join("x.svg"), "mine").unwrap()).exits(0);
    assert!(forced.ends_with("wrote x.svg\n"), "{forced}");
    let other = with_adapter("methods/ia3", "inspect adapter --svg x.svg");
    assert_snapshot!(other.exits(1), @"
    --- stderr
    error: adapter/adapter_model.safetensors: there is nothing to draw: it is no multitask prompt, whose tasks could be compared
    ");
}

#[test]
fn the_picture_has_a_cell_for_each_two_tasks() {
    let folder = tempfile::tempdir().unwrap();
    let (weights, picture) = (folder.path().join("x.safetensors"), folder.path().join("x.svg"));
    fs::write(&weights, circle(3)).unwrap();
    let run = cli("inspect --svg").arg(&picture.to_string_lossy()).arg(&weights.to_string_lossy());
    run.exits(0);
    let svg = fs::read_to_string(picture).unwrap();
    assert_eq!(svg.matches("<title>tasks ").count(), 9);
    assert!(svg.contains("tasks 0 and 1: -0.50</title>"), "{svg}");
    assert_eq!(svg.matches('<').count(), svg.matches('>').count());
}

#[derive(Deserialize)]
struct Recorded {
    path: String,
    format: Option<String>,
    valid: bool,
    defect: Option<String>,
    tensors: Option<BTreeMap<String, Value>>,
}

impl Recorded {
    /// What the scan says of the values.
    fn findings(&self) -> Vec<(&'static str, Severity)> {
        let checkpoint = Checkpoint::open(&file(&self.path), &Budget::default()).unwrap();
        let (scans, findings) = checkpoint.scan_all().unwrap();
        assert_eq!(scans.len(), checkpoint.catalogue.tensors.len());
        findings.into_iter().map(|found| (found.code, found.severity)).collect()
    }
}

/// Files whose values are at fault have the finding for it; sound files have no error, nor any file whose fault is another.
#[test]
fn the_values_of_recorded_checkpoints_are_judged_as_recorded() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let all = lines::<Recorded>("checkpoints/manifest.jsonl");
    let read = all.iter().filter(|recorded| recorded.format.is_some() && recorded.tensors.is_some());
    for recorded in read {
        let defect = recorded.defect.as_deref().unwrap_or_default();
        // Numbers that are read in the wrong order of bytes may be anything.
        let expected = if ["NaN", "infinity", "byteorder says big"].iter().any(|word| defect.contains(word)) {
            Some("non-finite-values")
        } else if defect.contains("every value is zero") {
            Some("all-zero-checkpoint")
        } else if defect.contains("subnormal") {
            Some("subnormal-tensor")
        } else {
            None
        };
        let found = recorded.findings();
        let has = |code| found.iter().any(|(found, _)| *found == code);
        match expected {
            Some(code) => assert!(has(code), "{}: {found:?}", recorded.path),
            None => assert!(!has("non-finite-values"), "{}: {found:?}", recorded.path),
        }
        assert!(!recorded.valid || found.iter().all(|(_, severity)| *severity != Severity::Error), "{}", recorded.path);
        *counts.entry(expected.unwrap_or("nothing")).or_default() += 1;
    }
    println!("{counts:?}");
    let of = |code: &str| counts.get(code).copied().unwrap_or_default();
    assert_eq!((of("all-zero-checkpoint"), of("subnormal-tensor")), (1, 1));
    assert!(of("non-finite-values") >= 8 && of("nothing") > 150, "{counts:?}");
}

/// A file of two gigabytes that takes no room: only its header is read.
#[cfg(unix)]
#[test]
fn a_large_file_is_read_by_its_header_alone() {
    let header = format!(r#"{{"w":{{"dtype":"F32","shape":[{},1024],"data_offsets":[0,{}]}}}}"#, 1 << 19, 1_u64 << 31);
    let make = |dir: &Path| {
        let path = dir.join("x.safetensors");
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(header.as_bytes());
        let length = bytes.len() as u64 + (1 << 31);
        fs::write(&path, bytes).unwrap();
        fs::File::options().write(true).open(path).unwrap().set_len(length).unwrap();
    };
    assert_snapshot!(cli("inspect x.safetensors").prepare(make).exits(0));
}

#[test]
fn a_prompt_without_numbers_is_an_error_and_has_no_map() {
    let view = |shape: &[usize]| TensorView::new(Dtype::F32, shape.to_vec(), &[]).unwrap();
    let tensors = [
        ("prefix_task_cols", view(&[2, 0, 1])),
        ("prefix_task_rows", TensorView::new(Dtype::F32, vec![2, 1, 2], &[0; 16]).unwrap()),
        ("prompt_embeddings", view(&[0, 2])),
    ];
    let bytes = safetensors::serialize(tensors, None).unwrap();
    assert_snapshot!(cli("inspect a.safetensors").file("a.safetensors", bytes.clone()).exits(1));
    let checked = cli("check a.safetensors").file("a.safetensors", bytes).exits(1);
    assert!(checked.contains("error[empty-tensor]: 2 tensors"), "{checked}");
}

#[test]
fn a_picture_never_replaces_what_it_is_made_of() {
    for file in ["adapter_model.safetensors", "adapter_config.json"] {
        let run = with_adapter("mpt/source-a", &format!("inspect adapter --svg adapter/{file} --force"));
        let told = run.exits(2);
        assert!(told.contains("would overwrite what it is made of"), "{told}");
    }
}

#[cfg(unix)]
#[test]
fn values_are_found_under_any_path() {
    use std::os::unix::ffi::OsStrExt;
    let name = Path::new(std::ffi::OsStr::from_bytes(b"bad\xff"));
    let run = cli("inspect --values");
    let folder = run.keep();
    fs::create_dir(folder.path().join(name)).unwrap();
    fs::write(folder.path().join(name).join("adapter_model.safetensors"), circle(3)).unwrap();
    let printed = run.path_arg(name).prints(0);
    assert!(printed.contains("finite") && printed.contains("most alike"), "{printed}");
}
