//! The posterior of whole tracks: their likelihood, and Matérn priors whose scales the evidence chooses.

mod density;
mod width;

use std::time::Instant;

use super::estimate::deviations_from_mean;
use super::hyperparameters::{Choice, Problem, Scale, Scaled};
use super::likelihood::Model;
use super::likelihood::tracks::{Degrees, Evaluation, Field, TrackLikelihood, Tracks};
use crate::error::check_length;
use crate::operators::{LocalPolynomials, Matern, QuadraticForm};
use crate::optimizer::{Analysis, Settings, Status, SymmetricPattern, dot};
use crate::tessellation::Adjacency;
use crate::{Error, Result};
use density::Density;
use width::Width;

/// Degrees of the polynomials that continue maps inside cells.
const DEGREES: Degrees = Degrees { log_d: 1, field: 2 };
/// Orders α of the Matérn fields of `ln D`, and of the potential or the components of a vector.
const ORDERS: [usize; 2] = [2, 3];
/// Usual amplitudes: of `ln D`, and of a potential in kT, a force in kT/µm or a drift in µm/s.
const USUAL: [f64; 2] = [0.3, 2.0];
/// Range that fields exceed with a probability of 95 %, µm.
const LEAST_RANGE: f64 = 0.2;
/// The search ends with a step that lowers the negative log posterior by less than this, in nats.
const TOLERANCE: f64 = 1e-2;
/// Share of the shift of the mean of `ln D` that makes `exp` of it the median of D's posterior, nearly.
const SKEW: f64 = 0.4;
/// Least part of a step before it is taken as it is.
const LEAST_FRACTION: f64 = 1e-3;

/// The posterior of tracks over the cells in which steps begin, in the variables `[ln D…]`, `[ln D…, V…]`
/// or `[ln D…, x components…, y components…]`.
#[derive(Debug)]
pub struct TrackPosterior<const D: usize> {
    likelihood: TrackLikelihood<D>,
    model: Model,
    cells: Vec<usize>,
    components: Vec<usize>,
    polynomials: LocalPolynomials<D>,
    priors: Vec<Scaled>,
    pattern: SymmetricPattern,
    analysis: Analysis,
    prior_mean: Vec<f64>,
}

/// The maximum of the posterior of tracks, with standard deviations; one element for each cell in which
/// steps begin.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackEstimate<const D: usize> {
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
    /// Standard deviation of its components.
    pub vector_std: Vec<[f64; D]>,
    /// Amplitude and range (µm) of the field of `ln D`, and of the other maps.
    pub scales: Vec<[f64; 2]>,
    /// Logarithm of the evidence: of the probability density of all localizations but the first of each
    /// track, as a density with respect to the mean of `ln D`.
    pub log_evidence: f64,
    /// Least negative log posterior, for these scales.
    pub value: f64,
    /// Passes over the tracks.
    pub iterations: usize,
    /// How the search ended.
    pub status: Status,
}

impl<const D: usize> TrackPosterior<D> {
    /// Prepares the posterior. `cells` of the tracks are numbers in the tessellation.
    ///
    /// # Errors
    ///
    /// If lengths differ, a localization is in a cell that there is not, or no step begins in a cell.
    pub fn new(
        model: Model,
        centers: &[[f64; D]],
        adjacency: &Adjacency,
        volumes: &[f64],
        tracks: &Tracks<D>,
    ) -> Result<Self> {
        check_length("volumes", volumes.len(), centers.len(), "`centers`")?;
        let cells = cells_of_steps(tracks, centers.len())?;
        if cells.is_empty() {
            return Err(Error::InsufficientData {
                seen: format!("none of {} cells holds a translocation", centers.len()),
                needed: "a map needs at least one: enlarge the region".into(),
            });
        }
        let mut new = vec![None; centers.len()];
        for (number, &cell) in cells.iter().enumerate() {
            new[cell] = Some(number);
        }
        let tracks = tracks.with_cells(|cell| new[cell]);
        let centers: Vec<[f64; D]> = cells.iter().map(|&cell| centers[cell]).collect();
        let volumes: Vec<f64> = cells.iter().map(|&cell| volumes[cell]).collect();
        let adjacency = adjacency.restricted(&cells);
        let field = if model == Model::Potential {
            Field::Potential
        } else if model.is_force() {
            Field::Force
        } else if model.has_vector() {
            Field::Drift
        } else {
            Field::None
        };
        let m = cells.len();
        let log_d = mean_log_diffusivity(&tracks);
        let mut likelihood = TrackLikelihood::new(
            tracks.clone(),
            &centers,
            &adjacency,
            field,
            DEGREES,
            true,
            vec![log_d; m],
        )?;
        let slopes = QuadraticForm::of_slopes(&centers, &adjacency, &volumes);
        let matern = |which: usize| Matern::new(&slopes, &volumes, ORDERS[which], D);
        let density = Density::new(&tracks, &volumes, matern(0));
        let polynomials = LocalPolynomials::new(&centers, &adjacency, DEGREES.field);
        likelihood.set_start_shift(density.shifts(&tracks, &centers, &polynomials))?;
        let scaled = |which: usize, maps: Vec<usize>| Scaled {
            maps,
            field: matern(which),
            has_free_mean: which == 0,
            usual_amplitude: USUAL[which],
            least_range: LEAST_RANGE,
        };
        let mut priors = vec![scaled(0, vec![0])];
        let others: Vec<usize> = (1..likelihood.variable_count() / m)
            .map(|k| k * m)
            .collect();
        if !others.is_empty() {
            priors.push(scaled(1, others));
        }
        let mut couplings = likelihood.couplings();
        for prior in &priors {
            let pattern = prior.field.pattern();
            for &first in &prior.maps {
                for column in 0..m {
                    let slots = pattern.starts()[column]..pattern.starts()[column + 1];
                    let rows = slots.map(|slot| pattern.rows()[slot]);
                    couplings.extend(rows.map(|row| (first + row, first + column)));
                }
            }
        }
        let pattern = SymmetricPattern::new(likelihood.variable_count(), couplings);
        let mut prior_mean = vec![0.0; likelihood.variable_count()];
        prior_mean[..m].fill(log_d);
        Ok(Self {
            likelihood,
            model,
            components: adjacency.components(),
            cells,
            polynomials,
            priors,
            analysis: Analysis::new(&pattern),
            pattern,
            prior_mean,
        })
    }

    /// Number, in the tessellation, of each cell in which steps begin; ascending.
    #[must_use]
    pub fn cells(&self) -> &[usize] {
        &self.cells
    }

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
    ) -> Result<TrackEstimate<D>> {
        let started = Instant::now();
        let mut x = self.likelihood.start();
        let mut scales: Vec<Scale> = [[0.2_f64, 1.0], [1.5, 0.8]]
            .iter()
            .take(self.priors.len())
            .map(|scale| scale.map(f64::ln))
            .collect();
        let mut here = self.likelihood.evaluate(&x, &self.pattern);
        let mut iterations = 1;
        let mut status = Status::MaxIterations;
        while iterations < settings.max_iterations {
            let slope = self.slope(&x, &here);
            let problem = self.problem(&here, &slope);
            let chosen = problem.choose(&scales).ok_or_else(no_posterior)?;
            let before = here.value + self.penalty(&chosen, &x);
            let mut fraction = 1.0;
            let (next, found, after) = loop {
                let next: Vec<f64> = (0..x.len())
                    .map(|i| x[i] + fraction * (self.prior_mean[i] + chosen.at.deviation[i] - x[i]))
                    .collect();
                let found = self.likelihood.evaluate(&next, &self.pattern);
                iterations += 1;
                let after = found.value + self.penalty(&chosen, &next);
                if after <= before + 1e-9 * before.abs() || fraction < LEAST_FRACTION {
                    break (next, found, after);
                }
                fraction *= 0.5;
            };
            (x, here, scales) = (next, found, chosen.scales);
            if before - after < TOLERANCE {
                status = Status::Converged;
                break;
            }
            if interrupt() {
                status = Status::Interrupted;
                break;
            }
            if settings
                .max_time
                .is_some_and(|most| started.elapsed() >= most)
            {
                status = Status::MaxTime;
                break;
            }
        }
        let slope = self.slope(&x, &here);
        let problem = self.problem(&here, &slope);
        let chosen = problem.choose(&scales).ok_or_else(no_posterior)?;
        let value = here.value + self.penalty(&chosen, &x);
        let Choice { scales, at } = chosen;
        let width = Width::new(&problem, &scales, at).ok_or_else(no_posterior)?;
        Ok(TrackEstimate {
            log_evidence: width.log_evidence() - self.at_prior_mean(&x, &here, &slope),
            scales: scales.iter().map(|scale| scale.map(f64::exp)).collect(),
            value,
            iterations,
            status,
            ..self.described(&x, &here, &width)
        })
    }

    /// Standard deviation, kT, of the functional `weights · V` at the maximum `x` and its `scales`, for one
    /// weight per cell, which sum to zero; for each row of weights.
    ///
    /// # Errors
    ///
    /// If the model has no potential, or lengths differ.
    pub fn contrast_deviations(
        &self,
        x: &[f64],
        scales: &[[f64; 2]],
        weights: &[Vec<f64>],
    ) -> Result<Vec<f64>> {
        if self.model != Model::Potential {
            return Err(Error::Value {
                name: "model",
                seen: format!("{:?}", self.model),
                expected: "one that has a potential",
            });
        }
        check_length("x", x.len(), self.prior_mean.len(), "the variables")?;
        check_length("scales", scales.len(), self.priors.len(), "the priors")?;
        let here = self.likelihood.evaluate(x, &self.pattern);
        let slope = self.slope(x, &here);
        let problem = self.problem(&here, &slope);
        let scales: Vec<Scale> = scales.iter().map(|scale| scale.map(f64::ln)).collect();
        let at = problem.at(&scales).ok_or_else(no_posterior)?;
        let width = Width::new(&problem, &scales, at).ok_or_else(no_posterior)?;
        let m = self.cells.len();
        let deviation = |weights: &Vec<f64>| {
            check_length("weights", weights.len(), m, "the cells with data")?;
            let mut all = vec![0.0; x.len()];
            all[m..].copy_from_slice(weights);
            Ok(width.variance_of(&all).max(0.0).sqrt())
        };
        weights.iter().map(deviation).collect()
    }

    /// `b` of the quadratic likelihood, in deviations from the prior means.
    fn slope(&self, x: &[f64], here: &Evaluation) -> Vec<f64> {
        let mut slope: Vec<f64> = here.gradient.iter().map(|g| -g).collect();
        let deviation: Vec<f64> = x.iter().zip(&self.prior_mean).map(|(x, m)| x - m).collect();
        self.pattern
            .multiply_add(&here.curvature, &deviation, &mut slope);
        slope
    }

    /// Value of the quadratic likelihood at the prior means.
    fn at_prior_mean(&self, x: &[f64], here: &Evaluation, slope: &[f64]) -> f64 {
        let deviation: Vec<f64> = x.iter().zip(&self.prior_mean).map(|(x, m)| x - m).collect();
        let mut product = vec![0.0; x.len()];
        self.pattern
            .multiply_add(&here.curvature, &deviation, &mut product);
        here.value - 0.5 * dot(&deviation, &product) + dot(&deviation, slope)
    }

    fn problem<'a>(&'a self, here: &'a Evaluation, slope: &'a [f64]) -> Problem<'a> {
        Problem {
            pattern: &self.pattern,
            analysis: &self.analysis,
            curvature: &here.curvature,
            slope,
            priors: &self.priors,
        }
    }

    /// The priors' part of the negative log posterior, but for their norms.
    fn penalty(&self, chosen: &Choice, x: &[f64]) -> f64 {
        let m = self.cells.len();
        let mut penalty = 0.0;
        for ((prior, precision), scale) in self
            .priors
            .iter()
            .zip(&chosen.at.precisions)
            .zip(&chosen.scales)
        {
            let times = |vector: &[f64]| {
                let mut product = vec![0.0; m];
                let pattern = prior.field.pattern();
                pattern.multiply_add(&precision.values, vector, &mut product);
                product
            };
            for &first in &prior.maps {
                let map = first..first + m;
                let mut deviation: Vec<f64> = x[map.clone()]
                    .iter()
                    .zip(&self.prior_mean[map])
                    .map(|(x, mean)| x - mean)
                    .collect();
                if prior.has_free_mean {
                    let of_constant = times(&vec![1.0; m]);
                    let mean = dot(&of_constant, &deviation) / of_constant.iter().sum::<f64>();
                    for d in &mut deviation {
                        *d -= mean;
                    }
                }
                let product = times(&deviation);
                penalty += 0.5 * (-2.0 * scale[0]).exp() * dot(&deviation, &product);
            }
        }
        penalty
    }

    /// The maps at a maximum.
    fn described(&self, x: &[f64], here: &Evaluation, width: &Width) -> TrackEstimate<D> {
        let m = self.cells.len();
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
        let diffusivity = (0..m)
            .map(|cell| (x[cell] + SKEW * skew[cell]).exp())
            .collect();
        let mut estimate = TrackEstimate {
            diffusivity,
            log_diffusivity_std: of_log_d.iter().map(|v| v.max(0.0).sqrt()).collect(),
            potential: Vec::new(),
            potential_std: Vec::new(),
            vector: vec![[0.0; D]; m],
            vector_std: vec![[f64::NAN; D]; m],
            scales: Vec::new(),
            log_evidence: f64::NAN,
            value: f64::NAN,
            iterations: 0,
            status: Status::Converged,
        };
        if self.model == Model::Potential {
            estimate.potential = self.normalized(&x[m..]);
            estimate.potential_std =
                deviations_from_mean(&self.components, x.len(), variance, |weights| {
                    width.covariance_with(weights)
                });
            for cell in 0..m {
                for axis in 0..D {
                    let row = self.slope_row(cell, axis);
                    if row.is_empty() {
                        estimate.vector[cell][axis] = f64::NAN;
                        continue;
                    }
                    let value: f64 = row.iter().map(|&(i, w)| w * x[m + i]).sum();
                    estimate.vector[cell][axis] = -value;
                    let row: Vec<(usize, f64)> = row.into_iter().map(|(i, w)| (m + i, w)).collect();
                    let std = width.variance_of_few(&row).max(0.0).sqrt();
                    estimate.vector_std[cell][axis] = std;
                }
            }
        } else if self.model.has_vector() {
            for cell in 0..m {
                for axis in 0..D {
                    let variable = m * (1 + axis) + cell;
                    estimate.vector[cell][axis] = x[variable];
                    estimate.vector_std[cell][axis] = variance(variable).max(0.0).sqrt();
                }
            }
        }
        estimate
    }

    /// The derivative of a map along an axis at the center of a cell, in values at centers; empty where
    /// the neighbours do not tell it.
    fn slope_row(&self, cell: usize, axis: usize) -> Vec<(usize, f64)> {
        let along: [usize; D] = std::array::from_fn(|k| usize::from(k == axis));
        let powers = self.polynomials.powers();
        let Some(term) = powers.iter().position(|power| *power == along) else {
            return Vec::new();
        };
        let row = self.polynomials.stencil(cell);
        row.map(|(other, coefficients)| (other, coefficients[term]))
            .filter(|(_, weight)| *weight != 0.0)
            .collect()
    }

    fn normalized(&self, potential: &[f64]) -> Vec<f64> {
        let count = self.components.iter().max().map_or(0, |last| last + 1);
        let mut least = vec![f64::INFINITY; count];
        for (&set, &v) in self.components.iter().zip(potential) {
            least[set] = least[set].min(v);
        }
        let values = self.components.iter().zip(potential);
        values.map(|(&set, v)| v - least[set]).collect()
    }
}

/// Numbers of the cells in which steps begin.
fn cells_of_steps<const D: usize>(tracks: &Tracks<D>, count: usize) -> Result<Vec<usize>> {
    let mut holds = vec![false; count];
    for track in 0..tracks.count() {
        let range = tracks.range(track);
        for index in range.start..range.end - 1 {
            if let Some(cell) = tracks.cells()[index] {
                *holds.get_mut(cell).ok_or_else(|| Error::Element {
                    name: "cells",
                    index,
                    seen: cell.to_string(),
                    expected: "a number below the number of cells",
                })? = true;
            }
        }
    }
    Ok((0..count).filter(|&cell| holds[cell]).collect())
}

/// Logarithm of the diffusivity that matches the mean square of all steps.
fn mean_log_diffusivity<const D: usize>(tracks: &Tracks<D>) -> f64 {
    let (mut spread, mut time) = (0.0, 0.0);
    for track in 0..tracks.count() {
        let range = tracks.range(track);
        for index in range.start..range.end - 1 {
            let (from, to) = (tracks.positions()[index], tracks.positions()[index + 1]);
            let square: f64 = from.iter().zip(to).map(|(a, b)| (b - a) * (b - a)).sum();
            let noise = 0.5 * (tracks.noise()[index] + tracks.noise()[index + 1]);
            let lag = tracks.times()[index + 1] - tracks.times()[index];
            spread += 0.5 * square / D as f64 - noise;
            time += lag - tracks.exposure() / 3.0;
        }
    }
    (spread / time).max(1e-4).ln()
}

fn no_posterior() -> Error {
    Error::InsufficientData {
        seen: "no scales of the priors for which the posterior is defined".into(),
        needed: "more translocations: enlarge the region or the cells".into(),
    }
}
