//! The lattice of regular hexagons: rows along x, pointed at top and bottom.
//!
//! A hexagon of inradius `r` has its neighbours at distance `2 r`, rows are `√3 r` apart, and every
//! other row is shifted by `r`. Rows have alternately `m + 1` and `m` cells, numbered row by row.

use std::f64::consts::FRAC_PI_6;

use super::{Adjacency, Tessellation, check_cells, check_count, check_spacing};
use crate::error::check_finite;
use crate::{Error, Result, geometry};

/// Where the lattice lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Lower corner of the box to cover, in µm.
    pub lower: [f64; 2],
    /// Upper corner of the box to cover, in µm.
    pub upper: [f64; 2],
    /// Angle the lattice is turned by, in units of 30°.
    pub tilt: f64,
    /// The point it is turned about, in µm.
    pub pivot: [f64; 2],
}

/// A lattice of hexagons.
#[derive(Debug, Clone, PartialEq)]
pub struct Hexagons {
    /// The cells.
    pub tessellation: Tessellation<2>,
    /// Inradius of a hexagon, in µm: half the distance between neighbouring centers.
    pub radius: f64,
    /// `m` and the number of rows; rows have alternately `m + 1` and `m` cells.
    pub count: (usize, usize),
}

/// Covers a box with hexagons whose centers are `spacing` apart.
///
/// With a tilt, the lattice that covers the box is turned about the pivot and may miss its corners;
/// points there belong to the nearest cell all the same.
///
/// # Errors
///
/// [`Error::Value`] if the spacing is not positive or takes more than ten million cells, or if the
/// box is not one; [`Error::InsufficientData`] if the box is a single point.
pub fn by_spacing(frame: &Frame, spacing: f64) -> Result<Hexagons> {
    let extent = extent(frame)?;
    let radius = spacing / 2.0;
    check_spacing(spacing)?;
    let (columns, rows) = shape(extent, radius);
    check_cells(spacing, &extent, columns * rows)?;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most MAX_CELLS
    lattice(frame, extent, radius, (columns as usize, rows as usize))
}

/// Covers a box with about `count` hexagons, whose centers are at least `min_spacing` apart.
///
/// Of all inradii, the one whose lattice is nearest to the count, and of those the smallest: the
/// numbers of columns and rows are integers, so that the search visits the finitely many lattices
/// from the coarsest on, in O(`count`) time and whatever the unit of length.
///
/// # Errors
///
/// [`Error::Value`] if the count is not positive or above ten million; otherwise as [`by_spacing`].
pub fn by_count(frame: &Frame, count: f64, min_spacing: f64) -> Result<Hexagons> {
    let extent = extent(frame)?;
    check_count(count, min_spacing)?;
    // Just above the inradius at which the box fits exactly: rounding must not add a column or row.
    let radius = radius_for_count(extent, count) * (1.0 + 8.0 * f64::EPSILON);
    by_spacing(frame, 2.0 * radius.max(min_spacing / 2.0))
}

/// The smallest inradius for which the number of cells is nearest to `count`.
///
/// `m` columns and `k` steps between rows cover the box as soon as `2 r m` is its width and
/// `√3 r k` its height. That is how the original counts rows in its search, so that sizes agree;
/// the lattice itself needs one row less where the points of the outer hexagons reach far enough.
fn radius_for_count([width, height]: [f64; 2], count: f64) -> f64 {
    let radius_of_columns = |m: f64| width / (2.0 * m);
    let radius_of_steps = |k: f64| height / (3.0_f64.sqrt() * k);
    let cells = |m: f64, rows: f64| m * rows + (rows / 2.0).ceil();
    // A box without width or height has one column or row, however small the cells.
    let (mut m, mut k) = (1.0, if height > 0.0 { 1.0 } else { 0.0 });
    let mut coarser = None;
    loop {
        let by_columns = radius_of_columns(m);
        let by_steps = if k > 0.0 { radius_of_steps(k) } else { 0.0 };
        let radius = by_columns.max(by_steps);
        let excess = cells(m, k + 1.0) - count;
        if excess >= 0.0 {
            return match coarser {
                Some((shortage, coarser_radius)) if shortage < excess => coarser_radius,
                _ => radius,
            };
        }
        coarser = Some((-excess, radius));
        if by_columns >= by_steps {
            m += 1.0;
        }
        if by_steps >= by_columns {
            k += 1.0;
        }
    }
}

fn extent(frame: &Frame) -> Result<[f64; 2]> {
    check_finite("pivot", &[frame.pivot])?;
    if !frame.tilt.is_finite() {
        return Err(Error::Value {
            name: "tilt",
            seen: frame.tilt.to_string(),
            expected: "an angle in units of 30°",
        });
    }
    geometry::extent(&frame.lower, &frame.upper)
}

/// Numbers of columns and rows; `f64` because a mistaken spacing gives more than any integer holds.
fn shape([width, height]: [f64; 2], radius: f64) -> (f64, f64) {
    let side = radius / FRAC_PI_6.cos();
    let row_spacing = 1.5 * side;
    // The pointed ends of the outer rows reach side / 2 further than an inradius.
    let rows = ((height + 2.0 * (side / 2.0 - radius)) / row_spacing).ceil() + 1.0;
    ((width / (2.0 * radius)).ceil().max(1.0), rows.max(1.0))
}

fn lattice(
    frame: &Frame,
    extent: [f64; 2],
    radius: f64,
    (m, n): (usize, usize),
) -> Result<Hexagons> {
    let row_spacing = 1.5 * radius / FRAC_PI_6.cos();
    let (sin, cos) = (frame.tilt * FRAC_PI_6).sin_cos();
    let [x_pivot, y_pivot] = frame.pivot;
    let x_first = frame.lower[0] - x_pivot + extent[0] / 2.0 - m as f64 * radius;
    let y_first = frame.lower[1] - y_pivot + (extent[1] - (n - 1) as f64 * row_spacing) / 2.0;
    let mut centers = Vec::with_capacity(n * (m + 1));
    let mut starts = vec![0];
    let mut neighbours = Vec::with_capacity(6 * n * (m + 1));
    for row in 0..n {
        let shift = row % 2;
        let first = centers.len();
        let cells = m + 1 - shift;
        let y = y_first + row as f64 * row_spacing;
        for column in 0..cells {
            let x = x_first + shift as f64 * radius + 2.0 * radius * column as f64;
            centers.push([x_pivot + cos * x - sin * y, y_pivot + sin * x + cos * y]);
            // In the rows below and above, the column to the left of x has this index or one less.
            let beside = (column + shift).saturating_sub(1)..(column + shift + 1).min(m + shift);
            if row > 0 {
                let below = first - (m + shift);
                neighbours.extend(beside.clone().map(|column| below + column));
            }
            if column > 0 {
                neighbours.push(first + column - 1);
            }
            if column + 1 < cells {
                neighbours.push(first + column + 1);
            }
            if row + 1 < n {
                let above = first + cells;
                neighbours.extend(beside.map(|column| above + column));
            }
            starts.push(neighbours.len());
        }
    }
    let volumes = vec![2.0 * 3.0_f64.sqrt() * radius * radius; centers.len()];
    let adjacency = Adjacency::new(starts, neighbours)?;
    let tessellation = Tessellation {
        centers,
        adjacency,
        volumes,
    };
    Ok(Hexagons {
        tessellation,
        radius,
        count: (m, n),
    })
}
