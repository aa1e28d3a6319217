//! Planes through a trained network (Li et al. 2018).

use super::{Snapshots, View, Weights, combine, directions, finite};
use crate::learn::evaluate::{BATCH, evaluate};
use crate::learn::nn::Network;
use crate::plan::config::{PROBED_IMAGES as IMAGES, SIDE_OF_PLANE as SIDE};
use crate::record::event::{Plane, Spanned};
use std::sync::atomic::Ordering::Relaxed;

/// How far the plane extends beyond the training's path, as a share of the path's extent.
const MARGIN: f64 = 0.15;

/// From −1 to 1 along two random directions; `None` if it was cancelled. The network is restored at the end. Batch
/// norm's running statistics are the network's own everywhere.
pub fn on_random(view: &View, network: &mut Network) -> Option<Plane> {
    let [x, y] = directions::random(network, view.seed);
    let places: Vec<f32> = (0..SIDE).map(|place| (2 * place) as f32 / (SIDE - 1) as f32 - 1.0).collect();
    let train_loss = losses(view, network, [&x, &y], [&places, &places])?;
    Some(Plane { spanned_by: Spanned::Random, x: places.clone(), y: places, train_loss, path: None })
}

/// Around the training, on the plane of its two main directions (Li et al. 2018, section 7). The outer `None` if it was
/// cancelled, the inner one if the training spans no plane.
pub fn on_path(view: &View, network: &mut Network, snapshots: &Snapshots) -> Option<Option<Plane>> {
    let Some((path, [x, y])) = snapshots.main_directions() else { return Some(None) };
    let [across, up] = [&path.x, &path.y].map(|places| around(places));
    let train_loss = losses(view, network, [&x, &y], [&across, &up])?;
    Some(Some(Plane { spanned_by: Spanned::Path, x: across, y: up, train_loss, path: Some(path) }))
}

/// Evenly spaced places around these, with a margin on either side.
fn around(places: &[f32]) -> Vec<f32> {
    let ends =
        places.iter().fold((0.0f64, 0.0f64), |(low, high), &place| (low.min(place.into()), high.max(place.into())));
    let margin = MARGIN * (ends.1 - ends.0);
    let (low, high) = (ends.0 - margin, ends.1 + margin);
    (0..SIDE).map(|place| (low + (high - low) * place as f64 / (SIDE - 1) as f64) as f32).collect()
}

fn losses(
    view: &View,
    network: &mut Network,
    [across, up]: [&Weights; 2],
    [x, y]: [&[f32]; 2],
) -> Option<Vec<Option<f32>>> {
    let centre = Weights::of(network);
    let images = &view.trained_on[..view.trained_on.len().min(IMAGES)];
    let mut scratch = network.scratch(BATCH.min(images.len()));
    let mut losses = Vec::with_capacity(x.len() * y.len());
    for (&y, &x) in y.iter().flat_map(|y| x.iter().map(move |x| (y, x))) {
        if view.cancel.load(Relaxed) {
            return None;
        }
        combine(network, &[(1.0, &centre), (x.into(), across), (y.into(), up)]);
        let alone = !view.spare_cores.load(Relaxed);
        let (loss, _) = evaluate(network, &view.data.train, images, alone.then_some(&mut scratch));
        losses.push(finite(loss));
    }
    combine(network, &[(1.0, &centre)]);
    Some(losses)
}
