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
# The networks whose steps are compared: name, options of the step programs, steps of a round.
NETWORKS = [
    ("4×100 relu", [], 1000),
    ("4×100 relu, batch 32", ["--batch", "32"], 2000),
    ("4×100 relu, batch 512", ["--batch", "512"], 300),
    ("4×100 relu, batch norm", ["--batch-norm"], 1000),
    ("4×100 relu, dropout .2", ["--dropout", "0.2"], 1000),
    ("4×100 relu, batch norm, dropout .2", ["--batch-norm", "--dropout", "0.2"], 1000),
    ("6×100 relu, SGD, batch 100", ["--hidden", "100,100,100,100,100,100", "--optimizer", "sgd", "--batch", "100"], 1000),
    ("4×100 tanh", ["--activation", "tanh"], 1000),
    ("3×512 relu", ["--hidden", "512,512,512"], 100),
    ("3×512 tanh", ["--hidden", "512,512,512", "--activation", "tanh"], 100),
    ("2×1024 relu", ["--hidden", "1024,1024"], 50),
    ("3×2048 relu, dropout .5", ["--hidden", "2048,2048,2048", "--dropout", "0.5"], 20),
]


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
    parser.add_argument("--network", default="", metavar="TEXT", help="only networks whose name has this text")
    parser.add_argument("--before", metavar="PATH", help="an earlier build of the bench `step`, compared too")
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
    programs = {"ablate": [binary]}
    programs |= {"before": [args.before]} if args.before else {}
    programs |= {peer: [args.python, PEERS / f"step_{peer}.py"] for peer in peers if peer != "numpy"}
    networks = [each for each in NETWORKS if args.network in each[0]]
    times = {name: [] for name, _, _ in networks}
    for _ in range(args.rounds):
        for name, options, steps in networks:
            run_one = lambda program: result_of([*program, *options, "--steps", steps], cores)
            times[name].append({program: run_one(command) for program, command in programs.items()})
    peak = result_of([args.python, PEERS / "dense_peak.py"], cores) if peers else None

    others = [program for program in programs if program != "ablate"]
    print(f"\nTraining steps, one core, ms a step, median of {args.rounds} rounds; beside it, its ratio to ablate's time:\n")
    print("| network | ablate |" + "".join(f" {program} | times |" for program in others))
    print("|---|---:|" + "---:|---:|" * len(others))
    for name, rounds in times.items():
        median = lambda program: statistics.median(each[program]["time"] for each in rounds)
        ratio = lambda program: ratio_to_ablate(program, [{key: one["time"] for key, one in each.items()} for each in rounds])
        cells = "".join(f" {median(program):.3f} | {ratio(program)} |" for program in others)
        print(f"| {name} | {median('ablate'):.3f} |{cells}")
    last = next(iter(times.values()))[-1]
    print("\n" + ", ".join(f"{program}: {one['peer']}" for program, one in last.items()))
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
