"""How many of the mistakes that cargo-mutants makes in what decides and in what reads bytes the tests notice.

Usage: python3 run.py [--files GLOB …] [--jobs N]; needs git, cargo, cargo-mutants and Linux, and installs tree-sitter from PyPI. cargo-mutants itself builds the crate once for every
mutant, which takes days here. This compiles all of its mutants into one program, of which the environment chooses one; a mutant then
costs the tests that come by it, the quickest first, until one fails. What does not compile is left out, as cargo-mutants does.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import venv
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
WORK = ROOT / "target" / "mutants"
COPY = WORK / "source"
FILES = ["src/rule/**/*.rs", "src/checkpoint/**/*.rs"]
# Optimised, since what counts is the time of the tests; without lints, which generated code does not keep.
SETTINGS = {
    "CARGO_TARGET_DIR": str(WORK / "target"),
    "CARGO_PROFILE_DEV_OPT_LEVEL": "1",
    "CARGO_PROFILE_DEV_DEBUG": "0",
    "CARGO_INCREMENTAL": "0",
    "RUSTFLAGS": "--cap-lints=allow",
    "INSTA_UPDATE": "no",
}
# Memory of one run of tests, in bytes: a mutant may ask for any.
MOST_MEMORY = 8 << 30
# Seconds of tests that are run together at first; then three times as many each time.
FIRST_BATCH, LARGEST_BATCH = 0.5, 20.0


def in_own_python():
    """Runs this program again where what it needs is installed."""
    python = WORK / "venv" / "bin" / "python"
    if Path(sys.prefix) == WORK / "venv":
        return
    if not python.exists():
        venv.create(WORK / "venv", with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--requirement", HERE / "requirements.txt"], check=True)
    os.execv(python, [python, __file__, *sys.argv[1:]])


def copied():
    """A copy of what is committed or changed, without what is ignored."""
    subprocess.run(["rm", "-rf", COPY], check=True)
    files = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(files, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout
    COPY.mkdir(parents=True)
    subprocess.run(["cp", "--parents", "--target-directory", COPY, *filter(None, names.decode().split("\0"))], cwd=ROOT, check=True)


def listed(globs):
    """The mutants, numbered."""
    files = [word for glob in globs for word in ("--file", glob)]
    command = ["cargo", "mutants", "--all-features", "--list", "--json", *files]
    output = subprocess.run(command, cwd=COPY, check=True, stdout=subprocess.PIPE).stdout
    return [{**mutant, "number": number} for number, mutant in enumerate(json.loads(output), start=1)]


def woven(mutants, originals):
    """Weaves the mutants into the copy; gives the numbers of those that found a place."""
    from weave import weave

    by_file = defaultdict(list)
    for mutant in mutants:
        by_file[mutant["file"]].append(mutant)
    placed = set()
    for file, original in originals.items():
        text, numbers = weave(original, by_file[file])
        (COPY / file).write_text(text)
        placed |= numbers
    return placed


def refused():
    """The numbers of the mutants that the compiler refuses, and its errors that belong to none."""
    from weave import culprit

    command = ["cargo", "check", "--lib", "--all-features", "--message-format=json"]
    output = subprocess.run(command, cwd=COPY, env=os.environ | SETTINGS, stdout=subprocess.PIPE).stdout
    numbers, others = set(), []
    for line in map(json.loads, output.splitlines()):
        message = line["message"] if line["reason"] == "compiler-message" else {"level": ""}
        if message["level"] != "error":
            continue
        places = [(COPY / span["file_name"], span["byte_start"], span["byte_end"]) for span in message["spans"]]
        found = {culprit(path.read_bytes(), start, end) for path, start, end in places if path.is_file()} - {None}
        numbers |= found
        if not found:
            others.append(message["rendered"])
    return numbers, others


def program(mutants):
    """Builds the tests of the program with all mutants that compile; gives the executables, their numbers, and how many found no place."""
    from weave import choice

    originals = {file: (COPY / file).read_text() for file in {mutant["file"] for mutant in mutants}}
    (COPY / "src/mutants.rs").write_text("//! Which mutant is alive.\n" + choice(mutants))
    library = COPY / "src/lib.rs"
    library.write_text(library.read_text() + "\n#[doc(hidden)]\npub mod mutants;\n")
    left, without_place = mutants, 0
    while True:
        placed = woven(left, originals)
        without_place += sum(mutant["number"] not in placed for mutant in left)
        numbers, others = refused()
        left = [mutant for mutant in left if mutant["number"] in placed - numbers]
        print(f"{len(left)} of {len(mutants)} mutants compile so far", file=sys.stderr)
        if not numbers:
            break
    if others:
        sys.exit("the program does not compile:\n" + "\n".join(others))
    command = ["cargo", "test", "--all-features", "--no-run", "--message-format=json"]
    output = subprocess.run(command, cwd=COPY, env=os.environ | SETTINGS, check=True, stdout=subprocess.PIPE).stdout
    artifacts = [line for line in map(json.loads, output.splitlines()) if line["reason"] == "compiler-artifact"]
    tests = [line["executable"] for line in artifacts if line["profile"]["test"] and line["executable"]]
    return sorted(set(tests)), {mutant["number"] for mutant in left}, without_place


def bounded():
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    os.setsid()


def run(executable, tests, seconds, **environment):
    """`passed`, `failed` or `timed out`."""
    command = [executable, "--exact", "--test-threads", "1", *tests]
    environment = os.environ | SETTINGS | environment
    process = subprocess.Popen(
        command, cwd=COPY, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=bounded
    )
    try:
        return "failed" if process.wait(seconds) else "passed"
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return "timed out"


def traced(executable, test):
    """Seconds that a test takes, and the mutants that it comes by; None if it fails without any."""
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder, "trace")
        start = time.monotonic()
        outcome = run(executable, [test], 600, MUTANT_TRACE=str(trace))
        seconds = time.monotonic() - start
        if outcome != "passed":
            print(f"left out, since it {outcome} without a mutant: {test}", file=sys.stderr)
            return None
        numbers = set(map(int, trace.read_text().split())) if trace.exists() else set()
        return seconds, executable, test, numbers


def fate(number, tests):
    """What becomes of a mutant by these tests, of which each comes by it."""
    batch, most = defaultdict(list), FIRST_BATCH
    for index, (seconds, executable, test) in enumerate(tests, start=1):
        batch[executable].append((seconds, test))
        took = sum(seconds for group in batch.values() for seconds, _ in group)
        if took < most and index < len(tests):
            continue
        for executable, group in batch.items():
            outcome = run(executable, [test for _, test in group], 30 + 8 * took, MUTANT=str(number))
            if outcome != "passed":
                return outcome
        batch.clear()
        most = min(most * 3, LARGEST_BATCH)
    return "missed" if tests else "not reached"


def tests_of(executable):
    listing = subprocess.run([executable, "--list", "--format", "terse"], check=True, stdout=subprocess.PIPE, text=True).stdout
    return [(executable, line.removesuffix(": test")) for line in listing.splitlines() if line.endswith(": test")]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", nargs="+", default=FILES)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    in_own_python()
    copied()
    mutants = listed(arguments.files)
    executables, compiled, without_place = program(mutants)
    with ThreadPoolExecutor(arguments.jobs) as pool:
        every = [test for executable in executables for test in tests_of(executable)]
        traces = [trace for trace in pool.map(lambda test: traced(*test), every) if trace]
        reaching = defaultdict(list)
        for seconds, executable, test, numbers in sorted(traces, key=lambda trace: trace[0]):
            for number in numbers:
                reaching[number].append((seconds, executable, test))
        chosen = [mutant for mutant in mutants if mutant["number"] in compiled]
        fates = list(pool.map(lambda mutant: fate(mutant["number"], reaching[mutant["number"]]), chosen))
    for mutant, outcome in zip(chosen, fates):
        if outcome in ("missed", "not reached"):
            print(f"{outcome}: {mutant['name']}")
    counts = Counter(fates)
    caught = counts["failed"] + counts["timed out"]
    broken = len(mutants) - len(chosen) - without_place
    print(f"{len(traces)} tests; {len(mutants)} mutants, of which {without_place} find no place and {broken} do not compile")
    print(f"{caught} of {len(chosen)} are noticed ({caught / len(chosen):.1%}): {dict(counts)}")


if __name__ == "__main__":
    main()
