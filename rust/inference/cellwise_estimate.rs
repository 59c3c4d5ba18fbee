//! What the posterior of a [`Cellwise`] model says: its maximum, error bars and evidence.

use std::f64::consts::PI;

use super::priors::log_norm;
use super::{Cellwise, Laplace, Motion};
use crate::optimizer::{Objective, Report, Settings, minimize};

/// The maximum of a posterior, with standard deviations; one element for each cell that holds data.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate<const D: usize> {
    /// D, µm²/s.
    pub diffusivity: Vec<f64>,
    /// Standard deviation of D; for a cell on the bound, the root mean square distance from it. NaN
    /// where every displacement is accounted for without any diffusion or noise.
    pub diffusivity_std: Vec<f64>,
    /// The vector of the model, zero if it has none.
    pub vector: Vec<[f64; D]>,
    /// Standard deviation of its components; NaN where that of D is.
    pub vector_std: Vec<[f64; D]>,
    /// Covariance of D and the components of the vector.
    pub covariance: Vec<[f64; D]>,
    /// Logarithm of the evidence: see [`Cellwise::estimate`].
    pub log_evidence: f64,
    /// How the search ended.
    pub report: Report,
}

impl<M: Motion, const D: usize> Cellwise<M, D> {
    /// Finds the maximum of the posterior, and its Gaussian approximation there (Laplace's method).
    ///
    /// The evidence is the probability density of the data under the model with its priors. These say
    /// nothing of the mean of D in a connected set of cells: it is the density with respect to that,
    /// in s/µm². NaN if the weight of a prior is zero, or with Jeffreys' prior: these have no norm.
    ///
    /// The time is that of the factorisations: one per Newton step, and two more.
    pub fn estimate(
        &self,
        settings: &Settings,
        interrupt: &mut dyn FnMut() -> bool,
    ) -> Estimate<D> {
        let m = self.cell_count();
        let mut x = self.start();
        let report = minimize(self, &mut x, settings, interrupt);
        let mut estimate = Estimate {
            diffusivity: x[..m].to_vec(),
            diffusivity_std: vec![f64::NAN; m],
            vector: (0..m).map(|cell| self.vector(&x, cell)).collect(),
            vector_std: vec![[f64::NAN; D]; m],
            covariance: vec![[f64::NAN; D]; m],
            log_evidence: f64::NAN,
            report,
        };
        let Some(laplace) = Laplace::new(self, &x) else {
            return estimate;
        };
        estimate.log_evidence = self.log_evidence(&x, &laplace);
        let covariance = laplace.covariance();
        let deviation = |variable: usize| covariance.get(variable, variable).max(0.0).sqrt();
        for (cell, &d) in x[..m].iter().enumerate() {
            if self.is_noiseless(cell) && self.is_static(cell, d) {
                continue;
            }
            estimate.diffusivity_std[cell] = deviation(cell);
            if M::HAS_VECTOR {
                let variables = std::array::from_fn(|axis| self.variable(cell, axis));
                estimate.vector_std[cell] = variables.map(deviation);
                estimate.covariance[cell] = variables.map(|other| covariance.get(cell, other));
            }
        }
        estimate
    }

    fn log_evidence(&self, x: &[f64], laplace: &Laplace) -> f64 {
        let parameters = self.parameters();
        let variation = (parameters.diffusivity_prior, self.variation());
        let mut log_norm = log_norm(&[variation], self.cell_count());
        if M::HAS_VECTOR {
            let norms = self
                .volumes()
                .iter()
                .map(|a| (parameters.vector_prior * a / PI).ln());
            log_norm += 0.5 * D as f64 * norms.sum::<f64>();
        }
        let log_evidence = laplace.log_volume() + log_norm - self.value(x);
        if log_evidence.is_finite() && !self.has_jeffreys_prior() {
            log_evidence
        } else {
            f64::NAN
        }
    }
}
