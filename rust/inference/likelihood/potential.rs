//! Diffusion in a potential: the force at a cell is that of its neighbours' potentials.
//!
//! With `b = D Δt`, `q = 4 (D τ + σ²)` and `g = ∇V`, the negative log likelihood is
//!
//! ```text
//! F(D, V) = Σ_cells Σ_groups [ n d/2 ln(π q) + R / q ],
//! R       = Σ |Δr + b g|² = Σ|Δr|² + 2 b g·ΣΔr + n b² |g|².
//! ```
//!
//! A cell at which a component of the gradient is undefined counts as force-free. `F` does not change
//! when a constant is added to `V` in a connected component.

use std::sync::Arc;

use super::{Likelihood, dot, matching_diffusivities};
use crate::inference::jeffreys::Jeffreys;
use crate::inference::walk::Walk;
use crate::operators::GradientOperator;
use crate::optimizer::{Curvature, SymmetricPattern};
use crate::statistics::{CellStatistics, LagGroup};

/// The likelihood in the variables `[D…, V…]`.
#[derive(Debug)]
pub(super) struct Potential<const D: usize> {
    statistics: Arc<CellStatistics<D>>,
    gradient: Arc<GradientOperator<D>>,
    jeffreys: Option<Jeffreys>,
    slots: Slots,
}

/// Positions in the pattern, in the order in which the curvature visits them.
#[derive(Debug, Default)]
struct Slots {
    /// Of `∂²/∂D_i²`.
    diagonal: Vec<u32>,
    /// Of `∂²/∂D_i ∂V_j`, for each cell i and each j of its row.
    mixed: Vec<u32>,
    /// Of `∂²/∂V_j ∂V_k`, for each cell and each pair j, k ≤ j of its row.
    squared: Vec<u32>,
}

impl<const D: usize> Potential<D> {
    pub(super) fn new(
        statistics: Arc<CellStatistics<D>>,
        gradient: Arc<GradientOperator<D>>,
    ) -> Self {
        Self {
            statistics,
            gradient,
            jeffreys: None,
            slots: Slots::default(),
        }
    }

    fn cell_count(&self) -> usize {
        self.statistics.cell_count()
    }

    /// The gradient of V at a cell as the likelihood uses it: zero unless wholly defined.
    fn potential_gradient(&self, potential: &[f64], cell: usize) -> [f64; D] {
        if self.gradient.defined(cell).iter().all(|defined| *defined) {
            self.gradient.apply(potential, cell)
        } else {
            [0.0; D]
        }
    }

    /// The cells on which that gradient depends, with the weights.
    fn row(&self, cell: usize) -> impl Iterator<Item = (usize, &[f64; D])> {
        let (cells, weights) = if self.gradient.defined(cell).iter().all(|defined| *defined) {
            self.gradient.row(cell)
        } else {
            (&[][..], &[][..])
        };
        cells.iter().map(|&cell| cell as usize).zip(weights)
    }

    /// Derivatives of the likelihood of one cell with respect to its D and its ∇V.
    fn terms(&self, cell: usize, d: f64, g: &[f64; D], which: Curvature) -> CellTerms<D> {
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

impl<const D: usize> Likelihood<D> for Potential<D> {
    fn value(&self, x: &[f64]) -> f64 {
        let (diffusivity, potential) = x.split_at(self.cell_count());
        let mut value = 0.0;
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

    fn add_gradient(&self, x: &[f64], gradient: &mut [f64]) {
        let m = self.cell_count();
        let (diffusivity, potential) = x.split_at(m);
        let (by_d, by_v) = gradient.split_at_mut(m);
        for (cell, &d) in diffusivity.iter().enumerate() {
            let g = self.potential_gradient(potential, cell);
            let terms = self.terms(cell, d, &g, Curvature::Exact);
            by_d[cell] += terms.d;
            for (slot, weight) in self.row(cell) {
                by_v[slot] += dot(weight, &terms.g);
            }
        }
    }

    fn tell_couplings(&self, tell: &mut dyn FnMut(usize, usize)) {
        let m = self.cell_count();
        for cell in 0..m {
            for (k, (i, _)) in self.row(cell).enumerate() {
                tell(cell, m + i);
                self.row(cell).take(k).for_each(|(j, _)| tell(m + i, m + j));
            }
        }
    }

    fn locate(&mut self, pattern: &SymmetricPattern) {
        let m = self.cell_count();
        let sizes = (0..m).map(|cell| self.row(cell).count());
        let [pairs, all] = sizes.fold([0, 0], |[pairs, all], size| {
            [pairs + size * (size + 1) / 2, all + size]
        });
        let (mut mixed, mut squared) = (vec![0; all], vec![0; pairs]);
        let (mut mixed_of_cell, mut squared_of_cell) = (&mut mixed[..], &mut squared[..]);
        let mut walk = Walk::new(pattern);
        let mut ascending = Vec::new();
        for cell in 0..m {
            // Variables of the row in the order of those of the pattern, each with its place in the row.
            ascending.clear();
            ascending.extend(self.row(cell).map(|(i, _)| m + i).zip(0..));
            ascending.sort_unstable();
            for &(i, place) in &ascending {
                mixed_of_cell[place] = walk.slot(cell, i);
            }
            for (k, &(j, first)) in ascending.iter().enumerate() {
                for &(i, second) in &ascending[k..] {
                    let (low, high) = (first.min(second), first.max(second));
                    squared_of_cell[high * (high + 1) / 2 + low] = walk.slot(j, i);
                }
            }
            let size = ascending.len();
            mixed_of_cell = &mut mixed_of_cell[size..];
            squared_of_cell = &mut squared_of_cell[size * (size + 1) / 2..];
        }
        self.slots = Slots {
            diagonal: (0..m).map(|i| pattern.short_slot(i, i)).collect(),
            mixed,
            squared,
        };
    }

    fn add_curvature(&self, x: &[f64], which: Curvature, values: &mut [f64]) {
        let (diffusivity, potential) = x.split_at(self.cell_count());
        let mut mixed = self.slots.mixed.iter();
        let mut squared = self.slots.squared.iter();
        for (cell, &d) in diffusivity.iter().enumerate() {
            let g = self.potential_gradient(potential, cell);
            let terms = self.terms(cell, d, &g, which);
            values[self.slots.diagonal[cell] as usize] += terms.dd;
            for (k, (_, weight)) in self.row(cell).enumerate() {
                if let Some(&slot) = mixed.next() {
                    values[slot as usize] += dot(weight, &terms.dg);
                }
                for (_, other) in self.row(cell).take(k + 1) {
                    if let Some(&slot) = squared.next() {
                        values[slot as usize] += terms.gg * dot(weight, other);
                    }
                }
            }
        }
    }

    /// In each cell the diffusivity that matches the mean squared displacement, in a flat potential,
    /// which may pull it up later.
    fn start(&self, lower_bounds: &[f64], _: bool) -> Vec<f64> {
        let mut x = matching_diffusivities(&self.statistics, lower_bounds, true, |cell| {
            let mut square = 0.0;
            for group in self.statistics.cell(cell) {
                square += group.sum_of_squares / (2 * D) as f64 - group.count * group.noise;
            }
            square
        });
        x.resize(2 * x.len(), 0.0);
        x
    }

    fn add_jeffreys_prior(&mut self, prior: Jeffreys) {
        self.jeffreys = Some(prior);
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

/// `R = Σ |Δr + b g|²`.
fn residual<const D: usize>(group: &LagGroup<D>, b: f64, g: &[f64; D]) -> f64 {
    group.sum_of_squares + 2.0 * b * dot(g, &group.sum) + group.count * b * b * dot(g, g)
}
