"""What PyTorch's layers and losses make of hash-made numbers, and the gradients of a weighted sum of it.

Run `python3 test/oracles/layers.py` (needs torch and numpy); it writes layers.json: for each case the recipes of its inputs and
parameters, and, computed in float64, y, the gradient of sum(y * weight) for each of them, and the statistics that were renewed.
"""

import base64

import torch
from torch import nn
from torch.nn import functional as f

from oracle import numbers, write

# Centre and spread of what layers learn or keep, by the end of its name; inputs lie in -1.5..1.5 unless said otherwise.
ROLES = {"running_var": (1, 0.5), "running_mean": (0, 0.5), "norm weight": (1, 0.5), "weight": (0, 0.6), "bias": (0, 0.5)}


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


class Attention(nn.Module):
    """PyTorch's own attention, with a name for each map."""

    def __init__(self, width, context, heads):
        super().__init__()
        self.heads = heads
        self.Wq = nn.Linear(width, width, bias=False)
        self.Wk = nn.Linear(context, width, bias=False)
        self.Wv = nn.Linear(context, width, bias=False)
        self.Wo = nn.Linear(width, width, bias=False)

    def forward(self, x, context=None):
        query, seen = (given.transpose(0, 1) for given in (x, x if context is None else context))
        options = dict(
            embed_dim_to_check=x.shape[2],
            num_heads=self.heads,
            in_proj_weight=None,
            in_proj_bias=None,
            bias_k=None,
            bias_v=None,
            add_zero_attn=False,
            dropout_p=0,
            out_proj_weight=self.Wo.weight,
            out_proj_bias=None,
            use_separate_proj_weight=True,
            q_proj_weight=self.Wq.weight,
            k_proj_weight=self.Wk.weight,
            v_proj_weight=self.Wv.weight,
        )
        return f.multi_head_attention_forward(query, seen, seen, **options)[0].transpose(0, 1)


def resized(*size, **options):
    return lambda x: f.interpolate(x, size=size, **options)


def divergence(mean, log_variance):
    """KL divergence of N(mean, exp(log_variance)) from N(0, 1), as PyTorch's distributions have it."""
    learned = torch.distributions.Normal(mean, torch.exp(log_variance / 2))
    return torch.distributions.kl_divergence(learned, torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))).sum()


def classes(dims, count):
    """Whole numbers from 0, each below the count."""
    return [dims, torch.floor(numbers("classes", dims, count / 2, count / 2)).int().flatten().tolist()]


MAP = [2, 4, 6, 5]
# Title: layer, inputs by name. An input has dims, or dims and whole numbers.
CASES = {
    "dense": (nn.Linear(5, 3), dict(x=[2, 4, 5])),
    "convolution": (nn.Conv2d(4, 3, 3), dict(x=MAP)),
    "convolution, stride 2 and padding 1": (nn.Conv2d(4, 3, 3, stride=2, padding=1), dict(x=MAP)),
    "convolution, side 4, stride 2 and padding 1": (nn.Conv2d(4, 3, 4, stride=2, padding=1), dict(x=MAP)),
    "convolution, dilated": (nn.Conv2d(4, 3, 2, dilation=2), dict(x=MAP)),
    "convolution in groups": (nn.Conv2d(4, 6, 3, groups=2), dict(x=MAP)),
    "convolution with a mirrored border": (nn.Conv2d(4, 3, 3, padding=1, padding_mode="reflect"), dict(x=MAP)),
    "convolution of the same size": (nn.Conv2d(4, 3, 5, padding="same"), dict(x=MAP)),
    "convolution without bias": (nn.Conv2d(4, 3, 3, bias=False), dict(x=MAP)),
    "transposed convolution, side 4, stride 2 and padding 1": (nn.ConvTranspose2d(4, 3, 4, 2, 1), dict(x=[2, 4, 3, 2])),
    "transposed convolution, output padding": (nn.ConvTranspose2d(4, 3, 3, 2, 1, output_padding=1), dict(x=[2, 4, 3, 2])),
    "transposed convolution, side 5, stride 3 and padding 1": (nn.ConvTranspose2d(4, 3, 5, 3, 1), dict(x=[2, 4, 3, 2])),
    "transposed convolution, side 2, stride 2 and padding 1": (nn.ConvTranspose2d(4, 3, 2, 2, 1), dict(x=[2, 4, 3, 2])),
    "max pool": (nn.MaxPool2d(2, 2), dict(x=MAP)),
    "max pool that overlaps": (nn.MaxPool2d(2, 1), dict(x=MAP)),
    "max pool, padded": (nn.MaxPool2d(3, 2, padding=1), dict(x=MAP)),
    "average pool": (nn.AvgPool2d(2, 2), dict(x=MAP)),
    "average pool, padded": (nn.AvgPool2d(3, 1, padding=1), dict(x=MAP)),
    "batch norm of maps in training": (nn.BatchNorm2d(4), dict(x=MAP)),
    "batch norm of rows in training": (nn.BatchNorm1d(4), dict(x=[5, 4])),
    "batch norm without numbers of its own in training": (nn.BatchNorm2d(4, affine=False), dict(x=MAP)),
    "batch norm of maps in use": (nn.BatchNorm2d(4).eval(), dict(x=MAP)),
    "batch norm of rows in use": (nn.BatchNorm1d(4).eval(), dict(x=[5, 4])),
    "instance norm": (nn.InstanceNorm2d(4), dict(x=MAP)),
    "instance norm with numbers of its own": (nn.InstanceNorm2d(4, affine=True), dict(x=MAP)),
    "group norm": (nn.GroupNorm(2, 4), dict(x=MAP)),
    "group norm of one group": (nn.GroupNorm(1, 4), dict(x=MAP)),
    "layer norm": (nn.LayerNorm(6), dict(x=[2, 3, 6])),
    "embedding": (nn.Embedding(5, 3), dict(indices=classes([2, 4], 5))),
    "attention to itself": (Attention(6, 6, heads=2), dict(x=[2, 4, 6])),
    "attention to a context": (Attention(6, 5, heads=2), dict(x=[2, 4, 6], context=[2, 3, 5])),
    "relu": (nn.ReLU(), dict(x=[4, 6])),
    "leaky relu": (nn.LeakyReLU(0.2), dict(x=[4, 6])),
    "silu": (nn.SiLU(), dict(x=[4, 6])),
    "gelu": (nn.GELU(), dict(x=[4, 6])),
    "tanh": (nn.Tanh(), dict(x=[4, 6])),
    "sigmoid": (nn.Sigmoid(), dict(x=[4, 6])),
    "softmax": (nn.Softmax(-1), dict(x=[2, 3, 5])),
    "log softmax": (nn.LogSoftmax(-1), dict(x=[2, 3, 5])),
    "nearest to twice the size": (Function(resized(6, 8, mode="nearest")), dict(x=[2, 2, 3, 4])),
    "nearest to an odd size": (Function(resized(7, 3, mode="nearest")), dict(x=[2, 2, 3, 5])),
    "bilinear to twice the size": (Function(resized(6, 8, mode="bilinear", align_corners=False)), dict(x=[2, 2, 3, 4])),
    "bilinear to twice the size, corners aligned": (
        Function(resized(6, 8, mode="bilinear", align_corners=True)),
        dict(x=[2, 2, 3, 4]),
    ),
    "bilinear to an odd size": (Function(resized(7, 3, mode="bilinear", align_corners=False)), dict(x=[2, 2, 3, 4])),
    "bilinear to an odd size, corners aligned": (
        Function(resized(7, 3, mode="bilinear", align_corners=True)),
        dict(x=[2, 2, 3, 4]),
    ),
    "concat": (Function(lambda *parts: torch.cat(parts, 1)), dict(first=[2, 2, 3], second=[2, 1, 3], third=[2, 4, 3])),
    "slice": (Function(lambda x: x[:, 1:3, 2:]), dict(x=[2, 4, 5])),
    "zero pad": (nn.ZeroPad2d((1, 2, 0, 3)), dict(x=[2, 2, 3, 4])),
    "reflection pad": (nn.ReflectionPad2d(2), dict(x=[2, 2, 4, 5])),
    "L1 loss": (nn.L1Loss(), dict(x=[3, 4], target=[3, 4])),
    "mean squared error": (nn.MSELoss(), dict(x=[3, 4], target=[3, 4])),
    "binary cross entropy, real": (Function(lambda x: f.binary_cross_entropy_with_logits(x, torch.ones_like(x))), dict(x=[6, 1])),
    "binary cross entropy, fake": (Function(lambda x: f.binary_cross_entropy_with_logits(x, torch.zeros_like(x))), dict(x=[6, 1])),
    "cross entropy": (Function(lambda x, labels: f.cross_entropy(x, labels)), dict(x=[6, 4], labels=classes([6], 4))),
    "KL divergence": (Function(divergence), dict(mean=[3, 4], log_variance=[3, 4])),
    "least squares, real": (Function(lambda x: 0.5 * ((x - 1) ** 2).mean()), dict(x=[6, 1])),
    "least squares, fake": (Function(lambda x: 0.5 * (x**2).mean()), dict(x=[6, 1])),
}


def text(tensor):
    return base64.b64encode(tensor.detach().numpy().astype("<f4").tobytes()).decode()


def role(layer, key):
    name = "norm weight" if "Norm" in type(layer).__name__ and key == "weight" else key.split(".")[-1]
    return ROLES[name]


def drawn(title, recipes, inputs):
    """Fed values by name, float64, and which of them were drawn."""
    values = {}
    for name, given in inputs.items():
        if isinstance(given[0], list):
            values[name] = torch.tensor(given[1]).view(given[0])
            continue
        recipes[name] = [given, 0, 1.5]
        values[name] = numbers(f"{title}: {name}", given, 0, 1.5).double().requires_grad_()
    return values


def case(title, layer, inputs):
    layer.double()
    tensors = {}
    with torch.no_grad():
        for key, tensor in layer.state_dict().items():
            if tensor.dim() > 0:
                tensors[key] = [list(tensor.shape), *role(layer, key)]
                tensor.copy_(numbers(f"{title}: {key}", *tensors[key]))
    fed = {}
    values = drawn(title, fed, inputs)
    y = layer(*values.values())
    weight = numbers(f"{title}: weight of the sum", list(y.shape), 0, 1).double()
    (y * weight).sum().backward()
    learned = {name: value for name, value in values.items() if name in fed} | dict(layer.named_parameters())
    return {
        "title": title,
        "inputs": fed,
        "indices": {name: given for name, given in inputs.items() if name not in fed},
        "tensors": tensors,
        "dims": list(y.shape),
        "y": text(y),
        "gradients": {name: text(value.grad) for name, value in learned.items()},
        "renewed": {key: text(value) for key, value in layer.named_buffers() if value.dim() > 0 and layer.training},
    }


write(__file__, [case(title, layer, inputs) for title, (layer, inputs) in CASES.items()])
