//! What a posterior is told beside the data: how little its maps vary, or how small they are.

use std::sync::OnceLock;

use super::Covariance;
use super::components::{Components, Weighted};
use super::likelihood::Couplings;
use super::precision::{Precision, trace};
use super::walk::Walk;
use crate::operators::QuadraticForm;
use crate::optimizer::SymmetricPattern;

/// A map that priors speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// D, the first variables of the posterior.
    Diffusivity,
    /// Those that follow: the potential of the model, or its vectors, component by component.
    Field,
}

const MAPS: [Quantity; 2] = [Quantity::Diffusivity, Quantity::Field];

/// A Gaussian prior of one map, of density `exp(−λ S(x))`: the term `λ S(x)` of the negative log
/// posterior. There may be several of one map.
#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    /// The map.
    pub quantity: Quantity,
    /// `S`, over the variables of the map.
    pub form: QuadraticForm,
    /// `λ`, not negative.
    pub weight: f64,
}

/// All priors of a posterior.
#[derive(Debug, Clone)]
pub(super) struct Priors {
    /// Number of variables of each map.
    sizes: [usize; 2],
    terms: Vec<Prior>,
    /// For each prior, how far from its column's diagonal the pattern of the curvature has each entry of its matrix.
    reaches: Vec<Vec<u16>>,
    /// For each map, the sets of variables that its priors connect, once they were needed. Maps of the same
    /// priors have them in common, and so what follows.
    components: [OnceLock<Components>; 2],
    /// For each map with one prior, its log norm at a weight of one, once it was needed.
    unit_log_norms: [OnceLock<f64>; 2],
}

impl Priors {
    /// None yet, of D in so many cells and of a field of so many variables.
    pub(super) fn new(cell_count: usize, field_size: usize) -> Self {
        let sizes = [cell_count, field_size];
        Self {
            sizes,
            terms: Vec::new(),
            reaches: Vec::new(),
            components: [OnceLock::new(), OnceLock::new()],
            unit_log_norms: [OnceLock::new(), OnceLock::new()],
        }
    }

    pub(super) fn extend(&mut self, priors: impl IntoIterator<Item = Prior>) {
        self.terms.extend(priors);
        self.components = [OnceLock::new(), OnceLock::new()];
        self.unit_log_norms = [OnceLock::new(), OnceLock::new()];
    }

    pub(super) fn weights(&self) -> Vec<f64> {
        self.terms.iter().map(|prior| prior.weight).collect()
    }

    pub(super) fn set_weights(&mut self, weights: &[f64]) {
        for (prior, &weight) in self.terms.iter_mut().zip(weights) {
            prior.weight = weight;
        }
    }

    /// Weights from which to search: those that expect the values of a map to vary from cell to cell,
    /// D's by a fifth of its mean, V's by 1 kT, and vectors to be as large as they are at `x`.
    pub(super) fn first_guess_of_weights(&self, x: &[f64]) -> Vec<f64> {
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let guess = |prior: &Prior| {
            let values = &x[self.variables(prior.quantity)];
            let is_of_size = !prior.form.squares().is_empty();
            let size = match prior.quantity {
                Quantity::Diffusivity => 0.2 * mean(values).max(1e-6),
                Quantity::Field if is_of_size => {
                    let square: f64 = values.iter().map(|value| value * value).sum();
                    (square / values.len() as f64).sqrt().max(1e-6)
                }
                Quantity::Field => 1.0,
            };
            let diagonal = prior.form.entries().filter(|(i, j, _)| i == j);
            let trace: f64 = diagonal.map(|(_, _, value)| value).sum();
            let freedom = if is_of_size { 0.5 } else { 1.0 };
            freedom * values.len() as f64 / (size * size * trace)
        };
        self.terms.iter().map(guess).collect()
    }

    /// Tells which variables the priors couple, as a [likelihood](super::likelihood::Couplings) does.
    pub(super) fn couplings(&self) -> Couplings<'_> {
        Couplings {
            at_most: self
                .terms
                .iter()
                .map(|prior| prior.form.values().len())
                .sum(),
            tell_rows: Box::new(|variable, tell| {
                for prior in &self.terms {
                    let variables = self.variables(prior.quantity);
                    if variables.contains(&variable) {
                        let offset = variables.start;
                        tell(offset, prior.form.column(variable - offset));
                    }
                }
            }),
        }
    }

    /// Finds the places of the couplings in the pattern of the curvature.
    pub(super) fn locate(&mut self, pattern: &SymmetricPattern) {
        let reaches = |prior: &Prior| {
            let offset = self.offset(prior.quantity);
            let mut reaches = Vec::with_capacity(prior.form.values().len());
            let entries = prior.form.entries();
            let mut walk = Walk::new(pattern);
            reaches.extend(entries.map(|(i, j, _)| walk.reach(offset + j, offset + i)));
            reaches
        };
        self.reaches = self.terms.iter().map(reaches).collect();
    }

    /// The sets of variables that the priors of a map connect.
    pub(super) fn components(&self, quantity: Quantity) -> &Components {
        self.components[self.first_alike(quantity)]
            .get_or_init(|| Components::new(&self.of(quantity), self.sizes[quantity as usize]))
    }

    pub(super) fn value(&self, x: &[f64]) -> f64 {
        let penalty = |prior: &Prior| prior.weight * self.form_at(prior, x);
        self.terms.iter().map(penalty).sum()
    }

    pub(super) fn add_gradient(&self, x: &[f64], gradient: &mut [f64]) {
        for prior in &self.terms {
            let variables = self.variables(prior.quantity);
            let gradient = &mut gradient[variables.clone()];
            prior
                .form
                .add_gradient(prior.weight, &x[variables], gradient);
        }
    }

    /// Adds their second derivative, which is the same everywhere, in the pattern that was last located.
    pub(super) fn add_curvature(&self, pattern: &SymmetricPattern, values: &mut [f64]) {
        for (prior, reaches) in self.terms.iter().zip(&self.reaches) {
            let offset = self.offset(prior.quantity);
            for (&reach, (_, column, value)) in reaches.iter().zip(prior.form.entries()) {
                let slot = pattern.diagonal(offset + column) + usize::from(reach);
                values[slot] += 2.0 * prior.weight * value;
            }
        }
    }

    /// Logarithm of the norm of their density: see [`Precision::log_norm`]. NaN where all weights of a map
    /// are zero; those that are do not count beside others.
    pub(super) fn log_norm(&self) -> f64 {
        let of_map = |map| match self.of(map)[..] {
            [] => 0.0,
            [(weight, _)] if weight <= 0.0 => f64::NAN,
            [(weight, form)] => {
                0.5 * self.components(map).rank() as f64 * weight.ln()
                    + self.unit_log_norm(map, form)
            }
            ref several => {
                let forms: Vec<Weighted<'_>> = several
                    .iter()
                    .copied()
                    .filter(|form| form.0 > 0.0)
                    .collect();
                if forms.is_empty() {
                    return f64::NAN;
                }
                let components = Components::new(&forms, self.sizes[map as usize]);
                Precision::new(&forms, &components).log_norm()
            }
        };
        MAPS.map(of_map).iter().sum()
    }

    /// That of the only prior of a map, of weight one.
    fn unit_log_norm(&self, map: Quantity, form: &QuadraticForm) -> f64 {
        *self.unit_log_norms[self.first_alike(map)]
            .get_or_init(|| Precision::new(&[(1.0, form)], self.components(map)).log_norm())
    }

    /// The first map that has the same priors, whatever their weights.
    fn first_alike(&self, map: Quantity) -> usize {
        let forms = |map| self.of(map).into_iter().map(|(_, form)| form);
        let is_alike = |other: &Quantity| {
            self.sizes[*other as usize] == self.sizes[map as usize] && forms(*other).eq(forms(map))
        };
        MAPS.into_iter().find(is_alike).unwrap_or(map) as usize
    }

    /// What the data say of a prior's weight, given the maps and their covariances under the present
    /// weights: how many parameters they determine against it, and its penalty `λ S(x)`.
    pub(super) fn balance(&self, which: usize, x: &[f64], covariance: &Covariance) -> Balance {
        let prior = &self.terms[which];
        let offset = self.offset(prior.quantity);
        let left = trace(&prior.form, |i, j| covariance.get(offset + i, offset + j));
        let all = self.of(prior.quantity);
        let given = if all.len() == 1 {
            self.components(prior.quantity).rank() as f64
        } else {
            let precision = Precision::new(&all, self.components(prior.quantity));
            prior.weight * precision.trace_of_inverse(&prior.form)
        };
        Balance {
            determined: (given - 2.0 * prior.weight * left).max(0.0),
            penalty: prior.weight * self.form_at(prior, x),
        }
    }

    /// Weight and variation of each prior of a map.
    fn of(&self, quantity: Quantity) -> Vec<Weighted<'_>> {
        let priors = self.terms.iter();
        let of_it = priors.filter(|prior| prior.quantity == quantity);
        of_it.map(|prior| (prior.weight, &prior.form)).collect()
    }

    fn offset(&self, quantity: Quantity) -> usize {
        match quantity {
            Quantity::Diffusivity => 0,
            Quantity::Field => self.sizes[0],
        }
    }

    fn variables(&self, quantity: Quantity) -> std::ops::Range<usize> {
        let offset = self.offset(quantity);
        offset..offset + self.sizes[quantity as usize]
    }

    fn form_at(&self, prior: &Prior, x: &[f64]) -> f64 {
        prior.form.value(&x[self.variables(prior.quantity)])
    }
}

/// What the data say of a prior's weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Balance {
    /// Number of parameters that they determine, and the prior does not.
    pub(super) determined: f64,
    /// The prior's part in the negative log posterior.
    pub(super) penalty: f64,
}

impl Balance {
    /// Derivative of the log evidence by the logarithm of the weight, but for how the curvature of the
    /// likelihood changes with the map.
    pub(super) fn slope(&self) -> f64 {
        0.5 * self.determined - self.penalty
    }

    /// Logarithm of the ratio of the weight at which both would balance to the present one.
    pub(super) fn residual(&self) -> f64 {
        (0.5 * self.determined / self.penalty).ln()
    }
}
