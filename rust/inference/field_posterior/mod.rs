//! Posteriors of maps that are Matérn fields, whose scales the evidence chooses: of displacements, and of
//! whole tracks.

mod density;
mod equilibrium;
mod estimate;
mod of_displacements;
mod of_tracks;
mod rolling_ball;
mod width;

pub use estimate::{Contrast, FieldEstimate};

use super::hyperparameters::{Choice, Conditional, Problem, Scale, Scaled};
use super::likelihood::{Evaluation, Model, OfFields};
use crate::error::check_length;
use crate::operators::{Matern, QuadraticForm};
use crate::optimizer::{Analysis, SymmetricPattern, dot};
use crate::tessellation::{Adjacency, WithMargin, with_margin};
use crate::{Error, Result};
use equilibrium::Equilibrium;

/// Orders α of the Matérn fields of `ln D`, and of the potential or the components of a vector.
const ORDERS: [usize; 2] = [2, 3];
/// Usual amplitudes: of `ln D`, and of a potential in kT, a force in kT/µm or a drift in µm/s.
const USUAL: [f64; 2] = [0.3, 2.0];
/// Range that fields exceed with a probability of 95 %, µm.
const LEAST_RANGE: f64 = 0.2;

/// The posterior of maps that are Matérn fields over the cells of a tessellation, in the variables
/// `[ln D…]`, `[ln D…, V…]` or `[ln D…, x components…, y components…]`.
///
/// Cells without data are variables too, of which the priors alone speak: fields go on across them,
/// and what lies on either side is compared. So are cells around the tessellation, since potentials
/// and vectors do not end with it.
#[derive(Debug)]
pub struct FieldPosterior<const D: usize> {
    likelihood: Box<dyn OfFields>,
    model: Model,
    /// Those that hold data.
    cells: Vec<usize>,
    /// Centers of all cells, µm, those around the tessellation last.
    centers: Vec<[f64; D]>,
    cell_count: usize,
    components: Vec<usize>,
    /// The vector of each cell with data: for each axis variables and weights, none where it is not
    /// defined.
    vectors: Vec<[Vec<(usize, f64)>; D]>,
    priors: Vec<Scaled>,
    /// Scales that are given, and not chosen.
    scales: Option<Vec<Scale>>,
    pattern: SymmetricPattern,
    analysis: Analysis,
    prior_mean: Vec<f64>,
    equilibrium: Option<Equilibrium>,
}

/// The cells of a tessellation, as far as fields go.
#[derive(Debug, Clone, Copy)]
pub struct Mesh<'a, const D: usize> {
    /// Their centers, µm.
    pub centers: &'a [[f64; D]],
    /// Their neighbours.
    pub adjacency: &'a Adjacency,
    /// Their areas or volumes.
    pub volumes: &'a [f64],
}

/// What a posterior is made of, beside priors.
struct Parts<const D: usize> {
    model: Model,
    likelihood: Box<dyn OfFields>,
    cells: Vec<usize>,
    vectors: Vec<[Vec<(usize, f64)>; D]>,
    log_d: f64,
    /// What the maps are expected to be, as [`Mesh::fields`] gives them.
    fields: Vec<Matern>,
    equilibrium: Option<Equilibrium>,
}

impl<const D: usize> Mesh<'_, D> {
    fn check(&self) -> Result<()> {
        let count = self.centers.len();
        check_length("volumes", self.volumes.len(), count, "`centers`")?;
        check_length("adjacency", self.adjacency.cell_count(), count, "`centers`")
    }

    /// The cells, and after them those around, into which the fields of a model go on, if it has any.
    fn with_margin(&self, model: Model) -> Result<WithMargin<D>> {
        self.check()?;
        if model.has_vector() {
            return with_margin(self.centers, self.adjacency, self.volumes);
        }
        Ok(WithMargin {
            centers: self.centers.to_vec(),
            adjacency: self.adjacency.clone(),
            volumes: self.volumes.to_vec(),
            faces: Vec::new(),
        })
    }

    /// Fields of `ln D`, and of the other maps of a model if it has any.
    ///
    /// That of `ln D` ends at the border of the cells, without a slope across it: D is often the same up to
    /// there, where it has the least data.
    fn fields(&self, whole: &WithMargin<D>, model: Model) -> Vec<Matern> {
        let slopes = QuadraticForm::of_slopes(self.centers, self.adjacency, self.volumes);
        let mut volumes = whole.volumes.clone();
        volumes[..self.volumes.len()].copy_from_slice(self.volumes);
        let mut fields = vec![Matern::new(&slopes, &volumes, ORDERS[0], D)];
        if model.has_vector() {
            let slopes = QuadraticForm::of_slopes_at_faces(&whole.centers, &whole.faces);
            fields.push(Matern::new(&slopes, &whole.volumes, ORDERS[1], D));
        }
        fields
    }
}

impl<const D: usize> FieldPosterior<D> {
    /// Puts the parts together, with the cells and those around.
    fn new(mesh: &Mesh<'_, D>, whole: WithMargin<D>, parts: Parts<D>) -> Self {
        let m = whole.centers.len();
        let count = if parts.model == Model::Potential {
            2 * m
        } else if parts.model.has_vector() {
            (1 + D) * m
        } else {
            m
        };
        let maps = [vec![0], (m..count).step_by(m).collect()];
        let fields = parts.fields.into_iter().zip(maps).enumerate();
        let priors: Vec<Scaled> = fields
            .map(|(which, (field, maps))| Scaled {
                maps,
                field,
                // The density of starts tells the level of V, which steps do not.
                has_free_mean: which == 0 || parts.equilibrium.is_some(),
                usual_amplitude: USUAL[which],
                least_range: LEAST_RANGE,
            })
            .collect();
        let mut couplings = parts.likelihood.couplings();
        for prior in &priors {
            let pattern = prior.field.pattern();
            for &first in &prior.maps {
                for column in 0..m {
                    let slots = pattern.starts()[column]..pattern.starts()[column + 1];
                    let rows = slots.map(|slot| pattern.rows()[slot] as usize);
                    couplings.extend(rows.map(|row| (first + row, first + column)));
                }
            }
        }
        let starts = parts.equilibrium.iter();
        couplings.extend(starts.flat_map(|equilibrium| equilibrium.starts.couplings()));
        for row in parts.vectors.iter().flatten() {
            for (k, &(i, _)) in row.iter().enumerate() {
                couplings.extend(row[..=k].iter().map(|&(j, _)| (i, j)));
            }
        }
        let pattern = SymmetricPattern::new(count, couplings);
        let mut prior_mean = vec![0.0; count];
        prior_mean[..m].fill(parts.log_d);
        Self {
            likelihood: parts.likelihood,
            model: parts.model,
            cells: parts.cells,
            centers: whole.centers,
            cell_count: m,
            components: mesh.adjacency.components(),
            vectors: parts.vectors,
            priors,
            scales: None,
            analysis: Analysis::new(&pattern),
            pattern,
            prior_mean,
            equilibrium: parts.equilibrium,
        }
    }

    /// Gives the scales of the priors, amplitude and range (µm) of the field of `ln D` and of the others:
    /// they are then not chosen.
    ///
    /// # Errors
    ///
    /// If there are not as many as priors, or one is not positive.
    pub fn set_scales(&mut self, scales: &[[f64; 2]]) -> Result<()> {
        check_length("scales", scales.len(), self.priors.len(), "the priors")?;
        let is_scale = |value: &f64| value.is_finite() && *value > 0.0;
        if let Some(index) = scales.iter().position(|scale| !scale.iter().all(is_scale)) {
            return Err(Error::Element {
                name: "scales",
                index,
                seen: format!("{:?}", scales[index]),
                expected: "an amplitude and a range in µm, both positive",
            });
        }
        self.scales = Some(scales.iter().map(|scale| scale.map(f64::ln)).collect());
        Ok(())
    }

    /// Number, in the tessellation, of each cell that holds data; ascending.
    #[must_use]
    pub fn cells(&self) -> &[usize] {
        &self.cells
    }

    /// Number of each cell that data tell of, ascending: those that hold data, and in equilibrium those in
    /// which a track may begin, whether one does or not.
    #[must_use]
    pub fn told_cells(&self) -> Vec<usize> {
        let starts = self.equilibrium.as_ref();
        let mut told = starts.map_or_else(Vec::new, |equilibrium| equilibrium.cells.clone());
        told.extend(&self.cells);
        told.sort_unstable();
        told.dedup();
        told
    }

    /// A start for the search.
    fn start(&self) -> Vec<f64> {
        let mut x = self.prior_mean.clone();
        if let Some(equilibrium) = &self.equilibrium {
            x[self.cell_count..].copy_from_slice(&equilibrium.potential);
        }
        x
    }

    /// The scales that are given, or else those of highest evidence, searched from some.
    fn choose(&self, problem: &Problem<'_>, start: &[Scale]) -> Result<Choice> {
        let found = match &self.scales {
            None => problem.choose(start),
            Some(given) => problem.at(given).map(|at| Choice {
                scales: given.clone(),
                at,
            }),
        };
        found.ok_or_else(no_posterior)
    }

    /// The likelihood at `x`: that of the data, and of where tracks begin.
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

fn no_posterior() -> Error {
    Error::InsufficientData {
        seen: "no scales of the priors for which the posterior is defined".into(),
        needed: "more translocations: enlarge the region or the cells".into(),
    }
}
