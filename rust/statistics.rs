//! Sufficient statistics: all that a likelihood needs to know of the displacements in a cell.
//!
//! For one cell and one lag, the likelihood of any number of displacements `Δr` under a Gaussian
//! model depends only on their number, `ΣΔr` and `Σ|Δr|²`. One pass over the data replaces every
//! later one.

use crate::error::{check_finite, check_length};
use crate::{Error, Result};

/// Lags that differ by less than this, in s, are one lag: differences of times written as decimals
/// carry rounding noise far below it, and no camera resolves it.
const LAG_RESOLUTION: f64 = 1e-9;

/// The displacements of one cell that share one lag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LagGroup<const D: usize> {
    /// The lag `Δt`, s (the mean over the group).
    pub lag: f64,
    /// Number of displacements.
    pub count: f64,
    /// `ΣΔr`, µm.
    pub sum: [f64; D],
    /// `Σ|Δr|²`, µm².
    pub sum_of_squares: f64,
}

/// Statistics of every cell, grouped by lag.
#[derive(Debug, Clone, PartialEq)]
pub struct CellStatistics<const D: usize> {
    starts: Vec<usize>,
    groups: Vec<LagGroup<D>>,
}

impl<const D: usize> CellStatistics<D> {
    /// Reduces displacements, each filed under a cell, to statistics.
    ///
    /// `cell[k]` is the cell of displacement `k`, or negative if it belongs to none. The sums run in
    /// the order of the data. O(N log N) time for N displacements, O(N) memory while it runs.
    ///
    /// # Errors
    ///
    /// If lengths differ, a displacement is not finite, a lag is not positive, or a cell number is
    /// not below `cell_count`.
    pub fn new(
        cell_count: usize,
        cell: &[i64],
        displacements: &[[f64; D]],
        lags: &[f64],
    ) -> Result<Self> {
        check_length("cell", cell.len(), displacements.len(), "`displacements`")?;
        check_length("lags", lags.len(), displacements.len(), "`displacements`")?;
        check_finite("displacements", displacements)?;
        if let Some(index) = lags.iter().position(|t| !(t.is_finite() && *t > 0.0)) {
            return Err(Error::Element {
                name: "lags",
                index,
                seen: lags[index].to_string(),
                expected: "a positive time in s",
            });
        }
        let mut order = Vec::with_capacity(cell.len());
        for (index, &c) in cell.iter().enumerate() {
            match usize::try_from(c) {
                Err(_) => {}
                Ok(c) if c < cell_count => order.push((c, lag_key(lags[index]), index)),
                Ok(_) => {
                    return Err(Error::Element {
                        name: "cell",
                        index,
                        seen: c.to_string(),
                        expected: "a number below the number of cells",
                    });
                }
            }
        }
        order.sort_unstable(); // the index makes every key distinct

        let mut starts = vec![0; cell_count + 1];
        let mut groups: Vec<LagGroup<D>> = Vec::new();
        let mut last = None;
        for (c, key, index) in order {
            if last != Some((c, key)) {
                last = Some((c, key));
                starts[c + 1] += 1;
                let lag = lags[index];
                groups.push(LagGroup {
                    lag,
                    count: 0.0,
                    sum: [0.0; D],
                    sum_of_squares: 0.0,
                });
            }
            if let Some(group) = groups.last_mut() {
                group.count += 1.0;
                // The running mean: equal lags keep their exact value.
                group.lag += (lags[index] - group.lag) / group.count;
                for (sum, dr) in group.sum.iter_mut().zip(displacements[index]) {
                    *sum += dr;
                    group.sum_of_squares += dr * dr;
                }
            }
        }
        for c in 0..cell_count {
            starts[c + 1] += starts[c];
        }
        Ok(Self { starts, groups })
    }

    /// Number of cells.
    #[must_use]
    pub fn cell_count(&self) -> usize {
        self.starts.len() - 1
    }

    /// The groups of a cell, by ascending lag; empty if it holds no displacement.
    #[must_use]
    pub fn cell(&self, cell: usize) -> &[LagGroup<D>] {
        &self.groups[self.starts[cell]..self.starts[cell + 1]]
    }

    /// Number of displacements in a cell.
    #[must_use]
    pub fn count(&self, cell: usize) -> f64 {
        self.cell(cell).iter().map(|group| group.count).sum()
    }

    /// The statistics of some cells only, renumbered in the order given.
    #[must_use]
    pub fn restricted(&self, cells: &[usize]) -> Self {
        let mut starts = vec![0];
        let mut groups = Vec::new();
        for &cell in cells {
            groups.extend_from_slice(self.cell(cell));
            starts.push(groups.len());
        }
        Self { starts, groups }
    }
}

/// The lag in units of the resolution; lags with equal keys are merged.
#[allow(clippy::cast_possible_truncation)] // saturates for lags above 292 years
fn lag_key(lag: f64) -> i64 {
    (lag / LAG_RESOLUTION).round() as i64
}
