"""Makes answers.json.gz: answers and labels, and what the official scripts, lm-evaluation-harness and scikit-learn say of them.

    pip install lm_eval==0.4.13 scikit-learn==1.9.1 numpy==2.4.6
    python make_answers.py FOLDER > answers.json.gz

FOLDER holds the published scripts: evaluate-v1.1.py and evaluate-v2.0.py of SQuAD, dataset.py of openai/grade-school-math,
record_evaluation.py of SuperGLUE's ReCoRD and super_glue.py, both as huggingface/evaluate has them in metrics/super_glue, and
winogender_metrics.py of nyu-mll/jiant, the toolkit that SuperGLUE came with.
"""

import gzip
import hashlib
import importlib.util
import json
import pathlib
import random
import re
import sys
import types

import numpy as np
import sklearn
from lm_eval.api.metrics import exact_match_hf_evaluate
from lm_eval.filters.extraction import RegexFilter
from sklearn.metrics import accuracy_score, f1_score, matthews_corrcoef, precision_score, recall_score

SEED = 5
ROWS = 2200
FOLDER = pathlib.Path(sys.argv[1])
WORDS = (
    "a an the The A AN theory anthem a's the-end (the) \u201ethe\u201c Eiffel tower Tower, Paris! 1889 3.14 1,000 $5 na\u00efve \u00e9t\u00e9 e\u0301t\u00e9 a\u0301 "
    "\u00df STRASSE \u0130stanbul \u039f\u0394\u039f\u03a3 \u4e16\u754c \ud55c\uad6d \U0001f600 the\U0001f600 _the_ \u200bthe \u00a0 \u3000 \u2028 \x1c \u00bd\u00b2 \u0663 \u0939\u093f\u0928\u094d\u0926\u0940 ... -- ' \" ? \u2026 \u2014 x"
).split(" ")


def load(name):
    spec = importlib.util.spec_from_file_location(re.sub(r"\W", "_", name), FOLDER / name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Imported by a script for what is not used here.
sys.modules.setdefault("torch", types.SimpleNamespace(utils=types.SimpleNamespace(data=types.SimpleNamespace(Dataset=object))))
squad1, squad2, gsm8k, record, winogender = map(
    load, ["evaluate-v1.1.py", "evaluate-v2.0.py", "dataset.py", "record_evaluation.py", "winogender_metrics.py"]
)
source = (FOLDER / "super_glue.py").read_text()
glue = {"f1_score": f1_score}
exec(source[source.index("def simple_accuracy") : source.index("@evaluate.utils")], glue)


def text(generator, most=5):
    return " ".join(generator.choice(WORDS) for _ in range(generator.randint(0, most)))


def questions(generator):
    rows = [("", [""]), ("the", [""]), ("", ["the a an"]), ("!!!", ["..."]), ("the a", ["An"]), (" x ", ["x"]), ("x" * 5000, ["x" * 5000])]
    while len(rows) < ROWS:
        answers = [text(generator, 300 if len(rows) % 500 == 0 else 5) for _ in range(generator.randint(1, 4))]
        words = generator.choice(answers).split(" ")
        for _ in range(generator.randint(0, 2)):
            at = generator.randrange(len(words) + 1)
            words[at : at + generator.randint(0, 1)] = [generator.choice(WORDS)][: generator.randint(0, 1)]
        rows.append((" ".join(words) if generator.random() < 0.8 else text(generator), answers))
    return rows


def make_squad(generator):
    rows = questions(generator)
    qas = [{"id": str(i), "answers": [{"text": a} for a in answers]} for i, (_, answers) in enumerate(rows)]
    predictions = {str(i): prediction for i, (prediction, _) in enumerate(rows)}
    made = {
        "predictions": [p for p, _ in rows],
        "references": [a for _, a in rows],
        "exact": [int(squad1.metric_max_over_ground_truths(squad1.exact_match_score, p, a)) for p, a in rows],
        "f1": [squad1.metric_max_over_ground_truths(squad1.f1_score, p, a) for p, a in rows],
        "squad": squad1.evaluate([{"paragraphs": [{"qas": qas}]}], predictions),
        "record": record.evaluate([{"qas": qas}], predictions)[0],
    }

    # Every third question has no answer; every fourth prediction is none.
    answers2 = [[] if i % 3 == 0 else a for i, (_, a) in enumerate(rows)]
    predictions2 = ["" if i % 4 == 0 else p for i, (p, _) in enumerate(rows)]
    probabilities = [round(generator.random(), 2) for _ in rows]
    data = [{"paragraphs": [{"qas": [{"id": str(i), "answers": [{"text": t} for t in a]} for i, a in enumerate(answers2)]}]}]
    preds = {str(i): p for i, p in enumerate(predictions2)}
    na_probs = {str(i): p for i, p in enumerate(probabilities)}
    has_answer = squad2.make_qid_to_has_ans(data)
    exact, f1 = squad2.get_raw_scores(data, preds)
    at = {}
    for threshold in (1.0, 0.5):
        cut = [squad2.apply_no_ans_threshold(s, na_probs, has_answer, threshold) for s in (exact, f1)]
        made_eval = squad2.make_eval_dict(*cut)
        for prefix, wanted in (("HasAns", True), ("NoAns", False)):
            squad2.merge_eval(made_eval, squad2.make_eval_dict(*cut, qid_list=[k for k, v in has_answer.items() if v == wanted]), prefix)
        at[str(threshold)] = made_eval
    best = {}
    squad2.find_all_best_thresh(best, preds, exact, f1, na_probs, has_answer)
    made["squad2"] = {
        "exact": list(exact.values()), "f1": list(f1.values()), "probabilities": probabilities, "at": at, "best": best,
    }
    return made


def make_gsm8k(generator):
    numbers = "18 -18 1,018 $1,018 1018. 18.0 0.5 .5 5% 1,2,3 007 -0 $ . , - \u0663 1e3 3/4 10-20 $$5 --5 1018.\n 72,000.00".split(" ")
    pieces = ["So she has", "#### ", "####", "### ", "\n", "<<9*2=18>>", "dollars.", "\u00e9\u4e16 \U0001f600", "The answer is", "####  ", "", " "]
    rows = [("", "#### 1"), ("#### 18", "#### 18"), ("#### 18.", "#### 18"), ("18.\n", "#### 18"), ("#### 1,018 #### 7", "#### 1018"), ("x " * 9000 + "#### 5", "#### 5")]
    while len(rows) < ROWS:
        number = generator.choice(numbers[:7] if generator.random() < 0.6 else numbers)
        said = [generator.choice(pieces + numbers) for _ in range(generator.randint(0, 8))]
        if generator.random() < 0.6:
            said += [generator.choice(["#### ", "The answer is "]) + number + generator.choice(["", ".", "\n", " dollars", ".\n"])]
        steps = generator.choice(["", "9 + 9 = 18\n", "#### 3\n", "multi\nline\n"])
        rows.append((generator.choice(["", " "]).join(said), steps + "#### " + (number if re.match(r"-?[0-9.,]", number) else "18")))
    completions, answers = map(list, zip(*rows))
    made = {"predictions": completions, "references": answers}
    options = dict(ignore_case=True, ignore_punctuation=False, regexes_to_ignore=[",", "\\$", "(?s).*#### ", "\\.$"])
    filters = {
        "strict": RegexFilter("#### (\\-?[0-9\\.\\,]+)"),
        "flexible": RegexFilter("(-?[$0-9.,]{2,})|(-?[0-9]+)", group_select=-1),
    }
    for name, one in filters.items():
        found = [kept[0] for kept in one.apply([[c] for c in completions], [{}] * len(completions))]
        made[name] = {
            "found": found,
            "right": [int(exact_match_hf_evaluate([f], [a], **options)["exact_match"]) for f, a in zip(found, answers)],
            "score": exact_match_hf_evaluate(found, answers, **options)["exact_match"],
        }
    right = [int(gsm8k.is_correct(c, {"answer": a})) for c, a in rows]
    made["original"] = {"found": [gsm8k.extract_answer(c) for c in completions], "right": right, "score": sum(right) / len(right)}
    return made


def make_labels(generator):
    """Labels of each kind, as numbers, and as sizes of parts that are scored by themselves: all rows, and every ten."""
    made = {}
    for classes, wanted in ((2, ["binary", "matthews"]), (3, ["macro", "matthews"])):
        gold = [generator.randrange(classes) for _ in range(ROWS)]
        said = [g if generator.random() < 0.6 else generator.randrange(classes) for g in gold]
        parts = [(0, ROWS)] + [(i, i + 10) for i in range(0, ROWS, 10)] + [(i, i + 2) for i in range(0, 200, 2)]
        scores = []
        for a, b in parts:
            g, s = gold[a:b], said[a:b]
            one = {"accuracy": accuracy_score(g, s), "matthews": matthews_corrcoef(g, s)}
            if "binary" in wanted:
                one |= {"f1": f1_score(g, s, zero_division=0), "precision": precision_score(g, s, zero_division=0), "recall": recall_score(g, s, zero_division=0)}
            else:
                one |= {"macro": f1_score(g, s, average="macro", zero_division=0)}
            scores.append(one)
        made[str(classes)] = {"gold": gold, "said": said, "parts": parts, "scores": scores}
    sizes = [generator.randint(1, 12) for _ in range(ROWS)]
    gold = [[generator.randint(0, 1) for _ in range(n)] for n in sizes]
    said = [[m if generator.random() < 0.8 else 1 - m for m in marks] for marks in gold]
    flat = [({"idx": {"paragraph": 0, "question": q}, "prediction": s}, g) for q in range(ROWS) for s, g in zip(said[q], gold[q])]
    made["multirc"] = {"gold": gold, "said": said, "scores": glue["evaluate_multirc"]([f[0] for f in flat], [f[1] for f in flat])}

    pairs = [[generator.randint(0, 1), generator.randint(0, 1)] for _ in range(ROWS)]
    parity = winogender.GenderParity()
    parity([{"sent2_str": str(i), "preds": label} for i, pair in enumerate(pairs) for label in pair])
    made["parity"] = {"said": pairs, "score": parity.get_metric()}
    return made


def main():
    generator = random.Random(SEED)
    made = {
        "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__, "lm_eval": "0.4.13"},
        "scripts": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(FOLDER.glob("*.py"))},
        "squad": make_squad(generator),
        "gsm8k": make_gsm8k(generator),
        "labels": make_labels(generator),
    }
    content = json.dumps(made, ensure_ascii=False, separators=(",", ":"), default=float)
    sys.stdout.buffer.write(gzip.compress(content.encode(), 9, mtime=0))


main()
