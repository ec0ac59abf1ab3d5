"""Makes delta.safetensors by the description in src/file-format.ts alone.

    pip install safetensors==0.8.0 numpy==2.4.6
    python make_delta.py
"""

import hashlib
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


def main():
    metadata = {"format": "subset-tuning-delta", "version": "1", "base": "golden/größe"}
    tensors, hashes = {}, {}
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
        hashes[name] = sha256(tuned)
    lines = "".join(f"{hashes[name]}  {name}\n" for name in sorted(hashes))
    metadata["tuned"] = hashlib.sha256(lines.encode()).hexdigest()
    save_file(tensors, Path(__file__).parent / "delta.safetensors", metadata)


main()
