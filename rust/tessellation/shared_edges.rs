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
    /// Unit vector from the cell to the neighbour, perpendicular to the edge; zero where nothing of the
    /// neighbour is on that side of any edge.
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
    adjacency: &Adjacency,
) -> Result<Vec<SharedEdge>> {
    let count = adjacency.cell_count();
    check_length("starts", starts.len(), count + 1, "cells and one")?;
    check_finite("corners", corners)?;
    let is_each_filled = starts.windows(2).all(|pair| pair[0] < pair[1]);
    if starts[0] != 0 || starts[count] != corners.len() || !is_each_filled {
        return Err(Error::Value {
            name: "starts",
            seen: format!("a list of {}", starts.len()),
            expected: "offsets from 0 up to the number of corners, always growing",
        });
    }
    let outlines = starts.windows(2).map(|ends| &corners[ends[0]..ends[1]]);
    let middles: Vec<[f64; 2]> = outlines.clone().map(mean).collect();
    let edges: Vec<Edge> = outlines
        .zip(&middles)
        .flat_map(|(outline, &middle)| {
            let next = outline[1..].iter().chain(&outline[..1]);
            let both = outline.iter().zip(next);
            both.map(move |(start, end)| Edge::new(*start, *end, middle))
        })
        .collect();
    let edges_of = |cell: usize| &edges[starts[cell]..starts[cell + 1]];
    let shared = |cell: usize, neighbour: usize| {
        let mut shared = SharedEdge {
            length: 0.0,
            normal: [0.0; 2],
        };
        for edge in edges_of(cell) {
            if !edge.has_beyond(middles[neighbour]) {
                continue; // as most
            }
            let others = edges_of(neighbour).iter();
            let overlap = others.map(|other| edge.overlap(other)).fold(0.0, f64::max);
            if overlap >= shared.length {
                shared = SharedEdge {
                    length: overlap,
                    normal: edge.outwards,
                };
            }
        }
        shared
    };
    // Each edge is found from the first of its two cells, if both know of each other.
    let of_cell = |cell: usize| {
        let neighbours = adjacency.neighbours(cell).iter();
        neighbours.map(move |&neighbour| (cell, neighbour, adjacency.place(neighbour, cell)))
    };
    let found: Vec<Option<SharedEdge>> = threads::install(|| {
        let each = (0..count).into_par_iter().flat_map_iter(of_cell);
        each.map(|(cell, neighbour, reverse)| {
            (cell < neighbour || reverse.is_none()).then(|| shared(cell, neighbour))
        })
        .collect()
    })?;
    let each = (0..count).flat_map(of_cell).zip(&found);
    let both = each.filter_map(|((_, _, reverse), edge)| {
        edge.or_else(|| {
            found[reverse?].map(|SharedEdge { length, normal }| SharedEdge {
                length,
                normal: normal.map(|c| -c),
            })
        })
    });
    Ok(both.collect())
}

/// Distance from the center of each cell to that of each of its neighbours, and the unit vector there, in the order
/// of the adjacency.
///
/// # Errors
///
/// If there are not as many centers as cells.
pub fn towards_neighbours<const D: usize>(
    centers: &[[f64; D]],
    adjacency: &Adjacency,
) -> Result<(Vec<f64>, Vec<[f64; D]>)> {
    check_length(
        "centers",
        centers.len(),
        adjacency.cell_count(),
        "the cells",
    )?;
    let towards = |from: &[f64; D], to: &[f64; D]| {
        let offset: [f64; D] = std::array::from_fn(|d| to[d] - from[d]);
        let distance = offset.iter().map(|c| c * c).sum::<f64>().sqrt();
        (distance, offset.map(|c| c / distance))
    };
    let each = centers.iter().enumerate().flat_map(|(cell, from)| {
        let neighbours = adjacency.neighbours(cell).iter();
        neighbours.map(move |&to| towards(from, &centers[to]))
    });
    let count = adjacency.as_parts().1.len();
    let mut found = (Vec::with_capacity(count), Vec::with_capacity(count));
    found.extend(each);
    Ok(found)
}

/// An edge of a cell.
struct Edge {
    start: [f64; 2],
    end: [f64; 2],
    /// Unit vector from the start to the end.
    along: [f64; 2],
    /// Unit vector that is perpendicular to it, away from the cell.
    outwards: [f64; 2],
    size: f64,
}

impl Edge {
    /// That of a cell, given a point inside.
    fn new(start: [f64; 2], end: [f64; 2], inside: [f64; 2]) -> Self {
        let along = difference(end, start);
        let size = product(along, along).sqrt();
        let along = along.map(|c| if size > 0.0 { c / size } else { c });
        let across = [along[1], -along[0]];
        let is_inwards = product(difference(inside, start), across) > 0.0;
        Self {
            start,
            end,
            along,
            outwards: across.map(|c| if is_inwards { -c } else { c }),
            size,
        }
    }

    /// Whether a point is on the other side of it than the cell.
    fn has_beyond(&self, point: [f64; 2]) -> bool {
        product(difference(point, self.start), self.outwards) > 0.0
    }

    /// Length of that part of another edge that lies on this one.
    fn overlap(&self, other: &Self) -> f64 {
        let is_off = |end: [f64; 2]| product(end, self.outwards).abs() > TOUCHING * self.size;
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

fn mean(points: &[[f64; 2]]) -> [f64; 2] {
    let sum = |d: usize| points.iter().map(|point| point[d]).sum::<f64>();
    [0, 1].map(|d| sum(d) / points.len() as f64)
}

fn difference(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

fn product(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}
