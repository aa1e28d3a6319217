//! Which points of a grid become cells.

use super::MAX_TRIALS;
use super::mistake::Mistake;
use super::outline::{Axis, Outline};
use super::range::share;
use crate::plan::Design;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use std::collections::HashSet;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What a point of the grid has on one axis.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Choice {
    /// The value of this index.
    Listed(usize),
    /// A number as it would stand in a study.
    Drawn(String),
}

/// A choice for each axis, in the order of the grid.
pub(super) type Point = Vec<Choice>;

/// The points of the grid that become cells, no two the same: the base alone without a grid, and nothing beside arms.
pub(super) fn points(outline: &Outline) -> Result<Vec<Point>, Mistake> {
    let design = outline.design();
    check(outline, design)?;
    let grid = &outline.grid;
    let lengths = || grid.iter().map(|axis| axis.values.len() as u128);
    let count = match design {
        _ if grid.is_empty() => u128::from(outline.arms.is_empty()),
        Design::Factorial => lengths().fold(1, u128::saturating_mul),
        Design::OneAtATime | Design::LeaveOneOut => 1 + lengths().map(|length| length - 1).sum::<u128>(),
        Design::Random => outline.samples.as_ref().map_or(0, |samples| u128::from(*samples.get_ref())),
    };
    check_count(outline, design, count)?;
    let count = count as usize;
    match design {
        Design::Factorial => Ok((0..count).map(|point| combination(grid, point)).collect()),
        Design::OneAtATime | Design::LeaveOneOut => Ok(changes(grid)),
        Design::Random => draw(outline, count),
    }
}

fn check(outline: &Outline, design: Design) -> Result<(), Mistake> {
    let name = design.name();
    let random_only = [("samples", &outline.samples), ("design_seed", &outline.design_seed)];
    if design != Design::Random {
        if let Some((key, number)) = random_only.iter().find_map(|(key, number)| Some((key, number.as_ref()?))) {
            let mistake = Mistake::at(number.span(), format!("`{key}` has no use in a {name} study"));
            return Err(mistake.help("it belongs to design = \"random\""));
        }
        if let Some((axis, range)) = outline.grid.iter().find_map(|axis| Some((axis, axis.range.as_ref()?))) {
            let message = format!("an axis needs a list of values: {} = […]", axis.key.get_ref());
            return Err(
                Mistake::at(range.span.clone(), message).help("ranges are for design = \"random\", with samples = 100")
            );
        }
    }
    let Some(given) = outline.design.as_ref().filter(|_| !design.is_factorial()) else { return Ok(()) };
    if outline.grid.is_empty() {
        let help = match design {
            Design::Random => "it says what to draw from, as in learning_rate = { log_uniform = [1e-6, 1e-2] }",
            _ => "the first value of each axis makes up the recipe to start from, as in batch_norm = [true, false]",
        };
        return Err(Mistake::at(given.span(), format!("a {name} study needs a [grid]")).help(help));
    }
    if design == Design::Random && outline.samples.is_none() {
        let mistake = Mistake::at(given.span(), "a random study needs `samples`: how many cells to draw");
        return Err(mistake.help("as in samples = 100"));
    }
    let single = outline.grid.iter().find(|axis| design.start().is_some() && axis.values.len() < 2);
    single.map_or(Ok(()), |axis| {
        let message = format!("the axis `{}` has one value, which a {name} study cannot change", axis.key.get_ref());
        let help = "give it another value behind the one to start from, or put the one below [base]";
        Err(Mistake::at(axis.values.first().map_or(axis.key.span(), Spanned::span), message).help(help))
    })
}

/// Checks that this number of points does not make too many trials.
fn check_count(outline: &Outline, design: Design, points: u128) -> Result<(), Mistake> {
    let seeds = outline.seeds.len() as u128;
    let trials = points.saturating_add(outline.arms.len() as u128).saturating_mul(seeds);
    if trials <= MAX_TRIALS as u128 {
        return Ok(());
    }
    let message = format!("{trials} trials are more than the {MAX_TRIALS} a study may have");
    let arms = outline.arms.len();
    let mend = if design == Design::Random { "lower `samples`" } else { "shorten the lists" };
    let help = format!("({points} points of the grid + {arms} arms) × {seeds} seeds: {mend}");
    let samples = outline.samples.as_ref().map(Spanned::span);
    let span = samples.or(outline.grid.first().map(|axis| axis.key.span()));
    Err(span.map_or_else(|| Mistake::anywhere(&message), |span| Mistake::at(span, &message)).help(help))
}

/// A point of the whole grid, counted with the last axis fastest.
fn combination(grid: &[Axis], mut point: usize) -> Point {
    let mut choices: Point = Vec::with_capacity(grid.len());
    for axis in grid.iter().rev() {
        choices.push(Choice::Listed(point % axis.values.len()));
        point /= axis.values.len();
    }
    choices.reverse();
    choices
}

/// The first values, then those with one of them changed, axis after axis.
fn changes(grid: &[Axis]) -> Vec<Point> {
    let start = vec![Choice::Listed(0); grid.len()];
    let mut points = vec![start.clone()];
    for (place, axis) in grid.iter().enumerate() {
        for value in 1..axis.values.len() {
            let mut point = start.clone();
            point[place] = Choice::Listed(value);
            points.push(point);
        }
    }
    points
}

/// The limit on draws for each point that is wanted, as a draw may repeat an earlier point. A grid of lists with
/// exactly as many points as are wanted takes ln 100,000 ≈ 12 on average.
const DRAWS: usize = 100;

/// Points from the ChaCha8 stream of `design_seed`, one after the other and each axis by axis, with 64 bits for a
/// value. A repeated point is drawn again, so a larger number of samples only adds points to a smaller one.
fn draw(outline: &Outline, count: usize) -> Result<Vec<Point>, Mistake> {
    let mut rng = ChaCha8Rng::seed_from_u64(outline.design_seed.as_ref().map_or(0, |seed| *seed.get_ref()));
    let mut points = Vec::with_capacity(count);
    let mut seen = HashSet::with_capacity(count);
    for _ in 0..count.saturating_mul(DRAWS) {
        if points.len() == count {
            break;
        }
        let point: Point = outline.grid.iter().map(|axis| choose(axis, &mut rng)).collect();
        if seen.insert(point.clone()) {
            points.push(point);
        }
    }
    if points.len() == count {
        return Ok(points);
    }
    let message = format!("{count} cells are wanted, but only {} different ones were found in this grid", points.len());
    let span = outline.samples.as_ref().map_or(0..0, Spanned::span);
    Err(Mistake::at(span, message).help("lower `samples`, or give the axes more values or a range"))
}

fn choose(axis: &Axis, rng: &mut ChaCha8Rng) -> Choice {
    match &axis.range {
        Some(range) => Choice::Drawn(range.draw(axis.is_whole(), rng)),
        None => Choice::Listed((share(rng) * axis.values.len() as f64) as usize),
    }
}

/// The values of a point.
pub(super) fn layer<'a>(grid: &[Axis<'a>], point: &'a Point) -> Result<DeTable<'a>, Mistake> {
    let value = |(axis, choice): (&Axis<'a>, &'a Choice)| -> Result<_, Mistake> {
        let value = match (choice, &axis.range) {
            (Choice::Listed(index), _) => axis.values[*index].clone(),
            (Choice::Drawn(text), range) => {
                let span = range.as_ref().map_or(axis.key.span(), |range| range.span.clone());
                let value = DeValue::parse(text).map_err(|error| Mistake::at(span.clone(), error.message()))?;
                Spanned::new(span, value.into_inner())
            }
        };
        Ok((axis.key.clone(), value))
    };
    grid.iter().zip(point).map(value).collect()
}
