"""PyTorch's side of bench/animegan2.ts: a generator with random weights, its state dict, its plain export, and its times.

Called as `python3 bench/animegan2.py FOLDER THREADS`; then answers every line SIDE on its input with the milliseconds that
one picture of SIDE x SIDE pixels takes.
"""

import sys
import time
import warnings
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "test" / "oracles"))
from animeganv2 import Generator  # noqa: E402

folder, threads = Path(sys.argv[1]), int(sys.argv[2])
warnings.filterwarnings("ignore")
torch.set_num_threads(threads)
torch.manual_seed(7)
net = Generator(align_corners=True).eval()
torch.save(net.state_dict(), folder / "random.pt")
free = {"picture": {2: "height", 3: "width"}, "drawing": {2: "height", 3: "width"}}
torch.onnx.export(
    net,
    torch.zeros(1, 3, 256, 256),
    str(folder / "plain.onnx"),
    input_names=["picture"],
    output_names=["drawing"],
    dynamic_axes=free,
    opset_version=13,
)
print("ready", flush=True)
pictures = {}
with torch.inference_mode():
    for line in sys.stdin:
        side = int(line)
        if side not in pictures:
            pictures[side] = torch.rand(1, 3, side, side) * 2 - 1
            net(pictures[side])
        start = time.perf_counter()
        net(pictures[side])
        print((time.perf_counter() - start) * 1000, flush=True)
