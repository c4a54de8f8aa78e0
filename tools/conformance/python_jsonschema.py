"""Runs python-jsonschema over a job of run.py: each schema against its meta-schema, and over all instances.

Usage: python python_jsonschema.py JOB.json; prints one JSON document. Needs requirements.txt.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path

from jsonschema import exceptions, validators


def is_integer_as_written(_checker, value):
    """Whether the value was written as an integer, as Python and PEFT see it; JSON Schema takes `8.0` too."""
    return isinstance(value, int) and not isinstance(value, bool)


def as_written(engine):
    """The engine, but `8.0` is no integer."""
    return validators.extend(engine, type_checker=engine.TYPE_CHECKER.redefine("integer", is_integer_as_written))


def meta_error(engine, schema):
    """What the meta-schema says against a schema, or None."""
    try:
        engine.check_schema(schema)
    except exceptions.SchemaError as error:
        return error.message
    return None


def verdicts(engine, schema, instances):
    validator = engine(schema)
    return [validator.is_valid(instance) for instance in instances]


def run(job):
    instances = [json.loads(line) for line in Path(job["instances"]).read_text("utf-8").split("\n") if line]
    result = {"version": version("jsonschema"), "meta": {}, "verdicts": {}, "as_written": {}}
    for entry in job["schemas"]:
        name, schema = entry["name"], json.loads(Path(entry["path"]).read_text("utf-8"))
        engine = validators.validator_for(schema, default=None)
        result["meta"][name] = meta_error(engine, schema)
        result["verdicts"][name] = verdicts(engine, schema, instances)
        result["as_written"][name] = verdicts(as_written(engine), schema, instances)
    return result


if __name__ == "__main__":
    print(json.dumps(run(json.loads(Path(sys.argv[1]).read_text("utf-8")))))
