"""Writes lift.json: low-rank approximations by torch's SVD, and the k largest entries of each, as LIFT's own code takes
them (github.com/zihanghliu/LIFT, src/sparseAdam.py, update_masks).

    pip install torch==2.13.0
    python packages/adapters/golden/make_lift.py > packages/adapters/golden/lift.json
"""

import json

import torch

torch.manual_seed(7)


def case(rows, columns, rank, k):
    weights = torch.randn(rows, columns, dtype=torch.float32)
    u, s, v = torch.linalg.svd(weights.to(torch.float64), full_matrices=False)
    near = (u[:, :rank] * s[:rank]) @ v[:rank]
    chosen = torch.topk(near.abs().flatten(), k).indices.sort().values
    return {
        "shape": [rows, columns],
        "rank": rank,
        "weights": weights.flatten().tolist(),
        "near": near.flatten().tolist(),
        "chosen": chosen.tolist(),
    }


cases = [case(7, 5, 2, 6), case(5, 9, 1, 4), case(12, 12, 3, 20), case(4, 3, 3, 5)]
print(json.dumps({"torch": torch.__version__, "cases": cases}))
