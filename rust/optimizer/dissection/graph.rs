//! Which unknowns are coupled.

use super::super::SymmetricPattern;

/// Which unknowns are coupled to each one.
pub(super) struct Graph {
    starts: Vec<usize>,
    neighbours: Vec<u32>,
}

impl Graph {
    /// That of a pattern whose unknowns get these numbers. O(n) for n entries.
    pub(super) fn new(pattern: &SymmetricPattern, numbers: &[u32]) -> Self {
        let size = pattern.size();
        let pairs = || {
            (0..size).flat_map(|column| {
                let rows = pattern.starts()[column] + 1..pattern.starts()[column + 1];
                let of_row = move |&row: &usize| [numbers[row], numbers[column]];
                pattern.rows()[rows].iter().map(of_row)
            })
        };
        // The neighbours of one unknown begin where those of the one before end.
        let mut starts = vec![0; size + 2];
        for end in pairs().flatten() {
            starts[end as usize + 2] += 1;
        }
        for k in 2..size + 2 {
            starts[k] += starts[k - 1];
        }
        let mut neighbours = vec![0; starts[size + 1]];
        for [row, column] in pairs() {
            for (a, b) in [(row, column), (column, row)] {
                let next = &mut starts[a as usize + 1];
                neighbours[*next] = b;
                *next += 1;
            }
        }
        Self { starts, neighbours }
    }

    /// Those coupled to an unknown.
    pub(super) fn neighbours(&self, unknown: u32) -> &[u32] {
        let unknown = unknown as usize;
        &self.neighbours[self.starts[unknown]..self.starts[unknown + 1]]
    }

    /// To how many others an unknown is coupled, on average.
    pub(super) fn degree(&self) -> f64 {
        self.neighbours.len() as f64 / (self.starts.len() - 2) as f64
    }
}
