"""Training steps in PyTorch on one core: 784-100-100-100-100-10, ReLU, He, Adam, batches of 128 out of all of MNIST.

    pip install numpy torch
    python step_torch.py

Eager and, where a C++ compiler is at hand, torch.compile; the faster of the two counts.
"""

import shutil
import sys
import time

import torch
from torch import nn

import mnist
import result

WIDTHS = [784, 100, 100, 100, 100, 10]
BATCH = 128
STEPS = 1000  # in a round
ROUNDS = 3


def network():
    layers = []
    for fan_in, fan_out in zip(WIDTHS, WIDTHS[1:]):
        layer = nn.Linear(fan_in, fan_out)
        nn.init.normal_(layer.weight, std=(2 / fan_in) ** 0.5)
        nn.init.zeros_(layer.bias)
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def measure(wrap, training, test):
    """(seconds of each round, test accuracy). `wrap` is put around the network and its loss."""
    torch.manual_seed(1)
    (images, labels), (test_images, test_labels) = training, test
    model = network()
    loss = wrap(lambda x, y: nn.functional.cross_entropy(model(x), y))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-7, fused=True)
    seconds = []
    for _ in range(1 + ROUNDS):
        start = time.perf_counter()
        for batch in torch.randint(len(labels), (STEPS, BATCH)):
            optimizer.zero_grad()
            loss(images[batch], labels[batch]).backward()
            optimizer.step()
        seconds.append(time.perf_counter() - start)
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
    result.step(f"torch {torch.__version__.partition('+')[0]} ({mode})", seconds, STEPS, accuracy)


if __name__ == "__main__":
    main()
