//! Distortions of images as they are trained on (Simard et al. 2003, "Best practices for convolutional neural networks applied to
//! visual document analysis", section 2): shifts by whole pixels, rotations about the middle, elastic displacements.
//!
//! The pixel (x, y) of the distorted image is that of the image at the place
//!
//! ```text
//! c + R(θ) ((x, y) − s − c) + Δ(x, y)
//! ```
//!
//! with c the middle, s the shift, θ the angle and Δ the elastic displacement. It is read off by bilinear interpolation,
//! in steps of 1/256 of a pixel, and rounded to a byte again; beyond its edges an image is 0, its background.

mod bilinear;
mod displacement;

use super::batches::below;
use bilinear::Bilinear;
use displacement::Displacement;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

/// Which distortions there are, and how strong, each with random numbers of its own.
pub struct Strengths {
    /// The most pixels of a shift, in each direction.
    pub shift: Option<(usize, ChaCha8Rng)>,
    /// The largest angle either way, in degrees.
    pub rotation: Option<(f64, ChaCha8Rng)>,
    /// α and σ of the elastic displacement, in pixels.
    pub elastic: Option<(f64, f64, ChaCha8Rng)>,
}

/// Distorts images of one size, each in a way that is drawn anew. Memory is taken once.
pub struct Distortion {
    size: Size,
    shift: Option<(usize, ChaCha8Rng)>,
    rotation: Option<(f64, ChaCha8Rng)>,
    elastic: Option<Displacement>,
    /// A copy of the image that is shifted by whole pixels.
    copy: Vec<u8>,
    bilinear: Bilinear,
    /// Where the pixels of a row are read.
    at_x: Vec<f32>,
    at_y: Vec<f32>,
}

/// Of images whose bytes lie row by row, the channels of a pixel together.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Size {
    height: usize,
    width: usize,
    channels: usize,
}

impl Distortion {
    /// For images of the shape `[height, width]` or `[height, width, channels]`; `None` without any distortion. Panics if the shape
    /// has fewer sides: a checked configuration ensures that.
    pub fn new(shape: &[usize], strengths: Strengths) -> Option<Distortion> {
        let Strengths { shift, rotation, elastic } = strengths;
        if shift.is_none() && rotation.is_none() && elastic.is_none() {
            return None;
        }
        let (height, width) = (shape[0], shape[1]);
        let size = Size { height, width, channels: shape[2..].iter().product() };
        Some(Distortion {
            size,
            shift,
            rotation,
            elastic: elastic.map(|(alpha, sigma, rng)| Displacement::new(width, height, alpha, sigma, rng)),
            copy: vec![0; height * size.row()],
            bilinear: Bilinear::new(size),
            at_x: vec![0.0; width],
            at_y: vec![0.0; width],
        })
    }

    /// About how many bytes of memory it takes for images of this shape.
    pub fn bytes(shape: &[usize]) -> f64 {
        let pixels: usize = shape.iter().product();
        // Two copies of the image; fields of two displacements, their random bytes and what is smoothed on the way.
        (2 * pixels) as f64 + shape.iter().take(2).product::<usize>() as f64 * (4.0 * 4.0 + 2.0)
    }

    /// Distorts an image in place. Panics if it is not of the size that was promised.
    pub fn distort(&mut self, image: &mut [u8]) {
        let Size { height, width, .. } = self.size;
        let (right, down) = self.shift.as_mut().map_or((0, 0), |(most, rng)| (moved(*most, rng), moved(*most, rng)));
        let angle = self.rotation.as_mut().map(|(most, rng)| most.to_radians() * evenly(rng));
        let displaced = self.elastic.as_mut().map(|elastic| {
            elastic.draw();
            &*elastic
        });
        if angle.is_none() && displaced.is_none() {
            self.copy.copy_from_slice(image);
            return shift(image, &self.copy, self.size, (right, down));
        }
        let (sine, cosine) = angle.map_or((0.0, 1.0), libm::sincos);
        let (sine, cosine) = (sine as f32, cosine as f32);
        let (middle_x, middle_y) = ((width as f32 - 1.0) / 2.0, (height as f32 - 1.0) / 2.0);
        let (left_x, top_y) = (middle_x + right as f32, middle_y + down as f32);
        for y in 0..height {
            let from_middle = y as f32 - top_y;
            let start = (middle_x - sine * from_middle, middle_y + cosine * from_middle);
            for (x, (at_x, at_y)) in self.at_x.iter_mut().zip(&mut self.at_y).enumerate() {
                let from_middle = x as f32 - left_x;
                (*at_x, *at_y) = (start.0 + cosine * from_middle, start.1 + sine * from_middle);
            }
            if let Some((along_x, along_y)) = displaced.map(|displaced| displaced.row(y)) {
                self.at_x.iter_mut().zip(along_x).for_each(|(at, along)| *at += along);
                self.at_y.iter_mut().zip(along_y).for_each(|(at, along)| *at += along);
            }
            self.bilinear.place_row(y, &self.at_x, &self.at_y);
        }
        self.bilinear.read(image);
    }
}

impl Size {
    /// Bytes of a row.
    fn row(self) -> usize {
        self.width * self.channels
    }
}

/// A whole number from −most to most, all equally likely.
fn moved(most: usize, rng: &mut ChaCha8Rng) -> isize {
    below(2 * most as u32 + 1, rng) as isize - most as isize
}

/// A number drawn evenly from −1 to 1, in steps of 2⁻³¹.
fn evenly(rng: &mut ChaCha8Rng) -> f64 {
    f64::from(rng.next_u32()) / 2f64.powi(31) - 1.0
}

/// `image` becomes `from`, moved by so many pixels.
fn shift(image: &mut [u8], from: &[u8], size: Size, (right, down): (isize, isize)) {
    let (row, right) = (size.row(), right * size.channels as isize);
    let (to_start, from_start) = (right.max(0) as usize, (-right).max(0) as usize);
    let kept = row - to_start - from_start;
    for (y, to) in (0isize..).zip(image.chunks_exact_mut(row)) {
        to.fill(0);
        let source = usize::try_from(y - down).ok().filter(|&y| y < size.height);
        if let Some(y) = source {
            to[to_start..to_start + kept].copy_from_slice(&from[y * row + from_start..][..kept]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    fn rng(seed: u64) -> ChaCha8Rng {
        ChaCha8Rng::seed_from_u64(seed)
    }

    const NONE: Strengths = Strengths { shift: None, rotation: None, elastic: None };

    #[test]
    fn an_image_is_moved_by_whole_pixels_and_its_background_comes_after() {
        let size = Size { height: 2, width: 3, channels: 1 };
        let from = [1, 2, 3, 4, 5, 6];
        let moved = |by| {
            let mut image = from;
            shift(&mut image, &from, size, by);
            image
        };
        assert_eq!(moved((0, 0)), from);
        assert_eq!(moved((1, 0)), [0, 1, 2, 0, 4, 5]);
        assert_eq!(moved((-2, 0)), [3, 0, 0, 6, 0, 0]);
        assert_eq!(moved((0, 1)), [0, 0, 0, 1, 2, 3]);
        assert_eq!(moved((1, -1)), [0, 4, 5, 0, 0, 0]);
        // Two pixels of two channels beside each other.
        let (mut image, from) = ([0; 4], [1, 2, 3, 4]);
        shift(&mut image, &from, Size { height: 1, width: 2, channels: 2 }, (1, 0));
        assert_eq!(image, [0, 0, 1, 2]);
    }

    /// Of a single dot in the middle of 7×7 pixels.
    #[test]
    fn every_shift_within_reach_is_equally_likely() {
        let mut distortion = Distortion::new(&[7, 7], Strengths { shift: Some((2, rng(1))), ..NONE }).unwrap();
        let mut times = [0; 49];
        for _ in 0..5000 {
            let mut image = [0; 49];
            image[24] = 200;
            distortion.distort(&mut image);
            let place = image.iter().position(|&pixel| pixel == 200).unwrap();
            times[place] += 1;
        }
        for (place, times) in times.into_iter().enumerate() {
            let is_near = (place / 7).abs_diff(3) <= 2 && (place % 7).abs_diff(3) <= 2;
            // A 25th of 5,000: 200 ± 14.
            assert!(if is_near { (140..=260).contains(&times) } else { times == 0 }, "{place}: {times}");
        }
    }

    /// A bar that is rotated keeps its middle and, but for its ends, its ink.
    #[test]
    fn a_rotation_stays_within_its_angle_and_turns_both_ways() {
        let mut distortion = Distortion::new(&[21, 21], Strengths { rotation: Some((30.0, rng(2))), ..NONE }).unwrap();
        let mut bar = [0; 441];
        (4..17).for_each(|x| bar[10 * 21 + x] = 255);
        let mut angles: Vec<f64> = (0..300)
            .map(|_| {
                let mut image = bar;
                distortion.distort(&mut image);
                let moment = |of: fn(f64, f64) -> f64| -> f64 {
                    let place = |place: usize| ((place % 21) as f64 - 10.0, (place / 21) as f64 - 10.0);
                    image.iter().enumerate().map(|(at, &ink)| of(place(at).0, place(at).1) * f64::from(ink)).sum()
                };
                let ink = moment(|_, _| 1.0);
                assert!((ink / (13.0 * 255.0) - 1.0).abs() < 0.05, "{ink}");
                assert!((moment(|x, _| x) / ink).abs() < 0.05 && (moment(|_, y| y) / ink).abs() < 0.05);
                // The direction of the largest second moment.
                let (xx, yy, xy) = (moment(|x, _| x * x), moment(|_, y| y * y), moment(|x, y| x * y));
                0.5 * libm::atan2(2.0 * xy, xx - yy).to_degrees()
            })
            .collect();
        angles.sort_by(f64::total_cmp);
        assert!(angles[0] > -30.5 && angles[299] < 30.5, "{} {}", angles[0], angles[299]);
        // Even over ±30°: the quartiles are ±15°, with a standard error of 1.5°.
        assert!((angles[75] + 15.0).abs() < 6.0 && (angles[225] - 15.0).abs() < 6.0, "{} {}", angles[75], angles[225]);
    }

    /// What is not displaced, turned or shifted comes back as it was, to the last bit.
    #[test]
    fn no_distortion_is_the_image_itself() {
        assert!(Distortion::new(&[5, 4], NONE).is_none());
        let image: Vec<u8> = (0..60).map(|pixel| (pixel * 37 % 256) as u8).collect();
        let all = |rotation, alpha| Strengths {
            shift: Some((0, rng(1))),
            rotation: Some((rotation, rng(2))),
            elastic: Some((alpha, 2.0, rng(3))),
        };
        let distorted = |strengths| {
            let mut image = image.clone();
            Distortion::new(&[5, 4, 3], strengths).unwrap().distort(&mut image);
            image
        };
        assert_eq!(distorted(all(0.0, 0.0)), image);
        assert_ne!(distorted(all(20.0, 0.0)), image);
        assert_ne!(distorted(all(0.0, 3.0)), image);
    }

    /// Pinned from the first run of this code: a seed has to mean the same distortions in every version.
    #[test]
    fn a_seed_means_these_distortions() {
        let strengths =
            Strengths { shift: Some((1, rng(1))), rotation: Some((15.0, rng(2))), elastic: Some((8.0, 2.0, rng(3))) };
        let mut distortion = Distortion::new(&[8, 8], strengths).unwrap();
        let mut image: [u8; 64] = std::array::from_fn(|pixel| if pixel % 8 > 2 && pixel / 8 > 2 { 200 } else { 0 });
        distortion.distort(&mut image);
        distortion.distort(&mut image);
        assert_eq!(image[24..32], PINNED);
    }

    const PINNED: [u8; 8] = [0, 0, 2, 135, 199, 195, 196, 200];
}
