"""MNIST as NumPy arrays, out of the packed files in data/mnist/."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "data/mnist"))
import pack


def load(training_images=60_000):
    """((training images, labels), (test images, labels)): float32 [n, 784] in [0, 1] and int32 [n]."""
    return _read("train", training_images), _read("t10k", 10_000)


def _read(part, count):
    pixels, labels = pack.unpack(part)
    return pixels[:count].astype(np.float32) / np.float32(255), labels[:count].astype(np.int32)
