"""Packs MNIST's four files, unpacked, for the program, which has them in it: `python data/mnist/pack.py FOLDER`.

`python data/mnist/pack.py --unpack FOLDER` gives the four files back. Needs the packages `numpy` and `brotli` (1.2.1 makes the
bytes of the repository). What is in a piece is said in README.md.
"""

import pathlib
import struct
import sys

import brotli
import numpy as np

HERE = pathlib.Path(__file__).parent
PIXELS = 28 * 28
# Images of a piece. The program unpacks only the pieces that it needs, at the same time. Smaller ones would take more room.
PIECE = 10_000


def pack_images(pixels):
    """Pixels, one after the other, as the lengths of their runs and those that are not 0."""
    nonzero = pixels != 0
    ends = np.flatnonzero(np.diff(nonzero)) + 1
    lengths = np.diff(np.concatenate([[0], ends, [len(pixels)]]))
    if nonzero[0]:
        lengths = np.concatenate([[0], lengths])
    runs = b"".join(b"\xff" * (length // 255) + bytes([length % 255]) for length in lengths.tolist())
    return struct.pack("<I", len(runs)) + runs + pixels[nonzero].tobytes()


def unpack_images(piece):
    """The pixels that `pack_images` packed."""
    (length,) = struct.unpack_from("<I", piece)
    runs = np.frombuffer(piece, np.uint8, length, 4).astype(np.int64)
    # A byte of 255 goes on in the next one.
    ends = np.flatnonzero(runs != 255)
    lengths = np.add.reduceat(runs, np.concatenate([[0], ends[:-1] + 1]))
    nonzero = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
    pixels = np.zeros(len(nonzero), np.uint8)
    pixels[nonzero] = np.frombuffer(piece, np.uint8, offset=4 + length)
    return pixels


def unpack(part):
    """The images, [images, 784], and labels of the training part, "train", or the test part, "t10k"."""
    pieces = sorted(HERE.glob(f"{part}-images.*.br"))
    pixels = [unpack_images(brotli.decompress(piece.read_bytes())) for piece in pieces]
    labels = brotli.decompress((HERE / f"{part}-labels.br").read_bytes())
    return np.concatenate(pixels).reshape(-1, PIXELS), np.frombuffer(labels, np.uint8)


def unpack_files(folder):
    """Writes the four files."""
    for part in ["train", "t10k"]:
        images, labels = unpack(part)
        header = struct.pack(">4I", 0x0803, len(images), 28, 28)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(header + images.tobytes())
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(struct.pack(">2I", 0x0801, len(labels)) + labels.tobytes())


def pack_files(folder):
    """Packs the four files."""
    def write(name, content):
        (HERE / name).write_bytes(brotli.compress(content, quality=11, lgwin=21))

    for part in ["train", "t10k"]:
        images = np.frombuffer((folder / f"{part}-images-idx3-ubyte").read_bytes(), np.uint8, offset=16)
        for piece, start in enumerate(range(0, len(images), PIECE * PIXELS)):
            write(f"{part}-images.{piece}.br", pack_images(images[start:start + PIECE * PIXELS]))
        write(f"{part}-labels.br", (folder / f"{part}-labels-idx1-ubyte").read_bytes()[8:])


if __name__ == "__main__":
    pack_files(pathlib.Path(sys.argv[1])) if sys.argv[1] != "--unpack" else unpack_files(pathlib.Path(sys.argv[2]))
