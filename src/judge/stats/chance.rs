//! The chance that evidence which grows will decide, should the values go on as they did so far.

use super::{Direction, Moments, evidence, is_constant};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

/// Continuations that are drawn: with a true chance of 5 %, the standard error is 1.1 %.
const CONTINUATIONS: usize = 400;
/// No more values than this are looked ahead: who has so many more to come is not stopped for want of a chance among fewer.
const FARTHEST: usize = 1_000;
/// With fewer values, nothing is said.
const FEWEST: usize = 5;
/// So many values without any spread are taken for values that never have one.
const WITHOUT_SPREAD: usize = 10;

/// The chance, in [0, 1], that at some number of values up to `most` the evidence against each of `nulls` has p below `alpha`. Mean and
/// variance of the values to come are drawn from what the values so far say of them (the posterior of a normal distribution under
/// Jeffreys' prior), so that few values leave much open. 1 with fewer than 5 values. The same in every call.
pub fn chance_to_decide(values: &[f64], nulls: &[f64], alpha: f64, most: usize) -> f64 {
    let most = most.min(values.len() + FARTHEST);
    if values.len() < FEWEST {
        return 1.0;
    }
    if is_constant(values) {
        return if values.len() < WITHOUT_SPREAD.min(most) { 1.0 } else { 0.0 };
    }
    let so_far = values.iter().fold(Moments::default(), |moments, &value| moments.and(value));
    let n = values.len() as f64;
    let needed = -libm::log(alpha);
    let still_open: Vec<f64> = nulls.iter().copied().filter(|&null| evidence(values, null).p >= alpha).collect();
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
    let decides = |_: &usize| {
        let chi_squared: f64 = (1..values.len()).map(|_| normal()).map(|z| z * z).sum();
        let sd = (so_far.squares / chi_squared).sqrt();
        let mean = so_far.mean + sd / n.sqrt() * normal();
        let mut moments = so_far;
        let mut open = still_open.clone();
        (values.len()..most).any(|_| {
            moments = moments.and(mean + sd * normal());
            open.retain(|&null| moments.ln_e(null) < needed);
            open.is_empty()
        })
    };
    (0..CONTINUATIONS).filter(decides).count() as f64 / CONTINUATIONS as f64
}

/// The same where only signs are known. A sign that is to come is drawn with the frequencies so far, each counted once more than it was
/// seen.
pub fn chance_by_signs(signs: &[Direction], alpha: f64, most: usize) -> f64 {
    let most = most.min(signs.len() + FARTHEST);
    if signs.len() < FEWEST {
        return 1.0;
    }
    let count = |direction: Direction| signs.iter().filter(|&&sign| sign == direction).count();
    let (up, down) = (count(Direction::Up), count(Direction::Down));
    let of = (signs.len() + 3) as u32;
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let decides = |_: &usize| {
        let mut continued = signs.to_vec();
        while continued.len() < most {
            // The number of signs is small, so the bias of the remainder is below 10⁻⁷.
            let drawn = (rng.next_u32() % of) as usize;
            continued.push(match drawn {
                _ if drawn <= up => Direction::Up,
                _ if drawn <= up + down + 1 => Direction::Down,
                _ => Direction::Neither,
            });
        }
        super::evidence_of_signs(continued.into_iter()).p < alpha
    };
    (0..CONTINUATIONS).filter(decides).count() as f64 / CONTINUATIONS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clear_effect_has_a_chance_and_none_has_not() {
        let clear = [1.1, 0.4, 1.6, 0.9, 1.2, 0.2];
        assert!(chance_to_decide(&clear, &[0.0], 0.05, 40) > 0.9);
        assert!(chance_to_decide(&clear, &[0.0], 0.05, 7) < chance_to_decide(&clear, &[0.0], 0.05, 20));
        assert!(chance_to_decide(&clear, &[-1.0, 1.0], 0.05, 40) < 0.3, "near the end of the margin");
        let none: Vec<f64> = (0..30).map(|n| if n % 2 == 0 { 1.0 } else { -1.0 } * (1.0 + f64::from(n % 5))).collect();
        assert!(chance_to_decide(&none, &[0.0], 0.05, 40) < 0.05);
        assert_eq!(chance_to_decide(&[0.0; 4], &[0.0], 0.05, 40), 1.0);
        assert_eq!([5, 10].map(|n| chance_to_decide(&vec![0.0; n], &[0.0], 0.05, 40)), [1.0, 0.0]);
    }

    #[test]
    fn signs_that_agree_have_a_chance() {
        use Direction::*;
        assert!(chance_by_signs(&[Up; 6], 0.05, 40) > 0.9);
        assert!(chance_by_signs(&[Up, Down, Up, Down, Up, Down, Down, Up, Up, Down], 0.05, 12) < 0.05);
        assert_eq!(chance_by_signs(&[Neither; 4], 0.05, 40), 1.0);
    }
}
