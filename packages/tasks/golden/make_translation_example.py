"""Makes tokenizer.json (BPE, 160 tokens) and translation-example.json: the ids that tokenizers gives for pairs.

    pip install tokenizers==0.23.3
    python make_translation_example.py
"""

import json
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = Path(__file__).parent
PAIRS = [
    ("Where do you live?", "Wo wohnen Sie?"),
    ("I can't see you.", "Ich kann dich nicht sehen."),
    ("It is big.", "Es ist groß."),
    ("Hm …", "Größe 42, „übrigens“."),
    ("a", "b"),
    (" two  spaces ", " zwei  Lücken "),
]


def main():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"), pre_tokenizers.Punctuation()]
    )
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    specials = [AddedToken(token, special=True, normalized=False) for token in ("<s>", "</s>", "<unk>", "<de>")]
    trainer = trainers.BpeTrainer(vocab_size=160, special_tokens=specials, show_progress=False)
    tokenizer.train_from_iterator([text for pair in PAIRS for text in pair] * 3, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    tokenizer.save(str(HERE / "tokenizer.json"))
    rows = []
    for source, target in PAIRS:
        given = tokenizer.encode(source + "<de>").ids
        wanted = tokenizer.encode(target, add_special_tokens=False).ids
        ids = given + wanted + [tokenizer.token_to_id("</s>")]
        rows.append({"source": source, "target": target, "ids": ids, "sourceLength": len(given)})
    made = {"tokenizers": tokenizers.__version__, "rows": rows}
    (HERE / "translation-example.json").write_text(json.dumps(made, indent=1) + "\n")


main()
