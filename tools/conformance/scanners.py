"""Runs picklescan, modelscan and fickling on the catalogue of hostile files and on sound checkpoints, beside peftspec.

Usage: python3 scanners.py [--python PYTHON] [--write]; needs `cargo build --release` first, or
the executable in PEFTSPEC. --python names a Python that has the
scanners already; --write puts the tables into docs/hostile-files.md. No scanner executes what it reads.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import venv
from collections import Counter
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CORPUS = ROOT / "tests" / "corpus"
PEFTSPEC = Path(os.environ.get("PEFTSPEC", ROOT / "target" / "release" / "peftspec"))
PAGE = ROOT / "docs" / "hostile-files.md"
START, END = "<!-- tables of tools/conformance/scanners.py -->", "<!-- end of the tables -->"
SECONDS = 20
REPORTED, FAILED, SILENT, LOST = "reported", "gave up", "silent", "no answer"
GROUPS = {
    "pickles that call something": lambda name, what: name.startswith("pickle-") and what.startswith("calls ") and "." in what,
    "pickles that play tricks": lambda name, what: name.startswith("pickle-") and name != "pickle-and-zip.bin",
    "archives that contradict themselves": lambda name, what: name.startswith("zip-"),
    "safetensors headers that lie": lambda name, what: name.startswith("header-"),
    "files that are something else": lambda name, what: True,
}


def picklescan(path):
    from picklescan.scanner import scan_file_path

    result = scan_file_path(path)
    return REPORTED if result.issues_count else FAILED if result.scan_err else SILENT


def modelscan(path):
    from modelscan.modelscan import ModelScan

    result = ModelScan().scan(path)
    return REPORTED if result["summary"]["total_issues"] else FAILED if result["errors"] else SILENT


def fickling(path):
    import zipfile

    from fickling.loader import scan_file, scan_zip_archive

    if Path(path).suffix == ".safetensors":
        return SILENT  # It reads pickles only.
    results = list(scan_zip_archive(path, graceful=True).values()) if zipfile.is_zipfile(path) else [scan_file(path, graceful=True)]
    if any(not result.is_safe and result.results for result in results):
        return REPORTED
    return FAILED if any(result.errors for result in results) else SILENT


def peftspec(path):
    done = subprocess.run([str(PEFTSPEC), "check", "--quiet", path], capture_output=True, check=False, timeout=SECONDS)
    return {0: SILENT, 1: REPORTED}.get(done.returncode, FAILED)


TOOLS = {"peftspec": peftspec, "picklescan": picklescan, "modelscan": modelscan, "fickling": fickling}


def answer(tool, path, queue):
    sys.stdout = sys.stderr = open("/dev/null", "w", encoding="utf-8")
    try:
        queue.put(TOOLS[tool](path))
    except Exception:  # noqa: BLE001 - whatever a scanner raises, it gave up
        queue.put(FAILED)


def ask(tool, path):
    """What a tool says of a file, in a process of its own; no answer where it crashes or takes too long."""
    queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=answer, args=(tool, str(path), queue))
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
        return LOST
    return queue.get() if not queue.empty() else LOST


def hostile():
    for line in (CORPUS / "hostile" / "manifest.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        group = next(group for group, belongs in GROUPS.items() if belongs(case["file"], case["what"]))
        yield group, case["file"], case["what"], CORPUS / "hostile" / case["file"]


def sound():
    """The recorded checkpoints that torch or safetensors loads as they are."""
    for line in (CORPUS / "checkpoints" / "manifest.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        if case["format"] and case["valid"] and case["load"]["outcome"] == "ok" and case["tensors"]:
            yield case["path"], CORPUS / case["path"]


def row(cells):
    return "| " + " | ".join(map(str, cells)) + " |"


def counted(counts):
    """`12, gave up 3, silent 1`: how many were reported, then the rest."""
    rest = [f"{kind} {counts[kind]}" for kind in (FAILED, LOST, SILENT) if counts[kind]]
    return ", ".join([str(counts[REPORTED]), *rest])


def tables():
    versions = {tool: metadata.version(tool) for tool in list(TOOLS)[1:]}
    head = ["files reported of", "files", "peftspec", *(f"{tool} {version}" for tool, version in versions.items())]
    said, totals, silent = {}, {}, []
    for group, name, what, path in hostile():
        answers = {tool: ask(tool, path) for tool in TOOLS}
        for tool, one in answers.items():
            said.setdefault(group, {}).setdefault(tool, Counter())[one] += 1
            totals.setdefault(tool, Counter())[one] += 1
        missed = [tool for tool, one in answers.items() if one in (SILENT, LOST)]
        if missed and not name.startswith("header-"):
            silent.append((name, what, ", ".join(f"{tool}{' (no answer)' if answers[tool] == LOST else ''}" for tool in missed)))
    rows = [head, ["---"] * len(head)]
    rows += [[group, sum(said[group]["peftspec"].values()), *(counted(said[group][tool]) for tool in TOOLS)] for group in GROUPS]
    rows.append(["all", sum(totals["peftspec"].values()), *(counted(totals[tool]) for tool in TOOLS)])
    alarms = {tool: Counter() for tool in TOOLS}
    for _, path in sound():
        for tool in TOOLS:
            alarms[tool][ask(tool, path)] += 1
    rows.append(["sound checkpoints, where none should be", sum(alarms["peftspec"].values()), *(counted(alarms[tool]) for tool in TOOLS)])
    missed = [["file", "what it does", "nothing is said by"], ["---"] * 3, *([f"`{name}`", what, who] for name, what, who in silent)]
    return "\n".join(map(row, rows)) + "\n\nWhere a scanner says nothing of a file (headers of safetensors left out):\n\n" + "\n".join(map(row, missed))


def python():
    """The Python of an environment with the scanners, made on the first run."""
    folder = HERE / ".venv-scanners"
    executable = folder / "bin" / "python"
    if not executable.exists():
        venv.create(folder, with_pip=True)
        pins = str(HERE / "scanners-requirements.txt")
        subprocess.run([str(executable), "-m", "pip", "install", "--quiet", "--requirement", pins], check=True)
    return str(executable)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", help="a Python that has the scanners")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/hostile-files.md")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.inside:
        rest = ["--write"] if arguments.write else []
        return subprocess.run([arguments.python or python(), __file__, "--inside", *rest], check=False).returncode
    made = tables()
    print(made)
    if arguments.write:
        page = PAGE.read_text("utf-8")
        before, rest = page.split(START)
        PAGE.write_text(f"{before}{START}\n\n{made}\n\n{END}{rest.split(END)[1]}", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
