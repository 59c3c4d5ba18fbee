//! Posteriors of models of motion: one file per model, each an
//! [`Objective`](crate::optimizer::Objective).

mod cells;
mod cellwise;
mod cellwise_estimate;
mod diffusivity;
mod diffusivity_drift;
mod diffusivity_force;
mod diffusivity_potential;
mod evidence;
pub mod hyperparameters;
mod jeffreys;
mod laplace;
pub mod likelihood;
mod prior_choice;
mod priors;
mod time_priors;

pub use cellwise::{Cellwise, CellwiseParameters, Motion};
pub use cellwise_estimate::Estimate;
pub use diffusivity::{Diffusivity, Free};
pub use diffusivity_drift::{DiffusivityDrift, Drift};
pub use diffusivity_force::{DiffusivityForce, Force};
pub use diffusivity_potential::{DiffusivityPotential, Parameters};
pub use evidence::Uncertainty;
pub use laplace::{Covariance, Laplace};
pub use prior_choice::{Trial, choose_priors};
pub use priors::{Prior, Quantity};
