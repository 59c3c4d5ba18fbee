//! The posterior of whole tracks: their likelihood, and Matérn priors whose scales the evidence chooses.

mod density;
mod equilibrium;
mod estimate;
mod width;

pub use estimate::TrackEstimate;

use super::hyperparameters::{Conditional, Problem, Scale, Scaled};
use super::likelihood::Model;
use super::likelihood::tracks::{
    Degrees, Evaluation, Field, TrackLikelihood, Tracks, starts_in_cells,
};
use crate::error::check_length;
use crate::operators::{LocalPolynomials, Matern, QuadraticForm};
use crate::optimizer::{Analysis, SymmetricPattern, dot};
use crate::tessellation::Adjacency;
use crate::{Error, Result};
use density::Density;
use equilibrium::{Equilibrium, outside};

/// Degrees of the polynomials that continue maps inside cells.
const DEGREES: Degrees = Degrees { log_d: 1, field: 2 };
/// Orders α of the Matérn fields of `ln D`, and of the potential or the components of a vector.
const ORDERS: [usize; 2] = [2, 3];
/// Usual amplitudes: of `ln D`, and of a potential in kT, a force in kT/µm or a drift in µm/s.
const USUAL: [f64; 2] = [0.3, 2.0];
/// Range that fields exceed with a probability of 95 %, µm.
const LEAST_RANGE: f64 = 0.2;

/// The posterior of tracks over the cells of a tessellation, in the variables `[ln D…]`, `[ln D…, V…]` or
/// `[ln D…, x components…, y components…]`.
///
/// Cells in which no step begins are variables too, of which the priors alone speak: fields go on across
/// them, and what lies on either side is compared.
#[derive(Debug)]
pub struct TrackPosterior<const D: usize> {
    likelihood: TrackLikelihood<D>,
    model: Model,
    /// Those in which steps begin.
    cells: Vec<usize>,
    cell_count: usize,
    components: Vec<usize>,
    polynomials: LocalPolynomials<D>,
    priors: Vec<Scaled>,
    pattern: SymmetricPattern,
    analysis: Analysis,
    prior_mean: Vec<f64>,
    equilibrium: Option<Equilibrium>,
}

impl<const D: usize> TrackPosterior<D> {
    /// Prepares the posterior. `cells` of the tracks are numbers in the tessellation.
    ///
    /// If molecules are in equilibrium, the places where tracks begin tell of the potential too:
    /// `begins` says then which of the tracks are not the rest of an earlier one.
    ///
    /// # Errors
    ///
    /// If lengths differ, a localization is in a cell that there is not, no step begins in a cell, or a
    /// model that has no potential is to be in equilibrium.
    pub fn new(
        model: Model,
        centers: &[[f64; D]],
        adjacency: &Adjacency,
        volumes: &[f64],
        tracks: &Tracks<D>,
        begins: Option<&[bool]>,
    ) -> Result<Self> {
        check_length("volumes", volumes.len(), centers.len(), "`centers`")?;
        if let Some(begins) = begins {
            check_length("begins", begins.len(), tracks.count(), "the tracks")?;
            check_has_potential(model)?;
        }
        let cells = cells_of_steps(tracks, centers.len())?;
        if cells.is_empty() {
            return Err(Error::InsufficientData {
                seen: format!("none of {} cells holds a translocation", centers.len()),
                needed: "a map needs at least one: enlarge the region".into(),
            });
        }
        let field = if model == Model::Potential {
            Field::Potential
        } else if model.is_force() {
            Field::Force
        } else if model.has_vector() {
            Field::Drift
        } else {
            Field::None
        };
        let m = centers.len();
        let log_d = mean_log_diffusivity(tracks);
        let mut likelihood = TrackLikelihood::new(
            tracks.clone(),
            centers,
            adjacency,
            field,
            DEGREES,
            true,
            vec![log_d; m],
        )?;
        let slopes = QuadraticForm::of_slopes(centers, adjacency, volumes);
        let matern = |which: usize| Matern::new(&slopes, volumes, ORDERS[which], D);
        let polynomials = LocalPolynomials::new(centers, adjacency, DEGREES.field);
        let counts = starts_in_cells(tracks, |_| true, m);
        let density = Density::new(&counts, volumes, matern(0));
        likelihood.set_start_shift(density.shifts(tracks, centers, &polynomials))?;
        let equilibrium = begins.map(|begins| {
            let outside = outside(centers, adjacency, &cells, root_mean_square(tracks));
            Equilibrium::new(tracks, begins, volumes, &outside, &polynomials, matern(1))
        });
        let scaled = |which: usize, maps: Vec<usize>| Scaled {
            maps,
            field: matern(which),
            // The density of starts tells the level of V, which steps do not.
            has_free_mean: which == 0 || equilibrium.is_some(),
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
        couplings.extend(equilibrium.iter().flat_map(|e| e.starts.couplings()));
        let pattern = SymmetricPattern::new(likelihood.variable_count(), couplings);
        let mut prior_mean = vec![0.0; likelihood.variable_count()];
        prior_mean[..m].fill(log_d);
        Ok(Self {
            likelihood,
            model,
            components: adjacency.components(),
            cells,
            cell_count: m,
            polynomials,
            priors,
            analysis: Analysis::new(&pattern),
            pattern,
            prior_mean,
            equilibrium,
        })
    }

    /// Number, in the tessellation, of each cell in which steps begin; ascending.
    #[must_use]
    pub fn cells(&self) -> &[usize] {
        &self.cells
    }

    /// A start for the search.
    fn start(&self) -> Vec<f64> {
        let mut x = self.likelihood.start();
        if let Some(equilibrium) = &self.equilibrium {
            x[self.cell_count..].copy_from_slice(&equilibrium.potential);
        }
        x
    }

    /// The likelihood at `x`: that of the tracks, and of where they begin.
    fn evaluate(&self, x: &[f64]) -> Evaluation {
        let mut evaluation = self.likelihood.evaluate(x, &self.pattern);
        if let Some(equilibrium) = &self.equilibrium {
            let starts = &equilibrium.starts;
            starts.add_to(x, &self.pattern, &mut evaluation);
        }
        evaluation
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
    fn penalty(&self, scales: &[Scale], at: &Conditional, x: &[f64]) -> f64 {
        let m = self.cell_count;
        let mut penalty = 0.0;
        for ((prior, precision), scale) in self.priors.iter().zip(&at.precisions).zip(scales) {
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

fn check_has_potential(model: Model) -> Result<()> {
    if model == Model::Potential {
        return Ok(());
    }
    Err(Error::Value {
        name: "model",
        seen: format!("{model:?}"),
        expected: "one that has a potential",
    })
}

/// Root mean square of the steps along an axis, µm.
fn root_mean_square<const D: usize>(tracks: &Tracks<D>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for track in 0..tracks.count() {
        for pair in tracks.positions()[tracks.range(track)].windows(2) {
            let squares = pair[0].iter().zip(pair[1]).map(|(a, b)| (b - a) * (b - a));
            sum += squares.sum::<f64>();
            count += D as f64;
        }
    }
    (sum / count).sqrt()
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
