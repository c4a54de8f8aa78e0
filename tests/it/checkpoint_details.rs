//! What is said of checkpoints that differ from sound ones in one detail, and what is read of them.

use crate::checkpoint::{archive, manifest, open_bytes, pickle_findings, read_bytes, tells};
use peftspec::checkpoint::{self, Budget, Dtype, Format, Place};
use std::{
    collections::BTreeSet,
    fs,
    io::{self, Cursor, Read, Seek, SeekFrom, Write as _},
    path::Path,
};

/// What is found in a torch file.
fn findings_of(bytes: &[u8], budget: &Budget) -> Vec<String> {
    read_bytes("x.bin", bytes, budget).1.iter().map(ToString::to_string).collect()
}

/// The format that a file is taken for, and what is said first.
fn taken_for(name: &str, bytes: &[u8]) -> (Format, String) {
    let (catalogue, findings) = read_bytes(name, bytes, &Budget::default());
    (catalogue.format, findings.first().map(ToString::to_string).unwrap_or_default())
}

/// Eight bytes of length and a brace make a header of safetensors only if the length can be one.
#[test]
fn a_brace_alone_makes_no_safetensors_file() {
    let of_length = |length: u64, file: usize| {
        let mut bytes = [&length.to_le_bytes()[..], b"{}"].concat();
        bytes.resize(file, b' ');
        taken_for("x.bin", &bytes).0
    };
    assert_eq!(of_length(8, 16), Format::Safetensors);
    assert_eq!(of_length(15, 16), Format::Safetensors, "the header is cut");
    assert_eq!(of_length(16, 16), Format::Other);
    assert_eq!(of_length(1 << 32, 16), Format::Other);
    assert_eq!(taken_for("x.bin", b"8 bytes:{").0, Format::Other);
    assert_eq!(taken_for("x.bin", &[8_u64.to_le_bytes().as_slice(), b"      {}"].concat()).0, Format::Other);
}

#[test]
fn a_bare_pickle_is_one_even_if_it_is_cut() {
    for pickle in [&b"\x80\x02]q\x00."[..], b"\x80\x02]q", b"(lp0\n.", b"\x80\x05\x95"] {
        let (format, found) = taken_for("x.bin", pickle);
        assert_eq!(format, Format::Other);
        assert!(found.contains("a bare Python pickle"), "{pickle:?}: {found}");
    }
    // What any text can begin with.
    for text in [&b"N."[..], b"\x80\x09."] {
        assert!(taken_for("x.bin", text).1.contains("data of no known kind"), "{text:?}");
    }
}

#[test]
fn a_bare_pickle_over_the_limit_is_read_up_to_it() {
    let pickle = b"\x80\x02cos\nsystem\n.";
    let budget = |pickle| Budget { pickle, ..Budget::default() };
    let length = u64::try_from(pickle.len()).unwrap();
    let codes =
        |limit| -> Vec<&str> { read_bytes("x.bin", pickle, &budget(limit)).1.iter().map(|found| found.code).collect() };
    assert_eq!(codes(length), ["not-a-checkpoint", "dangerous-pickle"]);
    assert_eq!(codes(length - 1), ["not-a-checkpoint", "checkpoint-over-budget", "dangerous-pickle", "broken-pickle"]);
}

#[test]
fn a_header_may_be_as_long_as_the_limit() {
    let header = br#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#;
    let length = u64::try_from(header.len()).unwrap();
    let bytes = [&length.to_le_bytes()[..], header].concat();
    let read = |header| read_bytes("x.safetensors", &bytes, &Budget { header, ..Budget::default() });
    assert_eq!(read(length).0.tensors.len(), 1);
    let (catalogue, findings) = read(length - 1);
    assert_eq!((catalogue.tensors.len(), findings.len()), (0, 1));
    let notes = &findings[0].notes.join("\n");
    assert!(notes.contains("checkpoint.header") && !notes.contains("big-endian"), "{notes}");
    let swapped = [&length.to_be_bytes()[..], header].concat();
    let notes = read_bytes("x.safetensors", &swapped, &Budget::default()).1[0].notes.join("\n");
    assert!(!notes.contains("checkpoint.header") && notes.contains("big-endian"), "{notes}");
}

/// In the old format a record of the machine tells the order of bytes.
#[test]
fn old_files_of_big_endian_machines_are_read_in_their_order() {
    let recorded = manifest().into_iter().find(|recorded| recorded.case() == "source-a-legacy").unwrap();
    let little = recorded.bytes();
    let key = b"little_endian";
    let at = little.windows(key.len()).position(|window| window == key).unwrap();
    let is_true = at + little[at..].iter().position(|byte| *byte == 0x88).unwrap();
    let mut big = little.clone();
    big[is_true] = 0x89;
    let values = |bytes: &[u8]| {
        let opened = open_bytes("x.bin", bytes);
        opened.bytes(&opened.catalogue.tensors[0]).unwrap()
    };
    let mut swapped = values(&big);
    assert_ne!(swapped, values(&little));
    swapped.chunks_mut(4).for_each(<[u8]>::reverse);
    assert_eq!(swapped, values(&little));
}

/// What is read of an old file grows until its pickles fit: here the record of the machine is longer than what is read first.
#[test]
fn old_files_may_have_long_pickles() {
    let recorded = manifest().into_iter().find(|recorded| recorded.case() == "source-a-legacy").unwrap();
    let short = recorded.bytes();
    let mut starts = short.windows(2).enumerate().filter(|(_, window)| *window == b"\x80\x02").map(|(at, _)| at);
    let (machine, tensors) = (starts.nth(2).unwrap(), starts.next().unwrap());
    let name = "a".repeat(100_000);
    let length = u32::try_from(name.len()).unwrap().to_le_bytes();
    let record = [b"\x80\x02}X", &length[..], name.as_bytes(), b"K\x01s."].concat();
    let long = [&short[..machine], &record, &short[tensors..]].concat();
    let read = |budget: &Budget| read_bytes("x.bin", &long, budget);
    let (catalogue, findings) = read(&Budget::default());
    assert_eq!(findings, []);
    assert_eq!(catalogue.tensors.len(), 3);
    let findings = findings_of(&long, &Budget { pickle: 90_000, ..Budget::default() });
    tells(&findings, "the pickles of the file have too many bytes");
    tells(&findings_of(&long[..90_000], &Budget::default()), "the file is cut in its pickles");
}

/// A list can be copied by a few bytes each time; the copies count like the objects that they make.
#[test]
fn copies_of_a_long_list_are_counted() {
    let pairs = b"K\x00K\x01\x86".repeat(100);
    let copy = b"ccollections\nOrderedDict\nh\x00\x85R";
    let with_copies = |count: usize| {
        let pickle = [b"\x80\x02}(K\x00(]q\x00(", &pairs[..], b"e", &copy.repeat(count), b"tu."].concat();
        let budget = Budget { objects: 1000, ..Budget::default() };
        findings_of(&archive(&[("data.pkl", &pickle), ("version", b"3\n")]), &budget)
    };
    let too_many = "the pickle makes too many objects";
    assert!(!with_copies(2).join("").contains(too_many));
    tells(&with_copies(9), too_many);
}

#[test]
fn storages_that_no_tensor_uses_are_told() {
    let findings = |records: &[(&str, &[u8])]| -> Vec<String> {
        let records = [&[("data.pkl", &b"\x80\x02}."[..]), ("version", b"3\n")], records].concat();
        findings_of(&archive(&records), &Budget::default())
    };
    assert_eq!(findings(&[("data/", b"")]), [""; 0]);
    tells(&findings(&[("data/0", b"1234")]), "no tensor uses the storage `archive/data/0`");
}

/// Bytes after a pickle count if they are one: with its mark, or with an end.
#[test]
fn what_follows_a_pickle_is_looked_at() {
    let after = |bytes: &[u8]| pickle_findings(&[b"\x80\x02}.", bytes].concat());
    tells(&after(b"\x80\x02cos\nsystem\n"), "`os.system`");
    tells(&after(b"cos\nsystem\n."), "`os.system`");
    let chance = after(b"cos\nsystem\n");
    tells(&chance, "11 bytes follow the end of the pickle");
    assert_eq!(chance.len(), 1, "{chance:?}");
}

/// Each operation takes from the stack, and from the file, what it should: the dictionary at the end is still the root.
#[test]
fn operations_take_what_is_theirs() {
    let refused = "`os.system`";
    for (pickle, told) in [
        (&b"\x80\x02}."[..], None),
        // NEWOBJ_EX takes a class, arguments and keywords.
        (b"\x80\x04}ccollections\nOrderedDict\n)}\x920.", None),
        (b"\x80\x04}cos\nsystem\n)}\x920.", Some(refused)),
        // Extensions have codes of one, two or four bytes.
        (b"\x80\x02}\x82\x010.", Some("copyreg extension.1`")),
        (b"\x80\x02}\x83\x01\x010.", Some("copyreg extension.257`")),
        (b"\x80\x02}\x84\x01\0\x01\x000.", Some("copyreg extension.65537`")),
        // A float as text, a set, a buffer from outside.
        (b"\x80\x02}F1.5\n0.", None),
        (b"\x80\x04}\x8f0.", None),
        (b"\x80\x05}\x970.", None),
        // The state of a dictionary that can have attributes, and of one that cannot.
        (b"\x80\x02ccollections\nOrderedDict\n)R}b.", None),
        (b"\x80\x02}}b.", Some("sets the state of a dict")),
    ] {
        let findings = pickle_findings(pickle);
        if let Some(told) = told {
            tells(&findings, told);
        }
        // That torch refuses some of these operations is said as well.
        let others = ["unsupported-pickle", "dangerous-pickle", "sets the state of"];
        let is_lost = |found: &&String| !others.iter().any(|other| found.contains(other));
        assert_eq!(findings.iter().find(is_lost), None, "{pickle:?}");
    }
}

/// Names are reported up to a number; each once.
#[test]
fn a_flood_of_names_ends() {
    let mut pickle = b"\x80\x02}".to_vec();
    for index in 0..1002 {
        pickle.extend_from_slice(format!("cos\nf{index}\n0cos\nf{index}\n0").as_bytes());
    }
    pickle.push(b'.');
    let findings = read_bytes("x.bin", &archive(&[("data.pkl", &pickle), ("version", b"3\n")]), &Budget::default()).1;
    let named = |name: &str| findings.iter().filter(|found| found.message.contains(&format!("`os.{name}`"))).count();
    let counted: usize = findings.iter().filter(|found| found.message.contains("`os.f")).count();
    assert_eq!(named("f0"), 1);
    assert_eq!(counted, 200);
}

#[test]
fn the_bytes_of_a_number_change_places() {
    let place = || Place { member: None, offset: 0, bytes: 8, strides: None, big_endian: true };
    for (dtype, shape, expected) in [
        (Dtype::Uint8, 8_u64, [0, 1, 2, 3, 4, 5, 6, 7]),
        (Dtype::Bfloat16, 4, [1, 0, 3, 2, 5, 4, 7, 6]),
        (Dtype::Bcomplex32, 2, [1, 0, 3, 2, 5, 4, 7, 6]),
        (Dtype::Complex32, 2, [1, 0, 3, 2, 5, 4, 7, 6]),
        (Dtype::Float32, 2, [3, 2, 1, 0, 7, 6, 5, 4]),
        (Dtype::Complex64, 1, [3, 2, 1, 0, 7, 6, 5, 4]),
        (Dtype::Float64, 1, [7, 6, 5, 4, 3, 2, 1, 0]),
    ] {
        let found = crate::checkpoint::placed(dtype, &[shape], place()).unwrap();
        assert_eq!(found, expected, "{dtype:?}");
    }
}

/// What a pickle holds at its root, or what is wrong with it.
fn root(pickle: &[u8]) -> String {
    let findings = pickle_findings(pickle);
    let told = findings.iter().filter(|found| !found.contains("unsupported-pickle"));
    told.map(|found| found.split_once(": ").unwrap().1.to_owned()).collect::<Vec<_>>().join("; ")
}

/// Operations by what stands at the root in the end.
#[test]
fn every_operation_leaves_what_it_should() {
    for (pickle, holds) in [
        (&b"N."[..], "None"),
        (b"I00\n.", "True or False"),
        (b"I01\n.", "True or False"),
        (b"I7\n.", "a whole number"),
        (b"L-7L\n.", "a whole number"),
        (b"I12345678901234567890\n.", "a long whole number"),
        (b"F1.5\n.", "a float"),
        (b"S'a'\n.", "a string"),
        (b"B\x01\0\0\0a.", "bytes"),
        (b"\x8e\x01\0\0\0\0\0\0\0a.", "bytes"),
        (b"\x96\x01\0\0\0\0\0\0\0a.", "bytes"),
        (b"\x8f.", "a set"),
        (b"\x8f(N\x90.", "a set"),
        (b"\x97.", "a buffer"),
        (b"\x97\x98.", "a buffer"),
        (b"(NN\x91.", "a frozenset"),
        (b"(l.", "a list"),
        (b"(NNl.", "a list"),
        (b"]2\x86.", "a tuple"),
        // POP_MARK takes all down to the mark, POP the mark itself where nothing is above it.
        (b"](NN1.", "a list"),
        (b"](0.", "a list"),
        (b"](N00.", "a list"),
    ] {
        let found = root(&[b"\x80\x04", pickle].concat());
        assert!(found.starts_with(&format!("the checkpoint holds {holds}")), "{pickle:?}: {found}");
    }
    tells(&pickle_findings(b"\x80\x02]N2\x86."), "leaves 1 more values on its stack");
}

#[test]
fn operations_that_cannot_be_say_so() {
    for (pickle, told) in [
        (&b"I\n."[..], "byte 2 has no whole number"),
        (b"I-x\n.", "byte 2 has no whole number"),
        (b"}(NNNu.", "byte 7 sets a key without a value"),
        (b"](N\x90.", "byte 5 appends to a list"),
        (b"}(Na.", "the operation at byte 5 finds the stack empty"),
        (b"N(0(0Q.", "the persistent id at byte 7 is None"),
        (b"](NR.", "the operation at byte 5 finds the stack empty"),
        (b"](b.", "the operation at byte 4 finds the stack empty"),
    ] {
        tells(&pickle_findings(&[b"\x80\x04", pickle].concat()), told);
    }
    // Only one kind of text has quotes.
    tells(&pickle_findings(b"\x80\x02}S'a'\nNs."), "entry `a` is None");
    tells(&pickle_findings(b"\x80\x02}V'a'\nNs."), "entry `'a'` is None");
}

/// Numbers of given length have a sign: the protocol of an old file shows it.
#[test]
fn long_numbers_have_a_sign() {
    for (number, told) in [
        (&b"\x8a\x01\xff"[..], "-1"),
        (b"\x8a\x02\xff\x00", "255"),
        (b"\x8a\x01\x7f", "127"),
        (b"\x8a\x01\x81", "-127"),
        (b"\x8b\x01\0\0\0\x05", "5"),
        (b"\x8a\x00", "0"),
    ] {
        let magic = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
        let bytes = [&magic[..], b"\x80\x02", number, b".\x80\x02}.\x80\x02}.\x80\x02]."].concat();
        let findings: Vec<String> = findings_of(&bytes, &Budget::default());
        tells(&findings, &format!("the protocol of the file is {told}; torch reads 1001"));
    }
}

/// A tensor of one number on the storage `0`, as `torch.save` writes it.
const TENSOR: &[u8] = b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\n\
    X\x01\0\0\x000X\x03\0\0\0cpuK\x01tQK\0)(t\x89}tR";

#[test]
fn any_number_of_tensors_may_share_a_storage() {
    let mut pickle = b"\x80\x02}(".to_vec();
    for index in 0..70_u8 {
        pickle.extend_from_slice(&[b'U', 2, b'a' + index / 26, b'a' + index % 26]);
        pickle.extend_from_slice(TENSOR);
    }
    pickle.extend_from_slice(b"u.");
    let records: [(&str, &[u8]); 3] = [("data.pkl", &pickle), ("data/0", &[0; 4]), ("version", b"3\n")];
    let (catalogue, findings) = read_bytes("x.bin", &archive(&records), &Budget::default());
    assert_eq!((catalogue.tensors.len(), findings), (70, Vec::new()));
}

#[test]
fn a_tensor_without_values_is_told() {
    let pickle =
        b"\x80\x02}(U\x01actorch._utils\n_rebuild_meta_tensor_no_storage\n(ctorch\nfloat32\nK\x03\x85K\x01\x85\x89tRu.";
    let (catalogue, findings) =
        read_bytes("x.bin", &archive(&[("data.pkl", pickle), ("version", b"3\n")]), &Budget::default());
    assert_eq!((catalogue.tensors[0].name.as_str(), catalogue.tensors[0].shape.as_slice()), ("a", &[3][..]));
    assert_eq!(findings[0].to_string(), "error[broken-tensor]: tensor `a` was saved without values");
    assert_eq!(findings.len(), 1);
}

/// Every limit of a pickle is the last number that is fine. Small numbers and None are made once.
#[test]
fn limits_of_pickles_are_exact() {
    type WithLimit = fn(usize) -> Budget;
    let pickle = b"\x80\x02}(X\x01\0\0\0aq\x01X\x01\0\0\0bq\x02K\x05K\x05NNNNu.";
    let at = |budget: Budget| -> Vec<String> {
        let bytes = archive(&[("data.pkl", pickle), ("version", b"3\n")]);
        findings_of(&bytes, &budget)
    };
    let limits: [(&str, usize, WithLimit); 5] = [
        ("operations", 15, |operations| Budget { operations, ..Budget::default() }),
        ("objects", 5, |objects| Budget { objects, ..Budget::default() }),
        ("memo entries", 2, |memo| Budget { memo, ..Budget::default() }),
        ("strings", 2, |text| Budget { text, ..Budget::default() }),
        ("bytes", pickle.len(), |pickle| Budget { pickle: pickle as u64, ..Budget::default() }),
    ];
    let sound = at(Budget::default());
    for (name, limit, budget) in limits {
        assert_eq!(at(budget(limit)), sound, "{limit} {name}");
        assert_ne!(at(budget(limit - 1)), sound, "{} {name}", limit - 1);
    }
}

#[test]
fn a_header_with_a_broken_entry_is_read_around_it() {
    let findings = |header: &str| -> Vec<String> {
        let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &[0; 8]].concat();
        read_bytes("x.safetensors", &bytes, &Budget::default()).1.iter().map(ToString::to_string).collect()
    };
    let entry = |start: u64| format!(r#"{{"dtype":"F32","shape":[1],"data_offsets":[{start},{}]}}"#, start + 4);
    // Nobody knows what bytes the broken entry has: none is called unused.
    for broken in [format!(r#"{{"a":{{"x"}},"b":{}}}"#, entry(4)), format!(r#"{{"b":{},"a":{{"x"}}}}"#, entry(4))] {
        let found = findings(&broken);
        assert!(found.len() == 1 && found[0].contains("entry `a`"), "{found:?}");
    }
    assert_eq!(findings(&format!(r#"{{"a\"b":{},"b":{}}}"#, entry(0), entry(4))), [""; 0]);
    tells(&findings(&format!("{{\"a\u{1}\":{},\"b\":{}}}", entry(0), entry(4))), "the name ");
    tells(&findings(&format!(r#"{{"a":,"b":{}}}"#, entry(4))), "the header is not JSON");
}

/// A zip of one pickle, compressed.
fn compressed(pickle: &[u8]) -> Vec<u8> {
    let mut writer = rawzip::ZipArchiveWriter::new(Vec::new());
    let builder = writer.new_file("archive/data.pkl").compression_method(rawzip::CompressionMethod::DEFLATE);
    let (mut entry, config) = builder.start().unwrap();
    let mut data = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::best()));
    data.write_all(pickle).unwrap();
    let (encoder, descriptor) = data.finish().unwrap();
    encoder.finish().unwrap();
    entry.finish(descriptor).unwrap();
    writer.finish().unwrap()
}

/// Much in little is no bomb while it is small, and much is none if it was stored as such.
#[test]
fn a_bomb_is_both_large_and_dense() {
    let is_bomb = |size: usize, fill: fn(usize) -> u8, inflated| {
        // A string, so that the pickle is sound.
        let text: Vec<u8> = (0..size).map(fill).collect();
        let pickle = [b"\x80\x02}X", &u32::try_from(size).unwrap().to_le_bytes()[..], &text, b"0."].concat();
        let findings = findings_of(&compressed(&pickle), &Budget { inflated, ..Budget::default() });
        findings.iter().any(|found| found.contains("claim to unpack to too many bytes"))
    };
    let dense = |_| b' ';
    let varied = |at: usize| u8::try_from(at * at % 89 + at % 31).unwrap() + 1;
    assert!(is_bomb(1 << 20, dense, 1 << 19));
    assert!(!is_bomb(1 << 20, dense, 1 << 21));
    assert!(!is_bomb(1 << 12, varied, 1 << 11));
}

/// A member's own header, which follows `PK\x03\x04`: flags at 6, checksum at 14, sizes at 18 and 22.
#[test]
fn the_own_header_of_a_member_agrees_with_the_directory() {
    let stored = archive(&[("data.pkl", b"\x80\x02}."), ("version", b"3\n")]);
    let told = |change: fn(&mut [u8])| {
        let mut bytes = stored.clone();
        change(&mut bytes);
        findings_of(&bytes, &Budget::default())
    };
    assert_eq!(told(|_| ()), [""; 0]);
    // This writer puts checksum and sizes behind the bytes: here are zeros, or what is true.
    assert_eq!(stored[6] & 8, 8);
    tells(&told(|bytes| bytes[14] ^= 1), "its own header has the checksum 00000001");
    tells(&told(|bytes| bytes[22] = 9), "its own header has the size 9");
    tells(&told(|bytes| bytes[18] = 9), "its own header has the packed size 9");
    tells(&told(|bytes| bytes[6] &= !8), "its own header has the flags");
    tells(&told(|bytes| bytes[6] |= 1), "its own header has the flags");
}

/// Bytes that stop to come, or come late.
struct Failing {
    bytes: Cursor<Vec<u8>>,
    from: u64,
    kind: io::ErrorKind,
    times: usize,
}

impl Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.from.saturating_sub(self.bytes.position());
        if left == 0 && self.times > 0 {
            self.times -= 1;
            return Err(self.kind.into());
        }
        let most = if self.times > 0 { usize::try_from(left).unwrap().min(buffer.len()) } else { buffer.len() };
        self.bytes.read(&mut buffer[..most])
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

/// What the disk does is an error of reading; it says nothing about the file.
#[test]
fn a_failing_disk_is_no_finding() {
    let long = [b"\x80\x02}X\0\x20\0\0", &[b'a'; 0x2000][..], b"0."].concat();
    for bytes in [archive(&[("data.pkl", &long), ("version", b"3\n")]), compressed(&long)] {
        let name = Path::new("x.bin");
        let sound = checkpoint::read_from(Cursor::new(bytes.clone()), name, &Budget::default()).unwrap();
        for from in (0..u64::try_from(bytes.len()).unwrap()).step_by(4) {
            let failing = |kind, times| Failing { bytes: Cursor::new(bytes.clone()), from, kind, times };
            let read = |reader| checkpoint::read_from(reader, name, &Budget::default());
            let again = read(failing(io::ErrorKind::Interrupted, 1)).unwrap();
            assert_eq!(again, sound, "interrupted at {from}");
            if from % 64 == 0 {
                let error = read(failing(io::ErrorKind::PermissionDenied, usize::MAX)).unwrap_err();
                assert!(error.to_string().contains("x.bin"), "{error}");
            }
        }
    }
}

/// What torch allows, as `tools/corpus/allowed_globals.py` recorded it, and names that are like them.
#[test]
fn the_allow_list_is_that_of_torch() {
    #[derive(serde::Deserialize)]
    struct Allowed {
        torch: String,
        names: Vec<String>,
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/facts/torch_allowed_globals.json");
    let Allowed { torch, names } = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let is_told = |name: &str| {
        let (module, name) = name.rsplit_once('.').unwrap();
        let findings = pickle_findings(format!("}}c{module}\n{name}\n0.").as_bytes());
        findings.iter().any(|found| found.contains("dangerous-pickle"))
    };
    println!("{} names of torch {torch}", names.len());
    let refused: Vec<&String> = names.iter().filter(|name| is_told(name)).collect();
    assert!(refused.is_empty(), "{refused:?}");
    let allowed: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let modules = ["torch", "torch.cuda", "torch.sparse", "torch.storage", "torch._utils", "builtins", "collections"];
    let others: BTreeSet<String> = names
        .iter()
        .flat_map(|name| modules.map(|module| format!("{module}.{}", name.rsplit_once('.').unwrap().1)))
        .filter(|name| !allowed.contains(name.as_str()))
        .collect();
    let missed: Vec<&String> = others.iter().filter(|name| !is_told(name)).collect();
    println!("{} names that are not on the list", others.len());
    assert!(missed.is_empty(), "{missed:?}");
}
