//! Means, intervals, paired differences and exact tests.

/// A sample in short.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    pub n: usize,
    pub mean: f64,
    /// Sample standard deviation (n − 1); `None` for n < 2.
    pub sd: Option<f64>,
    /// 95 % interval of the mean (Student's t); `None` for n < 2.
    pub ci95: Option<(f64, f64)>,
}
