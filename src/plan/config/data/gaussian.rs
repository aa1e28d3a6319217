use super::{Declaration, Origin};

/// Standard normal numbers, generated.
pub static GAUSSIAN: Declaration = Declaration {
    name: "gaussian",
    title: "the Gaussian numbers",
    meaning: "100 independent numbers of a standard normal distribution each, with labels that mean nothing: to see what \
              initial weights do to activations.",
    samples: "samples",
    train: 1_000,
    test: 1_000,
    shape: &[100],
    classes: &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    nonzero: 1.0,
    bytes: true,
    origin: Origin::Generated { version: "ablate gaussian 1" },
};
