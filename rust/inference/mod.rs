//! Posteriors of models of motion: one file per model, each an
//! [`Objective`](crate::optimizer::Objective).

mod diffusivity_potential;

pub use diffusivity_potential::{DiffusivityPotential, Parameters};
