"""Training steps of image models on a CUDA device in PyTorch, as everyone writes them: milliseconds a step.

    python bench/peers/cuda_training.py [--batch 128] [--models P1,P2,row,diagonal] [--tf32] [--bf16] [--compile]

P1: PixelCNN 28 x 28, 7 x 7 A, 7 blocks, h = 16. P2: gated PixelCNN, 64 features, 12 layers of 5 x 5. row, diagonal: PixelRNN,
7 layers of h = 16. Forward, backward and Adam; medians by the device's own clock. Products are float32 unless told otherwise.
"""
import argparse
import math
import statistics

import torch
from torch import nn
from torch.nn import functional as F


class Masked(nn.Conv2d):
    """A convolution that sees what is above and to the left (A), and the position itself (B)."""

    def __init__(self, kind, inputs, outputs, rows, columns):
        super().__init__(inputs, outputs, (rows, columns), padding=(rows // 2, columns // 2))
        mask = torch.ones(rows, columns)
        mask[rows // 2, columns // 2 + (kind == "B"):] = 0
        mask[rows // 2 + 1:] = 0
        self.register_buffer("mask", mask)

    def forward(self, x):
        return F.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)


class Residual(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return x + self.body(x)


def head(features, inner):
    return [nn.ReLU(), nn.Conv2d(features, inner, 1), nn.ReLU(), nn.Conv2d(inner, 1, 1)]


def pixelcnn(h=16, blocks=7):
    block = lambda: Residual(nn.Sequential(
        nn.ReLU(), nn.Conv2d(2 * h, h, 1), nn.ReLU(), Masked("B", h, h, 3, 3), nn.ReLU(), nn.Conv2d(h, 2 * h, 1)))
    return nn.Sequential(Masked("A", 1, 2 * h, 7, 7), *[block() for _ in range(blocks)], *head(2 * h, 2 * h))


class GatedLayer(nn.Module):
    def __init__(self, inputs, features, kernel, first):
        super().__init__()
        self.first, half = first, kernel // 2
        self.half = half
        self.vertical = nn.Conv2d(inputs, 2 * features, (half + 1, kernel))
        self.horizontal = nn.Conv2d(inputs, 2 * features, (1, half if first else half + 1))
        self.across = nn.Conv2d(2 * features, 2 * features, 1)
        self.out = nn.Conv2d(features, features, 1)

    def forward(self, both):
        v, h = both
        half, first = self.half, self.first
        down = self.vertical(F.pad(v, (half, half, half + first, 0)))
        right = self.horizontal(F.pad(h, (half, 0, 0, 0)))
        if first:
            down, right = down[:, :, :-1], right[:, :, :, :-1]
        right = right + self.across(down)
        gate = lambda x: torch.tanh(x[:, : x.shape[1] // 2]) * torch.sigmoid(x[:, x.shape[1] // 2:])
        out = self.out(gate(right))
        return gate(down), out if first else h + out


class Gated(nn.Module):
    def __init__(self, features=64, layers=12):
        super().__init__()
        self.layers = nn.ModuleList([GatedLayer(1, features, 7, True)]
                                    + [GatedLayer(features, features, 5, False) for _ in range(layers - 1)])
        self.head = nn.Sequential(*head(features, features))

    def forward(self, x):
        both = x, x
        for layer in self.layers:
            both = layer(both)
        return self.head(both[1])


def cell(gates, c):
    o, f, i, g = gates.chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


class RowLstm(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.h = h
        self.input = Masked("B", 2 * h, 4 * h, 1, 3)
        self.state = nn.Conv1d(h, 4 * h, 3, padding=1, bias=False)
        self.expand = nn.Conv2d(h, 2 * h, 1)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.h, x.shape[3])
        rows = []
        for row in self.input(x).unbind(2):
            h, c = cell(row + self.state(h), c)
            rows.append(h)
        return x + self.expand(torch.stack(rows, 2))


def skewed(x):
    n, f, rows, columns = x.shape
    return F.pad(x, (0, rows)).reshape(n, f, -1)[:, :, : rows * (columns + rows - 1)].reshape(n, f, rows, -1)


def straight(x, columns):
    n, f, rows, width = x.shape
    return F.pad(x.reshape(n, f, -1), (0, rows)).reshape(n, f, rows, width + 1)[..., :columns]


class Stream(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.h = h
        self.input = nn.Conv2d(2 * h, 4 * h, 1)
        self.state = nn.Conv1d(h, 4 * h, 2, bias=False)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.h, x.shape[2])
        columns = []
        for column in self.input(skewed(x)).unbind(3):
            h, c = cell(column + self.state(F.pad(h, (1, 0))), c)
            columns.append(h)
        return straight(torch.stack(columns, 3), x.shape[3])


class DiagonalBiLstm(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.left, self.right, self.expand = Stream(h), Stream(h), nn.Conv2d(h, 2 * h, 1)

    def forward(self, x):
        right = self.right(x.flip(3)).flip(3)
        return x + self.expand(self.left(x) + F.pad(right, (0, 0, 1, 0))[:, :, :-1])


def pixelrnn(layer, h=16, layers=7):
    return nn.Sequential(Masked("A", 1, 2 * h, 7, 7), *[layer(h) for _ in range(layers)], *head(2 * h, 2 * h))


MODELS = {"P1": pixelcnn, "P2": Gated, "row": lambda: pixelrnn(RowLstm), "diagonal": lambda: pixelrnn(DiagonalBiLstm)}


def step_of(model, batch, bf16, compiled):
    x = (torch.rand(batch, 1, 28, 28, device="cuda") > 0.5).float()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
    forward = torch.compile(model, dynamic=False) if compiled else model

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cuda", torch.bfloat16, enabled=bf16):
            logits = forward(x)
        F.binary_cross_entropy_with_logits(logits.float(), x).backward()
        optimizer.step()

    return step


def milliseconds(step, seconds):
    times, spent = [], 0.0
    for i in range(10000):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        step()
        end.record()
        end.synchronize()
        if i < 3:
            continue
        times.append(begin.elapsed_time(end))
        spent += times[-1]
        if spent > 1e3 * seconds and len(times) >= 5:
            break
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--models", default="P1,P2,row,diagonal")
    parser.add_argument("--seconds", type=float, default=1.5)
    for flag in ("tf32", "bf16", "compile"):
        parser.add_argument("--" + flag, action="store_true")
    options = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.tf32
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(0)
    how = [flag for flag in ("tf32", "bf16", "compile") if getattr(options, flag)]
    print(f"PyTorch {torch.__version__}, {torch.cuda.get_device_name()}, batch {options.batch} {' '.join(how)}", flush=True)
    for name in options.models.split(","):
        model = MODELS[name]().cuda()
        each = milliseconds(step_of(model, options.batch, options.bf16, options.compile), options.seconds)
        count = sum(p.numel() for p in model.parameters())
        print(f"{name:9s} {count:9d} parameters {each:9.2f} ms a step, {1e3 * options.batch / each:9.0f} images/s", flush=True)


if __name__ == "__main__":
    main()
