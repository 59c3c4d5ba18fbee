//! The DD model: diffusion with a drift `v`, µm/s. Displacements have mean `v Δt`.

use super::{Cellwise, Motion};

/// Directed motion: the vector of a cell is its drift.
#[derive(Debug, Clone)]
pub struct Drift;

impl Motion for Drift {
    const HAS_VECTOR: bool = true;
    const VECTOR_PRIOR: &'static str = "drift_prior";

    fn mobility(_: f64) -> [f64; 2] {
        [1.0, 0.0]
    }
}

/// The posterior of the DD model, in the variables `[D…, v…]`.
pub type DiffusivityDrift<const D: usize> = Cellwise<Drift, D>;
