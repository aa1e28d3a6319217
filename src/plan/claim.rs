//! A claim of a study, with its cells given by their indices.

use super::cell::{Cell, assignments, param_text};
use super::config::{DataSource, these_images};
use super::metric::Metric;
use serde::{Deserialize, Serialize};

/// A statement that a study tests: how the arm is expected to compare with something else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// In the words of the study's author.
    pub says: String,
    /// Where the claim comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What is measured of the trials on both sides.
    pub measure: Measure,
    /// If set, both sides are not the measure itself but its spread, the largest minus the smallest value, over the
    /// cells along this axis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread_over: Option<String>,
    /// If set, each side is one of its cells along this axis: the one with the highest mean validation accuracy, of those
    /// in which no trial diverged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_over: Option<String>,
    /// If set, the claim is made of each value of this axis by itself, and holds if it holds on all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_all: Option<String>,
    /// What the claim is about.
    pub arm: Side,
    /// What the arm is compared with.
    pub versus: Versus,
    /// How the arm is expected to differ.
    pub expect: Expect,
    /// The value that a diverged trial counts as. Without it, the trial's pair is left out and the claim is not tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverged_as: Option<f64>,
}

/// What is measured of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The metric itself, of the whole trial.
    Metric(Metric),
    /// The metric of one layer, counted from 1; only for metrics that layers have (see [`Metric::is_by_layer`]).
    Layer {
        /// One that is measured of each layer.
        metric: Metric,
        /// Counted from 1.
        layer: usize,
    },
    /// Updates until the metric first reaches the level at an evaluation, rising or falling to it (see
    /// [`Metric::rises`]).
    StepsTo {
        /// One that has levels (see [`Metric::has_levels`]).
        metric: Metric,
        /// A value that the metric can take.
        level: f64,
    },
}

/// One side of a claim: cells, and which of their evaluations is looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// Indices of cells: one, or with `spread_over`, `best_over` or `on_all` one for each value of that axis, or of both axes.
    pub cells: Vec<usize>,
    /// Which of their evaluations is looked at.
    pub at: At,
    /// The metric of this side, if it is not the claim's own; only the side that the arm is compared with can have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<Metric>,
}

/// What the arm is compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Versus {
    /// Other cells, or the same at another time or by another metric.
    Side(Side),
    /// A finite number.
    Bound(f64),
}

/// Which evaluation of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum At {
    /// The evaluation of the untrained network.
    Start,
    /// The first evaluation with the highest validation accuracy.
    Best,
    /// The evaluation after the last step.
    Last,
    /// The evaluation after this epoch, which may be a fraction. A study is refused if there is none; in journals from
    /// before it was, the last one up to then is meant.
    Epoch(f64),
}

/// What the claim expects of the arm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// That it is below the other.
    Lower,
    /// That it is above the other.
    Higher,
    /// That it differs by less than `within`, which is above 0.
    Same {
        /// Above 0, in the unit of the measure.
        within: f64,
    },
}

impl Claim {
    /// The axes along which a side has several cells.
    fn axes(&self) -> impl Iterator<Item = &String> {
        [&self.on_all, &self.spread_over, &self.best_over].into_iter().flatten()
    }

    /// Of a claim on all values of an axis, each value with the claim that is made of it, in the order of the arm's cells.
    /// Of other claims nothing.
    pub fn parts(&self, cells: &[Cell]) -> Vec<(String, Claim)> {
        let Some(axis) = &self.on_all else { return Vec::new() };
        let value = |&cell: &usize| cells.get(cell).and_then(|cell| cell.params.get(axis)).map(param_text);
        let mut values: Vec<String> = Vec::new();
        for value in self.arm.cells.iter().filter_map(value) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        let part = |own: String| {
            let of_side = |side: &Side| {
                let has_value = |cell: &&usize| value(cell).as_ref() == Some(&own);
                Side { cells: side.cells.iter().filter(has_value).copied().collect(), ..side.clone() }
            };
            let versus = match &self.versus {
                Versus::Side(side) => Versus::Side(of_side(side)),
                Versus::Bound(bound) => Versus::Bound(*bound),
            };
            let claim = Claim { on_all: None, arm: of_side(&self.arm), versus, ..self.clone() };
            (own, claim)
        };
        values.into_iter().map(part).collect()
    }

    /// All cells it looks at.
    pub fn cells(&self) -> impl Iterator<Item = usize> {
        let versus = match &self.versus {
            Versus::Side(side) => side.cells.as_slice(),
            Versus::Bound(_) => &[],
        };
        self.arm.cells.iter().chain(versus).copied()
    }

    /// Whether each side has a cell; on all values of an axis, with each of them.
    pub(super) fn has_cells(&self, cells: &[Cell]) -> bool {
        let versus = match &self.versus {
            Versus::Side(side) => !side.cells.is_empty(),
            Versus::Bound(_) => true,
        };
        let parts = self.parts(cells);
        let has_parts = self.on_all.is_none() || !parts.is_empty();
        !self.arm.cells.is_empty() && versus && has_parts && parts.iter().all(|(_, part)| part.has_cells(cells))
    }

    /// All cells it looks at, mutable.
    pub(super) fn cells_mut(&mut self) -> impl Iterator<Item = &mut usize> {
        let versus = match &mut self.versus {
            Versus::Side(side) => side.cells.as_mut_slice(),
            Versus::Bound(_) => &mut [],
        };
        self.arm.cells.iter_mut().chain(versus)
    }

    /// The metrics of both sides.
    pub fn metrics(&self) -> impl Iterator<Item = Metric> {
        let versus = match &self.versus {
            Versus::Side(side) => side.metric,
            Versus::Bound(_) => None,
        };
        std::iter::once(self.measure.metric()).chain(versus)
    }

    /// Whether it looks at an epoch, or at what is best by validation accuracy.
    pub(super) fn needs_network(&self) -> bool {
        let versus = match &self.versus {
            Versus::Side(side) => Some(side.at),
            Versus::Bound(_) => None,
        };
        let mut times = std::iter::once(self.arm.at).chain(versus);
        self.best_over.is_some() || times.any(|at| !matches!(at, At::Start | At::Last))
    }

    /// The metrics of both sides, mutable.
    pub(super) fn metrics_mut(&mut self) -> impl Iterator<Item = &mut Metric> {
        let versus = match &mut self.versus {
            Versus::Side(side) => side.metric.as_mut(),
            Versus::Bound(_) => None,
        };
        let (Measure::Metric(metric) | Measure::Layer { metric, .. } | Measure::StepsTo { metric, .. }) =
            &mut self.measure;
        std::iter::once(metric).chain(versus)
    }

    /// The comparison in words: `gap of (weight_decay = 0.1) lower than that of (weight_decay = 0)`, followed by
    /// `, on these 300 images` where all seeds train on the same of more.
    pub fn in_words(&self, cells: &[Cell]) -> String {
        let measure = match &self.spread_over {
            Some(axis) => format!("spread over {axis} of {}", self.measure.in_words()),
            None => self.measure.in_words(),
        };
        let expect = match self.expect {
            Expect::Lower => "lower than".into(),
            Expect::Higher => "higher than".into(),
            Expect::Same { within } => format!("within {within} of"),
        };
        let with_times = match &self.versus {
            Versus::Side(versus) => [self.arm.at, versus.at].iter().any(|&at| at != At::Last),
            Versus::Bound(_) => self.arm.at != At::Last,
        };
        let side = |side: &Side| match with_times {
            true => format!("{} {}", self.cells_in_words(side, cells), side.at.in_words(side, cells)),
            false => self.cells_in_words(side, cells),
        };
        let versus = match &self.versus {
            Versus::Side(versus) => {
                let metric = versus.metric.map_or("that", Metric::name);
                format!("{metric} of {}", side(versus))
            }
            Versus::Bound(bound) => bound.to_string(),
        };
        let best = self.best_over.as_ref().map(|axis| format!(", each with the best {axis} by validation"));
        let all = self.on_all.as_ref().map(|axis| format!(", on all values of {axis}"));
        let configs = self.cells().filter_map(|cell| cells.get(cell)).map(|cell| &cell.config);
        let images = these_images(configs).map(|images| format!(", on {images}"));
        format!(
            "{measure} of {} {expect} {versus}{}{}{}",
            side(&self.arm),
            best.unwrap_or_default(),
            all.unwrap_or_default(),
            images.unwrap_or_default()
        )
    }

    fn cells_in_words(&self, side: &Side, cells: &[Cell]) -> String {
        let Some(cell) = side.cells.first().and_then(|&place| cells.get(place)) else { return String::new() };
        if cell.arm.is_some() {
            return cell.title();
        }
        let mut params = cell.params.clone();
        self.axes().for_each(|axis| drop(params.shift_remove(axis)));
        match (params.is_empty(), self.spread_over.is_some() || self.best_over.is_some()) {
            (false, _) => format!("({})", assignments(&params)),
            (true, true) => "all cells".into(),
            (true, false) => "the base".into(),
        }
    }
}

impl Measure {
    /// The same measure of another metric; of the same layer if layers have that metric.
    pub fn with(self, metric: Metric) -> Measure {
        match self {
            Measure::Layer { layer, .. } if metric.is_by_layer() => Measure::Layer { metric, layer },
            _ => Measure::Metric(metric),
        }
    }

    /// The metric that it is read from.
    pub fn metric(self) -> Metric {
        match self {
            Measure::Metric(metric) | Measure::Layer { metric, .. } | Measure::StepsTo { metric, .. } => metric,
        }
    }

    fn in_words(self) -> String {
        match self {
            Measure::Metric(metric) => metric.name().into(),
            Measure::Layer { metric, layer } => format!("{} of layer {layer}", metric.name()),
            Measure::StepsTo { metric, level } => format!("steps to {} = {level}", metric.name()),
        }
    }
}

impl At {
    fn in_words(self, side: &Side, cells: &[Cell]) -> String {
        let is_program = |&cell: &usize| cells.get(cell).is_some_and(|cell| cell.config.data == DataSource::Program);
        match self {
            At::Start if side.cells.iter().any(is_program) => "at the start".into(),
            At::Start => "untrained".into(),
            At::Best => "at its best validation accuracy".into(),
            At::Last => "at the end".into(),
            At::Epoch(epoch) => format!("after epoch {epoch}"),
        }
    }
}
