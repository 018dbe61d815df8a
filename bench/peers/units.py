"""Sampling of NADE 784-500 and MADE 784-500-784 by PyTorch, beside bench/dev/gatun/bench/UnitsBenchmark: milliseconds a batch.

`cached`: hidden sums run along, a rank-one update and a product for each position; `full`: a forward pass for each.

    python bench/peers/units.py made --samples 100 --threads 2
"""

import argparse
import statistics
import time

import torch

POSITIONS, HIDDEN = 784, 500


def cached(samples, activation, w, v, c, b):
    sums, x = c.repeat(samples, 1), torch.empty(samples, POSITIONS)
    for i in range(POSITIONS):
        drawn = torch.bernoulli(torch.sigmoid(activation(sums) @ v[i] + b[i]))
        x[:, i] = drawn
        sums.addr_(drawn, w[i])
    return x


def full(samples, activation, w, v, c, b):
    x = torch.zeros(samples, POSITIONS)
    for i in range(POSITIONS):
        if activation is torch.relu:  # MADE: all outputs at once
            logits = (activation(x @ w + c) @ v.T + b)[:, i]
        else:
            logits = activation(x[:, :i] @ w[:i] + c) @ v[i] + b[i]
        x[:, i] = torch.bernoulli(torch.sigmoid(logits))
    return x


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("family", choices=["nade", "made"])
    parser.add_argument("--method", choices=["cached", "full"], default="cached")
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--times", type=int, default=9)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    w, v = torch.randn(POSITIONS, HIDDEN) * 0.05, torch.randn(POSITIONS, HIDDEN) * 0.05
    if options.family == "made":
        degrees = torch.randint(1, POSITIONS, (HIDDEN,))
        places = torch.arange(1, POSITIONS + 1)
        w, v = w * (places[:, None] <= degrees), v * (places[:, None] > degrees)
    activation = torch.relu if options.family == "made" else torch.sigmoid
    method = {"cached": cached, "full": full}[options.method]
    times = []
    with torch.inference_mode():
        for number in range(options.times + 1):
            begin = time.perf_counter()
            method(options.samples, activation, w, v, torch.zeros(HIDDEN), torch.zeros(POSITIONS))
            if number > 0:
                times.append((time.perf_counter() - begin) * 1e3)
    print(f"{statistics.median(times):.2f} ms (median of {options.times}, least {min(times):.2f})")


if __name__ == "__main__":
    main()
