//! Matrix products and element-wise functions whose bits do not depend on the machine.

mod sparse;

pub use sparse::SparseRows;
