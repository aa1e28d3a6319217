#!/usr/bin/env python3
"""Runs ablate and the same work in JAX, PyTorch and NumPy in turn, and prints the ratios as Markdown.

    pip install numpy jax torch
    python benches/compare.py

Training steps run on one core, the grid on two. Rounds are interleaved (ablate, jax, torch, ablate, …) and ratios are
taken within a round, so that a machine that gets slower gets slower for all.
"""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "benches/peers"
WIDTHS = [784, 100, 100, 100, 100, 10]
BATCH = 128


def main():
    args = arguments()
    peers = [peer for peer in args.peers if is_installed(args.python, peer)]
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    show_machine(cores)
    if not args.grid_only:
        compare_steps(args, peers, cores[-1:])
    if not args.step_only:
        compare_grids(args, peers, cores[-2:])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds of each comparison (default 3)")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--step-only", action="store_true", help="compare training steps alone")
    only.add_argument("--grid-only", action="store_true", help="compare the grid alone")
    names = lambda text: [name for name in text.split(",") if name]
    parser.add_argument("--peers", type=names, default=["jax", "torch", "numpy"], help="default jax,torch,numpy")
    parser.add_argument("--python", default=sys.executable, help="interpreter of the peers (default: this one)")
    args = parser.parse_args()
    if args.rounds < 1:
        parser.error("--rounds has to be 1 or more")
    for name in args.peers:
        if name not in ("jax", "torch", "numpy"):
            parser.error(f"--peers knows jax, torch and numpy, not {name}")
    return args


def is_installed(python, peer):
    """Whether the peers' interpreter has the library; says so if not."""
    found = subprocess.run([python, "-c", f"import numpy, {peer}"], stderr=subprocess.DEVNULL).returncode == 0
    if not found:
        print(f"{peer} is left out: {python} cannot import it (pip install numpy {peer})", file=sys.stderr)
    return found


def compare_steps(args, peers, cores):
    binary = build("step", "bench", "--no-run", "--bench")
    commands = {"ablate": [binary, "--steps", "3000"]}
    commands |= {peer: [args.python, PEERS / f"step_{peer}.py"] for peer in peers if peer != "numpy"}
    rounds = [{name: result_of(command, cores) for name, command in commands.items()} for _ in range(args.rounds)]
    peak = result_of([args.python, PEERS / "dense_peak.py"], cores) if peers else None

    print(f"\nA training step, one core, median of {args.rounds} rounds:\n")
    print("| program | ms a step | best | dense-equivalent GFLOP/s | times ablate's time | test accuracy |")
    print("|---|---:|---:|---:|---:|---:|")
    for name in commands:
        results = [each[name] for each in rounds]
        median = statistics.median(each["time"] for each in results)
        best = min(each["best"] for each in results)
        accuracy = results[-1]["check"]["test"]
        gflops = step_flop() / median / 1e6
        ratio = ratio_to_ablate(name, [{key: each["time"] for key, each in r.items()} for r in rounds])
        print(f"| {results[-1]['peer']} | {median:.3f} | {best:.3f} | {gflops:.0f} | {ratio} | {accuracy:.3f} |")
    if peak:
        every = ", ".join(f"{library} {gflops:.0f}" for library, gflops in peak["all"].items())
        print(f"\nDense peak, the best 2048³ product in GFLOP/s: **{peak['gflops']:.0f}** ({every}).")


def compare_grids(args, peers, cores):
    binary = build("ablate", "build", "--release", "--bin")
    commands = {"ablate": None}
    commands |= {peer: [args.python, PEERS / f"grid_{peer}.py"] for peer in peers}
    if "numpy" in peers:
        commands["numpy in processes"] = [*commands["numpy"], "--processes", max(len(cores), 1)]
    rounds = []
    for _ in range(args.rounds):
        one = lambda command: timed(command, cores) if command else timed_ablate(binary, cores)
        rounds.append({name: one(command) for name, command in commands.items()})

    print(f"\nThe whole grid, {max(len(cores), 1)} cores, start to finish, median of {args.rounds} rounds:\n")
    print("| program | seconds | without imports | times ablate's time | train | test |")
    print("|---|---:|---:|---:|---:|---:|")
    for name in commands:
        results = [each[name] for each in rounds]
        median = statistics.median(seconds for seconds, _ in results)
        _, last = results[-1]
        without = f"{statistics.median(each['without_imports'] for _, each in results):.1f}" if name != "ablate" else "–"
        ratio = ratio_to_ablate(name, [{key: seconds for key, (seconds, _) in each.items()} for each in rounds])
        check = last["check"]
        print(f"| {last['peer']} | {median:.1f} | {without} | {ratio} | {check['train']:.3f} | {check['test']:.3f} |")


def ratio_to_ablate(name, rounds):
    """Median, smallest and largest of time / ablate's time within each round."""
    if name == "ablate":
        return "1"
    ratios = [each[name] / each["ablate"] for each in rounds]
    return f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f}–{max(ratios):.2f})"


def step_flop():
    """2·m·n·k of every product: forward, weight gradient, and input gradient of all layers but the first."""
    weights = [fan_in * fan_out for fan_in, fan_out in zip(WIDTHS, WIDTHS[1:])]
    return 2 * BATCH * (3 * sum(weights) - weights[0])


def timed_ablate(binary, cores):
    """(seconds, result in the form of the peers') of `ablate run ablations/overfit.toml`."""
    with tempfile.TemporaryDirectory() as out:
        jobs = str(max(len(cores), 1))
        command = [binary, "run", ROOT / "ablations/overfit.toml", "--fresh", "--quiet", "--jobs", jobs, "--out", out]
        start = time.perf_counter()
        run(command, cores)
        seconds = time.perf_counter() - start
        table = json.loads(run([binary, "export", "overfit", "--format", "json", "--out", out], cores))
    plain = next(cell for cell in table["cells"] if cell["params"] == {"dropout": 0.0, "weight_decay": 0.0})
    check = {"train": plain["train_accuracy"]["mean"], "test": plain["test_accuracy"]["mean"]}
    return seconds, {"peer": f"ablate {table['provenance']['ablate']}", "check": check}


def timed(command, cores):
    """(seconds from start to finish, the printed result)."""
    start = time.perf_counter()
    result = result_of(command, cores)
    return time.perf_counter() - start, result


def result_of(command, cores):
    return json.loads(run(command, cores).splitlines()[-1])


def run(command, cores):
    """Standard output of a command on these cores alone."""
    command = [str(word) for word in command]
    print("…", *command, file=sys.stderr)
    pin = (lambda: os.sched_setaffinity(0, cores)) if cores else None
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, preexec_fn=pin)
    if done.returncode != 0:
        sys.exit(f"error: this failed with status {done.returncode}: {' '.join(command)}")
    return done.stdout


def build(name, *arguments):
    """Path of the program `name` that `cargo ARGUMENTS name` builds."""
    messages = run(["cargo", *arguments, name, "--message-format=json"], []).splitlines()
    artifacts = [message for message in map(json.loads, messages) if message.get("executable")]
    return next(artifact["executable"] for artifact in artifacts if artifact["target"]["name"] == name)


def show_machine(cores):
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    rustc = run(["rustc", "--version"], []).split()[1]
    commit = run(["git", "describe", "--always", "--dirty"], []).strip()
    print(f"{datetime.date.today()}, {cpu_model()}, {len(cores) or os.cpu_count()} cores{load}; {platform.system()} "
          f"{platform.release()}; Rust {rustc}, commit {commit}")


def cpu_model():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
