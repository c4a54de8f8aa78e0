"""Compares what `peftspec compat` and `check --peft` say of the recorded configs with what old releases of PEFT do with them.

Usage: python3 releases.py [--python PYTHON] [RELEASE …]; needs `cargo build --release`. PYTHON has torch and transformers; each
release is installed beside them, without its dependencies, into .releases.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from engines import HERE, successful
from peft_adapters import library_python

ROOT = HERE.parent.parent
FOLDER = HERE / ".releases"
RELEASES = "0.3.0 0.5.0 0.6.2 0.7.1 0.8.0 0.10.0 0.13.2 0.14.0 0.15.2 0.18.1 0.19.1 0.20.0 0.21.2".split()
# What is not installed here is nothing that a config could be blamed for.
ENVIRONMENT = ("ImportError", "ModuleNotFoundError")


def configs():
    """The recorded configs of modelled methods, as text."""
    modelled = {path.name.removesuffix(".schema.json") for path in (ROOT / "schemas" / "2020-12" / "strict").iterdir()}
    for line in (ROOT / "tests" / "corpus" / "configs.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        config = case.get("config")
        if isinstance(config, dict) and str(config.get("peft_type")).lower() in modelled:
            yield case["id"], json.dumps(config)


def install(release):
    """The folder of a release."""
    target = FOLDER / release
    if not target.exists():
        print(f"installing peft {release}", file=sys.stderr)
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        successful([*pip, "--target", str(target), f"peft=={release}"])
    return target


def real(python, release, texts):
    """What the release does with each config."""
    lines = "".join(json.dumps(text) + "\n" for text in texts)
    environment = {**os.environ, "PYTHONPATH": str(install(release))}
    done = subprocess.run(
        [python, "-W", "ignore", HERE / "load_configs.py"], input=lines, env=environment, stdout=subprocess.PIPE, check=True, text=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def findings(command, cases, release):
    """What `check --peft` finds in each config."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in cases:
            path = Path(folder, name, "adapter_config.json")
            path.parent.mkdir()
            path.write_text(text, encoding="utf-8")
        done = subprocess.run([command, "check", "--format", "json", "--peft", release, folder], capture_output=True, text=True)
    files = json.loads(done.stdout)["files"]
    return {Path(file["path"]).parent.name: file["diagnostics"] for file in files}


def compatibility(command, text):
    """What `compat` says of a config, release by release; None where there is no method that it knows."""
    done = subprocess.run([command, "compat", "--json", "-"], input=text, capture_output=True, text=True)
    return json.loads(done.stdout).get("releases")


def number(release):
    return tuple(map(int, release.split(".")))


def row_of(rows, release):
    return next(row for row in rows if number(row["first"]) <= number(release) <= number(row["last"]))


def compared(row, found, answer):
    """In which way the two differ, or agree."""
    errors = {diagnostic["code"] for diagnostic in found if diagnostic["severity"] == "error"}
    errors |= {reason["code"] for reason in row["reasons"] if reason["verdict"] == "fails"}
    if answer["failed"]:
        if answer["failed"].startswith(ENVIRONMENT):
            return "a package is missing here"
        return "both: fails" if errors else "MISSED: fails, and we do not say so"
    if errors:
        return "an error of ours that the config class does not raise"
    keys = {key for reason in row["reasons"] if reason["code"] in ("keys-dropped", "settings-lost") for key in reason["keys"]}
    unknown = {diagnostic["pointer"].removeprefix("/") for diagnostic in found if diagnostic["code"] == "unknown-field"}
    dropped = {key for key in keys | unknown if "/" not in key}
    return "both: loads, same keys" if dropped == set(answer["dropped"]) else "DIFFERS: other keys are dropped"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("releases", nargs="*", default=RELEASES, metavar="RELEASE")
    parser.add_argument("--python", help="the Python with torch and transformers")
    parser.add_argument("--peftspec", default=ROOT / "target" / "release" / "peftspec")
    arguments = parser.parse_args()
    python = arguments.python or library_python()
    rows = {name: compatibility(arguments.peftspec, text) for name, text in configs()}
    cases = [(name, text) for name, text in configs() if rows[name]]
    left_out = len(rows) - len(cases)
    print(f"{len(cases)} configs in {len(arguments.releases)} releases; {left_out} whose method is misspelt are left out\n")
    totals, wrong = Counter(), 0
    for release in arguments.releases:
        answers = real(python, release, [text for _, text in cases])
        found = findings(arguments.peftspec, cases, release)
        counts, examples = Counter(), {}
        for (name, _), answer in zip(cases, answers, strict=True):
            kind = compared(row_of(rows[name], release), found[name], answer)
            counts[kind] += 1
            examples.setdefault(kind, []).append(f"{name}: {answer}")
        totals += counts
        for kind, count in sorted(counts.items()):
            print(f"{release}: {count} {kind}")
            if kind.startswith(("MISSED", "DIFFERS")):
                wrong += count
                print("".join(f"    {example}\n" for example in examples[kind][:5]), end="")
    print("".join(f"\n{count} {kind}" for kind, count in sorted(totals.items())))
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main())
