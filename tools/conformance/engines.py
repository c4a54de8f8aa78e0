"""Installs and runs the foreign JSON Schema engines: ajv, python-jsonschema and the sourcemeta CLI.

Each engine takes a job (schemas and a file of instances, one per line) and gives a result:
`version`, `meta` and `compiled` (the error or None of each schema), `verdicts` (of each schema over all instances).
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
NODE_MODULES = HERE / "node_modules"
SECONDS = 600


class Missing(Exception):
    """An engine that cannot be installed or found."""


def command(arguments, **options):
    """Runs a command and captures what it says; a command that is not there is a missing engine."""
    try:
        return subprocess.run(arguments, capture_output=True, encoding="utf-8", timeout=SECONDS, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{arguments[0]}: {error}") from error


def successful(arguments, **options):
    """What a command prints; a failure is a missing engine, told by its last line."""
    done = command(arguments, **options)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no message"]
        raise Missing(f"{Path(arguments[0]).name} exited with {done.returncode}: {said[-1]}")
    return done.stdout


def install_once(folder, pins, install, runtime=""):
    """Installs into the folder unless it holds what the file of pins says, for that runtime."""
    wanted = hashlib.sha256(pins.read_bytes() + runtime.encode()).hexdigest()
    stamp = folder / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"installing {pins.name} into {folder.name}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    install()
    stamp.write_text(wanted)


def install_python():
    """The Python of the environment that has python-jsonschema."""
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pins = HERE / "requirements.txt"

    def install():
        try:
            venv.create(VENV, with_pip=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Missing(f"venv: {error}") from error
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        successful([*pip, "--requirement", str(pins)])

    install_once(VENV, pins, install, runtime=sys.version)
    return str(python)


def install_node():
    """The path of node, with the packages installed beside this file."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise Missing("node and npm are not on the PATH")
    arguments = [npm, "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
    install_once(NODE_MODULES, HERE / "package.json", lambda: successful(arguments, cwd=HERE))
    return node


def sourcemeta_executable():
    """The native executable inside the npm package, without the node wrapper."""
    install_node()
    system = platform.system().lower()
    machine = {"amd64": "x86_64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    suffix = {"windows": ".exe", "linux": "" if platform.libc_ver()[0] == "glibc" else "-musl"}.get(system, "")
    folder = NODE_MODULES / "@sourcemeta" / "jsonschema" / "build" / "github-releases"
    executable = folder / f"jsonschema-{system}-{machine}{suffix}"
    if not executable.exists():
        raise Missing(f"the sourcemeta CLI has no executable for {system} on {machine}")
    return str(executable)


def run_ajv(job):
    return json.loads(successful([install_node(), str(HERE / "ajv.mjs"), str(job)]))


def run_python_jsonschema(job):
    return json.loads(successful([install_python(), str(HERE / "python_jsonschema.py"), str(job)]))


def run_sourcemeta(job):
    executable, job = sourcemeta_executable(), json.loads(Path(job).read_text("utf-8"))
    result = {"version": successful([executable, "version"]).strip(), "meta": {}, "compiled": {}, "verdicts": {}}
    for entry in job["schemas"]:
        name, path = entry["name"], entry["path"]
        result["meta"][name] = complaint([executable, "metaschema", path])
        result["compiled"][name] = complaint([executable, "compile", path])
        result["verdicts"][name] = sourcemeta_verdicts(executable, path, job["instances"])
    return result


def complaint(arguments):
    """The first line that a failing command says, or None."""
    done = command(arguments)
    return None if done.returncode == 0 else (done.stderr.strip() or "no message").splitlines()[0]


def sourcemeta_verdicts(executable, schema, instances):
    """The verdicts over all instances, which the CLI gives in an order of its own and numbers from 1."""
    done = command([executable, "validate", schema, instances, "--verbose", "--continue"])
    found = re.findall(r"^(ok|fail): .* \(entry #(\d+)\)$", done.stderr, re.MULTILINE)
    verdicts = {int(number): verdict == "ok" for verdict, number in found}
    return [verdicts.get(number) for number in range(1, max(verdicts, default=0) + 1)]


ENGINES = {"ajv": run_ajv, "python-jsonschema": run_python_jsonschema, "sourcemeta jsonschema": run_sourcemeta}
