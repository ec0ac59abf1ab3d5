"""What transformers' logits warpers make of fixed logits: the golden values of sampling.

    python make-sampling.py

Writes sampling.json beside itself: logits, and for each set of options how many tokens are kept, and the share of each.
The warpers are those that `generate` makes of a generation config, in its order.
Made with torch 2.13.0 (CPU), transformers 5.24.0.
"""

import json
from pathlib import Path

import torch
import transformers

LOGITS = {
    "spread": [1.5, -0.25, 3.0, 0.75, 2.25, -1.0, 2.75, 0.5, -3.5, 1.0, 2.0, -2.0],
    "ties": [1.0, 2.0, 0.5, 2.0, 1.0, 2.0, 0.5, 1.0],
    "peaked": [0.0, 12.0, 1.0, -4.0, 0.5],
    "large": [9000.0, 9001.5, -9000.0, 9000.5, 8999.0],
}
OPTIONS = [
    {}, {"temperature": 0.5}, {"temperature": 1.7}, {"temperature": 0.01}, {"topK": 1}, {"topK": 3}, {"topK": 50},
    {"topP": 0.001}, {"topP": 0.62}, {"topP": 0.9}, {"topP": 1.0}, {"temperature": 0.7, "topK": 4, "topP": 0.8},
    {"temperature": 2.5, "topK": 5, "topP": 0.55}, {"topK": 2, "topP": 0.99}, {"temperature": 1.3, "topP": 0.33},
]


def warp(logits, options):
    config = transformers.GenerationConfig(
        do_sample=True, temperature=options.get("temperature", 1.0), top_k=options.get("topK", 0),
        top_p=options.get("topP", 1.0),
    )
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=8, hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1,
    ))
    warpers = model._get_logits_processor(config, input_ids_seq_length=0)
    warped = warpers(None, torch.tensor([logits]))[0]
    shares = [round(share, 9) for share in warped.softmax(-1).tolist()]
    return {"kept": warped.isfinite().sum().item(), "shares": shares}


def main():
    cases = [
        {"logits": name, "options": options} | warp(logits, options)
        for name, logits in LOGITS.items()
        for options in OPTIONS
    ]
    versions = {module.__name__: module.__version__ for module in (torch, transformers)}
    golden = {"logits": LOGITS, "cases": cases, "versions": versions}
    (Path(__file__).parent / "sampling.json").write_text(json.dumps(golden) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
