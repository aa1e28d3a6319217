//! Reading an image between its pixels.

use super::Size;

/// Parts of a pixel that places are rounded to.
const PARTS: f32 = 256.0;

/// An image that is 0 beyond its edges, read by bilinear interpolation.
pub struct Bilinear {
    size: Size,
    /// The image with a pixel of 0 to the left and above, and two to the right and below.
    framed: Vec<u8>,
}

impl Bilinear {
    /// Room for images of this size.
    pub fn new(size: Size) -> Bilinear {
        let Size { height, width, channels } = size;
        Bilinear { size, framed: vec![0; (height + 3) * (width + 3) * channels] }
    }

    /// Copies an image.
    pub fn take(&mut self, image: &[u8]) {
        let (row, framed_row, channels) = (self.size.row(), self.framed_row(), self.size.channels);
        for (from, to) in image.chunks_exact(row).zip(self.framed.chunks_exact_mut(framed_row).skip(1)) {
            to[channels..channels + row].copy_from_slice(from);
        }
    }

    fn framed_row(&self) -> usize {
        (self.size.width + 3) * self.size.channels
    }

    /// Each pixel of `row` becomes what the image has at the place (x, y) that its number has.
    pub fn read(&self, row: &mut [u8], place: impl Fn(usize) -> (f32, f32)) {
        let Size { height, width, channels } = self.size;
        let (right, below) = (width as f32, height as f32);
        for (number, pixel) in row.chunks_exact_mut(channels).enumerate() {
            let (x, y) = place(number);
            // From −1 and from the size on, all is background. Shifted to be no less than 0, places round by truncation.
            let x = ((x.clamp(-1.0, right) + 1.0) * PARTS + 0.5) as usize;
            let y = ((y.clamp(-1.0, below) + 1.0) * PARTS + 0.5) as usize;
            let (part_x, part_y) = ((x % 256) as u32, (y % 256) as u32);
            let upper = (y / 256 * (width + 3) + x / 256) * channels;
            let upper = &self.framed[upper..];
            let lower = &upper[self.framed_row()..];
            let between = |row: &[u8], channel: usize| {
                u32::from(row[channel]) * (256 - part_x) + u32::from(row[channel + channels]) * part_x
            };
            for (channel, value) in pixel.iter_mut().enumerate() {
                let (upper, lower) = (between(upper, channel), between(lower, channel));
                *value = ((upper * (256 - part_y) + lower * part_y + (1 << 15)) >> 16) as u8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, of the pixels 10, 20 above 30, 50.
    #[test]
    fn between_pixels_is_their_mean_and_beyond_the_edge_the_background() {
        let mut image = Bilinear::new(Size { height: 2, width: 2, channels: 1 });
        image.take(&[10, 20, 30, 50]);
        let at = |x: f32, y: f32| {
            let mut pixel = [0];
            image.read(&mut pixel, |_| (x, y));
            pixel[0]
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
        // Nothing is left of the image before.
        image.take(&[0; 4]);
        assert_eq!(image.framed, [0; 25]);
    }
}
