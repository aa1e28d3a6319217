use super::{Declaration, Origin};

/// Digits of a small font, generated.
pub static SYNTHETIC: Declaration = Declaration {
    name: "synthetic",
    title: "the synthetic digits",
    meaning: "A small generated set of ten digits, 8×8, for demos and fast tests.",
    samples: "images",
    train: 1_000,
    test: 1_000,
    shape: &[8, 8],
    classes: &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    nonzero: 0.25,
    bytes: true,
    origin: Origin::Generated { version: "ablate synthetic digits 1" },
};
