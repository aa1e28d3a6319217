//! Matrix products and element-wise functions whose bits do not depend on the machine.
//!
//! What ensures this: every element of a result has one order of summation, each term enters by one fused multiply-add,
//! and functions such as exp are the program's own polynomials. Additions, multiplications, divisions and square roots
//! are rounded correctly on every IEEE machine. So instruction sets may differ in how many elements they work on at
//! once, and never in what an element becomes. The instruction set is chosen at run time, in `cpu`.
//!
//! Every product of a network is one routine, [`product`], which walks over what is not zero of its left operand: the
//! pixels (four fifths of MNIST's are zero), and after a ReLU about half of the activations and of the gradients.
//! [`Bits`] say which those are. They are found sixteen at a time, and their transpose is all that a transposed left
//! operand needs. Where nothing is zero, as after a tanh, several rows are summed at once; what is left out of a sum and
//! its order are the same. What is wide is worked on in parts that fit into the caches.

mod bits;
pub(crate) mod cpu;
pub mod function;
mod matrix;
mod product;
mod rows;
mod sparse;

pub use bits::Bits;
pub(crate) use cpu::vectorised;
pub use cpu::{HardwareFma, MulAdd, SoftwareFma};
pub use matrix::Matrix;
pub use product::{LeftOperand, RightOperand, Transposed, product};
pub use rows::{Batch, Rows};
pub use sparse::{Gathered, Scale, SparseRows};
