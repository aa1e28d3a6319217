"""What every script measures is checked here and printed as one line of JSON."""

import json
import statistics
import sys

# Accuracies outside of these ranges mean that the work was not the one that is compared.
STEP_TEST = (0.8, 0.995)  # test accuracy of any of the networks, wide ones after some 80 steps alone
GRID_TRAIN = (0.995, 1.0)  # mean over the seeds, without dropout and weight decay, after 201 epochs
GRID_TEST = (0.73, 0.79)


def step(peer, round_seconds, steps, test_accuracy):
    """`round_seconds`: what each timed round of `steps` steps took."""
    check("test accuracy", test_accuracy, STEP_TEST)
    per_step = [1000 * seconds / steps for seconds in round_seconds]
    show(peer, "step", statistics.median(per_step), "ms", best=min(per_step), check={"test": test_accuracy})


def grid(peer, seconds, import_seconds, final, epochs):
    """`final`: for each trial its (dropout, weight decay, train accuracy, test accuracy) after the last epoch."""
    plain = [accuracies for dropout, decay, *accuracies in final if dropout == 0 and decay == 0]
    train, test = (statistics.fmean(column) for column in zip(*plain))
    if epochs == 201:
        check("train accuracy", train, GRID_TRAIN)
        check("test accuracy", test, GRID_TEST)
    without = seconds - import_seconds
    show(peer, "grid", seconds, "s", without_imports=without, check={"train": train, "test": test})


def show(peer, work, time, unit, **more):
    rounded = {key: round(value, 4) if isinstance(value, float) else value for key, value in more.items()}
    print(json.dumps({"peer": peer, "work": work, "time": round(time, 4), "unit": unit, **rounded}))


def check(what, value, limits):
    low, high = limits
    if not low <= value <= high:
        sys.exit(f"{what} {value:.4f} lies outside of {low} to {high}: this is not the work that is compared")
