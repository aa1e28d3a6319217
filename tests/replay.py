#!/usr/bin/env python3
"""Replays what `ablate trace` writes down in another framework, in double precision, and compares everything.

    python tests/replay.py                   a subset of the product below in which all pairs of values occur
    python tests/replay.py --all             the whole product, tens of thousands of cases
    python tests/replay.py --numpy           in NumPy, derivatives by hand, even if PyTorch is there

Needs NumPy and brotli; takes PyTorch (its autograd, its layers and its optimizers) if that is there. Both read the
trace's initial parameters, batches, labels, masks and changed inputs, the images from data/mnist, and nothing else of ablate's. Exit status: 0 all agree, 1 not.

Errors are relative to a tensor's largest absolute value: an entry that is nearly zero, such as a bias after a few steps,
is a difference of larger numbers and carries their rounding, so that an error relative to itself would mean nothing.
A bias in front of batch norm has the exact gradient 0 and stays 0, because the mean is subtracted again: what single
precision leaves there is rounding alone, and is measured against the standard deviation of what the bias is added to.

AdaGrad, RMSProp and Adam divide by the size of the gradient, so that with the default epsilon of 1e-7 a gradient that is
rounding alone becomes an update of full size: two precisions then differ by more than 1e-4 in whatever program. The
product has an epsilon of 1e-3 instead, and 1e-2 for AdaGrad, which also shows where it is added; --defaults replays the
optimizers' own constants. (With 1e-3, 44 of AdaGrad's 1,350 cases differ by up to 4.5e-4: biases in front of batch norm and
the means that hold them, from weights of 0.01. NumPy's own single precision differs from its double as much there.)

Lion moves by the sign of a mean of gradients alone. Where that mean is so near 0 that its sign is rounding, one precision
goes up and the other down. So one in a thousand of the entries of a tensor may differ by more; and Lion comes without batch
norm, as the exact gradient of a bias in front of that is 0, whose every sign would be rounding. As a sign that differs early
moves what follows, a case of Lion that parts from its replay is traced from other seeds too: a mistake would show with each.

The penalty of L1 adds the sign of each weight to its gradient, and draws weights to 0, which they then cross again and again. A
weight that has been so near 0 that its sign is rounding is not compared. Initial weights of 0.01 are at 0 within the hundred
updates, a thousand of them, and move what others get: L1 comes without them.

The derivative of ReLU, leaky or not, jumps at 0. Where what a unit gets is so near 0 that its sign is rounding, one precision
lets a gradient
pass and the other does not: nothing can be compared behind that. Such a case is compared up to the step before, to the
same tolerance, and counted apart. So is a training that multiplies differences: replayed again from weights that differ by a few
roundings, it parts from itself, and is compared up to the step where the two differ by a quarter of the tolerance.
"""
import argparse
import concurrent.futures
import itertools
import json
import math
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")  # the matrices are tiny; cases run side by side instead

import numpy as np

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "data/mnist"))
import pack

TOLERANCE = 1e-4
# Of the largest value in its layer and batch: a few units in the last place of single precision.
SIGN_UNKNOWN = 1e-6
# Of the largest weight of its layer: what rounding comes to in a hundred updates, a tenth of what is tolerated.
WEIGHT_UNKNOWN = 1e-5
STEPS = 100
# A case of which fewer can be compared counts as one that differs.
LEAST_STEPS = 10

BASE = """seeds = 1
[base]
train_samples = 300
test_samples = 1
hidden = [20, 15]
batch_size = 20
steps = 100
"""

# TOML for each value of each technique. Every optimizer has its own default learning rate but RMSProp, whose first update
# is ten times its rate: at 0.01 a training is chaotic for a while, and any two precisions part; and AdaDelta, whose rate of
# 1 lets decoupled weight decay take a tenth of the weights at each step: behind layer norm that is chaotic after 60 steps,
# where NumPy in double precision, begun from weights that differ in the eighth digit, ends at weights that differ by 70 %.
PRODUCT = {
    "optimizer": ['optimizer = "sgd"', 'optimizer = "momentum"', 'optimizer = "nesterov"',
                  'optimizer = { name = "momentum", momentum_ramp = 4 }',
                  'optimizer = { name = "nesterov", momentum_ramp = 4, momentum_start = 0.2 }']
                 + ['optimizer = { name = "adagrad", epsilon = 1e-2 }',
                    'optimizer = { name = "rmsprop", learning_rate = 0.001, epsilon = 1e-3 }',
                    'optimizer = { name = "adam", epsilon = 1e-3 }',
                    'optimizer = { name = "adadelta", learning_rate = 0.1 }', 'optimizer = "lion"'],
    "init": ['init = "he"', 'init = "xavier"', 'init = "glorot"', "init = { normal = 0.01 }", "init = { gain = 1.2 }",
             'init = "uniform"', 'init = "glorot_uniform"'],
    "activation": ['activation = "relu"', 'activation = "sigmoid"', 'activation = "tanh"',
                   'activation = { name = "leaky_relu", slope = 0.1 }', 'activation = "gelu"',
                   'activation = "softsign"'],
    "norm": ["batch_norm = false", "batch_norm = true", "layer_norm = true"],
    "dropout": ["dropout = 0.0", 'dropout = 0.3\ndropout_scaling = "train"', 'dropout = 0.3\ndropout_scaling = "test"',
                "dropout = [0.0, 0.4]"],
    "input_dropout": ["input_dropout = 0.0", "input_dropout = 0.2"],
    "weight_decay": ["weight_decay = 0.0", 'weight_decay = 0.01\nweight_decay_mode = "coupled"',
                     'weight_decay = 0.1\nweight_decay_mode = "decoupled"'],
    "l1": ["l1 = 0.0", "l1 = 0.001"],
    "max_norm": ["max_norm = 0.0", "max_norm = 0.8"],
    "label_smoothing": ["label_smoothing = 0.0", "label_smoothing = 0.1"],
    "class_weights": ['class_weights = "none"', 'class_weights = "balanced"',
                      "class_weights = [0, 1, 1, 2, 0.5, 1, 1, 1, 3, 1]"],
    "weight_average": ["weight_average = 0.0", "weight_average = 0.9"],
    "schedule": ['schedule = "constant"', 'schedule = { name = "step", every = 0.1, factor = 0.9 }',
                 'schedule = { name = "exponential", factor = 0.8 }', 'schedule = { name = "inverse_time", rate = 0.5 }',
                 'schedule = { name = "inverse_sqrt", rate = 0.5 }', 'schedule = { name = "cosine", floor = 0.1 }',
                 'schedule = { name = "cosine", floor = 0.1 }\nwarmup = 1.5'],
    "subset": ['subset = "drawn"', 'subset = "balanced"', 'subset = "first"'],
    "sampling": ['sampling = "shuffle"', 'sampling = "in_order"'],
    "label_noise": ["label_noise = 0.0", "label_noise = 0.5"],
    "input_noise": ["input_noise = 0.0", "input_noise = 0.2"],
    "distortion": ["shift = 0", "shift = 2", "rotation = 15", "elastic = { alpha = 34.0, sigma = 4.0 }"],
    "clipping": ["clip_gradient_norm = 0.0", "clip_gradient_norm = 0.5"],
}


def is_comparable(case):
    """Neither Lion in front of batch norm nor L1 on weights of 0.01, see above."""
    never = [('optimizer = "lion"', "batch_norm = true"), ("init = { normal = 0.01 }", "l1 = 0.001")]
    return not any(first in case and second in case for first, second in never)


def whole_product():
    return filter(is_comparable, itertools.product(*PRODUCT.values()))


def covering_subset():
    """Few cases in which each two values of two techniques occur together; always the same ones."""
    values = list(PRODUCT.values())
    pairs = lambda case: {(i, case[i], j, case[j]) for i, j in itertools.combinations(range(len(case)), 2)}
    # All cases would be too many to go through: each two values, but for those that never come together.
    dimensions = itertools.combinations(range(len(values)), 2)
    missing = {(i, a, j, b) for i, j in dimensions for a in values[i] for b in values[j] if is_comparable((a, b))}
    chance = random.Random(0)
    cases = []
    while missing:
        i, a, j, b = min(missing)
        drawn = [[chance.choice(choices) for choices in values] for _ in range(200)]
        for case in drawn:
            case[i], case[j] = a, b
        drawn = [tuple(case) for case in drawn if is_comparable(case)]
        cases.append(max(drawn, key=lambda case: len(pairs(case) & missing)))
        missing -= pairs(cases[-1])
    return cases


def read_safetensors(path):
    """(arrays by name, metadata): 8 bytes of the header's length, the header as JSON, then the arrays' bytes."""
    data = pathlib.Path(path).read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    metadata = header.pop("__metadata__")
    dtypes = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "U8": "u1"}
    arrays = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        array = np.frombuffer(bytearray(data[start + first:start + last]), dtypes[entry["dtype"]])
        arrays[name] = array.reshape(entry["shape"])
    return arrays, metadata


def unpack(folder):
    """MNIST's files out of what the repository has, which thousands of traces would otherwise unpack again each."""
    folder.mkdir()
    pack.unpack_files(folder)


def read_images(folder):
    """All training images, as bytes, and their labels, from the unpacked IDX files."""
    pixels = (folder / "train-images-idx3-ubyte").read_bytes()[16:]
    labels = (folder / "train-labels-idx1-ubyte").read_bytes()[8:]
    return np.frombuffer(pixels, np.uint8).reshape(-1, 784), np.frombuffer(labels, np.uint8).astype(np.int64)


def learning_rate(config, step):
    """At the update number `step`, counted from 0."""
    warmup, all_steps = config["warmup_steps"], config["steps"]
    if step < warmup:
        return config["learning_rate"] * (step + 1) / warmup
    schedule, epoch = config["schedule"], (step - warmup) / config["steps_per_epoch"]
    name = schedule["name"]
    if name == "constant":
        factor = 1.0
    elif name == "step":
        between = max(1, math.floor(schedule["every"] * config["steps_per_epoch"] + 0.5))
        factor = schedule["factor"] ** ((step - warmup) // between)
    elif name == "exponential":
        factor = schedule["factor"] ** epoch
    elif name == "inverse_time":
        factor = 1 / (1 + schedule["rate"] * epoch)
    elif name == "inverse_sqrt":
        factor = 1 / np.sqrt(1 + schedule["rate"] * epoch)
    elif name == "cosine":
        floor = schedule["floor"]
        factor = floor + (1 - floor) * (1 + np.cos(np.pi * (step - warmup) / (all_steps - warmup))) / 2
    return config["learning_rate"] * factor


def momentum(config, step):
    """At the update number `step`, counted from 0; 0 for optimizers without one."""
    optimizer, epoch = config["optimizer"], step / config["steps_per_epoch"]
    end, length = optimizer.get("momentum", 0.0), optimizer.get("momentum_ramp", 0.0)
    if epoch >= length:
        return end
    start = optimizer["momentum_start"]
    return start + (end - start) * epoch / length


def factors(config, masks, layer):
    """What the units of a hidden layer, counted from 1, are multiplied by while training, or the inputs, as layer 0."""
    if layer not in masks:
        return 1.0
    share = config["dropout"] if layer > 0 else config["input_dropout"]
    share = share[layer - 1] if isinstance(share, list) else share
    return masks[layer] / (1 - share) if config["dropout_scaling"] == "train" else masks[layer]


def image_weights(config, labels):
    """How much the loss of each image counts."""
    weights = config["class_weights"]
    return np.ones(len(labels)) if weights == "none" else np.array(weights)[labels]


def activate(activation, z):
    """(f(z), f'(z)) in NumPy."""
    constants = activation if isinstance(activation, dict) else {"name": activation}
    name = constants["name"]
    if name == "relu":
        return np.maximum(z, 0), z > 0
    if name == "sigmoid":
        y = 1 / (1 + np.exp(-z))
        return y, y * (1 - y)
    if name == "tanh":
        y = np.tanh(z)
        return y, 1 - y * y
    if name == "softsign":
        return z / (1 + abs(z)), 1 / (1 + abs(z)) ** 2
    if name == "gelu":
        phi = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        below = np.vectorize(lambda z: math.erfc(-z / math.sqrt(2)) / 2)(z)
        return z * below, below + z * phi
    if name == "leaky_relu":
        slope = np.where(z > 0, 1, constants["slope"])
        return slope * z, slope


def torch_activation(activation, z):
    constants = activation if isinstance(activation, dict) else {"name": activation}
    if constants["name"] == "leaky_relu":
        return torch.nn.functional.leaky_relu(z, constants["slope"])
    functions = torch.nn.functional if constants["name"] in ("gelu", "softsign") else torch
    return getattr(functions, constants["name"])(z)


class NumpyReplay:
    """Derivatives and update rules written out."""

    name = "NumPy"
    # `nearest` has for each step how near to 0 an activation's argument came, as a share of the largest of its layer.

    def __init__(self, config, before):
        self.config = config
        self.p = {name: value.astype(np.float64) for name, value in before.items()}
        self.state = {}
        self.updates = 0
        self.nearest = []

    def step(self, x, labels, masks, rate):
        self.nearest.append(1.0)
        loss, gradients = self.loss_and_gradients(x, labels, masks)
        self.updates += 1
        limit = self.config["clip_gradient_norm"]
        if limit > 0:
            norm = np.sqrt(sum((g * g).sum() for g in gradients.values()))
            gradients = {name: g * min(limit / (norm + 1e-6), 1) for name, g in gradients.items()}
        for name, g in gradients.items():
            w, decay = self.p[name], self.config["weight_decay"]
            if name.endswith(".weight"):
                g = g + self.config["l1"] * np.sign(w)
            if name.endswith(".weight") and decay > 0:
                if self.config["weight_decay_mode"] == "coupled":
                    g = g + decay * w
                else:
                    w = w - rate * decay * w
            w = w + self.change(name, g, rate)
            if name.endswith(".weight") and self.config["max_norm"] > 0:
                w = w * np.minimum(1, self.config["max_norm"] / np.maximum(np.linalg.norm(w, axis=0), 1e-300))
            self.p[name] = w
        return loss

    def loss_and_gradients(self, x, labels, masks):
        config, p, n = self.config, self.p, len(x)
        layers, caches = len(config["hidden"]), []
        x = x * factors(config, masks, 0)
        for layer in range(1, layers + 1):
            cache = {"x": x}
            z = x @ p[f"affine{layer}.weight"] + p[f"affine{layer}.bias"]
            if config["batch_norm"]:
                mean, variance = z.mean(0), z.var(0)
                cache["inverse_sd"] = 1 / np.sqrt(variance + config["batch_norm_epsilon"])
                cache["x_hat"] = (z - mean) * cache["inverse_sd"]
                z = p[f"norm{layer}.gamma"] * cache["x_hat"] + p[f"norm{layer}.beta"]
                for name, new in (("running_mean", mean), ("running_var", variance)):
                    keep, name = config["batch_norm_momentum"], f"norm{layer}.{name}"
                    p[name] = keep * p[name] + (1 - keep) * new
            if config["layer_norm"]:
                cache["inverse_sd"] = 1 / np.sqrt(z.var(1, keepdims=True) + config["layer_norm_epsilon"])
                cache["x_hat"] = (z - z.mean(1, keepdims=True)) * cache["inverse_sd"]
                z = p[f"norm{layer}.gamma"] * cache["x_hat"] + p[f"norm{layer}.beta"]
            self.nearest[-1] = min(self.nearest[-1], np.abs(z).min() / np.abs(z).max())
            x, cache["slope"] = activate(config["activation"], z)
            x = x * factors(config, masks, layer)
            caches.append(cache)
        logits = x @ p[f"affine{layers + 1}.weight"] + p[f"affine{layers + 1}.bias"]
        logits = logits - logits.max(1, keepdims=True)
        softmax = np.exp(logits)
        softmax /= softmax.sum(1, keepdims=True)
        loss = -np.log(softmax[np.arange(n), labels]).mean()
        d = softmax
        smoothing = config["label_smoothing"]
        d[np.arange(n), labels] -= 1 - smoothing
        d = (d - smoothing / d.shape[1]) / n * image_weights(config, labels)[:, None]
        gradients = {}
        caches.append({"x": x})
        for layer in range(layers + 1, 0, -1):
            cache = caches[layer - 1]
            if layer <= layers:
                d = d * factors(config, masks, layer) * cache["slope"]
                if "x_hat" in cache:
                    x_hat, over = cache["x_hat"], 0 if config["batch_norm"] else 1
                    gradients[f"norm{layer}.gamma"] = (d * x_hat).sum(0)
                    gradients[f"norm{layer}.beta"] = d.sum(0)
                    d = d * p[f"norm{layer}.gamma"]
                    mean = lambda values: values.mean(over, keepdims=True)
                    d = cache["inverse_sd"] * (d - mean(d) - x_hat * mean(d * x_hat))
            gradients[f"affine{layer}.weight"] = cache["x"].T @ d
            gradients[f"affine{layer}.bias"] = d.sum(0)
            d = d @ p[f"affine{layer}.weight"].T
        return loss, gradients

    def change(self, name, g, rate):
        o = self.config["optimizer"]
        first, second = self.state.get(name, (np.zeros_like(g), np.zeros_like(g)))
        if o["name"] == "sgd":
            change = -rate * g
        elif o["name"] == "momentum":
            first = momentum(self.config, self.updates - 1) * first - rate * g
            change = first
        elif o["name"] == "nesterov":
            first = momentum(self.config, self.updates - 1) * first - rate * g
            change = momentum(self.config, self.updates) * first - rate * g
        elif o["name"] == "adagrad":
            second = second + g * g
            change = -rate * g / (np.sqrt(second) + o["epsilon"])
        elif o["name"] == "rmsprop":
            second = o["decay"] * second + (1 - o["decay"]) * g * g
            change = -rate * g / (np.sqrt(second) + o["epsilon"])
        elif o["name"] == "adam":
            first = o["beta_1"] * first + (1 - o["beta_1"]) * g
            second = o["beta_2"] * second + (1 - o["beta_2"]) * g * g
            m, v = first / (1 - o["beta_1"] ** self.updates), second / (1 - o["beta_2"] ** self.updates)
            change = -rate * m / (np.sqrt(v) + o["epsilon"])
        elif o["name"] == "adadelta":
            second = o["decay"] * second + (1 - o["decay"]) * g * g
            delta = np.sqrt(first + o["epsilon"]) / np.sqrt(second + o["epsilon"]) * g
            first = o["decay"] * first + (1 - o["decay"]) * delta * delta
            change = -rate * delta
        elif o["name"] == "lion":
            mean = o["beta_1"] * first + (1 - o["beta_1"]) * g
            first = o["beta_2"] * first + (1 - o["beta_2"]) * g
            change = -rate * np.sign(mean)
        self.state[name] = first, second
        return change

    def parameters(self):
        return self.p


def lion(groups, rate, beta_1, beta_2):
    """PyTorch has none of its own."""

    class Lion(torch.optim.Optimizer):
        @torch.no_grad()
        def step(self):
            for group in self.param_groups:
                for w in group["params"]:
                    g = w.grad + group["weight_decay"] * w
                    m = self.state[w].setdefault("mean", torch.zeros_like(w))
                    w -= group["lr"] * m.lerp(g, 1 - beta_1).sign()
                    m.lerp_(g, 1 - beta_2)

    return Lion(groups, {"lr": rate, "weight_decay": 0.0})


class TorchReplay:
    """PyTorch's autograd, batch norm, loss and optimizers."""

    name = "PyTorch"

    def __init__(self, config, before):
        self.config = config
        self.p = {name: torch.tensor(value, dtype=torch.float64) for name, value in before.items()}
        trained = {name: value.requires_grad_() for name, value in self.p.items() if "running" not in name}
        self.weights = [value for name, value in trained.items() if name.endswith(".weight")]
        others = [value for name, value in trained.items() if not name.endswith(".weight")]
        coupled = config["weight_decay"] if config["weight_decay_mode"] == "coupled" else 0.0
        groups = [{"params": self.weights, "weight_decay": coupled}, {"params": others}]
        o, rate = config["optimizer"], config["learning_rate"]
        self.last_rate = None
        self.updates = 0
        self.nearest = []
        if o["name"] in ("sgd", "momentum", "nesterov"):
            momentum = o.get("momentum", 0.0)
            self.optimizer = torch.optim.SGD(groups, lr=rate, momentum=momentum, nesterov=o["name"] == "nesterov")
        elif o["name"] == "adagrad":
            self.optimizer = torch.optim.Adagrad(groups, lr=rate, eps=o["epsilon"])
        elif o["name"] == "rmsprop":
            self.optimizer = torch.optim.RMSprop(groups, lr=rate, alpha=o["decay"], eps=o["epsilon"])
        elif o["name"] == "adam":
            betas = o["beta_1"], o["beta_2"]
            self.optimizer = torch.optim.Adam(groups, lr=rate, betas=betas, eps=o["epsilon"])
        elif o["name"] == "adadelta":
            self.optimizer = torch.optim.Adadelta(groups, lr=rate, rho=o["decay"], eps=o["epsilon"])
        elif o["name"] == "lion":
            self.optimizer = lion(groups, rate, o["beta_1"], o["beta_2"])

    def step(self, x, labels, masks, rate):
        self.nearest.append(1.0)
        image_weight = torch.from_numpy(image_weights(self.config, labels))
        labels = torch.from_numpy(labels)
        logits = self.logits(torch.from_numpy(x), {layer: torch.from_numpy(mask) for layer, mask in masks.items()})
        cross_entropy, smoothing = torch.nn.functional.cross_entropy, self.config["label_smoothing"]
        self.optimizer.zero_grad()
        (image_weight * cross_entropy(logits, labels, label_smoothing=smoothing, reduction="none")).mean().backward()
        loss = cross_entropy(logits, labels)
        if self.config["clip_gradient_norm"] > 0:
            trained = [value for group in self.optimizer.param_groups for value in group["params"]]
            torch.nn.utils.clip_grad_norm_(trained, self.config["clip_gradient_norm"])
        with torch.no_grad():
            for weight in self.weights:
                weight.grad += self.config["l1"] * weight.sign()
        for group in self.optimizer.param_groups:
            group["lr"] = float(rate)
            if self.config["optimizer"]["name"] in ("momentum", "nesterov"):
                group["momentum"] = momentum(self.config, self.updates)
        if self.last_rate:
            # ablate's velocity is in units of the weights, PyTorch's in those of the gradient: at a new rate the same
            # velocity is another number.
            for state in self.optimizer.state.values():
                if state.get("momentum_buffer") is not None and self.config["optimizer"]["name"] != "rmsprop":
                    state["momentum_buffer"] *= self.last_rate / rate
        self.last_rate = rate
        if self.config["weight_decay_mode"] == "decoupled":
            with torch.no_grad():
                for weight in self.weights:
                    weight *= 1 - rate * self.config["weight_decay"]
        self.optimizer.step()
        self.updates += 1
        if self.config["optimizer"]["name"] == "nesterov":
            # PyTorch looks ahead by the momentum of this step, ablate by that of the next.
            ahead = momentum(self.config, self.updates) - momentum(self.config, self.updates - 1)
            with torch.no_grad():
                for value, state in self.optimizer.state.items():
                    value -= rate * ahead * state["momentum_buffer"]
        if self.config["max_norm"] > 0:
            with torch.no_grad():
                for weight in self.weights:
                    weight.copy_(weight.renorm(2, 1, self.config["max_norm"]))
        return loss.item()

    def logits(self, x, masks):
        config, p, layers = self.config, self.p, len(self.config["hidden"])
        x = x * factors(config, masks, 0)
        for layer in range(1, layers + 1):
            x = x @ p[f"affine{layer}.weight"] + p[f"affine{layer}.bias"]
            if config["batch_norm"]:
                # By hand, because PyTorch's own running variance is over n - 1.
                for name, new in (("running_mean", x.mean(0)), ("running_var", x.var(0, correction=0))):
                    p[f"norm{layer}.{name}"].lerp_(new.detach(), 1 - config["batch_norm_momentum"])
                gamma, beta = p[f"norm{layer}.gamma"], p[f"norm{layer}.beta"]
                x = torch.nn.functional.batch_norm(
                    x, None, None, gamma, beta, training=True, eps=config["batch_norm_epsilon"])
            if config["layer_norm"]:
                gamma, beta = p[f"norm{layer}.gamma"], p[f"norm{layer}.beta"]
                x = torch.nn.functional.layer_norm(x, gamma.shape, gamma, beta, eps=config["layer_norm_epsilon"])
            self.nearest[-1] = min(self.nearest[-1], (x.abs().min() / x.abs().max()).item())
            x = torch_activation(config["activation"], x)
            x = x * factors(config, masks, layer)
        return x @ p[f"affine{layers + 1}.weight"] + p[f"affine{layers + 1}.bias"]

    def parameters(self):
        return {name: value.detach().numpy() for name, value in self.p.items()}


def relative_error(name, found, expected, forgiven):
    """Of the tensor of this name among all those found and expected, but for this share of its entries."""
    scale = np.abs(expected[name]).max()
    variance = name.removeprefix("average.").replace("affine", "norm").replace("bias", "running_var")
    if name.endswith(".bias") and variance in expected:
        scale = np.sqrt(expected[variance].max())
    errors = np.sort(np.abs(found[name] - expected[name]), axis=None)
    return float(errors[-1 - int(forgiven * errors.size)] / max(scale, 1e-300))


def moved(parameters):
    """The same but for what a few roundings to single precision would do to the weights."""
    chance = np.random.default_rng(0)
    by = lambda value: 1 + 2.0 ** -21 * chance.choice([-1, 1], value.shape)
    return {name: value * by(value) if name.endswith(".weight") else value for name, value in parameters.items()}


def compare(case, steps, seed, folder, args, images, framework):
    """((error, tensor) of each tensor, the losses included; the replay; after how many steps a replay from weights that differ by
    a few roundings parts from it) of the first steps of one case."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        study, trace = pathlib.Path(place) / "case.toml", pathlib.Path(place) / "case.safetensors"
        study.write_text(BASE + "\n".join(case) + "\n")
        command = [args.ablate, "trace", study, "--data", folder, "--seed", str(seed), "--steps", str(steps), "-o", trace]
        traced = subprocess.run(command, capture_output=True, text=True)
        if traced.returncode != 0:
            raise SystemExit(f"{title(case)}: {traced.stderr}")
        arrays, metadata = read_safetensors(trace)
    config, (pixels, labels) = json.loads(metadata["config"]), images
    part = lambda when: {name[len(when):]: value for name, value in arrays.items() if name.startswith(when)}
    replayed, other, parted = framework(config, part("before.")), framework(config, moved(part("before."))), steps
    losses, d, average, sign_unknown = [], config["weight_average"], {}, {}
    for step, batch in enumerate(arrays["batches"]):
        masks = {int(name[4:]): arrays[name][step] for name in arrays if name.startswith("mask")}
        targets = arrays["labels"][step].astype(np.int64) if "labels" in arrays else labels[batch]
        inputs = arrays["inputs"][step].astype(np.float64) if "inputs" in arrays else pixels[batch] / 255.0
        if config["l1"] > 0:
            for name, value in replayed.parameters().items():
                if name.endswith(".weight"):
                    near = np.abs(value) < WEIGHT_UNKNOWN * np.abs(value).max()
                    sign_unknown[name] = sign_unknown.get(name, False) | near
        losses.append(replayed.step(inputs, targets, masks, learning_rate(config, step)))
        other.step(inputs, targets, masks, learning_rate(config, step))
        ours, others = replayed.parameters(), other.parameters()
        if parted == steps and max(relative_error(name, others, ours, 0.0) for name in ours) > TOLERANCE / 4:
            parted = step
        share = (1 - d) / (1 - d ** (step + 1)) if d > 0 else 1
        for name in part("average."):
            before = average.get(name, 0)
            average[name] = before + share * (replayed.parameters()[name] - before)
    averaged = lambda parameters: {f"average.{name}": value for name, value in parameters.items()}
    after, ours = part("after."), replayed.parameters()
    assert after.keys() == ours.keys(), "the same parameters"
    found = {**after, **averaged(part("average.")), "loss": arrays["loss"]}
    expected = {**ours, **averaged(average), "loss": np.array(losses)}
    forgiven = 1e-3 if config["optimizer"]["name"] == "lion" else 0.0
    for name, unknown in sign_unknown.items():
        for of_weight in (name, f"average.{name}"):
            if of_weight in found:
                found[of_weight] = np.where(unknown, expected[of_weight], found[of_weight])
    return [(relative_error(name, found, expected, forgiven), name) for name in found], replayed, parted


def replay(case, *how):
    """(error and tensor of each tensor of one case, how many steps could be compared)"""
    for seed in (1, 2, 3) if 'optimizer = "lion"' in case else (1,):
        errors, replayed, parted = compare(case, STEPS, seed, *how)
        if max(errors)[0] <= TOLERANCE:
            break
    unknown = [step for step, nearest in enumerate(replayed.nearest) if nearest < SIGN_UNKNOWN]
    kinked = any("relu" in value for value in case)
    known = min([parted] + (unknown if kinked else []))
    if max(errors)[0] > TOLERANCE and LEAST_STEPS <= known < STEPS:
        return compare(case, known, seed, *how)[0], known
    return errors, STEPS


def title(case):
    return ", ".join(value.replace("\n", ", ") for value in case)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ablate", default=REPOSITORY / "target/release/ablate", help="the program")
    parser.add_argument("--all", action="store_true", help="the whole product")
    parser.add_argument("--numpy", action="store_true", help="NumPy even if PyTorch is there")
    parser.add_argument("--defaults", action="store_true", help="the optimizers' own constants, see above")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="cases at a time")
    args = parser.parse_args()
    framework = NumpyReplay
    global torch
    try:
        if not args.numpy:
            import torch
            torch.set_num_threads(1)
            framework = TorchReplay
    except ImportError:
        pass
    if args.defaults:
        names = [re.search('"(.*?)"', optimizer).group(1) for optimizer in PRODUCT["optimizer"]]
        PRODUCT["optimizer"] = [f'optimizer = "{name}"' for name in names]
    cases = list(whole_product()) if args.all else covering_subset()
    worst, failed, shorter = (0.0, "", ""), 0, []
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        unpack(pathlib.Path(folder) / "mnist")
        images = read_images(pathlib.Path(folder) / "mnist")
        results = pool.map(lambda case: replay(case, folder, args, images, framework), cases)
        for done, (case, (errors, steps)) in enumerate(zip(cases, results), 1):
            shorter += [steps] if steps < STEPS else []
            # NaN is larger than any tolerance.
            wrong = [(error, name) for error, name in errors if not error <= TOLERANCE]
            if wrong:
                failed += 1
                listed = ", ".join(f"{name} {error:.1e}" for error, name in sorted(wrong, reverse=True))
                print(f"DIFFERS: {title(case)}: {listed}", flush=True)
            worst = max(worst, (*max(errors), title(case)))
            if done % 500 == 0:
                print(f"{done} of {len(cases)}, largest relative error {worst[0]:.1e}", file=sys.stderr, flush=True)
    print(f"{framework.name}: {len(cases)} cases of {STEPS} steps, {failed} differ by more than {TOLERANCE:.0e}")
    if shorter:
        print(f"{len(shorter)} of them end before a unit on ReLU's kink, or where rounding decides, after {min(shorter)} steps at least")
    print(f"largest relative error {worst[0]:.1e}, of {worst[1]} in {worst[2]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
