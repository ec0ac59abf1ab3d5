"""How long the step takes in PyTorch that `npm run bench -- step` measures in TensorFlow.js.

    python bench/pytorch_step.py --n 1e7 --density 1e-2 --threads 1 --json bench/results/step-pytorch.json

One flat float32 tensor on the CPU: AdamW in one fused pass (torch.optim.AdamW(fused=True)), then the k = density · n
elements that lie farthest from the seed keep what is proposed and all others get their seed back. All buffers are made
before the clock runs. The k farthest are found with torch.topk, with torch.kthvalue, and with torch.topk of those that a
sample does not rule out, which a user would have to think of. The fastest comes first, and the result of each is checked
to be exact. Where distances are equal at the k-th place, forms with `where` take the lowest index and the others leave it
to torch.topk.

The rows are those of `src/rows.ts` without a path: `ours` is the step, `other` the same AdamW without a selection.
Written for and measured with torch 2.13.0 on the CPU, which is all that it needs: pip install torch==2.13.0
"""

import argparse
import json
import random
import statistics
import sys
import time

import torch


def farthest(distance, kth, k, mask):
    """The k elements of at least the k-th distance: of those that equal it the first ones."""
    torch.ge(distance, kth, out=mask)
    surplus = int(mask.sum()) - k
    if surplus > 0:
        mask[(distance == kth).nonzero()[-surplus:]] = False
    return mask


def topk_where(theta, seed, distance, mask, k):
    kth = torch.topk(distance, k, sorted=False).values.min()
    torch.where(farthest(distance, kth, k, mask), theta, seed, out=theta)


def kthvalue_where(theta, seed, distance, mask, k):
    kth = torch.kthvalue(distance, distance.numel() - k + 1).values
    torch.where(farthest(distance, kth, k, mask), theta, seed, out=theta)


def topk_index_copy(theta, seed, distance, mask, k):
    keep(theta, seed, torch.topk(distance, k, sorted=False).indices)


def sampled_topk(theta, seed, distance, mask, k):
    """A sample gives a distance above which there are a few more than k; torch.topk sees only those."""
    sample = distance[::64]
    rank = k / 64
    rank = min(sample.numel(), int(rank + 4 * rank**0.5 + 8))
    least = torch.topk(sample, rank, sorted=False).values.min()
    candidates = torch.ge(distance, least, out=mask).nonzero().squeeze(1)
    if candidates.numel() < k:
        return topk_index_copy(theta, seed, distance, mask, k)
    keep(theta, seed, candidates[torch.topk(distance[candidates], k, sorted=False).indices])


def keep(theta, seed, index):
    chosen = theta[index]
    theta.copy_(seed)
    theta.index_copy_(0, index, chosen)


SELECTIONS = {
    "topk, where": topk_where,
    "kthvalue, where": kthvalue_where,
    "topk, index_copy": topk_index_copy,
    "sample, topk of what may be": sampled_topk,
}


class Step:
    """A parameter on its way. A call is a step and returns its milliseconds."""

    def __init__(self, n, k, select=None):
        generator = torch.Generator().manual_seed(0)
        normal = lambda: torch.randn(n, generator=generator)
        self.k, self.select = k, select
        self.seed = 0.02 * normal()
        self.direction, self.noise = normal(), normal()
        self.theta = torch.nn.Parameter(self.seed.clone())
        self.theta.grad = torch.empty(n)
        self.optimizer = torch.optim.AdamW([self.theta], lr=1e-3, weight_decay=0.01, fused=True)
        self.distance, self.mask = torch.empty(n), torch.empty(n, dtype=torch.bool)

    @torch.no_grad()
    def __call__(self):
        # Noise that is moved on by a random stretch is as good as new, for no parameter has seen it yet.
        torch.add(self.direction, self.noise.roll(random.randrange(self.noise.numel())), out=self.theta.grad)
        start = time.perf_counter()
        self.optimizer.step()
        if self.select:
            torch.sub(self.theta, self.seed, out=self.distance).abs_()
            self.select(self.theta.data, self.seed, self.distance, self.mask, self.k)
        return 1000 * (time.perf_counter() - start)

    @torch.no_grad()
    def check(self):
        """Exactly k elements differ from the seed, and none that does not lies farther than one that does."""
        chosen = self.theta != self.seed
        count, expected = int(chosen.sum()), min(self.k, int((self.distance > 0).sum()))
        if count != expected:
            raise AssertionError(f"{count} elements differ from the seed; expected {expected}")
        if count < chosen.numel() and self.distance[chosen].min() < self.distance[~chosen].max():
            raise AssertionError("an element that was not chosen lies farther from its seed than one that was")


def measure(step, warmups, repeats):
    for _ in range(warmups):
        step()
    times = [step() for _ in range(repeats)]
    return {"median": statistics.median_high(times), "min": min(times), "max": max(times)}


def rows(n, density, threads, warmups, repeats):
    k = max(1, int(density * n + 0.5))
    dense = measure(Step(n, k), warmups, repeats)
    found = []
    for name, select in SELECTIONS.items():
        step = Step(n, k, select)
        ours = measure(step, warmups, repeats)
        step.check()
        found.append(
            {
                **{"question": "step", "backend": "pytorch", "n": n, "density": density},
                **{"kernel": f"AdamW(fused), {name}", "threads": threads, "ours": ours},
                **{"other": {"name": "AdamW(fused), dense", **dense}, "ratio": dense["median"] / ours["median"]},
            }
        )
    return sorted(found, key=lambda row: row["ours"]["median"])


def positive(text):
    value = float(text)
    if value < 1 or value != int(value):
        raise ValueError
    return int(value)


def share(text):
    value = float(text)
    if not 0 < value <= 1:
        raise ValueError
    return value


positive.__name__, share.__name__ = "positive integer", "share above 0 and at most 1"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--n", type=positive, nargs="+", default=[10**6, 10**7], help="how many parameters")
    parser.add_argument("--density", type=share, nargs="+", default=[1e-2], help="the share of them that is chosen")
    parser.add_argument("--threads", type=positive, default=1)
    parser.add_argument("--warmups", type=positive, default=3, help="steps before the clock runs")
    parser.add_argument("--repeats", type=positive, default=9, help="steps that count")
    parser.add_argument("--json", help="file to write; - for the standard output")
    options = parser.parse_args()

    torch.set_num_threads(options.threads)
    found = []
    for n in options.n:
        for density in options.density:
            for row in rows(n, density, options.threads, options.warmups, options.repeats):
                found.append(row)
                ours, dense = row["ours"], row["other"]
                print(
                    f"n {n}, density {density}: {row['kernel']:<32} {ours['median']:8.1f} ms"
                    f" ({ours['min']:.1f}–{ours['max']:.1f}), dense {dense['median']:.1f} ms",
                    file=sys.stderr,
                )
    if options.json:
        text = "[\n" + ",\n".join(json.dumps(row) for row in found) + "\n]\n"
        if options.json == "-":
            sys.stdout.write(text)
        else:
            with open(options.json, "w", encoding="utf-8") as file:
                file.write(text)


if __name__ == "__main__":
    main()
