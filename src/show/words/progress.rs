//! How far a claim, or a row, is on its way to certainty.

use crate::judge::claim::Progress;

/// Ten characters that fill as a claim, or a row, gets certain.
pub fn bar(progress: Progress) -> String {
    let full = (10.0 * progress.certainty).floor() as usize;
    "█".repeat(full) + &"░".repeat(10 - full)
}
