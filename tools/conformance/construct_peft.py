"""Constructs PEFT's own classes from what `to_peft()` of the generated models gives, for every config of the corpus that PEFT saved.

Usage: python construct_peft.py MODULE.py SAVED_CONFIGS.jsonl, with a Python that has PEFT and Pydantic.
"""

import json
import sys
from collections import Counter

import peft
from parse_pydantic import load
from pydantic import ValidationError


# What the class itself takes back, to read it from the base model later.
RESET = {("CPTConfig", field) for field in ("token_dim", "num_attention_heads", "num_layers")}


def construct(module, config):
    """Constructs the class from the config; gives what went wrong, or None."""
    model = module.parse(config)
    name = type(model).__name__
    arguments = model.to_peft()
    made = getattr(peft, name)(**arguments)
    # What was given is what the class now has; sets come from lists, and enums are their values.
    for key, value in arguments.items():
        has = getattr(made, key)
        if (name, key) not in RESET and comparable(has) != comparable(value):
            return f"{name}.{key} is {has!r}, not {value!r}"
    return None


def comparable(value):
    if isinstance(value, (list, tuple, set)):
        return sorted(map(str, value))
    if hasattr(value, "__dataclass_fields__"):
        value = vars(value)
    if isinstance(value, dict):
        return {key: comparable(inner) for key, inner in value.items()}
    return getattr(value, "value", value)


def main():
    module = load(sys.argv[1])
    counts, failures, altered = Counter(), [], []
    with open(sys.argv[2], encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            config = json.loads(line["text"])
            counts[config["peft_type"]] += 1
            try:
                problem = construct(module, config)
            except ValidationError:
                # Configs that were altered on purpose are among the defective adapters; PEFT saved all others.
                problem = None if line["path"].startswith("defective/") else "the models refuse it"
                altered.append(line["path"])
            except Exception as error:  # noqa: BLE001
                problem = f"{type(error).__name__}: {error}"
            if problem:
                failures.append(f"{line['path']}: {problem}")
    for failure in failures:
        print(f"FAILED {failure}")
    for path in altered:
        print(f"altered on purpose, and refused by the models: {path}")
    listed = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    print(f"{sum(counts.values())} saved configs ({listed}), {len(altered)} refused by the models, {len(failures)} failures, PEFT {peft.__version__}")
    return 1 if failures or not counts else 0


if __name__ == "__main__":
    sys.exit(main())
