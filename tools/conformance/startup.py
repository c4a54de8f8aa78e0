"""Times the whole process side by side: our check of one config file, and the native sourcemeta CLI.

Usage: python3 startup.py [FILE] [--runs N]; needs `cargo build --release`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from engines import Missing, sourcemeta_executable
from run import CORPUS, ROOT, SCHEMAS, lines

TARGET = 1.5
WARM_UP = 20


def default_file(folder):
    """An example of the repository, else a config that PEFT saved."""
    examples = sorted(ROOT.glob("examples/*/adapter_config.json"))
    if examples:
        return examples[0]
    file = Path(folder, "adapter_config.json")
    file.write_text(lines(CORPUS / "saved_configs.jsonl")[0], "utf-8")
    return file


def contestants(file):
    ours = ROOT / "target" / "release" / ("peftspec.exe" if os.name == "nt" else "peftspec")
    if not ours.exists():
        raise Missing("target/release/peftspec is not there: run `cargo build --release`")
    schema = SCHEMAS / "2020-12" / "strict" / "adapter_config.schema.json"
    theirs = [sourcemeta_executable(), "validate", str(schema), str(file)]
    return {
        "peftspec check": [str(ours), "check", str(file)],
        "jsonschema validate": theirs,
        "jsonschema validate --fast": [*theirs, "--fast"],
    }


def seconds(arguments):
    """How long a process takes from start to end."""
    started = time.perf_counter()
    done = subprocess.run(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    elapsed = time.perf_counter() - started
    if done.returncode != 0:
        raise Missing(f"{' '.join(arguments)} exited with {done.returncode}")
    return elapsed


def measure(commands, runs):
    """The times of each command, all taking turns so that a busy machine slows them alike."""
    times = {name: [] for name in commands}
    for turn in range(WARM_UP + runs):
        for name, arguments in commands.items():
            elapsed = seconds(arguments)
            if turn >= WARM_UP:
                times[name].append(elapsed)
    return times


def table(times):
    """Medians and minima in milliseconds, and how many times longer ours takes."""
    ours = statistics.median(times["peftspec check"])
    rows = ["| command | median ms | min ms | ours / this |", "| --- | --- | --- | --- |"]
    for name, taken in times.items():
        median = statistics.median(taken)
        rows.append(f"| {name} | {median * 1e3:.2f} | {min(taken) * 1e3:.2f} | {ours / median:.2f} |")
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", nargs="?", help="a valid config (default: an example)")
    parser.add_argument("--runs", type=int, default=300, help="runs of each command (default: 300)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            times = measure(contestants(arguments.file or default_file(folder)), arguments.runs)
        except Missing as reason:
            print(f"NOT MEASURED: {reason}")
            return 2
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    ratio = medians["peftspec check"] / medians["jsonschema validate"]
    print(f"{arguments.runs} runs each\n\n{table(times)}\n\nratio {ratio:.2f}, target at most {TARGET}")
    return 0 if ratio <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
