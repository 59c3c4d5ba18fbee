//! Squares, or cubes, of sizes that follow the density of points: quad and octrees.
//!
//! The root is the cell around all points; a cell with many points is split into halves along each
//! axis. R. A. Finkel, J. L. Bentley, Quad trees, Acta Informatica 4, 1 (1974).

use rayon::prelude::*;

use super::{Adjacency, Tessellation, check_spacing};
use crate::error::check_finite;
use crate::{Error, Result, geometry, threads};

/// How often the root can be halved.
const MAX_DEPTH: u32 = 48;

/// Side of the root in units of half the smallest cells there can be: whole numbers, all exact.
const ROOT: u64 = 2 << MAX_DEPTH;

/// When cells are split.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// Side of the smallest cells, in µm.
    pub min_side: f64,
    /// A cell is split if each part has more points than this, …
    pub min_count: usize,
    /// … or if any part has more points than that.
    pub max_count: usize,
}

/// A tree of cells, whose leaves tile the root.
#[derive(Debug, Clone, PartialEq)]
pub struct QuadTree<const D: usize> {
    lower: [f64; D],
    side: f64,
    depths: Vec<u32>,
    nodes: Vec<Node>,
    corners: Vec<[u64; D]>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Node {
    Leaf(usize),
    /// The first of the parts, which follow each other; the last axis runs fastest.
    Parts(usize),
}

impl<const D: usize> QuadTree<D> {
    /// Grows the tree of some points, in O(N log N) time per level.
    ///
    /// The root is a power of 2 times as wide as the smallest cells, and begins where the smallest
    /// cube around the box around the points does that has the same middle, as in the original
    /// TRamWAy. A point on a face belongs to the cell above.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if the smallest side is not positive, or far too small for the extent of
    /// the points; [`Error::InsufficientData`] if there are no two different points;
    /// [`Error::Element`] if a coordinate is not finite.
    pub fn grow(points: &[[f64; D]], split: &Split) -> Result<Self> {
        check_spacing(split.min_side)?;
        check_finite("points", points)?;
        let Some(&first) = points.first() else {
            return Err(Error::InsufficientData {
                seen: "there are no points".to_owned(),
                needed: "at least two are needed to tessellate".to_owned(),
            });
        };
        let (mut lower, mut upper) = (first, first);
        for point in points {
            for d in 0..D {
                lower[d] = lower[d].min(point[d]);
                upper[d] = upper[d].max(point[d]);
            }
        }
        let longest = geometry::extent(&lower, &upper)?
            .into_iter()
            .fold(0.0, f64::max);
        let levels = (longest / split.min_side).log2().ceil().max(0.0);
        if levels > f64::from(MAX_DEPTH) {
            return Err(Error::Value {
                name: "min_side",
                seen: format!("{} µm for an extent of {longest} µm", split.min_side),
                expected: "cells that are not that small: are the coordinates in µm?",
            });
        }
        let side = split.min_side * levels.exp2();
        let root = std::array::from_fn(|d| (lower[d] + upper[d] - longest) / 2.0);
        let mut growth = Growth {
            lower: root,
            side,
            split,
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most MAX_DEPTH
            max_depth: levels as u32,
            depths: Vec::new(),
        };
        growth.grow([0; D], 0, &mut points.to_vec());
        Self::from_depths(root, side, growth.depths)
    }

    /// The tree with a given root and given leaves: how often the root was halved to get each, in
    /// depth-first order.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if the side is not positive, or if there is no such tree.
    pub fn from_depths(lower: [f64; D], side: f64, depths: Vec<u32>) -> Result<Self> {
        check_spacing(side)?;
        check_finite("lower", &[lower])?;
        let mut tree = Self {
            lower,
            side,
            depths,
            nodes: vec![Node::Leaf(0)],
            corners: Vec::new(),
        };
        let fits = tree.place_leaves(0, [0; D], 0);
        if fits && tree.corners.len() == tree.depths.len() {
            return Ok(tree);
        }
        Err(Error::Value {
            name: "depths",
            seen: format!("a list of {} that tile no cell", tree.depths.len()),
            expected: "the depths of the leaves of a tree, at most 48, in depth-first order",
        })
    }

    /// Makes a node of the leaves that come next; false if they do not fit into it.
    fn place_leaves(&mut self, node: usize, corner: [u64; D], depth: u32) -> bool {
        let leaf = self.corners.len();
        match self.depths.get(leaf) {
            Some(&leaf_depth) if leaf_depth == depth => {
                self.nodes[node] = Node::Leaf(leaf);
                self.corners.push(corner);
                true
            }
            Some(&leaf_depth) if depth < leaf_depth && leaf_depth <= MAX_DEPTH => {
                let first = self.nodes.len();
                self.nodes[node] = Node::Parts(first);
                self.nodes.extend([Node::Leaf(0)].repeat(1 << D));
                (0..1 << D).all(|part| {
                    self.place_leaves(first + part, part_corner(corner, part, depth), depth + 1)
                })
            }
            _ => false,
        }
    }

    /// Lower corner of the root, in µm.
    #[must_use]
    pub fn lower(&self) -> [f64; D] {
        self.lower
    }

    /// Side of the root, in µm.
    #[must_use]
    pub fn side(&self) -> f64 {
        self.side
    }

    /// How often the root was halved to get each leaf, in depth-first order.
    #[must_use]
    pub fn depths(&self) -> &[u32] {
        &self.depths
    }

    /// The leaves as cells; neighbours share a face, or the smaller one's part of a face.
    ///
    /// # Errors
    ///
    /// None that is known of; see [`Adjacency::from_pairs`].
    pub fn tessellation(&self) -> Result<Tessellation<D>> {
        let leaves = self.corners.iter().zip(&self.depths).enumerate();
        let mut pairs = Vec::new();
        for (leaf, (&corner, &depth)) in leaves.clone() {
            for axis in 0..D {
                let before = corner[axis].checked_sub(1);
                let after = Some(corner[axis] + width(depth)).filter(|&after| after < ROOT);
                for beside in before.into_iter().chain(after) {
                    let mut place = corner;
                    place[axis] = beside;
                    let neighbour = self.leaf_at(|axis, at| place[axis] >= at);
                    // Smaller ones find this leaf when it is their turn.
                    if self.depths[neighbour] <= depth {
                        pairs.push((leaf, neighbour));
                    }
                }
            }
        }
        let frame = (&self.lower, self.side);
        Ok(Tessellation {
            centers: leaves
                .clone()
                .map(|(_, (corner, &depth))| {
                    std::array::from_fn(|d| coordinate(frame, d, corner[d] + width(depth) / 2))
                })
                .collect(),
            adjacency: Adjacency::from_pairs(self.depths.len(), pairs)?,
            volumes: self
                .depths
                .iter()
                .map(|&depth| {
                    [self.side * (width(depth) as f64 / ROOT as f64); D]
                        .iter()
                        .product()
                })
                .collect(),
        })
    }

    /// The leaf that each point is in; for a point outside of the root, the nearest one.
    ///
    /// # Errors
    ///
    /// [`Error::Element`] if a coordinate is not finite; [`Error::Value`] if threads cannot be
    /// started.
    pub fn locate(&self, points: &[[f64; D]]) -> Result<Vec<usize>> {
        check_finite("points", points)?;
        let frame = (&self.lower, self.side);
        threads::install(|| {
            points
                .par_iter()
                .map(|point| self.leaf_at(|axis, at| point[axis] >= coordinate(frame, axis, at)))
                .collect()
        })
    }

    /// The leaf of a place, told on which side of planes the place is.
    fn leaf_at(&self, is_above: impl Fn(usize, u64) -> bool) -> usize {
        let (mut node, mut corner, mut depth) = (0, [0; D], 0);
        loop {
            match self.nodes[node] {
                Node::Leaf(leaf) => return leaf,
                Node::Parts(first) => {
                    let part = part_at(corner, depth, &is_above);
                    node = first + part;
                    corner = part_corner(corner, part, depth);
                    depth += 1;
                }
            }
        }
    }
}

/// A tree that grows: the depths of its leaves so far.
struct Growth<'a, const D: usize> {
    lower: [f64; D],
    side: f64,
    split: &'a Split,
    max_depth: u32,
    depths: Vec<u32>,
}

impl<const D: usize> Growth<'_, D> {
    fn grow(&mut self, corner: [u64; D], depth: u32, points: &mut [[f64; D]]) {
        let frame = (&self.lower, self.side);
        let part_of = |point: &[f64; D]| {
            part_at(corner, depth, &|axis, at| {
                point[axis] >= coordinate(frame, axis, at)
            })
        };
        if depth < self.max_depth && points.len() > self.split.min_count {
            points.sort_by_cached_key(part_of);
            let end_of = |part: usize| points.partition_point(|point| part_of(point) <= part);
            let ends: Vec<usize> = (0..1 << D).map(end_of).collect();
            let starts = [0].into_iter().chain(ends.iter().copied());
            let counts = || starts.clone().zip(&ends).map(|(start, end)| end - start);
            if counts().any(|count| count > self.split.max_count)
                || counts().all(|count| count > self.split.min_count)
            {
                for (part, (start, end)) in starts.zip(ends.clone()).enumerate() {
                    self.grow(
                        part_corner(corner, part, depth),
                        depth + 1,
                        &mut points[start..end],
                    );
                }
                return;
            }
        }
        self.depths.push(depth);
    }
}

/// Width of a cell in those units.
fn width(depth: u32) -> u64 {
    ROOT >> depth
}

fn part_corner<const D: usize>(corner: [u64; D], part: usize, depth: u32) -> [u64; D] {
    std::array::from_fn(|d| {
        let upper = (part >> (D - 1 - d)) & 1 == 1;
        corner[d] + if upper { width(depth + 1) } else { 0 }
    })
}

/// The part of a cell that a place is in, told on which side of planes the place is.
fn part_at<const D: usize>(
    corner: [u64; D],
    depth: u32,
    is_above: &impl Fn(usize, u64) -> bool,
) -> usize {
    (0..D).fold(0, |part, d| {
        2 * part + usize::from(is_above(d, corner[d] + width(depth + 1)))
    })
}

/// A coordinate in µm, from one in those units.
fn coordinate<const D: usize>((lower, side): (&[f64; D], f64), axis: usize, at: u64) -> f64 {
    lower[axis] + side * (at as f64 / ROOT as f64)
}
