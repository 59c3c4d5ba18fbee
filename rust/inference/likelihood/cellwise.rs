//! Models in which the displacements of a cell depend on quantities of that cell alone: its D and its
//! vector u, if the model has one.
//!
//! With `q = 4 (D τ + σ²)` and `μ = h(D) Δt u`, the negative log likelihood is
//!
//! ```text
//! F(D, u) = Σ_cells Σ_groups [ n d/2 ln(π q) + R / q ],
//! R       = Σ |Δr − μ|² = Σ|Δr|² − 2 μ·ΣΔr + n |μ|².
//! ```

use std::sync::Arc;

use super::{Couplings, Likelihood, Model, dot, matching_diffusivities};
use crate::inference::jeffreys::Jeffreys;
use crate::optimizer::{Curvature, SymmetricPattern};
use crate::statistics::{CellStatistics, LagGroup};

/// The likelihood in the variables `[D…, u…]`, the components of one cell's vector side by side.
#[derive(Debug)]
pub(super) struct Cellwise<const D: usize> {
    model: Model,
    statistics: Arc<CellStatistics<D>>,
    jeffreys: Option<Jeffreys>,
}

impl<const D: usize> Cellwise<D> {
    pub(super) fn new(model: Model, statistics: Arc<CellStatistics<D>>) -> Self {
        Self {
            model,
            statistics,
            jeffreys: None,
        }
    }

    fn cell_count(&self) -> usize {
        self.statistics.cell_count()
    }

    /// Number of components of a cell's vector.
    fn components(&self) -> usize {
        if self.model.has_vector() { D } else { 0 }
    }

    /// Number of the variable that is a component of a cell's vector.
    fn variable(&self, cell: usize, axis: usize) -> usize {
        self.cell_count() + D * cell + axis
    }

    /// The vector of a cell; zero in a model that has none.
    fn vector(&self, x: &[f64], cell: usize) -> [f64; D] {
        std::array::from_fn(|axis| {
            if self.model.has_vector() {
                x[self.variable(cell, axis)]
            } else {
                0.0
            }
        })
    }

    /// The mean drift in a cell, µm/s.
    fn drift(&self, cell: usize) -> [f64; D] {
        let groups = self.statistics.cell(cell);
        let time: f64 = groups.iter().map(|group| group.count * group.lag).sum();
        if self.model.has_vector() {
            std::array::from_fn(|k| groups.iter().map(|g| g.sum[k]).sum::<f64>() / time)
        } else {
            [0.0; D]
        }
    }

    /// Derivatives of the likelihood of one cell with respect to its D and its vector.
    fn terms(&self, cell: usize, d: f64, u: &[f64; D], which: Curvature) -> Terms<D> {
        let [h, h_d] = self.model.mobility(d);
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

impl<const D: usize> Likelihood<D> for Cellwise<D> {
    fn value(&self, x: &[f64]) -> f64 {
        let mut value = 0.0;
        for (cell, &d) in x[..self.cell_count()].iter().enumerate() {
            let u = self.vector(x, cell);
            let [h, _] = self.model.mobility(d);
            value += self
                .jeffreys
                .as_ref()
                .map_or(0.0, |prior| prior.value(cell, d));
            for group in self.statistics.cell(cell) {
                let q = 4.0 * group.half_variance(d);
                value += 0.5 * D as f64 * group.count * (std::f64::consts::PI * q).ln()
                    + residual(group, &u.map(|u| h * group.lag * u)) / q;
            }
        }
        value
    }

    fn add_gradient(&self, x: &[f64], gradient: &mut [f64]) {
        for (cell, &d) in x[..self.cell_count()].iter().enumerate() {
            let u = self.vector(x, cell);
            let terms = self.terms(cell, d, &u, Curvature::Exact);
            gradient[cell] += terms.d;
            for axis in 0..self.components() {
                gradient[self.variable(cell, axis)] += terms.u[axis];
            }
        }
    }

    fn couplings(&self) -> Couplings<'_> {
        let (m, components) = (self.cell_count(), self.components());
        let all = [0, 1, 2];
        Couplings {
            at_most: m * components,
            tell_rows: Box::new(move |variable, tell| {
                if variable < m {
                    tell(self.variable(variable, 0), &all[..components]);
                }
            }),
        }
    }

    fn add_curvature(
        &self,
        x: &[f64],
        which: Curvature,
        pattern: &SymmetricPattern,
        values: &mut [f64],
    ) {
        for (cell, &d) in x[..self.cell_count()].iter().enumerate() {
            let terms = self.terms(cell, d, &self.vector(x, cell), which);
            values[pattern.diagonal(cell)] += terms.dd;
            // Nothing else couples a D and a vector: theirs are the last of the column.
            let end = pattern.starts()[cell + 1];
            let mixed = end - self.components()..end;
            for (axis, (slot, du)) in mixed.zip(terms.du).enumerate() {
                values[pattern.diagonal(self.variable(cell, axis))] += terms.uu;
                values[slot] += du;
            }
        }
    }

    /// In each cell the mean drift, and the diffusivity that matches the mean squared displacement about
    /// it. Without priors and where all lags and noises of a cell are equal, that is the minimum.
    fn start(&self, lower_bounds: &[f64], is_pulled: bool) -> Vec<f64> {
        let mut x = matching_diffusivities(&self.statistics, lower_bounds, is_pulled, |cell| {
            let drift = self.drift(cell);
            let groups = self.statistics.cell(cell).iter();
            groups
                .map(|group| {
                    let r = residual(group, &drift.map(|v| v * group.lag));
                    r / (2 * D) as f64 - group.count * group.noise
                })
                .sum()
        });
        for cell in 0..self.cell_count() {
            let [h, _] = self.model.mobility(x[cell]);
            let drift = self.drift(cell).map(|v| if h > 0.0 { v / h } else { 0.0 });
            x.extend_from_slice(&drift[..self.components()]);
        }
        x
    }

    fn add_jeffreys_prior(&mut self, prior: Jeffreys) {
        self.jeffreys = Some(prior);
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
