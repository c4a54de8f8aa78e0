"""Builds the catalogue of hostile checkpoints in tests/corpus/hostile: bytes put together by hand, nothing of it ever executed.

Usage: python3 tools/hostile/build.py [--check]; the same bytes on every machine. With --check nothing is written, and what
differs from what is there is printed.
"""

import argparse
import json
import struct
import sys
import zlib
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / "tests" / "corpus" / "hostile"

# Pickle operations, by the names of Python's pickletools.
PROTO2, PROTO4, STOP, MARK, TUPLE, REDUCE, BUILD = b"\x80\x02", b"\x80\x04", b".", b"(", b"t", b"R", b"b"
EMPTY_DICT, EMPTY_TUPLE, TUPLE1, TUPLE2, POP, NEWOBJ, NEWOBJ_EX = b"}", b")", b"\x85", b"\x86", b"0", b"\x81", b"\x92"
STACK_GLOBAL, MEMOIZE, OBJ, DUP, NONE = b"\x93", b"\x94", b"o", b"2", b"N"
COMMAND = "echo harmless"


def text(value):
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def short_text(value):
    data = value.encode()
    return b"\x8c" + bytes([len(data)]) + data


def name(module, attribute):
    return f"c{module}\n{attribute}\n".encode()


def call(module, attribute, *arguments):
    """The operations of `module.attribute(*arguments)`."""
    return name(module, attribute) + MARK + b"".join(arguments) + TUPLE + REDUCE


def pickle(body, protocol=PROTO2):
    """A pickle that does something and then gives an empty dictionary."""
    return protocol + body + POP + EMPTY_DICT + STOP


SYSTEM = call("os", "system", text(COMMAND))

# Functions that run code, read, write or connect; scanners that go by a list of forbidden names have missed several of them.
FUNCTIONS = {
    "os-system": ("os", "system"),
    "posix-system": ("posix", "system"),
    "nt-system": ("nt", "system"),
    "os-popen": ("os", "popen"),
    "subprocess-popen": ("subprocess", "Popen"),
    "builtins-eval": ("builtins", "eval"),
    "builtins-exec": ("builtins", "exec"),
    "builtins-import": ("builtins", "__import__"),
    "builtins-getattr": ("builtins", "getattr"),
    "builtins-open": ("builtins", "open"),
    "python2-eval": ("__builtin__", "eval"),
    "pty-spawn": ("pty", "spawn"),
    "runpy-run-path": ("runpy", "run_path"),
    "pip-main": ("pip", "main"),
    "timeit-timeit": ("timeit", "timeit"),
    "cprofile-run": ("cProfile", "run"),
    "bdb-run": ("bdb", "Bdb.run"),
    "code-runcode": ("code", "InteractiveInterpreter.runcode"),
    "idlelib-runcode": ("idlelib.run", "Executive.runcode"),
    "ensurepip-run-pip": ("ensurepip", "_run_pip"),
    "doctest-debug-script": ("doctest", "debug_script"),
    "imaplib-stream": ("imaplib", "IMAP4_stream"),
    "logging-listen": ("logging.config", "listen"),
    "importlib-import-module": ("importlib", "import_module"),
    "operator-attrgetter": ("operator", "attrgetter"),
    "functools-partial": ("functools", "partial"),
    "ctypes-cdll": ("ctypes", "CDLL"),
    "io-fileio": ("_io", "FileIO"),
    "shutil-rmtree": ("shutil", "rmtree"),
    "urllib-urlopen": ("urllib.request", "urlopen"),
    "socket-create-connection": ("socket", "create_connection"),
    "webbrowser-open": ("webbrowser", "open"),
    "pickle-loads": ("pickle", "loads"),
    "marshal-loads": ("marshal", "loads"),
    "types-codetype": ("types", "CodeType"),
    "numpy-runstring": ("numpy.testing._private.utils", "runstring"),
    "torch-load": ("torch", "load"),
    "torch-hub-load": ("torch.hub", "load"),
    "torch-jit-exec": ("torch.jit.unsupported_tensor_ops", "execWrapper"),
    "torch-inductor-async": ("torch._inductor.codecache", "compile_file"),
    "dotted-through-torch": ("torch.serialization", "os.system"),
}


def laughs(levels):
    """Tuples of two of the tuple before: twice as much to walk through with each level, for readers that walk."""
    return b"".join([EMPTY_TUPLE, b"q\x00", *(b"h\x00h\x00" + TUPLE2 + b"q\x00" for _ in range(levels))])


def tricks():
    """What pickles do to be read in one way and run in another."""
    hidden = "posix".encode().hex()
    yield "stack-global", "names its function by strings on the stack", pickle(
        short_text("os") + short_text("system") + STACK_GLOBAL + short_text(COMMAND) + TUPLE1 + REDUCE, PROTO4)
    yield "stack-global-from-memo", "takes the strings of a name from its memo, in another order than they came", pickle(
        short_text("system") + MEMOIZE + POP + short_text("os") + MEMOIZE + POP
        + b"h\x01h\x00" + STACK_GLOBAL + short_text(COMMAND) + TUPLE1 + REDUCE, PROTO4)
    yield "stack-global-no-string", "names a function by the result of a call", pickle(
        call("_codecs", "encode", text("os")) + text("system") + STACK_GLOBAL + text(COMMAND) + TUPLE1 + REDUCE, PROTO4)
    yield "memo-overwritten", "puts a harmless name into its memo, and another over it", pickle(
        name("collections", "OrderedDict") + b"q\x00" + POP + name("os", "system") + b"q\x00" + POP
        + b"h\x00" + text(COMMAND) + TUPLE1 + REDUCE)
    yield "memo-far-away", "memorises under a number of ten digits, for which a table would take gigabytes", pickle(
        SYSTEM + b"p4294967295\n")
    yield "nested-reduce", "gets its function by calls in calls", pickle(
        name("builtins", "getattr") + call("builtins", "__import__", text("os")) + text("system") + TUPLE2 + REDUCE
        + text(COMMAND) + TUPLE1 + REDUCE)
    yield "inst", "calls by INST, an operation of protocol 0", pickle(MARK + text(COMMAND) + b"ios\nsystem\n")
    yield "obj", "calls by OBJ", pickle(MARK + name("os", "system") + text(COMMAND) + OBJ)
    yield "newobj", "makes an object without REDUCE", pickle(
        name("subprocess", "Popen") + text(COMMAND) + TUPLE1 + NEWOBJ)
    yield "newobj-ex", "makes an object with keywords", pickle(
        name("subprocess", "Popen") + text(COMMAND) + TUPLE1 + EMPTY_DICT + NEWOBJ_EX, PROTO4)
    yield "build-state", "sets the state of an object, which runs its __setstate__", pickle(
        name("torch.package", "PackageImporter") + EMPTY_TUPLE + NEWOBJ + EMPTY_DICT + BUILD)
    yield "extension", "names a function by a number of the extension registry", pickle(
        b"\x82\x01" + text(COMMAND) + TUPLE1 + REDUCE)
    yield "through-an-allowed-one", "has a function of the allow-list call another", pickle(
        name("torch._tensor", "_rebuild_from_type_v2") + MARK + name("os", "system") + name("torch", "Tensor")
        + text(COMMAND) + TUPLE1 + NONE + TUPLE + REDUCE)
    yield "called-string", "calls what is no function", pickle(text("os.system") + text(COMMAND) + TUPLE1 + REDUCE)
    yield "text-protocol", "is written in protocol 0, as text", b"cos\nsystem\n(S'" + COMMAND.encode() + b"'\ntR."
    yield "escaped-name", "spells a name with an escape that only some readers resolve", pickle(
        b"c" + "o\u200bs".encode() + b"\nsystem\n" + text(COMMAND) + TUPLE1 + REDUCE)
    yield "hex-argument", "hides what it runs in hexadecimal", pickle(
        call("builtins", "exec", text(f"bytes.fromhex('{hidden}')")))
    yield "without-stop", "ends before STOP: readers have run it by then", PROTO2 + SYSTEM
    yield "broken-after-call", "goes on with an operation that does not exist", PROTO2 + SYSTEM + b"\xffgarbage"
    yield "frame-too-long", "announces a frame longer than itself", PROTO4 + b"\x95" + struct.pack("<Q", 1 << 40) + SYSTEM + STOP
    yield "second-after-stop", "has a second pickle behind its end", PROTO2 + EMPTY_DICT + STOP + PROTO2 + SYSTEM + STOP
    yield "inner-pickle", "carries another pickle as bytes, to be loaded by the first", pickle(
        call("pickle", "loads", b"B" + struct.pack("<I", len(PROTO2 + SYSTEM + STOP)) + PROTO2 + SYSTEM + STOP))
    yield "protocol-9", "claims a protocol that does not exist", b"\x80\x09" + SYSTEM + STOP
    yield "laughs", "doubles in size forty times when walked through", PROTO2 + laughs(40) + STOP
    yield "deep", "nests a hundred thousand tuples", PROTO2 + EMPTY_TUPLE + TUPLE1 * 100_000 + STOP
    yield "endless-string", "announces a string of 8 exbibytes", PROTO4 + b"\x8d" + struct.pack("<Q", 1 << 63) + b"x."
    yield "marks", "fills its stack with marks", PROTO2 + MARK * 100_000 + EMPTY_DICT + STOP


def short(number):
    return struct.pack("<H", number)


def long(number):
    return struct.pack("<I", number & 0xFFFFFFFF)


class Member:
    """A member of an archive; what its two headers say can differ."""

    def __init__(self, path, data, method=0, flags=0, **differing):
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        self.path, self.method, self.flags = path, method, flags
        self.data = deflate.compress(data) + deflate.flush() if method == 8 else data
        self.crc, self.size, self.packed, self.differing = zlib.crc32(data), len(data), len(self.data), differing

    def common(self, of):
        get = lambda key, usual: self.differing.get(f"{of}_{key}", usual)
        path = get("path", self.path).encode("utf-8", "surrogateescape")
        fields = short(get("flags", self.flags)) + short(get("method", self.method)) + b"\0\0\x21\0"
        numbers = long(get("crc", self.crc)) + long(get("packed", self.packed)) + long(get("size", self.size))
        return b"\x14\0" + fields + numbers + short(len(path)) + b"\0\0", path


def archive(members, before=b"", hidden=b"", comment=b"", listed=None):
    """A zip archive. `listed` are the members of the directory with their places, if these are not all."""
    body, places = before, []
    for member in members:
        places.append((member, len(body)))
        common, path = member.common("local")
        body += b"PK\x03\x04" + common + path + member.data
    body += hidden
    directory = b""
    for member, place in listed(places) if listed else places:
        common, path = member.common("central")
        directory += b"PK\x01\x02\x14\0" + common + bytes(10) + long(place) + path
    count = short(len(listed(places) if listed else places))
    end = b"PK\x05\x06" + bytes(4) + count + count + long(len(directory)) + long(len(body)) + short(len(comment)) + comment
    return body + directory + end


EMPTY = PROTO2 + EMPTY_DICT + STOP
VERSION = Member("archive/version", b"3\n")


def torch(data, **differing):
    return archive([Member("archive/data.pkl", data, **differing), VERSION])


def archives():
    """What archives do to show one thing to a scanner and another to a loader."""
    bad = PROTO2 + SYSTEM + STOP
    sound, evil = Member("archive/data.pkl", EMPTY), Member("archive/data.pkl", bad)
    hidden = Member("archive/evil.pkl", bad)
    yield "twice", "has two members of one name", archive([sound, evil, VERSION])
    yield "not-listed", "has a member that its directory does not list", archive(
        [sound, hidden, VERSION], listed=lambda places: [places[0], places[2]])
    yield "listed-elsewhere", "lists a member at the place of another", archive(
        [evil, sound, VERSION], listed=lambda places: [(sound, places[0][1]), places[2]])
    yield "second-pickle", "has a second pickle beside the first", archive([sound, hidden, VERSION])
    yield "second-pickle-by-another-ending", "has a second pickle whose name does not say so", archive(
        [sound, Member("archive/notes.txt", bad), VERSION])
    yield "local-name", "has another name in the member's own header", torch(EMPTY, local_path="archive/evil.pkl")
    yield "local-method", "has another packing in the member's own header", torch(EMPTY, local_method=8)
    yield "local-size", "has another size in the member's own header", torch(EMPTY, local_size=1, local_packed=1)
    yield "encrypted-flag", "says of a member that it is encrypted, which it is not", torch(bad, flags=1)
    yield "local-flags", "says so in the member's own header only", torch(bad, local_flags=1)
    yield "unknown-method", "packs its pickle by a method that torch does not know", torch(bad, central_method=99, local_method=99)
    yield "wrong-checksum", "has a wrong checksum, at which a scanner gives up", torch(bad, local_crc=1, central_crc=1)
    yield "beyond-the-end", "has a member that leads beyond the file", torch(EMPTY, local_packed=1 << 30, central_packed=1 << 30)
    yield "traversal", "has a name that leads out of the folder it is unpacked to", archive(
        [sound, Member("archive/../../../etc/cron.d/x", b"x"), VERSION])
    yield "absolute", "has an absolute name", archive([sound, Member("/etc/passwd", b"x"), VERSION])
    yield "windows-path", "has a name that leads out on Windows", archive([sound, Member("archive\\..\\..\\x", b"x"), VERSION])
    yield "null-in-name", "has a name that ends early for readers in C", archive(
        [Member("archive/data.pkl\0.txt", bad), sound, VERSION])
    yield "bytes-before", "is preceded by a program", archive([sound, VERSION], before=b"\x7fELF" + bytes(60))
    yield "bytes-between", "has bytes between the members and the directory", archive([sound, VERSION], hidden=bad)
    yield "two-directories", "has a second end of a directory in its comment", archive(
        [sound, VERSION], comment=archive([evil, VERSION]))
    yield "bomb-overlapping", "lists one member of 16 MiB 100 times", archive(
        [Member("archive/data.pkl", bytes(16 << 20), method=8), VERSION],
        listed=lambda places: places[:1] * 100 + places[1:])
    yield "bomb-claimed", "claims 4 GiB for a member of a few bytes", torch(
        EMPTY, method=8, central_size=0xFFFFFFF0, local_size=0xFFFFFFF0)
    yield "bomb-denied", "unpacks to a thousand times what it claims", torch(
        bytes(1 << 20), method=8, central_size=1024, local_size=1024)
    yield "payload-deflated", "compresses its pickle", torch(bad, method=8)
    yield "torchscript", "is a whole model with code of its own", archive(
        [sound, Member("archive/constants.pkl", EMPTY), Member("archive/code/__torch__.py", b"x = 1\n"), VERSION])
    yield "cut", "lacks its directory, which loaders that stream do not need", torch(bad)[:-60]


LEGACY_MAGIC = PROTO2 + b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."


def legacy(system=EMPTY, content=EMPTY, after=b""):
    return LEGACY_MAGIC + PROTO2 + b"M\xe9\x03." + system + content + PROTO2 + b"]." + after


def others():
    """Pickles outside of archives, and files that are two things at once."""
    bad = PROTO2 + SYSTEM + STOP
    yield "legacy-content.bin", "runs a command from torch's old format", legacy(content=bad)
    yield "legacy-system.bin", "runs a command from the record of the system", legacy(system=bad)
    yield "legacy-after.bin", "has a pickle behind the storages of the old format", legacy(after=bad)
    yield "bare.bin", "is a pickle alone, which torch.load would run", bad
    yield "bare.safetensors", "is a pickle under the name of a safe format", bad
    yield "archive.safetensors", "is an archive with a pickle under the name of a safe format", torch(bad)
    yield "seven-zip.bin", "is a 7z archive, which scanners of zip archives do not open", b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(24) + bad
    yield "legacy-and-zip.bin", "is a file of the old format, and an archive from its end", legacy() + torch(bad)
    yield "safetensors-and-zip.safetensors", "is a safetensors file, and an archive from its end", safetensors(
        {"a": entry(0, 4)}, bytes(4)) + torch(bad)
    yield "pickle-and-zip.bin", "is a pickle that runs a command, and an archive from its end", bad + torch(EMPTY)


def entry(start, end, shape=(1,), dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


def safetensors(header, data, length=None):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def headers():
    """Headers of safetensors files that lie."""
    yield "length-huge", "claims a header of 8 exbibytes", safetensors({}, b"", 1 << 63)
    yield "length-beyond", "claims a header longer than the file", safetensors({"a": entry(0, 4)}, bytes(4), 4096)
    yield "length-100-mb", "claims a header of 100 MB and one byte", safetensors({}, b"", 100_000_001)
    yield "overlap", "has two tensors in the same bytes", safetensors({"a": entry(0, 4), "b": entry(0, 4)}, bytes(4))
    yield "hole", "has bytes between its tensors", safetensors({"a": entry(0, 4), "b": entry(1028, 1032)}, bytes(1032))
    yield "payload-behind", "has bytes behind its tensors", safetensors({"a": entry(0, 4)}, bytes(4) + PROTO2 + SYSTEM + STOP)
    yield "shape-overflow", "has a shape whose product wraps around to the size", safetensors(
        {"a": entry(0, 4, [1 << 32, 1 << 32, 1])}, bytes(4))
    yield "offset-overflow", "has an offset of 20 digits", safetensors(
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[18446744073709551615,18446744073709551619]}}', bytes(4))
    yield "offset-negative", "has a negative offset", safetensors({"a": entry(-4, 0)}, bytes(4))
    yield "offsets-reversed", "ends a tensor before it starts", safetensors({"a": entry(4, 0)}, bytes(4))
    yield "twice", "has two tensors of one name", safetensors(
        b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}', bytes(8))
    yield "deep", "nests ten thousand arrays in its metadata", safetensors(
        b'{"__metadata__":' + b"[" * 10_000 + b"]" * 10_000 + b"}", b"")
    yield "not-utf-8", "has a name that is no text", safetensors(
        b'{"\xff":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', bytes(4))


def cases():
    for stem, (module, attribute) in FUNCTIONS.items():
        data = pickle(call(module, attribute, text(COMMAND)))
        yield f"pickle-{stem}.bin", f"calls {module}.{attribute}", torch(data)
    for stem, what, data in tricks():
        yield f"pickle-{stem}.bin", what, torch(data)
    for stem, what, data in archives():
        yield f"zip-{stem}.bin", what, data
    for path, what, data in others():
        yield path, what, data
    for stem, what, data in headers():
        yield f"header-{stem}.safetensors", what, data


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    check = parser.parse_args().check
    files, manifest = {}, ""
    for path, what, data in cases():
        assert path not in files, path
        files[path] = data
        manifest += json.dumps({"file": path, "what": what}) + "\n"
    files["manifest.jsonl"] = manifest.encode()
    there = {path.name: path.read_bytes() for path in OUT.iterdir()} if OUT.is_dir() else {}
    changed = sorted(path for path in files.keys() | there.keys() if files.get(path) != there.get(path))
    if not check:
        OUT.mkdir(parents=True, exist_ok=True)
        for path in changed:
            if path in files:
                (OUT / path).write_bytes(files[path])
            else:
                (OUT / path).unlink()
    print(f"{len(files) - 1} files, {sum(map(len, files.values()))} bytes; {'differ' if check else 'changed'}: {len(changed)}")
    return 1 if check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
