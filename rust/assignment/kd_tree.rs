//! A kd-tree over cell centers.

mod outwards;

pub(crate) use outwards::{Bounds, Outwards};

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

/// A center found, and the squared distance to it.
#[derive(Clone, Copy)]
pub(super) struct Nearest {
    pub(super) index: usize,
    squared_distance: f64,
}

impl Nearest {
    pub(super) fn new<const D: usize>(point: &[f64; D], center: &[f64; D], index: usize) -> Self {
        let squared_distance = (0..D).map(|d| (point[d] - center[d]).powi(2)).sum();
        Self {
            index,
            squared_distance,
        }
    }

    /// Whether it is nearer, or as near and the earlier one.
    fn is_before(&self, other: &Self) -> bool {
        (self.squared_distance, self.index) < (other.squared_distance, other.index)
    }
}

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
        self.descend(0, point, &mut best);
        best
    }

    fn descend(&self, node: usize, point: &[f64; D], best: &mut Nearest) {
        match self.nodes[node] {
            Node::Leaf { start, end } => {
                for i in start..end {
                    let candidate = Nearest::new(point, &self.centers[i], self.indices[i]);
                    if candidate.is_before(best) {
                        *best = candidate;
                    }
                }
            }
            Node::Split { axis, value, right } => {
                let distance = point[axis] - value;
                let (near, far) = if distance < 0.0 {
                    (node + 1, right)
                } else {
                    (right, node + 1)
                };
                self.descend(near, point, best);
                // Rounding is monotonic: no center beyond the plane is computed nearer than this.
                // One that is as near may have a lower index.
                if distance * distance <= best.squared_distance {
                    self.descend(far, point, best);
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
