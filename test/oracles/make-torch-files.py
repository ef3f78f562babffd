"""Makes the small checkpoints of test/fixtures/checkpoints with torch itself, and expected.json with their numbers.

Those in refused/ hold something else than tensors of plain numbers.

Made with Debian's python3-torch 1.13: /usr/bin/python3 test/oracles/make-torch-files.py
"""

import argparse
import base64
import collections
import json
import os
import pathlib
import pickle
import re
import warnings
import zipfile

import numpy as np
import torch
from torch import nn

FOLDER = pathlib.Path(__file__).parent.parent / "fixtures" / "checkpoints"
REFUSED = FOLDER / "refused"
warnings.simplefilter("ignore")


def no_source(*_):
    raise OSError("the older format stores the source of every class, which is not ours to spread")


torch.serialization.get_source_lines_and_file = no_source


class Generator(nn.Module):
    """A network small enough for a test, with weights, buffers and a counter."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 2, 3)
        self.norm = nn.BatchNorm2d(2)
        self.up = nn.Module()
        self.up.conv = nn.ConvTranspose2d(2, 1, 2, bias=False)

    def forward(self, picture):
        return self.up.conv(self.norm(self.conv(picture)))


class Hostile:
    """What a pickle can do to whoever loads it."""

    def __reduce__(self):
        return os.system, ("echo this must never run",)


def network(seed):
    torch.manual_seed(seed)
    return Generator()


def typed():
    numbers = [-1.5, 0.0, 0.25, 3.0]
    names = "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool".split()
    tensors = {name: torch.tensor(numbers).abs().to(getattr(torch, name)) for name in names}
    return {**tensors, "negative": torch.tensor(numbers).to(torch.int64), "large": torch.tensor([2**40 + 1])}


def views():
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    return {
        "base": base,
        "transposed": base.transpose(0, 2),
        "slice": base[1, 1:],
        "column": base[:, :, 2],
        "every second": base.flatten()[1::2],
        "expanded": base[0, :1].expand(3, 2, 4),
        "channels last": torch.arange(24.0).reshape(1, 2, 3, 4).to(memory_format=torch.channels_last),
        "scalar": torch.tensor(7.5),
        "element": base[1, 2, 3],
        "empty": torch.zeros(0, 3),
    }


def parameters():
    torch.manual_seed(4)
    marked = torch.ones(2, 2) * 0.5
    marked.origin = "a tensor with an attribute"
    weight = nn.Parameter(torch.randn(2, 3))
    return {"weight": weight, "bias": nn.Parameter(torch.randn(2), requires_grad=False), "marked": marked}


def training():
    net = network(5)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    net(torch.randn(1, 3, 8, 8)).square().sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [1, 2])
    checkpoint = {
        "epoch": 12,
        "best": np.float64(0.75),
        "loss": torch.tensor(0.5),
        "history": np.arange(3.0),
        "args": argparse.Namespace(size=256, out=pathlib.PurePosixPath("runs/1")),
        "seen": {"one", "two"},
        "device": torch.device("cpu"),
        "size": torch.Size([3, 256, 256]),
        "dtype": torch.float16,
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "model": net.state_dict(),
    }
    return checkpoint, net.state_dict()


def wrapped(state, prefix):
    return collections.OrderedDict((prefix + key, tensor) for key, tensor in state.items())


def joined(**networks):
    return {f"{name}.{key}": tensor for name, state in networks.items() for key, tensor in state.items()}


def numbers_of(state):
    return {
        key: {
            "dims": list(tensor.shape),
            "type": str(tensor.dtype).removeprefix("torch."),
            "float32": base64.b64encode(tensor.detach().float().contiguous().numpy().astype("<f4").tobytes()).decode(),
        }
        for key, tensor in state.items()
    }


def save(name, value, folder=FOLDER, **options):
    torch.save(value, folder / name, **options)


def save_both(name, value, state, expected):
    for suffix, zipped in (("", True), ("-legacy", False)):
        save(f"{name}{suffix}.pt", value, _use_new_zipfile_serialization=zipped)
        expected[f"{name}{suffix}.pt"] = numbers_of(state)


def make():
    REFUSED.mkdir(parents=True, exist_ok=True)
    expected = {}
    plain = network(1).state_dict()
    save_both("plain", plain, plain, expected)
    save_both("parallel", {"epoch": 3, "state_dict": wrapped(plain, "module.")}, plain, expected)
    save_both("typed", typed(), typed(), expected)
    save_both("views", views(), views(), expected)
    save_both("parameters", parameters(), parameters(), expected)
    save_both("training", *training(), expected)
    for protocol in (1, 4, 5):
        save(f"protocol-{protocol}.pt", plain, pickle_protocol=protocol)
        expected[f"protocol-{protocol}.pt"] = numbers_of(plain)
    save("protocol-4-legacy.pt", plain, pickle_protocol=4, _use_new_zipfile_serialization=False)
    expected["protocol-4-legacy.pt"] = numbers_of(plain)
    make_networks(expected)
    make_repacked(expected, plain)
    make_refused()
    text = json.dumps(expected, indent=2)
    # Shapes on one line, as the repository's formatter wants them.
    text = re.sub(r"\[[^\[\]]*\]", lambda dims: re.sub(r"\s+", " ", dims[0]).replace("[ ", "[").replace(" ]", "]"), text)
    (FOLDER / "expected.json").write_text(text + "\n")


def make_networks(expected):
    one, two = (network(seed).state_dict() for seed in (2, 3))
    save("networks.pt", {"epoch": 1, "netG_A": one, "netG_B": wrapped(two, "module.")})
    expected["networks.pt"] = numbers_of(joined(netG_A=one, netG_B=two))
    save("averaged.pt", {"g": one, "g_ema": two, "latent": torch.zeros(3)})
    expected["averaged.pt"] = numbers_of(two)


def make_repacked(expected, plain):
    """The same archive as another program packs it: compressed, without a folder."""
    with zipfile.ZipFile(FOLDER / "plain.pt") as archive:
        files = {name.removeprefix("plain/"): archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(FOLDER / "repacked.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    expected["repacked.pt"] = numbers_of(plain)


def make_refused():
    hostile = {"weight": torch.ones(1), "x": Hostile()}
    for suffix, zipped in (("", True), ("-legacy", False)):
        save(f"module{suffix}.pt", network(1), REFUSED, _use_new_zipfile_serialization=zipped)
        save(f"hostile{suffix}.pt", hostile, REFUSED, _use_new_zipfile_serialization=zipped)
    save("sequential.pt", nn.Sequential(nn.Conv2d(1, 1, 1)), REFUSED)
    save("complex.pt", {"weight": torch.ones(2), "phase": torch.ones(2, dtype=torch.complex64)}, REFUSED)
    save("settings.pt", {"epoch": 3, "names": ["a", "b"]}, REFUSED)
    (REFUSED / "hostile.pkl").write_bytes(pickle.dumps(Hostile(), protocol=4))


make()
for path in sorted(FOLDER.rglob("*.*")):
    print(f"{path.relative_to(FOLDER)}: {path.stat().st_size} bytes")
