//! The posterior of a model: its likelihood and the priors of its maps, as an
//! [`Objective`](crate::optimizer::Objective).

use std::sync::Arc;

use super::cells::{Cells, check_not_negative, floor};
use super::field::Field;
use super::jeffreys::Jeffreys;
use super::likelihood::{Likelihood, of_displacements};
use super::priors::Priors;
use super::{Model, Prior, Quantity};
use crate::operators::{QuadraticForm, Smoothness, TimeSegments};
use crate::optimizer::{Curvature, Objective, SymmetricPattern};
use crate::statistics::CellStatistics;
use crate::tessellation::Adjacency;
use crate::{Error, Result};

/// What is given, beside the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// σ, the standard deviation of one localized coordinate, µm; beside the noise that the statistics
    /// tell of single displacements.
    pub localization_precision: f64,
    /// Lower bound on D, µm²/s. Not negative.
    pub min_diffusivity: f64,
    /// Which variation the priors of D and V penalise.
    pub smoothness: Smoothness,
    /// `λ_D`, s²/µm⁴: weight of the variation of D. Not negative.
    pub diffusivity_prior: f64,
    /// Weight of the prior of the other map, not negative: `λ_V`, kT⁻², of the variation of V, or `λ_u`,
    /// per area and squared unit of the vectors, of their magnitude. Without effect where there is none.
    pub field_prior: f64,
}

/// The negative log posterior of a model, `F(D, u) + λ_D S(D) + λ_V S(V)` or `… + λ_u Σ_cells a |u|²`,
/// in the variables `[D…, V…]` or `[D…, u…]` of the cells that hold data, the components of one cell's
/// vector side by side. `S` is how much a map varies ([`Smoothness`]), a the area (or volume) of a cell.
#[derive(Debug)]
pub struct Posterior<const D: usize> {
    pattern: SymmetricPattern,
    priors: Priors,
    likelihood: Box<dyn Likelihood<D>>,
    lower_bounds: Vec<f64>,
    field: Field<D>,
    statistics: Arc<CellStatistics<D>>,
    /// Widths of the cells, µm: the D-th roots of their areas or volumes.
    widths: Vec<f64>,
    cells: Vec<usize>,
    model: Model,
    has_jeffreys_prior: bool,
    pinned: Vec<usize>,
}

impl<const D: usize> Posterior<D> {
    /// Prepares the posterior of the cells that hold displacements; empty cells take no part, and
    /// neighbours are counted among the others.
    ///
    /// Takes neighbourhood and statistics over: copies of them, of many cells, are memory that the system
    /// clears first. O(m log m) for m cells; no later evaluation depends on the number of displacements.
    ///
    /// # Errors
    ///
    /// If lengths differ, a center or volume is not finite and positive, a parameter is out of its
    /// domain, or no cell holds displacements; for a potential, no two neighbouring ones; if one variable
    /// were coupled with more than 65 000 others, as that of a cell with hundreds of neighbours that have
    /// hundreds each.
    pub fn new(
        model: Model,
        centers: &[[f64; D]],
        adjacency: Adjacency,
        volumes: &[f64],
        statistics: CellStatistics<D>,
        parameters: Parameters,
    ) -> Result<Self> {
        let [field_prior, _] = model.field_priors();
        check_not_negative(&[
            ("localization_precision", parameters.localization_precision),
            ("diffusivity_prior", parameters.diffusivity_prior),
            (field_prior.unwrap_or("field_prior"), parameters.field_prior),
            ("min_diffusivity", parameters.min_diffusivity),
        ])?;
        let precision = parameters.localization_precision;
        let cells = Cells::with_data(centers, adjacency, volumes, statistics, precision)?;
        cells.check_enough_for(model)?;
        let m = cells.numbers.len();
        let field = Field::new(model, &cells.centers, &cells.adjacency);
        cells.check_couplings(1 + field.per_cell())?;
        let field_size = m * field.per_cell();
        let bound = |cell| floor(cells.statistics.cell(cell)).max(parameters.min_diffusivity);
        let mut lower_bounds = Vec::with_capacity(m + field_size);
        lower_bounds.extend((0..m).map(bound));
        lower_bounds.resize(m + field_size, f64::NEG_INFINITY);
        let variation = QuadraticForm::new(
            parameters.smoothness,
            &cells.centers,
            &cells.adjacency,
            &cells.volumes,
        );
        let of_field = match &field {
            Field::None => None,
            Field::Vectors => Some(QuadraticForm::of_squares(
                cells.volumes.iter().flat_map(|&a| [a; D]),
            )),
            Field::Potential(_) => Some(variation.clone()),
        };
        // They are in the operators now; without them there is more room for what follows.
        drop(cells.adjacency);
        let width = |volume: f64| volume.powf(1.0 / D as f64);
        let statistics = Arc::new(cells.statistics);
        let mut posterior = Self {
            model,
            cells: cells.numbers,
            likelihood: of_displacements(model, &statistics, &field),
            statistics,
            field,
            priors: Priors::new(m, field_size),
            has_jeffreys_prior: false,
            lower_bounds,
            pinned: Vec::new(),
            pattern: SymmetricPattern::new(0, []).at(cells.centers),
            widths: cells.volumes.into_iter().map(width).collect(),
        };
        let of_diffusivity = Prior {
            quantity: Quantity::Diffusivity,
            form: variation,
            weight: parameters.diffusivity_prior,
        };
        let of_field = of_field.map(|form| Prior {
            quantity: Quantity::Field,
            form,
            weight: parameters.field_prior,
        });
        posterior.add_priors([of_diffusivity].into_iter().chain(of_field));
        Ok(posterior)
    }

    /// Adds priors of the maps over the cells that hold data, numbered as in [`cells`](Self::cells).
    ///
    /// O(n log k) for n pairs of variables that anything couples, k of one variable.
    ///
    /// # Panics
    ///
    /// If one couples a variable with 2¹⁶ others.
    pub fn add_priors(&mut self, priors: impl IntoIterator<Item = Prior>) {
        self.priors.extend(priors);
        self.pattern = self.coupled().at_places_of(&self.pattern);
        self.likelihood.locate(&self.pattern);
        self.priors.locate(&self.pattern);
        self.pinned = self.pinned_potentials();
    }

    /// Adds priors on the change of D and of the potential in time, those that have a weight: `λ_D'`,
    /// s⁴/µm⁶ in 2-D, and `λ_V'`, s²/µm² kT⁻² in 2-D, of the [variation](TimeSegments::variation).
    ///
    /// Cells of the posterior are numbered as those of the segments. With a prior on V, potentials of
    /// cells in different segments are known up to one common constant.
    ///
    /// # Errors
    ///
    /// If a weight is negative, the model has no such map, or as [`TimeSegments::variation`].
    pub fn add_time_priors(
        &mut self,
        segments: &TimeSegments,
        diffusivity_prior: Option<f64>,
        field_prior: Option<f64>,
    ) -> Result<()> {
        let [_, of_field] = self.model.field_priors();
        if let (None, Some(weight)) = (of_field, field_prior) {
            return Err(Error::Value {
                name: "field_prior",
                seen: weight.to_string(),
                expected: "none: the model has no map but D that changes in time",
            });
        }
        let form = segments.variation(self.cells())?;
        let mut priors = Vec::new();
        for (quantity, name, weight) in [
            (
                Quantity::Diffusivity,
                Some("diffusivity_time_prior"),
                diffusivity_prior,
            ),
            (Quantity::Field, of_field, field_prior),
        ] {
            let (Some(name), Some(weight)) = (name, weight) else {
                continue;
            };
            check_not_negative(&[(name, weight)])?;
            priors.push(Prior {
                quantity,
                form: form.clone(),
                weight,
            });
        }
        self.add_priors(priors);
        Ok(())
    }

    /// Adds Jeffreys' prior on D and the vector of each cell. It has no norm, nor does the evidence
    /// then.
    #[must_use]
    pub fn with_jeffreys_prior(mut self) -> Self {
        let jeffreys = Jeffreys::new(&self.statistics, self.model);
        let floor = jeffreys.floor(&self.statistics);
        let m = self.cell_count();
        for bound in &mut self.lower_bounds[..m] {
            *bound = bound.max(floor);
        }
        self.likelihood.add_jeffreys_prior(jeffreys);
        self.has_jeffreys_prior = true;
        self
    }

    /// Number of cells that hold data, m.
    #[must_use]
    pub fn cell_count(&self) -> usize {
        self.cells.len()
    }

    /// Number, in the tessellation, of each cell that holds data; ascending.
    #[must_use]
    pub fn cells(&self) -> &[usize] {
        &self.cells
    }

    /// Number of displacements in each cell that holds data.
    #[must_use]
    pub fn counts(&self) -> Vec<f64> {
        let cells = 0..self.cell_count();
        cells.map(|cell| self.statistics.count(cell)).collect()
    }

    /// Weight of every prior: that of D, that of the other map if there is one, and those added.
    #[must_use]
    pub fn prior_weights(&self) -> Vec<f64> {
        self.priors.weights()
    }

    /// Replaces the weight of every prior.
    pub fn set_prior_weights(&mut self, weights: &[f64]) {
        self.priors.set_weights(weights);
    }

    /// A start for the search: in each cell the diffusivity that matches the mean squared displacement;
    /// in a flat potential, or with the mean drift.
    #[must_use]
    pub fn start(&self) -> Vec<f64> {
        let is_pulled = self.has_jeffreys_prior || self.prior_weights().iter().sum::<f64>() > 0.0;
        self.likelihood.start(&self.lower_bounds, is_pulled)
    }

    /// The vector of each cell, force or drift, at `x`; NaN along an axis where it is undefined, zero
    /// in a model that has none.
    #[must_use]
    pub fn vectors(&self, x: &[f64]) -> Vec<[f64; D]> {
        let m = self.cell_count();
        (0..m).map(|cell| self.field.vector(x, m, cell)).collect()
    }

    pub(super) fn widths(&self) -> &[f64] {
        &self.widths
    }

    pub(super) fn model(&self) -> Model {
        self.model
    }

    pub(super) fn field(&self) -> &Field<D> {
        &self.field
    }

    pub(super) fn statistics(&self) -> &CellStatistics<D> {
        &self.statistics
    }

    pub(super) fn priors(&self) -> &Priors {
        &self.priors
    }

    pub(super) fn has_jeffreys_prior(&self) -> bool {
        self.has_jeffreys_prior
    }

    /// Whether a diffusivity is as low as the noise allows in a cell, so that nothing of the motion
    /// is left to see.
    pub(super) fn is_static(&self, cell: usize, diffusivity: f64) -> bool {
        diffusivity <= floor(self.statistics.cell(cell))
    }

    /// Whether a cell holds displacements without noise: static molecules have no likelihood then.
    pub(super) fn is_noiseless(&self, cell: usize) -> bool {
        floor(self.statistics.cell(cell)) > 0.0
    }

    /// Has the likelihood be that of another model with variables of the same kind.
    pub(super) fn replace_likelihood(&mut self, model: Model) {
        self.likelihood = of_displacements(model, &self.statistics, &self.field);
        if self.has_jeffreys_prior {
            let jeffreys = Jeffreys::new(&self.statistics, self.model);
            self.likelihood.add_jeffreys_prior(jeffreys);
        }
        self.likelihood.locate(&self.pattern);
    }

    /// The pattern of what couples variables.
    fn coupled(&self) -> SymmetricPattern {
        let both = [self.likelihood.couplings(), self.priors.couplings()];
        let at_most = both.iter().map(|couplings| couplings.at_most).sum();
        SymmetricPattern::by_columns(self.lower_bounds.len(), at_most, |column, tell| {
            for couplings in &both {
                (couplings.tell_rows)(column, tell);
            }
        })
    }
}

impl<const D: usize> Objective for Posterior<D> {
    fn lower_bounds(&self) -> &[f64] {
        &self.lower_bounds
    }

    fn pinned(&self) -> &[usize] {
        &self.pinned
    }

    fn value(&self, x: &[f64]) -> f64 {
        self.priors.value(x) + self.likelihood.value(x)
    }

    fn gradient(&self, x: &[f64], gradient: &mut [f64]) {
        gradient.fill(0.0);
        self.priors.add_gradient(x, gradient);
        self.likelihood.add_gradient(x, gradient);
    }

    fn pattern(&self) -> &SymmetricPattern {
        &self.pattern
    }

    fn curvature(&self, x: &[f64], which: Curvature, values: &mut [f64]) {
        values.fill(0.0);
        self.priors.add_curvature(&self.pattern, values);
        self.likelihood
            .add_curvature(x, which, &self.pattern, values);
    }
}
