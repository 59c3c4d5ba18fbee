//! How probable displacements are, given the maps: one file per likelihood.

mod cellwise;
mod model;
mod potential;
pub mod tracks;

pub use model::Model;

use std::fmt::Debug;
use std::sync::Arc;

use super::field::Field;
use super::jeffreys::Jeffreys;
use crate::optimizer::{Curvature, SymmetricPattern};
use crate::statistics::CellStatistics;
use cellwise::Cellwise;
use potential::Potential;

/// A negative log likelihood of the variables of a posterior, D of every cell first, and its derivatives.
pub(super) trait Likelihood<const D: usize>: Debug + Send + Sync {
    /// Value at `x`.
    fn value(&self, x: &[f64]) -> f64;

    /// Adds the gradient at `x`.
    fn add_gradient(&self, x: &[f64], gradient: &mut [f64]);

    /// Which variables are coupled: their second derivative may differ from zero.
    fn couplings(&self) -> Couplings<'_>;

    /// Finds where the couplings are in the pattern of the curvature, if that takes time.
    fn locate(&mut self, _: &SymmetricPattern) {}

    /// Adds the second derivative at `x`, in the pattern that was last located.
    fn add_curvature(
        &self,
        x: &[f64],
        which: Curvature,
        pattern: &SymmetricPattern,
        values: &mut [f64],
    );

    /// Variables from which to search the maximum, D no lower than its bounds; `is_pulled` tells whether
    /// anything but the displacements of a cell acts on its D.
    fn start(&self, lower_bounds: &[f64], is_pulled: bool) -> Vec<f64>;

    /// Adds Jeffreys' prior, which is made of the likelihood.
    fn add_jeffreys_prior(&mut self, prior: Jeffreys);
}

/// Pairs of two variables that are coupled, as [`SymmetricPattern::by_columns`] takes them.
pub(super) struct Couplings<'a> {
    /// No more pairs than these.
    pub(super) at_most: usize,
    /// Tells, of one variable, those that it is coupled with.
    pub(super) tell_rows: Box<TellRows<'a>>,
}

type TellRows<'a> = dyn Fn(usize, &mut dyn FnMut(usize, &[u32])) + 'a;

/// A negative log likelihood of maps that are fields over all cells of a tessellation, `ln D` first, whose
/// maxima are found from expected curvatures.
pub trait OfFields: Debug + Send + Sync {
    /// Pairs of variables whose second derivative may differ from zero.
    fn couplings(&self) -> Vec<(usize, usize)>;

    /// Value, gradient and expected curvature in one pass over the data.
    fn evaluate(&self, x: &[f64], pattern: &SymmetricPattern) -> Evaluation;
}

/// Value and derivatives.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The negative log likelihood.
    pub value: f64,
    /// Its derivatives.
    pub gradient: Vec<f64>,
    /// Its expected second derivatives, in the pattern.
    pub curvature: Vec<f64>,
}

/// The likelihood of the displacements of each cell by themselves.
pub(super) fn of_displacements<const D: usize>(
    model: Model,
    statistics: &Arc<CellStatistics<D>>,
    field: &Field<D>,
) -> Box<dyn Likelihood<D>> {
    let statistics = Arc::clone(statistics);
    match field {
        Field::Potential(gradient) => Box::new(Potential::new(statistics, Arc::clone(gradient))),
        Field::None | Field::Vectors => Box::new(Cellwise::new(model, statistics)),
    }
}

/// Diffusivity of a cell that starts the search, relative to the mean over cells, where something may
/// pull it up: Newton's method goes down from there in one step, but up from near zero in many.
const LEAST_START: f64 = 0.05;

/// Diffusivities that match what the displacements of each cell spread, no lower than their bounds;
/// `spread` gives half of it along an axis, summed over displacements and without the noise.
fn matching_diffusivities<const D: usize>(
    statistics: &CellStatistics<D>,
    lower_bounds: &[f64],
    is_pulled: bool,
    spread: impl Fn(usize) -> f64,
) -> Vec<f64> {
    let mut total = [0.0; 2];
    let mut found: Vec<f64> = (0..statistics.cell_count())
        .map(|cell| {
            let groups = statistics.cell(cell).iter();
            let time: f64 = groups.map(|group| group.count * group.diffusion_time).sum();
            let spread = spread(cell);
            total[0] += spread;
            total[1] += time;
            spread / time
        })
        .collect();
    let least = if is_pulled {
        LEAST_START * (total[0] / total[1]).max(0.0)
    } else {
        0.0
    };
    for (d, bound) in found.iter_mut().zip(lower_bounds) {
        *d = d.max(least).max(*bound);
    }
    found
}

fn dot<const D: usize>(a: &[f64; D], b: &[f64; D]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
