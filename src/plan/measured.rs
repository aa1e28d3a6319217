//! In which trainings a metric has a value, and from when on.

use super::config::Config;
use super::metric::{Metric, Scope};

impl Metric {
    /// After how many updates a training with this configuration has the first value of it, if all that measures it is
    /// switched on. `Err` says what it needs, where there is never a value.
    pub fn first_value(self, config: &Config) -> Result<usize, String> {
        let optimizer = &config.optimizer;
        if let Some(probe) = self.probe().filter(|probe| !probe.measures(config)) {
            return Err(probe.needs());
        }
        let of_average = [
            Metric::AVERAGED_TRAIN_ACCURACY,
            Metric::AVERAGED_TEST_ACCURACY,
            Metric::AVERAGED_TRAIN_LOSS,
            Metric::AVERAGED_TEST_LOSS,
        ];
        if of_average.contains(&self) && config.weight_average.get() == 0.0 {
            return Err("an average of the weights: weight_average = 0.99".into());
        }
        if self == Metric::STABILITY_BOUND && optimizer.stability_bound(1.0).is_none() {
            return Err("an optimizer whose steps can grow".into());
        }
        if self == Metric::TRUE_ACCURACY && config.label_noise.get() == 0.0 {
            return Err("label_noise above 0".into());
        }
        if self == Metric::STOPPED_EPOCH && config.patience.get() == 0 {
            return Err("patience above 0".into());
        }
        if [Metric::EIGENVALUE_HIGH, Metric::EIGENVALUE_LOW].contains(&self) {
            let is_known = optimizer.gradient(1.0, &mut 0.0, 1.0).is_some() && config.clip_gradient_norm.get() == 0.0;
            return match config.surface.is_quadratic() && is_known {
                true => Ok(3),
                false => Err("a quadratic surface, and SGD, Momentum or Nesterov without clipping".into()),
            };
        }
        let divided = self == Metric::PRECONDITIONED_SHARPNESS && optimizer.divides();
        Ok(match self.scope() {
            Scope::End => config.total_steps(),
            _ if self.is_of_step() || divided => 1,
            _ => 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_has_values_from_its_first_on() {
        let first = |metric: Metric, text: &str| metric.first_value(&toml::from_str(text).unwrap());
        assert_eq!(first(Metric::GAP, ""), Ok(0));
        assert_eq!(first(Metric::UPDATE_RATIO, ""), Ok(1));
        assert_eq!(first(Metric::BARRIER, "steps = 7"), Ok(7));
        assert!(first(Metric::VELOCITY_NORM, "").unwrap_err().contains("momentum"));
        assert_eq!(first(Metric::VELOCITY_NORM, "optimizer = 'adam'"), Ok(1));
        assert_eq!(first(Metric::TRUE_ACCURACY, "label_noise = 0.5"), Ok(0));
        assert!(first(Metric::TRUE_ACCURACY, "").unwrap_err().contains("label_noise"));
        assert_eq!(first(Metric::PRECONDITIONED_SHARPNESS, ""), Ok(0));
        assert_eq!(first(Metric::PRECONDITIONED_SHARPNESS, "optimizer = 'adam'"), Ok(1));
        assert_eq!(first(Metric::AVERAGED_TEST_LOSS, "weight_average = 0.9"), Ok(0));
        assert!(first(Metric::AVERAGED_TEST_LOSS, "").unwrap_err().contains("weight_average"));
        assert!(first(Metric::STABILITY_BOUND, "optimizer = 'lion'").is_err());
        assert_eq!(first(Metric::EIGENVALUE_LOW, "data = 'surface'"), Ok(3));
        assert!(first(Metric::EIGENVALUE_LOW, "data = 'surface'\noptimizer = 'adam'").is_err());
    }
}
