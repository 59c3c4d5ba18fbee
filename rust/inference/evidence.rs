//! What the DV posterior says beyond its maximum: evidence, error bars, and the weights of the priors
//! that the data themselves ask for.

use std::f64::consts::TAU;
use std::time::Instant;

use super::laplace::log_determinant;
use super::{Covariance, DiffusivityPotential, Laplace};
use crate::error::check_length;
use crate::optimizer::{Objective, Report, Settings, Status, minimize};
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
    /// density with respect to those of D, in s/µm². Takes one factorisation.
    #[must_use]
    pub fn log_evidence(&self, x: &[f64], laplace: &Laplace) -> f64 {
        let m = self.cell_count();
        let differences = (m - self.pinned().len()) as f64;
        let [by_d, by_v] = self.prior_weights();
        let log_norm = 0.5 * differences * ((2.0 * by_d).ln() + (2.0 * by_v).ln() - 2.0 * TAU.ln())
            + log_determinant(self.variation(), self.components());
        let log_evidence = laplace.log_volume() + log_norm - self.value(x);
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

/// Which weights of the priors to choose, D's and V's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The weight of the variation of D.
    pub diffusivity: bool,
    /// The weight of the variation of V.
    pub potential: bool,
}

/// A step of the search for weights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    /// Weights of the variation of D and of V.
    pub weights: [f64; 2],
    /// Logarithm of the evidence.
    pub log_evidence: f64,
}

/// The largest weight, in units of the first guess: a map that is flat for all that the data tell.
const MAX_RELATIVE_WEIGHT: f64 = 1e6;
/// The search ends when it gains less than this, in nats: no comparison could tell the difference.
const EVIDENCE_TOLERANCE: f64 = 0.01;
/// Most fits of the search.
const MAX_TRIALS: usize = 25;
/// Most that a step is stretched beyond the fixed point's own.
const MAX_STRETCH: f64 = 5.0;

/// Chooses weights of the priors by maximising the evidence; those not chosen must be above zero. The
/// weights are left in the posterior, and `x`, the start, at its minimum for them. Returns what was
/// tried, the best trial last, and the last minimisation.
///
/// The fixed point of MacKay (Neural Comput. 4, 415, 1992): a prior's weight is that for which its
/// penalty is half the number of parameters that the data determine, `2 λ S(x̂) = γ`, with
/// `γ = m − c − 2 λ tr(L Σ)`; its steps, logarithmic, are stretched by the secant of the last two. A
/// step that lowers the evidence is halved. A weight whose map is flat for all that the data tell ends
/// where more of it gains nothing.
pub fn choose_priors<const D: usize>(
    posterior: &mut DiffusivityPotential<D>,
    x: &mut [f64],
    choice: Choice,
    settings: &Settings,
    interrupt: &mut dyn FnMut() -> bool,
) -> (Vec<Trial>, Report) {
    let started = Instant::now();
    let chosen = [choice.diffusivity, choice.potential];
    let first = posterior.first_guess_of_weights(x, chosen);
    let mut trials: Vec<Trial> = Vec::new();
    let mut weights = first;
    let mut best: Option<Best> = None;
    loop {
        posterior.set_prior_weights(weights);
        // The time limit is that of the whole search.
        let max_time = settings
            .max_time
            .map(|most| most.saturating_sub(started.elapsed()));
        let settings = Settings {
            max_time,
            ..*settings
        };
        let report = minimize(posterior, x, &settings, interrupt);
        let laplace = Laplace::new(posterior, x);
        let log_evidence = laplace
            .as_ref()
            .map_or(f64::NAN, |laplace| posterior.log_evidence(x, laplace));
        trials.push(Trial {
            weights,
            log_evidence,
        });
        let gain = best
            .as_ref()
            .map(|best| log_evidence - best.trial.log_evidence);
        let mut done = trials.len() == MAX_TRIALS || report.status != Status::Converged;
        if let Some(laplace) = laplace
            && gain.is_none_or(|gain| gain > 0.0)
        {
            let covariance = laplace.covariance();
            let residual = std::array::from_fn(|k| {
                let limit = first[k] * MAX_RELATIVE_WEIGHT;
                let next = posterior.fixed_point(k, x, &covariance).min(limit);
                if chosen[k] {
                    (next / weights[k]).ln()
                } else {
                    0.0
                }
            });
            let step = match &best {
                Some(last) => last.stretched(weights, residual),
                None => residual,
            };
            let trial = Trial {
                weights,
                log_evidence,
            };
            best = Some(Best {
                trial,
                x: x.to_vec(),
                residual,
                step,
            });
        } else if let Some(best) = &mut best {
            best.step = best.step.map(|step| 0.5 * step);
        }
        let Some(best) = &best else {
            return (trials, report);
        };
        done |= gain.is_some_and(|gain| gain.abs() < EVIDENCE_TOLERANCE);
        done |= best.step.iter().all(|step| step.abs() < EVIDENCE_TOLERANCE);
        x.copy_from_slice(&best.x);
        if done {
            posterior.set_prior_weights(best.trial.weights);
            if trials.last() != Some(&best.trial) {
                trials.push(best.trial);
            }
            return (
                trials,
                Report {
                    value: posterior.value(x),
                    ..report
                },
            );
        }
        weights = std::array::from_fn(|k| {
            (best.trial.weights[k] * best.step[k].exp()).min(first[k] * MAX_RELATIVE_WEIGHT)
        });
    }
}

/// The best trial so far: its minimum, how far the fixed point is, and where to go next.
struct Best {
    trial: Trial,
    x: Vec<f64>,
    residual: [f64; 2],
    step: [f64; 2],
}

impl Best {
    /// The step from `weights` where the secant through this trial sees the fixed point, within limits.
    fn stretched(&self, weights: [f64; 2], residual: [f64; 2]) -> [f64; 2] {
        std::array::from_fn(|k| {
            let moved = (weights[k] / self.trial.weights[k]).ln();
            let slope = (residual[k] - self.residual[k]) / moved;
            let secant = -residual[k] / slope;
            let most = MAX_STRETCH * residual[k].abs();
            if slope < 0.0 && secant.is_finite() {
                secant.clamp(-most, most)
            } else {
                residual[k]
            }
        })
    }
}
