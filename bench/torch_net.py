"""A graph of tinyfront as a PyTorch module. `exact` pads as TensorFlow's SAME does; without it, strided convolutions pad
symmetrically, which is the same work and PyTorch's fastest way."""
import torch.nn as nn
import torch.nn.functional as F


def padding(size, kernel, stride, out):
    """TensorFlow's SAME: the odd row of zeros comes last."""
    total = max((out - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Net(nn.Module):
    def __init__(self, spec, exact=False):
        super().__init__()
        self.ops = spec["ops"]
        # As in a module written by hand, a tensor lives until its last reader.
        last = {tensor: i for i, op in enumerate(self.ops) for tensor in op["inputs"]}
        self.last_read = [[tensor for tensor, reader in last.items() if reader == i] for i in range(len(self.ops))]
        self.layers = nn.ModuleDict()
        for i, op in enumerate(self.ops):
            channels = spec["shapes"][op["inputs"][0]][2]
            if op["kind"] in ("conv2d", "depthwise"):
                out = op.get("channels", channels)
                (kh, kw), (sh, sw) = op["kernel"], op["stride"]
                h, w, _ = spec["shapes"][op["inputs"][0]]
                oh, ow, _ = spec["shapes"][i + 1]
                top, bottom = padding(h, kh, sh, oh)
                left, right = padding(w, kw, sw, ow)
                # Symmetric padding belongs into the convolution: a separate pad costs a copy.
                apart = (top, left) != (bottom, right) if exact else (kh % 2 == 0) or (kw % 2 == 0)
                pad = (0, 0) if apart else (kh // 2, kw // 2)
                groups = channels if op["kind"] == "depthwise" else 1
                op["pad"] = (left, right, top, bottom) if apart else None
                self.layers[f"conv{i}"] = nn.Conv2d(channels, out, (kh, kw), (sh, sw), pad, groups=groups, bias=False)
                self.layers[f"norm{i}"] = nn.BatchNorm2d(out, eps=1e-3)
            elif op["kind"] == "dense":
                self.layers[f"dense{i}"] = nn.Linear(channels, op["units"])

    def forward(self, x):
        tensors = {0: x}
        for i, op in enumerate(self.ops):
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
            tensors[i + 1] = x
            for tensor in self.last_read[i]:
                del tensors[tensor]
        return x
