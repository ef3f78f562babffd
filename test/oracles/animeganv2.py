"""What the AnimeGANv2 generator draws in PyTorch, on random weights.

Run `python3 test/oracles/animeganv2.py` (needs torch and numpy); it writes animeganv2.json.
"""

import torch
from torch import nn
from torch.nn.functional import interpolate

from oracle import drawings, fill, kernel_spread, write


def layer(source, target, side, stride=1, groups=1, bias=False):
    around = (0, 1, 0, 1) if stride == 2 else side // 2
    return nn.Sequential(
        nn.ReflectionPad2d(around),
        nn.Conv2d(source, target, side, stride, groups=groups, bias=bias),
        nn.GroupNorm(1, target),
        nn.LeakyReLU(0.2),
    )


class Inverted(nn.Module):
    def __init__(self, source, target):
        super().__init__()
        inner = 2 * source
        self.layers = nn.Sequential(
            layer(source, inner, 1),
            layer(inner, inner, 3, groups=inner, bias=True),
            nn.Conv2d(inner, target, 1, bias=False),
            nn.GroupNorm(1, target),
        )

    def forward(self, x):
        y = self.layers(x)
        return x + y if x.shape == y.shape else y


class Generator(nn.Module):
    def __init__(self, align_corners):
        super().__init__()
        self.align_corners = align_corners
        self.block_a = nn.Sequential(layer(3, 32, 7), layer(32, 64, 3, 2), layer(64, 64, 3))
        self.block_b = nn.Sequential(layer(64, 128, 3, 2), layer(128, 128, 3))
        inverted = [Inverted(128, 256), Inverted(256, 256), Inverted(256, 256), Inverted(256, 256)]
        self.block_c = nn.Sequential(layer(128, 128, 3), *inverted, layer(256, 128, 3))
        self.block_d = nn.Sequential(layer(128, 128, 3), layer(128, 128, 3))
        self.block_e = nn.Sequential(layer(128, 64, 3), layer(64, 64, 3), layer(64, 32, 7))
        self.out_layer = nn.Sequential(nn.Conv2d(32, 3, 1, bias=False), nn.Tanh())

    def forward(self, picture):
        a = self.block_a(picture)
        c = self.block_c(self.block_b(a))
        d = self.block_d(self.enlarged(c, a))
        return self.out_layer(self.block_e(self.enlarged(d, picture)))

    def enlarged(self, x, like):
        return interpolate(x, like.shape[-2:], mode="bilinear", align_corners=self.align_corners)


def role(key, dims):
    if len(dims) == 4:
        # Small enough for the norms' epsilon to show.
        return 0, kernel_spread(dims[1] * dims[2] * dims[3], 1.3 if key.startswith("out") else 0.03)
    if key.endswith(".1.bias"):
        return 0, 0.005
    return (1, 0.3) if key.endswith("weight") else (0, 0.1)


def case(align_corners):
    net = Generator(align_corners).eval()
    recipe = fill(net, role)
    count = sum(parameter.numel() for parameter in net.parameters())
    print(f"align corners {align_corners}, {count} parameters")
    sizes = [(8, 8), (32, 48)] if align_corners else [(8, 8), (44, 20)]
    return {
        "title": "corners aligned" if align_corners else "corners not aligned",
        "options": {"alignCorners": align_corners},
        "parameters": count,
        "tensors": recipe,
        "pictures": drawings(net, sizes),
    }


if __name__ == "__main__":
    write(__file__, [case(True), case(False)])
