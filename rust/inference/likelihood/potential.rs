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

use super::{Couplings, Likelihood, dot, matching_diffusivities};
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
    /// How far from its column's diagonal the pattern has `∂²/∂V_j ∂V_k`, for each cell and each pair j, k ≥ j of
    /// its row. What the others need is in the pattern itself: theirs are the first and the last entries of columns.
    reaches: Vec<u16>,
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
            reaches: Vec::new(),
        }
    }

    fn cell_count(&self) -> usize {
        self.statistics.cell_count()
    }

    /// The gradient of V at a cell as the likelihood uses it: zero unless wholly defined.
    fn potential_gradient(&self, potential: &[f64], cell: usize) -> [f64; D] {
        if self.is_whole(cell) {
            self.gradient.apply(potential, cell)
        } else {
            [0.0; D]
        }
    }

    /// The cells on which that gradient depends, ascending.
    fn row(&self, cell: usize) -> &[u32] {
        if self.is_whole(cell) {
            self.gradient.cells(cell)
        } else {
            &[]
        }
    }

    fn is_whole(&self, cell: usize) -> bool {
        self.gradient.defined(cell).iter().all(|defined| *defined)
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
            if self.is_whole(cell) {
                for (other, weight) in self.gradient.row(cell) {
                    by_v[other] += dot(&weight, &terms.g);
                }
            }
        }
    }

    fn couplings(&self) -> Couplings<'_> {
        let m = self.cell_count();
        let rows = (0..m).map(|cell| self.gradient.cells(cell).len());
        let dependents = self.gradient.dependents();
        Couplings {
            at_most: rows.map(pairs_of).sum(),
            tell_rows: Box::new(move |variable, tell| match variable.checked_sub(m) {
                None => tell(m, self.row(variable)),
                // Partly defined rows too: the covariance of what force there is needs them.
                Some(cell) => {
                    for &other in dependents.of(cell) {
                        tell(m, self.gradient.cells(other as usize));
                    }
                }
            }),
        }
    }

    fn locate(&mut self, pattern: &SymmetricPattern) {
        let m = self.cell_count();
        let pairs = (0..m).map(|cell| pairs_of(self.row(cell).len())).sum();
        let mut reaches = Vec::with_capacity(pairs);
        let mut walk = Walk::new(pattern);
        for cell in 0..m {
            let row = self.row(cell);
            for (k, &j) in row.iter().enumerate() {
                let reach = |&i: &u32| walk.reach(m + j as usize, m + i as usize);
                reaches.extend(row[k..].iter().map(reach));
            }
        }
        self.reaches = reaches;
    }

    fn add_curvature(
        &self,
        x: &[f64],
        which: Curvature,
        pattern: &SymmetricPattern,
        values: &mut [f64],
    ) {
        let m = self.cell_count();
        let (diffusivity, potential) = x.split_at(m);
        let mut row: Vec<(usize, [f64; D])> = Vec::new();
        let mut reaches = &self.reaches[..];
        for (cell, &d) in diffusivity.iter().enumerate() {
            let g = self.potential_gradient(potential, cell);
            let terms = self.terms(cell, d, &g, which);
            values[pattern.diagonal(cell)] += terms.dd;
            row.clear();
            if self.is_whole(cell) {
                row.extend(self.gradient.row(cell));
            }
            // Nothing else couples a D and a potential: theirs are the last of the column.
            let end = pattern.starts()[cell + 1];
            for (value, (_, weight)) in values[end - row.len()..end].iter_mut().zip(&row) {
                *value += dot(weight, &terms.dg);
            }
            let of_cell;
            (of_cell, reaches) = reaches.split_at(pairs_of(row.len()));
            let mut of_cell = of_cell.iter();
            for (k, (j, weight)) in row.iter().enumerate() {
                let column = &mut values[pattern.diagonal(m + j)..];
                for ((_, other), &reach) in row[k..].iter().zip(of_cell.by_ref()) {
                    column[usize::from(reach)] += terms.gg * dot(weight, other);
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

/// Number of pairs among some, each with itself as well.
fn pairs_of(count: usize) -> usize {
    count * (count + 1) / 2
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
