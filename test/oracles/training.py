"""What twenty training steps of each network come to in PyTorch, in float64, on the same numbers for pictures and weights.

Run `python3 test/oracles/training.py` (needs torch and numpy); it writes training.json, and says how far float32 strays.

"tensors" are dims, centre and spread of what is begun with. "losses" are those of each step, before its updates. "end" is the
mean of each tensor after the last step, its l2 norm and that of what changed. Tensors without a gradient, as a norm takes
away what they add, are left out: rounding decides where Adam moves them, and nothing depends on it. Small networks see the
same pictures at each step, so that there is something to learn.
"""

from functools import partial

import numpy as np
import torch
from torch.nn import InstanceNorm2d
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, l1_loss, mse_loss

import networks
from denoiser import SIDE, TIMESTEPS, Diffusion, Lora
from cycle_networks import CycleGan, MirroredGenerator, SharedGenerator, batch_statistics
from oracle import fill, numbers
from vectors import rounded, write

STEPS = 20
BATCH = 8
BETAS = (0.5, 0.999)


def role(key, dims):
    """Spreads like PyTorch's own; norms near 1 and 0."""
    if key.endswith(("running_mean", "running_var")):
        return float(key.endswith("var")), 0.0
    if len(dims) > 1:
        # The fan of a transposed kernel is another, but not far.
        return 0.0, float(1 / np.sqrt(np.prod(dims[1:])))
    return (1.0, 0.2) if key.endswith("weight") else (0.0, 0.05)


class Told:
    """Numbers of a step in the precision of the net."""

    def __init__(self, dtype):
        self.dtype = dtype

    def __call__(self, name, step, *dims, spread=1.0):
        return numbers(f"{name} {step}", list(dims), 0.0, spread).to(self.dtype)

    def pictures(self):
        return numbers("pictures", [BATCH, 1, 28, 28], 0.0, 1.0).to(self.dtype)


def renew(optimizer, loss):
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()


def adam(*nets, rate, **more):
    return torch.optim.Adam([each for net in nets for each in net.parameters()], lr=rate, **more)


def autoencoder(net, told, rate, weight_decay=0.0):
    optimizer = adam(net, rate=rate, weight_decay=weight_decay)

    def step(_):
        pictures = told.pictures()
        error = mse_loss(net(pictures), pictures)
        renew(optimizer, error)
        return {"error": error}

    return step


def vae(net, told, rate):
    optimizer = adam(net, rate=rate)

    def step(n):
        loss = networks.vae_loss(net, told.pictures(), told("noise", n, BATCH, 20))
        renew(optimizer, loss)
        return {"loss": loss}

    return step


def classifier(net, told, rate):
    optimizer = adam(net, rate=rate)

    def step(_):
        labels = torch.floor(numbers("labels", [BATCH], 5.0, 5.0)).long()
        loss = cross_entropy(net(told.pictures()), labels)
        renew(optimizer, loss)
        return {"loss": loss}

    return step


def adversaries(net, told, rate, verdict):
    judging, drawing = (adam(part, rate=rate, betas=BETAS) for part in (net.discriminator, net.generator))

    def step(n):
        fake = net.generate(told("noise", n, BATCH, 96))
        discriminator = verdict(net.judge(told.pictures()), 1) + verdict(net.judge(fake.detach()), 0)
        renew(judging, discriminator)
        generator = verdict(net.judge(fake), 1)
        renew(drawing, generator)
        return {"generator": generator, "discriminator": discriminator}

    return step


def entropy(logits, wanted):
    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, wanted))


def square(logits, wanted):
    return mse_loss(logits, torch.full_like(logits, wanted))


def half_square(logits, wanted):
    return square(logits, wanted) / 2


def cyclegan(net, told, rate):
    draw_b, draw_a, judge_a, judge_b = net.generatorA2B, net.generatorB2A, net.discriminatorA, net.discriminatorB
    drawing, judging = (adam(*pair, rate=rate, betas=BETAS) for pair in ((draw_a, draw_b), (judge_a, judge_b)))

    def step(n):
        a, b = (told(name, n, 1, 3, 32, 32) for name in ("a", "b"))
        fake_a, fake_b = draw_a(b), draw_b(a)
        losses = {
            "gan_b": square(judge_b(fake_b), 1),
            "gan_a": square(judge_a(fake_a), 1),
            "cycle_a": l1_loss(draw_a(fake_b), a),
            "cycle_b": l1_loss(draw_b(fake_a), b),
            "identity_a": l1_loss(draw_a(a), a),
            "identity_b": l1_loss(draw_b(b), b),
        }
        weights = {"gan": 1, "cycle": 10, "identity": 5}
        generator = sum(loss * weights[name.split("_")[0]] for name, loss in losses.items())
        renew(drawing, generator)
        verdicts = [
            (square(judge(real), 1) + square(judge(fake.detach()), 0)) / 2
            for judge, real, fake in ((judge_a, a, fake_a), (judge_b, b, fake_b))
        ]
        renew(judging, sum(verdicts))
        return {"generator": generator, **losses, "discriminator_a": verdicts[0], "discriminator_b": verdicts[1]}

    return step


def denoising(net, told, rate, rise):
    optimizer = adam(*([net.lora] if hasattr(net, "lora") else [net]), rate=rate)

    def step(n):
        # The rate rises in a line first.
        optimizer.param_groups[0]["lr"] = rate * n / rise
        pictures, noise = (told(name, n, BATCH, 1, SIDE, SIDE) for name in ("pictures", "noise"))
        half = TIMESTEPS / 2
        timesteps = torch.floor(numbers(f"timesteps {n}", [BATCH], half, half)).long()
        labels = torch.floor(numbers("labels", [BATCH], 5.0, 5.0)).long()
        loss = net.loss(pictures, noise, timesteps, labels)
        renew(optimizer, loss)
        return {"loss": loss}

    return step


# Title: network, training, rate. DCGAN's own rate, 1e-3, throws so wide a network far at its first steps: float32 and float64
# then go ways of their own.
CASES = {
    "autoencoder": (networks.Autoencoder, autoencoder, 1e-3),
    "conv-autoencoder": (networks.ConvAutoencoder, partial(autoencoder, weight_decay=1e-5), 1e-3),
    "vae": (networks.Vae, vae, 1e-3),
    "gan": (networks.DenseAdversaries, partial(adversaries, verdict=entropy), 3e-4),
    "lsgan": (networks.DenseAdversaries, partial(adversaries, verdict=half_square), 3e-4),
    "dcgan": (networks.ConvAdversaries, partial(adversaries, verdict=entropy), 1e-5),
    "classifier": (networks.Classifier, classifier, 1e-3),
    "diffusion": (Diffusion, partial(denoising, rise=100), 1e-3),
    "lora": (Lora, partial(denoising, rise=50), 2e-3),
    "cyclegan": (lambda: CycleGan(MirroredGenerator, InstanceNorm2d), cyclegan, 2e-4),
    "cyclegan-mindspore": (lambda: CycleGan(SharedGenerator, batch_statistics), cyclegan, 2e-4),
}


def train(make, begin, rate, dtype):
    """What was begun with, the losses of each step, what came out, and the names of what had a gradient."""
    net = make().train()
    with torch.no_grad():
        recipe = fill(net, role)
    step = begin(net.to(dtype), Told(dtype), rate=rate)
    losses, steepest = [], {}
    for n in range(1, STEPS + 1):
        losses.append({name: float(loss) for name, loss in step(n).items()})
        for key, parameter in net.named_parameters():
            if not parameter.requires_grad:
                recipe.pop(key, None)
                continue
            steepest[key] = max(steepest.get(key, 0.0), float(parameter.grad.abs().max()))
    idle = {key for key, slope in steepest.items() if slope < 1e-11}
    end = {key: tensor.double() for key, tensor in net.state_dict().items() if key in recipe and key not in idle}
    return recipe, losses, end


def summaries(recipe, end):
    starts = {key: numbers(key, *recipe[key]).double() for key in end}
    return {key: [float(f) for f in (x.mean(), x.norm(), (x - starts[key]).norm())] for key, x in end.items()}


def case(title, make, begin, rate):
    recipe, exact, end = train(make, begin, rate, torch.float64)
    _, single, nearly = train(make, begin, rate, torch.float32)
    off = max(abs(one[name] / other[name] - 1) for one, other in zip(single, exact) for name in one)
    ends, nearby = (summaries(recipe, {key: each[key] for key in end}) for each in (end, nearly))
    norms, moves = (max(abs(nearby[key][at] / ends[key][at] - 1) for key in ends) for at in (1, 2))
    print(f"{title}: float32 strays by {off:.1e}, norms by {norms:.1e}, moves by {moves:.1e}; {len(end)} of {len(recipe)} tensors")
    for name in exact[0]:
        print("  ", name, *(f"{exact[at][name]:.5f}" for at in (0, STEPS // 2, STEPS - 1)))
    assert off < 1e-4, "chaos: such a vector proves nothing"
    losses = {name: [rounded(step[name], 9) for step in exact] for name in exact[0]}
    return {"title": title, "rate": rate, "tensors": recipe, "losses": losses, "end": {key: rounded(values, 7) for key, values in ends.items()}}


write(__file__, [case(title, *form) for title, form in CASES.items()])
