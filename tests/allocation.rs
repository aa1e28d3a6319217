//! A training step allocates nothing. The only test of this file, since it counts what its whole process allocates.

use ablate::data::{self, Dataset};
use ablate::learn::train::Training;
use ablate::plan::config::{Config, Optimizer};
use serde_json::json;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: passes everything on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Counts what a trial with these settings allocates in twenty steps, after so many others.
fn check(settings: serde_json::Value, data: &Dataset, after: usize) {
    let config: Config = serde_json::from_value(settings.clone()).unwrap();
    let mut training = Training::new(&config, 1, data);
    (0..after).for_each(|_| assert!(training.step().is_finite()));
    let before = ALLOCATIONS.load(Relaxed);
    // Twenty steps go through two epochs, and so through two shuffles.
    let losses = (0..20).fold(0.0, |sum, _| sum + training.step());
    assert_eq!(ALLOCATIONS.load(Relaxed), before, "{settings}");
    assert!(losses.is_finite());
    // What does allocate is counted.
    training.digest();
    assert!(ALLOCATIONS.load(Relaxed) > before);
}

#[test]
fn a_step_allocates_nothing() {
    let data = data::load(Config::default().data, None, 400, 100).unwrap();
    for (changed, after) in [
        (json!({ "label_noise": 0.5 }), 0),
        (json!({ "input_noise": 0.1 }), 1),
        (json!({ "shift": 2, "rotation": 10, "elastic": { "alpha": 34 } }), 0),
    ] {
        let mut settings = json!({ "train_samples": 400, "test_samples": 100, "batch_size": 50, "hidden": [30, 20] });
        settings.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        // The first batch of numbers takes space for them.
        check(settings, &data, after);
    }
    for optimizer in Optimizer::all().map(|optimizer| optimizer.name()) {
        for (activation, norm) in ["relu", "sigmoid", "tanh", "leaky_relu", "gelu", "softsign"]
            .map(|name| [(name, "batch_norm"), (name, "layer_norm")])
            .concat()
        {
            let settings = json!({
                "train_samples": 400, "test_samples": 100, "batch_size": 50, "hidden": [30, 20], "activation": activation,
                "optimizer": optimizer, (norm): true, "dropout": 0.3, "weight_decay": 0.01, "schedule": "cosine",
            });
            check(settings, &data, 0);
        }
    }
}
