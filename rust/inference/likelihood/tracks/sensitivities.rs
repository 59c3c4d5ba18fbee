//! How innovations change with the coefficients of the cells that a track has visited, and the expected
//! curvature that follows: for innovations e of variance S, `Σ e'ᵀe'/S + d/2 S'ᵀS'/S²`.

use super::Tracks;
use super::continuation::{Continuation, Rows};
use super::filter::{Filter, Filtered, Local, State, Step, Variation};
use super::places::Place;
use crate::optimizer::SymmetricPattern;

/// Which cells are visited within a few steps of one track, as blocks of a matrix: of the coefficients
/// of a cell with those of itself and of cells of lower number.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    starts: Vec<usize>,
    partners: Vec<usize>,
    /// Coefficients of a cell.
    size: usize,
}

/// The cells that an innovation remembers, each with the step at which the track was last in it.
#[derive(Debug, Clone, Default)]
struct Visits {
    cells: Vec<(usize, usize)>,
    step: usize,
}

impl Visits {
    /// Moves to a cell: its place among the visits, whether it is new, and the place of what was forgotten.
    fn go(&mut self, cell: usize, window: usize) -> (Option<usize>, usize, bool) {
        self.step += 1;
        let step = self.step;
        let old = self
            .cells
            .iter()
            .position(|&(other, last)| other != cell && last + window < step);
        if let Some(old) = old {
            self.cells.swap_remove(old);
        }
        if let Some(at) = self.cells.iter().position(|&(other, _)| other == cell) {
            self.cells[at].1 = step;
            return (old, at, false);
        }
        self.cells.push((cell, step));
        (old, self.cells.len() - 1, true)
    }
}

impl Blocks {
    pub(super) fn new<const D: usize>(
        cell_count: usize,
        size: usize,
        tracks: &Tracks<D>,
        places: &[Place<D>],
        window: usize,
    ) -> Self {
        let mut lower: Vec<Vec<usize>> = (0..cell_count).map(|cell| vec![cell]).collect();
        let mut visits = Visits::default();
        for track in 0..tracks.count() {
            visits.cells.clear();
            let range = tracks.range(track);
            for place in &places[range.start..range.end - 1] {
                let (_, at, is_new) = visits.go(place.cell, window);
                if is_new {
                    for (k, &(other, _)) in visits.cells.iter().enumerate() {
                        if k != at {
                            let row = &mut lower[place.cell.max(other)];
                            let partner = place.cell.min(other);
                            if let Err(position) = row.binary_search(&partner) {
                                row.insert(position, partner);
                            }
                        }
                    }
                }
            }
        }
        let mut starts = vec![0];
        for row in &lower {
            starts.push(starts[starts.len() - 1] + row.len());
        }
        Self {
            starts,
            partners: lower.concat(),
            size,
        }
    }

    /// Number of values of all blocks.
    pub(super) fn len(&self) -> usize {
        self.partners.len() * self.size * self.size
    }

    /// Where the block of two cells begins.
    fn find(&self, cell: usize, partner: usize) -> usize {
        let row = self.starts[cell]..self.starts[cell + 1];
        let at = self.partners[row.clone()].binary_search(&partner);
        (row.start + at.unwrap_or_default()) * self.size * self.size
    }

    /// For each cell, all cells that it has a block with, itself included.
    fn neighbours(&self) -> Vec<Vec<usize>> {
        let count = self.starts.len() - 1;
        let mut all: Vec<Vec<usize>> = vec![Vec::new(); count];
        for cell in 0..count {
            for &partner in &self.partners[self.starts[cell]..self.starts[cell + 1]] {
                all[cell].push(partner);
                if partner != cell {
                    all[partner].push(cell);
                }
            }
        }
        all
    }

    pub(super) fn couplings<const D: usize>(
        &self,
        continuation: &Continuation<D>,
    ) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        let mut columns = Vec::new();
        for (cell, partners) in self.neighbours().iter().enumerate() {
            columns.clear();
            for &partner in partners {
                columns.extend(
                    continuation
                        .stencil(partner)
                        .map(|(variable, _, _)| variable),
                );
            }
            columns.sort_unstable();
            columns.dedup();
            for (variable, _, _) in continuation.stencil(cell) {
                let lower = columns.iter().filter(|&&column| column <= variable);
                pairs.extend(lower.map(|&column| (variable, column)));
            }
        }
        pairs
    }

    /// Adds the blocks, as a matrix of the variables.
    pub(super) fn add_to<const D: usize>(
        &self,
        blocks: &[f64],
        continuation: &Continuation<D>,
        pattern: &SymmetricPattern,
        values: &mut [f64],
    ) {
        let size = self.size;
        // For each cell: its rows times the weights of all cells it has a block with, by variable.
        let mut rows = vec![0.0; continuation.variable_count() * size];
        let mut columns: Vec<usize> = Vec::new();
        for (cell, partners) in self.neighbours().iter().enumerate() {
            columns.clear();
            for &partner in partners {
                let transposed = partner > cell;
                let at = self.find(cell.max(partner), cell.min(partner));
                let block = &blocks[at..at + size * size];
                for (variable, first, weights) in continuation.stencil(partner) {
                    columns.push(variable);
                    let row = &mut rows[variable * size..(variable + 1) * size];
                    for (k, weight) in weights.iter().enumerate() {
                        if *weight == 0.0 {
                            continue;
                        }
                        let k = first + k;
                        for (a, value) in row.iter_mut().enumerate() {
                            let entry = if transposed {
                                block[k * size + a]
                            } else {
                                block[a * size + k]
                            };
                            *value += weight * entry;
                        }
                    }
                }
            }
            columns.sort_unstable();
            columns.dedup();
            for (variable, first, weights) in continuation.stencil(cell) {
                // Entries of the lower triangle: rows `variable` of columns up to it, and the columns
                // of `variable` below; each pair once.
                let range = pattern.starts()[variable]..pattern.starts()[variable + 1];
                let mut slot = range.start;
                for &column in columns.iter().filter(|&&column| column >= variable) {
                    while (pattern.rows()[slot] as usize) < column {
                        slot += 1;
                    }
                    let row = &rows[column * size + first..column * size + first + weights.len()];
                    let value: f64 = row.iter().zip(weights).map(|(a, b)| a * b).sum();
                    values[slot] += value;
                }
            }
            for &column in &columns {
                rows[column * size..(column + 1) * size].fill(0.0);
            }
        }
    }
}

/// The derivatives of a filter's state by the coefficients of the cells that it remembers.
#[derive(Debug)]
pub(super) struct Sensitivities<const D: usize> {
    size: usize,
    window: usize,
    visits: Visits,
    /// Of the mean and the variance of the position, and of the innovation and its variance.
    means: [Vec<f64>; D],
    variances: Vec<f64>,
    innovations: [Vec<f64>; D],
    innovation_variances: Vec<f64>,
    /// For each pair of visits, the place of their block.
    found: Vec<Vec<usize>>,
}

impl<const D: usize> Sensitivities<D> {
    pub(super) fn new(size: usize, window: usize) -> Self {
        Self {
            size,
            window,
            visits: Visits::default(),
            means: std::array::from_fn(|_| Vec::new()),
            variances: Vec::new(),
            innovations: std::array::from_fn(|_| Vec::new()),
            innovation_variances: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Forgets all, for another track.
    pub(super) fn begin(&mut self) {
        self.visits.cells.clear();
        self.resize(0);
        self.found.clear();
    }

    /// What the first state depends on: its variance on D.
    pub(super) fn first(&mut self, cell: usize, rows: &Rows<D>, by_log_d: f64, blocks: &Blocks) {
        let at = self.go(cell, blocks) * self.size;
        // The visit is counted once more by the first step.
        self.visits.step -= 1;
        for (variance, row) in self.variances[at..].iter_mut().zip(&rows.log_d) {
            *variance = by_log_d * row;
        }
    }

    fn resize(&mut self, count: usize) {
        for values in self.means.iter_mut().chain(&mut self.innovations) {
            values.resize(count, 0.0);
        }
        self.variances.resize(count, 0.0);
        self.innovation_variances.resize(count, 0.0);
    }

    fn go(&mut self, cell: usize, blocks: &Blocks) -> usize {
        let size = self.size;
        let (old, at, is_new) = self.visits.go(cell, self.window);
        if let Some(old) = old {
            let last = self.variances.len() - size;
            for values in self.means.iter_mut().chain([&mut self.variances]) {
                values.copy_within(last.., old * size);
            }
            self.resize(last);
            self.found.swap_remove(old);
            for row in &mut self.found {
                row.swap_remove(old);
            }
        }
        if is_new {
            self.resize(self.variances.len() + size);
            let cells = &self.visits.cells;
            let find = |other: usize| blocks.find(cell.max(other), cell.min(other));
            for (row, &(other, _)) in self.found.iter_mut().zip(cells) {
                row.push(find(other));
            }
            let row = cells.iter().map(|&(other, _)| find(other)).collect();
            self.found.push(row);
        }
        at
    }

    /// Takes a step with the filter, with the local maps of a cell.
    pub(super) fn step(
        &mut self,
        filter: &Filter,
        (filtered, step, local): (&Filtered<D>, &Step<D>, &Local<D>),
        (cell, rows): (usize, &Rows<D>),
        blocks: &Blocks,
    ) {
        let at = self.go(cell, blocks) * self.size;
        // What is known of earlier maps goes through a linear map, by its columns.
        let vary = |before: &State<D>, change: Option<&Local<D>>| {
            filter.vary(filtered, step, local, before, change)
        };
        let nothing = State {
            mean: [0.0; D],
            variance: 0.0,
        };
        let by_mean: [Variation<D>; D] = std::array::from_fn(|a| {
            let mut unit = nothing;
            unit.mean[a] = 1.0;
            vary(&unit, None)
        });
        let by_variance = vary(
            &State {
                variance: 1.0,
                ..nothing
            },
            None,
        );
        for k in 0..self.variances.len() {
            let mean: [f64; D] = std::array::from_fn(|a| self.means[a][k]);
            let variance = self.variances[k];
            for a in 0..D {
                let mut after = by_variance.after.mean[a] * variance;
                let mut innovation = 0.0;
                for b in 0..D {
                    after += by_mean[b].after.mean[a] * mean[b];
                    innovation += by_mean[b].innovation[a] * mean[b];
                }
                self.means[a][k] = after;
                self.innovations[a][k] = innovation;
            }
            self.innovation_variances[k] = by_variance.variance * variance;
            self.variances[k] = by_variance.after.variance * variance;
        }
        for k in 0..self.size {
            let varied = vary(&nothing, Some(&rows.column(k)));
            let k = at + k;
            for a in 0..D {
                self.means[a][k] += varied.after.mean[a];
                self.innovations[a][k] += varied.innovation[a];
            }
            self.innovation_variances[k] += varied.variance;
            self.variances[k] += varied.after.variance;
        }
    }

    /// Adds the expected curvature of the last innovation.
    pub(super) fn add_to(&self, filtered: &Filtered<D>, values: &mut [f64]) {
        let size = self.size;
        let by_mean = 1.0 / filtered.variance;
        let by_variance = 0.5 * D as f64 * by_mean * by_mean;
        for (p, &(cell, _)) in self.visits.cells.iter().enumerate() {
            for (q, &(partner, _)) in self.visits.cells.iter().enumerate() {
                if partner > cell {
                    continue;
                }
                let block = &mut values[self.found[p][q]..][..size * size];
                let columns = q * size..(q + 1) * size;
                let variances = &self.innovation_variances[columns.clone()];
                let innovations: [&[f64]; D] =
                    std::array::from_fn(|a| &self.innovations[a][columns.clone()]);
                for (a, row) in block.chunks_exact_mut(size).enumerate() {
                    let k = p * size + a;
                    let factor = by_variance * self.innovation_variances[k];
                    let factors: [f64; D] =
                        std::array::from_fn(|a| by_mean * self.innovations[a][k]);
                    for (b, value) in row.iter_mut().enumerate() {
                        let mut sum = factor * variances[b];
                        for a in 0..D {
                            sum += factors[a] * innovations[a][b];
                        }
                        *value += sum;
                    }
                }
            }
        }
    }
}
