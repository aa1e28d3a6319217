//! How much computation a training takes, estimated before it runs.

use super::{Config, Probe};
use std::collections::BTreeSet;

/// Images that the probes of activations, of ensembles and of curvature and the planes look at, at most.
pub const PROBED_IMAGES: usize = 1000;
/// Networks with dropped units whose average stands for the ensemble of all such networks.
pub const ENSEMBLE_MEMBERS: usize = 50;
/// Products with the Hessian until its largest eigenvalue is found. Measured along 200 full-batch steps on the
/// synthetic images, widths 50, 30 and four of 100, tanh or ReLU, nearly all searches took 12, which is the minimum.
const PRODUCTS: f64 = 13.0;
/// Places on a line through two networks.
pub const PLACES_ON_LINE: usize = 49;
/// Places along either axis of a plane through a network; odd, so that the network itself is one of them.
pub const SIDE_OF_PLANE: usize = 25;

/// As many multiplications of an update take as long as each of these takes for an input of a sample. Measured, with 200 of them
/// a nanosecond.
const SHIFT: f64 = 80.0;
const READING_BETWEEN_PIXELS: f64 = 1700.0;
const DISPLACEMENT: f64 = 1800.0;
const NOISE: f64 = 250.0;

impl Config {
    /// Multiplications of a whole training with its evaluations and probes, all products counted as dense. Orders
    /// trials and estimates their duration.
    pub fn cost(&self) -> f64 {
        self.training_cost() + self.evaluation_cost() + self.probe_cost()
    }

    /// The part of [`Config::cost`] that updates take: three products with the weights for each image, and what is done to it
    /// before.
    pub fn training_cost(&self) -> f64 {
        self.per_image() * self.passes_of_updates() + self.cost_of_inputs()
    }

    /// What changing the inputs of all batches takes.
    fn cost_of_inputs(&self) -> f64 {
        let (is_shifted, is_rotated) = (self.shift.get() > 0, self.rotation.get() > 0.0);
        let (is_displaced, is_noisy) = (self.elastic.alpha.get() > 0.0, self.input_noise.get() > 0.0);
        let parts = [
            (is_shifted, SHIFT),
            (is_rotated || is_displaced, READING_BETWEEN_PIXELS),
            (is_displaced, DISPLACEMENT),
            (is_noisy, NOISE),
        ];
        let each: f64 = parts.into_iter().filter(|(applies, _)| *applies).map(|(_, cost)| cost).sum();
        each * self.total_steps() as f64 * (self.batch_size.get() * self.data.pixels()) as f64
    }

    /// The part of [`Config::cost`] that evaluations take, without the probes. With noise in the labels, the images trained
    /// on are evaluated a second time, against their own.
    pub fn evaluation_cost(&self) -> f64 {
        let again = if self.label_noise.get() > 0.0 { self.trained_on().len() } else { 0 };
        let networks = if self.weight_average.get() > 0.0 { 2 } else { 1 };
        let images = networks * (self.train_samples() + self.test_samples()) + again;
        self.per_image() * self.evaluations() as f64 * images as f64
    }

    /// The part of [`Config::cost`] that probes take.
    pub fn probe_cost(&self) -> f64 {
        let all = (self.train_samples() + self.test_samples()) as f64;
        let at_each_evaluation = |probe: &Probe| match probe {
            idle if !idle.measures(self) => 0.0,
            Probe::Activations => self.trained_on().len().min(PROBED_IMAGES) as f64,
            Probe::Ensemble => ((1 + ENSEMBLE_MEMBERS) * self.test_samples().min(PROBED_IMAGES)) as f64,
            // Each passes over the weights a few times; an image passes over them once.
            Probe::Updates | Probe::Gradients | Probe::Weights | Probe::Velocity => 3.0,
            // Two gradients, and products that cost two gradients each; optimizers that divide each gradient need a
            // second search.
            Probe::Curvature => {
                let searches = if self.optimizer.divides() { 2.0 } else { 1.0 };
                let images = self.trained_on().len().min(PROBED_IMAGES) as f64;
                3.0 * images * (2.0 + searches * 2.0 * PRODUCTS)
            }
            Probe::Line | Probe::Plane | Probe::Confusion => 0.0,
        };
        let at_the_end = |probe: &Probe| match probe {
            // The twin's training, and two lines.
            Probe::Line => self.passes_of_updates() + (2 * PLACES_ON_LINE) as f64 * all,
            Probe::Confusion => self.test_samples() as f64,
            Probe::Plane => (2 * SIDE_OF_PLANE.pow(2) * self.trained_on().len().min(PROBED_IMAGES)) as f64,
            _ => 0.0,
        };
        let probes: BTreeSet<Probe> = self.probes.iter().copied().collect();
        let evaluated = self.evaluations() as f64 * probes.iter().map(at_each_evaluation).sum::<f64>();
        self.per_image() * (evaluated + probes.iter().map(at_the_end).sum::<f64>())
    }

    fn passes_of_updates(&self) -> f64 {
        3.0 * self.total_steps() as f64 * self.batch_size.get() as f64
    }

    /// Multiplications of one image's forward pass.
    fn per_image(&self) -> f64 {
        let of_unit = |hidden| self.layers(hidden).iter().map(|layer| layer.facts().multiplications).sum::<f64>();
        let of_layers = self.hidden.iter().enumerate().map(|(hidden, width)| width.get() as f64 * of_unit(hidden));
        self.weights() + of_layers.sum::<f64>()
    }

    /// Number of weights in all affine layers together, without biases.
    pub fn weights(&self) -> f64 {
        self.affine_shapes().iter().map(|&(fan_in, fan_out)| fan_in as f64 * fan_out as f64).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(settings: &str) -> f64 {
        let config: Config = toml::from_str(settings).unwrap();
        config.probe_cost() / (config.cost() - config.probe_cost())
    }

    #[test]
    fn probes_cost_what_they_look_at() {
        assert_eq!(shares("probes = []"), 0.0);
        // Three evaluations are counted: 3 × 1,000 images probed, beside 3 × 1 × 100 trained on and 3 × 11,000
        // evaluated.
        let few = "train_samples = 1000\ntest_samples = 10000\nsteps = 1\nevaluate_every = 0.1\n";
        let activations = shares(&format!("{few}probes = [\"activations\"]"));
        assert!((activations - 3_000.0 / 33_300.0).abs() < 1e-12, "{activations}");
        // Without dropout there is no ensemble to look at.
        assert_eq!(shares(&format!("{few}probes = [\"ensemble\"]")), 0.0);
        let ensemble = shares(&format!("{few}dropout = 0.5\nprobes = [\"ensemble\"]"));
        assert!((ensemble - 153_000.0 / 33_300.0).abs() < 1e-12, "{ensemble}");
        // 3·100 images a step and all 70,000 at each of 102 evaluations; the twin's steps, and 2·49 places with all images.
        let line = shares("steps = 60000\nprobes = [\"line\"]");
        assert!((line - (18e6 + 98.0 * 70e3) / (18e6 + 102.0 * 70e3)).abs() < 1e-12, "{line}");
    }
}
