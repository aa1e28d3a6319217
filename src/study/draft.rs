//! A claim as the study file has it, before its cells are looked up.

use super::mistake::{Mistake, Mistakes, Span};
use super::value::{Value, finite, table, text};
use super::{read, scale, schema};
use crate::plan::config::{Count, Probe};
use crate::plan::metric::Metric;
use crate::plan::{At, Expect, Measure};
use std::ops::RangeBounds;
use toml::Spanned;
use toml::de::DeValue;

pub(super) struct Draft<'a> {
    pub(super) says: Spanned<String>,
    pub(super) note: Option<String>,
    pub(super) measure: Spanned<Measure>,
    pub(super) layer: Option<Spanned<usize>>,
    pub(super) arm: Value<'a>,
    pub(super) versus: Option<Value<'a>>,
    pub(super) expect: Expect,
    /// Where `within` stands, if it is given.
    pub(super) within: Option<Span>,
    pub(super) at: Option<Spanned<At>>,
    pub(super) versus_at: Option<Spanned<At>>,
    pub(super) versus_metric: Option<Spanned<Metric>>,
    pub(super) diverged_as: Option<Spanned<f64>>,
    pub(super) spread_over: Option<Spanned<String>>,
    pub(super) best_over: Option<Spanned<String>>,
    pub(super) on_all: Option<Spanned<String>>,
}

impl<'a> Draft<'a> {
    /// A claim; `None` where a mistake leaves nothing to look up.
    pub(super) fn read(value: Value<'a>, mistakes: &mut Mistakes) -> Option<Draft<'a>> {
        let span = value.span();
        let mut table = mistakes.keep(table(value, "a claim is a table of what it says and how to test it"))?;
        let keys = &*schema::OF_CLAIM;
        let unknown = table.keys().filter(|key| !keys.iter().any(|known| known == key.get_ref()));
        let unknown: Vec<Mistake> = unknown.map(|key| Mistake::unknown_key(key.span(), key.get_ref(), keys)).collect();
        let is_unknown = !unknown.is_empty();
        mistakes.add(unknown);
        let mut take = |key: &str, example: &str, mistakes: &mut Mistakes| {
            let given = table.remove(key);
            // A key that is not known may be this one.
            if given.is_none() && !is_unknown && !example.is_empty() {
                let mistake = Mistake::at(span.clone(), format!("this claim has no `{key}`"));
                mistakes.add(mistake.help(format!("as in {key} = {example}")));
            }
            given
        };
        let says = take("says", "\"Weight decay narrows the gap\"", mistakes);
        let own_metric = take("metric", "\"gap\"", mistakes);
        let expect = take("expect", "\"lower\", \"higher\" or \"same\"", mistakes);
        let arm = take("arm", "{ weight_decay = 0.1 }", mistakes);
        let mut take = |key| take(key, "", mistakes);
        let [note, level, layer, within, versus] = ["note", "level", "layer", "within", "versus"].map(&mut take);
        let [at_, versus_at, versus_metric] = ["at", "versus_at", "versus_metric"].map(&mut take);
        let [diverged_as, spread_over, best_over, on_all] =
            ["diverged_as", "spread_over", "best_over", "on_all"].map(&mut take);

        let within_span = within.as_ref().map(Spanned::span);
        let says = says.and_then(|value| mistakes.keep(said(value)));
        let layer = layer.and_then(|value| mistakes.keep(number(value)));
        let measure = own_metric.and_then(|value| mistakes.keep(measure(value, level, layer.as_ref())));
        let expect = expect.and_then(|value| mistakes.keep(expectation(value, within)));
        let [at, versus_at] = [at_, versus_at].map(|value| value.and_then(|value| mistakes.keep(at(value))));
        let [spread_over, best_over, on_all] =
            [spread_over, best_over, on_all].map(|value| value.and_then(|value| mistakes.keep(name(value))));
        let note = note.and_then(|value| mistakes.keep(text(value)));
        let versus_metric = versus_metric.and_then(|value| mistakes.keep(other_metric(value)));
        let diverged_as = diverged_as
            .and_then(|value| mistakes.keep(finite(&value)).map(|number| Spanned::new(value.span(), number)));
        let draft = Draft {
            says: says?,
            note,
            measure: measure?,
            layer,
            arm: arm?,
            versus,
            within: within_span,
            expect: expect?,
            at,
            versus_at,
            versus_metric,
            diverged_as,
            spread_over,
            best_over,
            on_all,
        };
        mistakes.keep(draft.fits_together())?;
        Some(draft)
    }

    /// Checks what no key of it can check by itself.
    fn fits_together(&self) -> Result<(), Mistake> {
        if let (Some(_), Some(best)) = (&self.spread_over, &self.best_over) {
            return Err(Mistake::at(
                best.span(),
                "a spread is over all cells, not over the best: leave one of them out",
            ));
        }
        let along = self.spread_over.as_ref().or(self.best_over.as_ref());
        if let Some(all) =
            self.on_all.as_ref().filter(|all| along.is_some_and(|along| along.get_ref() == all.get_ref()))
        {
            let message = format!(
                "the sides already go over `{0}`, so there is no single {0} for each to hold on",
                all.get_ref()
            );
            return Err(Mistake::at(all.span(), message).help("name another axis, or leave `on_all` out"));
        }
        let timed = self.at.as_ref().or(self.versus_at.as_ref());
        match (self.measure.get_ref(), timed) {
            (Measure::StepsTo { .. }, Some(at)) => {
                Err(Mistake::at(at.span(), "steps are counted over the whole training: there is no time to look at"))
            }
            (Measure::StepsTo { .. }, None) => match (&self.versus_metric, &self.diverged_as) {
                (Some(metric), _) => {
                    Err(Mistake::at(metric.span(), "steps to a level are compared with steps to that level"))
                }
                (None, Some(steps)) if *steps.get_ref() < 0.0 || steps.get_ref().fract() != 0.0 => {
                    let message =
                        format!("{} is no count of steps: expected a whole number, 0 or above", steps.get_ref());
                    Err(Mistake::at(steps.span(), message)
                        .help("as many as the longest training has, for one that never gets there"))
                }
                (None, _) => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// The probe that it needs, if what it looks at is not always measured.
    pub(super) fn probes(&self) -> impl Iterator<Item = Probe> {
        let versus = self.versus_metric.as_ref().map(|metric| *metric.get_ref());
        std::iter::once(self.measure.get_ref().metric()).chain(versus).filter_map(Metric::probe)
    }
}

fn said(value: Value) -> Result<Spanned<String>, Mistake> {
    let says = name(value)?;
    match says.get_ref().trim().is_empty() {
        true => Err(Mistake::at(says.span(), "this claim says nothing")),
        false => Ok(says),
    }
}

fn other_metric(value: Value) -> Result<Spanned<Metric>, Mistake> {
    let span = value.span();
    Ok(Spanned::new(span.clone(), metric(&text(value)?, span, &names())?))
}

fn name(value: Value) -> Result<Spanned<String>, Mistake> {
    Ok(Spanned::new(value.span(), text(value)?))
}

/// `metric`, with the `level` that steps are counted to, or of the `layer` that is looked at.
fn measure(value: Value, level: Option<Value>, layer: Option<&Spanned<usize>>) -> Result<Spanned<Measure>, Mistake> {
    let span = value.span();
    let name = text(value)?;
    match (name.as_str(), level, layer) {
        ("steps_to", _, Some(layer)) => {
            let message = "steps are counted until the last hidden layer is at the level: leave `layer` out";
            Err(Mistake::at(layer.span(), message))
        }
        ("steps_to", Some(value), None) => {
            let (metric, level) = read_level(value)?;
            Ok(Spanned::new(span, Measure::StepsTo { metric, level }))
        }
        ("steps_to", None, None) => Err(Mistake::at(span, "the steps to which level?").help(LEVEL)),
        (name, None, layer) => {
            let metric = metric(name, span.clone(), &[names(), vec!["steps_to"]].concat())?;
            let measure = layer.map_or(Ok(Measure::Metric(metric)), |layer| of_layer(metric, layer))?;
            Ok(Spanned::new(span, measure))
        }
        (name, Some(level), _) => {
            let help = format!("only metric = \"steps_to\" has a level: leave it out for the {name} itself");
            Err(Mistake::at(level.span(), "this level belongs to no steps").help(help))
        }
    }
}

fn of_layer(metric: Metric, layer: &Spanned<usize>) -> Result<Measure, Mistake> {
    if metric.is_by_layer() {
        return Ok(Measure::Layer { metric, layer: *layer.get_ref() });
    }
    let by_layer: Vec<_> =
        Metric::ALL.iter().filter(|metric| metric.is_by_layer()).map(|metric| metric.name()).collect();
    let message = format!("{} is measured of the whole network: leave `layer` out", metric.name());
    Err(Mistake::at(layer.span(), message).help(format!("each layer has {}", by_layer.join(", "))))
}

/// Of a layer, counted from 1.
fn number(value: Value) -> Result<Spanned<usize>, Mistake> {
    let number = read::value::<Count>(&value).map_err(|mistake| mistake.help("the first hidden layer is layer = 1"))?;
    Ok(Spanned::new(value.span(), number.get()))
}

const LEVEL: &str = "as in level = { test_accuracy = 0.9 }";
fn read_level(value: Value) -> Result<(Metric, f64), Mistake> {
    let span = value.span();
    let one = || Mistake::at(span.clone(), "a level is a table of one metric and its value").help(LEVEL);
    let DeValue::Table(table) = value.into_inner() else { return Err(one()) };
    let mut entries = table.into_iter();
    let (Some((key, value)), None) = (entries.next(), entries.next()) else { return Err(one()) };
    let reached = Metric::ALL.iter().filter(|metric| metric.has_levels()).map(|metric| metric.name());
    let metric = metric(key.get_ref(), key.span(), &reached.collect::<Vec<_>>())?;
    let level = finite(&value)?;
    if !schema::reach(metric.kind()).contains(&level) {
        let message = format!("{} never reaches {level}", metric.name());
        return Err(Mistake::at(value.span(), message).help(scale::mend(metric, level)));
    }
    Ok((metric, level))
}

fn names() -> Vec<&'static str> {
    Metric::ALL.iter().map(|metric| metric.name()).collect()
}

/// A metric by its name. `named` are the names to choose from, for the message where there is no such metric.
fn metric(name: &str, span: Span, named: &[&str]) -> Result<Metric, Mistake> {
    Metric::named(name).ok_or_else(|| Mistake::unknown(span, "metric", name, named))
}

fn expectation(value: Value, within: Option<Value>) -> Result<Expect, Mistake> {
    let span = value.span();
    let name = text(value)?;
    match (name.as_str(), within) {
        ("same", Some(value)) => match finite(&value)? {
            within if within > 0.0 => Ok(Expect::Same { within }),
            within => Err(Mistake::at(value.span(), format!("{within} is out of range: expected a number above 0"))
                .help("the largest difference that still counts as the same")),
        },
        ("same", None) => Err(Mistake::at(span, "the same within how much?")
            .help("add the largest difference that still counts as the same: within = 0.01")),
        ("lower" | "higher", Some(value)) => {
            Err(Mistake::at(value.span(), "`within` goes with expect = \"same\" only"))
        }
        ("lower", None) => Ok(Expect::Lower),
        ("higher", None) => Ok(Expect::Higher),
        (other, _) => Err(Mistake::unknown(span, "expectation", other, &["lower", "higher", "same"])),
    }
}

fn at(value: Value) -> Result<Spanned<At>, Mistake> {
    let span = value.span();
    let at = match value.get_ref() {
        DeValue::String(name) => match name.as_ref() {
            "start" => At::Start,
            "best" => At::Best,
            "last" => At::Last,
            other => return Err(Mistake::unknown(span, "time", other, &["start", "best", "last"])),
        },
        _ => match finite(&value)? {
            epoch if epoch >= 0.0 => At::Epoch(epoch),
            epoch => return Err(Mistake::at(span, format!("{epoch} is out of range: epochs count from 0"))),
        },
    };
    Ok(Spanned::new(span, at))
}
