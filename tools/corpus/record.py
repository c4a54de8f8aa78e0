"""Records what the real PEFT does with configs: JSON configs on standard input, one a line; lines for configs.jsonl out.

Needs `pip install peft==0.21.2 torch`. Each input line is {"id": …, "what": …, "config": {…}}. Nothing is downloaded and no model
is built: `PeftConfig.from_pretrained` reads the config from a folder of its own, as recorded in tests/corpus/configs.jsonl.
"""

import json
import sys
import tempfile
import warnings
from pathlib import Path

from peft import PeftConfig

LONGEST_TEXT = 300


def recorded(case):
    """The case with what PEFT did: `outcome`, `exception`, `message`, `warnings`."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        Path(folder, "adapter_config.json").write_text(json.dumps(case["config"]), encoding="utf-8")
        try:
            PeftConfig.from_pretrained(folder)
        except Exception as error:  # whatever PEFT raises is what is recorded
            failure = {"outcome": "error", "exception": type(error).__name__, "message": str(error)[:LONGEST_TEXT]}
        else:
            failure = {}
        texts = [f"{warning.category.__name__}: {str(warning.message)[:LONGEST_TEXT]}" for warning in caught]
    outcome = {"outcome": "warn" if texts else "ok"} | failure
    return case | outcome | ({"warnings": texts} if texts else {})


def main():
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(recorded(json.loads(line)), separators=(",", ":")))


if __name__ == "__main__":
    main()
