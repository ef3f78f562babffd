"""What PyTorch's optimizers make of two rows of numbers in ten steps.

Run `python3 test/oracles/optimizers.py` (needs torch and numpy); it writes optimizers.json: for each case the numbers of both
rows, one after the other, after each step. The loss is sum(c (p - target)^4), whose gradients change a lot on the way.
"""

import base64

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_
from torch.optim import SGD, Adam, AdamW

from oracle import numbers, write

STEPS = 10
LONGEST = 1.0
DECAY = 0.9
ROWS = {"net.a": [3, 4], "net.b": [5]}
CASES = {
    "sgd": (SGD, dict(lr=0.02)),
    "sgd with momentum and weight decay": (SGD, dict(lr=0.02, momentum=0.9, weight_decay=0.01)),
    "adam": (Adam, dict(lr=1e-2)),
    "adam, betas 0.5 and 0.999": (Adam, dict(lr=1e-2, betas=(0.5, 0.999))),
    "adam with weight decay": (Adam, dict(lr=1e-2, weight_decay=1e-2)),
    "adamw": (AdamW, dict(lr=1e-2, weight_decay=0.05)),
}


def loss_of(rows):
    def term(name, row):
        c = numbers(f"c of {name}", ROWS[name], 1, 0.5).double()
        target = numbers(f"target of {name}", ROWS[name], 0, 0.5).double()
        return (c * (row - target) ** 4).sum()

    return sum(term(name, row) for name, row in rows.items())


def text(steps):
    return base64.b64encode(np.concatenate(steps).astype("<f4").tobytes()).decode()


def flat(rows):
    return torch.cat([row.detach().flatten() for row in rows.values()]).numpy()


def case(title, make, options, longest):
    rows = {name: numbers(name, dims, 0, 1).double().requires_grad_() for name, dims in ROWS.items()}
    averages = {name: row.detach().clone() for name, row in rows.items()}
    optimizer = make(rows.values(), **options)
    seen, averaged, norms = [], [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss_of(rows).backward()
        norms.append(float(torch.cat([row.grad.flatten() for row in rows.values()]).norm()))
        if longest > 0:
            clip_grad_norm_(rows.values(), longest)
        optimizer.step()
        for name, average in averages.items():
            average.mul_(DECAY).add_(rows[name].detach(), alpha=1 - DECAY)
        seen.append(flat(rows))
        averaged.append(flat(averages))
    print(f"{title}: gradients of length {norms[0]:.2f} to {norms[-1]:.2f}, moved {abs(seen[-1] - flat_start()).mean():.3f}")
    return {"title": title, "steps": text(seen), "averages": text(averaged)}


def flat_start():
    return np.concatenate([numbers(name, dims, 0, 1).numpy().flatten() for name, dims in ROWS.items()])


cases = []
for title, (make, options) in CASES.items():
    cases.append(case(title, make, options, 0))
    cases.append(case(f"{title}, clipped", make, options, LONGEST))
write(__file__, cases)
