"""PyTorch's side of bench/generators.ts: a network with random weights, its state dict, its plain export, and its times.

Called as `python3 bench/generators.py NETWORK FOLDER THREADS`; then answers every line `HEIGHT WIDTH` on its input with the
milliseconds that one picture of that size takes.
"""

import sys
import time
import warnings
from pathlib import Path

import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "test" / "oracles"))
import animeganv2  # noqa: E402
import cyclegan  # noqa: E402
import johnson  # noqa: E402

NETWORKS = {
    "animeganv2": lambda: animeganv2.Generator(align_corners=True),
    "cyclegan": lambda: cyclegan.Generator(64, 9, cyclegan.instance),
    "johnson": lambda: johnson.Torch(32),
}

network, folder, threads = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
warnings.filterwarnings("ignore")
torch.set_num_threads(threads)
torch.manual_seed(7)
net = NETWORKS[network]().eval()
torch.save(net.state_dict(), folder / f"{network}.pt")
free = {"picture": {2: "height", 3: "width"}, "drawing": {2: "height", 3: "width"}}
torch.onnx.export(
    net,
    torch.zeros(1, 3, 256, 256),
    str(folder / f"{network}.onnx"),
    input_names=["picture"],
    output_names=["drawing"],
    dynamic_axes=free,
    opset_version=13,
)
print("ready", flush=True)
with torch.inference_mode():
    for line in sys.stdin:
        height, width = map(int, line.split())
        picture = torch.rand(1, 3, height, width) * 2 - 1
        start = time.perf_counter()
        net(picture)
        print((time.perf_counter() - start) * 1000, flush=True)
