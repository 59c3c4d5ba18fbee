//! Amplitude and range of priors with a length scale, as the data tell them.
//!
//! About the maximum of the posterior, the negative log likelihood is `d'Hd/2 − b'd` in the deviations d
//! of the variables from their prior means. With priors of precision P(η), the evidence of the
//! hyperparameters η is `½ ln |P| − ½ ln |H + P| + ½ b'(H + P)⁻¹b`: neither it nor its derivatives ask
//! for another pass over the data.

mod prior;
mod search;

pub use prior::{Scale, Scaled};
pub use search::Choice;

use crate::operators::FieldPrecision;
use crate::optimizer::{Analysis, Cholesky, SelectedInverse, SymmetricPattern, dot};
use prior::{Hyperparameter, Prepared};

/// The quadratic likelihood, and the priors.
#[derive(Debug)]
pub struct Problem<'a> {
    /// Where H and the precisions may differ from zero.
    pub pattern: &'a SymmetricPattern,
    /// The analysis of that pattern.
    pub analysis: &'a Analysis,
    /// H
    pub curvature: &'a [f64],
    /// b
    pub slope: &'a [f64],
    /// The priors.
    pub priors: &'a [Scaled],
}

/// The posterior at some hyperparameters.
pub struct Conditional {
    /// Logarithm of the evidence times that of the hyperprior, but for a constant.
    pub log_evidence: f64,
    /// d at the maximum.
    pub deviation: Vec<f64>,
    /// Its derivatives by the hyperparameters, amplitude and range of each prior.
    pub gradient: Vec<f64>,
    /// The mean of each map that has a free one.
    pub means: Vec<Mean>,
    /// `−dd/dη` times `H + P`: how the prior's pull changes.
    pulls: Vec<Vec<f64>>,
    /// Of each prior's field, of variance 1.
    pub(super) precisions: Vec<FieldPrecision>,
    factor: Cholesky,
    inverse: SelectedInverse,
}

/// The mean of a map about which a field varies.
#[derive(Debug, Clone)]
pub struct Mean {
    /// Its most probable value, in deviation from the prior mean.
    pub value: f64,
    /// How d changes with it.
    pub shift: Vec<f64>,
    /// Its inverse variance.
    pub precision: f64,
}

impl Problem<'_> {
    /// The posterior at some hyperparameters; none where a matrix is not positive definite.
    ///
    /// Takes a factorization of all variables, and for each prior three of one map.
    #[must_use]
    pub fn at(&self, scales: &[Scale]) -> Option<Conditional> {
        let priors = self.priors.iter().zip(scales);
        let priors: Vec<Prepared<'_>> = priors
            .map(|(prior, scale)| Prepared::new(prior, *scale))
            .collect::<Option<_>>()?;
        let mut values = self.curvature.to_vec();
        let mut log_evidence = 0.0;
        for prior in &priors {
            for &first in &prior.given.maps {
                self.each(prior, first, |slot, k, _| {
                    values[slot] += prior.weight * prior.precisions[0].values[k];
                });
                log_evidence += prior.log_norm();
            }
            log_evidence += prior.given.log_hyperprior(prior.scale);
        }
        let mut factor = Cholesky::analysed(self.analysis);
        if !factor.factorize(&values) {
            return None;
        }
        let mut deviation = self.slope.to_vec();
        factor.solve(&mut deviation);
        log_evidence += 0.5 * dot(&deviation, self.slope) - 0.5 * factor.log_determinant();
        let mut about_mean = vec![0.0; deviation.len()];
        let mut means = Vec::new();
        for prior in priors.iter().filter(|prior| prior.given.has_free_mean) {
            for &first in &prior.given.maps {
                let (mean, gain) = self.free_mean(prior, first, &factor, &deviation);
                log_evidence += gain;
                for (d, s) in deviation.iter_mut().zip(&mean.shift) {
                    *d += mean.value * s;
                }
                about_mean[first..first + prior.cells()].fill(mean.value);
                means.push(mean);
            }
        }
        for (about, d) in about_mean.iter_mut().zip(&deviation) {
            *about = d - *about;
        }
        let inverse = factor.clone().selected_inverse();
        let mut gradient = Vec::new();
        let mut pulls = Vec::new();
        for prior in &priors {
            for which in [Hyperparameter::Amplitude, Hyperparameter::Range] {
                let (slope, pull) = self.slope(prior, which, &about_mean, &inverse);
                gradient.push(slope);
                pulls.push(pull);
            }
        }
        Some(Conditional {
            log_evidence,
            deviation,
            gradient,
            means,
            pulls,
            precisions: priors.into_iter().map(Prepared::into_precision).collect(),
            factor,
            inverse,
        })
    }

    /// The mean of a map that the data tell, given the maximum about a mean of zero, and what it gains in
    /// evidence.
    fn free_mean(
        &self,
        prior: &Prepared<'_>,
        first: usize,
        factor: &Cholesky,
        deviation: &[f64],
    ) -> (Mean, f64) {
        let mut pull = vec![0.0; deviation.len()];
        self.each(prior, first, |_, k, (i, j)| {
            let value = prior.weight * prior.precisions[0].values[k];
            pull[i] += value;
            if i != j {
                pull[j] += value;
            }
        });
        let mut shift = pull.clone();
        factor.solve(&mut shift);
        let precision = pull.iter().sum::<f64>() - dot(&pull, &shift);
        let wanted = dot(&pull, deviation);
        let value = wanted / precision;
        let mean = Mean {
            value,
            shift,
            precision,
        };
        (mean, 0.5 * wanted * value)
    }

    /// The derivative of the evidence by a hyperparameter, and `P' d`.
    fn slope(
        &self,
        prior: &Prepared<'_>,
        which: Hyperparameter,
        about_mean: &[f64],
        inverse: &SelectedInverse,
    ) -> (f64, Vec<f64>) {
        let mut slope = prior.given.hyperprior_slope(prior.scale)[which as usize];
        let mut pull = vec![0.0; about_mean.len()];
        for &first in &prior.given.maps {
            let mut trace = 0.0;
            self.each(prior, first, |_, k, (i, j)| {
                let change = prior.change(which, k);
                pull[i] += change * about_mean[j];
                if i != j {
                    pull[j] += change * about_mean[i];
                }
                let twice = if i == j { 1.0 } else { 2.0 };
                trace += twice * change * inverse.get(i, j);
            });
            slope += prior.norm_slope(which) - 0.5 * trace;
        }
        (slope - 0.5 * dot(&pull, about_mean), pull)
    }

    /// Visits the entries of a map's precision: the place in the pattern of all, in its own, and the two
    /// variables.
    fn each(
        &self,
        prior: &Prepared<'_>,
        first: usize,
        mut visit: impl FnMut(usize, usize, (usize, usize)),
    ) {
        let own = prior.given.field.pattern();
        for column in 0..own.size() {
            let mut slot = self.pattern.starts()[first + column];
            for k in own.starts()[column]..own.starts()[column + 1] {
                let row = first + own.rows()[k] as usize;
                while (self.pattern.rows()[slot] as usize) < row {
                    slot += 1;
                }
                visit(slot, k, (row, first + column));
            }
        }
    }

    /// Logarithm of the density of the hyperpriors, but for a constant.
    #[must_use]
    pub fn log_hyperprior(&self, scales: &[Scale]) -> f64 {
        let priors = self.priors.iter().zip(scales);
        priors
            .map(|(prior, scale)| prior.log_hyperprior(*scale))
            .sum()
    }
}

impl Conditional {
    /// How d changes with each hyperparameter: `−(H + P)⁻¹ P' d`.
    #[must_use]
    pub fn shifts(&self) -> Vec<Vec<f64>> {
        let shift = |pull: &Vec<f64>| {
            let mut shift = pull.clone();
            self.factor.solve(&mut shift);
            for s in &mut shift {
                *s = -*s;
            }
            shift
        };
        self.pulls.iter().map(shift).collect()
    }

    /// How far a prior draws the variables, from where they would be without it, to first order:
    /// `(H + P)⁻¹ P d`, half of how d changes with the logarithm of the amplitude.
    #[must_use]
    pub fn drawn(&self, prior: usize) -> Vec<f64> {
        let mut drawn = self.pulls[2 * prior].clone();
        self.factor.solve(&mut drawn);
        for d in &mut drawn {
            *d *= -0.5;
        }
        drawn
    }

    /// Covariance of two variables that are coupled directly, or variance of one, given the
    /// hyperparameters.
    #[must_use]
    pub fn covariance(&self, i: usize, j: usize) -> f64 {
        self.inverse.get(i, j)
    }

    /// Covariance of every variable with a functional, given the hyperparameters.
    #[must_use]
    pub fn covariance_with(&self, weights: &[f64]) -> Vec<f64> {
        let mut result = weights.to_vec();
        self.factor.solve(&mut result);
        result
    }
}
