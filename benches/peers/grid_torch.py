"""The grid of trials in PyTorch: two processes of one thread each, trial by trial.

    pip install numpy torch
    python grid_torch.py
"""

import time

START = time.perf_counter()

import multiprocessing
from functools import partial

import numpy as np
import torch
from torch import nn

import mnist
import result
import trials

IMPORTED = time.perf_counter()
PROCESSES = 2


def network(rng, dropout):
    layers = []
    for weight in trials.he_weights(rng):
        layer = nn.Linear(*weight.shape)
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(weight.T))
            layer.bias.zero_()
        layers += [layer, nn.ReLU()] + ([nn.Dropout(dropout)] if dropout else [])
    return nn.Sequential(*layers[: -2 if dropout else -1])


def accuracy(model, images, labels):
    with torch.inference_mode():
        return (model(images).argmax(1) == labels).float().mean().item()


def train(data, epochs, trial):
    """(dropout, weight decay, train accuracy, test accuracy) at the end."""
    dropout, decay, seed = trial
    (images, labels), (test_images, test_labels) = data
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    model = network(rng, dropout)
    weights = [parameter for parameter in model.parameters() if parameter.dim() == 2]
    biases = [parameter for parameter in model.parameters() if parameter.dim() == 1]
    groups = [{"params": weights, "weight_decay": decay}, {"params": biases, "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(groups, lr=trials.RATE, fused=True)
    curve = []
    for epoch in torch.from_numpy(trials.batches(rng, epochs)):
        model.train()
        for batch in epoch:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            optimizer.step()
        model.eval()
        curve.append((accuracy(model, images, labels), accuracy(model, test_images, test_labels)))
    return dropout, decay, *curve[-1]


def main():
    epochs = trials.epochs()
    torch.set_num_threads(1)
    data = [(torch.from_numpy(x), torch.from_numpy(y).long()) for x, y in mnist.load(trials.IMAGES)]
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        final = pool.map(partial(train, data, epochs), trials.TRIALS, chunksize=1)
    version = torch.__version__.partition("+")[0]
    result.grid(f"torch {version}", time.perf_counter() - START, IMPORTED - START, final, epochs)


if __name__ == "__main__":
    main()
