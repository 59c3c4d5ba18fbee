//! The grid of squares, or cubes: a box cut into equal parts along each axis.
//!
//! Parts are as nearly square as a whole number of them allows. Cells are numbered with the last
//! coordinate running fastest. Neighbours share a face or an edge between two axes, 8 in the plane
//! and 18 in space: those that the original infers with, so that maps can be compared.

use super::{Adjacency, Tessellation, check_cells, check_count, check_spacing};
use crate::{Error, Result, geometry};

/// A grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Squares<const D: usize> {
    /// The cells.
    pub tessellation: Tessellation<D>,
    /// Lower corner of the grid, in µm.
    pub lower: [f64; D],
    /// Upper corner of the grid, in µm.
    pub upper: [f64; D],
    /// Number of cells along each axis.
    pub count: [usize; D],
}

/// Cuts a box into squares of about a side.
///
/// The number along each axis is rounded to the nearest, to the even one between two, and is at
/// least 1. Along an axis where the box has no extent, there is one cell, as wide as the side.
///
/// # Errors
///
/// [`Error::Value`] if the side is not positive or takes more than ten million cells, or if the box
/// is not one; [`Error::InsufficientData`] if the box is a single point.
pub fn by_spacing<const D: usize>(
    lower: &[f64; D],
    upper: &[f64; D],
    spacing: f64,
) -> Result<Squares<D>> {
    let extent = geometry::extent(lower, upper)?;
    check_spacing(spacing)?;
    let parts = extent.map(|length| (length / spacing).round_ties_even().max(1.0));
    check_cells(spacing, &extent, parts.iter().product())?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most MAX_CELLS
    let count = parts.map(|parts| parts as usize);
    let half = |d: usize| if extent[d] > 0.0 { 0.0 } else { spacing / 2.0 };
    let lower = std::array::from_fn(|d| lower[d] - half(d));
    let upper = std::array::from_fn(|d| upper[d] + half(d));
    grid(lower, upper, count)
}

/// Cuts a box into about `count` squares, of a side of at least `min_spacing` or nearly so.
///
/// # Errors
///
/// [`Error::Value`] if the count is not positive or above ten million; otherwise as [`by_spacing`].
pub fn by_count<const D: usize>(
    lower: &[f64; D],
    upper: &[f64; D],
    count: f64,
    min_spacing: f64,
) -> Result<Squares<D>> {
    check_count(count, min_spacing)?;
    let extent = geometry::extent(lower, upper)?;
    let lengths = extent.iter().filter(|&&length| length > 0.0);
    let axes = lengths.clone().count() as f64;
    // Root by root: the product of three lengths may be too large, or too small, for a number.
    let side = lengths
        .map(|length| length.powf(1.0 / axes))
        .product::<f64>()
        / count.powf(1.0 / axes);
    by_spacing(lower, upper, side.max(min_spacing))
}

/// Cuts a box into a given number of parts along each axis.
///
/// # Errors
///
/// [`Error::Value`] if a number is 0, if there are more than ten million cells, or if the box has
/// no extent along an axis.
pub fn by_shape<const D: usize>(
    lower: &[f64; D],
    upper: &[f64; D],
    count: [usize; D],
) -> Result<Squares<D>> {
    let extent = geometry::extent(lower, upper)?;
    let cells: f64 = count.iter().map(|&parts| parts as f64).product();
    if !(1.0..=super::MAX_CELLS).contains(&cells) {
        return Err(Error::Value {
            name: "count_per_dim",
            seen: format!("{count:?}"),
            expected: "at least one cell along each axis, at most ten million together",
        });
    }
    if extent.contains(&0.0) {
        return Err(Error::Value {
            name: "upper",
            seen: format!("{upper:?}, with lower {lower:?}"),
            expected: "an extent along each axis: set the bounds, or the resolution instead",
        });
    }
    grid(*lower, *upper, count)
}

fn grid<const D: usize>(lower: [f64; D], upper: [f64; D], count: [usize; D]) -> Result<Squares<D>> {
    let side: [f64; D] = std::array::from_fn(|d| (upper[d] - lower[d]) / count[d] as f64);
    let cells = count.iter().product();
    let steps = steps_to_neighbours::<D>();
    let mut centers = Vec::with_capacity(cells);
    let mut starts = vec![0];
    let mut neighbours = Vec::with_capacity(steps.len() * cells);
    for cell in 0..cells {
        let position = position(cell, &count);
        centers.push(std::array::from_fn(|d| {
            lower[d] + (position[d] as f64 + 0.5) * side[d]
        }));
        neighbours.extend(
            steps
                .iter()
                .filter_map(|step| moved(&position, step, &count)),
        );
        starts.push(neighbours.len());
    }
    let tessellation = Tessellation {
        centers,
        adjacency: Adjacency::new(starts, neighbours)?,
        volumes: vec![side.iter().product(); cells],
    };
    Ok(Squares {
        tessellation,
        lower,
        upper,
        count,
    })
}

/// Steps along one axis or two, ordered by the number of the cell that they lead to.
fn steps_to_neighbours<const D: usize>() -> Vec<[isize; D]> {
    let every = (0..[3; D].iter().product())
        .map(|number| position(number, &[3; D]).map(|digit| [-1, 0, 1][digit]));
    every
        .filter(|step| (1..=2).contains(&step.iter().filter(|&&along| along != 0).count()))
        .collect()
}

fn position<const D: usize>(cell: usize, count: &[usize; D]) -> [usize; D] {
    let mut rest = cell;
    let mut position = [0; D];
    for d in (0..D).rev() {
        position[d] = rest % count[d];
        rest /= count[d];
    }
    position
}

fn moved<const D: usize>(
    position: &[usize; D],
    step: &[isize; D],
    count: &[usize; D],
) -> Option<usize> {
    (0..D).try_fold(0, |number, d| {
        let coordinate = position[d].checked_add_signed(step[d])?;
        (coordinate < count[d]).then_some(number * count[d] + coordinate)
    })
}
