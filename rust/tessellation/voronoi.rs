//! Voronoi cells, cut off at the border of a convex region.
//!
//! A cell is what is left of the region after cutting along the bisectors to the other centers. They
//! are visited outwards, and the cell is done when the remaining ones are more than twice as far as
//! its farthest corner. Each cell is computed on its own, in coordinates relative to its center.

use std::cmp::Ordering;

use rayon::prelude::*;

use super::{Adjacency, Tessellation};
use crate::error::check_finite;
use crate::geometry::ConvexPolygon;
use crate::geometry::convex_polygon::signed_area;
use crate::{Error, Result, threads};

/// An edge shorter than this, relative to the size of the cell, is a corner and rounding: four cells
/// of a square lattice meet in a point, and the diagonal ones are no neighbours.
const MIN_RELATIVE_EDGE: f64 = 1e-9;

/// Voronoi cells of a region.
#[derive(Debug, Clone, PartialEq)]
pub struct Voronoi {
    /// The cells; neighbours share an edge inside the region.
    pub tessellation: Tessellation<2>,
    /// Corners of each cell, counterclockwise, in µm.
    pub outlines: Vec<Vec<[f64; 2]>>,
}

/// Cuts a region into the Voronoi cells of some centers.
///
/// The areas add up to that of the region. n evenly spread centers take O(n) time; the slowest case,
/// almost all in one spot, takes O(n²).
///
/// # Errors
///
/// [`Error::Element`] if a coordinate is not finite, if two centers are the same, or if a center
/// outside of the region is too far to have a part of it; [`Error::InsufficientData`] without
/// centers.
pub fn voronoi(centers: &[[f64; 2]], region: &ConvexPolygon) -> Result<Voronoi> {
    check_finite("centers", centers)?;
    check_distinct(centers)?;
    if centers.is_empty() {
        return Err(Error::InsufficientData {
            seen: "there is no cell center".to_owned(),
            needed: "at least one is needed to make cells".to_owned(),
        });
    }
    let buckets = Buckets::new(centers);
    let cells: Vec<Cell> = threads::install(|| {
        (0..centers.len())
            .into_par_iter()
            .map(|index| cell(index, centers, region, &buckets))
            .collect()
    })?;
    let areas: Vec<f64> = cells
        .iter()
        .map(|cell| signed_area(&cell.corners))
        .collect();
    if let Some(index) = areas.iter().position(|&area| area <= 0.0) {
        return Err(Error::Element {
            name: "centers",
            index,
            seen: format!(
                "{:?} µm, of whose cell nothing is in the region",
                centers[index]
            ),
            expected: "centers in the region, or next to it",
        });
    }
    let neighbours = cells.iter().enumerate().flat_map(|(index, cell)| {
        // From the first of two cells only: rounding may differ in the other one.
        cell.neighbours()
            .filter(move |&neighbour| index < neighbour)
            .map(move |neighbour| (index, neighbour))
    });
    let adjacency = Adjacency::from_pairs(centers.len(), neighbours)?;
    let outlines = cells
        .iter()
        .zip(centers)
        .map(|(cell, center)| {
            let corners = cell.corners.iter();
            corners
                .map(|[x, y]| [center[0] + x, center[1] + y])
                .collect()
        })
        .collect();
    let tessellation = Tessellation {
        centers: centers.to_vec(),
        adjacency,
        volumes: areas,
    };
    Ok(Voronoi {
        tessellation,
        outlines,
    })
}

fn check_distinct(centers: &[[f64; 2]]) -> Result<()> {
    let mut order: Vec<usize> = (0..centers.len()).collect();
    // Centers are finite; unlike a total order, this one takes -0 and 0 for the same.
    let compare = |i: usize, j: usize| centers[i].partial_cmp(&centers[j]);
    order.sort_by(|&i, &j| compare(i, j).unwrap_or(Ordering::Equal));
    let same = order
        .windows(2)
        .find(|pair| compare(pair[0], pair[1]) == Some(Ordering::Equal));
    same.map_or(Ok(()), |pair| {
        Err(Error::Element {
            name: "centers",
            index: pair[1],
            seen: format!("{:?} µm, the same as center {}", centers[pair[1]], pair[0]),
            expected: "centers that are all different",
        })
    })
}

fn cell(index: usize, centers: &[[f64; 2]], region: &ConvexPolygon, buckets: &Buckets) -> Cell {
    let [x, y] = centers[index];
    let mut cell = Cell {
        corners: region
            .corners()
            .iter()
            .map(|c| [c[0] - x, c[1] - y])
            .collect(),
        beyond: vec![None; region.corners().len()],
    };
    let mut reach = cell.reach();
    for ring in 0..=buckets.last_ring() {
        if buckets.squared_distance_to(ring) > reach {
            break;
        }
        for neighbour in buckets.ring([x, y], ring) {
            let [dx, dy] = [centers[neighbour][0] - x, centers[neighbour][1] - y];
            if neighbour != index && dx * dx + dy * dy <= reach && cell.cut([dx, dy], neighbour) {
                reach = cell.reach();
            }
        }
    }
    cell
}

/// A cell under construction, relative to its center.
struct Cell {
    corners: Vec<[f64; 2]>,
    /// The cell beyond the edge from each corner to the next one; none at the border of the region.
    beyond: Vec<Option<usize>>,
}

impl Cell {
    /// Squared distance to centers beyond which none can cut the cell, with room for rounding.
    fn reach(&self) -> f64 {
        let squares = self.corners.iter().map(|[x, y]| x * x + y * y);
        4.0 * squares.fold(0.0, f64::max) * (1.0 + 1e-12)
    }

    fn radius(&self) -> f64 {
        self.corners
            .iter()
            .map(|[x, y]| x.hypot(*y))
            .fold(0.0, f64::max)
    }

    fn neighbours(&self) -> impl Iterator<Item = usize> {
        let shortest = MIN_RELATIVE_EDGE * self.radius();
        let next = self.corners.iter().cycle().skip(1);
        let edges = self.corners.iter().zip(next).zip(&self.beyond);
        edges.filter_map(move |((a, b), &beyond)| {
            beyond.filter(|_| (b[0] - a[0]).hypot(b[1] - a[1]) > shortest)
        })
    }

    /// Removes what is nearer to a neighbour than to the center, if anything is: Sutherland and
    /// Hodgman's clipping.
    fn cut(&mut self, neighbour_at: [f64; 2], neighbour: usize) -> bool {
        let [dx, dy] = neighbour_at;
        let bisector = 0.5 * (dx * dx + dy * dy);
        let excess = |[x, y]: [f64; 2]| x * dx + y * dy - bisector;
        if self.corners.iter().all(|&corner| excess(corner) <= 0.0) {
            return false;
        }
        let count = self.corners.len();
        let mut kept = Cell {
            corners: Vec::with_capacity(count + 1),
            beyond: Vec::with_capacity(count + 1),
        };
        let mut push = |corner, beyond| {
            kept.corners.push(corner);
            kept.beyond.push(beyond);
        };
        for k in 0..count {
            let (a, b) = (self.corners[k], self.corners[(k + 1) % count]);
            let (excess_a, excess_b) = (excess(a), excess(b));
            let crossing = || {
                let part = excess_a / (excess_a - excess_b);
                [a[0] + part * (b[0] - a[0]), a[1] + part * (b[1] - a[1])]
            };
            match (excess_a <= 0.0, excess_b <= 0.0) {
                (true, true) => push(a, self.beyond[k]),
                // A corner on the bisector is the crossing.
                (true, false) if excess_a == 0.0 => push(a, Some(neighbour)),
                (true, false) => {
                    push(a, self.beyond[k]);
                    push(crossing(), Some(neighbour));
                }
                (false, true) if excess_b < 0.0 => push(crossing(), self.beyond[k]),
                (false, _) => {}
            }
        }
        *self = kept;
        true
    }
}

/// Centers sorted into squares of about two each, to visit those around a point outwards.
struct Buckets {
    lower: [f64; 2],
    size: f64,
    shape: [usize; 2],
    starts: Vec<usize>,
    centers: Vec<usize>,
}

impl Buckets {
    fn new(centers: &[[f64; 2]]) -> Self {
        let mut lower = centers[0];
        let mut upper = centers[0];
        for center in centers {
            for d in 0..2 {
                lower[d] = lower[d].min(center[d]);
                upper[d] = upper[d].max(center[d]);
            }
        }
        let [width, height] = [upper[0] - lower[0], upper[1] - lower[1]];
        let per_bucket = 2.0 / centers.len() as f64;
        // As squares, or in a row if the centers are; no more buckets than centers, or nearly so.
        let size = (width * height * per_bucket)
            .sqrt()
            .max(width.max(height) * per_bucket);
        let size = if size > 0.0 { size } else { 1.0 };
        let mut buckets = Self {
            lower,
            size,
            shape: [0; 2],
            starts: Vec::new(),
            centers: Vec::new(),
        };
        buckets.shape = buckets.place(upper).map(|last| last + 1);
        let bucket = |center: &[f64; 2]| {
            let [column, row] = buckets.place(*center);
            column * buckets.shape[1] + row
        };
        let mut order: Vec<usize> = (0..centers.len()).collect();
        order.sort_by_key(|&i| bucket(&centers[i]));
        let mut starts = vec![0; buckets.shape[0] * buckets.shape[1] + 1];
        for center in centers {
            starts[bucket(center) + 1] += 1;
        }
        for k in 1..starts.len() {
            starts[k] += starts[k - 1];
        }
        buckets.starts = starts;
        buckets.centers = order;
        buckets
    }

    /// Column and row of a center.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // below the number of centers
    fn place(&self, point: [f64; 2]) -> [usize; 2] {
        std::array::from_fn(|d| ((point[d] - self.lower[d]) / self.size) as usize)
    }

    fn last_ring(&self) -> usize {
        self.shape[0].max(self.shape[1])
    }

    /// Centers in this ring or further out are at least as far; a trifle less, for rounding.
    fn squared_distance_to(&self, ring: usize) -> f64 {
        let distance = ring.saturating_sub(1) as f64 * self.size * (1.0 - 1e-12);
        distance * distance
    }

    /// The centers in the buckets that are `ring` columns or rows from that of a center.
    fn ring(&self, center: [f64; 2], ring: usize) -> impl Iterator<Item = usize> {
        let [column, row] = self.place(center);
        let [columns, rows] = self.shape;
        (column.saturating_sub(ring)..=(column + ring).min(columns - 1)).flat_map(move |c| {
            // The first and the last column are whole; of the others, the first and the last row.
            let step = if c.abs_diff(column) == ring {
                1
            } else {
                2 * ring
            };
            (0..=2 * ring)
                .step_by(step)
                .filter_map(move |r| (row + r).checked_sub(ring).filter(|&r| r < rows))
                .flat_map(move |r| {
                    let bucket = c * rows + r;
                    &self.centers[self.starts[bucket]..self.starts[bucket + 1]]
                })
                .copied()
        })
    }
}
