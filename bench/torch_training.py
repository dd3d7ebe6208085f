"""Trains one network with PyTorch for bench/training.ts.

First line of stdin: the graph as JSON. Each further line: how many steps to take; the answer is the milliseconds they took.
"""
import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

spec = json.loads(sys.stdin.readline())
torch.set_num_threads(1)
torch.manual_seed(0)


def padding(size, kernel, stride, out):
    """TensorFlow's SAME: the odd row of zeros comes last."""
    total = max((out - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleDict()
        for i, op in enumerate(spec["ops"]):
            channels = spec["shapes"][op["inputs"][0]][2]
            if op["kind"] in ("conv2d", "depthwise"):
                out = op.get("channels", channels)
                (kh, kw), (sh, sw) = op["kernel"], op["stride"]
                h, w, _ = spec["shapes"][op["inputs"][0]]
                oh, ow, _ = spec["shapes"][i + 1]
                top, bottom = padding(h, kh, sh, oh)
                left, right = padding(w, kw, sw, ow)
                # Symmetric padding belongs into the convolution: a separate pad costs a copy. At stride 2 torch pads before where TensorFlow
                # pads after: the same work.
                even = (kh % 2 == 0) or (kw % 2 == 0)
                pad = (0, 0) if even else (kh // 2, kw // 2)
                groups = channels if op["kind"] == "depthwise" else 1
                op["pad"] = (left, right, top, bottom) if even else None
                self.layers[f"conv{i}"] = nn.Conv2d(channels, out, (kh, kw), (sh, sw), pad, groups=groups, bias=False)
                self.layers[f"norm{i}"] = nn.BatchNorm2d(out, eps=1e-3)
            elif op["kind"] == "dense":
                self.layers[f"dense{i}"] = nn.Linear(channels, op["units"])

    def forward(self, x):
        tensors = [x]
        for i, op in enumerate(spec["ops"]):
            x = tensors[op["inputs"][0]]
            if op["kind"] in ("conv2d", "depthwise"):
                if op["pad"]:
                    x = F.pad(x, op["pad"])
                x = self.layers[f"norm{i}"](self.layers[f"conv{i}"](x))
                if op["activation"] == "relu6":
                    x = F.relu6(x, inplace=True)
            elif op["kind"] == "add":
                x = x + tensors[op["inputs"][1]]
            elif op["kind"] == "mean":
                x = x.mean((2, 3))
            else:
                x = self.layers[f"dense{i}"](x)
            tensors.append(x)
        return x


h, w, c = spec["shapes"][0]
net = Net().train().to(memory_format=torch.channels_last)
x = torch.randn(spec["batch"], c, h, w).to(memory_format=torch.channels_last)
y = torch.randint(0, spec["shapes"][-1][2], (spec["batch"],))
optimizer = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9, nesterov=True)
print("ready", flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    for _ in range(int(line)):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        loss.item()
    print((time.perf_counter() - start) * 1e3, flush=True)
