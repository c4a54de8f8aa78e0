"""Parses configs with the generated Pydantic models.

Usage: python parse_pydantic.py MODULE.py CONFIGS.jsonl; prints the verdict on each config as a JSON list.
"""

import importlib.util
import json
import sys

from pydantic import ValidationError


def load(path):
    """The generated module."""
    spec = importlib.util.spec_from_file_location("generated", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def accepts(module, config):
    try:
        module.parse(config)
    except ValidationError:
        return False
    return True


if __name__ == "__main__":
    module = load(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as lines:
        print(json.dumps([accepts(module, json.loads(line)["config"]) for line in lines]))
