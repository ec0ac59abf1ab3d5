"""Headers, most of them odd, and whether the reference implementation accepts a file with them.

    python make-headers.py

Writes headers.json beside itself. Made with safetensors 0.8.0, numpy 2.4.6.
"""

import json
import struct
from pathlib import Path

import numpy as np
import safetensors
from safetensors.numpy import save

HERE = Path(__file__).parent


def tensor(dtype="F32", shape="[1]", offsets="[0,4]", more=""):
    return f'{{"w":{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}{more}}}}}'


def nested(depth):
    return "[" * depth + "]" * depth


def headers():
    yield tensor(), 4
    for count in ["1.0", "1e0", "1E0", "01", "+1", "1.5", "-1", '"1"', "true", "null", "[1]", "1e400", "0.1e1", "10e-1", "1 ", "\\u0031"]:
        yield tensor(shape=f"[{count}]"), 4
        yield tensor("U8", offsets=f"[0,{count}]"), 1
    for zero in ["0", "-0", "0.0", "-0.0", "0e0", "1e-400", "-1e-400", "00", "0e400", "false"]:
        yield tensor(offsets=f"[{zero},4]"), 4
        yield tensor("U8", f"[{zero}]", "[0,0]"), 0
        yield tensor("U8", "[0]", f"[0,{zero}]"), 0
    for huge in [2**31, 2**32, 2**53 - 1, 2**53, 2**53 + 1, 2**63, 2**64 - 1024, 2**64 - 1, 2**64, 10**19, 10**20, 10**400]:
        yield tensor("U8", f"[0,{huge}]", "[0,0]"), 0
        yield tensor("U8", f"[{huge},0]", "[0,0]"), 0
        yield tensor("F32", f"[{huge},0]", "[0,0]"), 0
        yield tensor("U8", f"[{huge}]", "[0,1]"), 1
        yield tensor("U8", "[1]", f"[0,{huge}]"), 1
        yield tensor("U8", "[0]", f"[{huge},{huge}]"), 0
    for shape in ["[4294967296,4294967296,0]", "[0,4294967296,4294967296]", "[4294967296,4294967295,0]", "[18446744073709551615,1,0]",
                  "[18446744073709551615,2,0]", "[2147483648,4294967296,2,0]", "[]", "[0]", "[0,0]", "{}", "null", '"1"', "1", "[[]]", "[null]"]:
        yield tensor("U8", shape, "[0,0]"), 0
        yield tensor("U8", shape, "[0,1]"), 1
    for offsets in ["[0]", "[0,4,4]", "[]", "null", "{}", "[4,0]", "[0,3]", "[0,5]", "[1,5]", '{"0":0,"1":4}']:
        yield tensor(offsets=offsets), 4
    for metadata in ["null", "{}", '{"a":"b"}', '{"a":null}', '{"a":1}', '{"a":["b"]}', "[]", '"x"', "1", "false", '{"a":"\\ud800"}', '{"a":"\\udc00\\ud800"}',
                     '{"a":"\\ud83d\\ude00"}', '{"\\ud800":"a"}', '{"a":"\\u0000"}', '{"":""}', '{"__proto__":"x"}', '{"a":"' + "x" * 1000 + '"}']:
        yield f'{{"__metadata__":{metadata}}}', 0
    for more in ["1", "-0", "1.5", "1e400", "-1e400", "1e-400", '"\\ud800"', "null", '{"a":[1.5]}', nested(50), nested(120), nested(125), nested(126), nested(130), '{"\\ud800":1}']:
        yield tensor(more=f',"more":{more}'), 4
        yield f'{{"more":{more}}}', 0
    for key in ["", " ", "__proto__", "constructor", "\\u0000", "\\ud800", "\\udc00", "\\ud83d\\ude00", "\\ud800x", "a/b", "\\uffff", "__metadata__ ", "x" * 1000]:
        yield f'{{"{key}":{{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}}}', 1
    for dtype in ["F32", "f32", "F31", "", "\\ud800", "F\\u0033\\u0032"]:
        yield tensor(dtype), 4
    yield '{"w":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}', 4
    yield '{"w":{"dtype":null,"shape":[1],"data_offsets":[0,4]}}', 4
    yield '{"w":{"dtype":{"F32":null},"shape":[1],"data_offsets":[0,4]}}', 4
    yield '{"w":["F32",[1],[0,4]]}', 4
    for space in [" ", "\n", "\t", "\r", "\x0b", "\x0c", "\u00a0", "\ufeff"]:
        yield tensor(more=space), 4
        yield tensor() + space, 4
        yield space + tensor(), 4
    for text in ["", "{", "{}", "{} {}", "[]", "null", "1", '"x"', "{\"w\":}", "{'w':1}", "{\"a\":1,}", '{"w":NaN}', '{"\n":1}', "{/**/}", nested(127), nested(128), nested(2000)]:
        yield text, 0


def accepts(header, size):
    encoded = header.encode("utf-8")
    try:
        safetensors.deserialize(struct.pack("<Q", len(encoded)) + encoded + bytes(size))
        return True
    except safetensors.SafetensorError:
        return False


def name_order():
    """The names as the reference lays out tensors of them, and the keys of metadata."""
    names = ["\uffff", "\U0001f600", "\ue000", "z", "é", "e\u0301", "Z", "10", "9", "\U00010000", "\U0010ffff", "a", "ab", "a\U0001f600", "a\uffff", ""]
    file = save({name: np.zeros(1, np.uint8) for name in names}, dict.fromkeys(names, "x"))
    return {"names": names, "file": file.hex()}


if __name__ == "__main__":
    found = [{"header": header, "bytes": size, "accepted": accepts(header, size)} for header, size in dict.fromkeys(headers())]
    lines = ",\n".join(json.dumps(each) for each in found)
    golden = f'{{"version": "{safetensors.__version__}", "order": {json.dumps(name_order())}, "headers": [\n{lines}\n]}}\n'
    (HERE / "headers.json").write_text(golden)
