//! Which images make up each batch.
//!
//! The algorithms are written out here, down to the bounded integer, so that a seed means the same batches whatever
//! version of the rand crates is built in.

use crate::plan::config::Sampling;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// An endless supply of batches: indices into the training images of the data set.
pub struct Batches {
    sampling: Sampling,
    batch_size: usize,
    rng: ChaCha8Rng,
    /// What is trained on; Shuffle and InOrder: in the order of this epoch.
    images: Vec<u32>,
    /// Shuffle and InOrder: how many of `images` this epoch has handed out.
    used: usize,
    /// Replacement: the batch itself.
    drawn: Vec<u32>,
}

impl Batches {
    /// Batches of `batch_size` of these images. Panics unless 1 ≤ `batch_size` ≤ their number < 2³²: a checked
    /// configuration ensures that.
    pub fn new(sampling: Sampling, images: Vec<u32>, batch_size: usize, rng: ChaCha8Rng) -> Batches {
        assert!((1..=images.len()).contains(&batch_size) && images.len() <= u32::MAX as usize);
        let drawn = match sampling {
            Sampling::Shuffle | Sampling::InOrder => Vec::new(),
            Sampling::Replacement => vec![0; batch_size],
        };
        // All used up: the first call begins an epoch.
        Batches { sampling, batch_size, rng, used: images.len(), images, drawn }
    }

    /// The next batch. Shuffle: each epoch is a new permutation, of which a last smaller batch is left out.
    /// Replacement: each image is drawn from all. InOrder: each epoch is the same; a last smaller batch is left out.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend its buffer")]
    pub fn next(&mut self) -> &[u32] {
        match self.sampling {
            Sampling::Shuffle | Sampling::InOrder => self.go_on_in_epoch(),
            Sampling::Replacement => self.draw_with_replacement(),
        }
        self.last()
    }

    /// The batch that was handed out last.
    pub fn last(&self) -> &[u32] {
        match self.sampling {
            Sampling::Shuffle | Sampling::InOrder => &self.images[self.used - self.batch_size..self.used],
            Sampling::Replacement => &self.drawn,
        }
    }

    fn go_on_in_epoch(&mut self) {
        if self.used + self.batch_size > self.images.len() {
            if self.sampling == Sampling::Shuffle {
                shuffle(&mut self.images, &mut self.rng);
            }
            self.used = 0;
        }
        self.used += self.batch_size;
    }

    fn draw_with_replacement(&mut self) {
        let Batches { images, drawn, rng, .. } = self;
        drawn.fill_with(|| images[below(images.len() as u32, rng) as usize]);
    }
}

/// Fisher and Yates's shuffle, in Durstenfeld's form (1964): all permutations are equally likely.
pub(super) fn shuffle(items: &mut [u32], rng: &mut ChaCha8Rng) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(last as u32 + 1, rng) as usize);
    }
}

/// A whole number in [0, bound), all equally likely (Lemire 2019, "Fast random integer generation in an interval").
pub(super) fn below(bound: u32, rng: &mut ChaCha8Rng) -> u32 {
    let mut product = u64::from(rng.next_u32()) * u64::from(bound);
    // The low half is below 2³² mod `bound` for exactly those draws that would favour some results.
    if (product as u32) < bound {
        let unfair = bound.wrapping_neg() % bound;
        while (product as u32) < unfair {
            product = u64::from(rng.next_u32()) * u64::from(bound);
        }
    }
    (product >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    fn batches(sampling: Sampling, samples: u32, batch_size: usize) -> Batches {
        Batches::new(sampling, (0..samples).collect(), batch_size, ChaCha8Rng::seed_from_u64(7))
    }

    #[test]
    fn shuffling_hands_out_every_index_at_most_once_an_epoch() {
        let mut batches = batches(Sampling::Shuffle, 23, 5);
        let mut left_out = [0; 23];
        for _epoch in 0..200 {
            let mut seen = [false; 23];
            for _batch in 0..4 {
                for &index in batches.next() {
                    assert!(!std::mem::replace(&mut seen[index as usize], true), "{index} came twice");
                }
            }
            (0..23).filter(|&index| !seen[index]).for_each(|index| left_out[index] += 1);
        }
        // 3 of 23 are left out in each of 200 epochs: 26 ± 4.8 times each.
        assert!(left_out.iter().all(|times| (7..=45).contains(times)), "{left_out:?}");
    }

    #[test]
    fn in_order_every_epoch_is_the_same() {
        let mut batches = batches(Sampling::InOrder, 7, 3);
        let handed_out: Vec<u32> = (0..4).flat_map(|_| batches.next().to_vec()).collect();
        // The seventh image is never handed out.
        assert_eq!(handed_out, [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn replacement_draws_all_indices_alike() {
        let mut batches = batches(Sampling::Replacement, 10, 8);
        let mut times = [0; 10];
        for _ in 0..1250 {
            batches.next().iter().for_each(|&index| times[index as usize] += 1);
        }
        // 10,000 draws: 1,000 ± 30 of each.
        assert!(times.iter().all(|times| (850..=1150).contains(times)), "{times:?}");
    }

    #[test]
    fn bounds_that_do_not_divide_the_range_are_met_fairly() {
        // Without rejection, a bound of 3·2³⁰ would bring every third number twice as often.
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut thirds = [0; 3];
        for _ in 0..3000 {
            thirds[(below(3 << 30, &mut rng) % 3) as usize] += 1;
        }
        assert!(thirds.iter().all(|times| (850..=1150).contains(times)), "{thirds:?}");
    }

    /// Pinned from the first run of this code: a seed has to mean the same batches in every version.
    #[test]
    fn a_seed_means_these_batches() {
        let mut shuffled = batches(Sampling::Shuffle, 6, 3);
        let shuffled: Vec<u32> = (0..4).flat_map(|_| shuffled.next().to_vec()).collect();
        let mut replaced = batches(Sampling::Replacement, 60_000, 4);
        assert_eq!(shuffled, [1, 2, 3, 4, 5, 0, 4, 2, 0, 3, 1, 5]);
        assert_eq!(replaced.next(), [8400, 9467, 10923, 10079]);
    }
}
