"""CycleGAN's networks as the workshop trains them, in PyTorch, with its names of weights; for training.py."""

import torch
from torch import nn


class MirroredGenerator(nn.Module):
    """The generator of github.com/junyanz/pytorch-CycleGAN-and-pix2pix."""

    def __init__(self, width, blocks):
        super().__init__()
        norm = nn.InstanceNorm2d
        layers = [nn.ReflectionPad2d(3), nn.Conv2d(3, width, 7), norm(width), nn.ReLU()]
        for at in (width, 2 * width):
            layers += [nn.Conv2d(at, 2 * at, 3, stride=2, padding=1), norm(2 * at), nn.ReLU()]
        layers += [MirroredBlock(4 * width) for _ in range(blocks)]
        for at in (4 * width, 2 * width):
            up = nn.ConvTranspose2d(at, at // 2, 3, stride=2, padding=1, output_padding=1)
            layers += [up, norm(at // 2), nn.ReLU()]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(width, 3, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class MirroredBlock(nn.Module):
    def __init__(self, width):
        super().__init__()

        def half():
            return [nn.ReflectionPad2d(1), nn.Conv2d(width, width, 3), nn.InstanceNorm2d(width)]

        self.conv_block = nn.Sequential(*half(), nn.ReLU(), *half())

    def forward(self, x):
        return x + self.conv_block(x)


def batch_statistics(width):
    """MindSpore's batch norm without affine part, in training: it normalises by the batch alone."""
    return nn.BatchNorm2d(width, affine=False, track_running_stats=False)


class SameTransposed(nn.ConvTranspose2d):
    """Cuts the last row and column of the full result."""

    def forward(self, x):
        return super().forward(x)[:, :, :-1, :-1]


class ConvNorm(nn.Module):
    def __init__(self, conv, *activation):
        super().__init__()
        self.features = nn.Sequential(conv, batch_statistics(conv.out_channels), *activation)

    def forward(self, x):
        return self.features(x)


class SharedBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = ConvNorm(nn.Conv2d(width, width, 3, padding=1), nn.ReLU())
        self.conv2 = ConvNorm(nn.Conv2d(width, width, 3, padding=1))

    def forward(self, x):
        return x + self.conv2(self.conv1(x))


class SharedGenerator(nn.Module):
    """The generator of MindSpore's tutorial: one block is applied again and again."""

    def __init__(self, width, blocks):
        super().__init__()

        def conv(source, target, side, stride):
            return ConvNorm(nn.Conv2d(source, target, side, stride, side // 2), nn.LeakyReLU(0.2))

        def up(source):
            return ConvNorm(SameTransposed(source, source // 2, 3, 2), nn.LeakyReLU(0.2))

        self.blocks = blocks
        self.conv_in = conv(3, width, 7, 1)
        self.down_1 = conv(width, 2 * width, 3, 2)
        self.down_2 = conv(2 * width, 4 * width, 3, 2)
        self.residuals = nn.Sequential(SharedBlock(4 * width))
        self.up_2 = up(4 * width)
        self.up_1 = up(2 * width)
        self.conv_out = nn.Conv2d(width, 3, 7, padding=3, bias=False)

    def forward(self, x):
        x = self.down_2(self.down_1(self.conv_in(x)))
        for _ in range(self.blocks):
            x = self.residuals(x)
        return torch.tanh(self.conv_out(self.up_1(self.up_2(x))))


class PatchDiscriminator(nn.Module):
    def __init__(self, width, norm):
        super().__init__()
        layers = [nn.Conv2d(3, width, 4, stride=2, padding=1), nn.LeakyReLU(0.2)]
        for at, stride in ((width, 2), (2 * width, 2), (4 * width, 1)):
            layers += [nn.Conv2d(at, 2 * at, 4, stride, padding=1), norm(2 * at), nn.LeakyReLU(0.2)]
        layers += [nn.Conv2d(8 * width, 1, 4, padding=1)]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


class CycleGan(nn.Module):
    """A2B draws A's pictures as B's; discriminator A judges A's pictures."""

    def __init__(self, generator, norm, width=8, blocks=2):
        super().__init__()
        self.generatorA2B = generator(width, blocks)
        self.generatorB2A = generator(width, blocks)
        self.discriminatorA = PatchDiscriminator(width, norm)
        self.discriminatorB = PatchDiscriminator(width, norm)
