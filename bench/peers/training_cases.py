"""Records what PyTorch makes of the first 20 steps of training, for small models of every family.

    python bench/peers/training_cases.py REFERENCE OUT [NAME ...]

REFERENCE is the folder that holds the package `reference`, the families in plain PyTorch; OUT is
src/test/resources/training, whose README says what is written. Every case starts from random weights, takes batches of
random data in a fixed order, and makes steps with one of torch's optimisers, in float32 and again in float64.
"""

import json
import os
import sys

import torch
from safetensors.torch import save_file

STEPS, BATCH, EXAMPLES = 20, 6, 24

SGD = {"optimizer": "sgd", "learning_rate": 0.02, "momentum": 0.9}
NESTEROV = {"optimizer": "sgd", "learning_rate": 0.01, "momentum": 0.8, "nesterov": True, "weight_decay": 0.01}
RMSPROP = {"optimizer": "rmsprop", "learning_rate": 0.003, "alpha": 0.95, "epsilon": 1e-6}
RMSPROP_MOMENTUM = {"optimizer": "rmsprop", "learning_rate": 0.001, "alpha": 0.9, "epsilon": 1e-4, "momentum": 0.5}
ADAM = {"optimizer": "adam", "learning_rate": 0.005, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8}
ADAM_DECAY = {**ADAM, "weight_decay": 0.05}
ADAMW = {**ADAM, "weight_decay": 0.1, "decoupled": True}
ADAMAX = {"optimizer": "adamax", "learning_rate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}


def clipped(settings, norm):
    return {**settings, "gradient_clip": norm}


# the name of a case of the reference's, whose configuration is taken, and how to train
CASES = {
    "markov-text": SGD,
    "linear_ar-3": NESTEROV,
    "mlp_arm-onehot": RMSPROP,
    "mlp_arm-mixture": clipped(ADAM, 5.0),
    "rnn_arm-tanh-text": clipped(SGD, 1.0),
    "rnn_arm-gru-unit": RMSPROP,
    "rnn_arm-lstm-stacked": clipped(ADAM, 0.5),
    "causal_conv_arm-dilated": ADAMAX,
    "fvsbn-image": ADAMAX,
    "nade-ordering": NESTEROV,
    "made-one-mask": ADAMW,
    "made-masks-direct": ADAM_DECAY,
    "pixelcnn-binary": RMSPROP_MOMENTUM,
    "pixelcnn-rgb": ADAM,
    "row_lstm-binary": RMSPROP,
    "diagonal_bilstm-binary": clipped(RMSPROP, 10.0),
    "gated_pixelcnn-class-rgb": ADAM,
    "gated_pixelcnn-spatial": clipped(RMSPROP, 3.0),
    "pixelcnn_pp-grey": ADAM,
    "pixelcnn_pp-class": {**ADAMAX, "learning_rate": 0.002},
    "wavenet-onehot": ADAMAX,
    "wavenet-conditions": clipped(ADAM_DECAY, 20.0),
}


def optimizer(parameters, s):
    rate, decay = s["learning_rate"], s.get("weight_decay", 0.0)
    if s["optimizer"] == "sgd":
        return torch.optim.SGD(parameters, rate, momentum=s.get("momentum", 0.0), nesterov=s.get("nesterov", False), weight_decay=decay)
    if s["optimizer"] == "rmsprop":
        return torch.optim.RMSprop(parameters, rate, s["alpha"], s["epsilon"], decay, s.get("momentum", 0.0))
    betas = (s["beta1"], s["beta2"])
    if s["optimizer"] == "adamax":
        return torch.optim.Adamax(parameters, rate, betas, s["epsilon"], decay)
    kind = torch.optim.AdamW if s.get("decoupled") else torch.optim.Adam
    return kind(parameters, rate, betas, s["epsilon"], decay)


def rows(condition, chosen):
    if isinstance(condition, dict):
        return {kind: value[chosen] for kind, value in condition.items()}
    return None if condition is None else condition[chosen]


def cast(condition, dtype):
    if isinstance(condition, dict):
        return {kind: cast(value, dtype) for kind, value in condition.items()}
    return condition.to(dtype) if condition is not None and condition.is_floating_point() else condition


def losses(model, settings, x, condition, batches):
    """The loss of each batch, taken before its step."""
    parameters = [value for value in model.parameters.values()]
    steps = optimizer(parameters, settings)
    condition = cast(condition, model.dtype)
    found = []
    for batch in batches:
        steps.zero_grad()
        loss = model.nats(x[batch], rows(condition, batch)).mean()
        loss.backward()
        if "gradient_clip" in settings:
            torch.nn.utils.clip_grad_norm_(parameters, settings["gradient_clip"])
        steps.step()
        found.append(loss.item())
    return torch.tensor(found, dtype=torch.float64)


def write(folder, name, settings, number):
    from reference import build, save
    from reference.cases import condition_tensors, random_condition, random_data, random_model
    from reference.make_golden import CASES as GOLDEN

    data, distribution, keys, options = GOLDEN[name]
    config = {"format": 1, "architecture": name.split("-")[0], "data": data, "distribution": distribution, **keys}
    seed = 9000 + 100 * number
    model = random_model(config, seed, ordering=options.get("ordering", False), gain=options.get("gain", 1.4))
    length = options.get("length", None)
    x = random_data(model, EXAMPLES, seed + 1, length)
    condition = random_condition(model, EXAMPLES, seed + 2, length)
    generator = torch.Generator().manual_seed(seed + 3)
    batches = torch.stack([torch.randperm(EXAMPLES, generator=generator)[:BATCH] for _ in range(STEPS)])
    os.makedirs(os.path.join(folder, name), exist_ok=True)
    save(os.path.join(folder, name, "model.safetensors"), model)
    tensors = {**{key: value.detach() for key, value in model.parameters.items()}, **model.integers}
    single = losses(build(config, tensors), settings, x, condition, batches)
    double = losses(build(config, tensors, torch.float64), settings, x, condition, batches)
    error = ((single - double).abs() / double.abs().clamp(min=1)).max().item()
    save_file(
        {"x": x.contiguous(), "batches": batches, "losses": single, "losses.double": double, **condition_tensors(condition)},
        os.path.join(folder, name, "case.safetensors"),
        metadata={"settings": json.dumps(settings, sort_keys=True), "float32_error": f"{error:.2e}"},
    )
    print(f"{name}: {double[0]:.4f} -> {double[-1]:.4f}, float32 differs by {error:.1e}", flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    sys.path.insert(0, sys.argv[1])
    for number, (name, settings) in enumerate(CASES.items()):
        if len(sys.argv) == 3 or name in sys.argv[3:]:
            write(sys.argv[2], name, settings, number)
