"""The grid that all grid scripts train: the 20 trials of ablations/overfit.toml."""

import argparse
from itertools import product

import numpy as np

WIDTHS = [784, 100, 100, 100, 100, 100, 100, 10]
IMAGES = 300
BATCH = 100
RATE = 0.01
DROPOUTS = [0.0, 0.2]
DECAYS = [0.0, 0.1]
SEEDS = range(5)
# (dropout, weight decay, seed)
TRIALS = list(product(DROPOUTS, DECAYS, SEEDS))


def epochs():
    """201, unless --epochs says otherwise."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=201)
    return parser.parse_args().epochs


def he_weights(rng):
    """W of each layer, float64."""
    shapes = zip(WIDTHS, WIDTHS[1:])
    return [rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out)) for fan_in, fan_out in shapes]


def batches(rng, epochs):
    """Indices of the images in each batch: every epoch is a permutation, [epochs, batches, BATCH]."""
    return np.stack([rng.permutation(IMAGES).reshape(-1, BATCH) for _ in range(epochs)])
