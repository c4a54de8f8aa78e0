"""Proves that generated code gives our verdicts, and that PEFT's classes take what it gives.

Usage: python3 generated.py [--peft-python PYTHON] [--allow-missing]; the README beside this file tells what is compared.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from pathlib import Path

from engines import HERE, Missing, install_once, successful
from run import has_large_integer, has_whole_float

ROOT = HERE.parent.parent
GOLDEN = ROOT / "tests" / "golden"
TOOLS = HERE / "generated"
VENV = TOOLS / ".venv"
NODE_MODULES = TOOLS / "node_modules"
WHOLE_FLOAT = "8.0 is 8 in JavaScript"
LARGE_INTEGER = "integer beyond 2^53 in JavaScript"


def write_verdicts(folder):
    """Our verdicts on the corpus and on generated configs, and what each form of the rules leaves out, by the Rust tests."""
    test = ["cargo", "test", "--all-features", "--test", "it", "--", "agreement::"]
    done = subprocess.run(test, cwd=ROOT, env={**os.environ, "VERDICTS": str(folder)}, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    return json.loads(Path(folder, "left_out.json").read_text())


def install_python():
    def install():
        venv.create(VENV, with_pip=True)
        pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        successful([*pip, "--requirement", str(TOOLS / "requirements.txt")])

    install_once(VENV, TOOLS / "requirements.txt", install, runtime=sys.version)
    return VENV / "bin"


def install_node():
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        raise Missing("node and npm are not on the PATH")
    arguments = [npm, "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    install_once(NODE_MODULES, TOOLS / "package.json", lambda: successful(arguments, cwd=TOOLS))
    return NODE_MODULES / ".bin"


def python_accepts_its_code():
    """ruff's format, and the strict type checkers."""
    tools = install_python()
    for path in sorted(GOLDEN.glob("*/*.py")):
        yield path, "ruff format", [tools / "ruff", "format", "--isolated", "--check", path]
        yield path, "mypy --strict", [tools / "mypy", "--strict", "--no-incremental", path]
        yield path, "pyright", [tools / "pyright", "--pythonpath", tools / "python", path]


def node_accepts_its_code():
    """prettier's format, and tsc --strict; compiles the schemas to JavaScript on the way."""
    tools = install_node()
    options = ["--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--rootDir", TOOLS / "out"]
    for path in sorted(GOLDEN.glob("*/*.ts")):
        copy = TOOLS / "out" / path.parent.name / f"{path.stem}.mts"
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        yield path, "prettier", [tools / "prettier", "--no-config", "--check", path]
        yield path, "tsc --strict", [tools / "tsc", *options, copy]


def complaints(checks):
    """What the tools of a language say against its code."""
    count, said = 0, []
    for path, tool, arguments in checks:
        done = subprocess.run(list(map(str, arguments)), capture_output=True, text=True, cwd=TOOLS)
        count += 1
        if done.returncode != 0:
            said.append(f"{path.relative_to(ROOT)}: {tool}: {(done.stdout + done.stderr).strip()}")
    return count, said


def pydantic_verdicts(configs):
    script, module = HERE / "parse_pydantic.py", GOLDEN / "strict" / "python_pydantic.py"
    return json.loads(successful([str(VENV / "bin" / "python"), str(script), str(module), str(configs)]))


def zod_verdicts(configs):
    script, module = HERE / "parse_zod.mjs", TOOLS / "out" / "strict" / "typescript_zod.mjs"
    return json.loads(successful(["node", str(script), str(module), str(configs)]))


def compare(name, cases, verdicts, left_out):
    """Counts where a form of the model agrees with `check`; strict forms refuse unknown keys, too."""
    counts, failures = Counter(), []
    unsaid = {code for code, _ in left_out}
    for case, verdict in zip(cases, verdicts, strict=True):
        errors = set(case["errors"])
        everything = not errors and not case["unknown"]
        if verdict == everything:
            counts["agreed"] += 1
        elif verdict and errors and errors <= unsaid and not case["unknown"]:
            counts["a rule that it cannot say"] += 1
        elif name == "zod" and has_whole_float(case["config"]):
            counts[WHOLE_FLOAT] += 1
        elif name == "zod" and has_large_integer(case["config"]):
            counts[LARGE_INTEGER] += 1
        else:
            failures.append(f"{name} says {verdict}, we say {sorted(errors)}: {json.dumps(case['config'])[:400]}")
    return counts, failures


def compare_all(folder, left_out, forms):
    failures = []
    for source in ("corpus", "generated"):
        path = Path(folder, f"{source}.jsonl")
        cases = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
        verdicts = {"schema": [case["strict"] for case in cases], **{name: form(path) for name, form in forms.items()}}
        for name, said in verdicts.items():
            counts, failed = compare(name, cases, said, left_out[name])
            failures += failed
            print(f"{source}, {name}: {len(cases)} configs, {dict(counts)}, {len(failed)} failures")
    return failures


def constructed(python):
    """Whether PEFT's classes take what `to_peft()` gives."""
    script, module = HERE / "construct_peft.py", GOLDEN / "lenient" / "python_pydantic.py"
    saved = ROOT / "tests" / "corpus" / "saved_configs.jsonl"
    done = subprocess.run([python, script, module, saved], capture_output=True, text=True)
    print(done.stdout.strip())
    return [] if done.returncode == 0 else [done.stderr.strip() or "PEFT refuses what to_peft() gives"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peft-python", help="a Python that has PEFT and Pydantic")
    parser.add_argument("--allow-missing", action="store_true", help="do not fail when a tool cannot be installed")
    options = parser.parse_args()
    failures, skipped, forms = [], [], {}
    languages = [("pydantic", python_accepts_its_code, pydantic_verdicts), ("zod", node_accepts_its_code, zod_verdicts)]
    for name, checks, verdicts in languages:
        try:
            count, said = complaints(checks())
            print(f"{name}: {count} checks of format and types, {len(said)} failures")
            failures += said
            forms[name] = verdicts
        except Missing as reason:
            skipped.append(f"{name}: {reason}")
    with tempfile.TemporaryDirectory() as folder:
        left_out = write_verdicts(folder)
        for name in ("schema", *forms):
            for code, reason in sorted(map(tuple, left_out[name])):
                print(f"left out of {name}: {code}: {reason}")
        failures += compare_all(folder, left_out, forms)
    if options.peft_python:
        failures += constructed(options.peft_python)
    else:
        skipped.append("to_peft(): no --peft-python is given")
    for failure in failures:
        print(f"FAILED {failure}")
    for reason in skipped:
        print(f"SKIPPED {reason}")
    return 1 if failures or skipped and not options.allow_missing else 0


if __name__ == "__main__":
    sys.exit(main())
