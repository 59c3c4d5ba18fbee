//! The spatial variation of a map, which the smoothness priors penalise.

use crate::tessellation::Adjacency;

/// The quadratic form `Σᵢ aᵢ · mean_j ((x_j − x_i) / |r_j − r_i|)²` over the neighbours j of each
/// cell i of area (or volume) `aᵢ`: the mean squared slope around each cell, integrated over space.
///
/// It is kept as weighted edges, one per pair of neighbours: the form is `Σ w (x_j − x_i)²`.
#[derive(Debug, Clone, PartialEq)]
pub struct Variation {
    edges: Vec<Edge>,
}

/// A pair of neighbouring cells.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Edge {
    /// The two cells, the lower number first.
    pub cells: [usize; 2],
    /// Weight of the squared difference of their values.
    pub weight: f64,
}

impl Variation {
    /// Builds the form: O(number of neighbours) time and memory.
    #[must_use]
    pub fn new<const D: usize>(
        centers: &[[f64; D]],
        adjacency: &Adjacency,
        volumes: &[f64],
    ) -> Self {
        let mut edges = Vec::new();
        for (cell, center) in centers.iter().enumerate() {
            let neighbours = adjacency.neighbours(cell);
            for &neighbour in neighbours {
                let squared_distance: f64 = center
                    .iter()
                    .zip(centers[neighbour])
                    .map(|(a, b)| (a - b) * (a - b))
                    .sum();
                edges.push(Edge {
                    cells: [cell.min(neighbour), cell.max(neighbour)],
                    weight: volumes[cell] / (neighbours.len() as f64 * squared_distance),
                });
            }
        }
        // Each pair was met from both of its cells; a stable sort keeps the order of the two terms.
        edges.sort_by_key(|edge| edge.cells);
        edges.dedup_by(|from, into| {
            let same = from.cells == into.cells;
            if same {
                into.weight += from.weight;
            }
            same
        });
        Self { edges }
    }

    /// The edges, sorted by their cells.
    #[must_use]
    pub fn edges(&self) -> &[Edge] {
        &self.edges
    }

    /// Value of the form at `x`.
    #[must_use]
    pub fn value(&self, x: &[f64]) -> f64 {
        self.edges
            .iter()
            .map(
                |&Edge {
                     cells: [i, j],
                     weight,
                 }| weight * (x[j] - x[i]) * (x[j] - x[i]),
            )
            .sum()
    }

    /// Adds `scale` times the gradient of the form at `x`.
    pub fn add_gradient(&self, scale: f64, x: &[f64], gradient: &mut [f64]) {
        for &Edge {
            cells: [i, j],
            weight,
        } in &self.edges
        {
            let slope = 2.0 * scale * weight * (x[j] - x[i]);
            gradient[j] += slope;
            gradient[i] -= slope;
        }
    }
}
