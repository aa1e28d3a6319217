use super::{DataFile, Declaration, KnownFiles, Origin};

/// Handwritten digits: in the program itself, or read from four files.
pub static MNIST: Declaration = Declaration {
    name: "mnist",
    title: "MNIST",
    meaning: "60,000 training and 10,000 test images of handwritten digits, 28×28 (LeCun & Cortes).",
    samples: "images",
    train: 60_000,
    test: 10_000,
    shape: &[28, 28],
    classes: &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    nonzero: 0.2,
    bytes: true,
    origin: Origin::Known(KnownFiles {
        folder: "mnist",
        holds: "MNIST's four files",
        files: &MNIST_FILES,
        // The program's own, where there are cores to unpack all seven pieces at once: a window of 2 MB, runs and values, and
        // pixels. Files take less.
        reading: 85e6,
    }),
};

/// Images and labels to train on, then those to test with; `data/mnist/README.md` has the same digests.
pub static MNIST_FILES: [DataFile; 4] = [
    DataFile {
        name: "train-images-idx3-ubyte",
        sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    },
    DataFile {
        name: "train-labels-idx1-ubyte",
        sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    },
    DataFile {
        name: "t10k-images-idx3-ubyte",
        sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    },
    DataFile {
        name: "t10k-labels-idx1-ubyte",
        sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
];
