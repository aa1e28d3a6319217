"""Packs MNIST's four files, unpacked, for the program, which has them in it: `python data/mnist/pack.py FOLDER`.

Needs the package `brotli` (1.2.1 makes the bytes of the repository). `brotli -dc NAME.*.br` gives a file back.
"""

import pathlib
import sys

import brotli

# The program unpacks pieces at the same time. Smaller ones would take more room.
PIECE = 16_000_000

source, here = pathlib.Path(sys.argv[1]), pathlib.Path(__file__).parent
for part in ["train", "t10k"]:
    for name in [f"{part}-images-idx3-ubyte", f"{part}-labels-idx1-ubyte"]:
        file = (source / name).read_bytes()
        for place in range(0, len(file), PIECE):
            packed = brotli.compress(file[place:place + PIECE], quality=11, lgwin=24)
            (here / f"{name}.{place // PIECE}.br").write_bytes(packed)
