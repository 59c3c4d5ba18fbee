//! Cells with few points are given up to their neighbours.

use super::voronoi;
use crate::assignment::assign_nearest;
use crate::geometry::ConvexCell;
use crate::{Error, Result};

/// Centers of Voronoi cells of which none has fewer than `min_count` points.
///
/// Round by round, the cells with too few are taken from the one with the most points on, and their
/// centers removed, except where a neighbour's has just been: what a cell gives up may be what the
/// next one lacks. With `update_centers`, the others then move to the mean of their points. At last
/// there is one cell, if need be.
///
/// # Errors
///
/// [`Error::InsufficientData`] if there are fewer than `min_count` points, or no centers; otherwise
/// as [`voronoi`].
pub fn merge_small<const D: usize>(
    centers: &[[f64; D]],
    points: &[[f64; D]],
    region: &impl ConvexCell<D>,
    min_count: usize,
    update_centers: bool,
) -> Result<Vec<[f64; D]>> {
    if points.len() < min_count {
        return Err(Error::InsufficientData {
            seen: format!("there are {} translocations", points.len()),
            needed: format!("at least {min_count} are needed for a single cell: lower the count"),
        });
    }
    let mut centers = centers.to_vec();
    loop {
        let counts = counts(points, &centers)?;
        let removed = independent_small_cells(&centers, &counts, region, min_count)?;
        if !removed.contains(&true) {
            return Ok(centers);
        }
        let kept = centers
            .iter()
            .zip(&removed)
            .filter(|(_, removed)| !**removed);
        centers = kept.map(|(center, _)| *center).collect();
        if update_centers {
            let cells = assign_nearest(points, &centers)?;
            centers = super::kmeans::means(points, &cells, centers.len());
        }
    }
}

fn counts<const D: usize>(points: &[[f64; D]], centers: &[[f64; D]]) -> Result<Vec<usize>> {
    let mut counts = vec![0; centers.len()];
    for cell in assign_nearest(points, centers)? {
        counts[cell] += 1;
    }
    Ok(counts)
}

/// Which cells have too few points, without neighbours of those chosen before.
fn independent_small_cells<const D: usize>(
    centers: &[[f64; D]],
    counts: &[usize],
    region: &impl ConvexCell<D>,
    min_count: usize,
) -> Result<Vec<bool>> {
    let mut small: Vec<usize> = (0..counts.len())
        .filter(|&cell| counts[cell] < min_count)
        .collect();
    small.sort_by_key(|&cell| std::cmp::Reverse(counts[cell]));
    let mut removed = vec![false; counts.len()];
    if small.is_empty() {
        return Ok(removed);
    }
    let adjacency = voronoi(centers, region)?.adjacency;
    for cell in small {
        removed[cell] = !adjacency.neighbours(cell).iter().any(|&j| removed[j]);
    }
    Ok(removed)
}
