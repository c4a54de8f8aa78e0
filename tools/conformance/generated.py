"""Proves that generated code gives our verdicts, and that PEFT's classes take what it gives.

Usage: python3 generated.py [--peft-python PYTHON] [--allow-missing] [--sample VERDICTS]; the README beside this file tells what is compared.
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
from functools import partial
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
# A sample takes one of so many generated configs.
SAMPLED = 10


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


def install_node():
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        raise Missing("node and npm are not on the PATH")
    arguments = [npm, "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    install_once(NODE_MODULES, TOOLS / "package.json", lambda: successful(arguments, cwd=TOOLS))


def python_accepts_its_code():
    """ruff's format, and the strict type checkers."""
    install_python()
    tools = VENV / "bin"
    for path in sorted(GOLDEN.glob("*/*.py")):
        yield path, "ruff format", [tools / "ruff", "format", "--isolated", "--check", path]
        yield path, "mypy --strict", [tools / "mypy", "--strict", "--no-incremental", path]
        yield path, "pyright", [tools / "pyright", "--pythonpath", tools / "python", path]


def node_accepts_its_code():
    """prettier's format, and tsc --strict; compiles the schemas to JavaScript on the way."""
    install_node()
    return typescript_checks()


def typescript_checks():
    tools = NODE_MODULES / ".bin"
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


def python_verdicts(python, style, configs):
    script, module = HERE / "parse_python.py", GOLDEN / "strict" / f"python_{style}.py"
    return json.loads(successful([str(python), str(script), str(module), str(configs)]))


def zod_verdicts(configs):
    script, module = HERE / "parse_zod.mjs", TOOLS / "out" / "strict" / "typescript_zod.mjs"
    return json.loads(successful(["node", str(script), str(module), str(configs)]))


def checked_forms(failures, skipped):
    """What gives verdicts, by name, once its tools are installed and accept its code."""
    python = VENV / "bin" / "python"
    languages = [
        (python_accepts_its_code, {style: partial(python_verdicts, python, style) for style in ("pydantic", "dataclass")}),
        (node_accepts_its_code, {"zod": zod_verdicts}),
    ]
    forms = {}
    for checks, of_language in languages:
        names = " and ".join(of_language)
        try:
            count, said = complaints(checks())
            print(f"{names}: {count} checks of format and types, {len(said)} failures")
            failures += said
            forms |= of_language
        except Missing as reason:
            skipped.append(f"{names}: {reason}")
    return forms


def present_forms(skipped):
    """What gives verdicts with what is installed already."""
    forms = {"dataclass": partial(python_verdicts, sys.executable, "dataclass")}
    pythons = [python for python in (VENV / "bin" / "python", sys.executable) if has_pydantic(python)]
    if pythons:
        forms["pydantic"] = partial(python_verdicts, pythons[0], "pydantic")
    else:
        skipped.append("pydantic: no Python here has Pydantic 2")
    if shutil.which("node") and (NODE_MODULES / "zod").is_dir() and (NODE_MODULES / "typescript").is_dir():
        golden = GOLDEN / "strict" / "typescript_zod.ts"
        compiled = [arguments for path, tool, arguments in typescript_checks() if path == golden and tool == "tsc --strict"]
        successful(list(map(str, compiled[0])), cwd=TOOLS)
        forms["zod"] = zod_verdicts
    else:
        skipped.append("zod: Node with Zod is not installed; the whole conformance installs it")
    return forms


def has_pydantic(python):
    script = "import pydantic; raise SystemExit(not pydantic.VERSION.startswith('2.'))"
    return Path(python).exists() and subprocess.run([python, "-c", script], capture_output=True).returncode == 0


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


def compare_all(folder, left_out, forms, every=1):
    failures = []
    for source in ("corpus", "generated"):
        lines = [line for line in Path(folder, f"{source}.jsonl").read_text("utf-8").split("\n") if line]
        lines = lines if source == "corpus" else lines[::every]
        path = Path(folder, f"{source}-compared.jsonl")
        path.write_text("\n".join(lines) + "\n", "utf-8")
        cases = [json.loads(line) for line in lines]
        verdicts = {"schema": [case["strict"] for case in cases], **{name: form(path) for name, form in forms.items()}}
        for name, said in verdicts.items():
            counts, failed = compare(name, cases, said, left_out[name])
            failures += failed
            print(f"{source}, {name}: {len(cases)} configs, {dict(counts)}, {len(failed)} failures")
    return failures


def constructed(python):
    """Whether PEFT's classes take what `to_peft()` gives."""
    saved, failures = ROOT / "tests" / "corpus" / "saved_configs.jsonl", []
    for style in ("pydantic", "dataclass"):
        module = GOLDEN / "lenient" / f"python_{style}.py"
        done = subprocess.run([python, HERE / "construct_peft.py", module, saved], capture_output=True, text=True)
        print(f"to_peft() of {style}: {done.stdout.strip()}")
        if done.returncode != 0:
            failures.append(done.stderr.strip() or f"PEFT refuses what to_peft() of {style} gives")
    return failures


def compare_everything(peft_python, failures, skipped):
    forms = checked_forms(failures, skipped)
    with tempfile.TemporaryDirectory() as folder:
        left_out = write_verdicts(folder)
        for name in ("schema", *forms):
            for code, reason in sorted(set(map(tuple, left_out[name]))):
                print(f"left out of {name}: {code}: {reason}")
        failures += compare_all(folder, left_out, forms)
    if peft_python:
        failures += constructed(peft_python)
    else:
        skipped.append("to_peft(): no --peft-python is given")


def compare_sample(folder, failures, skipped):
    """A part of the comparison, with what is installed and the verdicts that the tests wrote."""
    left_out = json.loads(Path(folder, "left_out.json").read_text())
    failures += compare_all(folder, left_out, present_forms(skipped), SAMPLED)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peft-python", help="a Python that has PEFT and Pydantic")
    parser.add_argument("--allow-missing", action="store_true", help="do not fail when a tool cannot be installed")
    parser.add_argument("--sample", metavar="VERDICTS", help="install nothing; compare a part of what the tests wrote there")
    options = parser.parse_args()
    failures, skipped = [], []
    if options.sample:
        compare_sample(options.sample, failures, skipped)
    else:
        compare_everything(options.peft_python, failures, skipped)
    for failure in failures:
        print(f"FAILED {failure}")
    for reason in skipped:
        print(f"SKIPPED {reason}")
    return 1 if failures or skipped and not (options.allow_missing or options.sample) else 0


if __name__ == "__main__":
    sys.exit(main())
