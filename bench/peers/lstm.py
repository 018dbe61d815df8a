"""One training step of a character LSTM by PyTorch, beside the same step of bench/dev/gatun/bench/RecurrentBenchmark.

nn.LSTM of `--layers` x `--hidden` over one-hot characters, a linear layer, cross-entropy, Adam; two threads.

    python bench/peers/lstm.py --steps 20
"""

import argparse
import statistics
import time

import torch
import torch.nn.functional as F


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cell", choices=["tanh", "gru", "lstm"], default="lstm")
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--hidden", type=int, default=256)
    parser.add_argument("--levels", type=int, default=65)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--length", type=int, default=100)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)

    kind = {"tanh": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[options.cell]
    rnn = kind(options.levels, options.hidden, options.layers, batch_first=True)
    head = torch.nn.Linear(options.hidden, options.levels)
    optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=2e-3)
    data = torch.randint(options.levels, (options.batch, options.length))

    def step():
        encoded = F.one_hot(data, options.levels).float()
        inputs = torch.cat([torch.zeros_like(encoded[:, :1]), encoded[:, :-1]], dim=1)
        logits = head(rnn(inputs)[0])
        loss = F.cross_entropy(logits.flatten(0, 1), data.flatten(), reduction="sum") / options.batch
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    times = []
    for number in range(options.steps + 3):
        begin = time.perf_counter()
        step()
        if number >= 3:
            times.append(time.perf_counter() - begin)
    print(f"{statistics.median(times) * 1e3:.1f} ms a step (median of {options.steps}, least {min(times) * 1e3:.1f})")


if __name__ == "__main__":
    main()
