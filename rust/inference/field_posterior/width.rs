//! The width of a posterior of fields: error bars, with what is not known of the scales.

use crate::inference::hyperparameters::{Conditional, Problem, Scale};
use crate::optimizer::dot;

/// Least curvature of the evidence by the logarithm of a scale: the hyperposterior is no wider than this
/// says, in which the quadratic approximation would not hold.
const LEAST_CURVATURE: f64 = 0.25;

/// The Gaussian about a maximum, the scales' posterior integrated over.
pub(super) struct Width {
    pub(super) at: Conditional,
    /// How the variables change with each scale, and with each free mean; what each shift adds to
    /// covariances is `shifts' · hyper · shifts`.
    shifts: Vec<Vec<f64>>,
    hyper: Vec<Vec<f64>>,
    /// Of the scales' posterior; less the density of the hyperpriors where scales are given.
    log_volume: f64,
}

impl Width {
    /// The width of the posterior at some scales.
    pub(super) fn new(problem: &Problem<'_>, scales: &[Scale], at: Conditional) -> Option<Self> {
        let mut curvature = problem.curvature_of_evidence(scales)?;
        for (k, row) in curvature.iter_mut().enumerate() {
            row[k] += LEAST_CURVATURE;
        }
        let (hyper, log_determinant) = inverse(&curvature)?;
        let log_volume = 0.5 * (hyper.len() as f64 * std::f64::consts::TAU.ln() - log_determinant);
        let shifts = at.shifts();
        Some(Self::with_means(at, shifts, hyper, log_volume))
    }

    /// The width where the scales are given.
    pub(super) fn of_given(problem: &Problem<'_>, scales: &[Scale], at: Conditional) -> Self {
        let without = -problem.log_hyperprior(scales);
        Self::with_means(at, Vec::new(), Vec::new(), without)
    }

    /// Adds what is not known of free means.
    fn with_means(
        at: Conditional,
        mut shifts: Vec<Vec<f64>>,
        mut hyper: Vec<Vec<f64>>,
        log_volume: f64,
    ) -> Self {
        for mean in &at.means {
            for row in &mut hyper {
                row.push(0.0);
            }
            shifts.push(mean.shift.clone());
            let mut row = vec![0.0; hyper.len() + 1];
            row[hyper.len()] = 1.0 / mean.precision;
            hyper.push(row);
        }
        let size = hyper.len();
        for row in &mut hyper {
            row.resize(size, 0.0);
        }
        Self {
            at,
            shifts,
            hyper,
            log_volume,
        }
    }

    /// Logarithm of the evidence, the scales integrated out, less that at the prior means.
    pub(super) fn log_evidence(&self) -> f64 {
        self.at.log_evidence + self.log_volume
    }

    pub(super) fn variance(&self, variable: usize) -> f64 {
        let along: Vec<f64> = self.shifts.iter().map(|shift| shift[variable]).collect();
        self.at.covariance(variable, variable) + self.of_scales(&along, &along)
    }

    /// Variance of a functional of variables that are all coupled directly.
    pub(super) fn variance_of_few(&self, weights: &[(usize, f64)]) -> f64 {
        let mut variance = 0.0;
        for &(i, a) in weights {
            for &(j, b) in weights {
                variance += a * b * self.at.covariance(i, j);
            }
        }
        let along: Vec<f64> = self
            .shifts
            .iter()
            .map(|shift| weights.iter().map(|&(i, w)| w * shift[i]).sum())
            .collect();
        variance + self.of_scales(&along, &along)
    }

    pub(super) fn variance_of(&self, weights: &[f64]) -> f64 {
        dot(&self.covariance_with(weights), weights)
    }

    pub(super) fn covariance_with(&self, weights: &[f64]) -> Vec<f64> {
        let mut result = self.at.covariance_with(weights);
        let along: Vec<f64> = self
            .shifts
            .iter()
            .map(|shift| dot(shift, weights))
            .collect();
        for (row, shift) in self.hyper.iter().zip(&self.shifts) {
            let factor = dot(row, &along);
            for (r, s) in result.iter_mut().zip(shift) {
                *r += factor * s;
            }
        }
        result
    }

    fn of_scales(&self, one: &[f64], other: &[f64]) -> f64 {
        let rows = self.hyper.iter().zip(one);
        rows.map(|(row, a)| a * dot(row, other)).sum()
    }
}

/// Inverse of a small positive definite matrix, and the logarithm of its determinant (Gauss-Jordan).
fn inverse(matrix: &[Vec<f64>]) -> Option<(Vec<Vec<f64>>, f64)> {
    let n = matrix.len();
    let mut left = matrix.to_vec();
    let mut right: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect())
        .collect();
    let mut log_determinant = 0.0;
    for k in 0..n {
        // Where differences of the gradient make it indefinite, the least curvature takes its place.
        let pivot = if left[k][k] > 1e-6 {
            left[k][k]
        } else {
            LEAST_CURVATURE
        };
        log_determinant += pivot.ln();
        for row in [&mut left, &mut right] {
            row[k].iter_mut().for_each(|value| *value /= pivot);
        }
        left[k][k] = 1.0;
        for i in (0..n).filter(|&i| i != k) {
            let factor = left[i][k];
            for j in 0..n {
                left[i][j] -= factor * left[k][j];
                right[i][j] -= factor * right[k][j];
            }
        }
    }
    let is_finite = right.iter().flatten().all(|value| value.is_finite());
    is_finite.then_some((right, log_determinant))
}
