//! What is said of checkpoints that differ from sound ones in one detail, and what is read of them.

use crate::checkpoint::{archive, manifest, open_bytes, pickle_findings, read_bytes, tells};
use peftspec::checkpoint::{Budget, Dtype, Format, Place};

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

#[test]
fn storages_that_no_tensor_uses_are_told() {
    let findings = |records: &[(&str, &[u8])]| -> Vec<String> {
        let records = [&[("data.pkl", &b"\x80\x02}."[..]), ("version", b"3\n")], records].concat();
        read_bytes("x.bin", &archive(&records), &Budget::default()).1.iter().map(ToString::to_string).collect()
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
    assert!(counted <= 1000, "{counted}");
}

#[test]
fn the_bytes_of_a_number_change_places() {
    let place = |strides: Option<Vec<u64>>| Place { member: None, offset: 0, bytes: 8, strides, big_endian: true };
    for (dtype, shape, expected) in [
        (Dtype::Uint8, 8_u64, [0, 1, 2, 3, 4, 5, 6, 7]),
        (Dtype::Bfloat16, 4, [1, 0, 3, 2, 5, 4, 7, 6]),
        (Dtype::Complex32, 2, [1, 0, 3, 2, 5, 4, 7, 6]),
        (Dtype::Float32, 2, [3, 2, 1, 0, 7, 6, 5, 4]),
        (Dtype::Complex64, 1, [3, 2, 1, 0, 7, 6, 5, 4]),
        (Dtype::Float64, 1, [7, 6, 5, 4, 3, 2, 1, 0]),
    ] {
        let found = crate::checkpoint::placed(dtype, &[shape], place(None)).unwrap();
        assert_eq!(found, expected, "{dtype:?}");
    }
}
