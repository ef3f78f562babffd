"""The U-Net that the workshop's diffusion trains, in PyTorch, with its names of weights; and LoRAs on it."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import interpolate, l1_loss, silu

GROUPS, HEADS, WORDS, MOST_SEEN, TIMESTEPS = 8, 4, 4, 144, 1000
CLASSES, WIDTH, SIDE = 10, 8, 16


def conv3(a, b, stride=1):
    return nn.Conv2d(a, b, 3, stride=stride, padding=1)


class Attention(nn.Module):
    def __init__(self, width, context):
        super().__init__()
        self.Wq = nn.Linear(width, width, bias=False)
        self.Wk = nn.Linear(context, width, bias=False)
        self.Wv = nn.Linear(context, width, bias=False)
        self.Wo = nn.Linear(width, width, bias=False)

    def forward(self, x, context):
        q, k, v = self.Wq(x), self.Wk(context), self.Wv(context)
        q, k, v = (y.view(*y.shape[:2], HEADS, -1).transpose(1, 2) for y in (q, k, v))
        logits = q @ k.transpose(-1, -2) / np.sqrt(q.shape[-1])
        joined = (logits.softmax(-1) @ v).transpose(1, 2).reshape(x.shape)
        return self.Wo(joined)


class Convolutions(nn.Module):
    def __init__(self, a, b, told):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(GROUPS, a), conv3(a, b)
        self.time = nn.Linear(told, b)
        self.norm2, self.conv2 = nn.GroupNorm(GROUPS, b), conv3(b, b)
        if a != b:
            self.shortcut = nn.Conv2d(a, b, 1)

    def forward(self, x, time):
        y = self.conv1(silu(self.norm1(x))) + self.time(time)[:, :, None, None]
        same = self.shortcut(x) if hasattr(self, "shortcut") else x
        return same + self.conv2(silu(self.norm2(y)))


class Transformer(nn.Module):
    def __init__(self, width, told, places):
        super().__init__()
        if places <= MOST_SEEN:
            self.norm0, self.self = nn.LayerNorm(width), Attention(width, width)
        self.norm1, self.cross = nn.LayerNorm(width), Attention(width, told)
        self.norm2 = nn.LayerNorm(width)
        self.map = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, x, words):
        y = x.flatten(2).transpose(1, 2)
        if hasattr(self, "self"):
            seen = self.norm0(y)
            y = y + self.self(seen, seen)
        y = y + self.cross(self.norm1(y), words)
        y = y + self.map(self.norm2(y))
        return y.transpose(1, 2).view_as(x)


class Block(nn.Module):
    def __init__(self, a, b, told, side, halved=False, placed=False):
        super().__init__()
        if halved:
            self.halved = conv3(a, b, stride=2)
        if placed:
            self.places = nn.Parameter(torch.zeros(1, a, side, side))
        self.conv = Convolutions(b if halved else a, b, told)
        self.attention = Transformer(b, told, side * side)

    def forward(self, x, time, words):
        if hasattr(self, "halved"):
            x = self.halved(x)
        if hasattr(self, "places"):
            x = x + self.places
        return self.attention(self.conv(x, time), words)


class Unet(nn.Module):
    def __init__(self, width=WIDTH, side=SIDE):
        super().__init__()
        told = 4 * width
        block = lambda a, b, part, **more: Block(a * width, b * width, told, side // part, **more)
        self.time = nn.Sequential(nn.Linear(told, told), nn.SiLU(), nn.Linear(told, told))
        self.words = nn.Embedding(CLASSES, WORDS * told)
        self.heard = nn.Linear(WORDS * told, told)
        self.stem = conv3(1, width)
        self.down = nn.ModuleList(block(a, b, p, halved=True) for a, b, p in ((1, 2, 2), (2, 4, 4), (4, 8, 8)))
        self.middle = block(8, 8, 8, placed=True)
        # The last one maps channels alone.
        self.up = nn.ModuleList([block(16, 4, 8), block(8, 4, 4), block(6, 2, 2), nn.Conv2d(2 * width, width, 1)])
        self.head = nn.Sequential(nn.GroupNorm(GROUPS, width), nn.SiLU(), conv3(width, width), nn.SiLU(), conv3(width, 1))

    def waves(self, timesteps):
        half = self.time[0].in_features // 2
        places = torch.arange(half, dtype=torch.float64)
        angles = timesteps[:, None].double() * 10_000 ** (-places / half)
        return torch.cat([angles.sin(), angles.cos()], 1).float().to(self.stem.weight.dtype)

    def forward(self, noisy, timesteps, labels):
        words = self.words(labels).view(len(labels), WORDS, -1)
        time = silu(self.time(self.waves(timesteps))) + self.heard(words.flatten(1))
        double = lambda x: interpolate(x, scale_factor=2)
        stem = self.stem(noisy)
        half = self.down[0](stem, time, words)
        quarter = self.down[1](half, time, words)
        eighth = self.down[2](quarter, time, words)
        y = self.middle(eighth, time, words)
        y = self.up[0](torch.cat([y, eighth], 1), time, words)
        y = self.up[1](torch.cat([double(y), quarter], 1), time, words)
        y = self.up[2](torch.cat([double(y), half], 1), time, words)
        return self.head(double(self.up[3](y)) + stem)


class Diffusion(nn.Module):
    def __init__(self):
        super().__init__()
        self.unet = Unet()

    def loss(self, pictures, noise, timesteps, labels):
        betas = np.linspace(0.0001, 0.02, TIMESTEPS, dtype=np.float32)
        left = torch.from_numpy(np.cumprod(1 - betas.astype(np.float64)))[timesteps]
        signal, rest = (share.sqrt().to(pictures.dtype)[:, None, None, None] for share in (left, 1 - left))
        return l1_loss(self.unet(signal * pictures + rest * noise, timesteps, labels), noise)


class Thin(nn.Module):
    def __init__(self, a, b, rank):
        super().__init__()
        self.lora_down = nn.Linear(a, rank, bias=False)
        self.lora_up = nn.Linear(rank, b, bias=False)


class Lora(Diffusion):
    """All but the thin matrices beside Wq, Wk and Wv stay as they are; alpha is the rank."""

    def __init__(self, rank=4):
        super().__init__()
        self.unet.requires_grad_(False)
        self.lora = nn.ModuleDict()
        for name, module in self.unet.named_modules():
            if name.endswith((".Wq", ".Wk", ".Wv")):
                thin = Thin(module.in_features, module.out_features, rank)
                self.lora[name.replace(".", "_")] = thin
                module.register_forward_hook(lambda _, x, y, thin=thin: y + thin.lora_up(thin.lora_down(x[0])))
