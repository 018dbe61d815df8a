"""One training step of FVSBN, NADE (500) or MADE (500, one mask) by PyTorch, beside TrainStepBenchmark's of the same name.

Black and white images of 784 pixels, random ones; cross-entropy, Adamax; eager. NADE goes from pixel to pixel.

    python bench/peers/dense.py made --batch 100 --threads 2

With --likelihood the log-likelihoods of a batch, one call, masks folded in beforehand: LikelihoodBenchmark -p model=made -p batch=1000.

    python bench/peers/dense.py made --likelihood --batch 1000 --threads 2 [--compile]
"""

import argparse
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

D, H = 784, 500


class Fvsbn(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(D, D) * 0.01)
        self.bias = nn.Parameter(torch.zeros(D))
        self.register_buffer("mask", torch.tril(torch.ones(D, D), -1))

    def fold(self):
        self.weight.data *= self.mask
        self.mask = None

    def forward(self, x):
        return F.linear(x, self.weight if self.mask is None else self.weight * self.mask, self.bias)


class Nade(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(D, H) * 0.01)
        self.c = nn.Parameter(torch.zeros(H))
        self.v = nn.Parameter(torch.randn(D, H) * 0.01)
        self.b = nn.Parameter(torch.zeros(D))

    def fold(self):
        """There are no masks."""

    def forward(self, x):
        sums, logits = self.c.expand(len(x), H), []
        for d in range(D):
            logits.append(torch.sigmoid(sums) @ self.v[d] + self.b[d])
            sums = sums + x[:, d : d + 1] * self.w[d]
        return torch.stack(logits, 1)


class Made(nn.Module):
    def __init__(self):
        super().__init__()
        degrees = torch.randint(1, D, (H,), generator=torch.Generator().manual_seed(1))
        places = torch.arange(1, D + 1)
        self.first, self.second = nn.Linear(D, H), nn.Linear(H, D)
        self.register_buffer("m1", (places[None] <= degrees[:, None]).float())
        self.register_buffer("m2", (degrees[None] < places[:, None]).float())

    def fold(self):
        self.first.weight.data *= self.m1
        self.second.weight.data *= self.m2
        self.m1 = self.m2 = None

    def forward(self, x):
        first = self.first.weight if self.m1 is None else self.first.weight * self.m1
        second = self.second.weight if self.m2 is None else self.second.weight * self.m2
        return F.linear(F.relu(F.linear(x, first, self.first.bias)), second, self.second.bias)


def timed(call, count):
    times = []
    for _ in range(count + 3):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times[3:])


def likelihood(model, compiled):
    model.fold()

    def log_prob(x):
        return -F.binary_cross_entropy_with_logits(model(x), x, reduction="none").sum(1)

    return torch.compile(log_prob) if compiled else log_prob


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=["fvsbn", "nade", "made"])
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--likelihood", action="store_true")
    parser.add_argument("--compile", action="store_true", help="likelihoods by torch.compile")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    model = {"fvsbn": Fvsbn, "nade": Nade, "made": Made}[options.model]()
    x = (torch.rand(options.batch, D) < 0.5).float()
    if options.likelihood:
        log_prob = likelihood(model, options.compile)
        with torch.inference_mode():
            middle = timed(lambda: log_prob(x), options.steps)
        print(f"{options.model}: {middle * 1000:.2f} ms for the log-likelihoods of {options.batch}")
        return
    optimizer = torch.optim.Adamax(model.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad()
        F.binary_cross_entropy_with_logits(model(x), x, reduction="sum").div(options.batch).backward()
        optimizer.step()

    middle = timed(step, options.steps)
    print(f"{options.model}: {middle * 1000:.2f} ms a step of {options.batch}, {options.batch / middle:.0f} images/s")


if __name__ == "__main__":
    main()
