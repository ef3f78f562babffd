"""What CycleGAN's ResNet generator draws in PyTorch, on random weights, in the forms that checkpoints have.

Run `python3 test/oracles/cyclegan.py` (needs torch and numpy); it writes cyclegan.json.
"""

from torch import nn

from oracle import drawings, fill, kernel_spread, write


class Block(nn.Module):
    def __init__(self, width, conv, norm, dropout):
        super().__init__()
        between = [nn.Dropout(0.5)] if dropout else []
        first = [nn.ReflectionPad2d(1), conv(width, width, 3), norm(width), nn.ReLU()]
        second = [nn.ReflectionPad2d(1), conv(width, width, 3), norm(width)]
        self.conv_block = nn.Sequential(*first, *between, *second)

    def forward(self, x):
        return x + self.conv_block(x)


class Generator(nn.Module):
    def __init__(self, width, blocks, norm, bias=True, dropout=False):
        super().__init__()

        def conv(source, target, side, **more):
            return nn.Conv2d(source, target, side, bias=bias, **more)

        def up(source):
            return nn.ConvTranspose2d(source, source // 2, 3, 2, padding=1, output_padding=1, bias=bias)

        layers = [nn.ReflectionPad2d(3), conv(3, width, 7), norm(width), nn.ReLU()]
        for at in (width, 2 * width):
            layers += [conv(at, 2 * at, 3, stride=2, padding=1), norm(2 * at), nn.ReLU()]
        layers += [Block(4 * width, conv, norm, dropout) for _ in range(blocks)]
        for at in (4 * width, 2 * width):
            layers += [up(at), norm(at // 2), nn.ReLU()]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(width, 3, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, picture):
        return self.model(picture)


def role(net):
    last = max(int(key.split(".")[1]) for key in net.state_dict())

    def of(key, dims):
        if len(dims) == 4:
            fan_in = dims[1] * dims[2] * dims[3]
            return 0, kernel_spread(fan_in, 0.5 if key == f"model.{last}.weight" else 1.3)
        if key.endswith("running_var"):
            return 1, 0.4
        return (1, 0.3) if key.endswith("weight") else (0, 0.2)

    return of


def instance(width):
    return nn.InstanceNorm2d(width)


def affine(width):
    return nn.InstanceNorm2d(width, affine=True)


CASES = {
    "6 blocks": dict(width=4, blocks=6, norm=instance),
    "9 blocks with dropout": dict(width=6, blocks=9, norm=instance, dropout=True),
    "2 blocks": dict(width=8, blocks=2, norm=instance),
    "batch norm": dict(width=4, blocks=3, norm=nn.BatchNorm2d, bias=False),
    "batch norm with dropout": dict(width=4, blocks=2, norm=nn.BatchNorm2d, bias=False, dropout=True),
    "affine instance norm": dict(width=4, blocks=2, norm=affine),
}

if __name__ == "__main__":
    cases = []
    for title, form in CASES.items():
        net = Generator(**form).eval()
        recipe = fill(net, role(net))
        print(title)
        cases.append(
            {
                "title": title,
                "options": {},
                "parameters": sum(parameter.numel() for parameter in net.parameters()),
                "tensors": recipe,
                "pictures": drawings(net, [(8, 8), (20, 28)]),
            }
        )
    write(__file__, cases)
