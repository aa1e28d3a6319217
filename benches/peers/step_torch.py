"""Training steps in PyTorch on one core: fully connected networks, He, batches out of all of MNIST.

    pip install numpy torch
    python step_torch.py --hidden 512,512,512 --activation tanh --steps 100

Eager and, where a C++ compiler is at hand, torch.compile; the faster of the two counts.
"""

import shutil
import sys
import time

import torch
from torch import nn

import mnist
import network
import result

ARGS = network.arguments()
ROUNDS = 3


def built():
    layers = []
    for fan_in, fan_out in zip(ARGS.widths, ARGS.widths[1:]):
        layer = nn.Linear(fan_in, fan_out)
        nn.init.normal_(layer.weight, std=(2 / fan_in) ** 0.5)
        nn.init.zeros_(layer.bias)
        layers.append(layer)
        if ARGS.batch_norm:
            layers.append(nn.BatchNorm1d(fan_out, eps=1e-6))
        layers.append({"relu": nn.ReLU, "tanh": nn.Tanh}[ARGS.activation]())
        if ARGS.dropout:
            layers.append(nn.Dropout(ARGS.dropout))
    last = max(index for index, layer in enumerate(layers) if isinstance(layer, nn.Linear))
    return nn.Sequential(*layers[: last + 1])


def measure(wrap, training, test):
    """(seconds of each round, test accuracy). `wrap` is put around the network and its loss."""
    torch.manual_seed(1)
    (images, labels), (test_images, test_labels) = training, test
    model = built()
    loss = wrap(lambda x, y: nn.functional.cross_entropy(model(x), y))
    if ARGS.optimizer == "adam":
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-7, fused=True)
    else:
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, fused=True)
    seconds = []
    for _ in range(1 + ROUNDS):
        start = time.perf_counter()
        for batch in torch.randint(len(labels), (ARGS.steps, ARGS.batch)):
            optimizer.zero_grad()
            loss(images[batch], labels[batch]).backward()
            optimizer.step()
        seconds.append(time.perf_counter() - start)
    model.eval()
    with torch.no_grad():
        accuracy = (model(test_images).argmax(1) == test_labels).float().mean().item()
    return seconds[1:], accuracy  # the first round compiles and warms up


def main():
    torch.set_num_threads(1)
    training, test = [(torch.from_numpy(x), torch.from_numpy(y).long()) for x, y in mnist.load()]
    runs = {"eager": measure(lambda loss: loss, training, test)}
    if shutil.which("c++") or shutil.which("g++"):
        try:
            runs["compiled"] = measure(torch.compile, training, test)
        except Exception as error:  # no headers, no OpenMP, …: eager it is
            print(f"torch.compile does not work here: {type(error).__name__}", file=sys.stderr)
    mode, (seconds, accuracy) = min(runs.items(), key=lambda run: min(run[1][0]))
    result.step(f"torch {torch.__version__.partition('+')[0]} ({mode})", seconds, ARGS.steps, accuracy)


if __name__ == "__main__":
    main()
