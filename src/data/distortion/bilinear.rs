//! Reading an image between its pixels.

use super::Size;
use crate::kernel::vectorised;

/// Parts of a pixel that places are rounded to.
const PARTS: f32 = 256.0;

/// An image that is 0 beyond its edges, read by bilinear interpolation.
pub struct Bilinear {
    size: Size,
    /// From one row of `squares` to the next.
    stride: usize,
    /// For each channel, and in it for each place from (−1, −1) to (width, height), the four pixels that lie around what comes
    /// after the place: its own, the one to the right, the one below, and the one below that to the right, lowest byte first.
    squares: Vec<u32>,
    /// Where each pixel is read: its square, and how far it lies to the right and below in that, in parts of a pixel.
    places: Vec<Place>,
}

#[derive(Clone, Copy, Default)]
struct Place {
    square: u32,
    right: u32,
    below: u32,
}

impl Bilinear {
    /// Room for images of this size.
    pub fn new(size: Size) -> Bilinear {
        let Size { height, width, channels } = size;
        let stride = width + 2;
        Bilinear {
            size,
            stride,
            squares: vec![0; channels * (height + 2) * stride],
            places: vec![Place::default(); height * width],
        }
    }

    /// Says where the pixels of row `y` are read: at these x and y. What is no number lies beyond the edge.
    pub fn place_row(&mut self, y: usize, at_x: &[f32], at_y: &[f32]) {
        let Size { width, height, .. } = self.size;
        let row = &mut self.places[y * width..][..width];
        place(row, at_x, at_y, (width as f32, height as f32), self.stride as u32);
    }

    /// Each pixel of `image` becomes what lies at its place in the image as it was.
    pub fn read(&mut self, image: &mut [u8]) {
        let channels = self.size.channels;
        let of_channel = self.squares.len() / channels;
        for (channel, squares) in self.squares.chunks_exact_mut(of_channel).enumerate() {
            square(image, self.size, channel, self.stride, squares);
        }
        for (pixel, place) in image.chunks_exact_mut(channels).zip(&self.places) {
            for (value, squares) in pixel.iter_mut().zip(self.squares.chunks_exact(of_channel)) {
                *value = between(squares[place.square as usize], place.right, place.below);
            }
        }
    }
}

/// The mean of the four pixels of a square, rounded, weighted by how near the place is to each.
#[inline(always)]
fn between(square: u32, right: u32, below: u32) -> u8 {
    // Two pixels at a time, 16 bits apart: the weights add up to 256, so that neither sum is more than 16 bits.
    let left_pixels = square & 0x00ff_00ff;
    let right_pixels = square >> 8 & 0x00ff_00ff;
    let rows = left_pixels * (256 - right) + right_pixels * right;
    let (upper, lower) = (rows & 0xffff, rows >> 16);
    ((upper * (256 - below) + lower * below + (1 << 15)) >> 16) as u8
}

/// Adds each pixel of a channel to the four squares that it is a corner of.
fn square(image: &[u8], size: Size, channel: usize, stride: usize, squares: &mut [u32]) {
    squares.fill(0);
    for (y, row) in image.chunks_exact(size.row()).enumerate() {
        let (above, below) = squares[y * stride..].split_at_mut(stride);
        for (x, pixel) in row.iter().skip(channel).step_by(size.channels).enumerate() {
            let pixel = u32::from(*pixel);
            above[x] |= pixel << 24;
            above[x + 1] |= pixel << 16;
            below[x] |= pixel << 8;
            below[x + 1] |= pixel;
        }
    }
}

vectorised! {
    fn place(places: &mut [Place], at_x: &[f32], at_y: &[f32], beyond: (f32, f32), stride: u32) {
        // From −1 and from the size on, all is background. Shifted to be no less than 0, places round by truncation; what is
        // no number becomes 0.
        let parts = |at: f32, beyond: f32| ((at.clamp(-1.0, beyond) + 1.0) * PARTS + 0.5) as i32 as u32;
        for ((place, &x), &y) in places.iter_mut().zip(at_x).zip(at_y) {
            let (x, y) = (parts(x, beyond.0), parts(y, beyond.1));
            *place = Place { square: (y >> 8) * stride + (x >> 8), right: x & 255, below: y & 255 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, of the pixels 10, 20 above 30, 50.
    #[test]
    fn between_pixels_is_their_mean_and_beyond_the_edge_the_background() {
        let mut bilinear = Bilinear::new(Size { height: 2, width: 2, channels: 1 });
        let mut at = |x: f32, y: f32| {
            let mut image = [10, 20, 30, 50];
            bilinear.place_row(0, &[x, 0.0], &[y, 0.0]);
            bilinear.read(&mut image);
            image[0]
        };
        assert_eq!([at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0), at(1.0, 1.0)], [10, 20, 30, 50]);
        assert_eq!(at(0.5, 0.0), 15);
        // (10 + 20 + 30 + 50)/4 = 27.5, rounded up.
        assert_eq!(at(0.5, 0.5), 28);
        // ¾·(¼·10 + ¾·20) + ¼·(¼·30 + ¾·50) = 13.125 + 11.25
        assert_eq!(at(0.75, 0.25), 24);
        // Half of the outermost pixel, and nothing from one pixel beyond it on.
        assert_eq!([at(-0.5, 0.0), at(1.5, 1.0), at(0.0, 1.5)], [5, 25, 15]);
        assert_eq!([at(-1.0, 0.0), at(2.0, 1.0), at(1.0, -7.0), at(1e9, 0.0), at(f32::NAN, 0.0)], [0; 5]);
    }

    /// The largest sums that there are fit.
    #[test]
    fn white_stays_white() {
        for (right, below) in [(0, 0), (255, 255), (128, 1), (1, 200)] {
            assert_eq!(between(u32::MAX, right, below), 255);
        }
    }

    /// θ = 90°: R(θ)(x, y) = (−y, x).
    #[test]
    fn a_quarter_turn_moves_each_pixel_with_its_channels_to_its_place() {
        let mut bilinear = Bilinear::new(Size { height: 3, width: 3, channels: 2 });
        let mut image: [u8; 18] = std::array::from_fn(|place| (10 * (place / 2 + 1) + place % 2) as u8);
        for y in 0..3 {
            let at_x = [1.0 - (y as f32 - 1.0); 3];
            bilinear.place_row(y, &at_x, &[0.0, 1.0, 2.0]);
        }
        bilinear.read(&mut image);
        assert_eq!(image, [30, 31, 60, 61, 90, 91, 20, 21, 50, 51, 80, 81, 10, 11, 40, 41, 70, 71]);
        // Nothing is left of the image before.
        let mut dark = [0; 18];
        bilinear.read(&mut dark);
        assert_eq!(dark, [0; 18]);
    }
}
