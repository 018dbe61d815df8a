"""One training step of PixelCNN or Gated PixelCNN by PyTorch, beside that of bench/dev/gatun/bench/ImageTrainBenchmark.

Black and white images of 28x28, random ones; cross-entropy, Adam; eager.

    MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=9999999999 MALLOC_TOP_PAD_=268435456 \
        python bench/peers/pixelcnn.py gated_pixelcnn --threads 2
"""

import argparse
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F


class Masked(nn.Conv2d):
    def __init__(self, kind, inputs, outputs, size):
        super().__init__(inputs, outputs, size, padding=size // 2)
        mask = torch.ones(size, size)
        mask[size // 2, size // 2 + (kind == "B") :] = 0
        mask[size // 2 + 1 :] = 0
        self.register_buffer("mask", mask[None, None])

    def forward(self, x):
        return F.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)


class PixelCNN(nn.Module):
    def __init__(self, h=16, blocks=7):
        super().__init__()
        self.input = Masked("A", 1, 2 * h, 7)
        block = lambda: nn.Sequential(
            nn.ReLU(), nn.Conv2d(2 * h, h, 1), nn.ReLU(), Masked("B", h, h, 3), nn.ReLU(), nn.Conv2d(h, 2 * h, 1)
        )
        self.blocks = nn.ModuleList([block() for _ in range(blocks)])
        self.head = nn.Sequential(nn.ReLU(), nn.Conv2d(2 * h, 2 * h, 1), nn.ReLU(), nn.Conv2d(2 * h, 1, 1))

    def forward(self, x):
        x = self.input(x)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)


class Layer(nn.Module):
    def __init__(self, inputs, p, k, first):
        super().__init__()
        self.m, self.first = k // 2, first
        self.vertical = nn.Conv2d(inputs, 2 * p, (self.m + 1, k))
        self.horizontal = nn.Conv2d(inputs, 2 * p, (1, self.m if first else self.m + 1))
        self.across = nn.Conv2d(2 * p, 2 * p, 1)
        self.out = nn.Conv2d(p, p, 1)

    def forward(self, v, h):
        m = self.m
        below = self.vertical(F.pad(v, (m, m, m, 0)))
        right = self.horizontal(F.pad(h, (m, 0)))
        right = (right[..., :-1] if self.first else right) + F.pad(self.across(below), (0, 0, 1, 0))[:, :, :-1]
        gate = lambda x: torch.tanh(x.chunk(2, 1)[0]) * torch.sigmoid(x.chunk(2, 1)[1])
        out = self.out(gate(right))
        return gate(below), out if self.first else h + out


class Gated(nn.Module):
    def __init__(self, p=64, layers=12):
        super().__init__()
        self.layers = nn.ModuleList([Layer(p if i else 1, p, 5 if i else 7, i == 0) for i in range(layers)])
        self.head = nn.Sequential(nn.ReLU(), nn.Conv2d(p, p, 1), nn.ReLU(), nn.Conv2d(p, 1, 1))

    def forward(self, x):
        v = h = x
        for layer in self.layers:
            v, h = layer(v, h)
        return self.head(h)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", choices=["pixelcnn", "gated_pixelcnn"])
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    model = PixelCNN() if options.family == "pixelcnn" else Gated()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
    x = (torch.rand(options.batch, 1, 28, 28) > 0.5).float()

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.binary_cross_entropy_with_logits(model(x), x).backward()
        optimizer.step()

    times, processor = [], []
    for number in range(options.steps + 3):
        begin, used = time.perf_counter(), time.process_time()
        step()
        if number >= 3:
            times.append(time.perf_counter() - begin)
            processor.append(time.process_time() - used)
    print(
        f"{options.family}, {options.threads} threads: {statistics.median(times) * 1e3:.1f} ms a step (median of "
        f"{options.steps}, least {min(times) * 1e3:.1f}), {statistics.median(processor) * 1e3:.1f} ms of processor time"
    )


if __name__ == "__main__":
    main()
