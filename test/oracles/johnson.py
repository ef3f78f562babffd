"""What the feed-forward style networks after Johnson draw: PyTorch's example, and the TensorFlow form rebuilt in PyTorch.

TensorFlow numbers its variables, keeps kernels as [height, width, in, out], and pads "same": nothing above and left of an
even side at stride 2. Run `python3 test/oracles/johnson.py` (needs torch and numpy); it writes johnson.json.
"""

import torch
from torch import nn
from torch.nn.functional import conv2d, conv_transpose2d, interpolate, pad, relu

from oracle import drawings, fill, kernel_spread, write


class ConvLayer(nn.Module):
    def __init__(self, source, target, side, stride=1, upsample=1):
        super().__init__()
        self.upsample = upsample
        self.reflection_pad = nn.ReflectionPad2d(side // 2)
        self.conv2d = nn.Conv2d(source, target, side, stride)

    def forward(self, x):
        x = interpolate(x, scale_factor=self.upsample, mode="nearest") if self.upsample > 1 else x
        return self.conv2d(self.reflection_pad(x))


class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = ConvLayer(width, width, 3)
        self.in1 = nn.InstanceNorm2d(width, affine=True)
        self.conv2 = ConvLayer(width, width, 3)
        self.in2 = nn.InstanceNorm2d(width, affine=True)

    def forward(self, x):
        return self.in2(self.conv2(relu(self.in1(self.conv1(x))))) + x


class Torch(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1 = ConvLayer(3, width, 9)
        self.in1 = nn.InstanceNorm2d(width, affine=True)
        self.conv2 = ConvLayer(width, 2 * width, 3, 2)
        self.in2 = nn.InstanceNorm2d(2 * width, affine=True)
        self.conv3 = ConvLayer(2 * width, 4 * width, 3, 2)
        self.in3 = nn.InstanceNorm2d(4 * width, affine=True)
        for n in range(1, 6):
            self.add_module(f"res{n}", ResidualBlock(4 * width))
        self.deconv1 = ConvLayer(4 * width, 2 * width, 3, upsample=2)
        self.in4 = nn.InstanceNorm2d(2 * width, affine=True)
        self.deconv2 = ConvLayer(2 * width, width, 3, upsample=2)
        self.in5 = nn.InstanceNorm2d(width, affine=True)
        self.deconv3 = ConvLayer(width, 3, 9)

    def forward(self, picture):
        x = relu(self.in1(self.conv1(picture)))
        x = relu(self.in2(self.conv2(x)))
        x = relu(self.in3(self.conv3(x)))
        for n in range(1, 6):
            x = getattr(self, f"res{n}")(x)
        x = relu(self.in4(self.deconv1(x)))
        x = relu(self.in5(self.deconv2(x)))
        return self.deconv3(x).clamp(0, 255)


class TensorFlow(nn.Module):
    """Sixteen convolutions; of each three variables: kernel, shift and scale."""

    def __init__(self, width):
        super().__init__()
        w = width
        # [height, width, in, out]; the two transposed ones keep [height, width, out, in].
        kernels = [(9, 3, w), (3, w, 2 * w), (3, 2 * w, 4 * w), *[(3, 4 * w, 4 * w)] * 10]
        kernels += [(3, 2 * w, 4 * w), (3, w, 2 * w), (9, w, 3)]
        for n, (side, a, b) in enumerate(kernels):
            outs = a if n in (13, 14) else b
            for at, dims in ((3 * n, (side, side, a, b)), (3 * n + 1, (outs,)), (3 * n + 2, (outs,))):
                self.register_buffer(self.name(at), torch.zeros(dims))

    @staticmethod
    def name(n):
        return f"Variable_{n}" if n else "Variable"

    def layer(self, n, x, stride=1, up=False, active=True):
        kernel, shift, scale = (getattr(self, self.name(3 * n + i)) for i in range(3))
        kernel = kernel.permute(3, 2, 0, 1)
        if up:
            y = conv_transpose2d(x, kernel, stride=2)[:, :, :-1, :-1]
        else:
            total = max(kernel.shape[2] - stride, 0)
            before, after = total // 2, total - total // 2
            y = conv2d(pad(x, (before, after, before, after)), kernel, stride=stride)
        mean = y.mean((2, 3), keepdim=True)
        variance = y.var((2, 3), unbiased=False, keepdim=True)
        y = scale.view(1, -1, 1, 1) * (y - mean) / torch.sqrt(variance + 1e-3) + shift.view(1, -1, 1, 1)
        return relu(y) if active else y

    def forward(self, picture):
        x = self.layer(2, self.layer(1, self.layer(0, picture), 2), 2)
        for n in range(3, 13, 2):
            x = x + self.layer(n + 1, self.layer(n, x), active=False)
        x = self.layer(14, self.layer(13, x, up=True), up=True)
        return (150 * torch.tanh(self.layer(15, x, active=False)) + 127.5).clamp(0, 255)


def torch_role(key, dims):
    if len(dims) == 4:
        gain = 45 if key.startswith("deconv3") else 1.3
        return 0, kernel_spread(dims[1] * dims[2] * dims[3], gain)
    if key == "deconv3.conv2d.bias":
        return 127.5, 20
    return (1, 0.3) if key.endswith("weight") else (0, 0.2)


def tensorflow_role(key, dims):
    if len(dims) == 4:
        return 0, kernel_spread(dims[0] * dims[1] * dims[2], 1.3)
    number = int(key.rpartition("_")[2])
    if number > 45:
        return (0, 0.2) if number % 3 == 1 else (0.4, 0.1)
    return (0, 0.2) if number % 3 == 1 else (1, 0.3)


CASES = {
    "PyTorch's form": (Torch(4), torch_role),
    "PyTorch's form, wider": (Torch(6), torch_role),
    "TensorFlow's form": (TensorFlow(4), tensorflow_role),
    "TensorFlow's form, wider": (TensorFlow(6), tensorflow_role),
}

if __name__ == "__main__":
    cases = []
    for title, (net, role) in CASES.items():
        net.eval()
        recipe = fill(net, role)
        print(title)
        cases.append(
            {"title": title, "options": {}, "tensors": recipe, "pictures": drawings(net, [(8, 8), (20, 28)], (0, 255))}
        )
    write(__file__, cases)
