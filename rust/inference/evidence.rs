//! What the DV posterior says beyond its maximum: evidence and error bars.

use super::{Covariance, DiffusivityPotential, Laplace};
use crate::error::check_length;
use crate::optimizer::Objective;
use crate::{Error, Result};

/// Standard deviations of what was inferred in each cell that holds data.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertainty<const D: usize> {
    /// Of D, µm²/s; for a cell on the bound, the root mean square distance from it.
    pub diffusivity: Vec<f64>,
    /// Of V less its mean over the connected set of cells, kT; NaN in a cell without neighbours.
    pub potential: Vec<f64>,
    /// Of each component of the force, kT/µm; NaN where it is undefined.
    pub force: Vec<[f64; D]>,
}

impl<const D: usize> DiffusivityPotential<D> {
    /// Logarithm of the evidence: of the probability of the data under the model with its priors, by
    /// Laplace's method at the minimum `x` with its curvature. NaN if a weight is zero, or
    /// with Jeffreys' prior: these have no norm.
    ///
    /// The priors say nothing of the mean of D and V in a connected set of cells; the evidence is the
    /// density with respect to those of D, in s/µm². Takes one small factorisation for each map.
    #[must_use]
    pub fn log_evidence(&self, x: &[f64], laplace: &Laplace) -> f64 {
        let log_evidence = laplace.log_volume() + self.priors().log_norm() - self.value(x);
        if log_evidence.is_finite() && !self.has_jeffreys_prior() {
            log_evidence
        } else {
            f64::NAN
        }
    }

    /// Standard deviations of everything that is mapped, from the covariances at the minimum.
    ///
    /// Takes one pair of triangular solves for each connected set of cells.
    #[must_use]
    pub fn uncertainty(&self, laplace: &Laplace, covariance: &Covariance<'_>) -> Uncertainty<D> {
        let m = self.cell_count();
        let diffusivity = (0..m)
            .map(|i| covariance.get(i, i).max(0.0).sqrt())
            .collect();
        let mut potential = vec![f64::NAN; m];
        for cells in self.component_cells() {
            let size = cells.len() as f64;
            let mut mean = vec![0.0; 2 * m];
            for &cell in &cells {
                mean[m + cell] = 1.0 / size;
            }
            let with_mean = laplace.covariance_with(&mean);
            let of_mean: f64 = cells.iter().map(|&cell| with_mean[m + cell] / size).sum();
            for &cell in cells.iter().filter(|_| cells.len() > 1) {
                let own = covariance.get(m + cell, m + cell);
                potential[cell] = (own - 2.0 * with_mean[m + cell] + of_mean).max(0.0).sqrt();
            }
        }
        let force = (0..m)
            .map(|cell| {
                let (cells, weights) = self.gradient_operator().row(cell);
                let defined = self.gradient_operator().defined(cell);
                std::array::from_fn(|axis| {
                    if !defined[axis] {
                        return f64::NAN;
                    }
                    let mut variance = 0.0;
                    for (a, weight_a) in cells.iter().zip(weights) {
                        for (b, weight_b) in cells.iter().zip(weights) {
                            variance +=
                                weight_a[axis] * weight_b[axis] * covariance.get(m + a, m + b);
                        }
                    }
                    variance.max(0.0).sqrt()
                })
            })
            .collect();
        Uncertainty {
            diffusivity,
            potential,
            force,
        }
    }

    /// Standard deviation of the functional `weights · V`, for one weight per cell with data.
    ///
    /// Takes one pair of triangular solves.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if the weights do not sum to zero over each connected set of cells: V is known
    /// up to a constant in each.
    pub fn contrast_deviation(&self, weights: &[f64], laplace: &Laplace) -> Result<f64> {
        check_length(
            "weights",
            weights.len(),
            self.cell_count(),
            "the cells with data",
        )?;
        for cells in self.component_cells() {
            let sum: f64 = cells.iter().map(|&cell| weights[cell]).sum();
            if sum.abs() > 1e-9 {
                return Err(Error::Value {
                    name: "weights",
                    seen: format!("{sum} in sum over a connected set of cells"),
                    expected: "zero: compare the potential of cells within one such set",
                });
            }
        }
        let all: Vec<f64> = std::iter::repeat_n(0.0, weights.len())
            .chain(weights.iter().copied())
            .collect();
        let covariance = laplace.covariance_with(&all);
        let variance: f64 = covariance.iter().zip(&all).map(|(c, w)| c * w).sum();
        Ok(variance.max(0.0).sqrt())
    }
}
