//! Damped Newton with a sparse Cholesky factorization and lower bounds. It knows nothing of cells or
//! maps, only the trait [`Objective`].

mod amalgamation;
mod cholesky;
mod dissection;
mod factorization;
mod fronts;
mod memory;
mod newton;
mod panel;
mod pattern;
mod selected_inverse;
mod tiles;

pub use cholesky::{Analysis, Cholesky, operations};
pub use newton::minimize;
pub use pattern::{SymmetricPattern, mask};
pub use selected_inverse::SelectedInverse;

use std::fmt;
use std::time::Duration;

/// Which second derivative an [`Objective`] is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curvature {
    /// The Hessian.
    Exact,
    /// Its expectation under the model (Fisher information), which is never indefinite.
    Expected,
}

/// A function to minimise, twice differentiable where its variables are not below their bounds.
pub trait Objective {
    /// Lower bound of every variable; −∞ where it has none.
    fn lower_bounds(&self) -> &[f64];
    /// Variables that stay at their start: one for each direction in which the value is constant.
    fn pinned(&self) -> &[usize];
    /// Value at `x`; infinite or NaN where it is not defined.
    fn value(&self, x: &[f64]) -> f64;
    /// Writes the gradient at `x`.
    fn gradient(&self, x: &[f64], gradient: &mut [f64]);
    /// Where the second derivative may differ from zero.
    fn pattern(&self) -> &SymmetricPattern;
    /// Writes the second derivative at `x`, one value per entry of the pattern.
    fn curvature(&self, x: &[f64], which: Curvature, values: &mut [f64]);
}

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Stop after the step that is predicted to lower the value by less than this, in units of the
    /// value. For a negative log posterior 1e-8 leaves every variable within about 1e-4 of its own
    /// standard deviation before that last step, and far closer after it.
    pub tolerance: f64,
    /// Most iterations.
    pub max_iterations: usize,
    /// Most time, looked at after each iteration.
    pub max_time: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tolerance: 1e-8,
            max_iterations: 100,
            max_time: None,
        }
    }
}

/// How a minimisation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The tolerance was reached.
    Converged,
    /// [`Settings::max_iterations`] was reached first.
    MaxIterations,
    /// [`Settings::max_time`] was reached first.
    MaxTime,
    /// No step lowered the value any further, and yet the tolerance was not reached.
    Stalled,
    /// The caller asked to stop.
    Interrupted,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Converged => "converged",
            Self::MaxIterations => "maximum number of iterations reached",
            Self::MaxTime => "maximum runtime reached",
            Self::Stalled => "stalled",
            Self::Interrupted => "interrupted",
        })
    }
}

/// What a minimisation did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Report {
    /// How it ended.
    pub status: Status,
    /// Value at the last point.
    pub value: f64,
    /// Newton steps taken.
    pub iterations: usize,
    /// Numeric factorizations, those that failed included.
    pub factorizations: usize,
}

/// `a · b`.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
