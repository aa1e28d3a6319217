"""The grid of trials in JAX on all cores it may use: all trials at once with vmap, every epoch compiled.

    pip install numpy jax
    python grid_jax.py
"""

import time

START = time.perf_counter()

import os

os.environ["JAX_PLATFORMS"] = "cpu"

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import mnist
import result
import trials

IMPORTED = time.perf_counter()


def layers(parameters, x, behind_each):
    for number, (weight, bias) in enumerate(parameters[:-1]):
        x = behind_each(number, jax.nn.relu(x @ weight + bias))
    weight, bias = parameters[-1]
    return x @ weight + bias


def loss(parameters, x, y, key, dropout):
    def drop(number, x):
        if dropout == 0:
            return x
        kept = jax.random.bernoulli(jax.random.fold_in(key, number), 1 - dropout, x.shape)
        return jnp.where(kept, x / (1 - dropout), 0)

    log_share = jax.nn.log_softmax(layers(parameters, x, drop))
    return -jnp.take_along_axis(log_share, y[:, None], axis=1).mean()


def accuracy(parameters, images, labels):
    return (layers(parameters, images, lambda _, x: x).argmax(1) == labels).mean()


def train(training, test, parameters, batches, decay, key, dropout):
    """One trial: train and test accuracy after every epoch."""
    images, labels = training

    def step(parameters, batch):
        indices, key = batch
        gradient = jax.grad(loss)(parameters, images[indices], labels[indices], key, dropout)
        update = lambda layer, change: (
            layer[0] - trials.RATE * (change[0] + decay * layer[0]),
            layer[1] - trials.RATE * change[1],
        )
        return [update(*pair) for pair in zip(parameters, gradient)], None

    def epoch(parameters, batches):
        parameters, _ = jax.lax.scan(step, parameters, batches)
        return parameters, (accuracy(parameters, *training), accuracy(parameters, *test))

    keys = jax.random.split(key, batches.shape[:2])
    return jax.lax.scan(epoch, parameters, (batches, keys))[1]


def start(seed, epochs):
    """Initial parameters, batches and key."""
    rng = np.random.default_rng(seed)
    parameters = [(weight.astype(np.float32), np.zeros(weight.shape[1], np.float32)) for weight in trials.he_weights(rng)]
    return parameters, trials.batches(rng, epochs), seed


def main():
    epochs = trials.epochs()
    jax.config.update("jax_default_prng_impl", "rbg")  # the fastest of its generators here
    training, test = mnist.load(trials.IMAGES)
    final = []
    for dropout in trials.DROPOUTS:
        group = [(decay, seed) for rate, decay, seed in trials.TRIALS if rate == dropout]
        starts = [start(seed, epochs) for _, seed in group]
        parameters, batches, seeds = jax.tree.map(lambda *each: jnp.array(each), *starts)
        decays = jnp.array([decay for decay, _ in group])
        keys = jax.vmap(jax.random.key)(seeds)
        every = jax.vmap(partial(train, dropout=dropout), in_axes=(None, None, 0, 0, 0, 0))
        curves = jax.block_until_ready(jax.jit(every)(training, test, parameters, batches, decays, keys))
        final += [(dropout, decay, *(float(c[i, -1]) for c in curves)) for i, (decay, _) in enumerate(group)]
    result.grid(f"jax {jax.__version__}", time.perf_counter() - START, IMPORTED - START, final, epochs)


if __name__ == "__main__":
    main()
