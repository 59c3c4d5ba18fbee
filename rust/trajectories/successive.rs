//! What translocations that follow each other have in common.

use crate::Result;
use crate::error::check_length;

/// Largest difference of two times that are the same, in units of the lag: far above rounding, far below
/// a frame.
const SAME_TIME: f64 = 1e-3;

/// Mean product, along an axis, of each displacement and the one before it in its track, µm²; NaN if none
/// follows another.
///
/// `steps` are the displacements along each axis. One follows the row before it if it is of the same
/// track, and begins when that ends. One pass, in the order of the rows.
///
/// # Errors
///
/// If lengths differ.
pub fn mean_successive_product(
    track: &[i64],
    time: &[f64],
    lag: &[f64],
    steps: &[&[f64]],
) -> Result<f64> {
    check_length("time", time.len(), track.len(), "`track`")?;
    check_length("lag", lag.len(), track.len(), "`track`")?;
    for step in steps {
        check_length("steps", step.len(), track.len(), "`track`")?;
    }
    let (mut sum, mut count) = (0.0, 0_usize);
    for row in 1..track.len() {
        let before = row - 1;
        let gap = time[row] - time[before] - lag[before];
        if track[row] == track[before] && gap.abs() <= SAME_TIME * lag[before] {
            sum += steps
                .iter()
                .map(|step| step[row] * step[before])
                .sum::<f64>();
            count += steps.len();
        }
    }
    Ok(sum / count as f64)
}
