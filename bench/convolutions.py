"""PyTorch's side of bench/convolutions.ts: a line with a side and a layer in, a line with milliseconds out."""

import os
import sys
import time

import torch

torch.set_num_threads(len(os.sched_getaffinity(0)))
known = {}


def prepared(side, layer):
    batch, channels, size, kernels, width, stride, padding = layer
    x = torch.randn(batch, channels, size, size)
    kernel = torch.randn(kernels, channels, width, width)

    def forward():
        return torch.nn.functional.conv2d(x, kernel, stride=stride, padding=padding)

    y = forward()
    wanted = [side == "map", side == "kernel", False]
    walk = ([stride] * 2, [padding] * 2, [1, 1], False, [0, 0], 1)

    def backward():
        return torch.ops.aten.convolution_backward(y, x, kernel, None, *walk, wanted)

    return forward if side == "forward" else backward


for line in sys.stdin:
    side, *layer = line.split()
    if line not in known:
        known = {line: prepared(side, list(map(int, layer)))}
    with torch.no_grad():
        start = time.perf_counter()
        known[line]()
    print((time.perf_counter() - start) * 1e3, flush=True)
