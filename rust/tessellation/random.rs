//! Cell centers drawn at random.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::settings::Settings;
use crate::{Result, geometry};

/// Draws centers uniformly in a box; the first ones are the same whatever their number.
///
/// # Errors
///
/// [`crate::Error::Value`] if the box is not one; [`crate::Error::InsufficientData`] if it is a
/// single point.
pub fn uniform<const D: usize>(
    lower: &[f64; D],
    upper: &[f64; D],
    count: usize,
    seed: u64,
) -> Result<Vec<[f64; D]>> {
    let extent = geometry::extent(lower, upper)?;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut draw = || std::array::from_fn(|d| lower[d] + random.random::<f64>() * extent[d]);
    Ok((0..count).map(|_| draw()).collect())
}

/// Draws a `count` of centers in the box around points, with a `seed`.
///
/// # Errors
///
/// Those of [`uniform`], and if a setting is missing.
pub fn place<const D: usize>(points: &[[f64; D]], settings: &Settings) -> Result<Vec<[f64; D]>> {
    let mut lower = [f64::INFINITY; D];
    let mut upper = [f64::NEG_INFINITY; D];
    for point in points {
        for d in 0..D {
            lower[d] = lower[d].min(point[d]);
            upper[d] = upper[d].max(point[d]);
        }
    }
    uniform(
        &lower,
        &upper,
        settings.count("count")?,
        settings.whole("seed")?,
    )
}
