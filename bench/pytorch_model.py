"""What `npm run bench -- load` and `train` compare with: the same by transformers and PyTorch.

    python bench/pytorch_model.py train --model FILE.gguf --tokens 256 --threads 1

Loads a model, prints a line of JSON with milliseconds and memory, and for `train` takes a step for each line of its
standard input and prints one of each: one row of tokens forward and backward, then AdamW for all weights in one fused pass
(torch.optim.AdamW(fused=True)). Peak memory is the process's largest resident size less what it had once everything was
imported. Written for and measured with torch 2.13.0, transformers 5.24.0, gguf 0.19.0 and accelerate:
pip install torch==2.13.0 transformers==5.24.0 gguf==0.19.0 accelerate
"""

import argparse
import json
import os
import resource
import sys
import time

os.environ["TQDM_DISABLE"] = "1"  # read when tqdm is imported

import torch  # noqa: E402
from transformers import AutoModelForCausalLM  # noqa: E402


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak(before):
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before


def load(path):
    if path.endswith(".gguf"):
        folder, name = os.path.split(os.path.abspath(path))
        return AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=torch.float32)
    return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32)


def token_ids(count, vocabulary_size):
    """As `src/token-ids.ts` draws them."""
    state, ids = 1, []
    for _ in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        ids.append((state >> 8) % vocabulary_size)
    return ids


def show(**line):
    print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("question", choices=["load", "train"])
    parser.add_argument("--model", required=True, help="a GGUF file, or a checkpoint's folder")
    parser.add_argument("--tokens", type=int, default=256)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    before = resident()
    start = time.perf_counter()
    model = load(options.model)
    ms = 1000 * (time.perf_counter() - start)
    vocabulary_size = model.config.vocab_size
    n = sum(parameter.numel() for parameter in model.parameters())
    show(ms=ms, peakBytes=peak(before), n=n, vocabularySize=vocabulary_size)
    if options.question == "load":
        return

    ids = torch.tensor([token_ids(options.tokens + 1, vocabulary_size)])
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, weight_decay=0.01, fused=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        logits = model(input_ids=ids[:, :-1], use_cache=False).logits
        loss = torch.nn.functional.cross_entropy(logits[0], ids[0, 1:])
        loss.backward()
        middle = time.perf_counter()
        optimizer.step()
        optimizer.zero_grad()
        end = time.perf_counter()
        show(ms=1000 * (end - start), optimizerMs=1000 * (end - middle), peakBytes=peak(before), loss=loss.item())


if __name__ == "__main__":
    main()
