"""Records cases of Gated PixelCNNs with a plain stem, dilations and other heads, which the reference does not have.

    python bench/peers/gated_cases.py REFERENCE OUT

REFERENCE is the folder that holds the package `reference`, the families in plain PyTorch; OUT is src/test/resources/golden,
whose README says what is written. `Extended` is what the keys `stem`, `dilations`, `head_activation` and `head_features` = 0
mean.
"""

import os
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, sys.argv[1])
from reference import modelfile  # noqa: E402
from reference.cases import random_model, write_case  # noqa: E402
from reference.image import GatedPixelCNN, gate  # noqa: E402
from reference.model import Tensors, check, check_keys, check_whole  # noqa: E402

HEADS = {"relu": torch.relu, "leaky_relu": lambda x: F.leaky_relu(x, 0.01), "tanh": torch.tanh, "sigmoid": torch.sigmoid, "elu": F.elu}


class Extended(GatedPixelCNN):
    keys = {**GatedPixelCNN.keys, "dilations": None, "stem": None, "head_activation": None}

    def check_options(self):
        given = self.options["condition"]
        if given is not None:
            check_keys("condition", given, {"type": ..., self.conditions[given["type"]]: ...})
        check_whole("head_features", self.options["head_features"], 0)
        check(self.options["stem"] in (None, "plain"), "stem")
        check(len(self.dilations) == self.options["layers"], "dilations")

    @property
    def stem(self):
        return self.options["stem"] is not None

    @property
    def dilations(self):
        return self.options["dilations"] or [1] * self.options["layers"]

    def kernel(self, i):
        return self.options["kernel_size"] if i or self.stem else self.options["first_kernel_size"]

    def tensors(self):
        t = Tensors()
        p, s, given = (self.options[key] for key in ("features", "skip_features", "condition"))
        if self.stem:
            k = self.options["first_kernel_size"]
            t.pair("input.vertical", (p, self.inputs_per_pixel, k // 2, k))
            self.masked(t, "input.horizontal", (p, self.inputs_per_pixel, 1, k // 2 + 1), "A", centre=(0, k // 2))
        for i in range(self.options["layers"]):
            m = self.kernel(i) // 2
            first = i == 0 and not self.stem
            inputs = self.inputs_per_pixel if first else p
            name = f"layers.{i}"
            t.pair(f"{name}.vertical", (2 * p, inputs, m + 1, 2 * m + 1))
            self.masked(t, f"{name}.horizontal", (2 * p, inputs, 1, m + 1), "A" if first else "B", parts=2, centre=(0, m))
            t.pair(f"{name}.vertical_to_horizontal", (2 * p, 2 * p, 1, 1))
            self.masked(t, f"{name}.horizontal_out", (p, p, 1, 1))
            if s:
                self.masked(t, f"{name}.skip", (s, p, 1, 1))
            if given is not None:
                size = (2 * p, given[self.conditions[given["type"]]])
                size = (*size, 1, 1) if given["type"] == "spatial" else size
                t.add(f"{name}.vertical_condition.weight", size)
                t.add(f"{name}.horizontal_condition.weight", size)
        f = self.options["head_features"]
        if f:
            self.masked(t, "head.0", (f, s or p, 1, 1))
        self.masked(t, "head.1", (self.outputs_per_place, f or s or p, 1, 1))
        return t

    def network(self, e, x, condition):
        condition = self.check_condition(condition, e.shape[0])
        v = h = e
        if self.stem:
            k, m = self.options["first_kernel_size"], self.options["first_kernel_size"] // 2
            weight, bias = self.pair("input.vertical")
            v = F.conv2d(F.pad(e, (m, m, m, 0)), weight, bias)[:, :, :-1]  # rows i-m .. i-1
            weight, bias = self.pair("input.horizontal")
            h = F.conv2d(F.pad(e, (m, 0)), weight, bias)
        skips = 0.0
        for i, d in enumerate(self.dilations):
            name = f"layers.{i}"
            m = self.kernel(i) // 2 * d
            weight, bias = self.pair(f"{name}.vertical")
            below = F.conv2d(F.pad(v, (m, m, m, 0)), weight, bias, dilation=d)
            below = below + self.from_condition(f"{name}.vertical_condition", condition)
            across = self.conv(f"{name}.vertical_to_horizontal", below)
            if not self.stem:
                across = F.pad(across, (0, 0, 1, 0))[:, :, :-1]
            weight, bias = self.pair(f"{name}.horizontal")
            right = F.conv2d(F.pad(h, (m, 0)), weight, bias, dilation=d) + across
            right = gate(right + self.from_condition(f"{name}.horizontal_condition", condition))
            v = gate(below)
            if self.options["skip_features"]:
                skips = skips + self.conv(f"{name}.skip", right)
            out = self.conv(f"{name}.horizontal_out", right)
            h = h + out if i or self.stem else out
        z = skips if self.options["skip_features"] else h
        act = HEADS[self.options["head_activation"] or "relu"]
        if self.options["head_features"]:
            z = self.conv("head.0", act(z))
        return self.conv("head.1", act(z))


def image(height, width, channels, levels):
    return {"kind": "image", "height": height, "width": width, "channels": channels, "levels": levels}


CATEGORICAL, BERNOULLI = {"type": "categorical"}, {"type": "bernoulli"}

# name: configuration, then what random_model and write_case take
CASES = {
    "gated_pixelcnn-stem-dilated": (
        image(7, 6, 1, 5),
        CATEGORICAL,
        {
            "features": 5,
            "layers": 4,
            "first_kernel_size": 3,
            "head_features": 0,
            "stem": "plain",
            "dilations": [1, 2, 4, 1],
            "head_activation": "elu",
            "input": "scaled",
        },
        {"n": 3, "junk": "nan", "mode": True},
    ),
    "gated_pixelcnn-stem-rgb": (
        image(4, 5, 3, 4),
        CATEGORICAL,
        {
            "features": 6,
            "layers": 2,
            "first_kernel_size": 5,
            "skip_features": 9,
            "head_features": 6,
            "stem": "plain",
            "dilations": [3, 1],
            "head_activation": "tanh",
            "condition": {"type": "class", "classes": 3},
            "input": "one_hot",
        },
        {"n": 2, "junk": "large"},
    ),
    "gated_pixelcnn-dilated": (
        image(6, 5, 1, 2),
        BERNOULLI,
        {"features": 6, "layers": 3, "first_kernel_size": 3, "head_features": 7, "dilations": [2, 1, 9], "head_activation": "leaky_relu"},
        {"n": 2, "junk": "nan"},
    ),
}


def main(out):
    modelfile.FAMILIES["gated_pixelcnn"] = Extended
    for number, (name, (data, distribution, keys, options)) in enumerate(CASES.items()):
        options = dict(options)
        config = {"format": 1, "architecture": "gated_pixelcnn", "data": data, "distribution": distribution, **keys}
        model = random_model(config, 7000 + 100 * number, junk=options.pop("junk"))
        print(name, write_case(os.path.join(out, name), model, options.pop("n"), 7001 + 100 * number, seed=number, **options))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(sys.argv[2])
