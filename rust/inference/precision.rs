//! The precision matrix, that is the inverse covariance, of the priors of a map.

use std::f64::consts::PI;

use super::components::{Components, Weighted};
use super::walk::Walk;
use crate::operators::QuadraticForm;
use crate::optimizer::{Cholesky, SymmetricPattern, mask};

/// The matrix `Σ λ L` of some forms, with the first variable held of each connected set whose mean no
/// prior speaks of.
pub(super) struct Precision {
    pattern: SymmetricPattern,
    values: Vec<f64>,
    held: Vec<bool>,
}

impl Precision {
    pub(super) fn new(forms: &[Weighted<'_>], components: &Components) -> Self {
        let size = components.numbers.len();
        let entries = forms.iter().flat_map(|(_, form)| form.entries());
        let pattern = SymmetricPattern::new(size, entries.map(|(i, j, _)| (i, j)));
        let mut values = vec![0.0; pattern.len()];
        for (weight, form) in forms {
            let mut walk = Walk::new(&pattern);
            for (i, j, value) in form.entries() {
                values[pattern.diagonal(j) + usize::from(walk.reach(j, i))] += weight * value;
            }
        }
        let mut held = vec![false; size];
        for &first in components.firsts.iter().filter(|&&i| components.is_free(i)) {
            held[first] = true;
        }
        Self {
            pattern,
            values,
            held,
        }
    }

    /// Logarithm of the norm of the density `exp(−Σ λ S(x))` of all variables that are not held.
    ///
    /// Takes one factorization.
    pub(super) fn log_norm(&self) -> f64 {
        // The inverse covariance is the second derivative, 2 Σ λ L.
        0.5 * (self.log_determinant() - self.rank() as f64 * PI.ln())
    }

    /// Number of variables that are not held.
    fn rank(&self) -> usize {
        self.held.iter().filter(|held| !**held).count()
    }

    fn factor(&self) -> Option<Cholesky> {
        let mut values = self.values.clone();
        mask(&self.pattern, &mut values, &self.held);
        let mut cholesky = Cholesky::new(&self.pattern);
        cholesky.factorize(&values).then_some(cholesky)
    }

    /// Logarithm of the determinant; NaN if it is not positive. Takes one factorization.
    fn log_determinant(&self) -> f64 {
        let factor = self.factor();
        factor.map_or(f64::NAN, |factor| factor.log_determinant())
    }

    /// Trace of the product of its inverse and the matrix of one of the forms. Takes about three
    /// factorizations.
    pub(super) fn trace_of_inverse(&self, form: &QuadraticForm) -> f64 {
        let Some(factor) = self.factor() else {
            return f64::NAN;
        };
        let inverse = factor.selected_inverse();
        trace(form, |i, j| {
            if self.held[i] || self.held[j] {
                0.0
            } else {
                inverse.get(i, j)
            }
        })
    }
}

/// Trace of the product of the matrix of a form and another symmetric one.
pub(super) fn trace(form: &QuadraticForm, other: impl Fn(usize, usize) -> f64) -> f64 {
    let term = |(i, j, value): (usize, usize, f64)| {
        let count = if i == j { 1.0 } else { 2.0 };
        count * value * other(i, j)
    };
    form.entries().map(term).sum()
}
