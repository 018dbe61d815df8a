"""PixelCNN++ by the reference in PyTorch, from the weights of a model file and over the batches that `gatun train` takes.

    python bench/peers/pixelcnn_pp.py REFERENCE START.safetensors IMAGES.npz --batch 8 --epochs 5 --learning-rate 0.001

REFERENCE is the folder that holds the package `reference`; IMAGES.npz has `images` [N, 32, 32, 3] or [N, 3, 32, 32] of levels.
Prints what `--log` writes of each epoch: the mean loss of its batches, in nats, and the time of its steps.
"""

import argparse
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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("reference")
    parser.add_argument("model")
    parser.add_argument("images")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--learning-rate", type=float, default=0.001)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    sys.path.insert(0, given.reference)
    torch.set_num_threads(given.threads)
    from reference import load

    images = np.load(given.images)["images"]
    x = torch.from_numpy(images if images.shape[1] == 3 else images.transpose(0, 3, 1, 2).copy()).long()
    model = load(given.model)
    for value in model.parameters.values():
        value.requires_grad_(True)
    steps = torch.optim.Adam(model.parameters.values(), given.learning_rate)
    for epoch in range(given.epochs):
        begin, losses = time.time(), []
        for batch in np.array_split(order(len(x), given.seed, epoch), range(given.batch, len(x), given.batch)):
            steps.zero_grad()
            loss = model.nats(x[batch]).mean()
            loss.backward()
            steps.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: {np.mean(losses):.4f} nats, {time.time() - begin:.1f} s", flush=True)


if __name__ == "__main__":
    main()
