"""Images of 28 x 28 drawn by JAX, cached by hand as one compiled loop: milliseconds for all images of a batch.

    python bench/peers/images.py [--models pixelcnn,gated] [--images 1,16] [--seconds 5]

pixelcnn: 7 x 7 A, 7 blocks of 32 and 16 features. gated: 12 layers of 64 features, 7 x 7 then 5 x 5; the vertical stack goes row by
row. What ImageSampleBenchmark draws; weights are of chance. Each sampler is first held against a pass over whole images.
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
ABOVE = [(r, c) for r in (-3, -2, -1) for c in range(-3, 4)]
LEFT = [(0, c) for c in (-3, -2, -1)]
random = np.random.RandomState(0)


def weights(*shape):
    return jnp.asarray((random.randn(*shape) / math.sqrt(shape[0])).astype("f"))


def layer(inputs, outputs):
    return weights(inputs, outputs), 0.1 * weights(outputs)


def dense(x, wb):
    return x @ wb[0] + wb[1]


def gate(x):
    a, b = jnp.split(x, 2, -1)
    return jnp.tanh(a) * nn.sigmoid(b)


def shifted(x, taps):
    """What each place of [rows, columns, n, features] sees at taps, zeros outside."""
    padded = jnp.pad(x, ((3, 3), (3, 3), (0, 0), (0, 0)))
    return jnp.concatenate([padded[3 + r: 3 + r + x.shape[0], 3 + c: 3 + c + x.shape[1]] for r, c in taps], -1)


def near(x, row, column, taps):
    """The same at one place of a map that has a border of three."""
    window = lax.dynamic_slice(x, (row, column, 0, 0), (4, 7) + x.shape[2:])
    return jnp.concatenate([window[3 + r, 3 + c] for r, c in taps], -1)


def put(x, row, column, value):
    return lax.dynamic_update_slice(x, value[None, None], (row + 3, column + 3, 0, 0))


def bordered(n, features):
    return jnp.zeros((SIDE + 3, SIDE + 6, n, features))


def drawn(uniforms, row, column, logits):
    return (uniforms[row, column] < nn.sigmoid(logits[:, 0])).astype(jnp.float32)[:, None]


class PixelCnn:
    TAPS = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 0)]

    def __init__(self, h=16, blocks=7):
        self.h, self.first = h, layer(24, 2 * h)
        self.blocks = [(layer(2 * h, h), layer(5 * h, h), layer(h, 2 * h)) for _ in range(blocks)]
        self.head = layer(2 * h, 2 * h), layer(2 * h, 1)

    def logits(self, x):
        v = dense(shifted(x, ABOVE + LEFT), self.first)
        for narrow, around, wide in self.blocks:
            c = nn.relu(dense(nn.relu(v), narrow))
            v = v + dense(nn.relu(dense(shifted(c, self.TAPS), around)), wide)
        return dense(nn.relu(dense(nn.relu(v), self.head[0])), self.head[1])

    def draw(self, uniforms):
        n = uniforms.shape[2]

        def pixel(k, state):
            x, maps = state
            row, column = k // SIDE, k % SIDE
            v, maps = dense(near(x, row, column, ABOVE + LEFT), self.first), list(maps)
            for i, (narrow, around, wide) in enumerate(self.blocks):
                maps[i] = put(maps[i], row, column, nn.relu(dense(nn.relu(v), narrow)))
                v = v + dense(nn.relu(dense(near(maps[i], row, column, self.TAPS), around)), wide)
            logits = dense(nn.relu(dense(nn.relu(v), self.head[0])), self.head[1])
            return put(x, row, column, drawn(uniforms, row, column, logits)), maps

        x, _ = lax.fori_loop(0, SIDE * SIDE, pixel, (bordered(n, 1), [bordered(n, self.h) for _ in self.blocks]))
        return x[3:, 3:-3]


class Gated:
    ROWS = [(r, c) for r in (-2, -1, 0) for c in range(-2, 3)]
    BEFORE = [(0, c) for c in (-2, -1, 0)]

    def __init__(self, f=64, layers=12):
        self.f, self.layers = f, []
        for i in range(layers):
            down, right = (21, 3) if i == 0 else (15 * f, 3 * f)
            self.layers.append((layer(down, 2 * f), layer(right, 2 * f), weights(2 * f, 2 * f), layer(f, f)))
        self.head = layer(f, f), layer(f, 1)

    def taps(self, i):
        return (ABOVE, LEFT) if i == 0 else (self.ROWS, self.BEFORE)

    def logits(self, x):
        v = h = x
        for i, (down, right, across, out) in enumerate(self.layers):
            above, before = self.taps(i)
            vertical = dense(shifted(v, above), down)
            r = dense(gate(dense(shifted(h, before), right) + vertical @ across), out)
            v, h = gate(vertical), r if i == 0 else h + r
        return dense(nn.relu(dense(nn.relu(h), self.head[0])), self.head[1])

    def vertical(self, x, maps, row):
        """A row of the vertical stack: what it adds to the horizontal one, and the maps with it."""
        seen, across, source = [], [], x
        for i, (down, _, to_right, _) in enumerate(self.layers):
            window = lax.dynamic_slice(source, (row, 0, 0, 0), (4,) + source.shape[1:])
            taps = self.taps(i)[0]
            seen = jnp.concatenate([window[3 + r, 3 + c: 3 + c + SIDE] for r, c in taps], -1)
            v = dense(seen, down)
            across.append(v @ to_right)
            if i + 1 < len(self.layers):
                maps[i] = lax.dynamic_update_slice(maps[i], gate(v)[None], (row + 3, 3, 0, 0))
                source = maps[i]
        return jnp.stack(across), maps

    def draw(self, uniforms):
        n, count = uniforms.shape[2], len(self.layers)

        def rows(row, state):
            x, maps = state
            across, maps = self.vertical(x, list(maps), row)

            def pixel(column, state):
                line, lines = state
                lines, h, seen = list(lines), None, lax.dynamic_slice(line, (column, 0, 0), (3, n, 1))
                here = lax.dynamic_slice(across, (0, column, 0, 0), (count, 1, n, 2 * self.f))[:, 0]
                for i, (_, right, _, out) in enumerate(self.layers):
                    r = dense(gate(dense(jnp.concatenate(list(seen), -1), right) + here[i]), out)
                    h = r if i == 0 else h + r
                    if i + 1 < count:
                        lines[i] = lax.dynamic_update_slice(lines[i], h[None], (column + 2, 0, 0))
                        seen = lax.dynamic_slice(lines[i], (column, 0, 0), (3, n, self.f))
                logits = dense(nn.relu(dense(nn.relu(h), self.head[0])), self.head[1])
                value = drawn(uniforms, row, column, logits)
                return lax.dynamic_update_slice(line, value[None], (column + 3, 0, 0)), lines

            empty = [jnp.zeros((SIDE + 2, n, self.f)) for _ in range(count - 1)]
            line, _ = lax.fori_loop(0, SIDE, pixel, (jnp.zeros((SIDE + 3, n, 1)), empty))
            return lax.dynamic_update_slice(x, line[3:][None], (row + 3, 3, 0, 0)), maps

        maps = [bordered(n, self.f) for _ in range(count - 1)]
        x, _ = lax.fori_loop(0, SIDE, rows, (bordered(n, 1), maps))
        return x[3:, 3:-3]


def check(model, draw):
    """A pass over the images that were drawn has the same values behind the same uniforms, but for roundings."""
    uniforms = jax.random.uniform(jax.random.PRNGKey(7), (SIDE, SIDE, 4))
    x = draw(uniforms)
    again = (uniforms < nn.sigmoid(model.logits(x)[..., 0])).astype(jnp.float32)
    different = int((again != x[..., 0]).sum())
    assert different <= 2, f"{different} of {x.size} pixels differ from a whole pass"


def milliseconds(draw, images, seconds):
    uniforms = [jax.random.uniform(jax.random.PRNGKey(k), (SIDE, SIDE, images)) for k in range(4)]
    draw(uniforms[0]).block_until_ready()
    times, begin = [], time.perf_counter()
    while time.perf_counter() - begin < seconds or len(times) < 3:
        start = time.perf_counter()
        draw(uniforms[len(times) % 4]).block_until_ready()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times), min(times)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", default="pixelcnn,gated")
    parser.add_argument("--images", default="1,16")
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    for name in options.models.split(","):
        model = {"pixelcnn": PixelCnn, "gated": Gated}[name]()
        draw = jax.jit(model.draw)
        check(model, draw)
        for images in map(int, options.images.split(",")):
            median, least = milliseconds(draw, images, options.seconds)
            print(f"{name:9s} {images:3d} images: {median:9.2f} ms (least {least:.2f})", flush=True)


if __name__ == "__main__":
    main()
