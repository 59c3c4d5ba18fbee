//! Edges that neighbouring cells share, in the plane.

use rayon::prelude::*;

use super::Adjacency;
use crate::error::{check_finite, check_length};
use crate::{Error, Result, threads};

/// Distance between two edges on one line, in units of their length.
const TOUCHING: f64 = 1e-6;

/// The edge that a cell shares with a neighbour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SharedEdge {
    /// Its length, µm; 0 for neighbours that touch at a corner.
    pub length: f64,
    /// Unit vector from the cell to the neighbour, perpendicular to the edge.
    pub normal: [f64; 2],
}

/// The edge that each cell shares with each of its neighbours, in the order of the adjacency.
///
/// The corners of cell i are `corners[starts[i]..starts[i + 1]]`, in one sense of rotation; cells are
/// convex. Edges of different lengths may overlap in part. The time is proportional to the number of
/// neighbours.
///
/// # Errors
///
/// If lengths differ, a coordinate is not finite, or a cell has no corner.
pub fn shared_edges(
    corners: &[[f64; 2]],
    starts: &[usize],
    centers: &[[f64; 2]],
    adjacency: &Adjacency,
) -> Result<Vec<SharedEdge>> {
    let count = centers.len();
    check_length("adjacency", adjacency.cell_count(), count, "`centers`")?;
    check_length("starts", starts.len(), count + 1, "`centers` and one")?;
    check_finite("corners", corners)?;
    check_finite("centers", centers)?;
    let is_each_filled = starts.windows(2).all(|pair| pair[0] < pair[1]);
    if starts[0] != 0 || starts[count] != corners.len() || !is_each_filled {
        return Err(Error::Value {
            name: "starts",
            seen: format!("a list of {}", starts.len()),
            expected: "offsets from 0 up to the number of corners, always growing",
        });
    }
    let outlines = starts.windows(2).map(|ends| &corners[ends[0]..ends[1]]);
    let edges: Vec<Edge> = outlines
        .flat_map(|outline| {
            let next = outline[1..].iter().chain(&outline[..1]);
            let both = outline.iter().zip(next);
            both.map(|(start, end)| Edge::new(*start, *end))
        })
        .collect();
    let edges = edges.as_slice();
    let of_cell = |cell: usize| {
        adjacency.neighbours(cell).iter().map(move |&neighbour| {
            let [own, others] =
                [cell, neighbour].map(|cell| &edges[starts[cell]..starts[cell + 1]]);
            let mut shared = SharedEdge {
                length: -1.0,
                normal: [0.0; 2],
            };
            for edge in own {
                let overlaps = others
                    .iter()
                    .map(|other| edge.overlap(other))
                    .fold(0.0, f64::max);
                if overlaps > shared.length {
                    shared = SharedEdge {
                        length: overlaps,
                        normal: edge.across(),
                    };
                }
            }
            let towards = difference(centers[neighbour], centers[cell]);
            if product(shared.normal, towards) < 0.0 {
                shared.normal = shared.normal.map(|c| -c);
            }
            shared
        })
    };
    threads::install(|| (0..count).into_par_iter().flat_map_iter(of_cell).collect())
}

/// An edge of a cell.
struct Edge {
    start: [f64; 2],
    end: [f64; 2],
    /// Unit vector from the start to the end.
    along: [f64; 2],
    size: f64,
}

impl Edge {
    fn new(start: [f64; 2], end: [f64; 2]) -> Self {
        let along = difference(end, start);
        let size = product(along, along).sqrt();
        Self {
            start,
            end,
            along: along.map(|c| if size > 0.0 { c / size } else { c }),
            size,
        }
    }

    /// A unit vector that is perpendicular to it.
    fn across(&self) -> [f64; 2] {
        [self.along[1], -self.along[0]]
    }

    /// Length of that part of another edge that lies on this one.
    fn overlap(&self, other: &Self) -> f64 {
        let across = self.across();
        let is_off = |end: [f64; 2]| product(end, across).abs() > TOUCHING * self.size;
        let first = difference(other.start, self.start);
        if is_off(first) {
            return 0.0; // as most are
        }
        let second = difference(other.end, self.start);
        if is_off(second) {
            return 0.0;
        }
        let [first, second] = [first, second].map(|end| product(end, self.along));
        first.max(second).min(self.size) - first.min(second).max(0.0)
    }
}

fn difference(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

fn product(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}
