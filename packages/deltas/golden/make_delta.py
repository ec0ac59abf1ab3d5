"""Makes delta.safetensors, and delta-without-seed.safetensors as files were before they had a fingerprint of the whole
seed, by the description in src/file-format.ts alone.

    pip install safetensors==0.8.0 numpy==2.4.6
    python make_delta.py
"""

import hashlib
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

# Quiet and signalling NaNs with payloads, zeros, subnormals, infinities.
SPECIAL = [0x7FC00001, 0x7F800001, 0xFFC12345, 0xFFBFFFFF, 0x80000000, 0, 1, 0x807FFFFF, 0x7F800000, 0xFF800000]
TENSORS = [
    ("norm.weight", [40], [0, 1, 39]),
    ("embed/größe", [30, 700], [5, 132, 133, 261, 16645, 16646, 20999]),
    ("all", [3, 4], None),
    ("scalar", [], None),
]
# Weights of the same model that the delta does not change; tfjs writes a bool as a byte.
UNTOUCHED = {
    "größe \"x\"\n": np.array([[1.5, -0.0, 3]], "<f4"),
    "none": np.zeros((0, 2), "<f4"),
    "steps": np.array([7, -7], "<i4"),
    "done": np.array(True),
}


def words(count, factor):
    """Float32 words that golden.backends.test.ts makes too."""
    made = (np.arange(count, dtype=np.uint64) * factor % 2**32).astype("<u4")
    made[: len(SPECIAL)] = SPECIAL[:count]
    return made


def leb128(number):
    out = bytearray()
    while number > 127:
        out.append(128 | number & 127)
        number >>= 7
    return bytes(out) + bytes([number])


def sha256(array):
    return hashlib.sha256(array.tobytes()).hexdigest()


def line(array, name):
    """A weight's line in the fingerprint of the whole seed."""
    shape = ",".join(map(str, array.shape))
    return f"{sha256(array)} {array.dtype.name}[{shape}] {json.dumps(name, ensure_ascii=False)}\n"


def main():
    metadata = {"format": "subset-tuning-delta", "version": "1", "base": "golden/größe"}
    tensors, hashes = {}, {}
    seeds = {name: line(array, name) for name, array in UNTOUCHED.items()}
    for name, shape, positions in TENSORS:
        seed = words(int(np.prod(shape, dtype=int)), 2654435761)
        chosen = np.arange(seed.size) if positions is None else np.array(positions)
        values = words(chosen.size, 2246822519)[::-1]
        tuned = seed.copy()
        tuned[chosen] = values
        floats = np.ascontiguousarray(values).view("<f4")
        tensors[f"values/{name}"] = floats.reshape(shape) if positions is None else floats
        if positions is not None:
            between = np.diff(chosen, prepend=-1) - 1
            tensors[f"gaps/{name}"] = np.frombuffer(b"".join(leb128(int(gap)) for gap in between), np.uint8)
        metadata[f"shape/{name}"] = ",".join(map(str, shape))
        metadata[f"seed/{name}"] = sha256(seed)
        seeds[name] = line(seed.view("<f4").reshape(shape), name)
        hashes[name] = sha256(tuned)
    lines = "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes))
    metadata["tuned"] = hashlib.sha256(lines.encode()).hexdigest()
    folder = Path(__file__).parent
    save_file(tensors, folder / "delta-without-seed.safetensors", metadata)
    whole = "".join(seeds[name] for name in sorted(seeds))
    metadata["seed"] = hashlib.sha256(whole.encode()).hexdigest()
    save_file(tensors, folder / "delta.safetensors", metadata)


main()
