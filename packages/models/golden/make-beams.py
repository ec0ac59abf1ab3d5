"""What transformers' beam search makes of the tiny models: the golden values of `numBeams`.

    python make-beams.py

Writes beams.json beside itself: for each of several models, prompts and settings the answer's tokens, decoded.
Made with torch 2.13.0 (CPU), transformers 5.24.0, tokenizers 0.23.3.
"""

import json
from pathlib import Path

import tokenizers
import torch
import transformers
from tokenizers import Tokenizer

HERE = Path(__file__).parent
PROMPTS = ["Where do you live?<de>", "Can you?<de>", "I know.<de>", "you<de>", "What? Where?<de>"]
FOLDERS = {"tiny-llama": HERE / "tiny-llama", "llama": HERE / "families/llama"}
SETTINGS = [
    {"numBeams": beams, "lengthPenalty": penalty, "earlyStopping": early, "maxTokens": tokens, "stop": stop}
    for beams, penalty, early, tokens, stop in [
        (2, 1.0, False, 3, [2]), (2, 1.0, False, 8, [2]), (4, 1.0, False, 12, [2]), (4, 1.0, True, 12, [2]), (4, 1.0, "never", 12, [2]),
        (3, 0.0, False, 12, [2]), (3, -2.0, "never", 12, [2]), (3, 2.5, False, 12, [2]), (3, 2.5, "never", 12, [2]),
        (5, 1.0, False, 12, [2, 40, 50, 60, 70]), (5, 0.3, True, 12, [2, 41, 51, 61, 71]),
        (3, 1.0, "never", 12, [2, 44, 54, 64]), (3, 2.0, "never", 12, [2, 40, 45, 50, 55, 60, 65]),
    ]
]


def main():
    tokenizer = Tokenizer.from_file(str(HERE / "tiny-llama" / "tokenizer.json"))
    cases = []
    for name, folder in FOLDERS.items():
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
        for setting in SETTINGS:
            made = []
            for prompt in PROMPTS:
                ids = torch.tensor([tokenizer.encode(prompt).ids])
                with torch.no_grad():
                    out = model.generate(
                        ids, attention_mask=torch.ones_like(ids), max_new_tokens=setting["maxTokens"], do_sample=False,
                        num_beams=setting["numBeams"], length_penalty=setting["lengthPenalty"],
                        early_stopping=setting["earlyStopping"], eos_token_id=setting["stop"], pad_token_id=0,
                    )[0, ids.shape[1]:].tolist()
                end = next((at for at, id in enumerate(out) if id in setting["stop"]), len(out))
                made.append(tokenizer.decode(out[:end]))
            cases.append({"model": name, "setting": setting, "answers": made})
        distinct = len({json.dumps(case["answers"]) for case in cases if case["model"] == name})
        print(f"{name}: {distinct} different sets of answers by {len(SETTINGS)} settings")
    versions = {module.__name__: module.__version__ for module in (torch, transformers, tokenizers)}
    golden = {"prompts": PROMPTS, "cases": cases, "versions": versions}
    (HERE / "beams.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
