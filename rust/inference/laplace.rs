//! The Gaussian approximation of a posterior at its maximum (Laplace's method; MacKay, Neural Comput.
//! 4, 415, 1992): evidence, standard deviations, contrasts.

use std::f64::consts::TAU;

use crate::optimizer::{Cholesky, Curvature, Objective, SelectedInverse, mask};

/// The curvature of a negative log posterior at its minimum, factorized.
///
/// Variables on their bound, which the gradient pushes against it, take no part in the Gaussian: their
/// posterior falls off from the bound on its own, as `exp(−g x − h x²/2)` with slope g and curvature
/// h; what couples them to others is neglected.
pub struct Laplace {
    cholesky: Cholesky,
    held: Vec<bool>,
    on_bound: Vec<OnBound>,
}

/// A variable on its bound: its slope and curvature.
struct OnBound {
    variable: usize,
    slope: f64,
    curvature: f64,
}

impl Laplace {
    /// Factorizes the curvature at the minimum `x`; none if it is not positive definite there, as
    /// where nothing decides some variable, or `x` is no minimum.
    ///
    /// Takes one factorization.
    #[must_use]
    pub fn new(objective: &impl Objective, x: &[f64]) -> Option<Self> {
        let pattern = objective.pattern();
        let mut gradient = vec![0.0; x.len()];
        objective.gradient(x, &mut gradient);
        let mut curvature = vec![0.0; pattern.len()];
        objective.curvature(x, Curvature::Exact, &mut curvature);
        let mut held = vec![false; x.len()];
        let mut on_bound = Vec::new();
        for (variable, bound) in objective.lower_bounds().iter().enumerate() {
            if x[variable] <= *bound && gradient[variable] > 0.0 {
                held[variable] = true;
                on_bound.push(OnBound {
                    variable,
                    slope: gradient[variable],
                    curvature: curvature[pattern.diagonal(variable)],
                });
            }
        }
        for &variable in objective.pinned() {
            held[variable] = true;
        }
        // A variable that nothing depends on: masking, made for searching, would give it a width.
        let is_free = |variable: usize| curvature[pattern.diagonal(variable)] == 0.0;
        if (0..x.len()).any(|variable| !held[variable] && is_free(variable)) {
            return None;
        }
        mask(pattern, &mut curvature, &held);
        let mut cholesky = Cholesky::new(pattern);
        cholesky.factorize(&curvature).then_some(Self {
            cholesky,
            held,
            on_bound,
        })
    }

    /// Logarithm of the integral of `exp(F(x̂) − F(x))` over all variables that are not pinned.
    #[must_use]
    pub fn log_volume(&self) -> f64 {
        let free = self.held.iter().filter(|held| !**held).count();
        0.5 * (free as f64 * TAU.ln() - self.cholesky.log_determinant())
            + self.on_bound.iter().map(OnBound::log_volume).sum::<f64>()
    }

    /// Covariances of the variables, for every pair in the pattern of the curvature.
    ///
    /// Takes about twice the time of the factorization, and its memory.
    #[must_use]
    pub fn covariance(self) -> Covariance {
        Covariance {
            inverse: self.cholesky.selected_inverse(),
            held: self.held,
            on_bound: self.on_bound,
        }
    }

    /// Covariance of every variable with the linear functional `weights · x`; the dot product of both
    /// is the variance of the functional. Weights of held variables do not count.
    ///
    /// Takes one pair of triangular solves.
    #[must_use]
    pub fn covariance_with(&self, weights: &[f64]) -> Vec<f64> {
        let mut result: Vec<f64> = weights
            .iter()
            .zip(&self.held)
            .map(|(weight, held)| if *held { 0.0 } else { *weight })
            .collect();
        self.cholesky.solve(&mut result);
        result
    }
}

/// Variances and covariances of variables.
pub struct Covariance {
    inverse: SelectedInverse,
    held: Vec<bool>,
    on_bound: Vec<OnBound>,
}

impl Covariance {
    /// Covariance of two variables that are coupled directly, or variance of one. Pinned variables
    /// have none.
    ///
    /// # Panics
    ///
    /// If the two are not in the pattern of the curvature.
    #[must_use]
    pub fn get(&self, i: usize, j: usize) -> f64 {
        if !self.held[i] && !self.held[j] {
            return self.inverse.get(i, j);
        }
        if i != j {
            return 0.0;
        }
        let bounds = &self.on_bound;
        let found = bounds.binary_search_by_key(&i, |bound| bound.variable);
        found.map_or(0.0, |at| bounds[at].mean_square())
    }
}

impl OnBound {
    /// `ln ∫ exp(−g x − h x²/2) dx` over x ≥ 0.
    fn log_volume(&self) -> f64 {
        self.moment(0).ln()
    }

    /// Mean square distance from the bound.
    fn mean_square(&self) -> f64 {
        self.moment(2) / self.moment(0)
    }

    /// `∫ xᵏ exp(−g x − h x²/2) dx` over x ≥ 0, by Simpson's rule up to where the exponential is below
    /// e⁻⁴⁰; exact to about eight digits.
    fn moment(&self, k: i32) -> f64 {
        const INTERVALS: u32 = 400;
        let curvature = self.curvature.max(0.0);
        let end = (40.0 / self.slope).min((80.0 / curvature).sqrt());
        let step = end / f64::from(INTERVALS);
        let sum: f64 = (0..=INTERVALS)
            .map(|i| {
                let x = step * f64::from(i);
                let weight = match i {
                    0 | INTERVALS => 1.0,
                    i if i % 2 == 1 => 4.0,
                    _ => 2.0,
                };
                weight * x.powi(k) * (-self.slope * x - 0.5 * curvature * x * x).exp()
            })
            .sum();
        sum * step / 3.0
    }
}
