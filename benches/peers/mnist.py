"""MNIST as NumPy arrays, from the four gzipped files in data/mnist/ (or under the folder that ABLATE_DATA names)."""

import gzip
import os
from pathlib import Path

import numpy as np

FOLDER = Path(os.environ.get("ABLATE_DATA", Path(__file__).resolve().parents[2] / "data")) / "mnist"


def load(training_images=60_000):
    """((training images, labels), (test images, labels)): float32 [n, 784] in [0, 1] and int32 [n]."""
    return _read("train", training_images), _read("t10k", 10_000)


def _read(part, count):
    pixels, labels = _items(f"{part}-images-idx3-ubyte.gz", 16), _items(f"{part}-labels-idx1-ubyte.gz", 8)
    images = pixels.reshape(-1, 784)[:count].astype(np.float32) / np.float32(255)
    return images, labels[:count].astype(np.int32)


def _items(name, header):
    with gzip.open(FOLDER / name) as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)
