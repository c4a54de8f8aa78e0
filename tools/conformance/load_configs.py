"""Loads configs with whatever PEFT this Python imports: one config a line on standard input; JSON lines of what became of it out.

Each answer has `failed`, the exception if there was one, and `dropped`, the keys that the config object does not have.
"""

import json
import sys
import tempfile
import warnings
from pathlib import Path


def class_of(peft_type):
    """The config class of a method, where the release keeps the table of them."""
    try:
        from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING as classes
    except ImportError:
        from peft import PEFT_TYPE_TO_CONFIG_MAPPING as classes
    return classes[peft_type]


def loaded(text, folder):
    """As `PeftModel.from_pretrained` does it: the class is that of the file's method."""
    Path(folder, "adapter_config.json").write_text(text, encoding="utf-8")
    keys = json.loads(text)
    try:
        config = class_of(keys["peft_type"]).from_pretrained(folder)
    except Exception as error:  # whatever PEFT raises is the answer
        return {"failed": f"{type(error).__name__}: {error}"[:300], "dropped": []}
    # PEFT takes `runtime_config` out of a file, and makes one of its own.
    return {"failed": None, "dropped": sorted(key for key in keys if key == "runtime_config" or not hasattr(config, key))}


def main():
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        for line in sys.stdin:
            print(json.dumps(loaded(json.loads(line), folder)), flush=True)


if __name__ == "__main__":
    main()
