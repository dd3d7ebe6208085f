"""Trains one network with PyTorch for bench/training.ts.

First line of stdin: the graph as JSON. Each further line: how many steps to take; the answer is the milliseconds they took.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F

from torch_net import Net

spec = json.loads(sys.stdin.readline())
torch.set_num_threads(1)
torch.manual_seed(0)

h, w, c = spec["shapes"][0]
net = Net(spec).train().to(memory_format=torch.channels_last)
x = torch.randn(spec["batch"], c, h, w).to(memory_format=torch.channels_last)
y = torch.randint(0, spec["shapes"][-1][2], (spec["batch"],))
optimizer = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9, nesterov=True)


def step():
    """As a training loop in a function does: when it returns, nothing of the step is left but the weights."""
    optimizer.zero_grad()
    loss = F.cross_entropy(net(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


print("ready", flush=True)
for line in sys.stdin:
    start = time.process_time()
    for _ in range(int(line)):
        step()
    print((time.process_time() - start) * 1e3, flush=True)
