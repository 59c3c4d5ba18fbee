//! Sums over displacements, in one order whatever is at work on them.

use std::ops::Range;

use super::LagGroup;

/// Rows that a chunk has, at least: to wake a second thread for fewer takes longer than to sum them.
const LEAST_CHUNK: usize = 1 << 18;

/// Rows for each cell that a chunk has, at least: so that to add up the tables of chunks takes little
/// beside the rows.
const ROWS_PER_CELL: usize = 16;

/// Number and sums of displacements.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moments<const D: usize> {
    pub(super) count: f64,
    pub(super) sum: [f64; D],
    pub(super) sum_of_squares: f64,
}

impl<const D: usize> Moments<D> {
    /// Those of no displacement.
    pub(super) const NONE: Self = Self {
        count: 0.0,
        sum: [0.0; D],
        sum_of_squares: 0.0,
    };

    /// Adds a displacement.
    #[inline]
    pub(super) fn add(&mut self, displacement: [f64; D]) {
        self.merge(&Self {
            count: 1.0,
            sum: displacement,
            sum_of_squares: displacement.iter().map(|dr| dr * dr).sum(),
        });
    }

    /// Adds those of other displacements.
    #[inline]
    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        for (sum, other) in self.sum.iter_mut().zip(other.sum) {
            *sum += other;
        }
        self.sum_of_squares += other.sum_of_squares;
    }

    /// The group that they are of.
    pub(super) fn group(&self, lag: f64, noise: f64) -> LagGroup<D> {
        LagGroup {
            lag,
            diffusion_time: lag,
            noise,
            count: self.count,
            sum: self.sum,
            sum_of_squares: self.sum_of_squares,
        }
    }
}

/// Number of rows that are summed by themselves, before their sums are added to those of the chunks before.
///
/// It follows from the cells alone, so that sums are the same on any number of threads, and of data that
/// come in pieces.
pub(super) fn chunk_size(cell_count: usize) -> usize {
    (ROWS_PER_CELL * cell_count).max(LEAST_CHUNK)
}

/// The rows of each chunk.
pub(super) fn chunks(row_count: usize, cell_count: usize) -> Vec<Range<usize>> {
    let size = chunk_size(cell_count);
    let begins = (0..row_count).step_by(size);
    begins
        .map(|begin| begin..row_count.min(begin + size))
        .collect()
}

/// Displacements of one group that are added one after the other, in the order of the data.
#[derive(Debug, Clone, Copy)]
pub(super) struct InOrder<const D: usize> {
    /// Those of chunks before.
    before: Moments<D>,
    /// Those of a chunk.
    here: Moments<D>,
    chunk: usize,
    least_lag: f64,
}

impl<const D: usize> InOrder<D> {
    /// Nothing.
    pub(super) const NONE: Self = Self {
        before: Moments::NONE,
        here: Moments::NONE,
        chunk: 0,
        least_lag: f64::INFINITY,
    };

    /// Adds a displacement that is in a chunk, no earlier one than those before.
    pub(super) fn add(&mut self, chunk: usize, lag: f64, displacement: [f64; D]) {
        if chunk != self.chunk {
            self.before.merge(&self.here);
            (self.here, self.chunk) = (Moments::NONE, chunk);
        }
        self.here.add(displacement);
        self.least_lag = self.least_lag.min(lag);
    }

    /// The group of what was added.
    pub(super) fn group(mut self, noise: f64) -> LagGroup<D> {
        self.before.merge(&self.here);
        self.before.group(self.least_lag, noise)
    }
}
