"""Files as the reference implementation writes them, for the tests of reader and writer.

    python make-golden.py            writes every-dtype.safetensors, halves.safetensors, empty.safetensors
    python make-golden.py --check F  loads F with the reference implementation and prints what it sees as JSON

Made with safetensors 0.8.0, torch 2.13.0, numpy 2.4.6.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent


def make():
    kinds = {
        "bool": torch.bool, "u8": torch.uint8, "i8": torch.int8, "f8_e4m3": torch.float8_e4m3fn,
        "f8_e5m2": torch.float8_e5m2, "i16": torch.int16, "u16": torch.uint16, "f16": torch.float16,
        "bf16": torch.bfloat16, "i32": torch.int32, "u32": torch.uint32, "f32": torch.float32,
        "c64": torch.complex64, "f64": torch.float64, "i64": torch.int64, "u64": torch.uint64,
    }
    tensors = {name: torch.arange(6).reshape(2, 3).to(kind) for name, kind in kinds.items()}
    tensors |= {"scalar": torch.tensor(-1.5), "none": torch.zeros(0, 4), "10": torch.ones(1), "2": torch.ones(2)}
    tensors |= {"__proto__": torch.tensor([3.0]), "größe \"x\"\n": torch.tensor([1], dtype=torch.uint8)}
    save_file(tensors, HERE / "every-dtype.safetensors", metadata={"format": "pt"})
    save_file({}, HERE / "empty.safetensors")

    bits = np.arange(0, 65536, 13, dtype=np.uint16)
    half = torch.from_numpy(bits.view(np.float16).copy())
    brain = torch.from_numpy(bits.view(np.int16).copy()).view(torch.bfloat16)
    save_file(
        {"f16": half, "f16_as_f32": half.float(), "bf16": brain, "bf16_as_f32": brain.float()},
        HERE / "halves.safetensors",
    )


def check(path):
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata()
    tensors = {
        name: {"dtype": str(t.dtype), "shape": list(t.shape), "bytes": t.contiguous().view(-1).view(torch.uint8).tolist()}
        for name, t in load_file(path).items()
    }
    print(json.dumps({"metadata": metadata, "tensors": tensors}))


if __name__ == "__main__":
    check(sys.argv[2]) if sys.argv[1:2] == ["--check"] else make()
