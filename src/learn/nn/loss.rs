//! Softmax with cross-entropy.

use crate::kernel::function::exp;
use crate::kernel::{Matrix, vectorised};

/// Turns the first rows of logits, one a label, into e^(logit − the row's largest) and returns the sum of their
/// cross-entropies in nats: ln Σ e^(logit − largest) − (logit of the label − largest).
pub fn cross_entropy(logits: &mut Matrix, labels: impl ExactSizeIterator<Item = u8>) -> f64 {
    /// Sums of exponentials multiplied before one logarithm is taken of them; each lies in [1, classes].
    const TOGETHER: usize = 64;
    let (rows, cols, stride) = (labels.len(), logits.cols(), logits.stride());
    let logits = &mut logits.padded_mut()[..rows * stride];
    let mut loss = 0.0;
    for (row, label) in logits.chunks_exact_mut(stride).zip(labels) {
        let largest = row[1..cols].iter().fold(row[0], |largest, &logit| if logit > largest { logit } else { largest });
        row.iter_mut().for_each(|logit| *logit -= largest);
        loss -= f64::from(row[usize::from(label)]);
    }
    exponentiate(logits);
    for rows in logits.chunks(TOGETHER * stride) {
        let sums = rows.chunks_exact(stride).map(|row| f64::from(row[..cols].iter().sum::<f32>()));
        loss += libm::log(sums.product());
    }
    loss
}

/// From logits to the gradient of the mean cross-entropy with the targets, (softmax − targets)/batch, in place. The target
/// of an image is 1 − ε for its label and ε/classes for every class, ε being the `smoothing` (Szegedy et al. 2016, section
/// 7; 0 for one-hot). `class_weights`, a number for each class, multiply the gradient of each image by the weight of its
/// label; the batch counts by its images all the same. Returns the batch's mean cross-entropy with the labels themselves,
/// unweighted, in nats.
pub fn cross_entropy_gradient(
    logits: &mut Matrix,
    labels: impl ExactSizeIterator<Item = u8> + Clone,
    smoothing: f32,
    class_weights: Option<&[f32]>,
) -> f64 {
    let loss = cross_entropy(logits, labels.clone());
    let (batch, cols, stride) = (labels.len() as f32, logits.cols(), logits.stride());
    for (row, label) in logits.padded_mut().chunks_exact_mut(stride).zip(labels) {
        let (row, padding) = row.split_at_mut(cols);
        padding.fill(0.0);
        let sum: f32 = row.iter().sum();
        row.iter_mut().for_each(|value| *value /= sum * batch);
        row[usize::from(label)] -= (1.0 - smoothing) / batch;
        if smoothing > 0.0 {
            row.iter_mut().for_each(|value| *value -= smoothing / cols as f32 / batch);
        }
        if let Some(weights) = class_weights {
            row.iter_mut().for_each(|value| *value *= weights[usize::from(label)]);
        }
    }
    loss / f64::from(batch)
}

/// How many of the first rows have their largest logit at their label. Of equal logits the first one counts.
pub fn correct(logits: &Matrix, labels: impl Iterator<Item = u8>) -> usize {
    labels.enumerate().filter(|&(row, label)| largest(logits.row(row)) == usize::from(label)).count()
}

/// Index of the largest value, the first of equals. The row is not empty.
pub fn largest(row: &[f32]) -> usize {
    (1..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best })
}

vectorised! {
    fn exponentiate(values: &mut [f32]) {
        for value in values {
            *value = exp::<Fma>(*value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_by_hand() {
        let mut logits = Matrix::zeros(2, 3);
        logits.row_mut(0).copy_from_slice(&[1.0, 2.0, 3.0]);
        assert_eq!(correct(&logits, [2, 0].into_iter()), 2);
        assert_eq!(correct(&logits, [1, 1].into_iter()), 0);
        let loss = cross_entropy_gradient(&mut logits, [2, 0].into_iter(), 0.0, None);
        // ln(e¹ + e² + e³) − 3 = 0.407606, and ln 3 = 1.098612
        assert!((loss - (0.407_606 + 1.098_612) / 2.0).abs() < 1e-6);
        // (softmax − one-hot)/2 with softmax(1, 2, 3) = 0.090031, 0.244728, 0.665241
        let expected = [0.045_015, 0.122_364, -0.167_380];
        assert!(logits.row(0).iter().zip(&expected).all(|(found, expected)| (found - expected).abs() < 1e-6));
    }

    #[test]
    fn a_smoothed_batch_by_hand() {
        let mut logits = Matrix::zeros(2, 3);
        logits.row_mut(0).copy_from_slice(&[1.0, 2.0, 3.0]);
        let loss = cross_entropy_gradient(&mut logits, [2, 0].into_iter(), 0.3, None);
        assert!((loss - (0.407_606 + 1.098_612) / 2.0).abs() < 1e-6, "the loss is that of the labels: {loss}");
        // (softmax(1, 2, 3) − (0.1, 0.1, 0.8))/2, and (⅓ − (0.8, 0.1, 0.1))/2
        let expected = [[-0.004_985, 0.072_364, -0.067_380], [-0.233_333, 0.116_667, 0.116_667]];
        for (row, expected) in expected.iter().enumerate() {
            assert!(logits.row(row).iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6));
        }
    }

    /// The gradient of each image times the weight of its label, and the loss as it was.
    #[test]
    fn a_weighted_batch_by_hand() {
        let mut logits = Matrix::zeros(2, 3);
        logits.row_mut(0).copy_from_slice(&[1.0, 2.0, 3.0]);
        let loss = cross_entropy_gradient(&mut logits, [2, 0].into_iter(), 0.0, Some(&[0.5, 7.0, 3.0]));
        assert!((loss - (0.407_606 + 1.098_612) / 2.0).abs() < 1e-6, "{loss}");
        // 3·(0.045015, 0.122364, −0.167380), and .5·(⅓ − 1, ⅓, ⅓)/2
        let expected = [[0.135_046, 0.367_093, -0.502_139], [-0.166_667, 0.083_333, 0.083_333]];
        for (row, expected) in expected.iter().enumerate() {
            assert!(logits.row(row).iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 2e-6));
        }
    }

    #[test]
    fn nan_is_not_hidden() {
        let mut logits = Matrix::zeros(1, 3);
        logits.row_mut(0)[1] = f32::NAN;
        assert!(cross_entropy(&mut logits, [0].into_iter()).is_nan());
    }
}
