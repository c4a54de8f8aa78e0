"""Tries the schemas where editors use them: scripted sessions with real language servers, and SchemaStore's entry in ajv.

Usage: python3 editors.py [--write] [--allow-missing]; --write renews the transcripts in docs/editors, else they are compared.
"""

import argparse
import json
import sys

from engines import HERE, Missing, install_node, successful

ROOT = HERE.parent.parent
SCHEMAS = ROOT / "schemas"
TRANSCRIPTS = ROOT / "docs" / "editors"
LANGUAGES = {"json": "JSON", "yaml": "YAML", "toml": "TOML"}


def script(path, *arguments):
    """What a script of ours prints, as JSON."""
    return json.loads(successful([install_node(), str(HERE / path), *map(str, arguments)]))


def transcript(language, result):
    head = f"# {LANGUAGES[language]} in {result['name']}"
    about = "Recorded by `tools/conformance/editors.py`. `‸` is the cursor; places are line:column, counted from 1."
    return f"{head}\n\n{about}\n\n{result['transcript']}\n"


def play(language, write):
    """Plays the sessions of a language; gives what failed."""
    result = script("editors/run.mjs", language, SCHEMAS / "draft-07" / "strict")
    path, fresh = TRANSCRIPTS / f"{language}.md", transcript(language, result)
    print(f"{result['name']}: {result['sessions']} sessions, {len(result['failures'])} failures")
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(fresh, "utf-8")
    stale = not path.exists() or path.read_text("utf-8") != fresh
    return result["failures"] + [f"{path.relative_to(ROOT)} is stale: run with --write"] * stale


def try_schemastore():
    """Tries the entry for SchemaStore; gives what failed."""
    result = script("schemastore.mjs", SCHEMAS / "schemastore")
    tests = f"{result['positive']} positive and {result['negative']} negative tests"
    print(f"SchemaStore entry, ajv {result['version']}: {tests}, {len(result['failures'])} failures")
    return result["failures"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="renew the transcripts")
    parser.add_argument("--allow-missing", action="store_true", help="do not fail when a server cannot be installed")
    arguments = parser.parse_args()
    try:
        failures = [failure for language in LANGUAGES for failure in play(language, arguments.write)]
        failures += try_schemastore()
    except Missing as reason:
        print(f"SKIPPED: {reason}")
        return 0 if arguments.allow_missing else 1
    for failure in failures:
        print(f"FAILED {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
