"""The machine's dense peak: the best single-precision product of 2048×2048 matrices of any library here, on one core.

    pip install numpy jax torch
    python dense_peak.py

Libraries that are missing are left out.
"""

import os

# Before anything is imported: one thread.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"
for library in ["OPENBLAS", "MKL", "OMP", "VECLIB_MAXIMUM"]:
    os.environ[f"{library}_NUM_THREADS"] = "1"

import time

import numpy as np

import result

SIDE = 2048
PRODUCTS = 12


def numpy_product(a, b):
    return f"numpy {np.__version__}", lambda: a @ b


def torch_product(a, b):
    import torch

    torch.set_num_threads(1)
    a, b = torch.from_numpy(a), torch.from_numpy(b)
    return f"torch {torch.__version__.partition('+')[0]}", lambda: a @ b


def jax_product(a, b):
    import jax
    import jax.numpy as jnp

    a, b, multiply = jnp.array(a), jnp.array(b), jax.jit(jnp.matmul)
    return f"jax {jax.__version__}", lambda: multiply(a, b).block_until_ready()


def seconds(product):
    start = time.perf_counter()
    product()
    return time.perf_counter() - start


def main():
    rng = np.random.default_rng(1)
    a, b = rng.random((2, SIDE, SIDE), np.float32)
    peaks = {}
    for prepare in [numpy_product, torch_product, jax_product]:
        try:
            name, product = prepare(a, b)
        except ImportError:
            continue
        peaks[name] = 2 * SIDE**3 / 1e9 / min(seconds(product) for _ in range(PRODUCTS))
    best = max(peaks, key=peaks.get)
    result.show(best, "peak", 2 * SIDE**3 / 1e9 / peaks[best], "s", gflops=round(peaks[best], 1),
                all={name: round(peak, 1) for name, peak in peaks.items()})


if __name__ == "__main__":
    main()
