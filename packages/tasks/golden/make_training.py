"""Makes training.json: how lm-evaluation-harness encodes a context and what follows it, and how transformers prepares SQuAD's rows.

    pip install lm_eval==0.4.13 transformers==5.24.0 tokenizers==0.23.3
    python make_training.py [MINILM DATA]

Continuations: `TemplateLM._encode_pair` of lm_eval.api.model with tokenizer.json beside this script. Spans: windows with the
tokens of the answer, by the recipe of `prepare_train_features` in transformers' examples/pytorch/question-answering/run_qa.py,
with the tokenizer of packages/models/golden/encoders. With MINILM, the folder of all-MiniLM-L6-v2, and DATA, which has
xquad/xquad.en.json: a SHA-256 of the same of every row of XQuAD.
"""

import hashlib
import json
import sys
import types
from pathlib import Path

import tokenizers
import transformers
from lm_eval.api.model import TemplateLM

HERE = Path(__file__).resolve().parent
PAIRS = [
    ("Where do you live?", " Wo wohnen Sie?"), ("Where do you live? ", "Wo wohnen Sie?"), ("It is big.\n\n", " Es ist gro\u00df."),
    ("It is", " big"), ("It is b", "ig"), ("Gr\u00f6\u00dfe \u3000\x1c\u00a0", "42"), (" two  spaces ", " zwei  L\u00fccken "), ("a", "b"), ("Hm \u2026", "\n"),
]
CONTEXT = "\U0001f5fc the big cat sat on the mat. the dog, known to run, ran to the small red house in the sun! who is it?"
ANSWERS = ["cat", "the big", "known to run, ran", "red house", "\U0001f5fc the", "it?", "g, kn", "sat on the mat. the dog, known to run, ran to the small red", None]
SETTINGS = [(40, 10), (20, 5), (16, 0), (24, 8)]


def prepared(tokenizer, question, context, answer, most, stride):
    """The windows of a row, and the tokens that its answer begins and ends with."""
    made = tokenizer(question, context, truncation="only_second", max_length=most, stride=stride,
                     return_overflowing_tokens=True, return_offsets_mapping=True, return_token_type_ids=True)
    for i, ids in enumerate(made["input_ids"]):
        offsets, sequence_ids = made["offset_mapping"][i], made.sequence_ids(i)
        window = {"ids": ids, "tokenTypes": made["token_type_ids"][i], "offsets": offsets, "sequenceIds": sequence_ids}
        if answer is None:
            yield window, 0, 0
            continue
        start_char, end_char = answer["answer_start"], answer["answer_start"] + len(answer["text"])
        first = start = sequence_ids.index(1)
        end = len(ids) - 1
        while sequence_ids[end] != 1:
            end -= 1
        last = end
        if not (offsets[start][0] <= start_char and offsets[end][1] >= end_char):
            yield window, 0, 0
            continue
        while start < len(offsets) and offsets[start][0] <= start_char:
            start += 1
        start -= 1
        while offsets[end][1] >= end_char:
            end -= 1
        # Where the answer begins in the last token of the window, the recipe runs on to what stands behind the text, whose
        # offsets are 0, and would learn that the answer begins there. Meant is that token.
        yield window, min(start, last), max(end + 1, first)


def units(text, place):
    """Where a character is in UTF-16."""
    return len(text[:place].encode("utf-16-le")) // 2


def spans():
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(HERE.parents[1] / "models/golden/encoders/tokenizer.json"), pad_token="[PAD]")
    for most, stride in SETTINGS:
        for text in ANSWERS:
            answer = None if text is None else {"text": text, "answer_start": CONTEXT.index(text)}
            windows = []
            for window, start, end in prepared(tokenizer, "who sat?", CONTEXT, answer, most, stride):
                offsets = [
                    [units(CONTEXT, a), units(CONTEXT, b)] if s == 1 else [a, b]
                    for (a, b), s in zip(window["offsets"], window["sequenceIds"])
                ]
                windows.append({**window, "offsets": offsets, "start": start, "end": end})
            yield {"maxTokens": most, "stride": stride, "answers": [answer] if answer else [], "windows": windows}


def xquad(folder, data):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    articles = json.loads((data / "xquad/xquad.en.json").read_text(encoding="utf-8"))["data"]
    lines = []
    for article in articles:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                # The recipe takes white space from the left of a question; this tokenizer does not see it.
                made = prepared(tokenizer, qa["question"].lstrip(), paragraph["context"], qa["answers"][0], 160, 48)
                lines += [json.dumps([window["ids"], start, end], separators=(",", ":")) for window, start, end in made]
    return {"maxTokens": 160, "stride": 48, "windows": len(lines), "sha256": hashlib.sha256("\n".join(lines).encode()).hexdigest()}


def continuations():
    tokenizer = tokenizers.Tokenizer.from_file(str(HERE / "tokenizer.json"))
    model = types.SimpleNamespace(backend="causal", tok_encode=lambda text: tokenizer.encode(text).ids)
    for context, continuation in PAIRS:
        given, learnt = TemplateLM._encode_pair(model, context, continuation)
        yield {"context": context, "continuation": continuation, "ids": [given, learnt]}


def main(*given):
    kept = HERE / "training.json"
    found = json.loads(kept.read_text(encoding="utf-8")).get("xquad") if kept.exists() else None
    golden = {
        "versions": {module.__name__: module.__version__ for module in (transformers, tokenizers)} | {"lm_eval": "0.4.13"},
        "continuations": list(continuations()), "context": CONTEXT, "spans": list(spans()),
        "xquad": xquad(*map(Path, given)) if given else found,
    }
    kept.write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")
    print({key: len(value) for key, value in golden.items() if value}, golden["xquad"])


if __name__ == "__main__":
    main(*sys.argv[1:])
