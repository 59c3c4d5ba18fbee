//! A least and a largest number of points for each cell, by nearness.

use rayon::prelude::*;

use super::Members;
use super::kd_tree::{KdTree, Nearest};
use super::members::check_pairs;
use crate::error::{check_finite, check_length};
use crate::{Error, Result, threads};

/// How many points a cell is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberCount {
    /// At least so many, or all there are.
    pub min: usize,
    /// At most so many, not below `min`.
    pub max: usize,
}

impl MemberCount {
    fn check(self, cell_count: usize) -> Result<()> {
        if self.min > self.max {
            return Err(Error::Value {
                name: "least number of points",
                seen: format!("{}, above the largest, {}", self.min, self.max),
                expected: "at most the largest",
            });
        }
        let pairs = self.min.saturating_mul(cell_count);
        check_pairs("least number of points", &self.min.to_string(), pairs)
    }
}

/// The points of each cell, filled up or cut to a number within limits.
///
/// A cell keeps its `own` points. Where they are fewer than the least number, the nearest others to
/// its center join them, whatever cell they are in; where they are more than the largest, only those
/// nearest to the center stay. Of points as near, those with the lowest index come first.
///
/// N points and m centers take O((N + m k) log N) time and O(N + m k) memory for k points per cell.
///
/// # Errors
///
/// If the numbers are in the wrong order or make more than 10⁹ pairs, `own` is not of as many cells as
/// there are centers, or a coordinate is not finite.
pub fn nearest_points<const D: usize>(
    points: &[[f64; D]],
    centers: &[[f64; D]],
    own: &Members,
    count: MemberCount,
) -> Result<Members> {
    check_finite("points", points)?;
    check_finite("centers", centers)?;
    check_length("own", own.cell_count(), centers.len(), "`centers`")?;
    count.check(centers.len())?;
    let tree = KdTree::new(points);
    let lists: Vec<_> = threads::install(|| {
        let cells = centers.par_iter().enumerate();
        cells
            .map(|(cell, center)| bounded(points, &tree, center, own.of(cell), count))
            .collect()
    })?;
    Ok(Members::from_lists(&lists))
}

/// The same for cells of space in segments of time, where nearness is that in time to the middle of
/// the segment, and only the points of the cell in space count.
///
/// Cell c of m in segment s has the number `s m + c`, in `own` and in what is returned.
///
/// # Errors
///
/// As [`nearest_points`]; and if a point's cell is not below `cell_count`.
pub fn nearest_in_time(
    times: &[f64],
    cell: &[usize],
    cell_count: usize,
    middles: &[f64],
    own: &Members,
    count: MemberCount,
) -> Result<Members> {
    let times: Vec<[f64; 1]> = times.iter().map(|&t| [t]).collect();
    let middles: Vec<[f64; 1]> = middles.iter().map(|&t| [t]).collect();
    let numbers = middles.len() * cell_count;
    check_finite("times", &times)?;
    check_finite("middles", &middles)?;
    check_length("cell", cell.len(), times.len(), "`times`")?;
    check_length("own", own.cell_count(), numbers, "cells times segments")?;
    count.check(numbers)?;
    let mut of_cell = vec![vec![]; cell_count];
    for (point, &cell) in cell.iter().enumerate() {
        of_cell
            .get_mut(cell)
            .map(|list: &mut Vec<usize>| list.push(point))
            .ok_or_else(|| Error::Element {
                name: "cell",
                index: point,
                seen: cell.to_string(),
                expected: "a number below the number of cells",
            })?;
    }
    let in_cell = |(cell, there): (usize, &Vec<usize>)| -> Vec<Vec<usize>> {
        let local: Vec<[f64; 1]> = there.iter().map(|&point| times[point]).collect();
        let tree = KdTree::new(&local);
        let segments = middles.iter().enumerate();
        segments
            .map(|(segment, middle)| {
                let own = own.of(segment * cell_count + cell).iter();
                let own: Vec<_> = own.filter_map(|p| there.binary_search(p).ok()).collect();
                let found = bounded(&local, &tree, middle, &own, count);
                found.into_iter().map(|k| there[k]).collect()
            })
            .collect()
    };
    let by_cell: Vec<_> =
        threads::install(|| of_cell.par_iter().enumerate().map(in_cell).collect())?;
    let lists: Vec<_> = (0..numbers)
        .map(|number| by_cell[number % cell_count][number / cell_count].clone())
        .collect();
    Ok(Members::from_lists(&lists))
}

/// The points of one cell, in ascending order.
fn bounded<const D: usize>(
    points: &[[f64; D]],
    tree: &KdTree<D>,
    center: &[f64; D],
    own: &[usize],
    count: MemberCount,
) -> Vec<usize> {
    let mut members = own.to_vec();
    if own.len() < count.min {
        // As many as are wanted in all: own ones among them take no place.
        let near = tree.nearest_few(center, count.min);
        let others = near.iter().map(|found| found.index);
        let others = others.filter(|point| own.binary_search(point).is_err());
        members.extend(others.take(count.min - own.len()));
        members.sort_unstable();
    } else if own.len() > count.max {
        members.sort_unstable_by_key(|&point| Nearest::new(center, &points[point], point));
        members.truncate(count.max);
        members.sort_unstable();
    }
    members
}
