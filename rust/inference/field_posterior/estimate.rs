//! The maximum of a posterior of fields: the search, and what the maps are there.

use std::time::Instant;

use super::width::Width;
use super::{FieldPosterior, check_has_potential, no_posterior};
use crate::Result;
use crate::error::check_length;
use crate::inference::Model;
use crate::inference::estimate::{covariances_with_means, deviations_from_means};
use crate::inference::hyperparameters::{Choice, Conditional, Problem, Scale};
use crate::inference::likelihood::Evaluation;
use crate::operators::MaternCovariance;
use crate::optimizer::{Settings, Status, dot};

/// The search ends with a step that lowers the negative log posterior by less than this, in nats.
const TOLERANCE: f64 = 1e-2;
/// Amplitudes and ranges that the search begins with, those of `ln D` first.
const START: [[f64; 2]; 2] = [[0.2, 1.0], [1.5, 0.8]];
/// Share of the shift of the mean of `ln D` that makes `exp` of it the median of D's posterior, nearly.
const SKEW: f64 = 0.4;
/// Least part of a step before it is taken as it is.
const LEAST_FRACTION: f64 = 1e-3;

/// The maximum of a posterior of fields, with standard deviations; one element for each cell that holds
/// data.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldEstimate<const D: usize> {
    /// D, µm²/s: the median of its posterior.
    pub diffusivity: Vec<f64>,
    /// Standard deviation of `ln D`.
    pub log_diffusivity_std: Vec<f64>,
    /// V, kT, its least value in each connected set of cells zero; empty in a model that has none.
    pub potential: Vec<f64>,
    /// Standard deviation of V less its mean over the connected set of cells, kT.
    pub potential_std: Vec<f64>,
    /// The force or drift at the center of each cell; zero in a model that has none.
    pub vector: Vec<[f64; D]>,
    /// Standard deviation of its components; of a force that derives from a potential, with what that does
    /// between the centers of cells.
    pub vector_std: Vec<[f64; D]>,
    /// Amplitude and range (µm) of the field of `ln D`, and of the other maps.
    pub scales: Vec<[f64; 2]>,
    /// Logarithm of the evidence: of the probability density of the displacements, or of all localizations
    /// but the first of each track, as a density with respect to the mean of `ln D`; in equilibrium of the first ones too, and
    /// with respect to the level of V.
    pub log_evidence: f64,
    /// Logarithm of the evidence of the first localizations, if their density had nothing to do with V; NaN
    /// where equilibrium is not assumed.
    pub log_evidence_of_starts: f64,
    /// Least negative log posterior, for these scales.
    pub value: f64,
    /// Evaluations of the likelihood.
    pub iterations: usize,
    /// How the search ended.
    pub status: Status,
}

/// A functional of the potential, kT.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// Its most probable value.
    pub value: f64,
    /// Its standard deviation.
    pub deviation: f64,
    /// How much more it would be without the draw of the prior towards what is flat, to first order in
    /// that: the mean over data of the same V lies nearer to zero by this, while the standard deviation is
    /// that over fields of the prior, of which the highest and lowest places are drawn the most.
    pub drawn: f64,
}

/// Where a search ended.
struct Found {
    x: Vec<f64>,
    here: Evaluation,
    scales: Vec<Scale>,
    iterations: usize,
    status: Status,
}

impl<const D: usize> FieldPosterior<D> {
    /// Finds the maximum of the posterior and of the evidence of the scales, by turns: about the maps so
    /// far, the likelihood is taken for quadratic (Gauss-Newton), and scales are those of highest
    /// evidence under it. The width of their posterior adds to the variances.
    ///
    /// Takes a pass over the tracks per step, some four in all, and some tens of factorizations.
    ///
    /// # Errors
    ///
    /// If no scales give a posterior, which rounding alone would do.
    pub fn estimate(
        &self,
        settings: &Settings,
        interrupt: &mut dyn FnMut() -> bool,
    ) -> Result<FieldEstimate<D>> {
        let found = self.search(settings, interrupt)?;
        let Found { x, here, .. } = &found;
        let slope = self.slope(x, here);
        let problem = self.problem(here, &slope);
        let Choice { scales, at } = self.choose(&problem, &found.scales)?;
        let value = here.value + self.penalty(&scales, &at, x);
        let width = self.width(&problem, &scales, at)?;
        let of_starts = self.equilibrium.as_ref();
        Ok(FieldEstimate {
            log_evidence: width.log_evidence() - self.at_prior_mean(x, here, &slope),
            log_evidence_of_starts: of_starts.map_or(f64::NAN, |e| e.log_evidence_without),
            scales: scales.iter().map(|scale| scale.map(f64::exp)).collect(),
            value,
            iterations: found.iterations,
            status: found.status,
            ..self.described(x, here, &scales, &width)
        })
    }

    /// The functionals `weights · V` at the maximum that [`estimate`](Self::estimate) finds, for one
    /// weight per cell of the tessellation, which sum to zero; for each row of weights.
    ///
    /// # Errors
    ///
    /// If the model has no potential, or lengths differ.
    pub fn contrasts(
        &self,
        weights: &[Vec<f64>],
        settings: &Settings,
        interrupt: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<Contrast>> {
        check_has_potential(self.model)?;
        let own = self.components.len();
        for row in weights {
            check_length("weights", row.len(), own, "the cells")?;
        }
        let Found {
            x, here, scales, ..
        } = self.search(settings, interrupt)?;
        let slope = self.slope(&x, &here);
        let problem = self.problem(&here, &slope);
        let Choice { scales, at } = self.choose(&problem, &scales)?;
        let drawn = at.drawn(1);
        let width = self.width(&problem, &scales, at)?;
        let contrast = |weights: &Vec<f64>| {
            let mut all = vec![0.0; x.len()];
            all[self.cell_count..self.cell_count + own].copy_from_slice(weights);
            Contrast {
                value: dot(&all, &x),
                deviation: width.variance_of(&all).max(0.0).sqrt(),
                drawn: dot(&all, &drawn),
            }
        };
        Ok(weights.iter().map(contrast).collect())
    }

    fn width(&self, problem: &Problem<'_>, scales: &[Scale], at: Conditional) -> Result<Width> {
        let width = match self.scales {
            None => Width::new(problem, scales, at),
            Some(_) => Some(Width::of_given(problem, scales, at)),
        };
        width.ok_or_else(no_posterior)
    }

    fn search(&self, settings: &Settings, interrupt: &mut dyn FnMut() -> bool) -> Result<Found> {
        let started = Instant::now();
        let x = self.start();
        let mut found = Found {
            here: self.evaluate(&x),
            x,
            scales: START
                .iter()
                .take(self.priors.len())
                .map(|scale| scale.map(f64::ln))
                .collect(),
            iterations: 1,
            status: Status::MaxIterations,
        };
        while found.iterations < settings.max_iterations {
            let Found { x, here, .. } = &found;
            let slope = self.slope(x, here);
            let problem = self.problem(here, &slope);
            let Choice { scales, at } = self.choose(&problem, &found.scales)?;
            let before = here.value + self.penalty(&scales, &at, x);
            let mut fraction = 1.0;
            let mut passes = 0;
            let (next, here, after) = loop {
                let next: Vec<f64> = (0..x.len())
                    .map(|i| x[i] + fraction * (self.prior_mean[i] + at.deviation[i] - x[i]))
                    .collect();
                let here = self.evaluate(&next);
                passes += 1;
                let after = here.value + self.penalty(&scales, &at, &next);
                if after <= before + 1e-9 * before.abs() || fraction < LEAST_FRACTION {
                    break (next, here, after);
                }
                fraction *= 0.5;
            };
            found = Found {
                x: next,
                here,
                scales,
                iterations: found.iterations + passes,
                status: Status::MaxIterations,
            };
            let is_over = || {
                settings
                    .max_time
                    .is_some_and(|most| started.elapsed() >= most)
            };
            if before - after < TOLERANCE {
                found.status = Status::Converged;
            } else if interrupt() {
                found.status = Status::Interrupted;
            } else if is_over() {
                found.status = Status::MaxTime;
            } else {
                continue;
            }
            break;
        }
        Ok(found)
    }

    /// The maps at a maximum.
    fn described(
        &self,
        x: &[f64],
        here: &Evaluation,
        scales: &[Scale],
        width: &Width,
    ) -> FieldEstimate<D> {
        let m = self.cell_count;
        let variance = |variable: usize| width.variance(variable);
        let of_log_d: Vec<f64> = (0..m).map(variance).collect();
        // The mean of the logarithm lies above its most probable value, by what the curvature changes
        // over its width: the likelihood's third derivative by ln D is minus its second, nearly.
        let mut spread = vec![0.0; x.len()];
        let mut weights = vec![0.0; x.len()];
        weights[..m].copy_from_slice(&of_log_d);
        self.pattern
            .multiply_add(&here.curvature, &weights, &mut spread);
        spread[m..].fill(0.0);
        let skew = width.at.covariance_with(&spread);
        let cells = self.cells.iter();
        let mut estimate = FieldEstimate {
            diffusivity: cells
                .clone()
                .map(|&cell| (x[cell] + SKEW * skew[cell]).exp())
                .collect(),
            log_diffusivity_std: cells.map(|&cell| of_log_d[cell].max(0.0).sqrt()).collect(),
            potential: Vec::new(),
            potential_std: Vec::new(),
            vector: vec![[0.0; D]; self.cells.len()],
            vector_std: vec![[f64::NAN; D]; self.cells.len()],
            scales: Vec::new(),
            log_evidence: f64::NAN,
            log_evidence_of_starts: f64::NAN,
            value: f64::NAN,
            iterations: 0,
            status: Status::Converged,
        };
        if self.model == Model::Potential {
            let sets: Vec<usize> = self
                .cells
                .iter()
                .map(|&cell| self.components[cell])
                .collect();
            let variables: Vec<usize> = self.cells.iter().map(|&cell| m + cell).collect();
            estimate.potential = less_least(&sets, variables.iter().map(|&v| x[v]));
            let with_means = covariances_with_means(&sets, &variables, x.len(), |weights| {
                width.covariance_with(weights)
            });
            let variances = variables.iter().map(|&variable| variance(variable));
            estimate.potential_std = deviations_from_means(variances, &with_means);
        }
        if self.model.has_vector() {
            for (k, rows) in self.vectors.iter().enumerate() {
                for (axis, row) in rows.iter().enumerate() {
                    if row.is_empty() {
                        estimate.vector[k][axis] = f64::NAN;
                        continue;
                    }
                    estimate.vector[k][axis] = row.iter().map(|&(i, w)| w * x[i]).sum();
                    let variance = width.variance_of_few(row) + self.missed_slope(scales, k, axis);
                    estimate.vector_std[k][axis] = variance.max(0.0).sqrt();
                }
            }
        }
        estimate
    }

    /// Variance of the force of a cell with data, beside that of the potential at the centers around: what
    /// the potential does between these.
    fn missed_slope(&self, scales: &[Scale], k: usize, axis: usize) -> f64 {
        if self.model != Model::Potential {
            return 0.0;
        }
        let [amplitude, range] = scales[1].map(f64::exp);
        let here = &self.centers[self.cells[k]];
        let stencil: Vec<([f64; D], f64)> = self.vectors[k][axis]
            .iter()
            .map(|&(variable, weight)| {
                let there = &self.centers[variable - self.cell_count];
                (std::array::from_fn(|d| there[d] - here[d]), -weight)
            })
            .collect();
        amplitude * amplitude * MaternCovariance::new(D, range).of_missed_slope(axis, &stencil)
    }
}

/// Values less the least one of their set.
fn less_least(sets: &[usize], values: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let mut least = vec![f64::INFINITY; sets.iter().max().map_or(0, |last| last + 1)];
    for (&set, v) in sets.iter().zip(values.clone()) {
        least[set] = least[set].min(v);
    }
    let values = sets.iter().zip(values);
    values.map(|(&set, v)| v - least[set]).collect()
}
