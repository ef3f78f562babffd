"""PyTorch's side of bench/train.ts: the same networks, batches and losses, one training step for each line on the input.

Called as `python3 bench/train.py NET THREADS`, NET one of classifier, dcgan, cyclegan. Answers each line with the milliseconds
of a step; `memory` with the process's peak memory in MB.
"""

import resource
import sys
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, l1_loss, mse_loss

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "test" / "oracles"))


def adam(*nets, rate, betas=(0.9, 0.999)):
    return torch.optim.Adam([parameter for net in nets for parameter in net.parameters()], lr=rate, betas=betas)


def classifier():
    net = nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip
    optimizer = adam(net, rate=1e-3)
    pictures, labels = torch.rand(64, 1, 28, 28) * 2 - 1, torch.randint(0, 10, (64,))

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = cross_entropy(net(pictures), labels)
        loss.backward()
        optimizer.step()
        return float(loss)

    return step


def dcgan():
    generator = nn.Sequential(
        nn.Linear(96, 1024), nn.ReLU(), nn.BatchNorm1d(1024),
        nn.Linear(1024, 6272), nn.ReLU(), nn.BatchNorm1d(6272), nn.Unflatten(1, (128, 7, 7)),
        nn.ConvTranspose2d(128, 64, 4, 2, 1), nn.ReLU(), nn.BatchNorm2d(64),
        nn.ConvTranspose2d(64, 1, 4, 2, 1), nn.Tanh(),
    )  # fmt: skip
    judge = nn.Sequential(
        nn.Conv2d(1, 32, 5), nn.LeakyReLU(0.01), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5), nn.LeakyReLU(0.01), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(1024, 1024), nn.LeakyReLU(0.01), nn.Linear(1024, 1),
    )  # fmt: skip
    optimizers = [adam(net, rate=1e-3, betas=(0.5, 0.999)) for net in (judge, generator)]
    pictures = torch.rand(128, 1, 28, 28) * 2 - 1
    ones, zeros = torch.ones(128, 1), torch.zeros(128, 1)
    verdict = binary_cross_entropy_with_logits

    def step():
        fake = generator(torch.rand(128, 96) * 2 - 1)
        optimizers[0].zero_grad(set_to_none=True)
        loss = verdict(judge(pictures), ones) + verdict(judge(fake.detach()), zeros)
        loss.backward()
        optimizers[0].step()
        optimizers[1].zero_grad(set_to_none=True)
        judge.requires_grad_(False)
        verdict(judge(fake), ones).backward()
        judge.requires_grad_(True)
        optimizers[1].step()
        return float(loss)

    return step


def patch_discriminator(width=64):
    def stage(source, target, stride):
        return [nn.Conv2d(source, target, 4, stride, 1), nn.InstanceNorm2d(target), nn.LeakyReLU(0.2)]

    return nn.Sequential(
        nn.Conv2d(3, width, 4, 2, 1), nn.LeakyReLU(0.2),
        *stage(width, 2 * width, 2), *stage(2 * width, 4 * width, 2), *stage(4 * width, 8 * width, 1),
        nn.Conv2d(8 * width, 1, 4, 1, 1),
    )  # fmt: skip


def cyclegan():
    from cycle_networks import MirroredGenerator

    draw_a, draw_b = (MirroredGenerator(64, 6) for _ in range(2))
    judge_a, judge_b = patch_discriminator(), patch_discriminator()
    by = adam(draw_a, draw_b, rate=2e-4, betas=(0.5, 0.999)), adam(judge_a, judge_b, rate=2e-4, betas=(0.5, 0.999))
    a, b = torch.rand(1, 3, 128, 128) * 2 - 1, torch.rand(1, 3, 128, 128) * 2 - 1

    def verdict(logits, wanted):
        return mse_loss(logits, torch.full_like(logits, wanted))

    def step():
        for judge in (judge_a, judge_b):
            judge.requires_grad_(False)
        by[0].zero_grad(set_to_none=True)
        fake_a, fake_b = draw_a(b), draw_b(a)
        loss = verdict(judge_b(fake_b), 1.0) + verdict(judge_a(fake_a), 1.0)
        loss = loss + 10 * (l1_loss(draw_a(fake_b), a) + l1_loss(draw_b(fake_a), b))
        loss = loss + 5 * (l1_loss(draw_a(a), a) + l1_loss(draw_b(b), b))
        loss.backward()
        by[0].step()
        for judge in (judge_a, judge_b):
            judge.requires_grad_(True)
        by[1].zero_grad(set_to_none=True)
        for judge, real, fake in ((judge_a, a, fake_a), (judge_b, b, fake_b)):
            (0.5 * (verdict(judge(real), 1.0) + verdict(judge(fake.detach()), 0.0))).backward()
        by[1].step()
        return float(loss)

    return step


def warn_of_slow_blas():
    maps = Path("/proc/self/maps")
    if maps.exists() and not any(name in maps.read_text() for name in ("openblas", "mkl_", "blis")):
        print("PyTorch multiplies with the reference BLAS, many times slower: install libopenblas0-pthread", file=sys.stderr)


warn_of_slow_blas()
torch.set_num_threads(int(sys.argv[2]))
torch.manual_seed(1)
step = {"classifier": classifier, "dcgan": dcgan, "cyclegan": cyclegan}[sys.argv[1]]()
for line in sys.stdin:
    if line.strip() == "memory":
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
        continue
    start = time.perf_counter()
    step()
    print((time.perf_counter() - start) * 1000, flush=True)
