//! Drafts → claims: finds the cells that they mean and checks that those can decide them.

use super::draft::Draft;
use super::mistake::{Mistake, Mistakes, Span};
use super::outline::{Axis, Outline, overlay};
use super::select::{self, find_cell};
use super::value::{Value, finite};
use super::{scale, time};
use crate::plan::config::{Config, DataSource, NoCurvature, Probe};
use crate::plan::metric::Metric;
use crate::plan::{At, Cell, Claim, Problem, Side, Versus};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The claims of a study, and remarks. After a `--set`, a claim that the remaining cells cannot decide is not a
/// mistake: it is left out, and a remark says so.
pub(super) fn claims(
    outline: &Outline,
    cells: &[Cell],
    baseline: Option<usize>,
    is_set: bool,
) -> Result<(Vec<Claim>, Vec<String>), Mistakes> {
    let (mut claims, mut remarks, mut mistakes) = (Vec::new(), Vec::new(), Mistakes::default());
    let grid = Grid { outline, cells, baseline };
    for draft in &outline.claims {
        match grid.claim(draft) {
            Ok(claim) => claims.push(claim),
            Err(mistake) if is_set => {
                let says = draft.says.get_ref();
                remarks.push(format!("with --set the claim \"{says}\" is left out: {}", mistake.message()));
            }
            Err(mistake) => mistakes.add(mistake),
        }
    }
    mistakes.or((claims, remarks))
}

struct Grid<'a> {
    outline: &'a Outline<'a>,
    cells: &'a [Cell],
    baseline: Option<usize>,
}

impl Grid<'_> {
    fn claim(&self, draft: &Draft) -> Result<Claim, Mistake> {
        let along = [&draft.on_all, &draft.spread_over, &draft.best_over].into_iter().flatten();
        let axes = along.map(|name| self.axis(name.get_ref(), name.span())).collect::<Result<Vec<_>, _>>()?;
        let at = |given: &Option<Spanned<At>>| given.as_ref().map(|at| *at.get_ref());
        let mut arm =
            Side { cells: self.side(&draft.arm, "arm", &axes)?, at: at(&draft.at).unwrap_or(At::Last), metric: None };
        let versus_at = at(&draft.versus_at);
        let metric = draft.versus_metric.as_ref().map(|metric| *metric.get_ref());
        let mut versus = match &draft.versus {
            Some(value) if matches!(value.get_ref(), DeValue::Integer(_) | DeValue::Float(_)) => {
                if let Some(at) = &draft.versus_at {
                    return Err(Mistake::at(at.span(), "a number is the same at all times: leave `versus_at` out"));
                }
                if let Some(metric) = &draft.versus_metric {
                    return Err(Mistake::at(metric.span(), "a number has no metric: leave `versus_metric` out"));
                }
                Versus::Bound(finite(value)?)
            }
            Some(value) => {
                let cells = self.side(value, "versus", &axes)?;
                Versus::Side(Side { cells, at: versus_at.unwrap_or(arm.at), metric })
            }
            None => Versus::Side(self.default_side(draft, &arm, versus_at)?),
        };
        self.settle_time(&mut arm, draft.at.as_ref(), draft)?;
        if let Versus::Side(versus) = &mut versus {
            self.settle_time(versus, draft.versus_at.as_ref().or(draft.at.as_ref()), draft)?;
            self.refuse_equal_sides(draft, &arm, versus)?;
        }
        let claim = Claim {
            says: draft.says.get_ref().clone(),
            note: draft.note.clone(),
            measure: *draft.measure.get_ref(),
            spread_over: draft.spread_over.as_ref().map(|name| name.get_ref().clone()),
            best_over: draft.best_over.as_ref().map(|name| name.get_ref().clone()),
            on_all: draft.on_all.as_ref().map(|name| name.get_ref().clone()),
            arm,
            versus,
            expect: draft.expect,
            diverged_as: draft.diverged_as.as_ref().map(|value| *value.get_ref()),
        };
        self.check_measured(draft, &claim)?;
        time::check(draft, &claim, self.cells)?;
        let places = scale::Places {
            within: draft.within.clone(),
            versus: draft.versus.as_ref().map(Spanned::span),
            diverged_as: draft.diverged_as.as_ref().map(Spanned::span),
        };
        scale::check(&claim, self.cells, places)?;
        Ok(claim)
    }

    fn axis(&self, name: &str, span: Span) -> Result<&Axis<'_>, Mistake> {
        let axes = &self.outline.grid;
        let names: Vec<&str> = axes.iter().map(|axis| axis.key.get_ref().as_ref()).collect();
        let found = axes.iter().find(|axis| axis.key.get_ref() == name);
        let axis = found.ok_or_else(|| match names.is_empty() {
            true => Mistake::at(span.clone(), format!("`{name}` is no axis: this study has no [grid]")),
            false => Mistake::unknown(span.clone(), "axis", name, &names),
        })?;
        match axis.values.len() {
            1 => Err(Mistake::at(span, format!("`{name}` has one value: there is nothing to go over"))),
            _ => Ok(axis),
        }
    }

    /// The cell that a side names, or those along the axes.
    fn side(&self, value: &Value, who: &str, axes: &[&Axis]) -> Result<Vec<usize>, Mistake> {
        if axes.is_empty() {
            return select::cell(self.outline, value, who, self.cells).map(|cell| vec![cell]);
        }
        let keys: Vec<&str> = axes.iter().map(|axis| axis.key.get_ref().as_ref()).collect();
        let DeValue::Table(table) = value.get_ref() else {
            let message = format!("expected the values of the cells along `{}`", keys.join("` and `"));
            return Err(Mistake::at(value.span(), message).help(format!("as in {who} = {{ batch_norm = true }}")));
        };
        if let Some((own, _)) = table.iter().find(|(own, _)| keys.contains(&own.get_ref().as_ref())) {
            let message = format!("`{}` is what the claim goes over: leave it out here", own.get_ref());
            return Err(Mistake::at(own.span(), message));
        }
        let mut points = vec![table.clone()];
        for axis in axes {
            let layers: Vec<DeTable> =
                axis.values.iter().map(|value| DeTable::from_iter([(axis.key.clone(), value.clone())])).collect();
            points = points.iter().flat_map(|point| layers.iter().map(|layer| overlay(point, layer))).collect();
        }
        let cell = |point: &DeTable| find_cell(self.outline, point, value.span(), &format!("`{who}`"), self.cells)?;
        points.iter().map(cell).collect()
    }

    /// Without `versus`: the same arm at another time or by another metric, or the baseline.
    fn default_side(&self, draft: &Draft, arm: &Side, at: Option<At>) -> Result<Side, Mistake> {
        let no_versus = |message: &str, help: &str| Mistake::at(draft.says.span(), message).help(help);
        let metric = draft.versus_metric.as_ref().map(|metric| *metric.get_ref());
        match (at, self.baseline) {
            (Some(at), _) => Ok(Side { cells: arm.cells.clone(), at, metric }),
            (None, _) if metric.is_some() => Ok(Side { metric, ..arm.clone() }),
            (None, _) if arm.cells.len() > 1 => Err(no_versus(
                "this claim has no `versus`: several cells are not compared with the baseline, which is one",
                "as in versus = { batch_norm = false }",
            )),
            (None, Some(baseline)) => Ok(Side { cells: vec![baseline], at: arm.at, metric }),
            (None, None) => Err(no_versus(
                "this claim has no `versus`, and there is no baseline to stand in for it",
                "as in versus = { weight_decay = 0.0 }, or a number",
            )),
        }
    }

    /// Puts the time that is really looked at in the place of the given one.
    fn settle_time(&self, side: &mut Side, given: Option<&Spanned<At>>, draft: &Draft) -> Result<(), Mistake> {
        let span = given.map_or(draft.arm.span(), Spanned::span);
        if side.at == At::Best {
            self.check_validated(&side.cells, span.clone())?;
        }
        side.at = time::evaluated(side.at, &side.cells, self.cells, span)?;
        Ok(())
    }

    fn refuse_equal_sides(&self, draft: &Draft, arm: &Side, versus: &Side) -> Result<(), Mistake> {
        let same_time = || {
            let step = |at| self.cells.get(arm.cells[0]).and_then(|cell| time::step_at(at, &cell.config));
            arm.at == versus.at || step(arm.at).is_some_and(|step_of_arm| Some(step_of_arm) == step(versus.at))
        };
        let same_metric = versus.metric.is_none_or(|metric| metric == draft.measure.get_ref().metric());
        if arm.cells != versus.cells || !same_metric || !same_time() {
            return Ok(());
        }
        let (span, what) = match (&draft.versus_metric, &draft.versus_at, &draft.versus) {
            (Some(metric), ..) => (metric.span(), "the arm's own metric"),
            (None, Some(at), _) => (at.span(), "the same evaluation as the arm's"),
            (None, None, Some(versus)) => (versus.span(), "the arm's own cell"),
            (None, None, None) => (draft.arm.span(), "the baseline's own cell"),
        };
        Err(Mistake::at(span, format!("this is {what}: the claim compares it with itself")))
    }

    fn check_measured(&self, draft: &Draft, claim: &Claim) -> Result<(), Mistake> {
        let of_versus = draft.versus_metric.as_ref().map(|metric| (*metric.get_ref(), metric.span()));
        let all = std::iter::once((claim.measure.metric(), draft.measure.span())).chain(of_versus);
        let cells: Vec<usize> = claim.cells().collect();
        if let Some(axis) = &draft.best_over {
            self.check_validated(&cells, axis.span())?;
        }
        for (metric, span) in all {
            self.check_surface(metric, &cells, span.clone())?;
            if [Metric::VALIDATION_ACCURACY, Metric::VALIDATION_LOSS].contains(&metric) {
                self.check_validated(&cells, span.clone())?;
            }
            if metric.probe() == Some(Probe::Curvature) {
                self.check_curved(metric, span.clone())?;
            }
            if metric.is_by_layer() {
                self.check_layer(draft, metric, &cells, span)?;
            }
        }
        Ok(())
    }

    /// Networks and surfaces have metrics of their own.
    fn check_surface(&self, metric: Metric, cells: &[usize], span: Span) -> Result<(), Mistake> {
        for cell in cells.iter().map(|&cell| &self.cells[cell]) {
            let problem = Problem::of(cell.config.data, &[]);
            if problem.has(metric) {
                continue;
            }
            let title = cell.title();
            return Err(match problem {
                Problem::Surface => {
                    let there = problem.metrics().map(Metric::name).collect::<Vec<_>>().join(", ");
                    Mistake::at(span, format!("the cell {title} is on a surface, where there is no {}", metric.name()))
                        .help(format!("there are {there}; train_loss is f"))
                }
                Problem::Network | Problem::Program(_) => {
                    Mistake::at(span, format!("the cell {title} is not on a surface, and has no {}", metric.name()))
                        .help("it is for studies with data = \"surface\"")
                }
            });
        }
        Ok(())
    }

    /// Each cell has the layer, and what is measured of it.
    fn check_layer(&self, draft: &Draft, metric: Metric, cells: &[usize], span: Span) -> Result<(), Mistake> {
        for cell in cells.iter().map(|&cell| &self.cells[cell]) {
            let (config, cell) = (&cell.config, cell.title());
            let layers = layers_with(metric, config);
            if layers == 0 || (draft.layer.is_none() && config.hidden.is_empty()) {
                let message = format!("the cell {cell} has no hidden layer to measure {} of", metric.name());
                return Err(Mistake::at(span, message));
            }
            if let Some(layer) = draft.layer.as_ref().filter(|layer| *layer.get_ref() > layers) {
                let message = format!("there is no layer {}: the cell {cell} has {layers} of them", layer.get_ref());
                let mistake = Mistake::at(layer.span(), message);
                return Err(match metric == Metric::LAYER_WEIGHT_NORM {
                    true => mistake.help("the last has the weights of the output"),
                    false => mistake.help("hidden layers are counted from 1, and the output is none of them"),
                });
            }
            if metric == Metric::DEAD && !config.activation.facts().dies {
                let message = format!("the cell {cell} has no ReLU, whose units alone die");
                return Err(Mistake::at(span, message).help("saturated tells how many are at an end of their range"));
            }
            if metric == Metric::SATURATED && config.activation.facts().saturation.is_none() {
                let message = format!("the activation function of the cell {cell} saturates nowhere");
                return Err(
                    Mistake::at(span, message).help("activation_sd tells how widely the activations are spread")
                );
            }
        }
        Ok(())
    }

    /// The curvature of every cell can be measured: all of them measure what some claim needs.
    fn check_curved(&self, metric: Metric, span: Span) -> Result<(), Mistake> {
        match self.cells.iter().find_map(|cell| Some((cell, cell.config.no_curvature()?))) {
            Some((cell, NoCurvature { with, why, .. })) => {
                let message = format!("the {} of the cell {} cannot be measured", metric.label(), cell.title());
                let help = format!("with {with} {why}: test this in a study without it");
                Err(Mistake::at(span, message).help(help))
            }
            None => Ok(()),
        }
    }

    fn check_validated(&self, cells: &[usize], span: Span) -> Result<(), Mistake> {
        let without = |cell: &&Cell| cell.config.validation_samples.get() == 0;
        match cells.iter().map(|&cell| &self.cells[cell]).find(without) {
            Some(cell) => Err(Mistake::at(span, format!("the cell {} has no images for validation", cell.title()))
                .help("hold some out: validation_samples = 100 under [base]")),
            None => Ok(()),
        }
    }
}

/// How many layers have this metric of their own.
fn layers_with(metric: Metric, config: &Config) -> usize {
    match config.data {
        DataSource::Set(_) => config.hidden.len() + usize::from(metric == Metric::LAYER_WEIGHT_NORM),
        DataSource::Surface | DataSource::Program => 0,
    }
}
