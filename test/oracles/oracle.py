"""Numbers that Python and TypeScript draw alike, so that vectors need no stored weights; and how vectors are written.

Its twin is test/models/architectures/oracle.ts.
"""

import base64
import json
import re
import zlib
from pathlib import Path

import numpy as np
import torch


def numbers(name, dims, centre, spread):
    """float32 numbers in centre - spread .. centre + spread: a hash of the place, seeded by a hash of the name."""
    count = int(np.prod(dims)) if dims else 1
    mixed = (np.arange(count, dtype=np.uint64) * 0x9E3779B1 + zlib.crc32(name.encode())) & 0xFFFFFFFF
    # The finaliser of MurmurHash3.
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        mixed = ((mixed ^ (mixed >> np.uint64(shift))) * factor) & 0xFFFFFFFF
    units = mixed.astype(np.float64) / 2**31 - 1
    return torch.from_numpy((centre + spread * units).astype(np.float32).reshape(dims))


def fill(net, role):
    """Gives every tensor of the state dict its numbers; role(key, dims) answers (centre, spread). Returns the recipe."""
    recipe = {}
    for key, tensor in net.state_dict().items():
        if key.endswith("num_batches_tracked"):
            continue
        dims = list(tensor.shape)
        centre, spread = role(key, dims)
        tensor.copy_(numbers(key, dims, centre, spread))
        recipe[key] = [dims, centre, spread]
    return recipe


def kernel_spread(fan_in, gain=1.0):
    """Uniform numbers whose convolution keeps the variance: spread^2 / 3 * fan_in = gain^2."""
    return float(gain * np.sqrt(3.0 / fan_in))


def drawings(net, sizes, levels=(-1.0, 1.0)):
    """What the network draws from pictures of noise, as base64 of little-endian float32."""
    low, high = levels
    middle, half = (low + high) / 2, (high - low) / 2
    drawn = []
    for height, width in sizes:
        picture = numbers(f"picture {height}x{width}", [1, 3, height, width], middle, half)
        with torch.no_grad():
            drawing = net(picture)
        assert tuple(drawing.shape) == tuple(picture.shape), drawing.shape
        spread = float(drawing.std((2, 3)).mean()) / half
        inside = float(((drawing > low + 0.01 * half) & (drawing < high - 0.01 * half)).float().mean())
        print(f"  {height}x{width}: mean {float(drawing.mean()):.2f}, spread {spread:.2f} of the half range, {inside:.0%} inside it")
        assert 0.1 < spread < 0.85 and inside > 0.8, "nearly constant or saturated: such a vector proves nothing"
        text = base64.b64encode(drawing.numpy().astype("<f4").tobytes()).decode()
        drawn.append({"height": height, "width": width, "drawing": text})
    return drawn


def write(script, cases):
    """Writes the cases beside the script."""
    path = Path(script).with_suffix(".json")
    # Lists of numbers on one line, as the linter wants them.
    text = json.dumps(cases, indent=2)
    text = re.sub(r"\[[^\[\]{}\"]*\]", lambda dims: re.sub(r"\s+", " ", dims[0]).replace("[ ", "[").replace(" ]", "]"), text)
    text = re.sub(r"\[\s*(\[[^\]]*\]),\s+(\S+),\s+(\S+)\s+\]", r"[\1, \2, \3]", text)
    path.write_text(text + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")
