"""What the CycleGAN generator of MindSpore's tutorial draws, rebuilt in PyTorch, on random weights.

MindSpore's names differ (gamma, beta, moving_mean, moving_variance), and its "same" transposed convolution cuts the last
row and column of the full result. Run `python3 test/oracles/cyclegan_mindspore.py` (needs torch and numpy); it writes
cyclegan_mindspore.json.
"""

import torch
from torch import nn
from torch.nn.functional import conv_transpose2d

from oracle import drawings, fill, kernel_spread, write


class MovingNorm(nn.Module):
    """A batch norm at inference, under MindSpore's names."""

    def __init__(self, width, is_stored):
        super().__init__()
        self.is_stored = is_stored
        for name in ("moving_mean", "moving_variance", *(("gamma", "beta") if is_stored else ())):
            self.register_buffer(name, torch.zeros(width))

    def forward(self, x):
        def column(values):
            return values.view(1, -1, 1, 1)

        y = (x - column(self.moving_mean)) / torch.sqrt(column(self.moving_variance) + 1e-5)
        return y * column(self.gamma) + column(self.beta) if self.is_stored else y


class SameTransposed(nn.ConvTranspose2d):
    def forward(self, x):
        return conv_transpose2d(x, self.weight, self.bias, stride=2)[:, :, :-1, :-1]


class ConvNorm(nn.Module):
    def __init__(self, conv, width, is_stored, slope):
        super().__init__()
        activation = [] if slope is None else [nn.LeakyReLU(slope)]
        self.features = nn.Sequential(conv, MovingNorm(width, is_stored), *activation)

    def forward(self, x):
        return self.features(x)


class Residual(nn.Module):
    def __init__(self, width, bias, is_stored):
        super().__init__()
        self.conv1 = ConvNorm(nn.Conv2d(width, width, 3, 1, 1, bias=bias), width, is_stored, 0)
        self.conv2 = ConvNorm(nn.Conv2d(width, width, 3, 1, 1, bias=bias), width, is_stored, None)

    def forward(self, x):
        return x + self.conv2(self.conv1(x))


class Generator(nn.Module):
    def __init__(self, width, blocks, bias=True, is_stored=True, is_shared=True):
        super().__init__()

        def conv(source, target, side, stride):
            return ConvNorm(nn.Conv2d(source, target, side, stride, side // 2, bias=bias), target, is_stored, 0.2)

        def up(source):
            transposed = SameTransposed(source, source // 2, 3, 2, bias=bias)
            return ConvNorm(transposed, source // 2, is_stored, 0.2)

        self.conv_in = conv(3, width, 7, 1)
        self.down_1 = conv(width, 2 * width, 3, 2)
        self.down_2 = conv(2 * width, 4 * width, 3, 2)
        self.repeats = blocks if is_shared else 1
        distinct = 1 if is_shared else blocks
        self.residuals = nn.Sequential(*[Residual(4 * width, bias, is_stored) for _ in range(distinct)])
        self.up_2 = up(4 * width)
        self.up_1 = up(2 * width)
        self.conv_out = nn.Conv2d(width, 3, 7, 1, 3, bias=False)

    def forward(self, picture):
        x = self.down_2(self.down_1(self.conv_in(picture)))
        for _ in range(self.repeats):
            x = self.residuals(x)
        return torch.tanh(self.conv_out(self.up_1(self.up_2(x))))


def role(key, dims):
    if len(dims) == 4:
        fan_in = dims[1] * dims[2] * dims[3]
        # One block that is applied nine times would drive the picture to saturation at the usual gain.
        gain = 0.6 if key.startswith("conv_out") else 0.55 if key.startswith("residuals") else 1.3
        return 0, kernel_spread(fan_in, gain)
    if key.endswith("moving_variance"):
        return 0.7, 0.3
    return (1, 0.3) if key.endswith("gamma") else (0, 0.2)


CASES = {
    "one block shared 9 times": (dict(width=4, blocks=9), {}),
    "one block shared 6 times": (dict(width=6, blocks=6), {"blocks": 6}),
    "without gamma and beta": (dict(width=4, blocks=9, is_stored=False), {}),
    "batch norm, no biases": (dict(width=4, blocks=9, bias=False), {}),
    "5 blocks of their own": (dict(width=4, blocks=5, is_shared=False), {}),
}

cases = []
for title, (form, options) in CASES.items():
    net = Generator(**form).eval()
    recipe = fill(net, role)
    print(title)
    cases.append(
        {"title": title, "options": options, "tensors": recipe, "pictures": drawings(net, [(8, 8), (20, 28)])}
    )
write(__file__, cases)
