"""Makes evaluation.json: what lm-evaluation-harness makes of SmolLM2-135M-Instruct, the weights of its GGUF file run by
transformers. Of the fixtures, the whole results and samples; where a folder of the real data sets is given, of the first
100 rows of six tasks of SuperGLUE the log-likelihoods and of 20 of GSM8K the answers, with hashes in the rows' place.

    pip install lm_eval==0.4.13 transformers==5.24.0 torch==2.13.0 gguf==0.19.0 accelerate datasets scikit-learn
    python make_evaluation.py SmolLM2-135M-Instruct.Q4_1.gguf [FOLDER [TASK...]]

Where tasks are named, only those of FOLDER are made anew.
"""

import json
import logging
import sys
import tempfile
from pathlib import Path

import datasets
import lm_eval
import torch
import transformers
from lm_eval.api.task import ConfigurableTask
from lm_eval.evaluator import evaluate
from lm_eval.loggers import EvaluationTracker
from lm_eval.models.huggingface import HFLM
from lm_eval.tasks._yaml_loader import load_yaml
from tokenizers import pre_tokenizers

from make_prompts import FIXTURES, TASKS, read

HERE = Path(__file__).parent
# The columns of the data set on the hub, in its order: hashes depend on it.
COLUMNS = {
    "boolq": "question passage idx label",
    "cb": "premise hypothesis idx label",
    "copa": "premise choice1 choice2 question idx label",
    "multirc": "paragraph question answer idx label",
    "rte": "premise hypothesis idx label",
    "wic": "word sentence1 sentence2 start1 start2 end1 end2 idx label",
    "wsc": "text span1_index span2_index span1_text span2_text idx label",
    "gsm8k": "question answer",
}
FOLDERS = {"boolq": "BoolQ", "cb": "CB", "copa": "COPA", "rte": "RTE", "wic": "WiC", "wsc": "WSC"}
ROWS, PROBLEMS, SHOTS = 100, 20, 2


def load(path):
    """As make_prompts.py's neighbour in packages/models reads it: the file lacks that digits are split from all else."""
    folder, name = str(path.parent), path.name
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, gguf_file=name)
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32).eval()
    return HFLM(pretrained=model, tokenizer=tokenizer, batch_size=8, device="cpu")


def make_task(name, train, rows, shots):
    """A task of the harness over rows of ours. Its shots are the first of the training rows, since its random ones are not ours."""
    config = load_yaml(TASKS / ("gsm8k/gsm8k.yaml" if name == "gsm8k" else f"super_glue/{name}/default.yaml"))
    config.pop("tag", None)
    columns = COLUMNS[name].split()
    labelled = [row for row in rows if row.get("label", 0) >= 0]
    make = lambda some: datasets.Dataset.from_list([{column: row[column] for column in columns} for row in some])
    splits = {"train": make(train or labelled), "validation": make(labelled)}
    config |= {"custom_dataset": lambda **_: splits, "training_split": "train", "validation_split": "validation"}
    config.pop("test_split", None)
    config |= {"fewshot_split": "train", "fewshot_config": {"sampler": "first_n"}, "num_fewshot": shots}
    version = config["metadata"]["version"]
    config["metadata"] = {}
    task = ConfigurableTask(config=config)
    task.VERSION = version
    return task


def run(lm, name, train, rows, shots=0, **options):
    """Results and samples as the harness's own files have them."""
    task = make_task(name, train, rows, shots)
    results = evaluate(lm=lm, task_dict={"tasks": {task.task_name: task}, "groups": {}}, bootstrap_iters=100, **options)
    samples = results.pop("samples")
    with tempfile.TemporaryDirectory() as folder:
        tracker = EvaluationTracker(output_path=folder)
        tracker.general_config_tracker.log_experiment_args("hf", {"pretrained": "smollm2"}, None, None, False)
        tracker.save_results_aggregated(results=results, samples=samples)
        for task_name, some in samples.items():
            tracker.save_results_samples(task_name=task_name, samples=some)
        (of_results,) = Path(folder).rglob("results_*.json")
        (of_samples,) = Path(folder).rglob("samples_*.jsonl")
        lines = of_samples.read_text(encoding="utf-8").splitlines()
        return json.loads(of_results.read_text(encoding="utf-8")), [json.loads(line) for line in lines]


def whole(results, samples):
    kept = ["results", "versions", "n-shot", "higher_is_better", "n-samples", "task_hashes"]
    (config,) = results["configs"].values()
    return {"keys": list(results), "configKeys": list(config), **{key: results[key] for key in kept}, "samples": samples}


def brief(results, samples):
    """What can be told without the rows."""
    (name,) = results["results"]
    rows = [
        {
            "hashes": [sample[f"{what}_hash"][:8] for what in ("doc", "prompt", "target")],
            "said": sample["resps"][0][0] if sample["filter"] != "none"
            else [[round(float(value), 5), greedy == "True"] for ((value, greedy),) in sample["resps"]],
        }
        for sample in samples
        if sample["filter"] in ("none", "strict-match")
    ]
    return {"results": results["results"][name], "task_hash": results["task_hashes"][name], "rows": rows}


def main():
    logging.disable(logging.WARNING)
    datasets.disable_progress_bars()
    lm = load(Path(sys.argv[1]))
    versions = {module.__name__: module.__version__ for module in (lm_eval, torch, transformers)}
    value = {"versions": versions, "fixtures": {}, "data": {}}
    out = HERE / "evaluation.json"
    if out.exists():
        value |= {key: json.loads(out.read_text(encoding="utf-8"))[key] for key in ("fixtures", "data")}
    named = sys.argv[3:]

    def save():
        out.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")

    for name in [] if named else [*FOLDERS, "multirc"]:
        value["fixtures"][name] = whole(*run(lm, name, None, read(name, FIXTURES / f"{name}.jsonl")))
        save()
    if len(sys.argv) == 2:
        return
    folder = Path(sys.argv[2])
    for name, path in FOLDERS.items():
        if named and name not in named:
            continue
        rows = read(name, folder / "superglue" / path / "val.jsonl")
        value["data"][name] = brief(*run(lm, name, None, rows, limit=ROWS))
        print(name, value["data"][name]["results"], flush=True)
        save()
    if named and "gsm8k" not in named:
        return
    train, rows = (read("gsm8k", folder / "gsm8k" / f"{split}.jsonl") for split in ("train", "test"))
    value["data"]["gsm8k"] = brief(*run(lm, "gsm8k", train[: SHOTS + 1], rows, SHOTS, limit=PROBLEMS))
    save()


if __name__ == "__main__":
    main()
