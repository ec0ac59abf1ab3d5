"""Trajectories of PyTorch's own optimizers: python update-rules.py > update-rules.json (torch 2.13.0)."""

import json

import torch

STEPS, KEPT = 50, (1, 2, 10, 50)
RULES = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.01),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.003),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.003, weight_decay=0.1),
    "adafactor": lambda p: torch.optim.Adafactor(p, lr=0.01),
    "adafactor-decay": lambda p: torch.optim.Adafactor(p, lr=0.01, weight_decay=0.1),
    "adamw-clipped": lambda p: torch.optim.AdamW(p, lr=0.003, weight_decay=0.1),
}


def flat(tensor):
    return tensor.detach().flatten().tolist()


generator = torch.Generator().manual_seed(7)
shapes = {"matrix": (3, 4), "vector": (5,)}
start = {name: torch.rand(shape, generator=generator) + 0.5 for name, shape in shapes.items()}
gradients = [{name: torch.randn(shape, generator=generator) for name, shape in shapes.items()} for _ in range(STEPS)]

out = {
    "torch": torch.__version__,
    "shapes": shapes,
    "start": {name: flat(tensor) for name, tensor in start.items()},
    "gradients": [{name: flat(tensor) for name, tensor in step.items()} for step in gradients],
    "rules": {},
}
for rule, make in RULES.items():
    parameters = {name: tensor.clone().requires_grad_() for name, tensor in start.items()}
    optimizer = make(list(parameters.values()))
    out["rules"][rule] = {}
    for step in range(1, STEPS + 1):
        for name, parameter in parameters.items():
            parameter.grad = gradients[step - 1][name].clone()
        if rule.endswith("clipped"):
            torch.nn.utils.clip_grad_norm_(parameters.values(), 1.0)
        optimizer.step()
        if step in KEPT:
            out["rules"][rule][step] = {name: flat(parameter) for name, parameter in parameters.items()}
print(json.dumps(out))
