"""Training steps in JAX on one core: fully connected networks, He, batches out of all of MNIST.

    pip install numpy jax
    python step_jax.py --hidden 512,512,512 --activation tanh --steps 100
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
import network
import result

ARGS = network.arguments()
ROUNDS = 3
RATE, BETA_1, BETA_2, EPSILON = 1e-3, 0.9, 0.999, 1e-7
SGD_RATE = 0.01
NORM_MOMENTUM, NORM_EPSILON = 0.9, 1e-6


def initial(rng):
    """(parameters, running statistics): (W, b, γ, β) and (mean, variance) of each layer; the last has no γ and β."""
    shapes = zip(ARGS.widths, ARGS.widths[1:])
    he = lambda fan_in, fan_out: rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out)).astype(np.float32)
    parameters = [[jnp.array(he(*shape)), jnp.zeros(shape[1])] for shape in shapes]
    if not ARGS.batch_norm:
        return parameters, []
    for layer, width in zip(parameters, ARGS.hidden):
        layer += [jnp.ones(width), jnp.zeros(width)]
    return parameters, [(jnp.zeros(width), jnp.ones(width)) for width in ARGS.hidden]


def logits(parameters, running, x, key=None):
    """(logits, running statistics); in training with a key for what is dropped."""
    activation = {"relu": jax.nn.relu, "tanh": jnp.tanh}[ARGS.activation]
    followed = []
    for index, (weight, bias, *norm) in enumerate(parameters[:-1]):
        x = x @ weight + bias
        if norm:
            (gamma, beta), (mean, variance) = norm, running[index]
            if key is not None:
                batch = x.mean(0), x.var(0)
                followed.append(tuple(NORM_MOMENTUM * old + (1 - NORM_MOMENTUM) * jax.lax.stop_gradient(new)
                                      for old, new in zip((mean, variance), batch)))
                mean, variance = batch
            x = gamma * (x - mean) * jax.lax.rsqrt(variance + NORM_EPSILON) + beta
        x = activation(x)
        if ARGS.dropout and key is not None:
            kept = jax.random.bernoulli(jax.random.fold_in(key, index), 1 - ARGS.dropout, x.shape)
            x = jnp.where(kept, x / (1 - ARGS.dropout), 0)
    weight, bias = parameters[-1]
    return x @ weight + bias, followed


def loss(parameters, running, x, y, key):
    out, followed = logits(parameters, running, x, key)
    return -jnp.take_along_axis(jax.nn.log_softmax(out), y[:, None], axis=1).mean(), followed


def adam(parameters, first, second, gradient, number):
    rate = RATE * jnp.sqrt(1 - BETA_2**number) / (1 - BETA_1**number)
    first = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, first, gradient)
    second = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, second, gradient)
    update = lambda w, m, v: w - rate * m / (jnp.sqrt(v) + EPSILON)
    return jax.tree.map(update, parameters, first, second), first, second


def train(state, images, labels, batches):
    """As many steps as there are batches, compiled as a whole."""

    def step(state, batch):
        parameters, running, first, second, number, key = state
        drawn = jax.random.fold_in(key, number.astype(int))
        gradient, running = jax.grad(loss, has_aux=True)(parameters, running, images[batch], labels[batch], drawn)
        number = number + 1
        if ARGS.optimizer == "adam":
            parameters, first, second = adam(parameters, first, second, gradient, number)
        else:
            parameters = jax.tree.map(lambda w, g: w - SGD_RATE * g, parameters, gradient)
        return (parameters, running, first, second, number, key), None

    return jax.lax.scan(step, state, batches)[0]


def main():
    (images, labels), (test_images, test_labels) = jax.tree.map(jnp.array, mnist.load())
    rng = np.random.default_rng(1)
    parameters, running = initial(rng)
    zeros = lambda: jax.tree.map(jnp.zeros_like, parameters) if ARGS.optimizer == "adam" else []
    # XLA's own generator, which is faster on processors than the default one.
    key = jax.random.key(1, impl="unsafe_rbg")
    state = (parameters, running, zeros(), zeros(), jnp.array(0.0), key)
    compiled = jax.jit(train, donate_argnums=0)
    seconds = []
    for _ in range(1 + ROUNDS):
        start = time.perf_counter()
        batches = rng.integers(0, len(labels), (ARGS.steps, ARGS.batch), dtype=np.int32)
        state = jax.block_until_ready(compiled(state, images, labels, batches))
        seconds.append(time.perf_counter() - start)
    accuracy = float((logits(state[0], state[1], test_images)[0].argmax(1) == test_labels).mean())
    result.step(f"jax {jax.__version__}", seconds[1:], ARGS.steps, accuracy)  # the first round compiles and warms up


if __name__ == "__main__":
    main()
