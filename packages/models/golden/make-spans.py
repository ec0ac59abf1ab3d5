"""The answers that transformers' recipe for SQuAD finds in long texts: the golden values.

    python make-spans.py FOLDER

FOLDER holds utils_qa.py of transformers' examples/pytorch/question-answering. Reads the tiny models of make-encoders.py. Each
context is read in windows as `run_qa.py` makes them, and its `postprocess_qa_predictions` looks at every token. Writes
encoders/spans.json: of each model and case the spans with their scores, the best first, where one of several windows has the
place of the first; and SQuAD 2.0's difference between no answer and the best.
Made with torch 2.13.0 (CPU), transformers 5.24.0, numpy 2.4.6.
"""

import importlib.util
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import load_file

HERE = Path(__file__).parent
OUT = HERE / "encoders"
CLASSES = {"bert": transformers.BertForQuestionAnswering, "distilbert": transformers.DistilBertForQuestionAnswering}
LONG = "The Cat  sat on the mat. A big dog ran to the \U0001f600 house, unknown who was in it! Where is the small red dogs' mat? In Café Zoë"
CASES = [
    {"question": "Who sat?", "context": LONG, "windowTokens": 20, "stride": 8, "maxTokens": 30},
    {"question": "where is the big dog?", "context": LONG, "windowTokens": 16, "stride": 3, "maxTokens": 4},
    {"question": "what is in the house?", "context": f"{LONG} {' '.join(LONG.split()[::-1])}", "windowTokens": 14, "stride": 0, "maxTokens": 1},
    {"question": "is it red?", "context": "a very big cat", "windowTokens": 20, "stride": 8, "maxTokens": 30},
]
KEPT = 20


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def units(text, place):
    """Where a character is in UTF-16."""
    return len(text[:place].encode("utf-16-le")) // 2


@torch.no_grad()
def answers(utils, model, tokenizer, case):
    context = case["context"]
    encoded = tokenizer(
        case["question"], context, truncation="only_second", max_length=case["windowTokens"], stride=case["stride"],
        return_overflowing_tokens=True, return_offsets_mapping=True, return_token_type_ids=True, padding="max_length", return_tensors="pt")
    given = {"input_ids": encoded.input_ids, "attention_mask": encoded.attention_mask}
    if model.config.model_type == "bert":
        given["token_type_ids"] = encoded["token_type_ids"]
    made = model(**given)
    features = [
        {"example_id": "0", "offset_mapping": [o if s == 1 else None for o, s in zip(encoded.offset_mapping[i].tolist(), encoded.sequence_ids(i))]}
        for i in range(len(encoded.input_ids))
    ]
    logits = [made.start_logits.double().numpy(), made.end_logits.double().numpy()]
    examples = type("Examples", (list,), {"__getitem__": lambda self, key: ["0"] if key == "id" else list.__getitem__(self, key)})(
        [{"id": "0", "context": context}])
    said = {}
    for negative in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            utils.postprocess_qa_predictions(
                examples, features, logits, version_2_with_negative=negative, n_best_size=10_000,
                max_answer_length=case["maxTokens"], output_dir=folder)
            for file in Path(folder).iterdir():
                said[(negative, file.stem)] = json.loads(file.read_text()).get("0")
    # The recipe tells texts alone; where they stand is found again by their logits.
    spans = {}
    for i, feature in enumerate(features):
        for start, first in enumerate(feature["offset_mapping"]):
            for end, last in enumerate(feature["offset_mapping"][start : start + case["maxTokens"]], start):
                if first and last:
                    key = (float(logits[0][i, start]), float(logits[1][i, end]))
                    assert key not in spans, "two spans could not be told apart"
                    spans[key] = (units(context, first[0]), units(context, last[1]), context[first[0] : last[1]])
    found, seen = [], set()
    for each in said[(False, "nbest_predictions")]:
        start, end, text = spans[(each["start_logit"], each["end_logit"])]
        assert text == each["text"]
        if (start, end) not in seen:
            seen.add((start, end))
            found.append({"text": text, "start": start, "end": end, "score": each["start_logit"] + each["end_logit"]})
    assert found[0]["text"] == said[(False, "predictions")]
    return {"windows": len(features), "count": len(found), "spans": found[:KEPT], "noAnswer": said[(True, "null_odds")]}


def main(folder):
    utils = load(folder / "utils_qa.py")
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(OUT / "tokenizer.json"), pad_token="[PAD]")
    golden = {"cases": CASES, "versions": {module.__name__: module.__version__ for module in (torch, transformers, np)}}
    for name, kind in CLASSES.items():
        config = transformers.AutoConfig.from_pretrained(OUT / name, id2label={0: "start", 1: "end"})
        model = kind(config).eval()
        missing = model.load_state_dict(load_file(OUT / name / "backbone.safetensors") | load_file(OUT / name / "span.safetensors"), strict=False)
        assert not missing.missing_keys and not missing.unexpected_keys, missing
        golden[name] = [answers(utils, model, tokenizer, case) for case in CASES]
        print(name, [(each["windows"], each["count"], each["spans"][0]["text"], each["noAnswer"]) for each in golden[name]])
    (OUT / "spans.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(Path(sys.argv[1]))
