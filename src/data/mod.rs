//! The images: read, checked, compressed once.

use crate::kernel::SparseRows;

/// Training and test images of one data source.
pub struct Dataset {
    pub train: Samples,
    pub test: Samples,
}

/// Images with their labels, in the order of the file.
pub struct Samples {
    /// [samples, pixels], each pixel in [0, 1].
    pub pixels: SparseRows,
    /// Class of each image, 0 to 9.
    pub labels: Vec<u8>,
}
