//! Labels drawn at random in place of the true ones (Zhang et al. 2017, "Understanding deep learning requires rethinking
//! generalization", section 2.2: "partially corrupted labels").

use super::batches::below;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// Replaces the label of each of these `images`, indices into `labels`, with probability `share`, in [0, 1], by one of
/// `classes` labels, all equally likely, its own included. What is drawn for an image depends on its place among `images`
/// alone: a larger share replaces the labels that a smaller one replaces, by the same ones, and others.
pub fn replace(labels: &mut [u8], images: &[u32], share: f64, classes: usize, mut rng: ChaCha8Rng) {
    let replaced_below = (share * 2f64.powi(32)).round() as u64;
    for &image in images {
        let is_replaced = u64::from(rng.next_u32()) < replaced_below;
        let drawn = below(classes as u32, &mut rng) as u8;
        if is_replaced {
            labels[image as usize] = drawn;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    /// 40,000 images of class 3 among ten classes, of which all but the last 10,000 are trained on.
    fn noisy(share: f64) -> Vec<u8> {
        let (mut labels, images) = (vec![3; 40_000], (0..30_000).collect::<Vec<u32>>());
        replace(&mut labels, &images, share, 10, ChaCha8Rng::seed_from_u64(1));
        labels
    }

    #[test]
    fn the_share_that_is_asked_for_gets_labels_of_all_classes_alike() {
        assert!(noisy(0.0).iter().all(|&label| label == 3));
        for share in [0.2, 1.0] {
            let labels = noisy(share);
            assert!(labels[30_000..].iter().all(|&label| label == 3), "what is not trained on keeps its label");
            for class in 0..10 {
                let found = labels[..30_000].iter().filter(|&&label| label == class).count() as f64;
                // Its own label is drawn as often as any other.
                let expected = 30_000.0 * if class == 3 { 1.0 - 0.9 * share } else { 0.1 * share };
                let sd = (expected * (1.0 - expected / 30_000.0)).sqrt();
                assert!((found - expected).abs() < 4.0 * sd, "{share}, class {class}: {found}, expected {expected}");
            }
        }
    }

    #[test]
    fn a_larger_share_keeps_the_labels_that_a_smaller_one_drew() {
        let (few, many, all) = (noisy(0.2), noisy(0.5), noisy(1.0));
        for (few, many) in [(&few, &many), (&many, &all)] {
            assert!(few.iter().zip(many).all(|(&few, many)| few == 3 || few == *many));
            assert_ne!(few, many);
        }
    }
}
