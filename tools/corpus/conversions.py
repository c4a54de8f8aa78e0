"""Records how torch copies every real type into float32: `NAME` is a tensor of that type, `NAME.copied` what became of it.

Usage: python3 conversions.py OUT; the tests keep OUT as tests/corpus/embedding/conversions.bin.
"""

import sys

import torch

FLOATS_OF_8_BITS = ["float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz", "float8_e8m0fnu"]
INTEGERS = ["uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64"]


def tensors():
    for name in FLOATS_OF_8_BITS:
        yield name, torch.arange(256, dtype=torch.uint8).view(getattr(torch, name))
    for name in INTEGERS:
        info = torch.iinfo(getattr(torch, name))
        near = [0, 1, 2**24 + 1, 2**24 + 3, 2**53 + 1, info.max // 3, info.max - 1, info.max, info.min, info.min + 1, -1]
        values = [value for value in near if info.min <= value <= info.max]
        yield name, torch.tensor(values, dtype=getattr(torch, name))
    wide = [0.0, -0.0, 0.1, 1 + 2**-24, 1 + 3 * 2**-24, 1e300, -1e-300, 1e-40, float("inf"), float("nan")]
    yield "float64", torch.tensor(wide, dtype=torch.float64)
    yield "bool", torch.tensor([False, True])


record = {}
for name, tensor in tensors():
    record[name] = tensor
    record[f"{name}.copied"] = torch.empty(tensor.shape).copy_(tensor)
torch.save(record, sys.argv[1])
