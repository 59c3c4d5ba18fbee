//! What a posterior is told beside the data: how little its maps vary.

use std::f64::consts::PI;
use std::sync::OnceLock;

use super::Covariance;
use crate::operators::Variation;
use crate::optimizer::{Cholesky, SymmetricPattern, mask};

/// A map that priors speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// D, the first variables of the posterior.
    Diffusivity,
    /// V, those that follow.
    Potential,
}

/// A Gaussian prior of one map, of density `exp(−λ S(x))`: the term `λ S(x)` of the negative log
/// posterior. There may be several of one map.
#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    /// The map.
    pub quantity: Quantity,
    /// `S`, over the cells that hold data.
    pub variation: Variation,
    /// `λ`, not negative.
    pub weight: f64,
}

/// All priors of a posterior of two maps, D and V.
#[derive(Debug, Clone)]
pub(super) struct Priors {
    cell_count: usize,
    terms: Vec<Prior>,
    /// For each prior, where the entries of its matrix are in the pattern of the curvature.
    slots: Vec<Vec<usize>>,
    /// The sum of their second derivatives, which is the same everywhere.
    curvature: Vec<f64>,
    /// For each map, the connected sets of cells.
    components: [Vec<usize>; 2],
    /// For each map with one prior, its log norm at a weight of one, once it was needed.
    unit_log_norms: [OnceLock<f64>; 2],
}

impl Priors {
    pub(super) fn new(cell_count: usize) -> Self {
        Self {
            cell_count,
            terms: Vec::new(),
            slots: Vec::new(),
            curvature: Vec::new(),
            components: [vec![], vec![]],
            unit_log_norms: [OnceLock::new(), OnceLock::new()],
        }
    }

    pub(super) fn extend(&mut self, priors: impl IntoIterator<Item = Prior>) {
        self.terms.extend(priors);
        let maps = [Quantity::Diffusivity, Quantity::Potential];
        self.components = maps.map(|map| components(&self.of(map), self.cell_count));
        self.unit_log_norms = [OnceLock::new(), OnceLock::new()];
    }

    pub(super) fn weights(&self) -> Vec<f64> {
        self.terms.iter().map(|prior| prior.weight).collect()
    }

    pub(super) fn set_weights(&mut self, weights: &[f64]) {
        for (prior, &weight) in self.terms.iter_mut().zip(weights) {
            prior.weight = weight;
        }
        self.sum_curvature();
    }

    /// Weights from which to search: those that expect the values of a map to vary from cell to cell,
    /// D's by a fifth of its mean, V's by 1 kT.
    pub(super) fn first_guess_of_weights(&self, x: &[f64]) -> Vec<f64> {
        let mean = x[..self.cell_count].iter().sum::<f64>() / self.cell_count as f64;
        let guess = |prior: &Prior| {
            let size = match prior.quantity {
                Quantity::Diffusivity => 0.2 * mean.max(1e-6),
                Quantity::Potential => 1.0,
            };
            let diagonal = prior.variation.entries().iter().filter(|(i, j, _)| i == j);
            let trace: f64 = diagonal.map(|(_, _, value)| value).sum();
            self.cell_count as f64 / (size * size * trace)
        };
        self.terms.iter().map(guess).collect()
    }

    /// Pairs of variables that the priors couple.
    pub(super) fn couplings(&self) -> impl Iterator<Item = (usize, usize)> {
        self.terms.iter().flat_map(|prior| {
            let offset = self.offset(prior.quantity);
            let entries = prior.variation.entries().iter();
            entries.map(move |&(i, j, _)| (offset + i, offset + j))
        })
    }

    /// Finds the places of the couplings in the pattern of the curvature.
    pub(super) fn locate(&mut self, pattern: &SymmetricPattern) {
        let slots = |prior: &Prior| {
            let offset = self.offset(prior.quantity);
            let entries = prior.variation.entries().iter();
            entries
                .map(|&(i, j, _)| pattern.slot(offset + i, offset + j))
                .collect()
        };
        self.slots = self.terms.iter().map(slots).collect();
        self.curvature = vec![0.0; pattern.len()];
        self.sum_curvature();
    }

    /// Number, for each cell, of the set of cells that the priors of a map connect: they say nothing of
    /// its mean over each such set. Sets are numbered by their first cell.
    pub(super) fn components(&self, quantity: Quantity) -> &[usize] {
        &self.components[quantity as usize]
    }

    pub(super) fn value(&self, x: &[f64]) -> f64 {
        let penalty = |prior: &Prior| prior.weight * self.variation_at(prior, x);
        self.terms.iter().map(penalty).sum()
    }

    pub(super) fn add_gradient(&self, x: &[f64], gradient: &mut [f64]) {
        for prior in &self.terms {
            let variables = self.variables(prior.quantity);
            let gradient = &mut gradient[variables.clone()];
            prior
                .variation
                .add_gradient(prior.weight, &x[variables], gradient);
        }
    }

    /// Their second derivative, in the pattern that was last located.
    pub(super) fn curvature(&self) -> &[f64] {
        &self.curvature
    }

    /// Logarithm of the norm of their density: see [`log_norm`].
    pub(super) fn log_norm(&self) -> f64 {
        let maps = [Quantity::Diffusivity, Quantity::Potential];
        let of_map = |map| match self.of(map)[..] {
            [(weight, form)] => {
                let unit = self.unit_log_norms[map as usize]
                    .get_or_init(|| log_norm(&[(1.0, form)], self.cell_count));
                0.5 * self.rank(map) as f64 * weight.ln() + unit
            }
            ref several => log_norm(several, self.cell_count),
        };
        maps.map(of_map).iter().sum()
    }

    /// What the data say of a prior's weight, given the maps and their covariances under the present
    /// weights: how many parameters they determine against it, and its penalty `λ S(x)`.
    pub(super) fn balance(&self, which: usize, x: &[f64], covariance: &Covariance<'_>) -> Balance {
        let prior = &self.terms[which];
        let offset = self.offset(prior.quantity);
        let left = trace(&prior.variation, |i, j| {
            covariance.get(offset + i, offset + j)
        });
        let all = self.of(prior.quantity);
        let given = if all.len() == 1 {
            self.rank(prior.quantity) as f64
        } else {
            let precision = Precision::new(&all, self.cell_count);
            prior.weight * precision.trace_of_inverse(&prior.variation)
        };
        Balance {
            determined: (given - 2.0 * prior.weight * left).max(0.0),
            penalty: prior.weight * self.variation_at(prior, x),
        }
    }

    fn sum_curvature(&mut self) {
        self.curvature.fill(0.0);
        for (prior, slots) in self.terms.iter().zip(&self.slots) {
            for (&slot, (_, _, value)) in slots.iter().zip(prior.variation.entries()) {
                self.curvature[slot] += 2.0 * prior.weight * value;
            }
        }
    }

    /// Weight and variation of each prior of a map.
    fn of(&self, quantity: Quantity) -> Vec<Weighted<'_>> {
        let priors = self.terms.iter();
        let of_it = priors.filter(|prior| prior.quantity == quantity);
        of_it
            .map(|prior| (prior.weight, &prior.variation))
            .collect()
    }

    /// Number of differences between cells that the priors of a map speak of.
    fn rank(&self, quantity: Quantity) -> usize {
        let components = self.components(quantity);
        let count = components.iter().max().map_or(0, |last| last + 1);
        components.len() - count
    }

    fn offset(&self, quantity: Quantity) -> usize {
        match quantity {
            Quantity::Diffusivity => 0,
            Quantity::Potential => self.cell_count,
        }
    }

    fn variables(&self, quantity: Quantity) -> std::ops::Range<usize> {
        let offset = self.offset(quantity);
        offset..offset + self.cell_count
    }

    fn variation_at(&self, prior: &Prior, x: &[f64]) -> f64 {
        prior.variation.value(&x[self.variables(prior.quantity)])
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

/// A variation with its weight.
type Weighted<'a> = (f64, &'a Variation);

/// Logarithm of the norm of the density `exp(−Σ λ S(x))` of the values of all cells but one of each
/// connected set; NaN if a weight is zero, since that prior has no norm.
///
/// Takes one factorisation.
pub(super) fn log_norm(variations: &[Weighted<'_>], cell_count: usize) -> f64 {
    if variations.iter().any(|(weight, _)| *weight <= 0.0) {
        return f64::NAN;
    }
    let precision = Precision::new(variations, cell_count);
    let rank = precision.rank() as f64;
    // The inverse covariance is the second derivative, 2 Σ λ L.
    0.5 * (precision.log_determinant() - rank * PI.ln())
}

/// The matrix `Σ λ L` of some variations, with the first cell of each set that they connect held.
struct Precision {
    pattern: SymmetricPattern,
    values: Vec<f64>,
    held: Vec<bool>,
}

impl Precision {
    fn new(variations: &[Weighted<'_>], cell_count: usize) -> Self {
        let entries = variations.iter().flat_map(|(_, form)| form.entries());
        let pattern = SymmetricPattern::new(cell_count, entries.map(|&(i, j, _)| (i, j)));
        let mut values = vec![0.0; pattern.len()];
        for (weight, form) in variations {
            for &(i, j, value) in form.entries() {
                values[pattern.slot(i, j)] += weight * value;
            }
        }
        // Components are numbered in the order of their first cells.
        let mut met = 0;
        let held = components(variations, cell_count)
            .iter()
            .map(|&component| {
                let first = component == met;
                met += usize::from(first);
                first
            })
            .collect();
        Self {
            pattern,
            values,
            held,
        }
    }

    /// Number of cells that are not held.
    fn rank(&self) -> usize {
        self.held.iter().filter(|held| !**held).count()
    }

    fn factor(&self) -> Option<Cholesky> {
        let mut values = self.values.clone();
        mask(&self.pattern, &mut values, &self.held);
        let mut cholesky = Cholesky::new(&self.pattern);
        cholesky
            .factorize(&self.pattern, &values)
            .then_some(cholesky)
    }

    /// Logarithm of the determinant; NaN if it is not positive. Takes one factorisation.
    fn log_determinant(&self) -> f64 {
        let factor = self.factor();
        factor.map_or(f64::NAN, |factor| factor.log_determinant())
    }

    /// Trace of the product of its inverse and the matrix of one of the variations. Takes about three
    /// factorisations.
    fn trace_of_inverse(&self, variation: &Variation) -> f64 {
        let Some(factor) = self.factor() else {
            return f64::NAN;
        };
        let inverse = factor.selected_inverse();
        trace(variation, |i, j| {
            if self.held[i] || self.held[j] {
                0.0
            } else {
                inverse.get(i, j)
            }
        })
    }
}

/// Trace of the product of the matrix of a variation and another symmetric one.
fn trace(variation: &Variation, other: impl Fn(usize, usize) -> f64) -> f64 {
    let term = |&(i, j, value): &(usize, usize, f64)| {
        let count = if i == j { 1.0 } else { 2.0 };
        count * value * other(i, j)
    };
    variation.entries().iter().map(term).sum()
}

/// Number, for each cell, of the set of cells that some variations connect, by their first cell.
fn components(variations: &[Weighted<'_>], cell_count: usize) -> Vec<usize> {
    // Every cell points to one of its set, no higher than itself; the first of a set to itself.
    let mut toward: Vec<usize> = (0..cell_count).collect();
    let first = |toward: &mut Vec<usize>, mut cell: usize| {
        while toward[cell] != cell {
            toward[cell] = toward[toward[cell]];
            cell = toward[cell];
        }
        cell
    };
    for &(i, j, _) in variations.iter().flat_map(|(_, form)| form.entries()) {
        let (a, b) = (first(&mut toward, i), first(&mut toward, j));
        toward[a.max(b)] = a.min(b);
    }
    let mut number = vec![0; cell_count];
    let mut count = 0;
    for cell in 0..cell_count {
        if toward[cell] == cell {
            number[cell] = count;
            count += 1;
        } else {
            number[cell] = number[toward[cell]];
        }
    }
    number
}
