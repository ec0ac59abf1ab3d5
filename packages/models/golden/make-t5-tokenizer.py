"""T5's tokenizer, small, and what Python's tokenizers make of texts by it: golden values of the tests.

    python make-t5-tokenizer.py

Writes t5/ beside itself: tokenizer.json, a Unigram model that SentencePiece has trained, as transformers converts it, whose
charsmap has some of the rules of `nmt_nfkc`; nmt-nfkc.br, all of `nmt_nfkc` as SentencePiece compiles it, by Brotli; and
tokenizer-golden.json: ids of texts by both, and a hash of what all of it makes of each character.
Made with sentencepiece 0.2.3, transformers 5.24.0, tokenizers 0.23.3, protobuf 7.36.2, Brotli 1.2.1.
"""

import base64
import hashlib
import importlib
import io
import json
import tempfile
import unicodedata
from pathlib import Path

import brotli
import sentencepiece
import transformers
from sentencepiece import sentencepiece_model_pb2 as messages
from tokenizers import Tokenizer, normalizers

HERE = Path(__file__).parent / "t5"
tokenizers_script = importlib.import_module("make-tokenizers")
CORPUS = tokenizers_script.CORPUS
TEXTS = [
    *tokenizers_script.TEXTS,
    "x\r\ny", "\r", "e\u0301\u0301", "ｶﾞ ﾊﾟ", "\u0600a \u0600é", "a\u200d é\u200d", "\u0344x", "Å Å A\u030a", "½ ¼", "ﷺ", "\u00ad soft",
    "<extra_id_0> and <extra_id_7>", "a<extra_id_0>b", "</s>x</s>", "~～", "\ufeff", "①⑳ ㍿ ㎏", "\u0958 \u09dc", "ﾃｽﾄ　テスト",
]
SHAPES = ["{}", "a{}", "{}\u0301", "\r{}\n"]


def train(**options):
    made = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS * 3), model_writer=made, vocab_size=150, model_type="unigram", hard_vocab_limit=False,
        character_coverage=0.98, pad_id=0, eos_id=1, unk_id=2, bos_id=-1, minloglevel=2, **options,
    )
    model = messages.ModelProto()
    model.ParseFromString(made.getvalue())
    return model


def some_rules(whole):
    """Rules of the whole charsmap on characters of European texts, and on accents that follow their letters."""
    points = [*range(1, 0x250), *range(0x2000, 0x2070), 0x3000, *range(0xFB00, 0xFB05), *range(0xFF01, 0xFF5F)]
    texts = [chr(point) for point in points]
    texts += [unicodedata.normalize("NFD", chr(point)) for point in range(0xC0, 0x250)]
    lines = []
    for text in dict.fromkeys(texts):
        made = whole.normalize_str(text)
        if made != text:
            lines.append("\t".join(" ".join(f"{ord(each):X}" for each in side) for side in (text, made)))
    return "\n".join(lines) + "\n"


def whole_tokenizer(charsmap):
    tokenizer = json.loads((HERE / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer["normalizer"]["precompiled_charsmap"] = base64.b64encode(charsmap).decode()
    return Tokenizer.from_str(json.dumps(tokenizer))


def ids_of(tokenizer):
    return [tokenizer.encode(text).ids for text in TEXTS]


def make():
    HERE.mkdir(exist_ok=True)
    charsmap = train(normalization_rule_name="nmt_nfkc").normalizer_spec.precompiled_charsmap
    whole = normalizers.Precompiled(charsmap)
    (HERE / "nmt-nfkc.br").write_bytes(brotli.compress(charsmap, quality=11, lgwin=24))
    with tempfile.NamedTemporaryFile("w", suffix=".tsv", encoding="utf-8") as rules:
        rules.write(some_rules(whole))
        rules.flush()
        model = train(normalization_rule_tsv=rules.name)
    made = transformers.T5Tokenizer(
        vocab=[(piece.piece, piece.score) for piece in model.pieces] + [(f"<extra_id_{i}>", 0.0) for i in range(7, -1, -1)],
        _spm_precompiled_charsmap=model.normalizer_spec.precompiled_charsmap, extra_ids=8,
    )
    made.backend_tokenizer.save(str(HERE / "tokenizer.json"), pretty=False)

    tokenizer = Tokenizer.from_file(str(HERE / "tokenizer.json"))
    every = [p for p in range(0x110000) if unicodedata.category(chr(p)) not in ("Cn", "Cs", "Co")]
    points = [p for p in every if p < 0x2000 or unicodedata.category(chr(p))[0] in "MC" or whole.normalize_str(chr(p)) != chr(p)]
    ids = ids_of(tokenizer)
    golden = {
        "size": tokenizer.get_vocab_size(), "texts": TEXTS, "ids": ids, "decoded": [tokenizer.decode(each) for each in ids],
        "wholeIds": ids_of(whole_tokenizer(charsmap)), "shapes": SHAPES, "points": tokenizers_script.ranges(points),
        "sha256": [
            hashlib.sha256("\n".join(whole.normalize_str(shape.format(chr(p))) for p in points).encode()).hexdigest()
            for shape in SHAPES
        ],
    }
    (HERE / "tokenizer-golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{tokenizer.get_vocab_size()} tokens, charsmaps of {len(model.normalizer_spec.precompiled_charsmap)} and {len(charsmap)} bytes, {len(points)} characters")


if __name__ == "__main__":
    make()
