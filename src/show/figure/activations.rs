//! Histograms of the activations of each hidden layer, a frame for each evaluation. Each cell shows its first seed whose
//! activations were probed.

use super::{Figure, Histogram, Histograms, Picture, Plot, Subject, Timeline, cells};
use crate::plan::config::ActivationFacts;
use crate::record::board::{Board, Status};
use crate::record::event::{BINS, Layers, Outcome};

pub fn pictures(board: &Board) -> Vec<Picture> {
    let slugs = cells::slugs(board);
    let of_cell = |(cell, slug): (usize, String)| {
        let of_it = |&trial: &usize| board.plan.trials[trial].cell == cell && probed(board, trial).next().is_some();
        let trial = (0..board.trials.len()).find(of_it)?;
        let frames = probed(board, trial).count();
        Some(Picture { name: format!("activations/{slug}"), frames, subject: Subject::Activations(trial) })
    };
    slugs.into_iter().enumerate().filter_map(of_cell).collect()
}

/// The evaluations of a trial at which its activations were probed.
fn probed(board: &Board, trial: usize) -> impl Iterator<Item = &Layers> {
    board.trials[trial].layers.iter().filter(|layers| !layers.bins.is_empty())
}

pub fn figure(board: &Board, trial: usize, frame: usize) -> Figure {
    let config = &board.cell(trial).config;
    let seen = probed(board, trial).take(frame.saturating_add(1)).last();
    let facts = config.activation.facts();
    let panels = seen.map_or(Vec::new(), |layers| panels(layers, &facts));
    let mut caption = format!("A panel a hidden layer. {}", facts.what_to_see);
    caption += &format!(" Seed {}, the first of {}.", board.plan.trials[trial].seed, board.plan.seeds.len());
    if let Status::Finished(Outcome::Diverged { step }) = board.trials[trial].status {
        caption += &format!(" This trial diverged after {step} steps: there is no more to see.");
    }
    Figure {
        title: format!("Activations of {}", cells::title(board, board.plan.trials[trial].cell)),
        moment: seen.map(|layers| Timeline::of(config).moment(layers.step)),
        plot: Plot::Histograms(Histograms { panels, x_label: "activation".into() }),
        caption,
    }
}

/// The panels, all over the widest range of any layer so that they can be compared.
fn panels(layers: &Layers, facts: &ActivationFacts) -> Vec<Histogram> {
    let low = layers.low.iter().copied().fold(f64::INFINITY, f64::min);
    let high = layers.high.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let panel = |layer: usize| {
        let mut notes = vec![format!("sd {}", short(layers.sd[layer])), format!("mean {}", short(layers.mean[layer]))];
        if let (Some(saturation), Some(&share)) = (&facts.saturation, layers.saturated.get(layer)) {
            notes.push(format!("{} {}", saturation.word, per_cent(share)));
        }
        notes.extend(layers.dead.get(layer).map(|&dead| format!("dead {}", per_cent(dead))));
        let shares = spread(&layers.bins[layer], (layers.low[layer], layers.high[layer]), (low, high));
        Histogram { name: format!("layer {}", layer + 1), low, high, shares, notes }
    };
    (0..layers.bins.len()).map(panel).collect()
}

/// Sorts counts in bins from `low` to `high` into bins over a wider range, as shares. Exact if the wider range is 2ⁿ times as
/// wide and has the same start or the same middle: each old bin then lies within one new bin.
fn spread(bins: &[u32; BINS], (low, high): (f64, f64), (wide_low, wide_high): (f64, f64)) -> Vec<f64> {
    let total: f64 = bins.iter().map(|&count| f64::from(count)).sum();
    let mut shares = vec![0.0; BINS];
    for (bin, &count) in bins.iter().enumerate().filter(|(_, count)| **count > 0) {
        let middle = low + (bin as f64 + 0.5) / BINS as f64 * (high - low);
        let place = (middle - wide_low) / (wide_high - wide_low) * BINS as f64;
        shares[(place as usize).min(BINS - 1)] += f64::from(count) / total;
    }
    shares
}

/// A number in at most five characters: `0.25`, `12.5`, `3e-6`, `−2e5`.
fn short(value: f32) -> String {
    let text = match value.abs() {
        0.0 => "0".into(),
        size if !(0.005..1000.0).contains(&size) => format!("{value:.0e}"),
        size if size < 9.995 => format!("{value:.2}"),
        size if size < 99.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    };
    text.replace('-', "−")
}

fn per_cent(share: f32) -> String {
    match 100.0 * share {
        0.0 => "0 %".into(),
        share if share < 0.5 => "<1 %".into(),
        share if (99.5..100.0).contains(&share) => ">99 %".into(),
        share => format!("{share:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_below_a_narrow_panel() {
        let texts = [0.0, 0.25, -0.021, 12.48, 512.0, 3.2e-6, -2e5, 99.96].map(short);
        assert_eq!(texts, ["0", "0.25", "−0.02", "12.5", "512", "3e−6", "−2e5", "100"]);
        assert_eq!([0.0, 0.001, 0.124, 0.999, 1.0].map(per_cent), ["0 %", "<1 %", "12 %", ">99 %", "100 %"]);
    }

    #[test]
    fn a_wider_range_takes_whole_bins() {
        let mut bins = [0; BINS];
        (bins[0], bins[1], bins[2], bins[29]) = (4, 2, 1, 1);
        // Four times as wide: bins 0 to 3 are the new bin 0, and bins 28 to 31 would be bin 7.
        let wide = spread(&bins, (0.0, 1.0), (0.0, 4.0));
        assert_eq!((wide[0], wide[7], wide.iter().sum::<f64>()), (0.875, 0.125, 1.0));
        assert_eq!(spread(&bins, (0.0, 1.0), (0.0, 1.0))[..3], [0.5, 0.25, 0.125]);
        assert_eq!(spread(&[0; BINS], (0.0, 1.0), (0.0, 1.0)), [0.0; BINS]);
    }

    #[test]
    fn one_tall_bin_does_not_flatten_the_others() {
        let histograms = |shares: &[&[f64]]| {
            let panel = |shares: &&[f64]| Histogram {
                name: String::new(),
                low: 0.0,
                high: 1.0,
                shares: shares.to_vec(),
                notes: Vec::new(),
            };
            Histograms { panels: shares.iter().map(panel).collect(), x_label: String::new() }
        };
        assert_eq!(histograms(&[&[0.4, 0.3, 0.3]]).full_height(), 0.4);
        assert_eq!(histograms(&[&[0.6, 0.2, 0.2], &[0.9, 0.1]]).full_height(), 0.25);
        assert_eq!(histograms(&[&[1.0, 0.0], &[0.99, 0.01]]).full_height(), 1.0, "nothing to flatten");
        assert_eq!(histograms(&[&[0.5, 0.5], &[1.0, 0.0]]).full_height(), 1.0);
        assert_eq!(histograms(&[]).full_height(), 0.0);
    }
}
