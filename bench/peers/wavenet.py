"""Cached sampling of the WaveNets of bench/dev/gatun/bench/WaveNets, written by hand as others would: microseconds a sample.

`jax`: the whole loop in one XLA program, earlier inputs in ring buffers; `torch`: eager, with a queue for each layer (Fast
WaveNet). Weights of chance, the draw of 256 levels by Gumbel noise that is made beforehand. Needs jax or torch.

    python bench/peers/wavenet.py W1 --by jax --streams 1

Beside it: java -jar target/benchmarks.jar LatencyBenchmark -p model=W1 -p chunk=64 -p threads=1 (microseconds of 64 samples).
"""

import argparse
import math
import statistics
import time

import numpy as np

# residual, skip and head channels, dilations
MODELS = {
    "W0": (16, 16, 16, [2**i for i in range(9)] * 2),
    "W1": (64, 256, 256, [2**i for i in range(10)] * 2),
    "W2": (128, 256, 256, [2**i for i in range(10)] * 4),
}
LEVELS = 256


def weights(model):
    """Of each layer dilated [2R, 2R] (earlier input, input), residual, skip; of the head two products."""
    residual, skip, head, dilations = MODELS[model]
    random = np.random.default_rng(0)

    def product(outputs, inputs):
        w = random.standard_normal((inputs, outputs)) / math.sqrt(inputs)
        return w.astype(np.float32), np.zeros(outputs, np.float32)

    layers = [
        (product(2 * residual, 2 * residual), product(residual, residual), product(skip, residual)) for _ in dilations
    ]
    embedding = random.standard_normal((LEVELS, residual)).astype(np.float32)
    return embedding, layers, product(head, skip), product(LEVELS, head)


def by_jax(model, streams, steps):
    import jax
    import jax.numpy as jnp

    residual, _, _, dilations = MODELS[model]
    embedding, layers, first, second = jax.tree.map(jnp.asarray, weights(model))
    affine = lambda x, product: x @ product[0] + product[1]

    def step(state, noise):
        level, rings, t = state
        x, skips, kept = embedding[level], 0, []
        for (dilated, out, skip), dilation, ring in zip(layers, dilations, rings):
            before = jax.lax.dynamic_index_in_dim(ring, t % dilation, 0, False)
            kept.append(jax.lax.dynamic_update_index_in_dim(ring, x, t % dilation, 0))
            y = affine(jnp.concatenate([before, x], -1), dilated)
            z = jnp.tanh(y[:, :residual]) * jax.nn.sigmoid(y[:, residual:])
            x, skips = x + affine(z, out), skips + affine(z, skip)
        logits = affine(jax.nn.relu(affine(jax.nn.relu(skips), first)), second)
        level = jnp.argmax(logits + noise, -1).astype(jnp.int32)
        return (level, kept, t + 1), level

    run = jax.jit(lambda state, noise: jax.lax.scan(step, state, noise))
    state = (
        jnp.zeros(streams, jnp.int32),
        [jnp.zeros((d, streams, residual), jnp.float32) for d in dilations],
        jnp.int32(0),
    )
    noise = jax.random.gumbel(jax.random.PRNGKey(0), (steps, streams, LEVELS))
    state, _ = run(state, noise)

    def all_steps():
        nonlocal state
        state, levels = run(state, noise)
        levels.block_until_ready()

    return all_steps


def by_torch(model, streams, steps):
    import torch

    residual, _, _, dilations = MODELS[model]
    embedding, layers, first, second = weights(model)
    tensor = lambda product: tuple(torch.from_numpy(part) for part in product)
    embedding, first, second = torch.from_numpy(embedding), tensor(first), tensor(second)
    layers = [tuple(tensor(product) for product in layer) for layer in layers]
    affine = lambda x, product: torch.addmm(product[1], x, product[0])
    queues = [[torch.zeros(streams, residual) for _ in range(d)] for d in dilations]
    noise = -torch.log(torch.empty(steps, streams, LEVELS).exponential_())
    level, clock = torch.zeros(streams, dtype=torch.long), 0

    @torch.inference_mode()
    def all_steps():
        nonlocal level, clock
        for t in range(steps):
            x, skips = embedding[level], 0
            for (dilated, out, skip), queue in zip(layers, queues):
                place = clock % len(queue)
                before, queue[place] = queue[place], x
                y = affine(torch.cat([before, x], 1), dilated)
                z = torch.tanh(y[:, :residual]) * torch.sigmoid(y[:, residual:])
                x, skips = x + affine(z, out), skips + affine(z, skip)
            logits = affine(torch.relu(affine(torch.relu(skips), first)), second)
            level = torch.argmax(logits + noise[t], 1)
            clock += 1

    return all_steps


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=sorted(MODELS))
    parser.add_argument("--by", choices=["jax", "torch"], default="jax")
    parser.add_argument("--streams", type=int, default=1)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--times", type=int, default=9)
    options = parser.parse_args()
    run = {"jax": by_jax, "torch": by_torch}[options.by](options.model, options.streams, options.steps)
    run()
    times = []
    for _ in range(options.times):
        begin = time.perf_counter()
        run()
        times.append((time.perf_counter() - begin) / options.steps * 1e6)
    print(f"{statistics.median(times):.2f} microseconds a step of all streams (least {min(times):.2f})")


if __name__ == "__main__":
    main()
