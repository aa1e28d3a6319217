//! When training stops before its last step: once the validation loss has not fallen to a new low for some evaluations
//! (Prechelt 1998, "Early stopping – but when?", whose criterion UP counts rises; this is the form in common use).

use crate::plan::config::Config;

/// Watches the validation loss of one training.
pub struct EarlyStopping {
    /// Evaluations without a new low after which training stops; `None` where it never does.
    patience: Option<usize>,
    lowest: f64,
    /// Evaluations since the lowest.
    since: usize,
}

impl EarlyStopping {
    /// For a training that has not begun.
    pub fn new(config: &Config) -> EarlyStopping {
        let patience = Some(config.patience.get()).filter(|&patience| patience > 0);
        EarlyStopping { patience, lowest: f64::INFINITY, since: 0 }
    }

    /// Whether training may stop early at all.
    pub fn is_on(&self) -> bool {
        self.patience.is_some()
    }

    /// Whether training stops with this evaluation. To be called with the validation loss at each, in order.
    pub fn stops(&mut self, loss: f64) -> bool {
        if loss < self.lowest {
            (self.lowest, self.since) = (loss, 0);
        } else {
            self.since += 1;
        }
        self.patience.is_some_and(|patience| self.since >= patience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many of these losses training stops.
    fn stops(patience: usize, losses: &[f64]) -> Option<usize> {
        let config: Config = toml::from_str(&format!("patience = {patience}")).unwrap();
        let mut stopping = EarlyStopping::new(&config);
        losses.iter().position(|&loss| stopping.stops(loss)).map(|index| index + 1)
    }

    #[test]
    fn it_stops_once_patience_is_at_an_end() {
        let losses = [2.3, 1.0, 1.1, 0.9, 0.9, 1.5, 0.8, 0.81, 0.82, 0.83];
        assert_eq!(stops(0, &losses), None);
        assert_eq!(stops(1, &losses), Some(3));
        // A loss as low as the lowest is no new low.
        assert_eq!(stops(2, &losses), Some(6));
        assert_eq!(stops(3, &losses), Some(10));
        assert_eq!(stops(4, &losses), None);
        assert_eq!(stops(1, &[f64::NAN, f64::NAN]), Some(1));
    }
}
