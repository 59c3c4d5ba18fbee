//! The weights of the priors that the data themselves ask for.

use std::time::Instant;

use super::priors::Balance;
use super::{Laplace, Posterior};
use crate::optimizer::{Objective, Report, Settings, Status, minimize};

/// The largest weight, in units of the first guess: a map that is flat for all that the data tell.
const MAX_RELATIVE_WEIGHT: f64 = 1e5;
/// The search ends where it stands to gain less than this, in nats: no comparison could tell the
/// difference.
const EVIDENCE_TOLERANCE: f64 = 0.01;
/// Tolerance of a fit on the way, in nats: well below that of the evidence.
const TRIAL_TOLERANCE: f64 = 1e-3;
/// Most fits of the search.
const MAX_TRIALS: usize = 25;
/// Most that the logarithm of a weight changes from one trial to the next: a thousandfold.
const MAX_STEP: f64 = 6.9;

/// Most that a step exceeds the last one, or that of the fixed point.
const MAX_STRETCH: f64 = 5.0;

/// A step of the search for weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Weight of every prior.
    pub weights: Vec<f64>,
    /// Logarithm of the evidence.
    pub log_evidence: f64,
}

/// Chooses weights of the priors by maximising the evidence, those that `chosen` tells; the others must
/// be above zero. The weights are left in the posterior, and `x`, the start, at its minimum for them.
/// Returns what was tried, the best trial last, and the last minimisation.
///
/// The fixed point of MacKay (Neural Comput. 4, 415, 1992): a prior's weight is that for which its
/// penalty is half the number of parameters that the data determine, `2 λ S(x̂) = γ`, with
/// `γ = tr(2 λ L (P⁻¹ − Σ))` for the prior's precision P and the posterior's covariance Σ. Its steps,
/// logarithmic, become those of a secant as soon as there are two; one that lowers the evidence is
/// halved. Where the map is flat for all that the data tell, both sides of the balance fall off alike
/// and the secant sees no fixed point: steps are then as long as they may be, up to a largest weight.
pub fn choose_priors<const D: usize>(
    posterior: &mut Posterior<D>,
    x: &mut [f64],
    chosen: &[bool],
    settings: &Settings,
    interrupt: &mut dyn FnMut() -> bool,
) -> (Vec<Trial>, Report) {
    let started = Instant::now();
    // The time limit is that of the whole search.
    let settings_left = |tolerance: f64| Settings {
        tolerance: settings.tolerance.max(tolerance),
        max_time: settings
            .max_time
            .map(|most| most.saturating_sub(started.elapsed())),
        ..*settings
    };
    let mut search = Search::new(posterior, x, chosen);
    loop {
        let weights = search.next_weights();
        posterior.set_prior_weights(&weights);
        let report = minimize(posterior, x, &settings_left(TRIAL_TOLERANCE), interrupt);
        let is_last = search.judge(posterior, x, weights) || report.status != Status::Converged;
        let Some(best) = &search.best else {
            return (search.trials, report);
        };
        x.copy_from_slice(&best.x);
        if is_last {
            posterior.set_prior_weights(&best.trial.weights);
            if search.trials.last() != Some(&best.trial) {
                search.trials.push(best.trial.clone());
            }
            let report = match report.status {
                Status::Converged => minimize(posterior, x, &settings_left(0.0), interrupt),
                _ => Report {
                    value: posterior.value(x),
                    ..report
                },
            };
            return (search.trials, report);
        }
    }
}

struct Search {
    chosen: Vec<bool>,
    first: Vec<f64>,
    trials: Vec<Trial>,
    best: Option<Best>,
}

/// The best trial so far: its minimum, what the data say of each weight, and where to go next.
struct Best {
    trial: Trial,
    x: Vec<f64>,
    balances: Vec<Balance>,
    /// Of the logarithm of each weight.
    step: Vec<f64>,
}

impl Search {
    fn new<const D: usize>(posterior: &Posterior<D>, x: &[f64], chosen: &[bool]) -> Self {
        let guess = posterior.priors().first_guess_of_weights(x);
        let present = posterior.prior_weights();
        let first = (0..present.len()).map(|k| if chosen[k] { guess[k] } else { present[k] });
        Self {
            chosen: chosen.to_vec(),
            first: first.collect(),
            trials: Vec::new(),
            best: None,
        }
    }

    fn next_weights(&self) -> Vec<f64> {
        match &self.best {
            None => self.first.clone(),
            Some(best) => (0..self.first.len())
                .map(|k| (best.trial.weights[k] * best.step[k].exp()).min(self.largest(k)))
                .collect(),
        }
    }

    fn largest(&self, which: usize) -> f64 {
        if self.chosen[which] {
            self.first[which] * MAX_RELATIVE_WEIGHT
        } else {
            self.first[which]
        }
    }

    /// Takes in what was found for some weights, and decides on the next ones; true if there is no
    /// need to go on.
    fn judge<const D: usize>(
        &mut self,
        posterior: &Posterior<D>,
        x: &[f64],
        weights: Vec<f64>,
    ) -> bool {
        let laplace = Laplace::new(posterior, x);
        let log_evidence = laplace
            .as_ref()
            .map_or(f64::NAN, |laplace| posterior.log_evidence(x, laplace));
        let trial = Trial {
            weights,
            log_evidence,
        };
        self.trials.push(trial.clone());
        let gain = match &self.best {
            None => f64::INFINITY,
            Some(best) => log_evidence - best.trial.log_evidence,
        };
        if let Some(laplace) = laplace
            && gain > 0.0
        {
            let covariance = laplace.covariance();
            let balances: Vec<Balance> = (0..trial.weights.len())
                .map(|k| posterior.priors().balance(k, x, &covariance))
                .collect();
            self.best = Some(Best {
                step: self.steps(&trial.weights, &balances),
                x: x.to_vec(),
                balances,
                trial,
            });
        } else if let Some(best) = &mut self.best {
            best.step.iter_mut().for_each(|step| *step *= 0.5);
        }
        let promises = |best: &Best| best.promise() >= EVIDENCE_TOLERANCE;
        self.trials.len() == MAX_TRIALS || !self.best.as_ref().is_some_and(promises)
    }

    /// The step from some weights where the secant through the best trial sees the fixed point.
    fn steps(&self, weights: &[f64], balances: &[Balance]) -> Vec<f64> {
        let step = |k: usize| {
            let residual = balances[k].residual();
            let step = match &self.best {
                None => residual,
                Some(best) => {
                    let moved = (weights[k] / best.trial.weights[k]).ln();
                    let slope = (residual - best.balances[k].residual()) / moved;
                    let most = MAX_STRETCH * moved.abs().max(residual.abs());
                    if slope < 0.0 {
                        (-residual / slope).clamp(-most, most)
                    } else if residual > 0.0 && moved > 0.0 {
                        most
                    } else {
                        residual
                    }
                }
            };
            // Without any variation, more of the weight costs nothing.
            let step = if step.is_nan() { 0.0 } else { step };
            let room = (self.largest(k) / weights[k]).ln();
            step.clamp(-MAX_STEP, MAX_STEP).min(room)
        };
        let steps = (0..weights.len()).map(|k| if self.chosen[k] { step(k) } else { 0.0 });
        steps.collect()
    }
}

impl Best {
    /// What the next step stands to gain, in nats. As a map becomes flat, the slope of the evidence
    /// falls off as the inverse of the weight: it is then the gain that is left.
    fn promise(&self) -> f64 {
        let gain = |(balance, step): (&Balance, &f64)| balance.slope().abs() * step.abs().min(1.0);
        self.balances.iter().zip(&self.step).map(gain).sum()
    }
}
