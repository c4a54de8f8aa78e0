"""Records the names that torch's `weights_only` unpickler allows, in `tests/facts/torch_allowed_globals.json`.

Usage: python3 allowed_globals.py; the Python that runs it has the torch to record.
"""

import json
from pathlib import Path

import torch
from torch._weights_only_unpickler import _get_allowed_globals

RECORD = Path(__file__).resolve().parents[2] / "tests" / "facts" / "torch_allowed_globals.json"

release = torch.__version__.partition("+")[0]
RECORD.write_text(json.dumps({"torch": release, "names": sorted(_get_allowed_globals())}, indent=1) + "\n")
print(f"{RECORD.name}: torch {release}")
