//! What a posterior says: its maximum, error bars and evidence.

use super::field::Field;
use super::{Contrast, Laplace, Model, Posterior, Trial, choose_priors, count_long_steps};
use crate::error::check_length;
use crate::optimizer::{Objective, Report, Settings, dot, minimize};
use crate::{Error, Result};

/// The maximum of a posterior, with standard deviations; one element for each cell that holds data.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate<const D: usize> {
    /// D, µm²/s.
    pub diffusivity: Vec<f64>,
    /// Standard deviation of D; for a cell on the bound, the root mean square distance from it. NaN
    /// where every displacement is accounted for without any diffusion or noise.
    pub diffusivity_std: Vec<f64>,
    /// V, kT, its least value in each connected set of cells zero; NaN in a cell without neighbours.
    /// Empty in a model that has none.
    pub potential: Vec<f64>,
    /// Standard deviation of V less its mean over the connected set of cells, kT.
    pub potential_std: Vec<f64>,
    /// The force or drift, NaN along an axis where it is undefined; zero in a model that has none.
    pub vector: Vec<[f64; D]>,
    /// Standard deviation of its components; NaN where it is undefined, or, if each cell has a vector
    /// of its own, where that of D is.
    pub vector_std: Vec<[f64; D]>,
    /// In how many cells molecules leave the cell within the median lag: see [`count_long_steps`].
    pub long_steps: usize,
    /// Logarithm of the evidence: see [`Posterior::log_evidence`].
    pub log_evidence: f64,
    /// What was tried for the weights of the priors, the best last; empty if none was chosen.
    pub trials: Vec<Trial>,
    /// How the search ended.
    pub report: Report,
}

impl<const D: usize> Posterior<D> {
    /// Finds the maximum of the posterior, and its Gaussian approximation there (Laplace's method).
    /// The weights that `chosen` tells, one for each of [`prior_weights`](Self::prior_weights), are those
    /// that maximise the evidence ([`choose_priors`]); they are left in the posterior. Where the
    /// curvature is not positive definite there are no standard deviations: they are NaN.
    ///
    /// The time is that of the factorizations: one per Newton step, and two more.
    ///
    /// # Errors
    ///
    /// If `chosen` has another length.
    pub fn estimate(
        &mut self,
        chosen: &[bool],
        settings: &Settings,
        interrupt: &mut dyn FnMut() -> bool,
    ) -> Result<Estimate<D>> {
        let weights = self.prior_weights();
        check_length("chosen", chosen.len(), weights.len(), "the priors")?;
        // A force on which there is no prior acts through the drift v = D F only: the estimate is that
        // of the drift, in other variables. Newton's method finds it there, even as D goes to zero.
        let through_drift = self.model() == Model::Force && !chosen[1] && weights[1] == 0.0;
        if through_drift {
            self.replace_likelihood(Model::Drift);
        }
        let mut x = self.start();
        let (trials, report) = if chosen.contains(&true) {
            choose_priors(self, &mut x, chosen, settings, interrupt)
        } else {
            (Vec::new(), minimize(self, &mut x, settings, interrupt))
        };
        self.normalize_potential(&mut x);
        let (mut estimate, covariance) = self.described(&x, trials, report);
        if through_drift {
            self.replace_likelihood(Model::Force);
            self.turn_drift_into_force(&mut estimate, &covariance);
        }
        estimate.long_steps = count_long_steps(
            self.model(),
            self.widths(),
            self.median_lag(),
            [&estimate.diffusivity, &estimate.diffusivity_std],
            [&estimate.vector, &estimate.vector_std],
        )?;
        Ok(estimate)
    }

    /// Logarithm of the evidence: of the probability density of the data under the model with its
    /// priors, by Laplace's method at the minimum `x` with its curvature. NaN if the weight of a prior
    /// is zero, or with Jeffreys' prior: these have no norm.
    ///
    /// The priors say nothing of the mean of D and V in a connected set of cells; the evidence is the
    /// density with respect to those of D, in s/µm². Takes one small factorization for each map.
    #[must_use]
    pub fn log_evidence(&self, x: &[f64], laplace: &Laplace) -> f64 {
        let log_evidence = laplace.log_volume() + self.priors().log_norm() - self.value(x);
        if log_evidence.is_finite() && !self.has_jeffreys_prior() {
            log_evidence
        } else {
            f64::NAN
        }
    }

    /// The functional `weights · V` at the minimum `x`, for one weight per cell with data.
    ///
    /// Takes one pair of triangular solves.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] if the model has no potential, or the weights do not sum to zero over each
    /// connected set of cells: V is known up to a constant in each.
    pub fn contrast(&self, weights: &[f64], x: &[f64], laplace: &Laplace) -> Result<Contrast> {
        let m = self.cell_count();
        check_length("weights", weights.len(), m, "the cells with data")?;
        if !matches!(self.field(), Field::Potential(_)) {
            return Err(Error::Value {
                name: "model",
                seen: format!("{:?}", self.model()),
                expected: "one that has a potential",
            });
        }
        let sets = self.potential_components();
        let mut sums = vec![0.0; sets.count()];
        for (&set, weight) in sets.numbers.iter().zip(weights) {
            sums[set] += weight;
        }
        if let Some(sum) = sums.iter().find(|sum| sum.abs() > 1e-9) {
            return Err(Error::Value {
                name: "weights",
                seen: format!("{sum} in sum over a connected set of cells"),
                expected: "zero: compare the potential of cells within one such set",
            });
        }
        let all = [vec![0.0; m], weights.to_vec()].concat();
        let covariance = laplace.covariance_with(&all);
        let mut pull = vec![0.0; x.len()];
        self.priors().add_gradient(x, &mut pull);
        Ok(Contrast {
            value: dot(&all, x),
            deviation: dot(&covariance, &all).max(0.0).sqrt(),
            drawn: dot(&covariance, &pull),
        })
    }

    /// What there is to say of a maximum, and the covariances of D and vector in each cell, where that
    /// is a vector of the cell's own.
    fn described(
        &self,
        x: &[f64],
        trials: Vec<Trial>,
        report: Report,
    ) -> (Estimate<D>, Vec<[f64; D]>) {
        let m = self.cell_count();
        let has_potential = matches!(self.field(), Field::Potential(_));
        let potential = if has_potential { &x[m..] } else { &[] };
        let mut estimate = Estimate {
            diffusivity: x[..m].to_vec(),
            diffusivity_std: vec![f64::NAN; m],
            potential: potential.to_vec(),
            potential_std: vec![f64::NAN; potential.len()],
            vector: self.vectors(x),
            vector_std: vec![[f64::NAN; D]; m],
            long_steps: 0,
            log_evidence: f64::NAN,
            trials,
            report,
        };
        let mut covariances = vec![[f64::NAN; D]; m];
        let Some(laplace) = Laplace::new(self, x) else {
            return (estimate, covariances);
        };
        estimate.log_evidence = self.log_evidence(x, &laplace);
        let variables: Vec<usize> = (m..x.len()).collect();
        let with_means = has_potential.then(|| {
            let sets = &self.potential_components().numbers;
            covariances_with_means(sets, &variables, x.len(), |w| laplace.covariance_with(w))
        });
        let covariance = laplace.covariance();
        for cell in 0..m {
            if !has_potential && self.is_noiseless(cell) && self.is_static(cell, x[cell]) {
                continue;
            }
            estimate.diffusivity_std[cell] = covariance.get(cell, cell).max(0.0).sqrt();
            estimate.vector_std[cell] = self.field().deviation(&covariance, m, cell);
            if *self.field() == Field::Vectors {
                covariances[cell] =
                    std::array::from_fn(|axis| covariance.get(cell, m + D * cell + axis));
            }
        }
        if let Some(with_means) = with_means {
            let variances = variables.iter().map(|&v| covariance.get(v, v));
            estimate.potential_std = deviations_from_means(variances, &with_means);
        }
        (estimate, covariances)
    }

    /// Turns each drift v into the force `v / D`, with error bars by linear propagation: both are the
    /// same Gaussian in other variables. As D goes to zero the force that explains a drift goes to
    /// infinity: where no diffusion is seen, it is NaN.
    fn turn_drift_into_force(&self, estimate: &mut Estimate<D>, covariances: &[[f64; D]]) {
        for (cell, covariance) in covariances.iter().enumerate() {
            let d = estimate.diffusivity[cell];
            let d_std = estimate.diffusivity_std[cell];
            let vector = estimate.vector[cell].iter_mut();
            let vector_std = estimate.vector_std[cell].iter_mut();
            for ((v, v_std), covariance) in vector.zip(vector_std).zip(covariance) {
                let (force, variance) = if self.is_static(cell, d) {
                    (f64::NAN, f64::NAN)
                } else {
                    let force = *v / d;
                    let variance =
                        v_std.powi(2) - 2.0 * force * covariance + (force * d_std).powi(2);
                    (force, variance.max(0.0) / d.powi(2))
                };
                *v = force;
                *v_std = variance.sqrt();
            }
        }
    }
}

/// Covariance of the V of each cell with the mean over its connected set of cells, and the variance of
/// that; NaN in a cell by itself. `variables` are the V of the cells, and `sets` the numbers of the sets
/// that they are in.
///
/// Asks once for the covariances with the mean of each set.
pub(super) fn covariances_with_means(
    sets: &[usize],
    variables: &[usize],
    variable_count: usize,
    covariance_with: impl Fn(&[f64]) -> Vec<f64>,
) -> Vec<[f64; 2]> {
    let mut members = vec![Vec::new(); sets.iter().max().map_or(0, |last| last + 1)];
    for (cell, &set) in sets.iter().enumerate() {
        members[set].push(cell);
    }
    let mut found = vec![[f64::NAN; 2]; sets.len()];
    for cells in members.iter().filter(|cells| cells.len() > 1) {
        let size = cells.len() as f64;
        let mut mean = vec![0.0; variable_count];
        for &cell in cells {
            mean[variables[cell]] = 1.0 / size;
        }
        let with_mean = covariance_with(&mean);
        let of_mean: f64 = cells
            .iter()
            .map(|&cell| with_mean[variables[cell]] / size)
            .sum();
        for &cell in cells {
            found[cell] = [with_mean[variables[cell]], of_mean];
        }
    }
    found
}

/// Standard deviation of V less its mean over each connected set of cells, from the variances of V and
/// the covariances with the means; NaN in a cell by itself.
pub(super) fn deviations_from_means(
    variances: impl Iterator<Item = f64>,
    with_means: &[[f64; 2]],
) -> Vec<f64> {
    let deviation = |(variance, [with_mean, of_mean]): (f64, &[f64; 2])| {
        let less_mean = variance - 2.0 * with_mean + of_mean;
        less_mean.clamp(0.0, f64::INFINITY).sqrt() // NaN stays
    };
    variances.zip(with_means).map(deviation).collect()
}
