"""Training steps of PixelRNN in JAX, each one compiled program with a scan over rows or diagonals: milliseconds a step.

    python bench/peers/pixelrnn.py [--models row,row1,diagonal,diagonal1] [--batch 16] [--unroll 1] [--seconds 5]

row, diagonal: 7 layers of h = 16; row1, diagonal1: one of h = 32; images of 28 x 28, forward, backward and Adam. What
ImageTrainBenchmark.step does; `bench/peers/training.py` has the same in PyTorch. Features lie last.
"""
import argparse
import math
import statistics
import time

import jax
import numpy as np
from jax import lax, nn
from jax import numpy as jnp

SIDE = 28
BEFORE = [(r, c) for r in range(4) for c in range(7) if r < 3 or c < 3]  # 7 x 7 type A
random = np.random.RandomState(0)


def layer(inputs, outputs, bias=True):
    weight = jnp.asarray((random.randn(inputs, outputs) / math.sqrt(inputs)).astype("f"))
    return (weight, jnp.zeros(outputs)) if bias else weight


def dense(x, wb):
    return x @ wb[0] + wb[1]


def cell(gates, c):
    o, f, i, g = jnp.split(gates, 4, -1)
    c = nn.sigmoid(f) * c + nn.sigmoid(i) * jnp.tanh(g)
    return nn.sigmoid(o) * jnp.tanh(c), c


def moved(x, axis, by):
    """By `by` places along an axis; zeros enter."""
    rest = lax.slice_in_dim(x, max(-by, 0), x.shape[axis] - max(by, 0), axis=axis)
    return jnp.pad(rest, [(max(by, 0), max(-by, 0)) if a == axis else (0, 0) for a in range(x.ndim)])


def scanned(gates, state, around, options):
    """An LSTM over the first axis of `gates`; `around` gathers what the state's weights see of h."""
    def step(carry, now):
        h, c = cell(now + around(carry[0]) @ state, carry[1])
        return (h, c), h

    zero = jnp.zeros(gates.shape[1:-1] + (gates.shape[-1] // 4,))
    return lax.scan(step, (zero, zero), gates, unroll=options.unroll)[1]


def row_parameters(h):
    return {"input": layer(4 * h, 4 * h), "state": layer(3 * h, 4 * h, False), "expand": layer(h, 2 * h)}


def row_lstm(x, p, options):
    gates = dense(jnp.concatenate([moved(x, 2, 1), x], -1), p["input"])  # 1 x 3 type B
    around = lambda h: jnp.concatenate([moved(h, 1, 1), h, moved(h, 1, -1)], -1)
    h = scanned(jnp.moveaxis(gates, 1, 0), p["state"], around, options)
    return x + dense(jnp.moveaxis(h, 0, 1), p["expand"])


def skewed(x):
    """Row r moved r places to the right."""
    n, rows, columns, features = x.shape
    wide = jnp.pad(x, ((0, 0), (0, 0), (0, rows), (0, 0))).reshape(n, -1, features)
    return wide[:, : rows * (columns + rows - 1)].reshape(n, rows, columns + rows - 1, features)


def straight(x, columns):
    n, rows, width, features = x.shape
    wide = jnp.pad(x.reshape(n, rows * width, features), ((0, 0), (0, rows), (0, 0)))
    return wide.reshape(n, rows, width + 1, features)[:, :, :columns]


def stream(x, p, options):
    gates = skewed(dense(x, p["input"]))
    around = lambda h: jnp.concatenate([moved(h, 1, 1), h], -1)
    h = scanned(jnp.moveaxis(gates, 2, 0), p["state"], around, options)
    return straight(jnp.moveaxis(h, 0, 2), x.shape[2])


def diagonal_parameters(h):
    one = lambda: {"input": layer(2 * h, 4 * h), "state": layer(2 * h, 4 * h, False)}
    return {"left": one(), "right": one(), "expand": layer(h, 2 * h)}


def diagonal_bilstm(x, p, options):
    right = stream(x[:, :, ::-1], p["right"], options)[:, :, ::-1]
    return x + dense(stream(x, p["left"], options) + moved(right, 1, 1), p["expand"])


KINDS = {"row": (row_lstm, row_parameters), "diagonal": (diagonal_bilstm, diagonal_parameters)}


def model(name, options):
    kind, single = name.rstrip("1"), name.endswith("1")
    body, parameters = KINDS[kind]
    h = 32 if single else 16
    start = {"first": layer(len(BEFORE), 2 * h), "layers": [parameters(h) for _ in range(1 if single else 7)],
             "head": [layer(2 * h, 2 * h), layer(2 * h, 1)]}

    def loss(p, x):
        wide = jnp.pad(x, ((0, 0), (3, 0), (3, 3)))
        v = dense(jnp.stack([wide[:, r:r + SIDE, c:c + SIDE] for r, c in BEFORE], -1), p["first"])
        for one in p["layers"]:
            v = body(v, one, options)
        logits = dense(nn.relu(dense(nn.relu(v), p["head"][0])), p["head"][1])[..., 0]
        return jnp.mean(jnp.maximum(logits, 0) - logits * x + jnp.log1p(jnp.exp(-jnp.abs(logits))))

    return start, loss


def adam(loss, rate=1e-3, b1=0.9, b2=0.999, epsilon=1e-8):
    def step(p, m, v, t, x):
        g = jax.grad(loss)(p, x)
        m = jax.tree.map(lambda a, b: b1 * a + (1 - b1) * b, m, g)
        v = jax.tree.map(lambda a, b: b2 * a + (1 - b2) * b * b, v, g)
        scale = rate * jnp.sqrt(1 - b2 ** t) / (1 - b1 ** t)
        return jax.tree.map(lambda a, b, c: a - scale * b / (jnp.sqrt(c) + epsilon), p, m, v), m, v

    return jax.jit(step, donate_argnums=(0, 1, 2))


def milliseconds(name, options):
    p, loss = model(name, options)
    x = jnp.asarray((random.rand(options.batch, SIDE, SIDE) > 0.5).astype("f"))
    m, v = jax.tree.map(jnp.zeros_like, p), jax.tree.map(jnp.zeros_like, p)
    step, times, t = adam(loss), [], 0
    while len(times) < 8 or sum(times) < options.seconds:
        t += 1
        begin = time.perf_counter()
        p, m, v = jax.block_until_ready(step(p, m, v, float(t), x))
        times.append(time.perf_counter() - begin)
        if t == 3:
            times.clear()  # compiled, warm
    return 1e3 * statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default="row,row1,diagonal,diagonal1")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--unroll", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    print(f"JAX {jax.__version__}, batch {options.batch}, unroll {options.unroll}", flush=True)
    for name in options.models.split(","):
        print(f"{name:10} {milliseconds(name, options):9.2f} ms a step", flush=True)


if __name__ == "__main__":
    main()
