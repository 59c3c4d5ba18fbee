//! The DV model: diffusion in a potential.
//!
//! In cell i, a displacement over a lag `Δt` is Gaussian with mean `−D Δt ∇V` and variance
//! `2 (D τ + σ²)` along each axis (overdamped Langevin equation, forces in units of kT; El Beheiry,
//! Dahan & Masson, Nat. Methods 12, 594, 2015), where `τ` is the lag less a third of the exposure. With
//! `b = D Δt`, `q = 4 (D τ + σ²)` and `g = ∇V`, the negative log posterior is
//!
//! ```text
//! F(D, V) = Σ_cells Σ_groups [ n d/2 ln(π q) + R / q ] + λ_D S(D) + λ_V S(V),
//! R       = Σ |Δr + b g|² = Σ|Δr|² + 2 b g·ΣΔr + n b² |g|²,
//! ```
//!
//! where `S` is the [`Variation`]. A cell at which a component of the gradient is undefined counts
//! as force-free. `F` does not change when a constant is added to `V` in a connected component.

use super::cells::{Cells, check_not_negative};
use super::jeffreys::Jeffreys;
use super::priors::{Prior, Priors, Quantity};
use crate::operators::{GradientOperator, Smoothness, Variation};
use crate::optimizer::{Curvature, Objective, SymmetricPattern};
use crate::statistics::{CellStatistics, LagGroup};
use crate::tessellation::Adjacency;
use crate::{Error, Result};

/// What is given, beside the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// σ, the standard deviation of one localised coordinate, µm; beside the noise that the statistics
    /// tell of single displacements.
    pub localization_precision: f64,
    /// `λ_D`, s²/µm⁴: weight of the variation of D. Not negative.
    pub diffusivity_prior: f64,
    /// `λ_V`, kT⁻²: weight of the variation of V. Not negative.
    pub potential_prior: f64,
    /// Lower bound on D, µm²/s. Not negative.
    pub min_diffusivity: f64,
    /// Which variation the priors penalise.
    pub smoothness: Smoothness,
}

/// The posterior of the DV model, in the variables `[D…, V…]` of the cells that hold data.
#[derive(Debug, Clone)]
pub struct DiffusivityPotential<const D: usize> {
    cells: Vec<usize>,
    statistics: CellStatistics<D>,
    gradient: GradientOperator<D>,
    priors: Priors,
    lower_bounds: Vec<f64>,
    pinned: Vec<usize>,
    pattern: SymmetricPattern,
    slots: Slots,
    jeffreys: Option<Jeffreys>,
}

impl<const D: usize> DiffusivityPotential<D> {
    /// Prepares the posterior of the cells that hold displacements, with the priors of the parameters; empty cells take no part, and
    /// neighbours are counted among the others.
    ///
    /// Takes O(m log m) for m cells; no later evaluation depends on the number of displacements.
    ///
    /// # Errors
    ///
    /// If lengths differ, a centre or volume is not finite and positive, a parameter is out of its
    /// domain, or no two neighbouring cells hold displacements.
    pub fn new(
        centers: &[[f64; D]],
        adjacency: &Adjacency,
        volumes: &[f64],
        statistics: &CellStatistics<D>,
        parameters: Parameters,
    ) -> Result<Self> {
        check_not_negative(&[
            ("localization_precision", parameters.localization_precision),
            ("diffusivity_prior", parameters.diffusivity_prior),
            ("potential_prior", parameters.potential_prior),
            ("min_diffusivity", parameters.min_diffusivity),
        ])?;
        let precision = parameters.localization_precision;
        let cells = Cells::with_data(centers, adjacency, volumes, statistics, precision)?;
        let m = cells.numbers.len();
        if (0..m).all(|cell| cells.adjacency.neighbours(cell).is_empty()) {
            return Err(Error::InsufficientData {
                seen: format!("{m} cells hold translocations, none beside another"),
                needed: "a potential needs at least two neighbouring cells with data: enlarge the \
                         region or the cells"
                    .into(),
            });
        }
        let gradient = GradientOperator::new(&cells.centers, &cells.adjacency);
        let variation = Variation::new(
            parameters.smoothness,
            &cells.centers,
            &cells.adjacency,
            &cells.volumes,
        );
        let priors = [
            (Quantity::Diffusivity, parameters.diffusivity_prior),
            (Quantity::Potential, parameters.potential_prior),
        ];
        let priors = priors.map(|(quantity, weight)| Prior {
            quantity,
            variation: variation.clone(),
            weight,
        });
        let mut lower_bounds: Vec<f64> = cells
            .floors()
            .iter()
            .map(|floor| floor.max(parameters.min_diffusivity))
            .collect();
        lower_bounds.resize(2 * m, f64::NEG_INFINITY);
        let mut posterior = Self {
            cells: cells.numbers,
            statistics: cells.statistics,
            gradient,
            priors: Priors::new(m),
            lower_bounds,
            pinned: Vec::new(),
            pattern: SymmetricPattern::new(0, []),
            slots: Slots::default(),
            jeffreys: None,
        };
        posterior.add_priors(priors);
        Ok(posterior)
    }

    /// Adds priors, of the maps over the cells that hold data, numbered as in [`cells`](Self::cells).
    ///
    /// O(n log n) for n pairs of cells that anything couples.
    pub fn add_priors(&mut self, priors: impl IntoIterator<Item = Prior>) {
        self.priors.extend(priors);
        let m = self.cell_count();
        let couplings: Vec<(usize, usize)> = self.priors.couplings().collect();
        (self.pattern, self.slots) = pattern(&self.gradient, &couplings, m);
        self.priors.locate(&self.pattern);
        self.pinned = fullest_cells(self.components(), &self.statistics)
            .into_iter()
            .map(|cell| m + cell)
            .collect();
    }

    /// Adds Jeffreys' prior on D and the force of each cell. It has no norm, nor does the evidence
    /// then.
    #[must_use]
    pub fn with_jeffreys_prior(mut self) -> Self {
        let jeffreys = Jeffreys::new(&self.statistics, D, true);
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

    /// Number of cells that hold data, m; the posterior has 2m variables.
    #[must_use]
    pub fn cell_count(&self) -> usize {
        self.cells.len()
    }

    /// Number, in the tessellation, of each cell that holds data; ascending.
    #[must_use]
    pub fn cells(&self) -> &[usize] {
        &self.cells
    }

    /// Weight of every prior: that of the variation of D, that of V, and those added.
    #[must_use]
    pub fn prior_weights(&self) -> Vec<f64> {
        self.priors.weights()
    }

    /// Replaces the weight of every prior.
    pub fn set_prior_weights(&mut self, weights: &[f64]) {
        self.priors.set_weights(weights);
    }

    /// Number, for each cell, of the set of cells that are connected to it.
    fn components(&self) -> &[usize] {
        self.priors.components(Quantity::Potential)
    }

    pub(super) fn priors(&self) -> &Priors {
        &self.priors
    }

    pub(super) fn gradient_operator(&self) -> &GradientOperator<D> {
        &self.gradient
    }

    /// The cells of each connected set, whose potentials are known up to one constant.
    pub(super) fn component_cells(&self) -> Vec<Vec<usize>> {
        let mut cells = vec![Vec::new(); self.pinned.len()];
        for (cell, &component) in self.components().iter().enumerate() {
            cells[component].push(cell);
        }
        cells
    }

    /// A start for the search: in each cell the diffusivity that matches the mean squared
    /// displacement (at least a twentieth of its mean over all cells), in a flat potential.
    #[must_use]
    pub fn start(&self) -> Vec<f64> {
        let m = self.cell_count();
        let mut total = [0.0; 2];
        let moments: Vec<[f64; 2]> = (0..m)
            .map(|cell| {
                let mut moments = [0.0; 2];
                for group in self.statistics.cell(cell) {
                    moments[0] += group.sum_of_squares / (2 * D) as f64 - group.count * group.noise;
                    moments[1] += group.count * group.diffusion_time;
                }
                total[0] += moments[0];
                total[1] += moments[1];
                moments
            })
            .collect();
        let least = 0.05 * (total[0] / total[1]).max(0.0);
        let mut x: Vec<f64> = moments
            .iter()
            .map(|[square, time]| (square / time).max(least))
            .collect();
        for (x, bound) in x.iter_mut().zip(&self.lower_bounds) {
            *x = x.max(*bound);
        }
        x.resize(2 * m, 0.0);
        x
    }

    /// Shifts V so that its least value in each connected component is zero; V of a cell without
    /// neighbours, about which the data say nothing, becomes NaN.
    pub fn normalize_potential(&self, x: &mut [f64]) {
        let potential = &mut x[self.cell_count()..];
        let count = self.components().iter().max().map_or(0, |last| last + 1);
        let mut least = vec![f64::INFINITY; count];
        let mut size = vec![0_usize; count];
        for (&component, &v) in self.components().iter().zip(potential.iter()) {
            least[component] = least[component].min(v);
            size[component] += 1;
        }
        for (&component, v) in self.components().iter().zip(potential) {
            *v = if size[component] > 1 {
                *v - least[component]
            } else {
                f64::NAN
            };
        }
    }

    /// The force `−∇V` in kT/µm at each cell, NaN along an axis where the gradient is undefined.
    #[must_use]
    pub fn force(&self, potential: &[f64]) -> Vec<[f64; D]> {
        (0..self.cell_count())
            .map(|cell| {
                let gradient = self.gradient.apply(potential, cell);
                let defined = self.gradient.defined(cell);
                std::array::from_fn(|axis| {
                    if defined[axis] {
                        -gradient[axis]
                    } else {
                        f64::NAN
                    }
                })
            })
            .collect()
    }

    /// The gradient of V at a cell as the likelihood uses it: zero unless wholly defined.
    fn potential_gradient(&self, potential: &[f64], cell: usize) -> [f64; D] {
        if self.gradient.defined(cell).iter().all(|defined| *defined) {
            self.gradient.apply(potential, cell)
        } else {
            [0.0; D]
        }
    }
}

impl<const D: usize> Objective for DiffusivityPotential<D> {
    fn lower_bounds(&self) -> &[f64] {
        &self.lower_bounds
    }

    fn pinned(&self) -> &[usize] {
        &self.pinned
    }

    fn value(&self, x: &[f64]) -> f64 {
        let (diffusivity, potential) = x.split_at(self.cell_count());
        let mut value = self.priors.value(x);
        for (cell, &d) in diffusivity.iter().enumerate() {
            value += self
                .jeffreys
                .as_ref()
                .map_or(0.0, |prior| prior.value(cell, d));
            let g = self.potential_gradient(potential, cell);
            for group in self.statistics.cell(cell) {
                let b = d * group.lag;
                let q = 4.0 * group.half_variance(d);
                value += 0.5 * D as f64 * group.count * (std::f64::consts::PI * q).ln()
                    + residual(group, b, &g) / q;
            }
        }
        value
    }

    fn gradient(&self, x: &[f64], gradient: &mut [f64]) {
        let m = self.cell_count();
        let (diffusivity, potential) = x.split_at(m);
        gradient.fill(0.0);
        self.priors.add_gradient(x, gradient);
        let (by_d, by_v) = gradient.split_at_mut(m);
        for (cell, &d) in diffusivity.iter().enumerate() {
            let g = self.potential_gradient(potential, cell);
            let terms = self.cell_terms(cell, d, &g, Curvature::Exact);
            by_d[cell] += terms.d;
            for (slot, weight) in self.row(cell) {
                by_v[slot] += dot(weight, &terms.g);
            }
        }
    }

    fn pattern(&self) -> &SymmetricPattern {
        &self.pattern
    }

    fn curvature(&self, x: &[f64], which: Curvature, values: &mut [f64]) {
        let (diffusivity, potential) = x.split_at(self.cell_count());
        values.copy_from_slice(self.priors.curvature());
        let mut mixed = self.slots.mixed.iter();
        let mut squared = self.slots.squared.iter();
        for (cell, &d) in diffusivity.iter().enumerate() {
            let g = self.potential_gradient(potential, cell);
            let terms = self.cell_terms(cell, d, &g, which);
            values[self.pattern.diagonal(cell)] += terms.dd;
            for (k, (_, weight)) in self.row(cell).enumerate() {
                if let Some(&slot) = mixed.next() {
                    values[slot] += dot(weight, &terms.dg);
                }
                for (_, other) in self.row(cell).take(k + 1) {
                    if let Some(&slot) = squared.next() {
                        values[slot] += terms.gg * dot(weight, other);
                    }
                }
            }
        }
    }
}

impl<const D: usize> DiffusivityPotential<D> {
    /// The cells on which the gradient of V in the likelihood of `cell` depends, with the weights.
    fn row(&self, cell: usize) -> impl Iterator<Item = (usize, &[f64; D])> {
        likelihood_row(&self.gradient, cell)
    }

    /// Derivatives of the likelihood of one cell with respect to its D and its ∇V.
    fn cell_terms(&self, cell: usize, d: f64, g: &[f64; D], which: Curvature) -> CellTerms<D> {
        let squared_g = dot(g, g);
        let dimension = D as f64;
        let mut terms = CellTerms {
            d: 0.0,
            g: [0.0; D],
            dd: 0.0,
            dg: [0.0; D],
            gg: 0.0,
        };
        if let Some(prior) = &self.jeffreys {
            [terms.d, terms.dd] = prior.derivatives(cell, d, which);
        }
        for group in self.statistics.cell(cell) {
            let LagGroup {
                lag, count, sum, ..
            } = group;
            let b = d * lag;
            let q = 4.0 * group.half_variance(d);
            let r = residual(group, b, g);
            // Derivatives by D: q' = 4τ, R' = 2Δt (g·ΣΔr + n b |g|²), R'' = 2 n Δt² |g|².
            let q_d = 4.0 * group.diffusion_time;
            let r_d = 2.0 * lag * (dot(g, sum) + count * b * squared_g);
            let r_dd = 2.0 * count * lag * lag * squared_g;
            terms.d += 0.5 * dimension * count * q_d / q + r_d / q - r * q_d / (q * q);
            terms.gg += 2.0 * count * b * b / q;
            match which {
                Curvature::Exact => {
                    terms.dd += -0.5 * dimension * count * (q_d / q).powi(2) + r_dd / q
                        - 2.0 * r_d * q_d / (q * q)
                        + 2.0 * r * q_d * q_d / (q * q * q);
                }
                // Under the model ⟨R⟩ = n d q / 2 and ⟨R'⟩ = 0.
                Curvature::Expected => {
                    terms.dd += 0.5 * dimension * count * (q_d / q).powi(2) + r_dd / q;
                }
            }
            for axis in 0..D {
                let r_g = 2.0 * b * (sum[axis] + count * b * g[axis]);
                terms.g[axis] += r_g / q;
                terms.dg[axis] += match which {
                    Curvature::Exact => {
                        2.0 * lag * (sum[axis] + 2.0 * count * b * g[axis]) / q
                            - r_g * q_d / (q * q)
                    }
                    // ⟨ΣΔr⟩ = −n b g.
                    Curvature::Expected => 2.0 * lag * count * b * g[axis] / q,
                };
            }
        }
        terms
    }
}

/// First and second derivatives of one cell's negative log likelihood by its D (`d`) and its ∇V (`g`);
/// the one by ∇V twice is this multiple of the identity.
struct CellTerms<const D: usize> {
    d: f64,
    g: [f64; D],
    dd: f64,
    dg: [f64; D],
    gg: f64,
}

/// Positions in the pattern, in the order in which the curvature visits them.
#[derive(Debug, Clone, Default)]
struct Slots {
    /// Of `∂²/∂D_i ∂V_j`, for each cell i and each j of its row.
    mixed: Vec<usize>,
    /// Of `∂²/∂V_j ∂V_k`, for each cell and each pair j, k ≤ j of its row.
    squared: Vec<usize>,
}

fn pattern<const D: usize>(
    gradient: &GradientOperator<D>,
    couplings: &[(usize, usize)],
    m: usize,
) -> (SymmetricPattern, Slots) {
    let mut mixed = Vec::new();
    let mut squared = Vec::new();
    for cell in 0..m {
        for (k, (j, _)) in likelihood_row(gradient, cell).enumerate() {
            mixed.push((cell, m + j));
            squared.extend(
                likelihood_row(gradient, cell)
                    .take(k + 1)
                    .map(|(l, _)| (m + j, m + l)),
            );
        }
    }
    // Pairs of partly defined rows too: the covariance of what force there is needs them.
    let rows = (0..m).flat_map(|cell| {
        let (cells, _) = gradient.row(cell);
        cells
            .iter()
            .flat_map(move |&j| cells.iter().map(move |&k| (m + j, m + k)))
    });
    let entries = mixed
        .iter()
        .copied()
        .chain(rows)
        .chain(couplings.iter().copied());
    let pattern = SymmetricPattern::new(2 * m, entries);
    let slots = |entries: Vec<(usize, usize)>| {
        entries
            .into_iter()
            .map(|(i, j)| pattern.slot(i, j))
            .collect()
    };
    let slots = Slots {
        mixed: slots(mixed),
        squared: slots(squared),
    };
    (pattern, slots)
}

/// The row of the gradient operator as the likelihood uses it: empty unless wholly defined.
fn likelihood_row<const D: usize>(
    gradient: &GradientOperator<D>,
    cell: usize,
) -> impl Iterator<Item = (usize, &[f64; D])> {
    let (cells, weights) = if gradient.defined(cell).iter().all(|defined| *defined) {
        gradient.row(cell)
    } else {
        (&[][..], &[][..])
    };
    cells.iter().copied().zip(weights)
}

/// For each component, its first cell among those with most displacements.
fn fullest_cells<const D: usize>(
    components: &[usize],
    statistics: &CellStatistics<D>,
) -> Vec<usize> {
    let count = components.iter().max().map_or(0, |last| last + 1);
    let mut fullest: Vec<Option<usize>> = vec![None; count];
    for (cell, &component) in components.iter().enumerate() {
        let best = &mut fullest[component];
        if best.is_none_or(|best| statistics.count(cell) > statistics.count(best)) {
            *best = Some(cell);
        }
    }
    fullest.into_iter().flatten().collect()
}

/// `R = Σ |Δr + b g|²`.
fn residual<const D: usize>(group: &LagGroup<D>, b: f64, g: &[f64; D]) -> f64 {
    group.sum_of_squares + 2.0 * b * dot(g, &group.sum) + group.count * b * b * dot(g, g)
}

fn dot<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
