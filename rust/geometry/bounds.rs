//! Boxes along the axes.

use crate::error::check_finite;
use crate::{Error, Result};

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
