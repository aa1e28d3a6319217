"""Training steps in JAX on one core: 784-100-100-100-100-10, ReLU, He, Adam, batches of 128 out of all of MNIST.

    pip install numpy jax
    python step_jax.py
"""

import os

# Before JAX is imported: one thread.
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import time

import jax
import jax.numpy as jnp
import numpy as np

import mnist
import result

WIDTHS = [784, 100, 100, 100, 100, 10]
BATCH = 128
STEPS = 1000  # in a round
ROUNDS = 3
RATE, BETA_1, BETA_2, EPSILON = 1e-3, 0.9, 0.999, 1e-7


def initial(rng):
    """(W, b) of each layer."""
    shapes = zip(WIDTHS, WIDTHS[1:])
    he = lambda fan_in, fan_out: rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out)).astype(np.float32)
    return [(jnp.array(he(*shape)), jnp.zeros(shape[1])) for shape in shapes]


def logits(parameters, x):
    for weight, bias in parameters[:-1]:
        x = jax.nn.relu(x @ weight + bias)
    weight, bias = parameters[-1]
    return x @ weight + bias


def loss(parameters, x, y):
    log_share = jax.nn.log_softmax(logits(parameters, x))
    return -jnp.take_along_axis(log_share, y[:, None], axis=1).mean()


def adam(parameters, first, second, gradient, number):
    rate = RATE * jnp.sqrt(1 - BETA_2**number) / (1 - BETA_1**number)
    first = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, first, gradient)
    second = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, second, gradient)
    update = lambda w, m, v: w - rate * m / (jnp.sqrt(v) + EPSILON)
    return jax.tree.map(update, parameters, first, second), first, second


def train(state, images, labels, batches):
    """As many steps as there are batches, compiled as a whole."""

    def step(state, batch):
        parameters, first, second, number = state
        gradient = jax.grad(loss)(parameters, images[batch], labels[batch])
        return (*adam(parameters, first, second, gradient, number + 1), number + 1), None

    return jax.lax.scan(step, state, batches)[0]


def main():
    (images, labels), (test_images, test_labels) = jax.tree.map(jnp.array, mnist.load())
    rng = np.random.default_rng(1)
    parameters = initial(rng)
    zeros = lambda: jax.tree.map(jnp.zeros_like, parameters)
    state = (parameters, zeros(), zeros(), jnp.array(0.0))
    compiled = jax.jit(train, donate_argnums=0)
    seconds = []
    for _ in range(1 + ROUNDS):
        start = time.perf_counter()
        batches = rng.integers(0, len(labels), (STEPS, BATCH), dtype=np.int32)
        state = jax.block_until_ready(compiled(state, images, labels, batches))
        seconds.append(time.perf_counter() - start)
    accuracy = float((logits(state[0], test_images).argmax(1) == test_labels).mean())
    result.step(f"jax {jax.__version__}", seconds[1:], STEPS, accuracy)  # the first round compiles and warms up


if __name__ == "__main__":
    main()
