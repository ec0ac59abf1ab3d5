"""Makes prompts.json: the rows and prompts that lm-evaluation-harness makes of the fixtures, and, where a folder of the
real data sets is given, prompts-of-data.json: digests of the prompts that it makes of theirs.

    pip install lm_eval==0.4.13 transformers==5.24.0
    python make_prompts.py            # prompts.json
    python make_prompts.py FOLDER     # and prompts-of-data.json
"""

import hashlib
import json
import logging
import sys
import types
from pathlib import Path

import datasets
import lm_eval
from lm_eval.api.task import ConfigurableTask
from lm_eval.tasks._yaml_loader import load_yaml

# ReCoRD's file imports this for its metric, which is not asked about; transformers 5 has it no more.
for module in ("transformers.data.metrics", "transformers.data.metrics.squad_metrics"):
    sys.modules[module] = types.ModuleType(module)

HERE = Path(__file__).parent
FIXTURES = HERE.parent / "fixtures" / "data"
TASKS = Path(lm_eval.__file__).parent / "tasks"
SHOTS = 2
SYSTEM = "You answer briefly."
# Name, folder in the data, causal template, T5's template, and whether T5's target is a label's name.
SUPER_GLUE = [
    ("boolq", "BoolQ", True),
    ("cb", "CB", True),
    ("copa", "COPA", True),
    ("multirc", "MultiRC", False),
    ("record", "ReCoRD", False),
    ("rte", "RTE", True),
    ("wic", "WiC", True),
    ("wsc", "WSC", False),
]
LABELS = {
    "cb": ["entailment", "contradiction", "neutral"],
    "rte": ["entailment", "not_entailment"],
}


def label_of(name, row):
    label = row.get("label")
    if label is None:
        return -1
    return LABELS[name].index(label) if name in LABELS else int(label)


def mended(text, span, index):
    """A span of WSC as the data set wsc.fixed has it."""
    if span in text or span in ("Kamenev and Zinoviev", "Kamenev, Zinoviev, and Stalin"):
        return span
    first = text.split()[index][0]
    head = span[0].lower() if first.islower() else span[0].upper()
    return (head + span[1:]).rstrip(".").replace("\n", " ")


def rows_of(name, row):
    """What the data set super_glue on the hub makes of a published row."""
    if name == "multirc":
        for question in row["passage"]["questions"]:
            for answer in question["answers"]:
                yield {
                    "paragraph": row["passage"]["text"],
                    "question": question["question"],
                    "answer": answer["text"],
                    "idx": {"paragraph": row["idx"], "question": question["idx"], "answer": answer["idx"]},
                    "label": label_of(name, answer),
                }
    elif name == "record":
        text = row["passage"]["text"]
        entities = {text[e["start"] : e["end"] + 1] for e in row["passage"]["entities"]}
        for qa in row["qas"]:
            yield {
                "passage": text,
                "query": qa["query"],
                "entities": sorted(entities),
                "answers": sorted({answer["text"] for answer in qa.get("answers", [])}),
                "idx": {"passage": row["idx"], "query": qa["idx"]},
            }
    elif name == "wsc":
        t, text = row["target"], row["text"]
        yield {
            "text": text,
            "span1_index": t["span1_index"],
            "span2_index": t["span2_index"],
            "span1_text": mended(text, t["span1_text"], t["span1_index"]),
            "span2_text": mended(text, t["span2_text"], t["span2_index"]),
            "idx": row["idx"],
            "label": label_of(name, row),
        }
    else:
        yield {**{k: v for k, v in row.items() if k != "version"}, "label": label_of(name, row)}


def read(name, file):
    with open(file, encoding="utf-8") as lines:
        published = [json.loads(line) for line in lines]
    return published if name == "gsm8k" else [row for p in published for row in rows_of(name, p)]


def make_task(template, train, validation, **changes):
    """A task of the harness with rows of ours, the first of the training split as shots."""
    config = load_yaml(TASKS / template)
    # Metrics and filters are not what is asked about, and some would be downloaded.
    for key in ("tag", "metric_list", "filter_list", "include", "process_results"):
        config.pop(key, None)
    splits = {"train": datasets.Dataset.from_list(train), "validation": datasets.Dataset.from_list(validation)}
    config |= {"custom_dataset": lambda **_: splits, "training_split": "train", "validation_split": "validation"}
    config["metadata"] = {}
    config.pop("test_split", None)
    if not config.get("fewshot_config"):
        config |= {"fewshot_split": "train", "fewshot_config": {"sampler": "first_n"}}
    return ConfigurableTask(config=config | changes)


def answer_of(task, doc):
    """The text of the right choice, or of the target."""
    target = task.doc_to_target(doc)
    if isinstance(target, int):
        return task.doc_to_choice(doc)[target] if target >= 0 else None
    return target


def asked(task, doc, shots, **chat):
    context = task.fewshot_context(doc, shots, **chat)
    requests = task.construct_requests(
        doc, context, apply_chat_template=bool(chat), chat_template=chat.get("chat_template"), metadata=("task", 0, 1)
    )
    if isinstance(requests, list):
        return [context, [request.args[1] for request in requests], answer_of(task, doc)]
    return [context, list(requests.args[1]["until"]), answer_of(task, doc)]


def template_of_chat(messages, add_generation_prompt):
    assert add_generation_prompt
    return json.dumps(messages, ensure_ascii=False, separators=(",", ":"))


def input_of(task, doc, labelled):
    """What T5 is given, and its target where that is a label's name."""
    try:
        return [task.doc_to_text(doc), answer_of(task, doc) if labelled else None]
    except AssertionError:  # a row of WSC in which the pronoun is not a word of its own
        return None


def golden():
    tasks = {}
    for name, _, labelled in SUPER_GLUE:
        rows = read(name, FIXTURES / f"{name}.jsonl")
        causal = make_task(f"super_glue/{name}/default.yaml", rows, rows)
        t5 = make_task(f"super_glue/{name}/t5-prompt.yaml", rows, rows, process_docs=None)
        docs, t5_docs = list(causal.validation_docs()), list(t5.validation_docs())
        chat = {"system_instruction": SYSTEM, "apply_chat_template": True, "chat_template": template_of_chat}
        tasks[name] = {
            "rows": rows,
            "zero": [asked(causal, doc, 0) for doc in docs],
            "few": [asked(causal, doc, SHOTS) for doc in docs],
            "chat": [asked(causal, doc, SHOTS, **chat) for doc in docs],
            "turns": [asked(causal, doc, SHOTS, **chat, fewshot_as_multiturn=True) for doc in docs],
            "t5": [input_of(t5, doc, labelled) for doc in t5_docs],
        }
    rows = read("gsm8k", FIXTURES / "gsm8k.jsonl")
    plain, thought = make_task("gsm8k/gsm8k.yaml", rows, rows), make_task("gsm8k/gsm8k-cot.yaml", rows, rows)
    tasks["gsm8k"] = {
        "rows": rows,
        "zero": [asked(plain, doc, 0) for doc in plain.validation_docs()],
        "few": [asked(plain, doc, SHOTS) for doc in plain.validation_docs()],
        "thought": [asked(thought, doc, 8) for doc in thought.validation_docs()],
    }
    return tasks


def digest(value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def digests(folder):
    result = {}
    for name, path, labelled in SUPER_GLUE:
        train = read(name, folder / "superglue" / path / "train.jsonl")
        file = folder / "superglue" / path / ("dev32.jsonl" if name == "record" else "val.jsonl")
        rows = read(name, file)
        causal = make_task(f"super_glue/{name}/default.yaml", train, rows)
        t5 = make_task(f"super_glue/{name}/t5-prompt.yaml", train, rows, process_docs=None)
        docs, t5_docs = list(causal.validation_docs()), list(t5.validation_docs())
        inputs = [input_of(t5, doc, labelled) for doc in t5_docs]
        result[name] = {
            "zero": "".join(digest(asked(causal, doc, 0)) for doc in docs),
            "few": "".join(digest(asked(causal, doc, SHOTS)) for doc in docs),
            "t5": "".join(digest(i) if i else "-" * 8 for i in inputs),
        }
    train, rows = read("gsm8k", folder / "gsm8k" / "train.jsonl"), read("gsm8k", folder / "gsm8k" / "test.jsonl")
    plain, thought = make_task("gsm8k/gsm8k.yaml", train, rows), make_task("gsm8k/gsm8k-cot.yaml", train, rows)
    result["gsm8k"] = {
        "zero": "".join(digest(asked(plain, doc, 0)) for doc in plain.validation_docs()),
        "few": "".join(digest(asked(plain, doc, SHOTS)) for doc in plain.validation_docs()),
        "thought": "".join(digest(asked(thought, doc, 8)) for doc in thought.validation_docs()),
    }
    return result


def write(name, value):
    versions = {"lm_eval": lm_eval.__version__}
    with open(HERE / name, "w", encoding="utf-8") as file:
        json.dump({"versions": versions, "shots": SHOTS, "system": SYSTEM, "tasks": value}, file, indent=1, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    datasets.disable_progress_bars()
    write("prompts.json", golden())
    if len(sys.argv) > 1:
        write("prompts-of-data.json", digests(Path(sys.argv[1])))
