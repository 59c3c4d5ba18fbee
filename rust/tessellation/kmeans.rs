//! Cell centers in the middle of their points: k-means by Lloyd's iterations.
//!
//! S. P. Lloyd, Least squares quantization in PCM, IEEE Trans. Inf. Theory 28, 129 (1982).

use super::settings::Settings;
use crate::assignment::assign_nearest;
use crate::{Error, Result};

/// Moves centers to the mean of the points nearest to them, again and again, until the root mean
/// square distance of points to their centers falls by no more than `tolerance` of itself.
///
/// Centers without points are removed. Every iteration takes O(N log m) time, for N points and m
/// centers; the distance never rises, so that the iterations end with any tolerance.
///
/// # Errors
///
/// [`Error::Value`] if the tolerance is not a number from 0 on; [`Error::InsufficientData`] without
/// points or centers; [`Error::Element`] if a coordinate is not finite.
pub fn kmeans<const D: usize>(
    points: &[[f64; D]],
    start: &[[f64; D]],
    tolerance: f64,
) -> Result<Vec<[f64; D]>> {
    if !(tolerance >= 0.0 && tolerance.is_finite()) {
        return Err(Error::Value {
            name: "tol",
            seen: tolerance.to_string(),
            expected: "a relative decrease, 0 or above",
        });
    }
    if points.is_empty() {
        return Err(Error::InsufficientData {
            seen: "there are no points".to_owned(),
            needed: "at least one is needed to move centers".to_owned(),
        });
    }
    let mut centers = start.to_vec();
    let mut last = f64::INFINITY;
    loop {
        let cells = assign_nearest(points, &centers)?;
        let distance = root_mean_square_distance(points, &centers, &cells);
        centers = means(points, &cells, centers.len());
        let falls = last - distance > tolerance * distance;
        if !falls {
            return Ok(centers);
        }
        last = distance;
    }
}

/// Moves the centers that are set as `start`; see [`kmeans`] for the `tolerance`.
///
/// # Errors
///
/// Those of [`kmeans`], and if a setting is missing.
pub fn place<const D: usize>(points: &[[f64; D]], settings: &Settings) -> Result<Vec<[f64; D]>> {
    kmeans(
        points,
        settings.points("start")?,
        settings.number("tolerance")?,
    )
}

fn root_mean_square_distance<const D: usize>(
    points: &[[f64; D]],
    centers: &[[f64; D]],
    cells: &[usize],
) -> f64 {
    let squared = points.iter().zip(cells).map(|(point, &cell)| {
        let differences = point.iter().zip(&centers[cell]);
        differences.map(|(a, b)| (a - b) * (a - b)).sum::<f64>()
    });
    (squared.sum::<f64>() / points.len() as f64).sqrt()
}

/// Mean of the points of each cell that has any, summed in the order of the points.
pub(super) fn means<const D: usize>(
    points: &[[f64; D]],
    cells: &[usize],
    cell_count: usize,
) -> Vec<[f64; D]> {
    let mut sums = vec![([0.0; D], 0_usize); cell_count];
    for (point, &cell) in points.iter().zip(cells) {
        let (sum, count) = &mut sums[cell];
        for (sum, coordinate) in sum.iter_mut().zip(point) {
            *sum += coordinate;
        }
        *count += 1;
    }
    sums.iter()
        .filter(|(_, count)| *count > 0)
        .map(|(sum, count)| sum.map(|sum| sum / *count as f64))
        .collect()
}
