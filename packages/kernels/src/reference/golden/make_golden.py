"""Golden values for the reference routines, from PyTorch's own optimizers and torch.topk.

    python packages/kernels/src/reference/golden/make_golden.py

writes pytorch.json beside this file. Each run takes 50 steps in float32 on the CPU with the single-tensor
implementations (foreach=False): dense, where every parameter may change, and with a subset, where after every step the
k parameters farthest from the seed are kept and all others are reset.
"""

import json
from pathlib import Path

import torch

STEPS, SIZE, K = 50, 24, 5
ADAM = dict(lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1, foreach=False)
RULES = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05, foreach=False),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, foreach=False),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, foreach=False),
    "adam": lambda p: torch.optim.AdamW(p, **{**ADAM, "weight_decay": 0.0}),
    "adamw": lambda p: torch.optim.AdamW(p, **ADAM),
}

torch.manual_seed(0)
torch.set_num_threads(1)
seed = torch.randn(SIZE)
# A direction with noise, so that subsets move but slowly.
gradients = torch.randn(SIZE) + 0.5 * torch.randn(STEPS, SIZE)


def run(rule, k):
    theta = torch.nn.Parameter(seed.clone())
    optimizer = RULES[rule]([theta])
    path, chosen = [], None
    for gradient in gradients:
        theta.grad = gradient.clone()
        optimizer.step()
        with torch.no_grad():
            distance = (theta - seed).abs()
            chosen = torch.topk(distance, k).indices
            keep = torch.zeros(SIZE, dtype=torch.bool)
            keep[chosen] = True
            theta.copy_(torch.where(keep, theta, seed))
        path.append(theta.detach().clone())
    # The trajectory of every tenth step.
    return {
        "theta": [p.tolist() for p in path[9::10]],
        "chosen": sorted(chosen.tolist()),
    }


golden = {
    "made by": f"torch {torch.__version__}",
    "seed": seed.tolist(),
    "gradients": gradients.tolist(),
    "k": K,
    "dense": {rule: run(rule, SIZE) for rule in RULES},
    "subset": {rule: run(rule, K) for rule in RULES},
}
Path(__file__).with_name("pytorch.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")
