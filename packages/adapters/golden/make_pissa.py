"""Writes pissa.json: the part of a matrix that its largest singular values and vectors make, by numpy's SVD (LAPACK).

    pip install numpy==2.4.6
    python packages/adapters/golden/make_pissa.py > packages/adapters/golden/pissa.json
"""

import json

import numpy

generator = numpy.random.default_rng(11)


def case(rows, columns, rank):
    weights = generator.standard_normal((rows, columns)).astype(numpy.float32)
    u, s, v = numpy.linalg.svd(weights.astype(numpy.float64), full_matrices=False)
    principal = (u[:, :rank] * s[:rank]) @ v[:rank]
    return {
        "shape": [rows, columns],
        "rank": rank,
        "weights": weights.flatten().tolist(),
        "singular": s[:rank].tolist(),
        "principal": principal.flatten().tolist(),
    }


cases = [case(7, 5, 2), case(5, 9, 1), case(6, 6, 4), case(4, 3, 3)]
print(json.dumps({"numpy": numpy.__version__, "cases": cases}))
