"""Where tokens stand in their texts, by Python's tokenizers: golden values of the tests.

    python make-offsets.py MODELS [DATA]

Of the same tokenizers and texts as make-tokenizers.py and make-texts.py, whose files it reads: transformers'
`return_offsets_mapping`, as digests. Writes offsets.json: of each tokenizer of tokenizers.json six digits of a SHA-256 for each
text; of each tokenizer and file of make-texts.py twelve for each 50 lines. With windows of XQuAD's long texts, as
`run_qa.py` of transformers' examples makes them. Made with transformers 5.24.0, tokenizers 0.23.3.
"""

import hashlib
import importlib
import json
import sys
from pathlib import Path

import tokenizers
import transformers

HERE = Path(__file__).parent
make_texts = importlib.import_module("make-texts")


def said(offsets):
    return " ".join(f"{start},{end}" for start, end in offsets)


def digest(text, digits):
    return hashlib.sha256(text.encode()).hexdigest()[:digits]


def of_lines(tokenizer, lines):
    made = []
    for start in range(0, len(lines), make_texts.CHUNK):
        chunk = tokenizer(lines[start:start + make_texts.CHUNK], return_offsets_mapping=True)
        made.append(digest("".join(f"{said(each)}\n" for each in chunk.offset_mapping), 12))
    return "".join(made)


def of_fixtures():
    golden = json.loads((HERE / "tokenizers.json").read_text(encoding="utf-8"))
    for each in golden["tokenizers"]:
        model = golden["models"][each["parts"]["model"]]
        parts = {"version": "1.0", "truncation": None, "padding": None, **each["parts"], "model": model}
        tokenizer = tokenizers.Tokenizer.from_str(json.dumps(parts))
        yield each["name"], "".join(digest(said(tokenizer.encode(text).offsets), 6) for text in golden["texts"])


QUESTION = "Where do you live?"
SETTINGS = [(40, 10), (24, 0), (60, 30)]


def windows(tokenizer, context):
    for most, stride in SETTINGS:
        found = tokenizer(QUESTION, context, truncation="only_second", max_length=most, stride=stride,
                          return_overflowing_tokens=True, return_offsets_mapping=True)
        yield {"maxTokens": most, "stride": stride, "ids": found.input_ids, "offsets": found.offset_mapping,
               "sequenceIds": [found.sequence_ids(i) for i in range(len(found.input_ids))]}


def main(folder, data=None):
    kept = HERE / "offsets.json"
    found = json.loads(kept.read_text(encoding="utf-8"))["texts"] if kept.exists() else {}
    scripts = json.loads((HERE / "texts" / "scripts.json").read_text(encoding="utf-8"))
    texts = {"scripts": scripts, "drawn": make_texts.drawn(scripts, make_texts.LINES)}
    for file in make_texts.FILES if data else []:
        texts[file] = (data / file).read_text(encoding="utf-8").split("\n")[:make_texts.LINES]
    made, split = {}, {}
    for name, tokenizer in make_texts.make_tokenizers(folder):
        made[name] = {**found.get(name, {}), **{file: of_lines(tokenizer, lines) for file, lines in texts.items()}}
        if name in ("minilm", "RoBERTa", "T5"):
            split[name] = list(windows(tokenizer, " ".join(scripts[:3])))
        print(name, len(made[name]))
    versions = {module.__name__: module.__version__ for module in (transformers, tokenizers)}
    golden = {"versions": versions, "fixtures": dict(of_fixtures()), "texts": made, "question": QUESTION, "windows": split}
    kept.write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
