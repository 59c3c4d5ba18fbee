//! A kd-tree over cell centers, or over points; the comments call them centers.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

mod outwards;

pub(crate) use outwards::{Bounds, Found, Outwards};

/// Fewer centers than this are searched one by one.
const LEAF_SIZE: usize = 8;

/// Cell centers, sorted so that near ones are together.
pub(super) struct KdTree<const D: usize> {
    /// In depth-first order: the left child of a split follows it.
    nodes: Vec<Node>,
    centers: Vec<[f64; D]>,
    /// Which center each is, in the order they were given.
    indices: Vec<usize>,
}

enum Node {
    Leaf {
        start: usize,
        end: usize,
    },
    Split {
        axis: usize,
        value: f64,
        right: usize,
    },
}

pub(super) fn squared_distance<const D: usize>(point: &[f64; D], center: &[f64; D]) -> f64 {
    (0..D).map(|d| (point[d] - center[d]).powi(2)).sum()
}

/// A center found, and the squared distance to it.
#[derive(Clone, Copy)]
pub(super) struct Nearest {
    pub(super) index: usize,
    squared_distance: f64,
}

impl Nearest {
    pub(super) fn new<const D: usize>(point: &[f64; D], center: &[f64; D], index: usize) -> Self {
        Self {
            index,
            squared_distance: squared_distance(point, center),
        }
    }

    /// Whether it is nearer, or as near and the earlier one.
    pub(super) fn is_before(&self, other: &Self) -> bool {
        (self.squared_distance, self.index) < (other.squared_distance, other.index)
    }
}

/// By distance, then by index; distances are finite or infinite, never NaN.
impl Ord for Nearest {
    fn cmp(&self, other: &Self) -> Ordering {
        self.squared_distance
            .total_cmp(&other.squared_distance)
            .then(self.index.cmp(&other.index))
    }
}

impl PartialOrd for Nearest {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Nearest {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Nearest {}

impl<const D: usize> KdTree<D> {
    /// Sorts centers with finite coordinates, in O(m log m) time.
    pub(super) fn new(centers: &[[f64; D]]) -> Self {
        let mut indices: Vec<usize> = (0..centers.len()).collect();
        let mut nodes = Vec::new();
        split(centers, &mut indices, 0, &mut nodes);
        Self {
            nodes,
            centers: indices.iter().map(|&i| centers[i]).collect(),
            indices,
        }
    }

    /// The nearest center, the one with the lowest index among those as near; `guess` is a center
    /// to begin with, and changes how long the search takes, not what it finds.
    pub(super) fn nearest(&self, point: &[f64; D], guess: Nearest) -> Nearest {
        let mut best = guess;
        self.descend(0, point, &mut |candidate| {
            if candidate.is_before(&best) {
                best = candidate;
            }
            best.squared_distance
        });
        best
    }

    /// The `count` nearest centers, or all if there are fewer, the nearest first; of those as near,
    /// those with the lowest indices.
    pub(super) fn nearest_few(&self, point: &[f64; D], count: usize) -> Vec<Nearest> {
        if count == 0 {
            return vec![];
        }
        let mut found = BinaryHeap::with_capacity(count.min(self.indices.len()) + 1);
        self.descend(0, point, &mut |candidate| {
            found.push(candidate);
            if found.len() > count {
                found.pop();
            }
            let farthest = if found.len() < count {
                None
            } else {
                found.peek()
            };
            farthest.map_or(f64::INFINITY, |nearest| nearest.squared_distance)
        });
        found.into_sorted_vec()
    }

    /// Calls `visit` with every center at most `radius` away, in no order.
    pub(super) fn within(&self, point: &[f64; D], radius: f64, visit: &mut impl FnMut(usize)) {
        let most = radius * radius;
        self.descend(0, point, &mut |candidate| {
            if candidate.squared_distance <= most {
                visit(candidate.index);
            }
            most
        });
    }

    /// Calls `look` with centers, nearer ones rather before farther ones; it returns the squared
    /// distance beyond which no more are wanted.
    fn descend(&self, node: usize, point: &[f64; D], look: &mut impl FnMut(Nearest) -> f64) -> f64 {
        match self.nodes[node] {
            Node::Leaf { start, end } => {
                let mut most = f64::INFINITY;
                for i in start..end {
                    most = look(Nearest::new(point, &self.centers[i], self.indices[i]));
                }
                most
            }
            Node::Split { axis, value, right } => {
                let distance = point[axis] - value;
                let (near, far) = if distance < 0.0 {
                    (node + 1, right)
                } else {
                    (right, node + 1)
                };
                let most = self.descend(near, point, look);
                // Rounding is monotonic: no center beyond the plane is computed nearer than this.
                // One that is as near may have a lower index.
                if distance * distance <= most {
                    self.descend(far, point, look)
                } else {
                    most
                }
            }
        }
    }
}

/// Appends the nodes of `indices`, the part of the tree's order that begins at `start`.
fn split<const D: usize>(
    centers: &[[f64; D]],
    indices: &mut [usize],
    start: usize,
    nodes: &mut Vec<Node>,
) {
    if indices.len() <= LEAF_SIZE {
        nodes.push(Node::Leaf {
            start,
            end: start + indices.len(),
        });
        return;
    }
    let axis = widest_axis(centers, indices);
    let middle = indices.len() / 2;
    let coordinate = |i: &usize| centers[*i][axis];
    indices.select_nth_unstable_by(middle, |a, b| coordinate(a).total_cmp(&coordinate(b)));
    let value = coordinate(&indices[middle]);
    let node = nodes.len();
    nodes.push(Node::Split {
        axis,
        value,
        right: 0,
    });
    let (left, right) = indices.split_at_mut(middle);
    split(centers, left, start, nodes);
    let first_right = nodes.len();
    split(centers, right, start + middle, nodes);
    nodes[node] = Node::Split {
        axis,
        value,
        right: first_right,
    };
}

fn widest_axis<const D: usize>(centers: &[[f64; D]], indices: &[usize]) -> usize {
    let width = |axis: usize| {
        let coordinates = indices.iter().map(|&i| centers[i][axis]);
        let (low, high) = coordinates.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), c| {
            (low.min(c), high.max(c))
        });
        high - low
    };
    (0..D)
        .max_by(|&a, &b| width(a).total_cmp(&width(b)))
        .unwrap_or(0)
}
