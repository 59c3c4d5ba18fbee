//! Boxes along the axes.

use crate::error::check_finite;
use crate::{Error, Result};

/// The box around points, and their mean: NaN along an axis where a coordinate is NaN. Sums are in the
/// order of the points.
#[must_use]
pub fn bounds_and_mean<const D: usize>(points: &[[f64; D]]) -> [[f64; D]; 3] {
    let mut lower = [f64::INFINITY; D];
    let mut upper = [f64::NEG_INFINITY; D];
    let mut sum = [0.0; D];
    let mut is_number = [true; D];
    for point in points {
        for d in 0..D {
            lower[d] = lower[d].min(point[d]);
            upper[d] = upper[d].max(point[d]);
            sum[d] += point[d];
            is_number[d] &= !point[d].is_nan();
        }
    }
    let or_nan =
        |values: [f64; D]| std::array::from_fn(|d| if is_number[d] { values[d] } else { f64::NAN });
    let mean = sum.map(|sum| sum / points.len() as f64);
    [or_nan(lower), or_nan(upper), mean]
}

/// The size of a box that is to be cut into cells.
///
/// # Errors
///
/// [`Error::Element`] or [`Error::Value`] if the corners are not those of a box;
/// [`Error::InsufficientData`] if they are the same point.
pub(crate) fn extent<const D: usize>(lower: &[f64; D], upper: &[f64; D]) -> Result<[f64; D]> {
    check_finite("lower, upper", &[*lower, *upper])?;
    let extent: [f64; D] = std::array::from_fn(|d| upper[d] - lower[d]);
    if extent
        .iter()
        .any(|&length| !(length >= 0.0 && length.is_finite()))
    {
        return Err(Error::Value {
            name: "upper",
            seen: format!("{upper:?}, with lower {lower:?}"),
            expected: "no coordinate below that of `lower`",
        });
    }
    if extent.iter().all(|&length| length == 0.0) {
        return Err(Error::InsufficientData {
            seen: format!("all points are at {lower:?} µm"),
            needed: "at least two different positions are needed to tessellate a region".to_owned(),
        });
    }
    Ok(extent)
}
