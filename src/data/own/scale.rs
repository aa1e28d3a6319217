//! Bringing numbers to one scale. All that has to be known for it is taken from the training samples.

use super::Values;
use crate::kernel::{Matrix, Rows, Scale, SparseRows};
use crate::plan::config::data::{Files, Scaling};

/// The scaling that a study asks for, or that goes with the kind of values.
pub(super) fn of(files: &Files, values: &Values) -> Scaling {
    files.scale.unwrap_or(match values {
        Values::Bytes(_) => Scaling::Unit,
        Values::Numbers(_) => Scaling::Standard,
    })
}

/// Whether values stay bytes.
pub(super) fn keeps_bytes(scaling: Scaling, values: &Values) -> bool {
    matches!((scaling, values), (Scaling::Unit | Scaling::None, Values::Bytes(_)))
}

/// The first `train_count` and `test_count` samples of `inputs` values each, scaled by all training samples.
pub(super) fn scale(
    scaling: Scaling,
    train: Values,
    test: Values,
    inputs: usize,
    train_count: usize,
    test_count: usize,
) -> (Rows, Rows) {
    let keeps_bytes = keeps_bytes(scaling, &train);
    if let (Values::Bytes(train), Values::Bytes(test), true) = (&train, &test, keeps_bytes) {
        let largest = train.iter().copied().max().unwrap_or(0).max(1);
        let scale = Scale { zero: 0.0, one: if scaling == Scaling::Unit { f32::from(largest) } else { 1.0 } };
        let rows = |bytes: &[u8], count: usize| {
            let bytes = &bytes[..bytes.len().min(count.saturating_mul(inputs))];
            Rows::Bytes(SparseRows::from_bytes(bytes, inputs, scale))
        };
        return (rows(train, train_count), rows(test, test_count));
    }
    let (train, test) = (numbers(train), numbers(test));
    let columns = columns(scaling, &train, inputs);
    let rows = |numbers: &[f64], count: usize| {
        let count = count.min(numbers.len() / inputs);
        let mut rows = Matrix::zeros(count, inputs);
        for (row, numbers) in numbers.chunks_exact(inputs).take(count).enumerate() {
            for ((value, &number), &(zero, one)) in rows.row_mut(row).iter_mut().zip(numbers).zip(&columns) {
                *value = ((number - zero) / one) as f32;
            }
        }
        Rows::Numbers(rows)
    };
    (rows(&train, train_count), rows(&test, test_count))
}

fn numbers(values: Values) -> Vec<f64> {
    match values {
        Values::Bytes(bytes) => bytes.into_iter().map(f64::from).collect(),
        Values::Numbers(numbers) => numbers,
    }
}

/// Of each column, which number becomes 0, and how much further on is 1.
fn columns(scaling: Scaling, train: &[f64], inputs: usize) -> Vec<(f64, f64)> {
    let count = (train.len() / inputs) as f64;
    let column = |column: usize| train.iter().skip(column).step_by(inputs).copied();
    let of_column = |index: usize| {
        let (zero, one) = match scaling {
            Scaling::None => (0.0, 1.0),
            Scaling::Unit => {
                let (least, most) =
                    column(index).fold((f64::MAX, f64::MIN), |(low, high), x| (low.min(x), high.max(x)));
                (least, most - least)
            }
            Scaling::Standard => {
                let mean = column(index).sum::<f64>() / count;
                let variance = column(index).map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
                (mean, variance.sqrt())
            }
        };
        // Of a column that never varies, rounding may leave a little.
        let varies = one > 1e-12 * zero.abs() && one > 0.0;
        (zero, if varies { one } else { f64::INFINITY })
    };
    (0..inputs).map(of_column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &Rows) -> Vec<Vec<f32>> {
        let Rows::Numbers(matrix) = rows else { panic!("numbers") };
        (0..matrix.rows()).map(|row| matrix.row(row).to_vec()).collect()
    }

    /// Means 2.5, 7 and 0.1; deviations √1.25, 0 and 0.
    #[test]
    fn the_training_samples_alone_say_how_others_are_scaled() {
        let train = || Values::Numbers(vec![1.0, 7.0, 0.1, 2.0, 7.0, 0.1, 3.0, 7.0, 0.1, 4.0, 7.0, 0.1]);
        let test = || Values::Numbers(vec![10.0, 8.0, 0.1, 2.5, 7.0, 0.3]);
        let (fewer, tested) = scale(Scaling::Standard, train(), test(), 3, 2, 9);
        let sd = 1.25f64.sqrt();
        assert_eq!(rows(&fewer), [[(-1.5 / sd) as f32, 0.0, 0.0], [(-0.5 / sd) as f32, 0.0, 0.0]]);
        assert_eq!(rows(&tested), [[(7.5 / sd) as f32, 0.0, 0.0], [0.0, 0.0, 0.0]]);
        let (all, tested) = scale(Scaling::Unit, train(), test(), 3, 9, 1);
        assert_eq!(rows(&all)[3], [1.0, 0.0, 0.0]);
        assert_eq!(rows(&tested), [[3.0, 0.0, 0.0]]);
        let (raw, _) = scale(Scaling::None, train(), test(), 3, 1, 1);
        assert_eq!(rows(&raw), [[1.0, 7.0, 0.1]]);
    }

    #[test]
    fn images_stay_bytes_unless_they_are_standardised() {
        let bytes = || Values::Bytes(vec![0, 255, 51, 0]);
        let (train, _) = scale(Scaling::Unit, bytes(), bytes(), 2, 2, 2);
        assert!(matches!(train, Rows::Bytes(_)));
        let (train, _) = scale(Scaling::Standard, bytes(), bytes(), 2, 2, 2);
        assert_eq!(rows(&train), [[-1.0, 1.0], [1.0, -1.0]]);
    }
}
