"""Trains a network with PyTorch for bench/parity.ts, from the weights, the batches and the learning rates it is given.

The argument is a folder: task.json, train.f32, train.i32, test.f32, test.i32, order.i32 (the example of every place in every batch) and one
file per initial parameter. Prints the share of test examples that are right.
"""
import json
import sys

import torch
import torch.nn.functional as F

from torch_net import Net

folder = sys.argv[1]
task = json.load(open(f"{folder}/task.json"))
spec, batch = task["graph"], task["batch"]
torch.set_num_threads(1)


def read(name, *shape, dtype=torch.float32):
    count = 1
    for n in shape:
        count *= n
    return torch.from_file(f"{folder}/{name}", size=count, dtype=dtype).reshape(shape)


h, w, c = spec["shapes"][0]
train = read("train.f32", task["train"], h, w, c).permute(0, 3, 1, 2)
labels = read("train.i32", task["train"], dtype=torch.int32).long()
test = read("test.f32", task["test"], h, w, c).permute(0, 3, 1, 2)
truth = read("test.i32", task["test"], dtype=torch.int32).long()
order = read("order.i32", len(task["learningRates"]), batch, dtype=torch.int32).long()

net = Net(spec, exact=True)
with torch.no_grad():
    for name, shape in task["parameters"]:
        index, part = name.split("/")
        kind = spec["ops"][int(index)]["kind"]
        values = read(name.replace("/", "-"), *shape)
        layer = net.layers[("dense" if kind == "dense" else "norm" if part in ("gamma", "beta") else "conv") + index]
        if part == "kernel" and kind == "conv2d":
            values = values.permute(0, 3, 1, 2)
        if part == "kernel" and kind == "depthwise":
            values = values.permute(2, 0, 1).unsqueeze(1)
        target = layer.bias if part in ("beta", "bias") else layer.weight
        target.copy_(values)
net = net.train().to(memory_format=torch.channels_last)
optimizer = torch.optim.SGD(net.parameters(), 1.0, momentum=0.9, nesterov=True)
for step, rate in enumerate(task["learningRates"]):
    optimizer.param_groups[0]["lr"] = rate
    optimizer.zero_grad()
    x = train[order[step]].contiguous(memory_format=torch.channels_last)
    F.cross_entropy(net(x), labels[order[step]], label_smoothing=task["labelSmoothing"]).backward()
    optimizer.step()
net.eval()
right = 0
with torch.no_grad():
    for i in range(0, task["test"], 500):
        x = test[i : i + 500].contiguous(memory_format=torch.channels_last)
        right += (net(x).argmax(1) == truth[i : i + 500]).sum().item()
print(right / task["test"])
