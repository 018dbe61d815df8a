"""An image model trained by the reference in PyTorch, from the weights of a model file and over the batches that `gatun train` takes.

    python bench/peers/reference_training.py REFERENCE START.safetensors IMAGES.npz --batch 8 --epochs 5 --learning-rate 0.001

REFERENCE is the folder that holds the package `reference`; IMAGES.npz has `images`, or `train` and `valid`, levels [N, 32, 32, 3] or
[N, 3, 32, 32]. Those of `valid` are judged after each epoch; --condition is a .npz file with their classes under the same names.
Prints what `--log` writes of each epoch: the mean loss of its batches, in nats, the bits a dimension of the
validation, and the time of its steps.
"""

import argparse
import math
import sys
import time

import numpy as np
import torch

PURPOSE = 0x73687566  # of shuffling: dev.gatun.train.Shuffle


def order(count, seed, epoch):
    from reference.philox import philox4x32_10

    words = philox4x32_10((PURPOSE, np.arange(count), epoch, 0), (seed, seed >> 32))[0]
    found = np.arange(count)
    for i in range(count - 1, 0, -1):
        j = int(words[i]) * (i + 1) >> 32
        found[[i, j]] = found[[j, i]]
    return found


def images(arrays, key, device):
    found = arrays[key]
    return torch.from_numpy(found if found.shape[1] == 3 else found.transpose(0, 3, 1, 2).copy()).long().to(device)


def classes(file, key, device):
    return None if file is None else torch.from_numpy(np.load(file)[key].astype(np.int64)).to(device)


def judged(model, x, condition, batch):
    with torch.no_grad():
        parts = [model.nats(x[i:i + batch], None if condition is None else condition[i:i + batch]) for i in range(0, len(x), batch)]
    return torch.cat(parts).mean().item() / (x[0].numel() * math.log(2))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("reference")
    parser.add_argument("model")
    parser.add_argument("images")
    parser.add_argument("--condition")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--learning-rate", type=float, default=0.001)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    sys.path.insert(0, given.reference)
    torch.set_num_threads(given.threads)
    from reference import load

    device = given.device
    arrays = np.load(given.images)
    key = "train" if "train" in arrays else "images"
    x, condition = images(arrays, key, device), classes(given.condition, key, device)
    valid = images(arrays, "valid", device) if "valid" in arrays else None
    judge_by = None if valid is None else classes(given.condition, "valid", device)
    model = load(given.model)
    torch.set_default_device(device)
    masks = model.layout.masks
    masks.update({name: mask.to(device) for name, mask in masks.items()})
    model.parameters = {name: value.detach().to(device).requires_grad_(True) for name, value in model.parameters.items()}
    steps = torch.optim.Adam(model.parameters.values(), given.learning_rate)
    for epoch in range(given.epochs):
        begin, losses = time.time(), []
        for batch in np.array_split(order(len(x), given.seed, epoch), range(given.batch, len(x), given.batch)):
            steps.zero_grad()
            loss = model.nats(x[batch], None if condition is None else condition[batch]).mean()
            loss.backward()
            steps.step()
            losses.append(loss.detach())
        line = f"epoch {epoch + 1}: {torch.stack(losses).mean().item():.4f} nats, {time.time() - begin:.1f} s"
        if valid is not None:
            line += f", validation {judged(model, valid, judge_by, 2 * given.batch):.4f} bits per dimension"
        print(line, flush=True)


if __name__ == "__main__":
    main()
