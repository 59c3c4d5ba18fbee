//! Models in which the displacements of a cell depend on quantities of that cell alone.
//!
//! In cell i, a displacement over a lag `Δt` is Gaussian with mean `μ = h(D) Δt u` and variance
//! `2 (D τ + σ²)` along each axis, where `τ` is the lag less a third of the exposure. `D` and the vector
//! `u` belong to the cell; the function h, which is affine, tells the models apart: each has a file of
//! its own. With `q = 4 (D τ + σ²)`, the negative log posterior is
//!
//! ```text
//! F(D, u) = Σ_cells { Σ_groups [ n d/2 ln(π q) + R / q ] + λ_u a |u|² } + λ_D S(D),
//! R       = Σ |Δr − μ|² = Σ|Δr|² − 2 μ·ΣΔr + n |μ|²,
//! ```
//!
//! where a is the area (or volume) of the cell and `S` the [`Variation`], which is all that couples
//! the cells.

use std::fmt::Debug;
use std::marker::PhantomData;

use super::cells::{Cells, check_not_negative};
use super::jeffreys::Jeffreys;
use crate::operators::{Smoothness, Variation};
use crate::optimizer::{Curvature, Objective, SymmetricPattern};
use crate::statistics::{CellStatistics, LagGroup};
use crate::tessellation::Adjacency;
use crate::{Error, Result};

/// Diffusivity of a cell that starts the search, relative to the mean over cells, where a prior may
/// pull it up: Newton's method goes down from there in one step, but up from near zero in many.
const LEAST_START: f64 = 0.05;

/// How the mean displacement follows from the vector of a cell.
pub trait Motion: Clone + Debug + Send + Sync {
    /// Whether a cell has a vector.
    const HAS_VECTOR: bool;
    /// Whether that acts through the diffusivity.
    const IS_FORCE: bool = false;
    /// Name of the parameter that penalises the vector.
    const VECTOR_PRIOR: &'static str;
    /// `h(D)` and its derivative.
    fn mobility(diffusivity: f64) -> [f64; 2];
}

/// What is given, beside the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellwiseParameters {
    /// σ, the standard deviation of one localised coordinate, µm; beside the noise that the statistics
    /// tell of single displacements.
    pub localization_precision: f64,
    /// `λ_D`, s²/µm⁴: weight of the variation of D. Not negative.
    pub diffusivity_prior: f64,
    /// `λ_u`, per area and squared unit of the vector: weight of its magnitude. Not negative.
    pub vector_prior: f64,
    /// Lower bound on D, µm²/s. Not negative.
    pub min_diffusivity: f64,
    /// Which variation the priors penalise.
    pub smoothness: Smoothness,
}

/// The posterior of such a model, in the variables `[D…, u…]` of the cells that hold data, the
/// components of one cell's vector side by side.
#[derive(Debug, Clone)]
pub struct Cellwise<M, const D: usize> {
    cells: Vec<usize>,
    statistics: CellStatistics<D>,
    volumes: Vec<f64>,
    variation: Variation,
    parameters: CellwiseParameters,
    floors: Vec<f64>,
    lower_bounds: Vec<f64>,
    pattern: SymmetricPattern,
    jeffreys: Option<Jeffreys>,
    motion: PhantomData<M>,
}

impl<M: Motion, const D: usize> Cellwise<M, D> {
    /// Components of a cell's vector.
    const COMPONENTS: usize = if M::HAS_VECTOR { D } else { 0 };

    /// Prepares the posterior of the cells that hold displacements; empty cells take no part, and
    /// neighbours are counted among the others.
    ///
    /// Takes O(m log m) for m cells; no later evaluation depends on the number of displacements.
    ///
    /// # Errors
    ///
    /// If lengths differ, a centre or volume is not finite and positive, a parameter is out of its
    /// domain, or no cell holds displacements.
    pub fn new(
        centers: &[[f64; D]],
        adjacency: &Adjacency,
        volumes: &[f64],
        statistics: &CellStatistics<D>,
        parameters: CellwiseParameters,
    ) -> Result<Self> {
        check_not_negative(&[
            ("localization_precision", parameters.localization_precision),
            ("diffusivity_prior", parameters.diffusivity_prior),
            (M::VECTOR_PRIOR, parameters.vector_prior),
            ("min_diffusivity", parameters.min_diffusivity),
        ])?;
        let precision = parameters.localization_precision;
        let cells = Cells::with_data(centers, adjacency, volumes, statistics, precision)?;
        let m = cells.numbers.len();
        if m == 0 {
            return Err(Error::InsufficientData {
                seen: format!("none of {} cells holds a translocation", centers.len()),
                needed: "a map needs at least one: enlarge the region".into(),
            });
        }
        let variation = Variation::new(
            parameters.smoothness,
            &cells.centers,
            &cells.adjacency,
            &cells.volumes,
        );
        let floors = cells.floors();
        let mut lower_bounds: Vec<f64> = floors
            .iter()
            .map(|floor| floor.max(parameters.min_diffusivity))
            .collect();
        lower_bounds.resize(m * (1 + Self::COMPONENTS), f64::NEG_INFINITY);
        let pattern = Self::pattern_of(&variation, m);
        Ok(Self {
            cells: cells.numbers,
            statistics: cells.statistics,
            volumes: cells.volumes,
            variation,
            parameters,
            floors,
            lower_bounds,
            pattern,
            jeffreys: None,
            motion: PhantomData,
        })
    }

    /// Adds Jeffreys' prior on D and the vector of each cell. It has no norm, nor does the evidence
    /// then.
    #[must_use]
    pub fn with_jeffreys_prior(mut self) -> Self {
        let jeffreys = Jeffreys::new(&self.statistics, Self::COMPONENTS, M::IS_FORCE);
        let floor = jeffreys.floor(&self.statistics);
        let m = self.cell_count();
        for bound in &mut self.lower_bounds[..m] {
            *bound = bound.max(floor);
        }
        self.jeffreys = Some(jeffreys);
        self
    }

    pub(super) fn has_jeffreys_prior(&self) -> bool {
        self.jeffreys.is_some()
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

    /// A start for the search: in each cell the mean drift, and the diffusivity that matches the mean
    /// squared displacement about it. Without priors and where all lags and noises of a cell are equal,
    /// that is the minimum.
    #[must_use]
    pub fn start(&self) -> Vec<f64> {
        let mut total = [0.0; 2];
        let mut drifts = Vec::with_capacity(self.cell_count());
        let mut x = Vec::with_capacity(self.lower_bounds.len());
        for cell in 0..self.cell_count() {
            let groups = self.statistics.cell(cell);
            let time: f64 = groups.iter().map(|group| group.count * group.lag).sum();
            let diffusion_time = groups
                .iter()
                .map(|group| group.count * group.diffusion_time)
                .sum::<f64>();
            let drift: [f64; D] = if M::HAS_VECTOR {
                std::array::from_fn(|k| groups.iter().map(|g| g.sum[k]).sum::<f64>() / time)
            } else {
                [0.0; D]
            };
            let square: f64 = groups
                .iter()
                .map(|group| {
                    let r = residual(group, &drift.map(|v| v * group.lag));
                    r / (2 * D) as f64 - group.count * group.noise
                })
                .sum();
            total[0] += square;
            total[1] += diffusion_time;
            x.push(square / diffusion_time);
            drifts.push(drift);
        }
        let priors = self.parameters.diffusivity_prior + self.parameters.vector_prior;
        let least = if priors > 0.0 || self.has_jeffreys_prior() {
            LEAST_START * (total[0] / total[1]).max(0.0)
        } else {
            0.0
        };
        for (d, bound) in x.iter_mut().zip(&self.lower_bounds) {
            *d = d.max(least).max(*bound);
        }
        for (cell, drift) in drifts.iter().enumerate().filter(|_| M::HAS_VECTOR) {
            let [h, _] = M::mobility(x[cell]);
            x.extend(drift.map(|v| if h > 0.0 { v / h } else { 0.0 }));
        }
        x
    }

    pub(super) fn parameters(&self) -> &CellwiseParameters {
        &self.parameters
    }

    /// Replaces the prior on D by another form, its weight included.
    pub(super) fn set_variation(&mut self, variation: Variation) {
        self.pattern = Self::pattern_of(&variation, self.cell_count());
        self.variation = variation;
        self.parameters.diffusivity_prior = 1.0;
    }

    pub(super) fn variation(&self) -> &Variation {
        &self.variation
    }

    pub(super) fn volumes(&self) -> &[f64] {
        &self.volumes
    }

    /// Whether a diffusivity is as low as the noise allows in a cell, so that nothing of the motion
    /// is left to see.
    pub(super) fn is_static(&self, cell: usize, diffusivity: f64) -> bool {
        diffusivity <= self.floors[cell]
    }

    /// Whether a cell holds displacements without noise: static molecules have no likelihood then.
    pub(super) fn is_noiseless(&self, cell: usize) -> bool {
        self.floors[cell] > 0.0
    }

    /// Number of the variable that is a component of a cell's vector.
    pub(super) fn variable(&self, cell: usize, axis: usize) -> usize {
        self.cell_count() + Self::COMPONENTS * cell + axis
    }

    /// The vector of a cell; zero in a model that has none.
    pub(super) fn vector(&self, x: &[f64], cell: usize) -> [f64; D] {
        std::array::from_fn(|axis| {
            if M::HAS_VECTOR {
                x[self.variable(cell, axis)]
            } else {
                0.0
            }
        })
    }

    /// The same posterior for another model of motion, without a penalty on its vector.
    pub(super) fn unpenalized<N: Motion>(&self) -> Cellwise<N, D> {
        const { assert!(N::HAS_VECTOR == M::HAS_VECTOR) };
        Cellwise {
            cells: self.cells.clone(),
            statistics: self.statistics.clone(),
            volumes: self.volumes.clone(),
            variation: self.variation.clone(),
            parameters: CellwiseParameters {
                vector_prior: 0.0,
                ..self.parameters
            },
            floors: self.floors.clone(),
            lower_bounds: self.lower_bounds.clone(),
            pattern: self.pattern.clone(),
            jeffreys: self.jeffreys.clone(),
            motion: PhantomData,
        }
    }

    fn pattern_of(variation: &Variation, m: usize) -> SymmetricPattern {
        let count = Self::COMPONENTS;
        let mixed = (0..m).flat_map(|cell| (0..count).map(move |k| (cell, m + count * cell + k)));
        let smooth = variation.entries().iter().map(|&(i, j, _)| (i, j));
        SymmetricPattern::new(m * (1 + count), mixed.chain(smooth))
    }

    /// Derivatives of the likelihood of one cell with respect to its D and its vector.
    fn terms(&self, cell: usize, d: f64, u: &[f64; D], which: Curvature) -> Terms<D> {
        let [h, h_d] = M::mobility(d);
        let mut terms = Terms {
            d: 0.0,
            u: [0.0; D],
            dd: 0.0,
            du: [0.0; D],
            uu: 0.0,
        };
        if let Some(prior) = &self.jeffreys {
            [terms.d, terms.dd] = prior.derivatives(cell, d, which);
        }
        for group in self.statistics.cell(cell) {
            let LagGroup {
                lag, count: n, sum, ..
            } = group;
            let q = 4.0 * group.half_variance(d);
            let mean = u.map(|u| h * lag * u);
            let r = residual(group, &mean);
            // Half the derivative of R by μ; its mean is zero.
            let pull: [f64; D] = std::array::from_fn(|k| n * mean[k] - sum[k]);
            let mean_d = u.map(|u| h_d * lag * u);
            let logarithm = 0.5 * D as f64 * n;
            let ratio = 4.0 * group.diffusion_time / q; // (∂q/∂D) / q
            let r_d = 2.0 * dot(&pull, &mean_d);
            let r_dd = 2.0 * n * dot(&mean_d, &mean_d);
            terms.d += logarithm * ratio + (r_d - r * ratio) / q;
            terms.dd += match which {
                Curvature::Exact => {
                    (r_dd - 2.0 * r_d * ratio + 2.0 * r * ratio * ratio) / q
                        - logarithm * ratio * ratio
                }
                // Under the model, the mean of R is n d q / 2.
                Curvature::Expected => logarithm * ratio * ratio + r_dd / q,
            };
            terms.uu += 2.0 * n * (h * lag).powi(2) / q;
            for k in 0..D {
                terms.u[k] += 2.0 * h * lag * pull[k] / q;
                terms.du[k] += 2.0 * n * h * lag * mean_d[k] / q;
                if which == Curvature::Exact {
                    terms.du[k] += 2.0 * lag * (h_d - h * ratio) * pull[k] / q;
                }
            }
        }
        terms
    }
}

impl<M: Motion, const D: usize> Objective for Cellwise<M, D> {
    fn lower_bounds(&self) -> &[f64] {
        &self.lower_bounds
    }

    fn pinned(&self) -> &[usize] {
        &[]
    }

    fn value(&self, x: &[f64]) -> f64 {
        let (diffusivity, _) = x.split_at(self.cell_count());
        let mut value = self.parameters.diffusivity_prior * self.variation.value(diffusivity);
        for (cell, &d) in diffusivity.iter().enumerate() {
            let u = self.vector(x, cell);
            let [h, _] = M::mobility(d);
            value += self
                .jeffreys
                .as_ref()
                .map_or(0.0, |prior| prior.value(cell, d));
            value += self.parameters.vector_prior * self.volumes[cell] * dot(&u, &u);
            for group in self.statistics.cell(cell) {
                let q = 4.0 * group.half_variance(d);
                value += 0.5 * D as f64 * group.count * (std::f64::consts::PI * q).ln()
                    + residual(group, &u.map(|u| h * group.lag * u)) / q;
            }
        }
        value
    }

    fn gradient(&self, x: &[f64], gradient: &mut [f64]) {
        let (diffusivity, _) = x.split_at(self.cell_count());
        gradient.fill(0.0);
        let prior = self.parameters.diffusivity_prior;
        self.variation.add_gradient(prior, diffusivity, gradient);
        for (cell, &d) in diffusivity.iter().enumerate() {
            let u = self.vector(x, cell);
            let terms = self.terms(cell, d, &u, Curvature::Exact);
            gradient[cell] += terms.d;
            let penalty = 2.0 * self.parameters.vector_prior * self.volumes[cell];
            for axis in 0..Self::COMPONENTS {
                gradient[self.variable(cell, axis)] = terms.u[axis] + penalty * u[axis];
            }
        }
    }

    fn pattern(&self) -> &SymmetricPattern {
        &self.pattern
    }

    fn curvature(&self, x: &[f64], which: Curvature, values: &mut [f64]) {
        let (diffusivity, _) = x.split_at(self.cell_count());
        values.fill(0.0);
        for &(i, j, value) in self.variation.entries() {
            values[self.pattern.slot(i, j)] += 2.0 * self.parameters.diffusivity_prior * value;
        }
        for (cell, &d) in diffusivity.iter().enumerate() {
            let terms = self.terms(cell, d, &self.vector(x, cell), which);
            values[self.pattern.diagonal(cell)] += terms.dd;
            let penalty = 2.0 * self.parameters.vector_prior * self.volumes[cell];
            for axis in 0..Self::COMPONENTS {
                let variable = self.variable(cell, axis);
                values[self.pattern.diagonal(variable)] = terms.uu + penalty;
                values[self.pattern.slot(cell, variable)] = terms.du[axis];
            }
        }
    }
}

/// First and second derivatives of one cell's negative log likelihood by its D (`d`) and its vector
/// (`u`); the one by the vector twice is this multiple of the identity.
struct Terms<const D: usize> {
    d: f64,
    u: [f64; D],
    dd: f64,
    du: [f64; D],
    uu: f64,
}

/// `Σ |Δr − μ|²`.
fn residual<const D: usize>(group: &LagGroup<D>, mean: &[f64; D]) -> f64 {
    let r = group.sum_of_squares - 2.0 * dot(mean, &group.sum) + group.count * dot(mean, mean);
    r.max(0.0) // what is left of equal terms may be negative by rounding
}

fn dot<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
