"""Reads a folder that `evaluate` has written with the readers of lm-evaluation-harness 0.4.13, and compares what is in it
with what the harness itself made (evaluation.json).

    pip install lm_eval==0.4.13 datasets
    python check_results.py FOLDER [--json FILE]

Fails where a reader refuses a file, a field is none of the harness's schema, a hash is not that of what is hashed, or a
row differs from the harness's by more than 0.002 in a log-likelihood, or at all in a text.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import datasets
import lm_eval
from lm_eval.result_schema import EvalResults, SampleResult
from lm_eval.utils import (
    get_file_datetime,
    get_file_task_name,
    get_results_filenames,
    get_sample_results_filenames,
    hash_string,
    make_table,
)

GOLDEN = json.loads((Path(__file__).parent / "evaluation.json").read_text(encoding="utf-8"))["data"]
MOST = 2e-3


def check_results(path):
    """By the schema, and by what prints the harness's table."""
    results = json.loads(path.read_text(encoding="utf-8"))
    unknown = set(results) - set(EvalResults.__annotations__)
    assert not unknown, f"{path}: {unknown} are no keys of the harness"
    make_table(results)
    return results


def check_samples(path, results):
    """By the library that reads them on the hub, by the schema, and by hashing anew what has hashes."""
    rows = datasets.load_dataset("json", data_files=str(path), split="train")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len(lines)
    required = set(SampleResult.__annotations__)
    for line in lines:
        assert required <= set(line), f"{path}: a row lacks {required - set(line)}"
        assert set(line) == required | set(line["metrics"]), f"{path}: a row has {set(line) - required}"
        assert line["doc_hash"] == hash_string(json.dumps(line["doc"], indent=2, ensure_ascii=False))
        assert line["prompt_hash"] == hash_string(line["arguments"]["gen_args_0"]["arg_0"])
        assert line["target_hash"] == hash_string(line["target"])
    (name,) = results["task_hashes"]
    # The harness hashes all rows of one filter, then of the next; a long file has them by windows of rows.
    ordered = [line for chosen in dict.fromkeys(each["filter"] for each in lines) for line in lines if line["filter"] == chosen]
    hashes = [line["doc_hash"] + line["prompt_hash"] + line["target_hash"] for line in ordered]
    assert results["task_hashes"][name] == hash_string("".join(hashes))
    for key, value in results["results"][name].items():
        metric, _, chosen = key.partition(",")
        some = [line[metric] for line in lines if line["filter"] == chosen and isinstance(line.get(metric), (int, float))]
        if some:
            assert math.isclose(value, sum(some) / len(some)), f"{path}: {key} is {value}"
    return lines


def known_as(name):
    return "rte" if name == "sglue_rte" else name


def compare(name, results, lines):
    """The largest difference from the harness, and how many texts and choices are its own."""
    wanted = GOLDEN[known_as(name)]
    mine = [line for line in lines if line["filter"] in ("none", "strict-match")]
    assert len(mine) == len(wanted["rows"])
    largest, same = 0.0, 0
    for line, row in zip(mine, wanted["rows"]):
        assert [line[f"{what}_hash"][:8] for what in ("doc", "prompt", "target")] == row["hashes"], f"row {line['doc_id']}"
        if isinstance(row["said"], str):
            same += line["resps"][0][0] == row["said"]
            continue
        said = [(float(value), greedy == "True") for ((value, greedy),) in line["resps"]]
        largest = max(largest, *(abs(a - b) for (a, _), (b, _) in zip(said, row["said"])))
        same += [greedy for _, greedy in said] == [greedy for _, greedy in row["said"]]
    scores = {key: results["results"][name][key] for key in wanted["results"] if "," in key and "stderr" not in key}
    theirs = {key: wanted["results"][key] for key in scores}
    return {
        **{"rows": len(mine), "scores": scores, "scoresOfHarness": theirs, "largestDifference": round(largest, 6)},
        **{"rowsWithSameTextOrGreediness": same, "sameTaskHash": results["task_hashes"][name] == wanted["task_hash"]},
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--json", type=Path)
    given = arguments.parse_args()
    names = [str(path) for path in sorted(given.folder.rglob("*"))]
    of_results, of_samples = get_results_filenames(names), get_sample_results_filenames(names)
    assert of_results, f"{given.folder} has no results"
    told = {}
    for path in of_results:
        results = check_results(Path(path))
        date = get_file_datetime(path).removesuffix(".json")
        (samples,) = [other for other in of_samples if get_file_datetime(other) == date]
        (name,) = results["results"]
        assert get_file_task_name(Path(samples).name) == name
        lines = check_samples(Path(samples), results)
        known = known_as(name)
        told[known] = compare(name, results, lines) if known in GOLDEN else {"rows": len(lines)}
        print(f"{name}: {told[known]}")
    wrong = [name for name, each in told.items() if each.get("largestDifference", 0) > MOST]
    wrong += [name for name, each in told.items() if each.get("rowsWithSameTextOrGreediness", each["rows"]) < each["rows"]]
    wrong += [
        name
        for name, each in told.items()
        if any(not math.isclose(value, each["scoresOfHarness"][key]) for key, value in each.get("scores", {}).items())
    ]
    if given.json:
        value = {"lm_eval": lm_eval.__version__, "tasks": told}
        given.json.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    print(f"not as the harness: {wrong}" if wrong else f"lm_eval {lm_eval.__version__} reads all of it")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
