//! The DF model: diffusion under a force `F`, kT/µm. Displacements have mean `D F Δt` (overdamped
//! Langevin equation with the mobility D/kT of the Einstein relation).

use super::{Cellwise, Drift, Estimate, Motion};
use crate::optimizer::Settings;

/// Motion under a force: the vector of a cell is that force.
#[derive(Debug, Clone)]
pub struct Force;

impl Motion for Force {
    const HAS_VECTOR: bool = true;
    const IS_FORCE: bool = true;
    const VECTOR_PRIOR: &'static str = "force_prior";

    fn mobility(diffusivity: f64) -> [f64; 2] {
        [diffusivity, 1.0]
    }
}

/// The posterior of the DF model, in the variables `[D…, F…]`.
pub type DiffusivityForce<const D: usize> = Cellwise<Force, D>;

impl<const D: usize> DiffusivityForce<D> {
    /// [`Cellwise::estimate`], for any weight of the penalty on the force.
    ///
    /// Without a penalty, the force acts through the drift `v = D F` only: the estimate is that of the
    /// DD model, with `F = v / D` and, since both are the same Gaussian in other variables, error
    /// bars by linear propagation. As D goes to zero the force that explains a drift goes to infinity:
    /// where no diffusion is seen, it is NaN.
    pub fn estimate_force(
        &self,
        settings: &Settings,
        interrupt: &mut dyn FnMut() -> bool,
    ) -> Estimate<D> {
        if self.parameters().vector_prior > 0.0 {
            return self.estimate(settings, interrupt);
        }
        let mut estimate = self.unpenalized::<Drift>().estimate(settings, interrupt);
        for cell in 0..self.cell_count() {
            let d = estimate.diffusivity[cell];
            let d_std = estimate.diffusivity_std[cell];
            for axis in 0..D {
                let v = estimate.vector[cell][axis];
                let v_std = estimate.vector_std[cell][axis];
                let covariance = estimate.covariance[cell][axis];
                let (force, variance) = if self.is_static(cell, d) {
                    (f64::NAN, f64::NAN)
                } else {
                    let force = v / d;
                    let variance =
                        v_std.powi(2) - 2.0 * force * covariance + (force * d_std).powi(2);
                    (force, variance.max(0.0) / d.powi(2))
                };
                estimate.vector[cell][axis] = force;
                estimate.vector_std[cell][axis] = variance.sqrt();
                estimate.covariance[cell][axis] = (covariance - force * d_std.powi(2)) / d;
            }
        }
        estimate
    }
}
