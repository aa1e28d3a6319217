"""Which network the step scripts train; the options are those of benches/step.rs."""

import argparse


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=1000, help="steps of a round")
    parser.add_argument("--hidden", type=lambda text: [int(width) for width in text.split(",")], default=[100] * 4)
    parser.add_argument("--activation", choices=["relu", "tanh"], default="relu")
    parser.add_argument("--optimizer", choices=["adam", "sgd"], default="adam")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--batch-norm", action="store_true")
    args = parser.parse_args()
    args.widths = [784, *args.hidden, 10]
    return args
