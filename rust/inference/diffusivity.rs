//! The D model: free diffusion. Displacements have mean zero.

use super::{Cellwise, Motion};

/// Free diffusion: a cell has no vector.
#[derive(Debug, Clone)]
pub struct Free;

impl Motion for Free {
    const HAS_VECTOR: bool = false;
    const VECTOR_PRIOR: &'static str = "vector_prior";

    fn mobility(_: f64) -> [f64; 2] {
        [0.0, 0.0]
    }
}

/// The posterior of the D model, in the variables `[D…]`.
pub type Diffusivity<const D: usize> = Cellwise<Free, D>;
