//! Cell centers drawn at random.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

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
