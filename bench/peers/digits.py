"""PyTorch, by the recipe that the README trains the 8x8 digits with: figure and time to stand beside ours.

    python bench/peers/digits.py [--seed N] [--threads N] [--epochs N] [--sample N]

Four causal convolutions (kernel 7, 256 channels, the first of type A), LeakyReLU, a categorical over 17 levels; Adamax with
1e-3, batches of 64, until the validation loss has not fallen for 20 epochs; the best epoch's weights are tested. Split
1000 / 350 / 447 in the order of the file. --sample N draws N digits afterwards, with a full pass for each pixel.
"""

import argparse
import copy
import gzip
import math
import pathlib
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional

DATA = pathlib.Path(__file__).resolve().parents[2] / "src/main/resources/dev/gatun/data/digits_8x8.csv.gz"
PIXELS = 64
LEVELS = 17
BATCH = 64
PATIENCE = 20


class CausalConv1d(nn.Module):
    """A convolution that sees what lies before its position (type A), or its position too (type B)."""

    def __init__(self, inputs, outputs, kernel, type_a):
        super().__init__()
        self.padding = kernel if type_a else kernel - 1
        self.type_a = type_a
        self.conv = nn.Conv1d(inputs, outputs, kernel)

    def forward(self, x):
        x = functional.pad(x, (self.padding, 0))
        if self.type_a:
            x = x[:, :, :-1]
        return self.conv(x)


def network(kernel=7, channels=256):
    return nn.Sequential(
        CausalConv1d(1, channels, kernel, True),
        nn.LeakyReLU(),
        CausalConv1d(channels, channels, kernel, False),
        nn.LeakyReLU(),
        CausalConv1d(channels, channels, kernel, False),
        nn.LeakyReLU(),
        CausalConv1d(channels, LEVELS, kernel, False),
    )


def nats(net, levels):
    """The negative log-likelihood of each example; levels: [examples, pixels]."""
    logits = net(levels.float().unsqueeze(1))
    return functional.cross_entropy(logits, levels, reduction="none").sum(dim=1)


def mean_nats(net, levels):
    net.eval()
    with torch.no_grad():
        return nats(net, levels).double().mean().item()


def read():
    with gzip.open(DATA, "rt") as lines:
        rows = np.loadtxt(lines, delimiter=",")
    if rows.shape != (1797, PIXELS + 1):
        raise SystemExit(f"{DATA}: found {rows.shape[0]} x {rows.shape[1]} numbers, expected 1797 x {PIXELS + 1}")
    levels = torch.from_numpy(rows[:, :PIXELS].astype(np.int64))
    return levels[:1000], levels[1000:1350], levels[1350:]


def train(net, data, validation, epochs):
    """Trains until patience is out; gives the best weights' loss on validation and the epochs that passed."""
    optimizer = torch.optim.Adamax(net.parameters(), lr=1e-3)
    best, best_state, since, epoch = math.inf, copy.deepcopy(net.state_dict()), 0, 0
    while since < PATIENCE and epoch < epochs:
        net.train()
        order = torch.randperm(len(data))
        for first in range(0, len(data), BATCH):
            optimizer.zero_grad()
            nats(net, data[order[first : first + BATCH]]).mean().backward()
            optimizer.step()
        epoch += 1
        loss = mean_nats(net, validation)
        since += 1
        if loss < best:
            best, best_state, since = loss, copy.deepcopy(net.state_dict()), 0
    net.load_state_dict(best_state)
    return best, epoch


def sample(net, count):
    """Draws digits, all of a batch side by side, with a pass over all pixels for each pixel."""
    net.eval()
    drawn = torch.zeros(count, PIXELS, dtype=torch.int64)
    with torch.no_grad():
        for pixel in range(PIXELS):
            logits = net(drawn.float().unsqueeze(1))[:, :, pixel]
            drawn[:, pixel] = torch.multinomial(torch.softmax(logits, dim=1), 1)[:, 0]
    return drawn


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="0: torch's own choice")
    parser.add_argument("--epochs", type=int, default=1000, help="at most")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="draw N digits by full passes")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    if options.threads > 0:
        torch.set_num_threads(options.threads)
    data, validation, test = read()
    net = network()
    start = time.perf_counter()
    best, epochs = train(net, data, validation, options.epochs)
    seconds = time.perf_counter() - start
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, seed {options.seed}: "
        f"test {mean_nats(net, test):.2f} nats, validation {best:.2f}, {epochs} epochs, {seconds:.1f} s"
    )
    if options.sample > 0:
        start = time.perf_counter()
        sample(net, options.sample)
        print(f"{options.sample} samples by full passes: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
