//! The gradients of penalties on weights.

use crate::kernel::vectorised;

vectorised! {
    /// ∂L/∂W ← ∂L/∂W + λW, of ½λ‖W‖².
    pub fn add_l2(gradient: &mut [f32], weights: &[f32], lambda: f32) {
        gradient.iter_mut().zip(weights).for_each(|(g, w)| *g += lambda * w);
    }

    /// ∂L/∂W ← ∂L/∂W + λ sign(W), of λ‖W‖₁, with sign(0) = 0.
    pub fn add_l1(gradient: &mut [f32], weights: &[f32], lambda: f32) {
        for (g, w) in gradient.iter_mut().zip(weights) {
            *g += if *w > 0.0 { lambda } else if *w < 0.0 { -lambda } else { 0.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn penalties_by_hand() {
        let weights = [2.0, -0.5, 0.0, -0.0];
        let added = |add: fn(&mut [f32], &[f32], f32)| {
            let mut gradient = [1.0; 4];
            add(&mut gradient, &weights, 0.25);
            gradient
        };
        assert_eq!(added(add_l2), [1.5, 0.875, 1.0, 1.0]);
        assert_eq!(added(add_l1), [1.25, 0.75, 1.0, 1.0]);
    }
}
