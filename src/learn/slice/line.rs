//! The straight line through two networks (Goodfellow et al. 2015; Frankle et al. 2020).

use super::{View, Weights, combine, finite};
use crate::learn::evaluate::{BATCH, evaluate};
use crate::learn::model;
use crate::plan::config::PLACES_ON_LINE;
use crate::record::event::{Between, Line};
use std::sync::atomic::Ordering::Relaxed;

/// Places from one network to the other; a power of two, so that each has an exact t.
const STEPS: i32 = 32;
/// Places beyond either end.
const BEYOND: i32 = (PLACES_ON_LINE as i32 - 1 - STEPS) / 2;

/// The loss along the line; `None` if it was cancelled. Only the networks at the ends have running statistics, and
/// averages of these would be wrong for the networks in between. So everywhere, also at the ends, the statistics are
/// those of the first 1,000 images that are trained on, with units dropped as in training.
pub fn line(view: &View, between: Between, first: &Weights, second: &Weights) -> Option<Line> {
    let View { config, data, trained_on, tested_with, .. } = view;
    let norm_images = trained_on.len().min(model::STATISTICS_IMAGES);
    let has_statistics = model::replica(config, 1, view.seed).has_statistics();
    let rows = if has_statistics { norm_images } else { 1 };
    let mut line = Line {
        between,
        t: (-BEYOND..=STEPS + BEYOND).map(|place| place as f32 / STEPS as f32).collect(),
        train_loss: Vec::new(),
        train_correct: Vec::new(),
        test_loss: Vec::new(),
        test_correct: Vec::new(),
    };
    for t in line.t.iter().copied().map(f64::from) {
        if view.cancel.load(Relaxed) {
            return None;
        }
        // A new network each time: infinite statistics would stay in an old one, and so the same units are dropped
        // everywhere.
        let mut network = model::replica(config, rows, view.seed);
        combine(&mut network, &[(1.0 - t, first), (t, second)]);
        if has_statistics {
            network.take_statistics(&data.train.pixels, &trained_on[..norm_images]);
        }
        let mut scratch = network.scratch(BATCH.min(trained_on.len().max(tested_with.len())));
        let alone = !view.spare_cores.load(Relaxed);
        let (loss, correct) = evaluate(&network, &data.train, trained_on, alone.then_some(&mut scratch));
        line.train_loss.push(finite(loss));
        line.train_correct.push(correct);
        let (loss, correct) = evaluate(&network, &data.test, tested_with, alone.then_some(&mut scratch));
        line.test_loss.push(finite(loss));
        line.test_correct.push(correct);
    }
    Some(line)
}
