"""Constructs PEFT's own classes from what `to_peft()` of a generated module gives, for every config of the corpus that PEFT saved.

Usage: python construct_peft.py MODULE.py SAVED_CONFIGS.jsonl, with a Python that has PEFT and Pydantic.
"""

import json
import sys
from collections import Counter

import peft
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING
from parse_python import load


# What the class itself takes back, to read it from the base model later.
RESET = {("CPTConfig", field) for field in ("token_dim", "num_attention_heads", "num_layers")}


def construct(model):
    """Constructs the class from the parsed config; gives what went wrong, or None."""
    name = type(model).__name__
    arguments = model.to_peft()
    try:
        made = getattr(peft, name)(**arguments)
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"
    # What was given is what the class now has; sets come from lists, and enums are their values.
    for key, value in arguments.items():
        has = getattr(made, key)
        if (name, key) not in RESET and comparable(has) != comparable(value):
            return f"{name}.{key} is {has!r}, not {value!r}"
    return None


def refused_by_peft(config):
    """What PEFT's own class says of the config, the unknown keys left out; None if it takes it."""
    of_method = PEFT_TYPE_TO_CONFIG_MAPPING[config["peft_type"]]
    known = {key: value for key, value in config.items() if key in of_method.__dataclass_fields__}
    try:
        of_method(**known)
    except Exception as error:  # noqa: BLE001
        return f"{type(error).__name__}: {error}"
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
                model = module.parse(config)
            except ValueError as error:
                # Configs that were altered on purpose are among the defective adapters; PEFT saved all others.
                if line["path"].startswith("defective/"):
                    by_peft = refused_by_peft(config) or "PEFT's class takes it"
                    altered.append(f"{line['path']}: {told(error)}; {by_peft}")
                else:
                    failures.append(f"{line['path']}: {told(error)}")
                continue
            problem = construct(model)
            if problem:
                failures.append(f"{line['path']}: {problem}")
    for failure in failures:
        print(f"FAILED {failure}")
    listed = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    print(f"{sum(counts.values())} saved configs ({listed}), {len(altered)} refused by the models, {len(failures)} failures, PEFT {peft.__version__}")
    for reason in altered:
        print(f"altered on purpose, and refused: {reason}")
    return 1 if failures or not counts else 0


def told(error):
    """An error on one line, without Pydantic's pointer to its website."""
    lines = [line.strip() for line in str(error).splitlines()]
    return " ".join(line for line in lines if not line.startswith("For further information"))


if __name__ == "__main__":
    sys.exit(main())
