//! A small generated set for demos and fast tests: ten digits of 8×8 pixels, shifted, faded and blotted.

use super::batches::below;
use super::{Dataset, Samples};
use crate::plan::config::data::SYNTHETIC;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Side of an image.
const SIDE: usize = SYNTHETIC.shape[0];

/// The digits as a 5×6 grid of ink.
const DIGITS: [[&str; 6]; 10] = [
    [".###.", "#...#", "#...#", "#...#", "#...#", ".###."],
    ["..#..", ".##..", "..#..", "..#..", "..#..", ".###."],
    [".###.", "#...#", "...#.", "..#..", ".#...", "#####"],
    [".###.", "#...#", "..##.", "....#", "#...#", ".###."],
    ["...#.", "..##.", ".#.#.", "#####", "...#.", "...#."],
    ["#####", "#....", "####.", "....#", "#...#", ".###."],
    [".###.", "#....", "####.", "#...#", "#...#", ".###."],
    ["#####", "....#", "...#.", "..#..", "..#..", "..#.."],
    [".###.", "#...#", ".###.", "#...#", "#...#", ".###."],
    [".###.", "#...#", "#...#", ".####", "....#", ".###."],
];

/// The first images of the set, always the same. Any change to what is generated needs a new version in the
/// declaration.
pub(super) fn generate(train_samples: usize, test_samples: usize) -> Dataset {
    Dataset { train: samples(1, train_samples), test: samples(2, test_samples) }
}

fn samples(seed: u64, count: usize) -> Samples {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut images = Vec::with_capacity(count * SIDE * SIDE);
    let mut labels = Vec::with_capacity(count);
    for _ in 0..count {
        let digit = below(DIGITS.len() as u32, &mut rng);
        labels.push(digit as u8);
        images.extend(draw(&DIGITS[digit as usize], &mut rng).as_flattened());
    }
    Samples::from_bytes(&images, SIDE * SIDE, &labels)
}

/// One image, a byte a pixel.
fn draw(digit: &[&str; 6], rng: &mut ChaCha8Rng) -> [[u8; SIDE]; SIDE] {
    let (down, right) = (1 + below(2, rng) as usize, 1 + below(2, rng) as usize);
    let mut image = [[0; SIDE]; SIDE];
    for (y, row) in digit.iter().enumerate() {
        for (x, ink) in row.bytes().enumerate() {
            // One dot of ink in ten is missing.
            if ink == b'#' && below(10, rng) > 0 {
                image[down + y][right + x] = 96 + below(160, rng) as u8;
            }
        }
    }
    for pixel in image.as_flattened_mut() {
        if below(24, rng) == 0 {
            *pixel = 1 + below(255, rng) as u8;
        }
    }
    image
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::config::DataSource;

    const PIXELS: usize = SIDE * SIDE;

    /// Images one after another, as numbers in [0, 1], and their labels.
    fn dense(seed: u64) -> (Vec<[f64; PIXELS]>, Vec<u8>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let draw = |_| {
            let digit = below(10, &mut rng);
            let image = draw(&DIGITS[digit as usize], &mut rng);
            let mut pixels = [0.0; PIXELS];
            pixels.iter_mut().zip(image.as_flattened()).for_each(|(pixel, &byte)| *pixel = f64::from(byte) / 255.0);
            (pixels, digit as u8)
        };
        (0..1000).map(draw).unzip()
    }

    fn distance(a: &[f64; PIXELS], b: &[f64; PIXELS]) -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
    }

    /// Share of the test images whose nearest of `models` has their label.
    fn accuracy_of_nearest(models: &[([f64; PIXELS], u8)]) -> f64 {
        let (images, labels) = dense(2);
        let nearest = |image| {
            models.iter().min_by(|a, b| distance(&a.0, image).total_cmp(&distance(&b.0, image))).map(|model| model.1)
        };
        let right = images.iter().zip(&labels).filter(|&(image, &label)| nearest(image) == Some(label)).count();
        right as f64 / images.len() as f64
    }

    #[test]
    fn it_is_neither_trivial_nor_hopeless() {
        let (images, labels) = dense(1);
        let mut centroids: Vec<([f64; PIXELS], u8)> = (0..10).map(|label| ([0.0; PIXELS], label)).collect();
        for (image, &label) in images.iter().zip(&labels) {
            let count = labels.iter().filter(|&&other| other == label).count() as f64;
            centroids[label as usize].0.iter_mut().zip(image).for_each(|(sum, pixel)| *sum += pixel / count);
        }
        let by_centroid = accuracy_of_nearest(&centroids);
        let by_neighbour = accuracy_of_nearest(&images.into_iter().zip(labels).collect::<Vec<_>>());
        assert!((0.5..0.9).contains(&by_centroid), "nearest centroid: {by_centroid}");
        assert!((0.75..0.99).contains(&by_neighbour), "nearest neighbour: {by_neighbour}");
    }

    #[test]
    fn fewer_samples_are_the_first_of_all() {
        let load = |train, test| super::super::load(DataSource::Set(&SYNTHETIC), None, train, test).unwrap();
        let (few, all) = (load(10, 20), load(1000, 5000));
        assert_eq!((few.train.pixels.rows(), few.test.pixels.rows()), (10, 20));
        assert_eq!((all.train.pixels.rows(), all.test.pixels.rows()), (1000, 1000));
        assert_eq!(few.test.labels, all.test.labels[..20]);
    }
}
