//! Visiting the centers around a point, near ones first, and only those that matter.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::{KdTree, Node};

/// Cell centers, to be visited outwards from points.
pub(crate) struct Outwards<const D: usize> {
    tree: KdTree<D>,
    /// The box around the centers of each node.
    boxes: Vec<Bounds<D>>,
}

/// A box along the axes.
#[derive(Clone, Copy)]
pub(crate) struct Bounds<const D: usize> {
    lower: [f64; D],
    upper: [f64; D],
}

impl<const D: usize> Bounds<D> {
    /// The box around some boxes or, if there is none, one that is nowhere.
    fn around(boxes: impl IntoIterator<Item = Self>) -> Self {
        let nowhere = Self {
            lower: [f64::INFINITY; D],
            upper: [f64::NEG_INFINITY; D],
        };
        boxes.into_iter().fold(nowhere, |all, one| Self {
            lower: std::array::from_fn(|d| all.lower[d].min(one.lower[d])),
            upper: std::array::from_fn(|d| all.upper[d].max(one.upper[d])),
        })
    }

    pub(crate) fn of_point(point: &[f64; D]) -> Self {
        Self {
            lower: *point,
            upper: *point,
        }
    }

    fn relative_to(&self, point: &[f64; D]) -> Self {
        Self {
            lower: std::array::from_fn(|d| self.lower[d] - point[d]),
            upper: std::array::from_fn(|d| self.upper[d] - point[d]),
        }
    }

    /// Distance of the origin to the box along the axis where that is the largest, 0 inside.
    pub(crate) fn largest_distance(&self) -> f64 {
        (0..D).fold(0.0, |most: f64, d| {
            most.max(self.lower[d]).max(-self.upper[d])
        })
    }

    /// Squared distance of a point to the box, 0 inside.
    pub(crate) fn squared_distance(&self, point: &[f64; D]) -> f64 {
        let outside = |d: usize| (self.lower[d] - point[d]).max(point[d] - self.upper[d]);
        (0..D).map(|d| outside(d).max(0.0).powi(2)).sum()
    }
}

/// A center found.
pub(crate) struct Found<const D: usize> {
    pub(crate) index: usize,
    /// Where it is, relative to the point.
    pub(crate) position: [f64; D],
    pub(crate) squared_distance: f64,
}

impl<const D: usize> Outwards<D> {
    /// Sorts centers with finite coordinates, in O(m log m) time.
    pub(crate) fn new(centers: &[[f64; D]]) -> Self {
        let tree = KdTree::new(centers);
        let mut boxes = vec![Bounds::around([]); tree.nodes.len()];
        // Children come after their parents.
        for node in (0..boxes.len()).rev() {
            boxes[node] = match tree.nodes[node] {
                Node::Leaf { start, end } => {
                    Bounds::around(tree.centers[start..end].iter().map(Bounds::of_point))
                }
                Node::Split { right, .. } => Bounds::around([boxes[node + 1], boxes[right]]),
            };
        }
        Self { tree, boxes }
    }

    /// Begins at a point.
    pub(crate) fn from(&self, point: &[f64; D]) -> Search<'_, D> {
        let mut search = Search {
            centers: self,
            point: *point,
            pending: BinaryHeap::new(),
        };
        search.push(Place::Node(0), &self.boxes[0]);
        search
    }
}

/// What is still to be visited around a point.
pub(crate) struct Search<'a, const D: usize> {
    centers: &'a Outwards<D>,
    point: [f64; D],
    pending: BinaryHeap<Reverse<Pending<D>>>,
}

impl<const D: usize> Search<'_, D> {
    /// The next center in order of distance, other than those in boxes that do not matter; boxes
    /// are relative to the point.
    pub(crate) fn next(&mut self, matters: impl Fn(&Bounds<D>) -> bool) -> Option<Found<D>> {
        while let Some(Reverse(next)) = self.pending.pop() {
            if !matters(&next.bounds) {
                continue;
            }
            let tree = &self.centers.tree;
            let node = match next.place {
                Place::Center(index) => {
                    return Some(Found {
                        index,
                        position: next.bounds.lower,
                        squared_distance: next.squared_distance,
                    });
                }
                Place::Node(node) => node,
            };
            match tree.nodes[node] {
                Node::Leaf { start, end } => {
                    for i in start..end {
                        let place = Place::Center(tree.indices[i]);
                        self.push(place, &Bounds::of_point(&tree.centers[i]));
                    }
                }
                Node::Split { right, .. } => {
                    for child in [node + 1, right] {
                        self.push(Place::Node(child), &self.centers.boxes[child]);
                    }
                }
            }
        }
        None
    }

    fn push(&mut self, place: Place, bounds: &Bounds<D>) {
        let bounds = bounds.relative_to(&self.point);
        self.pending.push(Reverse(Pending {
            squared_distance: bounds.squared_distance(&[0.0; D]),
            place,
            bounds,
        }));
    }
}

/// What is as near comes in this order: centers first, so that one of many in the same place is
/// found without opening all of their boxes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Center(usize),
    Node(usize),
}

struct Pending<const D: usize> {
    squared_distance: f64,
    place: Place,
    bounds: Bounds<D>,
}

impl<const D: usize> Ord for Pending<D> {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_distance = self.squared_distance.total_cmp(&other.squared_distance);
        by_distance.then(self.place.cmp(&other.place))
    }
}

impl<const D: usize> PartialOrd for Pending<D> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const D: usize> PartialEq for Pending<D> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<const D: usize> Eq for Pending<D> {}
