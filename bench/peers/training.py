"""Training steps in PyTorch, as everyone writes them: milliseconds a step, beside ImageTrainBenchmark.step and TrainStepBenchmark.step.

    python bench/peers/training.py [--device cuda] [--batch 128] [--models P1,P2,row,diagonal] [--tf32] [--bf16] [--compile]
    MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=9999999999 MALLOC_TOP_PAD_=268435456 \
        python bench/peers/training.py --device cpu --threads 2 --batch 16 [--models P1,P2,row,row1,diagonal,diagonal1,W1]

P1: PixelCNN 28 x 28, 7 x 7 A, 7 blocks, h = 16. P2: gated PixelCNN, 64 features, 12 layers of 5 x 5. row, diagonal: PixelRNN,
7 layers of h = 16; row1, diagonal1: one of h = 32. W1: WaveNet of 20 layers, 64 residual and 256 skip channels, one second of 16,000
samples, whatever the batch, and its likelihood. P++: PixelCNN++ 28 x 28, 160 features, 5 blocks a scale, 5 components of its mixture.
Forward, backward and Adam; medians, on a CUDA device by its own clock. Products are
float32 unless told otherwise. With the memory settings above PyTorch is up to three times as fast on a CPU.
"""
import argparse
import math
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F


class Masked(nn.Conv2d):
    """A convolution that sees what is above and to the left (A), and the position itself (B)."""

    def __init__(self, kind, inputs, outputs, rows, columns):
        super().__init__(inputs, outputs, (rows, columns), padding=(rows // 2, columns // 2))
        mask = torch.ones(rows, columns)
        mask[rows // 2, columns // 2 + (kind == "B"):] = 0
        mask[rows // 2 + 1:] = 0
        self.register_buffer("mask", mask)

    def forward(self, x):
        return F.conv2d(x, self.weight * self.mask, self.bias, padding=self.padding)


class Residual(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return x + self.body(x)


def head(features, inner):
    return [nn.ReLU(), nn.Conv2d(features, inner, 1), nn.ReLU(), nn.Conv2d(inner, 1, 1)]


def pixelcnn(h=16, blocks=7):
    block = lambda: Residual(nn.Sequential(
        nn.ReLU(), nn.Conv2d(2 * h, h, 1), nn.ReLU(), Masked("B", h, h, 3, 3), nn.ReLU(), nn.Conv2d(h, 2 * h, 1)))
    return nn.Sequential(Masked("A", 1, 2 * h, 7, 7), *[block() for _ in range(blocks)], *head(2 * h, 2 * h))


class GatedLayer(nn.Module):
    def __init__(self, inputs, features, kernel, first):
        super().__init__()
        self.first, half = first, kernel // 2
        self.half = half
        self.vertical = nn.Conv2d(inputs, 2 * features, (half + 1, kernel))
        self.horizontal = nn.Conv2d(inputs, 2 * features, (1, half if first else half + 1))
        self.across = nn.Conv2d(2 * features, 2 * features, 1)
        self.out = nn.Conv2d(features, features, 1)

    def forward(self, both):
        v, h = both
        half, first = self.half, self.first
        down = self.vertical(F.pad(v, (half, half, half + first, 0)))
        right = self.horizontal(F.pad(h, (half, 0, 0, 0)))
        if first:
            down, right = down[:, :, :-1], right[:, :, :, :-1]
        right = right + self.across(down)
        gate = lambda x: torch.tanh(x[:, : x.shape[1] // 2]) * torch.sigmoid(x[:, x.shape[1] // 2:])
        out = self.out(gate(right))
        return gate(down), out if first else h + out


class Gated(nn.Module):
    def __init__(self, features=64, layers=12):
        super().__init__()
        self.layers = nn.ModuleList([GatedLayer(1, features, 7, True)]
                                    + [GatedLayer(features, features, 5, False) for _ in range(layers - 1)])
        self.head = nn.Sequential(*head(features, features))

    def forward(self, x):
        both = x, x
        for layer in self.layers:
            both = layer(both)
        return self.head(both[1])


def cell(gates, c):
    o, f, i, g = gates.chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


class RowLstm(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.h = h
        self.input = Masked("B", 2 * h, 4 * h, 1, 3)
        self.state = nn.Conv1d(h, 4 * h, 3, padding=1, bias=False)
        self.expand = nn.Conv2d(h, 2 * h, 1)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.h, x.shape[3])
        rows = []
        for row in self.input(x).unbind(2):
            h, c = cell(row + self.state(h), c)
            rows.append(h)
        return x + self.expand(torch.stack(rows, 2))


def skewed(x):
    n, f, rows, columns = x.shape
    return F.pad(x, (0, rows)).reshape(n, f, -1)[:, :, : rows * (columns + rows - 1)].reshape(n, f, rows, -1)


def straight(x, columns):
    n, f, rows, width = x.shape
    return F.pad(x.reshape(n, f, -1), (0, rows)).reshape(n, f, rows, width + 1)[..., :columns]


class Stream(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.h = h
        self.input = nn.Conv2d(2 * h, 4 * h, 1)
        self.state = nn.Conv1d(h, 4 * h, 2, bias=False)

    def forward(self, x):
        h = c = x.new_zeros(x.shape[0], self.h, x.shape[2])
        columns = []
        for column in self.input(skewed(x)).unbind(3):
            h, c = cell(column + self.state(F.pad(h, (1, 0))), c)
            columns.append(h)
        return straight(torch.stack(columns, 3), x.shape[3])


class DiagonalBiLstm(nn.Module):
    def __init__(self, h):
        super().__init__()
        self.left, self.right, self.expand = Stream(h), Stream(h), nn.Conv2d(h, 2 * h, 1)

    def forward(self, x):
        right = self.right(x.flip(3)).flip(3)
        return x + self.expand(self.left(x) + F.pad(right, (0, 0, 1, 0))[:, :, :-1])


def pixelrnn(layer, h=16, layers=7):
    return nn.Sequential(Masked("A", 1, 2 * h, 7, 7), *[layer(h) for _ in range(layers)], *head(2 * h, 2 * h))


def doubled(x):
    return F.elu(torch.cat([x, -x], 1))


class Shifted(nn.Conv2d):
    """Sees rows above and its own; down: columns on both sides, else those on the left."""

    def __init__(self, inputs, outputs, down, stride=1):
        super().__init__(inputs, outputs, (2, 3 if down else 2), stride)
        self.around = (1, 1, 1, 0) if down else (1, 0, 1, 0)

    def forward(self, x):
        return super().forward(F.pad(x, self.around))


class Grown(nn.ConvTranspose2d):
    """Twice the rows and columns."""

    def __init__(self, features, down):
        super().__init__(features, features, (2, 3 if down else 2), 2, output_padding=(0, 1) if down else 0)
        self.down = down

    def forward(self, x):
        y = super().forward(x)
        return y[:, :, :, 1:-1] if self.down else y


class GatedResidual(nn.Module):
    def __init__(self, features, down, other):
        super().__init__()
        self.first = Shifted(2 * features, features, down)
        self.skip = nn.Conv2d(2 * other * features, features, 1) if other else None
        self.second = Shifted(2 * features, 2 * features, down)

    def forward(self, x, other=None):
        y = self.first(doubled(x))
        if other is not None:
            y = y + self.skip(doubled(other))
        a, b = self.second(doubled(y)).chunk(2, 1)
        return x + a * torch.sigmoid(b)


class PixelCnnPp(nn.Module):
    def __init__(self, features=160, blocks=5, components=5):
        super().__init__()
        self.starts = nn.ModuleList([nn.Conv2d(2, features, (2, 3)), nn.Conv2d(2, features, (1, 3)), nn.Conv2d(2, features, (2, 1))])
        self.ups, self.downs = nn.ModuleList(), nn.ModuleList()
        for scale in range(3):
            self.ups.append(nn.ModuleList([nn.ModuleList([GatedResidual(features, True, 0), GatedResidual(features, False, 1)])
                                           for _ in range(blocks)]))
            self.downs.append(nn.ModuleList([nn.ModuleList([GatedResidual(features, True, 1), GatedResidual(features, False, 2)])
                                             for _ in range(blocks + (scale > 0))]))
        self.shrink = nn.ModuleList([nn.ModuleList([Shifted(features, features, down, 2) for down in (True, False)]) for _ in range(2)])
        self.grow = nn.ModuleList([nn.ModuleList([Grown(features, down) for down in (True, False)]) for _ in range(2)])
        self.last = nn.Conv2d(features, 3 * components, 1)

    def start(self, x):
        x = torch.cat([2 * x - 1, torch.ones_like(x)], 1)
        both, above, left = self.starts
        v = both(F.pad(x, (1, 1, 2, 0)))[:, :, :-1]
        h = above(F.pad(x, (1, 1, 1, 0)))[:, :, :-1] + left(F.pad(x, (1, 0, 1, 0)))[:, :, :, :-1]
        return v, h

    def forward(self, x):
        kept = [self.start(x)]
        for scale, layers in enumerate(self.ups):
            for vertical, horizontal in layers:
                v = vertical(kept[-1][0])
                kept.append((v, horizontal(kept[-1][1], v)))
            if scale < 2:
                kept.append(tuple(shrink(y) for shrink, y in zip(self.shrink[scale], kept[-1])))
        v, h = kept.pop()
        for scale, layers in enumerate(self.downs):
            for vertical, horizontal in layers:
                other_v, other_h = kept.pop()
                v = vertical(v, other_v)
                h = horizontal(h, torch.cat([v, other_h], 1))
            if scale < 2:
                v, h = (grow(y) for grow, y in zip(self.grow[scale], (v, h)))
        return self.last(F.elu(h))


def mixture_loss(outputs, y):
    """Of two levels, -1 and 1, by a mixture of discretised logistics: the lower takes all below 0, the upper all above."""
    weights, means, scales = outputs.chunk(3, 1)
    upper = -means * torch.exp(-scales.clamp(min=-7))
    each = torch.where(y > 0.5, F.logsigmoid(-upper), F.logsigmoid(upper))
    return -torch.logsumexp(F.log_softmax(weights, 1) + each, 1).mean()


class WaveNet(nn.Module):
    def __init__(self, residual=64, skip=256, levels=256, layers=20):
        super().__init__()
        self.dilations = [2 ** (i % 10) for i in range(layers)]
        self.embedding = nn.Embedding(levels, residual)
        self.dilated = nn.ModuleList([nn.Conv1d(residual, 2 * residual, 2, dilation=d) for d in self.dilations])
        self.residual = nn.ModuleList([nn.Conv1d(residual, residual, 1) for _ in self.dilations])
        self.skip = nn.ModuleList([nn.Conv1d(residual, skip, 1) for _ in self.dilations])
        self.head = nn.Sequential(nn.ReLU(), nn.Conv1d(skip, skip, 1), nn.ReLU(), nn.Conv1d(skip, levels, 1))

    def forward(self, x):
        x, skips = self.embedding(x).transpose(1, 2), 0
        for dilation, dilated, residual, skip in zip(self.dilations, self.dilated, self.residual, self.skip):
            a, b = dilated(F.pad(x, (dilation, 0))).chunk(2, 1)
            z = torch.tanh(a) * torch.sigmoid(b)
            x, skips = x + residual(z), skips + skip(z)
        return self.head(skips)


MODELS = {
    "P1": pixelcnn,
    "P2": Gated,
    "row": lambda: pixelrnn(RowLstm),
    "row1": lambda: pixelrnn(RowLstm, 32, 1),
    "diagonal": lambda: pixelrnn(DiagonalBiLstm),
    "diagonal1": lambda: pixelrnn(DiagonalBiLstm, 32, 1),
    "W1": WaveNet,
    "P++": PixelCnnPp,
}


def data(model, options):
    if isinstance(model, WaveNet):
        x = torch.randint(0, 256, (1, 16000), device=options.device)
        return x, x
    x = (torch.rand(options.batch, 1, 28, 28, device=options.device) > 0.5).float()
    return x, x


def loss_of(logits, y):
    if logits.shape[1:2] == (15,):
        return mixture_loss(logits, y)
    return F.cross_entropy(logits, y) if logits.shape != y.shape else F.binary_cross_entropy_with_logits(logits, y)


def calls_of(model, options):
    """A training step, and the loss alone."""
    x, y = data(model, options)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, fused=True)
    forward = torch.compile(model, dynamic=False) if options.compile else model

    def loss():
        with torch.autocast(options.device, torch.bfloat16, enabled=options.bf16):
            logits = forward(x)
        return loss_of(logits.float(), y)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss().backward()
        optimizer.step()

    return step, torch.no_grad()(loss)


def timed(call, cuda):
    if not cuda:
        begin = time.perf_counter()
        call()
        return 1e3 * (time.perf_counter() - begin)
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin.record()
    call()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end)


def milliseconds(call, options):
    times, spent = [], 0.0
    for i in range(10000):
        took = timed(call, options.device == "cuda")
        if i < 3:
            continue
        times.append(took)
        spent += took
        if spent > 1e3 * options.seconds and len(times) >= 5:
            break
    return statistics.median(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2, help="of a CPU")
    parser.add_argument("--models", default="P1,P2,row,diagonal")
    parser.add_argument("--seconds", type=float, default=1.5)
    for flag in ("tf32", "bf16", "compile"):
        parser.add_argument("--" + flag, action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.tf32
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(0)
    where = torch.cuda.get_device_name() if options.device == "cuda" else f"{options.threads} threads"
    how = [flag for flag in ("tf32", "bf16", "compile") if getattr(options, flag)]
    print(f"PyTorch {torch.__version__}, {where}, batch {options.batch} {' '.join(how)}", flush=True)
    for name in options.models.split(","):
        step, loss = calls_of(MODELS[name]().to(options.device), options)
        line = f"{name:10} {milliseconds(step, options):9.2f} ms a step"
        print(line + (f", {milliseconds(loss, options):9.2f} the likelihood alone" if name == "W1" else ""), flush=True)


if __name__ == "__main__":
    main()
