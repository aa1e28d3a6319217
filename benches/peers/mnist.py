"""MNIST as NumPy arrays, out of the packed files in data/mnist/."""

from pathlib import Path

import brotli
import numpy as np

FOLDER = Path(__file__).resolve().parents[2] / "data/mnist"


def load(training_images=60_000):
    """((training images, labels), (test images, labels)): float32 [n, 784] in [0, 1] and int32 [n]."""
    return _read("train", training_images), _read("t10k", 10_000)


def _read(part, count):
    pixels, labels = _items(f"{part}-images-idx3-ubyte", 16), _items(f"{part}-labels-idx1-ubyte", 8)
    images = pixels.reshape(-1, 784)[:count].astype(np.float32) / np.float32(255)
    return images, labels[:count].astype(np.int32)


def _items(name, header):
    pieces = sorted(FOLDER.glob(f"{name}.*.br"))
    file = b"".join(brotli.decompress(piece.read_bytes()) for piece in pieces)
    return np.frombuffer(file, np.uint8, offset=header)
