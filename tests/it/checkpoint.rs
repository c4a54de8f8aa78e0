//! Checkpoints of every kind, sound and broken, against what torch, safetensors and PEFT did with them.

use crate::corpus::{file, lines};
use peftspec::{
    Diagnostic, Severity,
    checkpoint::{self, Budget, Catalogue, Checkpoint, Dtype as Type, Format, Place, Tensor, ValuesError},
    fuzzing::{SafetensorsVerdict, safetensors_verdict},
};
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;

/// A line of the manifest.
#[derive(Deserialize)]
pub(crate) struct Recorded {
    path: String,
    format: Option<String>,
    valid: bool,
    defect: Option<String>,
    note: Option<String>,
    load: Load,
    tensors: Option<BTreeMap<String, RecordedTensor>>,
}

#[derive(Deserialize)]
struct Load {
    outcome: String,
}

#[derive(Deserialize)]
struct RecordedTensor {
    dtype: Option<String>,
    shape: Option<Vec<u64>>,
    sha256: Option<String>,
}

/// The files of which torch itself refuses to load what is sound.
pub(crate) const REFUSED_BY_TORCH: [&str; 4] =
    ["pickle-protocol-4", "pickle-protocol-5", "pickle-protocol-4-legacy", "zip-no-version"];

pub(crate) fn manifest() -> Vec<Recorded> {
    let all = lines::<Recorded>("checkpoints/manifest.jsonl");
    assert_eq!(all.len(), 433);
    all.into_iter().filter(|recorded| recorded.format.is_some()).collect()
}

impl Recorded {
    /// The folder of the file, which names the case.
    pub(crate) fn case(&self) -> &str {
        self.path.rsplit('/').nth(1).unwrap()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        fs::read(file(&self.path)).unwrap()
    }

    fn read(&self) -> (Catalogue, Vec<Diagnostic>) {
        checkpoint::read(&file(&self.path), &Budget::default()).unwrap()
    }

    fn open(&self) -> Checkpoint<'static> {
        Checkpoint::open(&file(&self.path), &Budget::default()).unwrap()
    }
}

fn errors(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().filter(|found| found.severity == Severity::Error).map(ToString::to_string).collect()
}

pub(crate) fn read_bytes(name: &str, bytes: &[u8], budget: &Budget) -> (Catalogue, Vec<Diagnostic>) {
    checkpoint::read_from(Cursor::new(bytes), Path::new(name), budget).unwrap()
}

pub(crate) fn open_bytes<'a>(name: &str, bytes: &'a [u8]) -> Checkpoint<'a> {
    Checkpoint::from_reader(Cursor::new(bytes), Path::new(name), &Budget::default()).unwrap()
}

#[test]
fn tensors_of_sound_files_are_those_that_torch_sees() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let all = manifest();
    for recorded in all.iter().filter(|recorded| recorded.valid) {
        let opened = recorded.open();
        let Checkpoint { catalogue, diagnostics, .. } = &opened;
        let path = &recorded.path;
        let Some(expected) = &recorded.tensors else {
            assert!(REFUSED_BY_TORCH.contains(&recorded.case()), "{path}");
            assert!(!errors(diagnostics).is_empty(), "{path}: torch refuses it");
            assert_eq!(catalogue.tensors.len(), 3, "{path}: {diagnostics:?}");
            continue;
        };
        assert_eq!(errors(diagnostics), [""; 0], "{path}");
        let names: BTreeSet<&str> = catalogue.tensors.iter().map(|tensor| tensor.name.as_str()).collect();
        assert_eq!(names, expected.keys().map(String::as_str).collect(), "{path}");
        for tensor in &catalogue.tensors {
            let recorded_tensor = &expected[&tensor.name];
            assert_eq!(Some(tensor.dtype.as_str()), recorded_tensor.dtype.as_deref(), "{path}: {}", tensor.name);
            assert_eq!(Some(&tensor.shape), recorded_tensor.shape.as_ref(), "{path}: {}", tensor.name);
            let mut digest = Sha256::new();
            opened.each_chunk(tensor, |piece| digest.update(piece)).unwrap();
            let digest = digest.finalize();
            assert_eq!(digest, Sha256::digest(opened.bytes(tensor).unwrap()), "{path}: {}", tensor.name);
            let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(Some(&hex), recorded_tensor.sha256.as_ref(), "{path}: {}", tensor.name);
        }
        let format = match recorded.format.as_deref() {
            Some("zip") => "torch-zip",
            other => other.unwrap(),
        };
        assert_eq!(catalogue.format.as_str(), format, "{path}");
        *counts.entry(format).or_default() += 1;
    }
    println!("{counts:?}");
    assert_eq!(counts.values().sum::<usize>(), 176);
}

/// Why a defective file has no error from its own bytes.
fn invisible(recorded: &Recorded) -> Option<&'static str> {
    let (case, folder) = (recorded.case(), &recorded.path);
    Some(match case {
        "safetensors-header-space-padding" | "safetensors-metadata-absent" => "allowed by the format",
        "safetensors-header-extra-field" | "safetensors-metadata-format-tf" => "loads everywhere: a warning",
        "bin-zip-big-endian" => "a big-endian machine writes such files: a warning",
        "safetensors-header-empty" | "bin-pickle-empty-dict" => "which tensors there must be, the config says",
        "safetensors-dtype-same-width" => "which type a tensor must have, the config says",
        "danger-beside-safetensors" if folder.ends_with(".safetensors") => "the fault is in another file",
        "target-exact-source-task-gpt2-source-gone" => "the fault is in another file",
        _ if ["mpt-nan", "mpt-inf", "mpt-minus-inf", "mpt-all", "mpt-overflow", "mpt-subnormal", "lora-nan"]
            .iter()
            .any(|start| case.starts_with(start)) =>
        {
            "the values tell"
        }
        _ if case.starts_with("mpt-") || case.starts_with("lora-") || case.starts_with("prompt-tuning-") => {
            "config and base model tell"
        }
        _ => return None,
    })
}

#[test]
fn defects_of_files_are_errors() {
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut seen = 0;
    let all = manifest();
    for recorded in all.iter().filter(|recorded| !recorded.valid) {
        let errors = errors(&recorded.read().1);
        if let Some(reason) = invisible(recorded) {
            assert_eq!(errors, [""; 0], "{}: {:?} is listed as not visible", recorded.path, recorded.defect);
            by_reason.entry(reason).or_default().push(recorded.case());
        } else {
            assert!(!errors.is_empty(), "{}: {:?}, {:?}", recorded.path, recorded.defect, recorded.note);
            seen += 1;
        }
    }
    println!("{seen} defects are errors");
    for (reason, cases) in &by_reason {
        println!("{} are not visible: {reason}: {}", cases.len(), cases.join(", "));
    }
    assert_eq!(seen + by_reason.values().map(Vec::len).sum::<usize>(), 252);
}

/// What is said of each defect that is in the file itself.
#[test]
fn defects_have_names() {
    let mut text = String::new();
    for recorded in manifest().iter().filter(|recorded| !recorded.valid && recorded.path.contains("/defective/")) {
        let diagnostics = recorded.read().1;
        if !diagnostics.is_empty() {
            text.push_str(&format!("{}: {}\n", recorded.case(), recorded.defect.as_deref().unwrap()));
            for found in &diagnostics {
                text.push_str(&format!("  {found}\n"));
            }
        }
        for found in &diagnostics {
            assert!(!format!("{found:?}").to_lowercase().contains("safe to"), "{found}");
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_loads_in_torch_and_is_sound_has_no_warning_but_for_odd_files() {
    let mut odd = Vec::new();
    for recorded in manifest().iter().filter(|recorded| recorded.valid && recorded.load.outcome == "ok") {
        let (_, diagnostics) = recorded.read();
        odd.extend(diagnostics.iter().map(|found| format!("{}: {found}", recorded.case())));
    }
    insta::assert_snapshot!(odd.join("\n"), @"zip-comment: warning[unusual-checkpoint]: 10 bytes follow the end of the archive");
}

/// Small numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[test]
fn agrees_with_the_safetensors_crate_on_mutated_files() {
    let data: Vec<u8> = (0..96).collect();
    let tensors = [
        ("a", TensorView::new(Dtype::F32, vec![2, 3], &data[..24]).unwrap()),
        ("b.c", TensorView::new(Dtype::BF16, vec![4], &data[24..32]).unwrap()),
        ("none", TensorView::new(Dtype::I64, vec![0, 7], &[]).unwrap()),
        ("é", TensorView::new(Dtype::U8, vec![], &data[..1]).unwrap()),
    ];
    let metadata = [("format".to_owned(), "pt".to_owned())].into();
    let sound = safetensors::serialize(tensors, Some(metadata)).unwrap();
    let mut dice = Dice(7);
    let (mut accepted, mut refused, mut stricter) = (0, 0, 0);
    for round in 0..20_000 {
        let mut bytes = sound.clone();
        for _ in 0..round.min(1 + round % 3) {
            mutate(&mut bytes, &mut dice);
        }
        match safetensors_verdict(&bytes) {
            SafetensorsVerdict::Accepted => accepted += 1,
            SafetensorsVerdict::Refused => refused += 1,
            SafetensorsVerdict::StricterHere => stricter += 1,
        }
    }
    println!("{accepted} accepted by both, {refused} refused by both, {stricter} refused by us alone");
    assert!(accepted > 300 && refused > 1000, "{accepted} {refused}");
}

fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice) {
    const PIECES: [&str; 14] =
        ["0", "1", "24", "32", "[", "]", "{", "}", ",", "\"", "F32", "null", " ", "99999999999999999999"];
    let at = dice.roll(bytes.len());
    match dice.roll(6) {
        // One of the last bytes, which are values.
        5 => {
            let at = bytes.len() - 1 - dice.roll(33.min(bytes.len()));
            bytes[at] ^= 1;
        }
        0 => bytes[at] = u8::try_from(dice.roll(256)).unwrap(),
        1 => drop(bytes.remove(at)),
        2 => bytes.truncate(at.max(1)),
        3 => {
            let piece = PIECES[dice.roll(PIECES.len())].bytes();
            let end = (at + dice.roll(3)).min(bytes.len());
            bytes.splice(at..end, piece);
            mend_length(bytes);
        }
        _ => {
            let piece = PIECES[dice.roll(PIECES.len())].bytes();
            bytes.splice(at..at, piece);
            mend_length(bytes);
        }
    }
    if bytes.is_empty() {
        bytes.push(0);
    }
}

/// Makes the length of the header fit again, so that the mutation shows inside it.
fn mend_length(bytes: &mut [u8]) {
    let data = 33;
    if let Some(header) = bytes.len().checked_sub(8 + data) {
        bytes[..8].copy_from_slice(&u64::try_from(header).unwrap().to_le_bytes());
    }
}

#[test]
fn mutated_torch_files_never_panic() {
    let mut dice = Dice(11);
    let files: Vec<Recorded> = manifest()
        .into_iter()
        .filter(|recorded| ["source-a-bin", "source-a-legacy", "zip-deflated"].contains(&recorded.case()))
        .collect();
    assert_eq!(files.len(), 3);
    for recorded in &files {
        let sound = recorded.bytes();
        for _ in 0..2_000 {
            let mut bytes = sound.clone();
            for _ in 0..=dice.roll(3) {
                mutate(&mut bytes, &mut dice);
            }
            let opened = open_bytes("x.bin", &bytes);
            let Checkpoint { catalogue, diagnostics, .. } = &opened;
            let changed = bytes != sound;
            assert!(!changed || !diagnostics.is_empty() || !catalogue.tensors.is_empty());
            for tensor in &catalogue.tensors {
                // Values or a fault, but no panic.
                let _ = opened.bytes(tensor);
            }
        }
    }
}

/// A legacy file cut at every byte is never sound.
#[test]
fn every_cut_is_noticed() {
    for case in ["source-a-legacy", "source-a-bin", "source-a"] {
        let recorded = manifest().into_iter().find(|recorded| recorded.case() == case).unwrap();
        let bytes = recorded.bytes();
        let name = recorded.path.rsplit('/').next().unwrap();
        for length in 0..bytes.len() {
            let (_, diagnostics) = read_bytes(name, &bytes[..length], &Budget::default());
            assert!(!errors(&diagnostics).is_empty(), "{case} cut at {length}");
        }
    }
}

#[test]
fn a_bomb_is_named() {
    let zeros = vec![0; 2 << 20];
    let mut packed = flate2::read::DeflateEncoder::new(&zeros[..], flate2::Compression::best());
    let mut deflated = Vec::new();
    packed.read_to_end(&mut deflated).unwrap();
    let mut writer = rawzip::ZipArchiveWriter::new(Vec::new());
    let builder = writer.new_file("archive/data.pkl").compression_method(rawzip::CompressionMethod::DEFLATE);
    let (mut entry, config) = builder.start().unwrap();
    let mut data = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::best()));
    std::io::Write::write_all(&mut data, &zeros).unwrap();
    let (encoder, descriptor) = data.finish().unwrap();
    encoder.finish().unwrap();
    entry.finish(descriptor).unwrap();
    let bytes = writer.finish().unwrap();
    let budget = Budget { inflated: 1 << 20, pickle: 1 << 16, ..Budget::default() };
    let (_, diagnostics) = read_bytes("x.bin", &bytes, &budget);
    let told = |number: &str| diagnostics.iter().any(|found| found.message.contains(number));
    assert!(told("2097152, more than the limit of 1048576"), "{diagnostics:?}");
    assert!(told("2097152, more than the limit of 65536"), "{diagnostics:?}");
    assert!(deflated.len() < 4096);
}

#[test]
fn places_count_from_the_start_of_the_file() {
    let recorded = manifest().into_iter().find(|recorded| recorded.case() == "source-a").unwrap();
    let (catalogue, _) = recorded.read();
    assert_eq!(catalogue.format, Format::Safetensors);
    let total: u64 = catalogue.tensors.iter().filter_map(|tensor| tensor.place.as_ref()).map(|place| place.bytes).sum();
    let end = |place: &Place| place.offset + place.bytes;
    let last = catalogue.tensors.iter().filter_map(|tensor| tensor.place.as_ref()).map(end).max().unwrap();
    assert_eq!(last, u64::try_from(recorded.bytes().len()).unwrap());
    assert_eq!(total, 4 * (3 * 7 * 4 + 3 * 4 * 32 + 7 * 32));
}

#[test]
fn a_folder_is_no_checkpoint() {
    let error = checkpoint::read(&file("checkpoints"), &Budget::default()).unwrap_err();
    assert!(error.to_string().ends_with("this is a folder, not a file"), "{error}");
}

#[test]
fn a_pointer_names_the_size_of_the_real_file() {
    let text = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345678901\n";
    let (catalogue, diagnostics) = read_bytes("adapter_model.safetensors", text.as_bytes(), &Budget::default());
    assert_eq!(catalogue.format, Format::Other);
    assert!(diagnostics[0].message.contains("12345678901 bytes"), "{diagnostics:?}");
}

/// A header over two gigabytes that are not there.
#[test]
fn only_the_header_of_a_large_file_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("adapter_model.safetensors");
    let tensor = 1_u64 << 20;
    let entries: Vec<String> = (0..2048_u64)
        .map(|i| {
            let (start, end) = (i * tensor, (i + 1) * tensor);
            format!(r#""layers.{i}.lora_A.weight":{{"dtype":"F32","shape":[512,512],"data_offsets":[{start},{end}]}}"#)
        })
        .collect();
    let header = format!("{{{}}}", entries.join(","));
    let length = u64::try_from(header.len()).unwrap();
    fs::write(&path, [&length.to_le_bytes()[..], header.as_bytes()].concat()).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_len(8 + length + 2048 * tensor).unwrap();
    let start = std::time::Instant::now();
    let (catalogue, diagnostics) = checkpoint::read(&path, &Budget::default()).unwrap();
    println!("{:?} for {} tensors", start.elapsed(), catalogue.tensors.len());
    assert_eq!(errors(&diagnostics), [""; 0]);
    assert_eq!(catalogue.tensors.len(), 2048);
}

/// A zip of stored members in the folder `archive`.
pub(crate) fn archive(records: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = rawzip::ZipArchiveWriter::new(Vec::new());
    for (name, bytes) in records {
        let name = format!("archive/{name}");
        let (mut entry, config) = writer.new_file(name.as_str()).start().unwrap();
        let mut data = config.wrap(&mut entry);
        std::io::Write::write_all(&mut data, bytes).unwrap();
        let (_, descriptor) = data.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    writer.finish().unwrap()
}

/// The findings about a pickle in an archive.
pub(crate) fn pickle_findings(pickle: &[u8]) -> Vec<String> {
    let bytes = archive(&[("data.pkl", pickle), ("version", b"3\n")]);
    read_bytes("x.bin", &bytes, &Budget::default()).1.iter().map(ToString::to_string).collect()
}

#[track_caller]
pub(crate) fn tells(findings: &[String], text: &str) {
    assert!(findings.iter().any(|found| found.contains(text)), "nothing says {text}: {findings:?}");
}

#[test]
fn pickles_that_play_tricks_are_named() {
    assert_eq!(pickle_findings(b"\x80\x02}."), [""; 0]);
    // A string that is called; a list that holds itself; a mapping made of it.
    tells(&pickle_findings(b"\x80\x02X\x01\x00\x00\x00a)R."), "the pickle calls a string at byte 9");
    tells(&pickle_findings(b"\x80\x02]q\x00h\x00a."), "the checkpoint holds a list");
    assert_eq!(pickle_findings(b"\x80\x02ccollections\nOrderedDict\n]q\x00h\x00a\x85R."), [""; 0]);
    tells(&pickle_findings(b"\x80\x02N)b."), "byte 4 sets the state of None");
    tells(&pickle_findings(b"\x80\x02e."), "byte 2 finds no mark");
    tells(&pickle_findings(b"\x80\x020."), "byte 2 finds the stack empty");
    tells(&pickle_findings(b"\x80\x09}."), "claims protocol 9");
    tells(&pickle_findings(b"\x80\x02X\x03\x00\x00\x00abcQ."), "the persistent id at byte 10 is a string, not a tuple");
    // A rebuild that calls an outsider through one that is on the list.
    let chain = b"\x80\x02ctorch._tensor\n_rebuild_from_type_v2\n(cos\nsystem\nctorch\nTensor\n)}tR.";
    tells(&pickle_findings(chain), "`os.system`");
    // A million tuples, one in the other.
    let mut deep = b"\x80\x02)".to_vec();
    deep.extend(std::iter::repeat_n(0x85, 900_000));
    deep.push(b'.');
    tells(&pickle_findings(&deep), "the checkpoint holds a tuple");
}

#[test]
fn archives_that_contradict_themselves_are_named() {
    let findings = |bytes: &[u8]| -> Vec<String> {
        read_bytes("x.bin", bytes, &Budget::default()).1.iter().map(ToString::to_string).collect()
    };
    let sound = archive(&[("data.pkl", b"\x80\x02}."), ("version", b"3\n")]);
    assert_eq!(findings(&sound), [""; 0]);
    // The member's own header has another name than the directory.
    let mut renamed = sound.clone();
    renamed[30..46].copy_from_slice(b"archive/evil.pkl");
    tells(&findings(&renamed), "its own header has the name `archive/evil.pkl`");
    // Bytes in front of the directory, which then begins later.
    let directory = sound.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let hidden = b"PK\x03\x04 hidden";
    let mut stuffed = sound.clone();
    stuffed.splice(directory..directory, hidden.iter().copied());
    let end = stuffed.len() - 22;
    let offset = u32::try_from(directory + hidden.len()).unwrap();
    stuffed[end + 16..end + 20].copy_from_slice(&offset.to_le_bytes());
    tells(&findings(&stuffed), "hold a member that the directory does not list");
    let second = archive(&[("data.pkl", b"\x80\x02}."), ("other.pkl", b"\x80\x02cos\nsystem\n."), ("version", b"3\n")]);
    tells(&findings(&second), "member `archive/other.pkl` is a second pickle");
    tells(&findings(&second), "`os.system` at byte 2 (in archive/other.pkl)");
    let mut encrypted = sound;
    encrypted[directory + 8] |= 1;
    tells(&findings(&encrypted), "is encrypted");
}

#[test]
fn members_that_torch_does_not_read_cost_no_more_together_than_one_pickle() {
    let stray: Vec<String> = (0..200).map(|index| format!("m{index}")).collect();
    let zeros = vec![b'0'; 1000];
    let mut records: Vec<(&str, &[u8])> = vec![("data.pkl", b"\x80\x02}."), ("version", b"3\n")];
    records.extend(stray.iter().map(|name| (name.as_str(), zeros.as_slice())));
    let budget = Budget { pickle: 10_000, ..Budget::default() };
    let (_, findings) = read_bytes("x.bin", &archive(&records), &budget);
    let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
    tells(&findings, "191 members that torch does not read, such as `archive/m");
    tells(&findings, "200002, more than the limit of 10000");
}

/// A tensor of 6 values in a safetensors file of 24 bytes after the header, with whatever place is wanted.
pub(crate) fn placed(dtype: Type, shape: &[u64], place: Place) -> Result<Vec<u8>, ValuesError> {
    let data: Vec<u8> = (0..24).collect();
    let view = TensorView::new(Dtype::F32, vec![6], &data).unwrap();
    let bytes = safetensors::serialize([("a", view)], None).unwrap();
    let opened = open_bytes("x.safetensors", &bytes);
    let start = opened.catalogue.tensors[0].place.as_ref().unwrap().offset;
    let place = Place { offset: place.offset.wrapping_add(start), ..place };
    opened.bytes(&Tensor { name: "a".to_owned(), dtype, shape: shape.to_vec(), place: Some(place) })
}

#[test]
fn values_are_in_row_major_order_whatever_the_strides() {
    let place = |bytes, strides: &[u64]| Place {
        member: None,
        offset: 0,
        bytes,
        strides: Some(strides.to_vec()),
        big_endian: false,
    };
    assert_eq!(placed(Type::Uint8, &[2, 3], place(6, &[1, 2])).unwrap(), [0, 2, 4, 1, 3, 5]);
    assert_eq!(placed(Type::Int16, &[2, 2], place(10, &[0, 4])).unwrap(), [0, 1, 8, 9, 0, 1, 8, 9]);
    // The stride of a dimension with one entry leads nowhere, however long it is.
    assert_eq!(placed(Type::Uint8, &[2, 1], place(2, &[1, u64::MAX])).unwrap(), [0, 1]);
    let big_endian = Place { strides: None, big_endian: true, ..place(16, &[]) };
    assert_eq!(placed(Type::Int64, &[1], Place { bytes: 8, ..big_endian.clone() }).unwrap(), [7, 6, 5, 4, 3, 2, 1, 0]);
    let swapped = placed(Type::Complex64, &[2], big_endian).unwrap();
    assert_eq!(swapped, [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12]);
}

#[test]
fn places_that_lie_are_faults() {
    let told = |dtype, shape: &[u64], offset, bytes, strides: Option<&[u64]>| {
        let strides = strides.map(<[u64]>::to_vec);
        let place = Place { member: None, offset, bytes, strides, big_endian: false };
        placed(dtype, shape, place).unwrap_err().to_string()
    };
    let repeated = 1 << 40;
    let messages = [
        told(Type::Float32, &[6], 4, 24, None),
        told(Type::Float32, &[6], u64::MAX - 100, 24, None),
        told(Type::Float32, &[6], 0, 20, None),
        told(Type::Float32, &[u64::MAX, 2], 0, 20, None),
        told(Type::Uint8, &[2, 3], 0, 5, Some(&[1, 2])),
        told(Type::Uint8, &[2, 3], 0, 6, Some(&[u64::MAX, 2])),
        told(Type::Uint8, &[repeated], 0, 1, Some(&[0])),
    ];
    insta::assert_snapshot!(messages.join("\n"), @"
    error[broken-tensor]: the values of tensor `a` cannot be read: it lies beyond the end of what the file holds
    error[broken-tensor]: the values of tensor `a` cannot be read: it lies beyond the end of what the file holds
    error[broken-tensor]: the values of tensor `a` cannot be read: it has another size than its type and shape say
    error[broken-tensor]: the values of tensor `a` cannot be read: it has a size that does not fit 64 bits
    error[broken-tensor]: the values of tensor `a` cannot be read: it has strides that lead out of its place
    error[broken-tensor]: the values of tensor `a` cannot be read: it has strides that lead out of its place
    error[checkpoint-over-budget]: the values of tensor `a` take too many bytes: 1099511627777, more than the limit of 67108864
    ");
}

/// A tensor of uint16 as torch writes it in its old format, without a type that its reader would ask for.
#[test]
fn types_that_the_old_format_cannot_tell_are_errors() {
    let pickles: [&[u8]; 5] = [
        b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.",
        b"\x80\x02M\xe9\x03.",
        b"\x80\x02}X\x0d\0\0\0little_endian\x88s.",
        b"\x80\x02}X\x01\0\0\0actorch._utils\n_rebuild_tensor_v3\n((X\x07\0\0\0storagectorch.storage\nUntypedStorage\n\
          X\x01\0\0\x000X\x03\0\0\0cpuK\x08tQK\0K\x04\x85K\x01\x85\x89}ctorch\nuint16\ntRs.",
        b"\x80\x02]X\x01\0\0\x000a.",
    ];
    let bytes = [&pickles.concat(), &8_u64.to_le_bytes()[..], &[0; 8]].concat();
    let (catalogue, diagnostics) = read_bytes("x.bin", &bytes, &Budget::default());
    assert_eq!((catalogue.tensors[0].dtype, &catalogue.tensors[0].shape[..]), (Type::Uint16, &[4][..]));
    let [found] = &diagnostics[..] else { panic!("{diagnostics:?}") };
    insta::assert_snapshot!(format!("{found}\n{}", found.notes.join("\n")), @"
    error[unsupported-pickle]: torch's old format stores tensors of uint16 without a type, and torch cannot read them
    PEFT stops with `AttributeError: type object 'torch.storage.UntypedStorage' has no attribute 'dtype'`
    save them anew where they are at hand: as safetensors, or with `torch.save` in its usual format
    ");
}
