"""Parses configs with a generated Python module, of either style.

Usage: python parse_python.py MODULE.py CONFIGS.jsonl; prints the verdict on each config as a JSON list.
"""

import importlib.util
import json
import sys


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
    except ValueError:
        # Pydantic's ValidationError is one, and so is ConfigError of the dataclasses.
        return False
    return True


if __name__ == "__main__":
    module = load(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as lines:
        print(json.dumps([accepts(module, json.loads(line)["config"]) for line in lines]))
