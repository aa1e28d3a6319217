//! The path of a training through the space of its weights, and the two directions that show most of it.

use super::Weights;
use crate::learn::nn::Network;
use crate::plan::config::Config;
use crate::record::event::Path;

/// Snapshots that are kept of a training, at most.
const MOST: usize = 64;
/// The largest number of rounds of Jacobi's method; it needs about ten.
const ROUNDS: usize = 50;

/// Weights along a training, from evaluations spread evenly over it, the first and the last included.
pub struct Snapshots {
    /// One of this many evaluations is kept.
    every: usize,
    evaluations: usize,
    kept: Vec<(u32, Weights)>,
}

impl Snapshots {
    /// Empty, for a training with this configuration.
    pub fn new(config: &Config) -> Snapshots {
        let (last_step, between) = (config.total_steps(), config.evaluation_steps());
        // The last step may come after the last whole interval.
        let every = (last_step / between + 1).div_ceil(MOST - 1);
        Snapshots { every, evaluations: 0, kept: Vec::new() }
    }

    /// To be called at each evaluation.
    pub fn keep(&mut self, step: usize, is_last: bool, network: &mut Network) {
        if self.evaluations.is_multiple_of(self.every) || is_last {
            self.kept.push((step as u32, Weights::of(network)));
        }
        self.evaluations += 1;
    }

    /// Bytes that snapshots of this many weights take, together with the differences between them.
    pub fn bytes(config: &Config, weights: f64) -> f64 {
        let Snapshots { every, .. } = Snapshots::new(config);
        8.0 * weights * (1 + config.evaluations().div_ceil(every)).min(MOST) as f64
    }

    /// The first two principal directions, of length 1, of the snapshots' differences from the last one, wₜ − w (not
    /// centred: the last is the origin), and the training in their coordinates. `None` if it does not span a plane.
    ///
    /// With n snapshots and their differences as the rows of M, the directions are Mᵀu/√λ for the eigenvectors u of M
    /// Mᵀ, [n, n], and the coordinates √λ u. Each direction points to where the training was farthest away.
    pub fn main_directions(&self) -> Option<(Path, [Weights; 2])> {
        let (_, end) = self.kept.last()?;
        let differences: Vec<Vec<f32>> = self.kept.iter().map(|(_, weights)| difference(weights, end)).collect();
        let gram: Vec<Vec<f64>> = differences.iter().map(|a| differences.iter().map(|b| dot(a, b)).collect()).collect();
        let whole: f64 = (0..gram.len()).map(|index| gram[index][index]).sum();
        let mut found = eigenvectors(gram);
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        let [first, second] = found.get(..2)? else { return None };
        // So small that it is rounding.
        if !whole.is_finite() || second.0 <= 1e-12 * whole {
            return None;
        }
        let axis = |(value, vector): &(f64, Vec<f64>)| {
            let farthest = vector.iter().fold(0.0f64, |far, &u| if u.abs() > far.abs() { u } else { far });
            let sign = if farthest < 0.0 { -1.0 } else { 1.0 };
            let places = vector.iter().map(|u| (sign * value.sqrt() * u) as f32).collect();
            let shares: Vec<f64> = vector.iter().map(|u| sign * u / value.sqrt()).collect();
            (places, mix(&differences, &shares, end), (value / whole) as f32)
        };
        let ((x, across, share_x), (y, up, share_y)) = (axis(first), axis(second));
        let step = self.kept.iter().map(|(step, _)| *step).collect();
        Some((Path { step, x, y, shares: [share_x, share_y] }, [across, up]))
    }
}

/// `weights` − `end`, all parameters in one list.
fn difference(weights: &Weights, end: &Weights) -> Vec<f32> {
    weights.0.iter().flatten().zip(end.0.iter().flatten()).map(|(weight, end)| weight - end).collect()
}

/// In eight partial sums, added up in order.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += f64::from(*a) * f64::from(*b);
        }
    }
    sums.iter().sum()
}

/// The sum of the differences, each times its share, cut into parameters as `like` is.
fn mix(differences: &[Vec<f32>], shares: &[f64], like: &Weights) -> Weights {
    let mut place = 0..;
    let sum = |place: usize| {
        differences.iter().zip(shares).map(|(difference, share)| share * f64::from(difference[place])).sum::<f64>()
    };
    let values = like.0.iter().map(|param| place.by_ref().take(param.len()).map(|place| sum(place) as f32).collect());
    Weights(values.collect())
}

/// (eigenvalue, eigenvector of length 1) of a symmetric matrix, by Jacobi's method: each round rotates every pair of
/// axes so that the element between them vanishes (Golub & Van Loan 2013, section 8.5).
fn eigenvectors(mut a: Vec<Vec<f64>>) -> Vec<(f64, Vec<f64>)> {
    let n = a.len();
    // Row k is the k-th vector.
    let mut v: Vec<Vec<f64>> = (0..n).map(|row| (0..n).map(|col| f64::from(u8::from(row == col))).collect()).collect();
    for _ in 0..ROUNDS {
        let outside: f64 = (0..n).flat_map(|p| (0..p).map(move |q| (p, q))).map(|(p, q)| a[p][q] * a[p][q]).sum();
        let diagonal: f64 = (0..n).map(|p| a[p][p] * a[p][p]).sum();
        if outside <= 1e-30 * diagonal {
            break;
        }
        for (p, q) in (0..n).flat_map(|p| (p + 1..n).map(move |q| (p, q))) {
            if a[p][q] == 0.0 {
                continue;
            }
            // The smaller of the two angles whose rotation makes a[p][q] vanish.
            let ratio = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
            let tangent = ratio.signum() / (ratio.abs() + (ratio * ratio + 1.0).sqrt());
            let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
            let sine = tangent * cosine;
            for row in &mut a {
                (row[p], row[q]) = (cosine * row[p] - sine * row[q], sine * row[p] + cosine * row[q]);
            }
            for k in 0..n {
                (a[p][k], a[q][k]) = (cosine * a[p][k] - sine * a[q][k], sine * a[p][k] + cosine * a[q][k]);
                (v[p][k], v[q][k]) = (cosine * v[p][k] - sine * v[q][k], sine * v[p][k] + cosine * v[q][k]);
            }
        }
    }
    (0..n).map(|k| a[k][k]).zip(v).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A training in a plane of a space of seven dimensions: a quarter of an ellipse with half-axes 3 and 1.
    #[test]
    fn a_path_in_a_plane_is_found_to_its_last_digits() {
        let (across, up) = ([0.5, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0], [0.5, -0.5, 0.5, -0.5, 0.0, 0.0, 0.0]);
        let places = [(3.0, 0.0), (2.4, 0.6), (1.8, 0.8), (0.9, 1.0), (0.0, 0.0)];
        let at = |&(x, y): &(f64, f64)| {
            let values = across.iter().zip(up).map(|(a, u)| (7.0 + x * a + y * u) as f32);
            let values: Vec<f32> = values.collect();
            Weights(vec![values[..3].to_vec(), values[3..].to_vec()])
        };
        let kept = places.iter().zip(0..).map(|(place, step)| (10 * step, at(place))).collect();
        let snapshots = Snapshots { every: 1, evaluations: 5, kept };
        let (path, directions) = snapshots.main_directions().unwrap();
        assert_eq!(path.step, [0, 10, 20, 30, 40]);
        assert!((path.shares[0] + path.shares[1] - 1.0).abs() < 1e-6, "a plane holds all of it: {:?}", path.shares);
        // The larger eigenvalue of Σ (x, y)ᵀ(x, y) = [[18.81, 3.78], [3.78, 2]], by the quadratic formula, over its trace.
        let larger: f64 = 10.405 + (8.405f64.powi(2) + 3.78f64.powi(2)).sqrt();
        assert!((f64::from(path.shares[0]) - larger / 20.81).abs() < 1e-6, "{:?}", path.shares);
        // Rotated, but as far from the end, and from each other.
        for (place, (x, y)) in places.iter().zip(path.x.iter().zip(&path.y)) {
            assert!((place.0.hypot(place.1) - f64::from(x.hypot(*y))).abs() < 1e-5, "{place:?} became {x}, {y}");
        }
        assert!(path.x[0] > 0.0 && path.y[3] > 0.0, "towards where it was farthest: {path:?}");
        // The coordinates along the directions lead back to the weights.
        let flat = |weights: &Weights| weights.0.concat();
        let (x, y, end) = (flat(&directions[0]), flat(&directions[1]), flat(&at(&places[4])));
        for (place, index) in places.iter().zip(0..) {
            for (weight, ((x, y), end)) in flat(&at(place)).iter().zip(x.iter().zip(&y).zip(&end)) {
                assert!((end + path.x[index] * x + path.y[index] * y - weight).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn what_goes_straight_or_nowhere_spans_no_plane() {
        let snapshots = |places: [f32; 4]| Snapshots {
            every: 1,
            evaluations: 4,
            kept: places.iter().zip(0..).map(|(x, step)| (step, Weights(vec![vec![*x, 2.0 * x, 0.0]]))).collect(),
        };
        assert!(snapshots([3.0, 2.0, 1.0, 0.0]).main_directions().is_none());
        assert!(snapshots([1.0; 4]).main_directions().is_none());
    }

    #[test]
    fn no_more_snapshots_are_kept_than_there_is_room_for() {
        for (steps, every) in [(10, 1.0), (2000, 0.01), (63, 0.1), (64, 0.1), (6401, 0.37)] {
            let text = format!("data = \"synthetic\"\nsteps = {steps}\nevaluate_every = {every}\nhidden = [1]");
            let config: Config = toml::from_str(&text).unwrap();
            let mut network = crate::learn::model::build(&config, 0);
            let mut snapshots = Snapshots::new(&config);
            let evaluated = |step: &usize| step.is_multiple_of(config.evaluation_steps()) || *step == steps;
            (0..=steps).filter(evaluated).for_each(|step| snapshots.keep(step, step == steps, &mut network));
            let kept: Vec<u32> = snapshots.kept.iter().map(|(step, _)| *step).collect();
            assert!(kept.len() <= MOST && kept.len() > MOST / 3 || kept.len() == 2, "{kept:?}");
            assert_eq!((kept[0], *kept.last().unwrap()), (0, steps as u32));
        }
    }
}
