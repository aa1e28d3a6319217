"""The grid of trials in plain NumPy, as the chapter has it: layer objects, gradients by hand, float64 weights.

    pip install numpy
    python grid_numpy.py --processes 2

In one process, whose products NumPy's BLAS spreads over all cores, as the chapter's own scripts run; or in several with
one BLAS thread each, which is sooner done.
"""

import time

START = time.perf_counter()

import argparse
import os

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--epochs", type=int, default=201)
parser.add_argument("--processes", type=int, default=1)
ARGS = parser.parse_args()

# Before NumPy is imported.
if ARGS.processes > 1:
    for library in ["OPENBLAS", "MKL", "OMP", "VECLIB_MAXIMUM"]:
        os.environ[f"{library}_NUM_THREADS"] = "1"

import multiprocessing
from functools import partial

import numpy as np

import mnist
import result
import trials

IMPORTED = time.perf_counter()


class Affine:
    def __init__(self, weight):
        self.weight, self.bias = weight, np.zeros(weight.shape[1])

    def forward(self, x, training):
        self.x = x
        return np.dot(x, self.weight) + self.bias

    def backward(self, gradient):
        self.weight_gradient = np.dot(self.x.T, gradient)
        self.bias_gradient = gradient.sum(axis=0)
        return np.dot(gradient, self.weight.T)


class Relu:
    def forward(self, x, training):
        self.off = x <= 0
        y = x.copy()
        y[self.off] = 0
        return y

    def backward(self, gradient):
        gradient[self.off] = 0
        return gradient


class Dropout:
    """Scales at test time."""

    def __init__(self, rate, rng):
        self.rate, self.rng = rate, rng

    def forward(self, x, training):
        if not training:
            return x * (1 - self.rate)
        self.kept = self.rng.random(x.shape) > self.rate
        return x * self.kept

    def backward(self, gradient):
        return gradient * self.kept


class Network:
    def __init__(self, rng, dropout):
        self.affine = [Affine(weight) for weight in trials.he_weights(rng)]
        self.layers = []
        for affine in self.affine:
            self.layers += [affine, Relu()] + ([Dropout(dropout, rng)] if dropout else [])
        del self.layers[-2 if dropout else -1 :]

    def forward(self, x, training):
        for layer in self.layers:
            x = layer.forward(x, training)
        return x

    def update(self, x, labels, decay):
        """One step of gradient descent."""
        logits = self.forward(x, training=True)
        share = np.exp(logits - logits.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        share[np.arange(len(labels)), labels] -= 1
        gradient = share / len(labels)
        for layer in reversed(self.layers):
            gradient = layer.backward(gradient)
        for affine in self.affine:
            affine.weight -= trials.RATE * (affine.weight_gradient + decay * affine.weight)
            affine.bias -= trials.RATE * affine.bias_gradient

    def accuracy(self, images, labels):
        return float((self.forward(images, training=False).argmax(axis=1) == labels).mean())


def train(data, epochs, trial):
    """(dropout, weight decay, train accuracy, test accuracy) at the end."""
    dropout, decay, seed = trial
    (images, labels), test = data
    rng = np.random.default_rng(seed)
    network = Network(rng, dropout)
    curve = []
    for epoch in trials.batches(rng, epochs):
        for batch in epoch:
            network.update(images[batch], labels[batch], decay)
        curve.append((network.accuracy(images, labels), network.accuracy(*test)))
    return dropout, decay, *curve[-1]


def main():
    data = mnist.load(trials.IMAGES)
    train_one = partial(train, data, ARGS.epochs)
    if ARGS.processes > 1:
        with multiprocessing.get_context("fork").Pool(ARGS.processes) as pool:
            final = pool.map(train_one, trials.TRIALS, chunksize=1)
    else:
        final = [train_one(trial) for trial in trials.TRIALS]
    name = f"numpy {np.__version__}, {ARGS.processes} process{'es' if ARGS.processes > 1 else ''}"
    result.grid(name, time.perf_counter() - START, IMPORTED - START, final, ARGS.epochs)


if __name__ == "__main__":
    main()
