"""Proves that foreign JSON Schema engines take our schemas, and give our verdicts over the corpus.

Usage: python3 run.py [--allow-missing]; the README beside this file tells what is compared.
"""

import argparse
import json
import math
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from engines import ENGINES, HERE, Missing

ROOT = HERE.parent.parent
SCHEMAS = ROOT / "schemas"
CORPUS = ROOT / "tests" / "corpus"
EXACT_IN_JAVASCRIPT = 2**53
WHOLE_FLOAT = "8.0 is an integer to JSON Schema, not to us"
LARGE_INTEGER = "integer beyond 2^53 in JavaScript"


@dataclass(frozen=True)
class Schema:
    """One emitted schema."""

    draft: str
    profile: str
    kind: str
    path: Path

    @property
    def name(self):
        return f"{self.draft}/{self.profile}/{self.kind}"


@dataclass(frozen=True)
class Case:
    """One case of the corpus: its JSON as recorded, its value, and our verdict by profile if one is recorded."""

    id: str
    text: str
    value: object
    ours: dict

    @property
    def peft_type(self):
        return self.value.get("peft_type") if isinstance(self.value, dict) else None


@dataclass
class Report:
    """What one engine said, counted."""

    engine: str
    version: str
    meta: str = "–"
    compiled: str = "–"
    agreed: int = 0
    among_engines: int = 0
    known: Counter = field(default_factory=Counter)
    methods_agreed: int = 0
    failures: list = field(default_factory=list)


def load_schemas():
    paths = sorted(SCHEMAS.glob("*/*/*.schema.json"))
    return [Schema(*path.parts[-3:-1], path.name.removesuffix(".schema.json"), path) for path in paths]


def load_cases():
    """The cases that are JSON to every reader; the others are not JSON Schema's business."""
    findings = {line["id"]: line for line in map(json.loads, lines(CORPUS / "findings.jsonl"))}
    cases = []
    for line in lines(CORPUS / "configs.jsonl"):
        case = json.loads(line)
        text = config_text(line, case["config"]) if "config" in case else case.get("raw", "")
        try:
            value = plain_json(text)
        except (ValueError, RecursionError):
            assert "config" not in case, f"{case['id']} is not plain JSON"
            continue
        finding = findings[case["id"]]
        assert "config" not in case or "strict" in finding, f"{case['id']} has no verdict of ours"
        # Line ends are white space in JSON, but end an instance in a file of instances.
        cases.append(Case(case["id"], re.sub(r"[\r\n]", " ", text), value, finding))
    return cases


def plain_json(text):
    """The value of a text on which JSON readers do not differ: no repeated keys, finite numbers, whole characters."""
    value = json.loads(text, object_pairs_hook=distinct, parse_constant=refuse)
    for part in parts(value):
        if isinstance(part, str):
            part.encode("utf-8")
        elif isinstance(part, float) and not math.isfinite(part):
            refuse(part)
    return value


def distinct(pairs):
    return dict(pairs) if len(dict(pairs)) == len(pairs) else refuse("repeated key")


def refuse(what):
    raise ValueError(what)


def lines(path):
    return [line for line in path.read_text("utf-8").split("\n") if line]


def config_text(line, config):
    """The config as it is spelt in its line, since `8.0` and large integers must reach the engines as they are."""
    start = line.index('"config":') + len('"config":')
    value, end = json.JSONDecoder().raw_decode(line, start)
    assert value == config, f"cannot find the config in {line[:40]}"
    return line[start:end]


def parts(value):
    """The value and all that is inside."""
    yield value
    inside = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inside:
        yield from parts(part)


def has_whole_float(value):
    return any(isinstance(part, float) and math.isfinite(part) and part.is_integer() for part in parts(value))


def has_large_integer(value):
    return any(isinstance(part, int) and abs(part) > EXACT_IN_JAVASCRIPT for part in parts(value))


def run_engines(schemas, cases):
    """The result of each engine, and the reason of each that is missing."""
    results, missing = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        instances, job = Path(folder, "instances.jsonl"), Path(folder, "job.json")
        instances.write_text("".join(f"{case.text}\n" for case in cases), "utf-8")
        entries = [{"name": schema.name, "profile": schema.profile, "path": str(schema.path)} for schema in schemas]
        job.write_text(json.dumps({"schemas": entries, "instances": str(instances)}), "utf-8")
        for name, run in ENGINES.items():
            started = time.monotonic()
            try:
                results[name] = run(job)
                print(f"{name}: {time.monotonic() - started:.1f} s", file=sys.stderr)
            except Missing as reason:
                missing[name] = str(reason)
    return results, missing


def known_difference(engine, case, profile, said, as_written):
    """Why an engine's verdict may differ from ours, or None.

    A whole float explains it only if the engines agree with each other, and python-jsonschema told to take integers as
    written agrees with us.
    """
    if has_whole_float(case.value) and len(set(said)) == 1 and as_written in (None, case.ours.get(profile)):
        return WHOLE_FLOAT
    if engine == "ajv" and has_large_integer(case.value):
        return LARGE_INTEGER
    return None


def judge(engine, results, schemas, cases):
    """The report of one engine."""
    result = results[engine]
    report = Report(engine, result["version"])
    judge_schemas(report, result, schemas)
    by_config = {(schema.draft, schema.profile): schema.name for schema in schemas if schema.kind == "adapter_config"}
    for schema in schemas:
        said = result["verdicts"].get(schema.name, [])
        if len(said) != len(cases):
            report.failures.append(f"{schema.name}: {len(said)} verdicts instead of {len(cases)}")
        elif schema.kind == "adapter_config":
            judge_verdicts(report, results, schema, cases)
        else:
            judge_method(report, result, schema, by_config[schema.draft, schema.profile], cases)
    return report


def judge_schemas(report, result, schemas):
    """Counts the schemas that the meta-schema and the engine's compiler take."""
    for stage in ("meta", "compiled"):
        errors = {schema.name: result[stage].get(schema.name, "no answer") for schema in schemas if stage in result}
        report.failures += [f"{name}: {stage}: {error}" for name, error in errors.items() if error is not None]
        if errors:
            setattr(report, stage, f"{list(errors.values()).count(None)}/{len(errors)}")


def judge_verdicts(report, results, schema, cases):
    """Compares the verdicts of an adapter_config schema with ours."""
    said = {engine: result["verdicts"].get(schema.name, []) for engine, result in results.items()}
    as_written = results.get("python-jsonschema", {}).get("as_written", {}).get(schema.name)
    for index, case in enumerate(cases):
        verdict, ours = said[report.engine][index], case.ours.get(schema.profile)
        everyone = [verdicts[index] for verdicts in said.values() if index < len(verdicts)]
        written = as_written[index] if as_written else None
        if ours is None:
            judge_among_engines(report, case, schema, everyone)
        elif verdict == ours:
            report.agreed += 1
        elif kind := known_difference(report.engine, case, schema.profile, everyone, written):
            report.known[kind] += 1
        else:
            both = f"{report.engine} says {words(verdict)}, we say {words(ours)}"
            report.failures.append(f"{case.id}: {schema.name}: {both}")


def judge_among_engines(report, case, schema, everyone):
    """Compares the engines with each other, where no verdict of ours is recorded."""
    if len(set(everyone)) == 1:
        report.among_engines += 1
    elif report.engine == "ajv" and has_large_integer(case.value):
        report.known[LARGE_INTEGER] += 1
    else:
        report.failures.append(f"{case.id}: {schema.name}: the engines say {', '.join(map(words, everyone))}")


def judge_method(report, result, schema, adapter_config, cases):
    """Compares the verdicts of a method's schema with those of adapter_config, over the configs of that method."""
    both = zip(cases, result["verdicts"][schema.name], result["verdicts"].get(adapter_config, []))
    for case, alone, within in both:
        if case.peft_type != schema.kind.upper():
            continue
        if alone == within:
            report.methods_agreed += 1
        else:
            report.failures.append(f"{case.id}: {schema.name} says {words(alone)}, {adapter_config} {words(within)}")


def words(verdict):
    return "valid" if verdict else "invalid"


def table(reports):
    """The reports in Markdown."""
    rows = [
        {
            "engine": f"{report.engine} {report.version}",
            "valid schemas": report.meta,
            "compiled": report.compiled,
            "our verdict": report.agreed,
            **{f"known: {kind}": report.known[kind] for kind in (WHOLE_FLOAT, LARGE_INTEGER)},
            "one verdict, ours not recorded": report.among_engines,
            "method = adapter_config": report.methods_agreed,
            "failures": len(report.failures),
        }
        for report in reports
    ]
    head = list(rows[0]) if rows else []
    cells = [head, ["---"] * len(head), *(row.values() for row in rows)]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in cells)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--allow-missing", action="store_true", help="do not fail when an engine cannot be installed")
    allow_missing = parser.parse_args().allow_missing
    schemas, cases = load_schemas(), load_cases()
    results, missing = run_engines(schemas, cases)
    reports = [judge(engine, results, schemas, cases) for engine in results]
    for report in reports:
        for failure in report.failures:
            print(f"FAILED {report.engine}: {failure}")
    for engine, reason in missing.items():
        print(f"SKIPPED {engine}: {reason}")
    with_verdict = sum("strict" in case.ours for case in cases)
    print(f"\n{len(schemas)} schemas, {len(cases)} configs, {with_verdict} of them with a verdict of ours")
    print(f"\n{table(reports)}")
    if missing:
        print(f"\n{len(missing)} of {len(ENGINES)} engines skipped")
    failed = not (schemas and cases) or any(report.failures for report in reports)
    return 1 if failed or missing and not allow_missing else 0


if __name__ == "__main__":
    sys.exit(main())
