"""How well PyTorch's autoencoder and VAE learn to redraw real digits: what trainings of the workshop are held against by hand.

Run `python3 test/oracles/mnist.py FOLDER [EPOCHS ...] [--networks NAME ...] [--seeds N]` (needs torch and numpy) where FOLDER holds
t10k-images-idx3-ubyte.gz; it stores nothing and prints the error after each of these epochs. The first 9,000 pictures are
learned from, the last 1,000 are held back.
"""

import argparse
import gzip
from pathlib import Path

import numpy as np
import torch
from torch import nn

from networks import Autoencoder, Vae, vae_loss

BATCH = 128
LEARNED = 9000


def pictures(folder):
    """[10000, 784] in -1..1."""
    content = gzip.decompress((Path(folder) / "t10k-images-idx3-ubyte.gz").read_bytes())
    return torch.from_numpy(np.frombuffer(content, np.uint8, offset=16).reshape(-1, 784) / np.float32(127.5) - 1)


def autoencoder_loss(net, batch):
    return nn.functional.mse_loss(net(batch), batch)


def noisy_vae_loss(net, batch):
    return vae_loss(net, batch, torch.randn(len(batch), 20))


def error(net, held_back):
    """Mean squared error per pixel; a VAE draws from the mean of its code."""
    with torch.no_grad():
        return float(nn.functional.mse_loss(net(held_back), held_back))


def train(make, loss_of, given, epochs, seed):
    """The error that is left after each of these epochs."""
    torch.manual_seed(seed)
    net = make()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    errors = {}
    for epoch in range(1, max(epochs) + 1):
        order = torch.randperm(LEARNED)
        for start in range(0, LEARNED - BATCH + 1, BATCH):
            optimizer.zero_grad()
            loss_of(net, given[order[start : start + BATCH]]).backward()
            optimizer.step()
        if epoch in epochs:
            errors[epoch] = error(net, given[-1000:])
    return errors


NETWORKS = {"autoencoder": (Autoencoder, autoencoder_loss), "vae": (Vae, noisy_vae_loss)}

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("epochs", nargs="*", type=int, default=[20, 40])
parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
parser.add_argument("--seeds", type=int, default=3)
asked = parser.parse_args()
given = pictures(asked.folder)
nothing = ((given[-1000:] - given[:LEARNED].mean(0)) ** 2).mean()
print(f"the mean picture for all: {nothing:.5f}")
print(f"{'network':<12} {'seed':>4}", *(f"{epoch:>4} epochs" for epoch in asked.epochs))
for title in asked.networks:
    rows = []
    for seed in range(asked.seeds):
        errors = train(*NETWORKS[title], given, asked.epochs, seed)
        rows.append([errors[epoch] for epoch in asked.epochs])
        print(f"{title:<12} {seed:>4}", *(f"{value:>11.5f}" for value in rows[-1]), flush=True)
    print(f"{title:<12} mean", *(f"{value:>11.5f}" for value in np.mean(rows, 0)), flush=True)
